/* Whether an answer is a function of its request, and the name of that request. */
#include <openssl/evp.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/check.h"
#include "core/base/vec.h"
#include "proxy/response_cache.h"

/* ---- is it deterministic ---- */

/* A value that is there and not null. */
static uint32_t set_member(const struct json_tape *t, uint32_t object, const char *key)
{
	uint32_t v = json_member(t, object, key);

	return v == JSON_ABSENT || json_is(t, v, JSON_NULL) ? JSON_ABSENT : v;
}

static bool is_number(const struct json_tape *t, uint32_t node, double wanted)
{
	double d;

	return json_f64(t, node, &d) && d >= wanted && d <= wanted;
}

/* Absent, or one. */
static bool is_one(const struct json_tape *t, uint32_t object, const char *key)
{
	uint32_t v = set_member(t, object, key);

	return v == JSON_ABSENT || is_number(t, v, 1);
}

static bool is_zero(const struct json_tape *t, uint32_t object, const char *key)
{
	uint32_t v = json_member(t, object, key);

	return v != JSON_ABSENT && is_number(t, v, 0);
}

/* Members that make the answer depend on what the provider keeps or looks up, in any format. */
static const char *const STATEFUL[] = {"background", "cachedContent", "cached_content", "container",
	"conversation", "mcp_servers", "previous_response_id", "prompt", "store",
	"web_search_options"};

static bool keeps_state(const struct json_tape *t, uint32_t object)
{
	for (size_t i = 0; i < ARRAY_N(STATEFUL); i++) {
		uint32_t v = set_member(t, object, STATEFUL[i]);

		if (v != JSON_ABSENT && !json_is(t, v, JSON_FALSE))
			return true;
	}
	return false;
}

/* Types of tools that run at the client, by their beginnings: Anthropic's carry a date behind it. What is not here is
 * taken as run by the provider. */
static const char *const CLIENT_TOOLS[] = {"apply_patch", "bash_", "computer_", "custom",
	"function", "local_shell", "memory_", "text_editor_"};

static bool is_client_tool_type(str type)
{
	for (size_t i = 0; i < ARRAY_N(CLIENT_TOOLS); i++)
		if (str_starts(type, str_from(CLIENT_TOOLS[i])))
			return true;
	return false;
}

/* Gemini: each member of a tool is one kind; only these declare functions of the client. */
static bool declares_functions(const struct json_tape *t, uint32_t tool)
{
	for (struct json_iter it = json_iter(t, tool); json_next(&it);)
		if (!json_string_is(t, it.key, "functionDeclarations") &&
			!json_string_is(t, it.key, "function_declarations"))
			return false;
	return true;
}

static bool runs_at_client(enum wire_format f, const struct json_tape *t, uint32_t tool)
{
	uint32_t type = json_member(t, tool, "type");
	str literal;

	if (!json_is(t, tool, JSON_OBJECT))
		return false;
	if (f == WIRE_GEMINI)
		return declares_functions(t, tool);
	if (type == JSON_ABSENT) /* Anthropic's own have one */
		return f == WIRE_ANTHROPIC;
	if (!json_is(t, type, JSON_STRING) || t->v[type].n)
		return false;
	literal = json_text(t, type);
	return is_client_tool_type(str_sub(literal, 1, literal.n - 1));
}

static bool are_client_tools(enum wire_format f, const struct json_tape *t, uint32_t object)
{
	uint32_t tools = set_member(t, object, "tools");

	if (tools == JSON_ABSENT)
		return true;
	if (!json_is(t, tools, JSON_ARRAY))
		return false;
	for (struct json_iter it = json_iter(t, tools); json_next(&it);)
		if (!runs_at_client(f, t, it.value))
			return false;
	return true;
}

static bool is_gemini_deterministic(const struct json_tape *t, uint32_t object)
{
	uint32_t conf = set_member(t, object, "generationConfig");

	if (conf == JSON_ABSENT)
		conf = set_member(t, object, "generation_config");
	return conf != JSON_ABSENT && is_zero(t, conf, "temperature") &&
	       is_one(t, conf, "candidateCount") && is_one(t, conf, "candidate_count");
}

static bool is_deterministic(enum wire_format f, const struct json_tape *t)
{
	uint32_t object = 0, store = json_member(t, 0, "store");

	if (f == WIRE_GEMINI && json_member(t, 0, "contents") == JSON_ABSENT) {
		object = json_member(t, 0, "request"); /* Code Assist's envelope */
		if (object == JSON_ABSENT)
			return false;
	}
	if (f == WIRE_NONE || keeps_state(t, object) || !are_client_tools(f, t, object))
		return false;
	if (f == WIRE_GEMINI)
		return is_gemini_deterministic(t, object);
	/* Responses are stored unless the client says no. */
	if (f == WIRE_OPENAI_RESPONSES && (store == JSON_ABSENT || !json_is(t, store, JSON_FALSE)))
		return false;
	return is_zero(t, 0, "temperature") && is_one(t, 0, "n");
}

/* ---- the canonical request, as it is hashed ---- */

struct hasher {
	EVP_MD_CTX *md;
	size_t n;
	unsigned char held[4096]; /* many small pieces become few large ones */
};

static bool hasher_flush(struct hasher *h)
{
	bool is_ok = EVP_DigestUpdate(h->md, h->held, h->n) == 1;

	h->n = 0;
	return is_ok;
}

static bool put(struct hasher *h, const void *p, size_t n)
{
	if (n > sizeof h->held - h->n && !hasher_flush(h))
		return false;
	if (n > sizeof h->held)
		return EVP_DigestUpdate(h->md, p, n) == 1;
	if (n)
		memcpy(h->held + h->n, p, n);
	h->n += n;
	return true;
}

/* Each piece says what it is and how long: no two requests read the same. */
static bool put_str(struct hasher *h, char kind, str s)
{
	uint64_t n = s.n;

	return put(h, &kind, 1) && put(h, &n, sizeof n) && put(h, s.p, s.n);
}

static bool put_count(struct hasher *h, char kind, uint64_t n)
{
	return put(h, &kind, 1) && put(h, &n, sizeof n);
}

/* A member of an object or an element of an array. */
struct child {
	str key;
	uint32_t value;
};

/* A container whose children are being written. */
struct level {
	struct child *children;
	uint32_t n, at;
	bool is_object;
	bool is_free; /* inside of what a tool takes or gives: no name means anything there */
};

struct canon {
	const struct json_tape *t;
	struct arena *a;
	struct hasher *h;
	VEC(struct level) open;
};

/* Of the outermost object: who asks, not what. */
static const char *const WHO[] = {
	"metadata", "prompt_cache_key", "safety_identifier", "user", "user_prompt_id"};

/* Members whose value is a tool's input, output or schema when it is an object ("input" of Responses and of
 * embeddings is an array or a string). */
static const char *const FREE[] = {"args", "arguments", "input", "input_schema", "parameters",
	"parametersJsonSchema", "response", "schema"};

static bool is_one_of(str s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(s, names[i]))
			return true;
	return false;
}

static bool is_left_out(const struct canon *c, const struct child *m, bool is_free)
{
	uint32_t type;

	if (!c->open.n) /* children of the root: its level is pushed after this */
		return is_one_of(m->key, WHO, ARRAY_N(WHO)) || str_eq(m->key, STR("cache_control"));
	if (is_free || !str_eq(m->key, STR("cache_control")))
		return false;
	type = json_member(c->t, m->value, "type");
	return json_is(c->t, m->value, JSON_NULL) ||
	       (type != JSON_ABSENT && json_string_is(c->t, type, "ephemeral"));
}

static int cmp_children(const void *a, const void *b)
{
	return str_cmp(((const struct child *)a)->key, ((const struct child *)b)->key);
}

/* False for a key that occurs twice. */
static bool sort_members(struct level *l)
{
	if (l->n > 1)
		qsort(l->children, l->n, sizeof *l->children, cmp_children);
	for (uint32_t i = 1; i < l->n; i++)
		if (str_eq(l->children[i - 1].key, l->children[i].key))
			return false;
	return true;
}

static bool open_container(struct canon *c, uint32_t node, bool is_free)
{
	struct level l = {.is_object = json_is(c->t, node, JSON_OBJECT), .is_free = is_free};

	l.children = arena_array(c->a, struct child, c->t->v[node].n);
	for (struct json_iter it = json_iter(c->t, node); json_next(&it); l.n++) {
		struct child *m = &l.children[l.n];

		m->value = it.value;
		if (l.is_object && !json_string(c->t, it.key, c->a, &m->key))
			return false;
	}
	if (l.is_object) {
		uint32_t n = 0;

		if (!sort_members(&l))
			return false;
		for (uint32_t i = 0; i < l.n; i++)
			if (!is_left_out(c, &l.children[i], is_free))
				l.children[n++] = l.children[i];
		l.n = n;
	}
	*vec_push(&c->open, c->a) = l;
	return put_count(c->h, l.is_object ? '{' : '[', l.n);
}

static bool put_value(struct canon *c, uint32_t node, bool is_free)
{
	str s;

	switch ((enum json_type)c->t->v[node].type) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return open_container(c, node, is_free);
	case JSON_STRING:
		return json_string(c->t, node, c->a, &s) && put_str(c->h, 's', s);
	case JSON_NUMBER:
		return put_str(c->h, 'n', json_text(c->t, node));
	default:
		return put_str(c->h, 'w', json_text(c->t, node)); /* true, false, null */
	}
}

static bool put_body(struct canon *c)
{
	if (!put_value(c, 0, false))
		return false;
	while (c->open.n) {
		struct level *l = &c->open.v[c->open.n - 1];
		struct child *m;
		bool is_free;

		if (l->at == l->n) {
			c->open.n--;
			continue;
		}
		m = &l->children[l->at++];
		is_free = l->is_free || (json_is(c->t, m->value, JSON_OBJECT) &&
						is_one_of(m->key, FREE, ARRAY_N(FREE)));
		if (l->is_object && !put_str(c->h, 'k', m->key))
			return false;
		if (!put_value(c, m->value, is_free)) /* may move *l */
			return false;
	}
	return true;
}

static bool put_scope(struct hasher *h, const struct cache_scope *s)
{
	const str parts[] = {s->upstream, s->path, s->tenant, s->credential, s->anthropic_version,
		s->anthropic_beta, s->openai_organization, s->openai_project, s->accept_encoding};

	for (size_t i = 0; i < ARRAY_N(parts); i++)
		if (!put_str(h, 'h', parts[i]))
			return false;
	return true;
}

/* Apart, because running out of arena memory jumps back here; what is not arena memory is the caller's. */
static bool put_request(
	struct hasher *h, const struct json_tape *body, const struct cache_scope *scope)
{
	struct arena a = ARENA_INIT;
	struct canon c = {.t = body, .a = &a, .h = h};
	bool is_ok;

	if (arena_recover(&a)) {
		arena_release(&a);
		return false;
	}
	is_ok = put_scope(h, scope) && put_body(&c) && hasher_flush(h);
	arena_end_recover(&a);
	arena_release(&a);
	return is_ok;
}

bool response_cache_key_of(enum wire_format f, bool is_embeddings, const struct json_tape *body,
	const struct cache_scope *scope, struct response_cache_key *out)
{
	struct hasher h = {.n = 0};
	bool is_ok;

	if (!json_is(body, 0, JSON_OBJECT) || (!is_embeddings && !is_deterministic(f, body)))
		return false;
	h.md = EVP_MD_CTX_new();
	is_ok = h.md && EVP_DigestInit_ex(h.md, EVP_sha256(), NULL) == 1 &&
		put_request(&h, body, scope) && EVP_DigestFinal_ex(h.md, out->b, NULL) == 1;
	EVP_MD_CTX_free(h.md);
	return is_ok;
}
