#include "core/wire/splice_chat.h"

/* Chat completions that are no stream (platform.openai.com/docs/api-reference/chat/object). */

struct body {
	uint32_t choice, message, list, reason; /* list: of calls; JSON_ABSENT when there is none */
	bool *is_own;                           /* for each of its elements */
};

static void note_call(struct answer_splice *s, const struct json_tape *t, uint32_t call)
{
	uint32_t function = splice_member(t, call, "function");
	uint32_t arguments = splice_member(t, function, "arguments");
	str text = splice_text(s, t, arguments);

	if (!text.p && arguments != JSON_ABSENT && !json_is(t, arguments, JSON_STRING))
		text = arena_str(&s->round, json_text(t, arguments));
	splice_call(s, (struct own_call){splice_text(s, t, splice_member(t, call, "id")),
			       splice_text(s, t, splice_member(t, function, "name")), text});
}

/* Notes calls; appends all of them, and those of the client's. */
static void read_calls(struct answer_splice *s, const struct json_tape *t, struct body *b,
	struct buf *all, struct buf *theirs)
{
	struct chat *ch = s->state;
	size_t i = 0;

	if (b->list == JSON_ABSENT)
		return;
	b->is_own = arena_array(&s->event, bool, t->v[b->list].n + 1);
	for (struct json_iter it = json_iter(t, b->list); json_next(&it) && !s->err; i++) {
		uint32_t name = splice_member(t, splice_member(t, it.value, "function"), "name");

		b->is_own[i] = splice_is_own(s, t, name);
		splice_join(all, json_text(t, it.value));
		if (b->is_own[i]) {
			s->is_touched = true;
			ch->own_n++;
			note_call(s, t, it.value);
		} else {
			ch->client_n++;
			splice_join(theirs, json_text(t, it.value));
		}
	}
}

/* False when it is not the only one, or not what is known. */
static bool find_message(const struct json_tape *t, struct body *b)
{
	uint32_t choices = json_member(t, 0, "choices");

	if (choices == JSON_ABSENT || !json_is(t, choices, JSON_ARRAY) || t->v[choices].n != 1)
		return false;
	b->choice = choices + 1;
	b->message = json_member(t, b->choice, "message");
	b->reason = splice_member(t, b->choice, "finish_reason");
	if (b->message == JSON_ABSENT || !json_is(t, b->message, JSON_OBJECT))
		return false;
	b->list = json_member(t, b->message, "tool_calls");
	if (b->list != JSON_ABSENT && !json_is(t, b->list, JSON_ARRAY))
		b->list = JSON_ABSENT;
	return true;
}

static enum round_end pass_body(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	s->is_lost = true;
	if (s->round_n)
		return ROUND_BROKEN;
	s->is_shown_lost = true;
	buf_add(out, ev->raw);
	return chat_is_error(&ev->tape) ? ROUND_BROKEN : ROUND_DONE;
}

static void end_message(struct answer_splice *s, str all, str theirs)
{
	struct chat *ch = s->state;
	struct buf shown;

	s->is_shown_lost |= s->is_lost;
	chat_write_message(&ch->said, all, true, &s->message);
	buf_init_arena(&shown, &s->event, SIZE_MAX / 4);
	chat_write_message(&ch->said, theirs, false, &shown);
	chat_show(s, buf_str(&shown));
	if (s->is_touched && (s->is_shown_lost || s->visible.err))
		s->err = s->visible.err == E_NOMEM ? E_NOMEM : E_TOO_BIG;
}

/* What the client gets of the message of the last round. */
static void edit_message(struct answer_splice *s, const struct json_tape *t, const struct body *b,
	struct splice_edits *edits)
{
	const struct chat *ch = s->state;

	if (s->round_n)
		splice_replace(s, edits, splice_span(t, b->message), buf_str(&s->visible));
	else if (ch->own_n && ch->client_n)
		splice_list(s, t, b->list, b->is_own, STR_NULL, edits);
	else if (ch->own_n)
		splice_take_out(s, t, b->message, b->list, edits);
}

static void edit_usage(
	struct answer_splice *s, const struct json_tape *t, struct splice_edits *edits)
{
	splice_usage_edit(s, t, json_member(t, 0, "usage"), edits);
	chat_edit_meta(s, t, edits);
}

enum round_end chat_body(struct answer_splice *s, struct splice_event *ev, struct buf *out)
{
	struct chat *ch = s->state;
	const struct json_tape *t = &ev->tape;
	struct splice_edits edits = {0};
	struct body b = {0};
	struct buf all, theirs;
	enum round_end end;

	if (chat_is_error(t) || !find_message(t, &b))
		return pass_body(s, ev, out);
	buf_init_arena(&all, &s->event, SIZE_MAX / 4);
	buf_init_arena(&theirs, &s->event, SIZE_MAX / 4);
	ch->has_end = true;
	ch->is_call_end = chat_is_call_end(t, b.reason);
	chat_note_meta(ch, t);
	splice_usage_note(&s->usage, t, json_member(t, 0, "usage"));
	read_calls(s, t, &b, &all, &theirs);
	chat_say(s, t, b.message);
	end_message(s, buf_str(&all), buf_str(&theirs));
	end = chat_round_end(s);
	if (s->err)
		return ROUND_BROKEN;
	if (end == ROUND_CONTINUE) {
		buf_reset(&ch->last);
		buf_add(&ch->last, ev->data);
		return end;
	}
	edit_message(s, t, &b, &edits);
	edit_usage(s, t, &edits);
	splice_emit(s, ev, &edits, out);
	return end;
}

/* The last body with a message, which now says all that was for the client, and the note. */
void chat_close_body(struct answer_splice *s, str note, struct buf *out)
{
	struct chat *ch = s->state;
	struct splice_event ev = {.raw = buf_str(&ch->last), .data = buf_str(&ch->last)};
	struct splice_edits edits = {0};
	struct body b = {0};

	if (ch->last.err || json_scan(&s->event, ev.data, &ev.tape, NULL) != E_OK ||
		!find_message(&ev.tape, &b)) {
		s->err = ch->last.err ? ch->last.err : E_INTERNAL;
		return;
	}
	if (note.n)
		chat_show_note(s, note);
	if (s->is_shown_lost || s->visible.err) {
		s->err = s->visible.err == E_NOMEM ? E_NOMEM : E_TOO_BIG;
		return;
	}
	splice_replace(s, &edits, splice_span(&ev.tape, b.message), buf_str(&s->visible));
	if (b.reason != JSON_ABSENT)
		splice_replace(s, &edits, splice_span(&ev.tape, b.reason), STR("\"stop\""));
	edit_usage(s, &ev.tape, &edits);
	splice_emit(s, &ev, &edits, out);
}
