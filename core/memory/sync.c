#include "core/memory/sync.h"

#include <string.h>

#include "core/base/file.h"
#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/memory/clean.h"
#include "core/memory/finder.h"
#include "core/memory/sync_internal.h"

#define HEADING    "## Headroom Shared Memory"
#define BY         "sync"
#define IMPORTANCE 0.6 /* somebody thought it worth a file */

static const char *const NAMES[] = {[SYNC_CLAUDE] = "claude", [SYNC_CODEX] = "codex"};

enum err sync_read(struct sync *s, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();

	f.user = s->conf->user;
	f.is_oldest_first = true;
	memory_set_free(&s->set);
	TRY(memory_list(s->store, &f, &s->set, cx));
	s->is_there = arena_array(s->arena, bool, s->set.n + 1);
	return E_OK;
}

/* ---- what the agent has said ---- */

static str member(struct sync *s, str metadata, const char *key)
{
	struct json_tape t;
	uint32_t node;
	str out = STR_NULL;

	if (json_scan(s->arena, metadata, &t, NULL) || !json_is(&t, 0, JSON_OBJECT))
		return STR_NULL;
	node = json_member(&t, 0, key);
	if (node == JSON_ABSENT || !json_string(&t, node, s->arena, &out))
		return STR_NULL;
	return out;
}

bool sync_is_own(const struct sync *s, const struct memory *m)
{
	struct sync with_arena = *s;

	return str_eq_c(member(&with_arena, m->text[MEMORY_METADATA], "synced_from"),
		NAMES[s->conf->agent]);
}

static str metadata_of(struct sync *s, str file)
{
	struct json_writer w;
	struct buf b;

	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	json_write_init(&w, &b, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "created_via", BY);
	json_write_c(&w, "synced_from", NAMES[s->conf->agent]);
	json_write_c(&w, "source_agent", NAMES[s->conf->agent]);
	if (file.n)
		json_write_str(&w, "source_file", file);
	json_write_end(&w);
	return buf_str(&b);
}

/* What this file said when it was read last. */
static const struct memory *of_file(struct sync *s, str file)
{
	for (size_t i = 0; file.n && i < s->set.n; i++)
		if (sync_is_own(s, &s->set.v[i]) &&
			str_eq(member(s, s->set.v[i].text[MEMORY_METADATA], "source_file"), file))
			return &s->set.v[i];
	return NULL;
}

enum err sync_take(struct sync *s, str text, str file, struct errctx *cx)
{
	struct memory m = memory_blank();
	struct memory_change c = {.importance = -1, .by = STR(BY), .reason = file};
	const struct memory *before;
	struct memory_added added;
	struct buf clean;

	buf_init_arena(&clean, s->arena, LIMIT_INPUT);
	if (memory_clean(text, &clean, NULL) || clean.n > MEMORY_CONTENT_MAX) {
		s->counts->refused += str_trim(text).n > 0;
		return E_OK;
	}
	m.text[MEMORY_CONTENT] = c.content = buf_str(&clean);
	for (size_t i = 0; i < s->set.n; i++)
		if (str_eq(s->set.v[i].text[MEMORY_CONTENT], m.text[MEMORY_CONTENT])) {
			s->is_there[i] = true;
			return E_OK;
		}
	before = of_file(s, file);
	if (before) {
		TRY(memory_edit(s->store, before->text[MEMORY_ID], &c, &added, cx));
		s->counts->updated++;
		return E_OK;
	}
	m.text[MEMORY_USER] = s->conf->user;
	m.text[MEMORY_METADATA] = metadata_of(s, file);
	m.importance = IMPORTANCE;
	TRY(memory_add(s->store, &m, &added, cx));
	s->counts->imported += !added.was_there;
	return E_OK;
}

/* ---- files and blocks ---- */

str sync_line(struct sync *s, str text, size_t max)
{
	size_t end;
	struct buf b;

	text = str_trim(text);
	end = str_find_byte(text, '\n');
	if (end != STR_NONE)
		text = str_trim(str_sub(text, 0, end));
	if (text.n > max) {
		while (max && ((unsigned char)text.p[max] & 0xc0) == 0x80)
			max--;
		text = str_sub(text, 0, max);
	}
	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	for (size_t i = 0; i < text.n; i++) {
		str rest = str_sub(text, i, text.n);

		buf_add_byte(&b, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
		if (str_starts(rest, STR("<!--")) || str_starts(rest, STR("-->")))
			buf_add_byte(&b, ' '); /* left out, it could join two halves of one */
	}
	return str_trim(buf_str(&b)); /* as it is read again */
}

enum err sync_load(struct sync *s, const char *path, str *out, struct errctx *cx)
{
	struct buf in;
	enum err e;

	*out = STR("");
	buf_init(&in, SYNC_FILE_MAX);
	e = file_read(path, &in, cx);
	if (!e)
		*out = arena_str(s->arena, buf_str(&in));
	buf_release(&in);
	return e == E_NOT_FOUND ? E_OK : e;
}

enum err sync_store(struct sync *s, const char *path, str was, str text, struct errctx *cx)
{
	const char *slash = strrchr(path, '/');

	if (s->conf->is_dry || str_eq(was, text))
		return E_OK;
	if (slash && slash != path)
		TRY(file_mkdirs(arena_printf(s->arena, "%.*s%c", (int)(slash - path), path, 0).p,
			0700, cx));
	return file_write_atomic(path, text, 0600, cx);
}

struct block {
	size_t from, lines, end,
		until; /* of the first comment, behind it, of the last, behind it */
};

static bool find(str text, struct block *out)
{
	size_t from = str_find(text, STR(SYNC_START)), end;

	if (from == STR_NONE)
		return false;
	out->from = from;
	out->lines = from + strlen(SYNC_START);
	end = str_find(str_sub(text, out->lines, text.n), STR(SYNC_END));
	out->end = end == STR_NONE ? STR_NONE : out->lines + end;
	out->until = end == STR_NONE ? STR_NONE : out->end + strlen(SYNC_END);
	return true;
}

enum err sync_block_find(const char *path, str text, str *lines, bool *has, struct errctx *cx)
{
	struct block b;

	*lines = STR_NULL;
	*has = find(text, &b);
	if (!*has)
		return E_OK;
	if (b.end == STR_NONE)
		FAIL(cx, E_CONFIG,
			"%s: " SYNC_START " without " SYNC_END " behind it: put it there, or take "
			"the rest of the block away",
			path);
	*lines = str_sub(text, b.lines, b.end);
	return E_OK;
}

str sync_block_put(struct sync *s, str text, str lines)
{
	struct block old = {.from = text.n, .until = text.n};
	bool has = find(text, &old);
	struct buf b;

	if (!has && !lines.n)
		return text;
	if (!lines.n) { /* with what was put around it */
		old.until += old.until < text.n && text.p[old.until] == '\n';
		old.from -= old.from >= 2 && text.p[old.from - 1] == '\n' &&
			    text.p[old.from - 2] == '\n';
	}
	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_add(&b, str_sub(text, 0, old.from));
	if (!has && text.n)
		buf_add_c(&b, str_ends(text, STR("\n")) ? "\n" : "\n\n");
	if (lines.n)
		buf_printf(&b, SYNC_START "\n" HEADING "\n" STR_FMT SYNC_END, STR_ARG(lines));
	if (!has)
		buf_add_byte(&b, '\n');
	buf_add(&b, str_sub(text, old.until, text.n));
	return buf_str(&b);
}

/* ---- */

static enum err sync_all(struct sync *s, struct errctx *cx)
{
	TRY(memory_begin(s->store, cx));
	TRY(sync_read(s, cx));
	TRY(s->conf->agent == SYNC_CLAUDE ? sync_claude(s, cx) : sync_codex(s, cx));
	if (s->conf->is_dry)
		return E_OK;
	TRY(memory_index_store(s->store, cx));
	return memory_commit(s->store, cx);
}

enum err memory_sync(struct memory_store *store, const struct sync_conf *conf,
	struct sync_counts *out, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct sync s = {.store = store, .conf = conf, .arena = &a, .counts = out};
	enum err e;

	*out = (struct sync_counts){0};
	e = sync_all(&s, cx);
	if (memory_is_changing(store))
		memory_rollback(store);
	memory_set_free(&s.set);
	arena_release(&a);
	return e;
}
