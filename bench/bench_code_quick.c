/* bench_code_quick: whether syntax trees that are read quickly (core/compress/code/quick.h) are those of tree-sitter, node by node with their fields,
 * and how many files each of the two reads.
 *
 *	bench_code_quick FILE... */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "tests/unit/code_trees.h"

struct sums {
	size_t files, slow, quick, different, bytes;
	double slow_s, quick_s;
};

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void do_file(const char *path, str text, struct arena *a, struct sums *s)
{
	const struct code_language *l = code_language_of(str_from(path), text);
	struct code_grammar g;
	struct code_tree x, y;
	bool is_slow, is_quick;
	double start = cpu_seconds(), middle, end;

	if (!l)
		return;
	code_grammar_read(&g, l, a);
	start = cpu_seconds();
	is_slow = code_tree_open_slow(&x, &g, text, false);
	middle = cpu_seconds();
	is_quick = code_tree_open(&y, &g, text, false);
	end = cpu_seconds();
	s->files++;
	s->slow += is_slow;
	if (is_quick && !y.tree)
		s->quick++;
	if (is_quick && is_slow && !y.tree) {
		uint32_t at = first_difference(&x, &y);

		s->bytes += text.n;
		s->slow_s += middle - start;
		s->quick_s += end - middle;
		if (at != UINT32_MAX) {
			s->different++;
			printf("%s: differs at byte %u\n", path, at);
		}
	} else if (is_quick != is_slow || y.tree) {
		printf("%s: slow %d, quick %d\n", path, is_slow, is_quick && !y.tree);
	}
	if (is_slow)
		code_tree_close(&x);
	if (is_quick)
		code_tree_close(&y);
}

int main(int argc, char **argv)
{
	struct sums s = {0};

	for (int i = 1; i < argc; i++) {
		struct arena a = ARENA_INIT;
		struct errctx cx = {0};
		struct buf b;

		buf_init(&b, LIMIT_INPUT);
		if (arena_recover(&a) || file_read(argv[i], &b, &cx) != E_OK) {
			fprintf(stderr, "%s: %s\n", argv[i], cx.text);
			exit(1);
		}
		do_file(argv[i], buf_str(&b), &a, &s);
		buf_release(&b);
		arena_release(&a);
	}
	printf("%zu files; tree-sitter reads %zu, quick %zu, %zu of them otherwise; ms for a MB: "
	       "%.1f, quick "
	       "%.1f\n",
		s.files, s.slow, s.quick, s.different, 1e9 * s.slow_s / (double)s.bytes,
		1e9 * s.quick_s / (double)s.bytes);
	return 0;
}
