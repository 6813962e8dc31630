/* random_json: JSON documents without white space, made of a seed and nothing else: arrays of objects that are alike
 * and then not quite, maps, repeated values, strings that look like something else, every kind of escape. */
#ifndef TESTS_UNIT_RANDOM_JSON_H
#define TESTS_UNIT_RANDOM_JSON_H

#include "core/compress/table/layout.h"
#include "tests/unit/random_text.h"

static inline void add_json_scalar(struct rng *r, struct buf *b)
{
	static const char *const scalars[] = {"null", "true", "false", "0", "1", "-1", "2.50",
		"1e5", "1E+2", "-0", "12345678901234567890", "0.1", "\"\"", "\"a\"", "\"null\"",
		"\"true\"", "\"1\"", "\"-\"", "\"^\"", "\"01\"", "\"-1\"", "\"1e5\"",
		"\"two words\"", "\"a|b\"", "\"a,b\"", "\"a;b\"", "\"a\\tb\"", "\"(x\"", "\"x)\"",
		"\"[y]\"", "\"{z\"", "\"}\"", "\"&1 a\"", "\"*1\"", "\"=x\"", "\"$1\"", "\"$12/a\"",
		"\"|3\"", "\"\u2026\"", "\"\u20262 more\"", "\"[2 more rows]\"", "\"json\"",
		"\"json{a\"", "\"json [\"",
		"\"{\\\"a\\\":1,\\\"b\\\":[true,\\\"x y\\\",null],\\\"c\\\":\\\"\\\"}\\n\"",
		"\"[{\\\"key\\\": \\\"json\\\", \\\"v\\\": \\\"$1\\\"}, {\\\"key\\\": {}, "
		"\\\"v\\\": []}]\"",
		"\"rows\"", "\"values\"", "\"lists|1\"", "\"values.yaml\"", "\"key\"",
		"\"20260102\"", "\"20260102T102030\"", "\"2026-01-02\"", "\"2026-01-02T10:20\"",
		"[1,2]", "\"3 rows a\"", "\"a..b\"", "\"1..\"", "\"caf\u00e9\"", "\"caf\\u00e9\"",
		"\"\\u00E9\"", "\"a/b\"", "\"a\\/b\"", "\"<b>\"", "\"\\u003cb\\u003e\"",
		"\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"say \\\"hi\\\"\"", "\"\\\\\"",
		"\"C:\\\\x\"", "\"line\\nline\"", "\"\\u0000\"", "\"\\u001b[0m\"", "\" a\"",
		"\"a \"", "\"a=b\"", "\"a:b\"", "\"?\"", "\"\x7f\"", "\"\xff\"", "[]", "{}",
		"\"https://example.org/api/v1/users/joe\"",
		"\"https://example.org/api/v1/users/ann/repos\"",
		"\"550e8400-e29b-41d4-a716-446655440000\"", "\"a somewhat longer text of words\"",
		"\"2026-01-02T10:20:30Z\"", "\"[same as lines 3-40 above]\"",
		"\"line one of it\\n[3 more like the line above]\\nline three of a \\\"block\\\" "
		"of text, "
		"with \\\"quotes\\\"\"",
		"\"if (x) {\\n\\treturn \\\"y\\\";\\n}\\n\\tprintf(\\\"%s\\\\n\\\", z);\\nand so "
		"on\\n\""};

	if (rng_once_in(r, 3))
		buf_printf(b, rng_once_in(r, 2) ? "%u" : "\"item-%u\"", rng_below(r, 1000));
	else
		buf_add_c(b, RNG_PICK(r, scalars));
}

static inline void add_json_key(struct rng *r, struct buf *b)
{
	static const char *const keys[] = {"id", "name", "kind", "", "a b", "a.b", "x:y", "k\\n",
		"key", "-", "12", "rows", "a=b", "f:labels", "metadata", "\u00e4", "$1", "?", "a?",
		"url", "value", "a-very-long-key-of-many-letters"};

	buf_printf(b, "\"%s\":", RNG_PICK(r, keys));
}

static inline void add_json_value(struct rng *r, struct buf *b, unsigned depth);

/* Objects made of one another: the same seed makes the same keys, and sometimes the same values. */
static inline void add_json_alike(struct rng *r, struct buf *b, uint64_t seed, unsigned depth)
{
	struct rng keys = rng_new(seed);
	uint32_t n = rng_below(&keys, 6);
	bool is_first = true;

	buf_add_byte(b, '{');
	for (uint32_t i = 0; i < n; i++) {
		uint64_t own = rng_next(&keys);
		struct rng same = rng_new(own);
		uint32_t what = rng_below(&same, 8);

		if (rng_once_in(r, what == 7 ? 2 : 40))
			continue;
		if (!is_first)
			buf_add_byte(b, ',');
		is_first = false;
		add_json_key(rng_once_in(r, 60) ? r : &same, b);
		if (what < 2)
			add_json_value(&same, b, depth + 1);
		else if (what == 2)
			buf_printf(b, "%u", (unsigned)b->n);
		else if (what == 3 && depth < 4)
			add_json_alike(r, b, own, depth + 1);
		else if (what == 4)
			buf_printf(b, "\"https://example.org/api/v1/item/%u/details\"",
				rng_below(r, 50));
		else if (what == 5)
			buf_printf(b, "\"%u\"", rng_below(r, 50));
		else
			add_json_value(r, b, depth + 2);
	}
	buf_add_byte(b, '}');
}

/* The i-th cell of a column of that kind. */
static inline void add_json_cell(struct rng *r, struct buf *b, uint32_t kind, uint32_t i)
{
	uint32_t any = rng_below(r, 60);

	if (rng_once_in(r, 100))
		add_json_scalar(r, b);
	else if (kind == 0)
		buf_printf(b, "%u", 7 + 3 * i);
	else if (kind == 1)
		buf_add_c(b, "\"always\"");
	else if (kind == 2)
		buf_printf(b, "\"2026-01-%02uT10:20\"", i % 28 + 1);
	else if (kind == 3)
		buf_printf(b, "\"20%02u-03-04T10:%02u:%02u.%03uZ\"", any, any, i % 60, i % 1000);
	else if (kind == 4)
		buf_printf(b, "%u.%u", any, i);
	else if (kind == 5)
		buf_printf(b, "\"%u\"", any);
	else if (kind == 6)
		buf_printf(b, "\"https://example.org/a/%u/b.png\"", any * i);
	else if (kind == 7)
		buf_printf(b, "%u", 1700000000 + 60 * i + any);
	else
		add_json_scalar(r, b);
}

/* What has no names of columns: arrays of arrays, of values, maps to values and to arrays. */
static inline void add_json_plain(struct rng *r, struct buf *b)
{
	uint32_t n = rng_below(r, 40), columns = rng_below(r, 5), map = rng_below(r, 5);
	uint64_t kinds = rng_next(r);

	buf_add_byte(b, map < 3 ? '{' : '[');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_add_byte(b, ',');
		if (map == 0)
			buf_printf(b, "\"packages/core/%u.ts\":", i);
		else if (map == 1)
			buf_printf(b, "\"2026-%02u-%02u\":", 12 - i / 28, 28 - i % 28);
		else if (map == 2)
			buf_printf(b, "\"%u.0.%u\":", i / 7, i % 7);
		if (columns)
			buf_add_byte(b, '[');
		add_json_cell(r, b, kinds & 15, i);
		for (uint32_t c = 1; c < columns; c++) {
			buf_add_byte(b, ',');
			add_json_cell(r, b, kinds >> 4 * c & 15, i);
		}
		if (columns && rng_once_in(r, 200))
			buf_add_c(b, ",0");
		if (columns)
			buf_add_byte(b, ']');
	}
	buf_add_byte(b, map < 3 ? '}' : ']');
}

static inline void add_json_value(struct rng *r, struct buf *b, unsigned depth)
{
	uint64_t seed = rng_below(r, 40);
	uint32_t n = rng_below(r, depth > 2 ? 4 : 9);
	bool is_map = rng_once_in(r, 4), is_alike = !rng_once_in(r, 3);

	if (depth > 5 || b->n > (16 << 10) || rng_once_in(r, depth ? 2 : 20)) {
		if (rng_once_in(r, 8))
			add_json_plain(r, b);
		else
			add_json_scalar(r, b);
		return;
	}
	buf_add_byte(b, is_map ? '{' : '[');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_add_byte(b, ',');
		if (is_map && is_alike && !rng_once_in(r, 9))
			buf_printf(b, "\"key_%u\":", i);
		else if (is_map)
			add_json_key(r, b);
		if (is_alike && !rng_once_in(r, 20))
			add_json_alike(r, b, seed, depth + 1);
		else
			add_json_value(r, b, depth + 1);
	}
	buf_add_byte(b, is_map ? '}' : ']');
}

static inline struct layout random_layout(struct rng *r)
{
	struct layout l = {0};

	if (rng_once_in(r, 3))
		return l;
	l.after_comma = l.after_colon = !rng_once_in(r, 5);
	l.before_colon = rng_once_in(r, 6);
	if (rng_once_in(r, 2))
		return l;
	l.indent = (uint8_t)(1 + rng_below(r, 4));
	l.is_tab = rng_once_in(r, 4);
	l.empty = rng_once_in(r, 3) ? (uint8_t)rng_below(r, EMPTY_N) : EMPTY_NOTHING;
	l.lines = rng_once_in(r, 3) ? (uint8_t)(1 + rng_below(r, 3)) : LAYOUT_ALL;
	l.end_comma = rng_once_in(r, 6);
	l.is_crlf = rng_once_in(r, 8);
	l.is_flat_array = rng_once_in(r, 4);
	return l;
}

#endif
