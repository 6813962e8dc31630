#include "core/compress/list/write.h"

#include "core/base/vec.h"

struct reader {
	struct list_body *b;
	struct arena *arena;
	str stack[LIST_DEPTH_MAX + 1];
	uint32_t depths[LIST_DEPTH_MAX + 1]; /* components of each */
	uint32_t depth;
	str lead;
	struct lead_state cells;
	size_t bytes; /* of directories that were put together */
	VEC(struct list_entry) entries;
	VEC(struct list_gap) gaps;
};

enum { JOINED_MAX = 64 << 20 /* bytes of directories: more is an attack */ };

/* One word; sign: what stands behind the quotes, or 0. False where nothing of the kind stands. */
static bool take_word(str *line, str *word, char *sign, bool *is_quoted)
{
	size_t end;

	*is_quoted = line->n && *line->p == '"';
	*sign = '\0';
	if (*is_quoted) {
		end = str_find_byte(str_sub(*line, 1, line->n), '"');
		if (end == STR_NONE)
			return false;
		*word = str_sub(*line, 1, 1 + end);
		*line = str_sub(*line, end + 2, line->n);
		if (line->n && (*line->p == '/' || *line->p == ':')) {
			*sign = *line->p;
			*line = str_sub(*line, 1, line->n);
		}
	} else {
		end = str_find_byte(*line, ' ');
		*word = str_sub(*line, 0, end == STR_NONE ? line->n : end);
		*line = str_sub(*line, word->n, line->n);
	}
	return !line->n || (str_take(line, STR(" ")) && line->n);
}

static void add_entry(struct reader *r, str dir, str name, str lead)
{
	*vec_push(&r->entries, r->arena) = (struct list_entry){
		.dir = dir, .name = name, .lead = lead, .depth = r->depths[r->depth]};
}

static bool join(struct reader *r, str above, str name, str *out)
{
	*out = name;
	if (!above.n)
		return true;
	r->bytes += above.n + 1 + name.n;
	if (r->bytes > JOINED_MAX)
		return false;
	*out = arena_printf(r->arena, STR_FMT "/" STR_FMT, STR_ARG(above), STR_ARG(name));
	return true;
}

/* A directory below the innermost, which it becomes. Listed: all of its parts are entries. */
static bool open_dir(struct reader *r, str name, bool is_listed)
{
	str above = r->stack[r->depth], dir = above;
	uint32_t depth = r->depths[r->depth];
	bool is_block = r->b->list->shape == LIST_BLOCKS;

	if (r->depth == LIST_DEPTH_MAX)
		return false;
	if (is_block && name.n && !join(r, above, name, &dir))
		return false;
	if (is_block && is_listed)
		add_entry(r, dir, STR_NULL, STR_NULL);
	while (!is_block && name.n) {
		size_t slash = str_find_byte(name, '/');
		str part = str_sub(name, 0, slash == STR_NONE ? name.n : slash);

		if (is_listed) {
			add_entry(r, dir, part, STR_NULL);
			r->entries.v[r->entries.n - 1].depth = depth;
		}
		if (!join(r, dir, part, &dir))
			return false;
		depth++;
		name = str_sub(name, slash == STR_NONE ? name.n : slash + 1, name.n);
	}
	r->stack[++r->depth] = dir;
	r->depths[r->depth] = depth;
	return true;
}

/* "M.=" */
static bool take_status(struct reader *r, str *line)
{
	str word;
	char *lead;

	if (line->n < 5 || line->p[2] != '=' || line->p[3] != ' ')
		return true;
	word = str_sub(*line, 0, 2);
	*line = str_sub(*line, 4, line->n);
	lead = arena_cstr(r->arena, word);
	for (size_t i = 0; i < 2; i++)
		if (lead[i] == '.')
			lead[i] = ' ';
	r->lead = (str){lead, 2};
	return line->n > 0;
}

static bool whole_name(struct reader *r, str *name)
{
	str ext = r->b->form.ext;

	if (!ext.n)
		return true;
	if (str_find_byte(*name, '.') == STR_NONE) {
		*name = arena_printf(r->arena, STR_FMT STR_FMT, STR_ARG(*name), STR_ARG(ext));
		return true;
	}
	if (name->p[name->n - 1] == '.')
		name->n--;
	return name->n > 0;
}

static bool take_gap(struct reader *r, str word)
{
	uint64_t n;

	if (!r->b->form.has_gaps || word.n < 2 || *word.p != '+' ||
		!str_u64(str_sub(word, 1, word.n), &n))
		return false;
	*vec_push(&r->gaps, r->arena) = (struct list_gap){r->entries.n, n};
	add_entry(r, r->stack[r->depth], STR_NULL, STR_NULL);
	return true;
}

/* What CELLS have before a name whose first word is word, which becomes that name. */
static bool take_cells(struct reader *r, str *line, str *word, bool *is_quoted, str *lead)
{
	const struct lead_form *f = &r->b->form.lead;
	str cells[LEAD_CELLS_MAX];
	char sign;

	for (uint32_t i = 0; i < f->kinds[r->cells.kind].cells_n; i++) {
		cells[i] = *word;
		if (*is_quoted || !line->n || !take_word(line, word, &sign, is_quoted) || sign)
			return false;
	}
	return lead_join(f, &r->cells, cells, r->arena, lead);
}

static bool read_names(struct reader *r, str line)
{
	enum list_shape shape = r->b->list->shape;
	bool has_cells = shape == LIST_CELLS || shape == LIST_TAILED;

	while (line.n) {
		str word, lead = STR_NULL;
		bool is_quoted;
		char sign;

		if (shape == LIST_STATUS && !take_status(r, &line))
			return false;
		if (!take_word(&line, &word, &sign, &is_quoted) || sign)
			return false;
		if (has_cells && !is_quoted && lead_read_kind(&r->b->form.lead, &r->cells, word))
			continue;
		if (!is_quoted && take_gap(r, word))
			continue;
		if (has_cells && !take_cells(r, &line, &word, &is_quoted, &lead))
			return false;
		if (shape == LIST_SIZED || shape == LIST_COUNTED) {
			lead = word;
			if (is_quoted || !line.n || !take_word(&line, &word, &sign, &is_quoted) ||
				sign)
				return false;
		}
		if (!word.n || !whole_name(r, &word))
			return false;
		add_entry(r, r->stack[r->depth], word, shape == LIST_STATUS ? r->lead : lead);
	}
	return true;
}

/* The directory that a line begins with; an empty sign when it does not. */
static bool take_dir(str *line, str *dir, char *sign)
{
	str rest = *line;
	bool is_quoted;

	if (!take_word(&rest, dir, sign, &is_quoted))
		return false;
	if (!is_quoted && dir->n && (dir->p[dir->n - 1] == '/' || dir->p[dir->n - 1] == ':')) {
		*sign = dir->p[dir->n - 1];
		dir->n--;
	}
	if (*sign)
		*line = rest;
	return true;
}

static bool read_line(struct reader *r, str line)
{
	uint32_t depth = 0;
	bool is_marked = r->b->form.has_dirs || r->b->list->shape == LIST_BLOCKS;
	char sign;
	str dir;

	while (depth < line.n && line.p[depth] == ' ')
		depth++;
	line = str_sub(line, depth, line.n);
	if (depth > r->depth || !line.n)
		return false;
	r->depth = depth;
	if (str_take(&line, STR("- ")))
		return line.n && read_names(r, line);
	if (!take_dir(&line, &dir, &sign))
		return false;
	if (sign && !open_dir(r, dir, is_marked && sign == '/'))
		return false;
	return read_names(r, line);
}

bool list_read(str lines, struct list_body *b, struct arena *a)
{
	struct reader *r = arena_new(a, struct reader);
	str line;

	r->b = b;
	r->arena = a;
	while (str_next_line(&lines, &line, NULL))
		if (!read_line(r, line))
			return false;
	b->list->v = r->entries.v;
	b->list->n = r->entries.n;
	b->gaps = r->gaps.v;
	b->gaps_n = r->gaps.n;
	return r->entries.n > 0;
}
