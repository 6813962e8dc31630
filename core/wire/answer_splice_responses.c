#include "core/wire/splice_responses.h"

/* OpenAI Responses (platform.openai.com/docs/api-reference/responses, .../responses-streaming): output items with an
 * index, each whole in its response.output_item.done, and all of them once more in the response that ends a
 * stream. A call of ours is an item "function_call" without a namespace. */

enum { NO_INDEX = UINT32_MAX };

static void release(void *state)
{
	struct responses *r = state;

	for (size_t i = 0; i < RESPONSE_FIRST_N; i++)
		buf_release(&r->first[i]);
	buf_release(&r->shown);
	buf_release(&r->last);
}

static void begin_round(struct answer_splice *s)
{
	struct responses *r = s->state;

	if (!s->round_n) {
		for (size_t i = 0; i < RESPONSE_FIRST_N; i++)
			buf_init(&r->first[i], SSE_NAME_MAX * 8);
		buf_init(&r->shown, s->visible.max);
		buf_init(&r->last, s->conf.held_max);
	}
	r->base += r->index_n - (uint32_t)r->own_n;
	r->items = NULL;
	r->item_n = r->item_cap = r->own_n = r->call_n = 0;
	r->index_n = 0;
	r->room = s->conf.held_max;
	r->has_end = r->is_call_end = r->has_error = false;
}

/* ---- streams ------------------------------------------------------------------------------------------- */

static uint32_t index_node(const struct json_tape *t, uint64_t *index)
{
	uint32_t node = json_member(t, 0, "output_index");

	if (node == JSON_ABSENT || !json_u64(t, node, index) || *index >= NO_INDEX)
		return JSON_ABSENT;
	return node;
}

static uint32_t read_index(const struct json_tape *t)
{
	uint64_t index;

	return index_node(t, &index) == JSON_ABSENT ? NO_INDEX : (uint32_t)index;
}

static str id_text(const struct json_tape *t, uint32_t id)
{
	return id != JSON_ABSENT && json_is(t, id, JSON_STRING) ? json_text(t, id) : STR_NULL;
}

static str item_id(const struct json_tape *t, uint32_t item)
{
	return id_text(t, splice_member(t, item, "id"));
}

/* By the index, where both are known. */
static struct response_item *find_at(const struct responses *r, uint32_t index, str id)
{
	for (size_t i = r->item_n; i-- > 0;) {
		struct response_item *item = r->items[i];
		bool has_indexes = index != NO_INDEX && item->index != NO_INDEX;

		if (has_indexes ? item->index == index : id.n && str_eq(item->id, id))
			return item;
	}
	return NULL;
}

/* The item that an event is about; NULL when it is about none, or about one that is not known. */
static struct response_item *find_item(const struct responses *r, const struct json_tape *t)
{
	uint32_t item = json_member(t, 0, "item");

	return find_at(r, read_index(t),
		item == JSON_ABSENT ? id_text(t, json_member(t, 0, "item_id")) : item_id(t, item));
}

static struct response_item *add_item(
	struct answer_splice *s, const struct json_tape *t, uint32_t node, uint32_t index)
{
	struct responses *r = s->state;
	struct {
		struct response_item **v;
		size_t n, cap;
	} list = {r->items, r->item_n, r->item_cap};
	struct response_item *item;

	if (r->item_n == SPLICE_BLOCKS_MAX) {
		s->is_lost = true;
		if (responses_is_own(s, t, node))
			s->err = E_TOO_BIG;
		return NULL;
	}
	item = arena_new(&s->round, struct response_item);
	item->is_own = responses_count(s, t, node);
	item->index = index;
	item->id = arena_str(&s->round, item_id(t, node));
	if (item->index == NO_INDEX)
		r->index_n++;
	else if (item->index >= r->index_n)
		r->index_n = item->index + 1;
	*vec_push(&list, &s->round) = item;
	r->items = list.v;
	r->item_n = list.n;
	r->item_cap = list.cap;
	return item;
}

static uint64_t client_index(const struct responses *r, uint64_t index)
{
	uint64_t before = 0;

	for (size_t i = 0; i < r->item_n; i++)
		before += r->items[i]->is_own && r->items[i]->index < index;
	return r->base + index - before;
}

/* The number of the next event that the client gets. */
static uint64_t next_sequence(struct responses *r)
{
	r->sequence += r->has_sequence;
	r->has_sequence = true;
	return r->sequence;
}

/* Passes an event with the client's numbers, and more edits. */
static void pass_numbered(struct answer_splice *s, const struct splice_event *ev,
	struct splice_edits *edits, struct buf *out)
{
	struct responses *r = s->state;
	const struct json_tape *t = &ev->tape;
	uint32_t number = json_member(t, 0, "sequence_number"), node;
	uint64_t was, now;

	if (number != JSON_ABSENT && json_u64(t, number, &was)) {
		now = s->is_touched ? next_sequence(r) : was;
		if (now != was)
			splice_replace_u64(s, edits, splice_span(t, number), now);
		r->sequence = now;
		r->has_sequence = true;
	}
	node = index_node(t, &was);
	if (node != JSON_ABSENT && s->is_touched && client_index(r, was) != was)
		splice_replace_u64(s, edits, splice_span(t, node), client_index(r, was));
	splice_emit(s, ev, edits, out);
}

static void pass(struct answer_splice *s, const struct splice_event *ev, struct buf *out)
{
	pass_numbered(s, ev, &(struct splice_edits){0}, out);
}

static void take_added(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	uint32_t node = json_member(&ev->tape, 0, "item");
	struct response_item *item = NULL;

	if (node != JSON_ABSENT)
		item = add_item(s, &ev->tape, node, read_index(&ev->tape));

	if (!s->err && (!item || !item->is_own))
		pass(s, ev, out);
}

/* True when an item has begun and not ended; ours count when they are asked for. */
static bool is_in_item(const struct responses *r, bool also_own)
{
	for (size_t i = 0; i < r->item_n; i++)
		if ((also_own || !r->items[i]->is_own) && !r->items[i]->text.n)
			return true;
	return false;
}

/* The whole of an item. */
static void fill_item(struct answer_splice *s, const struct json_tape *t, uint32_t node,
	struct response_item *item)
{
	struct responses *r = s->state;
	str text = json_text(t, node);

	if (text.n > r->room) {
		s->is_lost = true;
		s->err = item->is_own ? E_TOO_BIG : s->err;
		return;
	}
	r->room -= text.n;
	item->text = arena_str(&s->round, text);
	if (item->is_own)
		responses_call(s, t, node);
}

/* Some tell of an item only when it is done. */
static void take_done(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	const struct json_tape *t = &ev->tape;
	uint32_t node = json_member(t, 0, "item");
	struct response_item *item = find_item(s->state, t);

	if (!item && node != JSON_ABSENT)
		item = add_item(s, t, node, read_index(t));
	if (item && node != JSON_ABSENT && !item->text.n)
		fill_item(s, t, node, item);
	if (!s->err && (!item || !item->is_own))
		pass(s, ev, out);
}

/* ... and some only in the response at the end. */
static void fill_items(struct answer_splice *s, const struct json_tape *t, uint32_t response)
{
	const struct responses *r = s->state;
	uint32_t output = json_member(t, response, "output"), index = 0;

	if (output == JSON_ABSENT || !json_is(t, output, JSON_ARRAY) ||
		(r->item_n && !is_in_item(r, true)))
		return;
	for (struct json_iter it = json_iter(t, output); json_next(&it) && !s->err; index++) {
		struct response_item *item = find_at(r, index, item_id(t, it.value));

		if (!item)
			item = add_item(s, t, it.value, index);
		if (item && !item->text.n)
			fill_item(s, t, it.value, item);
	}
}

/* The beginning of a response, of which the client gets the first round's alone. */
static void take_begin(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	responses_note_first(s->state, &ev->tape, json_member(&ev->tape, 0, "response"));
	if (!s->round_n)
		pass(s, ev, out);
}

/* The end of a response: completed, or incomplete (cut by a limit or a filter). */
static void take_end(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct responses *r = s->state;
	const struct json_tape *t = &ev->tape;
	uint32_t response = json_member(t, 0, "response");
	struct splice_edits edits = {0};

	if (response == JSON_ABSENT) {
		r->has_end = true;
		pass(s, ev, out);
		return;
	}
	splice_usage_note(&s->usage, t, json_member(t, response, "usage"));
	r->has_end = true;
	fill_items(s, t, response);
	/* A call that was never told whole is none. */
	r->is_call_end = json_string_is(t, json_member(t, 0, "type"), "response.completed") &&
			 responses_is_completed(t, response) && s->call_n == r->own_n;
	if (s->err)
		return;
	if (responses_round_end(s) == ROUND_CONTINUE) {
		responses_keep_last(r, json_text(t, response));
		return;
	}
	responses_edit(s, t, response, &edits);
	pass_numbered(s, ev, &edits, out);
}

static void take_failed(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct responses *r = s->state;
	uint32_t response = json_member(&ev->tape, 0, "response");
	struct splice_edits edits = {0};

	r->has_error = s->is_over = true;
	if (response != JSON_ABSENT)
		responses_edit(s, &ev->tape, response, &edits);
	pass_numbered(s, ev, &edits, out);
}

static void take_other(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	const struct response_item *item = find_item(s->state, &ev->tape);

	if (!item || !item->is_own)
		pass(s, ev, out);
}

static const struct splice_taker EVENTS[] = {
	{"response.output_item.added", take_added},
	{"response.output_item.done", take_done},
	{"response.created", take_begin},
	{"response.queued", take_begin},
	{"response.in_progress", take_begin},
	{"response.completed", take_end},
	{"response.incomplete", take_end},
	{"response.failed", take_failed},
	{"error", take_failed},
	{NULL, take_other},
};

static void take_event(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	splice_take(s, EVENTS, ev, out);
}

/* What the round said and what the client has; whole items alone. */
static void end_items(struct answer_splice *s)
{
	const struct responses *r = s->state;
	struct buf shown;

	buf_init_arena(&shown, &s->event, SIZE_MAX / 4);
	for (size_t i = 0; i < r->item_n && !s->is_lost; i++) {
		const struct response_item *item = r->items[i];

		if (!item->text.n)
			continue;
		splice_join(&s->message, item->text);
		if (!item->is_own)
			splice_join(&shown, item->text);
	}
	s->is_shown_lost |= s->is_lost;
	responses_show(s, buf_str(&shown));
}

static enum round_end end_stream(struct answer_splice *s, bool is_complete, struct buf *out)
{
	(void)is_complete; /* that all is there is what the answer itself says */
	(void)out;
	end_items(s);
	return responses_round_end(s);
}

/* ---- an end of our own --------------------------------------------------------------------------------- */

static void write_event(struct answer_splice *s, const char *type, str members, struct buf *out)
{
	struct responses *r = s->state;
	struct buf event;

	buf_init_arena(&event, &s->event, SIZE_MAX / 4);
	buf_printf(&event, "event: %s\ndata: {\"type\":\"%s\",\"sequence_number\":", type, type);
	buf_add_u64(&event, next_sequence(r));
	buf_add(&event, members);
	buf_add_c(&event, "}\n\n");
	splice_write(s, buf_str(&event), out);
}

/* A message item that says note, with all its events. */
static void write_note(struct answer_splice *s, str item, str note, struct buf *out)
{
	const struct responses *r = s->state;
	struct arena *a = &s->event;
	unsigned index = r->base + r->index_n - (uint32_t)r->own_n;
	str begun = responses_note_item(s, "in_progress", STR_NULL);
	str place = arena_printf(a, ",\"output_index\":%u", index);
	str at = arena_printf(a, ",\"item_id\":\"" STR_FMT "\"" STR_FMT ",\"content_index\":0",
		STR_ARG(responses_note_id(s)), STR_ARG(place));
	str part = responses_note_part(s, note), no_part = responses_note_part(s, STR_NULL);
	struct buf text;

	buf_init_arena(&text, a, SIZE_MAX / 4);
	buf_add_json_string(&text, note);
	write_event(s, "response.output_item.added",
		arena_printf(a, STR_FMT ",\"item\":" STR_FMT, STR_ARG(place), STR_ARG(begun)), out);
	write_event(s, "response.content_part.added",
		arena_printf(a, STR_FMT ",\"part\":" STR_FMT, STR_ARG(at), STR_ARG(no_part)), out);
	write_event(s, "response.output_text.delta",
		arena_printf(
			a, STR_FMT ",\"delta\":" STR_FMT, STR_ARG(at), STR_ARG(buf_str(&text))),
		out);
	write_event(s, "response.output_text.done",
		arena_printf(a, STR_FMT ",\"text\":" STR_FMT, STR_ARG(at), STR_ARG(buf_str(&text))),
		out);
	write_event(s, "response.content_part.done",
		arena_printf(a, STR_FMT ",\"part\":" STR_FMT, STR_ARG(at), STR_ARG(part)), out);
	write_event(s, "response.output_item.done",
		arena_printf(a, STR_FMT ",\"item\":" STR_FMT, STR_ARG(place), STR_ARG(item)), out);
}

static void write_response(struct answer_splice *s, const char *type, str response, struct buf *out)
{
	if (!s->err)
		write_event(s, type,
			arena_printf(&s->event, ",\"response\":" STR_FMT, STR_ARG(response)), out);
}

/* An item that the round was in when it broke is not whole: then the answer has failed. */
static void close_stream(struct answer_splice *s, str note, struct buf *out)
{
	str item;

	if (is_in_item(s->state, false)) {
		write_response(s, "response.failed", responses_failed(s, note), out);
		return;
	}
	if (note.n) {
		item = responses_note_item(s, "completed", responses_note_part(s, note));
		write_note(s, item, note, out);
		responses_show(s, item);
	}
	write_response(s, "response.completed", responses_closed(s), out);
}

const struct splice_format splice_responses = {
	.state_size = sizeof(struct responses),
	.release = release,
	.begin_round = begin_round,
	.event = take_event,
	.end = end_stream,
	.close = close_stream,
	.body = responses_body,
	.close_body = responses_close_body,
	.ping = WALK_KEY(": keep-alive\n\n"),
};
