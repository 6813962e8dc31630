#include "core/wire/own_tool.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/json/write.h"

/* The outermost object of a request; Code Assist wraps it: {"model","project","request":{...}}. */
static uint32_t root_of(const struct wire_doc *doc)
{
	uint32_t inner;

	if (doc->format != WIRE_GEMINI)
		return 0;
	inner = json_member(&doc->tape, 0, "request");
	return inner != JSON_ABSENT && json_is(&doc->tape, inner, JSON_OBJECT) ? inner : 0;
}

uint32_t own_tool_history(const struct wire_doc *doc)
{
	static const char *const KEYS[WIRE_FORMAT_N] = {
		[WIRE_ANTHROPIC] = "messages",
		[WIRE_OPENAI_CHAT] = "messages",
		[WIRE_OPENAI_RESPONSES] = "input",
		[WIRE_GEMINI] = "contents",
	};

	ASSERT(KEYS[doc->format]);
	return json_member(&doc->tape, root_of(doc), KEYS[doc->format]);
}

/* ---- declarations ---------------------------------------------------------------------------------------- */

static void write_function(
	struct json_writer *w, const struct own_tool *t, const char *schema_key, bool says_type)
{
	if (says_type)
		json_write_c(w, "type", "function");
	json_write_str(w, "name", t->name);
	json_write_str(w, "description", t->description);
	json_write_raw(w, schema_key, t->schema);
}

/* Responses takes a function as strict unless it says otherwise, and a strict one must require all of its
 * parameters: https://platform.openai.com/docs/guides/function-calling#strict-mode */
static void write_one(struct json_writer *w, enum wire_format f, const struct own_tool *t)
{
	json_write_object(w, NULL);
	switch (f) {
	case WIRE_ANTHROPIC:
		write_function(w, t, "input_schema", false);
		break;
	case WIRE_OPENAI_CHAT:
		json_write_c(w, "type", "function");
		json_write_object(w, "function");
		write_function(w, t, "parameters", false);
		json_write_end(w);
		break;
	case WIRE_OPENAI_RESPONSES:
		write_function(w, t, "parameters", true);
		json_write_bool(w, "strict", false);
		break;
	default:
		write_function(w, t, "parameters", false);
	}
	json_write_end(w);
}

void own_tool_write_declaration(
	enum wire_format f, const struct own_tool *tools, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		struct json_writer w;

		if (i)
			buf_add_byte(out, ',');
		json_write_init(&w, out, false);
		write_one(&w, f, &tools[i]);
	}
}

/* The list of tools that the walker has found; nodes stand in the order of the document. */
uint32_t own_tool_list(const struct wire_doc *doc)
{
	const struct json_tape *t = &doc->tape;
	uint32_t lo = 0, hi = t->n;

	if (doc->tools.start == doc->tools.end)
		return JSON_ABSENT;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (t->v[mid].start < doc->tools.start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n && json_is(t, lo, JSON_ARRAY) ? lo : JSON_ABSENT;
}

uint32_t own_tool_declarations(const struct json_tape *t, uint32_t tool)
{
	uint32_t list = json_member(t, tool, "functionDeclarations");

	if (list == JSON_ABSENT)
		list = json_member(t, tool, "function_declarations");
	return list != JSON_ABSENT && json_is(t, list, JSON_ARRAY) ? list : JSON_ABSENT;
}

static uint32_t last_of(const struct json_tape *t, uint32_t array)
{
	uint32_t last = JSON_ABSENT;

	for (struct json_iter it = json_iter(t, array); json_next(&it);)
		last = it.value;
	return last;
}

/* The tool or function that ours stand behind. */
static uint32_t last_tool(const struct wire_doc *doc)
{
	const struct json_tape *t = &doc->tape;
	uint32_t list = own_tool_list(doc), last = JSON_ABSENT;

	if (list == JSON_ABSENT || !doc->tool_n)
		return JSON_ABSENT;
	if (doc->format == WIRE_OPENAI_CHAT && list != json_member(t, 0, "tools"))
		return JSON_ABSENT;
	if (doc->format != WIRE_GEMINI)
		return last_of(t, list);
	for (struct json_iter it = json_iter(t, list); json_next(&it);) {
		uint32_t functions = own_tool_declarations(t, it.value);

		if (functions != JSON_ABSENT && t->v[functions].n)
			last = last_of(t, functions);
	}
	return last;
}

bool own_tool_can_declare(const struct wire_doc *doc)
{
	return last_tool(doc) != JSON_ABSENT;
}

/* Any string of the list counts, wherever the dialect keeps names ({"function":{"name"}}, namespaces,
 * functionDeclarations): one that is no name costs at most that a tool is not declared. */
bool own_tool_is_declared(const struct wire_doc *doc, str name)
{
	const struct json_tape *t = &doc->tape;
	uint32_t list = own_tool_list(doc), end = list == JSON_ABSENT ? 0 : t->v[list].next;

	for (uint32_t i = list; i < end; i++) {
		str text = json_text(t, i);

		if (json_is(t, i, JSON_STRING) && text.n == name.n + 2 &&
			str_eq(str_sub(text, 1, text.n - 1), name))
			return true;
	}
	return false;
}

bool own_tool_place(
	const struct wire_doc *doc, str declarations, struct arena *a, struct patch_edit *out)
{
	uint32_t last = last_tool(doc), at;
	struct buf b;

	if (last == JSON_ABSENT)
		return false;
	at = doc->tape.v[last].end;
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_byte(&b, ',');
	buf_add(&b, declarations);
	*out = (struct patch_edit){{at, at}, buf_str(&b)};
	return !b.err;
}

/* ---- results --------------------------------------------------------------------------------------------- */

static void write_anthropic(struct json_writer *w, const struct own_result *r)
{
	json_write_c(w, "type", "tool_result");
	json_write_str(w, "tool_use_id", r->call.id);
	json_write_str(w, "content", r->text);
	if (r->is_error)
		json_write_bool(w, "is_error", true);
}

static void write_chat(struct json_writer *w, const struct own_result *r)
{
	json_write_c(w, "role", "tool");
	json_write_str(w, "tool_call_id", r->call.id);
	json_write_str(w, "content", r->text);
}

static void write_responses(struct json_writer *w, const struct own_result *r)
{
	json_write_c(w, "type", "function_call_output");
	json_write_str(w, "call_id", r->call.id);
	json_write_str(w, "output", r->text);
}

/* "output" and "error" are the names that the API suggests: https://ai.google.dev/api/caching#FunctionResponse */
static void write_gemini(struct json_writer *w, const struct own_result *r)
{
	json_write_object(w, "functionResponse");
	if (r->call.id.n)
		json_write_str(w, "id", r->call.id);
	json_write_str(w, "name", r->call.name);
	json_write_object(w, "response");
	json_write_str(w, r->is_error ? "error" : "output", r->text);
	json_write_end(w);
	json_write_end(w);
}

static const struct {
	void (*write)(struct json_writer *w, const struct own_result *r);
	const char *head, *tail; /* of the message around the blocks; NULL: each is one by itself */
} RESULTS[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] = {write_anthropic, "{\"role\":\"user\",\"content\":[", "]}"},
	[WIRE_OPENAI_CHAT] = {write_chat, NULL, NULL},
	[WIRE_OPENAI_RESPONSES] = {write_responses, NULL, NULL},
	[WIRE_GEMINI] = {write_gemini, "{\"role\":\"user\",\"parts\":[", "]}"},
};

void own_tool_write_result_blocks(
	enum wire_format f, const struct own_result *results, size_t n, struct buf *out)
{
	ASSERT(RESULTS[f].write);
	for (size_t i = 0; i < n; i++) {
		struct json_writer w;

		if (i)
			buf_add_byte(out, ',');
		json_write_init(&w, out, false);
		json_write_object(&w, NULL);
		RESULTS[f].write(&w, &results[i]);
		json_write_end(&w);
	}
}

void own_tool_write_results(
	enum wire_format f, const struct own_result *results, size_t n, struct buf *out)
{
	if (RESULTS[f].head)
		buf_add_c(out, RESULTS[f].head);
	own_tool_write_result_blocks(f, results, n, out);
	if (RESULTS[f].tail)
		buf_add_c(out, RESULTS[f].tail);
}

/* ---- history --------------------------------------------------------------------------------------------- */

bool own_tool_append(
	const struct wire_doc *doc, str messages, struct arena *a, struct patch_edit *out)
{
	const struct json_tape *t = &doc->tape;
	uint32_t list = own_tool_history(doc), at;
	struct buf b;

	if (list == JSON_ABSENT)
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (json_is(t, list, JSON_ARRAY)) {
		at = t->v[list].n ? t->v[last_of(t, list)].end : t->v[list].start + 1;
		if (t->v[list].n)
			buf_add_byte(&b, ',');
		buf_add(&b, messages);
		*out = (struct patch_edit){{at, at}, buf_str(&b)};
		return !b.err;
	}
	if (doc->format != WIRE_OPENAI_RESPONSES || !json_is(t, list, JSON_STRING))
		return false;
	buf_add_c(&b, "[{\"role\":\"user\",\"content\":");
	buf_add(&b, json_text(t, list));
	buf_add_c(&b, "},");
	buf_add(&b, messages);
	buf_add_byte(&b, ']');
	*out = (struct patch_edit){{t->v[list].start, t->v[list].end}, buf_str(&b)};
	return !b.err;
}
