/* bench_cold: what one large request costs, as `headroom proxy` compresses it, for counting instructions where a machine's noise must not
 * show: a new conversation, and one more turn of it, each in a function of its own.
 *
 *	bench_cold [--helpers N] RUNS BODY [BEFORE]
 *
 * BODY: a request of bench/proxy/bodies.c; BEFORE: the same without its last turn. Prints the best processor time of this thread, and a
 * hash of what was sent, which must not change when only the speed does. Instructions:
 *
 *	build/release/bench/proxy/bodies DIR
 *	valgrind --tool=callgrind --toggle-collect='run_cold*' build/release/bench/bench_cold 1 DIR/anthropic-1m.json
 *	valgrind --tool=callgrind --toggle-collect='run_turn*' build/release/bench/bench_cold 1 DIR/anthropic-1m.json DIR/anthropic-1m-before.json
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/cpu/cpu_clock.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/engine/engine.h"

struct bench {
	struct engine *engine;
	struct store *store;
	struct buf body, before;
	struct hash128 sent; /* of all bodies */
	size_t sent_n;
	unsigned turns_n;
};

static void must(enum err err, const struct errctx *cx)
{
	if (!err)
		return;
	fprintf(stderr, "bench_cold: %s\n", cx->text);
	exit(1);
}

/* As `headroom proxy` does by default. */
static int64_t request(struct bench *b, str body, struct compress_result *r)
{
	static const struct compress_conf conf = {.elides = true,
		.learns = true,
		.retrieves_by_tool = true,
		.offers_retrieve = true,
		.expands = true,
		.watches = true};
	struct errctx cx = {0};

	must(compress_request(b->engine, body, WIRE_NONE, &conf, r, &cx), &cx);
	return r->elapsed_ns;
}

static int64_t __attribute__((noinline))
run_cold(struct bench *b, str body, struct compress_result *r)
{
	return request(b, body, r);
}

static int64_t __attribute__((noinline))
run_turn(struct bench *b, str body, struct compress_result *r)
{
	b->turns_n++; /* else a compiler makes one function of both */
	return request(b, body, r);
}

static void take_result(struct bench *b, struct compress_result *r)
{
	b->sent = hash128_chain(b->sent, hash128(r->body));
	b->sent_n = r->body.n;
	compress_result_release(r);
}

static void read_body(const char *path, struct buf *out)
{
	struct errctx cx = {0};

	buf_init(out, LIMIT_INPUT);
	must(file_read(path, out, &cx), &cx);
}

/* Another conversation by the number in its first message. */
static void renumber(struct buf *body, unsigned n)
{
	char *at = memmem(body->p, body->n, "conversation ", 13), digits[16];

	if (!at)
		return;
	(void)snprintf(digits, sizeof digits, "%06u", n % 1000000);
	memcpy(at + 13, digits, 6);
}

static void keep_best(int64_t *best, int64_t ns)
{
	if (!*best || ns < *best)
		*best = ns;
}

static void open_bench(struct bench *b, unsigned helpers_n)
{
	struct store_conf conf = {.is_in_memory = true};
	struct engine_conf engine = {.clock = &cpu_clock, .helpers_n = helpers_n};
	struct errctx cx = {0};

	must(store_open(&conf, &b->store, &cx), &cx);
	engine.store = b->store;
	must(engine_new(&engine, &b->engine, &cx), &cx);
}

int main(int argc, char **argv)
{
	int64_t cold = 0, turn = 0;
	struct bench b = {0};
	struct compress_result r;
	unsigned helpers = 0, runs;

	if (argc > 2 && strcmp(argv[1], "--helpers") == 0) {
		helpers = (unsigned)strtoul(argv[2], NULL, 10);
		argv += 2;
		argc -= 2;
	}
	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: bench_cold [--helpers N] RUNS BODY [BEFORE]\n");
		return 2;
	}
	runs = (unsigned)strtoul(argv[1], NULL, 10);
	read_body(argv[2], &b.body);
	read_body(argv[argc - 1], &b.before);
	open_bench(&b, helpers);
	for (unsigned i = 0; i < runs; i++) {
		renumber(&b.body, i);
		renumber(&b.before, i);
		keep_best(&cold, run_cold(&b, buf_str(&b.before), &r));
		take_result(&b, &r);
		keep_best(&turn, run_turn(&b, buf_str(&b.body), &r));
		take_result(&b, &r);
	}
	printf("cold %8.2f ms\n%s %8.2f ms\nsent %zu bytes, hash %016llx%016llx\n",
		(double)cold / 1e6, argc == 4 ? "turn" : "warm", (double)turn / 1e6, b.sent_n,
		(unsigned long long)b.sent.hi, (unsigned long long)b.sent.lo);
	engine_free(b.engine);
	store_close(b.store);
	buf_release(&b.body);
	buf_release(&b.before);
	return 0;
}
