#include "core/wire/splice.h"

/* Answers of Gemini (ai.google.dev/api/generate-content): chunks of one shape, in server-sent events, as elements of an
 * array, or one by itself; Code Assist puts each into {"response":...}. A call is a part "functionCall" and comes
 * whole. Counts are told in each chunk, finishReason in the last. Calls are answered for the first candidate. */

/* Parts of a content, separated by commas; texts that follow each other are one, as clients put them together. */
struct said {
	struct buf list;
	enum { TAIL_OTHER, TAIL_TEXT, TAIL_THOUGHT } tail;
};

struct gemini {
	struct buf id,
		model;     /* of the first round: literals with their quotes; empty when not told */
	struct said shown; /* what the client has of all rounds */
	struct buf last;   /* body of the last round that was no stream */
	bool is_wrapped;
	/* of the present round */
	struct said said;
	size_t own_n, call_n; /* call_n: of the client's */
	bool has_end, is_stop_end, is_kept_open, has_error;
	bool is_own_partial; /* the arguments of a call of ours come in pieces, which are not put together */
};

/* What a chunk is for. */
struct chunk {
	const struct json_tape *t;
	uint32_t root, usage;
	size_t kept_n; /* parts that the client gets */
	bool has_own, has_finish;
	struct splice_edits edits;
};

static void release(void *state)
{
	struct gemini *g = state;

	buf_release(&g->id);
	buf_release(&g->model);
	buf_release(&g->shown.list);
	buf_release(&g->last);
}

static void begin_round(struct answer_splice *s)
{
	struct gemini *g = s->state;

	if (!s->round_n) {
		buf_init(&g->id, SSE_NAME_MAX * 4);
		buf_init(&g->model, SSE_NAME_MAX * 4);
		buf_init(&g->shown.list, s->visible.max);
		buf_init(&g->last, s->conf.held_max);
	}
	g->said = (struct said){0};
	buf_init_arena(&g->said.list, &s->round, s->conf.held_max);
	g->own_n = g->call_n = 0;
	g->has_end = g->is_stop_end = g->is_kept_open = g->has_error = g->is_own_partial = false;
}

/* Whether a part has a text and nothing else, but that it may be a thought; inside is that of its literal. */
static bool is_plain(const struct json_tape *t, uint32_t part, str *inside, bool *is_thought)
{
	uint32_t text = splice_member(t, part, "text"), thought = splice_member(t, part, "thought");

	*is_thought = thought != JSON_ABSENT && json_is(t, thought, JSON_TRUE);
	if (text == JSON_ABSENT || !json_is(t, text, JSON_STRING) ||
		t->v[part].n != (*is_thought ? 2 : 1))
		return false;
	*inside = str_sub(json_text(t, text), 1, json_text(t, text).n - 1);
	return true;
}

static void say_text(struct said *said, str inside, bool is_thought)
{
	if (!inside.n)
		return;
	if (said->tail == (is_thought ? TAIL_THOUGHT : TAIL_TEXT) && !said->list.err)
		said->list.n -= 2; /* the "} of the text before */
	else
		splice_join(&said->list,
			is_thought ? STR("{\"thought\":true,\"text\":\"") : STR("{\"text\":\""));
	buf_add(&said->list, inside);
	buf_add_c(&said->list, "\"}");
	said->tail = is_thought ? TAIL_THOUGHT : TAIL_TEXT;
}

static void say(struct said *said, const struct json_tape *t, uint32_t part)
{
	bool is_thought;
	str inside;

	if (is_plain(t, part, &inside, &is_thought)) {
		say_text(said, inside, is_thought);
		return;
	}
	splice_join(&said->list, json_text(t, part));
	said->tail = TAIL_OTHER;
}

/* ---- what chunks and bodies have in common --------------------------------------------------------------- */

/* The call in a part is ours, or goes on with one that is (Vertex AI, "Streaming function call arguments"). */
static bool is_own_call(struct answer_splice *s, const struct json_tape *t, uint32_t call)
{
	struct gemini *g = s->state;
	uint32_t name = splice_member(t, call, "name"),
		 more = splice_member(t, call, "willContinue");
	bool goes_on = more != JSON_ABSENT && json_is(t, more, JSON_TRUE);
	bool is_own = name == JSON_ABSENT ? g->is_own_partial : splice_is_own(s, t, name);

	if (is_own && (goes_on || g->is_own_partial))
		s->is_lost = true;
	if (is_own)
		g->is_own_partial = goes_on;
	return is_own;
}

static void note_own(struct answer_splice *s, const struct json_tape *t, uint32_t call)
{
	struct gemini *g = s->state;
	uint32_t args = splice_member(t, call, "args"), name = splice_member(t, call, "name");

	g->own_n++;
	if (name != JSON_ABSENT)
		splice_call(
			s, (struct own_call){splice_text(s, t, splice_member(t, call, "id")),
				   splice_text(s, t, name),
				   args == JSON_ABSENT ? STR("{}")
						       : arena_str(&s->round, json_text(t, args))});
}

/* Takes our calls out of a list of parts. front is put before them; is_first: of the candidate that is answered. */
static void take_parts(
	struct answer_splice *s, struct chunk *c, uint32_t parts, str front, bool is_first)
{
	struct gemini *g = s->state;
	bool *is_out = arena_array(&s->event, bool, c->t->v[parts].n + 1);
	size_t i = 0, kept_n = 0;
	bool has_own = false;

	for (struct json_iter it = json_iter(c->t, parts); json_next(&it) && !s->err; i++) {
		uint32_t call = splice_member(c->t, it.value, "functionCall");

		is_out[i] = call != JSON_ABSENT && is_own_call(s, c->t, call);
		has_own = has_own || is_out[i];
		kept_n += !is_out[i];
		if (!is_first)
			continue;
		say(&g->said, c->t, it.value);
		if (is_out[i]) {
			note_own(s, c->t, call);
			continue;
		}
		g->call_n += call != JSON_ABSENT;
		say(&g->shown, c->t, it.value);
	}
	c->kept_n += kept_n;
	c->has_own = c->has_own || has_own;
	s->is_touched = s->is_touched || has_own;
	if (has_own && !kept_n && !front.n)
		front = STR("{\"text\":\"\"}"); /* the shape that an empty content has there */
	splice_list(s, c->t, parts, is_out, front, &c->edits);
}

static bool is_list(const struct json_tape *t, uint32_t node)
{
	return node != JSON_ABSENT && json_is(t, node, JSON_ARRAY);
}

static uint32_t parts_of(const struct json_tape *t, uint32_t candidate)
{
	return splice_member(t, splice_member(t, candidate, "content"), "parts");
}

static void note_finish(struct answer_splice *s, struct chunk *c, uint32_t candidate)
{
	struct gemini *g = s->state;
	uint32_t finish = splice_member(c->t, candidate, "finishReason");

	if (finish == JSON_ABSENT || !json_is(c->t, finish, JSON_STRING))
		return;
	c->has_finish = g->has_end = true;
	g->is_stop_end = json_string_is(c->t, finish, "STOP");
}

static void take_candidates(struct answer_splice *s, struct chunk *c, str front)
{
	uint32_t candidates = splice_member(c->t, c->root, "candidates");
	bool is_first = true;

	if (!is_list(c->t, candidates))
		return;
	for (struct json_iter it = json_iter(c->t, candidates); json_next(&it); is_first = false) {
		uint32_t parts = parts_of(c->t, it.value);

		if (is_list(c->t, parts))
			take_parts(s, c, parts, is_first ? front : STR_NULL, is_first);
		if (is_first)
			note_finish(s, c, it.value);
	}
}

static void keep_first(struct buf *kept, const struct json_tape *t, uint32_t node)
{
	if (!kept->n && node != JSON_ABSENT && json_is(t, node, JSON_STRING) &&
		json_text(t, node).n <= kept->max)
		buf_add(kept, json_text(t, node));
}

/* Where the answer stands. False when it is an error, or not of this format. */
static bool open_chunk(struct answer_splice *s, const struct splice_event *ev, struct chunk *c)
{
	struct gemini *g = s->state;
	uint32_t inner;

	*c = (struct chunk){.t = &ev->tape};
	if (!ev->is_json || !json_is(c->t, 0, JSON_OBJECT))
		return false;
	inner = json_member(c->t, 0, "response");
	if (inner != JSON_ABSENT && json_is(c->t, inner, JSON_OBJECT)) {
		c->root = inner;
		g->is_wrapped = true;
	}
	if (json_member(c->t, 0, "error") != JSON_ABSENT ||
		json_member(c->t, c->root, "error") != JSON_ABSENT) {
		g->has_error = true;
		return false;
	}
	c->usage = json_member(c->t, c->root, "usageMetadata");
	return true;
}

/* Whose the answer is, what it has cost, and whether there will be one. */
static void note_chunk(struct answer_splice *s, const struct chunk *c)
{
	struct gemini *g = s->state;
	uint32_t feedback = json_member(c->t, c->root, "promptFeedback");

	splice_usage_note(&s->usage, c->t, c->usage);
	keep_first(&g->id, c->t, json_member(c->t, c->root, "responseId"));
	keep_first(&g->model, c->t, json_member(c->t, c->root, "modelVersion"));
	if (splice_member(c->t, feedback, "blockReason") != JSON_ABSENT)
		g->has_end = true;
}

static void edit_chunk(struct answer_splice *s, struct chunk *c)
{
	struct gemini *g = s->state;
	uint32_t id = json_member(c->t, c->root, "responseId");

	if (s->round_n && id != JSON_ABSENT && g->id.n)
		splice_replace(s, &c->edits, splice_span(c->t, id), buf_str(&g->id));
	splice_usage_edit(s, c->t, c->usage, &c->edits);
}

static enum round_end round_end(const struct gemini *g)
{
	if (g->has_error || !g->has_end)
		return ROUND_BROKEN;
	if (!g->own_n || !g->is_stop_end)
		return ROUND_DONE;
	return g->call_n ? ROUND_MIXED : ROUND_CONTINUE;
}

static void write_content(struct buf *out, const struct said *said)
{
	buf_reset(out);
	buf_add_c(out, "{\"role\":\"model\",\"parts\":[");
	buf_add(out, buf_str(&said->list));
	buf_add_c(out, "]}");
}

static enum round_end end_content(struct answer_splice *s)
{
	struct gemini *g = s->state;

	s->is_lost = s->is_lost || g->said.list.err;
	s->is_shown_lost = s->is_shown_lost || g->shown.list.err;
	write_content(&s->message, &g->said);
	write_content(&s->visible, &g->shown);
	return round_end(g);
}

/* ---- streams ----------------------------------------------------------------------------------------------- */

/* An answer that goes on here has not finished yet for the client. */
static void take_finish_out(struct answer_splice *s, struct chunk *c)
{
	uint32_t candidates = splice_member(c->t, c->root, "candidates");

	for (struct json_iter it = json_iter(c->t, candidates); json_next(&it);) {
		uint32_t finish = splice_member(c->t, it.value, "finishReason");

		if (finish != JSON_ABSENT)
			splice_take_out(s, c->t, it.value, finish, &c->edits);
	}
}

static void take_chunk(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct gemini *g = s->state;
	struct chunk c;

	if (!open_chunk(s, ev, &c)) {
		s->is_over = s->is_over || g->has_error;
		splice_pass(s, ev, out);
		return;
	}
	note_chunk(s, &c);
	take_candidates(s, &c, STR_NULL);
	if (s->err)
		return;
	g->is_kept_open = g->has_end && round_end(g) == ROUND_CONTINUE;
	if (!c.kept_n && (g->is_kept_open || (c.has_own && !c.has_finish)))
		return;
	if (g->is_kept_open && c.has_finish)
		take_finish_out(s, &c);
	edit_chunk(s, &c);
	splice_emit(s, ev, &c.edits, out);
}

/* The finishReason says that all is there; is_complete would add nothing. */
static enum round_end end_stream(struct answer_splice *s, bool is_complete, struct buf *out)
{
	(void)is_complete;
	(void)out;
	return end_content(s);
}

/* The note as a part that the client has, apart from a text before it. Returns its literal. */
static str show_note(struct answer_splice *s, str note)
{
	struct gemini *g = s->state;
	struct buf text, lines;

	buf_init_arena(&lines, &s->event, SIZE_MAX / 4);
	buf_init_arena(&text, &s->event, SIZE_MAX / 4);
	if (note.n && g->shown.tail == TAIL_TEXT)
		buf_add_c(&lines, "\n\n");
	buf_add(&lines, note);
	buf_add_json_string(&text, buf_str(&lines));
	say_text(&g->shown, str_sub(buf_str(&text), 1, text.n - 1), false);
	write_content(&s->visible, &g->shown);
	s->is_shown_lost = s->is_shown_lost || g->shown.list.err;
	return buf_str(&text);
}

static void write_member(struct buf *out, const char *key, const struct buf *literal)
{
	if (!literal->n)
		return;
	buf_printf(out, ",\"%s\":", key);
	buf_add(out, buf_str(literal));
}

static void close_stream(struct answer_splice *s, str note, struct buf *out)
{
	struct gemini *g = s->state;
	struct buf chunk;

	buf_init_arena(&chunk, &s->event, SIZE_MAX / 4);
	buf_add_c(&chunk, s->is_array ? "" : "data: ");
	buf_add_c(&chunk, g->is_wrapped ? "{\"response\":" : "");
	buf_add_c(&chunk, "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":");
	buf_add(&chunk, show_note(s, note));
	buf_add_c(&chunk, "}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],"
			  "\"usageMetadata\":");
	splice_usage_write(s, &chunk);
	write_member(&chunk, "modelVersion", &g->model);
	write_member(&chunk, "responseId", &g->id);
	buf_add_c(&chunk, g->is_wrapped ? "}}" : "}");
	buf_add_c(&chunk, s->is_array ? "" : "\r\n\r\n");
	splice_write(s, buf_str(&chunk), out);
}

/* ---- whole answers ------------------------------------------------------------------------------------------ */

static enum round_end take_body(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct gemini *g = s->state;
	struct chunk c;
	str front;

	if (!open_chunk(s, ev, &c)) {
		if (!s->round_n)
			buf_add(out, ev->raw);
		return s->round_n || g->has_error ? ROUND_BROKEN : ROUND_DONE;
	}
	note_chunk(s, &c);
	front = arena_str(&s->event, buf_str(&g->shown.list));
	take_candidates(s, &c, front);
	if (s->err)
		return ROUND_BROKEN;
	if (!g->has_end && s->round_n)
		return ROUND_BROKEN;
	if (end_content(s) == ROUND_CONTINUE) {
		buf_reset(&g->last);
		buf_add(&g->last, ev->data);
		return ROUND_CONTINUE;
	}
	edit_chunk(s, &c);
	splice_emit(s, ev, &c.edits, out);
	return g->has_end ? round_end(g) : ROUND_DONE;
}

/* The last answer that was whole, with all that the client gets and the note. */
static void close_body(struct answer_splice *s, str note, struct buf *out)
{
	struct gemini *g = s->state;
	struct splice_event ev = {.raw = buf_str(&g->last), .data = buf_str(&g->last)};
	uint32_t parts, candidates;
	struct json_iter it;
	struct chunk c = {0};
	struct buf all;

	ev.is_json = !g->last.err && json_scan(&s->event, ev.data, &ev.tape, NULL) == E_OK;
	if (!open_chunk(s, &ev, &c)) {
		s->err = g->last.err ? g->last.err : E_INTERNAL;
		return;
	}
	candidates = splice_member(c.t, c.root, "candidates");
	it = json_iter(c.t, candidates);
	parts = json_next(&it) ? parts_of(c.t, it.value) : JSON_ABSENT;
	(void)show_note(s, note);
	buf_init_arena(&all, &s->event, SIZE_MAX / 4);
	buf_add_byte(&all, '[');
	buf_add(&all, buf_str(&g->shown.list));
	buf_add_byte(&all, ']');
	splice_replace(s, &c.edits, splice_span(c.t, parts), buf_str(&all));
	edit_chunk(s, &c);
	splice_emit(s, &ev, &c.edits, out);
}

const struct splice_format splice_gemini = {
	.state_size = sizeof(struct gemini),
	.release = release,
	.begin_round = begin_round,
	.event = take_chunk,
	.end = end_stream,
	.close = close_stream,
	.body = take_body,
	.close_body = close_body,
	/* Some versions of Google's SDK stop at a comment, but all pass over a line of nothing. */
	.ping = WALK_KEY("\n"),
	.has_array = true,
};
