/* Turns of recordings that hold requests themselves: a request is a turn as it stands. */
#include "core/base/check.h"
#include "core/transcript/loader.h"

/* Requests without the name of a session: those with the same system prompt and first message are taken as
 * one. */
static str name_by_content(struct loader *l, const struct wire_doc *d)
{
	struct hash128 h = {0, 0};

	for (uint32_t i = 0; i < d->n; i++) {
		const struct wire_block *b = &d->blocks[i];

		if (b->message != WIRE_NO_MESSAGE && b->message > 0)
			break;
		h = hash128_chain(h, b->hash);
	}
	return arena_printf(
		l->a, "%016llx%016llx", (unsigned long long)h.hi, (unsigned long long)h.lo);
}

static struct turn_session *session_of(struct loader *l, str name, enum wire_format f)
{
	struct turn_session *s = map_find(&l->sessions, name);

	if (s)
		return s;
	s = arena_new(l->a, struct turn_session);
	s->key = name;
	s->format = f;
	*map_at(&l->sessions, name) = s;
	*vec_push(&l->in_order, l->a) = s;
	return s;
}

static void keep_sessions(struct loader *l)
{
	for (size_t i = 0; i < l->in_order.n; i++)
		loader_keep(l, l->in_order.v[i]);
}

/* A turn whose body is known. The present line is scratched by this. */
static void add_turn(struct loader *l, struct turn turn, str session, str project)
{
	struct turn_session *s;
	enum wire_format f;
	struct wire_doc d;

	if (!loader_scan(l, turn.body, NULL))
		return;
	f = wire_detect(l->line.t);
	if (f == WIRE_NONE || wire_walk(l->scratch, l->line.t, f, &d, NULL) != E_OK)
		return;
	if (d.model.n)
		turn.model = arena_str(l->a, d.model);
	if (!session.n)
		session = name_by_content(l, &d);
	s = session_of(l, session, f);
	if (!s->project.n)
		s->project = project;
	*vec_push(&s->turns, l->a) = turn;
}

static void request_line(struct loader *l)
{
	uint32_t request = line_request(&l->line);
	struct turn turn = {.sent_ms = -1, .body = l->text};
	str session = STR_NULL, project = STR_NULL;

	if (request) {
		session = line_string(&l->line, 0, "session");
		project = line_string(&l->line, 0, "project");
		turn.sent_ms = loader_time(l, 0, "ts");
		turn.usage = loader_usage(&l->line, line_member(&l->line, 0, "usage"));
		turn.body = loader_json(l, request);
	}
	add_turn(l, turn, session, project);
}

const struct turns_kind turns_requests = {.line = request_line, .end = keep_sessions};

/* In the words of our log. */
static struct turn_usage log_usage(struct loader *l)
{
	struct turn_usage u = {0};
	const struct {
		const char *key;
		uint64_t *to;
	} figures[] = {
		{"input_tokens", &u.input},
		{"output_tokens", &u.output},
		{"cache_read_tokens", &u.cache_read},
		{"cache_write_5m_tokens", &u.cache_write_5m},
		{"cache_write_1h_tokens", &u.cache_write_1h},
	};

	for (size_t i = 0; i < ARRAY_N(figures); i++) {
		uint32_t v = line_member(&l->line, 0, figures[i].key);

		if (v != JSON_ABSENT && json_u64(l->line.t, v, figures[i].to))
			u.is_known = true;
	}
	return u;
}

static void log_request(struct loader *l, uint32_t request)
{
	uint32_t sent = line_object(&l->line, 0, "sent");
	uint32_t retrievals = line_member(&l->line, 0, "retrievals");
	struct turn turn = {.sent_ms = loader_time(l, 0, "timestamp"),
		.model = line_string(&l->line, 0, "model"),
		.usage = log_usage(l),
		.body = loader_json(l, request)};

	if (sent != JSON_ABSENT)
		turn.sent = loader_json(l, sent);
	if (retrievals != JSON_ABSENT)
		(void)!json_u64(l->line.t, retrievals, &turn.retrievals);
	add_turn(l, turn, line_string(&l->line, 0, "session"), line_string(&l->line, 0, "project"));
}

/* The reference's log holds the messages, without the rest of the body. */
static void log_line(struct loader *l)
{
	uint32_t messages = line_member(&l->line, 0, "request_messages");
	uint32_t request = line_object(&l->line, 0, "request");
	bool is_gemini;
	struct turn turn;
	struct buf body;

	if (request != JSON_ABSENT) {
		log_request(l, request);
		return;
	}
	if (messages == JSON_ABSENT || !json_is(l->line.t, messages, JSON_ARRAY))
		return;
	is_gemini = wire_detect_messages(l->line.t, messages) == WIRE_GEMINI;
	turn = (struct turn){.sent_ms = loader_time(l, 0, "timestamp"),
		.model = line_string(&l->line, 0, "model"),
		.usage = loader_usage(&l->line, line_member(&l->line, 0, "usage"))};
	buf_init_arena(&body, l->a, LIMIT_INPUT);
	buf_add_byte(&body, '{');
	if (turn.model.n) {
		buf_add_c(&body, "\"model\":");
		buf_add_json_string(&body, turn.model);
		buf_add_byte(&body, ',');
	}
	buf_add_c(&body, is_gemini ? "\"contents\":" : "\"messages\":");
	buf_add(&body, loader_json(l, messages));
	buf_add_byte(&body, '}');
	turn.body = buf_str(&body);
	if (body.err == E_OK)
		add_turn(l, turn, STR_NULL, STR_NULL);
}

const struct turns_kind turns_proxy_log = {.line = log_line, .end = keep_sessions};

/* A request was sent before each message of the assistant; and one with all of them, when that is not the
 * last. */
static void messages_line(struct loader *l)
{
	struct turn_session s = {.format = wire_detect_messages(l->line.t, 0)};
	bool was_model = true;

	if (!json_is(l->line.t, 0, JSON_ARRAY))
		return;
	if (s.format == WIRE_NONE)
		s.format = WIRE_OPENAI_CHAT;
	for (struct json_iter it = json_iter(l->line.t, 0); json_next(&it);) {
		bool is_model = loader_is_model(&l->line, it.value);

		if (is_model && !was_model)
			(void)loader_turn(l, &s, 0);
		was_model = is_model;
		*vec_push(&s.messages, l->a) = loader_json(l, it.value);
	}
	if (!was_model)
		(void)loader_turn(l, &s, 0);
	loader_keep(l, &s);
}

const struct turns_kind turns_messages = {.line = messages_line};
