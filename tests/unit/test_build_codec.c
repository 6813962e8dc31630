/* The codec of builds and test runs: what single lines say, both forms of each family of tools, and what must hold for any text: each line of a
 * failing test, assertion, diagnostic and verdict is shown, tests that passed are shown or counted, and the contract breaks
 * with whatever is taken out. HEADROOM_SEEDS: how many texts. */

#include "core/compress/build/build.h"
#include "core/compress/build/frame.h"
#include "core/compress/build/gap.h"
#include "core/compress/build/outcome.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_build.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 600 };

#define ROUTE "headroom retrieve 3f0a"

static bool encode(struct bench *b, str text, const char *route, str *out)
{
	struct codec_in in = {
		.text = text, .kind = KIND_TEXT, .route = str_from(route), .encoding = TOKEN_O200K};
	struct codec_out o;

	if (!build_codec.encode(&in, &b->arena, &o))
		return false;
	assert_int_equal(o.form, *route ? CODEC_ELIDED : CODEC_EXACT);
	*out = o.text;
	return true;
}

/* ---- lines ---- */

static void outcomes_are_read(void **state)
{
	static const struct {
		const char *line;
		enum build_result result;
		uint32_t passed, skipped;
		const char *suite;
	} cases[] = {
		{"tests/a.py::TestB::test_c PASSED     [ 12%]", BUILD_PASS, 1, 0, "tests/a.py"},
		{"tests/a.py::test_c FAILED            [ 12%]", BUILD_FAIL, 0, 0, ""},
		{"tests/a.py::test_c SKIPPED           [ 12%]", BUILD_SKIP, 0, 1, ""},
		{"[gw0] [ 12%] PASSED tests/a.py::test_c", BUILD_PASS, 1, 0, "tests/a.py"},
		{"PASSED tests/a.py::test_c", BUILD_PASS, 1, 0, "tests/a.py"},
		{"FAILED tests/a.py::test_c - assert 1 == 2", BUILD_FAIL, 0, 0, ""},
		{"ERROR tests/a.py", BUILD_FAIL, 0, 0, ""},
		{"tests/a.py ..s.x [ 40%]", BUILD_PASS, 3, 1, "tests/a.py"},
		{"tests/a.py ..F. [ 40%]", BUILD_FAIL, 3, 0, "tests/a.py"},
		{"............   [100%]", BUILD_PASS, 12, 0, ""},
		{"test_a (b.C) ... ok", BUILD_PASS, 1, 0, "b.C"},
		{"test_a (b.C) ... skipped 'no browser'", BUILD_SKIP, 0, 1, ""},
		{"test_a (b.C) ... ERROR", BUILD_FAIL, 0, 0, ""},
		{"test_pretty_sets ok", BUILD_PASS, 1, 0, ""},
		{"test a::b::c ... ok", BUILD_PASS, 1, 0, "a"},
		{"test a::b::c ... ignored", BUILD_SKIP, 0, 1, ""},
		{"test a::b::c ... FAILED", BUILD_FAIL, 0, 0, ""},
		{"    PASS [   0.005s] a::b", BUILD_PASS, 1, 0, "a"},
		{"--- PASS: TestA (0.00s)", BUILD_PASS, 1, 0, ""},
		{"    --- FAIL: TestA/b (0.00s)", BUILD_FAIL, 0, 0, ""},
		{"ok  \texample.org/m\t0.1s", BUILD_PASS, 1, 0, ""},
		{"  \xe2\x9c\x93 adds (3 ms)", BUILD_PASS, 1, 0, ""},
		{" \xe2\x9c\x93 src/a.test.ts (12 tests) 34ms", BUILD_PASS, 12, 0, ""},
		{"  \xe2\x9c\x95 adds (3 ms)", BUILD_FAIL, 0, 0, ""},
		{"ok 3 - adds", BUILD_PASS, 1, 0, ""},
		{"ok 3 # SKIP no", BUILD_SKIP, 0, 1, ""},
		{"not ok 3 - adds", BUILD_FAIL, 0, 0, ""},
		{" 1/20 Test  #1: x ......   Passed    0.01 sec", BUILD_PASS, 1, 0, ""},
		{" 1/20 Test  #1: x ......***Failed    0.01 sec", BUILD_FAIL, 0, 0, ""},
		{"[       OK ] A.b (0 ms)", BUILD_PASS, 1, 0, ""},
		{"[  FAILED  ] A.b (0 ms)", BUILD_FAIL, 0, 0, ""},
		{"[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 0.1 s - "
		 "in a.B",
			BUILD_PASS, 4, 1, "a.B"},
		{"Tests run: 5, Failures: 1, Errors: 0, Skipped: 1, Time elapsed: 0.1 s - in a.B",
			BUILD_FAIL, 4, 1, "a.B"},
		{"Everything is fine, and that is ok", BUILD_NONE, 0, 0, ""},
		{"  File \"/a.py\", line 3, in f", BUILD_NONE, 0, 0, ""},
		{"...", BUILD_NONE, 0, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct build_outcome o;
		bool is = build_outcome_of(str_from(cases[i].line), &o);

		if (is != (cases[i].result != BUILD_NONE) || o.result != cases[i].result ||
			o.passed != cases[i].passed || o.skipped != cases[i].skipped)
			fail_msg("%s: %d, %u passed, %u skipped", cases[i].line, (int)o.result,
				o.passed, o.skipped);
		assert_str(o.suite, cases[i].suite);
	}
}

static void progress_is_counted_and_lists_are_not(void **state)
{
	static const struct {
		const char *line;
		bool is_progress;
	} cases[] = {
		{"[ 12%] Building C object a.o", true},
		{"[12/345] Compiling a.c", true},
		{"make[1]: Entering directory '/x'", true},
		{"  [ 1] .interp  PROGBITS  0000000000000318", false},
		{"[12] a line of a numbered list", false},
		{"[1]+  Done  sleep 1", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++)
		if (build_is_progress(str_from(cases[i].line)) != cases[i].is_progress)
			fail_msg("%s", cases[i].line);
}

static void what_must_be_shown_is_known(void **state)
{
	static const char *const must[] = {"E       assert 1 == 2", ">       assert f() == 2",
		"error[E0308]: mismatched types",
		"src/a.ts(1,2): error TS2304: Cannot find name 'x'.", "a.c:1:2: error: no",
		"a.c:1:2: warning: no", "  12:5  error  'x' is not defined  no-undef",
		"a.py:1:2: F401 unused import", "ValueError: no", "java.lang.IllegalStateException",
		"Caused by: java.io.IOException: no", "thread 'main' panicked at src/a.rs:1:2:",
		"===== 1 failed, 2 passed in 0.1s =====", "Ran 12 tests in 0.1s", "OK (skipped=1)",
		"test result: ok. 1 passed; 0 failed", "Tests:       1 failed, 1 total",
		"BUILD SUCCESSFUL in 3s", "[ERROR] Failed to execute goal",
		"make: *** [all] Error 2", "npm error code 1",
		"Found 3 errors in 2 files (checked 9 source files)",
		"95% tests passed, 1 tests failed out of 20", "  12 passing (3s)", "  2 failing",
		"FAIL\texample.org/m\t0.1s", "a.o: in function `f': undefined reference to `g'"};
	static const char *const may[] = {"test_error (a.B) ... ok",
		"tests/a.py::test_error PASSED", "    x = 1", "   Compiling serde v1.0.0",
		"=== RUN   TestError", "  File \"/usr/lib/python3/a.py\", line 3, in f",
		"collected 3 items", ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(must); i++)
		if (!build_must_show(str_from(must[i])))
			fail_msg("may be left out: %s", must[i]);
	for (size_t i = 0; i < ARRAY_N(may); i++)
		if (build_must_show(str_from(may[i])))
			fail_msg("must be shown: %s", may[i]);
}

static void frames_are_told_apart(void **state)
{
	static const struct {
		const char *line;
		enum build_frame frame;
	} cases[] = {
		{"  File \"/app/a.py\", line 3, in f", FRAME_USER},
		{"  File \"/usr/lib/python3.9/a.py\", line 3, in f", FRAME_LIBRARY},
		{"    at f (/w/src/a.js:1:2)", FRAME_USER},
		{"    at Module._compile (node:internal/modules/cjs/loader:1:2)", FRAME_LIBRARY},
		{"    at f (/w/node_modules/x/a.js:1:2)", FRAME_LIBRARY},
		{"\tat org.example.Store.get(Store.java:12)", FRAME_USER},
		{"\tat org.junit.runners.ParentRunner.run(ParentRunner.java:1)", FRAME_LIBRARY},
		{"\t... 23 more", FRAME_LIBRARY},
		{"   3: core::panicking::panic_fmt", FRAME_LIBRARY},
		{"   4: app::store::get", FRAME_USER},
		{"             at /rustc/9fc6/library/core/src/panicking.rs:72:14", FRAME_LIBRARY},
		{"             at ./src/store.rs:72:14", FRAME_USER},
		{"\t/usr/local/go/src/testing/testing.go:1595 +0xff", FRAME_LIBRARY},
		{"\t/w/store/store.go:15 +0xff", FRAME_USER},
		{"at the end", FRAME_NONE},
		{"  at the end of the day", FRAME_NONE},
		{"  12: int x", FRAME_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++)
		if (build_frame_of(str_from(cases[i].line)) != cases[i].frame)
			fail_msg("%s: %d", cases[i].line,
				(int)build_frame_of(str_from(cases[i].line)));
}

static void gaps_are_read_as_they_are_written(void **state)
{
	static const char *const lines[] = {"[12 passed]", "[1 passed, 2 skipped]", "[3 skipped]",
		"[9 lines: 3 passed]", "[9 lines: 3 passed, 1 skipped; a.py 2, b c 1]",
		"[12 passed; a.py 12]", "[93 lines of progress]", "[1 line of source]",
		"[4 lines of output]", "[7 lines of frames]", "[14 lines of the same error]",
		"[14 lines of the same error in 1 more test]",
		"[34 lines of the same error in 2 more tests]",
		"[57 lines of output, 3 as shown above]",
		"[57 lines of output among the 12 lines below]",
		"[57 lines of output among the 12 lines below, 3 as shown above]"};
	static const char *const others[] = {"[12]", "[12 passed", "12 passed]",
		"[lines of source]", "[3 lines of tests]", "[3 lines: 3 passed]",
		"[3 passed; a.py]", "[3 passed; a.py x]", "[1 lines of source]",
		"[99999999999 passed]", "[3 lines of the same error in 1 more tests]",
		"[3 lines of the same error in 0 more tests]", "[3 lines of source in 1 more test]",
		"[3 lines of output, 0 as shown above]", "[3 lines of source, 1 as shown above]",
		"[3 lines of output among the 0 lines below]",
		"[3 lines of output, 1 as shown above among the 2 lines below]"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(lines); i++) {
		struct build_gap g;
		struct buf again;

		buf_init_arena(&again, &b->arena, 256);
		if (!build_gap_parse(str_from(lines[i]), &g))
			fail_msg("not a gap: %s", lines[i]);
		build_gap_write(&again, &g);
		assert_str(buf_str(&again), lines[i]);
	}
	for (size_t i = 0; i < ARRAY_N(others); i++) {
		struct build_gap g;

		if (build_gap_parse(str_from(others[i]), &g))
			fail_msg("a gap: %s", others[i]);
	}
}

/* ---- texts ---- */

static void common_ends_are_said_once(void **state)
{
	static const char text[] = "running 9 tests\n"
				   "test store::of_originals::tests::opens ... ok\ntest "
				   "store::of_originals::tests::closes ... ok\n"
				   "test store::of_originals::tests::grows ... ok\ntest "
				   "wire::of_answers::tests::heads ... ok\n"
				   "test wire::of_answers::tests::bodies ... ok\ntest "
				   "wire::of_answers::tests::trailers ... ok\n"
				   "test wire::of_answers::tests::ends ... ok\ntest "
				   "store::of_originals::tests::shrinks ... FAILED\nend";
	struct bench *b = *state;
	str out, back;

	assert_true(encode(b, str_from(text), "", &out));
	assert_str(out,
		"[build: 10 lines; what lines have in common stands above them in brackets]\n"
		"running 9 tests\n[7 lines: test \xe2\x80\xa6 ... ok]\n"
		"[3 lines: store::of_originals::tests::\xe2\x80\xa6]\nopens\ncloses\ngrows\n"
		"[4 lines: wire::of_answers::tests::\xe2\x80\xa6]\nheads\nbodies\ntrailers\nends\n"
		"test store::of_originals::tests::shrinks ... FAILED\nend");
	assert_true(build_codec.decode(out, &b->arena, &back));
	assert_str(back, text);
	/* more lines are told of than there are */
	assert_false(build_codec.decode(
		str_sub(out, 0, str_find(out, STR("trailers"))), &b->arena, &back));
}

static void a_traceback_keeps_its_ends_and_the_users_frames(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out;

	buf_init_arena(&t, &b->arena, 1 << 16);
	buf_add_c(&t, "Traceback (most recent call last):\n  File \"/app/main.py\", line 1, in "
		      "<module>\n    main()\n");
	for (unsigned i = 0; i < 9; i++)
		buf_printf(&t,
			"  File \"/usr/lib/python3.9/asyncio/runners.py\", line %u, in run\n    "
			"return loop(%u)\n",
			i, i);
	buf_add_c(&t,
		"  File \"/app/store.py\", line 7, in get\n    return self.d[k]\nKeyError: 'a'\n");
	assert_true(encode(b, buf_str(&t), ROUTE, &out));
	assert_str(out,
		"[build: 25 lines; lines in brackets count what was left out there; "
		"original: " ROUTE "]\n"
		"Traceback (most recent call last):\n  File \"/app/main.py\", line 1, in "
		"<module>\n    main()\n"
		"[18 lines of frames]\n"
		"  File \"/app/store.py\", line 7, in get\n    return self.d[k]\nKeyError: 'a'\n");
	assert_true(build_codec.holds(buf_str(&t), out, &b->arena));
}

static void lines_of_ours_in_the_text_are_refused(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out;

	buf_init_arena(&t, &b->arena, 1 << 16);
	buf_add_c(&t, "[3 lines of source]\n");
	for (unsigned i = 0; i < 30; i++)
		buf_printf(&t, "test a::case_%u ... ok\n", i);
	assert_false(encode(b, buf_str(&t), ROUTE, &out));
}

static void other_texts_are_refused(void **state)
{
	static const char *const texts[] = {"", "x", "one\ntwo\nthree\n",
		"int main(void)\n{\n\treturn 0;\n}\n\n\n\n\n\n\n", "a\na\na\na\na\na\na\na\na\n",
		("It is ok.\nThe test passed.\nAll went well.\nWe ran it twice.\nNothing "
		 "failed.\nSo\nit\nis\ndone.\n")};
	struct bench *b = *state;
	str out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		assert_false(encode(b, str_from(texts[i]), ROUTE, &out));
}

static struct build_text random_build(struct bench *b, uint64_t seed)
{
	struct rng r = rng_new(seed);
	struct build_text t = {
		arena_new(&b->arena, struct buf), arena_new(&b->arena, struct buf), 0};

	buf_init_arena(t.text, &b->arena, 1 << 20);
	buf_init_arena(t.facts, &b->arena, 1 << 20);
	add_random_build(&r, &t);
	if (rng_once_in(&r, 3))
		add_random_build(&r, &t);
	return t;
}

static bool has_line(str text, str line)
{
	str one;

	while (str_next_line(&text, &one, NULL))
		if (str_eq(one, line))
			return true;
	return false;
}

/* Tests that are said to have passed, by a gap or a line. */
static unsigned count_passed(str text)
{
	unsigned n = 0;
	str line;

	while (str_next_line(&text, &line, NULL)) {
		struct build_gap g;
		struct build_outcome o;

		if (build_gap_parse(line, &g))
			n += g.passed;
		else if (build_outcome_of(line, &o))
			n += o.passed;
	}
	return n;
}

static void failures_are_shown_and_passes_counted(void **state)
{
	struct bench *b = *state;
	uint64_t n = seeds_or(SEEDS), exact = 0, elided = 0;

	for (uint64_t i = 1; i <= n; i++) {
		struct build_text t = random_build(b, i);
		str text = buf_str(t.text), facts = buf_str(t.facts), fact, out, again;

		if (encode(b, text, ROUTE, &out)) {
			elided++;
			if (!build_codec.holds(text, out, &b->arena))
				fail_msg("seed %llu does not hold", (unsigned long long)i);
			while (str_next_line(&facts, &fact, NULL))
				if (!has_line(out, fact))
					fail_msg("seed %llu lost: " STR_FMT, (unsigned long long)i,
						STR_ARG(fact));
			if (count_passed(out) != t.passed)
				fail_msg("seed %llu: %u of %u passed", (unsigned long long)i,
					count_passed(out), t.passed);
			assert_true(encode(b, text, ROUTE, &again));
			assert_true(str_eq(out, again));
		}
		if (encode(b, text, "", &out)) {
			exact++;
			if (!build_codec.decode(out, &b->arena, &again) || !str_eq(again, text))
				fail_msg("seed %llu does not decode", (unsigned long long)i);
		}
		arena_reset(&b->arena);
	}
	assert_true(exact * 3 > n);
	/* a codec that refuses all would pass all of the above */
	assert_true(elided * 10 > n * 8);
}

/* The text with line k gone, or with another in its place. */
static str with_line(struct bench *b, str text, size_t k, str other)
{
	struct buf t;
	str rest = text, line;
	bool has_eol;

	buf_init_arena(&t, &b->arena, text.n + other.n + 1);
	for (size_t i = 0; str_next_line(&rest, &line, &has_eol); i++) {
		if (i == k && !other.p)
			continue;
		buf_add(&t, i == k ? other : line);
		if (has_eol)
			buf_add_byte(&t, '\n');
	}
	return buf_str(&t);
}

static void nothing_can_be_taken_out_of_what_holds(void **state)
{
	struct bench *b = *state;

	for (uint64_t i = 1; i <= 40; i++) {
		str text = buf_str(random_build(b, i).text), out, rest, line;

		if (encode(b, text, ROUTE, &out)) {
			rest = out;
			for (size_t k = 0; str_next_line(&rest, &line, NULL); k++)
				if (build_codec.holds(
					    text, with_line(b, out, k, STR_NULL), &b->arena) ||
					build_codec.holds(text,
						with_line(b, out, k, STR("[999 passed]")),
						&b->arena))
					fail_msg("seed %llu holds without line %zu: " STR_FMT,
						(unsigned long long)i, k, STR_ARG(line));
		}
		arena_reset(&b->arena);
	}
}

/* A gap that hides a test that failed, or counts one too many, is no rendering of the text. */
static void a_hidden_failure_does_not_hold(void **state)
{
	str original =
		STR("running 3 tests\ntest a ... ok\ntest b ... FAILED\ntest c ... ok\nend\n");
	static const char *const bad[] = {"[3 passed]\nend\n", "[3 lines: 2 passed]\nend\n",
		"[3 lines of output]\nend\n", "[3 lines of source]\nend\n",
		"[3 lines of progress]\nend\n", "[3 lines of the same error]\nend\n",
		"[1 passed]\ntest b ... FAILED\n[2 passed]\n",
		"[1 passed]\ntest b ... FAILED\n[1 skipped]\nend\n"};
	struct bench *b = *state;
	str head = STR("[build: 6 lines; lines in brackets count what was left out there; "
		       "original: x]\nrunning 3 tests\n");

	for (size_t i = 0; i < ARRAY_N(bad) + 1; i++) {
		bool is_good = i == ARRAY_N(bad);
		str text = arena_printf(&b->arena, STR_FMT "%s", STR_ARG(head),
			is_good ? "[1 passed]\ntest b ... FAILED\n[1 passed]\nend\n" : bad[i]);

		if (build_codec.holds(original, text, &b->arena) != is_good)
			fail_msg("case %zu", i);
	}
}

#define FAILS(name)                                                      \
	"________________________ " name " ________________________\n\n" \
	"    def it(self):\n        value = make(1, 2, 3, 4, 5, 6)\n"    \
	">       assert f() == 2\nE       assert 1 == 2\n\ntests/a.py:7: AssertionError\n"
#define SUMMARY                                                                                  \
	"================ short test summary info ================\n"                            \
	"FAILED tests/a.py::TestIt::test_a - assert 1 == 2\nFAILED tests/a.py::TestIt::test_b\n" \
	"FAILED tests/a.py::test_d[x::y] - assert 1 == 2\n"                                      \
	"================ 3 failed in 0.10s ================\n"

/* What fails as the test before did needs no title where a line of its own names it. */
static void titles_that_are_named_elsewhere_may_go(void **state)
{
	str original = STR("================ FAILURES ================\n" FAILS("TestIt.test_a")
			FAILS("TestIt.test_b") FAILS("test_d[x::y]") SUMMARY);
	struct codec_in in = {.text = original, .kind = KIND_TEXT, .route = STR("x")};
	static const char again[] = "[16 lines of the same error in 2 more tests]\n";
	struct bench *b = *state;
	struct codec_out out;
	str text, other;
	size_t at;

	assert_true(build_codec.encode(&in, &b->arena, &out));
	text = out.text;
	at = str_find(text, STR("[16 lines"));
	assert_true(at != STR_NONE && str_starts(str_sub(text, at, text.n), str_from(again)));
	assert_true(build_codec.holds(original, text, &b->arena));
	/* another number, or no line that names it */
	other = arena_str(&b->arena, text);
	((char *)(uintptr_t)other.p)[at + strlen("[16 lines of the same error in ")] = '3';
	assert_false(build_codec.holds(original, other, &b->arena));
	other = arena_str(&b->arena, original);
	at = str_find(other, STR("::test_b"));
	((char *)(uintptr_t)other.p)[at + 7] = 'c';
	text = arena_str(&b->arena, text);
	at = str_find(text, STR("::test_b"));
	((char *)(uintptr_t)text.p)[at + 7] = 'c';
	assert_false(build_codec.holds(other, text, &b->arena));
}

/* What a passing test printed of runs of its own: that many times the same error, and one of its own each time. */
static void add_runs(struct buf *t, unsigned n)
{
	buf_add_c(t, "tests/a.py ....F   [100%]\n\n================ PASSES ================\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(t,
			"________________ test_%u ________________\n"
			"---------------- Captured stdout call ----------------\n"
			"rootdir: /tmp/run/%u\ncollected 1 item\nE   assert 1 == 2\n"
			"inner.py:7: AssertionError\nERROR of run %u\nthe end of it is here\n",
			i, i, i);
	buf_add_c(t,
		"================ short test summary info ================\nPASSED tests/a.py::a\n"
		"================ 9 passed in 0.10s ================\n");
}

/* Errors that passing tests print again are counted, and what is left out between others is counted once. */
static void what_passing_tests_print_again_is_counted(void **state)
{
	static const char shown[] =
		"[39 lines of output among the 8 lines below, 10 as shown above]\n"
		"E   assert 1 == 2\ninner.py:7: AssertionError\nERROR of run 0\n"
		"ERROR of run 1\n";
	struct bench *b = *state;
	struct buf t;
	str text, out;
	size_t at;

	buf_init_arena(&t, &b->arena, 1 << 14);
	add_runs(&t, 6);
	assert_true(encode(b, buf_str(&t), ROUTE, &out));
	assert_true(build_codec.holds(buf_str(&t), out, &b->arena));
	at = str_find(out, STR("[39 lines"));
	if (at == STR_NONE || !str_starts(str_sub(out, at, out.n), str_from(shown)))
		fail_msg(STR_FMT, STR_ARG(out));
	/* another number of any of the three */
	for (size_t i = 0; i < 3; i++) {
		static const char *const parts[] = {"[3", "the ", ", 1"};
		static const char other[] = "077";

		text = arena_str(&b->arena, out);
		((char *)(uintptr_t)
				text.p)[at + str_find(str_sub(out, at, out.n), str_from(parts[i])) +
					strlen(parts[i])] = other[i];
		if (build_codec.holds(buf_str(&t), text, &b->arena))
			fail_msg("holds with another number: %zu", i);
	}
}

/* Tests that were expected to fail are told of as those that were not. */
static void expected_failures_lose_their_source(void **state)
{
	str text = STR("================ XFAILURES ================\n"
		       "________________________ test_a ________________________\n\n"
		       "    def test_a():\n        first = make(1, 2, 3, 4, 5, 6)\n"
		       "        second = make(2, 3, 4, 5, 6, 7)\n        third = first + second\n"
		       "        fourth = make(first, second, third, 9, 9, 9, 9, 9)\n"
		       "        fifth = make(first, second, third, fourth, 8, 8, 8)\n"
		       "        sixth = make(first, second, third, fourth, 7, 7, 7)\n"
		       "        seventh = make(first, second, third, fifth, 6, 6, 6)\n"
		       ">       assert f(first, second, third) == 2\nE       assert 1 == 2\n\n"
		       "tests/a.py:7: AssertionError\n"
		       "================ short test summary info ================\n"
		       "XFAIL tests/a.py::test_a\n================ 1 xfailed in 0.10s "
		       "================\n"),
	    out;
	struct bench *b = *state;

	assert_true(encode(b, text, ROUTE, &out));
	assert_true(build_codec.holds(text, out, &b->arena));
	assert_true(has_line(out, STR("[9 lines of source]")));
	assert_true(has_line(out, STR("E       assert 1 == 2")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes_are_read),
		cmocka_unit_test(what_must_be_shown_is_known),
		cmocka_unit_test(progress_is_counted_and_lists_are_not),
		cmocka_unit_test(frames_are_told_apart),
		bench_test(gaps_are_read_as_they_are_written),
		bench_test(common_ends_are_said_once),
		bench_test(a_traceback_keeps_its_ends_and_the_users_frames),
		bench_test(lines_of_ours_in_the_text_are_refused),
		bench_test(other_texts_are_refused),
		bench_test(failures_are_shown_and_passes_counted),
		bench_test(nothing_can_be_taken_out_of_what_holds),
		bench_test(a_hidden_failure_does_not_hold),
		bench_test(titles_that_are_named_elsewhere_may_go),
		bench_test(what_passing_tests_print_again_is_counted),
		bench_test(expected_failures_lose_their_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
