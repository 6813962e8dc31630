#include "core/replay/segments.h"

#include <math.h>

#include "core/base/map.h"
#include "core/base/vec.h"

/* A picture's price has nothing to do with its bytes: Anthropic states about width * height / 750 tokens,
 * and scales what is larger than 1.15 megapixels down. */
enum { IMAGE_TOKENS = 1500 };
/* Encrypted reasoning is billed as the tokens that it holds, some 8 characters of base64 each. */
enum { ENCRYPTED_CHARS_PER_TOKEN = 8 };

struct measure {
	uint64_t tokens;
	enum share share;
};

struct known {
	struct hash128 hash;
	uint32_t tokens; /* as counted */
	enum share share;
};

struct counter {
	struct arena *arena;
	struct map known; /* hash of a segment -> struct known */
	struct token_cache *cache;
	enum token_encoding encoding;
	double scale;
};

struct counter *counter_new(struct arena *a, enum token_encoding e, double scale)
{
	struct counter *c = arena_new(a, struct counter);

	*c = (struct counter){
		.arena = a, .encoding = e, .scale = scale, .cache = token_cache_new()};
	map_init(&c->known, a);
	return c;
}

void counter_set_scale(struct counter *c, double scale)
{
	c->scale = scale;
}

void counter_free(struct counter *c)
{
	token_cache_free(c->cache);
}

struct cutter {
	struct arena *arena;
	const struct json_tape *t;
	struct counter *counter;
	VEC(struct cache_segment) v;
	VEC(unsigned char) share;
	uint32_t user_end[2];
};

/* ---- tokens ------------------------------------------------------------------------------------ */

static uint64_t count_value(struct cutter *c, uint32_t node)
{
	str s;

	if (node == JSON_ABSENT || json_is(c->t, node, JSON_NULL))
		return 0;
	if (!json_string(c->t, node, c->arena, &s))
		s = json_text(c->t, node);
	return token_count(c->counter->encoding, s, c->counter->cache);
}

static uint64_t count_member(struct cutter *c, uint32_t object, const char *key)
{
	return count_value(c, json_member(c->t, object, key));
}

/* A content: a string, or a list of parts that are texts or pictures. */
static uint64_t count_content(struct cutter *c, uint32_t node)
{
	uint64_t n = 0;

	if (node == JSON_ABSENT || !json_is(c->t, node, JSON_ARRAY))
		return count_value(c, node);
	for (struct json_iter it = json_iter(c->t, node); json_next(&it);) {
		uint32_t text = json_member(c->t, it.value, "text");

		n += text == JSON_ABSENT ? IMAGE_TOKENS : count_value(c, text);
	}
	return n;
}

static bool has_type(struct cutter *c, uint32_t object, const char *type)
{
	uint32_t v = json_member(c->t, object, "type");

	return v != JSON_ABSENT && json_string_is(c->t, v, type);
}

typedef struct measure (*measure_fn)(struct cutter *c, uint32_t node);

static struct measure measure_tools(struct cutter *c, uint32_t node)
{
	return (struct measure){count_value(c, node), SHARE_SYSTEM};
}

/* A text, or a block with one, of the system prompt. */
static struct measure measure_system(struct cutter *c, uint32_t node)
{
	uint32_t text = json_member(c->t, node, "text");

	return (struct measure){count_value(c, text == JSON_ABSENT ? node : text), SHARE_SYSTEM};
}

static struct measure measure_string(struct cutter *c, uint32_t node)
{
	return (struct measure){count_value(c, node), SHARE_TEXT};
}

/* A block of an Anthropic message. */
static struct measure measure_block(struct cutter *c, uint32_t block)
{
	if (has_type(c, block, "tool_use"))
		return (struct measure){
			count_member(c, block, "name") + count_member(c, block, "input"),
			SHARE_CALL};
	if (has_type(c, block, "tool_result"))
		return (struct measure){
			count_content(c, json_member(c->t, block, "content")), SHARE_RESULT};
	if (has_type(c, block, "image") || has_type(c, block, "document"))
		return (struct measure){IMAGE_TOKENS, SHARE_TEXT};
	return (struct measure){
		count_member(c, block, has_type(c, block, "thinking") ? "thinking" : "text"),
		SHARE_TEXT};
}

/* An OpenAI Chat message without its calls. */
static struct measure measure_message(struct cutter *c, uint32_t message)
{
	uint32_t role = json_member(c->t, message, "role");
	struct measure m = {count_content(c, json_member(c->t, message, "content")) +
				    count_member(c, message, "reasoning_content"),
		SHARE_TEXT};

	if (role != JSON_ABSENT && json_string_is(c->t, role, "tool"))
		m.share = SHARE_RESULT;
	else if (role != JSON_ABSENT && json_string_is(c->t, role, "system"))
		m.share = SHARE_SYSTEM;
	return m;
}

static struct measure measure_call(struct cutter *c, uint32_t call)
{
	uint32_t function = json_member(c->t, call, "function");

	if (function == JSON_ABSENT)
		return (struct measure){count_value(c, call), SHARE_CALL};
	return (struct measure){
		count_member(c, function, "name") + count_member(c, function, "arguments"),
		SHARE_CALL};
}

/* A part of a Gemini content. */
static struct measure measure_part(struct cutter *c, uint32_t part)
{
	uint32_t call = json_member(c->t, part, "functionCall");
	uint32_t answer = json_member(c->t, part, "functionResponse");

	if (call != JSON_ABSENT)
		return (struct measure){
			count_member(c, call, "name") + count_member(c, call, "args"), SHARE_CALL};
	if (answer != JSON_ABSENT)
		return (struct measure){count_member(c, answer, "response"), SHARE_RESULT};
	if (json_member(c->t, part, "text") == JSON_ABSENT)
		return (struct measure){IMAGE_TOKENS, SHARE_TEXT};
	return (struct measure){count_member(c, part, "text"), SHARE_TEXT};
}

/* An item of an OpenAI Responses input. */
static struct measure measure_item(struct cutter *c, uint32_t item)
{
	uint32_t encrypted = json_member(c->t, item, "encrypted_content");
	uint32_t output = json_member(c->t, item, "output");

	if (output != JSON_ABSENT)
		return (struct measure){count_content(c, output), SHARE_RESULT};
	if (json_member(c->t, item, "call_id") != JSON_ABSENT)
		return (struct measure){count_member(c, item, "name") +
						count_member(c, item, "arguments") +
						count_member(c, item, "input"),
			SHARE_CALL};
	return (struct measure){
		count_content(c, json_member(c->t, item, "content")) +
			count_content(c, json_member(c->t, item, "summary")) +
			(encrypted == JSON_ABSENT
					? 0
					: json_text(c->t, encrypted).n / ENCRYPTED_CHARS_PER_TOKEN),
		SHARE_TEXT};
}

/* ---- hashes ------------------------------------------------------------------------------------ */

static struct hash128 add_text(struct hash128 h, str text)
{
	return hash128_chain(h, hash128(text));
}

/* All members but cache_control and the one named by except (may be NULL); bytes of anything else. */
static struct hash128 add_value(
	struct hash128 h, const struct json_tape *t, uint32_t node, const char *except)
{
	if (!json_is(t, node, JSON_OBJECT))
		return add_text(h, json_text(t, node));
	for (struct json_iter it = json_iter(t, node); json_next(&it);) {
		if (json_string_is(t, it.key, "cache_control") ||
			(except && json_string_is(t, it.key, except)))
			continue;
		h = add_text(add_text(h, json_text(t, it.key)), json_text(t, it.value));
	}
	return h;
}

/* A string content is short for one text block: both get the same hash. */
static struct hash128 add_string_block(struct hash128 h, const struct json_tape *t, uint32_t node)
{
	h = add_text(add_text(h, STR("\"type\"")), STR("\"text\""));
	return add_text(add_text(h, STR("\"text\"")), json_text(t, node));
}

/* ---- cutting ----------------------------------------------------------------------------------- */

static const struct known *know(
	struct cutter *c, struct hash128 hash, uint32_t node, measure_fn measure)
{
	struct known *k = map_find(&c->counter->known, (str){(const char *)&hash, sizeof hash});
	struct measure m;

	if (k)
		return k;
	m = measure(c, node);
	k = arena_new(c->counter->arena, struct known);
	*k = (struct known){hash, (uint32_t)m.tokens, m.share};
	*map_at(&c->counter->known, (str){(const char *)&k->hash, sizeof k->hash}) = k;
	return k;
}

static void push(struct cutter *c, struct hash128 hash, uint32_t node, measure_fn measure)
{
	const struct known *k = know(c, hash, node, measure);
	uint32_t cache_control = json_member(c->t, node, "cache_control");
	struct cache_segment *s = vec_push(&c->v, c->arena);

	*s = (struct cache_segment){
		.hash = hash, .tokens = (uint32_t)lround(k->tokens * c->counter->scale)};
	*vec_push(&c->share, c->arena) = (unsigned char)k->share;
	if (cache_control != JSON_ABSENT) {
		uint32_t ttl = json_member(c->t, cache_control, "ttl");

		s->has_breakpoint = true;
		s->ttl =
			ttl != JSON_ABSENT && json_string_is(c->t, ttl, "1h") ? CACHE_1H : CACHE_5M;
	}
}

/* The elements of a list, or the value itself, each as a segment. */
static void cut_list(struct cutter *c, uint32_t node, measure_fn measure)
{
	if (node == JSON_ABSENT)
		return;
	if (!json_is(c->t, node, JSON_ARRAY)) {
		push(c, hash128(json_text(c->t, node)), node, measure);
		return;
	}
	for (struct json_iter it = json_iter(c->t, node); json_next(&it);)
		push(c, add_value(hash128(STR("element")), c->t, it.value, NULL), it.value,
			measure);
}

static void cut_anthropic_message(struct cutter *c, uint32_t message)
{
	uint32_t content = json_member(c->t, message, "content");
	struct hash128 header = add_value(hash128(STR("message")), c->t, message, "content");

	if (content == JSON_ABSENT)
		return;
	if (!json_is(c->t, content, JSON_ARRAY)) {
		push(c, add_string_block(header, c->t, content), content, measure_string);
		return;
	}
	for (struct json_iter it = json_iter(c->t, content); json_next(&it);)
		push(c, add_value(header, c->t, it.value, NULL), it.value, measure_block);
}

static void cut_chat_message(struct cutter *c, uint32_t message)
{
	uint32_t calls = json_member(c->t, message, "tool_calls");

	push(c, add_value(hash128(STR("message")), c->t, message, "tool_calls"), message,
		measure_message);
	if (calls == JSON_ABSENT)
		return;
	for (struct json_iter it = json_iter(c->t, calls); json_next(&it);)
		push(c, add_value(hash128(STR("call")), c->t, it.value, NULL), it.value,
			measure_call);
}

static void cut_gemini_content(struct cutter *c, uint32_t content, measure_fn measure)
{
	uint32_t parts = json_member(c->t, content, "parts");
	struct hash128 header = add_value(hash128(STR("content")), c->t, content, "parts");

	if (parts == JSON_ABSENT)
		return;
	if (!json_is(c->t, parts, JSON_ARRAY)) {
		push(c, add_value(header, c->t, parts, NULL), parts, measure);
		return;
	}
	for (struct json_iter it = json_iter(c->t, parts); json_next(&it);)
		push(c, add_value(header, c->t, it.value, NULL), it.value, measure);
}

/* ---- bodies ------------------------------------------------------------------------------------- */

static void cut_message(struct cutter *c, uint32_t message, enum wire_format f)
{
	uint32_t role = json_member(c->t, message, "role");

	switch (f) {
	case WIRE_ANTHROPIC:
		cut_anthropic_message(c, message);
		break;
	case WIRE_OPENAI_CHAT:
		cut_chat_message(c, message);
		break;
	case WIRE_GEMINI:
		cut_gemini_content(c, message, measure_part);
		break;
	default:
		push(c, add_value(hash128(STR("element")), c->t, message, NULL), message,
			measure_item);
	}
	if (c->v.n && role != JSON_ABSENT && json_string_is(c->t, role, "user")) {
		c->user_end[1] = c->user_end[0];
		c->user_end[0] = (uint32_t)c->v.n - 1;
	}
}

/* Members of a body: the system prompt and the list of messages, by format. */
static const struct members {
	const char *system, *list;
} members[WIRE_FORMAT_N] = {
	[WIRE_NONE] = {"system", "messages"},
	[WIRE_ANTHROPIC] = {"system", "messages"},
	[WIRE_OPENAI_CHAT] = {"system", "messages"},
	[WIRE_OPENAI_RESPONSES] = {"instructions", "input"},
	[WIRE_GEMINI] = {"systemInstruction", "contents"},
};

static void cut_system(struct cutter *c, enum wire_format f)
{
	uint32_t node = json_member(c->t, 0, members[f].system);

	if (f == WIRE_GEMINI && node == JSON_ABSENT)
		node = json_member(c->t, 0, "system_instruction");
	if (f == WIRE_GEMINI && node != JSON_ABSENT && json_is(c->t, node, JSON_OBJECT))
		cut_gemini_content(c, node, measure_system);
	else
		cut_list(c, node, measure_system);
}

static void cut_body(struct cutter *c, enum wire_format f)
{
	uint32_t tools = json_member(c->t, 0, "tools");
	uint32_t list = json_member(c->t, 0, members[f].list);

	if (tools != JSON_ABSENT)
		push(c, hash128(json_text(c->t, tools)), tools, measure_tools);
	cut_system(c, f);
	if (!json_is(c->t, list, JSON_ARRAY)) {
		push(c, hash128(json_text(c->t, list)), list, measure_string);
		return;
	}
	for (struct json_iter it = json_iter(c->t, list); json_next(&it);)
		cut_message(c, it.value, f);
}

enum err segments_cut(struct arena *a, enum wire_format f, str body, struct counter *counter,
	struct segments *out, struct errctx *cx)
{
	struct json_tape t;
	struct cutter c = {
		.arena = a, .t = &t, .counter = counter, .user_end = {SEGMENT_NONE, SEGMENT_NONE}};

	TRY(json_scan(a, body, &t, cx));
	if (!json_is(&t, 0, JSON_OBJECT) || json_member(&t, 0, members[f].list) == JSON_ABSENT)
		FAIL(cx, E_MALFORMED, "the body has no %s", members[f].list);
	cut_body(&c, f);
	*out = (struct segments){.v = c.v.v,
		.share = c.share.v,
		.n = (uint32_t)c.v.n,
		.has_tools = json_member(&t, 0, "tools") != JSON_ABSENT,
		.user_end = {c.user_end[0], c.user_end[1]}};
	for (uint32_t i = 0; i < out->n; i++) {
		out->tokens += out->v[i].tokens;
		out->share_tokens[out->share[i]] += out->v[i].tokens;
		out->has_breakpoint |= out->v[i].has_breakpoint;
		if (out->system_n == i && out->share[i] == SHARE_SYSTEM)
			out->system_n++;
	}
	return E_OK;
}

void segments_mark(struct segments *s)
{
	if (s->n && s->share[0] == SHARE_SYSTEM)
		s->v[0].has_breakpoint = true;
	if (s->system_n)
		s->v[s->system_n - 1].has_breakpoint = true;
	for (size_t i = 0; i < ARRAY_N(s->user_end); i++)
		if (s->user_end[i] != SEGMENT_NONE)
			s->v[s->user_end[i]].has_breakpoint = true;
	s->has_breakpoint = true;
}
