#include "core/compress/grid/layout.h"

#include "core/compress/table/cell.h"
#include "core/compress/tidy.h"

uint32_t grid_width(str s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

bool grid_is_sign(char c)
{
	return (unsigned char)c <= ' ' || c == '\'' || (unsigned char)c > '~';
}

/* True when the cell holds what some program puts in quotes. */
static bool has_sign(const struct grid_layout *l, str cell, bool is_sqlite)
{
	for (size_t i = 0; i < cell.n; i++) {
		char c = cell.p[i];

		if (c == l->sep || c == '"' || c == '\n' || c == '\r' ||
			(is_sqlite && grid_is_sign(c)))
			return true;
	}
	return false;
}

static bool is_quoted(const struct grid_layout *l, uint32_t c, str cell, bool is_header)
{
	switch (l->quotes) {
	case GRID_QUOTES_ALL:
		return true;
	case GRID_QUOTES_TEXT:
		return !cell_is_scalar(cell);
	case GRID_QUOTES_BARE:
		return false;
	case GRID_QUOTES_COLUMNS:
		return is_header || (l->cols[c].is_quoted && !str_eq(cell, STR("NA")));
	default:
		return has_sign(l, cell, l->quotes == GRID_QUOTES_SIGNS);
	}
}

bool grid_is_plain(const struct grid_layout *l, str line)
{
	if (l->kind != GRID_SEPARATED)
		return false;
	return l->quotes == GRID_QUOTES_BARE ||
	       (l->quotes == GRID_QUOTES_NEEDED && str_find_byte(line, '"') == STR_NONE &&
		       str_find_byte(line, '\r') == STR_NONE);
}

/* ---- lines ---- */

static void print_quoted(str s, struct buf *b)
{
	buf_add_byte(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_add_byte(b, '"');
		buf_add_byte(b, s.p[i]);
	}
	buf_add_byte(b, '"');
}

static void print_separated(
	const struct grid_layout *l, const str *cells, size_t stride, bool is_header, struct buf *b)
{
	for (uint32_t c = 0; c < l->cols_n; c++) {
		str cell = cells[c * stride];

		if (c)
			buf_add_byte(b, l->sep);
		if (is_quoted(l, c, cell, is_header))
			print_quoted(cell, b);
		else
			buf_add(b, cell);
	}
}

static void print_times(struct buf *b, char c, size_t n)
{
	if (!n || !buf_reserve(b, n))
		return;
	memset(b->p + b->n, c, n);
	b->n += n;
}

/* Blanks that are written only when something follows. */
struct line {
	struct buf *b;
	size_t blanks;
};

static void line_add(struct line *k, str s)
{
	if (!s.n)
		return;
	print_times(k->b, ' ', k->blanks);
	k->blanks = 0;
	buf_add(k->b, s);
}

static str bar_of(const struct grid_layout *l)
{
	return l->is_box ? STR(GRID_BOX_BAR) : STR("|");
}

static size_t blanks_before(enum grid_align align, size_t blanks)
{
	if (align == GRID_CENTER)
		return blanks / 2;
	return align == GRID_RIGHT ? blanks : 0;
}

static void print_begin(const struct grid_layout *l, uint32_t c, struct line *k)
{
	if (l->kind == GRID_PADDED) {
		k->blanks += l->cols[c].gap;
		return;
	}
	if (!c) {
		line_add(k, l->has_border ? bar_of(l) : STR_NULL);
		k->blanks += l->has_border ? l->has_pad : l->has_indent;
		return;
	}
	k->blanks += l->has_pad;
	line_add(k, bar_of(l));
	k->blanks += l->has_pad;
}

static void print_cell(
	const struct grid_layout *l, uint32_t c, str cell, bool is_header, struct line *k)
{
	const struct grid_column *col = &l->cols[c];
	enum grid_align align = is_header && l->header ? l->header : col->align;
	size_t width = grid_width(cell), blanks, left;

	if (col->align == GRID_NONE)
		align = GRID_NONE;
	blanks = align != GRID_NONE && col->width > width ? col->width - width : 0;
	left = blanks_before(align, blanks);
	k->blanks += left;
	line_add(k, cell);
	if (c + 1 < l->cols_n || l->end != GRID_KEEP || l->has_border ||
		(is_header && l->header == GRID_CENTER))
		k->blanks += blanks - left;
}

void grid_print_row(
	const struct grid_layout *l, const str *cells, size_t stride, bool is_header, struct buf *b)
{
	struct line k = {.b = b};

	if (l->kind == GRID_SEPARATED) {
		print_separated(l, cells, stride, is_header, b);
		return;
	}
	for (uint32_t c = 0; c < l->cols_n; c++) {
		print_begin(l, c, &k);
		print_cell(l, c, cells[c * stride], is_header, &k);
	}
	if (l->kind == GRID_PIPES && l->has_border) {
		k.blanks += l->has_pad;
		line_add(&k, bar_of(l));
	} else if (l->end != GRID_TRIM) {
		k.blanks += l->kind == GRID_PIPES && l->has_pad &&
			    ((is_header && l->header == GRID_CENTER) || l->end == GRID_FULL);
		if (l->is_tidied && k.blanks >= TIDY_BLANKS_MIN)
			return;
		print_times(b, ' ', k.blanks);
	}
}

/* ├────┼────┤, and ────┼──── without border */
static void print_box_rule(const struct grid_layout *l, struct buf *b)
{
	for (uint32_t c = 0; c < l->cols_n; c++) {
		if (c || l->has_border)
			buf_add_c(b, c ? GRID_BOX_CROSS : GRID_BOX_LEFT);
		for (size_t n = l->cols[c].width + l->has_pad * 2; n; n--)
			buf_add_c(b, GRID_BOX_DASH);
	}
	if (l->has_border)
		buf_add_c(b, GRID_BOX_RIGHT);
}

void grid_print_rule(const struct grid_layout *l, struct buf *b)
{
	bool is_cross = l->rule == GRID_RULE_CROSS;
	bool is_inside = l->rule == GRID_RULE_CELLS || l->rule == GRID_RULE_THREE_WIDE;
	const char *joint = is_inside ? " | " : is_cross ? "+" : "|";

	if (l->is_box) {
		print_box_rule(l, b);
		return;
	}
	if (l->has_border)
		buf_add_c(b, is_inside ? "| " : joint);
	for (uint32_t c = 0; c < l->cols_n; c++) {
		size_t n = l->cols[c].width;

		if (l->kind == GRID_PADDED)
			print_times(b, ' ', l->cols[c].gap);
		else if (c)
			buf_add_c(b, joint);
		if (l->rule == GRID_RULE_THREE || l->rule == GRID_RULE_THREE_WIDE)
			n = 3;
		else if (!is_inside)
			n += l->has_pad * 2;
		print_times(b, '-', n);
	}
	if (l->has_border)
		buf_add_c(b, is_inside ? " |" : joint);
}

/* ---- words ---- */

static const char align_signs[] = {[GRID_NONE] = '-', [GRID_LEFT] = '<', [GRID_RIGHT] = '>'};

/* What is either said or not. */
enum flag {
	CRLF,
	BOX,
	OPEN,
	TIGHT,
	INDENT,
	TRIMMED,
	FULL,
	TIDIED,
	NO_HEADER,
	LEFT,
	RIGHT,
	CENTER,
	ALL,
	TEXT,
	SIGNS,
	BARE,
	FLAGS_N
};
static const char *const flag_words[FLAGS_N] = {
	[CRLF] = "CRLF",
	[BOX] = "box",
	[OPEN] = "no border",
	[TIGHT] = "tight",
	[INDENT] = "indented",
	[TRIMMED] = "trimmed",
	[FULL] = "padded to the end",
	[TIDIED] = "tidied",
	[NO_HEADER] = "no header",
	[LEFT] = "header left",
	[RIGHT] = "header right",
	[CENTER] = "header centered",
	[ALL] = "all quoted",
	[TEXT] = "text quoted",
	[SIGNS] = "signs quoted",
	[BARE] = "no quotes",
};

static bool has_flag(const struct grid_layout *l, enum flag f)
{
	const bool is_pipes = l->kind == GRID_PIPES;
	const bool is[FLAGS_N] = {
		[CRLF] = l->is_crlf,
		[BOX] = is_pipes && l->is_box,
		[OPEN] = is_pipes && !l->has_border,
		[TIGHT] = is_pipes && !l->has_pad,
		[INDENT] = is_pipes && l->has_indent,
		[TRIMMED] = l->end == GRID_TRIM,
		[FULL] = l->end == GRID_FULL,
		[TIDIED] = l->is_tidied,
		[NO_HEADER] = !l->has_header,
		[LEFT] = l->header == GRID_LEFT,
		[RIGHT] = l->header == GRID_RIGHT,
		[CENTER] = l->header == GRID_CENTER,
		[ALL] = l->quotes == GRID_QUOTES_ALL,
		[TEXT] = l->quotes == GRID_QUOTES_TEXT,
		[SIGNS] = l->quotes == GRID_QUOTES_SIGNS,
		[BARE] = l->quotes == GRID_QUOTES_BARE,
	};

	return is[f];
}

static void set_flag(struct grid_layout *l, enum flag f)
{
	static const enum grid_quotes quotes[FLAGS_N - ALL] = {
		GRID_QUOTES_ALL, GRID_QUOTES_TEXT, GRID_QUOTES_SIGNS, GRID_QUOTES_BARE};

	l->is_crlf |= f == CRLF;
	l->is_box |= f == BOX;
	l->has_border &= f != OPEN;
	l->has_pad &= f != TIGHT;
	l->has_indent |= f == INDENT;
	l->is_tidied |= f == TIDIED;
	l->has_header &= f != NO_HEADER;
	if (f == TRIMMED || f == FULL)
		l->end = f == FULL ? GRID_FULL : GRID_TRIM;
	if (f == LEFT || f == RIGHT || f == CENTER)
		l->header = f == LEFT ? GRID_LEFT : f == RIGHT ? GRID_RIGHT : GRID_CENTER;
	if (f >= ALL)
		l->quotes = quotes[f - ALL];
}

static uint32_t usual_gap(uint32_t c)
{
	return c > 0;
}

static bool is_like(const struct grid_column *x, const struct grid_column *y)
{
	return x->align == y->align && x->gap == y->gap && !x->is_given && !y->is_given;
}

/* The last sign holds for all columns behind it. */
static void write_columns(const struct grid_layout *l, struct buf *b)
{
	uint32_t n = l->cols_n;

	while (n > 2 && is_like(&l->cols[n - 1], &l->cols[n - 2]))
		n--;
	buf_add_c(b, ", columns ");
	for (uint32_t c = 0; c < n; c++) {
		const struct grid_column *col = &l->cols[c];

		buf_add_byte(b, align_signs[col->align]);
		if (col->is_given)
			buf_add_u64(b, col->width);
		if (col->gap != usual_gap(c) && l->kind == GRID_PADDED)
			buf_printf(b, "+%u", col->gap);
	}
}

/* ", quoted 2 5" */
static void write_quoted(const struct grid_layout *l, struct buf *b)
{
	buf_add_c(b, ", quoted");
	for (uint32_t c = 0; c < l->cols_n; c++)
		if (l->cols[c].is_quoted)
			buf_printf(b, " %u", c + 1);
}

static bool read_quoted(str s, struct grid_layout *l)
{
	uint32_t c;

	l->quotes = GRID_QUOTES_COLUMNS;
	while (str_take(&s, STR(" "))) {
		if (!str_take_u32(&s, l->cols_n, &c) || !c)
			return false;
		l->cols[c - 1].is_quoted = true;
	}
	return !s.n;
}

void grid_layout_write(const struct grid_layout *l, struct buf *b)
{
	if (l->kind == GRID_SEPARATED) {
		buf_add_c(b, l->sep == '\t' ? "TSV" : "CSV");
		if (l->sep != '\t' && l->sep != ',')
			buf_printf(b, " by %c", l->sep);
	} else {
		buf_add_c(b, l->kind == GRID_PIPES ? "pipes" : "padded");
	}
	for (int f = 0; f < FLAGS_N; f++)
		if (has_flag(l, (enum flag)f))
			buf_printf(b, ", %s", flag_words[f]);
	if (l->rule)
		buf_printf(b, ", rule %u", (unsigned)l->rule);
	if (l->kind != GRID_SEPARATED)
		write_columns(l, b);
	if (l->quotes == GRID_QUOTES_COLUMNS)
		write_quoted(l, b);
}

static bool read_columns(str s, struct grid_layout *l)
{
	uint32_t c = 0;

	for (; s.n && c < l->cols_n; c++) {
		struct grid_column *col = &l->cols[c];
		const char *sign = memchr(align_signs, *s.p, sizeof align_signs);

		if (!sign)
			return false;
		*col = (struct grid_column){
			.align = (enum grid_align)(sign - align_signs), .gap = usual_gap(c)};
		s = str_sub(s, 1, s.n);
		if (s.n && *s.p >= '0' && *s.p <= '9') {
			col->is_given = true;
			if (!str_take_u32(&s, GRID_WIDTH_MAX, &col->width))
				return false;
		}
		if (str_take(&s, STR("+")) && !str_take_u32(&s, GRID_WIDTH_MAX, &col->gap))
			return false;
	}
	if (!c)
		return false;
	for (; c < l->cols_n; c++)
		l->cols[c] = l->cols[c - 1];
	return !s.n;
}

static bool read_kind(str word, struct grid_layout *l)
{
	l->sep = word.n == 8 ? word.p[7] : str_eq(word, STR("TSV")) ? '\t' : ',';
	if (str_eq(word, STR("pipes")))
		l->kind = GRID_PIPES;
	else if (str_eq(word, STR("padded")))
		l->kind = GRID_PADDED;
	else
		return str_eq(word, STR("TSV")) || str_eq(word, STR("CSV")) ||
		       (word.n == 8 && str_starts(word, STR("CSV by ")));
	l->has_border = l->has_pad = l->kind == GRID_PIPES;
	return true;
}

static bool read_word(str word, struct grid_layout *l)
{
	uint32_t rule;

	for (int f = 0; f < FLAGS_N; f++) {
		if (str_eq_c(word, flag_words[f])) {
			set_flag(l, (enum flag)f);
			return true;
		}
	}
	if (str_take(&word, STR("quoted")))
		return l->kind == GRID_SEPARATED && read_quoted(word, l);
	if (str_take(&word, STR("columns ")))
		return l->kind != GRID_SEPARATED && read_columns(word, l);
	if (!str_take(&word, STR("rule ")) || !str_take_u32(&word, GRID_RULES_N - 1, &rule))
		return false;
	l->rule = (enum grid_rule)rule;
	return !word.n && l->kind != GRID_SEPARATED;
}

bool grid_layout_read(str words, uint32_t cols_n, struct arena *a, struct grid_layout *l)
{
	size_t end = str_find(words, STR("; ")), at;

	*l = (struct grid_layout){.has_header = true, .cols_n = cols_n};
	l->cols = arena_array(a, struct grid_column, cols_n);
	if (end != STR_NONE)
		words.n = end;
	at = str_find(words, STR(", "));
	if (!read_kind(str_sub(words, 0, at == STR_NONE ? words.n : at), l))
		return false;
	while (at != STR_NONE) {
		words = str_sub(words, at + 2, words.n);
		at = str_find(words, STR(", "));
		if (!read_word(str_sub(words, 0, at == STR_NONE ? words.n : at), l))
			return false;
	}
	return true;
}
