/* Outlines of C and C++ with macros that are errors to a grammar. */
#include "core/compress/code/code.h"
#include "core/compress/code/dialect.h"
#include "tests/unit/code_regions.h"
#include "tests/unit/compress_help.h"

enum { PADDING = 24 };

static const char body[] = "\thidden_one = compute(1, 2, 3, 4, 5, 6, 7, 8, 9);\n"
			   "\thidden_two = compute(1, 2, 3, 4, 5, 6, 7, 8, 9);\n"
			   "\thidden_three = compute(1, 2, 3, 4, 5, 6, 7, 8);\n"
			   "\thidden_four = compute(1, 2, 3, 4, 5, 6, 7, 8);\n";

/* The text with that of a function for each '@', and lines enough to be outlined. */
static str source_of(struct arena *a, const char *text)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (; *text; text++)
		if (*text == '@')
			buf_add_c(&b, body);
		else
			buf_add_byte(&b, *text);
	for (unsigned i = 0; i < PADDING; i++)
		buf_printf(&b, "int pad%u(int x)\n{\n\treturn x + %u;\n}\n", i, i);
	return buf_str(&b);
}

/* Empty when nothing is left out. */
static str outline_of(struct arena *a, const char *path, str text)
{
	const struct codec_in in = {
		.text = text, .path = str_from(path), .route = STR("Read again")};
	struct codec_out out;

	if (!code_codec.encode(&in, a, &out))
		return STR_NULL;
	assert_true(code_holds(text, out.text, a));
	return out.text;
}

static size_t count(str text, const char *word)
{
	size_t n = 0, at;

	for (; (at = str_find(text, str_from(word))) != STR_NONE; n++)
		text = str_sub(text, at + 1, text.n);
	return n;
}

/* All that is hidden is hidden, and each line that has "shown" in it is there. */
static void expect_outline(const char *path, const char *text)
{
	struct arena a = ARENA_INIT;
	str source = source_of(&a, text), out = outline_of(&a, path, source);

	if (!out.n || count(out, "hidden_") ||
		count(out, "shown") - count(out, "not shown") != count(source, "shown"))
		fail_msg("%s\n" STR_FMT, text, STR_ARG(out));
	arena_release(&a);
}

static void macros_are_no_errors(void **state)
{
	static const char *const c[] = {
		"BEGIN_DECLS\n\nint shown(int a) NOTHROW PURE;\nint "
		"shown(void)\n{\n@}\nEND_DECLS\n",
		"EXPORT(int) shown(int a)\n{\n@}\n",
		"private struct list *\nshown(int a UNUSED, type)\n{\n@}\n",
		"static INLINE FAR unsigned shown(int a)\n{\n@}\n",
		"API type_t *CALL shown(int a) ATTR(1, (2))\n{\n@}\n",
		"DEFINE_TYPE(shown, int)\n\nstatic void shown(int a)\n{\n@}\n",
		"struct PACKED shown { int a ALIGNED(8); FLAG(2) } __packed;\nint shown(void) "
		"{\n@}\n",
		"int shown(void)\n{\n\tfor_each(x, list) {\n@\t}\n\tTRACE(1)\n\treturn "
		"hidden_x;\n}\n",
		"int shown(void)\n{\n\tBEGIN_THREADS\n\tif (x)\n\t\ty = 1;\n\tEND_THREADS\n@}\n",
		"int shown(void)\n{\n\tx = ALLOC(struct x *, <=);\n\tif ISX(y)\n\t\tz = CAST "
		"y;\n@}\n",
		"int shown(void)\n{\n\tCONST char *p;\n\tt UNUSED v;\n\tconst ELF(x) *q = r;\n@}\n",
		"int shown(void)\n{\n\tint x[] = { A(1) B(2) };\n@}\n",
		"#ifdef A\nint shown(int a)\n{\n#else\nint shown(long a)\n{\n#endif\n@}\n",
		"int shown(int a)\n{\n#if A\n\tif (a) {\n#else\n\tif (!a) {\n#endif\n@\t}\n}\n",
		"#if 0\nshown ) } \"\n#endif\nint shown(int a) THROW\n{\n@}\n",
		"#ifdef __cplusplus\nextern \"C\" {\n#endif\nint shown(int a) THROW {\n@}\n#ifdef "
		"__cplusplus\n}\n#endif\n",
		"int shown(int a)\n{\n@#  define shown(x) (x)\n@}\n",
		"int shown(a, b)\n\tint a;\n\tT *b;\n{\n@}\n",
		"BEGIN_DECLS\n\n/* shown\n * hidden_\n * hidden_ and as much as it takes to be\n * "
		"hidden_\n */\n"
		"typedef int shown;\n",
		"#define SHOWN(x) shown \\\r\n\tif (x) {\r\nint shown(int a) THROW {\n@}\n",
	};
	static const char *const cpp[] = {
		"namespace shown { namespace b {\nclass API shown : public B {\n public slots:\n  "
		"OBJECT\n  shown(int a) : b(a), c{a} {\n@  }\n"
		"  int shown(void) const GUARDED(x);\n  Mutex x GUARDED(shown);\n};\n}}\n",
		"API A::A(const char *shown) NOEXCEPT : b(1), c{2} {\n@}\n",
		"template <class T = int, int N = 3>\nINLINE typename A<T>::type shown(T t) "
		"{\n@}\n",
		"struct shown : B {\n\tshown ( ? int );\n\tbool operator==(const shown &o) CONST "
		"{\n@\t}\n\tTYPE(x)\n\tint f(shown) {\n@\t}\n};\n",
		"TEST(shown, works) {\n\tEXPECT(f<A, B<C>>(), x)\n\tauto f = [&](int x) "
		"{\n@\t};\n}\nint shown() THROW {\n@}\n",
		"int shown() try {\n@} catch (...) {\n@}\n",
		"[[nodiscard]] API bool shown() && {\n\tauto x = [y{g()}](int z) ATTR "
		"{\n\t};\n\tbool b GUARDED(c) = d<e>(f);\n@}\n",
		"const char *shown() THROW {\n\tx = R\"a({ \" )\")a\";\n@}\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(c); i++)
		expect_outline("a.c", c[i]);
	for (size_t i = 0; i < ARRAY_N(cpp); i++)
		expect_outline("a.cc", cpp[i]);
}

/* What is not understood is there, all of it; beside it nothing changes. */
static void what_is_not_understood_is_shown(void **state)
{
	struct arena a = ARENA_INIT;
	str out = outline_of(&a, "a.c",
		source_of(&a, "int f(int a)\n{\n@}\nint g(? a)\n{\n\tkept(1 ? ? 2;\n\t) $ ? ? = = "
			      ";\n\tkept(2);\n}\n"
			      "int h(int a) THROW\n{\n@}\n"));

	(void)state;
	assert_true(out.n);
	assert_int_equal(count(out, "hidden_"), 0);
	assert_int_equal(count(out, "kept("), 2);
	arena_release(&a);
}

static void brackets_come_in_pairs(void **state)
{
	static const struct {
		const char *text;
		bool is_balanced;
	} rows[] = {{"", true}, {"f(a[1], {2});", true}, {"f(\")\");", true}, {"f(')');", true},
		{"f('\\'', '\\\\');", true}, {"1'000 + f(2'000)", true}, {"/* ( */ // {\n", true},
		{"// \" (\nf()", true}, {"a / b * (c)", true}, {"(", false}, {")", false},
		{"(]", false}, {"{ \"", false}, {"/* ", true}, {"\"a\n(", false},
		{"namespace a {", false}, {"namespace a { class b { }; }", true}, {"}", false},
		{"#if A\nf() {\n#else\ng() {\n#endif\n}", true},
		{"#if A\nnamespace a {\n#else\nnamespace b {\n#endif\n}", true},
		{"#if A\n{\n#endif\n", false}, {"#define X {\\\n{\n", true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct arena a = ARENA_INIT;
		str text = str_from(rows[i].text);
		struct macro_tokens t = macro_lex(text, &a);
		struct code_regions r;

		if (code_regions_find(text, t, 0, t.n, false, &a, &r) != rows[i].is_balanced)
			fail_msg("%s", rows[i].text);
		arena_release(&a);
	}
}

static void a_file_whose_brackets_are_open_stays(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	assert_false(outline_of(&a, "a.c", source_of(&a, "int f(int a) THROW\n{\n@}\n(\n")).n);
	assert_false(
		outline_of(&a, "a.cc", source_of(&a, "namespace a {\nint f(int a) THROW\n{\n@}\n"))
			.n);
	arena_release(&a);
}

static void any_part_of_a_source_is_safe(void **state)
{
	static const char text[] = "#if A\nnamespace a { // x\n#else\nnamespace b "
				   "{\n#endif\nAPI(x) int f(T *x FOO) NO {\n"
				   "\tfor_each(x) { y(1 }\n\tA B c = D(e) { f };\n}\n/* x\n "
				   "*/\ntemplate <class T> class E F : G<T> {\n"
				   " public:\n  F(int x) : a{x}, b(2) { }\n  ~F() EE;\n  bool "
				   "operator()(int) const;\n};\n}\n";
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++) {
		check_regions((str){text, i}, &a);
		check_regions((str){text + i, sizeof text - 1 - i}, &a);
	}
	arena_release(&a);
}

static void headers_may_be_in_another_language(void **state)
{
	static const struct {
		const char *path, *text, *name;
	} rows[] = {{"a.h", "int x;\n", "c"}, {"a.h", "/* class a of\nclass b */\n", "c"},
		{"a.h", "class a;\n", "c++"}, {"a.H", "  namespace {\n", "c++"},
		{"a.h", "template<int N>\nint f();\n", "c++"}, {"a.h", "x = {\nprivate:\n", "c++"},
		{"a.c", "class a;\n", "c"}, {"a.h", "int class;\nclass = x;\n", "c"},
		{"a.py", "class a\n", "python"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct arena a = ARENA_INIT;
		const struct code_language *l = code_language_of(str_from(rows[i].path), STR_NULL);

		l = code_dialect(l, str_from(rows[i].path), str_from(rows[i].text), &a);
		assert_string_equal(l->name, rows[i].name);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macros_are_no_errors),
		cmocka_unit_test(what_is_not_understood_is_shown),
		cmocka_unit_test(brackets_come_in_pairs),
		cmocka_unit_test(a_file_whose_brackets_are_open_stays),
		cmocka_unit_test(any_part_of_a_source_is_safe),
		cmocka_unit_test(headers_may_be_in_another_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
