#include "tests/unit/edit_help.h"
#include "wrap/mcp_entry.h"

#define EXE "/opt/headroom \"x\"/bin/headroom"

struct fixture {
	struct place place;
	struct arena arena;
	char home[96];
	struct errctx cx;
};

static char *const nothing[] = {NULL};

static struct mcp_where where(struct fixture *f, char *const *envp, bool is_project)
{
	return (struct mcp_where){.arena = &f->arena,
		.envp = envp,
		.cwd = "/work/project",
		.home = f->home,
		.exe = EXE,
		.is_project = is_project};
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (!f)
		return -1;
	place_make(&f->place);
	(void)snprintf(f->home, sizeof f->home, "%s/home", f->place.dir);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	place_remove(&f->place);
	arena_release(&f->arena);
	free(f);
	return 0;
}

static void install(struct fixture *f, const struct mcp_where *w, const struct mcp_entry *e)
{
	size_t n;
	struct edit *edits = mcp_entry_edits(w, e, &n);

	if (edit_apply(
		    &f->place.env, (struct edit_owner){0}, edits, n, listener(&f->place), &f->cx))
		fail_msg("%s: %s", e->row->agent, f->cx.text);
}

static void uninstall(struct fixture *f, const char *agent)
{
	const struct edit_filter filter = {.agent = str_from(agent), .scope = STR(MCP_SCOPE_USER)};

	if (edit_undo(&f->place.env, &filter, listener(&f->place), &f->cx))
		fail_msg("%s: %s", agent, f->cx.text);
}

static void make_dirs_of(struct fixture *f, const char *file)
{
	size_t slash = str_rfind_byte(str_from(file), '/');

	assert_int_equal(
		file_mkdirs(arena_cstr(&f->arena, (str){file, slash}), 0755, &f->cx), E_OK);
}

static const char *text_of(const struct edit_format *format)
{
	if (format == &edit_format_toml)
		return "# keep\nmodel = \"keep\"\n\n[mcp_servers.other]\ncommand = \"x\"\n";
	if (format == &edit_format_yaml)
		return "# note\nGOOSE_PROVIDER: keep\nextensions:\n  developer:\n    enabled: "
		       "true\n"
		       "    args: [\"a\"]\n";
	return "{\r\n\t\"mine\": \"keep\", // note\r\n\t\"mcpServers\": {\"other\": {\"command\": "
	       "\"x\"},},\r\n}";
}

static str with(struct arena *a, str text, const char *from, const char *to)
{
	size_t at = str_rfind_byte(text, 'k');

	assert_true(at < text.n);
	while (!str_starts(str_sub(text, at, text.n), str_from(from))) {
		at = str_rfind_byte(str_sub(text, 0, at), 'k');
		assert_true(at < text.n);
	}
	return arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(str_sub(text, 0, at)), to,
		STR_ARG(str_sub(text, at + strlen(from), text.n)));
}

static void every_row_is_of_an_agent_and_says_what_it_needs(void **state)
{
	(void)state;
	for (const struct mcp_row *r = mcp_rows; r->agent; r++) {
		assert_non_null(agent_find(str_from(r->agent)));
		assert_ptr_equal(mcp_row_find(r->agent), r);
		assert_true(r->by_hand || r->format);
		assert_true(!r->format || (r->user_file && r->path[0] && r->keys[0].literal));
	}
	/* one edits files with MCP servers unknown to it, one is any program */
	for (const struct agent *a = agent_table; a->name; a++)
		if (strcmp(a->name, "aider") != 0 && strcmp(a->name, "exec") != 0)
			assert_non_null(mcp_row_find(a->name));
	assert_null(mcp_row_find("aider"));
}

static void an_entry_is_made_seen_and_taken_back_byte_for_byte(void **state)
{
	struct fixture *f = *state;

	for (const struct mcp_row *r = mcp_rows; r->agent; r++) {
		struct mcp_where w = where(f, nothing, false);
		str before = r->format ? str_from(text_of(r->format)) : STR("");
		struct mcp_entry e;

		if (!r->format)
			continue;
		mcp_entry_look(&w, r, &e);
		assert_int_equal(e.state, MCP_ABSENT);
		make_dirs_of(f, e.file);
		write_text(e.file, before);
		mcp_entry_look(&w, r, &e);
		assert_int_equal(e.state, MCP_ABSENT);
		install(f, &w, &e);
		mcp_entry_look(&w, r, &e);
		assert_int_equal(e.state, MCP_OURS);
		assert_true(e.command.n > 0);
		uninstall(f, r->agent);
		expect_text(e.file, before);
	}
	expect_no_journal(&f->place);
}

static void what_the_user_changes_meanwhile_stays(void **state)
{
	struct fixture *f = *state;

	for (const struct mcp_row *r = mcp_rows; r->agent; r++) {
		struct mcp_where w = where(f, nothing, false);
		struct mcp_entry e;
		str before, now;

		if (!r->format)
			continue;
		before = str_from(text_of(r->format));
		mcp_entry_look(&w, r, &e);
		make_dirs_of(f, e.file);
		write_text(e.file, before);
		install(f, &w, &e);
		now = read_text(&f->arena, e.file);
		write_text(e.file, with(&f->arena, now, "keep", "mine now"));
		uninstall(f, r->agent);
		expect_text(e.file, with(&f->arena, before, "keep", "mine now"));
	}
	expect_no_journal(&f->place);
}

static void files_that_were_not_there_go_again(void **state)
{
	struct fixture *f = *state;

	for (const struct mcp_row *r = mcp_rows; r->agent; r++) {
		struct mcp_where w = where(f, nothing, false);
		struct mcp_entry e;
		struct stat st;

		if (!r->format)
			continue;
		mcp_entry_look(&w, r, &e);
		install(f, &w, &e);
		assert_int_equal(stat(e.file, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		uninstall(f, r->agent);
		expect_text(e.file, STR_NULL);
	}
}

static void variables_name_places(void **state)
{
	char claude[] = "CLAUDE_CONFIG_DIR=/c", codex[] = "CODEX_HOME=~/x";
	char xdg[] = "XDG_CONFIG_HOME=/xdg", cline[] = "CLINE_MCP_SETTINGS_PATH=here.json";
	char *const envp[] = {claude, codex, xdg, cline, NULL};
	static const struct {
		const char *agent, *user, *set, *project;
	} rows[] = {
		{"claude", "~/.claude.json", "/c/.claude.json", "/work/project/.mcp.json"},
		{"codex", "~/.codex/config.toml", "~/x/config.toml", NULL},
		{"goose", "~/.config/goose/config.yaml", "/xdg/goose/config.yaml", NULL},
		{"opencode", "~/.config/opencode/opencode.json", "/xdg/opencode/opencode.json",
			"/work/project/opencode.json"},
		{"cline", "~/.cline/data/settings/cline_mcp_settings.json",
			"/work/project/here.json", NULL},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		const struct mcp_row *row = mcp_row_find(rows[i].agent);
		const char *want[] = {rows[i].user, rows[i].set, rows[i].project};

		for (int k = 0; k < 3; k++) {
			struct mcp_where w = where(f, k == 1 ? envp : nothing, k == 2);
			struct mcp_entry e;

			mcp_entry_look(&w, row, &e);
			if (!want[k]) {
				assert_int_equal(e.state, MCP_BY_HAND);
				assert_null(e.file);
			} else if (want[k][0] == '~') {
				assert_string_equal(e.file,
					arena_printf(&f->arena, "%s%s", f->home, want[k] + 1).p);
			} else {
				assert_string_equal(e.file, want[k]);
			}
		}
	}
}

static void other_entries_and_broken_files_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum mcp_state state;
		const char *command;
	} rows[] = {
		{"{\"mcpServers\":{\"headroom\":{\"command\":\"/old/"
		 "headroom\",\"args\":[\"mcp\",\"serve\"]}}}",
			MCP_OTHER, "/old/headroom"},
		{"{\"mcpServers\":{\"headroom\":{\"url\":\"http://x\"}}}", MCP_OTHER, ""},
		{"{\"mcpServers\":{\"headroom2\":{}}}", MCP_ABSENT, ""},
		{"{\"mcpServers\":", MCP_UNREAD, ""},
		{"", MCP_ABSENT, ""},
	};
	struct fixture *f = *state;
	struct mcp_where w = where(f, nothing, false);

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct mcp_entry e;

		mcp_entry_look(&w, mcp_row_find("claude"), &e);
		write_text(e.file, str_from(rows[i].text));
		mcp_entry_look(&w, mcp_row_find("claude"), &e);
		assert_int_equal(e.state, rows[i].state);
		assert_true(str_eq_c(e.command, rows[i].command));
		assert_int_equal(e.state == MCP_UNREAD, e.why != NULL);
	}
}

static void the_command_is_the_name_in_path_when_it_is_this_program(void **state)
{
	struct fixture *f = *state;
	char *envp[] = {arena_cstr(&f->arena, arena_printf(&f->arena, "PATH=%s", f->home)), NULL};
	const char *link = arena_printf(&f->arena, "%s/headroom", f->home).p;
	struct mcp_where w = where(f, envp, false);
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	assert_true(n > 0);
	self[n] = '\0';
	assert_string_equal(mcp_command(&w), EXE);
	assert_int_equal(symlink(self, link), 0);
	assert_string_equal(mcp_command(&w), EXE);
	w.exe = self;
	assert_string_equal(mcp_command(&w), link);
	assert_true(mcp_command_is_there(&w, STR("headroom")));
	assert_false(mcp_command_is_there(&w, STR("/none/headroom")));
	assert_false(mcp_command_is_there(&w, STR("")));
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH(every_row_is_of_an_agent_and_says_what_it_needs),
		WITH(an_entry_is_made_seen_and_taken_back_byte_for_byte),
		WITH(what_the_user_changes_meanwhile_stays),
		WITH(files_that_were_not_there_go_again),
		WITH(variables_name_places),
		WITH(other_entries_and_broken_files_are_told_apart),
		WITH(the_command_is_the_name_in_path_when_it_is_this_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
