/* Cells as Go's text/tabwriter pads them: a cell is as wide as the widest above and below it, as far as lines follow each
 * other without a gap that have a cell behind it. In packed lines a tab ends a cell, a ": " does so the first time, and
 * ":  " is a ": " that does not; indentation is half as deep; a tab in front stands for an empty first cell. */
#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/pairs/aligned.h"

enum {
	CELLS_MAX = 16,
	LEVEL = 2,
	COLUMN_MIN = 8 /* where what belongs to the line above begins */
};

static size_t blanks(str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == ' ')
		n++;
	return n;
}

/* ---- to packed lines ---- */

/* Appends the cells of a line without its indentation. *value: where the second cell begins. */
static bool pack_cells(str line, size_t indent, struct buf *b, size_t *value)
{
	bool is_first = true, has_colon = false;
	unsigned cells = 1;

	for (size_t i = indent; i < line.n;) {
		size_t gap = blanks(str_sub(line, i, line.n));
		bool is_colon = gap && i > indent && line.p[i - 1] == ':';

		if (!gap) {
			buf_add_byte(b, line.p[i++]);
			continue;
		}
		if (gap > 1) {
			buf_add_c(b, is_colon && is_first && !has_colon ? " " : "\t");
			has_colon |= is_colon && is_first;
			if (is_first)
				*value = i + gap;
			is_first = false;
			if (++cells > CELLS_MAX)
				return false;
		} else {
			buf_add_c(b, is_colon && !has_colon ? "  " : " ");
			has_colon |= is_colon;
		}
		i += gap;
	}
	return true;
}

void columns_pack(struct aligned *x)
{
	size_t value = 0;

	for (uint32_t i = 0; i < x->n; i++) {
		str line = x->lines[i];
		size_t indent = blanks(line);
		struct buf b;

		if (x->is_raw[i])
			continue;
		x->packed[i] = line;
		if (!line.n)
			continue;
		x->is_raw[i] = true;
		if (indent == line.n || str_find_byte(line, '\t') != STR_NONE)
			continue;
		buf_init_arena(&b, x->arena, LIMIT_INPUT);
		(void)buf_reserve(&b, line.n + 1);
		if (indent == value && indent >= COLUMN_MIN) {
			buf_add_byte(&b, '\t');
		} else {
			if (indent % LEVEL)
				continue;
			for (size_t k = 0; k < indent / LEVEL; k++)
				buf_add_byte(&b, ' ');
		}
		if (!pack_cells(line, indent, &b, &value))
			continue;
		x->is_raw[i] = false;
		x->packed[i] = buf_str(&b);
	}
}

/* ---- and back ---- */

struct cells {
	uint32_t first, n; /* of the line, in all of them */
};

struct cell {
	str text;
	size_t width; /* characters, and what the line is indented by */
	size_t padded;
};

struct reader {
	struct aligned *x;
	struct cells *lines;
	VEC(struct cell) cells;
};

static size_t characters(str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void add_cell(struct reader *r, uint32_t line, str text, size_t indent)
{
	*vec_push(&r->cells, r->x->arena) =
		(struct cell){.text = text, .width = characters(text) + indent};
	r->lines[line].n++;
}

static void read_cells(struct reader *r, uint32_t line)
{
	str s = r->x->packed[line];
	size_t indent = blanks(s), from = indent, colon;
	bool has_gap;

	r->lines[line].first = (uint32_t)r->cells.n;
	if (r->x->is_raw[line])
		return;
	colon = str_find(s, STR(": "));
	has_gap = colon != STR_NONE && !(colon + 2 < s.n && s.p[colon + 2] == ' ');
	for (size_t i = indent; i < s.n; i++) {
		bool is_end = s.p[i] == '\t' || (has_gap && i == colon + 1);

		if (!is_end)
			continue;
		add_cell(r, line, str_sub(s, from, i), r->lines[line].n ? 0 : indent * LEVEL);
		from = i + 1;
	}
	add_cell(r, line, str_sub(s, from, s.n), r->lines[line].n ? 0 : indent * LEVEL);
}

/* The widths of the cells of one column. */
static bool pad_column(struct reader *r, uint32_t column)
{
	struct aligned *x = r->x;
	bool has_any = false;

	for (uint32_t i = 0; i < x->n; i++) {
		size_t width = 0;
		uint32_t end = i;

		for (; end < x->n && r->lines[end].n > column + 1; end++) {
			size_t w = r->cells.v[r->lines[end].first + column].width;

			width = w > width ? w : width;
		}
		for (uint32_t k = i; k < end; k++)
			r->cells.v[r->lines[k].first + column].padded = width + x->style.size;
		has_any |= end > i;
		i = end > i ? end - 1 : i;
	}
	return has_any;
}

/* A cell without the blank that keeps its ": " from being an end. */
static void print_cell(str text, struct buf *b)
{
	size_t colon = str_find(text, STR(":  "));

	if (colon == STR_NONE) {
		buf_add(b, text);
		return;
	}
	buf_add(b, str_sub(text, 0, colon + 2));
	buf_add(b, str_sub(text, colon + 3, text.n));
}

static void print_line(struct reader *r, uint32_t line)
{
	struct cells c = r->lines[line];
	struct aligned *x = r->x;
	struct buf b;

	x->lines[line] = x->packed[line];
	if (!c.n)
		return;
	buf_init_arena(&b, x->arena, LIMIT_INPUT);
	(void)buf_reserve(&b, 2 * x->packed[line].n + LEVEL * CELLS_MAX);
	buf_add(&b, aligned_blanks(blanks(x->packed[line]) * LEVEL));
	for (uint32_t i = 0; i < c.n; i++) {
		const struct cell *cell = &r->cells.v[c.first + i];

		print_cell(cell->text, &b);
		if (i + 1 < c.n && cell->padded > cell->width)
			buf_add(&b, aligned_blanks(cell->padded - cell->width));
	}
	x->lines[line] = buf_str(&b);
}

void columns_unpack(struct aligned *x)
{
	struct reader r = {.x = x, .lines = arena_array(x->arena, struct cells, x->n)};
	uint32_t column = 0;

	for (uint32_t i = 0; i < x->n; i++)
		read_cells(&r, i);
	if (!r.cells.v) {
		memcpy(x->lines, x->packed, x->n * sizeof *x->lines);
		return;
	}
	while (column < CELLS_MAX && pad_column(&r, column))
		column++;
	for (uint32_t i = 0; i < x->n; i++)
		print_line(&r, i);
}
