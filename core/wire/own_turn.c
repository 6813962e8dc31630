#include "core/wire/own_turn.h"

#include "core/base/limits.h"
#include "core/wire/own_tool.h"

/* ---- runs ------------------------------------------------------------------------------------------------ */

/* True when all blocks of the message of block i are the assistant's; *end is the block behind them. */
static bool is_assistants(const struct wire_doc *doc, uint32_t i, uint32_t *end)
{
	uint32_t message = doc->blocks[i].message;
	bool is = message != WIRE_NO_MESSAGE;

	for (; i < doc->n && doc->blocks[i].message == message; i++)
		is &= doc->blocks[i].role == WIRE_ASSISTANT;
	*end = i;
	return is;
}

bool own_run_next(const struct wire_doc *doc, uint32_t from, struct own_run *out)
{
	uint32_t i = from, end = from;

	while (i < doc->n && !is_assistants(doc, i, &end))
		i = end;
	if (i >= doc->n)
		return false;
	*out = (struct own_run){.first = i, .message = doc->blocks[i].message};
	/* a message without blocks between two of them ends the run */
	do {
		out->end = end;
		out->message_last = doc->blocks[end - 1].message;
		i = end;
	} while (i < doc->n && doc->blocks[i].message == out->message_last + 1 &&
		 is_assistants(doc, i, &end));
	return true;
}

/* ---- what tells runs apart ------------------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void add_text(
	const struct wire_doc *doc, const struct wire_block *b, struct arena *a, struct buf *texts)
{
	str text = span_str(doc->tape.doc, b->at), plain;

	if (json_unescape(text, a, &plain))
		text = plain;
	for (size_t i = 0; i < text.n; i++)
		if (!is_space(text.p[i]))
			buf_add_byte(texts, text.p[i]);
}

/* A value however it is spelled: types, counts, and texts without their escapes. */
static struct hash128 value_hash(const struct json_tape *t, uint32_t node, struct arena *a)
{
	struct hash128 h = {0, 0};

	for (uint32_t i = node; i < t->v[node].next; i++) {
		uint32_t shape[] = {t->v[i].type, t->v[i].n};
		str text = STR_NULL, plain;

		if (json_is(t, i, JSON_STRING) || json_is(t, i, JSON_NUMBER))
			text = json_text(t, i);
		if (json_is(t, i, JSON_STRING)) {
			shape[1] = 0;
			if (json_string(t, i, a, &plain))
				text = plain;
		}
		h = hash128_chain(h, hash128((str){(const char *)shape, sizeof shape}));
		h = hash128_chain(h, hash128(text));
	}
	return h;
}

/* An id names one call. Gemini has none, or such as its clients make up when they need them. */
static struct hash128 call_hash(
	const struct wire_doc *doc, const struct wire_block *b, struct arena *a)
{
	struct hash128 h = hash128(b->tool);

	if (b->call_id.n && doc->format != WIRE_GEMINI)
		return hash128_chain(h, hash128(b->call_id));
	return hash128_chain(h, value_hash(&doc->tape, b->node, a));
}

bool own_run_hash(
	const struct wire_doc *doc, const struct own_run *run, struct arena *a, struct hash128 *out)
{
	struct hash128 h = {0, 0};
	bool has_calls = false;
	struct buf texts;

	buf_init_arena(&texts, a, LIMIT_INPUT);
	for (uint32_t i = run->first; i < run->end; i++) {
		const struct wire_block *b = &doc->blocks[i];

		if (b->kind == WIRE_TEXT)
			add_text(doc, b, a, &texts);
		else if (b->kind == WIRE_TOOL_CALL)
			h = hash128_chain(h, call_hash(doc, b, a));
		has_calls |= b->kind == WIRE_TOOL_CALL;
	}
	*out = hash128_chain(h, hash128(buf_str(&texts)));
	return has_calls || texts.n;
}

/* The text in brackets, scanned. */
static bool scan_list(str elements, struct arena *a, struct json_tape *t)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_byte(&b, '[');
	buf_add(&b, elements);
	buf_add_byte(&b, ']');
	return !b.err && json_scan(a, buf_str(&b), t, NULL) == E_OK && t->v[0].next == t->n;
}

bool own_messages_walk(enum wire_format f, str messages, struct arena *a, struct wire_doc *out)
{
	struct json_tape t;

	*out = (struct wire_doc){.format = f};
	return scan_list(messages, a, &t) &&
	       wire_walk_piece(a, &t, &(struct wire_piece){.format = f}, out, NULL) == E_OK;
}

bool own_messages_hash(enum wire_format f, str messages, struct arena *a, struct hash128 *out)
{
	struct wire_doc doc;
	struct own_run run = {0};

	return own_messages_walk(f, messages, a, &doc) && own_run_next(&doc, 0, &run) &&
	       run.first == 0 && run.end == doc.n && own_run_hash(&doc, &run, a, out);
}

/* ---- putting back ---------------------------------------------------------------------------------------- */

static uint32_t element(const struct json_tape *t, uint32_t array, uint32_t index)
{
	for (struct json_iter it = json_iter(t, array); json_next(&it);)
		if (index-- == 0)
			return it.value;
	return JSON_ABSENT;
}

/* What the parts of a message stand in. */
static uint32_t parts_of(const struct json_tape *t, uint32_t message, enum wire_format f)
{
	return json_member(t, message, f == WIRE_GEMINI ? "parts" : "content");
}

static bool is_result_part(const struct json_tape *t, uint32_t part, enum wire_format f)
{
	uint32_t type;

	if (f == WIRE_GEMINI)
		return json_member(t, part, "functionResponse") != JSON_ABSENT ||
		       json_member(t, part, "function_response") != JSON_ABSENT;
	type = json_member(t, part, "type");
	return type != JSON_ABSENT && json_string_is(t, type, "tool_result");
}

/* True when the message at block *i holds results alone; *i is then the first block behind it. */
static bool is_result_message(const struct wire_doc *doc, uint32_t *i)
{
	uint32_t message = doc->blocks[*i].message;
	bool is = true;

	for (; *i < doc->n && doc->blocks[*i].message == message; ++*i)
		is &= doc->blocks[*i].role == WIRE_TOOL;
	return is;
}

/* The node behind which results go; JSON_ABSENT when no result of the client's follows the run. */
static uint32_t last_result(const struct wire_doc *doc, const struct own_run *run)
{
	const struct json_tape *t = &doc->tape;
	enum wire_format f = doc->format;
	uint32_t history = own_tool_history(doc), message = run->message_last + 1, i = run->end,
		 last = JSON_ABSENT, node;

	if (f == WIRE_OPENAI_CHAT || f == WIRE_OPENAI_RESPONSES) {
		for (; i < doc->n && doc->blocks[i].message == message; message++) {
			if (!is_result_message(doc, &i))
				break;
			last = message;
		}
		return last == JSON_ABSENT ? last : element(t, history, last);
	}
	node = element(t, history, message);
	if (node == JSON_ABSENT || parts_of(t, node, f) == JSON_ABSENT)
		return JSON_ABSENT;
	for (struct json_iter it = json_iter(t, parts_of(t, node, f)); json_next(&it);)
		if (is_result_part(t, it.value, f))
			last = it.value;
	return last;
}

/* The cache_control that stands last among the parts of a message, or on the message itself. */
static str cache_control_of(const struct json_tape *t, uint32_t message)
{
	uint32_t found = json_member(t, message, "cache_control"), parts, v;

	parts = json_member(t, message, "content");
	if (parts != JSON_ABSENT && json_is(t, parts, JSON_ARRAY)) {
		for (struct json_iter it = json_iter(t, parts); json_next(&it);) {
			v = json_member(t, it.value, "cache_control");
			if (v != JSON_ABSENT)
				found = v;
		}
	}
	if (found == JSON_ABSENT || json_is(t, found, JSON_NULL))
		return STR_NULL;
	return json_text(t, found);
}

/* Providers refuse a cache_control on thoughts and on empty texts:
 * https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching#what-cannot-be-cached */
static bool may_be_marked(const struct json_tape *t, uint32_t part)
{
	uint32_t type = json_member(t, part, "type"), text = json_member(t, part, "text");

	if (type == JSON_ABSENT || json_string_is(t, type, "thinking") ||
		json_string_is(t, type, "redacted_thinking"))
		return false;
	return !json_string_is(t, type, "text") ||
	       (text != JSON_ABSENT && json_text(t, text).n > 2);
}

/* The edit that gives the message a cache_control; false when no part of it may have one. */
static bool mark_message(const struct json_tape *t, uint32_t message, str cache_control,
	struct arena *a, struct patch_edit *out)
{
	uint32_t content = json_member(t, message, "content"), last = JSON_ABSENT, end;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	if (content != JSON_ABSENT && json_is(t, content, JSON_STRING) &&
		json_text(t, content).n > 2) {
		buf_add_c(&b, "[{\"type\":\"text\",\"text\":");
		buf_add(&b, json_text(t, content));
		buf_add_c(&b, ",\"cache_control\":");
		buf_add(&b, cache_control);
		buf_add_c(&b, "}]");
		*out = (struct patch_edit){{t->v[content].start, t->v[content].end}, buf_str(&b)};
		return true;
	}
	if (content != JSON_ABSENT && json_is(t, content, JSON_ARRAY)) {
		for (struct json_iter it = json_iter(t, content); json_next(&it);)
			if (may_be_marked(t, it.value))
				last = it.value;
	}
	if (last == JSON_ABSENT)
		return false;
	end = t->v[last].end - 1;
	buf_add_c(&b, ",\"cache_control\":");
	buf_add(&b, cache_control);
	*out = (struct patch_edit){{end, end}, buf_str(&b)};
	return true;
}

/* The messages with a cache_control on the last one that may have it. */
static str mark_messages(str messages, str cache_control, struct arena *a)
{
	struct patch_edit edit;
	struct json_tape t;
	struct buf b;
	uint32_t n;

	if (!scan_list(messages, a, &t))
		return messages;
	for (n = t.v[0].n; n; n--)
		if (mark_message(&t, element(&t, 0, n - 1), cache_control, a, &edit))
			break;
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (!n || patch_apply(t.doc, &edit, 1, &b) != E_OK)
		return messages;
	return str_sub(buf_str(&b), 1, b.n - 1);
}

bool own_turn_put(const struct wire_doc *doc, const struct own_run *run,
	const struct own_turn *turn, struct arena *a, own_edits *edits)
{
	const struct json_tape *t = &doc->tape;
	uint32_t history = own_tool_history(doc), behind = JSON_ABSENT, first, last;
	str messages = turn->messages, cache_control = STR_NULL, found;
	struct buf results;

	buf_init_arena(&results, a, LIMIT_INPUT);
	if (turn->results.n) {
		behind = last_result(doc, run);
		buf_add_byte(&results, ',');
		buf_add(&results, turn->results);
		if (behind == JSON_ABSENT || results.err)
			return false;
	}
	for (uint32_t i = run->message; i <= run->message_last; i++) {
		found = cache_control_of(t, element(t, history, i));
		if (found.n)
			cache_control = found;
	}
	if (cache_control.n)
		messages = mark_messages(messages, cache_control, a);
	first = element(t, history, run->message);
	last = element(t, history, run->message_last);
	*vec_push(edits, a) = (struct patch_edit){{t->v[first].start, t->v[last].end}, messages};
	if (behind != JSON_ABSENT)
		*vec_push(edits, a) = (struct patch_edit){
			{t->v[behind].end, t->v[behind].end}, buf_str(&results)};
	return true;
}
