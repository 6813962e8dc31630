/* random_session: a made-up conversation of a coding agent, and the request body that its client would send
 * after so many turns, in any of the wire formats. Everything follows from the seed. For property tests. */
#ifndef TESTS_UNIT_RANDOM_SESSION_H
#define TESTS_UNIT_RANDOM_SESSION_H

#include "core/base/limits.h"
#include "core/wire/wire.h"
#include "tests/unit/random_text.h"

enum { SESSION_FILES = 3, SESSION_LINES_MAX = 140, SESSION_TURNS_MAX = 12, SESSION_STEPS_MAX = 3 };

struct session_file {
	str path;
	str lines[SESSION_LINES_MAX];
	uint32_t n;
};

/* One call and its result. */
struct session_step {
	str tool, input; /* input: a JSON object */
	str result;
	bool is_error;
	bool has_escapes; /* the result's literal is spelled as no other client would */
	bool is_broken;   /* ... or cannot be said as text */
};

struct session {
	struct rng rng;
	struct arena *arena;
	struct session_file files[SESSION_FILES];
	struct session_step steps[SESSION_TURNS_MAX][SESSION_STEPS_MAX];
	uint32_t steps_n[SESSION_TURNS_MAX];
	uint32_t turns_n;
	uint32_t first_turn; /* those before are gone: the client has compacted its history */
	uint32_t style;      /* how this agent's tools number lines */
	bool marks_last;     /* a breakpoint on the last result, which moves */
	bool has_ids;        /* Gemini: calls have them or not */
	bool splits_results; /* results are lists of texts where the format has such */
};

static inline str session_take(struct session *s, const struct buf *b)
{
	return arena_str(s->arena, buf_str(b));
}

static inline str session_source_line(struct session *s)
{
	struct buf b;

	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	add_source_line(&s->rng, &b);
	return session_take(s, &b);
}

static inline void session_init_files(struct session *s)
{
	static const char *const paths[SESSION_FILES] = {
		"/home/me/project/src/main.c", "/home/me/project/lib/main.c", "notes.md"};

	for (uint32_t i = 0; i < SESSION_FILES; i++) {
		struct session_file *f = &s->files[i];

		f->path = str_from(paths[i]);
		f->n = 1 + rng_below(&s->rng, SESSION_LINES_MAX);
		for (uint32_t k = 0; k < f->n; k++)
			f->lines[k] = session_source_line(s);
	}
}

/* ---- steps ------------------------------------------------------------------------------------------- */

static inline void session_read(struct session *s, struct session_step *x)
{
	struct session_file *f = &s->files[rng_below(&s->rng, SESSION_FILES)];
	uint32_t from = rng_once_in(&s->rng, 2) ? 0 : rng_below(&s->rng, f->n), n = f->n - from;
	struct buf b;

	if (rng_once_in(&s->rng, 3))
		n = 1 + rng_below(&s->rng, n);
	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_printf(&b, "{\"file_path\":\"" STR_FMT "\",\"offset\":%u}", STR_ARG(f->path), from + 1);
	x->input = session_take(s, &b);
	buf_reset(&b);
	if (rng_once_in(&s->rng, 3))
		buf_printf(&b, "[File: " STR_FMT " (%u lines total)]\n", STR_ARG(f->path), f->n);
	add_numbered(&s->rng, &b, f->lines + from, n, from + 1,
		rng_once_in(&s->rng, 8) ? rng_below(&s->rng, TEXT_STYLE_NONE + 1) : s->style);
	if (rng_once_in(&s->rng, 3))
		buf_add_c(&b, "\n<system-reminder>mind the tests</system-reminder>\n");
	x->tool = STR("Read");
	x->result = session_take(s, &b);
}

/* Replaces, inserts or removes a few lines; the result shows them or only says so. */
static inline void session_edit(struct session *s, struct session_step *x)
{
	struct session_file *f = &s->files[rng_below(&s->rng, SESSION_FILES)];
	uint32_t at = rng_below(&s->rng, f->n), n = 1 + rng_below(&s->rng, 5);
	struct buf b;

	if (n > f->n - at)
		n = f->n - at;
	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_printf(&b, "{\"file_path\":\"" STR_FMT "\",\"old_string\":", STR_ARG(f->path));
	for (uint32_t i = 0; i < 2; i++) {
		struct buf text;

		buf_init_arena(&text, s->arena, LIMIT_INPUT);
		for (uint32_t k = 0; k < n; k++) {
			if (i)
				f->lines[at + k] = session_source_line(s);
			buf_add(&text, f->lines[at + k]);
			buf_add_byte(&text, '\n');
		}
		buf_add_json_string(&b, buf_str(&text));
		buf_add_c(&b, i ? "}" : ",\"new_string\":");
	}
	x->input = session_take(s, &b);
	x->tool = STR("Edit");
	buf_reset(&b);
	buf_printf(&b,
		"The file " STR_FMT " has been updated successfully. Here is a part of it:\n",
		STR_ARG(f->path));
	add_numbered(&s->rng, &b, f->lines + at, n, at + 1, s->style);
	x->result = session_take(s, &b);
}

static inline void session_write(struct session *s, struct session_step *x)
{
	struct session_file *f = &s->files[rng_below(&s->rng, SESSION_FILES)];
	struct buf b, text;

	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_init_arena(&text, s->arena, LIMIT_INPUT);
	f->n = 1 + rng_below(&s->rng, SESSION_LINES_MAX / 2);
	for (uint32_t k = 0; k < f->n; k++) {
		f->lines[k] = session_source_line(s);
		buf_add(&text, f->lines[k]);
		buf_add_byte(&text, '\n');
	}
	buf_printf(&b, "{\"file_path\":\"" STR_FMT "\",\"content\":", STR_ARG(f->path));
	buf_add_json_string(&b, buf_str(&text));
	buf_add_byte(&b, '}');
	x->input = session_take(s, &b);
	x->tool = STR("Write");
	x->result = rng_once_in(&s->rng, 2) ? STR("File created successfully.")
					    : session_take(s, &text);
}

static inline void session_command(struct session *s, struct session_step *x)
{
	static const char *const commands[] = {"make -j2 check", "git status", "grep -rn count src",
		"cat main.c", "npm test 2>&1 | tail -50", "", "echo [lines 1-2]", "ls lines 3-4"};
	struct buf b;

	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_add_c(&b, "{\"command\":");
	buf_add_json_string(&b, str_from(RNG_PICK(&s->rng, commands)));
	buf_add_byte(&b, '}');
	x->input = session_take(s, &b);
	x->tool = STR("Bash");
	buf_reset(&b);
	add_any_text(&s->rng, &b, s->arena, true);
	x->result = session_take(s, &b);
}

/* A tool that nobody knows. */
static inline void session_other(struct session *s, struct session_step *x)
{
	static const char *const tools[] = {"mcp__files__read", "Grep", "headroom_retrieve",
		"mcp__headroom__headroom_retrieve", "TodoWrite", "a b\\u0000\xc3\xa9"};
	struct buf b;

	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_add_c(&b, rng_once_in(&s->rng, 2) ? "{" : "{\"q\":{\"deep\":[\"a\\nb\"]},");
	buf_add_c(&b, "\"pattern\":\"x\\ny\",\"k\\ney\":\"line one of it\\nline two\\n\"}");
	x->input = session_take(s, &b);
	x->tool = str_from(RNG_PICK(&s->rng, tools));
	buf_reset(&b);
	add_any_text(&s->rng, &b, s->arena, true);
	x->result = session_take(s, &b);
}

/* The same call as one before, with the same result or one of which a line is new. */
static inline void session_again(struct session *s, struct session_step *x, uint32_t turn)
{
	const struct session_step *old = &s->steps[rng_below(&s->rng, turn)][0];
	size_t at = old->result.n ? rng_below(&s->rng, (uint32_t)old->result.n) : 0;
	struct buf b;

	*x = *old;
	if (rng_once_in(&s->rng, 2))
		return;
	while (at && old->result.p[at - 1] != '\n')
		at--;
	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_add(&b, str_sub(old->result, 0, at));
	add_source_line(&s->rng, &b);
	buf_add_byte(&b, '\n');
	buf_add(&b, str_sub(old->result, at, old->result.n));
	x->result = session_take(s, &b);
}

static inline void session_add_step(struct session *s, uint32_t turn)
{
	struct session_step *x = &s->steps[turn][s->steps_n[turn]++];
	uint32_t kind = rng_below(&s->rng, 12);

	if (kind < 4)
		session_read(s, x);
	else if (kind < 5)
		session_edit(s, x);
	else if (kind < 6)
		session_write(s, x);
	else if (kind < 8 && turn)
		session_again(s, x, turn);
	else if (kind < 10)
		session_command(s, x);
	else
		session_other(s, x);
	x->is_error = rng_once_in(&s->rng, 8);
	x->has_escapes = rng_once_in(&s->rng, 8);
	x->is_broken = rng_once_in(&s->rng, 30);
}

static inline struct session *session_new(struct arena *a, uint64_t seed, uint32_t turns)
{
	struct session *s = arena_new(a, struct session);

	s->rng = rng_new(seed);
	s->arena = a;
	s->style = rng_below(&s->rng, TEXT_STYLE_NONE + 1);
	s->marks_last = rng_once_in(&s->rng, 3);
	s->has_ids = rng_once_in(&s->rng, 2);
	s->splits_results = rng_once_in(&s->rng, 4);
	s->turns_n = turns;
	session_init_files(s);
	for (uint32_t turn = 0; turn < turns; turn++)
		for (uint32_t n = 1 + rng_below(&s->rng, SESSION_STEPS_MAX); n; n--)
			session_add_step(s, turn);
	return s;
}

/* ---- bodies ------------------------------------------------------------------------------------------ */

/* Spells a text as a JSON string, perhaps with escapes that no writer needs. */
static inline void session_add_literal(struct buf *b, const struct session_step *x, str text)
{
	if (!x->has_escapes && !x->is_broken) {
		buf_add_json_string(b, text);
		return;
	}
	buf_add_c(b, x->is_broken ? "\"\\ud83d lone\xff" : "\"\\u0041");
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '/')
			buf_add_c(b, "\\/");
		else if (c < 0x20 || c == '"' || c == '\\' || c == 'e')
			buf_printf(b, "\\u%04X", c);
		else
			buf_add_byte(b, (char)c);
	}
	buf_add_byte(b, '"');
}

struct session_place {
	uint32_t turn, step;
	bool is_last;
};

static inline void session_add_id(struct buf *b, const struct session_place *at)
{
	buf_printf(b, "\"call_%u_%u\"", at->turn, at->step);
}

static inline void session_anthropic_call(struct buf *b, const struct session *s,
	const struct session_step *x, struct session_place at)
{
	(void)s;
	buf_add_c(b, at.step ? "," : "{\"role\":\"assistant\",\"content\":[");
	buf_add_c(b, "{\"type\":\"tool_use\",\"id\":");
	session_add_id(b, &at);
	buf_printf(b, ",\"name\":\"" STR_FMT "\",\"input\":", STR_ARG(x->tool));
	buf_add(b, x->input);
	buf_add_c(b, at.is_last ? "}]}" : "}");
}

static inline void session_anthropic_result(struct buf *b, const struct session *s,
	const struct session_step *x, struct session_place at)
{
	buf_add_c(b, at.step ? "," : "{\"role\":\"user\",\"content\":[");
	buf_add_c(b, "{\"type\":\"tool_result\",\"tool_use_id\":");
	session_add_id(b, &at);
	buf_add_c(b, x->is_error ? ",\"is_error\":true,\"content\":" : ",\"content\":");
	if (s->splits_results)
		buf_add_c(b, "[{\"type\":\"text\",\"text\":");
	session_add_literal(b, x, x->result);
	if (s->splits_results)
		buf_add_c(b, "},{\"type\":\"image\",\"source\":{}}]");
	if (s->marks_last && at.is_last && at.turn + 1 == s->turns_n)
		buf_add_c(b, ",\"cache_control\":{\"type\":\"ephemeral\"}");
	buf_add_c(b, at.is_last ? "}]}" : "}");
}

static inline void session_chat_call(struct buf *b, const struct session *s,
	const struct session_step *x, struct session_place at)
{
	(void)s;
	buf_add_c(b, at.step ? "," : "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[");
	buf_add_c(b, "{\"type\":\"function\",\"id\":");
	session_add_id(b, &at);
	buf_printf(b, ",\"function\":{\"name\":\"" STR_FMT "\",\"arguments\":", STR_ARG(x->tool));
	buf_add_json_string(b, x->input);
	buf_add_c(b, at.is_last ? "}}]}" : "}}");
}

static inline void session_chat_result(struct buf *b, const struct session *s,
	const struct session_step *x, struct session_place at)
{
	buf_add_c(b, at.step ? "," : "");
	buf_add_c(b, "{ \"role\": \"tool\", \"tool_call_id\": ");
	session_add_id(b, &at);
	buf_add_c(b, s->splits_results ? ", \"content\": [{\"type\":\"text\",\"text\": "
				       : ", \"content\": ");
	session_add_literal(b, x, x->result);
	buf_add_c(b, s->splits_results ? "}] }" : " }");
}

static inline void session_responses_call(struct buf *b, const struct session *s,
	const struct session_step *x, struct session_place at)
{
	(void)s;
	buf_add_c(b, at.step ? "," : "");
	buf_add_c(b, "{\"type\":\"function_call\",\"call_id\":");
	session_add_id(b, &at);
	buf_printf(b, ",\"name\":\"" STR_FMT "\",\"arguments\":", STR_ARG(x->tool));
	buf_add_json_string(b, x->input);
	buf_add_byte(b, '}');
}

static inline void session_responses_result(struct buf *b, const struct session *s,
	const struct session_step *x, struct session_place at)
{
	buf_add_c(b, at.step ? "," : "");
	buf_add_c(b, "{\"type\":\"function_call_output\",\"call_id\":");
	session_add_id(b, &at);
	buf_add_c(b, s->splits_results ? ",\"output\":[{\"type\":\"input_text\",\"text\":"
				       : ",\"output\":");
	session_add_literal(b, x, x->result);
	buf_add_c(b, s->splits_results ? "}]}" : "}");
}

static inline void session_gemini_id(
	struct buf *b, const struct session *s, const struct session_place *at)
{
	if (!s->has_ids)
		return;
	buf_add_c(b, "\"id\":");
	session_add_id(b, at);
	buf_add_byte(b, ',');
}

static inline void session_gemini_call(struct buf *b, const struct session *s,
	const struct session_step *x, struct session_place at)
{
	buf_add_c(b, at.step ? "," : "{\"role\":\"model\",\"parts\":[");
	buf_add_c(b, "{\"functionCall\":{");
	session_gemini_id(b, s, &at);
	buf_printf(b, "\"name\":\"" STR_FMT "\",\"args\":", STR_ARG(x->tool));
	buf_add(b, x->input);
	buf_add_c(b, at.is_last ? "}}]}" : "}}");
}

static inline void session_gemini_result(struct buf *b, const struct session *s,
	const struct session_step *x, struct session_place at)
{
	buf_add_c(b, at.step ? "," : "{\"role\":\"user\",\"parts\":[");
	buf_add_c(b, "{\"functionResponse\":{");
	session_gemini_id(b, s, &at);
	buf_printf(b, "\"name\":\"" STR_FMT "\",\"response\":{\"%s\":", STR_ARG(x->tool),
		x->is_error ? "error" : "output");
	session_add_literal(b, x, x->result);
	buf_add_c(b, at.is_last ? "}}}]}" : "}}}");
}

typedef void session_write_fn(struct buf *b, const struct session *s, const struct session_step *x,
	struct session_place at);
struct session_format {
	const char *head, *first; /* the body up to the list, and its first element */
	session_write_fn *call, *result;
};

/* The body ends in this, in all formats, and so does nothing before. */
#define SESSION_TAIL "]}"

static const struct session_format session_formats[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] =
		{"{\"model\":\"claude-opus-4\",\"max_tokens\":1e3,\"system\":\"Be brief.\","
		 "\"messages\":[",
			"{\"role\":\"user\",\"content\":\"go \\u00e9\\/\"}", session_anthropic_call,
			session_anthropic_result},
	[WIRE_OPENAI_CHAT] = {"{ \"model\": \"gpt-4o\", \"messages\": [",
		"{\"role\":\"system\",\"content\":\"Be brief.\"}", session_chat_call,
		session_chat_result},
	[WIRE_OPENAI_RESPONSES] = {"{\"model\":\"gpt-5\",\"input\":[",
		"{\"type\":\"message\",\"role\":\"user\",\"content\":\"go\"}",
		session_responses_call, session_responses_result},
	[WIRE_GEMINI] = {"{\"contents\":[", "{\"role\":\"user\",\"parts\":[{\"text\":\"go\"}]}",
		session_gemini_call, session_gemini_result},
};

/* The request after so many turns. */
static inline str session_body(
	struct session *s, enum wire_format format, uint32_t turns, struct arena *a)
{
	const struct session_format *f = &session_formats[format];
	struct buf b;

	s->turns_n = turns;
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_c(&b, f->head);
	buf_add_c(&b, f->first);
	for (uint32_t turn = s->first_turn; turn < turns; turn++) {
		for (uint32_t is_result = 0; is_result < 2; is_result++) {
			buf_add_byte(&b, ',');
			for (uint32_t i = 0; i < s->steps_n[turn]; i++) {
				struct session_place at = {turn, i, i + 1 == s->steps_n[turn]};

				(is_result ? f->result : f->call)(&b, s, &s->steps[turn][i], at);
			}
		}
	}
	buf_add_c(&b, SESSION_TAIL);
	return buf_str(&b);
}

#endif
