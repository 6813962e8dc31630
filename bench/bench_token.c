/* bench_token: how fast tokens are counted, how large the tables are, how soon the first count is
 * there.
 *
 * usage: bench_token [--dump FOLDER] [FILE]...
 *
 * Without files: "code" (the C files of this repository, when run in it), "logs", "json", "prose"
 * and "cjk" made from a seed, and, with HEADROOM_CORPORA set, samples of the recordings there.
 * Columns are MB (10^6 bytes) per second of
 * processor time, the best of some rounds: none (no cache), cold (a new cache each time), warm (the
 * cache has seen the text). --dump writes the texts to FOLDER, so that bench/peer_tiktoken.py can
 * give the same to its peer. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/cpu/cpu_clock.h"
#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/token/token.h"
#include "core/token/vocab.h"

enum { TEXT_N = 1 << 20, TEXTS_MAX = 64, PATH_N = 4096, ROUNDS = 9 };

struct text {
	char name[64];
	struct buf bytes;
};

struct texts {
	struct text v[TEXTS_MAX];
	size_t n;
};

static struct buf *add_text(struct texts *t, const char *name)
{
	struct text *x;

	ASSERT(t->n < TEXTS_MAX);
	x = &t->v[t->n++];
	(void)snprintf(x->name, sizeof x->name, "%s", name);
	buf_init(&x->bytes, LIMIT_INPUT);
	return &x->bytes;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static const char *const WORDS[] = {"the", "of", "request", "server", "connection", "timeout",
	"with", "failed", "cache", "index", "worker", "starting", "completed", "in", "and",
	"unexpected", "response", "from", "user", "session", "token", "database", "query",
	"returned", "rows", "is", "not", "available", "retrying", "after"};

/* Words of one language come by Zipf's law: the n-th as often as 1/n. */
static const char *word(uint32_t *seed)
{
	size_t n = ARRAY_N(WORDS);

	return WORDS[(next(seed) % n) * (next(seed) % n) / n];
}

static void make_logs(struct buf *b)
{
	static const char *const LEVELS[] = {"INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"};
	uint32_t seed = 1;

	for (uint32_t i = 0; b->n < TEXT_N; i++) {
		buf_printf(b,
			"2026-03-%02u %02u:%02u:%02u,%03u %-5s [worker-%u] "
			"com.example.%s.%sService: ",
			i / 86400 % 28 + 1, i / 3600 % 24, i / 60 % 60, i % 60, next(&seed) % 1000,
			LEVELS[next(&seed) % 6], next(&seed) % 16, word(&seed), word(&seed));
		for (uint32_t n = next(&seed) % 8 + 3; n > 0; n--)
			buf_printf(b, "%s ", word(&seed));
		buf_printf(b, "id=%08x addr=10.%u.%u.%u:%u took %ums\n", next(&seed) * 251,
			next(&seed) % 256, next(&seed) % 256, next(&seed) % 256,
			1024 + next(&seed) % 60000, next(&seed) % 5000);
	}
}

static void make_json(struct buf *b)
{
	uint32_t seed = 2;

	buf_add_c(b, "[");
	for (uint32_t i = 0; b->n < TEXT_N; i++)
		buf_printf(b,
			"{\"id\":%u,\"uuid\":\"%08x-%04x-4%03x-a%03x-%06x%06x\",\"name\":\"%s "
			"%s\",\"is_active\":%s,"
			"\"tags\":[\"%s\",\"%s\"],\"score\":%u.%03u,\"created_at\":\"2026-03-%02uT%"
			"02u:%02u:%02uZ\"},",
			i, next(&seed) * 251, next(&seed) & 0xffff, next(&seed) & 0xfff,
			next(&seed) & 0xfff, next(&seed), next(&seed), word(&seed), word(&seed),
			next(&seed) % 2 ? "true" : "false", word(&seed), word(&seed),
			next(&seed) % 100, next(&seed) % 1000, next(&seed) % 28 + 1,
			next(&seed) % 24, next(&seed) % 60, next(&seed) % 60);
	buf_add_c(b, "{}]\n");
}

static void make_prose(struct buf *b)
{
	uint32_t seed = 3;

	while (b->n < TEXT_N) {
		for (uint32_t n = next(&seed) % 14 + 5; n > 0; n--) {
			buf_add_c(b, word(&seed));
			if (next(&seed) % 12 == 0)
				buf_add_c(b, "ing");
			buf_add_c(b, n == 1 ? ". " : next(&seed) % 9 ? " " : ", ");
		}
		if (next(&seed) % 6 == 0)
			buf_add_c(b, "\n\n");
	}
}

/* Runs of CJK letters without any white space: pieces of many tokens. */
static void make_cjk(struct buf *b)
{
	uint32_t seed = 4;

	while (b->n < TEXT_N) {
		uint32_t c = 0x4e00 + (next(&seed) % 64) * (next(&seed) % 64);

		buf_add_byte(b, (char)(0xe0 | c >> 12));
		buf_add_byte(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_add_byte(b, (char)(0x80 | (c & 0x3f)));
		if (next(&seed) % 20 == 0)
			buf_add_c(b, "\xe3\x80\x82");
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends files below folder whose names end in one of the endings, in order of names, up to TEXT_N
 * bytes. */
static void read_files(struct buf *b, const char *folder, const char *const endings[])
{
	struct dirent *e;
	DIR *d = opendir(folder);
	char *names[4096];
	size_t n = 0;

	while (d && n < ARRAY_N(names) && (e = readdir(d))) {
		if (e->d_name[0] != '.' && (names[n] = strdup(e->d_name)))
			n++;
	}
	if (d)
		closedir(d);
	qsort(names, n, sizeof *names, compare_names);
	for (size_t i = 0; i < n; i++) {
		char path[PATH_N];
		bool is_wanted = false;

		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		for (size_t k = 0; endings[k]; k++)
			is_wanted |= str_ends(str_from(path), str_from(endings[k]));
		if (b->n < TEXT_N && (!is_wanted || file_read(path, b, NULL) != E_OK))
			read_files(b, path, endings);
		free(names[i]);
	}
}

static void make_texts(struct texts *t)
{
	static const char *const SOURCES[] = {".c", ".h", NULL}, *const ALL[] = {"", NULL};
	static const char *const RECORDED[] = {
		"logs", "json_api", "text_tools", "agent_transcripts", "turns"};
	const char *corpora = getenv("HEADROOM_CORPORA");
	struct buf *code = add_text(t, "code");

	read_files(code, "core", SOURCES);
	read_files(code, "tests", SOURCES);
	make_logs(add_text(t, "logs"));
	make_json(add_text(t, "json"));
	make_prose(add_text(t, "prose"));
	make_cjk(add_text(t, "cjk"));
	for (size_t i = 0; corpora && i < ARRAY_N(RECORDED); i++) {
		char path[PATH_N], name[64];

		(void)snprintf(path, sizeof path, "%s/%s", corpora, RECORDED[i]);
		(void)snprintf(name, sizeof name, "corpora:%s", RECORDED[i]);
		read_files(add_text(t, name), path, ALL);
	}
}

static void dump(const struct texts *t, const char *folder)
{
	for (size_t i = 0; i < t->n; i++) {
		char path[PATH_N];

		(void)snprintf(path, sizeof path, "%s/%s", folder, t->v[i].name);
		ASSERT(file_write_atomic(path, buf_str(&t->v[i].bytes), 0644, NULL) == E_OK);
	}
}

/* ---- measuring ------------------------------------------------------------------------------- */

enum mode { MODE_NONE, MODE_COLD, MODE_WARM };

/* MB/s, the best of some rounds. */
static double speed(enum token_encoding e, str text, enum mode mode)
{
	struct token_cache *cache = NULL;
	int64_t best = INT64_MAX;

	if (mode == MODE_WARM) {
		ASSERT((cache = token_cache_new()));
		(void)token_count(e, text, cache);
	}
	for (int i = 0; i < ROUNDS; i++) {
		int64_t start = cpu_ns(), took;

		if (mode == MODE_COLD)
			ASSERT((cache = token_cache_new()));
		(void)token_count(e, text, cache);
		took = cpu_ns() - start;
		best = took < best ? took : best;
		if (mode == MODE_COLD)
			token_cache_free(cache);
	}
	if (mode == MODE_WARM)
		token_cache_free(cache);
	return (double)text.n * 1e3 / (double)(best ? best : 1);
}

/* Memory of this process that is resident. */
static long resident_kib(void)
{
	struct buf b;
	str rest, size, resident;
	uint64_t pages = 0;

	buf_init(&b, 4096);
	if (file_read("/proc/self/statm", &b, NULL) == E_OK) {
		rest = buf_str(&b);
		(void)(str_split(&rest, ' ', &size) && str_split(&rest, ' ', &resident) &&
			str_u64(resident, &pages));
	}
	buf_release(&b);
	return (long)pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* In a process that has counted nothing yet: time and memory of the first counts. */
static void print_first(str text)
{
	const str line = STR("hello, world\n");
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		long before = resident_kib();
		int64_t t0 = clock_monotonic_ns(NULL), t1, t2;

		(void)token_count(TOKEN_O200K, line, NULL);
		t1 = clock_monotonic_ns(NULL);
		(void)token_count(TOKEN_O200K, text, NULL);
		t2 = clock_monotonic_ns(NULL);
		printf("first count of %zu bytes: %.3f ms; of %zu more: %.3f ms; tables resident "
		       "after it: %ld KiB\n",
			line.n, (double)(t1 - t0) / 1e6, text.n, (double)(t2 - t1) / 1e6,
			resident_kib() - before);
		fflush(stdout);
		_exit(0);
	}
	(void)waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	static const char *const ENCODINGS[] = {"o200k_base", "cl100k_base"};
	struct texts *t = calloc(1, sizeof *t);
	int arg = argc > 2 && strcmp(argv[1], "--dump") == 0 ? 3 : 1;

	ASSERT(t);
	for (int i = arg; i < argc; i++) {
		const char *base = strrchr(argv[i], '/');

		ASSERT(file_read(argv[i], add_text(t, base ? base + 1 : argv[i]), NULL) == E_OK);
	}
	if (t->n == 0)
		make_texts(t);
	if (arg == 3) {
		dump(t, argv[2]);
		return 0;
	}
	print_first(str_sub(
		buf_str(&t->v[0].bytes), 0, t->v[0].bytes.n < 1000000 ? t->v[0].bytes.n : 1000000));
	printf("%-12s %-26s %9s %9s %8s %8s %8s\n", "encoding", "text", "bytes", "tokens", "none",
		"cold", "warm");
	for (int e = 0; e < TOKEN_ENCODING_N; e++) {
		for (size_t i = 0; i < t->n; i++) {
			str text = buf_str(&t->v[i].bytes);

			printf("%-12s %-26s %9zu %9zu %8.1f %8.1f %8.1f\n", ENCODINGS[e],
				t->v[i].name, text.n, token_count(e, text, NULL),
				speed(e, text, MODE_NONE), speed(e, text, MODE_COLD),
				speed(e, text, MODE_WARM));
		}
	}
	return 0;
}
