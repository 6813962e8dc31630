/* The code graph: what it says of files, what it leaves out, and how it follows changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/graph/graph.h"
#include "core/graph/ignore.h"
#include "core/graph/related.h"
#include "core/graph/watch.h"

enum { TEXT_MAX = 1 << 16, PATH_BYTES = 256 };

struct fixture {
	char dir[64], db[PATH_BYTES];
	struct graph *g;
	struct buf answer;
};

static void write_file(const struct fixture *f, const char *name, const char *text)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof path, "%s/src/%s", f->dir, name);
	assert_int_equal(file_write_atomic(path, str_from(text), 0600, NULL), E_OK);
}

static void make_dir(const struct fixture *f, const char *name)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof path, "%s/src/%s", f->dir, name);
	assert_int_equal(file_mkdirs(path, 0700, NULL), E_OK);
}

static void open_it(struct fixture *f)
{
	char root[PATH_BYTES];

	(void)snprintf(root, sizeof root, "%s/src", f->dir);
	assert_int_equal(graph_open(root, f->db, &f->g, NULL), E_OK);
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){.dir = "/tmp/headroom-test-graph-XXXXXX"};
	if (!mkdtemp(f.dir))
		return -1;
	(void)snprintf(f.db, sizeof f.db, "%s/kept/graph.db", f.dir);
	make_dir(&f, "lib");
	buf_init(&f.answer, TEXT_MAX);
	open_it(&f);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char cmd[128];

	graph_close(f->g);
	buf_release(&f->answer);
	(void)snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
	return system(cmd);
}

static void add_row(void *self, str path, const struct graph_row *row)
{
	buf_printf(self, STR_FMT ":%u-%u " STR_FMT "|" STR_FMT "\n", STR_ARG(path), row->first,
		row->last, STR_ARG(row->name), STR_ARG(row->within));
}

static void answers(
	struct fixture *f, enum graph_question question, const char *what, const char *want)
{
	buf_reset(&f->answer);
	assert_int_equal(
		graph_ask(f->g, question, str_from(what), 100, add_row, &f->answer, NULL), E_OK);
	buf_add_byte(&f->answer, '\0');
	assert_string_equal(f->answer.p, want);
}

static void updates(struct fixture *f, uint32_t files, uint32_t read, uint32_t dropped)
{
	struct graph_counts c;

	assert_int_equal(graph_update(f->g, &c, NULL), E_OK);
	assert_int_equal(c.files, files);
	assert_int_equal(c.read, read);
	assert_int_equal(c.dropped, dropped);
}

static void it_tells_what_is_defined_called_and_imported(void **state)
{
	struct fixture *f = *state;

	write_file(f, "a.py",
		"import os\nfrom lib import b\n\nclass Box:\n    def area(self):\n        return "
		"b.times(2)\n\n"
		"def main():\n    box = Box()\n    print(box.area())\n");
	write_file(f, "lib/b.js",
		"import fs from 'fs';\nexport const times = (x) => {\n\treturn twice(x);\n};\n"
		"function twice(x) {\n\treturn x * 2;\n}\n");
	write_file(f, "c.c",
		"#include \"lib/b.h\"\n#define MORE(x) twice(x)\nstruct box {\n\tint w;\n};\n"
		"static int area(struct box *b)\n{\n\treturn MORE(b->w) + twice(2);\n}\n");
	write_file(f, "notes.txt", "def nothing():\n    pass\n");
	updates(f, 3, 3, 0);
	answers(f, GRAPH_DEFINED, "area", "a.py:5-6 area|Box\nc.c:6-9 area|\n");
	answers(f, GRAPH_DEFINED, "Box", "a.py:4-6 Box|\n");
	answers(f, GRAPH_DEFINED, "MORE", "c.c:2-2 MORE|\n");
	answers(f, GRAPH_CALLERS, "times", "a.py:6-6 times|area\n");
	answers(f, GRAPH_CALLERS, "twice",
		"c.c:2-2 twice|MORE\nc.c:8-8 twice|area\nlib/b.js:3-3 twice|times\n");
	answers(f, GRAPH_CALLS, "main",
		"a.py:9-9 Box|main\na.py:10-10 area|main\na.py:10-10 print|main\n");
	answers(f, GRAPH_IMPORTS, "a.py", "a.py:1-1 import os|\na.py:2-2 from lib import b|\n");
	answers(f, GRAPH_IMPORTS, "lib", "lib/b.js:1-1 import fs from 'fs';|\n");
	answers(f, GRAPH_IMPORTERS, "b.h", "c.c:1-1 #include \"lib/b.h\"|\n");
	answers(f, GRAPH_OUTLINE, "lib/b.js", "lib/b.js:2-4 times|\nlib/b.js:5-7 twice|\n");
	answers(f, GRAPH_DEFINED, "nothing", "");
	answers(f, GRAPH_DEFINED, "%", "");
}

/* What is called with types between brackets, and what a class is made by. */
static void types_are_no_part_of_a_name(void **state)
{
	struct fixture *f = *state;

	write_file(f, "a.cc",
		"int f()\n{\n\treturn n::go<int>(1)\n\t\t+ s.go<std::vector<int>>(2);\n}\n"
		"Q *g() { return new Q(1); }\nQ *h() { return new n::Q<int>{}; }\n");
	write_file(f, "b.rs", "fn f() { m::go::<Vec<i32>>(1); }\n");
	write_file(f, "c.cs", "class A { void F() { Go<int>(1); a.Go<int, string>(2); } }\n");
	write_file(f, "d.java", "class A { void f() { new Q<String>(1); } }\n");
	updates(f, 4, 4, 0);
	answers(f, GRAPH_CALLERS, "go", "a.cc:3-3 go|f\na.cc:4-4 go|f\nb.rs:1-1 go|f\n");
	answers(f, GRAPH_CALLERS, "Go", "c.cs:1-1 Go|F\nc.cs:1-1 Go|F\n");
	answers(f, GRAPH_CALLERS, "Q", "a.cc:6-6 Q|g\na.cc:7-7 Q|h\nd.java:1-1 Q|f\n");
	answers(f, GRAPH_CALLERS, "", "");
}

/* The text of a macro is no syntax: names before parentheses, not in texts, under their own lines. */
static void macros_call(void **state)
{
	struct fixture *f = *state;

	write_file(f, "m.h",
		"#define TRY(x) \\\n\tdo { \\\n\t\tif (seen(\"said(1) \\\" told(2)\", x)) \\\n"
		"\t\t\treturn first(second(x), '('); \\\n\t} while (0)\n#define NONE\n#define N "
		"(3)\n#define A(x) /* don't */ \\\n\tthird(x)\n");
	updates(f, 1, 1, 0);
	answers(f, GRAPH_CALLS, "TRY", "m.h:3-3 seen|TRY\nm.h:4-4 first|TRY\nm.h:4-4 second|TRY\n");
	answers(f, GRAPH_CALLERS, "said", "");
	/* who calls the macro calls what it calls; functions of that name are not followed */
	write_file(f, "n.c",
		"#define AGAIN(x) TRY(x)\nvoid "
		"one(void)\n{\n\tAGAIN(1);\n\tTRY(2);\n\tfirst(3);\n}\n"
		"void two(void)\n{\n\tone();\n}\n");
	updates(f, 2, 1, 0);
	answers(f, GRAPH_CALLERS, "first", "m.h:4-4 first|TRY\nn.c:6-6 first|one\n");
	answers(f, GRAPH_REACHED, "first",
		"m.h:4-4 first|TRY\nn.c:6-6 first|one\nn.c:1-1 TRY|AGAIN\nn.c:4-4 AGAIN|one\n"
		"n.c:5-5 TRY|one\n");
	answers(f, GRAPH_REACHED, "one", "n.c:10-10 one|two\n");
	answers(f, GRAPH_CALLS, "N", "");
	answers(f, GRAPH_CALLS, "A", "m.h:9-9 third|A\n");
}

/* Wherever it stands as a name: a callback, a type, a constant; not in texts and comments, nor in other names. */
static void it_tells_where_a_name_is_used(void **state)
{
	struct fixture *f = *state;

	write_file(f, "a.c",
		"#define TABLE(x) {run, x(\"run\")}\n/* run */\nstruct run { int n; };\n"
		"static struct run all[] = {TABLE(1), {.f = run}};\nint f(int n)\n{\n"
		"\trunning = n;\n\treturn g(run) + h->run + \"run\"[0]; // run\n}\n"
		"int run(void)\n{\n\treturn 1;\n}\n");
	write_file(f, "b.py",
		"from a import run\ndef g(x):\n    return [run, 'run', f\"{run} run\"]\n");
	write_file(f, "c.js",
		"// run\nexport const x = { run: () => `run ${run}` };\nlet y = 'run';\n");
	write_file(f, "d.js", "running(1);\n");
	updates(f, 4, 4, 0);
	answers(f, GRAPH_USES, "run",
		"a.c:1-1 run|TABLE\na.c:3-3 run|run\na.c:4-4 run|\na.c:4-4 run|\na.c:8-8 run|f\n"
		"a.c:8-8 run|f\na.c:10-10 run|run\nb.py:1-1 run|\nb.py:3-3 run|g\nb.py:3-3 run|g\n"
		"c.js:2-2 run|\nc.js:2-2 run|run\n");
	answers(f, GRAPH_USES, "TABLE", "a.c:1-1 TABLE|TABLE\na.c:4-4 TABLE|\n");
	answers(f, GRAPH_USES, "nobody", "");
}

/* Names that are related to words, of that file. */
static void relates(struct fixture *f, const char *path, const char *words, const char *want)
{
	struct graph_related *r;
	struct code_related related;
	char root[PATH_BYTES];

	(void)snprintf(root, sizeof root, "%s/src", f->dir);
	assert_int_equal(graph_related_open(root, f->db, &r, NULL), E_OK);
	related = graph_related_of(r);
	buf_reset(&f->answer);
	related.find(related.self, str_from(path), str_from(words), &f->answer);
	buf_add_byte(&f->answer, '\0');
	assert_string_equal(f->answer.p, want);
	graph_related_close(r);
}

static void it_tells_what_is_related(void **state)
{
	struct fixture *f = *state;
	char path[PATH_BYTES];
	struct buf many;

	write_file(f, "a.py", "def main_loop():\n    step_one()\n    step_two()\n");
	write_file(f, "lib/b.py",
		"def step_one():\n    return other()\n\ndef other():\n    return 1\n\n"
		"def restart():\n    return main_loop()\n\nmain_loop()\n");
	updates(f, 2, 2, 0);
	/* what calls it, then what it calls; not what another file has */
	relates(f, "lib/b.py", "main_loop", " restart step_one");
	relates(f, "./lib/b.py", " nothing  main_loop main_loop", " restart step_one");
	relates(f, "a.py", "step_one", " main_loop");
	relates(f, "b.py", "main_loop", "");
	relates(f, "lib/b.py", "", "");
	(void)snprintf(path, sizeof path, "%s/src/lib/b.py", f->dir);
	relates(f, path, "main_loop", " restart step_one");
	relates(f, "/else/lib/b.py", "main_loop", "");
	/* what is called from everywhere says nothing, and there is an end to what stays whole */
	buf_init(&many, TEXT_MAX);
	for (unsigned i = 0; i < 60; i++)
		buf_printf(&many, "def user%u():\n    step_one()\n    few%u()\n\n", i, i / 20);
	buf_add_byte(&many, '\0');
	write_file(f, "lib/c.py", many.p);
	buf_release(&many);
	updates(f, 3, 1, 0);
	relates(f, "lib/c.py", "step_one", "");
	relates(f, "lib/c.py", "few1",
		" user20 user21 user22 user23 user24 user25 user26 user27 user28 user29 user30 "
		"user31");
}

static void it_follows_changes(void **state)
{
	struct fixture *f = *state;
	char path[PATH_BYTES];

	write_file(f, "a.py", "def one():\n    two()\n");
	write_file(f, "b.py", "def two():\n    pass\n");
	updates(f, 2, 2, 0);
	updates(f, 2, 0, 0);
	write_file(f, "a.py", "def one():\n    three()\n    four()\n");
	updates(f, 2, 1, 0);
	answers(f, GRAPH_CALLERS, "two", "");
	answers(f, GRAPH_CALLERS, "four", "a.py:3-3 four|one\n");
	(void)snprintf(path, sizeof path, "%s/src/b.py", f->dir);
	assert_int_equal(unlink(path), 0);
	updates(f, 1, 0, 1);
	answers(f, GRAPH_DEFINED, "two", "");
	/* what was read is kept */
	graph_close(f->g);
	open_it(f);
	updates(f, 1, 0, 0);
	answers(f, GRAPH_CALLERS, "four", "a.py:3-3 four|one\n");
}

/* Who stops does not wait for all of a large directory; nothing is dropped for it. */
static void an_update_can_be_interrupted(void **state)
{
	struct fixture *f = *state;
	struct graph_counts c;

	write_file(f, "a.py", "def one():\n    two()\n");
	updates(f, 1, 1, 0);
	graph_interrupt(f->g, true);
	assert_int_equal(graph_update(f->g, &c, NULL), E_BUSY);
	answers(f, GRAPH_CALLERS, "two", "a.py:2-2 two|one\n");
	graph_interrupt(f->g, false);
	updates(f, 1, 0, 0);
}

static void it_leaves_out_what_git_ignores(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "build/deep");
	make_dir(f, "node_modules/x");
	make_dir(f, ".cache");
	write_file(f, ".gitignore", "# made\nbuild/\n*.gen.py\n!keep.gen.py\n/lib/only.py\n");
	write_file(f, "lib/.gitignore", "own.py\n");
	write_file(f, "build/deep/a.py", "def a(): pass\n");
	write_file(f, "node_modules/x/a.js", "function a() {}\n");
	write_file(f, ".cache/a.py", "def a(): pass\n");
	write_file(f, "b.gen.py", "def b(): pass\n");
	write_file(f, "keep.gen.py", "def c(): pass\n");
	write_file(f, "own.py", "def d(): pass\n");
	write_file(f, "lib/own.py", "def e(): pass\n");
	write_file(f, "lib/only.py", "def f(): pass\n");
	updates(f, 2, 2, 0);
	answers(f, GRAPH_DEFINED, "c", "keep.gen.py:1-1 c|\n");
	answers(f, GRAPH_DEFINED, "d", "own.py:1-1 d|\n");
}

static void patterns_are_those_of_git(void **state)
{
	static const struct {
		const char *patterns, *path;
		bool is_dir, is_ignored;
	} rows[] = {{"a", "a", false, true}, {"a", "x/a", false, true}, {"/a", "x/a", false, false},
		{"/a", "a", false, true}, {"a/", "a", false, false}, {"a/", "a", true, true},
		{"*.o", "x/b.o", false, true}, {"x/*.o", "x/b.o", false, true},
		{"x/*.o", "y/b.o", false, false}, {"**/b", "x/y/b", false, true},
		{"x/**", "x", true, true}, {"*\n!a", "a", false, false},
		{"!a\n*", "a", false, true}, {"#a", "#a", false, false}, {"", "a", false, false},
		{"a   ", "a", false, true}, {"a\r", "a", false, true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct arena a = ARENA_INIT;
		const struct ignore *x =
			ignore_read(str_from(rows[i].patterns), STR_NULL, NULL, &a);

		if (ignore_has(x, str_from(rows[i].path), rows[i].is_dir) != rows[i].is_ignored)
			fail_msg("'%s' and %s", rows[i].patterns, rows[i].path);
		arena_release(&a);
	}
}

/* Sources of this repository, against what a search of their text says. */
static void it_knows_this_repository(void **state)
{
	struct fixture *f = *state;
	struct graph_counts c;

	graph_close(f->g);
	assert_int_equal(graph_open("core/graph", f->db, &f->g, NULL), E_OK);
	assert_int_equal(graph_update(f->g, &c, NULL), E_OK);
	assert_true(c.read >= 4);
	buf_reset(&f->answer);
	assert_int_equal(
		graph_ask(f->g, GRAPH_CALLERS, STR("graph_db_put"), 10, add_row, &f->answer, NULL),
		E_OK);
	assert_true(str_ends(buf_str(&f->answer), STR("graph_db_put|put_file\n")));
	assert_true(str_find_byte(buf_str(&f->answer), '\n') == f->answer.n - 1);
}

static void what_is_damaged_or_of_another_version_is_an_error_or_made_anew(void **state)
{
	struct fixture *f = *state;
	struct graph *g;

	write_file(f, "a.py", "def one(): pass\n");
	updates(f, 1, 1, 0);
	graph_close(f->g);
	f->g = NULL;
	assert_int_equal(file_write_atomic(
				 f->db, STR("this is no database, however long it is"), 0600, NULL),
		E_OK);
	assert_int_not_equal(graph_open("/nowhere", f->db, &g, NULL), E_OK);
	assert_null(g);
	assert_int_equal(unlink(f->db), 0);
	open_it(f);
	updates(f, 1, 1, 0);
}

/* Until the graph says so; a test that waits for ever is ended from outside. */
static void wait_until(
	struct fixture *f, enum graph_question question, const char *what, const char *want)
{
	for (;;) {
		buf_reset(&f->answer);
		assert_int_equal(
			graph_ask(f->g, question, str_from(what), 100, add_row, &f->answer, NULL),
			E_OK);
		if (str_eq_c(buf_str(&f->answer), want))
			return;
		(void)poll(NULL, 0, 1);
	}
}

static void a_watch_keeps_it_fresh(void **state)
{
	struct fixture *f = *state;
	struct graph_watch *w;
	char path[PATH_BYTES];

	write_file(f, "a.py", "def one(): pass\n");
	assert_int_equal(graph_watch_start(f->g, &w, NULL), E_OK);
	wait_until(f, GRAPH_DEFINED, "one", "a.py:1-1 one|\n");
	write_file(f, "a.py", "def two():\n    pass\n");
	wait_until(f, GRAPH_DEFINED, "two", "a.py:1-2 two|\n");
	answers(f, GRAPH_DEFINED, "one", "");
	make_dir(f, "new/deep");
	write_file(f, "new/deep/b.py", "def three(): pass\n");
	wait_until(f, GRAPH_DEFINED, "three", "new/deep/b.py:1-1 three|\n");
	write_file(f, "new/deep/b.py", "def four():\n    three()\n");
	wait_until(f, GRAPH_CALLERS, "three", "new/deep/b.py:2-2 three|four\n");
	(void)snprintf(path, sizeof path, "%s/src/a.py", f->dir);
	assert_int_equal(unlink(path), 0);
	wait_until(f, GRAPH_DEFINED, "two", "");
	graph_watch_stop(w);
	graph_watch_stop(NULL);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(it_tells_what_is_defined_called_and_imported),
		T(types_are_no_part_of_a_name),
		T(macros_call),
		T(it_tells_where_a_name_is_used),
		T(it_tells_what_is_related),
		T(it_follows_changes),
		T(an_update_can_be_interrupted),
		T(it_leaves_out_what_git_ignores),
		T(a_watch_keeps_it_fresh),
		cmocka_unit_test(patterns_are_those_of_git),
		T(it_knows_this_repository),
		T(what_is_damaged_or_of_another_version_is_an_error_or_made_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
