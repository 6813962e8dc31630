/* translate_recorded: a recorded answer of whatever dialect by way of all others: the same words, calls and figures. */
#ifndef TESTS_UNIT_TRANSLATE_RECORDED_H
#define TESTS_UNIT_TRANSLATE_RECORDED_H

#include "tests/unit/translate_help.h"

static inline struct translate_answer_conf conf_of(
	enum wire_format backend, enum wire_format client, bool is_sse, bool is_stream)
{
	return (struct translate_answer_conf){.backend = backend,
		.client = client,
		.form = is_sse ? ANSWER_SSE : ANSWER_JSON,
		.is_stream = is_stream,
		.wants_usage = true,
		.model = STR("m"),
		.id = STR("id"),
		.created_s = 7,
		.held_max = 1 << 24};
}

static inline str lines_as_events(struct arena *a, str text)
{
	struct buf b;
	bool has_eol;
	str line;

	buf_init_arena(&b, a, TRANSLATE_MAX);
	while (str_next_line(&text, &line, &has_eol))
		if (str_trim(line).n)
			buf_printf(&b, "data: " STR_FMT "\n\n", STR_ARG(line));
	return buf_str(&b);
}

static inline enum wire_format format_of(str text)
{
	static const struct {
		const char *word;
		enum wire_format f;
	} words[] = {{"\"candidates\":", WIRE_GEMINI}, {"\"choices\":", WIRE_OPENAI_CHAT},
		{"\"output\":", WIRE_OPENAI_RESPONSES}, {"\"type\":\"message\"", WIRE_ANTHROPIC},
		{"\"type\": \"message\"", WIRE_ANTHROPIC}};

	for (size_t i = 0; i < ARRAY_N(words); i++)
		if (str_find(text, str_from(words[i].word)) != STR_NONE)
			return words[i].f;
	return WIRE_NONE;
}

static inline str one_line(struct arena *a, str json)
{
	char *p = arena_cstr(a, json);

	for (size_t i = 0; i < json.n; i++)
		p[i] = p[i] == '\n' ? ' ' : p[i];
	return (str){p, json.n};
}

/* What an answer of Anthropic's says: its texts, then its calls. */
static inline str said_in(struct arena *a, str body)
{
	struct json_tape t;
	struct buf texts, calls;

	buf_init_arena(&texts, a, TRANSLATE_MAX);
	buf_init_arena(&calls, a, TRANSLATE_MAX);
	assert_int_equal(json_scan(a, body, &t, NULL), E_OK);
	for (struct json_iter it = json_iter(&t, json_member(&t, 0, "content")); json_next(&it);) {
		uint32_t text = json_member(&t, it.value, "text");
		str plain;

		if (text != JSON_ABSENT && json_string(&t, text, a, &plain))
			buf_add(&texts, plain);
		else if (json_member(&t, it.value, "input") != JSON_ABSENT)
			buf_printf(&calls, "|" STR_FMT STR_FMT,
				STR_ARG(json_text(&t, json_member(&t, it.value, "name"))),
				STR_ARG(one_line(
					a, json_text(&t, json_member(&t, it.value, "input")))));
	}
	buf_printf(&texts, STR_FMT "|" STR_FMT, STR_ARG(buf_str(&calls)),
		STR_ARG(json_text(&t, json_member(&t, 0, "stop_reason"))));
	return buf_str(&texts);
}

static inline bool is_whole(str out)
{
	return !str_ends(out, STR("<not whole>")) && !str_ends(out, STR("<MALFORMED>"));
}

/* By way of the client's dialect: the same words, calls and figures as straight to Anthropic's. */
static inline void check_way(struct arena *a, const char *path,
	const struct translate_answer_conf *conf, str bytes, str wanted)
{
	struct translate_answer_conf back =
		conf_of(conf->client, WIRE_ANTHROPIC, conf->is_stream, false);
	struct usage there = {0}, here = {0};
	str out = translate_answer_run(a, conf, bytes, bytes.n, &there), said;

	assert_true(is_whole(out));
	if (conf->client == WIRE_ANTHROPIC)
		return;
	said = said_in(a, translate_answer_run(a, &back, out, out.n, &here));
	if (!str_eq(said, wanted))
		fail_msg("%s by way of %s\nis:     " STR_FMT "\nwanted: " STR_FMT, path,
			wire_format_name(conf->client), STR_ARG(said), STR_ARG(wanted));
	if (here.input + here.cache_read + here.cache_write_5m != there.input + there.cache_read +
									  there.cache_write_5m +
									  there.cache_write_1h ||
		here.output != there.output)
		fail_msg("%s by way of %s: other figures", path, wire_format_name(conf->client));
}

/* False: no answer of a model, or one that was cut. */
static inline bool check_recorded(struct arena *a, const char *path, str text)
{
	bool is_lines = str_ends(str_from(path), STR(".chunks.txt"));
	bool is_sse = !str_ends(str_from(path), STR(".json"));
	enum wire_format f = format_of(text),
			 via = f == WIRE_ANTHROPIC ? WIRE_OPENAI_RESPONSES : WIRE_ANTHROPIC;
	str bytes = is_lines ? lines_as_events(a, text) : text, wanted;
	struct translate_answer_conf first = conf_of(f, via, is_sse, false),
				     last = conf_of(via, WIRE_ANTHROPIC, false, false);

	if (f == WIRE_NONE)
		return false;
	wanted = translate_answer_run(a, &first, bytes, bytes.n, NULL);
	if (!is_whole(wanted)) {
		print_message("%s: %s\n", path,
			str_ends(wanted, STR("<not whole>")) ? "has no end" : "is no answer");
		return false;
	}
	if (via != WIRE_ANTHROPIC)
		wanted = translate_answer_run(a, &last, wanted, wanted.n, NULL);
	wanted = said_in(a, wanted);
	for (size_t i = 0; i < ARRAY_N(translate_dialects); i++)
		for (unsigned way = 0; way < 2; way++) {
			struct translate_answer_conf conf =
				conf_of(f, translate_dialects[i], is_sse, way);

			if (conf.client != f)
				check_way(a, path, &conf, bytes, wanted);
		}
	return true;
}

static inline bool is_recorded(const char *path)
{
	static const char *const ends[] = {".chunks.txt", ".json", ".sse", "_response.txt"};

	for (size_t i = 0; i < ARRAY_N(ends); i++)
		if (str_ends(str_from(path), str_from(ends[i])))
			return true;
	return false;
}

#endif
