/* learn_help: sessions for tests of learn/, from the texts that tests/learn/README.md describes. */
#ifndef TESTS_UNIT_LEARN_HELP_H
#define TESTS_UNIT_LEARN_HELP_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "learn/learn.h"
#include <stdio.h>

#include "tests/unit/wire_help.h"

enum step_kind { STEP_SAID, STEP_CALL, STEP_RESULT };

struct step {
	enum step_kind kind;
	str session, id, tool, input, text; /* input: JSON */
	bool is_error;
	uint64_t tokens;
};

struct want {
	str kind, text;
};

struct script {
	struct arena *a;
	str project;
	VEC(struct step) steps;
	VEC(struct want) wants;
};

static inline str script_json(struct arena *a, str s)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_json_string(&b, s);
	return buf_str(&b);
}

/* The call that a line of a case means; false: it means none. */
static inline bool script_call(struct script *s, str line, struct step *out)
{
	static const struct {
		const char *begins, *tool, *member;
	} ROWS[] = {{"$ ", "Bash", "command"}, {"read ", "Read", "file_path"},
		{"part ", "Read", "offset\":10,\"file_path"}, {"edit ", "Edit", "file_path"},
		{"grep ", "Grep", "pattern"}, {"glob ", "Glob", "pattern"},
		{"agent ", "Task", "subagent_type"}};

	for (size_t i = 0; i < ARRAY_N(ROWS); i++) {
		str rest = line, more = STR_NULL;
		size_t at;

		if (!str_take(&rest, str_from(ROWS[i].begins)))
			continue;
		at = str_find(rest, STR(" in "));
		if (str_eq_c(str_from(ROWS[i].tool), "Grep") && at != STR_NONE) {
			more = arena_printf(s->a, ",\"path\":" STR_FMT,
				STR_ARG(script_json(s->a, str_sub(rest, at + 4, rest.n))));
			rest = str_sub(rest, 0, at);
		}
		at = str_find_byte(rest, ' ');
		if (str_eq_c(str_from(ROWS[i].tool), "Task") && at != STR_NONE) {
			assert_true(str_u64(str_sub(rest, at + 1, rest.n), &out->tokens));
			rest = str_sub(rest, 0, at);
		}
		out->kind = STEP_CALL;
		out->tool = str_from(ROWS[i].tool);
		out->input = arena_printf(s->a, "{\"%s\":" STR_FMT STR_FMT "}", ROWS[i].member,
			STR_ARG(script_json(s->a, rest)), STR_ARG(more));
		return true;
	}
	return false;
}

struct script_at {
	str session;
	struct step call;
	uint64_t times; /* that the call is made; 0: it has its result */
	bool in_text;   /* the last line was of what is said, or of a result */
	char mark;
};

static inline void script_text(struct script *s, struct script_at *at, char mark, str text)
{
	struct step *last = s->steps.n ? &s->steps.v[s->steps.n - 1] : NULL;

	if (at->in_text && at->mark == mark && last) {
		last->text = arena_printf(
			s->a, STR_FMT "\n" STR_FMT, STR_ARG(last->text), STR_ARG(text));
		return;
	}
	at->in_text = true;
	at->mark = mark;
	if (mark == '>') {
		*vec_push(&s->steps, s->a) =
			(struct step){.kind = STEP_SAID, .session = at->session, .text = text};
		return;
	}
	assert_true(at->times > 0);
	/* All but the last have their results already, made at the call. */
	*vec_push(&s->steps, s->a) = (struct step){.kind = STEP_RESULT,
		.session = at->session,
		.id = at->call.id,
		.text = text,
		.is_error = mark == '!',
		.tokens = at->call.tokens};
}

/* A result of several lines is put together before it is repeated. */
static inline void script_repeat(struct script *s, struct script_at *at)
{
	struct step result;

	if (!at->times)
		return;
	result = s->steps.v[s->steps.n - 1];
	if (result.is_error && at->call.input.n && str_eq_c(at->call.tool, "Bash"))
		result.text = arena_printf(s->a, "Exit code 1\n" STR_FMT, STR_ARG(result.text));
	s->steps.v[s->steps.n - 1] = result;
	for (uint64_t i = 1; i < at->times; i++) {
		str id = arena_printf(s->a, "toolu_%zu", s->steps.n);

		at->call.id = result.id = id;
		*vec_push(&s->steps, s->a) = at->call;
		*vec_push(&s->steps, s->a) = result;
	}
	at->times = 0;
}

static inline void script_line(struct script *s, struct script_at *at, str line)
{
	str rest = line, word;
	uint64_t times = 1;

	if (!line.n || line.p[0] == '#')
		return;
	if (line.n > 1 && strchr("=!>", line.p[0]) && line.p[1] == ' ') {
		script_text(s, at, line.p[0], str_sub(line, 2, line.n));
		return;
	}
	script_repeat(s, at);
	at->in_text = false;
	if (str_take(&rest, STR("session "))) {
		at->session = rest;
	} else if (str_take(&rest, STR("project "))) {
		s->project = rest;
	} else if (str_take(&rest, STR("want "))) {
		assert_true(str_split(&rest, ' ', &word));
		*vec_push(&s->wants, s->a) = (struct want){word, rest};
	} else {
		if (str_take(&rest, STR("repeat ")))
			assert_true(str_split(&rest, ' ', &word) && str_u64(word, &times));
		at->call = (struct step){.session = at->session};
		if (!script_call(s, rest, &at->call))
			fail_msg("no line of a case: " STR_FMT, STR_ARG(line));
		at->call.id = arena_printf(s->a, "toolu_%zu", s->steps.n);
		at->times = times;
		*vec_push(&s->steps, s->a) = at->call;
	}
}

static inline void script_parse(struct script *s, struct arena *a, str text)
{
	struct script_at at = {.session = STR("a")};
	str line;

	*s = (struct script){.a = a, .project = STR("/w")};
	while (str_next_line(&text, &line, NULL))
		script_line(s, &at, line);
	script_repeat(s, &at);
}

/* The message of a step, as Anthropic has it. */
static inline void script_message(struct buf *b, const struct step *x)
{
	if (x->kind == STEP_CALL) {
		buf_printf(b,
			"{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
			"\"" STR_FMT "\",\"name\":\"" STR_FMT "\",\"input\":" STR_FMT "}]}",
			STR_ARG(x->id), STR_ARG(x->tool), STR_ARG(x->input));
		return;
	}
	buf_add_c(b, "{\"role\":\"user\",\"content\":");
	if (x->kind == STEP_RESULT)
		buf_printf(b,
			"[{\"type\":\"tool_result\",\"tool_use_id\":\"" STR_FMT
			"\",\"is_error\":%s,\"content\":",
			STR_ARG(x->id), x->is_error ? "true" : "false");
	buf_add_json_string(b, x->text);
	buf_add_c(b, x->kind == STEP_RESULT ? "}]}" : "}");
}

/* All of it as lines of Claude Code, a second apart. */
static inline void script_claude(const struct script *s, struct buf *b)
{
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct step *x = &s->steps.v[i];

		buf_printf(b,
			"{\"type\":\"%s\",\"sessionId\":\"" STR_FMT "\",\"cwd\":\"" STR_FMT
			"\",\"uuid\":\"u%zu\",\"timestamp\":\"2026-03-01T10:%02zu:%02zu.000Z\",",
			x->kind == STEP_CALL ? "assistant" : "user", STR_ARG(x->session),
			STR_ARG(s->project), i, i / 60, i % 60);
		if (x->tokens)
			buf_printf(
				b, "\"toolUseResult\":{\"totalTokens\":%" PRIu64 "},", x->tokens);
		buf_add_c(b, "\"message\":");
		script_message(b, x);
		buf_add_c(b, "}\n");
	}
}

/* A request for each answer that the model gave: the history of its session so far. */
static inline void script_requests(const struct script *s, struct learner *l)
{
	for (size_t end = 1; end <= s->steps.n; end++) {
		const struct step *last = &s->steps.v[end - 1];
		struct buf b;

		if (last->kind == STEP_CALL)
			continue;
		buf_init_arena(&b, s->a, LIMIT_INPUT);
		buf_add_c(&b, "{\"model\":\"claude-x\",\"max_tokens\":9,\"messages\":[");
		for (size_t i = 0, n = 0; i < end; i++) {
			if (!str_eq(s->steps.v[i].session, last->session))
				continue;
			if (n++)
				buf_add_byte(&b, ',');
			script_message(&b, &s->steps.v[i]);
		}
		buf_add_c(&b, "]}");
		learner_request(l, &(struct learn_request){.body = buf_str(&b),
					   .session = last->session,
					   .project = s->project,
					   .agent = AGENT_CLAUDE,
					   .at_ms = (int64_t)end * 1000});
	}
}

static inline char *learn_temp(char path[64], str data)
{
	int fd;

	(void)snprintf(path, 64, "/tmp/learn_test.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data.p, data.n), (ssize_t)data.n);
	assert_int_equal(close(fd), 0);
	return path;
}

static inline void learn_read_text(struct learner *l, str data, enum err want)
{
	char path[64];
	struct errctx cx = {0};
	const struct learn_file file = {.path = learn_temp(path, data), .agent = AGENT_CLAUDE};
	enum err e = learner_read(l, &file, NULL, &cx);

	(void)unlink(path);
	if (e != want)
		fail_msg("%s", cx.text);
}

static inline struct learner *new_learner(struct learn_conf conf)
{
	struct learner *l;

	conf.with_subagents = true;
	assert_int_equal(learner_new(&conf, &l, NULL), E_OK);
	return l;
}

static inline const struct rule *rule_of(
	const struct learn_result *r, const char *project, const char *text)
{
	for (size_t p = 0; p < r->projects.n; p++)
		for (size_t i = 0; i < r->projects.v[p].rules.n; i++)
			if (str_eq_c(r->projects.v[p].rules.v[i].text, text) &&
				str_eq_c(r->projects.v[p].project, project))
				return &r->projects.v[p].rules.v[i];
	return NULL;
}

static inline str named(struct arena *a, const char *text, char name)
{
	str s = quoted(a, text);
	char *p = arena_cstr(a, s);

	for (char *q = p; *q; q++)
		if (*q == '%')
			*q = name;
	return str_from(p);
}

#endif
