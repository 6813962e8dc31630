/* Rules in agents' memory files: merged, shown, written, taken away; what is not ours stays as it is. */
#include "tests/unit/learn_write_help.h"

static const struct write_conf all = {.now_ms = NOW, .with_context = true, .with_habits = true};

static struct write_file write_rules(
	struct place *p, const struct target *t, const struct rule *rules, size_t n)
{
	return write_conf(p, &all, t, rules, n);
}

static void a_new_file_holds_the_block_and_goes_with_it(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "a/b/CLAUDE.local.md");
	struct rule r[] = {rule(RULE_COMMAND, 1, "Run `make test`, not `make check`."),
		rule(RULE_ENVIRONMENT, 2, "Use `python3`.")};
	struct stat st;

	r[1].evidence = r[1].sessions = 1;
	r[1].last_ms = -1;
	(void)write_rules(p, &t, r, ARRAY_N(r));
	expect(get(p, t.path), STR("<!-- headroom:learn:start -->\n"
				   "## Headroom Learned Patterns\n"
				   "*From recorded sessions, by `headroom learn`. A line that you "
				   "delete stays away, one that you change is yours.*\n"
				   "\n"
				   "### Environment\n"
				   "- Use `python3`. (1x in 1 session)\n"
				   "\n"
				   "### Command Patterns\n"
				   "- Run `make test`, not `make check`. (7x in 3 sessions, last "
				   "2026-09-20)\n"
				   "\n"
				   "<!-- headroom:learn:state 1 made=1 dirs=2 "
				   "lines=00000002c99189,0000000147a8f9 -->\n"
				   "<!-- headroom:learn:end -->\n"));
	take_away(p, &t);
	assert_int_not_equal(stat(t.path, &st), 0);
	assert_int_not_equal(stat(at(p, "a"), &st), 0);
	assert_int_equal(stat(p->dir, &st), 0);
}

/* Whatever stands in a file stays, and comes back byte for byte. */
static void what_is_around_the_block_stays(void **state)
{
	static const str texts[] = {{"", 0}, {"# Mine\n", 7}, {"# Mine", 6}, {"# Mine\r\n\r\n", 10},
		{"a\r\nb", 4}, {"\xef\xbb\xbf# BOM\r\n", 10}, {"\xff\xfe\0binary\n\n\n", 12},
		{"\n", 1}, {"a\n \n", 4}};
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	struct rule r = rule(RULE_PATH, 9, "The parser is `core/json/scan.c`.");

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		str now;

		put(t.path, texts[i]);
		(void)write_rules(p, &t, &r, 1);
		now = get(p, t.path);
		assert_true(str_starts(now, texts[i]));
		expect_has(now, "- The parser is `core/json/scan.c`. (7x");
		if (str_find(texts[i], STR("\r\n")) != STR_NONE)
			for (size_t k = texts[i].n; k < now.n; k++)
				assert_true(now.p[k] != '\n' || now.p[k - 1] == '\r');
		take_away(p, &t);
		expect(get(p, t.path), texts[i]);
	}
}

static void text_behind_the_block_is_not_moved(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "AGENTS.md");
	struct rule r = rule(RULE_PATH, 9, "One.");
	str with;

	put(t.path, STR("# Mine\n"));
	(void)write_rules(p, &t, &r, 1);
	with = get(p, t.path);
	put(t.path, arena_printf(&p->job.arena, STR_FMT "# More\n", STR_ARG(with)));
	r.text = STR("Two.");
	(void)write_rules(p, &t, &r, 1);
	assert_true(str_ends(get(p, t.path), STR("<!-- headroom:learn:end -->\n# More\n")));
	expect_not(get(p, t.path), "One.");
	take_away(p, &t);
	expect(get(p, t.path), STR("# Mine\n\n# More\n"));
}

static void nothing_is_written_when_nothing_changes(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	struct rule r = rule(RULE_PATH, 9, "One.");
	struct stat before, after;
	struct write_file f;

	(void)write_rules(p, &t, &r, 1);
	assert_int_equal(stat(t.path, &before), 0);
	assert_int_equal(write_plan(&p->job, &all, &t, &r, 1, &f, NULL), E_OK);
	assert_int_equal(write_apply(&p->job, &f, NULL), E_OK);
	assert_int_equal(stat(t.path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino); /* a replaced file is another one */
	/* Fewer sightings, because recordings have gone, take nothing back. */
	r.evidence = 2;
	r.last_ms -= 3 * DAY_MS;
	assert_int_equal(write_plan(&p->job, &all, &t, &r, 1, &f, NULL), E_OK);
	assert_false(write_is_change(&f));
	r.evidence = 9;
	assert_int_equal(write_plan(&p->job, &all, &t, &r, 1, &f, NULL), E_OK);
	expect_has(f.after, "One. (9x in 3 sessions, last 2026-09-20)");
	assert_int_equal(f.merge.updated, 1);
}

static str replaced(struct place *p, str text, const char *what, const char *by)
{
	size_t i = str_find(text, str_from(what));

	assert_true(i != STR_NONE);
	return arena_printf(&p->job.arena, STR_FMT "%s" STR_FMT, (int)i, text.p, by,
		(int)(text.n - i - strlen(what)), text.p + i + strlen(what));
}

static void a_deleted_line_stays_away_until_reset(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	struct rule r[] = {rule(RULE_PATH, 1, "One."), rule(RULE_PATH, 2, "Two.")};
	struct write_file f;

	(void)write_rules(p, &t, r, 2);
	put(t.path,
		replaced(p, get(p, t.path), "- One. (7x in 3 sessions, last 2026-09-20)\n", ""));
	f = write_rules(p, &t, r, 2);
	expect_not(get(p, t.path), "One.");
	expect_has(get(p, t.path), " gone=00000001 -->");
	assert_int_equal(f.merge.notes.n, 1);
	assert_string_equal(f.merge.notes.v[0].why, "its line was deleted or changed");
	(void)write_rules(p, &t, r, 2);
	expect_not(get(p, t.path), "One.");
	assert_int_equal(write_plan_reset(&p->job, &t, &f, NULL), E_OK);
	assert_int_equal(write_apply(&p->job, &f, NULL), E_OK);
	(void)write_rules(p, &t, r, 2);
	expect_has(get(p, t.path), "- One. (7x");
}

static void a_changed_line_is_the_users(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	struct rule r[] = {rule(RULE_PATH, 1, "One."), rule(RULE_PATH, 2, "Two.")};

	(void)write_rules(p, &t, r, 2);
	put(t.path, replaced(p, get(p, t.path), "One. (7x", "Uno! (7x"));
	put(t.path, replaced(p, get(p, t.path), "### File Path Corrections\n",
			    "### File Path Corrections\nA note of mine,\n\n  of two lines\n"));
	put(t.path, replaced(p, get(p, t.path), "<!-- headroom:learn:state",
			    "### My section\n- kept\n<!-- headroom:learn:state"));
	r[1].evidence = 100;
	(void)write_rules(p, &t, r, 2);
	expect_has(get(p, t.path), "### File Path Corrections\nA note of mine,\n\n  of two lines\n"
				   "- Uno! (7x in 3 sessions, last 2026-09-20)\n- Two. (100x");
	expect_has(get(p, t.path), "\n\n### My section\n- kept\n\n<!--");
	expect_not(get(p, t.path), "One.");
}

static void what_nobody_sees_any_more_goes_by_its_kind(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	struct rule r[] = {rule(RULE_PATH, 1, "One."), rule(RULE_PREFERENCE, 2, "Never push.")};
	struct write_conf later = all;
	struct write_file f;

	(void)write_rules(p, &t, r, 2);
	later.now_ms += (merge_keep_days(RULE_PATH) - 1) * DAY_MS;
	assert_int_equal(write_plan(&p->job, &later, &t, NULL, 0, &f, NULL), E_OK);
	assert_false(write_is_change(&f));
	later.now_ms += DAY_MS;
	assert_int_equal(write_plan(&p->job, &later, &t, r, 2, &f, NULL), E_OK);
	expect_not(f.after, "One.");
	expect_has(f.after, "Never push.");
	expect_not(f.after, "gone=");
	assert_string_equal(f.merge.notes.v[0].why, "nobody has seen it for long");
	/* Without any line the block goes, and a file of ours with it. */
	later.now_ms += 400 * DAY_MS;
	f = write_conf(p, &later, &t, NULL, 0);
	assert_false(f.is_there);
	assert_null(get(p, t.path).p);
}

static void there_is_room_for_what_is_worth_most(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	struct rule r[RULE_KIND_N * 12];
	struct write_file f;
	char *text;
	size_t n = 0, lines = 0;

	for (unsigned k = 0; k < RULE_KIND_N; k++)
		for (unsigned i = 0; i < 12; i++) {
			text = arena_cstr(&p->job.arena,
				arena_printf(&p->job.arena, "Rule %u of kind %u.", i, k));
			r[n] = rule((enum rule_kind)k, (unsigned)n + 1, text);
			r[n++].evidence = 1 + i + k;
		}
	f = write_rules(p, &t, r, n);
	for (size_t i = 0; i < f.block.sections.n; i++) {
		assert_true(f.block.sections.v[i].lines.n <= MERGE_SECTION_MAX);
		lines += f.block.sections.v[i].lines.n;
	}
	assert_int_equal(lines, MERGE_LINES_MAX);
	assert_int_equal(f.merge.added, MERGE_LINES_MAX);
	assert_int_equal(f.merge.notes.n, n - MERGE_LINES_MAX);
	expect_has(f.after, "Rule 11 of kind 9.");
	expect_not(f.after, "Rule 3 of kind 9.");
	expect_not(f.after, "Rule 0 of kind 0.");
	text = test_calloc(1, RULE_TEXT_MAX + 1);
	memset(text, 'x', RULE_TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		r[i].text = arena_printf(&p->job.arena, "%zu%s", i, text + 4);
		r[i].evidence = 1000;
	}
	f = write_rules(p, &t, r, n);
	assert_true(f.after.n < MERGE_BYTES_MAX + 2000);
	test_free(text);
}

static void no_secret_and_no_comment_gets_in(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	struct rule r[] = {rule(RULE_COMMAND, 1,
				   "Use `curl -H 'Authorization: Bearer "
				   "eyJhbGciOiJIUzI1NiJ9abcdefghijklmnop'`."),
		rule(RULE_COMMAND, 2, "a <!-- headroom:learn:end -->\n<!-- b\t\x01 c"),
		rule(RULE_COMMAND, 3, " \n "), rule(RULE_COMMAND, 4, "bad \xff utf-8")};
	struct write_file f = write_rules(p, &t, r, ARRAY_N(r));
	str text = get(p, t.path);

	expect_not(text, "eyJ");
	expect_has(text, "- a < !-- headroom:learn:end - -> < !-- b c (7x");
	expect_not(text, "bad");
	assert_int_equal(f.merge.added, 1);
	assert_string_equal(f.merge.notes.v[0].why, "it holds a secret");
	expect_not(f.merge.notes.v[0].text, "eyJ");
}

static void a_long_line_is_cut_at_a_blank(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	char text[RULE_TEXT_MAX * 2];
	struct rule r;
	struct write_file f;

	memset(text, 0, sizeof text);
	for (size_t i = 0; i + 5 < sizeof text; i += 4)
		memcpy(text + i, i < 8 ? "`\xc3\xa9 " : "\xc3\xa9\xc3\xa9", 4);
	r = rule(RULE_COMMAND, 1, text);
	f = write_rules(p, &t, &r, 1);
	assert_int_equal(f.merge.added, 1);
	memcpy(text + RULE_TEXT_MAX - 20, " `bc", 4);
	r = rule(RULE_COMMAND, 1, text);
	f = write_rules(p, &t, &r, 1);
	expect_has(f.after, "\xc3\xa9\xe2\x80\xa6 (7x");
}

static void a_damaged_block_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"x\n<!-- headroom:learn:start -->\n- a\n",
			"line 2: \"<!-- headroom:learn:start -->\" has no end"},
		{"a\r\n\r\n<!-- headroom:learn:end -->\r\n",
			"line 3: \"<!-- headroom:learn:end -->\" without"},
		{"<!-- headroom:learn:start -->\n<!-- headroom:learn:end -->\n"
		 "<!-- headroom:learn:start -->\n<!-- headroom:learn:end -->\n",
			"line 3: a second"},
		{"<!-- headroom:learn:start -->\n<!-- headroom:learn:start -->\n",
			"line 2: a second"},
		{"<!-- headroom:learn:start -->\n<<<<<<< HEAD\n- a\n<!-- headroom:learn:end -->\n",
			"line 2: a merge conflict"},
		{"<!-- headroom:learn:start -->\n<!-- headroom:learn:state 1 lines=zz -->\n"
		 "<!-- headroom:learn:end -->\n",
			"line 2: what was learned cannot be read"},
		{"<!-- headroom:learn:start -->\n<!-- headroom:learn:state 1 -->\n"
		 "<!-- headroom:learn:state 1 -->\n<!-- headroom:learn:end -->\n",
			"line 3: what was"},
		{"<!-- headroom:learn:start -->\n<!-- headroom:learn:state 2 x -->\n"
		 "<!-- headroom:learn:end -->\n",
			"newer version"},
	};
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	struct rule r = rule(RULE_PATH, 1, "One.");

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct errctx cx = {0};
		struct write_file f;

		put(t.path, str_from(cases[i].text));
		assert_int_equal(write_plan(&p->job, &all, &t, &r, 1, &f, &cx), E_CONFIG);
		expect_has(str_from(cx.text), cases[i].says);
		expect_has(str_from(cx.text), t.path);
		assert_int_equal(write_plan_removal(&p->job, &t, &f, &cx), E_CONFIG);
		expect(get(p, t.path), str_from(cases[i].text));
	}
}

static void files_that_cannot_be_written_are_refused(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md"), link = file_target(p, "link.md");
	struct rule r = rule(RULE_PATH, 1, "One.");
	struct errctx cx = {0};
	struct write_file f;
	struct stat st;

	put(t.path, STR("mine\n"));
	assert_int_equal(chmod(t.path, 0440), 0);
	assert_int_equal(write_plan(&p->job, &all, &t, &r, 1, &f, &cx), E_PERMISSION);
	expect_has(str_from(cx.text), "read-only");
	assert_int_equal(chmod(t.path, 0640), 0);
	assert_int_equal(symlink("CLAUDE.md", link.path), 0);
	(void)write_rules(p, &link, &r, 1);
	assert_int_equal(lstat(link.path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(t.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	expect_has(get(p, t.path), "- One.");
	/* Somebody else was faster. */
	r.evidence = 50;
	assert_int_equal(write_plan(&p->job, &all, &t, &r, 1, &f, &cx), E_OK);
	put(t.path, STR("else\n"));
	assert_int_equal(write_apply(&p->job, &f, &cx), E_BUSY);
	expect(get(p, t.path), STR("else\n"));
	assert_int_equal(unlink(t.path), 0);
	assert_int_equal(write_plan(&p->job, &all, &link, &r, 1, &f, &cx), E_CONFIG);
	expect_has(str_from(cx.text), "a link to something that is not there");
	assert_int_equal(mkdir(t.path, 0755), 0);
	assert_int_equal(write_plan(&p->job, &all, &t, &r, 1, &f, &cx), E_CONFIG);
}

static void an_old_block_moves_once(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.local.md");
	struct write_conf conf = all;
	struct rule r = rule(RULE_PATH, 1, "One.");
	struct write_file f;

	conf.legacy = file_target(p, "CLAUDE.md");
	put(conf.legacy.path,
		STR("# Mine\n\n<!-- headroom:learn:start -->\n## Headroom Learned Patterns\n"
		    "*Auto-generated by `headroom learn` on 2026-01-02 \xe2\x80\x94 do not edit "
		    "manually*\n\n### Learned: environment\n*~1,234 tokens/session saved*\n"
		    "- Use uv.\n\n<!-- headroom:learn:end -->\n"));
	f = write_conf(p, &conf, &t, &r, 1);
	assert_non_null(f.moved);
	expect(get(p, conf.legacy.path), STR("# Mine\n\n"));
	expect_has(get(p, t.path), "### File Path Corrections\n- One. (7x");
	expect_has(get(p, t.path), "\n\n### Learned: environment\n- Use uv.\n\n<!--");
	expect_not(get(p, t.path), "1,234");
	/* The Python program finds its marks again. */
	expect_has(get(p, t.path), "<!-- headroom:learn:start -->\n## Headroom Learned Patterns\n");
	f = write_conf(p, &conf, &t, &r, 1);
	assert_null(f.moved);
	expect(get(p, conf.legacy.path), STR("# Mine\n\n"));
}

static void kinds_can_be_kept_apart(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");
	struct write_conf conf = {.now_ms = NOW, .with_context = true};
	struct rule r[] = {rule(RULE_PATH, 1, "One."), rule(RULE_PREFERENCE, 2, "Never push.")};
	struct write_file f;

	f = write_conf(p, &conf, &t, r, 2);
	expect_has(f.after, "One.");
	expect_not(f.after, "push");
}

static void targets_are_where_agents_look(void **state)
{
	static const struct {
		const char *word, *path;
	} cases[] = {{"claude-local", "/w/p.x/CLAUDE.local.md"}, {"claude", "/w/p.x/CLAUDE.md"},
		{"memory", "/home/u/.claude/projects/-w-p-x/memory/MEMORY.md"},
		{"agents", "/w/p.x/AGENTS.md"}, {"gemini", "/w/p.x/GEMINI.md"},
		{"cursor", "/w/p.x/.cursor/rules/headroom-learned.mdc"},
		{"docs/rules.md", "/w/p.x/docs/rules.md"}, {"/abs/x.md", "/abs/x.md"},
		{"~/x.md", "/home/u/x.md"}};
	struct place *p = *state;
	struct learn_env env = {.home = "/home/u/"};
	struct errctx cx = {0};
	struct target t;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		assert_int_equal(target_parse(&env, STR("/w/p.x"), str_from(cases[i].word),
					 &p->job.arena, &t, &cx),
			E_OK);
		assert_string_equal(t.path, cases[i].path);
	}
	assert_int_equal(
		target_at(&env, STR("/home/u"), TARGET_CLAUDE_LOCAL, &p->job.arena, &t, &cx), E_OK);
	assert_string_equal(t.path, "/home/u/.claude/CLAUDE.md");
	assert_int_equal(
		target_parse(&env, STR("/w"), STR("cluade"), &p->job.arena, &t, &cx), E_USAGE);
	expect_has(str_from(cx.text), "did you mean 'claude'");
	env.claude_config_dir = "/etc/claude";
	assert_int_equal(
		target_parse(&env, STR("/w"), STR("memory"), &p->job.arena, &t, &cx), E_OK);
	assert_string_equal(t.path, "/etc/claude/projects/-w/memory/MEMORY.md");
}

static void cursor_reads_its_file_always(void **state)
{
	struct place *p = *state;
	struct rule r = rule(RULE_PATH, 1, "One.");
	struct errctx cx = {0};
	struct target t;
	struct stat st;

	assert_int_equal(
		target_at(&p->env, str_from(p->dir), TARGET_CURSOR, &p->job.arena, &t, &cx), E_OK);
	(void)write_rules(p, &t, &r, 1);
	assert_true(str_starts(get(p, t.path), STR("---\ndescription: ")));
	expect_has(get(p, t.path), "alwaysApply: true\n---\n\n<!-- headroom:learn:start -->\n");
	take_away(p, &t);
	assert_int_not_equal(stat(at(p, ".cursor"), &st), 0);
}

/* ---- the diff -------------------------------------------------------------------------------------- */

static void a_diff_has_three_lines_around(void **state)
{
	struct place *p = *state;
	struct udiff d = {.old_name = STR("a"),
		.new_name = STR("b"),
		.before = STR("1\n2\n3\n4\n5\n6\n7\n8\n9\n"),
		.after = STR("1\n2\n3\n4\nfive\n6\n7\n8\n9\nten")};
	struct buf b;

	buf_init_arena(&b, &p->job.arena, LIMIT_CONFIG_FILE);
	udiff_add(&p->job.arena, &d, &b);
	expect(buf_str(&b),
		STR("--- a\n+++ b\n@@ -2,8 +2,9 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n"
		    "+ten\n\\ No newline at end of file\n"));
}

static void a_diff_makes_one_text_of_the_other(void **state)
{
	struct place *p = *state;

	for (uint64_t i = 0, n = seeds_or(200); i < n; i++) {
		uint64_t seed = i;
		struct udiff d = {.old_name = STR("a"), .new_name = STR("b")};
		struct buf b;

		d.before = random_lines(p, &seed, STR_NULL);
		d.after = random_lines(p, &seed, d.before);
		buf_init_arena(&b, &p->job.arena, LIMIT_CONFIG_FILE);
		udiff_add(&p->job.arena, &d, &b);
		expect(apply_diff(p, d.before, buf_str(&b)), d.after);
	}
}

/* ---- whatever the rules and the file are ------------------------------------------------------------ */

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return *seed >> 33;
}

static str random_file(struct place *p, uint64_t *seed)
{
	static const char *const pieces[] = {"# Title", "text", "", "- item", "```",
		"### Environment", "\xff\xfe", "<!-- note -->", "  indented ", "===="};
	const char *eol = next(seed) % 2 ? "\r\n" : "\n";
	struct buf b;

	buf_init_arena(&b, &p->job.arena, LIMIT_CONFIG_FILE);
	for (uint64_t n = next(seed) % 8; n; n--) {
		buf_add_c(&b, pieces[next(seed) % ARRAY_N(pieces)]);
		if (n > 1 || next(seed) % 2)
			buf_add_c(&b, next(seed) % 8 ? eol : "\n");
	}
	return b.n ? buf_str(&b) : STR("");
}

static void random_rules(struct place *p, uint64_t *seed, struct rule *r, size_t n)
{
	static const char *const pieces[] = {"use", "`make", "` ", "<!--", "-->",
		"(3x in 2 sessions)", "\n", "### x", "- ", "\xc3\xa9", "<<<<<<< ",
		"*~1 tokens/session saved*"};

	for (size_t i = 0; i < n; i++) {
		struct buf b;

		buf_init_arena(&b, &p->job.arena, LIMIT_CONFIG_FILE);
		buf_printf(&b, "%u ", (unsigned)i);
		for (uint64_t k = next(seed) % 6; k; k--) {
			buf_add_c(&b, pieces[next(seed) % ARRAY_N(pieces)]);
			buf_add_c(&b, next(seed) % 2 ? " " : "");
		}
		buf_add_byte(&b, '\0');
		r[i] = rule(
			(enum rule_kind)(next(seed) % RULE_KIND_N), (unsigned)next(seed) | 1, b.p);
		r[i].evidence = (uint32_t)next(seed) % 20;
		r[i].last_ms = next(seed) % 5 ? NOW - (int64_t)(next(seed) % 100) * DAY_MS : -1;
	}
}

static void any_rules_and_any_file(void **state)
{
	struct place *p = *state;
	struct target t = file_target(p, "CLAUDE.md");

	for (uint64_t i = 0, n = seeds_or(60); i < n; i++) {
		uint64_t seed = i * 7919;
		str mine = random_file(p, &seed);
		struct rule r[24];
		struct write_file f;
		str now;

		random_rules(p, &seed, r, ARRAY_N(r));
		put(t.path, mine);
		(void)write_rules(p, &t, r, 12); /* which plans a second time */
		now = get(p, t.path);
		assert_true(str_starts(now, mine));
		/* More rules: what was there before them stays. */
		f = write_rules(p, &t, r, ARRAY_N(r));
		assert_true(str_starts(get(p, t.path), mine));
		expect(get(p, t.path), f.after);
		take_away(p, &t);
		expect(get(p, t.path), mine);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_new_file_holds_the_block_and_goes_with_it),
		T(what_is_around_the_block_stays),
		T(text_behind_the_block_is_not_moved),
		T(nothing_is_written_when_nothing_changes),
		T(a_deleted_line_stays_away_until_reset),
		T(a_changed_line_is_the_users),
		T(what_nobody_sees_any_more_goes_by_its_kind),
		T(there_is_room_for_what_is_worth_most),
		T(no_secret_and_no_comment_gets_in),
		T(a_long_line_is_cut_at_a_blank),
		T(a_damaged_block_is_refused),
		T(files_that_cannot_be_written_are_refused),
		T(an_old_block_moves_once),
		T(kinds_can_be_kept_apart),
		T(targets_are_where_agents_look),
		T(cursor_reads_its_file_always),
		T(a_diff_has_three_lines_around),
		T(a_diff_makes_one_text_of_the_other),
		T(any_rules_and_any_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
