/* bench_graph: the code graph of a directory (core/graph): how long it takes to make, to look for changes, and to answer; what it takes of memory
 * and disk.
 *
 *	bench_graph [DIR]      without one: this repository's core */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/graph/graph.h"

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void count(void *self, str path, const struct graph_row *row)
{
	(void)path;
	(void)row;
	++*(size_t *)self;
}

static double update(struct graph *g, struct graph_counts *counts)
{
	struct errctx cx = {0};
	double start = seconds();

	if (graph_update(g, counts, &cx) != E_OK) {
		(void)fprintf(stderr, "%s\n", cx.text);
		exit(1);
	}
	return seconds() - start;
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/bench-graph-XXXXXX", file[64];
	struct graph_counts first, again;
	struct errctx cx = {0};
	struct rusage use;
	struct stat st;
	struct graph *g;
	size_t rows = 0;
	double made, looked, start;

	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(file, sizeof file, "%s/graph.db", dir);
	if (graph_open(argc > 1 ? argv[1] : "core", file, &g, &cx) != E_OK) {
		(void)fprintf(stderr, "%s\n", cx.text);
		return 1;
	}
	made = update(g, &first);
	looked = update(g, &again);
	start = seconds();
	if (graph_ask(g, GRAPH_CALLERS, STR("arena_alloc"), 1000, count, &rows, &cx) != E_OK)
		return 1;
	start = seconds() - start;
	(void)getrusage(RUSAGE_SELF, &use);
	graph_close(g);
	if (stat(file, &st) != 0)
		return 1;
	printf("%u files: made in %.2f s, looked through in %.1f ms, asked in %.2f ms (%zu rows); "
	       "%ld MB resident, %.1f s of processor, %.1f MB on disk\n",
		first.read, made, looked * 1e3, start * 1e3, rows, use.ru_maxrss / 1024,
		(double)use.ru_utime.tv_sec + 1e-6 * (double)use.ru_utime.tv_usec,
		(double)st.st_size / 1e6);
	(void)snprintf(file, sizeof file, "rm -rf %s", dir);
	return system(file);
}
