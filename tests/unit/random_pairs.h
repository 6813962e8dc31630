/* random_pairs: keys and values as kubectl describe, terraform, lscpu, sysctl and env print them, made of a seed and nothing
 * else. For property tests and measurements. */
#ifndef TESTS_UNIT_RANDOM_PAIRS_H
#define TESTS_UNIT_RANDOM_PAIRS_H

#include "tests/unit/random_text.h"

enum pairs_spelling {
	PAIRS_COLUMNS,
	PAIRS_BRACES,
	PAIRS_AT,
	PAIRS_TO,
	PAIRS_NONE,
	PAIRS_SPELLINGS
};

static inline void add_pairs_value(struct rng *r, bool is_tame, struct buf *b)
{
	static const char *const odd[] = {"", " ", "? ", "?", "a -> ?", "{", "[]", "}", "a:  b",
		"$1", "= x", "x\ty", "{22", "(known after apply)", "[3 more like the line above]",
		"1 -> (known after apply) # forces replacement", "\xc3\xa4\xc3\xb6", "a.b."};

	if (!is_tame && rng_once_in(r, 5))
		buf_add_c(b, RNG_PICK(r, odd));
	else if (rng_once_in(r, 3))
		buf_printf(b, "registry.example.org/%s:2.%u", RNG_PICK(r, text_words),
			rng_below(r, 3));
	else
		buf_printf(b, "%u", rng_below(r, 4));
}

static inline void add_columns_pairs(struct rng *r, bool is_tame, struct buf *b)
{
	unsigned groups = 1 + rng_below(r, 6);

	for (unsigned g = 0; g < groups; g++) {
		int width = 14 + (int)rng_below(r, 6), indent = 2 * (int)rng_below(r, 3);

		buf_printf(b, "%*sGroup %u:\n", indent, "", g);
		buf_printf(b, "%*s%-*s", indent, "", width - indent, "Longest name:");
		buf_add_c(b, is_tame ? "  x\n" : "   x\n");
		for (unsigned i = 0, n = rng_below(r, 7); i < n; i++) {
			buf_printf(b, "%*s%-*s  ", indent, "", width - indent,
				rng_once_in(r, 3) ? "Id:" : "State of:");
			add_pairs_value(r, is_tame, b);
			buf_add_byte(b, '\n');
			if (rng_once_in(r, 4))
				buf_printf(b, "%*sapp=%u: x\n", width + 2, "", i);
		}
	}
}

static inline void add_braces_pairs(struct rng *r, bool is_tame, struct buf *b)
{
	static const char *const keys[] = {"ami", "id", "public_ip", "arn", "key name"};
	static const char *const signs[] = {"~ ", "+ ", "- ", "  "};
	unsigned groups = 1 + rng_below(r, 5);

	for (unsigned g = 0; g < groups; g++) {
		int hidden = rng_once_in(r, 4) ? 13 : 9;

		buf_printf(
			b, "  # aws_x.y[%u] will be updated\n  ~ resource \"aws_x\" \"y\" {\n", g);
		for (unsigned i = 0, n = rng_below(r, 9); i < n; i++) {
			buf_printf(b, "      %s%-*s = ", RNG_PICK(r, signs), hidden,
				keys[rng_below(r, is_tame ? 4 : 5)]);
			if (rng_once_in(r, 3))
				buf_add_c(b, "(known after apply)\n");
			else
				add_pairs_value(r, is_tame, b);
			buf_add_c(b, "\n");
		}
		if (rng_once_in(r, 3))
			buf_add_c(b, "      ~ tags = {\n          + \"a\"  = 1\n"
				     "          + \"bb\" = 1\n        }\n");
		buf_add_c(b, "    }\n\n");
	}
}

static inline void add_random_pairs(struct rng *r, struct buf *b)
{
	enum pairs_spelling how = (enum pairs_spelling)rng_below(r, PAIRS_SPELLINGS);
	static const char *const keys[] = {"Cpus", "Model name", "Flags", "Thread(s) per core"};
	static const char *const names[] = {
		"net.ipv4.tcp_mem", "net.ipv4.ip_local", "net.core.a", "kernel.x", "vm.y", "HOME"};
	unsigned n = 4 + rng_below(r, rng_once_in(r, 5) ? 90 : 12);
	bool is_tame = !rng_once_in(r, 3), is_tight = rng_once_in(r, 2);

	if (rng_once_in(r, 5))
		buf_add_c(b, "found these:\n");
	if (how == PAIRS_COLUMNS)
		add_columns_pairs(r, is_tame, b);
	if (how == PAIRS_BRACES)
		add_braces_pairs(r, is_tame, b);
	for (unsigned i = 0; how >= PAIRS_AT && i < n; i++) {
		if (how == PAIRS_NONE) {
			buf_printf(b, "%s%s", RNG_PICK(r, names), is_tight ? "=" : " = ");
			add_pairs_value(r, is_tame, b);
		} else {
			size_t from = b->n;

			buf_printf(b, "%s:", keys[rng_below(r, 4)]);
			for (size_t to = b->n - from; to < 24; to++)
				buf_add_byte(b, ' ');
			if (how == PAIRS_TO)
				buf_printf(b, "%9u kB", rng_below(r, 100000));
			else
				add_pairs_value(r, is_tame, b);
		}
		buf_add_byte(b, '\n');
	}
	if (b->n && rng_once_in(r, 3))
		b->n--;
}

#endif
