#include "core/compress/list/list.h"

#include "core/base/limits.h"
#include "tests/unit/codec_help.h"
#include "tests/unit/random_list.h"

#define ROUTE "headroom retrieve 3fa97c01"

enum { TEXTS = 3000 };

/* ---- what it looks like ---- */

static const struct codec_golden goldens[] = {
	{"git ls-files: directories that several share",
		"README.md\nsrc/app/main.c\nsrc/app/table.c\nsrc/app/table.h\nsrc/core/map.c\n"
		"src/core/map.h\nsrc/core/deep/er/list.c\nsrc/core/deep/er/list.h\nzip.c\n",
		"[list: 9 entries; dir/ names]\nREADME.md\nsrc/\n app/ main.c table.c table.h\n"
		" core/ map.c map.h\n  deep/er/ list.c list.h\nzip.c\n"},
	{"find: directories are entries, too; one below the other",
		"found:\n./src\n./src/main.c\n./src/core\n./src/core/deep\n./src/core/deep/list.c\n"
		"./src/core/deep/list.h\n./src/empty\n./my "
		"notes.txt\n./top/one/two/three.txt\n\nthe "
		"end\n",
		"found:\n[list: 9 entries below ./; dir/ names, directories with / are entries]\n"
		"src/ main.c\n core/deep/ list.c list.h\n empty\n\"my notes.txt\"\n"
		"top/one/two: three.txt\n\n\nthe end\n"},
	{"a Glob: what they all begin with and end in",
		"/home/me/w/a/one.ts\n/home/me/w/a/two.ts\n/home/me/w/a/three.ts\n"
		"/home/me/w/a/four.ts\n/home/me/w/a/five.ts\n/home/me/w/a/six.ts\n"
		"/home/me/w/a/seven.ts\n/home/me/w/b/one.ts\n/home/me/w/b/two.test.ts\n"
		"/home/me/w/b/three.ts\n/home/me/w/b/four.ts\n/home/me/w/b/Makefile\n"
		"/home/me/w/b/six.ts\n/home/me/w/b/seven.ts\n/home/me/w/b/.env\n/home/me/w/b/x.ts\n"
		"/home/me/w/b/y.ts",
		"[list: 17 entries below /home/me/w/, no line end; dir/ names, names without a dot "
		"end in .ts]\na/ one two three four five six seven\n"
		"b/ one two.test.ts three four Makefile. six seven .env x y\n"},
	{"du",
		"4\tpkg/types/types.go\n8\tpkg/types\n4\tpkg/doc/v1_test.go\n4.0K\tpkg/doc/v1.go\n"
		"12\tpkg/doc\n24\tpkg\n120\tsomething/else/that/is/long\n",
		"[list: 7 entries, tabbed; dir/ names]\npkg/\n types/ 4 types.go\n 8 types\n"
		" doc/ 4 v1_test.go 4.0K v1.go\n 12 doc\n24 pkg\nsomething/else/that/is/ 120 "
		"long\n"},
	{"wc",
		"    131 ./lib/reporting/analyses.py\n   1728 ./lib/reporting/init.py\n"
		"    189 ./lib/reporting/render.py\n   1354 ./lib/dataset.py\n 119234 total\n",
		"[list: 5 entries, numbered 7; dir/ names]\n"
		"./lib/reporting/ 131 analyses.py 1728 init.py 189 render.py\n"
		"./lib/ 1354 dataset.py\n119234 total\n"},
	{"wc of whole paths: the sum is none",
		"  131 /home/me/w/lib/analyses.py\n 1728 /home/me/w/lib/init.py\n"
		"  189 /home/me/w/lib/render.py\n 1354 /home/me/w/dataset.py\n"
		"   12 /home/me/w/setup.py\n 3414 total\n",
		"[list: 5 entries below /home/me/w/, numbered 5; dir/ names]\n"
		"lib/ 131 analyses.py 1728 init.py 189 render.py\n"
		"1354 dataset.py 12 setup.py\n\n 3414 total\n"},
	{"ls to a terminal: down, with tabs",
		"a.c\t\tdetect.c  lines.c\ncodec.c\t\techo.c\t  list\n"
		"codec_names.c\tencode.c  marker.c\ndecode.c\tkeys.c\t  tool.c\n",
		"[list: 12 entries, ls -C 16 26; dir/ names]\n"
		"a.c codec.c codec_names.c decode.c detect.c echo.c encode.c keys.c lines.c list "
		"marker.c tool.c\n"},
	{"ls to a terminal: across, with blanks",
		"Makefile    Readme.txt  alpha_of_all  build\ncore        docs        first        "
		" "
		"grand\n"
		"one         tests       two           zeta\nzip\n",
		"[list: 13 entries, ls -x blanks 12 24 38; dir/ names]\nMakefile Readme.txt "
		"alpha_of_all build core docs first grand one tests two zeta zip\n"},
	{"git diff --numstat",
		"12\t3\tsrc/app/main.c\n0\t7\tsrc/app/table.c\n-\t-\tsrc/app/logo.png\n"
		"4\t4\tsrc/core/map.c\n19\t0\tsrc/core/map.h\n1\t1\tMakefile\n",
		"[list: 6 entries, each after \"%<tab>%<tab>\"; dir/ names, % before its name]\n"
		"src/app/ 12 3 main.c 0 7 table.c - - logo.png\nsrc/core/ 4 4 map.c 19 0 map.h\n"
		"1 1 Makefile\n"},
	{"git ls-tree -r: the head says what many have",
		"100644 blob 9ae3f35b1c02\ttools/gen/a.c\n100644 blob 18c4ad77e210\ttools/gen/b.c\n"
		"100755 blob 77de68daecd8\ttools/gen/run.sh\n100755 blob "
		"e69de29bb2d1\ttools/gen/x.sh\n"
		"100644 blob 0b81fb05a3c7\ttools/old/c.c\n100644 blob 2050a18f3e11\ttools/old/d.c\n"
		"100755 blob 3f0a11c2d4e5\ttools/old/y.sh\n100755 blob "
		"55dc1e0f9a8b\ttools/old/z.sh\n",
		"[list: 8 entries below tools/, each after a= \"100644 blob %<tab>\" b= \"100755 "
		"blob "
		"%<tab>\"; dir/ names, % before its name]\n"
		"gen/ 9ae3f35b1c02 a.c 18c4ad77e210 b.c b= 77de68daecd8 run.sh e69de29bb2d1 x.sh\n"
		"old/ a= 0b81fb05a3c7 c.c 2050a18f3e11 d.c b= 3f0a11c2d4e5 y.sh 55dc1e0f9a8b "
		"z.sh\n"},
	{"sha256sum of bytes: a digest that two have",
		"5f70bf18a086 *lib/one.bin\n5f70bf18a086 *lib/two.bin\n9c1d0e7faa10 *lib/tre.bin\n"
		"aec070645fe5 *lib/for.bin\n3ee3b8d0c1f7 *lib/fiv.bin\n",
		"[list: 5 entries below lib/, each after \"% *\"; dir/ names, % before its name, ^ "
		"as "
		"before]\n5f70bf18a086 one.bin ^ two.bin 9c1d0e7faa10 tre.bin aec070645fe5 for.bin "
		"3ee3b8d0c1f7 fiv.bin\n"},
	{"wc: numbers below each other",
		"  131   440  3021 lib/reporting/analyses.py\n 1728  6001 48210 "
		"lib/reporting/init.py\n"
		"   89   202  1999 lib/reporting/render.py\n 1354  4100 30412 lib/dataset.py\n"
		" 3302 10743 83642 total\n",
		"[list: 5 entries, each after \"%5%6%6 \"; dir/ names, % before its name]\n"
		"lib/reporting/ 131 440 3021 analyses.py 1728 6001 48210 init.py 89 202 1999 "
		"render.py\nlib/ 1354 4100 30412 dataset.py\n3302 10743 83642 total\n"},
	{"git diff --stat: what is behind a path stands before its name",
		" src/app/main.c         |  12 +++--\n src/app/table.c        |   7 -\n"
		" src/app/{a => b}/x.png | Bin 0 -> 812 bytes\n src/core/map.c         | 104 "
		"++++++++\n"
		" src/core/map.h         |   1 +\n Makefile               |   2 +-\n"
		" 6 files changed, 120 insertions(+), 6 deletions(-)\n",
		"[list: 6 entries, each before a= \"|%4 %\" b= \"| Bin 0 -> 812 bytes\", column "
		"24, "
		"indented; "
		"dir/ names, % before its name]\n"
		"src/\n app/ 12 +++-- main.c 7 - table.c\n  \"{a => b}\"/ b= x.png\n"
		" core/ a= 104 ++++++++ map.c 1 + map.h\n2 +- Makefile\n\n"
		" 6 files changed, 120 insertions(+), 6 deletions(-)\n"},
	{"find -printf '%p %s'",
		"./library/one.c 120\n./library/two.c 9\n./library/three.c 88\n./library/four.c "
		"120\n./library/five.c "
		"1024\n./library/six.c 0\n",
		"[list: 6 entries below ./library/, each before \"%\"; dir/ names, % before its "
		"name]\n"
		"120 one.c 9 two.c 88 three.c 120 four.c 1024 five.c 0 six.c\n"},
	{"rg -c: nothing is between a path and its number",
		"Makefile:7\nsrc/core/map.c:12\nsrc/core/map.h:3\nsrc/core/vec.c:1\nsrc/app/"
		"main.c:104\n"
		"src/app/table.c:1\n",
		"[list: 6 entries, each before \"%\"; dir/ names, % before its name]\n"
		":7 Makefile\nsrc/core/ :12 map.c :3 map.h :1 vec.c\nsrc/app/ :104 main.c :1 "
		"table.c\n"},
	{"git status --short",
		" M src/proxy/a.c\n M src/proxy/b.c\nA  src/proxy/new.c\n?? src/proxy/x\n"
		" M src/proxy/deep/one.c\n M src/proxy/deep/two.c\n?? build/\n?? out/\n",
		"[list: 8 entries, git status .M= until the next; dir/ names]\n"
		"src/proxy/ .M= a.c b.c A.= new.c ?\?= x\n deep/ .M= one.c two.c\n"
		"?\?= build/ out/\n"},
	{"ls -R",
		".:\na.c\nb.c\nlib\n\n./lib:\ncodec.c\ncodec.h\ndeep\n\n./lib/deep:\nlist.c\n"
		"xy\n\n./lib/empty:\n\n./src:\nmain_of_all_programs.c\nqueue_of_tasks.c\n",
		"[list: 15 entries below ., ls -R; dir/ names]\n/ a.c b.c lib\n"
		" lib/ codec.c codec.h deep\n  deep/ list.c xy\n  empty/\n"
		" src/ main_of_all_programs.c queue_of_tasks.c\n"},
	{"tree",
		".\n├── README.md\n├── src\n│   ├── core\n│   │   ├── map.c\n│   │   └── map.h\n"
		"│   └── main.c\n└── tests\n    └── unit\n        └── my test.c\n\n3 directories, "
		"5 "
		"files\n",
		".\n[list: 9 entries, tree 2; dir/ names, directories with / are "
		"entries]\nREADME.md\n"
		"src/\n core/ map.c map.h\n main.c\ntests/unit/ \"my test.c\"\n\n\n3 directories, "
		"5 "
		"files\n"},
	{"ls -l",
		"total 76\ndrwxr-xr-x 2 bench bench 4096 Jun  7 15:09 .\n"
		"drwxr-xr-x 5 bench bench 4096 Jun  7 15:10 ..\n"
		"drwxr-xr-x 2 bench bench 4096 Jun  6 01:03 cache\n"
		"-rw-r--r-- 1 bench bench 2027 Jun  7 15:09 APPROVAL.md\n"
		"-rw-r--r-- 1 bench bench 3214 Jun  7 15:09 CODE REVIEW.md\n"
		"-rw-r--r-- 1 bench bench   12 Jan  1  2025 x -> ../y\n"
		"-rw-r--r-- 1 bench bench    0 Jun  7 15:05 z\n\ndone\n",
		"[list: 7 rows of ls -l; kind (a left out), links, size, time, name; ^ time as "
		"above]\n"
		"a -rw-r--r-- 1 bench bench\nb drwxr-xr-x 2 bench bench 4096\nJun__7\n\n"
		"total 76\nb 15:09 .\nb5 15:10 ..\nb Jun__6/01:03 cache\n2027 15:09 APPROVAL.md\n"
		"3214 ^ CODE REVIEW.md\n12 Jan__1/_2025 x -> ../y\n0 15:05 z\n\ndone\n"},
	{"ls -l: a kind whose size is said once; lines that look like rows",
		"drwxr-xr-x 2 root root 4096 Jun  7 15:09 a\n"
		"drwxr-xr-x 2 root root 4096 Jun  7 15:09 b\n"
		"drwxr-xr-x 2 root root 4096 Mar 11  2024 c\n^ 12:00 x\nb 1 y\n"
		"drwxr-xr-x 2 root root 4096 Jun  7 15:10 d\n"
		"-rw-r--r-- 1 root root   12 Jun  7 15:10 e\n",
		"[list: 5 rows of ls -l; kind (a left out), links, size, time, name; ^ time as "
		"above]\na drwxr-xr-x 2 root root 4096\nb -rw-r--r-- 1 root root\nJun__7\n\n"
		"15:09 a\n^ b\na Mar_11/_2024 c\n=^ 12:00 x\n=b 1 y\n15:10 d\nb 12 ^ e\n"},
	{"a tree drawn by hand",
		"project/\n|-- src/\n|   |-- main.c   # entry point\n|   `-- table.c\n|-- docs/\n"
		"|   `-- design.md\n`-- empty/\n",
		"project/\n[list: 6 entries, tree 3, / behind directories; dir/ names, directories "
		"with / are entries]\nsrc/ \"main.c   # entry point\" table.c\ndocs/ design.md\n"
		"- empty/\n"},
};

static void lists_read_like_this(void **state)
{
	assert_goldens(&list_codec, *state, goldens, ARRAY_N(goldens));
}

static void what_is_no_list_stays(void **state)
{
	static const char *const texts[] = {
		"",
		"a\nb\nc\nd\ne\nf\n",
		"This is a sentence that is longer than most of the names of files are.\n"
		"And so is this one; there are several of them here, one below the other.\n",
		"int main(void)\n{\n\treturn 0;\n}\n\nstatic int f(int x)\n{\n\treturn x + 1;\n}\n"
		"static int g(int x)\n{\n\treturn x + 2;\n}\n",
		"src/a.c:12:int main(void)\nsrc/a.c:13:{\nsrc/a.c:14:\treturn 0;\nsrc/a.c:15:}\n"
		"src/a.c:16:\nsrc/a.c:17:static int f(int x)\nsrc/a.c:18:{\n",
		"We saw the first of them\nand then all the others\nof which most were lost\n"
		"while some came back home\nto tell us how it was\nin the years before that\n",
	};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		assert_false(codec_encode(&list_codec, b, str_from(texts[i]), "", &out));
}

/* ---- what is left out ---- */

static str with_modules(struct bench *b)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	buf_add_c(&t, "./package.json\n./src/index.ts\n");
	for (int i = 0; i < 400; i++)
		buf_printf(&t, "./web/node_modules/pkg%d/lib/index.js\n", i);
	buf_add_c(&t, "./web/src/app.ts\n./web/src/page.ts\n");
	return buf_str(&t);
}

static void what_programs_wrote_is_counted(void **state)
{
	struct bench *b = *state;
	str text = with_modules(b);
	struct codec_out out;

	assert_true(codec_encode(&list_codec, b, text, ROUTE, &out));
	assert_int_equal(out.form, CODEC_ELIDED);
	assert_str(out.text, "[list: 5 entries below ./; dir/ names, +9: that many more below it; "
			     "original: " ROUTE "]\npackage.json\nsrc/ index.ts\n"
			     "web/node_modules/ +400\nweb/src/ app.ts page.ts\n");
	assert_true(list_codec.holds(text, out.text, &b->arena));
	assert_false(codec_encode(&list_codec, b,
		STR("./a/one.c\n./a/two.c\n./a/three.c\n./a/four.c\n./a/five.c\n"
		    "./a/node_modules/x\n./a/node_modules/y\n./a/six.c\n./seven\n"),
		ROUTE, &out));
}

static void the_contract_sees_what_is_missing(void **state)
{
	static const char *const changes[][2] = {{"+400", "+399"}, {"+400", "+401"},
		{"index.ts", "other.ts"}, {"node_modules/", "node_modulex/"}, {"page.ts", ""},
		{"app.ts page.ts", "page.ts app.ts"}, {"below ./", "below ../"},
		{"src/ index.ts\n", ""}};
	struct bench *b = *state;
	str text = with_modules(b);
	struct codec_out out;

	assert_true(codec_encode(&list_codec, b, text, ROUTE, &out));
	for (size_t i = 0; i < ARRAY_N(changes); i++)
		assert_false(list_codec.holds(text, but_for(b, out.text, changes[i]), &b->arena));
}

/* ---- any list ---- */

static void every_list_comes_back(void **state)
{
	struct bench *b = *state;
	uint64_t seeds = seeds_or(TEXTS), encoded = 0, elided = 0;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct rng r = rng_new(seed);
		struct codec_out out;
		struct buf t;

		arena_reset(&b->arena);
		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		add_random_list(&r, &t);
		if (codec_encode(&list_codec, b, buf_str(&t), "", &out)) {
			encoded++;
			assert_decodes(&list_codec, b, out.text, buf_str(&t));
			assert_survives(&list_codec, b, &r, buf_str(&t), out.text);
		}
		if (codec_encode(&list_codec, b, buf_str(&t), ROUTE, &out)) {
			elided++;
			assert_true(list_codec.holds(buf_str(&t), out.text, &b->arena));
			assert_survives(&list_codec, b, &r, buf_str(&t), out.text);
		}
	}
	/* a generator that makes nothing of the kind would prove nothing */
	if (encoded < seeds / 3 || elided < seeds / 60)
		fail_msg("%llu encoded, %llu elided", (unsigned long long)encoded,
			(unsigned long long)elided);
}

static void memory_is_linear(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;
	size_t before;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (int i = 0; i < 50000; i++)
		buf_printf(&t, "./a%d/b%d/c%d.c\n", i % 7, i % 5, i);
	before = b->arena.used_bytes;
	assert_true(codec_encode(&list_codec, b, buf_str(&t), "", &out));
	assert_decodes(&list_codec, b, out.text, buf_str(&t));
	assert_true(b->arena.used_bytes - before < 60 * t.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(lists_read_like_this),
		bench_test(what_is_no_list_stays),
		bench_test(what_programs_wrote_is_counted),
		bench_test(the_contract_sees_what_is_missing),
		bench_test(every_list_comes_back),
		bench_test(memory_is_linear),
	};

	return cmocka_run_group_tests_name("compress: lists of files", tests, NULL, NULL);
}
