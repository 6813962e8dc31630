/* bench_code: outlines of source files: throughput on one processor, and what they leave of the tokens, beside the first and the last 60 lines. With
 * --texts, for bench/code.mjs: a line of JSON for each file, with its outline. With --edits, for each language: how long
 * tree-sitter's parse alone takes, how long our reading alone (core/compress/code/quick.h), how long the outline, how long that of the same
 * file with a line changed in the middle; and whether the outline by parts is that of the whole.
 *
 *	bench_code [--texts|--edits] [FILE...]      without files: some of this repository */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/check.h"
#include "core/compress/code/code.h"
#include "core/compress/code/dialect.h"
#include "core/compress/code/parts.h"
#include "core/compress/code/tree.h"
#include "core/json/write.h"

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

/* A line for bench/code.mjs; without a text where there is no outline. */
static void print_text(const char *path, const struct codec_out *o)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, 8 * (size_t)LIMIT_INPUT);
	json_write_init(&w, &b, false);
	json_write_object(&w, NULL);
	json_write_str(&w, "path", str_from(path));
	if (o)
		json_write_str(&w, "text", o->text);
	json_write_end(&w);
	ASSERT(!b.err);
	printf(STR_FMT "\n", STR_ARG(buf_str(&b)));
	buf_release(&b);
}

static void do_file(const char *path, bool prints, struct sums *s)
{
	struct arena a = ARENA_INIT;
	struct codec_in in = {
		.path = str_from(path), .route = STR("Read again, whole or by lines")};
	struct codec_out out;
	struct errctx cx = {0};
	struct buf b;
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
	if (is_outlined) {
		s->outlined++;
		s->before += tokens(in.text);
		s->after += tokens(out.text);
		s->ends += tokens_of_ends(in.text, &a);
	}
	if (prints)
		print_text(path, is_outlined ? &out : NULL);
	buf_release(&b);
	arena_release(&a);
}

/* ---- --edits ---- */

enum { TIMES = 7 }; /* the best of them is said */

struct edits {
	const struct code_language *language;
	size_t parsed, different, bytes;
	double slow, alone, outline, again;
};

enum { LANGUAGES_MAX = 32 };

static bool is_same(const struct code_outline *x, const struct code_outline *y, uint32_t lines)
{
	if (x->n != y->n || memcmp(x->is_hidden, y->is_hidden, lines) != 0)
		return false;
	for (uint32_t i = 0; i < x->n; i++)
		if (x->v[i].first != y->v[i].first || x->v[i].last != y->v[i].last ||
			!str_eq(x->v[i].name, y->v[i].name))
			return false;
	return true;
}

static bool outline_whole(const struct code_language *l, str source, struct lines lines,
	struct arena *a, struct code_outline *out)
{
	*out = (struct code_outline){.is_hidden = arena_array(a, bool, lines.n),
		.v = arena_array(a, struct code_definition, lines.n)};
	return code_outline_part(code_outliner_new(l, a), source, lines, true, out);
}

static double parse_alone(const struct code_language *l, str source, bool is_slow, struct arena *a)
{
	struct code_grammar g;
	struct code_tree t;
	double start;

	code_grammar_read(&g, l, a);
	start = cpu_seconds();
	if (is_slow ? code_tree_open_slow(&t, &g, source, l->has_macros)
		    : code_tree_open(&t, &g, source, l->has_macros))
		code_tree_close(&t);
	return cpu_seconds() - start;
}

/* The text with a digit put behind the first one from its middle on: another number, or another name. */
static str change_line(str text, struct arena *a)
{
	size_t at = text.n / 2;

	while (at + 1 < text.n && !(text.p[at] >= '1' && text.p[at] <= '9'))
		at++;
	return arena_printf(a, STR_FMT "7" STR_FMT, STR_ARG(str_sub(text, 0, at + 1)),
		STR_ARG(str_sub(text, at + 1, text.n)));
}

static double outline_seconds(
	str text, const char *path, struct code_cache *c, struct arena *a, struct codec_out *out)
{
	struct codec_in in = {.text = text,
		.path = str_from(path),
		.route = STR("Read again, whole or by lines"),
		.outlines = c};
	double start = cpu_seconds();

	if (!code_codec.encode(&in, a, out))
		out->text = STR_NULL;
	return cpu_seconds() - start;
}

static void keep_best(double *best, double seconds, int i)
{
	*best = i && *best < seconds ? *best : seconds;
}

static struct edits *edits_of(struct edits *all, const struct code_language *l)
{
	size_t i = 0;

	while (all[i].language && all[i].language != l)
		i++;
	all[i].language = l;
	return &all[i];
}

static void time_known(
	const char *path, str text, const struct code_language *l, struct arena *a, struct edits *e)
{
	double slow = 0, alone = 0, outline = 0, again = 0;
	str changed = change_line(text, a);
	struct code_outline whole, parts;
	struct lines lines = lines_split(a, text);

	if (!outline_whole(l, text, lines, a, &whole))
		return;
	e->parsed++;
	if (!code_outline(l, text, lines, NULL, a, &parts) || !is_same(&whole, &parts, lines.n)) {
		printf("%s: not the same by parts\n", path);
		e->different++;
	}
	for (int i = 0; i < TIMES; i++) {
		struct code_cache *c = code_cache_new();
		struct arena scratch = ARENA_INIT;
		struct codec_out first, kept, plain;

		ASSERT(c && !arena_recover(&scratch));
		keep_best(&slow, parse_alone(l, text, true, &scratch), i);
		keep_best(&alone, parse_alone(l, text, false, &scratch), i);
		keep_best(&outline, outline_seconds(text, path, c, &scratch, &first), i);
		keep_best(&again, outline_seconds(changed, path, c, &scratch, &kept), i);
		(void)outline_seconds(changed, path, NULL, &scratch, &plain);
		ASSERT(str_eq(kept.text, plain.text));
		arena_release(&scratch);
		code_cache_free(c);
	}
	e->bytes += text.n;
	e->slow += slow;
	e->alone += alone;
	e->outline += outline;
	e->again += again;
}

static void time_file(const char *path, str text, struct arena *a, struct edits *all)
{
	const struct code_language *l = code_language_of(str_from(path), text);

	if (l)
		l = code_dialect(l, str_from(path), text, a);
	if (l)
		time_known(path, text, l, a, edits_of(all, l));
}

static void do_edits(char **paths, int n)
{
	struct edits all[LANGUAGES_MAX] = {0};

	for (int i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		struct errctx cx = {0};
		struct buf b;

		buf_init(&b, LIMIT_INPUT);
		if (arena_recover(&a) || file_read(paths[i], &b, &cx) != E_OK) {
			fprintf(stderr, "%s: %s\n", paths[i], cx.text);
			exit(1);
		}
		time_file(paths[i], buf_str(&b), &a, all);
		buf_release(&b);
		arena_release(&a);
	}
	printf("%d files; milliseconds for a MB\n", n);
	puts("language     parse  otherwise by parts  tree-sitter   ours  outline  a line changed");
	for (const struct edits *e = all; e->language; e++) {
		double ms = 1e9 / (double)e->bytes;

		printf("%-11s %6zu %19zu %12.1f %6.1f %8.1f %15.1f\n", e->language->name, e->parsed,
			e->different, ms * e->slow, ms * e->alone, ms * e->outline, ms * e->again);
	}
}

int main(int argc, char **argv)
{
	static const char *const own[] = {"core/compress/encode.c", "core/engine/pass.c",
		"core/store/store.c", "bench/turns_lines.mjs", "tests/proxy/option_rows.mjs"};
	bool prints = argc > 1 && strcmp(argv[1], "--texts") == 0;
	int first = prints ? 2 : 1;
	struct sums s = {0};

	if (argc > 2 && strcmp(argv[1], "--edits") == 0) {
		do_edits(argv + 2, argc - 2);
		return 0;
	}
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
