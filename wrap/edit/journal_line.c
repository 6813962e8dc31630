#include "wrap/edit/journal_line.h"

#include "core/json/scan.h"
#include "core/json/write.h"

enum { SCHEMA = 1 };

static void write_owner(struct json_writer *w, struct edit_owner o)
{
	json_write_object(w, "owner");
	json_write_i64(w, "pid", o.pid);
	json_write_u64(w, "start", o.start);
	json_write_u64(w, "place", o.place);
	json_write_end(w);
}

void journal_add_line(struct buf *b, const struct edit_entry *e)
{
	struct json_writer w;

	if (e->raw.n) {
		buf_add(b, e->raw);
		buf_add_byte(b, '\n');
		return;
	}
	json_write_init(&w, b, false);
	json_write_object(&w, NULL);
	json_write_u64(&w, "schema", SCHEMA);
	json_write_str(&w, "id", e->id);
	json_write_str(&w, "agent", e->agent);
	json_write_str(&w, "scope", e->scope);
	json_write_str(&w, "file", e->file);
	json_write_c(&w, "format", e->format->name);
	json_write_c(&w, "op", edit_entry_op(e));
	json_write_array(&w, "path");
	for (size_t i = 0; i < e->path.n; i++)
		json_write_str(&w, NULL, e->path.part[i]);
	json_write_end(&w);
	if (e->has_old)
		json_write_str(&w, "old", e->old);
	json_write_str(&w, "new", e->new);
	json_write_u64(&w, "kept", e->kept);
	json_write_bool(&w, "file_made", e->is_file_made);
	json_write_u64(&w, "dirs_made", e->dirs_made);
	json_write_str(&w, "before", e->before);
	json_write_str(&w, "after", e->after);
	json_write_u64(&w, "at", e->at);
	json_write_str(&w, "cut", e->cut);
	json_write_str(&w, "paste", e->paste);
	write_owner(&w, e->owner);
	json_write_str(&w, "time", e->time);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

/* ---- reading ---- */

struct line {
	struct arena *arena;
	struct json_tape t;
};

static bool read_str(struct line *l, const char *key, str *out)
{
	uint32_t v = json_member(&l->t, 0, key);

	return v != JSON_ABSENT && json_string(&l->t, v, l->arena, out);
}

static bool read_u64(struct line *l, uint32_t object, const char *key, uint64_t *out)
{
	uint32_t v = json_member(&l->t, object, key);

	return v != JSON_ABSENT && json_u64(&l->t, v, out);
}

static bool read_path(struct line *l, struct edit_path *out)
{
	uint32_t v = json_member(&l->t, 0, "path");
	VEC(str) parts = {0};

	if (v == JSON_ABSENT || !json_is(&l->t, v, JSON_ARRAY))
		return false;
	for (struct json_iter it = json_iter(&l->t, v); json_next(&it);)
		if (!json_string(&l->t, it.value, l->arena, vec_push(&parts, l->arena)))
			return false;
	*out = (struct edit_path){parts.v, parts.n};
	return true;
}

static bool read_owner(struct line *l, struct edit_owner *out)
{
	uint32_t v = json_member(&l->t, 0, "owner"), made = json_member(&l->t, 0, "file_made");
	uint64_t pid;

	if (v == JSON_ABSENT || made == JSON_ABSENT || !read_u64(l, v, "pid", &pid) ||
		pid > INT32_MAX || !read_u64(l, v, "start", &out->start) ||
		!read_u64(l, v, "place", &out->place))
		return false;
	out->pid = (int64_t)pid;
	return true;
}

static bool read_texts(struct line *l, struct edit_entry *e)
{
	const struct {
		const char *key;
		str *out;
	} texts[] = {{"id", &e->id}, {"agent", &e->agent}, {"scope", &e->scope}, {"file", &e->file},
		{"new", &e->new}, {"before", &e->before}, {"after", &e->after}, {"cut", &e->cut},
		{"paste", &e->paste}, {"time", &e->time}};

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		if (!read_str(l, texts[i].key, texts[i].out))
			return false;
	return e->id.n == CLOCK_ID_LEN && str_find_byte(e->id, '/') == STR_NONE && e->file.n &&
	       e->file.p[0] == '/' && str_find_byte(e->file, '\0') == STR_NONE;
}

static bool read_entry(struct line *l, struct edit_entry *e)
{
	uint32_t old = json_member(&l->t, 0, "old"), made = json_member(&l->t, 0, "file_made");
	uint64_t kept;
	str format;

	if (!read_texts(l, e) || !read_str(l, "format", &format) || !read_path(l, &e->path) ||
		!read_u64(l, 0, "kept", &kept) || !read_u64(l, 0, "dirs_made", &e->dirs_made) ||
		!read_u64(l, 0, "at", &e->at) || !read_owner(l, &e->owner))
		return false;
	e->format = edit_format_find(format);
	e->kept = kept;
	e->is_file_made = json_is(&l->t, made, JSON_TRUE);
	e->has_old = old != JSON_ABSENT;
	return e->format && kept <= e->path.n && e->dirs_made <= NODE_DEPTH_MAX &&
	       (!e->has_old || json_string(&l->t, old, l->arena, &e->old));
}

static bool parse_line(struct arena *a, str text, struct edit_entry *e)
{
	struct line l = {.arena = a};
	struct errctx cx = {0};
	uint64_t schema;

	if (json_scan(a, text, &l.t, &cx) || !read_u64(&l, 0, "schema", &schema) || schema == 0)
		return false;
	if (schema > SCHEMA) {
		e->raw = text;
		return true;
	}
	return read_entry(&l, e);
}

enum err journal_parse(struct journal *j, str text, struct errctx *cx)
{
	unsigned number = 0;
	bool has_eol;
	str line;

	while (str_next_line(&text, &line, &has_eol)) {
		struct edit_entry e = {0};

		number++;
		if (!parse_line(j->arena, line, &e))
			FAIL(cx, E_CONFIG,
				"%s: line %u is no entry that can be read; nothing is edited",
				j->path, number);
		(void)journal_add(j, &e);
	}
	return E_OK;
}
