/* Sources of each language that is outlined, with what an outline shows of them and what not. */
#ifndef TESTS_UNIT_CODE_SAMPLES_H
#define TESTS_UNIT_CODE_SAMPLES_H

#include "tests/unit/compress_help.h"

enum { TEXT_LIMIT = 1 << 20, PADDING = 24 };

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

/* Its beginning, and n times what is repeated. */
static inline str file_of_n(struct arena *a, const struct sample *s, unsigned n)
{
	struct buf b;

	buf_init_arena(&b, a, TEXT_LIMIT);
	buf_add_c(&b, s->text);
	for (unsigned i = 0; i < n; i++) {
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

static inline str file_of(struct arena *a, const struct sample *s)
{
	return file_of_n(a, s, PADDING);
}

#endif
