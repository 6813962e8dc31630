#include "core/translate/say.h"

#include "core/base/mem.h"

/* ---- begin and end ------------------------------------------------------------------------------------------- */

void say_begin(struct translate_answer *ta, str id, str model)
{
	if (ta->is_begun)
		return;
	ta->is_begun = true;
	if (id.n) {
		buf_reset(&ta->id);
		buf_add(&ta->id, id);
	}
	if (!ta->model.n)
		buf_add(&ta->model, model);
	ta->writer->begin(ta);
}

static void close_block(struct translate_answer *ta)
{
	if (!ta->is_open)
		return;
	ta->writer->close(ta);
	ta->is_open = false;
	ta->blocks_n++;
	ta->calls_n += ta->kind == SAY_CALL;
	/* What thoughts before a call are signed with is told with the call, where that is the one place for it. */
	if (ta->kind == SAY_CALL || ta->conf.client != WIRE_OPENAI_CHAT)
		buf_reset(&ta->signature);
	buf_reset(&ta->text);
}

void say_stop(struct translate_answer *ta, enum say_stop stop)
{
	if (stop)
		ta->stop = stop;
}

static void flush_held(struct translate_answer *ta, bool is_last);

void say_end(struct translate_answer *ta)
{
	if (ta->is_over)
		return;
	say_begin(ta, STR(""), STR(""));
	flush_held(ta, true);
	close_block(ta);
	/* Some say "stop" where calls were made. */
	if (ta->has_calls && (ta->stop == STOP_END || ta->stop == STOP_NONE))
		ta->stop = STOP_CALLS;
	if (!ta->stop)
		ta->stop = STOP_END;
	if (!ta->usage)
		ta->usage = usage_reader_finish(ta->usage_reader);
	ta->is_ended = ta->is_over = true;
	ta->writer->end(ta);
}

void say_error(struct translate_answer *ta, int status, str message)
{
	if (ta->is_over)
		return;
	ta->is_over = true;
	ta->writer->error(ta, status, message);
}

/* ---- blocks -------------------------------------------------------------------------------------------------- */

static void open_block(struct translate_answer *ta, enum say_kind kind, uint32_t key)
{
	say_begin(ta, STR(""), STR(""));
	close_block(ta);
	ta->is_open = true;
	ta->is_finished = ta->is_custom = ta->has_shown = false;
	ta->kind = kind;
	ta->key = key;
	ta->json = (struct say_json){0};
	if (kind != SAY_CALL)
		buf_reset(&ta->signature);
}

static void add(struct translate_answer *ta, str inside)
{
	bool keeps = !say_streams(ta) || ta->writer->keeps_text || ta->is_custom ||
		     (ta->kind == SAY_CALL && ta->writer->keeps_calls);

	if (!inside.n)
		return;
	if (keeps)
		buf_add(&ta->text, inside);
	if (!ta->is_custom)
		ta->writer->add(ta, inside);
}

void say_text(struct translate_answer *ta, enum say_kind kind, uint32_t key, str inside)
{
	if (!inside.n)
		return;
	if (!ta->is_open || ta->key != key || ta->kind != kind) {
		if (ta->is_open && ta->kind == SAY_CALL)
			flush_held(ta, true);
		open_block(ta, kind, key);
		ta->writer->open(ta);
	}
	add(ta, inside);
}

void say_signature(struct translate_answer *ta, uint32_t key, enum wire_format whose, str inside)
{
	if (!inside.n)
		return;
	if (!ta->is_open || ta->key != key || ta->kind != SAY_THINKING) {
		open_block(ta, SAY_THINKING, key);
		ta->writer->open(ta);
	}
	buf_reset(&ta->signature);
	buf_add(&ta->signature, form_sign(&ta->event, whose, inside));
}

/* ---- calls --------------------------------------------------------------------------------------------------- */

/* The characters of the JSON that an inside spells: a level of escapes is undone on the way, as far as it matters. */
static void follow_json(struct say_json *j, str inside)
{
	for (size_t i = 0; i < inside.n; i++) {
		char c = inside.p[i];

		if (c == '\\' && i + 1 < inside.n) {
			c = inside.p[++i];
			if (c != '"' && c != '\\')
				c = ' '; /* white space, or a character that says nothing here */
		}
		if (j->is_escaped)
			j->is_escaped = false;
		else if (j->is_in_text) {
			j->is_escaped = c == '\\';
			j->is_in_text = c != '"';
		} else if (c == '"')
			j->is_in_text = true;
		else if (c == '{' || c == '[') {
			j->depth++;
			j->is_begun = true;
		} else if ((c == '}' || c == ']') && j->depth)
			j->depth--;
	}
}

static bool is_whole(const struct say_json *j)
{
	return j->is_begun && !j->depth && !j->is_in_text;
}

/* The client's name for a tool. */
static void set_name(struct translate_answer *ta, str name)
{
	for (size_t i = 0; i < ta->conf.names_n; i++) {
		const struct translate_name *n = &ta->conf.names[i];

		if (!str_eq(n->backend, name))
			continue;
		name = n->client;
		ta->is_custom = n->is_custom;
		break;
	}
	buf_reset(&ta->name);
	buf_add(&ta->name, name);
}

static void open_call(struct translate_answer *ta, uint32_t key, str id, str name)
{
	open_block(ta, SAY_CALL, key);
	ta->has_calls = true;
	buf_reset(&ta->call_id);
	buf_add(&ta->call_id, id);
	if (!id.n)
		buf_printf(&ta->call_id, "call_" STR_FMT "_%u", STR_ARG(ta->id), ta->calls_n);
	set_name(ta, name);
	ta->writer->open(ta);
}

static struct say_held *find_held(struct translate_answer *ta, uint32_t key)
{
	for (size_t i = 0; i < ta->held_n; i++)
		if (ta->held[i].key == key)
			return &ta->held[i];
	return NULL;
}

static void hold_call(struct translate_answer *ta, uint32_t key, str id, str name)
{
	struct say_held *h;

	if (!ta->held) {
		ta->held = mem_zalloc(SAY_HELD_MAX * sizeof *ta->held);
		for (size_t i = 0; ta->held && i < SAY_HELD_MAX; i++) {
			buf_init(&ta->held[i].id, ta->conf.held_max);
			buf_init(&ta->held[i].name, ta->conf.held_max);
			buf_init(&ta->held[i].text, ta->conf.held_max);
		}
	}
	if (!ta->held || ta->held_n == SAY_HELD_MAX) {
		ta->err = ta->held ? E_TOO_BIG : E_NOMEM;
		return;
	}
	h = &ta->held[ta->held_n++];
	h->key = key;
	h->is_done = false;
	buf_reset(&h->id);
	buf_reset(&h->name);
	buf_reset(&h->text);
	buf_add(&h->id, id);
	buf_add(&h->name, name);
}

/* The first of those that wait goes out; and the next one when nothing more comes for it. */
static void flush_held(struct translate_answer *ta, bool is_last)
{
	while (ta->held_n && !ta->err) {
		struct say_held h = ta->held[0];
		size_t n = --ta->held_n;

		if (h.id.err || h.name.err || h.text.err)
			ta->err = E_NOMEM;
		open_call(ta, h.key, buf_str(&h.id), buf_str(&h.name));
		follow_json(&ta->json, buf_str(&h.text));
		add(ta, buf_str(&h.text));
		memmove(&ta->held[0], &ta->held[1], n * sizeof h);
		ta->held[n] = h; /* its memory is used again */
		ta->is_finished = h.is_done;
		if (!is_last && !h.is_done && !(n && is_whole(&ta->json)))
			return;
	}
}

void say_call(struct translate_answer *ta, uint32_t key, str id, str name)
{
	bool is_busy =
		ta->is_open && ta->kind == SAY_CALL && !ta->is_finished && !is_whole(&ta->json);

	if (ta->held_n || is_busy)
		hold_call(ta, key, id, name);
	else
		open_call(ta, key, id, name);
}

void say_arguments(struct translate_answer *ta, uint32_t key, str inside)
{
	struct say_held *h;

	if (ta->is_open && ta->kind == SAY_CALL && ta->key == key) {
		follow_json(&ta->json, inside);
		add(ta, inside);
		if (ta->held_n && is_whole(&ta->json))
			flush_held(ta, false);
		return;
	}
	h = find_held(ta, key);
	if (h)
		buf_add(&h->text, inside);
}

void say_done(struct translate_answer *ta, uint32_t key)
{
	struct say_held *h = find_held(ta, key);

	if (h)
		h->is_done = true;
	if (!ta->is_open || ta->key != key)
		return;
	ta->is_finished = true;
	if (ta->kind == SAY_CALL)
		flush_held(ta, false);
	if (!ta->is_open || ta->key == key)
		close_block(ta);
}

/* ---- for writers --------------------------------------------------------------------------------------------- */

str say_object(struct translate_answer *ta)
{
	str json = str_trim(form_plain(&ta->event, buf_str(&ta->text)));
	struct json_tape t;

	if (!json.n)
		return STR("{}");
	if (json_scan(&ta->event, json, &t, NULL) == E_OK && json_is(&t, 0, JSON_OBJECT))
		return json;
	return arena_printf(
		&ta->event, "{\"INVALID_JSON\":\"" STR_FMT "\"}", STR_ARG(buf_str(&ta->text)));
}

str say_custom_input(struct translate_answer *ta)
{
	str json = say_object(ta);
	struct json_tape t;
	uint32_t v;

	if (json_scan(&ta->event, json, &t, NULL) != E_OK)
		return STR("");
	v = form_member(&t, 0, "input");
	return form_is(&t, v, JSON_STRING) ? form_inside(&t, v) : form_escaped(&ta->event, json);
}

uint64_t say_prompt_tokens(const struct usage *u)
{
	return u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h;
}

/* ---- tables -------------------------------------------------------------------------------------------------- */

/* A word stands for the stop of the first row that has it; a stop is said by the first word of its rows. */
static const struct {
	enum say_stop stop;
	const char *words[WIRE_FORMAT_N];
} STOPS[] = {
	{STOP_END, {NULL, "end_turn", "stop", "completed", "STOP"}},
	{STOP_MAX, {NULL, "max_tokens", "length", "max_output_tokens", "MAX_TOKENS"}},
	{STOP_SEQUENCE, {NULL, "stop_sequence", "stop", "completed", "STOP"}},
	{STOP_CALLS, {NULL, "tool_use", "tool_calls", "completed", "STOP"}},
	{STOP_CALLS, {NULL, NULL, "function_call", NULL, NULL}},
	{STOP_REFUSED, {NULL, "refusal", "content_filter", "content_filter", "SAFETY"}},
	{STOP_REFUSED, {NULL, NULL, NULL, NULL, "RECITATION"}},
	{STOP_REFUSED, {NULL, NULL, NULL, NULL, "PROHIBITED_CONTENT"}},
	{STOP_REFUSED, {NULL, NULL, NULL, NULL, "BLOCKLIST"}},
	{STOP_REFUSED, {NULL, NULL, NULL, NULL, "SPII"}},
	{STOP_PAUSED, {NULL, "pause_turn", "stop", "completed", "STOP"}},
	{STOP_CONTEXT, {NULL, "model_context_window_exceeded", "length", "max_output_tokens",
			       "MAX_TOKENS"}},
	/* Anthropic's word for what Mistral and others call so */
	{STOP_CONTEXT, {NULL, NULL, "model_length", NULL, NULL}},
};

const char *say_stop_name(const struct translate_answer *ta)
{
	size_t i = 0;

	while (i + 1 < ARRAY_N(STOPS) && STOPS[i].stop != ta->stop)
		i++;
	return STOPS[i].words[ta->conf.client];
}

enum say_stop say_stop_parse(enum wire_format f, const struct json_tape *t, uint32_t node)
{
	if (!form_is(t, node, JSON_STRING))
		return STOP_NONE;
	for (size_t i = 0; i < ARRAY_N(STOPS); i++)
		if (STOPS[i].words[f] && form_says(t, node, STOPS[i].words[f]))
			return STOPS[i].stop;
	return STOP_END;
}
