#include "core/compress/list/entry.h"

#include "core/base/vec.h"

/* How trees are drawn: below an entry with more to come, below the last one, the entry itself, the last one, and both
 * with something below. */
static const struct {
	const char *words;
	str vertical, blank, tee, last, tee_open, last_open;
} drawings[] = {
/* tree(1) in a UTF-8 locale has no-break spaces behind the line. */
#define D(words, v, b, t, l, to, lo)                                               \
	{                                                                          \
		words, {v, sizeof(v) - 1}, {b, sizeof(b) - 1}, {t, sizeof(t) - 1}, \
			{l, sizeof(l) - 1}, {to, sizeof(to) - 1},                  \
		{                                                                  \
			lo, sizeof(lo) - 1                                         \
		}                                                                  \
	}
#define SAME(words, v, b, t, l) D(words, v, b, t, l, t, l)
	SAME("tree", "│\xc2\xa0\xc2\xa0 ", "    ", "├── ", "└── "),
	SAME("tree 2", "│   ", "    ", "├── ", "└── "),
	SAME("tree 3", "|   ", "    ", "|-- ", "`-- "),
	D("tree 4", "│ ", "  ", "├── ", "└── ", "├─┬ ", "└─┬ "), /* npm ls */
	SAME("tree 5", "|   ", "    ", "+-- ", "\\-- "),
	SAME("tree 6", "|   ", "    ", "|-- ", "+-- "), SAME("tree 7", "│  ", "   ", "├─ ", "└─ "),
	SAME("tree 8", "|   ", "    ", "+---", "\\---"),
	SAME("tree 9", "|  ", "   ", "+- ", "\\- "), /* mvn dependency:tree */
#undef SAME
#undef D
};

uint32_t tree_drawings_n(void)
{
	return ARRAY_N(drawings);
}

const char *tree_words(uint32_t drawing)
{
	return drawing < ARRAY_N(drawings) ? drawings[drawing].words : NULL;
}

/* Splits a line: its depth from 0 and what stands behind the signs. False when it is no line of that drawing. */
static bool tree_split(uint32_t drawing, str line, uint32_t *depth, str *name)
{
	*depth = 0;
	for (;;) {
		if (str_take(&line, drawings[drawing].tee) ||
			str_take(&line, drawings[drawing].last) ||
			str_take(&line, drawings[drawing].tee_open) ||
			str_take(&line, drawings[drawing].last_open))
			break;
		if (*depth == LIST_DEPTH_MAX || !(str_take(&line, drawings[drawing].vertical) ||
							str_take(&line, drawings[drawing].blank)))
			return false;
		++*depth;
	}
	*name = line;
	/* No file is called so, and names of directories are put together as text. */
	return line.n > 0 && str_find_byte(line, '\0') == STR_NONE;
}

static str line_at(str text, size_t at)
{
	size_t eol = str_find_byte(str_sub(text, at, text.n), '\n');

	return str_sub(text, at, eol == STR_NONE ? text.n : at + eol);
}

enum { DRAWING_LINES = 64 /* that tell which signs are used */ };

/* The drawing that most of the first lines are of. */
static bool find_drawing(str text, size_t at, uint32_t *drawing)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < ARRAY_N(drawings); i++) {
		uint32_t n = 0, depth, before = 0;
		str rest = str_sub(text, at, text.n), line, name;

		while (n < DRAWING_LINES && str_next_line(&rest, &line, NULL) &&
			tree_split(i, line, &depth, &name) && depth <= before + (n > 0)) {
			before = depth;
			n++;
		}
		if (n > most) {
			most = n;
			*drawing = i;
		}
	}
	return most > 0;
}

static bool is_open(const struct list *l, size_t i)
{
	return i + 1 < l->n && l->v[i + 1].depth > l->v[i].depth;
}

/* Takes the '/' from directories' names, when all have one, and tells every entry its directory. */
static bool set_dirs(struct list *l, struct arena *a)
{
	str dirs[LIST_DEPTH_MAX + 1] = {STR_NULL};
	size_t opened = 0, slashed = 0;

	for (size_t i = 0; i < l->n; i++) {
		opened += is_open(l, i);
		slashed += is_open(l, i) && str_ends(l->v[i].name, STR("/"));
	}
	l->is_slashed = slashed > 0;
	if (slashed && slashed != opened)
		return false;
	for (size_t i = 0; i < l->n; i++) {
		struct list_entry *e = &l->v[i];

		e->dir = dirs[e->depth];
		if (!is_open(l, i))
			continue;
		e->name.n -= l->is_slashed;
		if (!e->name.n || e->depth == LIST_DEPTH_MAX ||
			str_find_byte(e->name, '/') != STR_NONE)
			return false;
		dirs[e->depth + 1] = e->dir.n ? arena_printf(a, STR_FMT "/" STR_FMT,
							STR_ARG(e->dir), STR_ARG(e->name))
					      : e->name;
	}
	return true;
}

bool tree_print(const struct list *l, struct arena *a, struct buf *out)
{
	/* Bit k: another entry of depth k follows before one of less. */
	uint64_t *more = arena_array(a, uint64_t, l->n ? l->n : 1), mask = 0;

	for (size_t i = l->n; i--;) {
		uint32_t d = l->v[i].depth;

		if (d > LIST_DEPTH_MAX || (i + 1 < l->n && l->v[i + 1].depth > d + 1))
			return false;
		mask &= ((uint64_t)2 << d) - 1;
		more[i] = mask;
		mask |= (uint64_t)1 << d;
	}
	if (l->n && l->v[0].depth)
		return false;
	for (size_t i = 0; i < l->n; i++) {
		uint32_t d = l->v[i].depth;
		bool is_last = !(more[i] >> d & 1);

		if (i)
			buf_add_byte(out, '\n');
		for (uint32_t k = 0; k < d; k++)
			buf_add(out, more[i] >> k & 1 ? drawings[l->drawing].vertical
						      : drawings[l->drawing].blank);
		if (is_open(l, i))
			buf_add(out, is_last ? drawings[l->drawing].last_open
					     : drawings[l->drawing].tee_open);
		else
			buf_add(out,
				is_last ? drawings[l->drawing].last : drawings[l->drawing].tee);
		buf_add(out, l->v[i].name);
		if (l->is_slashed && is_open(l, i))
			buf_add_byte(out, '/');
	}
	return out->err == E_OK;
}

/* Signs may be drawn in other places: below the last entry, say. */
static bool is_drawn(const struct list *l, str lines, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, lines.n + 1);
	return tree_print(l, a, &b) && str_starts(lines, buf_str(&b)) && lines.n - b.n <= 1;
}

bool tree_parse(str text, size_t *at, struct arena *a, struct list *out)
{
	VEC(struct list_entry) entries = {0};
	uint32_t depth, before = 0;
	size_t from = *at;

	out->shape = LIST_TREE;
	if (!find_drawing(text, *at, &out->drawing))
		return false;
	while (*at < text.n) {
		str line = line_at(text, *at), name;

		if (!tree_split(out->drawing, line, &depth, &name) ||
			depth > before + (entries.n > 0))
			break;
		before = depth;
		*vec_push(&entries, a) = (struct list_entry){.name = name, .depth = depth};
		*at += line.n;
		if (*at == text.n)
			break;
		++*at;
	}
	out->v = entries.v;
	out->n = entries.n;
	return entries.n && set_dirs(out, a) && is_drawn(out, str_sub(text, from, *at), a);
}
