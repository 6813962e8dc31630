#include "core/memory/sync.h"

#include <stdlib.h>
#include <string.h>

#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/memory/clean.h"
#include "core/memory/finder.h"
#include "core/memory/sync_internal.h"

#define BY         "sync"
#define IMPORTANCE 0.6 /* somebody thought it worth a file */

static const char *const NAMES[] = {[SYNC_CLAUDE] = "claude", [SYNC_CODEX] = "codex"};

/* ---- the memories ---- */

/* Whether the agent has said it, and where. */
static void read_origin(struct sync *s, struct sync_row *row)
{
	str metadata = row->m->text[MEMORY_METADATA], from;
	struct json_tape t;
	uint32_t node;

	if (str_find(metadata, STR("synced_from")) == STR_NONE ||
		json_scan(s->arena, metadata, &t, NULL) || !json_is(&t, 0, JSON_OBJECT))
		return;
	node = json_member(&t, 0, "synced_from");
	row->is_own = node != JSON_ABSENT && json_string(&t, node, s->arena, &from) &&
		      str_eq_c(from, NAMES[s->conf->agent]);
	node = json_member(&t, 0, "source_file");
	if (!row->is_own || node == JSON_ABSENT || !json_string(&t, node, s->arena, &row->source))
		row->source = STR_NULL;
}

static void put_first(struct map *map, str key, struct sync_row *row)
{
	void **at = map_at(map, key);

	if (!*at)
		*at = row;
}

enum err sync_read(struct sync *s, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();
	struct memory_set before = s->set;
	const struct map had = s->by_id;
	enum err e;

	s->set = (struct memory_set){0};
	f.user = s->conf->user;
	f.is_oldest_first = true;
	e = memory_list(s->store, &f, &s->set, cx);
	s->rows = arena_array(s->arena, struct sync_row, s->set.n + 1);
	map_init(&s->by_id, s->arena);
	map_init(&s->by_text, s->arena);
	map_init(&s->by_source, s->arena);
	for (size_t i = 0; i < s->set.n; i++) {
		struct sync_row *row = &s->rows[i];
		const struct memory *m = row->m = &s->set.v[i];
		const struct sync_row *old = had.arena ? map_find(&had, m->text[MEMORY_ID]) : NULL;

		read_origin(s, row);
		if (old) {
			row->is_there = old->is_there;
			row->note = old->note;
		}
		put_first(&s->by_id, m->text[MEMORY_ID], row);
		put_first(&s->by_text, m->text[MEMORY_CONTENT], row);
		if (row->source.n)
			put_first(&s->by_source, row->source, row);
	}
	memory_set_free(&before);
	return e;
}

enum err sync_read_all(struct sync *s, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();

	f.user = s->conf->user;
	f.with_superseded = f.with_deleted = true;
	memory_set_free(&s->all);
	TRY(memory_list(s->store, &f, &s->all, cx));
	map_init(&s->all_by_id, s->arena);
	for (size_t i = 0; i < s->all.n; i++)
		*map_at(&s->all_by_id, s->all.v[i].text[MEMORY_ID]) = &s->all.v[i];
	return E_OK;
}

enum err sync_any(struct sync *s, str id, const struct memory **out, struct errctx *cx)
{
	if (!s->all_by_id.arena)
		TRY(sync_read_all(s, cx));
	*out = map_find(&s->all_by_id, id);
	return E_OK;
}

/* ---- what the agent has said ---- */

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

enum err sync_take(struct sync *s, str text, str file, struct errctx *cx)
{
	struct memory m = memory_blank();
	struct memory_change c = {.importance = -1, .by = STR(BY), .reason = file};
	struct sync_row *known;
	const struct sync_row *before;
	struct memory_added added;
	struct buf clean;

	buf_init_arena(&clean, s->arena, LIMIT_INPUT);
	if (memory_clean(text, &clean, NULL) || clean.n > MEMORY_CONTENT_MAX) {
		s->counts->refused += str_trim(text).n > 0;
		return E_OK;
	}
	m.text[MEMORY_CONTENT] = c.content = buf_str(&clean);
	known = map_find(&s->by_text, c.content);
	if (known) {
		known->is_there = true;
		return E_OK;
	}
	before = file.n ? map_find(&s->by_source, file) : NULL;
	if (before) {
		TRY(memory_edit(s->store, before->m->text[MEMORY_ID], &c, &added, cx));
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

/* ---- what goes to the agent ---- */

static int by_importance(const void *a, const void *b)
{
	const struct memory *x = (*(const struct sync_row *const *)a)->m,
			    *y = (*(const struct sync_row *const *)b)->m;

	if (x->importance < y->importance || x->importance > y->importance)
		return x->importance > y->importance ? -1 : 1;
	if (x->at[MEMORY_CREATED] != y->at[MEMORY_CREATED])
		return x->at[MEMORY_CREATED] > y->at[MEMORY_CREATED] ? -1 : 1;
	return str_cmp(x->text[MEMORY_ID], y->text[MEMORY_ID]);
}

/* Other programs keep in a store what they like. */
static bool has_secret(const struct sync *s, const struct memory *m)
{
	struct buf clean;

	buf_init_arena(&clean, s->arena, LIMIT_INPUT);
	return memory_clean(m->text[MEMORY_CONTENT], &clean, NULL) == E_PERMISSION;
}

const struct sync_row **sync_outgoing(struct sync *s, size_t *n)
{
	const struct sync_row **v = arena_array(s->arena, const struct sync_row *, s->set.n + 1);

	*n = 0;
	for (size_t i = 0; i < s->set.n; i++) {
		if (has_secret(s, s->rows[i].m))
			s->counts->refused++;
		else
			v[(*n)++] = &s->rows[i];
	}
	if (*n)
		qsort(v, *n, sizeof *v, by_importance);
	return v;
}

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

/* ---- */

static enum err sync_all(struct sync *s, struct errctx *cx)
{
	TRY(sync_find_root(s, cx));
	TRY(memory_begin(s->store, cx));
	TRY(sync_read(s, cx));
	TRY(s->conf->agent == SYNC_CLAUDE ? sync_claude(s, cx) : sync_codex(s, cx));
	if (s->conf->is_dry)
		return E_OK;
	TRY(memory_index_store(s->store, cx));
	TRY(memory_commit(s->store, cx));
	return sync_apply(s, cx); /* what is taken out of a file stands in the store now */
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
	memory_set_free(&s.all);
	arena_release(&a);
	return e;
}
