/* Turns of Claude Code. Its lines do not stand in the order of the requests: an assistant's message comes as a
 * line per block, with results of tools that ran meanwhile in between. So lines are gathered in groups,
 * which become the messages: an assistant's message by its id, and all that the user (or a tool) said until
 * the next one. */
#include "core/transcript/loader.h"

struct group {
	bool is_assistant;
	str id;         /* of the assistant's message */
	VEC(str) parts; /* JSON of blocks; or a string, for a text */
	int64_t last_ms;
	uint32_t request; /* assistant: the one that it answers */
	str json;         /* the message, once it was made */
};

struct request {
	uint32_t start, reply; /* groups [start, reply) were sent, group `reply` is the answer */
	int64_t sent_ms;
	str model;
	struct turn_usage usage;
};

struct chat {
	str name; /* of the session */
	str key;  /* the same, with a number for those that branched off */
	str cwd;  /* where it began */
	VEC(struct group *) groups;
	VEC(struct request) requests;
	struct map places; /* uuid -> number of groups when it came, as a pointer */
	uint32_t start;    /* first group in context */
	uint32_t *branches;
	bool is_cut;          /* what comes next goes into a new group */
	uint32_t inherited_n; /* groups that belong to the chat that this one branched off from */
};

static struct chat *chat_new(struct loader *l, str name)
{
	struct chat *c = arena_new(l->a, struct chat);

	c->name = c->key = name;
	map_init(&c->places, l->a);
	*vec_push(&l->in_order, l->a) = c;
	*map_at(&l->sessions, name) = c;
	return c;
}

static struct chat *chat_of(struct loader *l, str name)
{
	struct chat *c = map_find(&l->sessions, name);

	if (c)
		return c;
	c = chat_new(l, name);
	c->branches = arena_new(l->a, uint32_t);
	return c;
}

/* The user went back to where there were n groups: what follows is a conversation of its own, which begins like
 * the one before. */
static struct chat *branch(struct loader *l, const struct chat *c, uint32_t n)
{
	struct chat *b = chat_new(l, c->name);

	b->branches = c->branches;
	b->cwd = c->cwd;
	b->key = arena_printf(l->a, STR_FMT "#%u", STR_ARG(c->name), ++*b->branches);
	b->start = c->start < n ? c->start : 0;
	b->is_cut = true;
	b->inherited_n = n;
	for (uint32_t i = 0; i < n; i++)
		*vec_push(&b->groups, l->a) = c->groups.v[i];
	for (size_t i = 0; i < c->places.n; i++) {
		const struct map_entry *e = &c->places.entries[i];

		if ((uintptr_t)e->value <= n)
			*map_at(&b->places, e->key) = e->value;
	}
	return b;
}

static void cut(struct chat *c)
{
	c->start = (uint32_t)c->groups.n;
	c->is_cut = true;
}

static struct group *group_new(struct loader *l, struct chat *c)
{
	struct group *g = arena_new(l->a, struct group);

	*vec_push(&c->groups, l->a) = g;
	c->is_cut = false;
	return g;
}

static struct group *user_group(struct loader *l, struct chat *c)
{
	size_t n = c->groups.n;

	if (!c->is_cut && n && !c->groups.v[n - 1]->is_assistant)
		return c->groups.v[n - 1];
	return group_new(l, c);
}

/* The group of an assistant's message; a new one is the answer to a new request. */
static struct group *assistant_group(struct loader *l, struct chat *c, str id, str model)
{
	enum { BACK = 8 }; /* its first block is not further away than this */
	uint32_t n = (uint32_t)c->groups.n;
	struct group *g;

	for (uint32_t i = n; i > c->start && i > c->inherited_n && i + BACK > n && !c->is_cut;
		i--) {
		g = c->groups.v[i - 1];
		if (g->is_assistant && str_eq(g->id, id))
			return g;
		if (!id.n)
			break; /* without ids what follows at once is one message */
	}
	g = group_new(l, c);
	g->is_assistant = true;
	g->id = id;
	g->request = (uint32_t)c->requests.n;
	*vec_push(&c->requests, l->a) = (struct request){
		.start = c->start,
		.reply = n,
		.sent_ms = n ? c->groups.v[n - 1]->last_ms : -1,
		.model = model,
	};
	return g;
}

static void add_parts(struct loader *l, struct group *g, uint32_t content)
{
	if (json_is(l->line.t, content, JSON_STRING)) {
		*vec_push(&g->parts, l->a) = loader_json(l, content);
		return;
	}
	for (struct json_iter it = json_iter(l->line.t, content); json_next(&it);)
		*vec_push(&g->parts, l->a) = loader_json(l, it.value);
}

/* A prompt that follows on an earlier place than the last one branches off there. */
static struct chat *follow(struct loader *l, struct chat *c)
{
	uint32_t parent = line_member(&l->line, 0, "parentUuid");
	uintptr_t n;

	if (parent == JSON_ABSENT || c->is_cut || !c->groups.n)
		return c;
	if (json_is(l->line.t, parent, JSON_NULL)) {
		cut(c);
		return c;
	}
	n = (uintptr_t)map_find(&c->places, line_string(&l->line, 0, "parentUuid"));
	if (!n || n >= c->groups.n || !loader_may_copy(l, n + c->places.n))
		return c;
	return branch(l, c, (uint32_t)n);
}

static void add_message(struct loader *l, struct chat *c, uint32_t message, uint32_t content)
{
	struct line *x = &l->line;
	struct request *request;
	struct group *g;

	if (!line_is(x, 0, "type", "assistant")) {
		g = user_group(l, c);
	} else {
		g = assistant_group(
			l, c, line_string(x, message, "id"), line_string(x, message, "model"));
		request = &c->requests.v[g->request];
		request->usage = loader_usage_max(
			request->usage, loader_usage(x, line_member(x, message, "usage")));
	}
	g->last_ms = loader_time(l, 0, "timestamp");
	add_parts(l, g, content);
}

static bool is_content(const struct line *x, uint32_t v)
{
	if (v == JSON_ABSENT)
		return false;
	return json_is(x->t, v, JSON_STRING) || (json_is(x->t, v, JSON_ARRAY) && x->t->v[v].n);
}

static void claude_line(struct loader *l)
{
	struct line *x = &l->line;
	struct chat *c = chat_of(l, claude_session_name(x));
	uint32_t message = line_object(x, 0, "message"),
		 content = line_member(x, message, "content");
	str uuid = line_string(x, 0, "uuid");
	/* Written by the program in the model's name, never sent. */
	bool is_made_up = line_is_true(x, 0, "isApiErrorMessage") ||
			  line_is(x, message, "model", "<synthetic>");

	if (!c->cwd.n)
		c->cwd = line_string(x, 0, "cwd");
	if (line_is(x, 0, "subtype", "compact_boundary") ||
		(line_is_true(x, 0, "isCompactSummary") && !c->is_cut))
		cut(c);
	else if (claude_is_prompt(x, content))
		c = follow(l, c);
	if ((line_is(x, 0, "type", "user") || line_is(x, 0, "type", "assistant")) && !is_made_up &&
		is_content(x, content))
		add_message(l, c, message, content);
	if (uuid.n && c->groups.n)
		*map_at(&c->places, uuid) = (void *)(uintptr_t)c->groups.n;
}

static str group_json(struct loader *l, struct group *g)
{
	struct buf b;

	if (g->json.n)
		return g->json;
	buf_init_arena(&b, l->a, LIMIT_INPUT);
	buf_add_c(&b, g->is_assistant ? "{\"role\":\"assistant\",\"content\":"
				      : "{\"role\":\"user\",\"content\":");
	if (g->parts.n == 1 && g->parts.v[0].p[0] == '"') {
		buf_add(&b, g->parts.v[0]);
	} else {
		for (size_t i = 0; i < g->parts.n; i++) {
			bool is_text = g->parts.v[i].p[0] == '"';

			buf_add_byte(&b, i ? ',' : '[');
			buf_add_c(&b, is_text ? "{\"type\":\"text\",\"text\":" : "");
			buf_add(&b, g->parts.v[i]);
			buf_add_c(&b, is_text ? "}" : "");
		}
		buf_add_byte(&b, ']');
	}
	buf_add_byte(&b, '}');
	g->json = buf_str(&b);
	return g->json;
}

static void claude_end(struct loader *l)
{
	for (size_t i = 0; i < l->in_order.n; i++) {
		const struct chat *c = l->in_order.v[i];
		struct turn_session s = {
			.key = c->key, .project = c->cwd, .format = WIRE_ANTHROPIC};

		for (size_t k = 0; k < c->groups.n && c->requests.n; k++)
			*vec_push(&s.messages, l->a) = group_json(l, c->groups.v[k]);
		for (size_t k = 0; k < c->requests.n; k++) {
			const struct request *r = &c->requests.v[k];

			if (r->start < r->reply)
				*vec_push(&s.turns, l->a) = (struct turn){.start = r->start,
					.end = r->reply,
					.sent_ms = r->sent_ms,
					.model = r->model,
					.usage = r->usage};
		}
		loader_keep(l, &s);
	}
}

const struct turns_kind turns_claude = {.line = claude_line, .end = claude_end};
