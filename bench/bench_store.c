/* Figures of core/store: puts and gets per second, the cost of a hit, bytes on disk.
 *
 *	bench_store [DIRECTORY [TEXT_FILE...]]
 *
 * The store is made in a temporary directory below DIRECTORY (default /tmp) and removed. Texts: lines like
 * those that tools print, made here; or the files given, each cut into texts of at most 16 KiB. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/original.h"
#include "core/store/rendering.h"

enum { TEXTS_MAX = 20000, TEXT_BYTES = 16 << 10, KEYS = 20000, BODY_BLOCKS = 300 };

struct bench {
	char dir[4096], path[4200];
	str *texts;
	size_t texts_n, bytes;
	struct buf all; /* what the texts point into */
	struct store *s;
	struct buf out;
};

static double now_s(void)
{
	return (double)clock_monotonic_ns(NULL) / 1e9;
}

static void must(enum err e, const struct errctx *cx)
{
	if (e) {
		(void)fprintf(stderr, "bench_store: %s: %s\n", err_name(e), cx->text);
		exit(1);
	}
}

static void report(const char *what, double seconds, size_t n, size_t bytes)
{
	printf("%-44s %9.0f /s %10.2f us", what, (double)n / seconds, seconds * 1e6 / (double)n);
	if (bytes)
		printf(" %9.1f MB/s", (double)bytes / 1e6 / seconds);
	(void)putchar('\n');
}

/* Something between a listing, a log and a source file: repetitive, but no two lines alike. */
static void make_texts(struct bench *b)
{
	static const char *const words[] = {"error", "static", "return", "include", "node_modules",
		"src/", "test_", "warning:", "0x", "INFO", "struct", "const char *", "    ",
		"/usr/lib/", "GET /v1/messages", "\tif (", ");", "assert", "2026-01-0", ".py"};
	uint64_t x = 88172645463325252u;

	for (size_t i = 0; i < 3000; i++) {
		size_t want = 200 + (i * 7919) % (2 * TEXT_BYTES);

		for (size_t start = b->all.n; b->all.n - start < want;) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			buf_add_c(&b->all, words[x % ARRAY_N(words)]);
			if (x >> 60 == 0)
				buf_add_u64(&b->all, x >> 32 & 0xfffff);
			if ((x >> 50 & 7) == 0)
				buf_add_byte(&b->all, '\n');
		}
	}
}

static void split_texts(struct bench *b)
{
	str rest = buf_str(&b->all);

	b->texts = mem_alloc(TEXTS_MAX * sizeof *b->texts);
	for (size_t i = 0; rest.n && b->texts_n < TEXTS_MAX; i++) {
		size_t n = 200 + (i * 7919) % (2 * TEXT_BYTES);

		n = n < rest.n ? n : rest.n;
		b->texts[b->texts_n++] = str_sub(rest, 0, n);
		b->bytes += n;
		rest = str_sub(rest, n, rest.n);
	}
}

static void open_store(struct bench *b, bool is_power_safe)
{
	struct errctx cx = {0};
	struct store_conf conf = {.path = b->path, .is_power_safe = is_power_safe};

	must(store_open(&conf, &b->s, &cx), &cx);
}

static size_t disk_bytes(const struct bench *b)
{
	struct stat st;

	return stat(b->path, &st) == 0 ? (size_t)st.st_size : 0;
}

static void remove_store(struct bench *b)
{
	char name[4300];
	static const char *const ends[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_N(ends); i++) {
		(void)snprintf(name, sizeof name, "%s%s", b->path, ends[i]);
		(void)unlink(name);
	}
}

/* Puts one, waiting out a full queue. */
static void put_original(struct bench *b, str text)
{
	struct original_key key = original_key_of(text);
	struct errctx cx = {0};
	enum err e = original_put(b->s, text, &key, STR("Read"), &cx);

	if (e == E_BUSY) {
		must(store_flush(b->s, &cx), &cx);
		e = original_put(b->s, text, &key, STR("Read"), &cx);
	}
	must(e, &cx);
}

static void bench_originals(struct bench *b)
{
	struct original_key *keys = mem_alloc(b->texts_n * sizeof *keys);
	struct errctx cx = {0};
	double start = now_s();

	for (size_t i = 0; i < b->texts_n; i++)
		put_original(b, b->texts[i]);
	must(store_flush(b->s, &cx), &cx);
	report("original_put, all committed", now_s() - start, b->texts_n, b->bytes);
	start = now_s();
	for (size_t i = 0; i < b->texts_n; i++)
		put_original(b, b->texts[i]);
	must(store_flush(b->s, &cx), &cx);
	report("original_put of known ones, all committed", now_s() - start, b->texts_n, b->bytes);
	for (size_t i = 0; i < b->texts_n; i++)
		keys[i] = original_key_of(b->texts[i]);
	start = now_s();
	for (size_t i = 0; i < b->texts_n; i++) {
		buf_reset(&b->out);
		must(original_get(b->s, str_from(keys[i].hex), &b->out, &cx), &cx);
	}
	report("original_get", now_s() - start, b->texts_n, b->bytes);
	store_close(b->s);
	printf("%-44s %9.3f MB for %.1f MB of text: %.3f MB per MB\n", "originals on disk",
		(double)disk_bytes(b) / 1e6, (double)b->bytes / 1e6,
		(double)disk_bytes(b) / (double)b->bytes);
	remove_store(b);
	mem_free(keys);
}

static struct hash128 key_of(size_t n)
{
	return hash128((str){(const char *)&n, sizeof n});
}

static void put_rendering(struct bench *b, size_t i, str text)
{
	struct rendering r = {.is_changed = text.n != 0,
		.tokens_before = 1000,
		.tokens_after = 500,
		.label = "gutter+reference"};
	struct errctx cx = {0};
	bool was_there;

	buf_reset(&b->out);
	must(rendering_put(b->s, key_of(i), &r, text, &b->out, &was_there, &cx), &cx);
}

static str short_text(const struct bench *b, size_t i)
{
	str text = b->texts[i % b->texts_n];

	return str_sub(text, 0, text.n < 2048 ? text.n : 2048);
}

static void get_all(struct bench *b, size_t n, size_t rounds, const char *what)
{
	struct errctx cx = {0};
	struct rendering r;
	double start = now_s();

	for (size_t round = 0; round < rounds; round++)
		for (size_t i = 0; i < n; i++) {
			buf_reset(&b->out);
			must(rendering_get(b->s, key_of(i), &r, &b->out, &cx), &cx);
		}
	report(what, now_s() - start, n * rounds, 0);
}

static void bench_renderings(struct bench *b, bool is_power_safe)
{
	struct errctx cx = {0};
	struct rendering r;
	size_t bytes = 0;
	double start;

	open_store(b, is_power_safe);
	start = now_s();
	for (size_t i = 0; i < KEYS; i++) {
		put_rendering(b, i, short_text(b, i));
		bytes += short_text(b, i).n;
		if (i % 10000 == 9999)
			must(store_flush(b->s, &cx), &cx);
	}
	must(store_flush(b->s, &cx), &cx);
	report(is_power_safe ? "rendering_put, power safe" : "rendering_put, all committed",
		now_s() - start, KEYS, bytes);
	get_all(b, KEYS, 10, "rendering_get, hit, 2 KiB");
	get_all(b, BODY_BLOCKS, 1000, "rendering_get, hit, 2 KiB, 300 keys");
	start = now_s();
	for (size_t i = 0; i < KEYS; i++)
		if (rendering_get(b->s, key_of(KEYS + i), &r, &b->out, &cx) != E_NOT_FOUND)
			exit(1);
	report("rendering_get, not there", now_s() - start, KEYS, 0);
	store_close(b->s);
	printf("%-44s %9.3f MB for %.1f MB of text\n", "renderings on disk",
		(double)disk_bytes(b) / 1e6, (double)bytes / 1e6);
	open_store(b, is_power_safe);
	get_all(b, KEYS, 1, "rendering_get, from the file");
	store_close(b->s);
	remove_store(b);
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, compare_doubles);
	return v[n / 2];
}

/* What a cold request does: look for 300 blocks, put 300 decisions, settle. */
static void cold_request(struct bench *b, size_t n, double *look, double *settle)
{
	struct hash128 keys[BODY_BLOCKS];
	struct errctx cx = {0};
	struct rendering r;
	double start = now_s();
	size_t lost_n;

	for (size_t i = 0; i < BODY_BLOCKS; i++) {
		keys[i] = key_of(n * BODY_BLOCKS + i);
		if (rendering_get(b->s, keys[i], &r, &b->out, &cx) != E_NOT_FOUND)
			exit(1);
		put_rendering(b, n * BODY_BLOCKS + i, i % 3 ? STR_NULL : short_text(b, i));
	}
	*look = now_s() - start;
	start = now_s();
	must(rendering_settle(b->s, keys, BODY_BLOCKS, &lost_n, &cx), &cx);
	*settle = now_s() - start;
}

static void bench_request(struct bench *b, bool is_power_safe)
{
	enum { REQUESTS = 51 };
	double look[REQUESTS], settle[REQUESTS];

	open_store(b, is_power_safe);
	for (size_t n = 0; n < REQUESTS; n++)
		cold_request(b, n, &look[n], &settle[n]);
	printf("cold request of 300 blocks%s\n",
		is_power_safe ? ", power safe, median" : ", median");
	report("  look up and put", median(look, REQUESTS), 1, 0);
	report("  rendering_settle", median(settle, REQUESTS), 1, 0);
	store_close(b->s);
	remove_store(b);
}

static void bench_open(struct bench *b)
{
	enum { ROUNDS = 200 };
	double start = now_s();

	for (int i = 0; i < ROUNDS; i++) {
		open_store(b, false);
		store_close(b->s);
	}
	report("store_open and store_close", now_s() - start, ROUNDS, 0);
	remove_store(b);
}

/* What the levels of zstd that pack.c may choose from make of the texts, and in what time. */
static void bench_levels(const struct bench *b)
{
	size_t cap = ZSTD_compressBound(STORE_TEXT_MAX);
	ZSTD_CCtx *context = ZSTD_createCCtx();
	char *frame = malloc(cap);

	for (int level = 1; context && frame && level <= 3; level++) {
		double start = now_s();
		size_t n = 0;
		char what[64];

		for (size_t i = 0; i < b->texts_n; i++)
			n += ZSTD_compressCCtx(
				context, frame, cap, b->texts[i].p, b->texts[i].n, level);
		(void)snprintf(what, sizeof what, "zstd level %d, %.1f %% left", level,
			100.0 * (double)n / (double)b->bytes);
		report(what, now_s() - start, b->texts_n, b->bytes);
	}
	free(frame);
	(void)ZSTD_freeCCtx(context);
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct errctx cx = {0};

	(void)snprintf(
		b.dir, sizeof b.dir, "%s/headroom-bench-store-XXXXXX", argc > 1 ? argv[1] : "/tmp");
	if (!mkdtemp(b.dir)) {
		perror(b.dir);
		return 1;
	}
	(void)snprintf(b.path, sizeof b.path, "%s/store.db", b.dir);
	buf_init(&b.all, LIMIT_INPUT);
	buf_init(&b.out, STORE_TEXT_MAX);
	for (int i = 2; i < argc; i++)
		must(file_read(argv[i], &b.all, &cx), &cx);
	if (argc <= 2)
		make_texts(&b);
	split_texts(&b);
	bench_levels(&b);
	bench_open(&b);
	open_store(&b, false);
	bench_originals(&b);
	bench_renderings(&b, false);
	bench_request(&b, false);
	bench_request(&b, true);
	(void)rmdir(b.dir);
	buf_release(&b.all);
	buf_release(&b.out);
	mem_free(b.texts);
	return 0;
}
