/* Turns of pi: an entry is a message, an assistant's is the answer to a request. Entries are linked by parentId; one
 * that follows on another than the last starts a branch, which is a session of its own here. */
#include "core/transcript/loader.h"
#include "core/transcript/spell.h"

/* Where an entry stands among the messages. */
struct place {
	uint32_t before, after;
};

struct tree {
	struct turn_session session;
	str name;
	uint32_t branches;
	uint32_t start;    /* first message in context */
	struct map places; /* id -> struct place */
	str last_id;
	int64_t last_ms;
	bool has_format;
};

static struct tree *tree_of(struct loader *l)
{
	if (!l->state) {
		struct tree *p = arena_new(l->a, struct tree);

		p->session.format = WIRE_OPENAI_CHAT;
		p->last_ms = -1;
		map_init(&p->places, l->a);
		l->state = p;
	}
	return l->state;
}

/* pi speaks to many providers; of their spellings we make two. The first answer decides. */
static void set_format(struct loader *l, struct tree *p, uint32_t message)
{
	if (p->has_format || !line_is(&l->line, message, "role", "assistant"))
		return;
	p->has_format = true;
	if (line_is(&l->line, message, "api", "anthropic-messages") ||
		line_is(&l->line, message, "provider", "anthropic"))
		p->session.format = WIRE_ANTHROPIC;
}

/* Starts a branch at an entry that was read before: the old session is done, and a new one begins like it. */
static void branch(struct loader *l, struct tree *p, uint32_t n)
{
	struct turn_session old = p->session;
	struct map places = p->places;

	loader_keep(l, &old);
	p->session = (struct turn_session){.format = old.format, .project = old.project};
	p->session.key = arena_printf(l->a, STR_FMT "#%u", STR_ARG(p->name), ++p->branches);
	p->start = p->start < n ? p->start : 0;
	map_init(&p->places, l->a);
	for (uint32_t i = 0; i < n; i++)
		*vec_push(&p->session.messages, l->a) = old.messages.v[i];
	for (size_t i = 0; i < places.n; i++) {
		const struct place *place = places.entries[i].value;

		if (place->after <= n)
			*map_at(&p->places, places.entries[i].key) = places.entries[i].value;
	}
}

static void follow(struct loader *l, struct tree *p)
{
	str parent = line_string(&l->line, 0, "parentId");
	const struct place *place;

	if (!parent.n || !p->last_id.n || str_eq(parent, p->last_id))
		return;
	place = map_find(&p->places, parent);
	if (place && place->after < p->session.messages.n &&
		loader_may_copy(l, place->after + p->places.n))
		branch(l, p, place->after);
}

static void push(struct loader *l, struct tree *p, str message)
{
	if (message.n)
		*vec_push(&p->session.messages, l->a) = message;
}

/* A string, or a list of texts (and of what we leave out: images, thinking). */
static void spell_content(struct loader *l, struct spelling *s, uint32_t content)
{
	struct line *x = &l->line;

	if (content == JSON_ABSENT)
		return;
	if (json_is(x->t, content, JSON_STRING)) {
		spell_text(s, loader_json(l, content));
		return;
	}
	for (struct json_iter it = json_iter(x->t, content); json_next(&it);) {
		uint32_t text = line_member(x, it.value, "text"),
			 id = line_member(x, it.value, "id");
		uint32_t name = line_member(x, it.value, "name");
		uint32_t input = line_member(x, it.value, "arguments");

		if (line_is(x, it.value, "type", "text") && text != JSON_ABSENT)
			spell_text(s, loader_json(l, text));
		else if (line_is(x, it.value, "type", "toolCall") && id != JSON_ABSENT &&
			 name != JSON_ABSENT && input != JSON_ABSENT)
			spell_call(
				s, loader_json(l, id), loader_json(l, name), loader_json(l, input));
	}
}

static str spelled(struct loader *l, struct tree *p, enum wire_role role, uint32_t content)
{
	struct spelling s;

	spell_begin(&s, l->a, p->session.format);
	spell_content(l, &s, content);
	return spell_end(&s, role);
}

static void answer(struct loader *l, struct tree *p, uint32_t message)
{
	struct line *x = &l->line;
	str said = spelled(l, p, WIRE_ASSISTANT, line_member(x, message, "content"));
	struct turn *t = said.n ? loader_turn(l, &p->session, p->start) : NULL;

	if (t) {
		t->sent_ms = p->last_ms;
		t->model = line_string(x, message, "model");
		t->usage = loader_usage(x, line_object(x, message, "usage"));
	}
	push(l, p, said);
}

static void result(struct loader *l, struct tree *p, uint32_t message)
{
	struct line *x = &l->line;
	uint32_t id = line_member(x, message, "toolCallId");
	uint32_t content = line_member(x, message, "content");
	struct spelling s;
	struct buf list;

	if (id == JSON_ABSENT)
		return;
	spell_begin(&s, l->a, p->session.format);
	spell_content(l, &s, content);
	buf_init_arena(&list, l->a, LIMIT_INPUT);
	buf_add_byte(&list, '[');
	buf_add(&list, buf_str(&s.parts));
	buf_add_byte(&list, ']');
	push(l, p,
		spell_result(l->a, p->session.format, loader_json(l, id), buf_str(&list),
			line_is_true(x, message, "isError")));
}

static void message(struct loader *l, struct tree *p, uint32_t node)
{
	struct line *x = &l->line;

	set_format(l, p, node);
	if (line_is(x, node, "role", "assistant"))
		answer(l, p, node);
	else if (line_is(x, node, "role", "toolResult"))
		result(l, p, node);
	else if (line_is(x, node, "role", "bashExecution"))
		push(l, p, spelled(l, p, WIRE_USER, line_member(x, node, "output")));
	else
		push(l, p, spelled(l, p, WIRE_USER, line_member(x, node, "content")));
}

/* The context is now the summary, and what came from firstKeptEntryId on. */
static void compaction(struct loader *l, struct tree *p)
{
	uint32_t n = (uint32_t)p->session.messages.n;
	const struct place *kept =
		map_find(&p->places, line_string(&l->line, 0, "firstKeptEntryId"));

	p->start = n;
	push(l, p, spelled(l, p, WIRE_USER, line_member(&l->line, 0, "summary")));
	if (!kept || !loader_may_copy(l, n - kept->before))
		return;
	for (uint32_t i = kept->before; i < n; i++) {
		str m = p->session.messages.v[i];

		push(l, p, m);
	}
}

static void pi_line(struct loader *l)
{
	struct line *x = &l->line;
	struct tree *p = tree_of(l);
	str id = line_string(x, 0, "id");
	struct place *place;

	if (line_is(x, 0, "type", "session")) {
		if (!p->name.n)
			p->name = p->session.key = id;
		if (!p->session.project.n)
			p->session.project = line_string(x, 0, "cwd");
		return;
	}
	follow(l, p);
	place = arena_new(l->a, struct place);
	place->before = (uint32_t)p->session.messages.n;
	if (line_is(x, 0, "type", "message"))
		message(l, p, line_object(x, 0, "message"));
	else if (line_is(x, 0, "type", "compaction"))
		compaction(l, p);
	else if (line_is(x, 0, "type", "branch_summary"))
		push(l, p, spelled(l, p, WIRE_USER, line_member(x, 0, "summary")));
	else if (line_is(x, 0, "type", "custom_message"))
		push(l, p, spelled(l, p, WIRE_USER, line_member(x, 0, "content")));
	place->after = (uint32_t)p->session.messages.n;
	if (place->after > place->before)
		p->last_ms = loader_time(l, 0, "timestamp");
	if (id.n) {
		*map_at(&p->places, id) = place;
		p->last_id = id;
	}
}

static void pi_end(struct loader *l)
{
	loader_keep(l, &tree_of(l)->session);
}

const struct turns_kind turns_pi = {.line = pi_line, .end = pi_end};
