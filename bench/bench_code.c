/* bench_code: outlines of source files: throughput on one processor, and what they leave of the tokens, beside the first and the last 60 lines. With
 * --ranges, for bench/code.mjs: a line of JSON for each file, with the lines that are left out.
 *
 *	bench_code [--ranges] [FILE...]      without files: some of this repository */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/compress/code/code.h"

enum { ENDS = 60 }; /* lines at the beginning and at the end of the other way */

struct sums {
	size_t files, outlined, bytes, before, after, ends;
	double seconds;
};

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t tokens(str s)
{
	return token_count(TOKEN_O200K, s, NULL);
}

static size_t tokens_of_ends(str text, struct arena *a)
{
	struct lines l = lines_split(a, text);
	size_t n = 0;

	for (uint32_t i = 0; i < l.n; i++)
		if (i < ENDS || i + ENDS >= l.n)
			n += tokens(l.v[i]) + 1;
	return n;
}

static void print_ranges(const char *path, const struct codec_out *o, size_t before, size_t after)
{
	str rest = o ? o->text : STR_NULL, line;
	const char *comma = "";

	printf("{\"path\":\"%s\",\"before\":%zu,\"after\":%zu,\"gaps\":[", path, before, after);
	while (str_next_line(&rest, &line, NULL)) {
		struct code_gap g;

		if (!code_gap_parse(line, &g))
			continue;
		printf("%s[%u,%u]", comma, g.first, g.last);
		comma = ",";
	}
	puts("]}");
}

static void do_file(const char *path, bool prints, struct sums *s)
{
	struct arena a = ARENA_INIT;
	struct codec_in in = {
		.path = str_from(path), .route = STR("Read again, whole or by lines")};
	struct codec_out out;
	struct errctx cx = {0};
	struct buf b;
	size_t before, after;
	double start;
	bool is_outlined;

	buf_init(&b, LIMIT_INPUT);
	if (arena_recover(&a) || file_read(path, &b, &cx) != E_OK) {
		fprintf(stderr, "%s: %s\n", path, cx.text);
		exit(1);
	}
	in.text = buf_str(&b);
	start = cpu_seconds();
	is_outlined = code_codec.encode(&in, &a, &out);
	s->seconds += cpu_seconds() - start;
	if (is_outlined && !code_codec.holds(in.text, out.text, &a)) {
		fprintf(stderr, "%s: the contract is broken\n", path);
		exit(1);
	}
	s->files++;
	s->bytes += in.text.n;
	before = after = tokens(in.text);
	if (is_outlined) {
		after = tokens(out.text);
		s->outlined++;
		s->before += before;
		s->after += after;
		s->ends += tokens_of_ends(in.text, &a);
	}
	if (prints)
		print_ranges(path, is_outlined ? &out : NULL, before, after);
	buf_release(&b);
	arena_release(&a);
}

int main(int argc, char **argv)
{
	static const char *const own[] = {"core/compress/encode.c", "core/engine/pass.c",
		"core/store/store.c", "bench/turns_lines.mjs", "tests/proxy/option_rows.mjs"};
	bool prints = argc > 1 && strcmp(argv[1], "--ranges") == 0;
	int first = prints ? 2 : 1;
	struct sums s = {0};

	for (int i = first; i < argc; i++)
		do_file(argv[i], prints, &s);
	for (size_t i = 0; argc == 1 && i < ARRAY_N(own); i++)
		do_file(own[i], false, &s);
	fprintf(prints ? stderr : stdout,
		"%zu files, %zu outlined, %.1f MB/s; tokens of these %zu -> %zu, their first and "
		"last "
		"%d lines %zu\n",
		s.files, s.outlined, (double)s.bytes / 1e6 / s.seconds, s.before, s.after, ENDS,
		s.ends);
	return 0;
}
