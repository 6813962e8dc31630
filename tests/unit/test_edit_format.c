/* One key changed in a text of each format: what comes out, byte for byte, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "core/base/limits.h"
#include "wrap/edit/format.h"

enum { PARTS_MAX = 8 };

/* "a/b/c" as a path; empty: none. */
static struct edit_path path_of(struct arena *a, const char *text)
{
	str *part = arena_array(a, str, PARTS_MAX), rest = str_from(text);
	size_t n = 0;

	while (*text && str_split(&rest, '/', &part[n]))
		n++;
	return (struct edit_path){part, n};
}

static void expect(str got, const char *want)
{
	str wanted = str_from(want);

	if (!str_eq(got, wanted))
		print_error(
			"got:\n" STR_FMT "\nwant:\n" STR_FMT "\n", STR_ARG(got), STR_ARG(wanted));
	assert_true(str_eq(got, wanted));
}

struct set_case {
	const char *before, *path, *literal, *after;
};

static void expect_sets(const struct edit_format *f, const struct set_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		struct errctx cx = {0};
		struct edit_set set = {.format = f,
			.path = path_of(&a, c[i].path),
			.literal = str_from(c[i].literal)};
		struct edit_change out;

		if (edit_set(&a, str_from(c[i].before), &set, &out, &cx))
			fail_msg("case %zu: %s\n%s", i, cx.text, c[i].before);
		expect(out.text, c[i].after);
		arena_release(&a);
	}
}

struct refusal {
	const char *before, *path, *literal;
	enum err err;
	const char *text;
};

static void expect_refusals(const struct edit_format *f, const struct refusal *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		struct errctx cx = {0};
		struct edit_set set = {.format = f,
			.path = path_of(&a, c[i].path),
			.literal = str_from(c[i].literal)};
		struct edit_change out;
		enum err e = edit_set(&a, str_from(c[i].before), &set, &out, &cx);

		if (e != c[i].err || !strstr(cx.text, c[i].text))
			print_error("case %zu: %s: %s\n", i, err_name(e), cx.text);
		assert_int_equal(e, c[i].err);
		assert_non_null(strstr(cx.text, c[i].text));
		arena_release(&a);
	}
}

struct remove_case {
	const char *before, *path;
	size_t kept;
	const char *after;
};

static void expect_removals(const struct edit_format *f, const struct remove_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		struct errctx cx = {0};
		str out;

		if (edit_remove(&a, f, str_from(c[i].before), path_of(&a, c[i].path), c[i].kept,
			    &out, &cx))
			fail_msg("case %zu: %s\n%s", i, cx.text, c[i].before);
		expect(out, c[i].after);
		arena_release(&a);
	}
}

/* ---- JSON ---- */

static void json_is_set(void **state)
{
	static const struct set_case cases[] = {
		/* a value in place */
		{"{\"a\": 1, \"b\":\t[2] }", "a", "\"x\"", "{\"a\": \"x\", \"b\":\t[2] }"},
		/* new ones, as the file is laid out */
		{"{\n  \"a\": 1\n}\n", "b", "2", "{\n  \"a\": 1,\n  \"b\": 2\n}\n"},
		{"{\r\n\t\"a\": 1\r\n}", "b", "2", "{\r\n\t\"a\": 1,\r\n\t\"b\": 2\r\n}"},
		{"{\"a\":1}", "b", "2", "{\"a\":1, \"b\":2}"},
		{"\xef\xbb\xbf{\n    \"a\": 1\n}", "e/k", "\"v\"",
			"\xef\xbb\xbf{\n    \"a\": 1,\n    \"e\": {\n        \"k\": \"v\"\n    "
			"}\n}"},
		{"{}\n", "env/K", "1", "{\n  \"env\": {\n    \"K\": 1\n  }\n}\n"},
		{"", "env/K", "1", "{\n  \"env\": {\n    \"K\": 1\n  }\n}\n"},
		{"{\n  \"env\": {}\n}", "env/K", "1", "{\n  \"env\": {\n    \"K\": 1\n  }\n}"},
		{"// c\n", "a", "1", "// c\n{\n  \"a\": 1\n}\n"},
		{"\n", "a", "1", "{\n  \"a\": 1\n}\n"},
		/* comments and trailing commas */
		{"{ // c\n  \"a\": 1 // one, {2}\n  /* end */\n}", "b", "2",
			"{ // c\n  \"a\": 1, // one, {2}\n  \"b\": 2\n  /* end */\n}"},
		{"{\n  \"a\": 1, // one\n}", "b", "2", "{\n  \"a\": 1, // one\n  \"b\": 2,\n}"},
		{"{\n  \"a\": 1 /* x\n y */\n}", "b", "2",
			"{\n  \"a\": 1,\n  \"b\": 2 /* x\n y */\n}"},
		{"{\n  // nothing yet\n}", "b", "2", "{\n  // nothing yet\n  \"b\": 2\n}"},
		/* objects are laid out as the file is */
		{"{\n\t\"a\": 1\n}\n", "m/h", "{\"command\":\"x\",\"args\":[\"a b\",{}],\"e\":[]}",
			"{\n\t\"a\": 1,\n\t\"m\": {\n\t\t\"h\": {\n\t\t\t\"command\": "
			"\"x\",\n\t\t\t\"args\": "
			"[\n\t\t\t\t\"a b\",\n\t\t\t\t{}\n\t\t\t],\n\t\t\t\"e\": "
			"[]\n\t\t}\n\t}\n}\n"},
		/* of two the last one counts; the other stays */
		{"{\"a\":1,\"a\":2}", "a", "3", "{\"a\":1,\"a\":3}"},
		/* a key in an escape */
		{"{\"\\u0061\": 1}", "a", "2", "{\"\\u0061\": 2}"},
	};

	(void)state;
	expect_sets(&edit_format_json, cases, ARRAY_N(cases));
}

static void json_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{"{\"a\": 1", "a", "2", E_CONFIG, "line 1"},
		{"{\n\"a\" 1}", "a", "2", E_CONFIG, "line 2"},
		{"[1]", "a", "2", E_CONFIG, "is no object"},
		{"{\"a\": [1]}", "a/b", "2", E_CONFIG, "'a' is no object"},
		{"{\"a\": 1,,}", "a", "2", E_CONFIG, "line 1"},
		{"{,}", "a", "2", E_CONFIG, "line 1"},
		{"{\"a\": 1 /* }", "a", "2", E_CONFIG, "line 1"},
		{"{\"a\": 1}", "a", "2, \"b\": 3", E_CONFIG, "alone"},
		{"{\"a\": 1}", "b", "nonsense", E_CONFIG, "after the change"},
		{"{\"a\": 1}", "b", "1 // c", E_CONFIG, ""},
	};

	(void)state;
	expect_refusals(&edit_format_json, cases, ARRAY_N(cases));
}

static void json_is_removed(void **state)
{
	static const struct remove_case cases[] = {
		{"{\n  \"a\": 1,\n  \"b\": 2\n}\n", "b", 0, "{\n  \"a\": 1\n}\n"},
		{"{\n  \"a\": 1,\n  \"b\": 2\n}\n", "a", 0, "{\n  \"b\": 2\n}\n"},
		{"{\n  \"a\": 1,\n  \"b\": 2,\n}\n", "b", 0, "{\n  \"a\": 1,\n}\n"},
		{"{\"a\":1, \"b\":2}", "b", 0, "{\"a\":1}"},
		{"{\"a\":1, \"b\":2}", "a", 0, "{\"b\":2}"},
		{"{\"a\":1}", "a", 0, "{}"},
		{"{\n  \"e\": {\n    \"k\": 1\n  },\n  \"b\": 2\n}", "e/k", 0, "{\n  \"b\": 2\n}"},
		{"{\n  \"e\": {\n    \"k\": 1\n  },\n  \"b\": 2\n}", "e/k", 1,
			"{\n  \"e\": {},\n  \"b\": 2\n}"},
		{"{\n  \"e\": {\n    \"k\": 1, // mine\n    \"u\": 2 // yours\n  }\n}", "e/k", 0,
			"{\n  \"e\": {\n    \"u\": 2 // yours\n  }\n}"},
		{"{\n  \"a\": 1, // one\n  // two\n  \"b\": 2\n}", "b", 0,
			"{\n  \"a\": 1 // one\n  // two\n}"},
		{"{\n  // c\n  \"a\": 1\n}", "a", 0, "{\n  // c\n}"},
	};

	(void)state;
	expect_removals(&edit_format_json, cases, ARRAY_N(cases));
}

/* ---- TOML ---- */

static void toml_is_set(void **state)
{
	static const struct set_case cases[] = {
		{"a = 1 # one\n", "a", "\"x\"", "a = \"x\" # one\n"},
		/* a root key does not fall into the table above it */
		{"a = 1\n\n[t]\nb = 2\n", "c", "3", "a = 1\nc = 3\n\n[t]\nb = 2\n"},
		{"[t]\nb = 2\n", "c", "3", "c = 3\n[t]\nb = 2\n"},
		{"\xef\xbb\xbf[t]\r\nb = 2\r\n", "c", "3",
			"\xef\xbb\xbf"
			"c = 3\r\n[t]\r\nb = 2\r\n"},
		/* a key of the same name in another table is another key */
		{"[profiles.x]\nmodel_provider = \"p\"\n", "model_provider", "\"h\"",
			"model_provider = \"h\"\n[profiles.x]\nmodel_provider = \"p\"\n"},
		{"[t]\nb = 2\n[u]\n", "t/c", "3", "[t]\nb = 2\nc = 3\n[u]\n"},
		{"[t]\n[u]\n", "t/c", "3", "[t]\nc = 3\n[u]\n"},
		{"a = 1\n", "m/h/k", "\"v\"", "a = 1\n\n[m.h]\nk = \"v\"\n"},
		{"a = 1", "m/h/k", "\"v\"", "a = 1\n\n[m.h]\nk = \"v\""},
		{"", "m/h/k", "\"v\"", "[m.h]\nk = \"v\"\n"},
		{"", "k", "1", "k = 1\n"},
		{"[m.h.env]\nx = 1\n", "m/h/k", "2", "[m.h.env]\nx = 1\n\n[m.h]\nk = 2\n"},
		{"a.b = 1\nz = 0\n", "a/c", "2", "a.b = 1\na.c = 2\nz = 0\n"},
		{"  [t]\n  b = 2\n", "t/c", "3", "  [t]\n  b = 2\n  c = 3\n"},
		{"[t]\nb = 1\n", "t/a b", "2", "[t]\nb = 1\n\"a b\" = 2\n"},
		/* all of TOML stands around it */
		{"d = 1979-05-27 07:32:00Z\ns = \"\"\"\na\n[x]\n\"\"\"\nl = '''\nk = 1'''\n"
		 "i = { a = 1, b.c = [ 1, # one\n 2, ] }\n[[p]]\nn = inf\n[[p]]\nn = 0xFF\n",
			"k", "true",
			"d = 1979-05-27 07:32:00Z\ns = \"\"\"\na\n[x]\n\"\"\"\nl = '''\nk = "
			"1'''\n"
			"i = { a = 1, b.c = [ 1, # one\n 2, ] }\nk = true\n[[p]]\nn = "
			"inf\n[[p]]\nn = 0xFF\n"},
		{"i = { a = 1 }\n", "i/a", "2", "i = { a = 2 }\n"},
	};

	(void)state;
	expect_sets(&edit_format_toml, cases, ARRAY_N(cases));
}

static void toml_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{"a = ", "a", "2", E_CONFIG, "line 1"},
		{"a = 1\na = 2\n", "a", "2", E_CONFIG, "line 2"},
		{"[t]\n[t]\n", "a", "2", E_CONFIG, "line 2"},
		{"a = \"x\n", "a", "2", E_CONFIG, "line 1"},
		{"a = nonsense\n", "a", "2", E_CONFIG, "line 1"},
		{"a = 1\n", "b", "1\nc = 2", E_CONFIG, "alone"},
		{"a = 1\n", "b", "1 c", E_CONFIG, "after the change"},
		{"i = { a = 1 }\n", "i/b", "2", E_UNSUPPORTED, "inline"},
		{"[[p]]\nn = 1\n", "p/n", "2", E_UNSUPPORTED, "no table"},
		{"[t]\nb = 1\n", "t", "2", E_UNSUPPORTED, "not edited here"},
		{"a = \"\xff\"\n", "b", "2", E_CONFIG, "not UTF-8"},
	};

	(void)state;
	expect_refusals(&edit_format_toml, cases, ARRAY_N(cases));
}

static void toml_is_removed(void **state)
{
	static const struct remove_case cases[] = {
		{"a = 1\nb = 2 # two\n", "b", 0, "a = 1\n"},
		{"a = 1\nb = [\n 2,\n]\nc = 3", "b", 0, "a = 1\nc = 3"},
		{"a = 1\r\n\r\n[m.h]\r\nk = 1\r\n", "m/h/k", 0, "a = 1\r\n"},
		{"a = 1\n\n[m.h]\nk = 1", "m/h/k", 0, "a = 1"},
		{"a = 1\n\n[m.h]\nk = 1\n", "m/h/k", 2, "a = 1\n\n[m.h]\n"},
		{"[m]\nx = 1\n\n[m.h]\nk = 1\n[z]\n", "m/h/k", 1, "[m]\nx = 1\n[z]\n"},
	};

	(void)state;
	expect_removals(&edit_format_toml, cases, ARRAY_N(cases));
}

/* ---- YAML ---- */

static void yaml_is_set(void **state)
{
	static const struct set_case cases[] = {
		{"a: 1 # one\nb: 'x'\n", "a", "\"y\"", "a: \"y\" # one\nb: 'x'\n"},
		{"a: 1\n", "b", "2", "a: 1\nb: 2\n"},
		{"a: 1", "b", "2", "a: 1\nb: 2"},
		{"a: 1\r\nm:\r\n    x: 1\r\n    # c\r\nz: 2\r\n", "m/w", "2",
			"a: 1\r\nm:\r\n    x: 1\r\n    w: 2\r\n    # c\r\nz: 2\r\n"},
		{"", "a/b/c", "1", "a:\n  b:\n    c: 1\n"},
		{"# only a comment\n", "a", "1", "# only a comment\na: 1\n"},
		{"---\na:\n    b: 1\n", "c/d", "2", "---\na:\n    b: 1\nc:\n    d: 2\n"},
		{"e: {}\nz: 1\n", "e/k", "1", "e:\n  k: 1\nz: 1\n"},
		{"e:\nz: 1\n", "e/k", "1", "e:\n  k: 1\nz: 1\n"},
		{"e:\nz: 1\n", "e", "5", "e: 5\nz: 1\n"},
		{"a: 1\n", "a b", "2", "a: 1\n\"a b\": 2\n"},
		/* what is not understood is stepped over */
		{"models:\n- name: x # - y\n  roles: [a,\n    b]\n- z\ntext: |\n  k: 1\n\n  # no "
		 "comment\nplain: a\n  b\n"
		 "anchor: &x\n  k: 1\nflow: {a: [1, \"}\"]} # c\nk: 1\n",
			"k", "2",
			"models:\n- name: x # - y\n  roles: [a,\n    b]\n- z\ntext: |\n  k: 1\n\n  "
			"# "
			"no comment\nplain: a\n  b\n"
			"anchor: &x\n  k: 1\nflow: {a: [1, \"}\"]} # c\nk: 2\n"},
		{"\"q:k\": 1\n'it''s': 2\n", "it's", "3", "\"q:k\": 1\n'it''s': 3\n"},
		{"u: http://x/#y\n", "u", "http://z", "u: http://z\n"},
	};

	(void)state;
	expect_sets(&edit_format_yaml, cases, ARRAY_N(cases));
}

static void yaml_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{"- a\n- b\n", "a", "2", E_UNSUPPORTED, "line 1"},
		{"a: 1\n---\nb: 2\n", "a", "2", E_UNSUPPORTED, "several documents"},
		{"%YAML 1.2\n---\na: 1\n", "a", "2", E_UNSUPPORTED, "a directive"},
		{"a:\n\tb: 1\n", "a/b", "2", E_UNSUPPORTED, "line 2"},
		{"a:\n  b: 1\n c: 2\n", "c", "2", E_UNSUPPORTED, "line 3"},
		{"? a\n: b\n", "a", "2", E_UNSUPPORTED, "line 1"},
		{"a: \"x\n", "a", "2", E_CONFIG, "no end"},
		{"a: b: c\n", "a", "2", E_CONFIG, "second key"},
		{"a: [1]\n", "a", "2", E_UNSUPPORTED, "not edited here"},
		{"a: |\n  x\n", "a", "2", E_UNSUPPORTED, "not edited here"},
		{"a:\n  - x\n", "a/b", "2", E_UNSUPPORTED, "no mapping"},
		{"a:\n  b: 1\n", "a", "2", E_UNSUPPORTED, "not edited here"},
		{"a: 1\n", "b", "1\nc: 2", E_CONFIG, ""},
		/* the line end would become part of a's text */
		{"a: |\n  x", "b", "1", E_UNSUPPORTED, "ends in a text"},
		{"a: |+\n  x\n\n", "b", "1", E_UNSUPPORTED, "ends in a text"},
	};

	(void)state;
	expect_refusals(&edit_format_yaml, cases, ARRAY_N(cases));
}

static void yaml_is_removed(void **state)
{
	static const struct remove_case cases[] = {
		{"a: 1\nb: 2\n", "b", 0, "a: 1\n"},
		{"a: 1\nb: 2", "b", 0, "a: 1"},
		{"m:\n  x: 1\n  y: 2\nz: 3\n", "m/x", 0, "m:\n  y: 2\nz: 3\n"},
		{"m:\n  x: 1\nz: 3\n", "m/x", 0, "z: 3\n"},
		{"m:\n  x: 1\nz: 3\n", "m/x", 1, "m: {}\nz: 3\n"},
		{"a: |\n  x\nb: 2", "b", 0, "a: |\n  x\n"},
	};

	(void)state;
	expect_removals(&edit_format_yaml, cases, ARRAY_N(cases));
}

/* ---- blocks ---- */

static void blocks_are_set_and_removed(void **state)
{
	static const struct set_case sets[] = {
		{"export A=1\n", "x", "export B=2\n",
			"export A=1\n# headroom:begin id=x\nexport B=2\n# headroom:end id=x\n"},
		{"export A=1", "x", "export B=2",
			"export A=1\n# headroom:begin id=x\nexport B=2\n# headroom:end id=x"},
		{"a\r\n", "x", "b\nc\n",
			"a\r\n# headroom:begin id=x\r\nb\r\nc\r\n# headroom:end id=x\r\n"},
		{"# headroom:begin id=x\nold\n# headroom:end id=x\nafter\n", "x", "new\n",
			"# headroom:begin id=x\nnew\n# headroom:end id=x\nafter\n"},
		{"", "x", "b\n", "# headroom:begin id=x\nb\n# headroom:end id=x\n"},
	};
	static const struct remove_case removals[] = {
		{"a\n# headroom:begin id=x\nb\n# headroom:end id=x\nc\n", "x", 0, "a\nc\n"},
		{"a\r\n# headroom:begin id=x\r\nb\r\n# headroom:end id=x", "x", 0, "a"},
		{"# headroom:begin id=x\nb\n# headroom:end id=x\n", "x", 0, ""},
	};
	static const struct set_case markdown[] = {
		{"# Title\n", "rtk", "Use it.\n",
			"# Title\n<!-- headroom:begin id=rtk -->\nUse it.\n<!-- headroom:end "
			"id=rtk -->\n"},
	};

	(void)state;
	expect_sets(&edit_format_shell, sets, ARRAY_N(sets));
	expect_removals(&edit_format_shell, removals, ARRAY_N(removals));
	expect_sets(&edit_format_markdown, markdown, ARRAY_N(markdown));
}

static void blocks_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{"# headroom:begin id=x\nb\n", "x", "c\n", E_CONFIG, "line 1: no end of block 'x'"},
		{"# headroom:end id=x\n", "x", "c\n", E_CONFIG, "line 1: no beginning"},
		{"# headroom:begin id=x\n# headroom:begin id=y\n", "x", "c\n", E_CONFIG,
			"line 2: a block begins"},
		{"# headroom:begin id=x\n# headroom:end id=x\n# headroom:begin id=x\n# "
		 "headroom:end id=x\n",
			"x", "c\n", E_CONFIG, "line 3: a second block"},
		{"", "x y", "c\n", E_CONFIG, "one name"},
		{"a\n", "x", "b\n# headroom:end id=x\nc\n", E_CONFIG, ""},
	};

	(void)state;
	expect_refusals(&edit_format_shell, cases, ARRAY_N(cases));
}

static void values_are_read_as_spelled(void **state)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	str out;

	(void)state;
	assert_int_equal(edit_get(&a, &edit_format_json, STR("{\"a\": {\"b\": [1, 2]}}"),
				 path_of(&a, "a/b"), &out, &cx),
		E_OK);
	expect(out, "[1, 2]");
	assert_int_equal(edit_get(&a, &edit_format_toml, STR("[a]\nb = 'x' # c\n"),
				 path_of(&a, "a/b"), &out, &cx),
		E_OK);
	expect(out, "'x'");
	assert_int_equal(edit_get(&a, &edit_format_yaml, STR("a:\n  b: x y # c\n"),
				 path_of(&a, "a/b"), &out, &cx),
		E_OK);
	expect(out, "x y");
	assert_int_equal(
		edit_get(&a, &edit_format_yaml, STR("a: 1\n"), path_of(&a, "b"), &out, &cx),
		E_NOT_FOUND);
	assert_true(edit_same_value(
		&a, &edit_format_json, STR("{\"a\":[1]}"), STR("{ \"a\" : [ 1 ] } ")));
	assert_false(
		edit_same_value(&a, &edit_format_json, STR("{\"a\":[1]}"), STR("{\"a\":[2]}")));
	assert_false(edit_same_value(&a, &edit_format_json, STR("{\"a\":1}"), STR("{\"b\":1}")));
	arena_release(&a);
}

/* The check after each change: what else differs is seen. */
static void other_changes_are_seen(void **state)
{
	static const struct {
		const char *after;
		bool is_fine;
	} cases[] = {
		{"{\"a\":1,\"e\":{\"k\":9,\"l\":[3,4]},\"b\":\"x\"}", true},
		{"{\"a\":1,\"e\":{\"l\":[3,4]},\"b\":\"x\"}", true},
		{"{\"a\":2,\"e\":{\"k\":2,\"l\":[3,4]},\"b\":\"x\"}", false},
		{"{\"a\":1.0,\"e\":{\"k\":2,\"l\":[3,4]},\"b\":\"x\"}", false},
		{"{\"A\":1,\"e\":{\"k\":2,\"l\":[3,4]},\"b\":\"x\"}", false},
		{"{\"e\":{\"k\":2,\"l\":[3,4]},\"a\":1,\"b\":\"x\"}", false},
		{"{\"a\":1,\"e\":{\"k\":2,\"l\":[3,[4]]},\"b\":\"x\"}", false},
		{"{\"a\":1,\"e\":{\"k\":2,\"l\":[3]},\"b\":\"x\"}", false},
		{"{\"a\":1,\"e\":{\"k\":2},\"l\":[3,4],\"b\":\"x\"}", false},
		{"{\"a\":1,\"e\":{\"k\":2,\"l\":[3,4]}}", false},
		{"{\"a\":1,\"b\":\"x\"}", false},
	};
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct node_doc before = {.text = STR("{\"a\":1,\"e\":{\"k\":2,\"l\":[3,4]},\"b\":\"x\"}")};

	(void)state;
	assert_int_equal(edit_format_json.parse(&a, before.text, &before, &cx), E_OK);
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct node_doc after = {.text = str_from(cases[i].after)};

		assert_int_equal(edit_format_json.parse(&a, after.text, &after, &cx), E_OK);
		assert_int_equal(node_only_change(&a, &before, &after, path_of(&a, "e/k"), 1),
			cases[i].is_fine);
	}
	arena_release(&a);
}

static void large_texts_are_refused(void **state)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	char *p = arena_zalloc(&a, LIMIT_CONFIG_FILE + 1, 1);
	str out;

	(void)state;
	assert_int_equal(edit_get(&a, &edit_format_json, (str){p, LIMIT_CONFIG_FILE + 1},
				 path_of(&a, "a"), &out, &cx),
		E_TOO_BIG);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_set),
		cmocka_unit_test(json_is_refused),
		cmocka_unit_test(json_is_removed),
		cmocka_unit_test(toml_is_set),
		cmocka_unit_test(toml_is_refused),
		cmocka_unit_test(toml_is_removed),
		cmocka_unit_test(yaml_is_set),
		cmocka_unit_test(yaml_is_refused),
		cmocka_unit_test(yaml_is_removed),
		cmocka_unit_test(blocks_are_set_and_removed),
		cmocka_unit_test(blocks_are_refused),
		cmocka_unit_test(values_are_read_as_spelled),
		cmocka_unit_test(other_changes_are_seen),
		cmocka_unit_test(large_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
