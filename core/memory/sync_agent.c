/* What is special to each agent: sync.h. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/vec.h"
#include "core/json/write.h"
#include "core/memory/clean.h"
#include "core/memory/sync_internal.h"

enum { TITLE_MAX = 60, LINE_MAX_BYTES = 300, SLUG_MAX = 50, ID_SHOWN = 8 };

/* ---- Claude Code ---- */

struct note { /* a file of the directory */
	str name, body;
	str id; /* of the memory that it says to be; empty: not ours */
};

/* Between lines of three hyphens, "key: value". Of these only the id is ours to know. */
static void split(str text, struct note *out)
{
	str rest, line;
	size_t end;

	out->body = str_trim(text);
	if (!str_starts(text, STR("---\n")))
		return;
	for (rest = str_sub(text, 4, text.n); rest.n; rest = str_sub(rest, end + 1, rest.n)) {
		end = str_find_byte(rest, '\n');
		end = end == STR_NONE ? rest.n - 1 : end;
		line = str_trim(str_sub(rest, 0, end + 1));
		if (str_eq_c(line, "---")) {
			out->body = str_trim(str_sub(rest, end + 1, rest.n));
			return;
		}
		if (str_starts(line, STR("headroom_id:")))
			out->id = str_trim(str_sub(line, strlen("headroom_id:"), line.n));
	}
}

static const char *dir_of(struct sync *s)
{
	const char *path = s->conf->path, *slash = strrchr(path, '/');

	return slash ? arena_printf(s->arena, "%.*s%c", (int)(slash - path), path, 0).p : ".";
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the Markdown files, but for MEMORY.md, in order; none when there is no directory. */
static const char **list(struct sync *s, const char *dir, size_t *n)
{
	VEC(const char *) names = {0};
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && names.n < SYNC_FILES_MAX && (e = readdir(d)) != NULL)
		if (str_ends(str_from(e->d_name), STR(".md")) &&
			strcmp(e->d_name, "MEMORY.md") != 0)
			*vec_push(&names, s->arena) = arena_cstr(s->arena, str_from(e->d_name));
	if (d)
		(void)closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof *names.v, by_name);
	*n = names.n;
	return names.v;
}

static size_t find_id(const struct sync *s, str id)
{
	size_t i = 0;

	while (i < s->set.n && !str_eq(s->set.v[i].text[MEMORY_ID], id))
		i++;
	return i;
}

/* What a version that is not valid any more, or was deleted, said. */
static bool is_old(struct sync *s, const struct note *n)
{
	struct memory_filter f = memory_filter_all();
	struct memory_set set = {0};
	bool is = false;

	f.id = n->id;
	f.with_superseded = f.with_deleted = true;
	if (memory_list(s->store, &f, &set, NULL))
		return false;
	for (size_t i = 0; i < set.n; i++)
		is |= str_eq(str_trim(set.v[i].text[MEMORY_CONTENT]), n->body);
	memory_set_free(&set);
	return is;
}

static void drop(struct sync *s, const char *path)
{
	s->counts->removed++;
	if (!s->conf->is_dry)
		(void)unlink(path); /* one that stays is taken away the next time */
}

/* A file of ours: as it was; changed by somebody; or of a memory that is none any more. */
static enum err take_ours(struct sync *s, const struct note *n, const char *path, struct errctx *cx)
{
	struct memory_change c = {.importance = -1, .by = STR("sync"), .reason = n->name};
	size_t i = find_id(s, n->id);
	uint64_t refused = s->counts->refused;
	struct memory_added added;
	struct buf clean;
	enum err e;

	if (i == s->set.n) {
		if (!is_old(s, n))
			TRY(sync_take(s, n->body, STR_NULL, cx));
		if (s->counts->refused == refused) /* else nobody else has it */
			drop(s, path);
		return E_OK;
	}
	if (str_eq(str_trim(s->set.v[i].text[MEMORY_CONTENT]), n->body)) {
		s->is_there[i] = true;
		return E_OK;
	}
	buf_init_arena(&clean, s->arena, LIMIT_INPUT);
	e = memory_clean(n->body, &clean, cx);
	c.content = buf_str(&clean);
	e = e ? e : memory_edit(s->store, n->id, &c, &added, cx);
	/* An empty file says nothing, and secrets are never remembered. */
	if (e == E_MALFORMED || e == E_TOO_BIG || e == E_PERMISSION) {
		s->counts->refused++;
		s->is_there[i] = true;
		return E_OK;
	}
	TRY(e);
	s->counts->updated++;
	if (!s->conf->is_dry)
		(void)unlink(path);
	return E_OK;
}

static enum err read_notes(struct sync *s, const char *dir, struct errctx *cx)
{
	size_t n;
	const char **names = list(s, dir, &n);

	for (size_t i = 0; i < n; i++) {
		const char *path = arena_printf(s->arena, "%s/%s%c", dir, names[i], 0).p;
		struct note note = {.name = str_from(names[i])};
		str text;

		if (sync_load(s, path, &text,
			    NULL)) { /* too long for a memory, or not ours to read */
			s->counts->refused++;
			continue;
		}
		split(text, &note);
		if (note.id.n)
			TRY(take_ours(s, &note, path, cx));
		else if (note.body.n)
			TRY(sync_take(s, note.body, note.name, cx));
	}
	return E_OK;
}

static str file_name(struct sync *s, const struct memory *m)
{
	str title = sync_line(s, m->text[MEMORY_CONTENT], TITLE_MAX), id = m->text[MEMORY_ID];
	struct buf b;
	size_t from;

	buf_init_arena(&b, s->arena, 256);
	buf_add_c(&b, "headroom_");
	from = b.n;
	for (size_t i = 0; i < title.n && b.n - from < SLUG_MAX; i++) {
		char c = title.p[i];

		c = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			buf_add_byte(&b, c);
		else if (b.p[b.n - 1] != '_')
			buf_add_byte(&b, '_');
	}
	for (size_t i = 0; i < id.n && i < ID_SHOWN; i++) {
		bool is_plain =
			(id.p[i] >= '0' && id.p[i] <= '9') || (id.p[i] >= 'a' && id.p[i] <= 'z');

		if (!i && b.p[b.n - 1] != '_')
			buf_add_byte(&b, '_');
		buf_add_byte(&b, is_plain ? id.p[i] : '_');
	}
	buf_add_c(&b, ".md");
	return buf_str(&b);
}

static str quoted(struct sync *s, str text)
{
	struct json_writer w;
	struct buf b;

	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	json_write_init(&w, &b, false);
	json_write_str(&w, NULL, text); /* a JSON string is a YAML scalar */
	return buf_str(&b);
}

static enum err write_note(
	struct sync *s, const char *dir, const struct memory *m, str name, struct errctx *cx)
{
	str title = sync_line(s, m->text[MEMORY_CONTENT], TITLE_MAX);
	const char *path = arena_printf(s->arena, "%s/" STR_FMT "%c", dir, STR_ARG(name), 0).p;
	struct buf b;

	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_printf(&b,
		"---\nname: " STR_FMT "\ndescription: " STR_FMT
		"\ntype: reference\nheadroom_id: " STR_FMT
		"\nsource_agent: headroom\n---\n\n" STR_FMT "\n",
		STR_ARG(quoted(s, title)),
		STR_ARG(quoted(s, sync_line(s, m->text[MEMORY_CONTENT], LINE_MAX_BYTES))),
		STR_ARG(m->text[MEMORY_ID]), STR_ARG(m->text[MEMORY_CONTENT]));
	return sync_store(s, path, STR_NULL, buf_str(&b), cx);
}

/* What of the current memories the agent did not say itself: a file each, and a line in the block. */
static enum err write_notes(
	struct sync *s, const bool *had, const char *dir, struct buf *lines, struct errctx *cx)
{
	for (size_t i = 0; i < s->set.n; i++) {
		const struct memory *m = &s->set.v[i];
		str name = file_name(s, m);
		size_t before = lines->n;
		bool has_file;

		if (sync_is_own(s, m))
			continue;
		has_file =
			access(arena_printf(s->arena, "%s/" STR_FMT "%c", dir, STR_ARG(name), 0).p,
				F_OK) == 0;
		if (!has_file && had[i])
			continue; /* the agent has a file with the same text */
		if (!has_file) {
			s->counts->exported++;
			TRY(write_note(s, dir, m, name, cx));
		}
		buf_printf(lines, "- [" STR_FMT "](" STR_FMT ")\n",
			STR_ARG(sync_line(s, m->text[MEMORY_CONTENT], LINE_MAX_BYTES)),
			STR_ARG(name));
		if (lines->n > SYNC_BLOCK_MAX)
			lines->n = before; /* the file is there all the same */
	}
	return E_OK;
}

enum err sync_claude(struct sync *s, struct errctx *cx)
{
	const char *dir = dir_of(s);
	struct buf lines;
	str text, old;
	bool has;

	TRY(sync_load(s, s->conf->path, &text, cx));
	TRY(sync_block_find(s->conf->path, text, &old, &has, cx));
	TRY(read_notes(s, dir, cx));
	if (s->counts->imported || s->counts->updated) { /* marks are those of the old rows */
		struct memory_set before = s->set;
		const bool *was = s->is_there;

		s->set = (struct memory_set){0};
		TRY(sync_read(s, cx));
		for (size_t i = 0; i < before.n; i++) {
			size_t at = find_id(s, before.v[i].text[MEMORY_ID]);

			if (at < s->set.n)
				s->is_there[at] = was[i];
		}
		memory_set_free(&before);
	}
	buf_init_arena(&lines, s->arena, LIMIT_INPUT);
	TRY(write_notes(s, s->is_there, dir, &lines, cx));
	return sync_store(s, s->conf->path, text, sync_block_put(s, text, buf_str(&lines)), cx);
}

/* ---- Codex ---- */

/* A line of the block as a memory shows it. */
static str bullet(struct sync *s, const struct memory *m)
{
	return sync_line(s, m->text[MEMORY_CONTENT], LINE_MAX_BYTES);
}

/* Lines that are of no memory, valid or not, were written by somebody else. */
static enum err read_lines(struct sync *s, str lines, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();
	struct memory_set all = {0};
	enum err e = E_OK;
	str *shown;

	if (!lines.n)
		return E_OK;
	f.user = s->conf->user;
	f.with_superseded = f.with_deleted = true;
	TRY(memory_list(s->store, &f, &all, cx));
	shown = arena_array(s->arena, str, all.n + 1);
	for (size_t i = 0; i < all.n; i++)
		shown[i] = bullet(s, &all.v[i]);
	while (lines.n && !e) {
		size_t end = str_find_byte(lines, '\n'), i = 0;
		str line = str_trim(str_sub(lines, 0, end == STR_NONE ? lines.n : end));

		lines = str_sub(lines, end == STR_NONE ? lines.n : end + 1, lines.n);
		if (!str_starts(line, STR("- ")))
			continue;
		line = str_trim(str_sub(line, 2, line.n));
		while (i < all.n && !str_eq(shown[i], line))
			i++;
		if (i == all.n)
			e = sync_take(s, line, STR_NULL, cx);
	}
	memory_set_free(&all);
	return e;
}

static int by_importance(const void *a, const void *b)
{
	const struct memory *x = *(const struct memory *const *)a,
			    *y = *(const struct memory *const *)b;

	if (x->importance < y->importance || x->importance > y->importance)
		return x->importance > y->importance ? -1 : 1;
	if (x->at[MEMORY_CREATED] != y->at[MEMORY_CREATED])
		return x->at[MEMORY_CREATED] > y->at[MEMORY_CREATED] ? -1 : 1;
	return str_cmp(x->text[MEMORY_ID], y->text[MEMORY_ID]);
}

enum err sync_codex(struct sync *s, struct errctx *cx)
{
	const struct memory **v;
	str text, old;
	struct buf lines;
	bool has;

	TRY(sync_load(s, s->conf->path, &text, cx));
	TRY(sync_block_find(s->conf->path, text, &old, &has, cx));
	TRY(read_lines(s, old, cx));
	TRY(sync_read(s, cx));
	v = arena_array(s->arena, const struct memory *, s->set.n + 1);
	for (size_t i = 0; i < s->set.n; i++)
		v[i] = &s->set.v[i];
	if (s->set.n)
		qsort(v, s->set.n, sizeof *v, by_importance);
	buf_init_arena(&lines, s->arena, LIMIT_INPUT);
	for (size_t i = 0; i < s->set.n; i++) {
		str line = arena_printf(s->arena, "- " STR_FMT "\n", STR_ARG(bullet(s, v[i])));

		if (lines.n + line.n > SYNC_BLOCK_MAX)
			continue; /* a shorter one may still fit */
		s->counts->exported += str_find(old, line) == STR_NONE;
		buf_add(&lines, line);
	}
	return sync_store(s, s->conf->path, text, sync_block_put(s, text, buf_str(&lines)), cx);
}
