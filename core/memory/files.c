#include "core/memory/files.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/attr.h"
#include "core/json/scan.h"
#include "core/memory/clean.h"
#include "core/memory/finder.h"

const char memory_files_type[] = "memory_20250818";
const char memory_files_name[] = "memory";

#define ROOT "/memories"
#define CATEGORY \
	"file" /* of a memory that is one; its session is the path, so that files of one content are two */

enum {
	PATH_LEN_MAX = 256,
	LEVELS = 2,       /* of directories that are listed */
	LINE_NUMBER = 6,  /* columns */
	LINES_SHOWN = 10, /* that have a text which should be in one only */
};

struct ask {
	struct recall *recall;
	const struct recall_scope *scope;
	struct arena *arena;
	struct json_tape tape;
	struct memory_store *store;
	struct memory_set set; /* all files, by path */
	struct buf *out;
};

/* ---- arguments ------------------------------------------------------------------------------------------ */

static enum err read_text(struct ask *ask, const char *key, str *out, struct errctx *cx)
{
	uint32_t node = json_member(&ask->tape, 0, key);

	if (node == JSON_ABSENT || !json_string(&ask->tape, node, ask->arena, out))
		FAIL(cx, E_MALFORMED, "%s is missing, or no string", key);
	return E_OK;
}

static bool has_bad_byte(str path)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] < ' ' || strchr("\\%\x7f", path.p[i]))
			return true;
	return false;
}

static enum err read_path(struct ask *ask, const char *key, str *out, struct errctx *cx)
{
	str rest, part;

	TRY(read_text(ask, key, out, cx));
	while (out->n > 1 && str_ends(*out, STR("/")))
		out->n--;
	rest = *out;
	if (!str_take(&rest, STR(ROOT)) || (rest.n && *rest.p != '/') || out->n > PATH_LEN_MAX ||
		has_bad_byte(*out))
		FAIL(cx, E_USAGE, "%s must be a plain path below " ROOT, key);
	(void)str_take(&rest, STR("/"));
	while (rest.n && str_split(&rest, '/', &part))
		if (!part.n || str_eq_c(part, ".") || str_eq_c(part, ".."))
			FAIL(cx, E_USAGE, "%s must be a plain path below " ROOT, key);
	return E_OK;
}

static enum err read_line(struct ask *ask, uint32_t node, uint64_t *out, struct errctx *cx)
{
	if (node == JSON_ABSENT || !json_u64(&ask->tape, node, out))
		FAIL(cx, E_MALFORMED, "a number of a line is missing, or none");
	return E_OK;
}

/* ---- files ------------------------------------------------------------------------------------------------- */

static str path_of(const struct memory *m)
{
	return m->text[MEMORY_SESSION];
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(path_of(a), path_of(b));
}

static enum err load(struct ask *ask, bool makes, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();
	enum err err = recall_open(ask->recall, ask->scope, makes, &ask->store, cx);

	if (err == E_NOT_FOUND)
		return E_OK;
	if (err)
		return err;
	f.user = ask->scope->user;
	f.category = STR(CATEGORY);
	TRY(memory_list(ask->store, &f, &ask->set, cx));
	if (ask->set.n)
		qsort(ask->set.v, ask->set.n, sizeof *ask->set.v, by_path);
	return E_OK;
}

static bool is_below(str path, str dir)
{
	return str_take(&path, dir) && path.n && *path.p == '/';
}

static const struct memory *find(const struct ask *ask, str path)
{
	for (size_t i = 0; i < ask->set.n; i++)
		if (str_eq(path_of(&ask->set.v[i]), path))
			return &ask->set.v[i];
	return NULL;
}

static bool is_directory(const struct ask *ask, str path)
{
	for (size_t i = 0; i < ask->set.n; i++)
		if (is_below(path_of(&ask->set.v[i]), path))
			return true;
	return str_eq_c(path, ROOT);
}

static enum err find_file(
	const struct ask *ask, str path, const struct memory **out, struct errctx *cx)
{
	*out = find(ask, path);
	if (!*out)
		FAIL(cx, E_NOT_FOUND, STR_FMT " is no file here: view " ROOT " lists them",
			STR_ARG(path));
	return E_OK;
}

/* What of a text is kept; a text with a secret is not. An empty file has an empty line. */
static enum err clean(struct ask *ask, str path, str text, str *out, struct errctx *cx)
{
	struct buf whole, trimmed;
	enum err err;

	TRY(memory_check_texts(&path, 1, cx));
	buf_init_arena(&whole, ask->arena, MEMORY_CONTENT_MAX);
	buf_init_arena(&trimmed, ask->arena, MEMORY_CONTENT_MAX);
	err = memory_clean(text, &trimmed, cx);
	if (err == E_PERMISSION)
		FAIL(cx, err,
			"it holds a password, key or token, and was not saved: secrets are never "
			"remembered");
	if (err && err != E_MALFORMED)
		return err;
	(void)memory_strip(text, &whole);
	*out = err || !whole.n ? STR("\n") : buf_str(&whole);
	return whole.err;
}

static enum err add_file(struct ask *ask, str path, str text, struct errctx *cx)
{
	struct memory m = memory_blank();
	struct memory_added added;

	m.text[MEMORY_USER] = ask->scope->user;
	m.text[MEMORY_SESSION] = path;
	m.text[MEMORY_CATEGORY] = STR(CATEGORY);
	m.text[MEMORY_CONTENT] = text;
	m.text[MEMORY_METADATA] = STR("{\"created_via\":\"memory_tool\"}");
	return memory_add(ask->store, &m, &added, cx);
}

static enum err put_file(struct ask *ask, str path, str text, struct errctx *cx)
{
	const struct memory *old = find(ask, path);
	struct memory_change change = {.content = text, .importance = -1, .by = ask->scope->by};
	struct memory_added added;

	if (!old)
		return add_file(ask, path, text, cx);
	if (str_eq(old->text[MEMORY_CONTENT], text))
		return E_OK;
	return memory_edit(ask->store, old->text[MEMORY_ID], &change, &added, cx);
}

/* A text as clean() gives it, with the words for the search: the next one who searches does not wait for them. */
static enum err write_file(struct ask *ask, str path, str text, struct errctx *cx)
{
	TRY(memory_begin(ask->store, cx)); /* which closing takes back */
	TRY(put_file(ask, path, text, cx));
	TRY(memory_index_store(ask->store, cx));
	return memory_commit(ask->store, cx);
}

/* ---- commands ----------------------------------------------------------------------------------------------- */

static void add_line(struct ask *ask, uint64_t number, str line)
{
	buf_printf(ask->out, "%*llu\t" STR_FMT "\n", LINE_NUMBER, (unsigned long long)number,
		STR_ARG(line));
}

/* The lines that are asked for; -1 as the second is the end. */
static enum err read_range(struct ask *ask, uint64_t v[2], struct errctx *cx)
{
	uint32_t range = json_member(&ask->tape, 0, "view_range");
	struct json_iter it;
	double end = 0;
	bool is_fine;

	v[0] = 1;
	v[1] = UINT64_MAX;
	if (range == JSON_ABSENT || json_is(&ask->tape, range, JSON_NULL))
		return E_OK;
	is_fine = json_is(&ask->tape, range, JSON_ARRAY);
	it = json_iter(&ask->tape, range);
	is_fine = is_fine && json_next(&it) && json_u64(&ask->tape, it.value, &v[0]);
	is_fine = is_fine && json_next(&it) &&
		  (json_u64(&ask->tape, it.value, &v[1]) ||
			  (json_f64(&ask->tape, it.value, &end) && end < 0));
	if (!is_fine || json_next(&it))
		FAIL(cx, E_MALFORMED, "view_range must be two numbers of lines");
	return E_OK;
}

static enum err view_file(struct ask *ask, const struct memory *m, struct errctx *cx)
{
	str rest = m->text[MEMORY_CONTENT], line;
	uint64_t range[2], number = 0;

	TRY(read_range(ask, range, cx));
	buf_printf(ask->out, STR_FMT ":\n", STR_ARG(path_of(m)));
	while (str_next_line(&rest, &line, NULL))
		if (++number >= range[0] && number <= range[1])
			add_line(ask, number, line);
	return E_OK;
}

/* A file as it is listed below a directory: of deeper ones the directory. */
static str listed(str path, str dir)
{
	size_t slashes = 0;

	for (size_t i = dir.n + 1; i < path.n; i++)
		if (path.p[i] == '/' && ++slashes == LEVELS)
			return str_sub(path, 0, i + 1);
	return path;
}

static void view_directory(struct ask *ask, str dir)
{
	str last = STR_NULL;

	buf_printf(ask->out, "Files below " STR_FMT ", with their bytes:\n", STR_ARG(dir));
	for (size_t i = 0; i < ask->set.n; i++) {
		const struct memory *m = &ask->set.v[i];
		str name = path_of(m);

		if (!is_below(name, dir))
			continue;
		name = listed(name, dir);
		if (str_eq(name, last))
			continue;
		last = name;
		if (str_ends(name, STR("/")))
			buf_printf(ask->out, "-\t" STR_FMT "\n", STR_ARG(name));
		else
			buf_printf(ask->out, "%zu\t" STR_FMT "\n", m->text[MEMORY_CONTENT].n,
				STR_ARG(name));
	}
	if (!last.n)
		buf_add_c(ask->out, "(none yet)\n");
}

static enum err view(struct ask *ask, struct errctx *cx)
{
	const struct memory *m;
	str path;

	TRY(read_path(ask, "path", &path, cx));
	TRY(load(ask, false, cx));
	m = find(ask, path);
	if (m)
		return view_file(ask, m, cx);
	if (!is_directory(ask, path))
		return find_file(ask, path, &m, cx);
	view_directory(ask, path);
	return E_OK;
}

static enum err create(struct ask *ask, struct errctx *cx)
{
	str path, text;

	TRY(read_path(ask, "path", &path, cx));
	TRY(read_text(ask, "file_text", &text, cx));
	TRY(clean(ask, path, text, &text, cx)); /* before a file is made for it */
	TRY(load(ask, true, cx));
	if (is_directory(ask, path))
		FAIL(cx, E_USAGE, STR_FMT " is a directory", STR_ARG(path));
	TRY(write_file(ask, path, text, cx));
	buf_printf(ask->out, "File created successfully at: " STR_FMT, STR_ARG(path));
	return E_OK;
}

/* Where old stands, once. */
static enum err find_once(str text, str old, size_t *at, struct errctx *cx)
{
	char lines[LINES_SHOWN * 8] = "";
	size_t n = 0, used = 0, from = 0, line = 1, next, k = 0;

	while (old.n && (next = str_find(str_sub(text, from, text.n), old)) != STR_NONE) {
		next += from;
		for (; k < next; k++)
			line += text.p[k] == '\n';
		*at = next;
		if (n++ < LINES_SHOWN)
			used += (size_t)snprintf(
				lines + used, sizeof lines - used, " %zu", line % 1000000);
		from = next + old.n;
	}
	if (!n)
		FAIL(cx, E_NOT_FOUND,
			"nothing was replaced: old_str does not stand there verbatim");
	if (n > 1)
		FAIL(cx, E_USAGE,
			"nothing was replaced: old_str stands in %zu places (lines%s); give more "
			"of it",
			n, lines);
	return E_OK;
}

/* With what was taken out at a place and put there. */
static str spliced(struct ask *ask, str text, size_t at, size_t cut, str put)
{
	struct buf b;

	buf_init_arena(&b, ask->arena, LIMIT_INPUT);
	buf_add(&b, str_sub(text, 0, at));
	buf_add(&b, put);
	buf_add(&b, str_sub(text, at + cut, text.n));
	return buf_str(&b);
}

static enum err replace(struct ask *ask, struct errctx *cx)
{
	const struct memory *m;
	str path, old, new, text;
	size_t at = 0;

	TRY(read_path(ask, "path", &path, cx));
	TRY(read_text(ask, "old_str", &old, cx));
	TRY(read_text(ask, "new_str", &new, cx));
	TRY(load(ask, false, cx));
	TRY(find_file(ask, path, &m, cx));
	text = m->text[MEMORY_CONTENT];
	TRY(find_once(text, old, &at, cx));
	TRY(clean(ask, path, spliced(ask, text, at, old.n, new), &text, cx));
	TRY(write_file(ask, path, text, cx));
	buf_printf(ask->out, "The memory file " STR_FMT " has been edited.", STR_ARG(path));
	return E_OK;
}

static enum err insert(struct ask *ask, struct errctx *cx)
{
	const struct memory *m;
	uint64_t line, n = 0;
	str path, put, text, rest, one;

	TRY(read_path(ask, "path", &path, cx));
	TRY(read_line(ask, json_member(&ask->tape, 0, "insert_line"), &line, cx));
	TRY(read_text(ask, "insert_text", &put, cx));
	TRY(load(ask, false, cx));
	TRY(find_file(ask, path, &m, cx));
	rest = text = m->text[MEMORY_CONTENT];
	while (n < line && str_next_line(&rest, &one, NULL))
		n++;
	if (n < line)
		FAIL(cx, E_USAGE, "insert_line is beyond the end: the file has %llu lines",
			(unsigned long long)n);
	put = arena_printf(ask->arena, "%s" STR_FMT "%s",
		n && text.p[text.n - rest.n - 1] != '\n' ? "\n" : "", STR_ARG(put),
		str_ends(put, STR("\n")) ? "" : "\n");
	TRY(clean(ask, path, spliced(ask, text, text.n - rest.n, 0, put), &text, cx));
	TRY(write_file(ask, path, text, cx));
	buf_printf(ask->out, "The memory file " STR_FMT " has been edited.", STR_ARG(path));
	return E_OK;
}

/* Files that are path, or below it: each is deleted, and with a new path put there. */
static enum err move_all(struct ask *ask, str path, const str *to, struct errctx *cx)
{
	for (size_t i = 0; i < ask->set.n; i++) {
		const struct memory *m = &ask->set.v[i];
		str at = path_of(m);

		if (!str_eq(at, path) && !is_below(at, path))
			continue;
		if (to)
			TRY(add_file(ask,
				arena_printf(ask->arena, STR_FMT STR_FMT, STR_ARG(*to),
					STR_ARG(str_sub(at, path.n, at.n))),
				m->text[MEMORY_CONTENT], cx));
		TRY(memory_delete(ask->store, m->text[MEMORY_ID], ask->scope->by,
			to ? STR("renamed") : STR_NULL, cx));
	}
	return E_OK;
}

/* All or none. */
static enum err move_as_one(struct ask *ask, str path, const str *to, struct errctx *cx)
{
	enum err err;

	if (str_eq_c(path, ROOT))
		FAIL(cx, E_USAGE, ROOT " itself stays");
	if (!find(ask, path) && !is_directory(ask, path))
		FAIL(cx, E_NOT_FOUND, STR_FMT " is not there", STR_ARG(path));
	TRY(memory_begin(ask->store, cx));
	err = move_all(ask, path, to, cx);
	err = err ? err : memory_index_store(ask->store, cx);
	err = err ? err : memory_commit(ask->store, cx);
	if (err)
		memory_rollback(ask->store);
	return err;
}

static enum err drop(struct ask *ask, struct errctx *cx)
{
	str path;

	TRY(read_path(ask, "path", &path, cx));
	TRY(load(ask, false, cx));
	TRY(move_as_one(ask, path, NULL, cx));
	buf_printf(ask->out, "Successfully deleted " STR_FMT, STR_ARG(path));
	return E_OK;
}

static enum err rename_path(struct ask *ask, struct errctx *cx)
{
	str from, to;

	TRY(read_path(ask, "old_path", &from, cx));
	TRY(read_path(ask, "new_path", &to, cx));
	TRY(memory_check_texts(&to, 1, cx));
	TRY(load(ask, false, cx));
	if (find(ask, to) || is_directory(ask, to))
		FAIL(cx, E_USAGE, STR_FMT " is there already", STR_ARG(to));
	if (is_below(to, from))
		FAIL(cx, E_USAGE, "a directory cannot go into itself");
	TRY(move_as_one(ask, from, &to, cx));
	buf_printf(ask->out, "Successfully renamed " STR_FMT " to " STR_FMT, STR_ARG(from),
		STR_ARG(to));
	return E_OK;
}

static const struct {
	const char *name;
	enum err (*run)(struct ask *ask, struct errctx *cx);
} commands[] = {{"view", view}, {"create", create}, {"str_replace", replace}, {"insert", insert},
	{"delete", drop}, {"rename", rename_path}};

static enum err run(struct ask *ask, str arguments, struct errctx *cx)
{
	str name;

	if (json_scan(ask->arena, arguments, &ask->tape, NULL) != E_OK ||
		!json_is(&ask->tape, 0, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "the arguments are no JSON object");
	TRY(read_text(ask, "command", &name, cx));
	for (size_t i = 0; i < ARRAY_N(commands); i++)
		if (str_eq_c(name, commands[i].name))
			return commands[i].run(ask, cx);
	FAIL(cx, E_USAGE, "command must be view, create, str_replace, insert, delete or rename");
}

static void release(struct ask *ask)
{
	memory_set_free(&ask->set);
	memory_store_close(ask->store);
	arena_release(ask->arena);
}

bool memory_files_answer(
	struct recall *r, const struct recall_scope *s, str arguments, struct buf *out)
{
	struct arena a = ARENA_INIT;
	struct ask ask = {.recall = r, .scope = s, .arena = &a, .out = out};
	struct errctx cx = {0};
	enum err err;

	if (arena_recover(&a))
		err = err_set(&cx, E_NOMEM, "out of memory");
	else
		err = run(&ask, arguments, &cx);
	arena_end_recover(&a);
	release(&ask);
	if (err)
		buf_printf(out, "Error: %s", cx.code ? cx.text : err_text(err));
	return err == E_OK;
}
