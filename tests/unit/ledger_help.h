/* What the tests of the ledger share: a row with a figure in every field, and what queries gave. */
#ifndef TESTS_UNIT_LEDGER_HELP_H
#define TESTS_UNIT_LEDGER_HELP_H

#include "tests/unit/store_fixture.h"

#include "core/store/ledger.h"

static inline struct ledger_row row_of(unsigned n)
{
	struct ledger_row row = {.at_ms = fake_ms,
		.upstream = "anthropic",
		.endpoint = "messages",
		.format = "anthropic",
		.client = "claude-code",
		.model = STR("claude-opus-4-5"),
		.project = STR("headroom"),
		.session = STR("s1"),
		.proxy_run = 7,
		.status = 200,
		.is_stream = true,
		.is_complete = true,
		.reason = "changed",
		.transforms = STR("gutter*3 reference*2"),
		.error = STR(""),
		.tokens_before = 1000,
		.tokens_after = 600,
		.results_n = 9,
		.changed_n = 5,
		.bytes_in = 4000,
		.bytes_sent = 3000,
		.bytes_out = 500,
		.has_usage = true,
		.input = 10,
		.cache_read = 20,
		.cache_write_5m = 30,
		.cache_write_1h = 40,
		.output = 50,
		.reasoning = 5,
		.cost_nano = 1000,
		.has_saved = true,
		.saved_nano = 300,
		.latency_us = 2000,
		.overhead_us = 100,
		.ttfb_us = 900,
		.attempts = 1,
		.break_cause = n % 4 ? "" : "tools",
		.break_path = n % 4 ? STR("") : STR("tools[3] Bash"),
		.break_at = n % 4 ? 0 : 1234,
		.break_tokens = n % 4 ? 0 : 5000,
		.break_nano = n % 4 ? 0 : 70,
		.parts = n % 2 ? STR("[[0,\"Bash\",3,250],[1,\"gutter+reference\",3,250],[0,"
				     "\"Read\",2,"
				     "100]]")
			       : STR("[[1,\"table\",1,400]]"),
		.conversation = 1000 + n,
		.asked = 2000 + n,
		.arm = LEDGER_ARM_TREATED,
		.again_n = 2,
		.retrievals_n = 1};

	(void)snprintf(row.id, sizeof row.id, "01ARZ3NDEKTSV4RRFFQ%07u", n % 10000000);
	return row;
}

static inline void add(struct fixture *f, struct store *s, const struct ledger_row *row)
{
	if (ledger_add(s, row, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
}

/* ---- what queries gave ---- */

enum { SEEN_MAX = 64 };

struct seen {
	size_t n;
	char keys[SEEN_MAX][LEDGER_TEXT_MAX + 1];
	struct ledger_sum sums[SEEN_MAX];
};

static inline void see_sum(void *self, str key, const struct ledger_sum *sum)
{
	struct seen *seen = self;

	assert_true(seen->n < SEEN_MAX);
	(void)snprintf(seen->keys[seen->n], sizeof seen->keys[0], STR_FMT, STR_ARG(key));
	seen->sums[seen->n++] = *sum;
}

static inline void sums(
	struct fixture *f, struct store *s, const struct ledger_query *q, struct seen *seen)
{
	*seen = (struct seen){0};
	flush(f, s);
	if (ledger_sums(s, q, see_sum, seen, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
}

static inline struct ledger_sum total(struct fixture *f, struct store *s)
{
	struct seen seen;

	sums(f, s, &(struct ledger_query){0}, &seen);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.keys[0], "");
	return seen.sums[0];
}

#endif
