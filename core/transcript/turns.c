#include "core/transcript/turns.h"

#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/transcript/loader.h"

static const struct turns_kind *const KINDS[TRANSCRIPT_KIND_N] = {
	[TRANSCRIPT_REQUEST] = &turns_requests,
	[TRANSCRIPT_MESSAGES] = &turns_messages,
	[TRANSCRIPT_REQUESTS] = &turns_requests,
	[TRANSCRIPT_PROXY_LOG] = &turns_proxy_log,
	[TRANSCRIPT_CLAUDE] = &turns_claude,
	[TRANSCRIPT_CODEX] = &turns_codex,
	[TRANSCRIPT_GEMINI] = &turns_gemini,
	[TRANSCRIPT_GEMINI_FILE] = &turns_gemini_file,
	[TRANSCRIPT_OPENCODE] = &turns_opencode,
	[TRANSCRIPT_PI] = &turns_pi,
};

bool loader_scan(struct loader *l, str text, struct errctx *cx)
{
	struct json_tape *t;

	arena_reset(l->scratch);
	t = arena_new(l->scratch, struct json_tape);
	if (json_scan(l->scratch, text, t, cx) != E_OK)
		return false;
	l->line.t = t;
	l->text = text;
	return true;
}

static void note_bad(struct loader *l, const struct errctx *cx)
{
	struct turn_file *f = l->out;

	if (f->bad_n++)
		return;
	f->first_bad_line = f->lines_n;
	f->first_bad_reason = arena_str(l->a, str_from(cx->text));
}

static void load_lines(struct loader *l, str text)
{
	struct errctx cx = {0};
	str line;

	while (str_next_line(&text, &line, NULL)) {
		l->out->lines_n++;
		line = str_trim(line);
		if (!line.n)
			continue;
		if (!loader_scan(l, line, &cx))
			note_bad(l, &cx);
		else if (!json_has_duplicate_key(l->line.t, 0))
			KINDS[l->out->kind]->line(l);
	}
}

enum err turns_load(struct arena *a, struct arena *scratch, str text, str file_name,
	enum transcript_kind kind, struct turn_file *out, struct errctx *cx)
{
	struct loader l = {.a = a, .out = out, .scratch = scratch};
	struct errctx why = {0};
	struct transcript_line unused = {0};

	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	if (kind == TRANSCRIPT_NONE) {
		size_t seen = text.n < TRANSCRIPT_DETECT_BYTES ? text.n : TRANSCRIPT_DETECT_BYTES;

		kind = transcript_detect(str_sub(text, 0, seen), file_name);
	}
	if (kind == TRANSCRIPT_NONE)
		FAIL(cx, E_MALFORMED, "no recorded session of a known kind");
	*out = (struct turn_file){.kind = kind};
	map_init(&l.sessions, a);
	l.line = (struct line){.r = transcript_new(a, kind), .a = a, .out = &unused};
	if (transcript_is_lines(kind)) {
		load_lines(&l, text);
	} else {
		out->lines_n = 1;
		if (!loader_scan(&l, str_trim(text), &why))
			FAIL(cx, E_MALFORMED, "%s", why.text);
		KINDS[kind]->line(&l);
	}
	if (KINDS[kind]->end)
		KINDS[kind]->end(&l);
	arena_reset(scratch);
	return E_OK;
}

struct placed {
	struct turn turn;
	size_t place;
};

static int cmp_placed(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->turn.sent_ms != y->turn.sent_ms)
		return x->turn.sent_ms < y->turn.sent_ms ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* By time, where all times are known: logs of several workers are not in order. */
static void sort_turns(struct arena *a, struct turn_session *s)
{
	bool is_sorted = true;
	struct placed *p;

	for (size_t i = 0; i < s->turns.n; i++) {
		if (s->turns.v[i].sent_ms < 0)
			return;
		is_sorted &= !i || s->turns.v[i - 1].sent_ms <= s->turns.v[i].sent_ms;
	}
	if (is_sorted)
		return;
	p = arena_array(a, struct placed, s->turns.n);
	for (size_t i = 0; i < s->turns.n; i++)
		p[i] = (struct placed){s->turns.v[i], i};
	qsort(p, s->turns.n, sizeof *p, cmp_placed);
	for (size_t i = 0; i < s->turns.n; i++)
		s->turns.v[i] = p[i].turn;
}

void loader_keep(struct loader *l, struct turn_session *s)
{
	if (!s->turns.n)
		return;
	sort_turns(l->a, s);
	*vec_push(&l->out->sessions, l->a) = *s;
}

struct turn *loader_turn(struct loader *l, struct turn_session *s, uint32_t start)
{
	struct turn *t;

	if (s->messages.n <= start)
		return NULL;
	t = vec_push(&s->turns, l->a);
	*t = (struct turn){.start = start, .end = (uint32_t)s->messages.n, .sent_ms = -1};
	return t;
}

bool loader_may_copy(struct loader *l, size_t n)
{
	enum { COPIED_MAX = 1 << 22 }; /* pointers: 64 MB */

	if (n > COPIED_MAX - l->copied_n)
		return false;
	l->copied_n += n;
	return true;
}

bool loader_is_model(const struct line *l, uint32_t node)
{
	str type;

	if (line_is(l, node, "role", "assistant") || line_is(l, node, "role", "model") ||
		line_is(l, node, "type", "reasoning"))
		return true;
	node = line_member(l, node, "type");
	if (node == JSON_ABSENT || !json_is(l->t, node, JSON_STRING))
		return false;
	type = json_text(l->t, node);
	return str_ends(type, STR("_call\""));
}

int64_t loader_time(struct loader *l, uint32_t object, const char *key)
{
	/* Seconds have ten digits until the year 2286, milliseconds thirteen. */
	static const double SECONDS_MAX = 1e11;
	uint32_t v = line_member(&l->line, object, key);
	double number;
	int64_t ms;
	str s;

	if (v == JSON_ABSENT)
		return -1;
	if (json_string(l->line.t, v, l->a, &s))
		return clock_parse(s, &ms) ? ms : -1;
	if (!json_f64(l->line.t, v, &number) || number < 0 || number > 1e15)
		return -1;
	return (int64_t)(number < SECONDS_MAX ? number * 1e3 : number);
}

void turns_body(const struct turn_session *s, const struct turn *t, struct buf *out)
{
	static const char *const NAMES[WIRE_FORMAT_N] = {
		[WIRE_NONE] = "messages",
		[WIRE_ANTHROPIC] = "messages",
		[WIRE_OPENAI_CHAT] = "messages",
		[WIRE_OPENAI_RESPONSES] = "input",
		[WIRE_GEMINI] = "contents",
	};

	if (t->body.n) {
		buf_add(out, t->body);
		return;
	}
	buf_add_byte(out, '{');
	if (t->model.n && s->format != WIRE_GEMINI) { /* there it stands in the path */
		buf_add_c(out, "\"model\":");
		buf_add_json_string(out, t->model);
		buf_add_byte(out, ',');
	}
	buf_add(out, s->head);
	buf_printf(out, "\"%s\":[", NAMES[s->format]);
	for (uint32_t i = t->start; i < t->end; i++) {
		if (i > t->start)
			buf_add_byte(out, ',');
		buf_add(out, s->messages.v[i]);
	}
	buf_add_c(out, "]}");
}
