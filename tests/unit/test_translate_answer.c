/* Answers in the words of another dialect: whole ones and streams however they are cut, from all dialects to all others; calls that
 * come at the same time; thoughts and their signatures; errors; recorded answers, where HEADROOM_CORPORA names some. */
#include "tests/unit/translate_help.h"

#include <dirent.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/unit/translate_recorded.h"

/* The same in three pieces as whole, byte by byte. */
static str run(
	struct arena *a, const struct translate_answer_conf *conf, str bytes, struct usage *usage)
{
	str out = translate_answer_run(a, conf, bytes, bytes.n ? bytes.n : 1, usage);

	for (size_t step = 1; step < 9; step += 3)
		assert_true(str_eq(out, translate_answer_run(a, conf, bytes, step, usage)));
	return out;
}

#define CHUNK(delta)                                                                      \
	"data: {\"id\":\"c\",\"model\":\"x\",\"choices\":[{\"index\":0,\"delta\":{" delta \
	"},\"finish_reason\":null}]}\n\n"
#define CHAT_END(reason)                                                                         \
	"data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason \
	"\"}]}\n\n"                                                                              \
	"data: "                                                                                 \
	"{\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,"  \
	"\"total_tokens\":15,"                                                                   \
	"\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\ndata: [DONE]\n\n"

static void a_stream_of_chat_for_a_client_of_anthropic(void **state)
{
	struct arena a = ARENA_INIT;
	struct translate_answer_conf conf = conf_of(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC, true, true);
	struct usage u;

	(void)state;
	assert_text(
		run(&a, &conf,
			STR(CHUNK("\"role\":\"assistant\",\"content\":\"\"") CHUNK(
				"\"reasoning_content\":\"hm\"") CHUNK("\"content\":\"Gr\\u00fc\"")
					CHUNK("\"tool_calls\":[{\"index\":0,\"id\":\"k\","
					      "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]")
						CHUNK("\"tool_calls\":[{\"index\":0,\"function\":{"
						      "\"arguments\":\"{\\\"a\\\":1}\"}}]")
							CHAT_END("stop")),
			&u),
		"event: message_start\ndata: "
		"{\"type\":\"message_start\",\"message\":{\"id\":\"c\",\"type\":\"message\","
		"\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_"
		"sequence\":null,\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}}\n\n"
		"event: content_block_start\ndata: "
		"{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
		"\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"
		"event: content_block_delta\ndata: "
		"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_"
		"delta\",\"thinking\":\"hm\"}}\n\n"
		"event: content_block_delta\ndata: "
		"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_"
		"delta\",\"signature\":\"hdrm/C1/\"}}\n\n"
		"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
		"event: content_block_start\ndata: "
		"{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":"
		"\"text\",\"text\":\"\"}}\n\n"
		"event: content_block_delta\ndata: "
		"{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\","
		"\"text\":\"Gr\\u00fc\"}}\n\n"
		"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
		"event: content_block_start\ndata: "
		"{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_"
		"use\",\"id\":\"k\",\"name\":\"f\",\"input\":{}}}\n\n"
		"event: content_block_delta\ndata: "
		"{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_"
		"delta\",\"partial_json\":\"{\\\"a\\\":1}\"}}\n\n"
		"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\n"
		"event: message_delta\ndata: "
		"{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\",\"stop_"
		"sequence\":null},\"usage\":{\"input_tokens\":6,\"cache_creation_input_tokens\":0,"
		"\"cache_read_input_tokens\":4,\"output_tokens\":5}}\n\n"
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
	assert_int_equal(u.input, 6);
	assert_int_equal(u.cache_read, 4);
	assert_int_equal(u.output, 5);
	arena_release(&a);
}

/* The second call waits until the arguments of the first are whole, and then goes out at once. */
static void calls_at_the_same_time_come_one_after_the_other(void **state)
{
	struct arena a = ARENA_INIT;
	struct translate_answer_conf conf = conf_of(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC, true, false);
	str out;

	(void)state;
	out = run(&a, &conf,
		STR(CHUNK("\"tool_calls\":[{\"index\":0,\"id\":\"k0\",\"function\":{\"name\":\"f\","
			  "\"arguments\":\"{\\\"a\\\":\\\"}\"}},"
			  "{\"index\":1,\"id\":\"k1\",\"function\":{\"name\":\"g\",\"arguments\":"
			  "\"{\"}}]") CHUNK("\"tool_calls\":[{\"index\":1,\"function\":{"
					    "\"arguments\":\"\\\"b\\\":2\"}},{\"index\":0,"
					    "\"function\":{\"arguments\":\"\\\\\\\"{\"}}]")
				CHUNK("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
				      "\"\\\"}\"}},{\"index\":1,\"function\":{\"arguments\":\"}\"}}"
				      "]") CHUNK("\"tool_calls\":[{\"index\":2,\"id\":\"k2\","
						 "\"function\":{"
						 "\"name\":\"h\",\"arguments\":\"oops\"}}]")
					CHAT_END("tool_calls")),
		NULL);
	assert_has(out, "\"content\":[{\"type\":\"tool_use\",\"id\":\"k0\",\"name\":\"f\","
			"\"input\":{\"a\":\"}\\\"{\"}},"
			"{\"type\":\"tool_use\",\"id\":\"k1\",\"name\":\"g\",\"input\":{\"b\":2}},"
			"{\"type\":\"tool_use\",\"id\":\"k2\",\"name\":\"h\",\"input\":{\"INVALID_"
			"JSON\":\"oops\"}}],\"stop_reason\":\"tool_use\"");
	arena_release(&a);
}

static void calls_as_other_backends_spell_them(void **state)
{
	struct arena a = ARENA_INIT;
	struct translate_answer_conf conf = conf_of(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC, true, false);

	(void)state;
	/* no index, and arguments that are an object; all with index 0 and ids of their own */
	assert_has(run(&a, &conf,
			   STR(CHUNK("\"tool_calls\":[{\"id\":\"p\",\"function\":{\"name\":\"f\","
				     "\"arguments\":{\"a\":1}}},{\"id\":\"q\",\"function\":{"
				     "\"name\":\"f\",\"arguments\":{}}}]") CHAT_END("tool_calls")),
			   NULL),
		"{\"type\":\"tool_use\",\"id\":\"p\",\"name\":\"f\",\"input\":{\"a\":1}},{\"type\":"
		"\"tool_use\",\"id\":\"q\",\"name\":\"f\",\"input\":{}}");
	assert_has(run(&a, &conf,
			   STR(CHUNK("\"tool_calls\":[{\"index\":0,\"id\":\"p\",\"function\":{"
				     "\"name\":\"f\",\"arguments\":\"{}\"}}]")
					   CHUNK("\"tool_calls\":[{\"index\":0,\"id\":\"q\","
						 "\"function\":{"
						 "\"name\":\"g\",\"arguments\":\"{}\"}}]")
						   CHAT_END("stop")),
			   NULL),
		"{\"type\":\"tool_use\",\"id\":\"p\",\"name\":\"f\",\"input\":{}},{\"type\":\"tool_"
		"use\",\"id\":\"q\",\"name\":\"g\",\"input\":{}}");
	arena_release(&a);
}

#define GEMINI(parts, rest)                                                                       \
	"data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[" parts "]}" rest     \
	"}],\"modelVersion\":\"x\",\"responseId\":\"r\",\"usageMetadata\":{\"promptTokenCount\":" \
	"9,\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2,\"totalTokenCount\":14}}\r\n\r\n"

/* What signs a call comes back to it, by way of a client that keeps thoughts. */
static void signatures_come_back_to_who_gave_them(void **state)
{
	struct arena a = ARENA_INIT;
	struct translate_answer_conf conf = conf_of(WIRE_GEMINI, WIRE_ANTHROPIC, true, false);
	struct translate_conf request = {.model = STR("gemini-3-pro")};
	str said, body;
	struct json_tape t;

	(void)state;
	said = run(&a, &conf,
		STR(GEMINI("{\"text\":\"hm\",\"thought\":true}", "")
				GEMINI("{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":1}},"
				       "\"thoughtSignature\":\"SIG\"}",
					",\"finishReason\":\"STOP\"")),
		NULL);
	assert_has(said,
		"{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"hdrm/G1/SIG\"},"
		"{\"type\":\"tool_use\",\"id\":\"call_r_0\"");
	/* without thoughts that are shown it is a redacted one */
	assert_has(
		run(&a, &conf,
			STR(GEMINI(
				"{\"functionCall\":{\"name\":\"f\"},\"thoughtSignature\":\"SIG\"}",
				",\"finishReason\":\"STOP\"")),
			NULL),
		"\"content\":[{\"type\":\"redacted_thinking\",\"data\":\"hdrm/G1/"
		"SIG\"},{\"type\":\"tool_use\",\"id\":\"call_r_0\",\"name\":\"f\",\"input\":{}}]");
	assert_has(said, "\"usage\":{\"input_tokens\":9,\"cache_creation_input_tokens\":0,\"cache_"
			 "read_input_tokens\":0,\"output_tokens\":5}");
	assert_int_equal(json_scan(&a, said, &t, NULL), E_OK);
	body = arena_printf(&a,
		"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\","
		"\"content\":" STR_FMT
		"},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
		"\"call_r_0\",\"content\":\"r\"}]}]}",
		STR_ARG(json_text(&t, json_member(&t, 0, "content"))));
	assert_has(translate_run(&a, WIRE_ANTHROPIC, WIRE_GEMINI, body, &request).body,
		"{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":1}},\"thoughtSignature\":"
		"\"SIG\"}");
	arena_release(&a);
}

static void a_custom_tool_is_called_in_plain_text(void **state)
{
	struct arena a = ARENA_INIT;
	struct translate_name names[] = {{STR("apply_patch"), STR("apply_patch"), true}};
	struct translate_answer_conf conf =
		conf_of(WIRE_OPENAI_CHAT, WIRE_OPENAI_RESPONSES, true, true);
	str out;

	(void)state;
	conf.names = names;
	conf.names_n = 1;
	out = run(&a, &conf,
		STR(CHUNK("\"tool_calls\":[{\"index\":0,\"id\":\"k\",\"function\":{\"name\":"
			  "\"apply_patch\",\"arguments\":\"{\\\"input\\\": \\\"*** "
			  "\\\\\\\"Begin\\\\\\\"\\\\n\\\"}\"}}]") CHAT_END("tool_calls")),
		NULL);
	assert_has(out,
		"\"type\":\"response.custom_tool_call_input.done\",\"sequence_number\":4,\"item_"
		"id\":\"ctc_c_0\",\"output_index\":0,\"input\":\"*** \\\"Begin\\\"\\n\"}");
	assert_has(out,
		"{\"id\":\"ctc_c_0\",\"type\":\"custom_tool_call\",\"call_id\":\"k\",\"name\":"
		"\"apply_patch\",\"input\":\"*** \\\"Begin\\\"\\n\",\"status\":\"completed\"}");
	arena_release(&a);
}

/* An object on several lines, as some have it: in an event they would be the end of it. */
static void arguments_on_several_lines_stay_in_one_event(void **state)
{
	struct arena a = ARENA_INIT;
	struct translate_answer_conf conf = conf_of(WIRE_ANTHROPIC, WIRE_GEMINI, false, true);

	(void)state;
	assert_has(run(&a, &conf,
			   STR("{\"id\":\"m\",\"content\":[{\"type\":\"tool_use\",\"id\":\"k\","
			       "\"name\":\"f\",\"input\":{\n\"a\":\r\n1}}],\"stop_reason\":\"tool_"
			       "use\"}"),
			   NULL),
		"\"args\":{ \"a\":  1}}");
	arena_release(&a);
}

static void what_breaks_off_has_no_end(void **state)
{
	struct arena a = ARENA_INIT;
	struct translate_answer_conf conf = conf_of(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC, true, true);
	str out = run(&a, &conf, STR(CHUNK("\"content\":\"x\"")), NULL);

	(void)state;
	assert_true(str_ends(out, STR("<not whole>")));
	/* an end without [DONE] is one, a body that is no answer is none */
	assert_has(run(&a, &conf,
			   STR(CHUNK("\"content\":\"x\"") "data: "
							  "{\"id\":\"c\",\"choices\":[{\"index\":0,"
							  "\"delta\":{},\"finish_reason\":"
							  "\"length\"}]}\n\n"),
			   NULL),
		"\"stop_reason\":\"max_tokens\"");
	conf.form = ANSWER_JSON;
	assert_text(run(&a, &conf, STR("<html>"), NULL), "<MALFORMED>");
	assert_text(run(&a, &conf, STR("{\"object\":\"list\"}"), NULL), "<MALFORMED>");
	arena_release(&a);
}

/* Nobody reads an event of this size; without it the answer would have a hole that the client does not see. */
static void an_event_that_is_too_large_is_no_gap(void **state)
{
	struct translate_answer_conf conf = conf_of(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC, true, true);
	struct translate_answer *ta = translate_answer_new(&conf);
	const str text = STR(CHUNK("\"content\":\"a\""));
	const size_t n = LIMIT_SSE_EVENT + 1;
	char *large = mem_alloc(n);
	struct buf out;

	(void)state;
	assert_non_null(ta);
	assert_non_null(large);
	memset(large, 'a', n);
	buf_init(&out, TRANSLATE_MAX);
	assert_int_equal(translate_answer_feed(ta, text, &out), E_OK);
	assert_int_equal(translate_answer_feed(ta, STR("data: "), &out), E_OK);
	assert_int_equal(translate_answer_feed(ta, (str){large, n}, &out), E_OK);
	assert_int_equal(translate_answer_feed(ta, STR("\n\n"), &out), E_TOO_BIG);
	assert_int_equal(translate_answer_feed(ta, text, &out), E_TOO_BIG);
	assert_int_equal(translate_answer_finish(ta, true, &out), E_TOO_BIG);
	assert_false(translate_answer_is_whole(ta));
	translate_answer_free(ta);
	mem_free(large);
	buf_release(&out);
}

static void errors_keep_their_status_and_words(void **state)
{
	static const struct {
		enum wire_format client;
		int status, to;
		const char *body, *wanted;
	} rows[] = {
		{WIRE_ANTHROPIC, 429, 429, "{\"error\":{\"message\":\"slow\",\"type\":\"x\"}}",
			"{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":"
			"\"slow\"}}"},
		{WIRE_OPENAI_CHAT, 529, 503,
			"{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
			"\"Overloaded\"}}",
			"{\"error\":{\"message\":\"Overloaded\",\"type\":\"server_error\","
			"\"param\":null,\"code\":null}}"},
		{WIRE_GEMINI, 404, 404, "{\"error\":\"no model\"}",
			"{\"error\":{\"code\":404,\"message\":\"no "
			"model\",\"status\":\"NOT_FOUND\"}}"},
		{WIRE_ANTHROPIC, 400, 400,
			"[{\"error\":{\"code\":400,\"message\":\"it generates too "
			"much\",\"status\":\"INVALID_ARGUMENT\"}}]",
			"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
			"\"message\":\"it generates too much\"}}"},
		{WIRE_ANTHROPIC, 400, 400,
			"{\"error\":{\"message\":\"This model's maximum context length is "
			"9\",\"code\":\"context_length_exceeded\"}}",
			"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
			"\"message\":\"prompt is too long: This model's maximum context length is "
			"9\"}}"},
		{WIRE_OPENAI_RESPONSES, 400, 400,
			"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
			"\"message\":\"prompt is too long: 9 tokens\"}}",
			"{\"error\":{\"message\":\"prompt is too long: 9 "
			"tokens\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":"
			"\"context_length_exceeded\"}}"},
		{WIRE_ANTHROPIC, 502, 502, "<html>Bad Gateway</html>",
			"{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"<html>"
			"Bad Gateway</html>\"}}"},
	};
	struct arena a = ARENA_INIT;
	struct translate_answer_conf conf = conf_of(WIRE_ANTHROPIC, WIRE_OPENAI_CHAT, true, true);

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct buf out;

		buf_init_arena(&out, &a, 4096);
		assert_int_equal(translate_error(rows[i].client, rows[i].status,
					 str_from(rows[i].body), &out),
			rows[i].to);
		assert_text(buf_str(&out), rows[i].wanted);
	}
	/* in the midst of a stream */
	assert_has(run(&a, &conf,
			   STR("event: error\ndata: "
			       "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
			       "\"message\":\"busy\"}}\n\n"),
			   NULL),
		"data: {\"error\":{\"message\":\"busy\",\"type\":\"server_error\"");
	arena_release(&a);
}

/* ---- all dialects to all others ---------------------------------------------------------------------------------- */

/* One answer, as each dialect streams it. */
static str sample(struct arena *a, enum wire_format f, bool is_stream)
{
	struct translate_answer_conf conf = conf_of(WIRE_OPENAI_CHAT, f, true, is_stream);
	str chat = STR(CHUNK("\"reasoning_content\":\"th\\\"ought\"") CHUNK(
		"\"content\":\"Gr\\u00fc\\n\"") CHUNK("\"content\":\"\\u00dfe\"")
			CHUNK("\"tool_calls\":[{\"index\":0,\"id\":\"k0\",\"function\":{\"name\":"
			      "\"f\",\"arguments\":\"{\\\"a\\\": \"}}]")
				CHUNK("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
				      "\"\\\"x\\\\n\\\"}\"}}]")
					CHUNK("\"tool_calls\":[{\"index\":1,\"id\":\"k1\","
					      "\"function\":{"
					      "\"name\":\"g\",\"arguments\":\"{}\"}}]")
						CHAT_END("tool_calls"));

	conf.is_array = false;
	if (f == WIRE_OPENAI_CHAT && is_stream)
		return chat;
	if (f == WIRE_OPENAI_CHAT) { /* by way of another dialect */
		struct translate_answer_conf back = conf_of(WIRE_ANTHROPIC, f, true, false);

		conf.client = WIRE_ANTHROPIC;
		conf.is_stream = true;
		return translate_answer_run(
			a, &back, translate_answer_run(a, &conf, chat, chat.n, NULL), 4096, NULL);
	}
	return translate_answer_run(a, &conf, chat, chat.n, NULL);
}

/* As Anthropic's client sees it, whole: what all of them must agree upon. Ids of Chat's are kept, so everything is equal. */
static void every_dialect_says_the_same(void **state)
{
	struct arena a = ARENA_INIT;
	str wanted = STR_NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(translate_dialects); i++)
		for (size_t k = 0; k < ARRAY_N(translate_dialects); k++)
			for (unsigned way = 0; way < 4; way++) {
				enum wire_format backend = translate_dialects[i],
						 client = translate_dialects[k];
				bool is_sse = way & 1, is_stream = way & 2;
				struct translate_answer_conf conf =
					conf_of(backend, client, is_sse, is_stream);
				struct translate_answer_conf last =
					conf_of(client, WIRE_ANTHROPIC, is_stream, false);
				struct usage u;
				str out;

				if (backend == client)
					continue;
				out = run(&a, &conf, sample(&a, backend, is_sse), &u);
				assert_int_equal(u.input, 6);
				assert_int_equal(u.cache_read, 4);
				assert_int_equal(u.output, 5);
				if (client != WIRE_ANTHROPIC)
					out = run(&a, &last, out, NULL);
				else if (is_stream)
					continue;
				assert_has(out, "\"thinking\":\"th\\\"ought\"");
				assert_has(out, "{\"type\":\"text\",\"text\":"
						"\"Gr\\u00fc\\n\\u00dfe\"},{\"type\":\"tool_use\","
						"\"id\":\"k0\",\"name\":\"f\",\"input\":{\"a\": "
						"\"x\\n\"}},{\"type\":\"tool_use\",\"id\":\"k1\","
						"\"name\":\"g\",\"input\":{}}]");
				assert_has(out, "\"stop_reason\":\"tool_use\"");
				wanted = out;
			}
	assert_true(wanted.n > 0);
	arena_release(&a);
}

/* ---- recorded answers -------------------------------------------------------------------------------------------- */

static void recorded_answers_go_through(void **state)
{
	const char *corpora = getenv("HEADROOM_CORPORA");
	char path[4096], *roots[] = {path, NULL};
	struct arena a = ARENA_INIT;
	size_t files = 0;
	FTSENT *entry;
	FTS *walk;

	(void)state;
	if (!corpora) {
		print_message("HEADROOM_CORPORA is not set\n");
		skip();
	}
	(void)snprintf(path, sizeof path, "%s/sse_fixtures", corpora);
	walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (walk && (entry = fts_read(walk))) {
		struct errctx cx = {0};
		struct buf file;

		/* Converse is another dialect; arguments of Vertex in pieces are never asked for. */
		if (strstr(entry->fts_path, "amazon-bedrock") ||
			strstr(entry->fts_path, "google-vertex-stream"))
			continue;
		if (entry->fts_info != FTS_F || !is_recorded(entry->fts_path))
			continue;
		buf_init(&file, LIMIT_INPUT);
		if (file_read(entry->fts_path, &file, &cx) != E_OK)
			fail_msg("%s", cx.text);
		files += check_recorded(&a, entry->fts_path, buf_str(&file));
		buf_release(&file);
		arena_reset(&a);
	}
	(void)fts_close(walk);
	print_message("%zu recorded answers\n", files);
	assert_true(files > 40);
	arena_release(&a);
}

/* ---- memory ------------------------------------------------------------------------------------------------------- */

static void memory_that_runs_out_is_an_error(void **state)
{
	struct arena a = ARENA_INIT;
	str bytes = sample(&a, WIRE_ANTHROPIC, true);
	struct translate_answer_conf conf =
		conf_of(WIRE_ANTHROPIC, WIRE_OPENAI_RESPONSES, true, true);
	bool is_short = true;

	(void)state;
	for (size_t n = 1; is_short; n++) {
		struct translate_answer *ta;
		enum err err = E_NOMEM;
		struct buf out;

		buf_init(&out, TRANSLATE_MAX);
		mem_fail_after(n);
		ta = translate_answer_new(&conf);
		if (ta) {
			err = translate_answer_feed(ta, bytes, &out);
			if (err == E_OK)
				err = translate_answer_finish(ta, true, &out);
		}
		is_short = mem_failed();
		mem_fail_after(0);
		translate_answer_free(ta);
		buf_release(&out);
		assert_true(err == E_OK || err == E_NOMEM);
		assert_true(is_short || err == E_OK);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_of_chat_for_a_client_of_anthropic),
		cmocka_unit_test(calls_at_the_same_time_come_one_after_the_other),
		cmocka_unit_test(calls_as_other_backends_spell_them),
		cmocka_unit_test(signatures_come_back_to_who_gave_them),
		cmocka_unit_test(a_custom_tool_is_called_in_plain_text),
		cmocka_unit_test(arguments_on_several_lines_stay_in_one_event),
		cmocka_unit_test(what_breaks_off_has_no_end),
		cmocka_unit_test(an_event_that_is_too_large_is_no_gap),
		cmocka_unit_test(errors_keep_their_status_and_words),
		cmocka_unit_test(every_dialect_says_the_same),
		cmocka_unit_test(recorded_answers_go_through),
		cmocka_unit_test(memory_that_runs_out_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
