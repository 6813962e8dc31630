#include "core/compress/tool.h"
#include "tests/unit/compress_help.h"

static void tools_are_known_by_their_names(void **state)
{
	static const char *const files[] = {"Read", "read_file", "READ_FILE", "Edit", "Write",
		"view", "str_replace_based_edit_tool", "functions.read_file", "open"};
	static const char *const shells[] = {"Bash", "bash", "shell", "exec_command",
		"functions.exec_command", "run_shell_command"};
	static const char *const others[] = {
		"", "Grep", "TodoWrite", "reader", "bash2", "mcp__x__read_file", "read.", "."};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(files); i++)
		assert_int_equal(tool_kind(str_from(files[i])), TOOL_FILE);
	for (size_t i = 0; i < ARRAY_N(shells); i++)
		assert_int_equal(tool_kind(str_from(shells[i])), TOOL_SHELL);
	for (size_t i = 0; i < ARRAY_N(others); i++)
		assert_int_equal(tool_kind(str_from(others[i])), TOOL_OTHER);
}

static void commands_that_print_files_are_known(void **state)
{
	static const char *const yes[] = {"cat a.c", "cd x && sed -n 1,5p y", "head -5 z",
		"/bin/cat a", "ls; tail -3 x", "git show HEAD:a", "(nl a)", "x|awk '{print}' a",
		"x | sed -n '1,5p;7p' a", "ls | xargs sed -n 5p", "jq . x | cat y",
		"cat a | grep x | sort | tail -3 z", "bat a", "ls | xargs cat",
		"for f in *; do cat $f; done", "make | tail -5 x", "make; tail build.log",
		"cat /proc/meminfo /etc/fstab", "cat /proc/1/cwd/a.c", "cat /proc/cpuinfo; cat a",
		"open setup.py 30", "edit 3:4\nx = 1\nend_of_edit", "scroll_down", "goto 12"};
	static const char *const no[] = {"", "make", "ls cat.c", "concat a", "./cat-file",
		"git status", "echo --head", "rm -f x.sed", "catalog", "make 2>&1 | tail -50",
		"rg -n 'a|b' src | head", "cd x && npm test | tail -n +5 || true",
		"git grep -n x | head -50", "ls | grep x | cat", "openssl version",
		"git commit -m 'edit x'", "x|awk '{print}'", "kubectl get pods | sed -n '2,$p'",
		"ps aux | awk -F: '{print $1}' | head -5", "git diff | sed -n 1,5p",
		"cat x.json | jq '.items[] | .id'", "head -c 900 x | xxd", "cat /proc/meminfo",
		"head -40 /sys/block/sda/stat /proc/stat", "cat /proc/net/tcp | grep 0A | head",
		"cat a b | sort | uniq -c | head", "cat x | python3 -m json.tool | head -40"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(yes); i++)
		if (!tool_shows_file(TOOL_SHELL, str_from(yes[i])))
			fail_msg("does not show a file: %s", yes[i]);
	for (size_t i = 0; i < ARRAY_N(no); i++)
		if (tool_shows_file(TOOL_SHELL, str_from(no[i])))
			fail_msg("shows a file: %s", no[i]);
	assert_true(tool_shows_file(TOOL_FILE, STR_NULL));
	assert_false(tool_shows_file(TOOL_OTHER, STR("cat a")));
}

/* Diffs are not lines of files, through whatever pager they come. */
static void commands_that_print_diffs_are_known(void **state)
{
	static const char *const diffs[] = {"git show", "git show HEAD~3 --stat",
		"git diff | head -50", "cd /x && git diff HEAD -- a.c | cat",
		"git -C /x log -p -3 | head -n 200", "git --no-pager diff 2>&1",
		"git stash show -p | less"};
	static const char *const files[] = {"git show HEAD:a", "git diff > x; cat x",
		"git diff && cat a", "git diff | head -5 a", "cat a | git diff",
		"git diff | sed -n 1,5p a", "git show $(cat a)", "git diff x\ncat a",
		"git diff <x | cat", "cd x && git show HEAD:b | cat"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(diffs); i++)
		if (tool_shows_file(TOOL_SHELL, str_from(diffs[i])))
			fail_msg("shows a file: %s", diffs[i]);
	for (size_t i = 0; i < ARRAY_N(files); i++)
		if (!tool_shows_file(TOOL_SHELL, str_from(files[i])))
			fail_msg("does not show a file: %s", files[i]);
}

static void logs_are_known_by_their_names(void **state)
{
	static const char *const yes[] = {"cat app.log", "tail -n 200 /var/log/syslog",
		"cd /srv && sudo tail -200 logs/2026-11-28.txt | sed -n '1,50p'",
		"sed -n '1,40p' 'build.log'", "make; tail build.log",
		"cat a.log b.log.1 | head -c 9000",
		"awk '/x y/ {print $3}' /var/log/nginx/access.log", "cat nohup.out 2>/dev/null",
		"head -3 data/events.jsonl", "cat /srv/latest/pytest.log",
		"tail -n +5 log/puma.stderr.log | grep -v x"};
	static const char *const no[] = {"", "cat", "cat log.c", "cat app.log main.c", "cat x/log",
		"cat app.log | tee x | cat y", "cat $(ls *.log)", "head -5 catalog", "cat $F",
		"cat app.log; cat main.c", "cat changelog", "tail -5 syslog.conf", "open app.log",
		"cat tests/fixtures/app.log", "cat src/expected/join.out"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(yes); i++)
		if (!tool_shows_log(TOOL_SHELL, str_from(yes[i]), STR_NULL, true))
			fail_msg("does not show logs: %s", yes[i]);
	for (size_t i = 0; i < ARRAY_N(no); i++)
		if (tool_shows_log(TOOL_SHELL, str_from(no[i]), STR_NULL, true))
			fail_msg("shows logs: %s", no[i]);
	assert_true(tool_shows_log(TOOL_FILE, STR_NULL, STR("/var/log/messages"), true));
	assert_false(tool_shows_log(TOOL_FILE, STR_NULL, STR("src/log.c"), true));
	assert_false(tool_shows_log(TOOL_FILE, STR_NULL, STR_NULL, true));
	assert_false(tool_shows_log(TOOL_OTHER, STR_NULL, STR("a.log"), true));
	/* whatever it reads like */
	assert_true(tool_shows_log(TOOL_SHELL, STR("tail -5 build.log"), STR_NULL, false));
	assert_true(tool_shows_log(TOOL_FILE, STR_NULL, STR("/var/log/apt/term.log.1"), false));
	assert_false(tool_shows_log(TOOL_SHELL, STR("cat nohup.out"), STR_NULL, false));
	assert_false(tool_shows_log(TOOL_SHELL, STR("cat a.log b.jsonl"), STR_NULL, false));
}

static void commands_that_number_lines_are_known(void **state)
{
	static const char *const yes[] = {"cat -n a", "cat -An a", "grep -n x a", "grep -in x a",
		"cat a | grep --line-number x", "rg -n x a", "nl a", "x | nl", "bat a"};
	static const char *const no[] = {"", "make", "cat a", "grep x", "ls nl.c", "sed -n 5p a",
		"head -n 5 a", "grep --no-messages x a", "echo -n x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(yes); i++)
		if (!tool_numbers_lines(TOOL_SHELL, str_from(yes[i])))
			fail_msg("does not number lines: %s", yes[i]);
	for (size_t i = 0; i < ARRAY_N(no); i++)
		if (tool_numbers_lines(TOOL_SHELL, str_from(no[i])))
			fail_msg("numbers lines: %s", no[i]);
	assert_true(tool_numbers_lines(TOOL_FILE, STR_NULL));
	assert_false(tool_numbers_lines(TOOL_OTHER, STR("cat -n a")));
}

static void directories_are_no_files(void **state)
{
	(void)state;
	assert_true(tool_lists_directory(STR("Here's the files and directories up to 2 levels deep "
					     "in /w, excluding hidden items:\n"
					     "/w/")));
	assert_true(tool_lists_directory(STR("Here're the files and directories up to 2 levels "
					     "deep in /w, excluding hidden items and "
					     "node_modules:\n4.0K\t/w")));
	assert_false(tool_lists_directory(
		STR("Here's the result of running `cat -n` on /w/files and directories:\n")));
	assert_false(tool_lists_directory(STR_NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tools_are_known_by_their_names),
		cmocka_unit_test(commands_that_print_files_are_known),
		cmocka_unit_test(commands_that_print_diffs_are_known),
		cmocka_unit_test(logs_are_known_by_their_names),
		cmocka_unit_test(commands_that_number_lines_are_known),
		cmocka_unit_test(directories_are_no_files),
	};

	return cmocka_run_group_tests_name("compress: tools", tests, NULL, NULL);
}
