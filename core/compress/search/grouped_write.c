#include "core/compress/codec.h"
#include "core/compress/marker.h"
#include "core/compress/search/grouped.h"

bool search_is_harmless(str line)
{
	struct codec_head head;
	struct marker marker;

	return !line.n || *line.p != '[' ||
	       !(codec_head_parse(line, &head) || marker_parse(line, &marker) ||
		       str_eq(line, STR(SEARCH_END)));
}

void search_writer_init(struct search_writer *w, struct arena *a, unsigned style, size_t max)
{
	*w = (struct search_writer){.arena = a, .head = {.style = style}};
	buf_init_arena(&w->out, a, max);
}

void search_writer_line(struct search_writer *w, const char *before, str line)
{
	buf_add_byte(&w->out, '\n');
	buf_add_c(&w->out, before);
	buf_add(&w->out, line);
}

void search_writer_starts(struct search_writer *w, struct search_starts *starts)
{
	w->starts = starts;
	w->head.style |= SEARCH_STARTS;
	for (size_t i = 0; i < starts->n; i++) {
		char define[] = {SEARCH_SIGNS[i], '=', '\0'};

		search_writer_line(w, define, starts->v[i]);
	}
}

void search_writer_body(struct search_writer *w, str body, const char *between)
{
	size_t sign = w->starts ? search_starts_find(w->starts, body) : 0;

	if (w->starts && sign < w->starts->n) {
		buf_add_byte(&w->out, SEARCH_SIGNS[sign]);
		body = str_sub(body, w->starts->v[sign].n, body.n);
	} else {
		buf_add_c(&w->out, between);
	}
	buf_add(&w->out, body);
}

/* Between groups, not before the first one. */
static void add_separator(struct search_writer *w)
{
	if (w->out.n)
		buf_add_byte(&w->out, '\n');
}

/* The path of the nth file below its directory. */
static str name_of(const struct search_writer *w, size_t nth, str path, str *dir)
{
	size_t n = w->dir_n ? w->dir_n[nth] : 0;

	*dir = str_sub(path, 0, n);
	return n ? str_sub(path, n + 1, path.n) : path;
}

static void add_heading(struct search_writer *w, size_t nth, str path)
{
	str dir, name = name_of(w, nth, path, &dir);

	if (!str_eq(dir, w->dir)) {
		search_writer_line(w, "", dir.n ? dir : STR("."));
		buf_add_byte(&w->out, ':');
		w->dir = dir;
	}
	w->is_unfit |= !search_is_harmless(name) || (w->dir_n && name.p[name.n - 1] == ':');
	search_writer_line(w, "", name);
}

/* The files that wait because their only line could be the next one's, too. */
static void end_shared(struct search_writer *w)
{
	size_t n = w->shared.n, first = w->paths.n - n;
	str body;

	if (!n)
		return;
	add_separator(w);
	for (size_t i = 0; i < n; i++) {
		add_heading(w, first + i, w->shared.v[i].path);
		if (n > 1) {
			buf_add_byte(&w->out, ':');
			buf_add_u64(&w->out, w->shared.v[i].number);
		}
	}
	if (n > 1) {
		body = w->shared.v[0].body;
		buf_add_byte(&w->out, '\n');
		search_writer_body(w, body, search_has_margin(body) ? "" : ":");
		w->head.style |= SEARCH_SHARED;
	} else {
		search_writer_lines(w, w->shared.v, 1);
	}
	w->shared.n = 0;
}

static bool can_wait(const struct search_writer *w)
{
	const unsigned no = SEARCH_CONTEXT | SEARCH_NUMBERLESS | SEARCH_COLUMN | SEARCH_PATHLESS;
	str dir, name;

	if (w->items.n != 1 || (w->head.style & no))
		return false;
	name = name_of(w, w->paths.n, w->path, &dir);
	return !(*name.p >= '0' && *name.p <= '9'); /* it would look like a line */
}

static bool joins_shared(const struct search_writer *w, const struct search_item *it)
{
	size_t at = w->paths.n;
	str dir, before;

	if (!w->shared.n || !str_eq(w->shared.v[0].body, it->body))
		return false;
	(void)name_of(w, at, it->path, &dir);
	(void)name_of(w, at - 1, w->shared.v[w->shared.n - 1].path, &before);
	return str_eq(dir, before);
}

static void end_file(struct search_writer *w)
{
	if (!w->items.n)
		return;
	w->head.files++;
	if (can_wait(w)) {
		if (!joins_shared(w, &w->items.v[0]))
			end_shared(w);
		*vec_push(&w->shared, w->arena) = w->items.v[0];
		*vec_push(&w->paths, w->arena) = w->path;
	} else {
		end_shared(w);
		add_separator(w);
		*vec_push(&w->paths, w->arena) = w->path;
		if (!(w->head.style & SEARCH_PATHLESS))
			add_heading(w, w->paths.n - 1, w->path);
		search_writer_lines(w, w->items.v, w->items.n);
	}
	w->items.n = 0;
}

void search_writer_add(struct search_writer *w, const struct search_item *it)
{
	if (it->kind != SEARCH_ITEM_GAP) {
		bool is_same = w->items.n && !it->is_heading && str_eq(it->path, w->path);

		if (!is_same)
			end_file(w);
		w->path = it->path;
		w->head.lines++;
		w->head.matches += it->kind == SEARCH_ITEM_MATCH;
	}
	*vec_push(&w->items, w->arena) = *it;
}

void search_writer_other(struct search_writer *w, str line)
{
	end_file(w);
	end_shared(w);
	w->is_unfit |=
		!search_is_harmless(line) || (w->dir_n && line.n && line.p[line.n - 1] == ':');
	add_separator(w);
	search_writer_line(w, "", line);
}

void search_writer_end(struct search_writer *w)
{
	end_file(w);
	end_shared(w);
}
