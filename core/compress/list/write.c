#include "core/compress/list/write.h"

#include "core/base/vec.h"

enum {
	LOOK_AHEAD = 6, /* groups that may share a directory */
	SHARED_MIN = 6, /* bytes that must be saved by saying it on a line of its own */
	EXT_MAX = 12,   /* bytes */
	EXT_KINDS = 16, /* that are counted */
	EXT_GAIN = 12,  /* names that must be shorter by it, net of those that get longer */
};

/* Entries of one directory that stand next to each other. */
struct group {
	str dir, base;   /* base: from there on all directories are entries; dir when it is none */
	size_t from, to; /* its names */
	size_t entry;    /* that the directory is; STR_NONE */
	bool is_listed;
};

struct writer {
	struct list *l;
	struct list_body *body;
	struct arena *arena;
	struct buf *out;
	uint32_t *children; /* of each entry that is a directory */
	VEC(struct group) groups;
	str stack[LIST_DEPTH_MAX + 1];
	uint32_t depth; /* stack[depth] is the innermost; stack[0] the root */
	size_t gap;
	str lead;
	struct lead_state cells;
};

/* ---- groups ---- */

static bool is_opened(const struct writer *w, size_t i)
{
	const struct list_entry *v = w->l->v;

	return i + 1 < w->l->n && v[i].name.n && list_is_dir(&v[i], v[i + 1].dir);
}

static void count_children(struct writer *w)
{
	VEC(size_t) open = {0};

	for (size_t i = 0; i < w->l->n; i++) {
		while (open.n && !list_is_dir(&w->l->v[open.v[open.n - 1]], w->l->v[i].dir))
			open.n--;
		if (open.n)
			w->children[open.v[open.n - 1]]++;
		if (!is_opened(w, i))
			continue;
		w->body->form.has_dirs = true;
		*vec_push(&open, w->arena) = i;
	}
}

static struct group *open_group(struct writer *w, str dir, size_t from)
{
	struct group *g = vec_push(&w->groups, w->arena);

	*g = (struct group){.dir = dir, .base = dir, .from = from, .to = from, .entry = STR_NONE};
	return g;
}

/* The directory that entry i is, with what is in it. One that has nothing else goes with it. */
static struct group *open_listed(struct writer *w, struct group *g, size_t i)
{
	const struct list_entry *e = &w->l->v[i];
	bool is_only = g->is_listed && g->from == g->to && g->to == i && w->children[g->entry] == 1;

	if (!is_only) {
		g = open_group(w, STR_NULL, 0);
		g->base = e->dir;
	}
	g->dir = w->l->v[i + 1].dir;
	g->from = g->to = i + 1;
	g->entry = i;
	g->is_listed = true;
	return g;
}

static void find_groups(struct writer *w)
{
	struct group *g = open_group(w, w->l->v[0].dir, 0);

	for (size_t i = 0; i < w->l->n; i++) {
		const struct list_entry *e = &w->l->v[i];
		bool is_gap = w->gap < w->body->gaps_n && w->body->gaps[w->gap].at == i;

		w->gap += is_gap;
		if (w->l->shape == LIST_BLOCKS && !e->name.n && !is_gap) {
			g = open_group(w, e->dir, i + 1);
			g->is_listed = true;
			continue;
		}
		if (!str_eq(e->dir, g->dir))
			g = open_group(w, e->dir, i);
		if (w->body->form.has_dirs && is_opened(w, i))
			g = open_listed(w, g, i);
		else
			g->to = i + 1;
	}
	w->gap = 0;
}

/* ---- the end that most names have ---- */

static str ext_of(str name)
{
	size_t dot = str_rfind_byte(name, '.');

	return dot == STR_NONE || !dot || str_find_byte(name, '.') != dot ||
			       name.n - dot > EXT_MAX || dot + 1 == name.n ||
			       str_find_byte(name, ' ') != STR_NONE
		       ? STR_NULL
		       : str_sub(name, dot, name.n);
}

/* Given up where a name could not be told from others. */
static str find_ext(const struct writer *w)
{
	struct {
		str ext;
		size_t n;
	} kinds[EXT_KINDS];
	size_t kinds_n = 0, without = 0, best = 0;

	for (size_t i = 0; i < w->l->n; i++) {
		str name = w->l->v[i].name, ext = ext_of(name);
		size_t k = 0;

		if (!name.n || (w->body->form.has_dirs && is_opened(w, i)))
			continue;
		if (name.p[name.n - 1] == '.')
			return STR_NULL;
		without += str_find_byte(name, '.') == STR_NONE;
		while (ext.n && k < kinds_n && !str_eq(kinds[k].ext, ext))
			k++;
		if (!ext.n || k == EXT_KINDS)
			continue;
		if (k == kinds_n) {
			kinds[kinds_n].ext = ext;
			kinds[kinds_n++].n = 0;
		}
		best = ++kinds[k].n > (kinds_n ? kinds[best].n : 0) ? k : best;
	}
	return kinds_n && kinds[best].n > without + EXT_GAIN ? kinds[best].ext : STR_NULL;
}

/* ---- lines ---- */

static bool has_blank(str s)
{
	return str_find_byte(s, ' ') != STR_NONE || str_find_byte(s, '\t') != STR_NONE;
}

static bool is_gap_word(str s)
{
	return s.n > 1 && *s.p == '+' && s.p[1] >= '0' && s.p[1] <= '9';
}

/* A name, or a directory with its sign behind it. False when it holds a quote where it would need some. */
static bool add_word(struct buf *out, str s, bool is_gap)
{
	bool is_quoted = !s.n || has_blank(s) || *s.p == '"' || (!is_gap && is_gap_word(s));

	if (is_quoted && str_find_byte(s, '"') != STR_NONE)
		return false;
	if (is_quoted)
		buf_add_byte(out, '"');
	buf_add(out, s);
	if (is_quoted)
		buf_add_byte(out, '"');
	return true;
}

static bool add_name(struct writer *w, str name)
{
	str ext = w->body->form.ext;

	if (ext.n && str_eq(ext_of(name), ext))
		return add_word(w->out, str_sub(name, 0, name.n - ext.n), false);
	if (!add_word(w->out, name, false))
		return false;
	if (!ext.n || str_find_byte(name, '.') != STR_NONE)
		return true;
	/* inside the quotes, if there are any */
	if (w->out->n && w->out->p[w->out->n - 1] == '"') {
		w->out->p[w->out->n - 1] = '.';
		buf_add_byte(w->out, '"');
	} else {
		buf_add_byte(w->out, '.');
	}
	return true;
}

/* What stands before a name. */
static bool add_lead(struct writer *w, const struct list_entry *e)
{
	if (w->l->shape == LIST_STATUS && !str_eq(e->lead, w->lead)) {
		for (size_t i = 0; i < e->lead.n; i++)
			buf_add_byte(w->out, e->lead.p[i] == ' ' ? '.' : e->lead.p[i]);
		buf_add_c(w->out, "= ");
		w->lead = e->lead;
	}
	if (w->l->shape == LIST_SIZED || w->l->shape == LIST_COUNTED) {
		buf_add(w->out, e->lead);
		buf_add_byte(w->out, ' ');
	}
	return (w->l->shape != LIST_CELLS && w->l->shape != LIST_TAILED) ||
	       lead_write(&w->body->form.lead, &w->cells, e->lead, w->out);
}

static bool add_names(struct writer *w, const struct group *g)
{
	for (size_t i = g->from; i < g->to; i++) {
		const struct list_entry *e = &w->l->v[i];

		if (i > g->from)
			buf_add_byte(w->out, ' ');
		if (w->gap < w->body->gaps_n && w->body->gaps[w->gap].at == i) {
			buf_printf(w->out, "+%llu", (unsigned long long)w->body->gaps[w->gap++].n);
			continue;
		}
		if (!add_lead(w, e) || !add_name(w, e->name))
			return false;
	}
	return w->out->err == E_OK;
}

static void begin_line(struct writer *w)
{
	if (w->out->n)
		buf_add_byte(w->out, '\n');
	for (uint32_t i = 0; i < w->depth; i++)
		buf_add_byte(w->out, ' ');
}

/* Names of the innermost directory. */
static bool add_line_of_names(struct writer *w, const struct group *g)
{
	size_t from, end;
	str line;

	begin_line(w);
	from = w->out->n;
	if (!add_names(w, g))
		return false;
	line = str_sub(buf_str(w->out), from, w->out->n);
	end = str_find_byte(line, ' ');
	line = str_sub(line, 0, end == STR_NONE ? line.n : end);
	if (*line.p != '"' &&
		(str_ends(line, STR("/")) || str_ends(line, STR(":")) || str_eq(line, STR("-")))) {
		str all = arena_str(w->arena, str_sub(buf_str(w->out), from, w->out->n));

		w->out->n = from;
		buf_add_c(w->out, "- ");
		buf_add(w->out, all);
	}
	return true;
}

static bool is_at_or_below(str dir, str above)
{
	return !above.n || (str_starts(dir, above) && (dir.n == above.n || dir.p[above.n] == '/'));
}

/* A line for a directory, which becomes the innermost. */
static bool add_dir(struct writer *w, str dir, char sign)
{
	str above = w->stack[w->depth];

	if (w->depth == LIST_DEPTH_MAX)
		return false;
	begin_line(w);
	if (dir.n > above.n &&
		!add_word(w->out, str_sub(dir, above.n ? above.n + 1 : 0, dir.n), true))
		return false;
	buf_add_byte(w->out, sign);
	w->stack[++w->depth] = dir;
	return true;
}

/* The directory above both, without '/'. */
static size_t common_dir(str a, str b)
{
	size_t n = str_common_prefix(a, b);

	if ((n == a.n || a.p[n] == '/') && (n == b.n || b.p[n] == '/'))
		return n;
	while (n && a.p[n - 1] != '/')
		n--;
	return n ? n - 1 : 0;
}

/* Lines for directories that this group and the next ones are below, where that is shorter. */
static bool add_shared(struct writer *w, size_t g, char sign)
{
	str dir = w->groups.v[g].dir;
	size_t shares[LOOK_AHEAD], n = 0, common = dir.n;

	for (size_t k = 1; k <= LOOK_AHEAD && g + k < w->groups.n; k++) {
		common = common_dir(str_sub(dir, 0, common), w->groups.v[g + k].dir);
		if (common <= w->stack[w->depth].n)
			break;
		shares[n++] = common;
	}
	/* The outermost stands at the end of shares, and holds for most. */
	for (size_t k = n; k--;) {
		size_t more = shares[k] - (w->stack[w->depth].n ? w->stack[w->depth].n + 1 : 0);

		if (shares[k] <= w->stack[w->depth].n || shares[k] == dir.n ||
			more * (k + 1) < SHARED_MIN)
			continue;
		if (!add_dir(w, str_sub(dir, 0, shares[k]), sign))
			return false;
	}
	return true;
}

static bool add_group(struct writer *w, size_t nth)
{
	const struct group *g = &w->groups.v[nth];
	bool is_block = w->l->shape == LIST_BLOCKS && g->is_listed;
	char unlisted = w->body->form.has_dirs || w->l->shape == LIST_BLOCKS ? ':' : '/';
	str base = g->base;

	while (w->depth && (!is_at_or_below(base, w->stack[w->depth]) ||
				   (is_block && base.n == w->stack[w->depth].n)))
		w->depth--;
	if (!g->is_listed || is_block) {
		if (!is_block && str_eq(base, w->stack[w->depth]))
			return g->from == g->to || add_line_of_names(w, g);
		if (!add_shared(w, nth, unlisted))
			return false;
	} else if (!str_eq(base, w->stack[w->depth]) && !add_dir(w, base, unlisted)) {
		return false;
	}
	if (!add_dir(w, g->dir, g->is_listed ? '/' : unlisted))
		return false;
	if (g->from < g->to)
		buf_add_byte(w->out, ' ');
	return add_names(w, g);
}

bool list_write(struct list_body *b, struct arena *a, struct buf *out)
{
	struct writer *w = arena_new(a, struct writer);

	w->l = b->list;
	w->body = b;
	w->arena = a;
	w->out = out;
	w->children = arena_array(a, uint32_t, w->l->n);
	b->form.has_dirs = false;
	if (w->l->shape == LIST_PATHS || w->l->shape == LIST_TREE)
		count_children(w);
	if ((w->l->shape == LIST_CELLS || w->l->shape == LIST_TAILED) &&
		!lead_kinds(w->l, a, &b->form.lead))
		return false;
	b->form.ext = find_ext(w);
	find_groups(w);
	for (size_t i = 0; i < w->groups.n; i++)
		if (!add_group(w, i))
			return false;
	return out->err == E_OK;
}
