/* random_build: what builds and tests print, made of a seed and nothing else, in the formats of many tools, and what must be found in any
 * rendering of it: the lines of failing tests, assertions, diagnostics and verdicts, and how many tests passed. For property tests,
 * the fuzz target and the benchmark of the codec. */
#ifndef TESTS_UNIT_RANDOM_BUILD_H
#define TESTS_UNIT_RANDOM_BUILD_H

#include "core/base/buf.h"
#include "tests/unit/random_text.h"

/* The text, and what is known of it. */
struct build_text {
	struct buf *text;
	struct buf *facts; /* lines that must be shown; may be NULL */
	unsigned passed;
};

typedef void build_family_fn(struct rng *r, struct build_text *t);

static inline void build_line(struct build_text *t, str line, bool is_fact)
{
	buf_add(t->text, line);
	buf_add_byte(t->text, '\n');
	if (is_fact && t->facts) {
		buf_add(t->facts, line);
		buf_add_byte(t->facts, '\n');
	}
}

#define BUILD_LINE_MAX 256
#define build_printf(t, is_fact, ...)                                         \
	do {                                                                  \
		char build_line_[BUILD_LINE_MAX];                             \
		(void)snprintf(build_line_, sizeof build_line_, __VA_ARGS__); \
		build_line((t), str_from(build_line_), (is_fact));            \
	} while (0)

static inline const char *build_noun(struct rng *r)
{
	static const char *const nouns[] = {"parser", "cache", "error_handling", "routes",
		"failed_login", "config", "timeout", "store", "warning_levels", "utf8"};

	return RNG_PICK(r, nouns);
}

static inline void add_pytest_failure(
	struct rng *r, struct build_text *t, const char *noun, unsigned i)
{
	bool is_same = rng_once_in(r, 2), is_named = rng_once_in(r, 2);

	/* The summary names the class, too: then it says all that the title does. */
	build_printf(t, !is_named, "________________ %stest_%s_%u ________________",
		is_named ? "TestIt." : "", noun, i);
	build_printf(t, false, "%s", "");
	for (unsigned n = rng_below(r, 12); n; n--)
		build_printf(t, false, "        value_%u = make(%u)  # raises ValueError", n, n);
	build_printf(t, false, ">       assert f(%u) == %u", i, i + 1);
	build_printf(t, true, "E       assert %u == %u", is_same ? 1 : i, is_same ? 2 : i + 1);
	build_printf(t, false, "%s", "");
	build_printf(t, true, "tests/test_%s.py:%u: AssertionError", noun, is_same ? 7 : i + 9);
	if (!rng_once_in(r, 4))
		return;
	build_printf(t, false,
		"----------------------------- Captured stdout call ------------------------");
	for (unsigned n = rng_below(r, 20); n; n--)
		build_printf(t, false, "loading part %u of the data", n);
}

static inline void add_pytest(struct rng *r, struct build_text *t)
{
	unsigned failed[32], n = 0, tests = 5 + rng_below(r, 80), skipped = 0;
	const char *noun = build_noun(r);

	build_printf(t, false,
		"============================= test session starts ==============================");
	build_printf(t, false, "collected %u items", tests);
	build_printf(t, false, "%s", "");
	for (unsigned i = 0; i < tests; i++) {
		bool is_bad = n < ARRAY_N(failed) && rng_once_in(r, 12);
		const char *word = is_bad ? "FAILED" : rng_once_in(r, 15) ? "SKIPPED" : "PASSED";

		if (is_bad)
			failed[n++] = i;
		skipped += *word == 'S';
		t->passed += *word == 'P';
		build_printf(t, is_bad, "tests/test_%s.py::TestIt::test_%s_%u %s          [%3u%%]",
			noun, noun, i, word, (i + 1) * 100 / tests);
	}
	build_printf(t, false, "%s", "");
	if (n)
		build_printf(t, false,
			"=================================== FAILURES "
			"===================================");
	for (unsigned i = 0; i < n; i++)
		add_pytest_failure(r, t, noun, failed[i]);
	if (n)
		build_printf(t, false,
			"=========================== short test summary info "
			"============================");
	for (unsigned i = 0; i < n; i++)
		build_printf(t, true, "FAILED tests/test_%s.py::TestIt::test_%s_%u - assert ...",
			noun, noun, failed[i]);
	build_printf(t, true,
		"================= %u failed, %u passed, %u skipped in 1.20s ==================", n,
		tests - n - skipped, skipped);
}

static inline void add_cargo_test(struct rng *r, struct build_text *t)
{
	unsigned tests = 5 + rng_below(r, 90), failed = 0;

	for (unsigned n = rng_below(r, 40); n; n--)
		build_printf(t, false, "   Compiling some-crate-%u v1.%u.0", n, n % 7);
	build_printf(t, true, "warning: unused variable: `x%u`", tests);
	build_printf(t, false, "  --> src/lib.rs:%u:9", tests);
	build_printf(t, false, "%s", "");
	build_printf(t, false, "running %u tests", tests);
	for (unsigned i = 0; i < tests; i++) {
		bool is_bad = rng_once_in(r, 20);

		failed += is_bad;
		t->passed += !is_bad;
		build_printf(t, is_bad, "test %s::tests::%s_case_%u ... %s", build_noun(r),
			build_noun(r), i, is_bad ? "FAILED" : "ok");
	}
	build_printf(t, false, "%s", "");
	if (failed)
		build_printf(t, true,
			"thread 'cache::tests::case' panicked at src/lib.rs:%u:5:", failed);
	build_printf(t, true,
		"test result: %s. %u passed; %u failed; 0 ignored; 0 measured; 0 filtered out",
		failed ? "FAILED" : "ok", tests - failed, failed);
}

static inline void add_go_test(struct rng *r, struct build_text *t)
{
	for (unsigned i = 0, n = 4 + rng_below(r, 60); i < n; i++) {
		bool is_bad = rng_once_in(r, 10);

		build_printf(t, false, "=== RUN   Test%s%u", build_noun(r), i);
		if (is_bad)
			build_printf(
				t, false, "    store_test.go:%u: got %u, want %u", i + 3, i, i + 1);
		build_printf(t, is_bad, "--- %s: Test%s%u (0.0%us)", is_bad ? "FAIL" : "PASS",
			build_noun(r), i, i % 10);
		t->passed += !is_bad;
	}
	build_printf(t, true, "FAIL");
	build_printf(t, true, "FAIL\texample.org/m/store\t0.012s");
}

static inline void add_jest(struct rng *r, struct build_text *t)
{
	for (unsigned k = 0, suites = 1 + rng_below(r, 6); k < suites; k++) {
		unsigned n = 3 + rng_below(r, 20);

		build_printf(t, false, " %s", build_noun(r));
		for (unsigned i = 0; i < n; i++) {
			bool is_bad = rng_once_in(r, 12);

			build_printf(t, is_bad, "    %s handles %s %u (%u ms)",
				is_bad ? "\xe2\x9c\x95" : "\xe2\x9c\x93", build_noun(r), i, i + 2);
			t->passed += !is_bad;
			if (!is_bad)
				continue;
			build_printf(t, true, "TypeError: %s is not a function", build_noun(r));
			build_printf(t, false, "      at Object.<anonymous> (src/%s.test.ts:%u:5)",
				build_noun(r), i);
			for (unsigned f = 0; f < 6; f++)
				build_printf(t, false,
					"      at run%u "
					"(node_modules/jest-circus/build/run.js:%u:9)",
					f, f);
		}
	}
	build_printf(t, true, "Tests:       1 failed, 12 passed, 13 total");
}

static inline void add_unittest(struct rng *r, struct build_text *t)
{
	unsigned n = 5 + rng_below(r, 60);

	for (unsigned i = 0; i < n; i++) {
		bool is_bad = rng_once_in(r, 15);

		if (!is_bad && rng_once_in(r, 4)) {
			build_printf(
				t, false, "test_%s_%u (app.tests.ViewTests)", build_noun(r), i);
			build_printf(t, false, "The %s is shown. ... ok", build_noun(r));
		} else {
			build_printf(t, is_bad, "test_%s_%u (app.tests.ViewTests) ... %s",
				build_noun(r), i, is_bad ? "ERROR" : "ok");
		}
		t->passed += !is_bad;
	}
	build_printf(t, false, "%s", "");
	build_printf(t, true, "ERROR: test_x (app.tests.ViewTests)");
	build_printf(t, true, "Traceback (most recent call last):");
	for (unsigned i = 0; i < 12; i++) {
		build_printf(t, false, "  File \"/usr/lib/python3.9/%s.py\", line %u, in f%u",
			build_noun(r), i, i);
		build_printf(t, false, "    call(%u)", i);
	}
	build_printf(t, false, "  File \"/app/views.py\", line 3, in show");
	build_printf(t, false, "    return x[%u]", n);
	build_printf(t, true, "KeyError: %u", n);
	build_printf(t, true, "Ran %u tests in 0.1s", n);
}

static inline void add_make(struct rng *r, struct build_text *t)
{
	for (unsigned i = 0, n = 10 + rng_below(r, 80); i < n; i++) {
		build_printf(t, false, "[%3u%%] Building C object src/CMakeFiles/x.dir/%s_%u.c.o",
			i, build_noun(r), i);
		if (!rng_once_in(r, 12))
			continue;
		build_printf(t, true,
			"/w/src/%s_%u.c:%u:9: warning: unused variable 'a%u' [-Wunused-variable]",
			build_noun(r), i, i, i);
		build_printf(t, false, "   %2u |         int a%u;", i, i);
	}
	for (unsigned i = 1; i < 20; i++) {
		build_printf(t, false,
			" %u/20 Test  #%u: %s ......................   Passed    0.0%u sec", i, i,
			build_noun(r), i % 10);
		t->passed++;
	}
	build_printf(t, true, "20/20 Test #20: last .......................***Failed    0.01 sec");
	build_printf(t, true, "95%% tests passed, 1 tests failed out of 20");
}

static inline void add_maven(struct rng *r, struct build_text *t)
{
	for (unsigned i = 0, n = 5 + rng_below(r, 50); i < n; i++)
		build_printf(t, false,
			"[INFO] Downloading from central: https://repo/org/%s/%u.pom",
			build_noun(r), i);
	for (unsigned i = 0, n = 2 + rng_below(r, 20); i < n; i++) {
		build_printf(t, false, "[INFO] Running org.example.%sTest%u", build_noun(r), i);
		build_printf(t, false,
			"[INFO] Tests run: %u, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: "
			"0.1 s - in "
			"org.example.T%u",
			i + 1, i);
		t->passed += i + 1;
	}
	build_printf(t, true,
		"[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.2 s <<< "
		"FAILURE!");
	build_printf(t, true, "java.lang.IllegalStateException: closed");
	build_printf(t, false, "\tat org.example.Store.get(Store.java:12)");
	for (unsigned i = 0; i < 10; i++)
		build_printf(t, false,
			"\tat org.junit.runners.ParentRunner.run%u(ParentRunner.java:%u)", i, i);
	build_printf(t, true, "[INFO] BUILD FAILURE");
}

static inline void add_pip(struct rng *r, struct build_text *t)
{
	for (unsigned i = 0, n = 8 + rng_below(r, 50); i < n; i++) {
		build_printf(t, false, "Collecting %s-%u>=1.%u", build_noun(r), i, i);
		build_printf(t, false, "  Downloading %s_%u-1.%u-py3-none-any.whl (%u kB)",
			build_noun(r), i, i, i);
	}
	build_printf(t, true, "ERROR: Could not find a version that satisfies the requirement %s",
		build_noun(r));
}

static inline void add_random_build(struct rng *r, struct build_text *t)
{
	static build_family_fn *const families[] = {add_pytest, add_cargo_test, add_go_test,
		add_jest, add_unittest, add_make, add_maven, add_pip};

	RNG_PICK(r, families)(r, t);
}

#endif
