/* Outlines by parts: what is parsed again of a file that was changed, and that it is told as the whole file is. */
#include "tests/unit/code_samples.h"

#include "core/compress/code/language.h"
#include "core/compress/code/parts.h"

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
		assert_true(l->has_parts);
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
		/* a class that is no C++ is read by its members */
		{"a.cc",
			"namespace a {\n\nclass A\n{\npublic:\n\t1 + 2 @ 3;\n\tint first(int "
			"x)\n\t{\n"
			"\t\tx = x + 1;\n\t\treturn x;\n\t}\n};\n\n",
			"class Pad%u\n{\n\t1 + 2 @ 3;\n\tint pad(int x)\n\t{\n\t\tx = x + 1;\n"
			"\t\treturn x;\n\t}\n};\n\n",
			"}\n"},
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
		{"a.rb",
			"module A\n  class B < C # of it\n    # what it is\n\n    def one; 1; "
			"end\n\n",
			"    def pad%u(x)\n      x += 1 if x\n      each do |y|\n        x += y\n  "
			"    end\n"
			"      x\n    end\n\n",
			"  end\n\n  class D; end\n\n  def last(x)\n    x\n  end\nend\n"},
		{"a.rb", "class A\n",
			"  def pad%u?; false; end # as long as there is something to pad it "
			"with\n\n",
			"end\n"},
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

/* Ruby: what is told by how far lines are indented is held against the tree. */
static void an_end_within_a_text_closes_nothing(void **state)
{
	static const char member[] = "  def f%u(x)\n    x + 1\n  end\n\n",
			  end[] = "  X = <<EOF\nend\nEOF\n\n  def last(x)\n    1\n  end\nend\n";
	struct arena a = ARENA_INIT;
	const struct code_language *l = code_language_named(STR("ruby"));
	str text = file_of_members(&a, "class A\n\n", member, end, 300);
	struct code_outline whole, parts;

	(void)state;
	assert_true(code_parts_find(l, lines_split(&a, text), &a).n > 1);
	assert_true(outline_whole(text, l, &a, &whole));
	assert_true(outline_by_parts(text, l, NULL, &a, &parts));
	assert_same_outline(&whole, &parts, lines_split(&a, text).n);
	arena_release(&a);
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
		{"a.rb", "X = <<EOF\n", "\ndef f%u(x)\n  x + 1\nend\n",
			"EOF\n\ndef f(x)\n  1\nend\n", "def (\n"},
		{"a.rb", "=begin\n", "\ndef f%u(x)\n  x + 1\nend\n", "=end\n\ndef f(x)\n  1\nend\n",
			"def (\n"},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_changes_no_outline),
		cmocka_unit_test(what_stands_around_parts_is_parsed_with_them),
		cmocka_unit_test(conditions_are_not_cut),
		cmocka_unit_test(nests_may_be_deep),
		cmocka_unit_test(an_end_within_a_text_closes_nothing),
		cmocka_unit_test(a_file_whose_parts_do_not_parse_is_parsed_whole),
		cmocka_unit_test(a_cache_forgets_what_is_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
