/* What is special to each agent: sync.h. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file_edit.h"
#include "core/base/hash.h"
#include "core/json/write.h"
#include "core/memory/clean.h"
#include "core/memory/sync_internal.h"

enum { TITLE_MAX = 60, LINE_MAX_BYTES = 300, SLUG_MAX = 50 };

/* ---- Claude Code ---- */

struct note { /* a file of the directory */
	const char *name, *path;
	str text, body;
	str id; /* of the memory that it says to be; empty: not ours */
};

struct notes {
	const char *dir;
	const char **names; /* n of them, in order */
	size_t n;
	struct map taken; /* names that are, or will be, of a file; their values say nothing */
};

/* Between lines of three hyphens, "key: value". Of these only the id is ours to know. */
static void split(struct note *out)
{
	str text = out->text, rest, line;
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

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the Markdown files, but for MEMORY.md; none when there is no directory. */
static void list(struct sync *s, struct notes *out)
{
	VEC(const char *) names = {0};
	DIR *d = opendir(out->dir);
	struct dirent *e;

	map_init(&out->taken, s->arena);
	while (d && names.n < SYNC_FILES_MAX && (e = readdir(d)) != NULL) {
		const char *name;

		if (!str_ends(str_from(e->d_name), STR(".md")) ||
			strcmp(e->d_name, "MEMORY.md") == 0)
			continue;
		name = arena_cstr(s->arena, str_from(e->d_name));
		*vec_push(&names, s->arena) = name;
		*map_at(&out->taken, str_from(name)) = out;
	}
	if (d)
		(void)closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof *names.v, by_name);
	out->names = names.v;
	out->n = names.n;
}

static void drop(struct sync *s, const struct note *n)
{
	const struct sync_change change = {
		.path = n->path, .was = n->text, .was_there = true, .is_removed = true};

	sync_plan(s, &change);
}

/* A file of ours whose memory is none any more: also as an old version, or one that was deleted, said it? */
static enum err take_gone(struct sync *s, const struct note *n, struct errctx *cx)
{
	uint64_t refused = s->counts->refused;
	const struct memory *old;

	TRY(sync_any(s, n->id, &old, cx));
	if (!old || !str_eq(str_trim(old->text[MEMORY_CONTENT]), n->body))
		TRY(sync_take(s, n->body, STR_NULL, cx));
	if (s->counts->refused == refused) { /* else nobody else has it */
		s->counts->removed++;
		drop(s, n);
	}
	return E_OK;
}

/* A file of ours: as it was; changed by somebody; or of a memory that is none any more. */
static enum err take_ours(struct sync *s, const struct note *n, struct errctx *cx)
{
	struct memory_change c = {.importance = -1, .by = STR("sync"), .reason = str_from(n->name)};
	struct sync_row *row = map_find(&s->by_id, n->id);
	struct memory_added added;
	struct buf clean;
	enum err e;

	if (!row)
		return take_gone(s, n, cx);
	if (str_eq(str_trim(row->m->text[MEMORY_CONTENT]), n->body)) {
		row->is_there = true;
		row->note = n->name;
		return E_OK;
	}
	buf_init_arena(&clean, s->arena, LIMIT_INPUT);
	e = memory_clean(n->body, &clean, cx);
	c.content = buf_str(&clean);
	e = e ? e : memory_edit(s->store, n->id, &c, &added, cx);
	/* An empty file says nothing, and secrets are never remembered. */
	if (e == E_MALFORMED || e == E_TOO_BIG || e == E_PERMISSION) {
		s->counts->refused++;
		row->is_there = true;
		row->note = n->name;
		return E_OK;
	}
	TRY(e);
	s->counts->updated++;
	drop(s, n);
	return E_OK;
}

static enum err read_notes(struct sync *s, struct notes *notes, struct errctx *cx)
{
	for (size_t i = 0; i < notes->n; i++) {
		struct note note = {.name = notes->names[i]};
		bool is_there;

		note.path = arena_printf(s->arena, "%s/%s%c", notes->dir, note.name, 0).p;
		/* Too long for a memory, not ours to read, or a link to elsewhere. */
		if (sync_load(s, note.path, &note.text, &is_there, NULL)) {
			s->counts->refused++;
			continue;
		}
		split(&note);
		if (note.id.n)
			TRY(take_ours(s, &note, cx));
		else if (note.body.n)
			TRY(sync_take(s, note.body, str_from(note.name), cx));
	}
	return E_OK;
}

/* headroom_, words of the title, the key. */
static const char *name_of(struct sync *s, str title, str key)
{
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
	if (b.p[b.n - 1] != '_')
		buf_add_byte(&b, '_');
	buf_printf(&b, STR_FMT ".md%c", STR_ARG(key), 0);
	return b.p;
}

static bool is_plain(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'z'))
			return false;
	return true;
}

/* A name that no other file has. Ids that are random differ in their first letters; others, as those of what was
 * learned, begin alike, and are told apart by their hash. */
static const char *new_name(struct sync *s, struct notes *notes, const struct memory *m)
{
	enum { SHOWN = 8, TRIES = SHA256_HEX - SHOWN };
	str title = sync_line(s, m->text[MEMORY_CONTENT], TITLE_MAX), id = m->text[MEMORY_ID];
	const char *name = "";

	for (int i = 0; i < TRIES; i++) {
		char hex[SHA256_HEX + 1];
		str key = {hex, SHOWN + (size_t)i};

		sha256_hex(id, hex);
		if (!i && id.n == MEMORY_ID_LEN && is_plain(str_sub(id, 0, SHOWN)))
			key = str_sub(id, 0, SHOWN);
		name = name_of(s, title, key);
		if (!map_find(&notes->taken, str_from(name)))
			break;
	}
	*map_at(&notes->taken, str_from(name)) = notes;
	return name;
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

static void write_note(
	struct sync *s, const struct notes *notes, const struct memory *m, const char *name)
{
	str title = sync_line(s, m->text[MEMORY_CONTENT], TITLE_MAX);
	struct sync_change change = {
		.path = arena_printf(s->arena, "%s/%s%c", notes->dir, name, 0).p};
	struct buf b;

	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_printf(&b,
		"---\nname: " STR_FMT "\ndescription: " STR_FMT
		"\ntype: reference\nheadroom_id: " STR_FMT
		"\nsource_agent: headroom\n---\n\n" STR_FMT "\n",
		STR_ARG(quoted(s, title)),
		STR_ARG(quoted(s, sync_line(s, m->text[MEMORY_CONTENT], LINE_MAX_BYTES))),
		STR_ARG(m->text[MEMORY_ID]), STR_ARG(m->text[MEMORY_CONTENT]));
	change.text = buf_str(&b);
	sync_plan(s, &change);
}

/* What of the current memories the agent did not say itself: a file each, and a line in the block. */
static void write_notes(struct sync *s, struct notes *notes, struct buf *lines)
{
	size_t n, files = notes->n;
	const struct sync_row **v = sync_outgoing(s, &n);

	for (size_t i = 0; i < n; i++) {
		const struct sync_row *row = v[i];
		const char *name = row->note;
		size_t before = lines->n;

		if (row->is_own)
			continue;
		if (!name && row->is_there)
			continue; /* the agent has a file with the same text */
		if (!name && files >= SYNC_FILES_MAX)
			continue; /* more would not be read again */
		if (!name) {
			name = new_name(s, notes, row->m);
			files++;
			s->counts->exported++;
			write_note(s, notes, row->m, name);
		}
		buf_printf(lines, "- [" STR_FMT "](%s)\n",
			STR_ARG(sync_line(s, row->m->text[MEMORY_CONTENT], LINE_MAX_BYTES)), name);
		if (lines->n > SYNC_BLOCK_MAX)
			lines->n = before; /* the file is there all the same */
	}
}

enum err sync_claude(struct sync *s, struct errctx *cx)
{
	struct notes notes = {.dir = file_edit_dir(s->arena, s->conf->path)};
	struct sync_change change = {.path = s->conf->path};
	struct buf lines;
	bool has;
	str old;

	TRY(sync_load(s, change.path, &change.was, &change.was_there, cx));
	TRY(sync_block_find(change.path, change.was, &old, &has, cx));
	list(s, &notes);
	TRY(read_notes(s, &notes, cx));
	if (s->counts->imported || s->counts->updated)
		TRY(sync_read(s, cx));
	buf_init_arena(&lines, s->arena, LIMIT_INPUT);
	write_notes(s, &notes, &lines);
	return sync_block_plan(s, &change, buf_str(&lines), cx);
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
	struct map shown;

	if (!lines.n)
		return E_OK;
	TRY(sync_read_all(s, cx));
	map_init(&shown, s->arena);
	for (size_t i = 0; i < s->all.n; i++)
		*map_at(&shown, bullet(s, &s->all.v[i])) = &s->all.v[i];
	while (lines.n) {
		size_t end = str_find_byte(lines, '\n');
		str line = str_trim(str_sub(lines, 0, end == STR_NONE ? lines.n : end));

		lines = str_sub(lines, end == STR_NONE ? lines.n : end + 1, lines.n);
		if (!str_starts(line, STR("- ")))
			continue;
		line = str_trim(str_sub(line, 2, line.n));
		if (!map_find(&shown, line))
			TRY(sync_take(s, line, STR_NULL, cx));
	}
	return E_OK;
}

enum err sync_codex(struct sync *s, struct errctx *cx)
{
	struct sync_change change = {.path = s->conf->path};
	const struct sync_row **v;
	struct buf lines;
	size_t n;
	bool has;
	str old;

	TRY(sync_load(s, change.path, &change.was, &change.was_there, cx));
	TRY(sync_block_find(change.path, change.was, &old, &has, cx));
	TRY(read_lines(s, old, cx));
	if (s->counts->imported)
		TRY(sync_read(s, cx));
	v = sync_outgoing(s, &n);
	buf_init_arena(&lines, s->arena, LIMIT_INPUT);
	for (size_t i = 0; i < n; i++) {
		str line = arena_printf(s->arena, "- " STR_FMT "\n", STR_ARG(bullet(s, v[i]->m)));

		if (lines.n + line.n > SYNC_BLOCK_MAX)
			continue; /* a shorter one may still fit */
		s->counts->exported += str_find(old, line) == STR_NONE;
		buf_add(&lines, line);
	}
	return sync_block_plan(s, &change, buf_str(&lines), cx);
}
