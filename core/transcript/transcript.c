#include "core/transcript/transcript.h"

#include "core/base/check.h"
#include "core/transcript/reader.h"

static const struct {
	const char *name;
	bool is_lines;
	line_read_fn *read;
} KINDS[TRANSCRIPT_KIND_N] = {
	[TRANSCRIPT_NONE] = {"none", false, NULL},
	[TRANSCRIPT_REQUEST] = {"request", false, requests_read},
	[TRANSCRIPT_MESSAGES] = {"messages", false, messages_read},
	[TRANSCRIPT_REQUESTS] = {"requests", true, requests_read},
	[TRANSCRIPT_PROXY_LOG] = {"proxy-jsonl", true, proxy_log_read},
	[TRANSCRIPT_CLAUDE] = {"claude-jsonl", true, claude_read},
	[TRANSCRIPT_CODEX] = {"codex-jsonl", true, codex_read},
	[TRANSCRIPT_GEMINI] = {"gemini-jsonl", true, gemini_read},
	[TRANSCRIPT_GEMINI_FILE] = {"gemini-json", false, gemini_file_read},
	[TRANSCRIPT_OPENCODE] = {"opencode-json", false, opencode_read},
	[TRANSCRIPT_PI] = {"pi-jsonl", true, pi_read},
};

const char *transcript_kind_name(enum transcript_kind k)
{
	return KINDS[k < TRANSCRIPT_KIND_N ? k : TRANSCRIPT_NONE].name;
}

bool transcript_kind_parse(str name, enum transcript_kind *out)
{
	for (enum transcript_kind k = TRANSCRIPT_NONE + 1; k < TRANSCRIPT_KIND_N; k++) {
		if (!str_eq_c(name, KINDS[k].name))
			continue;
		*out = k;
		return true;
	}
	return false;
}

bool transcript_is_lines(enum transcript_kind k)
{
	return k < TRANSCRIPT_KIND_N && KINDS[k].is_lines;
}

struct transcript *transcript_new(struct arena *a, enum transcript_kind kind)
{
	struct transcript *r = arena_new(a, struct transcript);

	ASSERT(kind > TRANSCRIPT_NONE && kind < TRANSCRIPT_KIND_N);
	r->arena = a;
	r->kind = kind;
	return r;
}

void transcript_read(struct transcript *r, struct arena *a, const struct json_tape *t,
	struct transcript_line *out)
{
	struct line l = {.r = r, .a = a, .t = t, .out = out};

	*out = (struct transcript_line){.doc.tape = *t};
	r->lines++;
	if (json_has_duplicate_key(t, 0))
		return;
	KINDS[r->kind].read(&l);
	if (!out->doc.n)
		return;
	if (!l.session)
		(void)line_session(&l, STR_NULL);
	wire_resolve(a, &out->doc, &l.session->calls);
	out->starts_anew = l.session->is_new;
	l.session->is_new = false;
}

/* The place of a session that is not known: a free one, or that of the longest unused. */
static struct session *session_place(struct transcript *r)
{
	struct session *oldest;

	if (r->sessions_n < TRANSCRIPT_SESSIONS) {
		oldest = arena_new(r->arena, struct session);
		r->sessions[r->sessions_n++] = oldest;
		return oldest;
	}
	oldest = r->sessions[0];
	for (uint32_t i = 1; i < r->sessions_n; i++) {
		if (r->sessions[i]->used_at < oldest->used_at)
			oldest = r->sessions[i];
	}
	return oldest;
}

struct session *line_session(struct line *l, str name)
{
	struct transcript *r = l->r;
	uint64_t key = hash64(name);
	struct session *s = NULL;

	for (uint32_t i = 0; i < r->sessions_n && !s; i++) {
		if (r->sessions[i]->key == key)
			s = r->sessions[i];
	}
	if (!s) {
		s = session_place(r);
		*s = (struct session){.key = key, .is_new = true};
	}
	s->used_at = r->lines;
	l->session = s;
	l->out->session = arena_str(l->a, name);
	return s;
}

void line_name_session(struct line *l, uint32_t node)
{
	str name;

	if (node != JSON_ABSENT && json_string(l->t, node, l->a, &name) && !l->r->name.n)
		l->r->name = arena_str(l->r->arena, name);
}

void line_forget(struct line *l)
{
	if (!l->session)
		(void)line_session(l, l->r->name);
	l->session->is_new = true;
	l->session->calls.n = 0;
	l->session->tail_n = 0;
}

void line_messages(struct line *l, enum wire_format f, uint32_t node, str path)
{
	struct wire_piece piece = {.format = f, .node = node, .path = path};

	/* It fails on a value of the wrong type, which has no blocks. */
	if (node != JSON_ABSENT)
		(void)!wire_walk_piece(l->a, l->t, &piece, &l->out->doc, NULL);
}

void line_content(struct line *l, enum wire_format f, enum wire_role role, uint32_t node, str path)
{
	struct wire_piece piece = {
		.format = f, .node = node, .path = path, .is_content = true, .role = role};

	if (node != JSON_ABSENT)
		(void)!wire_walk_piece(l->a, l->t, &piece, &l->out->doc, NULL);
}

void line_block(struct line *l, const struct wire_block *b, uint32_t node, str path)
{
	if (node != JSON_ABSENT)
		wire_add(l->a, l->t, b, node, path, &l->out->doc);
}

uint32_t line_object(const struct line *l, uint32_t object, const char *key)
{
	uint32_t v = line_member(l, object, key);

	return v != JSON_ABSENT && json_is(l->t, v, JSON_OBJECT) && !json_has_duplicate_key(l->t, v)
		       ? v
		       : JSON_ABSENT;
}

uint32_t line_member(const struct line *l, uint32_t object, const char *key)
{
	return object == JSON_ABSENT ? JSON_ABSENT : json_member(l->t, object, key);
}

str line_string(struct line *l, uint32_t object, const char *key)
{
	uint32_t v = line_member(l, object, key);
	str s;

	return v != JSON_ABSENT && json_string(l->t, v, l->a, &s) ? s : STR_NULL;
}

bool line_is(const struct line *l, uint32_t object, const char *key, const char *text)
{
	uint32_t v = line_member(l, object, key);

	return v != JSON_ABSENT && json_string_is(l->t, v, text);
}

bool line_is_true(const struct line *l, uint32_t object, const char *key)
{
	uint32_t v = line_member(l, object, key);

	return v != JSON_ABSENT && json_is(l->t, v, JSON_TRUE);
}
