#include "core/wire/splice.h"

#include "core/base/mem.h"

static const struct splice_format *const FORMATS[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] = &splice_anthropic,
	[WIRE_OPENAI_CHAT] = &splice_chat,
	[WIRE_OPENAI_RESPONSES] = &splice_responses,
	[WIRE_GEMINI] = &splice_gemini,
};

struct take {
	struct answer_splice *s;
	struct splice_event *ev;
};

static str kept(struct answer_splice *s, str part, str whole)
{
	return splice_is_within(part, whole) ? part : arena_str(&s->event, part);
}

static void take_data(void *self, str name, str data)
{
	struct take *t = self;

	t->ev->name = kept(t->s, name, t->ev->raw);
	t->ev->data = kept(t->s, data, t->ev->raw);
}

/* A body comes whole at the end of its round; all else is cut. */
static bool is_body(const struct answer_splice *s)
{
	return s->conf.form == ANSWER_JSON || (s->conf.form == ANSWER_JSON_ARRAY && !s->is_array);
}

struct answer_splice *answer_splice_new(const struct answer_splice_conf *conf)
{
	enum { FRAME = 64 << 10 }; /* what formats write around what was said */
	const struct splice_format *f = conf->format < WIRE_FORMAT_N ? FORMATS[conf->format] : NULL;
	struct answer_splice *s;

	if (!f || conf->form >= ANSWER_OTHER)
		return NULL;
	s = mem_zalloc(sizeof *s);
	if (!s)
		return NULL;
	s->state = mem_zalloc(f->state_size);
	if (!s->state) {
		mem_free(s);
		return NULL;
	}
	s->conf = *conf;
	s->format = f;
	sse_init(&s->sse, conf->held_max);
	buf_init(&s->held, conf->held_max);
	buf_init(&s->message, 2 * conf->held_max + FRAME);
	buf_init(&s->visible, 4 * conf->held_max + FRAME);
	s->is_between = true;
	return s;
}

void answer_splice_free(struct answer_splice *s)
{
	if (!s)
		return;
	if (s->format->release)
		s->format->release(s->state);
	mem_free(s->state);
	arena_release(&s->event);
	arena_release(&s->round);
	sse_release(&s->sse);
	buf_release(&s->held);
	buf_release(&s->message);
	buf_release(&s->visible);
	mem_free(s);
}

static void begin_round(struct answer_splice *s)
{
	s->is_between = s->is_passing = s->is_form_known = s->is_lost = false;
	s->calls = NULL;
	s->call_n = s->call_cap = 0;
	s->cut = (struct splice_cut){0};
	arena_reset(&s->round);
	buf_reset(&s->held);
	buf_reset(&s->message);
	splice_usage_next_round(&s->usage);
	s->format->begin_round(s);
}

/* Larger than may be held. While nothing was changed nobody has to understand it. */
static void note_large(struct answer_splice *s)
{
	if (s->is_touched || s->round_n || s->is_array)
		s->err = E_TOO_BIG;
	s->is_lost = s->is_shown_lost = true;
}

/* Data goes to the format, and what has none to the client. */
static void take_event(
	struct answer_splice *s, struct splice_event *ev, bool is_last, struct buf *out)
{
	struct take t = {s, ev};

	if (s->is_array) {
		ev->data = ev->raw;
	} else {
		sse_feed(&s->sse, ev->raw, take_data, &t);
		if (is_last)
			sse_finish(&s->sse, take_data, &t);
	}
	ev->is_json = ev->data.p && json_scan(&s->event, ev->data, &ev->tape, NULL) == E_OK;
	if (ev->data.p && (ev->is_json || !is_last || str_eq(ev->data, STR("[DONE]"))))
		s->format->event(s, ev, out);
	else if (!is_last || !s->is_touched)
		splice_pass(s, ev, out);
	arena_reset(&s->event);
}

static void take_piece(struct answer_splice *s, str piece, struct buf *out)
{
	struct splice_event ev = {.raw = piece};

	if (s->is_array) {
		ev.raw = str_sub(piece, s->cut.at, piece.n);
		ev.gap = str_sub(piece, 0, s->cut.at);
	}
	s->cut = (struct splice_cut){0};
	if (s->is_passing) {
		buf_add(out, piece);
		s->is_passing = false;
		return;
	}
	if (piece.n > s->conf.held_max) {
		note_large(s);
		if (!s->err)
			splice_pass(s, &ev, out);
		return;
	}
	take_event(s, &ev, false, out);
}

/* Cuts what text holds whole; returns how much that is. */
static size_t take_pieces(struct answer_splice *s, str text, bool is_last, struct buf *out)
{
	size_t at = 0, n;

	while (!s->err) {
		str rest = str_sub(text, at, text.n);

		n = s->is_array ? splice_cut_element(&s->cut, rest)
				: splice_cut_event(&s->cut, rest, is_last);
		if (n == STR_NONE)
			break;
		take_piece(s, str_sub(rest, 0, n), out);
		at += n;
	}
	return at;
}

static void drop_held(struct answer_splice *s, size_t n)
{
	if (!n)
		return;
	memmove(s->held.p, s->held.p + n, s->held.n - n);
	s->held.n -= n;
}

/* The event goes on beyond what may be held: what has come of it passes, and so will the rest. */
static void pass_held(struct answer_splice *s, struct buf *out)
{
	size_t n = s->cut.seen < s->held.n ? s->cut.seen : s->held.n;

	note_large(s);
	if (s->err)
		return;
	s->is_passing = true;
	buf_add(out, str_sub(buf_str(&s->held), 0, n));
	drop_held(s, n);
	s->cut.seen -= n;
	s->cut.at = s->cut.at >= n ? s->cut.at - n : SIZE_MAX;
}

static void keep(struct answer_splice *s, str bytes)
{
	buf_add(&s->held, bytes);
	if (s->held.err && !s->err)
		s->err = s->held.err;
}

static void feed_stream(struct answer_splice *s, str bytes, struct buf *out)
{
	size_t n, room;

	if (!s->held.n) {
		n = take_pieces(s, bytes, false, out);
		bytes = str_sub(bytes, n, bytes.n); /* what the cut has seen of it stays so */
	}
	while (bytes.n && !s->err) {
		room = s->conf.held_max - s->held.n;
		n = bytes.n < room ? bytes.n : room;
		keep(s, str_sub(bytes, 0, n));
		bytes = str_sub(bytes, n, bytes.n);
		drop_held(s, s->err ? 0 : take_pieces(s, buf_str(&s->held), false, out));
		if (s->held.n == s->conf.held_max && !s->err)
			pass_held(s, out);
	}
}

/* Whether what should be an array that grows is one. Of later rounds it is expected. */
static void find_form(struct answer_splice *s, str bytes)
{
	str text = str_trim(bytes);

	if (s->is_form_known || !text.n || s->conf.form != ANSWER_JSON_ARRAY)
		return;
	s->is_form_known = true;
	if (!s->round_n)
		s->is_array = s->format->has_array && text.p[0] == '[';
}

enum err answer_splice_feed(struct answer_splice *s, str bytes, struct buf *out)
{
	if (!s->err && (arena_recover(&s->event) || arena_recover(&s->round)))
		s->err = E_NOMEM;
	if (!s->err) {
		if (s->is_between)
			begin_round(s);
		find_form(s, bytes);
		if (is_body(s))
			keep(s, bytes);
		else
			feed_stream(s, bytes, out);
	}
	arena_end_recover(&s->event);
	arena_end_recover(&s->round);
	if (!s->err)
		s->err = out->err;
	return s->err;
}

/* The whole of an answer that is no stream. */
static enum round_end end_body(struct answer_splice *s, bool is_complete, struct buf *out)
{
	struct splice_event ev = {.raw = buf_str(&s->held), .data = buf_str(&s->held)};
	enum round_end end = is_complete && !s->round_n ? ROUND_DONE : ROUND_BROKEN;

	if (is_complete)
		ev.is_json = json_scan(&s->event, ev.data, &ev.tape, NULL) == E_OK;
	if (ev.is_json)
		end = s->format->body(s, &ev, out);
	else if (!s->round_n)
		buf_add(out, ev.raw);
	return end;
}

/* What stands behind the last element. */
static void end_array(struct answer_splice *s, enum round_end end, struct buf *out)
{
	str rest = buf_str(&s->held);

	if (end == ROUND_CONTINUE || (end == ROUND_BROKEN && s->is_touched && !s->is_over))
		return;
	if (!s->has_elements && s->is_touched)
		buf_add_byte(out, '[');
	buf_add(out, rest);
}

static enum round_end end_stream(struct answer_splice *s, bool is_complete, struct buf *out)
{
	enum round_end end;
	struct splice_event ev;
	size_t from;

	if (s->is_array) {
		is_complete = is_complete && !s->cut.depth &&
			      str_find_byte(buf_str(&s->held), ']') != STR_NONE;
		end = s->format->end(s, is_complete, out);
		end_array(s, end, out);
		return end;
	}
	drop_held(s, take_pieces(s, buf_str(&s->held), true, out));
	ev = (struct splice_event){.raw = buf_str(&s->held)};
	if (s->is_passing) {
		buf_add(out, ev.raw);
	} else if (ev.raw.n && !s->err) {
		from = out->n;
		take_event(s, &ev, true, out);
		s->is_open_event = out->n > from;
	}
	return s->format->end(s, is_complete, out);
}

static enum round_end end_round(struct answer_splice *s, bool is_complete, struct buf *out)
{
	if (arena_recover(&s->event) || arena_recover(&s->round)) {
		s->err = E_NOMEM;
		return ROUND_BROKEN;
	}
	if (s->is_between)
		begin_round(s);
	return is_body(s) ? end_body(s, is_complete, out) : end_stream(s, is_complete, out);
}

enum round_end answer_splice_end_round(struct answer_splice *s, bool is_complete, struct buf *out)
{
	enum round_end end = s->err ? ROUND_BROKEN : end_round(s, is_complete, out);

	arena_end_recover(&s->event);
	arena_end_recover(&s->round);
	arena_reset(&s->event);
	if (!s->err)
		s->err = out->err;
	if (s->err)
		end = ROUND_BROKEN;
	if (end == ROUND_DONE || end == ROUND_MIXED)
		s->is_over = true;
	if (end == ROUND_DONE || end == ROUND_BROKEN)
		s->call_n = 0;
	if (s->is_lost || s->message.err)
		buf_reset(&s->message);
	if (s->is_shown_lost || s->visible.err)
		buf_reset(&s->visible);
	buf_reset(&s->held);
	s->is_between = true;
	s->round_n++;
	return end;
}

enum err answer_splice_close(struct answer_splice *s, str note, struct buf *out)
{
	if (!s->err && (arena_recover(&s->event) || arena_recover(&s->round)))
		s->err = E_NOMEM;
	if (!s->err && !s->is_over) {
		s->is_over = true;
		if (is_body(s))
			s->format->close_body(s, note, out);
		else
			s->format->close(s, note, out);
		if (s->is_array)
			buf_add_c(out, "\n]\n");
		if (s->is_shown_lost || s->visible.err)
			buf_reset(&s->visible);
	}
	arena_end_recover(&s->event);
	arena_end_recover(&s->round);
	arena_reset(&s->event);
	if (!s->err)
		s->err = out->err;
	return s->err;
}

void answer_splice_ping(struct answer_splice *s, struct buf *out)
{
	if (is_body(s) || s->is_passing || s->is_over)
		return;
	if (s->is_array)
		buf_add_byte(out, '\n');
	else
		splice_write(s, s->format->ping, out);
}

const struct own_call *answer_splice_calls(const struct answer_splice *s, size_t *n)
{
	*n = s->call_n;
	return s->calls;
}

str answer_splice_message(const struct answer_splice *s)
{
	return buf_str(&s->message);
}

str answer_splice_visible(const struct answer_splice *s)
{
	return buf_str(&s->visible);
}

void splice_call(struct answer_splice *s, struct own_call call)
{
	struct {
		struct own_call *v;
		size_t n, cap;
	} calls = {s->calls, s->call_n, s->call_cap};

	if (s->call_n == SPLICE_CALLS_MAX) {
		s->err = E_TOO_BIG;
		return;
	}
	*vec_push(&calls, &s->round) = call;
	s->calls = calls.v;
	s->call_n = calls.n;
	s->call_cap = calls.cap;
}

str splice_text(struct answer_splice *s, const struct json_tape *t, uint32_t node)
{
	str text = STR_NULL;

	if (node == JSON_ABSENT || !json_string(t, node, &s->event, &text))
		return STR_NULL;
	return arena_str(&s->round, text);
}

bool splice_is_own(struct answer_splice *s, const struct json_tape *t, uint32_t node)
{
	str name;

	return node != JSON_ABSENT && json_string(t, node, &s->event, &name) &&
	       s->conf.is_own(s->conf.self, name);
}
