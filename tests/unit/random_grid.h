/* random_grid: tables of plain text as tools print them, made of a seed and nothing else, well-formed and not. For
 * property tests and measurements. */
#ifndef TESTS_UNIT_RANDOM_GRID_H
#define TESTS_UNIT_RANDOM_GRID_H

#include "tests/unit/random_text.h"

enum grid_spelling {
	SPELL_CSV,
	SPELL_CSV_ALL,
	SPELL_TSV,
	SPELL_BARS,    /* sqlite3, psql -A */
	SPELL_SIGNS,   /* sqlite3 -csv */
	SPELL_COLUMNS, /* R, pandas */
	SPELL_CRLF,
	SPELL_MARKDOWN,
	SPELL_TIGHT,
	SPELL_MYSQL,
	SPELL_PSQL,
	SPELL_PS,
	SPELL_LS,
	SPELL_KUBECTL,
	SPELL_GRID_N
};

enum { RANDOM_COLS_MAX = 12, RANDOM_CELL_MAX = 64 };

/* What all cells of a column have in common. */
enum random_column {
	COL_COUNT,
	COL_SAME,
	COL_MOSTLY,
	COL_WORD,
	COL_NUMBER,
	COL_PATH,
	COL_STATE,
	COL_ODD,
	COL_STEPS, /* times in equal steps */
	COL_TIME,
	COL_LABEL, /* of some long words */
	COL_N
};

struct random_grid {
	struct rng *r;
	uint32_t cols_n, rows_n, count;
	enum random_column col[RANDOM_COLS_MAX];
	uint32_t width[RANDOM_COLS_MAX];
	bool is_right[RANDOM_COLS_MAX], is_tame, has_header;
	char cell[RANDOM_CELL_MAX];
};

static inline const char *random_cell(struct random_grid *g, uint32_t c, bool is_header)
{
	static const char *const odd[] = {"", "a\"b", "^", "=x", "+1", "\xe2\x80\xa6", "a,b", "x|y",
		"1..3", "[lines 1-3]", "a b", "~", "größe", "\"", "a:b", "]", "- ", "'"};
	static const char *const states[] = {"Running", "Running", "Running", "Pending", "failed"};
	struct rng *r = g->r;
	char *p = g->cell;

	if (is_header) {
		(void)snprintf(p, RANDOM_CELL_MAX, "%s%u", c % 3 ? "name" : "SIZE", c);
		return p;
	}
	switch (g->col[c]) {
	case COL_COUNT:
		(void)snprintf(p, RANDOM_CELL_MAX, "%u", 100 + g->count);
		return p;
	case COL_SAME:
		return "root";
	case COL_MOSTLY:
		return rng_once_in(r, 30) ? "other" : "usual";
	case COL_NUMBER:
		(void)snprintf(
			p, RANDOM_CELL_MAX, "%u", rng_below(r, rng_once_in(r, 20) ? 1000000 : 300));
		return p;
	case COL_PATH:
		(void)snprintf(p, RANDOM_CELL_MAX, "/home/user/src/%s_%u.log",
			RNG_PICK(r, text_words), g->count % 7);
		return p;
	case COL_STATE:
		return rng_once_in(r, 3) ? RNG_PICK(r, states) : states[0];
	case COL_STEPS:
	case COL_TIME:
		(void)snprintf(p, RANDOM_CELL_MAX, "2026-03-%02uT%02u:%02u:00Z",
			1 + g->count / 1440 % 28, g->count / 60 % 24,
			g->col[c] == COL_STEPS ? g->count % 60 : rng_below(r, 60));
		return p;
	case COL_LABEL:
		(void)snprintf(p, RANDOM_CELL_MAX, "Officer-involved case of %s",
			text_words[rng_below(r, 5)]);
		return p;
	case COL_ODD:
		if (!g->is_tame)
			return RNG_PICK(r, odd);
		FALLTHROUGH;
	default:
		return RNG_PICK(r, text_words);
	}
}

static inline void add_separated(
	struct random_grid *g, enum grid_spelling s, bool is_header, struct buf *b)
{
	char sep = s == SPELL_TSV ? '\t' : s == SPELL_BARS ? '|' : ',';

	for (uint32_t c = 0; c < g->cols_n; c++) {
		str cell = str_from(random_cell(g, c, is_header));
		bool is_quoted = s == SPELL_CSV_ALL || str_find_byte(cell, sep) != STR_NONE ||
				 str_find_byte(cell, '"') != STR_NONE;

		for (size_t i = 0; s == SPELL_SIGNS && i < cell.n; i++)
			is_quoted |= (unsigned char)cell.p[i] <= ' ' || cell.p[i] == '\'' ||
				     (unsigned char)cell.p[i] > '~';
		if (s == SPELL_COLUMNS)
			is_quoted = is_header || (c % 2 && !rng_once_in(g->r, 100));
		if (s == SPELL_BARS)
			is_quoted = false;

		if (c)
			buf_add_byte(b, sep);
		if (is_quoted)
			buf_add_byte(b, '"');
		for (size_t i = 0; i < cell.n; i++) {
			if (cell.p[i] == '"' && s != SPELL_BARS)
				buf_add_byte(b, '"');
			buf_add_byte(b, cell.p[i]);
		}
		if (is_quoted && !(!g->is_tame && rng_once_in(g->r, 200)))
			buf_add_byte(b, '"');
	}
}

static inline void add_blanks(struct buf *b, uint32_t n)
{
	while (n--)
		buf_add_byte(b, ' ');
}

static inline void add_padded(
	struct random_grid *g, uint32_t c, bool is_right, bool is_header, struct buf *b)
{
	str cell = str_from(random_cell(g, c, is_header));
	uint32_t n = 0, width = g->width[c];

	for (size_t i = 0; i < cell.n; i++)
		n += (cell.p[i] & 0xc0) != 0x80;
	if (is_right)
		add_blanks(b, n < width ? width - n : 0);
	buf_add(b, cell);
	if (!is_right)
		add_blanks(b, n < width ? width - n : 0);
}

static inline void add_drawn(
	struct random_grid *g, enum grid_spelling s, bool is_header, struct buf *b)
{
	bool is_padded = s != SPELL_TIGHT;

	buf_add_c(b, s == SPELL_PSQL ? " " : is_padded ? "| " : "|");
	for (uint32_t c = 0; c < g->cols_n; c++) {
		if (c)
			buf_add_c(b, is_padded ? " | " : "|");
		if (!is_padded || (s == SPELL_PSQL && c + 1 == g->cols_n))
			buf_add_c(b, random_cell(g, c, is_header));
		else
			add_padded(g, c, s != SPELL_MARKDOWN && g->is_right[c] && !is_header,
				is_header, b);
	}
	if (s != SPELL_PSQL)
		buf_add_c(b, is_padded ? " |" : "|");
}

static inline void add_drawn_rule(struct random_grid *g, enum grid_spelling s, struct buf *b)
{
	const char joint = s == SPELL_MYSQL || s == SPELL_PSQL ? '+' : '|';

	for (uint32_t c = 0; c < g->cols_n; c++) {
		if (c || s != SPELL_PSQL)
			buf_add_byte(b, joint);
		for (uint32_t i = s == SPELL_TIGHT ? 3 : g->width[c] + 2; i; i--)
			buf_add_byte(b, '-');
	}
	if (s != SPELL_PSQL)
		buf_add_byte(b, joint);
}

static inline void add_columns(
	struct random_grid *g, enum grid_spelling s, bool is_header, struct buf *b)
{
	uint32_t gap = s == SPELL_KUBECTL ? 3 : 1;

	for (uint32_t c = 0; c + 1 < g->cols_n; c++) {
		add_padded(g, c, s != SPELL_KUBECTL && g->is_right[c], is_header, b);
		add_blanks(b, gap);
	}
	buf_add_c(b, random_cell(g, g->cols_n - 1, is_header));
}

static inline void add_grid_line(
	struct random_grid *g, enum grid_spelling s, bool is_header, struct buf *b)
{
	if (s <= SPELL_CRLF)
		add_separated(g, s, is_header, b);
	else if (s <= SPELL_PSQL)
		add_drawn(g, s, is_header, b);
	else
		add_columns(g, s, is_header, b);
	g->count += !is_header;
}

/* A table of about that many bytes, perhaps with text around it. */
static inline void add_grid(
	struct rng *r, struct buf *b, enum grid_spelling s, bool is_tame, size_t bytes)
{
	struct random_grid g = {
		.r = r, .is_tame = is_tame, .cols_n = 2 + rng_below(r, RANDOM_COLS_MAX - 2)};
	const char *eol = s == SPELL_CRLF ? "\r\n" : "\n";
	size_t end = b->n + bytes;

	for (uint32_t c = 0; c < g.cols_n; c++) {
		g.col[c] = (enum random_column)rng_below(r, COL_N);
		g.is_right[c] = g.col[c] == COL_NUMBER || g.col[c] == COL_COUNT;
		g.width[c] = g.col[c] == COL_PATH ? 32 : 8;
	}
	if (!is_tame && rng_once_in(r, 4))
		buf_printf(b, "a line before%s%s", eol, eol);
	if (s != SPELL_LS) {
		add_grid_line(&g, s, true, b);
		buf_add_c(b, eol);
	}
	if (s >= SPELL_MARKDOWN && s <= SPELL_PSQL) {
		add_drawn_rule(&g, s, b);
		buf_add_c(b, eol);
	}
	while (b->n < end) {
		if (!is_tame && rng_once_in(r, 40))
			buf_add_c(b, rng_once_in(r, 2) ? "another line" : "# 1 2 3");
		else
			add_grid_line(&g, s, false, b);
		if (b->n < end || !rng_once_in(r, 4))
			buf_add_c(b, eol);
	}
	if (!is_tame && rng_once_in(r, 4))
		buf_printf(b, "%s(%u rows)%s", eol, g.count, eol);
}

#endif
