#include "core/wire/splice_block.h"

/* Messages of Anthropic's (docs.anthropic.com/en/api/messages, .../build-with-claude/streaming): blocks with an index
 * in a stream, or a list of them. A call of ours is a block "tool_use"; server_tool_use, mcp_tool_use and
 * their results are the provider's. */

enum { NO_INDEX = UINT32_MAX };

struct anthropic {
	uint32_t base;    /* blocks that the client has of the rounds before */
	struct buf id;    /* of the first round's message: a literal with its quotes */
	struct buf shown; /* blocks that the client has of all rounds, separated by commas */
	struct buf last;  /* body of the last round that was no stream */
	/* of the present round */
	struct blocks blocks;
	uint32_t own[SPLICE_CALLS_MAX];  /* indexes of our blocks */
	uint32_t own_n, index_n, call_n; /* call_n: of the client's */
	bool has_end, is_tool_end, is_kept_open, has_error;
};

/* The role and the list of a message. */
static const char MESSAGE[] = "{\"role\":\"assistant\",\"content\":[";

static void release(void *state)
{
	struct anthropic *an = state;

	buf_release(&an->id);
	buf_release(&an->shown);
	buf_release(&an->last);
}

static void begin_round(struct answer_splice *s)
{
	struct anthropic *an = s->state;

	if (!s->round_n) {
		buf_init(&an->id, SSE_NAME_MAX * 4);
		buf_init(&an->shown, s->visible.max);
		buf_init(&an->last, s->conf.held_max);
	}
	an->base += an->index_n - an->own_n;
	an->blocks = (struct blocks){0};
	an->own_n = an->index_n = an->call_n = 0;
	an->has_end = an->is_tool_end = an->is_kept_open = an->has_error = false;
}

/* ---- streams ------------------------------------------------------------------------------------------- */

static uint32_t read_index(const struct splice_event *ev)
{
	uint32_t node = splice_member(&ev->tape, 0, "index");
	uint64_t n;

	return node != JSON_ABSENT && json_u64(&ev->tape, node, &n) && n < NO_INDEX ? (uint32_t)n
										    : NO_INDEX;
}

static bool is_own_index(const struct anthropic *an, uint32_t index)
{
	for (uint32_t i = an->own_n; i-- > 0;)
		if (an->own[i] == index)
			return true;
	return false;
}

/* The index that the client knows a block by. */
static uint32_t client_index(const struct anthropic *an, uint32_t index)
{
	uint32_t before = 0;

	for (uint32_t i = 0; i < an->own_n; i++)
		before += an->own[i] < index;
	return an->base + index - before;
}

/* Passes an event with the client's index of its block. */
static void pass_block(
	struct answer_splice *s, const struct splice_event *ev, uint32_t index, struct buf *out)
{
	struct splice_edits edits = {0};
	uint32_t now = client_index(s->state, index);

	if (now != index)
		splice_replace_u64(s, &edits,
			splice_span(&ev->tape, splice_member(&ev->tape, 0, "index")), now);
	splice_emit(s, ev, &edits, out);
}

static void take_start(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct anthropic *an = s->state;
	const struct json_tape *t = &ev->tape;
	uint32_t node = splice_member(t, 0, "content_block"), type = splice_member(t, node, "type");
	uint32_t index = read_index(ev);
	bool is_call = splice_says(t, type, "tool_use");
	bool is_own = is_call && splice_is_own(s, t, splice_member(t, node, "name"));
	struct block *b;

	if (type == JSON_ABSENT || index == NO_INDEX) {
		s->is_lost = true;
		splice_pass(s, ev, out);
		return;
	}
	if (index >= an->index_n)
		an->index_n = index + 1;
	b = s->is_lost && !is_own ? NULL : block_start(s, &an->blocks, index, t, node);
	if (b) {
		b->is_own = is_own;
		b->is_call = is_call;
	}
	if (!is_own) {
		an->call_n += is_call;
		pass_block(s, ev, index, out);
		return;
	}
	s->is_touched = true;
	if (an->own_n == SPLICE_CALLS_MAX || !b)
		s->err = E_TOO_BIG;
	else
		an->own[an->own_n++] = index;
}

static void take_delta(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct anthropic *an = s->state;
	uint32_t index = read_index(ev), delta = splice_member(&ev->tape, 0, "delta");
	struct block *b = index == NO_INDEX ? NULL : block_find(&an->blocks, index);
	bool is_kept = b && delta != JSON_ABSENT && (b->is_own || !s->is_lost) &&
		       block_delta(s, &an->blocks, b, &ev->tape, delta);

	if (!is_kept) {
		s->is_lost = true;
		if (b && b->is_own) /* what it asks is not whole */
			s->err = E_TOO_BIG;
	}
	if (index == NO_INDEX)
		splice_pass(s, ev, out);
	else if (!is_own_index(an, index))
		pass_block(s, ev, index, out);
}

static void take_stop(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct anthropic *an = s->state;
	uint32_t index = read_index(ev);
	struct block *b = index == NO_INDEX ? NULL : block_find(&an->blocks, index);

	if (b)
		b->is_open = false;
	if (index == NO_INDEX)
		splice_pass(s, ev, out);
	else if (!is_own_index(an, index))
		pass_block(s, ev, index, out);
}

static void take_message(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	uint32_t message = splice_member(&ev->tape, 0, "message");

	if (message != JSON_ABSENT)
		splice_usage_note(&s->usage, &ev->tape, splice_member(&ev->tape, message, "usage"));
	if (!s->round_n)
		splice_pass(s, ev, out);
}

/* What stopped the model; an answer that goes on here keeps that to itself. */
static void take_message_delta(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct anthropic *an = s->state;
	const struct json_tape *t = &ev->tape;
	uint32_t delta = splice_member(t, 0, "delta"), usage = splice_member(t, 0, "usage");
	uint32_t reason =
		delta == JSON_ABSENT ? JSON_ABSENT : splice_member(t, delta, "stop_reason");
	struct splice_edits edits = {0};

	splice_usage_note(&s->usage, t, usage);
	if (reason != JSON_ABSENT && json_is(t, reason, JSON_STRING)) {
		an->has_end = true;
		an->is_tool_end = json_string_is(t, reason, "tool_use");
		an->is_kept_open = an->is_tool_end && an->own_n && !an->call_n;
	}
	if (an->is_kept_open)
		return;
	splice_usage_edit(s, t, usage, &edits);
	splice_emit(s, ev, &edits, out);
}

static void take_message_stop(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct anthropic *an = s->state;

	if (!an->is_kept_open)
		splice_pass(s, ev, out);
}

static void take_error(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct anthropic *an = s->state;

	an->has_error = s->is_over = true;
	splice_pass(s, ev, out);
}

static void take_other(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	uint32_t index = read_index(ev);

	if (index == NO_INDEX)
		splice_pass(s, ev, out);
	else if (!is_own_index(s->state, index))
		pass_block(s, ev, index, out);
}

static const struct splice_taker EVENTS[] = {
	{"content_block_delta", take_delta},
	{"content_block_start", take_start},
	{"content_block_stop", take_stop},
	{"message_start", take_message},
	{"message_delta", take_message_delta},
	{"message_stop", take_message_stop},
	{"error", take_error},
	{NULL, take_other},
};

static void take_event(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	splice_take(s, EVENTS, ev, out);
}

static void write_message(struct buf *out, str blocks)
{
	buf_reset(out);
	buf_add_c(out, MESSAGE);
	buf_add(out, blocks);
	buf_add_c(out, "]}");
}

static void end_message(struct answer_splice *s, str said)
{
	struct anthropic *an = s->state;

	write_message(&s->message, said);
	write_message(&s->visible, buf_str(&an->shown));
	if (s->is_lost || an->shown.err)
		s->is_shown_lost = true;
}

static enum round_end round_end(const struct answer_splice *s)
{
	const struct anthropic *an = s->state;

	if (an->has_error || !an->has_end)
		return ROUND_BROKEN;
	if (!an->own_n || !an->is_tool_end)
		return ROUND_DONE;
	return an->call_n ? ROUND_MIXED : ROUND_CONTINUE;
}

static void note_call(struct answer_splice *s, const struct block *b)
{
	struct json_tape t;

	if (json_scan(&s->event, b->start, &t, NULL) == E_OK)
		splice_call(s, (struct own_call){splice_text(s, &t, splice_member(&t, 0, "id")),
				       splice_text(s, &t, splice_member(&t, 0, "name")),
				       block_arguments(s, b)});
}

/* The stop_reason says that all is there; is_complete would add nothing. */
static enum round_end end_stream(struct answer_splice *s, bool is_complete, struct buf *out)
{
	struct anthropic *an = s->state;
	struct buf said;

	(void)is_complete;
	(void)out;
	buf_init_arena(&said, &s->round, s->message.max);
	for (size_t i = 0; i < an->blocks.n; i++) {
		struct block *b = an->blocks.v[i];

		if (b->is_own)
			note_call(s, b);
		if (!s->is_lost) {
			block_write(s, b, &said);
			if (!b->is_own)
				block_write(s, b, &an->shown);
		}
		arena_reset(&s->event);
	}
	end_message(s, buf_str(&said));
	return round_end(s);
}

static void write_event(struct answer_splice *s, const char *type, str rest, struct buf *out)
{
	struct buf event;

	buf_init_arena(&event, &s->event, SIZE_MAX / 4);
	buf_printf(&event, "event: %s\ndata: {\"type\":\"%s\"", type, type);
	buf_add(&event, rest);
	buf_add_c(&event, "}\n\n");
	splice_write(s, buf_str(&event), out);
}

static void write_index_event(struct answer_splice *s, const char *type, uint32_t index,
	const char *rest, str text, struct buf *out)
{
	struct buf more;

	buf_init_arena(&more, &s->event, SIZE_MAX / 4);
	buf_printf(&more, ",\"index\":%u%s", (unsigned)index, rest);
	if (text.n) {
		buf_add_json_string(&more, text);
		buf_add_byte(&more, '}');
	}
	write_event(s, type, buf_str(&more), out);
}

/* Ends the blocks that a round was in when it broke; false when one is a call of the client's: its input is not
 * whole, so nobody may make it. */
static bool stop_blocks(struct answer_splice *s, struct buf *out)
{
	struct anthropic *an = s->state;

	for (size_t i = 0; i < an->blocks.n; i++) {
		struct block *b = an->blocks.v[i];

		if (!b->is_open || b->is_own)
			continue;
		if (b->is_call)
			return false;
		write_index_event(
			s, "content_block_stop", client_index(an, b->index), "", STR_NULL, out);
	}
	return true;
}

static void write_error(struct answer_splice *s, str note, struct buf *out)
{
	struct buf more;

	buf_init_arena(&more, &s->event, SIZE_MAX / 4);
	buf_add_c(&more, ",\"error\":{\"type\":\"api_error\",\"message\":");
	buf_add_json_string(&more, note);
	buf_add_byte(&more, '}');
	write_event(s, "error", buf_str(&more), out);
}

/* The note as a block that the client has. */
static void show_note(struct answer_splice *s, str note)
{
	struct anthropic *an = s->state;
	struct buf block;

	buf_init_arena(&block, &s->event, SIZE_MAX / 4);
	buf_add_c(&block, "{\"type\":\"text\",\"text\":");
	buf_add_json_string(&block, note);
	buf_add_byte(&block, '}');
	if (note.n)
		splice_join(&an->shown, buf_str(&block));
	write_message(&s->visible, buf_str(&an->shown));
	s->is_shown_lost = s->is_shown_lost || an->shown.err;
}

static void close_stream(struct answer_splice *s, str note, struct buf *out)
{
	struct anthropic *an = s->state;
	uint32_t index = an->base + an->index_n - an->own_n;
	struct buf more;

	if (!stop_blocks(s, out)) {
		write_error(s, note, out);
		return;
	}
	if (note.n) {
		write_index_event(s, "content_block_start", index,
			",\"content_block\":{\"type\":\"text\",\"text\":\"\"}", STR_NULL, out);
		write_index_event(s, "content_block_delta", index,
			",\"delta\":{\"type\":\"text_delta\",\"text\":", note, out);
		write_index_event(s, "content_block_stop", index, "", STR_NULL, out);
	}
	show_note(s, note);
	buf_init_arena(&more, &s->event, SIZE_MAX / 4);
	buf_add_c(&more, ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
			 "\"usage\":");
	splice_usage_write(s, &more);
	write_event(s, "message_delta", buf_str(&more), out);
	write_event(s, "message_stop", STR_NULL, out);
}

/* ---- whole messages ------------------------------------------------------------------------------------ */

/* Looks at the blocks of a message: notes calls, appends what was said and what of it the client gets. */
static void read_blocks(struct answer_splice *s, const struct json_tape *t, uint32_t content,
	bool *is_out, struct buf *said)
{
	struct anthropic *an = s->state;
	size_t i = 0;

	for (struct json_iter it = json_iter(t, content); json_next(&it) && !s->err; i++) {
		uint32_t type = splice_member(t, it.value, "type");
		uint32_t name = splice_member(t, it.value, "name");
		uint32_t input = splice_member(t, it.value, "input");
		bool is_call = splice_says(t, type, "tool_use");

		is_out[i] = is_call && splice_is_own(s, t, name);
		splice_join(said, json_text(t, it.value));
		if (!is_out[i]) {
			an->call_n += is_call;
			splice_join(&an->shown, json_text(t, it.value));
			continue;
		}
		s->is_touched = true;
		an->own_n++;
		splice_call(s,
			(struct own_call){splice_text(s, t, splice_member(t, it.value, "id")),
				splice_text(s, t, name),
				input == JSON_ABSENT ? STR_NULL
						     : arena_str(&s->round, json_text(t, input))});
	}
}

/* The id is that of the first round, and usage the sum. */
static void edit_message(
	struct answer_splice *s, const struct json_tape *t, struct splice_edits *edits)
{
	struct anthropic *an = s->state;
	uint32_t id = splice_member(t, 0, "id");

	if (s->round_n && id != JSON_ABSENT && an->id.n)
		splice_replace(s, edits, splice_span(t, id), buf_str(&an->id));
	splice_usage_edit(s, t, splice_member(t, 0, "usage"), edits);
}

static bool is_message(const struct json_tape *t, uint32_t *content)
{
	*content = splice_member(t, 0, "content");
	return *content != JSON_ABSENT && json_is(t, *content, JSON_ARRAY);
}

static enum round_end pass_body(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	uint32_t type = splice_member(&ev->tape, 0, "type");
	bool is_error = splice_says(&ev->tape, type, "error");

	if (s->round_n)
		return ROUND_BROKEN;
	buf_add(out, ev->raw);
	return is_error ? ROUND_BROKEN : ROUND_DONE;
}

static enum round_end take_body(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct anthropic *an = s->state;
	const struct json_tape *t = &ev->tape;
	struct splice_edits edits = {0};
	uint32_t content, reason = splice_member(t, 0, "stop_reason");
	uint32_t id = splice_member(t, 0, "id");
	str front;
	struct buf said;
	bool *is_out;

	if (!is_message(t, &content))
		return pass_body(s, ev, out);
	if (!s->round_n && id != JSON_ABSENT)
		buf_add(&an->id, json_text(t, id));
	an->has_end = true;
	an->is_tool_end = splice_says(t, reason, "tool_use");
	front = arena_str(&s->event, buf_str(&an->shown));
	is_out = arena_array(&s->event, bool, t->v[content].n + 1);
	buf_init_arena(&said, &s->round, s->message.max);
	splice_usage_note(&s->usage, t, splice_member(t, 0, "usage"));
	read_blocks(s, t, content, is_out, &said);
	end_message(s, buf_str(&said));
	if (round_end(s) == ROUND_CONTINUE) {
		buf_reset(&an->last);
		buf_add(&an->last, ev->data);
		return ROUND_CONTINUE;
	}
	splice_list(s, t, content, is_out, front, &edits);
	edit_message(s, t, &edits);
	splice_emit(s, ev, &edits, out);
	return round_end(s);
}

/* The last message that was whole, with all that the client gets and the note. */
static void close_body(struct answer_splice *s, str note, struct buf *out)
{
	struct anthropic *an = s->state;
	struct splice_event ev = {.raw = buf_str(&an->last), .data = buf_str(&an->last)};
	struct splice_edits edits = {0};
	uint32_t content, reason;
	struct buf blocks;

	if (an->last.err || json_scan(&s->event, ev.data, &ev.tape, NULL) != E_OK ||
		!is_message(&ev.tape, &content)) {
		s->err = an->last.err ? an->last.err : E_INTERNAL;
		return;
	}
	show_note(s, note);
	buf_init_arena(&blocks, &s->event, SIZE_MAX / 4);
	buf_add_byte(&blocks, '[');
	buf_add(&blocks, buf_str(&an->shown));
	buf_add_byte(&blocks, ']');
	splice_replace(s, &edits, splice_span(&ev.tape, content), buf_str(&blocks));
	reason = splice_member(&ev.tape, 0, "stop_reason");
	if (reason != JSON_ABSENT)
		splice_replace(s, &edits, splice_span(&ev.tape, reason), STR("\"end_turn\""));
	edit_message(s, &ev.tape, &edits);
	splice_emit(s, &ev, &edits, out);
}

const struct splice_format splice_anthropic = {
	.state_size = sizeof(struct anthropic),
	.release = release,
	.begin_round = begin_round,
	.event = take_event,
	.end = end_stream,
	.close = close_stream,
	.body = take_body,
	.close_body = close_body,
	.ping = WALK_KEY("event: ping\ndata: {\"type\": \"ping\"}\n\n"),
};
