/* random_yaml: YAML as programs write it, and sometimes as people do, made of a seed and nothing else. For property tests and
 * measurements. */
#ifndef TESTS_UNIT_RANDOM_YAML_H
#define TESTS_UNIT_RANDOM_YAML_H

#include "tests/unit/random_text.h"

struct yaml_maker {
	struct rng *r;
	struct buf *b;
	unsigned step; /* blanks of a mapping in a mapping */
	bool dashes_in, is_tame;
	unsigned left; /* lines that may still be made */
};

static inline void yaml_line(struct yaml_maker *m, unsigned col)
{
	static const char *const notes[] = {"\n", "# a note\n", "\n\n# two\n#\n"};

	if (m->left)
		m->left--;
	if (m->b->n)
		buf_add_byte(m->b, '\n');
	if (!m->is_tame && rng_once_in(m->r, 40)) {
		if (rng_once_in(m->r, 2))
			buf_printf(m->b, "%*s", (int)col, "");
		buf_add_c(m->b, RNG_PICK(m->r, notes));
	}
	buf_printf(m->b, "%*s", (int)col, "");
}

/* base: blanks before the further lines of one. */
static inline void yaml_scalar(struct yaml_maker *m, unsigned base)
{
	static const char *const tame[] = {"web", "true", "80", "\"80\"", "null", "10.0.0.1",
		"nginx:1.25", "\"2026-01-02T10:00:00Z\"", "{}", "[]", "\"\"", "Running"},
				 *const odd[] = {"'80'", "2026-01-02", "0x1f", "yes", "~", "it's",
					 "'it''s'", "\"a\\nb\"", "[a, b]", "&a x", "*a", "a # b",
					 "  two", "x ", "'# no'", "\"'\"", "a: b", "- x", "-", "?",
					 "1e3", "01", "\xc3\xa4", "[lines 1-3]", "{a: 1}", ">",
					 "!!str x", "\t", "\" x\""};
	unsigned lines = 1 + rng_below(m->r, 4);

	if (!rng_once_in(m->r, m->is_tame ? 40 : 12)) {
		buf_printf(m->b, " %s%s",
			m->is_tame || !rng_once_in(m->r, 3) ? RNG_PICK(m->r, tame)
							    : RNG_PICK(m->r, odd),
			"");
		return;
	}
	buf_add_c(m->b, rng_once_in(m->r, 3) ? " |-" : rng_once_in(m->r, 9) ? " >" : " |");
	for (unsigned i = 0; i < lines; i++) {
		if (rng_once_in(m->r, 9))
			buf_add_byte(m->b, '\n');
		buf_printf(m->b, "\n%*s%s = %u", (int)base, "", RNG_PICK(m->r, text_words),
			rng_below(m->r, 99));
	}
}

static inline void yaml_block(struct yaml_maker *m, unsigned col, unsigned depth, bool is_begun);

/* Words, as lists of arguments, paths and names are. */
static inline void yaml_words(struct yaml_maker *m, unsigned col)
{
	for (unsigned n = 3 + rng_below(m->r, 30); n; n--) {
		yaml_line(m, col);
		buf_printf(m->b, "- %s%s", RNG_PICK(m->r, text_words),
			m->is_tame || !rng_once_in(m->r, 30) ? "" : " and: #more");
	}
}

/* Mappings of one shape, as lists of resources are. */
static inline void yaml_rows(struct yaml_maker *m, unsigned col)
{
	unsigned n = 1 + rng_below(m->r, rng_once_in(m->r, 12) ? 90 : 6),
		 keys = 2 + rng_below(m->r, 4);

	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < keys; k++) {
			yaml_line(m, col);
			buf_printf(m->b, "%s%s:", k ? "  " : "- ", text_words[k]);
			if (k == 0)
				buf_printf(m->b, " row-%u", i);
			else
				yaml_scalar(m, col + 2 + m->step);
		}
	}
}

static inline void yaml_map(struct yaml_maker *m, unsigned col, unsigned depth, bool is_begun)
{
	static const char *const odd[] = {
		"\"80\"", "'x'", "a b", "f:meta", ".", "80", "k:{\"a\":1}"};
	unsigned n = 1 + rng_below(m->r, 7);

	for (unsigned i = 0; i < n; i++) {
		if (i || !is_begun)
			yaml_line(m, col);
		buf_add_c(m->b, !m->is_tame && rng_once_in(m->r, 9) ? RNG_PICK(m->r, odd)
								    : RNG_PICK(m->r, text_words));
		buf_printf(m->b, "%u:", i);
		if (!m->is_tame && rng_once_in(m->r, 20))
			continue;
		if (depth > 4 || !m->left || !rng_once_in(m->r, 3))
			yaml_scalar(m, col + m->step);
		else if (rng_once_in(m->r, 2))
			yaml_rows(m, m->dashes_in ? col + m->step : col);
		else if (rng_once_in(m->r, 3))
			yaml_words(m, m->dashes_in ? col + m->step : col);
		else
			yaml_block(m, col, depth + 1, false);
	}
}

static inline void yaml_seq(struct yaml_maker *m, unsigned col, unsigned depth, bool is_begun)
{
	unsigned n = 1 + rng_below(m->r, 5);

	for (unsigned i = 0; i < n; i++) {
		if (i || !is_begun)
			yaml_line(m, col);
		buf_add_byte(m->b, '-');
		if (!m->is_tame && rng_once_in(m->r, 30))
			continue;
		if (depth > 4 || !m->left || rng_once_in(m->r, 2)) {
			yaml_scalar(m, col + 2);
			continue;
		}
		buf_add_byte(m->b, ' ');
		if (rng_once_in(m->r, 6))
			yaml_seq(m, col + 2, depth + 1, true);
		else
			yaml_map(m, col + 2, depth + 1, true);
	}
}

/* What stands in a mapping of that column. */
static inline void yaml_block(struct yaml_maker *m, unsigned col, unsigned depth, bool is_begun)
{
	if (rng_once_in(m->r, 3))
		yaml_seq(m, m->dashes_in ? col + m->step : col, depth, is_begun);
	else
		yaml_map(m, col + m->step, depth, is_begun);
}

static inline void add_random_yaml(struct rng *r, struct buf *b)
{
	struct yaml_maker m = {.r = r,
		.b = b,
		.step = rng_once_in(r, 4) ? 4 : 2,
		.dashes_in = rng_once_in(r, 3),
		.is_tame = !rng_once_in(r, 3),
		.left = 10 + rng_below(r, 120)};

	if (rng_once_in(r, 5))
		buf_add_c(b, "Warning - this is old\n");
	if (rng_once_in(r, 4))
		buf_add_c(b, "---\n# Source: web.yaml\n");
	for (unsigned n = rng_once_in(r, 4) ? 1 + rng_below(r, 5) : 1; n; n--) {
		yaml_map(&m, 0, 0, true);
		if (rng_once_in(r, 2)) {
			buf_add_c(b, "\nitems:");
			yaml_rows(&m, m.dashes_in ? m.step : 0);
		}
		if (n > 1)
			buf_add_c(b, "\n---\n");
	}
	if (!rng_once_in(r, 4))
		buf_add_byte(b, '\n');
	if (rng_once_in(r, 8))
		buf_add_c(b, "\nexit status 0\n");
}

#endif
