/* What tools say as JSON: that it is what they say in words, that nothing of a failure is lost, and that only reports are
 * taken for such. HEADROOM_SEEDS=20000 makes it a longer run. */
#include "tests/unit/compress_help.h"
#include "tests/unit/random_build.h"
#include "tests/unit/seeds.h"

#include <inttypes.h>

#include "core/compress/build/build.h"
#include "core/compress/build/report.h"

enum { SEEDS = 60 };

static const struct {
	const char *json, *text, *source; /* text NULL: no report */
} cases[] = {
	{"{\"Time\":\"2026-01-02T10:00:00Z\",\"Action\":\"start\",\"Package\":\"a\"}\n"
	 "{\"Action\":\"run\",\"Package\":\"a\",\"Test\":\"TestX\"}\n"
	 "{\"Action\":\"output\",\"Package\":\"a\",\"Test\":\"TestX\",\"Output\":\"=== RUN   "
	 "TestX\\n\"}\n"
	 "{\"Action\":\"output\",\"Package\":\"b\",\"Output\":\"PASS\\n\"}\n"
	 "{\"Action\":\"output\",\"Package\":\"a\",\"Test\":\"TestX\",\"Output\":\"    x.go:3: 1 "
	 "\\u003c 2\\n\"}\n"
	 "{\"Action\":\"fail\",\"Package\":\"a\",\"Test\":\"TestX\",\"Elapsed\":0.01}\n",
		"=== RUN   TestX\n    x.go:3: 1 < 2\nPASS\n",
		"6 events of go test -json, 3 of them without words"},
	{"# a\nx.go:1:1: undefined: y\n"
	 "{\"Action\":\"start\",\"Package\":\"a\"}\n{\"Action\":\"run\",\"Package\":\"a\"}\n"
	 "{\"Action\":\"output\",\"Package\":\"a\",\"Output\":\"FAIL\\ta [build failed]\\n\"}\n"
	 "{\"Action\":\"fail\",\"Package\":\"a\",\"Elapsed\":0}\n",
		"# a\nx.go:1:1: undefined: y\nFAIL\ta [build failed]\n",
		"4 events of go test -json, 3 of them without words"},
	{"{\"reason\":\"compiler-artifact\",\"package_id\":\"x\"}\n"
	 "{\"reason\":\"compiler-message\",\"message\":{\"rendered\":\"warning: unused\\n --> "
	 "a.rs:1:1\\n\\n\",\"level\":\"warning\"}}\n"
	 "   Compiling x\n"
	 "{\"reason\":\"build-finished\",\"success\":false}\n",
		"warning: unused\n --> a.rs:1:1\n\n   Compiling x\nerror: build finished without "
		"success\n",
		"3 messages of cargo, 1 of them without words"},
	{"[{\"filePath\":\"/"
	 "a.js\",\"messages\":[{\"ruleId\":\"no-undef\",\"severity\":2,\"message\":\"'x' is not "
	 "defined.\",\"line\":3,\"column\":5},{\"ruleId\":null,\"severity\":1,\"message\":\"odd\","
	 "\"line\":4,\"column\":1}],"
	 "\"source\":\"var a\"},{\"filePath\":\"/b.js\",\"messages\":[]}]",
		"/a.js\n  3:5  error  'x' is not defined.  no-undef\n  4:1  warning  odd\n",
		"2 files of eslint's JSON, 1 of them clean"},
	{"[\n {\"cell\": null, \"code\": \"F401\", \"filename\": \"/a.py\", \"fix\": {\"edits\": "
	 "[]}, \"location\": {\"column\": 8, "
	 "\"row\": 1}, \"message\": \"`os` imported but unused\"},\n {\"code\": null, "
	 "\"filename\": \"/b.py\", \"fix\": null, "
	 "\"location\": {\"column\": 1, \"row\": 2}, \"message\": \"Expected ':'\"}\n]",
		"/a.py:1:8: F401 [*] `os` imported but unused\n/b.py:2:1: error: Expected ':'\n",
		"2 diagnostics of ruff's JSON"},
	{"[{\"type\": \"warning\", \"path\": \"a.py\", \"line\": 7, \"column\": 0, \"symbol\": "
	 "\"unused-import\", \"message\": "
	 "\"Unused import os\", \"message-id\": \"W0611\"}]",
		"a.py:7:0: W0611: Unused import os (unused-import)\n",
		"1 messages of pylint's JSON"},
	{"{\"numFailedTests\":1,\"numPassedTests\":2,\"numPendingTests\":0,\"numTotalTests\":3,"
	 "\"testResults\":[{\"name\":"
	 "\"/"
	 "a.test.js\",\"status\":\"failed\",\"message\":\"no\",\"assertionResults\":[{\"fullName\":"
	 "\"a "
	 "adds\",\"status\":\"failed\",\"failureMessages\":[\"Error: expected 1\\n    at "
	 "a.js:1:1\"]},{\"fullName\":\"a "
	 "b\",\"status\":\"passed\"}]},{\"name\":\"/"
	 "b.test.js\",\"status\":\"passed\",\"message\":\"\",\"assertionResults\":[{"
	 "\"status\":\"passed\"}]},{\"name\":\"/"
	 "c.test.js\",\"status\":\"failed\",\"message\":\"Cannot find "
	 "module\",\"assertionResults\":[]}]}",
		"FAIL /a.test.js (2 tests)\n  ● a adds\nError: expected 1\n    at a.js:1:1\nPASS "
		"/b.test.js (1 tests)\nFAIL "
		"/c.test.js (0 tests)\nCannot find module\nTests: 1 failed, 2 passed, 0 skipped, 3 "
		"total\n",
		"3 files of jest's JSON"},
	{"{\"exitcode\":1,\"summary\":{\"failed\":1,\"passed\":1,\"total\":2},\"tests\":[{"
	 "\"nodeid\":\"a.py::test_x\",\"outcome\":"
	 "\"passed\"},{\"nodeid\":\"a.py::test_y\",\"outcome\":\"failed\",\"call\":{\"outcome\":"
	 "\"failed\",\"longrepr\":\"def "
	 "test_y():\\n>  assert 0\\nE  assert 0\"}}]}",
		"a.py::test_x PASSED\na.py::test_y FAILED\ndef test_y():\n>  assert 0\nE  assert "
		"0\n1 failed, 1 passed, 2 total\n",
		"2 tests of pytest's JSON"},
	{"[]", NULL, NULL},
	{"{\"testResults\":[]}", NULL, NULL},
	{"[{\"location\":\"here\",\"name\":\"x\"}]", NULL, NULL},
	{"[{\"filePath\":\"/a\"}]", NULL, NULL},
	{"{\"Action\":\"deny\"}\n{\"a\":1}\n", NULL, NULL},
	{"{\"reason\":\"none\"}\n{\"a\":1}\n", NULL, NULL},
};

static void reports_say_it_in_words(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct build_report r;

		if (build_report_read(str_from(cases[i].json), &a, &r) != (cases[i].text != NULL))
			fail_msg("case %zu: %s", i, cases[i].json);
		if (!cases[i].text)
			continue;
		assert_str(r.text, cases[i].text);
		assert_str(r.source, cases[i].source);
	}
	arena_release(&a);
}

static void add_event(struct buf *b, const char *package, str words)
{
	buf_printf(b,
		"{\"Time\":\"2026-11-28T10:00:00.123Z\",\"Action\":\"output\",\"Package\":\"%s\","
		"\"Output\":",
		package);
	buf_add_json_string(b, words);
	buf_add_c(b, "}\n");
}

/* Events of the lines, cut anywhere, with others of another package between. */
static void add_events(struct rng *r, struct buf *b, str text)
{
	while (text.n) {
		str line;
		bool has_eol;
		size_t cut;

		if (!str_next_line(&text, &line, &has_eol))
			return;
		line.n += has_eol;
		cut = rng_once_in(r, 5) ? rng_below(r, (uint32_t)line.n + 1) : line.n;
		while (cut < line.n && ((unsigned char)line.p[cut] & 0xc0) == 0x80)
			cut++;
		add_event(b, "one", str_sub(line, 0, cut));
		if (rng_once_in(r, 3))
			add_event(b, "two", STR("=== RUN   TestOther\n"));
		if (rng_once_in(r, 3))
			buf_add_c(
				b, "{\"Action\":\"run\",\"Package\":\"one\",\"Test\":\"TestX\"}\n");
		add_event(b, "one", str_sub(line, cut, line.n));
	}
}

static void what_was_cut_into_events_is_put_together(void **state)
{
	size_t elided = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++) {
		struct arena a = ARENA_INIT;
		struct rng r = rng_new(seed);
		struct buf words, facts, events;
		struct build_text t = {.text = &words, .facts = &facts};
		struct build_report report;
		struct codec_out out;
		struct codec_in in = {
			.kind = KIND_JSONL, .route = STR("headroom retrieve 3fa97c01")};

		buf_init_arena(&words, &a, LIMIT_INPUT);
		buf_init_arena(&facts, &a, LIMIT_INPUT);
		buf_init_arena(&events, &a, LIMIT_INPUT);
		add_random_build(&r, &t);
		if (utf8_valid_n(buf_str(&words)) < words.n || !words.n) {
			arena_release(&a);
			continue;
		}
		add_event(&events, "one", STR_NULL);
		add_events(&r, &events, buf_str(&words));
		in.text = buf_str(&events);
		assert_true(build_report_read(in.text, &a, &report));
		if (!str_starts(report.text, buf_str(&words)))
			fail_msg("seed %" PRIu64 ":\n" STR_FMT, seed, STR_ARG(report.text));
		if (build_codec.encode(&in, &a, &out)) {
			str rest = buf_str(&facts), line;

			elided++;
			while (str_next_line(&rest, &line, NULL))
				if (str_find(out.text, line) == STR_NONE)
					fail_msg("seed %" PRIu64 ": " STR_FMT, seed, STR_ARG(line));
			if (!build_codec.holds(in.text, out.text, &a))
				fail_msg("seed %" PRIu64 " does not hold:\n" STR_FMT, seed,
					STR_ARG(out.text));
			assert_false(build_codec.holds(buf_str(&words), out.text, &a));
		}
		in.route = STR_NULL;
		assert_false(build_codec.encode(&in, &a, &out));
		arena_release(&a);
	}
	assert_true(elided * 10 >= seeds_or(SEEDS) * 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_say_it_in_words),
		cmocka_unit_test(what_was_cut_into_events_is_put_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
