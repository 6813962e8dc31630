/* Outlines of source files: what is shown in each language, what stays whole, and what is left alone. */
#include "tests/unit/code_samples.h"

#include "core/compress/code/code.h"
#include "core/compress/code/language.h"
#include "core/compress/code/parts.h"

static const str route = {"Read again", 10};

static bool outline(struct arena *a, const char *path, str text, const char *focus, str *out)
{
	const struct codec_in in = {
		.text = text, .path = str_from(path), .route = route, .focus = str_from(focus)};
	struct codec_out o;

	if (!code_codec.encode(&in, a, &o))
		return false;
	assert_int_equal(o.form, CODEC_ELIDED);
	assert_true(code_holds(text, o.text, a));
	*out = o.text;
	return true;
}

static bool has_line(str text, const char *want)
{
	str line;

	while (str_next_line(&text, &line, NULL))
		if (str_eq_c(line, want))
			return true;
	return false;
}

static bool has(str text, const char *want)
{
	return str_find(text, str_from(want)) != STR_NONE;
}

static void each_language_shows_what_it_defines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(samples); i++) {
		const struct sample *s = &samples[i];
		struct arena a = ARENA_INIT;
		str text = file_of(&a, s), out = STR_NULL;

		if (!outline(&a, s->path, text, "", &out))
			fail_msg("%s: no outline of\n" STR_FMT, s->path, STR_ARG(text));
		for (size_t k = 0; k < ARRAY_N(s->shown) && s->shown[k]; k++)
			if (!has_line(out, s->shown[k]))
				fail_msg("%s: '%s' is not in\n" STR_FMT, s->path, s->shown[k],
					STR_ARG(out));
		for (size_t k = 0; k < ARRAY_N(s->hidden) && s->hidden[k]; k++)
			if (!has(text, s->hidden[k]) || has(out, s->hidden[k]))
				fail_msg("%s: '%s' is in\n" STR_FMT, s->path, s->hidden[k],
					STR_ARG(out));
		arena_release(&a);
	}
}

/* A line less, or one that is cut, is an error somewhere; then nothing changes. C is another matter: see below. */
static void what_does_not_parse_stays(void **state)
{
	static const char *const broken[] = {"def broken(:\n", "function broken( {\n",
		"class {{{\n", "export const = {\n", "func (\n", "fn broken(\n", "public class (\n",
		"}\n", "}\n", "}\n", "def (\n  class\n", "function ( {\n", "if then (\n"};

	(void)state;
	assert_int_equal(ARRAY_N(broken), ARRAY_N(samples));
	for (size_t i = 0; i < ARRAY_N(samples); i++) {
		struct arena a = ARENA_INIT;
		struct buf b;
		str out;

		buf_init_arena(&b, &a, TEXT_LIMIT);
		buf_add(&b, file_of(&a, &samples[i]));
		buf_add_c(&b, broken[i]);
		if (outline(&a, samples[i].path, buf_str(&b), "", &out))
			fail_msg("%s", samples[i].path);
		arena_release(&a);
	}
}

static void what_the_focus_names_stays_whole(void **state)
{
	struct arena a = ARENA_INIT;
	const struct sample *py = &samples[0];
	str text = file_of(&a, py), out;

	(void)state;
	assert_true(outline(&a, "a.py", text, "why does `load` fail?", &out));
	assert_true(has(out, "value = compute") && has(out, "first_of_inner") &&
		    !has(out, "second_step"));
	/* line 36 is in Thing.run, line 24 in load.inner */
	assert_true(outline(&a, "a.py", text, "@36 @9999999 @0 @", &out));
	assert_true(has(out, "second_step") && !has(out, "value = compute"));
	assert_true(outline(&a, "a.py", text, "@24", &out));
	assert_true(has(out, "first_of_inner") && !has(out, "value = compute"));
	assert_true(outline(&a, "a.py", text, "no name", &out));
	assert_false(has(out, "second_step"));
	arena_release(&a);
}

static str numbered(struct arena *a, str text, unsigned from)
{
	struct buf b;
	str line;

	buf_init_arena(&b, a, TEXT_LIMIT);
	for (; str_next_line(&text, &line, NULL); from++) {
		buf_printf(&b, "%6u\t", from);
		buf_add(&b, line);
		buf_add_byte(&b, '\n');
	}
	return buf_str(&b);
}

static void numbers_of_lines_stay_true(void **state)
{
	struct arena a = ARENA_INIT;
	str text = file_of(&a, &samples[0]), plain, out;
	struct buf b;

	(void)state;
	buf_init_arena(&b, &a, TEXT_LIMIT);
	buf_add(&b, numbered(&a, text, 1));
	buf_add_c(&b, "\n<system-reminder>def x(</system-reminder>");
	assert_true(outline(&a, "a.py", text, "", &plain));
	assert_true(outline(&a, "/w/a.py", buf_str(&b), "", &out));
	assert_true(has_line(out, "    23\t    def inner(x):"));
	assert_true(has(out, "<system-reminder>def x(") && has_line(out, "[24-27 not shown]"));
	assert_true(has_line(plain, "[24-27 not shown]"));
	/* a part of a file is what was asked for */
	assert_false(outline(&a, "a.py", numbered(&a, text, 2), "", &out));
	arena_release(&a);
}

/* "404: NotFound," in a table of a source is no number column. */
static void a_table_of_numbers_is_no_number_column(void **state)
{
	struct arena a = ARENA_INIT;
	str text = file_of(&a, &samples[0]), out;
	struct buf b;

	(void)state;
	buf_init_arena(&b, &a, TEXT_LIMIT);
	buf_add_c(&b,
		"NAMES = {\n    400: BadRequest,\n    401: Unauthorized,\n    402: Other,\n}\n");
	buf_add(&b, text);
	assert_true(outline(&a, "a.py", buf_str(&b), "", &out));
	assert_true(has_line(out, "    401: Unauthorized,"));
	arena_release(&a);
}

static void what_is_no_source_file_stays(void **state)
{
	struct arena a = ARENA_INIT;
	str text = file_of(&a, &samples[0]), shell = file_of(&a, &samples[12]), out;
	struct codec_in in = {.text = text, .path = STR("a.py")};
	struct codec_out o;

	(void)state;
	assert_false(outline(&a, "a.txt", text, "", &out));
	assert_false(outline(&a, "py", text, "", &out));
	assert_false(outline(&a, "", text, "", &out));
	assert_false(outline(&a, "a.go", text, "", &out));
	assert_false(outline(&a, "a.py", str_sub(text, 0, 900), "", &out));
	assert_false(outline(&a, "a.py", STR(""), "", &out));
	assert_false(code_codec.encode(&in, &a, &o)); /* no way back */
	assert_true(outline(&a, "bin/run", shell, "", &out));
	assert_true(has(out, " lines of bash, without those in brackets; original: Read again]"));
	arena_release(&a);
}

static void refuses(str original, str text, const char *from, const char *to)
{
	struct arena a = ARENA_INIT;
	size_t at = str_find(text, str_from(from));
	struct buf b;

	assert_true(at != STR_NONE);
	buf_init_arena(&b, &a, TEXT_LIMIT);
	buf_add(&b, str_sub(text, 0, at));
	buf_add_c(&b, to);
	buf_add(&b, str_sub(text, at + strlen(from), text.n));
	if (code_holds(original, buf_str(&b), &a))
		fail_msg("'%s' for '%s' is held", to, from);
	arena_release(&a);
}

static void the_contract_sees_every_lie(void **state)
{
	struct arena a = ARENA_INIT;
	str text = file_of(&a, &samples[0]), out;

	(void)state;
	assert_true(outline(&a, "a.py", text, "", &out));
	refuses(text, out, "[24-27 not shown]", "[24-26 not shown]");
	refuses(text, out, "[24-27 not shown]", "[23-27 not shown]");
	refuses(text, out, "[24-27 not shown]\n", "");
	refuses(text, out, "    def inner(x):\n[24-27 not shown]", "[23-27 not shown]");
	refuses(text, out, "[24-27 not shown]", "[024-27 not shown]");
	refuses(text, out, "import os", "import so");
	refuses(text, out, "import os\n", "");
	refuses(text, out, "import os\n", "import os\nimport os\n");
	refuses(text, out, " lines of python", "1 lines of python");
	refuses(text, out, "python", "cobol");
	refuses(text, out, "def pad23(x):\n", "def pad23(x):\n[9000-9001 not shown]\n");
	arena_release(&a);
}

/* Amid a body, too: what has a name is a definition, what is handed on without one is none. */
static void functions_of_javascript_amid_a_line_have_names(void **state)
{
	static const struct {
		const char *line;
		bool is_signature;
	} rows[] = {{"\treturn function sign(thing, key) {", true},
		{"  ifBlock(type, function parse_block(token) {", true},
		{"  const f = function (a) {", true}, {"  f = async function* (a) {", true},
		{"  f: function () { return 1; },", true},
		{"  var A = /** @class */ (function () {", true},
		{"  a.each(function (x) {", false}, {"  if (a === function () {}) {", false},
		{"  x = a.function_name(b)", false}, {"  my_function f(x)", false},
		{"  // a function of (x)", false}, {"  y = functional(x)", false},
		{"  function", false}};
	const struct code_language *js = code_language_named(STR("javascript")),
				   *go = code_language_named(STR("go"));

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		if (code_is_signature(js, str_from(rows[i].line)) != rows[i].is_signature)
			fail_msg("%s", rows[i].line);
		assert_false(code_is_signature(go, str_from(rows[i].line)));
	}
}

static void lambdas_with_a_name_are_definitions(void **state)
{
	static const struct {
		const char *line;
		bool is_signature;
	} rows[] = {{"    cb = lambda: True", true}, {"f = lambda x: x", true},
		{"  self.key = lambda x: x[1]", true}, {"  a.sort(key=lambda x: x)", false},
		{"  x == lambda: 0", false}, {"  f = lambda_of(x)", false},
		{"  = lambda: 0", false}, {"  f = lambda", false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		if (code_is_signature(code_language_named(STR("python")), str_from(rows[i].line)) !=
			rows[i].is_signature)
			fail_msg("%s", rows[i].line);
	assert_false(code_is_signature(code_language_named(STR("ruby")), STR("f = lambda x")));
}

/* ---- parts ---- */

enum { PARTS_PADDING = 200, PARTS_EDITS = 4 };

static bool outline_by_parts(str text, const struct code_language *l, struct code_cache *c,
	struct arena *a, struct code_outline *out)
{
	return code_outline(l, text, lines_split(a, text), c, a, out);
}

static void assert_same_outline(
	const struct code_outline *x, const struct code_outline *y, uint32_t lines)
{
	assert_int_equal(x->n, y->n);
	assert_memory_equal(x->is_hidden, y->is_hidden, lines);
	for (uint32_t i = 0; i < x->n; i++) {
		assert_int_equal(x->v[i].first, y->v[i].first);
		assert_int_equal(x->v[i].last, y->v[i].last);
		assert_int_equal(x->v[i].body, y->v[i].body);
		assert_true(str_eq(x->v[i].name, y->v[i].name));
	}
}

static bool outline_whole(
	str text, const struct code_language *l, struct arena *a, struct code_outline *out)
{
	struct lines lines = lines_split(a, text);

	*out = (struct code_outline){.is_hidden = arena_array(a, bool, lines.n),
		.v = arena_array(a, struct code_definition, lines.n)};
	return code_outline_part(code_outliner_new(l, a), text, lines, true, out);
}

/* What is kept of a file as it was changes nothing but how much of it is parsed once it is another. */
static void what_is_kept_changes_no_outline(void **state)
{
	unsigned files = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(samples); i++) {
		struct arena a = ARENA_INIT;
		const struct code_language *l =
			code_language_of(str_from(samples[i].path), STR_NULL);
		struct code_cache *c = code_cache_new();
		str text = file_of_n(&a, &samples[i], PARTS_PADDING);
		struct lines lines = lines_split(&a, text);
		struct code_outline whole, parts;
		size_t before;

		assert_non_null(c);
		assert_int_equal(l->has_parts, strcmp(l->name, "ruby") != 0);
		if (code_parts_find(l, lines, &a).n <=
			4) { /* no blank lines, or nothing that says what a method is */
			code_cache_free(c);
			arena_release(&a);
			continue;
		}
		files++;
		assert_true(outline_whole(text, l, &a, &whole));
		assert_true(outline_by_parts(text, l, c, &a, &parts));
		assert_same_outline(&whole, &parts, lines.n);
		before = code_cache_parsed(c);
		for (uint32_t k = 1; k <= PARTS_EDITS; k++) {
			size_t at = text.n / (PARTS_EDITS + 1) * k;

			at += str_find(str_sub(text, at, text.n), STR(" 1")) + 1;
			text = arena_printf(&a, STR_FMT "%u" STR_FMT, STR_ARG(str_sub(text, 0, at)),
				k, STR_ARG(str_sub(text, at, text.n)));
			assert_true(outline_whole(text, l, &a, &whole));
			assert_true(outline_by_parts(text, l, c, &a, &parts));
			assert_same_outline(&whole, &parts, lines.n);
		}
		assert_true(code_cache_parsed(c) > before);
		assert_true(code_cache_parsed(c) - before < text.n);
		code_cache_free(c);
		arena_release(&a);
	}
	assert_int_equal(files, 10);
}

/* A file with that many members, the one in the middle with another number. */
static str file_of_members_changed(struct arena *a, const char *begin, const char *member,
	const char *end, unsigned n, unsigned middle)
{
	struct buf b;

	buf_init_arena(&b, a, TEXT_LIMIT);
	buf_add_c(&b, begin);
	for (unsigned i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_printf(&b, member, i == n / 2 ? middle : i);
#pragma GCC diagnostic pop
	}
	buf_add_c(&b, end);
	return buf_str(&b);
}

static str file_of_members(
	struct arena *a, const char *begin, const char *member, const char *end, unsigned n)
{
	return file_of_members_changed(a, begin, member, end, n, n / 2);
}

enum { MEMBERS = 600 };

static void check_members(const char *path, const char *begin, const char *member, const char *end)
{
	struct arena a = ARENA_INIT;
	const struct code_language *l = code_language_of(str_from(path), STR_NULL);
	struct code_cache *c = code_cache_new();

	assert_non_null(c);
	for (int changed = 0; changed < 2; changed++) {
		str text = file_of_members_changed(
			&a, begin, member, end, MEMBERS, changed ? 7777 : MEMBERS / 2);
		struct lines lines = lines_split(&a, text);
		size_t before = code_cache_parsed(c), parsed;
		struct code_outline whole, parts;

		if (code_parts_find(l, lines, &a).n <= 4)
			fail_msg("%s: no parts", path);
		assert_true(outline_whole(text, l, &a, &whole));
		assert_true(outline_by_parts(text, l, c, &a, &parts));
		assert_same_outline(&whole, &parts, lines.n);
		assert_true(parts.n > MEMBERS);
		parsed = code_cache_parsed(c) - before;
		if (parsed > (changed ? text.n / 2 : text.n * 3 / 2))
			fail_msg("%s: %zu of %zu parsed", path, parsed, text.n);
	}
	code_cache_free(c);
	arena_release(&a);
}

/* Members of classes and namespaces are parts, whatever these are in. */
static void what_stands_around_parts_is_parsed_with_them(void **state)
{
	static const struct {
		const char *path, *begin, *member, *end;
	} rows[] = {
		{"a.cc",
			"#include <a>\n\nnamespace a {\nnamespace b {\n\nclass A : public "
			"B\n{\npublic:\n"
			"\tint f(int x)\n\t{\n\t\treturn x;\n\t}\n};\n\n",
			"int pad%u(int x)\n{\n\tx = x + 1;\n\tx = x + 2;\n\tx = x + 3;\n\treturn "
			"x;\n}\n\n",
			"} // namespace b\n} // namespace a\n"},
		{"A.java",
			"package a;\n\n/** A { box. */\n@Some(thing = 1)\npublic class A\n    "
			"extends B\n{\n"
			"    private final char c = '{', d = '\\'';\n\n    static class C {\n\n",
			"        /** Pads. */\n        @Override\n        public int pad%u(int x) "
			"{\n"
			"            x = x + 1; // {\n            x = x + \"}\".length();\n"
			"            return x;\n        }\n\n",
			"    }\n\n    public int last(int x) {\n        return x;\n    }\n}\n"},
		{"a.cs",
			"using System;\n\nnamespace A\n{\n    [Serializable]\n    public class B : "
			"C\n    {\n",
			"        [Test(1)]\n        public int Pad%u(int x)\n        {\n           "
			" x = x + 1;\n"
			"            x = x + 2;\n            return x;\n        }\n\n",
			"    }\n}\n"},
		{"a.php", "<?php\nnamespace A {\n\nclass B extends C {\n\n",
			"    # it's {\n    public function pad%u($x) {\n        $x = $x + 1;\n"
			"        $x = $x + 2;\n        return $x;\n    }\n\n",
			"}\n}\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		check_members(rows[i].path, rows[i].begin, rows[i].member, rows[i].end);
}

/* C#: what stands between #if and #endif is one thing to the grammar, and is not cut. */
static void conditions_are_not_cut(void **state)
{
	static const char member[] = "        [Test]\n        public int Pad%u(int x)\n        {\n"
				     "            x = x + 1;\n            return x;\n        }\n\n";
	struct arena a = ARENA_INIT;
	str begin;

	(void)state;
	begin = file_of_members(&a, "class B\n{\n        #if X && !Y\n", member,
		"        #else\n        int y;\n        #endif\n\n", MEMBERS / 4);
	check_members("a.cs", arena_printf(&a, STR_FMT, STR_ARG(begin)).p, member, "}\n");
	arena_release(&a);
}

/* However many brackets stand around a member, it is told as in the whole file. */
static void nests_may_be_deep(void **state)
{
	enum { DEPTH = 12 };

	(void)state;
	for (unsigned depth = 1; depth <= DEPTH; depth++) {
		struct arena a = ARENA_INIT;
		const struct code_language *l = code_language_named(STR("c++"));
		struct code_outline whole, parts;
		struct buf begin, end;
		str text;

		buf_init_arena(&begin, &a, LIMIT_INPUT);
		buf_init_arena(&end, &a, LIMIT_INPUT);
		for (unsigned i = 0; i < depth; i++) {
			buf_printf(&begin, "namespace n%u {\n", i);
			buf_add_c(&end, "}\n");
		}
		buf_add_byte(&begin, 0);
		buf_add_byte(&end, 0);
		text = file_of_members(&a, begin.p,
			"\nint f%u(int x) {\n    int y = x * 2;\n    return y + 1;\n}\n", end.p,
			300);
		assert_true(outline_whole(text, l, &a, &whole));
		assert_true(outline_by_parts(text, l, NULL, &a, &parts));
		assert_same_outline(&whole, &parts, lines_split(&a, text).n);
		assert_int_equal(code_parts_find(l, lines_split(&a, text), &a).n > 1, depth <= 8);
		arena_release(&a);
	}
}

/* A text that looks like definitions is no place to cut at: what is in a string stays in it. */
static void a_file_whose_parts_do_not_parse_is_parsed_whole(void **state)
{
	static const struct {
		const char *path, *begin, *member, *end, *broken;
	} rows[] = {
		{"a.py", "TEXT = \"\"\"\n", "\n\ndef f%u(x):\n    return x + 1\n",
			"\"\"\"\n\n\ndef f(x):\n    return 1\n", "def (:\n"},
		{"a.sh", "cat <<EOF\n", "\nf%u() {\n\techo one two three\n}\n",
			"EOF\n\nf() {\n\techo\n}\n", "if then (\n"},
		{"a.php", "<?php\n$x = <<<EOF\n", "\nfunction f%u($x) {\n    return $x + 1;\n}\n",
			"EOF;\nfunction f($x) {\n    return 1;\n}\n", "function ( {\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct arena a = ARENA_INIT;
		const struct code_language *l = code_language_of(str_from(rows[i].path), STR_NULL);
		struct code_outline whole, parts;
		str text = file_of_members(&a, rows[i].begin, rows[i].member, rows[i].end, 300);

		assert_true(code_parts_find(l, lines_split(&a, text), &a).n > 1);
		assert_true(outline_whole(text, l, &a, &whole));
		assert_true(outline_by_parts(text, l, NULL, &a, &parts));
		assert_same_outline(&whole, &parts, lines_split(&a, text).n);
		assert_int_equal(parts.n, 1);
		/* and one error anywhere leaves it as it is */
		text = arena_printf(&a, STR_FMT "%s", STR_ARG(text), rows[i].broken);
		assert_false(outline_by_parts(text, l, NULL, &a, &parts));
		arena_release(&a);
	}
}

/* Two generations of what was seen: as much as a cache may hold goes through it, and it still tells the truth. */
static void a_cache_forgets_what_is_old(void **state)
{
	struct arena a = ARENA_INIT;
	const struct code_language *l = code_language_named(STR("go"));
	struct code_cache *c = code_cache_new();
	struct code_outline out;
	size_t parsed;
	str text = STR_NULL;

	(void)state;
	assert_non_null(c);
	for (unsigned i = 0; i < 6200; i++) {
		arena_reset(&a);
		text = arena_printf(&a, "package p%u\n\nfunc f() int {\n\treturn %u\n}\n", i, i);
		assert_true(outline_by_parts(text, l, c, &a, &out));
	}
	parsed = code_cache_parsed(c);
	assert_true(outline_by_parts(text, l, c, &a, &out)); /* kept */
	assert_int_equal(code_cache_parsed(c), parsed);
	assert_int_equal(out.n, 1);
	assert_true(str_eq_c(out.v[0].name, "f"));
	assert_true(outline_by_parts(
		STR("package p0\n\nfunc f() int {\n\treturn 0\n}\n"), l, c, &a, &out));
	assert_true(code_cache_parsed(c) > parsed); /* gone */
	code_cache_free(c);
	arena_release(&a);
}

/* Every cut of a file is outlined or left alone; what is said of it holds. */
static void any_part_of_a_file_is_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(samples); i++) {
		struct arena a = ARENA_INIT;
		str text = file_of(&a, &samples[i]), out;

		for (size_t n = text.n; n > text.n / 2; n -= n > 97 ? 97 : n)
			(void)outline(&a, samples[i].path, str_sub(text, 0, n), "x @5", &out);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_language_shows_what_it_defines),
		cmocka_unit_test(what_does_not_parse_stays),
		cmocka_unit_test(what_the_focus_names_stays_whole),
		cmocka_unit_test(numbers_of_lines_stay_true),
		cmocka_unit_test(a_table_of_numbers_is_no_number_column),
		cmocka_unit_test(what_is_no_source_file_stays),
		cmocka_unit_test(the_contract_sees_every_lie),
		cmocka_unit_test(functions_of_javascript_amid_a_line_have_names),
		cmocka_unit_test(lambdas_with_a_name_are_definitions),
		cmocka_unit_test(what_is_kept_changes_no_outline),
		cmocka_unit_test(what_stands_around_parts_is_parsed_with_them),
		cmocka_unit_test(conditions_are_not_cut),
		cmocka_unit_test(nests_may_be_deep),
		cmocka_unit_test(a_file_whose_parts_do_not_parse_is_parsed_whole),
		cmocka_unit_test(a_cache_forgets_what_is_old),
		cmocka_unit_test(any_part_of_a_file_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
