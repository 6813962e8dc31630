#include "core/compress/list/long.h"

#include "core/base/vec.h"

enum {
	START_LINES = 8, /* among which there must be a row */
	ROWS_MIN = 5,
	MODE_N = 10,
	KINDS_MAX = 26,
	WIDTH_MAX = 64,
	DATE_MAX = 16, /* bytes of a date, as it stands and as it is written */
	FILE_SIZE_MAX = 20,
};

/* One row, or another line (is_row false) that is all name. */
struct row {
	bool is_row;
	str mode, links, owner, group, size, date, time, name;
	uint32_t kind;
};

struct kind {
	str mode, owner, group;
	str links, size;  /* links: of most; size: of the first, empty once another one has come */
	uint32_t n, lead; /* lead: of the links over all others, by pairs that cancel each other */
	uint32_t order;   /* from the commonest on */
};

struct widths {
	uint32_t mode, links, owner, group, size;
};

struct page {
	struct arena *arena;
	VEC(struct row) rows;
	struct kind kinds[KINDS_MAX];
	uint32_t kinds_n;
	uint32_t gap; /* blanks before group and size: one by GNU, two by BSD */
	str date;     /* the usual one */
	uint64_t rows_n;
};

/* ---- a line of ls ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static str take_field(str *line)
{
	size_t n = 0;
	str field;

	while (n < line->n && line->p[n] == ' ')
		n++;
	*line = str_sub(*line, n, line->n);
	for (n = 0; n < line->n && line->p[n] != ' ';)
		n++;
	field = str_sub(*line, 0, n);
	*line = str_sub(*line, n, line->n);
	return field;
}

static bool is_mode(str s)
{
	if (s.n < MODE_N || s.n > MODE_N + 1 || !strchr("-dlbcps", *s.p))
		return false;
	for (size_t i = 1; i < MODE_N; i++)
		if (!strchr("rwxsStT-", s.p[i]))
			return false;
	return s.n == MODE_N || strchr("@+.", s.p[MODE_N]);
}

static bool is_number(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && !(i && s.n <= 6 && strchr(".KMGT", s.p[i])))
			return false;
	return s.n > 0 && s.n <= FILE_SIZE_MAX;
}

/* A date has its blanks written as '_', and '/' behind it (add_date): names of months in any language, but with neither of these. */
static bool is_date(str s)
{
	bool is_iso = s.n == 10;
	size_t word = is_iso ? 0 : 3;

	for (size_t i = 0; i < word; i++)
		if (strchr("/_ ", s.p[i]))
			return false;
	for (size_t i = word; i < s.n; i++)
		if (is_iso && (i == 4 || i == 7) ? s.p[i] != '-'
						 : !is_digit(s.p[i]) && (is_iso || s.p[i] != ' '))
			return false;
	return is_iso || (s.p[3] == ' ' && is_digit(s.p[5]));
}

/* "Jun  5 11:41", "Mar  1  2024", "2026-07-09 11:32": date and time, with all blanks within. */
static bool take_stamp(str *line, struct row *r)
{
	size_t date;

	if (!str_take(line, STR(" ")) || line->n < DATE_MAX - 4)
		return false;
	date = is_digit(*line->p) ? 10 : 6;
	r->date = str_sub(*line, 0, date);
	if ((date == 10 && line->n < 17) || !is_date(r->date))
		return false;
	*line = str_sub(*line, date, line->n);
	if (!str_take(line, STR(" ")))
		return false;
	r->time = str_sub(*line, 0, 5);
	*line = str_sub(*line, 5, line->n);
	for (size_t i = 0; i < 5; i++)
		if (!is_digit(r->time.p[i]) && !(i == 2 && r->time.p[2] == ':') &&
			!(!i && *r->time.p == ' '))
			return false;
	return str_take(line, STR(" ")) && line->n;
}

static bool read_row(str line, struct row *r)
{
	*r = (struct row){.name = line};
	if (line.n < 30 || !strchr("-dlbcps", *line.p))
		return false;
	r->mode = take_field(&line);
	r->links = take_field(&line);
	r->owner = take_field(&line);
	r->group = take_field(&line);
	r->size = take_field(&line);
	if (!is_mode(r->mode) || !is_number(r->links) || r->links.n > 6 || !r->owner.n ||
		!is_number(r->size) || r->owner.n > WIDTH_MAX || r->group.n > WIDTH_MAX ||
		!take_stamp(&line, r)) {
		return false;
	}
	r->name = line;
	r->is_row = true;
	return true;
}

/* ---- how a row is laid out ---- */

static void wider(uint32_t *w, size_t n)
{
	*w = n > *w ? (uint32_t)n : *w;
}

/* Widths of the rows from i on, up to another line. */
static struct widths measure(const struct page *p, size_t i)
{
	struct widths w = {0};

	for (; i < p->rows.n && p->rows.v[i].is_row; i++) {
		const struct row *r = &p->rows.v[i];

		wider(&w.mode, r->mode.n);
		wider(&w.links, r->links.n);
		wider(&w.owner, r->owner.n);
		wider(&w.group, r->group.n);
		wider(&w.size, r->size.n);
	}
	return w;
}

static void blanks(struct buf *b, size_t n)
{
	while (n--)
		buf_add_byte(b, ' ');
}

static void add_left(struct buf *b, str s, uint32_t width)
{
	buf_add(b, s);
	blanks(b, s.n < width ? width - s.n : 0);
}

static void add_right(struct buf *b, str s, uint32_t width)
{
	blanks(b, s.n < width ? width - s.n : 0);
	buf_add(b, s);
}

static void print_row(const struct page *p, const struct row *r, struct widths w, struct buf *b)
{
	if (r->is_row) {
		add_left(b, r->mode, w.mode);
		buf_add_byte(b, ' ');
		add_right(b, r->links, w.links);
		buf_add_byte(b, ' ');
		add_left(b, r->owner, w.owner);
		blanks(b, p->gap);
		add_left(b, r->group, w.group);
		blanks(b, p->gap);
		add_right(b, r->size, w.size);
		buf_add_byte(b, ' ');
		buf_add(b, r->date);
		buf_add_byte(b, ' ');
		buf_add(b, r->time);
		buf_add_byte(b, ' ');
	}
	buf_add(b, r->name);
}

/* ---- reading what ls printed ---- */

static uint32_t find_kind(struct page *p, const struct row *r)
{
	struct kind *k = p->kinds;

	for (; k < p->kinds + p->kinds_n; k++)
		if (str_eq(k->mode, r->mode) && str_eq(k->owner, r->owner) &&
			str_eq(k->group, r->group))
			break;
	if (k == p->kinds + KINDS_MAX)
		return KINDS_MAX;
	if (k == p->kinds + p->kinds_n) {
		*k = (struct kind){.mode = r->mode,
			.owner = r->owner,
			.group = r->group,
			.links = r->links,
			.size = r->size};
		p->kinds_n++;
	}
	k->n++;
	if (!k->lead)
		k->links = r->links;
	k->lead = str_eq(k->links, r->links) ? k->lead + 1 : k->lead - 1;
	if (!str_eq(k->size, r->size))
		k->size = STR_NULL;
	return (uint32_t)(k - p->kinds);
}

/* The date of most rows, found by pairs that cancel each other. */
static void find_date(struct page *p)
{
	uint64_t lead = 0;

	for (size_t i = 0; i < p->rows.n; i++) {
		const struct row *r = &p->rows.v[i];

		if (!r->is_row)
			continue;
		if (!lead)
			p->date = r->date;
		lead = str_eq(p->date, r->date) ? lead + 1 : lead - 1;
	}
}

static bool read_page(str text, struct page *p)
{
	size_t all = text.n;
	str line;

	for (size_t n = 0; str_next_line(&text, &line, NULL); n++) {
		struct row r;

		if (read_row(line, &r)) {
			p->rows_n++;
			r.kind = find_kind(p, &r);
			if (r.kind == KINDS_MAX)
				return false;
		} else if (n >= START_LINES && !p->rows_n) {
			return false;
		}
		*vec_push_of(&p->rows, p->arena, all - text.n, all) = r;
	}
	for (uint32_t i = 0; i < p->kinds_n; i++) {
		/* One row alone has no usual size. */
		if (p->kinds[i].n < 2)
			p->kinds[i].size = STR_NULL;
		for (uint32_t k = 0; k < p->kinds_n; k++)
			p->kinds[i].order += p->kinds[k].n > p->kinds[i].n ||
					     (k < i && p->kinds[k].n == p->kinds[i].n);
	}
	find_date(p);
	return p->rows_n >= ROWS_MIN && p->rows_n * 2 > p->rows.n;
}

/* ---- writing ---- */

static void add_date(struct buf *b, str date)
{
	for (size_t i = 0; i < date.n; i++)
		buf_add_byte(b, date.p[i] == ' ' ? '_' : date.p[i]);
}

static void write_kinds(const struct page *p, struct buf *out)
{
	for (uint32_t order = 0; order < p->kinds_n; order++) {
		const struct kind *k = p->kinds;

		while (k->order != order)
			k++;
		buf_printf(out, "%c " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT, 'a' + order,
			STR_ARG(k->mode), STR_ARG(k->links), STR_ARG(k->owner), STR_ARG(k->group));
		if (k->size.n)
			buf_printf(out, " " STR_FMT, STR_ARG(k->size));
		buf_add_byte(out, '\n');
	}
	add_date(out, p->date);
	buf_printf(out, "%s\n", p->gap == 2 ? " BSD" : "");
}

/* What a row begins with: a letter, alone or with the number of links; a size or a time; '^'. */
static bool is_short_row(str line)
{
	if (line.n < 2)
		return false;
	return is_digit(*line.p) || *line.p == '^' ||
	       (*line.p >= 'a' && *line.p <= 'z' && (line.p[1] == ' ' || is_digit(line.p[1])));
}

/* A line that is no row, with a sign where it would be taken for one. */
static void write_other(str line, struct buf *out)
{
	if (is_short_row(line) || (line.n && strchr("=~", *line.p)))
		buf_add_byte(out, '=');
	buf_add(out, line);
}

static void write_row(
	const struct page *p, const struct row *r, const struct row *above, struct buf *out)
{
	const struct kind *k = &p->kinds[r->kind];
	bool is_usual = str_eq(r->links, k->links);
	bool is_above = above && str_eq(above->date, r->date) && str_eq(above->time, r->time);
	char first = str_eq(r->date, p->date) ? *r->time.p : *r->date.p;

	/* A row begins with a letter, a digit or '^'. */
	if (k->order || !is_usual || (k->size.n && !is_above && !is_digit(first))) {
		buf_add_byte(out, (char)('a' + k->order));
		if (!is_usual)
			buf_add(out, r->links);
		buf_add_byte(out, ' ');
	}
	if (!k->size.n) {
		buf_add(out, r->size);
		buf_add_byte(out, ' ');
	}
	if (is_above) {
		buf_add_byte(out, '^');
	} else {
		if (!str_eq(r->date, p->date)) {
			add_date(out, r->date);
			buf_add_byte(out, '/');
		}
		add_date(out, r->time);
	}
	buf_add_byte(out, ' ');
	buf_add(out, r->name);
}

/* Widths of the rows from i on, which begin behind another line; where they are not those of what they hold, a line
 * says them. False when a row is laid out in another way. */
static bool check_block(struct page *p, size_t i, struct buf *out)
{
	struct widths w = measure(p, i);
	const struct row *first = &p->rows.v[i];
	const char *line = first->mode.p;
	size_t links = (size_t)(first->links.p + first->links.n - line);
	size_t size = (size_t)(first->size.p + first->size.n - line);
	struct buf b;

	if (links > w.mode + 1 + w.links)
		w.links = (uint32_t)(links - w.mode - 1);
	links = (size_t)w.mode + 1 + w.links + 1 + w.owner + p->gap + w.group + p->gap;
	if (size > links + w.size)
		w.size = (uint32_t)(size - links);
	if (w.links > WIDTH_MAX || w.size > WIDTH_MAX)
		return false;
	if (w.links != measure(p, i).links || w.size != measure(p, i).size)
		buf_printf(out, "~ %u %u\n", w.links, w.size);
	buf_init_arena(&b, p->arena, SIZE_MAX);
	for (; i < p->rows.n && p->rows.v[i].is_row; i++) {
		const struct row *r = &p->rows.v[i];
		str was = {r->mode.p, (size_t)(r->name.p + r->name.n - r->mode.p)};

		buf_reset(&b);
		print_row(p, r, w, &b);
		if (!str_eq(was, buf_str(&b)))
			return false;
	}
	return true;
}

static bool write_rows(struct page *p, struct buf *out)
{
	const struct row *above = NULL;

	for (size_t i = 0; i < p->rows.n; i++) {
		const struct row *r = &p->rows.v[i];

		if (i)
			buf_add_byte(out, '\n');
		if (!r->is_row) {
			write_other(r->name, out);
			continue;
		}
		if ((!i || !r[-1].is_row) && !check_block(p, i, out))
			return false;
		write_row(p, r, above, out);
		above = r;
	}
	return out->err == E_OK;
}

bool long_write(str text, struct arena *a, struct buf *out, uint64_t *rows)
{
	struct page *p = arena_new(a, struct page);
	size_t from = out->n;

	p->arena = a;
	if (!read_page(text, p))
		return false;
	*rows = p->rows_n;
	for (p->gap = 1; p->gap <= 2; p->gap++) {
		out->n = from;
		write_kinds(p, out);
		buf_add_byte(out, '\n');
		if (write_rows(p, out))
			break;
	}
	if (str_ends(text, STR("\n")))
		buf_add_byte(out, '\n');
	return p->gap <= 2 && out->err == E_OK;
}

/* ---- back again ---- */

static str whole_date(struct page *p, str s)
{
	char *c = arena_cstr(p->arena, s);

	for (size_t i = 0; i < s.n; i++)
		if (c[i] == '_')
			c[i] = ' ';
	return (str){c, s.n};
}

static bool read_kinds(struct page *p, str *lines)
{
	str line;

	p->gap = 1;
	while (str_next_line(lines, &line, NULL) && line.n > 2 && line.p[1] == ' ') {
		struct kind *k = &p->kinds[p->kinds_n];

		if (p->kinds_n == KINDS_MAX || *line.p != 'a' + (char)p->kinds_n++)
			return false;
		(void)take_field(&line);
		k->mode = take_field(&line);
		k->links = take_field(&line);
		k->owner = take_field(&line);
		k->group = take_field(&line);
		k->size = take_field(&line);
		if (!k->group.n || line.n)
			return false;
	}
	p->date = take_field(&line);
	if (str_eq(line, STR(" BSD")))
		p->gap = 2;
	p->date = whole_date(p, p->date);
	return p->kinds_n && p->date.n && str_next_line(lines, &line, NULL) && !line.n;
}

/* What a line begins with, and the blank behind it. */
static bool take_word(str *line, str *word)
{
	size_t at = str_find_byte(*line, ' ');

	if (at == STR_NONE || !at)
		return false;
	*word = str_sub(*line, 0, at);
	*line = str_sub(*line, at + 1, line->n);
	return true;
}

static bool read_short_row(struct page *p, str line, const struct row *above, struct row *r)
{
	const struct kind *k = p->kinds;
	str word, links = STR_NULL;
	size_t slash;

	if (!is_digit(*line.p) && *line.p != '^') {
		if (!take_word(&line, &word) || *word.p < 'a' ||
			(uint32_t)(*word.p - 'a') >= p->kinds_n)
			return false;
		k = &p->kinds[*word.p - 'a'];
		links = str_sub(word, 1, word.n);
	}
	*r = (struct row){.is_row = true,
		.mode = k->mode,
		.links = links.n ? links : k->links,
		.owner = k->owner,
		.group = k->group,
		.size = k->size,
		.date = p->date};
	if ((!k->size.n && !take_word(&line, &r->size)) || !take_word(&line, &word))
		return false;
	r->name = line;
	if (str_eq(word, STR("^"))) {
		if (!above)
			return false;
		r->date = above->date;
		r->time = above->time;
		return true;
	}
	slash = str_find_byte(word, '/');
	if (slash != STR_NONE)
		r->date = whole_date(p, str_sub(word, 0, slash));
	r->time = whole_date(p, str_sub(word, slash == STR_NONE ? 0 : slash + 1, word.n));
	return true;
}

/* "~ 2 5" */
static bool read_widths(str line, struct widths *w)
{
	uint64_t links, size;
	str word;

	if (!str_take(&line, STR("~ ")) || !take_word(&line, &word) || !str_u64(word, &links) ||
		!str_u64(line, &size) || links > WIDTH_MAX || size > WIDTH_MAX)
		return false;
	w->links = (uint32_t)links;
	w->size = (uint32_t)size;
	return true;
}

static bool read_rows(struct page *p, str lines, struct widths *said)
{
	size_t above = STR_NONE, all = lines.n;
	str line;

	while (str_next_line(&lines, &line, NULL)) {
		struct row r = {.name = line};

		if (line.n && *line.p == '~') {
			if (!read_widths(line, &said[p->rows.n]))
				return false;
			continue;
		}
		if (line.n && *line.p == '=')
			r.name = str_sub(line, 1, line.n);
		else if (is_short_row(line) &&
			 !read_short_row(p, line, above == STR_NONE ? NULL : &p->rows.v[above], &r))
			return false;
		if (r.is_row) {
			above = p->rows.n;
			p->rows_n++;
		}
		*vec_push_of(&p->rows, p->arena, all - lines.n, all) = r;
	}
	return true;
}

static size_t count_lines(str s)
{
	size_t n = 1;
	str line;

	while (str_next_line(&s, &line, NULL))
		n++;
	return n;
}

bool long_read(str lines, uint64_t rows, struct arena *a, struct buf *out)
{
	struct page *p = arena_new(a, struct page);
	struct widths w = {0}, *said;
	bool has_newline = str_ends(lines, STR("\n"));

	p->arena = a;
	said = arena_array(a, struct widths, count_lines(lines));
	if (!read_kinds(p, &lines) || !read_rows(p, lines, said) || p->rows_n != rows)
		return false;
	for (size_t i = 0; i < p->rows.n && out->err == E_OK; i++) {
		const struct row *r = &p->rows.v[i];

		if (i)
			buf_add_byte(out, '\n');
		if (r->is_row && (!i || !r[-1].is_row)) {
			w = measure(p, i);
			w.links = said[i].links ? said[i].links : w.links;
			w.size = said[i].size ? said[i].size : w.size;
		}
		print_row(p, r, w, out);
	}
	if (has_newline)
		buf_add_byte(out, '\n');
	return out->err == E_OK;
}
