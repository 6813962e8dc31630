/* Figures of the ledger: rows per second, bytes per row, what queries over a full one cost, folding.
 *
 *	bench_ledger [ROWS [DIRECTORY]]
 *
 * ROWS (default 200000, the ledger's maximum) requests of 400 days, made here; the store is made in a
 * temporary directory below DIRECTORY (default /tmp) and removed. The same follows for a store in memory,
 * with a tenth of the rows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/store/calibration.h"
#include "core/store/ledger.h"

enum { DAYS = 400, FLUSH_ROWS = 4096 };
#define DAY_MS ((int64_t)24 * 3600 * 1000)

struct bench {
	char dir[4096], path[4200];
	struct store *s;
	int64_t now_ms;
	size_t rows_n;
};

static double now_s(void)
{
	return (double)clock_monotonic_ns(NULL) / 1e9;
}

static void must(enum err e, const struct errctx *cx)
{
	if (e) {
		(void)fprintf(stderr, "bench_ledger: %s: %s\n", err_name(e), cx->text);
		exit(1);
	}
}

static void report(const char *what, double seconds, size_t n)
{
	printf("%-44s %12.0f /s %12.2f us\n", what, (double)n / seconds, seconds * 1e6 / (double)n);
}

static void open_store(struct bench *b, bool is_in_memory, uint64_t rows_max)
{
	struct store_conf conf = {
		.path = b->path, .is_in_memory = is_in_memory, .ledger_rows_max = rows_max};
	struct errctx cx = {0};

	must(store_open(&conf, &b->s, &cx), &cx);
}

/* Row i of n: evenly over the days, oldest first. */
static struct ledger_row make_row(const struct bench *b, size_t i)
{
	static const char *const models[] = {"claude-opus-4-5-20251101", "claude-sonnet-4-6",
		"claude-haiku-4-5-20251001", "gpt-5.2-codex", "gemini-3-pro"};
	static const char *const clients[] = {"claude-code", "codex", "gemini-cli"};
	static const char *const projects[] = {"headroom", "website", "infra", "thesis", ""};
	struct ledger_row row = {.upstream = "anthropic",
		.endpoint = "messages",
		.format = "anthropic",
		.client = clients[i % 3],
		.model = str_from(models[i % 5]),
		.project = str_from(projects[i / 100 % 5]),
		.session = STR("0b2f6d1e-54a3-4f0e-9d2c-8f1c2a3b4c5d"),
		.proxy_run = i / 1000,
		.status = i % 50 ? 200 : 529,
		.is_stream = true,
		.is_complete = true,
		.reason = i % 4 ? "changed" : "nothing_to_do",
		.transforms = STR("gutter*3 reference*2"),
		.tokens_before = 60000 + i % 40000,
		.tokens_after = 40000 + i % 30000,
		.results_n = 40,
		.changed_n = 25,
		.bytes_in = 300000,
		.bytes_sent = 200000,
		.bytes_out = 4000,
		.has_usage = true,
		.input = 20,
		.cache_read = 70000,
		.cache_write_5m = 3000,
		.output = 700,
		.cost_nano = 71350000,
		.has_saved = true,
		.saved_nano = 9000000,
		.latency_us = 8000000,
		.overhead_us = 1500,
		.ttfb_us = 1200000,
		.attempts = 1};

	row.at_ms = b->now_ms - DAYS * DAY_MS / 10 * 9 +
		    (int64_t)((double)DAYS * DAY_MS * 0.9 * (double)i / (double)b->rows_n);
	clock_id(NULL, row.id);
	return row;
}

static void add_rows(struct bench *b)
{
	struct errctx cx = {0};
	double start = now_s();

	for (size_t i = 0; i < b->rows_n; i++) {
		struct ledger_row row = make_row(b, i);

		must(ledger_add(b->s, &row, &cx), &cx);
		if (i % FLUSH_ROWS == FLUSH_ROWS - 1)
			must(store_flush(b->s, &cx), &cx);
	}
	must(store_flush(b->s, &cx), &cx);
	report("ledger_add, to the commit", now_s() - start, b->rows_n);
}

static void ignore_sum(void *self, str key, const struct ledger_sum *sum)
{
	(void)key;
	*(uint64_t *)self += sum->requests;
}

static void ignore_row(void *self, const struct ledger_row *row)
{
	(void)row;
	++*(uint64_t *)self;
}

static void bench_sums(struct bench *b, const char *what, enum ledger_group group, int64_t from_ms)
{
	struct ledger_query q = {.from_ms = from_ms, .group = group};
	struct errctx cx = {0};
	uint64_t n = 0;
	double start = now_s();

	must(ledger_sums(b->s, &q, ignore_sum, &n, &cx), &cx);
	printf("%-44s %12" PRIu64 " rows %9.2f ms\n", what, n, (now_s() - start) * 1e3);
}

static void bench_small(struct bench *b)
{
	enum { ROUNDS = 2000 };
	struct errctx cx = {0};
	uint64_t n = 0;
	double start = now_s(), scale = 0;

	for (int i = 0; i < ROUNDS / 20; i++)
		must(ledger_recent(b->s, &(struct ledger_query){0}, ignore_row, &n, &cx), &cx);
	report("ledger_recent, 100 rows", now_s() - start, ROUNDS / 20);
	for (int i = 0; i < CALIBRATION_MIN; i++)
		must(calibration_add(b->s, STR("claude-opus-4-5"), 1000, 1200, &cx), &cx);
	must(store_flush(b->s, &cx), &cx);
	start = now_s();
	for (int i = 0; i < ROUNDS; i++)
		if (!calibration_get(b->s, STR("claude-opus-4-5"), &scale, NULL))
			exit(1);
	report("calibration_get", now_s() - start, ROUNDS);
}

static void bench_spent(struct bench *b)
{
	struct errctx cx = {0};
	int64_t nano;
	double start = now_s();

	must(ledger_spent(b->s, b->now_ms - 31 * DAY_MS, &nano, &cx), &cx);
	printf("%-44s %31.2f ms\n", "ledger_spent, 31 days", (now_s() - start) * 1e3);
}

static void bench_queries(struct bench *b)
{
	bench_sums(b, "ledger_sums of all", LEDGER_ALL, 0);
	bench_sums(b, "  by model", LEDGER_BY_MODEL, 0);
	bench_sums(b, "  by hour", LEDGER_BY_HOUR, 0);
	bench_sums(b, "  by week", LEDGER_BY_WEEK, 0);
	bench_sums(b, "  by model, 24 hours", LEDGER_BY_MODEL, b->now_ms - 41 * DAY_MS);
	bench_spent(b);
	bench_small(b);
}

static void bench_file(struct bench *b)
{
	struct errctx cx = {0};
	struct store_stats st;
	struct stat file;
	double start;

	open_store(b, false, b->rows_n);
	add_rows(b);
	bench_queries(b);
	store_close(b->s);
	if (stat(b->path, &file) == 0)
		printf("%-44s %12.1f bytes\n", "a row in the file",
			(double)file.st_size / (double)b->rows_n);
	open_store(b, false, 1);
	start = now_s();
	/* The first write wakes the writer, which then goes on by itself. */
	must(calibration_add(b->s, STR("gpt-5"), 1000, 1000, &cx), &cx);
	do {
		(void)usleep(1000);
		store_get_stats(b->s, &st);
	} while (st.ledger_n > 1);
	report("folding all", now_s() - start, b->rows_n);
	bench_sums(b, "ledger_sums of all, folded", LEDGER_ALL, 0);
	store_close(b->s);
}

int main(int argc, char **argv)
{
	static struct bench b;
	uint64_t n = 200000;

	if (argc > 1 && (!str_u64(str_from(argv[1]), &n) || n < 10)) {
		(void)fprintf(stderr, "usage: bench_ledger [ROWS [DIRECTORY]]\n");
		return 2;
	}
	(void)snprintf(b.dir, sizeof b.dir, "%s/headroom-bench-ledger-XXXXXX",
		argc > 2 ? argv[2] : "/tmp");
	if (!mkdtemp(b.dir)) {
		perror(b.dir);
		return 1;
	}
	(void)snprintf(b.path, sizeof b.path, "%s/store.db", b.dir);
	b.now_ms = clock_wall_ms(NULL);
	b.rows_n = n;
	bench_file(&b);
	(void)unlink(b.path);
	(void)rmdir(b.dir);
	printf("\nin memory\n");
	b.rows_n = n / 10;
	open_store(&b, true, b.rows_n);
	add_rows(&b);
	bench_queries(&b);
	store_close(b.s);
	return 0;
}
