#include "core/compress/grid/text.h"

/* Widths that were not said are those of the widest cells. */
static void measure(struct grid_layout *l, const struct grid_text *t)
{
	for (uint32_t c = 0; l->kind != GRID_SEPARATED && c < t->cols_n; c++) {
		struct grid_column *col = &l->cols[c];

		if (col->is_given)
			continue;
		col->width = l->has_header ? grid_width(t->names[c]) : 0;
		for (uint32_t i = 0; i < t->shown_n; i++) {
			uint32_t n = grid_width(t->cells[c * t->stride + i]);

			col->width = n > col->width ? n : col->width;
		}
	}
}

static void print_end(const struct grid_layout *l, struct buf *b)
{
	buf_add_c(b, l->is_crlf ? "\r\n" : "\n");
}

void grid_print(struct grid_layout *l, const struct grid_text *t, struct buf *b)
{
	size_t odd = 0;

	measure(l, t);
	if (l->has_header) {
		grid_print_row(l, t->names, 1, true, b);
		print_end(l, b);
		if (l->rule) {
			grid_print_rule(l, b);
			print_end(l, b);
		}
	}
	for (uint32_t i = 0; i < t->shown_n; i++) {
		for (; odd < t->odd.n && t->odd.v[odd].row == i; odd++) {
			buf_add(b, t->odd.v[odd].line);
			print_end(l, b);
		}
		grid_print_row(l, t->cells + i, t->stride, false, b);
		if (i + 1 < t->shown_n)
			print_end(l, b);
	}
}
