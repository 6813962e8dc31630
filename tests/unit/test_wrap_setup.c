#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wrap/leftover_text.h"
#include "wrap/run.h"

static enum err nothing_there(void *self, const char *path, str *out, struct errctx *cx)
{
	(void)self;
	(void)path;
	(void)out;
	return err_set(cx, E_NOT_FOUND, "nothing");
}

/* A setup without arguments, for what works on one. */
static void begin(struct arena *a, struct setup_in *in, struct setup *s, const char *project)
{
	static char *const nothing[] = {NULL};

	*in = (struct setup_in){.arena = a,
		.agent = agent_find(STR("aider")),
		.envp = nothing,
		.cwd = "/w",
		.run_dir = "/r",
		.args = nothing,
		.url = "http://127.0.0.1:1",
		.project = str_from(project),
		.read = nothing_there};
	assert_int_equal(setup_make(in, s, NULL), E_OK);
}

static void check(str got, const char *want)
{
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static void loopback_urls_have_a_port(void **state)
{
	static const struct {
		const char *url;
		uint16_t port;
	} rows[] = {
		{"http://127.0.0.1:8787", 8787},
		{"http://localhost:1/p/x", 1},
		{"http://[::1]:65535/", 65535},
		{"http://127.0.0.1", 80},
		{"http://127.0.0.1/v1", 80},
		{"http://127.0.0.1.example:80", 0},
		{"http://127.0.0.12:80", 0},
		{"http://localhost:0", 0},
		{"http://localhost:65536", 0},
		{"http://localhost:80x", 0},
		{"http://localhost:", 0},
		{"http://localhost@evil.example", 0},
		{"https://127.0.0.1:8787", 0},
		{"http://10.0.0.1:8787", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		assert_int_equal(wrap_loopback_port(str_from(rows[i].url)), rows[i].port);
}

static void names_of_projects_are_encoded_for_paths_and_headers(void **state)
{
	struct arena a = ARENA_INIT;
	struct setup_in in;
	struct setup s;

	(void)state;
	begin(&a, &in, &s, "a b(1)/\n\xc3\xbc");
	check(setup_label(&s, true), "a%20b%281%29%2F%0A%C3%BC");
	check(setup_label(&s, false), "a b(1)%2F%0A%C3%BC");
	in.project = STR("..");
	check(setup_label(&s, true), "");
	assert_string_equal(setup_url(&s, true, "/v1"), "http://127.0.0.1:1/v1");
	in.project = STR("");
	check(setup_headers(&s, STR("A: b"), "\n"), "A: b");
	in.project = STR("x");
	check(setup_headers(&s, STR(""), "\n"), "X-Headroom-Project: x");
	check(setup_headers(&s, STR("A: b"), ", "), "A: b, X-Headroom-Project: x");
	check(setup_headers(&s, STR("A: b\n X-HEADROOM-Project :y"), "\n"),
		"A: b\n X-HEADROOM-Project :y");
	arena_release(&a);
}

static void the_first_upstream_wins_and_the_second_is_noted(void **state)
{
	struct arena a = ARENA_INIT;
	struct setup_in in;
	struct setup s;

	(void)state;
	begin(&a, &in, &s, "x");
	assert_string_equal(setup_take_upstream(&s, AGENT_TO_OPENAI, STR("")), "/v1");
	assert_null(s.upstreams[AGENT_TO_OPENAI]);
	assert_string_equal(
		setup_take_upstream(&s, AGENT_TO_OPENAI, STR(" https://a.example/v1/ ")), "/v1");
	assert_string_equal(s.upstreams[AGENT_TO_OPENAI], "https://a.example/v1");
	assert_int_equal(s.notes.n, 0);
	assert_string_equal(setup_take_upstream(&s, AGENT_TO_OPENAI, STR("https://b.example")), "");
	assert_string_equal(s.upstreams[AGENT_TO_OPENAI], "https://a.example/v1");
	assert_int_equal(s.notes.n, 1);
	arena_release(&a);
}

static void arguments_are_found_up_to_two_dashes(void **state)
{
	static char p1[] = "--settings", v1[] = "a", p2[] = "--settings=b",
		    p3[] = "--settings-file", p4[] = "c", dashes[] = "--", p5[] = "--settings=d";
	static char *const args[] = {p1, v1, p2, p3, p4, dashes, p5};
	static const char *const names[] = {"--settings", NULL};
	struct arena a = ARENA_INIT;
	struct setup_in in;
	struct setup s;
	str value = STR("");

	(void)state;
	begin(&a, &in, &s, "x");
	assert_true(setup_find_arg(&s, names, &value) == SIZE_MAX);
	in.args = args;
	in.args_n = ARRAY_N(args);
	assert_int_equal(setup_make(&in, &s, NULL), E_OK);
	assert_int_equal(setup_find_arg(&s, names, &value), 2);
	check(value, "b");
	setup_replace_arg(&s, 2, STR("e=f"));
	assert_string_equal(s.args.v[2], "--settings=e=f");
	setup_replace_arg(&s, 1, STR("g"));
	assert_string_equal(s.args.v[1], "g");
	arena_release(&a);
}

static void fences_go_with_one_blank_line(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	check(leftover_drop_fence(&a, STR("# b\nx\n# e\n\na\n"), "# b", "# e"), "a\n");
	check(leftover_drop_fence(&a, STR("a\n\n# b\nx\n# e\n"), "# b", "# e"), "a\n");
	check(leftover_drop_fence(&a, STR("a\n# b\nx\n # e\r\nc"), "# b", "# e"), "a\nc");
	check(leftover_drop_fence(&a, STR("# b\n# e\n# b\n# e\n"), "# b", "# e"), "");
	check(leftover_drop_fence(&a, STR("a\n# b\nx\n"), "# b", "# e"), "a\n# b\nx\n");
	check(leftover_drop_fence(&a, STR("# e\n# b\n"), "# b", "# e"), "# e\n# b\n");
	arena_release(&a);
}

static void every_row_of_the_table_is_whole(void **state)
{
	(void)state;
	for (const struct agent *row = agent_table; row->name; row++) {
		assert_ptr_equal(agent_find(str_from(row->name)), row);
		assert_non_null(row->title);
		assert_non_null(row->files);
		assert_non_null(row->breaks);
		assert_non_null(row->bin_variable);
		assert_true(row->kind == AGENT_RUNS || row->lines);
		assert_true(row->plan || row->kind != AGENT_RUNS || row->vars->name);
		assert_int_equal(row->persist != NULL, *row->files != '\0');
	}
	assert_null(agent_find(STR("claud")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_urls_have_a_port),
		cmocka_unit_test(names_of_projects_are_encoded_for_paths_and_headers),
		cmocka_unit_test(the_first_upstream_wins_and_the_second_is_noted),
		cmocka_unit_test(arguments_are_found_up_to_two_dashes),
		cmocka_unit_test(fences_go_with_one_blank_line),
		cmocka_unit_test(every_row_of_the_table_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
