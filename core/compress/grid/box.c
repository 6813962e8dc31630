/* Tables drawn with the signs of Unicode's box drawing (U+2500 to U+257F): sqlite3's box mode, nushell, duckdb and rich. They
 * are read as if they were drawn with pipes; lines above and below the rows stay as they are. */
#include "core/base/limits.h"
#include "core/compress/grid/parse.h"
#include "core/compress/lines.h"

enum { LOOK_BYTES = 4096 /* in which such a line must stand */ };

static const str bar = {GRID_BOX_BAR, sizeof GRID_BOX_BAR - 1};

/* The sign of a table drawn with pipes for the one at p; 0: for none. */
static char plain_sign(const char *p, size_t n)
{
	unsigned char x, y;

	if (n < 3 || (unsigned char)p[0] != 0xe2)
		return 0;
	x = (unsigned char)p[1];
	y = (unsigned char)p[2];
	if (x == 0x94 && y == 0x80)
		return '-';
	if (x == 0x94 && y == 0x82)
		return '|';
	/* corners and joints, U+250C to U+253C; round corners, U+256D to U+2570 */
	if ((x == 0x94 && y >= 0x8c && y <= 0xbc) || (x == 0x95 && y >= 0xad && y <= 0xb0))
		return '+';
	return 0;
}

/* The text drawn with pipes, line for line; false when it has such already. */
static bool redraw(str text, struct buf *out)
{
	(void)buf_reserve(out, text.n);
	for (size_t i = 0; i < text.n; i++) {
		char sign = plain_sign(text.p + i, text.n - i);

		if (text.p[i] == '|')
			return false;
		buf_add_byte(out, sign ? sign : text.p[i]);
		i += sign ? 2 : 0;
	}
	return out->err == E_OK;
}

/* Where the line begins that has so many line ends before it. */
static size_t line_start(str text, uint32_t n)
{
	size_t at = 0;

	for (; n; n--)
		at += str_find_byte(str_sub(text, at, text.n), '\n') + 1;
	return at;
}

static uint32_t line_ends(str text)
{
	uint32_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* True when the table is printed as it stands in the text. */
static bool is_same(const struct grid *g, str part, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	if (g->layout.has_header) {
		grid_print_row(&g->layout, g->names, 1, true, &b);
		buf_add_byte(&b, '\n');
	}
	if (g->layout.has_header && g->layout.rule) {
		grid_print_rule(&g->layout, &b);
		buf_add_byte(&b, '\n');
	}
	for (uint32_t r = 0; r < g->rows_n; r++) {
		grid_print_row(&g->layout, g->cells + r, g->stride, false, &b);
		buf_add_byte(&b, '\n');
	}
	return b.err == E_OK && b.n && str_eq(str_sub(buf_str(&b), 0, b.n - 1), part);
}

bool grid_parse_box(str text, struct arena *a, struct grid *g)
{
	size_t from, to;
	struct lines all;
	struct buf plain;
	uint32_t ends;

	if (str_find(str_sub(text, 0, text.n < LOOK_BYTES ? text.n : LOOK_BYTES), bar) == STR_NONE)
		return false;
	buf_init_arena(&plain, a, LIMIT_INPUT);
	if (!redraw(text, &plain))
		return false;
	all = lines_split(a, buf_str(&plain));
	if (!grid_parse_pipes(buf_str(&plain),
		    (struct grid_lines){all.v, all.n - (all.v[all.n - 1].n == 0)}, a, g) ||
		g->odd.n || g->layout.is_crlf)
		return false;
	ends = line_ends(g->after);
	from = line_start(text, line_ends(g->before));
	to = ends ? line_start(text, line_ends(text) - ends + 1) - 1 : text.n;
	g->layout.is_box = true;
	g->before = str_sub(text, 0, from);
	g->after = str_sub(text, to, text.n);
	return is_same(g, str_sub(text, from, to), a);
}
