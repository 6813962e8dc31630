/* Outlines of source files: what is shown in each language, what stays whole, and what is left alone. */
#include "tests/unit/code_samples.h"

#include "core/compress/code/code.h"
#include "core/compress/code/language.h"

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
		cmocka_unit_test(any_part_of_a_file_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
