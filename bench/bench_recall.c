/* bench_recall: the search over very many memories, with and without the index of core/memory/keep.h.
 *   bench_recall --fill TEXTS FILE      a new store of the lines of a file (bench/memory/texts.py), each a memory
 *   bench_recall --keep FILE            makes or renews the index, and says what it takes and by how much the file grows
 *   bench_recall --ask QUESTIONS FILE   asks each line of a file: the first search of a process, later ones, its memory
 *   bench_recall --exact QUESTIONS FILE the same without a look at the index
 *   bench_recall --compare QUESTIONS FILE  how much of the best ten of an exact search is found with the index: by the whole formula, and of
 *                                       vectors alone
 *   bench_recall --save N FILE          N memories more, each by itself, and how long each takes; what is due is done in another thread meanwhile
 * Times are of the processor where nothing else is said. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/memory/embed.h"
#include "core/memory/finder_internal.h"
#include "core/memory/keep.h"

enum { BEST = 10 };

static int fail(const struct errctx *cx)
{
	(void)fprintf(stderr, "bench_recall: %s\n", cx->text);
	return 1;
}

static int64_t cpu_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double ms_of(int64_t ns)
{
	return (double)ns / 1e6;
}

static double file_mb(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (double)st.st_size / 1e6 : 0;
}

static double resident_mb(void)
{
	struct rusage r;

	(void)getrusage(RUSAGE_SELF, &r);
	return (double)r.ru_maxrss * 1024 / 1e6;
}

static bool next_line(str *rest, str *line)
{
	size_t end = str_find_byte(*rest, '\n');

	*line = str_sub(*rest, 0, end == STR_NONE ? rest->n : end);
	*rest = str_sub(*rest, end == STR_NONE ? rest->n : end + 1, rest->n);
	return line->n > 0;
}

static struct memory memory_of(str text)
{
	struct memory m = memory_blank();

	m.text[MEMORY_USER] = STR("bench");
	m.text[MEMORY_CONTENT] = text;
	return m;
}

static int fill(const char *texts, const char *file)
{
	enum { AT_ONCE = 5000 };
	struct memory_store *s = NULL;
	struct memory_added added;
	struct errctx cx = {0};
	int64_t cpu = cpu_ns();
	size_t n = 0;
	struct buf in;
	str rest, line;
	enum err e;

	buf_init(&in, (size_t)1 << 30);
	e = file_read(texts, &in, &cx);
	e = e ? e : memory_store_open(file, MEMORY_WRITE, NULL, &s, &cx);
	for (rest = buf_str(&in); !e && next_line(&rest, &line); n++) {
		struct memory m = memory_of(line);

		if (n % AT_ONCE == 0)
			e = memory_begin(s, &cx);
		e = e ? e : memory_add(s, &m, &added, &cx);
		if (!e && ((n + 1) % AT_ONCE == 0 || !rest.n)) {
			e = memory_index_store(s, &cx);
			e = e ? e : memory_commit(s, &cx);
		}
	}
	memory_store_close(s);
	(void)printf("memories %zu  filled in %.1f s  file %.1f MB\n", n,
		ms_of(cpu_ns() - cpu) / 1000, file_mb(file));
	buf_release(&in);
	return e ? fail(&cx) : 0;
}

static int keep(const char *file)
{
	static const char *const names[] = {"as it was", "renewed", "made"};
	double mb = file_mb(file);
	struct memory_store *s = NULL;
	struct errctx cx = {0};
	int64_t cpu = cpu_ns(), wall = clock_monotonic_ns(NULL);
	enum kept kept = KEPT_AS_IT_WAS;
	enum err e = memory_store_open(file, MEMORY_WRITE, NULL, &s, &cx);

	e = e ? e : memory_keep(s, KEEP_LEAST, NULL, NULL, &kept, &cx);
	memory_store_close(s);
	(void)printf(
		"index %s  processor %.2f s  wall %.2f s  resident at most %.0f MB  file %.1f to "
		"%.1f MB\n",
		names[kept], ms_of(cpu_ns() - cpu) / 1000,
		ms_of(clock_monotonic_ns(NULL) - wall) / 1000, resident_mb(), mb, file_mb(file));
	return e ? fail(&cx) : 0;
}

/* ---- asking -------------------------------------------------------------------------------------------------- */

struct best {
	size_t n;
	char ids[BEST][MEMORY_ID_LEN + 1];
};

static enum err ask(struct memory_finder *f, str question, struct best *out, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct memory_filter filter = memory_filter_all();
	struct memory_search q = {.query = {.text = question, .limit = BEST}};
	struct memory_answer got;
	enum err e;

	filter.user = STR("bench");
	e = memory_find_answers(f, &filter, &q, &a, &got, cx);
	for (out->n = 0; !e && out->n < got.n; out->n++)
		(void)snprintf(out->ids[out->n], sizeof out->ids[0], STR_FMT,
			STR_ARG(got.v[out->n].memory->text[MEMORY_ID]));
	if (!e)
		memory_set_free(&got.set);
	arena_release(&a);
	return e;
}

static size_t common(const struct best *a, const struct best *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			n += strcmp(a->ids[i], b->ids[k]) == 0;
	return n;
}

static bool is_first(const void *self, uint32_t a, uint32_t b)
{
	(void)self;
	return a > b;
}

/* The nearest ten of vectors alone: of a in b. */
static void compare_near(const struct memory_finder *a, const struct memory_finder *b, str question,
	size_t *found, size_t *of)
{
	struct near x[NEAR_MAX], y[NEAR_MAX];
	struct near_query q = {.counts = a->lengths, .is_first = is_first};
	char vector[EMBED_BYTES];
	size_t n, m;

	if (!embed_text(question, vector))
		return;
	q.vector = (str){vector, EMBED_BYTES};
	n = near_find(&a->near, &q, x);
	q.counts = b->lengths;
	m = near_find(&b->near, &q, y);
	for (size_t i = 0; i < n && i < BEST; i++)
		for (size_t k = 0; k < m && k < BEST; k++)
			*found += a->more[x[i].i].number == b->more[y[k].i].number;
	*of += n < BEST ? n : BEST;
}

struct asking {
	struct memory_store *s;
	struct memory_finder *f, *exact;
	str questions;
	struct errctx cx;
};

static enum err ask_all(struct asking *a)
{
	int64_t cpu, first = 0, sum = 0, worst = 0;
	struct best best;
	size_t n = 0;
	str rest = a->questions, line;

	while (next_line(&rest, &line)) {
		cpu = cpu_ns();
		TRY(ask(a->f, line, &best, &a->cx));
		cpu = cpu_ns() - cpu;
		first = n ? first : cpu;
		sum += n ? cpu : 0;
		worst = n && cpu > worst ? cpu : worst;
		n++;
	}
	(void)printf("memories %zu  lists %zu  first search %.1f ms  then mean %.2f ms  worst %.2f "
		     "ms  (%zu questions)  resident %.0f MB\n",
		a->f->n, a->f->lists.lists, ms_of(first), n > 1 ? ms_of(sum) / (double)(n - 1) : 0,
		ms_of(worst), n, resident_mb());
	return E_OK;
}

static enum err compare_all(struct asking *a)
{
	size_t found = 0, of = 0, near_found = 0, near_of = 0;
	str rest = a->questions, line;
	struct best x, y;

	TRY(memory_finder_new(a->s, &a->exact, &a->cx));
	a->exact->reads_all = true;
	while (next_line(&rest, &line)) {
		TRY(ask(a->exact, line, &x, &a->cx));
		TRY(ask(a->f, line, &y, &a->cx));
		found += common(&x, &y);
		of += x.n;
		compare_near(a->exact, a->f, line, &near_found, &near_of);
	}
	(void)printf("of the best ten of an exact search: %.4f by the formula, %.4f of vectors "
		     "alone\n",
		(double)found / (double)(of ? of : 1),
		(double)near_found / (double)(near_of ? near_of : 1));
	return E_OK;
}

enum mode { ASK, EXACT, COMPARE };

static int ask_file(const char *questions, const char *file, enum mode mode)
{
	struct asking a = {.s = NULL};
	struct buf in;
	enum err e;

	buf_init(&in, LIMIT_INPUT);
	e = file_read(questions, &in, &a.cx);
	a.questions = buf_str(&in);
	e = e ? e : memory_store_open(file, MEMORY_READ, NULL, &a.s, &a.cx);
	e = e ? e : memory_finder_new(a.s, &a.f, &a.cx);
	if (!e) {
		a.f->reads_all = mode == EXACT;
		e = mode == COMPARE ? compare_all(&a) : ask_all(&a);
	}
	memory_finder_free(a.f);
	memory_finder_free(a.exact);
	memory_store_close(a.s);
	buf_release(&in);
	return e ? fail(&a.cx) : 0;
}

/* ---- saving while the index is made -------------------------------------------------------------------------- */

struct keeper {
	const char *file;
	atomic_bool ended;
	enum kept kept;
};

static void *run_keeper(void *self)
{
	struct keeper *k = self;
	struct memory_store *s = NULL;
	struct errctx cx = {0};

	if (memory_store_open(k->file, MEMORY_WRITE, NULL, &s, &cx) ||
		memory_keep(s, KEEP_LEAST, NULL, NULL, &k->kept, &cx))
		(void)fail(&cx);
	memory_store_close(s);
	atomic_store(&k->ended, true);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int save(size_t n, const char *file)
{
	struct keeper k = {.file = file};
	struct memory_store *s = NULL;
	struct memory_added added;
	struct errctx cx = {0};
	double *took = calloc(n, sizeof *took);
	size_t during = 0;
	pthread_t thread;
	char text[128];
	enum err e = memory_store_open(file, MEMORY_WRITE, NULL, &s, &cx);

	if (e || !took || pthread_create(&thread, NULL, run_keeper, &k) != 0) {
		free(took);
		return fail(&cx);
	}
	for (size_t i = 0; i < n && !e; i++) {
		int64_t from = clock_monotonic_ns(NULL);
		struct memory m;

		(void)snprintf(text, sizeof text,
			"saved at %lld: port %zu is for the staging server", (long long)from, i);
		m = memory_of(str_from(text));
		e = memory_begin(s, &cx);
		e = e ? e : memory_add(s, &m, &added, &cx);
		e = e ? e : memory_index_store(s, &cx);
		e = e ? e : memory_commit(s, &cx);
		took[i] = ms_of(clock_monotonic_ns(NULL) - from);
		during += !atomic_load(&k.ended);
		(void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
	}
	(void)pthread_join(thread, NULL);
	qsort(took, n, sizeof *took, by_size);
	(void)printf(
		"saved %zu, of them %zu while the index was worked at (%d)  by the clock: median "
		"%.2f ms  99th of 100 %.2f ms  worst %.2f ms\n",
		n, during, (int)k.kept, took[n / 2], took[n * 99 / 100], took[n - 1]);
	free(took);
	memory_store_close(s);
	return e ? fail(&cx) : 0;
}

int main(int argc, char **argv)
{
	uint64_t n;

	if (argc == 4 && strcmp(argv[1], "--fill") == 0)
		return fill(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "--keep") == 0)
		return keep(argv[2]);
	if (argc == 4 && strcmp(argv[1], "--ask") == 0)
		return ask_file(argv[2], argv[3], ASK);
	if (argc == 4 && strcmp(argv[1], "--exact") == 0)
		return ask_file(argv[2], argv[3], EXACT);
	if (argc == 4 && strcmp(argv[1], "--compare") == 0)
		return ask_file(argv[2], argv[3], COMPARE);
	if (argc == 4 && strcmp(argv[1], "--save") == 0 && str_u64(str_from(argv[2]), &n) && n)
		return save((size_t)n, argv[3]);
	(void)fprintf(stderr, "usage: bench_recall --fill TEXTS FILE | --keep FILE | --ask, "
			      "--exact, --compare QUESTIONS "
			      "FILE | --save N FILE\n");
	return argc > 1 ? 2 : 0; /* "make bench" has no file for it */
}
