#include "core/compress/search/grouped.h"

#include <stdlib.h>

#include "core/base/limits.h"

enum { DIR_MAX_N = 1024 }; /* the longest path that source.c takes */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_at_end(const struct search_reader *r)
{
	return r->at > r->text.n;
}

/* Unlike a text's, the last line is one even when it is empty. */
static str next_line(struct search_reader *r)
{
	size_t next;
	str line = search_line(r->text, r->at, &next);

	r->at = r->at + line.n + 1; /* beyond the text behind the last line */
	return line;
}

static str peek_line(const struct search_reader *r)
{
	size_t next;

	return is_at_end(r) ? STR_NULL : search_line(r->text, r->at, &next);
}

static bool damaged(struct search_reader *r)
{
	r->is_damaged = true;
	return false;
}

/* What stands first: "~=" and what it says, and an empty line. */
static void read_starts(struct search_reader *r)
{
	struct search_starts *s = &r->starts;

	for (str line; !is_at_end(r) && (line = next_line(r)).n;) {
		if (s->n == SEARCH_STARTS_MAX || line.n < 3 || search_sign(*line.p) != s->n ||
			line.p[1] != '=') {
			(void)damaged(r);
			return;
		}
		s->v[s->n++] = str_sub(line, 2, line.n);
	}
	r->is_damaged = !s->n;
}

void search_reader_init(struct search_reader *r, struct arena *a, str text, unsigned style)
{
	*r = (struct search_reader){.arena = a, .text = text, .style = style};
	if (style & SEARCH_STARTS)
		read_starts(r);
}

static void put(char *p, str s)
{
	if (s.n && s.p)
		memcpy(p, s.p, s.n);
}

/* head, between, tail as one. */
static str joined(struct search_reader *r, str head, str between, str tail)
{
	size_t n = head.n + between.n + tail.n;
	char *p = arena_alloc(r->arena, n + 1, 1);

	r->joined += head.n;
	r->is_damaged |= r->joined > LIMIT_INPUT;
	put(p, head);
	put(p + head.n, between);
	put(p + head.n + between.n, tail);
	return (str){p, n};
}

/* True when the line begins with a sign: it becomes what that says, and the rest. */
static bool take_start(struct search_reader *r, str *line)
{
	size_t sign = r->starts.n && line->n ? search_sign(*line->p) : SEARCH_STARTS_MAX;

	if (sign >= r->starts.n)
		return false;
	*line = joined(r, r->starts.v[sign], STR_NULL, str_sub(*line, 1, line->n));
	return true;
}

static struct search_item *add_item(struct search_reader *r, enum search_kind kind, str body)
{
	struct search_item *it = vec_push(&r->group.items, r->arena);

	*it = (struct search_item){.kind = kind, .path = r->group.path, .body = body};
	return it;
}

/* "12", "12:5", and behind the first one "5" of the same line. */
static bool take_position(struct search_reader *r, str *s, bool is_again, struct search_item *it)
{
	uint32_t number, column;
	str rest;

	if (!search_take_number(s, &number))
		return false;
	if (!(r->style & SEARCH_COLUMN)) {
		it->number = number;
		return true;
	}
	rest = *s;
	if (str_take(&rest, STR(":")) && search_take_number(&rest, &column)) {
		it->number = number;
		it->column = column;
		*s = rest;
		return true;
	}
	if (!is_again)
		it->number = number;
	it->column = is_again ? number : 0;
	return is_again || str_starts(*s, STR("-")) || str_starts(*s, STR(" ")) ||
	       str_starts(*s, STR("\t"));
}

/* A line that begins with its number. */
static bool read_numbered(struct search_reader *r, str line, uint32_t *follow)
{
	size_t first = r->group.items.n;
	struct search_item it = {.path = r->group.path};
	bool has_context = r->style & SEARCH_CONTEXT, is_said;

	if (!take_position(r, &line, false, &it))
		return false;
	*follow = it.number + 1;
	*vec_push(&r->group.items, r->arena) = it;
	while (str_take(&line, STR(","))) {
		r->has_repeat = true;
		if (!take_position(r, &line, true, &it))
			return false;
		*vec_push(&r->group.items, r->arena) = it;
	}
	it.kind = SEARCH_ITEM_MATCH;
	is_said = take_start(r, &line);
	if (has_context && (is_said || search_has_margin(line) || str_starts(line, STR("-"))))
		it.kind = SEARCH_ITEM_AROUND;
	if (!is_said && !search_has_margin(line)) {
		if (!str_take(&line, STR(":")) && !(has_context && str_take(&line, STR("-"))))
			return false;
	}
	for (size_t i = first; i < r->group.items.n; i++) {
		r->group.items.v[i].kind = it.kind;
		r->group.items.v[i].body = line;
	}
	return it.kind == SEARCH_ITEM_AROUND || !(r->style & SEARCH_COLUMN) || it.column;
}

/* "[+3 more]" */
static bool read_more(struct search_reader *r, str line)
{
	struct search_item it = {.kind = SEARCH_ITEM_MORE};

	if (!str_take(&line, STR("[+")) || !search_take_number(&line, &it.number) || !it.number ||
		!str_eq(line, STR(" more]")))
		return false;
	r->group.more += it.number;
	add_item(r, SEARCH_ITEM_MORE, STR_NULL)->number = it.number;
	return true;
}

static bool read_line(struct search_reader *r, str line, uint32_t *follow)
{
	struct search_item *it;

	if (str_eq(line, STR("--"))) {
		*follow = 0;
		(void)add_item(r, SEARCH_ITEM_GAP, STR_NULL);
		return !(r->style & SEARCH_GAPS);
	}
	if (r->style & SEARCH_NUMBERLESS) {
		if (!take_start(r, &line))
			(void)str_take(&line, STR(":"));
		(void)add_item(r, SEARCH_ITEM_MATCH, line);
		return true;
	}
	if (is_digit(*line.p))
		return read_numbered(r, line, follow);
	if (*line.p == '[' && (r->style & SEARCH_MORE)) {
		*follow = 0;
		return read_more(r, line);
	}
	if (!*follow)
		return false;
	(void)take_start(r, &line);
	it = add_item(r, r->style & SEARCH_CONTEXT ? SEARCH_ITEM_AROUND : SEARCH_ITEM_MATCH, line);
	it->number = (*follow)++;
	return true;
}

static int by_position(const void *a, const void *b)
{
	const struct search_item *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

/* Lines that stood elsewhere go back to their place. */
static void put_in_order(struct search_reader *r)
{
	struct search_item *v = r->group.items.v;
	size_t n = 0;

	if (!r->has_repeat)
		return;
	for (size_t i = 0; i < r->group.items.n; i++)
		if (v[i].kind != SEARCH_ITEM_MORE)
			v[n++] = v[i];
	r->group.items.n = n;
	if (!search_is_ascending(v, n))
		qsort(v, n, sizeof *v, by_position);
}

/* A name below the directory in force. */
static str path_of(struct search_reader *r, str name)
{
	if (!r->dir.n)
		return name;
	return joined(r, r->dir, STR("/"), name);
}

/* True when the line says a directory. */
static bool take_dir(struct search_reader *r, str line)
{
	if (!(r->style & SEARCH_DIRS) || !str_ends(line, STR(":")) || line.n > DIR_MAX_N)
		return false;
	line.n--;
	r->dir = str_eq(line, STR(".")) ? STR_NULL : line;
	return true;
}

/* One of the paths that share a line: "src/c.c:3". */
static bool read_shared(struct search_reader *r)
{
	str name = next_line(r);
	size_t colon;

	if (take_dir(r, name))
		name = next_line(r);
	colon = str_rfind_byte(name, ':');
	if (colon == STR_NONE)
		return damaged(r);
	r->group.path = path_of(r, str_sub(name, 0, colon));
	name = str_sub(name, colon + 1, name.n);
	r->shared.kind = SEARCH_ITEM_MATCH;
	r->shared.path = r->group.path;
	if (!search_take_number(&name, &r->shared.number) || name.n)
		return damaged(r);
	*vec_push(&r->group.items, r->arena) = r->shared;
	if (r->at == r->shared_end) {
		(void)next_line(r); /* the line itself */
		r->shared_end = 0;
		if (!is_at_end(r) && next_line(r).n)
			return damaged(r);
	}
	return r->at > 0;
}

/* The paths from here to the empty line share the line before it. */
static bool open_shared(struct search_reader *r, size_t start)
{
	str line = STR_NULL;
	size_t last = start;

	r->at = start;
	while (!is_at_end(r) && peek_line(r).n) {
		last = r->at;
		line = next_line(r);
	}
	if (!take_start(r, &line) && !str_take(&line, STR(":")) && !search_has_margin(line))
		return damaged(r);
	r->shared = (struct search_item){.body = line};
	r->shared_end = last;
	r->at = start;
	return read_shared(r);
}

static bool read_file(struct search_reader *r)
{
	uint32_t follow = 0;

	r->has_repeat = false;
	while (!is_at_end(r)) {
		str line = next_line(r);

		if (!line.n)
			break;
		if (!read_line(r, line, &follow))
			return damaged(r);
	}
	put_in_order(r);
	return true;
}

bool search_reader_next(struct search_reader *r)
{
	size_t start = r->at;
	str line, below;

	r->group.items.n = 0;
	r->group.more = 0;
	r->group.is_other = false;
	if (is_at_end(r) || r->is_damaged)
		return false;
	if (r->shared_end)
		return read_shared(r);
	if (r->style & SEARCH_PATHLESS)
		return read_file(r);
	line = next_line(r);
	if (line.n && take_dir(r, line)) {
		if (is_at_end(r) || !peek_line(r).n)
			return damaged(r);
		line = next_line(r);
	}
	below = peek_line(r);
	if (!below.n) {
		if (!is_at_end(r))
			(void)next_line(r);
		r->group.is_other = true;
		r->group.path = line;
		return true;
	}
	if (!(r->style & SEARCH_NUMBERLESS) && !is_digit(*below.p) &&
		!(*below.p == '[' && (r->style & SEARCH_MORE)))
		return open_shared(r, start);
	r->group.path = path_of(r, line);
	return read_file(r);
}
