/* bench_graph: the code graph (core/graph) of 100,000 lines of a directory's sources: how long it takes to make, to look for changes and to answer, what it
 * takes of memory and disk; and how long after a file was saved a question is answered by what it says then: by the watcher of the
 * proxy, whoever asks, and by looking before answering, as headroom_graph does.
 *
 *	bench_graph [DIR]      without one: the present directory; its sources are copied */
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/compress/code/language.h"
#include "core/graph/graph.h"
#include "core/graph/watch.h"

enum {
	LINES = 100000,
	SAVES = 100,
	WAIT_MS = 5000, /* for an answer */
	PATH_BYTES = 4096,
};

/* What is copied. One at a time, since nftw() hands nothing on. */
static struct {
	const char *root;
	char to[64];
	size_t files, lines, bytes;
	char saved[PATH_BYTES]; /* the file that is changed later: the last one in C */
} copied;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(enum err e, const struct errctx *cx)
{
	if (e == E_OK)
		return;
	(void)fprintf(stderr, "%s\n", cx->text);
	exit(1);
}

/* ---- the sources ---- */

static void make_dirs(char *path)
{
	char *slash = strrchr(path, '/');
	struct errctx cx = {0};

	*slash = '\0';
	must(file_mkdirs(path, 0700, &cx), &cx);
	*slash = '/';
}

static int copy(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const struct code_language *l;
	char to[PATH_BYTES];
	struct errctx cx = {0};
	struct buf b;

	(void)st;
	(void)at;
	if (type != FTW_F || copied.lines >= LINES || strstr(path, "/node_modules/") ||
		strstr(path, "/.") || !strchr(path, '.'))
		return 0;
	buf_init(&b, LIMIT_INPUT);
	l = code_language_of(str_from(path), STR_NULL);
	if (l && file_read(path, &b, &cx) == E_OK) {
		(void)snprintf(to, sizeof to, "%s%s", copied.to, path + strlen(copied.root));
		make_dirs(to);
		must(file_write_atomic(to, buf_str(&b), 0600, &cx), &cx);
		copied.files++;
		copied.bytes += b.n;
		for (size_t i = 0; i < b.n; i++)
			copied.lines += b.p[i] == '\n';
		if (strcmp(l->name, "c") == 0)
			(void)snprintf(copied.saved, sizeof copied.saved, "%s", to);
	}
	buf_release(&b);
	return 0;
}

/* ---- how long ---- */

static void count(void *self, str path, const struct graph_row *row)
{
	(void)path;
	(void)row;
	++*(size_t *)self;
}

static size_t ask(struct graph *g, const char *name)
{
	struct errctx cx = {0};
	size_t rows = 0;

	must(graph_ask(g, GRAPH_CALLERS, str_from(name), 1000, count, &rows, &cx), &cx);
	return rows;
}

static double update(struct graph *g, struct graph_counts *counts)
{
	struct errctx cx = {0};
	double start = seconds();

	must(graph_update(g, counts, &cx), &cx);
	return seconds() - start;
}

static void make(struct graph *g)
{
	struct graph_counts first, again;
	double made = update(g, &first), looked = update(g, &again), start = seconds();
	size_t rows = ask(g, "arena_alloc");
	struct rusage use;

	start = seconds() - start;
	(void)getrusage(RUSAGE_SELF, &use);
	printf("%zu lines, %.1f MB in %u files: made in %.2f s (%.2f s of processor), looked "
	       "through in %.1f ms, asked in %.2f ms (%zu rows); %ld MB resident at most\n",
		copied.lines, (double)copied.bytes / 1e6, first.read, made,
		(double)use.ru_utime.tv_sec + 1e-6 * (double)use.ru_utime.tv_usec, looked * 1e3,
		start * 1e3, rows, use.ru_maxrss / 1024);
}

/* ---- how fresh ---- */

/* Saves the file with one more function in it, which calls what nobody has called before. */
static void save(int i, const struct buf *original)
{
	struct errctx cx = {0};
	struct buf b;

	buf_init(&b, LIMIT_INPUT);
	buf_add(&b, buf_str(original));
	buf_printf(&b, "\nvoid fresh_%d(void)\n{\n\tnew_name_%d();\n}\n", i, i);
	must(file_write_atomic(copied.saved, buf_str(&b), 0600, &cx), &cx);
	buf_release(&b);
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_delays(const char *what, double *ms)
{
	qsort(ms, SAVES, sizeof *ms, by_size);
	printf("%s, %d saves: from the save to the new answer %.1f ms at the median, %.1f at p95, "
	       "%.1f at most\n",
		what, SAVES, ms[SAVES / 2], ms[SAVES * 95 / 100], ms[SAVES - 1]);
}

/* Asks over and over, by a connection of its own, until the answer is the new one. */
static double wait_for(struct graph *g, const char *name, double start)
{
	while (!ask(g, name)) {
		if ((seconds() - start) * 1e3 > WAIT_MS) {
			(void)fprintf(stderr, "%s: no answer\n", name);
			exit(1);
		}
		(void)poll(NULL, 0, 1);
	}
	return (seconds() - start) * 1e3;
}

static void measure_saves(struct graph *g, struct graph *asker, const struct buf *original)
{
	double watched[SAVES], looked[SAVES];
	struct graph_counts counts;
	struct graph_watch *w;
	struct errctx cx = {0};
	char name[64];

	for (int i = 0; i < SAVES; i++) {
		double start;

		save(i, original);
		start = seconds();
		(void)update(asker, &counts);
		(void)snprintf(name, sizeof name, "new_name_%d", i);
		ASSERT(ask(asker, name) == 1);
		looked[i] = (seconds() - start) * 1e3;
	}
	must(graph_watch_start(g, &w, &cx), &cx);
	for (int i = SAVES; i < 2 * SAVES; i++) {
		double start;

		save(i, original);
		start = seconds();
		(void)snprintf(name, sizeof name, "new_name_%d", i);
		watched[i - SAVES] = wait_for(asker, name, start);
	}
	graph_watch_stop(w);
	print_delays("looking before each answer", looked);
	print_delays("the watcher", watched);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/bench-graph-XXXXXX", file[64];
	struct graph *g, *asker;
	struct errctx cx = {0};
	struct buf original;
	struct stat st;

	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(copied.to, sizeof copied.to, "%s/src", dir);
	(void)snprintf(file, sizeof file, "%s/graph.db", dir);
	copied.root = argc > 1 ? argv[1] : ".";
	if (nftw(copied.root, copy, 16, FTW_PHYS) != 0 || !*copied.saved) {
		(void)fprintf(stderr, "%s: no sources in C\n", copied.root);
		return 1;
	}
	buf_init(&original, LIMIT_INPUT);
	must(file_read(copied.saved, &original, &cx), &cx);
	must(graph_open(copied.to, file, &g, &cx), &cx);
	must(graph_open(copied.to, file, &asker, &cx), &cx);
	make(g);
	measure_saves(g, asker, &original);
	graph_close(asker);
	graph_close(g);
	if (stat(file, &st) == 0)
		printf("%.1f MB on disk\n", (double)st.st_size / 1e6);
	buf_release(&original);
	(void)snprintf(file, sizeof file, "rm -rf %s", dir);
	return system(file);
}
