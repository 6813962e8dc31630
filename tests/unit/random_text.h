/* random_text: texts as tools return them, made of a seed and nothing else: source files with every kind of
 * number column, logs, terminal output, JSON, path lists, our own markers, noise. For property tests. */
#ifndef TESTS_UNIT_RANDOM_TEXT_H
#define TESTS_UNIT_RANDOM_TEXT_H

#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/utf8.h"
#include "core/compress/marker.h"

struct rng {
	uint64_t state;
};

/* Marsaglia's xorshift64*, which is quite good enough to choose words. */
static inline uint32_t rng_next(struct rng *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (uint32_t)(r->state * UINT64_C(2685821657736338717) >> 32);
}

static inline struct rng rng_new(uint64_t seed)
{
	struct rng r = {seed * UINT64_C(0x9e3779b97f4a7c15) + 1};

	(void)rng_next(&r);
	return r;
}

/* 0 .. n - 1 */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return rng_next(r) % n;
}

/* True once in n times. */
static inline bool rng_once_in(struct rng *r, uint32_t n)
{
	return rng_below(r, n) == 0;
}

#define RNG_PICK(r, table) ((table)[rng_below((r), (uint32_t)ARRAY_N(table))])

static const char *const text_words[] = {"count", "name", "buffer", "index", "result", "config",
	"x", "path", "i", "token_n", "request", "headers", "größe", "日本", "self", "0", "1024",
	"-1"};

static inline void add_word(struct rng *r, struct buf *b)
{
	buf_add_c(b, RNG_PICK(r, text_words));
}

/* A line of a program, without its end. */
static inline void add_source_line(struct rng *r, struct buf *b)
{
	static const char *const shapes[] = {"if (%s == %s) {", "return %s;", "}", "", "",
		"%s = %s;",
		"/* the %s of %s is checked by the caller, who knows how large it may grow */",
		"for (size_t %s = 0; %s < n; i++)", "def %s(%s):", "12: %s", "case %s: // %s", "{",
		"import %s from '%s/module';", "static const char %s[] = \"%s\";", "# %s"};
	const char *shape = RNG_PICK(r, shapes);

	for (uint32_t n = rng_below(r, 4); n && *shape; n--)
		buf_add_byte(b, '\t');
	for (; *shape; shape++) {
		if (shape[0] == '%' && shape[1] == 's') {
			add_word(r, b);
			shape++;
		} else {
			buf_add_byte(b, *shape);
		}
	}
}

/* Lines of a file, numbered by a style or (style_n) not at all. */
enum { TEXT_STYLE_NONE = 9 };
static inline void add_numbered(
	struct rng *r, struct buf *b, const str *lines, uint32_t n, uint32_t number, uint32_t style)
{
	static const char *const formats[TEXT_STYLE_NONE] = {"%u\t", "%6u\xe2\x86\x92", "%6u\t",
		"%u:", "%u: ", "%4u | ", "%5u|", "%3u \xe2\x94\x82 ", "%6u "};
	bool is_interrupted = rng_once_in(r, 6);
	uint32_t cut = rng_below(r, n + 1);

	for (uint32_t i = 0; i < n; i++) {
		char column[32] = "";

		if (is_interrupted && i == cut)
			buf_add_c(b, rng_once_in(r, 2) ? "...\n" : "(12 more lines)\n");
		if (style < TEXT_STYLE_NONE) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			(void)snprintf(column, sizeof column, formats[style], number + i);
#pragma GCC diagnostic pop
		}
		buf_add_c(b, column);
		buf_add(b, lines[i]);
		if (i + 1 < n)
			buf_add_byte(b, '\n');
	}
}

static inline void add_log(struct rng *r, struct buf *b)
{
	static const char *const levels[] = {"INFO", "WARN", "ERROR", "DEBUG"};

	for (uint32_t n = rng_below(r, 30); n; n--) {
		uint32_t again = rng_once_in(r, 4) ? rng_below(r, 9) : 1;
		size_t from = b->n;

		buf_printf(b, "2026-01-%02u %s [worker-%u] ", rng_below(r, 30), RNG_PICK(r, levels),
			rng_below(r, 3));
		add_word(r, b);
		buf_add_c(b, " finished\n");
		while (again-- > 1 && buf_reserve(b, b->n - from)) {
			size_t line = str_find_byte(str_sub(buf_str(b), from, b->n), '\n') + 1;

			buf_add(b, (str){b->p + from, line});
		}
	}
}

/* What a program writes to a terminal: colours, titles, overwritten lines, backspaces. */
static inline void add_terminal(struct rng *r, struct buf *b)
{
	static const char *const pieces[] = {"\x1b[32m", "\x1b[0m", "\x1b[1;31m", "\x1b]0;title\a",
		"\x1b]8;;http://x/\x1b\\", "\r", "\r\x1b[K", "\b", "\x1b[2K", "\n", "\n", "\n",
		"Building 10%", "Building 100%", "    ", "\x1b", "\x1b[", "\x1b]", "\x1b(B", "ok ",
		"\xe2\x9c\x93 ", "\t", "npm warn deprecated ", "\x1b[1A", "\a", "\xf0\x9f\x9a\x80"};

	for (uint32_t n = rng_below(r, 60); n; n--) {
		buf_add_c(b, RNG_PICK(r, pieces));
		if (rng_once_in(r, 3))
			add_word(r, b);
	}
}

static inline void add_json_space(struct rng *r, struct buf *b, unsigned depth, bool is_pretty)
{
	if (!is_pretty)
		return;
	buf_add_byte(b, '\n');
	for (unsigned i = 0; i < depth; i++)
		buf_add_c(b, "  ");
	if (rng_once_in(r, 20))
		buf_add_c(b, "\t \r");
}

static inline void add_json_leaf(struct rng *r, struct buf *b)
{
	static const char *const leaves[] = {"1.0", "-0", "1e400", "12345678901234567890", "true",
		"null", "\"\\u0041\\/\"", "\"a b  c\"", "\"\\\\\"", "\"\\\"\"", "\"[3]\"", "\"\"",
		"0.10"};

	buf_add_c(b, RNG_PICK(r, leaves));
}

/* A list of records, each of up to five members. */
static inline void add_json(struct rng *r, struct buf *b)
{
	bool is_pretty = !rng_once_in(r, 3);
	uint32_t rows = rng_below(r, 8);

	buf_add_byte(b, '[');
	for (uint32_t i = 0; i < rows; i++) {
		buf_add_c(b, i ? "," : "");
		add_json_space(r, b, 1, is_pretty);
		buf_add_byte(b, '{');
		for (uint32_t k = 0, n = rng_below(r, 6); k < n; k++) {
			buf_add_c(b, k ? "," : "");
			add_json_space(r, b, 2, is_pretty);
			buf_add_json_string(b, str_from(RNG_PICK(r, text_words)));
			buf_add_c(b, is_pretty ? ": " : ":");
			add_json_leaf(r, b);
		}
		add_json_space(r, b, 1, is_pretty);
		buf_add_byte(b, '}');
	}
	add_json_space(r, b, 0, is_pretty);
	buf_add_c(b, rng_once_in(r, 2) ? "]" : "]\n");
}

static inline void add_paths(struct rng *r, struct buf *b)
{
	static const char *const dirs[] = {"src/core/", "src/core/base/",
		"./node_modules/left-pad/", "/usr/lib/", "docs/", ""};
	static const char *const ends[] = {".c", ".h", "_test.py", ".json", ""};
	bool has_text = rng_once_in(r, 2);

	for (uint32_t n = rng_below(r, 40); n;) {
		const char *dir = RNG_PICK(r, dirs);

		for (uint32_t k = 1 + rng_below(r, 6); k && n; k--, n--) {
			buf_add_c(b, dir);
			add_word(r, b);
			buf_add_c(b, RNG_PICK(r, ends));
			if (has_text) {
				buf_printf(b, ":%u:", rng_below(r, 300));
				add_source_line(r, b);
			}
			buf_add_byte(b, '\n');
		}
	}
}

/* Lines that are alike but for some words, some of them with the sign that stands for such words. */
static inline void add_alike(struct rng *r, struct buf *b)
{
	static const char *const shapes[] = {
		"Requirement already satisfied: %s in /usr/lib/site (%s)", "test store::%s ... ok",
		"copied %s to %s.bak (100%)", "%s", "a %s is said of %s, of %s"};

	for (uint32_t groups = 1 + rng_below(r, 4); groups; groups--) {
		const char *shape = RNG_PICK(r, shapes);

		for (uint32_t n = rng_below(r, 12); n; n--) {
			for (const char *p = shape; *p; p++) {
				if (p[0] != '%' || p[1] != 's') {
					buf_add_byte(b, *p);
					continue;
				}
				p++;
				add_word(r, b);
				if (rng_once_in(r, 40))
					buf_add_c(b, rng_once_in(r, 2) ? " \xe2\x80\xa6 "
								       : "\xe2\x80\xa6");
			}
			buf_add_byte(b, '\n');
		}
	}
}

/* A marker of any kind with arbitrary fields, as if it had been ours. */
static inline void add_marker_line(struct rng *r, struct buf *b)
{
	static const struct gutter_style styles[] = {{0, 1, "\t", {0}}, {6, 3, "\xe2\x86\x92", {0}},
		{4, 3, " | ", {0}}, {0, 2, ": ", {0}}};
	struct marker m = {.kind = (enum marker_kind)rng_below(r, 4), .name = STR("Read main.c")};

	m.from = 1 + rng_below(r, 20);
	m.to = m.from + rng_below(r, rng_once_in(r, 8) ? 900000000 : 12);
	m.count = 2 + rng_below(r, rng_once_in(r, 8) ? 900000000 : 12);
	m.is_whole = rng_once_in(r, 3);
	m.is_same_number = !m.is_whole && rng_once_in(r, 3);
	m.style = RNG_PICK(r, styles);
	m.has_gutter = m.is_same_number && marker_has_spelling(&m.style) && rng_once_in(r, 2);
	if (!m.has_gutter && rng_once_in(r, 4))
		m.shift = (struct shift){
			(uint8_t)(1 + rng_below(r, 8)), rng_once_in(r, 2), rng_once_in(r, 2)};
	m.is_there = m.kind == MARKER_SAME && !m.is_whole && !m.is_same_number && rng_once_in(r, 4);
	if (m.is_there)
		m.name = STR_NULL;
	marker_write(b, &m);
	buf_add_byte(b, '\n');
}

/* Any bytes; well-formed UTF-8 when is_utf8. */
static inline void add_noise(struct rng *r, struct buf *b, bool is_utf8)
{
	char raw[240], clean[3 * sizeof raw];
	uint32_t n = rng_below(r, sizeof raw);

	for (uint32_t i = 0; i < n; i++)
		raw[i] = (char)(rng_once_in(r, 3) ? rng_next(r) : 0x20 + rng_below(r, 0x5f));
	if (is_utf8)
		buf_add(b, (str){clean, utf8_sanitize((str){raw, n}, clean)});
	else
		buf_add(b, (str){raw, n});
}

/* The text with every "\n" as "\r\n". */
static inline void add_crlf(struct buf *b, str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			buf_add_byte(b, '\r');
		buf_add_byte(b, text.p[i]);
	}
}

/* The text in a JSON string, as Codex and some MCP tools put it. */
static inline void add_envelope(struct rng *r, struct buf *b, str text)
{
	switch (rng_below(r, 4)) {
	case 0:
		buf_add_c(b, "{\"output\":");
		buf_add_json_string(b, text);
		buf_printf(b, ",\"metadata\":{\"exit_code\":%u,\"duration_seconds\":%u.%u}}",
			rng_below(r, 3), rng_below(r, 2), rng_below(r, 3));
		break;
	case 1:
		buf_add_c(b, "{\"stdout\":");
		buf_add_json_string(b, text);
		buf_add_c(b, ",\"stderr\":\"\",\"code\":0}");
		break;
	case 2:
		buf_add_c(b, "{\n  \"type\": \"text\",\n  \"text\": ");
		buf_add_json_string(b, text);
		buf_add_c(b, "\n}\n");
		break;
	default: /* not as we would write it */
		buf_add_c(b, "{\"output\":\"\\u0041\\/");
		buf_add(b, STR("abc"));
		for (size_t i = 0; i < text.n; i++) {
			if ((unsigned char)text.p[i] >= 0x20 && text.p[i] != '"' &&
				text.p[i] != '\\')
				buf_add_byte(b, text.p[i]);
			else
				buf_printf(b, "\\u%04X", (unsigned char)text.p[i]);
		}
		buf_add_c(b, "\"}");
	}
}

/* One text of any of these kinds, perhaps with others inside. */
static inline void add_any_text(struct rng *r, struct buf *b, struct arena *a, bool is_utf8)
{
	struct buf inner;

	switch (rng_below(r, 14)) {
	case 0:
		add_log(r, b);
		break;
	case 13:
		add_alike(r, b);
		break;
	case 1:
		add_terminal(r, b);
		break;
	case 2:
		add_json(r, b);
		break;
	case 3:
		add_paths(r, b);
		break;
	case 4:
		for (uint32_t n = rng_below(r, 5); n; n--) {
			add_marker_line(r, b);
			add_source_line(r, b);
			buf_add_byte(b, '\n');
		}
		break;
	case 5:
		add_noise(r, b, is_utf8);
		break;
	case 6:
	case 7:
		buf_init_arena(&inner, a, b->max);
		add_any_text(r, &inner, a, is_utf8);
		if (rng_once_in(r, 2))
			add_envelope(r, b, buf_str(&inner));
		else
			add_crlf(b, buf_str(&inner));
		break;
	case 8:
		for (uint32_t n = rng_below(r, 400); n; n--)
			add_word(r, b);
		break;
	case 9:
		for (uint32_t n = rng_below(r, 80); n; n--)
			buf_add_c(b, rng_once_in(r, 4) ? "----\n" : "\n");
		break;
	default:
		for (uint32_t n = rng_below(r, 40); n; n--) {
			add_source_line(r, b);
			buf_add_byte(b, '\n');
		}
	}
}

#endif
