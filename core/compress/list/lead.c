#include "core/compress/list/lead.h"

#include "core/base/vec.h"

enum {
	GROUPS_MAX = 4,   /* of lines with as many cells and the same end */
	VALUES_MAX = 5,   /* of a cell that are told apart */
	ROWS_EACH = 4,    /* lines for each value that the head says */
	ABOVE_MIN = 4,    /* bytes of a cell that "^" is shorter than */
	NAMED_COST = 5,   /* "b= ", in tokens more than its bytes */
	LEAD_MAX_N = 400, /* bytes */
	WIDTH_MAX = 64,
};

static const str tab = {"<tab>", 5};

static bool is_gap(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- where it ends ---- */

size_t lead_find(str line)
{
	size_t at = str_rfind_byte(line, '\t');

	if (at == STR_NONE)
		at = str_rfind_byte(line, ' ');
	if (at == STR_NONE || !at)
		return 0;
	at++;
	/* sha256sum says "*" of what it read as bytes */
	if (at + 1 < line.n && line.p[at] == '*')
		at++;
	return at <= LEAD_MAX_N && at < line.n ? at : 0;
}

/* ---- cells ---- */

struct cells {
	str gaps[LEAD_CELLS_MAX], cells[LEAD_CELLS_MAX], tail;
	uint32_t n;
};

static bool split(str lead, struct cells *out)
{
	size_t at = 0;

	out->n = 0;
	for (;;) {
		size_t from = at, cell;

		while (at < lead.n && is_gap(lead.p[at]))
			at++;
		cell = at;
		while (at < lead.n && !is_gap(lead.p[at]))
			at++;
		/* "" or "*" go with what is before them */
		if (cell == lead.n || (at == lead.n && str_eq_c(str_sub(lead, cell, at), "*"))) {
			out->tail = str_sub(lead, from, at);
			return out->n > 0;
		}
		if (out->n == LEAD_CELLS_MAX)
			return false;
		out->gaps[out->n] = str_sub(lead, from, cell);
		out->cells[out->n++] = str_sub(lead, cell, at);
	}
}

/* True when the head's words can hold it. */
static bool is_word(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || strchr("%<\",;]", s.p[i]))
			return false;
	return true;
}

/* ---- lines of one shape ---- */

struct column {
	str values[VALUES_MAX];
	str gap;
	uint32_t values_n, width;
	bool has_gap, has_width; /* of all lines */
};

struct group {
	struct column columns[LEAD_CELLS_MAX];
	str tail;
	uint32_t n, rows;
};

struct finder {
	const struct list *list;
	struct arena *arena;
	struct group groups[GROUPS_MAX];
	uint32_t groups_n;
};

static struct group *group_of(struct finder *f, const struct cells *c)
{
	uint32_t i = 0;

	while (i < f->groups_n && (f->groups[i].n != c->n || !str_eq(f->groups[i].tail, c->tail)))
		i++;
	return i < f->groups_n ? &f->groups[i] : NULL;
}

static bool is_padded(const struct column *k, const struct cells *c, uint32_t i)
{
	size_t least = i ? 1 : 0, n = c->gaps[i].n;

	return str_find_byte(c->gaps[i], '\t') == STR_NONE && n >= least &&
	       (n + c->cells[i].n == k->width || (n == least && n + c->cells[i].n > k->width));
}

static void column_add(struct column *k, const struct cells *c, uint32_t i)
{
	uint32_t v = 0;

	k->has_gap = k->has_gap && str_eq(k->gap, c->gaps[i]);
	k->has_width = k->has_width && is_padded(k, c, i);
	while (v < k->values_n && !str_eq(k->values[v], c->cells[i]))
		v++;
	if (v == k->values_n && v < VALUES_MAX)
		k->values[k->values_n++] = c->cells[i];
}

static bool find_groups(struct finder *f)
{
	struct cells c;

	for (size_t i = 0; i < f->list->n; i++) {
		struct group *g;

		if (!split(f->list->v[i].lead, &c))
			return false;
		g = group_of(f, &c);
		if (!g && f->groups_n == GROUPS_MAX)
			return false;
		if (!g) {
			g = &f->groups[f->groups_n++];
			*g = (struct group){.tail = c.tail, .n = c.n};
			for (uint32_t k = 0; k < c.n; k++)
				g->columns[k] = (struct column){.gap = c.gaps[k],
					.width = (uint32_t)(c.gaps[k].n + c.cells[k].n),
					.has_gap = true,
					.has_width = c.gaps[k].n + c.cells[k].n <= WIDTH_MAX};
		}
		g->rows++;
		for (uint32_t k = 0; k < c.n; k++)
			column_add(&g->columns[k], &c, k);
	}
	return true;
}

/* ---- kinds ---- */

/* The cells of a lead of that kind. */
static bool match(const struct lead_kind *k, str lead, str *cells)
{
	for (uint32_t i = 0; i < k->cells_n; i++) {
		size_t blanks = 0, n = 0, least;

		if (!str_take(&lead, k->texts[i]))
			return false;
		while (k->widths[i] && blanks < lead.n && lead.p[blanks] == ' ')
			blanks++;
		lead = str_sub(lead, blanks, lead.n);
		while (n < lead.n && !is_gap(lead.p[n]))
			n++;
		cells[i] = str_sub(lead, 0, n);
		lead = str_sub(lead, n, lead.n);
		least = i || k->texts[i].n ? 1 : 0;
		if (!n || (k->widths[i] &&
				  blanks != (k->widths[i] > n + least ? k->widths[i] - n : least)))
			return false;
	}
	return str_eq(lead, k->texts[k->cells_n]);
}

/* The kind that a line has where cells of at most so many values are said by the head. False when a cell has blanks
 * before it that no width tells. */
static bool make_kind(struct finder *f, str lead, uint32_t values, struct lead_kind *out)
{
	struct cells c;
	const struct group *g;
	struct buf text;

	if (!split(lead, &c) || !(g = group_of(f, &c)))
		return false;
	*out = (struct lead_kind){0};
	buf_init_arena(&text, f->arena, LEAD_MAX_N * 2);
	for (uint32_t i = 0; i < c.n; i++) {
		const struct column *k = &g->columns[i];
		bool is_said = k->values_n <= values && is_word(c.cells[i]) &&
			       (k->values_n == 1 || k->values_n * ROWS_EACH <= g->rows);

		if (!is_said && !k->has_gap && !k->has_width)
			return false;
		if (is_said || k->has_gap)
			buf_add(&text, c.gaps[i]);
		if (is_said) {
			buf_add(&text, c.cells[i]);
			continue;
		}
		out->widths[out->cells_n] = k->has_gap ? 0 : k->width;
		out->texts[out->cells_n++] = arena_str(f->arena, buf_str(&text));
		text.n = 0;
	}
	buf_add(&text, c.tail);
	out->texts[out->cells_n] = arena_str(f->arena, buf_str(&text));
	return text.err == E_OK;
}

/* The kind of a lead, of all that it may have that of the state before the others; KINDS_MAX: none. */
static uint32_t kind_of(const struct lead_form *f, uint32_t current, str lead, str *cells)
{
	if (current < f->kinds_n && match(&f->kinds[current], lead, cells))
		return current;
	for (uint32_t i = 0; i < f->kinds_n; i++)
		if (match(&f->kinds[i], lead, cells))
			return i;
	return LEAD_KINDS_MAX;
}

/* Kinds where cells of at most so many values are said by the head, and about what it costs. */
static bool try_values(struct finder *f, uint32_t values, struct lead_form *out, size_t *cost)
{
	str cells[LEAD_CELLS_MAX];
	uint32_t current = 0;

	*out = (struct lead_form){0};
	*cost = 0;
	for (size_t i = 0; i < f->list->n; i++) {
		str lead = f->list->v[i].lead;
		uint32_t k = kind_of(out, current, lead, cells);

		if (k == LEAD_KINDS_MAX) {
			if (out->kinds_n == LEAD_KINDS_MAX ||
				!make_kind(f, lead, values, &out->kinds[out->kinds_n]) ||
				!match(&out->kinds[out->kinds_n], lead, cells))
				return false;
			k = out->kinds_n++;
			*cost += lead.n;
		}
		*cost += k == current ? 0 : NAMED_COST;
		current = k;
		for (uint32_t c = 0; c < out->kinds[k].cells_n; c++)
			*cost += cells[c].n + 1;
	}
	return true;
}

bool lead_kinds(const struct list *l, struct arena *a, struct lead_form *out)
{
	struct finder *f = arena_new(a, struct finder);
	struct lead_form form;
	size_t best = 0, cost;
	bool is_found = false;

	f->list = l;
	f->arena = a;
	f->groups_n = 0;
	if (!find_groups(f))
		return false;
	for (uint32_t values = 0; values < VALUES_MAX; values++) {
		if (!try_values(f, values, &form, &cost) || (is_found && cost >= best))
			continue;
		*out = form;
		best = cost;
		is_found = true;
	}
	return is_found;
}

/* ---- in words ---- */

static void text_write(str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\t')
			buf_add(out, tab);
		else
			buf_add_byte(out, text.p[i]);
	}
}

void lead_form_write(const struct lead_form *f, struct buf *out)
{
	for (uint32_t i = 0; i < f->kinds_n; i++) {
		const struct lead_kind *k = &f->kinds[i];

		if (f->kinds_n > 1)
			buf_printf(out, "%s%c= ", i ? " " : "", (char)('a' + i));
		buf_add_byte(out, '"');
		for (uint32_t c = 0; c < k->cells_n; c++) {
			text_write(k->texts[c], out);
			buf_add_byte(out, '%');
			if (k->widths[c])
				buf_add_u64(out, k->widths[c]);
		}
		text_write(k->texts[k->cells_n], out);
		buf_add_byte(out, '"');
	}
}

static str text_read(str words, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LEAD_MAX_N * 2);
	while (words.n) {
		if (str_take(&words, tab)) {
			buf_add_byte(&b, '\t');
			continue;
		}
		buf_add_byte(&b, *words.p);
		words = str_sub(words, 1, words.n);
	}
	return buf_str(&b);
}

static bool kind_read(str words, struct arena *a, struct lead_kind *out)
{
	*out = (struct lead_kind){0};
	for (;;) {
		size_t at = str_find_byte(words, '%'), n = 0;
		uint64_t width = 0;

		out->texts[out->cells_n] =
			text_read(str_sub(words, 0, at == STR_NONE ? words.n : at), a);
		if (at == STR_NONE)
			return true;
		words = str_sub(words, at + 1, words.n);
		while (n < words.n && words.p[n] >= '0' && words.p[n] <= '9')
			n++;
		if (out->cells_n == LEAD_CELLS_MAX ||
			(n && (!str_u64(str_sub(words, 0, n), &width) || !width ||
				      width > WIDTH_MAX)))
			return false;
		out->widths[out->cells_n++] = (uint32_t)width;
		words = str_sub(words, n, words.n);
	}
}

bool lead_form_read(str words, struct arena *a, struct lead_form *out)
{
	bool is_named = words.n && *words.p != '"';

	*out = (struct lead_form){0};
	do {
		size_t end;

		if (out->kinds_n == LEAD_KINDS_MAX)
			return false;
		if (is_named && (words.n < 3 || words.p[0] != (char)('a' + out->kinds_n) ||
					words.p[1] != '=' || words.p[2] != ' '))
			return false;
		words = str_sub(words, is_named ? 3 : 0, words.n);
		if (!str_take(&words, STR("\"")))
			return false;
		end = str_find_byte(words, '"');
		if (end == STR_NONE ||
			!kind_read(str_sub(words, 0, end), a, &out->kinds[out->kinds_n++]))
			return false;
		words = str_sub(words, end + 1, words.n);
	} while (is_named && str_take(&words, STR(" ")));
	return !words.n;
}

/* ---- before a name ---- */

/* What would be taken for something else. */
static bool is_sayable(str cell)
{
	bool is_gap_word = cell.n > 1 && *cell.p == '+' && cell.p[1] >= '0' && cell.p[1] <= '9';

	return *cell.p != '"' && !is_gap_word && !str_eq(cell, STR("^")) &&
	       (cell.n != 2 || cell.p[1] != '=');
}

bool lead_write(struct lead_form *f, struct lead_state *s, str lead, struct buf *out)
{
	str cells[LEAD_CELLS_MAX];
	uint32_t kind = kind_of(f, s->kind, lead, cells);

	if (kind == LEAD_KINDS_MAX)
		return false;
	if (kind != s->kind)
		buf_printf(out, "%c= ", (char)('a' + kind));
	s->kind = kind;
	for (uint32_t i = 0; i < f->kinds[kind].cells_n; i++) {
		str *above = &s->above[kind][i];
		bool is_same = cells[i].n >= ABOVE_MIN && str_eq(*above, cells[i]);

		if (!is_sayable(cells[i]))
			return false;
		buf_add(out, is_same ? STR("^") : cells[i]);
		buf_add_byte(out, ' ');
		f->has_above |= is_same;
		*above = cells[i];
	}
	return true;
}

bool lead_read_kind(const struct lead_form *f, struct lead_state *s, str word)
{
	if (f->kinds_n < 2 || word.n != 2 || word.p[1] != '=' || word.p[0] < 'a' ||
		word.p[0] >= (char)('a' + f->kinds_n))
		return false;
	s->kind = (uint32_t)(word.p[0] - 'a');
	return true;
}

bool lead_join(const struct lead_form *f, struct lead_state *s, const str *cells, struct arena *a,
	str *out)
{
	const struct lead_kind *k = &f->kinds[s->kind];
	struct buf b;

	buf_init_arena(&b, a, LEAD_MAX_N * 4);
	for (uint32_t i = 0; i < k->cells_n; i++) {
		str *above = &s->above[s->kind][i];
		size_t least = i || k->texts[i].n ? 1 : 0, blanks;

		if (!str_eq(cells[i], STR("^")))
			*above = cells[i];
		if (!above->n)
			return false;
		blanks = !k->widths[i]                     ? 0
			 : k->widths[i] > above->n + least ? k->widths[i] - above->n
							   : least;
		buf_add(&b, k->texts[i]);
		while (blanks--)
			buf_add_byte(&b, ' ');
		buf_add(&b, *above);
	}
	buf_add(&b, k->texts[k->cells_n]);
	*out = buf_str(&b);
	return b.err == E_OK;
}
