#include "core/compress/list/entry.h"

#include "core/base/vec.h"
#include "core/compress/list/lead.h"

enum {
	START_LINES = 6,    /* of other text before the list */
	COUNT_DIGITS = 9,   /* behind a path and ':' */
	ENTRIES_MIN = 5,    /* fewer are not worth a head */
	FIRST_ENTRIES = 16, /* that tell whether it is worth going on */
	PATH_MAX_N = 1024,  /* bytes: longer lines are something else */
};

bool list_is_dir(const struct list_entry *e, str dir)
{
	if (!e->dir.n)
		return str_eq(e->name, dir);
	return dir.n == e->dir.n + 1 + e->name.n && str_starts(dir, e->dir) &&
	       dir.p[e->dir.n] == '/' && str_ends(dir, e->name);
}

/* ---- one line ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What stands in names of files, and not in sentences, code or data: a blank only where a slash shows what it is. */
static bool is_path(str s)
{
	bool has_blank = false;

	if (!s.n || s.n > PATH_MAX_N || *s.p == ' ')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || strchr("\"<>|*?;`=\\:", c))
			return false;
		has_blank |= c == ' ';
	}
	return !has_blank || str_starts(s, STR("./")) || *s.p == '/';
}

/* A path, or two, as git tells of a file that was moved: src/{a => b}/c.c */
static bool is_moved_path(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == '"' || s.p[i] == '|')
			return false;
	return s.n && s.n <= PATH_MAX_N && *s.p != ' ';
}

/* "4", "4.0K": what du and wc say. */
static str take_number(str *line)
{
	size_t n = 0;
	str number;

	while (n < line->n && (is_digit(line->p[n]) || line->p[n] == '.'))
		n++;
	if (n && n < line->n && strchr("KMGTB", line->p[n]))
		n++;
	number = str_sub(*line, 0, n && is_digit(*line->p) ? n : 0);
	*line = str_sub(*line, number.n, line->n);
	return number;
}

static bool take_sized(str *line, struct list_entry *e)
{
	e->lead = take_number(line);
	return e->lead.n && str_take(line, STR("\t"));
}

static bool take_counted(struct list *l, bool is_first, str *line, struct list_entry *e)
{
	size_t blanks = 0;

	while (blanks < line->n && line->p[blanks] == ' ')
		blanks++;
	*line = str_sub(*line, blanks, line->n);
	e->lead = take_number(line);
	if (!e->lead.n || !str_take(line, STR(" ")))
		return false;
	if (is_first)
		l->width = (uint32_t)(blanks + e->lead.n);
	return blanks + e->lead.n == l->width || (!blanks && e->lead.n > l->width);
}

/* " M src/a.c": git-status(1), short format. */
static bool take_status(str *line, struct list_entry *e)
{
	static const char letters[] = " MTADRCU?!";

	if (line->n < 4 || line->p[2] != ' ' || !strchr(letters, line->p[0]) ||
		!strchr(letters, line->p[1]) || str_starts(*line, STR("  ")))
		return false;
	e->lead = str_sub(*line, 0, 2);
	*line = str_sub(*line, 3, line->n);
	return true;
}

static bool take_cells(str *line, struct list_entry *e)
{
	size_t at = lead_find(*line);

	e->lead = str_sub(*line, 0, at);
	*line = str_sub(*line, at, line->n);
	return at > 0;
}

/* Where the "| 12 ++--" of git diff --stat begins; STR_NONE when there is none. */
static size_t find_bar(str line)
{
	size_t at = str_rfind_byte(line, '|'), n;

	if (at == STR_NONE || at < 2 || line.p[at - 1] != ' ')
		return STR_NONE;
	for (n = at + 1; n < line.n && line.p[n] == ' '; n++)
		;
	return n > at + 1 && (str_starts(str_sub(line, n, line.n), STR("Bin")) ||
				     (n < line.n && is_digit(line.p[n])))
		       ? at
		       : STR_NONE;
}

/* Where the ":12" of rg -c begins; STR_NONE when there is none. */
static size_t find_count(str line)
{
	size_t at = line.n;

	while (at && line.n - at < COUNT_DIGITS && is_digit(line.p[at - 1]))
		at--;
	return at > 1 && at < line.n && line.p[at - 1] == ':' ? at - 1 : STR_NONE;
}

/* Of such a line; nothing is between both. */
static bool take_counts(struct list *l, bool is_first, str *line, struct list_entry *e)
{
	size_t at = find_count(*line);

	if (is_first) {
		l->is_indented = false;
		l->width = 0;
	}
	e->lead = str_sub(*line, at, line->n);
	*line = str_sub(*line, 0, at);
	return !l->is_indented && !l->width;
}

/* The path that a line begins with; what is behind it begins in one column, or behind one blank. */
static bool take_tailed(struct list *l, bool is_first, str *line, struct list_entry *e)
{
	if (find_count(*line) != STR_NONE)
		return take_counts(l, is_first, line, e);

	bool is_indented = str_take(line, STR(" "));
	size_t at = find_bar(*line), end, least;

	if (at == STR_NONE) {
		at = str_find_byte(*line, ' ');
		while (at != STR_NONE && at < line->n && line->p[at] == ' ')
			at++;
	}
	if (at == STR_NONE || at == line->n || line->p[at] == ':')
		return false;
	for (end = at; end && line->p[end - 1] == ' '; end--)
		;
	if (is_first) {
		l->is_indented = is_indented;
		l->width = (uint32_t)(at + is_indented);
	}
	least = end + 1 + is_indented;
	e->lead = str_sub(*line, at, line->n);
	*line = str_sub(*line, 0, end);
	return is_indented == l->is_indented &&
	       at + is_indented == (l->width > least ? l->width : least);
}

/* The path of a line of the list's shape, as a name. */
static bool read_line(struct list *l, str line, bool is_first, struct list_entry *e)
{
	*e = (struct list_entry){0};
	if ((l->shape == LIST_SIZED && !take_sized(&line, e)) ||
		(l->shape == LIST_COUNTED && !take_counted(l, is_first, &line, e)) ||
		(l->shape == LIST_STATUS && !take_status(&line, e)) ||
		(l->shape == LIST_CELLS && !take_cells(&line, e)))
		return false;
	if (l->shape == LIST_TAILED) {
		if (!take_tailed(l, is_first, &line, e))
			return false;
		e->name = line;
		return str_starts(e->lead, STR("|")) ? is_moved_path(line) : is_path(line);
	}
	e->name = line;
	return is_path(line);
}

/* ---- all lines ---- */

struct scan {
	str text;
	size_t at;
	struct arena *arena;
	struct list *list;
	VEC(struct list_entry) entries;
};

static str line_at(str text, size_t at)
{
	size_t eol = str_find_byte(str_sub(text, at, text.n), '\n');

	return str_sub(text, at, eol == STR_NONE ? text.n : at + eol);
}

/* How many of the first lines have what is behind their paths in that column; 0: behind one blank. */
static size_t count_tailed(struct scan *s, uint32_t width)
{
	struct list_entry e;
	size_t n = 0;

	s->list->width = width;
	for (size_t at = s->at; n < FIRST_ENTRIES && at < s->text.n; n++) {
		str line = line_at(s->text, at);

		if (!read_line(s->list, line, false, &e))
			break;
		at += line.n + 1;
	}
	return n;
}

static bool find_tailed(struct scan *s, str line)
{
	struct list *l = s->list;
	size_t slash = str_find_byte(line, '/'), in_column, behind;
	struct list_entry e;
	uint32_t width;

	l->shape = LIST_TAILED;
	if ((find_bar(line) == STR_NONE && slash > str_find_byte(line, ' ')) ||
		!read_line(l, line, true, &e))
		return false;
	width = l->width;
	behind = count_tailed(s, 0);
	in_column = count_tailed(s, width);
	l->width = in_column > behind ? width : 0;
	return in_column > 1 || behind > 1;
}

/* "./my notes 2" is a path; where lines end in a number behind one word, they have sizes. */
static bool is_number_behind(str line)
{
	size_t at = str_find_byte(line, ' ');

	if (at == STR_NONE)
		return find_count(line) != STR_NONE;
	while (at != STR_NONE && at < line.n && (line.p[at] == ' ' || is_digit(line.p[at])))
		at++;
	return at == line.n;
}

static bool find_shape(struct scan *s, str line)
{
	static const enum list_shape order[] = {LIST_STATUS, LIST_SIZED, LIST_COUNTED, LIST_PATHS};
	struct list *l = s->list;
	struct list_entry e;

	if (is_number_behind(line) && find_tailed(s, line))
		return true;
	*l = (struct list){0};
	for (size_t i = 0; i < ARRAY_N(order); i++) {
		l->shape = order[i];
		if (read_line(l, line, true, &e))
			return true;
	}
	if (find_tailed(s, line))
		return true;
	*l = (struct list){.shape = LIST_CELLS};
	return read_line(l, line, true, &e);
}

/* To the next line; false at the end. */
static bool step(struct scan *s, str line)
{
	s->at += line.n;
	if (s->at == s->text.n)
		return false;
	s->at++;
	return s->at < s->text.n;
}

/* The last line of wc, which is no path, below whole ones. */
static bool is_total(const struct scan *s, const struct list_entry *e, str line)
{
	return s->list->shape == LIST_COUNTED && s->entries.n && *s->entries.v->name.p == '/' &&
	       str_eq(e->name, STR("total")) && s->at + line.n + 1 >= s->text.n;
}

/* False where what looks like cells before paths are the words of something else. */
static bool has_dirs(const struct scan *s)
{
	size_t n = 0;

	if (s->list->shape != LIST_CELLS && s->list->shape != LIST_TAILED)
		return true;
	for (size_t i = 0; i < s->entries.n; i++)
		n += str_find_byte(s->entries.v[i].name, '/') != STR_NONE ||
		     (s->list->shape == LIST_TAILED && str_starts(s->entries.v[i].lead, STR("|")));
	return n * 2 >= s->entries.n;
}

static void scan_lines(struct scan *s)
{
	struct list_entry e;
	str line;

	do {
		bool is_first = !s->entries.n && s->list->shape != LIST_TAILED;

		if (s->entries.n == FIRST_ENTRIES && !has_dirs(s))
			return;
		line = line_at(s->text, s->at);
		if (!read_line(s->list, line, is_first, &e) || is_total(s, &e, line))
			return;
		*vec_push_of(&s->entries, s->arena, s->at, s->text.n) = e;
	} while (step(s, line));
}

/* "src:", the beginning of a block of ls. */
static bool is_block(str line, str *dir)
{
	*dir = str_sub(line, 0, line.n ? line.n - 1 : 0);
	return str_ends(line, STR(":")) && is_path(*dir) && dir->p[dir->n - 1] != '/';
}

/* One that ls prints in a block; with -p, directories have a '/' behind them. */
static bool is_name(str s)
{
	size_t slash = str_find_byte(s, '/');

	return is_path(s) && (slash == STR_NONE || slash + 1 == s.n);
}

/* Blocks of names, an empty line between them. Stops before what is no whole block. */
static void scan_blocks(struct scan *s)
{
	size_t end = s->at, whole = 0;
	str line, dir;

	for (;;) {
		line = line_at(s->text, s->at);
		if (!is_block(line, &dir))
			break;
		*vec_push_of(&s->entries, s->arena, s->at, s->text.n) =
			(struct list_entry){.dir = dir};
		while (step(s, line) && (line = line_at(s->text, s->at)).n && is_name(line))
			*vec_push_of(&s->entries, s->arena, s->at, s->text.n) =
				(struct list_entry){.dir = dir, .name = line};
		if (s->at < s->text.n && line.n)
			break;
		whole = s->entries.n;
		end = s->at;
		if (s->at == s->text.n || ++s->at == s->text.n)
			break;
	}
	s->entries.n = whole;
	s->at = end;
}

/* ---- the root ---- */

/* Cuts the names of whole paths into directory and name, below what all begin with. */
static bool cut_paths(struct list *l)
{
	str root = l->v[0].name;

	for (size_t i = 0; i < l->n && root.n; i++) {
		size_t n = str_common_prefix(root, l->v[i].name);

		/* A name is left of every path, even of "src/". */
		root.n = n == l->v[i].name.n && n ? n - 1 : n;
		while (root.n && root.p[root.n - 1] != '/')
			root.n--;
	}
	l->root = root;
	for (size_t i = 0; i < l->n; i++) {
		struct list_entry *e = &l->v[i];
		str path = str_sub(e->name, root.n, e->name.n);
		size_t slash = str_rfind_byte(str_sub(path, 0, path.n - 1), '/');

		if (*path.p == '/' || str_find(path, STR("//")) != STR_NONE)
			return false;
		e->dir = str_sub(path, 0, slash == STR_NONE ? 0 : slash);
		e->name = str_sub(path, slash == STR_NONE ? 0 : slash + 1, path.n);
	}
	return true;
}

/* The directories of blocks below the first one, where they are. */
static bool cut_blocks(struct list *l)
{
	str root = l->v[0].dir;
	bool is_below = true;

	for (size_t i = 0; i < l->n && is_below; i++) {
		str dir = l->v[i].dir;

		is_below = str_starts(dir, root) && (dir.n == root.n || dir.p[root.n] == '/');
	}
	l->root = is_below ? root : STR_NULL;
	for (size_t i = 0; i < l->n; i++) {
		struct list_entry *e = &l->v[i];

		if (is_below)
			e->dir =
				str_sub(e->dir, e->dir.n == root.n ? root.n : root.n + 1, e->dir.n);
		else if (*e->dir.p == '/')
			return false;
		if (str_find(e->dir, STR("//")) != STR_NONE)
			return false;
	}
	return true;
}

static bool scan(struct scan *s)
{
	struct list *l = s->list;
	size_t from = s->at;
	str line = line_at(s->text, from), dir;

	if (tree_parse(s->text, &s->at, s->arena, l))
		return true;
	s->at = from;
	if (columns_parse(s->text, &s->at, s->arena, l))
		return cut_paths(l);
	s->at = from;
	*l = (struct list){0};
	if (is_block(line, &dir)) {
		l->shape = LIST_BLOCKS;
		scan_blocks(s);
	} else if (find_shape(s, line)) {
		scan_lines(s);
	}
	l->v = s->entries.v;
	l->n = s->entries.n;
	if (l->n < ENTRIES_MIN || !has_dirs(s))
		return false;
	return l->shape == LIST_BLOCKS ? cut_blocks(l) : cut_paths(l);
}

bool list_parse(str text, struct arena *a, struct list *out)
{
	size_t from = 0;

	for (int i = 0; i < START_LINES && from < text.n; i++) {
		struct scan s = {.text = text, .at = from, .arena = a, .list = out};

		*out = (struct list){0};
		if (scan(&s) && out->n >= ENTRIES_MIN && (s.at - from) * 2 > text.n) {
			out->before = str_sub(text, 0, from);
			out->has_newline = text.p[s.at - 1] == '\n';
			out->after = str_sub(text, s.at, text.n);
			return true;
		}
		from += line_at(text, from).n + 1;
	}
	return false;
}

/* ---- back again ---- */

static void print_dir(const struct list *l, const struct list_entry *e, struct buf *out)
{
	buf_add(out, l->root);
	if (l->root.n && e->dir.n)
		buf_add_byte(out, '/');
	buf_add(out, e->dir);
	buf_add_byte(out, ':');
}

static bool print_lead(const struct list *l, const struct list_entry *e, struct buf *out)
{
	if (l->shape == LIST_TAILED) {
		if (l->is_indented)
			buf_add_byte(out, ' ');
		return true;
	}
	if (l->shape == LIST_COUNTED)
		for (size_t n = e->lead.n; n < l->width; n++)
			buf_add_byte(out, ' ');
	buf_add(out, e->lead);
	if (l->shape != LIST_PATHS && l->shape != LIST_CELLS)
		buf_add_byte(out, l->shape == LIST_SIZED ? '\t' : ' ');
	return l->shape == LIST_PATHS || e->lead.n > 0;
}

static void print_tail(const struct list *l, const struct list_entry *e, struct buf *out)
{
	size_t column;

	if (str_starts(e->lead, STR(":"))) {
		buf_add(out, e->lead);
		return;
	}
	column = l->is_indented + l->root.n + e->dir.n + (e->dir.n ? 1 : 0) + e->name.n;

	do
		buf_add_byte(out, ' ');
	while (++column < l->width);
	buf_add(out, e->lead);
}

bool list_print(const struct list *l, struct arena *a, struct buf *out)
{
	if (l->shape == LIST_TREE)
		return tree_print(l, a, out);
	if (l->shape == LIST_COLUMNS)
		return columns_print(l, out);
	for (size_t i = 0; i < l->n && out->err == E_OK; i++) {
		const struct list_entry *e = &l->v[i];

		if (i)
			buf_add_byte(out, '\n');
		if (l->shape == LIST_BLOCKS) {
			if (i && !e->name.n)
				buf_add_byte(out, '\n');
			if (!e->name.n)
				print_dir(l, e, out);
			buf_add(out, e->name);
			continue;
		}
		if (!print_lead(l, e, out))
			return false;
		buf_add(out, l->root);
		buf_add(out, e->dir);
		if (e->dir.n)
			buf_add_byte(out, '/');
		buf_add(out, e->name);
		if (l->shape == LIST_TAILED)
			print_tail(l, e, out);
	}
	return out->err == E_OK;
}
