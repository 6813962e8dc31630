/* random_records: records as databases, package managers and git print them, made of a seed and nothing else. For property
 * tests and measurements. */
#ifndef TESTS_UNIT_RANDOM_RECORDS_H
#define TESTS_UNIT_RANDOM_RECORDS_H

#include "tests/unit/random_text.h"

enum records_spelling {
	SPELL_DEB,
	SPELL_PIP,
	SPELL_PSQL,
	SPELL_MYSQL,
	SPELL_SQLITE,
	SPELL_LIST,
	SPELL_RECORDS
};

static inline void add_record_value(struct rng *r, bool is_tame, struct buf *b)
{
	static const char *const odd[] = {"", " x", "x ", "null", "true", "a: b", "a = b", "1e5",
		"\"q\"", "\n more\n .\n lines", "-", "^", "[lines 1-3]", "a | b", "\t: ", "007"};

	if (!is_tame && rng_once_in(r, 6))
		buf_add_c(b, RNG_PICK(r, odd));
	else if (rng_once_in(r, 2))
		buf_printf(b, "%s %u", RNG_PICK(r, text_words), rng_below(r, 9));
	else
		buf_printf(b, "%u", rng_below(r, 400));
}

static inline void add_random_records(struct rng *r, struct buf *b)
{
	enum records_spelling how = (enum records_spelling)rng_below(r, SPELL_RECORDS);
	static const char *const names[] = {"id", "name", "status", "size", "created_at"};
	unsigned n = 1 + rng_below(r, rng_once_in(r, 6) ? 120 : 12), keys = 2 + rng_below(r, 4);
	bool is_tame = !rng_once_in(r, 3);
	int width = keys == 5 ? 10 : keys > 2 ? 6 : 4;

	if (rng_once_in(r, 5))
		buf_add_c(b, "found these:\n");
	for (unsigned i = 0; i < n; i++) {
		size_t from = b->n;

		if (how == SPELL_MYSQL)
			buf_printf(b,
				"*************************** %u. row "
				"***************************\n",
				i + 1);
		if (how == SPELL_PSQL) {
			buf_printf(b, "-[ RECORD %u ]", i + 1);
			while (b->n - from < (size_t)width + 1)
				buf_add_byte(b, '-');
			buf_add_c(b, "+--------\n");
		}
		if (i && how != SPELL_MYSQL && how != SPELL_PSQL)
			buf_add_c(b, how == SPELL_PIP ? "---\n" : "\n");
		for (unsigned k = 0; k < keys; k++) {
			const char *name = names[k];

			if (!is_tame && rng_once_in(r, 9)) {
				if (rng_once_in(r, 2))
					continue;
				name = RNG_PICK(r, text_words);
			}
			if (how == SPELL_PSQL || how == SPELL_LIST)
				buf_printf(
					b, "%-*s %c ", width, name, how == SPELL_LIST ? ':' : '|');
			else if (how == SPELL_MYSQL || how == SPELL_SQLITE)
				buf_printf(
					b, "%*s%s", width, name, how == SPELL_MYSQL ? ": " : " = ");
			else
				buf_printf(b, "%s: ", name);
			add_record_value(r, is_tame, b);
			buf_add_byte(b, '\n');
		}
	}
	if (b->n && rng_once_in(r, 3))
		b->n--;
	if (rng_once_in(r, 6))
		buf_add_c(b, "\n12 rows in set (0.00 sec)\n");
}

/* A block of --stat; unless it is tame, it may be one that git would not print. */
static inline void add_random_stat(struct rng *r, struct buf *b, bool is_tame)
{
	unsigned n = 1 + rng_below(r, 4), added = 0, removed = 0;
	bool is_cut = rng_once_in(r, 4);

	for (unsigned i = 0; i < n; i++) {
		unsigned plus = rng_below(r, 12), minus = rng_below(r, 5),
			 all = (plus + minus) * (is_cut ? 9 : 1);

		added += plus;
		removed += minus;
		buf_printf(b, " src/%c%c.c | %*u%s%.*s%.*s\n", 'a' + (char)rng_below(r, 26),
			'a' + (char)rng_below(r, 26), is_cut ? 3 : 2, all,
			plus + minus || (!is_tame && rng_once_in(r, 2)) ? " " : "", (int)plus,
			"++++++++++++", (int)minus, "-----");
	}
	buf_printf(b, " %u file%s changed", n, n == 1 && is_tame ? "" : "s");
	if (added || (is_tame && !removed))
		buf_printf(b, ", %u insertion%s(+)", added, added == 1 ? "" : "s");
	if (removed || (is_tame && !added))
		buf_printf(b, ", %u deletion%s(-)", removed, removed == 1 ? "" : "s");
	buf_add_byte(b, '\n');
}

/* git log --oneline with lists of files. */
static inline void add_random_oneline(struct rng *r, struct buf *b)
{
	bool is_tame = !rng_once_in(r, 3);
	unsigned n = 1 + rng_below(r, 12);

	for (unsigned i = 0; i < n; i++) {
		buf_printf(b, "%08x %s %s%s\n", rng_next(r),
			rng_once_in(r, 9) ? "(main)" : "a:", RNG_PICK(r, text_words),
			rng_once_in(r, 9) ? " " : "");
		if (rng_once_in(r, 3))
			buf_printf(
				b, "%u\t3\tsrc/%s.c\n", rng_below(r, 30), RNG_PICK(r, text_words));
		else if (!rng_once_in(r, 5))
			add_random_stat(r, b, is_tame);
		if (!is_tame && rng_once_in(r, 20))
			buf_add_c(b, "odd\n\n");
	}
	if (rng_once_in(r, 3))
		b->n--;
}

static inline void add_random_gitlog(struct rng *r, struct buf *b)
{
	bool is_full = rng_once_in(r, 3), is_trimmed = rng_once_in(r, 3),
	     has_files = rng_once_in(r, 3), is_tame = !rng_once_in(r, 3);
	unsigned n = 1 + rng_below(r, 12);

	for (unsigned i = 0; i < n; i++) {
		buf_printf(b, "%scommit %08x%08x%s\n", i ? "\n" : "", rng_next(r), rng_next(r),
			rng_once_in(r, 9) ? " (HEAD -> main)" : "");
		if (rng_once_in(r, 8))
			buf_printf(b, "Merge: %07x %07x\n", rng_next(r) >> 4, rng_next(r) >> 4);
		buf_printf(b, "Author: %sjoe <joe@example.org>\n", is_full ? "    " : "");
		buf_printf(b, "%s Sat Nov %u 10:00:00 2026 +0000\n",
			is_full ? "AuthorDate:" : "Date:  ", rng_below(r, 30));
		if (!is_tame && rng_once_in(r, 12))
			buf_add_c(b, "odd line\n");
		buf_add_byte(b, '\n');
		for (unsigned k = 0, lines = 1 + rng_below(r, 4); k < lines; k++) {
			if (k && rng_once_in(r, 2))
				buf_add_c(b, is_trimmed ? "\n" : "    \n");
			buf_printf(b, "    %s: %s\n", RNG_PICK(r, text_words),
				RNG_PICK(r, text_words));
		}
		if (has_files && rng_once_in(r, 3)) {
			buf_printf(b, "\n src/%s.c | %u ++-\n 1 file changed\n",
				RNG_PICK(r, text_words), rng_below(r, 30));
		} else if (has_files && !rng_once_in(r, 5)) {
			buf_add_byte(b, '\n');
			add_random_stat(r, b, is_tame);
		}
	}
	if (rng_once_in(r, 3))
		b->n--;
}

#endif
