#include "core/base/mem.h"
#include "core/wire/usage.h"
#include "tests/unit/wire_help.h"

/* What was read, in words: only what was told. */
static void say(const struct usage *u, struct buf *b)
{
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {{"read", u->cache_read}, {"w5m", u->cache_write_5m},
		{"w1h", u->cache_write_1h}, {"reasoning", u->reasoning}};

	if (u->has_input)
		buf_printf(b, "in %d ", (int)u->input);
	if (u->has_output)
		buf_printf(b, "out %d ", (int)u->output);
	for (size_t i = 0; i < ARRAY_N(counts); i++) {
		if (counts[i].n)
			buf_printf(b, "%s %d ", counts[i].name, (int)counts[i].n);
	}
	buf_printf(b, "[%s %s %s]%s", u->model, u->response_id, u->stop_reason,
		u->is_complete ? "" : " cut");
	if (u->is_error)
		buf_printf(b, " error %s", u->error_type);
}

static void read_in_pieces(
	enum wire_format f, enum answer_form form, str answer, size_t n, struct buf *out)
{
	struct usage_reader *r = usage_reader_new(f, form);

	assert_non_null(r);
	for (size_t at = 0; at < answer.n; at += n)
		usage_reader_feed(r, str_sub(answer, at, at + n < answer.n ? at + n : answer.n));
	say(usage_reader_finish(r), out);
	usage_reader_free(r);
}

struct usage_case {
	enum wire_format format;
	enum answer_form form;
	const char *answer, *want; /* the answer with ' for " */
};

static void assert_cases(const struct usage_case *cases, size_t n)
{
	static const size_t PIECES[] = {1, 2, 7, 64, LIMIT_INPUT};

	for (size_t i = 0; i < n; i++) {
		for (size_t p = 0; p < ARRAY_N(PIECES); p++) {
			struct arena a = ARENA_INIT;
			struct buf got;

			buf_init_arena(&got, &a, LIMIT_INPUT);
			read_in_pieces(cases[i].format, cases[i].form, quoted(&a, cases[i].answer),
				PIECES[p], &got);
			if (!str_eq_c(buf_str(&got), cases[i].want))
				fail_msg("\n" STR_FMT "\nis not\n%s\nin pieces of %zu of %s",
					STR_ARG(buf_str(&got)), cases[i].want, PIECES[p],
					cases[i].answer);
			arena_release(&a);
		}
	}
}

#define START                                                                               \
	"event: message_start\ndata: {'type':'message_start','message':{'id':'msg_1',"      \
	"'type':'message','role':'assistant','content':[],'model':'claude-x',"              \
	"'stop_reason':null,'usage':{'input_tokens':10,'cache_creation_input_tokens':300,"  \
	"'cache_read_input_tokens':2000,'cache_creation':{'ephemeral_5m_input_tokens':100," \
	"'ephemeral_1h_input_tokens':200},'output_tokens':1}}}\n\n"
#define TEXT_DELTA                                                                            \
	"event: content_block_delta\ndata: {'type':'content_block_delta','index':0,'delta':{" \
	"'type':'text_delta','text':'x'},'usage':{"                                           \
	"'output_tokens':777}}\n\n"
#define STOP "event: message_stop\ndata: {'type':'message_stop'}\n\n"

static void anthropic_streams_are_read(void **state)
{
	static const struct usage_case CASES[] = {
		{WIRE_ANTHROPIC, ANSWER_SSE,
			START TEXT_DELTA
			"event: ping\ndata: {'type': 'ping'}\n\n"
			"event: message_delta\ndata: {'type':'message_delta','delta':{"
			"'stop_reason':'end_turn'},'usage':{'output_tokens':55}}\n\n" STOP,
			"in 10 out 55 read 2000 w5m 100 w1h 200 [claude-x msg_1 end_turn]"},
		/* counts that are repeated replace those of the start; null tells nothing */
		{WIRE_ANTHROPIC, ANSWER_SSE,
			START "event: message_delta\ndata: {'type':'message_delta','delta':{"
			      "'stop_reason':'tool_use'},'usage':{'input_tokens':12,"
			      "'cache_creation_input_tokens':250,'cache_read_input_tokens':null,"
			      "'output_tokens':5}}\n\n" STOP,
			"in 12 out 5 read 2000 w5m 50 w1h 200 [claude-x msg_1 tool_use]"},
		/* cut: what was seen counts */
		{WIRE_ANTHROPIC, ANSWER_SSE, START TEXT_DELTA,
			"in 10 out 1 read 2000 w5m 100 w1h 200 [claude-x msg_1 ] cut"},
		/* ... also of an event without its blank line */
		{WIRE_ANTHROPIC, ANSWER_SSE,
			START "event: message_delta\ndata: {'type':'message_delta','delta':{"
			      "'stop_reason':'max_tokens'},'usage':{'output_tokens':7}}",
			"in 10 out 7 read 2000 w5m 100 w1h 200 [claude-x msg_1 max_tokens] cut"},
		/* without the names of the events, as some gateways send it */
		{WIRE_ANTHROPIC, ANSWER_SSE,
			"data: {'type':'message_start','message':{'id':'a','model':'m','usage':{"
			"'input_tokens':3,'output_tokens':0}}}\n\n"
			"data: {'type':'message_delta','usage':{'output_tokens':4}}\n\n"
			"data: {'type':'content_block_delta','usage':{'output_tokens':9}}\n\n"
			"data: {'type':'message_stop'}\n\n",
			"in 3 out 4 [m a ]"},
		/* a write whose time is not told */
		{WIRE_ANTHROPIC, ANSWER_SSE,
			"data: {'type':'message_start','message':{'usage':{'input_tokens':3,"
			"'cache_creation_input_tokens':40}}}\n\n",
			"in 3 w5m 40 [  ] cut"},
		{WIRE_ANTHROPIC, ANSWER_SSE,
			START "event: error\ndata: {'type':'error','error':{'type':"
			      "'overloaded_error','message':'Overloaded'}}\n\n",
			"in 10 out 1 read 2000 w5m 100 w1h 200 [claude-x msg_1 ] cut "
			"error overloaded_error"},
		{WIRE_ANTHROPIC, ANSWER_SSE, "event: error\ndata: no JSON\n\n", "[  ] cut error "},
		/* rounds of compaction are billed beside the rest, and told twice here */
		{WIRE_ANTHROPIC, ANSWER_SSE,
			"data: {'type':'message_start','message':{'usage':{'input_tokens':23000,"
			"'output_tokens':1,'iterations':[{'type':'compaction','input_tokens':"
			"180000,'output_tokens':3500}]}}}\n\n"
			"data: {'type':'message_delta','usage':{'input_tokens':23000,"
			"'output_tokens':1000,'iterations':[{'input_tokens':180000,"
			"'output_tokens':3500,'cache_read_input_tokens':4,"
			"'cache_creation_input_tokens':2,'type':'compaction'},"
			"{'type':'message','input_tokens':23000,'output_tokens':1000}]}}\n\n" STOP,
			"in 203000 out 4500 read 4 w5m 2 [  ]"},
	};

	(void)state;
	assert_cases(CASES, ARRAY_N(CASES));
}

static void anthropic_bodies_are_read(void **state)
{
	static const struct usage_case CASES[] = {
		{WIRE_ANTHROPIC, ANSWER_JSON,
			"{'model':'claude-x','id':'msg_2','type':'message','content':[{'type':"
			"'tool_use','id':'toolu_1','name':'f','input':{'usage':{'input_tokens':8},"
			"'model':'no','stop_reason':'no','type':'error','error':{}}}],"
			"'stop_reason':'tool_use','usage':{'input_tokens':5,"
			"'cache_read_input_tokens':6,'output_tokens':7,'server_tool_use':{"
			"'web_search_requests':1,'output_tokens':99}}}\n",
			"in 5 out 7 read 6 [claude-x msg_2 tool_use]"},
		{WIRE_ANTHROPIC, ANSWER_JSON, "{'id':'msg_2','usage':{'input_tokens':5",
			"[ msg_2 ] cut"},
		/* a count of tokens costs nothing */
		{WIRE_ANTHROPIC, ANSWER_JSON, "{'input_tokens':2095}", "[  ]"},
		{WIRE_ANTHROPIC, ANSWER_JSON,
			"{'type':'error','error':{'type':'rate_limit_error','message':'x'},"
			"'request_id':'req_1'}",
			"[  ] error rate_limit_error"},
		/* no JSON, or not of this kind */
		{WIRE_ANTHROPIC, ANSWER_JSON, "<html>'usage':{'input_tokens':5}</html>",
			"[  ] cut"},
		{WIRE_ANTHROPIC, ANSWER_JSON, "", "[  ] cut"},
		{WIRE_ANTHROPIC, ANSWER_JSON, "7", "[  ] cut"},
		{WIRE_ANTHROPIC, ANSWER_JSON, "]}{'usage':{'input_tokens':5}}", "in 5 [  ]"},
		{WIRE_ANTHROPIC, ANSWER_JSON,
			"{'usage':{'input_tokens':-5,'output_tokens':1.5,'a':[[{'b':1}]]}}",
			"[  ]"},
		{WIRE_ANTHROPIC, ANSWER_JSON, "{'usage':[[{'input_tokens':5}]]}", "[  ]"},
		{WIRE_ANTHROPIC, ANSWER_JSON,
			"{'usage':{'input_tokens':'5','output_tokens':99999999999999999999}}",
			"[  ]"},
		{WIRE_ANTHROPIC, ANSWER_OTHER, "{'usage':{'input_tokens':5}}", "[  ] cut"},
	};

	(void)state;
	assert_cases(CASES, ARRAY_N(CASES));
}

#define CHUNK(rest)                                                                              \
	"data: {'id':'chatcmpl-1','object':'chat.completion.chunk','created':1,'model':'gpt-x'," \
	"'choices':[" rest "}\n\n"

static void chats_are_read(void **state)
{
	static const struct usage_case CASES[] = {
		{WIRE_OPENAI_CHAT, ANSWER_SSE,
			CHUNK("{'index':0,'delta':{'role':'assistant','content':''},"
			      "'finish_reason':null}],'usage':null")
				CHUNK("{'index':0,'delta':{'content':'\\'usage\\':{\\'prompt_tokens"
				      "\\':9}'},'finish_reason':null}],'usage' : null")
					CHUNK("{'index':0,'delta':{},'finish_reason':'stop'}],'"
					      "usage':null")
						CHUNK("],'usage':{'prompt_tokens':100,'completion_"
						      "tokens':20,"
						      "'total_tokens':120,'prompt_tokens_details':{"
						      "'cached_tokens':64},"
						      "'completion_tokens_details':{'reasoning_"
						      "tokens':12}}") "data: [DONE]\n\n",
			"in 36 out 20 read 64 reasoning 12 [gpt-x chatcmpl-1 stop]"},
		/* without a usage, and cut before the end */
		{WIRE_OPENAI_CHAT, ANSWER_SSE,
			CHUNK("{'delta':{},'finish_reason':'length'}]") "data: [DONE]\n\n",
			"[gpt-x chatcmpl-1 length]"},
		{WIRE_OPENAI_CHAT, ANSWER_SSE, CHUNK("{'delta':{},'finish_reason':'length'}]"),
			"[gpt-x chatcmpl-1 length] cut"},
		/* xAI: the reasoning stands beside the completion */
		{WIRE_OPENAI_CHAT, ANSWER_JSON,
			"{'id':'c','model':'grok','choices':[{'message':{'content':'x'},"
			"'finish_reason':'tool_calls'}],'usage':{'prompt_tokens':291,"
			"'completion_tokens':26,'total_tokens':513,'prompt_tokens_details':{"
			"'cached_tokens':290},'completion_tokens_details':{"
			"'reasoning_tokens':196}}}",
			"in 1 out 222 read 290 reasoning 196 [grok c tool_calls]"},
		/* DeepSeek, Groq, OpenRouter, a gateway before Anthropic */
		{WIRE_OPENAI_CHAT, ANSWER_JSON,
			"{'usage':{'prompt_tokens':13,'completion_tokens':4,"
			"'prompt_cache_hit_tokens':10,'prompt_cache_miss_tokens':3}}",
			"in 3 out 4 read 10 [  ]"},
		{WIRE_OPENAI_CHAT, ANSWER_SSE,
			"data: {'model':'llama','choices':[{'finish_reason':'stop'}],'x_groq':{"
			"'id':'r','usage':{'prompt_tokens':5,'completion_tokens':6}}}\n\n",
			"in 5 out 6 [llama  stop]"},
		{WIRE_OPENAI_CHAT, ANSWER_JSON,
			"{'usage':{'prompt_tokens':100,'completion_tokens':6,"
			"'prompt_tokens_details':{'cached_tokens':30,'cache_write_tokens':50}}}",
			"in 20 out 6 read 30 w5m 50 [  ]"},
		{WIRE_OPENAI_CHAT, ANSWER_JSON,
			"{'usage':{'prompt_tokens':100,'completion_tokens':6,"
			"'cache_read_input_tokens':30,'cache_creation_input_tokens':50}}",
			"in 20 out 6 read 30 w5m 50 [  ]"},
		/* more from the cache than there is */
		{WIRE_OPENAI_CHAT, ANSWER_JSON,
			"{'usage':{'prompt_tokens':3,'prompt_tokens_details':{"
			"'cached_tokens':4}}}",
			"in 0 read 4 [  ]"},
		/* embeddings */
		{WIRE_NONE, ANSWER_JSON,
			"{'object':'list','data':[{'embedding':[0.1,-2e3,[1]],'index':0}],"
			"'model':'text-embedding-3-small','usage':{'prompt_tokens':8,"
			"'total_tokens':8}}",
			"in 8 [text-embedding-3-small  ]"},
	};

	(void)state;
	assert_cases(CASES, ARRAY_N(CASES));
}

static void errors_of_chats_are_read(void **state)
{
	static const struct usage_case CASES[] = {
		{WIRE_OPENAI_CHAT, ANSWER_JSON,
			"{'error':{'message':'x','type':'invalid_request_error','param':null,"
			"'code':'context_length_exceeded'}}",
			"[  ] error invalid_request_error"},
		{WIRE_OPENAI_CHAT, ANSWER_JSON,
			"{'error':{'message':'x','type':null,'code':'bad'}}", "[  ] error bad"},
		{WIRE_OPENAI_CHAT, ANSWER_JSON, "{'error':'no such model'}", "[  ] error "},
		{WIRE_OPENAI_CHAT, ANSWER_JSON, "{'error':null,'id':'a'}", "[ a ]"},
		{WIRE_OPENAI_CHAT, ANSWER_SSE,
			CHUNK("]") "data: {'error':{'message':'x','type':'server_error'}}\n\n",
			"[gpt-x chatcmpl-1 ] cut error server_error"},
	};

	(void)state;
	assert_cases(CASES, ARRAY_N(CASES));
}

#define RESPONSE \
	"'id':'resp_1','object':'response','model':'gpt-y','instructions':'{\\'usage\\':7}',"

static void responses_are_read(void **state)
{
	static const struct usage_case CASES[] = {
		{WIRE_OPENAI_RESPONSES, ANSWER_SSE,
			"event: response.created\ndata: "
			"{'type':'response.created','response':{" RESPONSE
			"'status':'in_progress','error':null,'usage':null}}\n\n"
			"event: response.output_text.delta\ndata: {'type':"
			"'response.output_text.delta','delta':'x','usage':{'input_tokens':9}}\n\n"
			"event: response.completed\ndata: "
			"{'type':'response.completed','response':{" RESPONSE
			"'status':'completed','error':null,'incomplete_details':null,"
			"'output':[{'type':'message','status':'no','usage':{'input_tokens':1}}],"
			"'usage':{'input_tokens':7112,'input_tokens_details':{'cached_tokens':3072"
			"},'output_tokens':463,'output_tokens_details':{'reasoning_tokens':64},"
			"'total_tokens':7575}}}\n\n",
			"in 4040 out 463 read 3072 reasoning 64 [gpt-y resp_1 completed]"},
		{WIRE_OPENAI_RESPONSES, ANSWER_SSE,
			"data: {'type':'response.incomplete','response':{" RESPONSE
			"'status':'incomplete','incomplete_details':{'reason':"
			"'max_output_tokens'},'usage':{'input_tokens':5,'output_tokens':6}}}\n\n",
			"in 5 out 6 [gpt-y resp_1 max_output_tokens]"},
		{WIRE_OPENAI_RESPONSES, ANSWER_SSE,
			"data: {'type':'response.failed','response':{" RESPONSE
			"'status':'failed','error':{'code':'server_error','message':'x'},"
			"'usage':null}}\n\n",
			"[gpt-y resp_1 failed] error server_error"},
		{WIRE_OPENAI_RESPONSES, ANSWER_SSE,
			"data: {'type':'response.created','response':{" RESPONSE
			"'status':'in_progress'}}\n\n",
			"[gpt-y resp_1 ] cut"},
		{WIRE_OPENAI_RESPONSES, ANSWER_SSE,
			"event: error\ndata: {'type':'error','code':'rate_limit_exceeded',"
			"'message':'x','param':null}\n\n",
			"[  ] cut error rate_limit_exceeded"},
		{WIRE_OPENAI_RESPONSES, ANSWER_JSON,
			"{" RESPONSE "'status':'completed','error':null,'usage':{'input_tokens':50,"
			"'input_tokens_details':{'cache_write_tokens':10,'cached_tokens':20},"
			"'output_tokens':6}}",
			"in 20 out 6 read 20 w5m 10 [gpt-y resp_1 completed]"},
		{WIRE_OPENAI_RESPONSES, ANSWER_JSON,
			"{'object':'response.input_tokens','input_tokens':11}", "[  ]"},
	};

	(void)state;
	assert_cases(CASES, ARRAY_N(CASES));
}

#define GEMINI(reason, usage)                                                           \
	"{'candidates':[{'content':{'parts':[{'text':'\\'usageMetadata\\':{'}],'role':" \
	"'model'}" reason "}],'usageMetadata':{" usage "},'modelVersion':'gemini-z',"   \
	"'responseId':'r1'}"
#define G_FIRST GEMINI("", "'promptTokenCount':100,'totalTokenCount':100")
#define G_LAST                                                                              \
	GEMINI(",'finishReason':'STOP'",                                                    \
		"'promptTokenCount':100,'candidatesTokenCount':7,"                          \
		"'cachedContentTokenCount':80,'thoughtsTokenCount':30,"                     \
		"'toolUsePromptTokenCount':5,'totalTokenCount':142,'promptTokensDetails':[" \
		"{'modality':'TEXT','tokenCount':100}]")
#define G_WANT "in 25 out 37 read 80 reasoning 30 [gemini-z r1 STOP]"

static void gemini_is_read(void **state)
{
	static const struct usage_case CASES[] = {
		{WIRE_GEMINI, ANSWER_JSON, G_LAST, G_WANT},
		{WIRE_GEMINI, ANSWER_SSE, "data: " G_FIRST "\r\n\r\ndata: " G_LAST "\r\n\r\n",
			G_WANT},
		{WIRE_GEMINI, ANSWER_SSE, "data: " G_FIRST "\r\n\r\n", "in 100 [gemini-z r1 ] cut"},
		{WIRE_GEMINI, ANSWER_JSON_ARRAY, "[" G_FIRST "\n,\r\n" G_LAST "\n]\n", G_WANT},
		{WIRE_GEMINI, ANSWER_JSON_ARRAY, "[" G_FIRST ",\r\n" G_LAST, G_WANT " cut"},
		/* v1internal */
		{WIRE_GEMINI, ANSWER_SSE, "data: {'response':" G_LAST ",'traceId':'t'}\n\n",
			G_WANT},
		{WIRE_GEMINI, ANSWER_JSON, "{'response':" G_LAST "}", G_WANT},
		{WIRE_GEMINI, ANSWER_JSON,
			"{'promptFeedback':{'blockReason':'SAFETY'},'usageMetadata':{"
			"'promptTokenCount':4,'totalTokenCount':4}}",
			"in 4 [  SAFETY]"},
		{WIRE_GEMINI, ANSWER_JSON, "{'totalTokens':31,'promptTokensDetails':[]}", "[  ]"},
		{WIRE_GEMINI, ANSWER_JSON,
			"{'error':{'code':429,'message':'x','status':'RESOURCE_EXHAUSTED',"
			"'details':[{'@type':'t','error':{'status':'no'}}]}}",
			"[  ] error RESOURCE_EXHAUSTED"},
		{WIRE_GEMINI, ANSWER_JSON_ARRAY, "[{'error':{'status':'INTERNAL'}}]",
			"[  ] error INTERNAL"},
	};

	(void)state;
	assert_cases(CASES, ARRAY_N(CASES));
}

static void texts_are_cut_and_harmless(void **state)
{
	struct buf answer;
	struct usage_reader *r = usage_reader_new(WIRE_ANTHROPIC, ANSWER_JSON);
	const struct usage *u;

	(void)state;
	assert_non_null(r);
	buf_init(&answer, LIMIT_INPUT);
	buf_add_c(&answer, "{\"stop_reason\":\"a\nb\\\"\x7f\",\"id\":\"");
	for (unsigned i = 0; i < 31; i++)
		buf_add_c(&answer, "\xe6\x97\xa5"); /* of 3 bytes */
	buf_add_c(&answer, "ab\xe6\x97\xa5xyz\",\"model\":\"");
	for (unsigned i = 0; i < 200; i++)
		buf_add_byte(&answer, 'm');
	buf_add_c(&answer, "\"}");
	usage_reader_feed(r, buf_str(&answer));
	u = usage_reader_finish(r);
	assert_true(u->is_complete);
	assert_string_equal(u->stop_reason, "a?b\\\"?");
	assert_int_equal(strlen(u->response_id), 31 * 3 + 2);
	assert_int_equal(strlen(u->model), sizeof u->model - 1);
	usage_reader_free(r);
	buf_release(&answer);
}

/* An answer of 64 MiB takes the memory of the reader and no more. */
static void json_of_any_size_is_read(void **state)
{
	static const char HEAD[] = "{\"content\":[{\"type\":\"text\",\"text\":\"";
	static const char TAIL[] = "\"}],\"usage\":{\"input_tokens\":5,\"output_tokens\":6}}";
	struct usage_reader *r = usage_reader_new(WIRE_ANTHROPIC, ANSWER_JSON);
	char block[65536];
	const struct usage *u;

	(void)state;
	assert_non_null(r);
	memset(block, '\\', sizeof block);
	mem_fail_after(1);
	usage_reader_feed(r, STR(HEAD));
	for (unsigned i = 0; i < 1024; i++)
		usage_reader_feed(r, (str){block, sizeof block});
	usage_reader_feed(r, STR(TAIL));
	u = usage_reader_finish(r);
	assert_false(mem_failed());
	mem_fail_after(0);
	assert_int_equal(u->input, 5);
	assert_int_equal(u->output, 6);
	assert_true(u->is_complete);
	usage_reader_free(r);
}

static void short_memory_is_said(void **state)
{
	(void)state;
	mem_fail_after(1);
	assert_null(usage_reader_new(WIRE_ANTHROPIC, ANSWER_SSE));
	mem_fail_after(0);
	usage_reader_free(NULL);
}

static void forms_follow_the_content_type(void **state)
{
	static const struct {
		const char *type;
		enum answer_form plain, stream;
	} CASES[] = {
		{"text/event-stream", ANSWER_SSE, ANSWER_SSE},
		{"Text/Event-Stream; charset=utf-8", ANSWER_SSE, ANSWER_SSE},
		{"application/json", ANSWER_JSON, ANSWER_JSON_ARRAY},
		{" application/json ;charset=UTF-8", ANSWER_JSON, ANSWER_JSON_ARRAY},
		{"application/problem+json", ANSWER_JSON, ANSWER_JSON_ARRAY},
		{"", ANSWER_JSON, ANSWER_SSE},
		{"text/html", ANSWER_OTHER, ANSWER_OTHER},
		{"application/vnd.amazon.eventstream", ANSWER_OTHER, ANSWER_OTHER},
		{"+json", ANSWER_OTHER, ANSWER_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		str type = str_from(CASES[i].type);

		if (answer_form_of(type, false) != CASES[i].plain ||
			answer_form_of(type, true) != CASES[i].stream)
			fail_msg("%s", CASES[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anthropic_streams_are_read),
		cmocka_unit_test(anthropic_bodies_are_read),
		cmocka_unit_test(chats_are_read),
		cmocka_unit_test(errors_of_chats_are_read),
		cmocka_unit_test(responses_are_read),
		cmocka_unit_test(gemini_is_read),
		cmocka_unit_test(texts_are_cut_and_harmless),
		cmocka_unit_test(json_of_any_size_is_read),
		cmocka_unit_test(short_memory_is_said),
		cmocka_unit_test(forms_follow_the_content_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
