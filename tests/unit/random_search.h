/* random_search: results of searches as the tools print them, made of a seed and nothing else, well-formed and
 * not. For property tests and measurements. */
#ifndef TESTS_UNIT_RANDOM_SEARCH_H
#define TESTS_UNIT_RANDOM_SEARCH_H

#include "tests/unit/random_text.h"

enum search_spelling {
	SPELL_FLAT,
	SPELL_COLUMN,
	SPELL_CONTEXT,
	SPELL_HEADING,
	SPELL_HEADING_CONTEXT,
	SPELL_NUMBERLESS,
	SPELL_PATHLESS,
	SPELL_JSON,
	SPELL_LIST,
	SPELL_COUNT,
	SPELL_N
};

static inline void add_search_path(struct rng *r, struct buf *b, uint32_t nth)
{
	static const char *const odd[] = {"Makefile", "C:\\src\\main.c", "my files/a b.c",
		"foo-12-bar.c", "./a:b.py", "3rd/x.c", "app/[id]/page.tsx", "größe/日本.md",
		"a.b-7-", "x/1:2:y"};
	static const char *const dirs[] = {
		"src", "src/core/deep", "/home/me/work/project/packages/one", "tests", "src/core"};

	if (rng_once_in(r, 12))
		buf_add_c(b, RNG_PICK(r, odd));
	else
		buf_printf(b, "%s/%s_%u.%s", dirs[nth / 6 % ARRAY_N(dirs)], RNG_PICK(r, text_words),
			nth, rng_once_in(r, 2) ? "c" : "py");
}

static inline void add_search_body(struct rng *r, struct buf *b, bool is_tame)
{
	static const char *const odd[] = {"", " ", "\t\t", "12:", "7-x", "--", "[lines 1-3]", ":",
		"[+3 more]", "[end of search]", "5 apples", "src/a.c:12:x", "\xff\xfe", "a\r",
		"12:5:x", "{\"type\":\"begin\"}", "~", "~=x", "^", "%d", "#if A", "$x", "&", "&&a",
		"\treturn counted(self, the_value, ", "\treturn counted(self, the_value"};

	static const char *const usual[] = {"\tif (result.status != STATUS_FINE)",
		"\t\treturn fail_with_status(result.status, \"cannot read",
		"\treturn fail_with_status(result.status, \"cannot read"};

	if (!is_tame && rng_once_in(r, 3)) {
		buf_add_c(b, RNG_PICK(r, usual));
		if (rng_once_in(r, 2))
			add_source_line(r, b);
		return;
	}
	if (!is_tame && rng_once_in(r, 10)) {
		buf_add_c(b, RNG_PICK(r, odd));
		return;
	}
	for (uint32_t i = rng_below(r, 4); i; i--)
		buf_add_byte(b, '\t');
	add_source_line(r, b);
}

/* One line of a file. is_match: else a line of context. */
static inline void add_search_line(struct rng *r, struct buf *b, enum search_spelling s, str path,
	uint32_t number, bool is_match, bool is_tame)
{
	char sign = is_match ? ':' : '-', place[256];
	struct buf body = {place, 0, sizeof place, sizeof place, NULL, E_OK};

	if (s == SPELL_JSON) {
		add_search_body(r, &body, true);
		buf_printf(b, "{\"type\":\"%s\",\"data\":{\"path\":{\"text\":",
			is_match ? "match" : "context");
		buf_add_json_string(b, path);
		buf_add_c(b, "},\"lines\":{\"text\":");
		buf_add_byte(&body, '\n');
		buf_add_json_string(b, buf_str(&body));
		buf_printf(b, "},\"line_number\":%u,\"absolute_offset\":%u,\"submatches\":[]}}",
			number, number * 31);
		return;
	}
	if (s != SPELL_HEADING && s != SPELL_HEADING_CONTEXT && s != SPELL_PATHLESS) {
		buf_add(b, path);
		buf_add_byte(b, sign);
	}
	if (s != SPELL_NUMBERLESS)
		buf_printf(b, "%u%c", number, sign);
	if (s == SPELL_COLUMN)
		buf_printf(b, "%u:", 1 + rng_below(r, 60));
	add_search_body(r, b, is_tame);
}

static inline void add_search_file(
	struct rng *r, struct buf *b, enum search_spelling s, str path, bool is_tame)
{
	bool has_context = s == SPELL_CONTEXT || s == SPELL_HEADING_CONTEXT;
	uint32_t n = 1 + rng_below(r, rng_once_in(r, 3) ? 30 : 4), number = 1 + rng_below(r, 300);

	n = has_context ? (n + 4) / 5 * 5 : n; /* a match in each group */
	for (uint32_t i = 0; i < n; i++) {
		bool is_match = !has_context || i % 5 == 2;

		if (i)
			number += rng_once_in(r, 2) ? 1 : 1 + rng_below(r, 9);
		if (has_context && i && i % 5 == 0) {
			number += 2;
			buf_add_c(b, "--\n");
		} else if (has_context && i % 5) {
			number -= i ? 0 : 1;
		}
		add_search_line(r, b, s, path, number, is_match, is_tame);
		buf_add_c(b, "\n");
		if (!is_tame && rng_once_in(r, 40))
			number = 1;
	}
}

/* is_tame: as a tool prints it, without surprises. At least n bytes. */
static inline void add_search(
	struct rng *r, struct buf *b, enum search_spelling s, bool is_tame, size_t n)
{
	size_t start = b->n;
	char place[256];

	if (!is_tame && rng_once_in(r, 4))
		buf_add_c(b, "Found some\n\n");
	for (uint32_t i = 0; b->n < start + n; i++) {
		struct buf path = {place, 0, sizeof place, sizeof place, NULL, E_OK};

		add_search_path(r, &path, i);
		if (s == SPELL_LIST || s == SPELL_COUNT) {
			buf_add(b, buf_str(&path));
			if (s == SPELL_COUNT)
				buf_printf(b, ":%u", rng_below(r, 99));
			buf_add_c(b, "\n");
			continue;
		}
		if (s == SPELL_JSON)
			buf_printf(
				b, "{\"type\":\"begin\",\"data\":{\"path\":{\"text\":\"x\"}}}\n");
		if (s == SPELL_CONTEXT && i && (is_tame || !rng_once_in(r, 9)))
			buf_add_c(b, "--\n");
		if ((s == SPELL_HEADING || s == SPELL_HEADING_CONTEXT)) {
			buf_add_c(b, i ? "\n" : "");
			buf_add(b, buf_str(&path));
			buf_add_c(b, "\n");
		}
		add_search_file(r, b, s, buf_str(&path), is_tame);
		if (!is_tame && rng_once_in(r, 9))
			buf_add_c(b, rng_once_in(r, 2) ? "Binary file x.png matches\n" : "\n");
		if (s == SPELL_PATHLESS)
			break;
	}
	if (!is_tame && rng_once_in(r, 4))
		buf_add_c(b, "\n(results are cut)\n");
	if (!is_tame && rng_once_in(r, 2))
		b->n -= b->n > start;
}

#endif
