/* Outlines of source files: what is shown in each language, what stays whole, and what is left alone. */
#include "tests/unit/compress_help.h"

#include "core/compress/code/brackets.h"
#include "core/compress/code/code.h"

enum { TEXT_LIMIT = 1 << 20, PADDING = 24 };

static const str route = {"Read again", 10};

/* One file: its beginning, and a function that is repeated with other numbers until there are lines enough. */
struct sample {
	const char *path, *text;
	const char *padding; /* with one %u */
	const char *shown[12], *hidden[8];
};

static const struct sample samples[] = {
	{"a.py",
		"\"\"\"Module.\n\nMore of it.\nAnd more of it, as much as it takes.\nAnd more of "
		"it, as much as it takes.\nEnd of it.\n\"\"\"\nimport os\n\n"
		"LIMIT = 3\n\n\n@cached\ndef load(path,\n         strict=False):\n"
		"    \"\"\"Reads it.\n\n    Slowly.\n    \"\"\"\n    value = compute(path, strict, "
		"LIMIT)\n"
		"    other = compute(value, strict, LIMIT, 1, 2, 3)\n\n    def inner(x):\n"
		"        first_of_inner = compute(x, value, other, strict)\n"
		"        second_of_inner = compute(x, value, other, strict)\n"
		"        return first_of_inner + second_of_inner\n    return inner(value)\n\n\n"
		"class Thing(Base):\n    \"\"\"A thing.\"\"\"\n    field = 1\n\n"
		"    async def run(self):\n        await self.first_step(1, 2, 3, 4, 5)\n"
		"        await self.second_step(1, 2, 3, 4, 5)\n        await self.third_step(1, "
		"2, 3)\n"
		"        return None\n\n",
		"def pad%u(x):\n    x = x + 1 + 1 + 1 + 1 + 1 + 1 + 1\n    x = x + 2 + 2 + 2 + 2 + "
		"2 + 2\n"
		"    x = x + 3 + 3 + 3 + 3 + 3 + 3\n    return x\n\n",
		{"\"\"\"Module.", "import os", "LIMIT = 3", "@cached", "def load(path,",
			"         strict=False):", "    \"\"\"Reads it.",
			"    def inner(x):", "class Thing(Base):", "    field = 1",
			"    async def run(self):", "def pad7(x):"},
		{"value = compute", "as it takes", "first_of_inner =", "second_step", "x + 2"}},
	{"a.js",
		"'use strict';\nimport x from 'x';\n/**\n * Adds.\n * @param a one\n * @param b "
		"two\n"
		" * @param c three\n * @returns all\n */\nexport function add(a, b) {\n"
		"\tconst first = compute(a, b, 1, 2, 3);\n\tconst second = compute(a, b, 1, 2, "
		"3);\n"
		"\treturn first + second + 1 + 2 + 3;\n}\nexport const arrow = async (a) => {\n"
		"\tconst third = compute(a, 1, 2, 3, 4, 5);\n\tconst fourth = compute(a, 1, 2, 3, "
		"4);\n"
		"\treturn third + fourth + 1 + 2 + 3;\n};\nclass Box extends Base {\n\twidth = 1;\n"
		"\tget area() {\n\t\tconst fifth = compute(this, 1, 2, 3, 4);\n"
		"\t\tconst sixth = compute(this, 1, 2, 3, 4);\n\t\treturn fifth * sixth * 1 * 2 * "
		"3;\n\t}\n}\n"
		"test('adds two numbers', () => {\n\tconst seventh = add(1, 2, 3, 4, 5, 6);\n"
		"\tconst eighth = add(1, 2, 3, 4, 5, 6);\n\tassert.equal(seventh, eighth, "
		"3);\n});\n",
		"function pad%u(x) {\n\tx = x + 1 + 1 + 1 + 1 + 1 + 1 + 1;\n\tx = x + 2 + 2 + 2 + "
		"2 + 2 + 2;\n"
		"\tx = x + 3 + 3 + 3 + 3 + 3 + 3;\n\treturn x;\n}\n",
		{"import x from 'x';", " * Adds.", "export function add(a, b) {",
			"export const arrow = async (a) => {", "class Box extends Base {",
			"\twidth = 1;", "\tget area() {", "test('adds two numbers', () => {",
			"function pad3(x) {"},
		{"@param b", "const first", "const third", "const sixth", "const seventh"}},
	{"a.tsx",
		"interface Props {\n  name: string;\n}\nexport default function Greeting(props: "
		"Props) {\n"
		"  const [first, setFirst] = useState<string>(props.name);\n  const onClick = () "
		"=> {\n"
		"    setFirst('a longer text than before 1');\n    setFirst('a longer text than "
		"before 2');\n"
		"    setFirst('a longer text than before 3');\n  };\n  return (\n    <div "
		"className=\"x\">\n"
		"      {first}\n    </div>\n  );\n}\n",
		"export function pad%u(x: number): number {\n  x = x + 1 + 1 + 1 + 1 + 1 + 1 + 1;\n"
		"  x = x + 2 + 2 + 2 + 2 + 2 + 2;\n  x = x + 3 + 3 + 3 + 3 + 3;\n  return x;\n}\n",
		{"interface Props {", "  name: string;",
			"export default function Greeting(props: Props) {",
			"  const onClick = () => {", "export function pad3(x: number): number {"},
		{"than before 2", "className"}},
	{"a.ts",
		"export type Id = string;\nabstract class Repo<T> implements Base {\n"
		"  private readonly items = new Map<Id, T>();\n  @log\n  public find(id: Id): T {\n"
		"    const first = <T>this.items.get(id + 'one');\n    const second = "
		"<T>this.items.get(id);\n"
		"    return first ?? second ?? this.items.get('x');\n  }\n  abstract open(): "
		"void;\n}\n",
		"export function pad%u(x: number): number {\n  x = x + 1 + 1 + 1 + 1 + 1 + 1 + 1;\n"
		"  x = x + 2 + 2 + 2 + 2 + 2 + 2;\n  x = x + 3 + 3 + 3 + 3 + 3;\n  return x;\n}\n",
		{"export type Id = string;", "abstract class Repo<T> implements Base {",
			"  private readonly items = new Map<Id, T>();", "  @log",
			"  public find(id: Id): T {", "  abstract open(): void;"},
		{"const first", "x + 2"}},
	{"a.go",
		"package main\n\nimport \"fmt\"\n\n// Box has a width.\ntype Box struct {\n\tWidth "
		"int\n}\n\n"
		"// Area says how large it is.\nfunc (b *Box) Area() int {\n\tfirst := compute(b, "
		"1, 2, 3, 4, 5)\n"
		"\tsecond := compute(b, 1, 2, 3, 4, 5)\n\treturn first * second * 1 * 2\n}\n\n",
		"func pad%u(x int) int {\n\tx = x + 1 + 1 + 1 + 1 + 1 + 1\n\tx = x + 2 + 2 + 2 + 2 "
		"+ 2 + 2\n"
		"\tx = x + 3 + 3 + 3 + 3 + 3\n\treturn x\n}\n",
		{"package main", "// Box has a width.", "type Box struct {", "\tWidth int",
			"// Area says how large it is.", "func (b *Box) Area() int {",
			"func pad3(x int) int {"},
		{"first :=", "x + 2"}},
	{"a.rs",
		"use std::fmt;\n\n/// A box.\n#[derive(Debug)]\npub struct Box2 {\n    pub width: "
		"u32,\n}\n\n"
		"impl Box2 {\n    /// Its area.\n    pub fn area(&self) -> u32 {\n"
		"        let first = compute(self, 1, 2, 3, 4);\n        let second = "
		"compute(self, 1, 2, 3);\n"
		"        first * second * 1 * 2 * 3\n    }\n}\n\n",
		"fn pad%u(mut x: u32) -> u32 {\n    x = x + 1 + 1 + 1 + 1 + 1;\n    x = x + 2 + 2 "
		"+ 2 + 2 + 2;\n"
		"    x = x + 3 + 3 + 3 + 3 + 3;\n    x\n}\n",
		{"use std::fmt;", "/// A box.", "#[derive(Debug)]", "pub struct Box2 {",
			"    pub width: u32,", "impl Box2 {", "    pub fn area(&self) -> u32 {",
			"fn pad3(mut x: u32) -> u32 {"},
		{"let first", "x + 2"}},
	{"A.java",
		"package a;\nimport java.util.List;\n/** A box. */\npublic class A extends Base {\n"
		"    private int width;\n    @Override\n    public int area(int times) throws "
		"IOException {\n"
		"        int first = compute(this, 1, 2, 3, 4);\n        int second = "
		"compute(this, 1, 2, 3);\n"
		"        return first * second * 1 * 2;\n    }\n",
		"    int pad%u(int x)\n    {\n        x = x + 1 + 1 + 1 + 1 + 1;\n        x = x + "
		"2 + 2 + 2 + 2 + 2;\n"
		"        x = x + 3 + 3 + 3 + 3 + 3;\n        return x;\n    }\n",
		{"import java.util.List;", "/** A box. */", "public class A extends Base {",
			"    private int width;", "    @Override",
			"    public int area(int times) throws IOException {",
			"    int pad3(int x)"},
		{"int first", "x + 2"}},
	{"a.h",
		"#ifndef A_H\n#define A_H\n#include <stdio.h>\n\nLIST_OF(struct thing) "
		"all;\nSOME_MACRO(x)\n\n"
		"struct thing {\n\tint width;\n};\n\nstatic inline int area(const struct thing "
		"*t,\n\tint times)\n{\n"
		"\tint first = compute(t, 1, 2, 3, 4, 5);\n\tint second = compute(t, 1, 2, 3, 4, "
		"5);\n"
		"\treturn first * second * times;\n}\n#endif\n",
		"int pad%u(int x)\n{\n\tx = x + 1 + 1 + 1 + 1 + 1 + 1;\n\tx = x + 2 + 2 + 2 + 2 + "
		"2 + 2;\n"
		"\tx = x + 3 + 3 + 3 + 3 + 3;\n\treturn x;\n}\n",
		{"#include <stdio.h>", "SOME_MACRO(x)", "struct thing {", "\tint width;",
			"static inline int area(const struct thing *t,", "\tint times)",
			"int pad3(int x)"},
		{"int first", "x + 2"}},
	{"a.cpp",
		"#include <vector>\nnamespace a {\ntemplate <typename T>\nclass Box : public Base "
		"{\npublic:\n"
		"\tT width;\n\tint area() const override {\n\t\tauto first = compute(this, 1, 2, "
		"3, 4);\n"
		"\t\tauto second = compute(this, 1, 2, 3, 4);\n\t\treturn first * second * 1 * "
		"2;\n\t}\n};\n"
		"int Other::area(int times) const\n{\n\tauto third = compute(this, 1, 2, 3, 4);\n"
		"\tauto fourth = compute(this, 1, 2, 3, 4);\n\treturn third * fourth * 1 * "
		"2;\n}\n}\n",
		"int pad%u(int x)\n{\n\tx = x + 1 + 1 + 1 + 1 + 1 + 1;\n\tx = x + 2 + 2 + 2 + 2 + "
		"2 + 2;\n"
		"\tx = x + 3 + 3 + 3 + 3 + 3;\n\treturn x;\n}\n",
		{"namespace a {", "template <typename T>", "class Box : public Base {",
			"\tT width;", "\tint area() const override {",
			"int Other::area(int times) const", "int pad3(int x)"},
		{"auto first", "auto fourth", "x + 2"}},
	{"a.cs",
		"using System;\nnamespace A\n{\n    [Serializable]\n    public class Box : Base\n  "
		"  {\n"
		"        private int width;\n        public int Width\n        {\n            get "
		"{ return width; }\n"
		"        }\n        public async Task<int> Area(int times)\n        {\n"
		"            var first = Compute(this, 1, 2, 3);\n            var second = "
		"Compute(this, 1, 2);\n"
		"            return first * second * 1 * 2;\n        }\n    }\n}\nclass Pads\n{\n",
		"    int Pad%u(int x)\n    {\n        x = x + 1 + 1 + 1 + 1 + 1;\n        x = x + "
		"2 + 2 + 2 + 2 + 2;\n"
		"        x = x + 3 + 3 + 3 + 3 + 3;\n        return x;\n    }\n",
		{"using System;", "    [Serializable]", "    public class Box : Base",
			"        private int width;", "        public int Width",
			"        public async Task<int> Area(int times)", "    int Pad3(int x)"},
		{"var first", "x + 2"}},
	{"a.rb",
		"require 'set'\nmodule A\n  # A box.\n  class Box < Base\n    attr_reader :width\n"
		"    def self.open(path)\n      first = compute(path, 1, 2, 3, 4, 5)\n"
		"      second = compute(path, 1, 2, 3, 4, 5)\n      new(first, second, 1, 2, 3)\n  "
		"  end\n  end\nend\n"
		"describe 'a box' do\n  it 'has an area' do\n    third = compute(1, 2, 3, 4, 5, "
		"6)\n"
		"    fourth = compute(1, 2, 3, 4, 5, 6)\n    expect(third).to eq(fourth)\n  "
		"end\nend\n",
		"def pad%u(x)\n  x = x + 1 + 1 + 1 + 1 + 1 + 1 + 1\n  x = x + 2 + 2 + 2 + 2 + 2 + "
		"2 + 2\n"
		"  x = x + 3 + 3 + 3 + 3 + 3\n  x\nend\n",
		{"require 'set'", "  # A box.", "  class Box < Base", "    attr_reader :width",
			"    def self.open(path)", "describe 'a box' do", "  it 'has an area' do",
			"def pad3(x)", "end"},
		{"first =", "x + 2", "third ="}},
	{"a.php",
		"<?php\nnamespace A;\nuse B\\C;\n/** A box. */\nfinal class Box extends Base\n{\n"
		"    private int $width = 1;\n    public function area(int $times): int\n    {\n"
		"        $first = compute($this, 1, 2, 3, 4);\n        $second = compute($this, 1, "
		"2, 3);\n"
		"        return $first * $second * 1 * 2;\n    }\n}\n",
		"function pad%u($x)\n{\n    $x = $x + 1 + 1 + 1 + 1 + 1 + 1;\n    $x = $x + 2 + 2 "
		"+ 2 + 2 + 2;\n"
		"    $x = $x + 3 + 3 + 3 + 3 + 3;\n    return $x;\n}\n",
		{"namespace A;", "use B\\C;", "final class Box extends Base",
			"    private int $width = 1;", "    public function area(int $times): int",
			"function pad3($x)"},
		{"$first =", "$x + 2"}},
	{"a.sh",
		"#!/bin/bash\nset -eu\nreadonly LIMIT=3\nload() {\n\tlocal first second\n"
		"\tfirst=$(compute \"$1\" one two three four)\n\tsecond=$(compute \"$1\" one two "
		"three four)\n"
		"\tprintf '%s %s\\n' \"$first\" \"$second\"\n}\n",
		"function pad%u {\n\techo one two three four five six seven\n\techo two two three "
		"four five six\n"
		"\techo three four five six seven eight\n}\n",
		{"set -eu", "readonly LIMIT=3", "load() {", "function pad3 {"},
		{"first=", "echo two"}},
};

static str file_of(struct arena *a, const struct sample *s)
{
	struct buf b;

	buf_init_arena(&b, a, TEXT_LIMIT);
	buf_add_c(&b, s->text);
	for (unsigned i = 0; i < PADDING; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_printf(&b, s->padding, i);
#pragma GCC diagnostic pop
	}
	/* what is open in some samples, so that paddings are members */
	if (strstr(s->text, "public class A ") || strstr(s->text, "class Pads"))
		buf_add_c(&b, "}\n");
	return buf_str(&b);
}

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
		str text = file_of(&a, s), out;

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

static void brackets_come_in_pairs(void **state)
{
	static const struct {
		const char *text;
		bool is_balanced;
	} rows[] = {{"", true}, {"f(a[1], {2});", true}, {"f(\")\");", true}, {"f(')');", true},
		{"f('\\'', '\\\\');", true}, {"1'000 + f(2'000)", true}, {"/* ( */ // {\n", true},
		{"// \" (\nf()", true}, {"a / b * (c)", true}, {"(", false}, {")", false},
		{"(]", false}, {"{ \"", false}, {"/* ", true}, {"\"a\n(", false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct arena a = ARENA_INIT;

		if (code_is_balanced(str_from(rows[i].text), &a) != rows[i].is_balanced)
			fail_msg("%s", rows[i].text);
		arena_release(&a);
	}
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
		cmocka_unit_test(what_is_no_source_file_stays),
		cmocka_unit_test(the_contract_sees_every_lie),
		cmocka_unit_test(brackets_come_in_pairs),
		cmocka_unit_test(any_part_of_a_file_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
