/* Turns of Codex: the items of a rollout are those of the requests. A request was sent where the model begins to
 * speak, or to call, after something else. */
#include "core/transcript/loader.h"

struct rollout {
	struct turn_session session;
	uint32_t start; /* first item in context */
	bool was_model;
	str model;
	int64_t last_ms;
	uint64_t total; /* of tokens, as last told */
};

static struct rollout *rollout_of(struct loader *l)
{
	if (!l->state) {
		struct rollout *r = arena_new(l->a, struct rollout);

		r->session.format = WIRE_OPENAI_RESPONSES;
		r->last_ms = -1;
		l->state = r;
	}
	return l->state;
}

static void add_item(struct loader *l, struct rollout *r, uint32_t item)
{
	bool is_model = loader_is_model(&l->line, item);
	struct turn *t;

	if (is_model && !r->was_model) {
		t = loader_turn(l, &r->session, r->start);
		if (t) {
			t->sent_ms = r->last_ms;
			t->model = r->model;
		}
	}
	r->was_model = is_model;
	*vec_push(&r->session.messages, l->a) = loader_json(l, item);
	r->last_ms = loader_time(l, 0, "timestamp");
}

static void set_head(struct loader *l, struct rollout *r, uint32_t text)
{
	struct buf b;

	if (text == JSON_ABSENT || !json_is(l->line.t, text, JSON_STRING) || r->session.head.n)
		return;
	buf_init_arena(&b, l->a, LIMIT_INPUT);
	buf_add_c(&b, "\"instructions\":");
	buf_add(&b, loader_json(l, text));
	buf_add_byte(&b, ',');
	r->session.head = buf_str(&b);
}

static void session_meta(struct loader *l, struct rollout *r, uint32_t meta)
{
	struct line *x = &l->line;

	if (!r->session.key.n)
		r->session.key = line_string(x, meta, "id");
	if (!r->session.project.n)
		r->session.project = line_string(x, meta, "cwd");
	set_head(l, r, line_member(x, meta, "instructions"));
	set_head(l, r, line_member(x, line_object(x, meta, "base_instructions"), "text"));
}

/* {"info":{"total_token_usage","last_token_usage"}}: told after each response, and again at other times. */
static void token_count(struct loader *l, struct rollout *r, uint32_t payload)
{
	struct line *x = &l->line;
	uint32_t info = line_object(x, payload, "info");
	uint32_t total = line_member(x, line_object(x, info, "total_token_usage"), "total_tokens");
	struct turn *t = r->session.turns.n ? &r->session.turns.v[r->session.turns.n - 1] : NULL;
	uint64_t n;

	if (!t || total == JSON_ABSENT || !json_u64(x->t, total, &n) || n == r->total)
		return;
	r->total = n;
	if (!t->usage.is_known)
		t->usage = loader_usage(x, line_object(x, info, "last_token_usage"));
}

static void compacted(struct loader *l, struct rollout *r, uint32_t payload)
{
	struct line *x = &l->line;
	uint32_t history = line_member(x, payload, "replacement_history");
	uint32_t message = line_member(x, payload, "message");

	r->start = (uint32_t)r->session.messages.n;
	r->was_model = false;
	if (history != JSON_ABSENT && json_is(x->t, history, JSON_ARRAY)) {
		for (struct json_iter it = json_iter(x->t, history); json_next(&it);)
			*vec_push(&r->session.messages, l->a) = loader_json(l, it.value);
	} else if (message != JSON_ABSENT && json_is(x->t, message, JSON_STRING)) {
		*vec_push(&r->session.messages, l->a) = arena_printf(l->a,
			"{\"type\":\"message\",\"role\":\"user\",\"content\":" STR_FMT "}",
			STR_ARG(loader_json(l, message)));
	}
}

/* The user took back the last n prompts and what followed. The history is cut there for what comes after; the
 * turns that were made remain. */
static void rolled_back(struct loader *l, struct rollout *r, uint32_t payload)
{
	uint32_t v = line_member(&l->line, payload, "num_turns"),
		 at = (uint32_t)r->session.messages.n;
	uint64_t n;
	uint32_t keep;

	if (v == JSON_ABSENT || !json_u64(l->line.t, v, &n) || !loader_may_copy(l, at - r->start))
		return;
	while (at > r->start && n)
		n -= str_find(r->session.messages.v[--at], STR("\"role\":\"user\"")) != STR_NONE;
	keep = r->start;
	r->start = (uint32_t)r->session.messages.n;
	r->was_model = false;
	for (; keep < at; keep++) {
		str item = r->session.messages.v[keep];

		*vec_push(&r->session.messages, l->a) = item;
	}
}

static void codex_line(struct loader *l)
{
	struct line *x = &l->line;
	struct rollout *r = rollout_of(l);
	uint32_t payload = line_object(x, 0, "payload");
	str model;

	if (payload == JSON_ABSENT) { /* the first versions */
		if (line_member(x, 0, "instructions") != JSON_ABSENT)
			session_meta(l, r, 0);
		else if (line_member(x, 0, "type") != JSON_ABSENT)
			add_item(l, r, 0);
	} else if (line_is(x, 0, "type", "session_meta")) {
		session_meta(l, r, payload);
	} else if (line_is(x, 0, "type", "turn_context")) {
		model = line_string(x, payload, "model");
		r->model = model.n ? model : r->model;
	} else if (line_is(x, 0, "type", "response_item")) {
		if (!line_is(x, payload, "type", "ghost_snapshot")) /* of files, not sent */
			add_item(l, r, payload);
	} else if (line_is(x, 0, "type", "compacted")) {
		compacted(l, r, payload);
	} else if (line_is(x, payload, "type", "token_count")) {
		token_count(l, r, payload);
	} else if (line_is(x, payload, "type", "thread_rolled_back")) {
		rolled_back(l, r, payload);
	}
}

static void codex_end(struct loader *l)
{
	loader_keep(l, &rollout_of(l)->session);
}

const struct turns_kind turns_codex = {.line = codex_line, .end = codex_end};
