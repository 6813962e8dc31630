#include "core/wire/splice_chat.h"

/* Chat completions of OpenAI's and of those who speak it (platform.openai.com/docs/api-reference/chat-streaming). A
 * call is an element of delta.tool_calls: the first one with its index says id and name, the others go on with
 * its arguments; some say no index. A call of ours is one of the type "function". */

enum { NO_INDEX = UINT32_MAX };

/* What is looked at in a chunk. */
struct chunk {
	const struct json_tape *t;
	uint32_t delta, reason, usage; /* JSON_ABSENT when not there, or null */
	uint32_t list;                 /* of calls */
	struct chat_call **calls;      /* for each of its elements; NULL: not known */
	bool has_choice;
	bool is_gap_due; /* its text goes on from that of the round before */
};

static void release(void *state)
{
	struct chat *ch = state;

	for (size_t i = 0; i < CHAT_META_N; i++)
		buf_release(&ch->meta[i]);
	buf_release(&ch->last);
}

static void begin_round(struct answer_splice *s)
{
	struct chat *ch = s->state;

	if (!s->round_n) {
		for (size_t i = 0; i < CHAT_META_N; i++)
			buf_init(&ch->meta[i], SSE_NAME_MAX * 8);
		buf_init(&ch->last, s->conf.held_max);
	}
	ch->is_gap_due = ch->tail_wants_gap;
	ch->said = (struct merge){0};
	ch->calls = NULL;
	ch->call_n = ch->call_cap = ch->own_n = ch->client_n = 0;
	ch->next_index = 0;
	ch->room = s->conf.held_max;
	ch->has_end = ch->is_call_end = ch->is_kept_open = ch->has_error = ch->is_many = false;
}

/* ---- calls --------------------------------------------------------------------------------------------- */

static uint32_t read_index(const struct json_tape *t, uint32_t node)
{
	uint32_t index = splice_member(t, node, "index");
	uint64_t n;

	return index != JSON_ABSENT && json_u64(t, index, &n) && n < NO_INDEX ? (uint32_t)n
									      : NO_INDEX;
}

/* Some say the id again in each delta, some have index 0 for all calls. */
static struct chat_call *find_call(const struct chat *ch, uint32_t index, str id)
{
	for (size_t i = ch->call_n; i-- > 0;) {
		struct chat_call *call = ch->calls[i];

		if ((index == NO_INDEX || call->index == index) &&
			(!id.n || !call->id.n || str_eq(call->id, id)))
			return call;
	}
	return NULL;
}

static struct chat_call *add_call(
	struct answer_splice *s, const struct json_tape *t, uint32_t node, uint32_t index, str id)
{
	struct chat *ch = s->state;
	struct {
		struct chat_call **v;
		size_t n, cap;
	} list = {ch->calls, ch->call_n, ch->call_cap};
	uint32_t name = splice_member(t, splice_member(t, node, "function"), "name");
	struct chat_call *call = arena_new(&s->round, struct chat_call);

	call->is_own = splice_is_own(s, t, name);
	call->index = call->client_index = index;
	call->id = arena_str(&s->round, id);
	call->is_function = json_member(t, node, "custom") == JSON_ABSENT;
	if (call->is_own) {
		s->is_touched = true;
		ch->own_n++;
	} else {
		ch->client_n++;
		if (s->is_touched && index != NO_INDEX)
			call->client_index = ch->next_index;
		if (call->client_index != NO_INDEX && call->client_index >= ch->next_index)
			ch->next_index = call->client_index + 1;
	}
	*vec_push(&list, &s->round) = call;
	ch->calls = list.v;
	ch->call_n = list.n;
	ch->call_cap = list.cap;
	return call;
}

/* The member that says what is called. */
static const char *kind_of(const struct chat_call *call)
{
	return call->is_function ? "function" : "custom";
}

/* An element of a list of calls; NULL when there are too many to be told apart. */
static struct chat_call *take_call(
	struct answer_splice *s, const struct json_tape *t, uint32_t node)
{
	static const char *const APART[] = {"index", "function", "custom", NULL};
	struct chat *ch = s->state;
	uint32_t index = read_index(t, node), id_node = splice_member(t, node, "id"), what;
	str id = STR_NULL;
	struct chat_call *call;

	if (id_node != JSON_ABSENT && json_is(t, id_node, JSON_STRING))
		id = str_sub(json_text(t, id_node), 1, json_text(t, id_node).n - 1);
	call = find_call(ch, index, id);
	if (!call && ch->call_n < SPLICE_BLOCKS_MAX)
		call = add_call(s, t, node, index, id);
	if (!call) {
		s->is_lost = true;
		return NULL;
	}
	if (s->is_lost && !call->is_own)
		return call;
	what = json_member(t, node, kind_of(call));
	if (!merge_take(&call->rest, &s->round, &ch->room, t, node, APART) ||
		(what != JSON_ABSENT &&
			!merge_take(&call->what, &s->round, &ch->room, t, what, NULL))) {
		s->is_lost = true;
		if (call->is_own)
			s->err = E_TOO_BIG;
	}
	return call;
}

static void take_calls(struct answer_splice *s, struct chunk *c)
{
	size_t i = 0;

	c->list = splice_member(c->t, c->delta, "tool_calls");
	if (c->list == JSON_ABSENT || !json_is(c->t, c->list, JSON_ARRAY)) {
		c->list = JSON_ABSENT;
		return;
	}
	c->calls = arena_array(&s->event, struct chat_call *, c->t->v[c->list].n + 1);
	for (struct json_iter it = json_iter(c->t, c->list); json_next(&it) && !s->err;)
		c->calls[i++] = take_call(s, c->t, it.value);
}

/* ---- what the client gets of a chunk ------------------------------------------------------------------- */

/* {...} of members that each begin with a comma. */
static void write_braced(str members, struct buf *out)
{
	buf_add_byte(out, '{');
	buf_add(out, str_sub(members, members.n ? 1 : 0, members.n));
	buf_add_byte(out, '}');
}

static void write_element(struct answer_splice *s, const struct json_tape *t, uint32_t node,
	const struct chat_call *call, struct buf *list)
{
	struct splice_edits edits = {0};
	struct buf text;
	str element = json_text(t, node);
	uint32_t index = json_member(t, node, "index");
	struct span at;

	if (!call || call->client_index == call->index) {
		splice_join(list, element);
		return;
	}
	at = splice_span(t, index);
	at.start -= t->v[node].start;
	at.end -= t->v[node].start;
	splice_replace_u64(s, &edits, at, call->client_index);
	buf_init_arena(&text, &s->event, SIZE_MAX / 4);
	if (patch_apply(element, edits.v, edits.n, &text) == E_OK)
		splice_join(list, buf_str(&text));
}

/* The calls of a chunk that are the client's, by the numbers that it knows them by. */
static str write_calls(struct answer_splice *s, const struct chunk *c, bool *is_changed)
{
	struct buf list;
	size_t i = 0;

	buf_init_arena(&list, &s->event, SIZE_MAX / 4);
	for (struct json_iter it = json_iter(c->t, c->list); json_next(&it); i++) {
		const struct chat_call *call = c->calls[i];
		bool is_own = call && call->is_own;

		if (!is_own)
			write_element(s, c->t, it.value, call, &list);
		*is_changed |= is_own || (call && call->client_index != call->index);
	}
	return buf_str(&list);
}

static bool is_nothing(str value)
{
	return str_eq(value, STR("null")) || str_eq(value, STR("\"\"")) || str_eq(value, STR("[]"));
}

struct delta {
	struct buf members; /* each with a comma before it */
	bool is_hollow;     /* they say nothing */
	bool is_changed;
};

static void write_member(struct delta *d, str key, str before, str value)
{
	buf_add_byte(&d->members, ',');
	buf_add(&d->members, key);
	buf_add_byte(&d->members, ':');
	buf_add(&d->members, before);
	buf_add(&d->members, value);
	d->is_hollow = d->is_hollow && is_nothing(value);
}

/* The delta that the client gets: without calls of ours; the role stands in the first round's alone, as clients join
 * it like a text; text of another round is kept apart from what came before. */
static void write_delta(struct answer_splice *s, const struct chunk *c, struct delta *d)
{
	const struct json_tape *t = c->t;

	buf_init_arena(&d->members, &s->event, SIZE_MAX / 4);
	d->is_hollow = true;
	for (struct json_iter it = json_iter(t, c->delta); json_next(&it);) {
		str key = json_text(t, it.key), value = json_text(t, it.value);

		if (s->round_n && json_string_is(t, it.key, "role")) {
			d->is_changed = true;
		} else if (it.value == c->list) {
			str calls = write_calls(s, c, &d->is_changed);

			if (calls.n)
				write_member(d, key, STR("["),
					arena_printf(&s->event, STR_FMT "]", STR_ARG(calls)));
		} else if (c->is_gap_due && json_string_is(t, it.key, "content")) {
			write_member(d, key, STR("\"" MERGE_GAP), str_sub(value, 1, value.n));
			d->is_changed = true;
		} else {
			write_member(d, key, STR_NULL, value);
		}
	}
}

static bool has_deeper_usage(const struct json_tape *t, uint32_t *usage)
{
	*usage = splice_member(t, json_member(t, 0, "x_groq"), "usage");
	return *usage != JSON_ABSENT;
}

/* Usage is told once, in the last round; some tell no reason for the end, and usage then. */
static bool is_usage_held(const struct chat *ch, const struct chunk *c)
{
	return ch->is_kept_open || (c->usage != JSON_ABSENT && !c->has_choice && !ch->has_end &&
					   ch->own_n && !ch->client_n && !ch->is_many);
}

static void edit_usage(struct answer_splice *s, const struct chunk *c, struct splice_edits *edits)
{
	uint32_t deeper;

	if (is_usage_held(s->state, c)) {
		if (c->usage != JSON_ABSENT)
			splice_replace(s, edits, splice_span(c->t, c->usage), STR("null"));
		return;
	}
	splice_usage_edit(s, c->t, c->usage, edits);
	if (has_deeper_usage(c->t, &deeper))
		splice_usage_edit(s, c->t, deeper, edits);
}

/* A chunk of an answer in which a call of ours was. One that has nothing left to say is left out. */
static void emit(struct answer_splice *s, const struct splice_event *ev, const struct chunk *c,
	struct buf *out)
{
	const struct chat *ch = s->state;
	struct splice_edits edits = {0};
	struct delta d = {.is_hollow = true};
	bool has_end = c->reason != JSON_ABSENT && !ch->is_kept_open;
	bool is_held = is_usage_held(ch, c);
	bool has_usage = c->usage != JSON_ABSENT && !is_held;
	struct buf delta;

	if (c->delta != JSON_ABSENT)
		write_delta(s, c, &d);
	if (d.is_hollow && !has_end && !has_usage && (is_held || d.is_changed))
		return;
	if (d.is_changed) {
		buf_init_arena(&delta, &s->event, SIZE_MAX / 4);
		write_braced(buf_str(&d.members), &delta);
		splice_replace(s, &edits, splice_span(c->t, c->delta), buf_str(&delta));
	}
	if (c->reason != JSON_ABSENT && ch->is_kept_open)
		splice_replace(s, &edits, splice_span(c->t, c->reason), STR("null"));
	edit_usage(s, c, &edits);
	chat_edit_meta(s, c->t, &edits);
	splice_emit(s, ev, &edits, out);
}

/* ---- events -------------------------------------------------------------------------------------------- */

static uint32_t not_null(const struct json_tape *t, uint32_t node)
{
	return node == JSON_ABSENT || json_is(t, node, JSON_NULL) ? JSON_ABSENT : node;
}

/* The first choice; notes whether there are others. */
static uint32_t first_choice(struct chat *ch, const struct json_tape *t, uint32_t choices)
{
	uint32_t first = JSON_ABSENT;

	for (struct json_iter it = json_iter(t, choices); json_next(&it);) {
		uint32_t index = read_index(t, it.value);

		if (first == JSON_ABSENT && (index == 0 || index == NO_INDEX))
			first = it.value;
		else
			ch->is_many = true;
	}
	return first;
}

static void note_text(struct chat *ch, struct chunk *c)
{
	uint32_t content = splice_member(c->t, c->delta, "content");
	str text;

	if (content == JSON_ABSENT || !json_is(c->t, content, JSON_STRING))
		return;
	text = str_sub(json_text(c->t, content), 1, json_text(c->t, content).n - 1);
	if (!text.n)
		return;
	c->is_gap_due = ch->is_gap_due;
	ch->is_gap_due = false;
	ch->tail_wants_gap = merge_wants_gap(text);
}

static void note_end(struct chat *ch, const struct chunk *c)
{
	if (c->reason == JSON_ABSENT)
		return;
	ch->has_end = true;
	ch->is_call_end = chat_is_call_end(c->t, c->reason);
	ch->is_kept_open = ch->is_call_end && ch->own_n && !ch->client_n && !ch->is_many;
}

static void take_chunk(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct chat *ch = s->state;
	const struct json_tape *t = &ev->tape;
	uint32_t choices = json_member(t, 0, "choices"), choice, deeper;
	struct chunk c = {.t = t, .list = JSON_ABSENT};

	c.usage = not_null(t, json_member(t, 0, "usage"));
	splice_usage_note(&s->usage, t, c.usage);
	if (has_deeper_usage(t, &deeper))
		splice_usage_note(&s->usage, t, deeper);
	c.has_choice = t->v[choices].n;
	ch->asks_usage |= !c.has_choice && c.usage != JSON_ABSENT;
	choice = first_choice(ch, t, choices);
	c.delta = splice_member(t, choice, "delta");
	c.reason = not_null(t, splice_member(t, choice, "finish_reason"));
	if (c.delta != JSON_ABSENT && !json_is(t, c.delta, JSON_OBJECT))
		c.delta = JSON_ABSENT;
	if (c.has_choice)
		chat_note_meta(ch, t);
	if (ch->is_many)
		s->is_lost = true;
	if (!ch->is_many || s->is_touched)
		take_calls(s, &c);
	chat_say(s, t, c.delta);
	note_text(ch, &c);
	note_end(ch, &c);
	if (s->err)
		return;
	if (s->is_touched && (choice != JSON_ABSENT || !c.has_choice))
		emit(s, ev, &c, out);
	else
		splice_pass(s, ev, out);
}

/* The end of a stream. Some tell no reason before. */
static void take_done(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct chat *ch = s->state;

	if (!ch->has_end) {
		ch->has_end = ch->is_call_end = true;
		ch->is_kept_open = ch->own_n && !ch->client_n && !ch->is_many;
	}
	ch->is_done_due = ch->is_kept_open;
	if (!ch->is_kept_open)
		splice_pass(s, ev, out);
}

static void take_event(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct chat *ch = s->state;
	uint32_t choices = ev->is_json ? json_member(&ev->tape, 0, "choices") : JSON_ABSENT;

	if (!ev->is_json && str_eq(str_trim(ev->data), STR("[DONE]"))) {
		take_done(s, ev, out);
	} else if (ev->is_json && chat_is_error(&ev->tape)) {
		ch->has_error = s->is_over = true;
		splice_pass(s, ev, out);
	} else if (choices != JSON_ABSENT && json_is(&ev->tape, choices, JSON_ARRAY)) {
		take_chunk(s, ev, out);
	} else {
		splice_pass(s, ev, out);
	}
}

/* ---- the end of a round -------------------------------------------------------------------------------- */

/* Servers that read the arguments want an object, also of a call that has none. */
static void write_call(struct answer_splice *s, struct chat_call *call, struct buf *list)
{
	struct buf members, what, text;

	buf_init_arena(&what, &s->event, SIZE_MAX / 4);
	buf_init_arena(&members, &s->event, SIZE_MAX / 4);
	buf_init_arena(&text, &s->event, SIZE_MAX / 4);
	if (call->is_function)
		merge_default(&call->what, &s->round, STR("\"arguments\""), STR("{}"));
	merge_write(&call->rest, NULL, &members);
	merge_write(&call->what, NULL, &what);
	buf_printf(&members, ",\"%s\":", kind_of(call));
	write_braced(buf_str(&what), &members);
	write_braced(buf_str(&members), &text);
	splice_join(list, buf_str(&text));
}

/* What a string of that literal's inside reads as, in s->round. */
static str unescaped(struct answer_splice *s, str inside)
{
	str literal = arena_printf(&s->round, "\"" STR_FMT "\"", STR_ARG(inside)), text;

	return json_unescape(literal, &s->round, &text) ? text : inside;
}

static void note_call(struct answer_splice *s, const struct chat_call *call)
{
	const struct merge_member *arguments = merge_find(&call->what, STR("\"arguments\""));
	str text = arguments ? buf_str(&arguments->text) : STR_NULL;

	if (arguments && arguments->kind == MERGE_TEXT)
		text = unescaped(s, text);
	splice_call(s, (struct own_call){unescaped(s, call->id),
			       unescaped(s, merge_text(&call->what, STR("\"name\""))), text});
}

/* What was said, and what of it the client has. */
static void end_message(struct answer_splice *s)
{
	struct chat *ch = s->state;
	struct buf all, theirs, shown;

	buf_init_arena(&all, &s->event, SIZE_MAX / 4);
	buf_init_arena(&theirs, &s->event, SIZE_MAX / 4);
	for (size_t i = 0; i < ch->call_n && !s->err; i++) {
		write_call(s, ch->calls[i], &all);
		if (ch->calls[i]->is_own)
			note_call(s, ch->calls[i]);
		else
			write_call(s, ch->calls[i], &theirs);
	}
	s->is_shown_lost |= s->is_lost;
	chat_write_message(&ch->said, buf_str(&all), true, &s->message);
	buf_init_arena(&shown, &s->event, SIZE_MAX / 4);
	chat_write_message(&ch->said, buf_str(&theirs), true, &shown);
	chat_show(s, buf_str(&shown));
}

static enum round_end end_stream(struct answer_splice *s, bool is_complete, struct buf *out)
{
	struct chat *ch = s->state;
	enum round_end end = chat_round_end(s);

	(void)is_complete; /* that all is there is what the answer itself says */
	end_message(s);
	if (ch->is_done_due && (end == ROUND_DONE || end == ROUND_MIXED)) {
		splice_write(s, STR("data: [DONE]\n\n"), out);
		ch->is_done_due = false;
	}
	return end;
}

/* ---- an end of our own --------------------------------------------------------------------------------- */

static void write_chunk(struct answer_splice *s, str rest, struct buf *out)
{
	const struct chat *ch = s->state;
	struct buf event;

	buf_init_arena(&event, &s->event, SIZE_MAX / 4);
	buf_add_c(&event, "data: {\"object\":\"chat.completion.chunk\"");
	chat_write_meta(ch, &event);
	buf_add(&event, rest);
	buf_add_c(&event, "}\n\n");
	splice_write(s, buf_str(&event), out);
}

static void write_choice(struct answer_splice *s, str delta, const char *reason, struct buf *out)
{
	write_chunk(s,
		arena_printf(&s->event,
			",\"choices\":[{\"index\":0,\"delta\":" STR_FMT ",\"finish_reason\":%s}]",
			STR_ARG(delta), reason),
		out);
}

static void write_note(struct answer_splice *s, str note, struct buf *out)
{
	const struct chat *ch = s->state;
	struct buf text, delta;

	buf_init_arena(&text, &s->event, SIZE_MAX / 4);
	buf_init_arena(&delta, &s->event, SIZE_MAX / 4);
	if (ch->tail_wants_gap)
		buf_add_c(&text, "\n\n");
	buf_add(&text, note);
	buf_add_c(&delta, "{\"content\":");
	buf_add_json_string(&delta, buf_str(&text));
	buf_add_byte(&delta, '}');
	chat_show_note(s, note);
	write_choice(s, buf_str(&delta), "null", out);
}

/* A call of the client's that has begun may not be whole, so nobody may make it. */
static void close_stream(struct answer_splice *s, str note, struct buf *out)
{
	const struct chat *ch = s->state;
	struct buf more;

	buf_init_arena(&more, &s->event, SIZE_MAX / 4);
	if (ch->client_n) {
		buf_add_c(&more, "data: {\"error\":{\"type\":\"server_error\",\"message\":");
		buf_add_json_string(&more, note);
		buf_add_c(&more, "}}\n\n");
		splice_write(s, buf_str(&more), out);
		return;
	}
	if (note.n)
		write_note(s, note, out);
	write_choice(s, STR("{}"), "\"stop\"", out);
	if (ch->asks_usage) {
		buf_add_c(&more, ",\"choices\":[],\"usage\":");
		splice_usage_write(s, &more);
		write_chunk(s, buf_str(&more), out);
	}
	splice_write(s, STR("data: [DONE]\n\n"), out);
}

const struct splice_format splice_chat = {
	.state_size = sizeof(struct chat),
	.release = release,
	.begin_round = begin_round,
	.event = take_event,
	.end = end_stream,
	.close = close_stream,
	.body = chat_body,
	.close_body = chat_close_body,
	.ping = WALK_KEY(": keep-alive\n\n"),
};
