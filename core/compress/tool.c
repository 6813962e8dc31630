#include "core/compress/tool.h"

#include "core/compress/shell.h"

static const struct {
	const char *name;
	enum tool_kind kind;
} tools[] = {
	{"read", TOOL_FILE},
	{"read_file", TOOL_FILE},
	{"readfile", TOOL_FILE},
	{"read_many_files", TOOL_FILE},
	{"view", TOOL_FILE},
	{"view_file", TOOL_FILE},
	{"open", TOOL_FILE},
	{"open_file", TOOL_FILE},
	{"goto", TOOL_FILE},
	{"scroll_up", TOOL_FILE},
	{"scroll_down", TOOL_FILE},
	{"search_file", TOOL_FILE},
	{"cat", TOOL_FILE},
	{"edit", TOOL_FILE},
	{"edit_file", TOOL_FILE},
	{"multiedit", TOOL_FILE},
	{"write", TOOL_FILE},
	{"write_file", TOOL_FILE},
	{"create", TOOL_FILE},
	{"create_file", TOOL_FILE},
	{"insert", TOOL_FILE},
	{"replace", TOOL_FILE},
	{"str_replace", TOOL_FILE},
	{"str_replace_editor", TOOL_FILE},
	{"str_replace_based_edit_tool", TOOL_FILE},
	{"notebookread", TOOL_FILE},
	{"notebookedit", TOOL_FILE},
	{"fs_read", TOOL_FILE},
	{"get_file_contents", TOOL_FILE},
	{"bash", TOOL_SHELL},
	{"shell", TOOL_SHELL},
	{"sh", TOOL_SHELL},
	{"exec", TOOL_SHELL},
	{"exec_command", TOOL_SHELL},
	{"execute_bash", TOOL_SHELL},
	{"execute_command", TOOL_SHELL},
	{"local_shell", TOOL_SHELL},
	{"run_shell_command", TOOL_SHELL},
	{"run_command", TOOL_SHELL},
	{"terminal", TOOL_SHELL},
	{"powershell", TOOL_SHELL},
};

/* Commands whose output is (part of) files. */
static const char *const file_commands[] = {"cat", "sed", "head", "tail", "less", "more", "bat",
	"batcat", "nl", "awk", "perl", "git show", "tac", "view", "type", "Get-Content"};

enum tool_kind tool_kind(str name)
{
	size_t at = str_rfind_byte(name, '.');

	if (at != STR_NONE) /* "functions.exec_command" */
		name = str_sub(name, at + 1, name.n);
	for (size_t i = 0; i < ARRAY_N(tools); i++)
		if (str_eq_nocase(name, str_from(tools[i].name)))
			return tools[i].kind;
	return TOOL_OTHER;
}

static bool is_word_end(str s, size_t at)
{
	char c = at < s.n ? s.p[at] : ' ';

	return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		 c == '_' || c == '-' || c == '.' || c == '/');
}

/* True when word stands in s as a command would: not inside a path, an option or another word. */
static bool has_word(str s, str word)
{
	for (size_t at = 0; at + word.n <= s.n; at++) {
		size_t hit = str_find(str_sub(s, at, s.n), word);

		if (hit == STR_NONE)
			return false;
		at += hit;
		if (is_word_end(s, at + word.n) &&
			(at == 0 || is_word_end(s, at - 1) || (at > 1 && s.p[at - 1] == '/')))
			return true;
	}
	return false;
}

/* "head -50", "cat 2>&1": what passes on what it reads from the pipe. */
static bool is_pager(str command)
{
	static const char *const pagers[] = {"head", "tail", "cat", "less", "more"};
	str word = shell_next_word(&command);

	if (!shell_is_one_of(word, pagers, ARRAY_N(pagers)))
		return false;
	while ((word = shell_next_word(&command)).n)
		if (!strchr("-+0123456789", *word.p))
			return false;
	return true;
}

/* "git -C x diff", but not "git show HEAD:a", which prints a file. */
static bool is_git_diff(str command)
{
	static const char *const diffs[] = {"diff", "show", "log", "stash", "format-patch"};
	str word = shell_next_word(&command);

	if (!str_eq_c(word, "git"))
		return false;
	do {
		word = shell_next_word(&command);
		if (str_eq_c(word, "-C") || str_eq_c(word, "-c"))
			(void)shell_next_word(&command);
	} while (word.n && (*word.p == '-' || *word.p == '/' || *word.p == '.'));
	return shell_is_one_of(word, diffs, ARRAY_N(diffs)) &&
	       (!str_eq_c(word, "show") || str_find_byte(command, ':') == STR_NONE);
}

static bool has_file_command(str s)
{
	for (size_t i = 0; i < ARRAY_N(file_commands); i++)
		if (has_word(s, str_from(file_commands[i])))
			return true;
	return false;
}

/* The program at the beginning of a command, taken off; without its directory, and without what runs it. */
static str take_program(str *command)
{
	static const char *const runners[] = {"sudo", "command", "time", "nice"};
	str word;

	do
		word = shell_next_word(command);
	while (shell_is_one_of(word, runners, ARRAY_N(runners)));
	return str_sub(word, str_rfind_byte(word, '/') + 1, word.n); /* STR_NONE + 1 is 0 */
}

static bool is_number(str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
	return true;
}

/* The next file that is named behind a program; empty at the end. What it is to do with them (of sed and awk the first word that is no
 * option) is no file, nor is a number, nor where an output goes. */
static str take_operand(str *words, bool *has_script)
{
	str word;

	while ((word = shell_next_word(words)).n) {
		if (str_eq_c(word, "-e") || str_eq_c(word, "-v") || str_eq_c(word, "-F")) {
			*has_script &= !str_eq_c(word, "-e");
			(void)shell_next_word(words);
		} else if (strchr("-+", *word.p) || str_find_byte(word, '>') != STR_NONE ||
			   is_number(word)) {
			continue;
		} else if (*has_script) {
			*has_script = false;
		} else {
			return word;
		}
	}
	return word;
}

static bool takes_script(str program)
{
	static const char *const programs[] = {"sed", "awk", "gawk", "mawk", "perl"};

	return shell_is_one_of(program, programs, ARRAY_N(programs));
}

/* "sed -n 1,20p", "awk '{print $1}'" without a file of their own: they show something of what they read from the pipe. */
static bool is_filter(str command)
{
	bool has_script = takes_script(take_program(&command));

	return has_script && !take_operand(&command, &has_script).n;
}

/* What prints something of its own about what it reads: "cat x.json | jq .a" shows no lines of x.json. */
static bool is_deriver(str command)
{
	static const char *const programs[] = {"jq", "yq", "python", "python3", "node", "wc",
		"sort", "uniq", "column", "xxd", "od", "hexdump", "base64", "sha256sum", "md5sum"};

	return shell_is_one_of(take_program(&command), programs, ARRAY_N(programs));
}

/* One pipeline. Its first command decides; what follows only passes on, picks or counts what that one prints, but for
 * commands that are given a file of their own and for what makes something else of it. */
static bool pipeline_shows_file(str pipeline)
{
	str part;
	bool shows;

	if (!shell_next_command(&pipeline, &part))
		return true;
	shows = has_file_command(part) && !is_git_diff(part);
	while (shell_next_command(&pipeline, &part)) {
		if (is_deriver(part))
			shows = false;
		else if (has_file_command(part) && !is_pager(part) && !is_filter(part))
			shows = true;
	}
	return shows;
}

static bool has_prefix_of(str word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(word, str_from(words[i])))
			return true;
	return false;
}

/* app.log, app.log.1, /var/log/syslog, logs/2026-11-28.txt; and where is_wide nohup.out, events.jsonl. But nothing that tests hold
 * their results against, which does get edited. */
static bool is_log_path(str path, bool is_wide)
{
	static const char *const kept[] = {"test", "fixture", "expected", "golden", "snapshot"};
	static const char *const places[] = {"log", "logs"};
	static const char *const suffixes[] = {".log", ".out", ".err", ".jsonl", ".ndjson"};
	bool is_log = false;
	str name = STR_NULL;

	if (path.n > 1 && strchr("'\"", *path.p))
		path = str_sub(path, 1, path.n - 1);
	while (str_split(&path, '/', &name)) {
		if (path.n && has_prefix_of(name, kept, ARRAY_N(kept)))
			return false;
		is_log |= path.n && shell_is_one_of(name, places, ARRAY_N(places));
	}
	for (size_t i = 0; i < (is_wide ? ARRAY_N(suffixes) : 1); i++)
		is_log |= str_ends(name, str_from(suffixes[i]));
	return is_log || str_find(name, STR(".log.")) != STR_NONE ||
	       str_find(name, STR(".log-")) != STR_NONE;
}

static bool is_log_name(str path)
{
	return is_log_path(path, false);
}

static bool may_be_log_name(str path)
{
	return is_log_path(path, true);
}

/* What the kernel says of itself: no file of a disk. What processes have open below there may be one. */
static bool is_kernel_name(str path)
{
	return (str_starts(path, STR("/proc/")) || str_starts(path, STR("/sys/"))) &&
	       str_find(path, STR("/root")) == STR_NONE &&
	       str_find(path, STR("/cwd")) == STR_NONE && str_find(path, STR("/fd/")) == STR_NONE;
}

/* True when the first command of a pipeline that shows files shows only such, and nothing behind it a file of its own. */
static bool pipeline_shows_only(bool (*is_such)(str path), str pipeline)
{
	str part, program, path;
	bool has_script, is_named = false;

	if (!shell_next_command(&pipeline, &part))
		return false;
	program = take_program(&part);
	has_script = takes_script(program);
	while ((path = take_operand(&part, &has_script)).n) {
		if (!is_such(path))
			return false;
		is_named = true;
	}
	while (shell_next_command(&pipeline, &part))
		if (has_file_command(part) && !is_pager(part) && !is_filter(part))
			return false;
	return is_named && shell_is_one_of(program, file_commands, ARRAY_N(file_commands));
}

/* Commands of the editor that SWE-agent's shell has: they show a numbered window of the file. */
static bool is_editor_command(str command)
{
	static const char *const commands[] = {
		"open", "edit", "goto", "scroll_up", "scroll_down", "create"};
	size_t n = 0;

	while (n < command.n && !strchr(" \t\r\n", command.p[n]))
		n++;
	return shell_is_one_of(str_sub(command, 0, n), commands, ARRAY_N(commands));
}

/* What the shell puts together may print anything. */
static bool is_nested(str command)
{
	static const char *const nested[] = {"$(", "`", "<"};

	for (size_t i = 0; i < ARRAY_N(nested); i++)
		if (str_find(command, str_from(nested[i])) != STR_NONE)
			return true;
	return false;
}

bool tool_shows_file(enum tool_kind kind, str command)
{
	str pipeline;

	if (kind != TOOL_SHELL)
		return kind == TOOL_FILE;
	if (is_editor_command(command))
		return true;
	if (!has_file_command(command))
		return false;
	if (is_nested(command))
		return true;
	while (shell_next_pipeline(&command, &pipeline))
		if (pipeline_shows_file(pipeline) && !pipeline_shows_only(is_kernel_name, pipeline))
			return true;
	return false;
}

bool tool_shows_log(enum tool_kind kind, str command, str path, bool looks_so)
{
	bool (*is_such)(str) = looks_so ? may_be_log_name : is_log_name;
	str pipeline;

	if (kind != TOOL_SHELL)
		return kind == TOOL_FILE && is_such(path);
	if (!command.n || is_editor_command(command) || is_nested(command))
		return false;
	while (shell_next_pipeline(&command, &pipeline))
		if (pipeline_shows_file(pipeline) && !pipeline_shows_only(is_such, pipeline))
			return false;
	return true;
}

bool tool_lists_directory(str text)
{
	static const char *const beginnings[] = {
		"Here's the files and directories up to ",  /* OpenHands */
		"Here're the files and directories up to ", /* Anthropic's text editor */
	};

	for (size_t i = 0; i < ARRAY_N(beginnings); i++)
		if (str_starts(text, str_from(beginnings[i])))
			return true;
	return false;
}

/* True when a word of the command is an option like -n, -rn or --line-number. */
static bool has_number_option(str command)
{
	str word;

	while (str_split(&command, ' ', &word)) {
		if (str_eq_c(word, "--line-number") || str_eq_c(word, "--number"))
			return true;
		if (word.n > 1 && word.n < 6 && word.p[0] == '-' && word.p[1] != '-' &&
			str_find_byte(word, 'n') != STR_NONE)
			return true;
	}
	return false;
}

bool tool_numbers_lines(enum tool_kind kind, str command)
{
	static const char *const numberers[] = {"nl", "bat", "batcat"};
	static const char *const with_option[] = {
		"cat", "grep", "rg", "egrep", "ag", "ack", "less"};

	if (kind != TOOL_SHELL || is_editor_command(command))
		return kind == TOOL_FILE || kind == TOOL_SHELL;
	for (size_t i = 0; i < ARRAY_N(numberers); i++)
		if (has_word(command, str_from(numberers[i])))
			return true;
	for (size_t i = 0; i < ARRAY_N(with_option); i++)
		if (has_word(command, str_from(with_option[i])))
			return has_number_option(command);
	return false;
}
