/* Edits of files that are not ours: made, undone, shared, met by the user's own changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "core/base/mem.h"
#include "tests/unit/edit_help.h"

static void a_value_changed_by_the_user_stays(void **state)
{
	struct place *p = *state;

	write_text(p->file, STR("{\"env\": {\"ANTHROPIC_BASE_URL\": \"https://corp\"}}"));
	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	write_text(p->file, STR("{\"env\": {\"ANTHROPIC_BASE_URL\": \"https://other\"}}"));
	undo(p, &all);
	assert_int_equal(p->told[EDIT_CHANGED], 1);
	expect_text(p->file, STR("{\"env\": {\"ANTHROPIC_BASE_URL\": \"https://other\"}}"));
	expect_no_journal(p);
}

static void a_reformatted_object_is_still_ours(void **state)
{
	struct place *p = *state;

	write_text(p->file, STR("{}"));
	assert_int_equal(apply_as(p, nobody, &json_object_key, json_object_key.literal), E_OK);
	write_text(
		p->file, STR("{\"mine\":1,\"mcpServers\":{\"headroom\":{\"command\":\"headroom\","
			     "\"args\":[\"mcp\",\"serve\"]}}}\n"));
	undo(p, &all);
	assert_int_equal(p->told[EDIT_UNDONE], 1);
	expect_text(p->file, STR("{\"mine\":1}\n"));
}

static void a_key_or_file_that_has_gone_is_no_error(void **state)
{
	struct place *p = *state;

	write_text(p->file, STR("{\"a\": 1}"));
	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	write_text(p->file, STR("{\"a\": 2}"));
	undo(p, &all);
	assert_int_equal(p->told[EDIT_GONE], 1);
	expect_text(p->file, STR("{\"a\": 2}"));
	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	assert_int_equal(unlink(p->file), 0);
	undo(p, &all);
	assert_int_equal(p->told[EDIT_GONE], 1);
	expect_text(p->file, STR_NULL);
	expect_no_journal(p);
}

static void the_users_own_value_is_not_ours(void **state)
{
	struct place *p = *state;
	const str text = STR("{\"env\":{\"ANTHROPIC_BASE_URL\":\"http://127.0.0.1:8787\"}}");

	write_text(p->file, text);
	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	assert_int_equal(p->told[EDIT_THERE], 1);
	expect_no_journal(p);
	undo(p, &all);
	expect_text(p->file, text);
}

/* ---- files ---- */

static void a_new_file_and_its_directories_go_again(void **state)
{
	struct place *p = *state;
	struct edit e = edit_of(p, &json_key, json_key.literal);
	char path[160];
	struct stat st;

	(void)snprintf(path, sizeof path, "%s/home/a/b/settings.json", p->dir);
	e.file = path;
	e.mode = 0644;
	assert_int_equal(edit_apply(&p->env, nobody, &e, 1, listener(p), NULL), E_OK);
	expect_text(path, STR("{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": "
			      "\"http://127.0.0.1:8787\"\n  }\n}\n"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	undo(p, &all);
	(void)snprintf(path, sizeof path, "%s/home/a", p->dir);
	assert_int_equal(access(path, F_OK), -1);
	expect_no_journal(p);
}

static void a_new_file_stays_when_it_was_used(void **state)
{
	struct place *p = *state;

	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	write_text(p->file,
		STR("{\"env\":{\"ANTHROPIC_BASE_URL\":\"http://127.0.0.1:8787\"},\"mine\":1}"));
	undo(p, &all);
	expect_text(p->file, STR("{\"mine\":1}"));
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	write_text(p->file, STR("{\"env\":{\"ANTHROPIC_BASE_URL\":\"http://127.0.0.1:8787\"}}"));
	undo(p, &all);
	expect_text(p->file, STR_NULL);
}

static void links_and_modes_are_kept(void **state)
{
	struct place *p = *state;
	char target[160];
	struct stat st;

	(void)snprintf(target, sizeof target, "%s/home/target", p->dir);
	write_text(target, STR("a = 1\n"));
	assert_int_equal(chmod(target, 0600), 0);
	assert_int_equal(symlink("target", p->file), 0);
	assert_int_equal(apply_as(p, nobody, &toml_root_key, toml_root_key.literal), E_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(lstat(p->file, &st), 0);
		assert_true(S_ISLNK(st.st_mode));
		assert_int_equal(stat(target, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		undo(p, &all);
	}
	expect_text(target, STR("a = 1\n"));
}

static void expect_error(struct place *p, const struct key *k, enum err want, const char *text)
{
	struct edit e = edit_of(p, k, k->literal);
	struct errctx cx = {0};
	enum err err = edit_apply(&p->env, nobody, &e, 1, listener(p), &cx);

	if (err != want || !strstr(cx.text, text) || !strstr(cx.text, p->file))
		print_error("%s: %s\n", err_name(err), cx.text);
	assert_int_equal(err, want);
	assert_non_null(strstr(cx.text, text));
	assert_non_null(strstr(cx.text, p->file));
	expect_no_journal(p);
	expect_no_litter(p);
}

static void what_cannot_be_edited_is_named_and_left(void **state)
{
	struct place *p = *state;
	struct arena a = ARENA_INIT;
	str large = {arena_zalloc(&a, LIMIT_CONFIG_FILE + 1, 1), LIMIT_CONFIG_FILE + 1};

	write_text(p->file, STR("{\"a\": nonsense}"));
	expect_error(p, &json_key, E_CONFIG, "line 1");
	expect_text(p->file, STR("{\"a\": nonsense}"));
	write_text(p->file, STR("{}"));
	assert_int_equal(chmod(p->file, 0444), 0);
	expect_error(p, &json_key, E_PERMISSION, "read-only");
	assert_int_equal(unlink(p->file), 0);
	write_text(p->file, large);
	expect_error(p, &json_key, E_TOO_BIG, "larger");
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(symlink("nowhere", p->file), 0);
	expect_error(p, &json_key, E_CONFIG, "not there");
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(mkdir(p->file, 0700), 0);
	expect_error(p, &json_key, E_CONFIG, "not a regular file");
	arena_release(&a);
}

static void a_directory_that_cannot_be_written_is_named(void **state)
{
	enum { OTHER_USER = 65534 };
	bool is_root = geteuid() == 0;
	struct place *p = *state;
	char dir[96];

	(void)snprintf(dir, sizeof dir, "%s/home", p->dir);
	write_text(p->file, STR("{}"));
	assert_int_equal(chmod(dir, 0555), 0);
	assert_int_equal(chmod(p->file, 0666), 0);
	/* The superuser may write everywhere: it becomes somebody else for a while. */
	if (is_root) {
		assert_int_equal(chown(p->dir, OTHER_USER, OTHER_USER), 0);
		assert_int_equal(seteuid(OTHER_USER), 0);
	}
	expect_error(p, &json_key, E_PERMISSION, "cannot create");
	if (is_root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	expect_text(p->file, STR("{}"));
}

static void whole_files_are_made_and_removed(void **state)
{
	struct place *p = *state;
	struct edit e = {.agent = STR("test"),
		.file = p->file,
		.format = &edit_format_text,
		.literal = STR("rules\n")};
	struct errctx cx = {0};

	assert_int_equal(edit_apply(&p->env, nobody, &e, 1, listener(p), &cx), E_OK);
	expect_text(p->file, STR("rules\n"));
	e.literal = STR("other\n");
	assert_int_equal(edit_apply(&p->env, nobody, &e, 1, listener(p), &cx), E_CONFIG);
	undo(p, &all);
	expect_text(p->file, STR_NULL);
	e.literal = STR("rules\n");
	assert_int_equal(edit_apply(&p->env, nobody, &e, 1, listener(p), &cx), E_OK);
	write_text(p->file, STR("rules\nand mine\n"));
	undo(p, &all);
	assert_int_equal(p->told[EDIT_CHANGED], 1);
	expect_text(p->file, STR("rules\nand mine\n"));
}

/* ---- several edits ---- */

static void all_edits_are_made_or_none(void **state)
{
	struct place *p = *state;
	char other[160];
	struct edit edits[3] = {edit_of(p, &json_key, json_key.literal),
		edit_of(p, &json_object_key, json_object_key.literal),
		edit_of(p, &toml_key, toml_key.literal)};
	struct errctx cx = {0};

	(void)snprintf(other, sizeof other, "%s/home/config.toml", p->dir);
	edits[2].file = other;
	write_text(p->file, STR("{}\n"));
	write_text(other, STR("a = 1\na = 2\n"));
	assert_int_equal(edit_apply(&p->env, nobody, edits, 3, listener(p), &cx), E_CONFIG);
	assert_non_null(strstr(cx.text, other));
	expect_text(p->file, STR("{}\n"));
	expect_no_journal(p);
	write_text(other, STR("a = 1\n"));
	assert_int_equal(edit_apply(&p->env, nobody, edits, 3, listener(p), &cx), E_OK);
	assert_int_equal(p->told[EDIT_MADE], 3);
	undo(p, &all);
	assert_int_equal(p->told[EDIT_UNDONE], 3);
	expect_text(p->file, STR("{}\n"));
	expect_text(other, STR("a = 1\n"));
	expect_no_journal(p);
}

static void the_last_owner_cleans_up_after_a_users_change(void **state)
{
	struct place *p = *state;

	write_text(p->file, STR("{}\n"));
	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	assert_int_equal(apply_as(p, first, &json_key, json_key.other), E_OK);
	write_text(p->file,
		STR("{\"env\":{\"ANTHROPIC_BASE_URL\":\"http://127.0.0.1:9000\"},\"u\":1}"));
	undo_of(p, &nobody);
	assert_int_equal(p->told[EDIT_SHARED], 1);
	undo_of(p, &first);
	assert_int_equal(p->told[EDIT_UNDONE], 1);
	expect_text(p->file, STR("{\"u\":1}"));
	expect_no_journal(p);
}

static void a_container_is_bequeathed(void **state)
{
	struct place *p = *state;
	const struct key other = {&edit_format_json, {{"env", 3}, {"B", 1}}, 2, {"1", 1}, {"2", 1}};

	write_text(p->file, STR("{\"u\": 0}\n"));
	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	assert_int_equal(apply_as(p, first, &other, other.literal), E_OK);
	write_text(p->file, STR("{\"u\":1,\"env\":{\"ANTHROPIC_BASE_URL\":\"http://"
				"127.0.0.1:8787\",\"B\":1}}"));
	undo_of(p, &nobody);
	expect_text(p->file, STR("{\"u\":1,\"env\":{\"B\":1}}"));
	undo_of(p, &first);
	expect_text(p->file, STR("{\"u\":1}"));
}

/* ---- what is around it ---- */

static void the_change_can_be_shown(void **state)
{
	struct place *p = *state;
	struct edit e = edit_of(p, &json_key, json_key.literal);
	struct arena a = ARENA_INIT;
	struct buf b;
	str want = arena_printf(&a,
		"--- %s\n+++ %s\n@@ line 2 @@\n-  \"a\": 1\n+  \"a\": 1,\n+  \"env\": {\n+    "
		"\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:8787\"\n+  }\n",
		p->file, p->file);

	write_text(p->file, STR("{\n  \"a\": 1\n}\n"));
	buf_init(&b, LIMIT_CONFIG_FILE);
	assert_int_equal(edit_show(&p->env, &e, 1, &b, NULL), E_OK);
	if (!str_eq(buf_str(&b), want))
		print_error(STR_FMT, STR_ARG(buf_str(&b)));
	assert_true(str_eq(buf_str(&b), want));
	expect_text(p->file, STR("{\n  \"a\": 1\n}\n"));
	assert_int_equal(access(p->workspace, F_OK), -1);
	buf_release(&b);
	arena_release(&a);
}

static int64_t fixed_wall_ms(void *self)
{
	return *(int64_t *)self;
}

static int64_t fixed_ns(void *self)
{
	(void)self;
	return 0;
}

static void some_bytes(void *self, void *out, size_t n)
{
	(void)self;
	for (size_t i = 0; i < n; i++)
		((unsigned char *)out)[i] = (unsigned char)rand(); /* NOLINT: an id, nothing else */
}

static void there_is_one_backup_a_day(void **state)
{
	struct place *p = *state;
	int64_t now = INT64_C(1767225600000); /* 2026-01-01 */
	struct clock clock = {fixed_wall_ms, fixed_ns, some_bytes, &now};
	char command[512];

	p->env.clock = &clock;
	for (int day = 0; day < 40; day++, now += INT64_C(86400000)) {
		write_text(p->file, STR("{}"));
		assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
		undo(p, &all);
		assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
		undo(p, &all);
	}
	(void)snprintf(command, sizeof command,
		"test \"$(find '%s/backups' -type f | wc -l)\" = 31 && "
		"test \"$(cat '%s'/backups/*/settings.2026-02-09)\" = '{}' && "
		"test -z \"$(find '%s/backups' -type f ! -perm 600)\"",
		p->workspace, p->workspace, p->workspace);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): names of ours */
}

static void a_journal_that_cannot_be_read_stops_everything(void **state)
{
	struct place *p = *state;
	struct edit e = edit_of(p, &json_key, json_key.literal);
	struct errctx cx = {0};
	char path[160];

	write_text(p->file, STR("{}"));
	assert_int_equal(edit_apply(&p->env, nobody, &e, 1, listener(p), &cx), E_OK);
	(void)snprintf(path, sizeof path, "%s/state/edits.jsonl", p->workspace);
	write_text(path, STR("{\"schema\":1}\n"));
	assert_int_equal(edit_apply(&p->env, nobody, &e, 1, listener(p), &cx), E_CONFIG);
	assert_non_null(strstr(cx.text, "line 1"));
	assert_int_equal(edit_undo(&p->env, &all, listener(p), &cx), E_CONFIG);
	expect_text(path, STR("{\"schema\":1}\n"));
}

static void lines_of_a_newer_version_are_kept(void **state)
{
	struct place *p = *state;
	const str line = STR("{\"schema\":2,\"what\":[\"ever\"]}\n");
	char path[160];

	write_text(p->file, STR("{}"));
	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	undo(p, &all);
	(void)snprintf(path, sizeof path, "%s/state/edits.jsonl", p->workspace);
	write_text(path, line);
	assert_int_equal(apply_as(p, nobody, &json_key, json_key.literal), E_OK);
	undo(p, &all);
	expect_text(path, line);
	expect_text(p->file, STR("{}"));
}

static void a_taken_lock_is_busy(void **state)
{
	struct place *p = *state;
	struct edit e = edit_of(p, &json_key, json_key.literal);
	struct errctx cx = {0};
	char path[160];
	int fd;

	write_text(p->file, STR("{}"));
	assert_int_equal(edit_apply(&p->env, nobody, &e, 1, listener(p), &cx), E_OK);
	(void)snprintf(path, sizeof path, "%s/state/edits.lock", p->workspace);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(edit_undo(&p->env, &all, listener(p), &cx), E_BUSY);
	assert_int_equal(close(fd), 0);
	undo(p, &all);
}

static void interfere(void *self, enum edit_step step)
{
	struct place *p = self;

	if (step == EDIT_STEP_TEMP)
		write_text(p->file, STR("{\"by\": \"somebody\"}"));
}

static void a_file_that_changes_meanwhile_is_not_overwritten(void **state)
{
	struct place *p = *state;
	struct edit e = edit_of(p, &json_key, json_key.literal);
	struct errctx cx = {0};

	write_text(p->file, STR("{}"));
	p->env.at_step = interfere;
	p->env.self = p;
	assert_int_equal(edit_apply(&p->env, nobody, &e, 1, listener(p), &cx), E_BUSY);
	p->env.at_step = NULL;
	expect_text(p->file, STR("{\"by\": \"somebody\"}"));
	expect_no_litter(p);
	undo(p, &all);
	expect_text(p->file, STR("{\"by\": \"somebody\"}"));
	expect_no_journal(p);
}

static void what_cannot_be_undone_now_stays_for_later(void **state)
{
	struct place *p = *state;
	struct errctx cx = {0};
	char other[160];
	struct edit edits[2] = {
		edit_of(p, &json_key, json_key.literal), edit_of(p, &toml_key, toml_key.literal)};

	(void)snprintf(other, sizeof other, "%s/home/config.toml", p->dir);
	edits[1].file = other;
	write_text(p->file, STR("{}"));
	write_text(other, STR(""));
	assert_int_equal(edit_apply(&p->env, nobody, edits, 2, listener(p), &cx), E_OK);
	write_text(other, STR("not toml"));
	assert_int_equal(edit_undo(&p->env, &all, listener(p), &cx), E_CONFIG);
	assert_int_equal(p->told[EDIT_FAILED], 1);
	assert_int_equal(p->told[EDIT_UNDONE], 1);
	expect_text(p->file, STR("{}"));
	write_text(
		other, STR("[model_providers.headroom]\nbase_url = \"http://127.0.0.1:8787/v1\"\n"
			   "[x]\n"));
	undo(p, &all);
	expect_text(other, STR("[x]\n"));
	expect_no_journal(p);
}

/* Memory runs out at each allocation in turn: nothing leaks, nothing stays locked, and undo leads back. */
static void memory_may_run_out_anywhere(void **state)
{
	struct place *p = *state;
	const str text = STR("{\n  \"a\": 1\n}\n");
	struct edit e = edit_of(p, &json_key, json_key.literal);
	bool is_done = false;
	unsigned failed = 0;

	write_text(p->file, text);
	for (size_t n = 1; !is_done; n++) {
		struct errctx cx = {0};
		enum err err, undone;

		mem_fail_after(n);
		err = edit_apply(&p->env, nobody, &e, 1, listener(p), &cx);
		undone = err ? E_OK : edit_undo(&p->env, &all, listener(p), &cx);
		is_done = !mem_failed();
		mem_fail_after(0);
		assert_true(err == E_OK || err == E_NOMEM);
		assert_true(undone == E_OK || undone == E_NOMEM);
		failed += err || undone;
		undo(p, &all);
		expect_text(p->file, text);
		expect_no_journal(p);
		expect_no_litter(p);
	}
	print_message("%u allocations failed\n", failed);
	assert_true(failed > 5); /* a hundred under HR_DEBUG, where each object is one */
}

static void owners_are_told_apart(void **state)
{
	struct edit_owner me = edit_owner_of(getpid()), old = me;

	(void)state;
	assert_true(me.start > 0);
	assert_true(edit_owner_is_alive(me));
	old.start--; /* an earlier process of the same number */
	assert_false(edit_owner_is_alive(old));
	old.place ^= 1; /* somewhere else: who knows */
	assert_true(edit_owner_is_alive(old));
	assert_true(edit_owner_is_alive(nobody));
	assert_false(edit_owner_is_alive((struct edit_owner){INT32_MAX, 1, 0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_value_changed_by_the_user_stays),
		TEST(a_reformatted_object_is_still_ours),
		TEST(a_key_or_file_that_has_gone_is_no_error),
		TEST(the_users_own_value_is_not_ours),
		TEST(a_new_file_and_its_directories_go_again),
		TEST(a_new_file_stays_when_it_was_used),
		TEST(links_and_modes_are_kept),
		TEST(what_cannot_be_edited_is_named_and_left),
		TEST(a_directory_that_cannot_be_written_is_named),
		TEST(whole_files_are_made_and_removed),
		TEST(all_edits_are_made_or_none),
		TEST(the_last_owner_cleans_up_after_a_users_change),
		TEST(a_container_is_bequeathed),
		TEST(the_change_can_be_shown),
		TEST(there_is_one_backup_a_day),
		TEST(a_journal_that_cannot_be_read_stops_everything),
		TEST(lines_of_a_newer_version_are_kept),
		TEST(a_taken_lock_is_busy),
		TEST(a_file_that_changes_meanwhile_is_not_overwritten),
		TEST(what_cannot_be_undone_now_stays_for_later),
		TEST(memory_may_run_out_anywhere),
		TEST(owners_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
