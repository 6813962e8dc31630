/* Turns of Gemini CLI: a record of type gemini is an answer, with the calls that it asked for and what came of them.
 * The calls go into its content, the results into one of the user's. */
#include "core/transcript/loader.h"

struct kept {
	str id, text;
};

struct history {
	struct turn_session session;
	int64_t last_ms;
	VEC(struct kept) records; /* JSON Lines: as they stand after all changes */
	struct map
		places; /* id -> index + 1, as a pointer; of another record when that was taken */
};

static struct history *history_of(struct loader *l)
{
	if (!l->state) {
		struct history *h = arena_new(l->a, struct history);

		h->session.format = WIRE_GEMINI;
		h->last_ms = -1;
		map_init(&h->places, l->a);
		l->state = h;
	}
	return l->state;
}

/* A content that is being written. */
static void begin(struct loader *l, struct buf *b, const char *role)
{
	buf_init_arena(b, l->a, LIMIT_INPUT);
	buf_printf(b, "{\"role\":\"%s\",\"parts\":[", role);
}

static void comma(struct buf *b)
{
	if (b->n && b->p[b->n - 1] != '[')
		buf_add_byte(b, ',');
}

static void end(struct loader *l, struct history *h, struct buf *b)
{
	if (b->n && b->p[b->n - 1] == '[')
		return; /* nothing was said */
	buf_add_c(b, "]}");
	*vec_push(&h->session.messages, l->a) = buf_str(b);
}

/* A string, a part, or a list of parts. */
static void add_content(struct loader *l, struct buf *b, uint32_t content)
{
	const struct json_tape *t = l->line.t;
	str text;

	if (content == JSON_ABSENT)
		return;
	text = loader_json(l, content);
	if (json_is(t, content, JSON_ARRAY)) {
		for (struct json_iter it = json_iter(t, content); json_next(&it);) {
			comma(b);
			buf_add(b, loader_json(l, it.value));
		}
	} else if (json_is(t, content, JSON_OBJECT)) {
		comma(b);
		buf_add(b, text);
	} else if (json_is(t, content, JSON_STRING) && text.n > 2) {
		comma(b);
		buf_add_c(b, "{\"text\":");
		buf_add(b, text);
		buf_add_byte(b, '}');
	}
}

static void add_named(struct loader *l, struct buf *b, uint32_t call, const char *name)
{
	uint32_t id = line_member(&l->line, call, "id");
	uint32_t tool = line_member(&l->line, call, "name");

	comma(b);
	buf_printf(b, "{\"%s\":{\"id\":", name);
	buf_add(b, id == JSON_ABSENT ? STR("null") : loader_json(l, id));
	buf_add_c(b, ",\"name\":");
	buf_add(b, tool == JSON_ABSENT ? STR("null") : loader_json(l, tool));
}

static void add_calls(struct loader *l, struct buf *calls, struct buf *results, uint32_t list)
{
	for (struct json_iter it = json_iter(l->line.t, list); json_next(&it);) {
		uint32_t args = line_member(&l->line, it.value, "args");
		uint32_t result = line_member(&l->line, it.value, "result");

		add_named(l, calls, it.value, "functionCall");
		buf_add_c(calls, ",\"args\":");
		buf_add(calls, args == JSON_ABSENT ? STR("{}") : loader_json(l, args));
		buf_add_c(calls, "}}");
		if (result == JSON_ABSENT || !json_is(l->line.t, result, JSON_STRING)) {
			add_content(l, results, result);
			continue;
		}
		add_named(l, results, it.value, "functionResponse");
		buf_add_c(results, ",\"response\":{\"output\":");
		buf_add(results, loader_json(l, result));
		buf_add_c(results, "}}}");
	}
}

static void answer(struct loader *l, struct history *h, uint32_t node)
{
	uint32_t calls = line_member(&l->line, node, "toolCalls");
	struct turn *t = loader_turn(l, &h->session, 0);
	struct buf model, user;

	if (t) {
		t->sent_ms = h->last_ms;
		t->model = line_string(&l->line, node, "model");
		t->usage = loader_usage(&l->line, line_object(&l->line, node, "tokens"));
	}
	begin(l, &model, "model");
	begin(l, &user, "user");
	add_content(l, &model, line_member(&l->line, node, "content"));
	if (calls != JSON_ABSENT && json_is(l->line.t, calls, JSON_ARRAY))
		add_calls(l, &model, &user, calls);
	end(l, h, &model);
	end(l, h, &user);
}

static void record(struct loader *l, struct history *h, uint32_t node)
{
	struct buf user;

	if (json_has_duplicate_key(l->line.t, node))
		return;
	if (line_is(&l->line, node, "type", "gemini")) {
		answer(l, h, node);
	} else if (line_is(&l->line, node, "type", "user")) {
		begin(l, &user, "user");
		add_content(l, &user, line_member(&l->line, node, "content"));
		end(l, h, &user);
	} else {
		return;
	}
	h->last_ms = loader_time(l, node, "timestamp");
}

static void gemini_file(struct loader *l)
{
	struct history *h = history_of(l);
	uint32_t messages = line_member(&l->line, 0, "messages");

	h->session.key = line_string(&l->line, 0, "sessionId");
	h->session.project = line_string(&l->line, 0, "projectHash");
	if (messages == JSON_ABSENT || !json_is(l->line.t, messages, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(l->line.t, messages); json_next(&it);)
		record(l, h, it.value);
	loader_keep(l, &h->session);
}

const struct turns_kind turns_gemini_file = {.line = gemini_file};

/* The place of a record, from 1; 0 when it is not there (any more). */
static uintptr_t place_of(const struct history *h, str id)
{
	uintptr_t at = (uintptr_t)map_find(&h->places, id);

	return at && at <= h->records.n && str_eq(h->records.v[at - 1].id, id) ? at : 0;
}

static void put_record(struct loader *l, struct history *h, str id, str text)
{
	uintptr_t at = place_of(h, id);

	if (!at) {
		(void)vec_push(&h->records, l->a);
		at = h->records.n;
		*map_at(&h->places, id) = (void *)at;
	}
	h->records.v[at - 1] = (struct kept){id, text};
}

/* Lines are only put in order here: the same id again replaces a record, $rewindTo takes it and all that follow
 * away, $set may bring a new list. */
static void gemini_line(struct loader *l)
{
	struct line *x = &l->line;
	struct history *h = history_of(l);
	uint32_t list = line_member(x, line_object(x, 0, "$set"), "messages");
	str id = line_string(x, 0, "id"), rewind = line_string(x, 0, "$rewindTo");

	if (!h->session.key.n)
		h->session.key = line_string(x, 0, "sessionId");
	if (!h->session.project.n)
		h->session.project = line_string(x, 0, "projectHash");
	if (rewind.n) {
		uintptr_t at = place_of(h, rewind);

		h->records.n = at ? at - 1 : 0;
	} else if (id.n) {
		put_record(l, h, id, l->text);
	} else if (list != JSON_ABSENT && json_is(x->t, list, JSON_ARRAY)) {
		h->records.n = 0;
		for (struct json_iter it = json_iter(x->t, list); json_next(&it);)
			put_record(l, h, line_string(x, it.value, "id"), loader_json(l, it.value));
	}
}

static void gemini_end(struct loader *l)
{
	struct history *h = history_of(l);

	for (size_t i = 0; i < h->records.n; i++) {
		if (loader_scan(l, h->records.v[i].text, NULL))
			record(l, h, 0);
	}
	loader_keep(l, &h->session);
}

const struct turns_kind turns_gemini = {.line = gemini_line, .end = gemini_end};
