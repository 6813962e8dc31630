/* random_diff: unified diffs made of a seed and nothing else, of every kind of header, with messages of commits
 * between them; some are damaged. For property tests and fuzzing seeds. */
#ifndef TESTS_UNIT_RANDOM_DIFF_H
#define TESTS_UNIT_RANDOM_DIFF_H

#include "tests/unit/random_text.h"

/* One of few blocks, removed or added: some of them occur twice in a diff, whole or not. */
static inline void add_known_block(
	struct rng *r, struct buf *b, char c, uint32_t *old, uint32_t *new)
{
	struct rng same = rng_new(rng_below(r, 3));
	uint32_t skip = rng_once_in(r, 3) ? rng_below(r, 3) : 0, n = skip + 3 + rng_below(r, 9);

	for (uint32_t i = 0; i < n; i++) {
		size_t start = b->n;

		buf_add_byte(b, c);
		add_source_line(&same, b);
		buf_add_c(b, rng_once_in(r, 60) ? "\r\n" : "\n");
		if (i < skip) {
			b->n = start;
			continue;
		}
		*old += c != '+';
		*new += c != '-';
	}
}

/* The lines of a hunk: written to b without header; counts them. */
static inline void add_hunk_lines(
	struct rng *r, struct buf *b, const char *signs, uint32_t n, uint32_t *old, uint32_t *new)
{
	const char *eol = rng_once_in(r, 8) ? "\r\n" : "\n";

	while (n--) {
		char c = signs[rng_below(r, (uint32_t)strlen(signs))];

		if (c != ' ' && rng_once_in(r, 5)) {
			add_known_block(r, b, c, old, new);
			continue;
		}
		if (c != ' ' || !rng_once_in(r, 30))
			buf_add_byte(b, c);
		if (c == ' ' && b->n && b->p[b->n - 1] != ' ') { /* a blank that an editor took */
			buf_add_byte(b, '\n');
		} else {
			if (rng_once_in(r, 12))
				buf_add_c(b,
					rng_once_in(r, 2) ? "-- " : "[3 more like the line above]");
			else
				add_source_line(r, b);
			buf_add_c(b, eol);
		}
		*old += c != '+';
		*new += c != '-';
		if (rng_once_in(r, 40))
			buf_add_c(b, "\\ No newline at end of file\n");
	}
}

static inline void add_hunk(struct rng *r, struct buf *b, const char *signs, uint32_t n,
	uint32_t *old_at, uint32_t *new_at)
{
	uint32_t old = 0, new = 0;
	struct buf lines;

	buf_init_arena(&lines, b->arena, (size_t)1 << 24);
	add_hunk_lines(r, &lines, signs, n, &old, &new);
	if (rng_once_in(r, 60))
		old += rng_below(r, 3); /* broken off */
	buf_printf(b, "@@ -%u", old ? *old_at : *old_at - 1);
	if (old != 1 || rng_once_in(r, 20))
		buf_printf(b, ",%u", old);
	buf_printf(b, " +%u", new ? *new_at : *new_at - 1);
	if (new != 1)
		buf_printf(b, ",%u", new);
	buf_add_c(b, " @@");
	if (!strchr(signs, ' ') || rng_once_in(r, 2)) {
		buf_add_byte(b, '\n');
	} else {
		buf_add_byte(b, ' ');
		add_source_line(r, b);
		buf_add_byte(b, '\n');
	}
	buf_add(b, buf_str(&lines));
	*old_at += old + rng_below(r, 50);
	*new_at += new + rng_below(r, 50);
}

static inline void add_combined_hunk(struct rng *r, struct buf *b)
{
	static const char *const columns[] = {"  ", "++", "+ ", " +", "--", "- ", " -"};
	uint32_t left[3] = {0}, n = 1 + rng_below(r, 12);
	struct buf lines;

	buf_init_arena(&lines, b->arena, (size_t)1 << 24);
	while (n--) {
		const char *c = RNG_PICK(r, columns);
		bool is_minus = strchr(c, '-') != NULL;

		for (int i = 0; i < 2; i++)
			left[i] += c[i] == (is_minus ? '-' : ' ');
		left[2] += !is_minus;
		buf_add_c(&lines, c);
		add_source_line(r, &lines);
		buf_add_byte(&lines, '\n');
	}
	buf_printf(b, "@@@ -7,%u -9,%u +11,%u @@@\n", left[0], left[1], left[2]);
	buf_add(b, buf_str(&lines));
}

static inline void add_hunks(struct rng *r, struct buf *b)
{
	static const char *const signs[] = {
		" +-", "    +-", "      +", "       -", "+", "-", " ", "+-"};
	uint32_t old = 1 + rng_below(r, 40), new = old;

	for (uint32_t n = 1 + rng_below(r, 4); n; n--) {
		uint32_t lines = rng_once_in(r, 5) ? 12 + rng_below(r, 60) : 1 + rng_below(r, 16);

		add_hunk(r, b, RNG_PICK(r, signs), lines, &old, &new);
	}
}

static const char *const diff_paths[] = {"src/main.c", "a b/c d.txt", "package-lock.json", "go.sum",
	"vendor/x/y.go", "dist/app.js", "docs/\\303\\244.md", "x", "same as x", "lib/a => b.c",
	"logs", "deep/er/than/most/other/paths/of/this/test.py", "i/x", "app.min.js"};

enum { DIFF_KINDS = 12 };

/* A file by itself. */
static inline void add_diff_file(struct rng *r, struct buf *b)
{
	const char *path = RNG_PICK(r, diff_paths), *to = RNG_PICK(r, diff_paths);
	const char *tab = strchr(path, ' ') ? "\t" : "", *to_tab = strchr(to, ' ') ? "\t" : "";
	uint32_t hash = rng_next(r), n = 1 + rng_below(r, 40), zero = 1, one = 1;

	switch (rng_below(r, DIFF_KINDS)) {
	case 0: /* new */
		buf_printf(b,
			"diff --git a/%s b/%s\nnew file mode %s\nindex 0000000..%07x\n"
			"--- /dev/null\n+++ b/%s%s\n",
			path, path, rng_once_in(r, 3) ? "100755" : "100644", hash >> 4, path, tab);
		add_hunk(r, b, "+", n, &zero, &one);
		break;
	case 1: /* deleted */
		buf_printf(b,
			"diff --git a/%s b/%s\ndeleted file mode 100644\nindex %07x..0000000\n"
			"--- a/%s%s\n+++ /dev/null\n",
			path, path, hash >> 4, path, tab);
		add_hunk(r, b, "-", n, &one, &zero);
		break;
	case 2: /* renamed */
		buf_printf(b,
			"diff --git a/%s b/%s\nsimilarity index %u%%\nrename from %s\nrename to "
			"%s\n",
			path, to, rng_below(r, 101), path, to);
		if (rng_once_in(r, 2))
			break;
		buf_printf(b, "index %07x..%07x 100644\n--- a/%s%s\n+++ b/%s%s\n", hash >> 4,
			hash >> 5, path, tab, to, to_tab);
		add_hunks(r, b);
		break;
	case 3: /* mode */
		buf_printf(
			b, "diff --git a/%s b/%s\nold mode 100644\nnew mode 100755\n", path, path);
		break;
	case 4: /* mode and lines */
		buf_printf(b,
			"diff --git a/%s b/%s\nold mode 100644\nnew mode 100755\nindex %07x..%07x\n"
			"--- a/%s%s\n+++ b/%s%s\n",
			path, path, hash >> 4, hash >> 5, path, tab, path, tab);
		add_hunks(r, b);
		break;
	case 5: /* binary */
		buf_printf(b,
			"diff --git a/%s b/%s\nindex %07x..%07x 100644\nBinary files a/%s and b/%s "
			"differ\n",
			path, path, hash >> 4, hash >> 5, path, path);
		break;
	case 6:
		buf_printf(b,
			"diff --git a/%s b/%s\nindex %07x..%07x 100644\nGIT binary patch\nliteral "
			"4\n"
			"LcmZQz%%*JaB0VU_~\n\nliteral 0\nHcmV?d00001\n\n",
			path, path, hash >> 4, hash >> 5);
		break;
	case 7: /* a merge */
		buf_printf(b, "diff --cc %s\nindex %07x,%07x..%07x\n--- a/%s\n+++ b/%s\n", path,
			hash >> 4, hash >> 5, hash >> 6, path, path);
		add_combined_hunk(r, b);
		break;
	case 8: /* diff -u */
		if (rng_once_in(r, 2))
			buf_printf(b, "diff -ru old/%s new/%s\n", path, path);
		buf_printf(b,
			"--- old/%s\t2026-01-02 10:00:00.000000000 +0100\n+++ new/%s\t2026-01-02 "
			"10:00:01.000000000 +0100\n",
			path, path);
		add_hunks(r, b);
		break;
	case 9: /* svn */
		buf_printf(b,
			"Index: %s\n=====================\n--- %s\t(revision 7)\n+++ %s\t(working "
			"copy)\n",
			path, path, path);
		add_hunks(r, b);
		break;
	default: /* changed */
		buf_printf(b, "diff --git a/%s b/%s\n", path, path);
		if (!rng_once_in(r, 8))
			buf_printf(b, "index %07x..%07x %s\n", hash >> 4, hash >> 5,
				rng_once_in(r, 4) ? "100755" : "100644");
		buf_printf(b, "--- a/%s%s\n+++ b/%s%s\n", path, tab, path, tab);
		add_hunks(r, b);
	}
}

/* What stands between the files. */
static inline void add_diff_text(struct rng *r, struct buf *b)
{
	static const char *const lines[] = {"commit 0123456789abcdef0123456789abcdef01234567\n",
		"Author: A <a@example.org>\n", "\n", "    a message\n", " src/main.c | 3 +--\n",
		"-- \n", "2.39.5\n", "Index: x\n", "diff -u\n", "Only in old: x\n", "@@ -5 +5 @@\n",
		"diff x (new)\n", "--- a\n", "+++ b\n", "[12 lines]\n", "====\n",
		"[next 3 lines: each +]\n", "[4 lines added, as removed at x:3]\n"};

	for (uint32_t n = rng_below(r, 5); n; n--) {
		uint32_t most = rng_once_in(r, 12) ? (uint32_t)ARRAY_N(lines) : 7;

		buf_add_c(b, lines[rng_below(r, most)]);
	}
}

static inline void add_diff(struct rng *r, struct buf *b)
{
	for (uint32_t n = rng_below(r, 7); n; n--) {
		if (rng_once_in(r, 3))
			add_diff_text(r, b);
		add_diff_file(r, b);
	}
	if (rng_once_in(r, 3))
		add_diff_text(r, b);
	if (b->n && rng_once_in(r, 4))
		b->n -= 1 + rng_below(r, b->n > 40 ? 40 : (uint32_t)b->n);
}

#endif
