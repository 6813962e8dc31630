#include "core/wire/splice_responses.h"

/* Of a response; that of a later round has others. */
static const char *const FIRST[RESPONSE_FIRST_N] = {"id", "created_at", "previous_response_id"};
enum { FIRST_ID = 0 };

/* Calls that the provider makes by itself; all others wait for the client, as does MCP_ASK. */
static const char *const HOSTED[] = {"code_interpreter_call", "file_search_call",
	"image_generation_call", "mcp_call", "web_search_call"};
static const char MCP_ASK[] = "mcp_approval_request";

/* A name in a namespace is another tool's. One that is found by a search has its own name for a namespace. */
bool responses_is_own(struct answer_splice *s, const struct json_tape *t, uint32_t item)
{
	uint32_t space = splice_member(t, item, "namespace"), name = splice_member(t, item, "name");

	return splice_says(t, splice_member(t, item, "type"), "function_call") &&
	       splice_is_own(s, t, name) &&
	       (space == JSON_ABSENT || json_is(t, space, JSON_NULL) ||
		       str_eq(json_text(t, space), json_text(t, name)));
}

/* True for a call that the client has to answer. tool_search_call and its like say who executes them. */
static bool is_client_call(const struct json_tape *t, uint32_t item)
{
	uint32_t type = splice_member(t, item, "type");
	str text;

	if (type == JSON_ABSENT || !json_is(t, type, JSON_STRING))
		return false;
	for (size_t i = 0; i < ARRAY_N(HOSTED); i++)
		if (json_string_is(t, type, HOSTED[i]))
			return false;
	text = json_text(t, type);
	return json_string_is(t, type, MCP_ASK) ||
	       (str_ends(text, STR("_call\"")) &&
		       !splice_says(t, splice_member(t, item, "execution"), "server"));
}

void responses_call(struct answer_splice *s, const struct json_tape *t, uint32_t item)
{
	splice_call(s, (struct own_call){splice_text(s, t, splice_member(t, item, "call_id")),
			       splice_text(s, t, splice_member(t, item, "name")),
			       splice_text(s, t, splice_member(t, item, "arguments"))});
}

bool responses_count(struct answer_splice *s, const struct json_tape *t, uint32_t item)
{
	struct responses *r = s->state;
	bool is_own = responses_is_own(s, t, item);

	if (is_own) {
		s->is_touched = true;
		r->own_n++;
	} else {
		r->call_n += is_client_call(t, item);
	}
	return is_own;
}

void responses_note_first(struct responses *r, const struct json_tape *t, uint32_t response)
{
	if (r->has_first || response == JSON_ABSENT)
		return;
	r->has_first = true;
	for (size_t i = 0; i < RESPONSE_FIRST_N; i++) {
		uint32_t node = json_member(t, response, FIRST[i]);

		if (node != JSON_ABSENT)
			buf_add(&r->first[i], json_text(t, node));
	}
}

/* Members that are those of the first round, and usage. */
static void edit_members(struct answer_splice *s, const struct json_tape *t, uint32_t response,
	struct splice_edits *edits)
{
	const struct responses *r = s->state;

	for (size_t i = 0; s->round_n && i < RESPONSE_FIRST_N; i++) {
		uint32_t node = json_member(t, response, FIRST[i]);

		if (node != JSON_ABSENT && r->first[i].n && !r->first[i].err &&
			!(i == FIRST_ID && s->conf.is_chained))
			splice_replace(s, edits, splice_span(t, node), buf_str(&r->first[i]));
	}
	splice_usage_edit(s, t, json_member(t, response, "usage"), edits);
}

/* The list of items without ours, and with those of the rounds before. A list of nothing stands for items that the
 * provider does not say again. */
static void edit_output(struct answer_splice *s, const struct json_tape *t, uint32_t response,
	struct splice_edits *edits)
{
	const struct responses *r = s->state;
	uint32_t output = json_member(t, response, "output");
	bool *is_out;
	size_t i = 0;

	if (output == JSON_ABSENT || !json_is(t, output, JSON_ARRAY) ||
		(!t->v[output].n && r->item_n))
		return;
	is_out = arena_array(&s->event, bool, t->v[output].n + 1);
	for (struct json_iter it = json_iter(t, output); json_next(&it); i++)
		is_out[i] = responses_is_own(s, t, it.value);
	splice_list(s, t, output, is_out, buf_str(&r->shown), edits);
}

void responses_edit(struct answer_splice *s, const struct json_tape *t, uint32_t response,
	struct splice_edits *edits)
{
	if (!s->is_touched)
		return;
	edit_members(s, t, response, edits);
	edit_output(s, t, response, edits);
}

bool responses_is_completed(const struct json_tape *t, uint32_t response)
{
	uint32_t status = splice_member(t, response, "status");

	return status == JSON_ABSENT || json_string_is(t, status, "completed");
}

void responses_keep_last(struct responses *r, str response)
{
	buf_reset(&r->last);
	buf_add(&r->last, response);
}

void responses_show(struct answer_splice *s, str items)
{
	struct responses *r = s->state;

	if (items.n)
		splice_join(&r->shown, items);
	s->is_shown_lost |= r->shown.err != E_OK;
	buf_reset(&s->visible);
	buf_add(&s->visible, buf_str(&r->shown));
}

enum round_end responses_round_end(const struct answer_splice *s)
{
	const struct responses *r = s->state;

	if (r->has_error || !r->has_end)
		return ROUND_BROKEN;
	if (!r->own_n || !r->is_call_end)
		return ROUND_DONE;
	return r->call_n ? ROUND_MIXED : ROUND_CONTINUE;
}

/* ---- an end of our own --------------------------------------------------------------------------------- */

/* Ids of items must begin with "msg", and be others in each answer: clients send them back. */
str responses_note_id(struct answer_splice *s)
{
	const struct responses *r = s->state;
	str id = buf_str(&r->first[FIRST_ID]);

	if (id.n < 2 || r->first[FIRST_ID].err)
		return STR("msg_note");
	id = str_sub(id, 1, id.n - 1);
	(void)str_take(&id, STR("resp_"));
	return arena_printf(&s->event, "msg_" STR_FMT "_note", STR_ARG(id));
}

str responses_note_part(struct answer_splice *s, str note)
{
	struct buf part;

	buf_init_arena(&part, &s->event, SIZE_MAX / 4);
	buf_add_c(&part, "{\"type\":\"output_text\",\"text\":");
	buf_add_json_string(&part, note);
	buf_add_c(&part, ",\"annotations\":[]}");
	return buf_str(&part);
}

str responses_note_item(struct answer_splice *s, const char *status, str parts)
{
	return arena_printf(&s->event,
		"{\"id\":\"" STR_FMT
		"\",\"type\":\"message\",\"status\":\"%s\",\"role\":\"assistant\","
		"\"content\":[" STR_FMT "]}",
		STR_ARG(responses_note_id(s)), status, STR_ARG(parts));
}

str responses_closed(struct answer_splice *s)
{
	struct responses *r = s->state;
	str last = buf_str(&r->last);
	struct splice_edits edits = {0};
	struct json_tape t;
	struct buf list, closed;
	uint32_t output;

	if (r->last.err || r->shown.err || json_scan(&s->event, last, &t, NULL) != E_OK) {
		s->err = r->last.err ? r->last.err : r->shown.err ? r->shown.err : E_INTERNAL;
		return STR_NULL;
	}
	buf_init_arena(&list, &s->event, SIZE_MAX / 4);
	buf_init_arena(&closed, &s->event, SIZE_MAX / 4);
	buf_add_byte(&list, '[');
	buf_add(&list, buf_str(&r->shown));
	buf_add_byte(&list, ']');
	output = json_member(&t, 0, "output");
	if (output != JSON_ABSENT)
		splice_replace(s, &edits, splice_span(&t, output), buf_str(&list));
	edit_members(s, &t, 0, &edits);
	patch_sort(edits.v, edits.n);
	s->err = patch_apply(last, edits.v, edits.n, &closed);
	return buf_str(&closed);
}

str responses_failed(struct answer_splice *s, str note)
{
	const struct responses *r = s->state;
	struct buf text;

	buf_init_arena(&text, &s->event, SIZE_MAX / 4);
	buf_add_c(&text, "{\"object\":\"response\",\"status\":\"failed\"");
	for (size_t i = 0; i < RESPONSE_FIRST_N; i++) {
		if (!r->first[i].n || r->first[i].err)
			continue;
		buf_printf(&text, ",\"%s\":", FIRST[i]);
		buf_add(&text, buf_str(&r->first[i]));
	}
	buf_add_c(&text, ",\"error\":{\"code\":\"server_error\",\"message\":");
	buf_add_json_string(&text, note);
	buf_add_c(&text, "},\"output\":[");
	if (!r->shown.err)
		buf_add(&text, buf_str(&r->shown));
	buf_add_c(&text, "]}");
	return buf_str(&text);
}

/* ---- bodies -------------------------------------------------------------------------------------------- */

/* Notes calls; puts together what was said, and what of it the client gets. */
static void read_output(
	struct answer_splice *s, const struct json_tape *t, uint32_t output, struct buf *theirs)
{
	for (struct json_iter it = json_iter(t, output); json_next(&it) && !s->err;) {
		splice_join(&s->message, json_text(t, it.value));
		if (responses_count(s, t, it.value))
			responses_call(s, t, it.value);
		else
			splice_join(theirs, json_text(t, it.value));
	}
}

static bool has_error(const struct json_tape *t)
{
	uint32_t error = json_member(t, 0, "error");

	return error != JSON_ABSENT && !json_is(t, error, JSON_NULL);
}

static enum round_end pass_body(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	s->is_lost = true;
	if (s->round_n)
		return ROUND_BROKEN;
	s->is_shown_lost = true;
	buf_add(out, ev->raw);
	return has_error(&ev->tape) ? ROUND_BROKEN : ROUND_DONE;
}

enum round_end responses_body(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct responses *r = s->state;
	const struct json_tape *t = &ev->tape;
	uint32_t output = json_member(t, 0, "output");
	struct splice_edits edits = {0};
	struct buf theirs;
	enum round_end end;

	if (output == JSON_ABSENT || !json_is(t, output, JSON_ARRAY) || has_error(t))
		return pass_body(s, ev, out);
	r->has_end = true;
	r->is_call_end = responses_is_completed(t, 0);
	responses_note_first(r, t, 0);
	splice_usage_note(&s->usage, t, json_member(t, 0, "usage"));
	buf_init_arena(&theirs, &s->event, SIZE_MAX / 4);
	read_output(s, t, output, &theirs);
	end = responses_round_end(s);
	if (end == ROUND_CONTINUE) {
		responses_keep_last(r, ev->data);
	} else {
		responses_edit(s, t, 0, &edits);
		splice_emit(s, ev, &edits, out);
	}
	responses_show(s, buf_str(&theirs));
	if (s->is_touched && r->shown.err)
		s->err = r->shown.err;
	return end;
}

void responses_close_body(struct answer_splice *s, str note, struct buf *out)
{
	str closed;

	if (note.n)
		responses_show(
			s, responses_note_item(s, "completed", responses_note_part(s, note)));
	closed = responses_closed(s);
	if (!s->err)
		buf_add(out, closed);
}
