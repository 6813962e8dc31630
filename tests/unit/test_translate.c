/* Requests in the words of another dialect: what is carried, what is named, what is refused; there and back again; and that a
 * longer conversation begins with the bytes of the shorter one. */
#include "tests/unit/translate_help.h"

#include <dirent.h>
#include <stdio.h>

#include "core/base/file.h"
#include "tests/unit/random_conversation.h"
#include "tests/unit/seeds.h"

static void check_request(enum wire_format from, enum wire_format to, const char *model,
	const char *body, const char *wanted, const char *report)
{
	struct arena a = ARENA_INIT;
	struct translate_conf conf = {.model = str_from(model)};
	struct translate_run r = translate_run(&a, from, to, str_from(body), &conf);

	if (r.err)
		fail_msg("%s: " STR_FMT, err_name(r.err), STR_ARG(r.error));
	assert_text(r.body, wanted);
	assert_text(r.report, report);
	arena_release(&a);
}

static void check_refused(
	enum wire_format from, enum wire_format to, const char *body, enum err err, const char *why)
{
	struct arena a = ARENA_INIT;
	struct translate_conf conf = {0};
	struct translate_run r = translate_run(&a, from, to, str_from(body), &conf);

	assert_int_equal(r.err, err);
	assert_has(r.error, why);
	arena_release(&a);
}

#define AGENT                                                                                      \
	"{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":4000,\"stream\":true,\"system\":["        \
	"{\"type\":\"text\",\"text\":\"x-anthropic-billing-header: cc_version=1\"},"               \
	"{\"type\":\"text\",\"text\":\"Be "                                                        \
	"\\\"good\\\".\",\"cache_control\":{\"type\":\"ephemeral\"}},"                             \
	"{\"type\":\"text\",\"text\":\"More.\"}],\"thinking\":{\"type\":\"enabled\",\"budget_"     \
	"tokens\":2000},"                                                                          \
	"\"metadata\":{\"user_id\":\"u\"},\"top_k\":5,\"stop_sequences\":[\"END\"],"               \
	"\"tools\":[{\"name\":\"Bash\",\"description\":\"run\",\"input_schema\":" SCHEMA "},"      \
	"{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}],"                             \
	"\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true},"                  \
	"\"messages\":[{\"role\":\"user\",\"content\":\"list \\u00e4\"},"                          \
	"{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\","         \
	"\"signature\":\"abc\"},"                                                                  \
	"{\"type\":\"text\",\"text\":\"ok\"},"                                                     \
	"{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"Bash\",\"input\":{\"command\":\"ls " \
	"\\\"x\\\"\"}},"                                                                           \
	"{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"Bash\",\"input\":{}}]},"             \
	"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_1\","   \
	"\"content\":["                                                                            \
	"{\"type\":\"text\",\"text\":\"a\"},"                                                      \
	"{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/"              \
	"png\",\"data\":\"AAAA\"}}]},"                                                             \
	"{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_2\",\"is_error\":true,\"content\":"     \
	"\"bad\"},"                                                                                \
	"{\"type\":\"text\",\"text\":\"go on\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]}"

static void an_agent_of_anthropic_s_on_chat(void **state)
{
	(void)state;
	check_request(WIRE_ANTHROPIC, WIRE_OPENAI_CHAT, "gpt-5", AGENT,
		"{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"system\",\"content\":\"Be "
		"\\\"good\\\".\\n\\nMore.\"},"
		"{\"role\":\"user\",\"content\":\"list \\u00e4\"},"
		"{\"role\":\"assistant\",\"content\":\"ok\",\"tool_calls\":["
		"{\"id\":\"toolu_1\",\"type\":\"function\",\"function\":{\"name\":\"Bash\","
		"\"arguments\":\"{\\\"command\\\":\\\"ls \\\\\\\"x\\\\\\\"\\\"}\"}},"
		"{\"id\":\"toolu_2\",\"type\":\"function\",\"function\":{\"name\":\"Bash\","
		"\"arguments\":\"{}\"}}]},"
		"{\"role\":\"tool\",\"tool_call_id\":\"toolu_1\",\"content\":\"a\"},"
		"{\"role\":\"tool\",\"tool_call_id\":\"toolu_2\",\"content\":\"[tool error] bad\"},"
		"{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
		"\"data:image/png;base64,AAAA\"}},"
		"{\"type\":\"text\",\"text\":\"go on\"}]}],"
		"\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"Bash\",\"description\":"
		"\"run\",\"parameters\":" SCHEMA "}}],"
		"\"tool_choice\":\"auto\",\"parallel_tool_calls\":false,\"max_completion_tokens\":"
		"4000,\"stop\":[\"END\"],"
		"\"reasoning_effort\":\"low\",\"stream\":true,\"stream_options\":{\"include_"
		"usage\":true}}",
		"metadata,tools.web_search_20250305,thinking,tool_result.media_moved,top_k");
}

static void an_agent_of_anthropic_s_on_responses(void **state)
{
	(void)state;
	check_request(WIRE_ANTHROPIC, WIRE_OPENAI_RESPONSES, "gpt-5", AGENT,
		"{\"model\":\"gpt-5\",\"instructions\":\"Be \\\"good\\\".\\n\\nMore.\",\"input\":["
		"{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
		"\"text\":\"list \\u00e4\"}]},"
		"{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_"
		"text\",\"text\":\"ok\"}]},"
		"{\"type\":\"function_call\",\"call_id\":\"toolu_1\",\"name\":\"Bash\","
		"\"arguments\":\"{\\\"command\\\":\\\"ls \\\\\\\"x\\\\\\\"\\\"}\"},"
		"{\"type\":\"function_call\",\"call_id\":\"toolu_2\",\"name\":\"Bash\","
		"\"arguments\":\"{}\"},"
		"{\"type\":\"function_call_output\",\"call_id\":\"toolu_1\",\"output\":[{\"type\":"
		"\"input_text\",\"text\":\"a\"},"
		"{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,AAAA\"}]},"
		"{\"type\":\"function_call_output\",\"call_id\":\"toolu_2\",\"output\":\"[tool "
		"error] bad\"},"
		"{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
		"\"text\":\"go on\"}]}],"
		"\"tools\":[{\"type\":\"function\",\"name\":\"Bash\",\"description\":\"run\","
		"\"parameters\":" SCHEMA ",\"strict\":false}],"
		"\"tool_choice\":\"auto\",\"parallel_tool_calls\":false,\"max_output_tokens\":4000,"
		"\"include\":[\"reasoning.encrypted_content\"],\"reasoning\":{\"effort\":\"low\","
		"\"summary\":\"auto\"},\"store\":false,\"stream\":true}",
		"metadata,tools.web_search_20250305,thinking,top_k,stop_sequences");
}

static void an_agent_of_anthropic_s_on_gemini(void **state)
{
	(void)state;
	check_request(WIRE_ANTHROPIC, WIRE_GEMINI, "gemini-3-pro", AGENT,
		"{\"systemInstruction\":{\"parts\":[{\"text\":\"Be "
		"\\\"good\\\".\"},{\"text\":\"More.\"}]},\"contents\":["
		"{\"role\":\"user\",\"parts\":[{\"text\":\"list \\u00e4\"}]},"
		"{\"role\":\"model\",\"parts\":[{\"text\":\"ok\"},"
		"{\"functionCall\":{\"name\":\"Bash\",\"args\":{\"command\":\"ls "
		"\\\"x\\\"\"}},\"thoughtSignature\":\"skip_thought_signature_validator\"},"
		"{\"functionCall\":{\"name\":\"Bash\",\"args\":{}}}]},"
		"{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"Bash\","
		"\"response\":{\"output\":\"a\"}}},"
		"{\"functionResponse\":{\"name\":\"Bash\",\"response\":{\"error\":\"bad\"}}},"
		"{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"AAAA\"}},{\"text\":\"go "
		"on\"}]}],"
		"\"tools\":[{\"functionDeclarations\":[{\"name\":\"Bash\",\"description\":\"run\","
		"\"parametersJsonSchema\":" SCHEMA "}]}],"
		"\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"AUTO\"}},"
		"\"generationConfig\":{\"maxOutputTokens\":4000,\"topK\":5,\"stopSequences\":["
		"\"END\"],"
		"\"thinkingConfig\":{\"thinkingLevel\":\"low\",\"includeThoughts\":true}}}",
		"metadata,tools.web_search_20250305,thinking,tool_result.media_moved,parallel_tool_"
		"calls");
}

/* Breakpoints come by themselves: at the end of what stays, of the newest message, and of the one before. */
static void a_client_of_chat_on_anthropic(void **state)
{
	(void)state;
	check_request(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC, "claude-opus-4-8",
		"{\"model\":\"x\",\"temperature\":1.5,\"reasoning_effort\":\"high\",\"stop\":["
		"\"\\n\",\"END\"],\"seed\":7,"
		"\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\","
		"\"strict\":true,\"schema\":" SCHEMA "}},"
		"\"messages\":[{\"role\":\"developer\",\"content\":\"S\"},{\"role\":\"user\","
		"\"content\":\"one\"},"
		"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"functions.f:"
		"0\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":"
		" 1}\"}},"
		"{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":"
		"\"{oops\"}}]},"
		"{\"role\":\"tool\",\"tool_call_id\":\"functions.f:0\",\"content\":\"r1\"},{"
		"\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":[{\"type\":\"text\","
		"\"text\":\"r2\"}]},"
		"{\"role\":\"system\",\"content\":\"now\"},{\"role\":\"user\",\"content\":\"two\"}]"
		"}",
		"{\"model\":\"claude-opus-4-8\",\"max_tokens\":32000,"
		"\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\",\"properties\":{}"
		"}}],\"tool_choice\":{\"type\":\"none\"},"
		"\"system\":[{\"type\":\"text\",\"text\":\"S\",\"cache_control\":{\"type\":"
		"\"ephemeral\"}}],"
		"\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"one\"}"
		"]},"
		"{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"functions_f_"
		"0\",\"name\":\"f\",\"input\":{\"a\": 1}},"
		"{\"type\":\"tool_use\",\"id\":\"c2\",\"name\":\"f\",\"input\":{\"INVALID_JSON\":"
		"\"{oops\"}}]},"
		"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
		"\"functions_f_0\",\"content\":\"r1\"},"
		"{\"type\":\"tool_result\",\"tool_use_id\":\"c2\",\"content\":\"r2\"}]},"
		"{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"<system>\\nnow\\n</"
		"system>\",\"cache_control\":{\"type\":\"ephemeral\"}}]},"
		"{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"two\",\"cache_"
		"control\":{\"type\":\"ephemeral\"}}]}],"
		"\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"high\","
		"\"format\":{\"type\":\"json_schema\",\"schema\":" SCHEMA "}},"
		"\"stop_sequences\":[\"END\"]}",
		"system_within_conversation,temperature,stop,seed");
}

static void a_client_of_gemini_on_chat(void **state)
{
	(void)state;
	check_request(WIRE_GEMINI, WIRE_OPENAI_CHAT, "gpt-4o",
		"{\"systemInstruction\":{\"parts\":[{\"text\":\"S\"}]},\"contents\":[{\"role\":"
		"\"user\",\"parts\":[{\"text\":\"hi\"}]},"
		"{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":"
		"1}}},{\"functionCall\":{\"name\":\"g\"}},{\"functionCall\":{\"name\":\"f\","
		"\"args\":{}}}]},"
		"{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\",\"response\":{"
		"\"output\":\"r\\\"1\"}}},"
		"{\"functionResponse\":{\"name\":\"f\",\"response\":{\"n\": "
		"2}}},{\"functionResponse\":{\"name\":\"g\",\"response\":{\"error\":\"no\"}}}]}],"
		"\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"description\":\"d\","
		"\"parameters\":{\"type\":\"OBJECT\",\"properties\":{\"type\":{\"type\":\"STRING\"}"
		"}}}]}],"
		"\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\","
		"\"allowedFunctionNames\":[\"f\"]}},"
		"\"generationConfig\":{\"temperature\":0.50,\"maxOutputTokens\":9,"
		"\"responseMimeType\":\"application/json\"},\"safetySettings\":[]}",
		"{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"S\"},{"
		"\"role\":\"user\",\"content\":\"hi\"},"
		"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
		"{\"id\":\"call_3\",\"type\":\"function\",\"function\":{\"name\":\"f\","
		"\"arguments\":\"{\\\"a\\\":1}\"}},"
		"{\"id\":\"call_4\",\"type\":\"function\",\"function\":{\"name\":\"g\","
		"\"arguments\":\"{}\"}},"
		"{\"id\":\"call_5\",\"type\":\"function\",\"function\":{\"name\":\"f\","
		"\"arguments\":\"{}\"}}]},"
		"{\"role\":\"tool\",\"tool_call_id\":\"call_3\",\"content\":\"r\\\"1\"},"
		"{\"role\":\"tool\",\"tool_call_id\":\"call_5\",\"content\":\"{\\\"n\\\": 2}\"},"
		"{\"role\":\"tool\",\"tool_call_id\":\"call_4\",\"content\":\"[tool error] no\"}],"
		"\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":"
		"\"d\",\"parameters\":{\"type\":\"object\",\"properties\":{\"type\":{\"type\":"
		"\"string\"}}}}}],"
		"\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}},\"max_"
		"completion_tokens\":9,\"temperature\":0.50,"
		"\"response_format\":{\"type\":\"json_object\"}}",
		"safetySettings");
}

/* Codex: its tool that takes plain text is a function there, and its thoughts come back to where they are from. */
/* Protocol buffers as JSON have each name in two spellings: protobuf.dev/programming-guides/json. */
static void a_client_of_gemini_may_spell_names_as_in_the_schema(void **state)
{
	(void)state;
	check_request(WIRE_GEMINI, WIRE_OPENAI_CHAT, "gpt-4o",
		"{\"system_instruction\":{\"parts\":[{\"text\":\"S\"}]},\"contents\":[{\"parts\":[{"
		"\"text\":\"hi\"}]}],"
		"\"generation_config\":{\"max_output_tokens\":9,\"top_p\":0.5,"
		"\"frequency_penalty\":0.1,\"presence_penalty\":0.2,\"stop_sequences\":[\"E\"],"
		"\"candidate_count\":1,\"response_modalities\":[\"TEXT\"],"
		"\"response_logprobs\":false,\"response_mime_type\":\"application/json\","
		"\"response_json_schema\":{\"type\":\"object\"}}}",
		"{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"S\"},{"
		"\"role\":\"user\",\"content\":\"hi\"}],\"max_completion_tokens\":9,\"top_p\":0.5,"
		"\"frequency_penalty\":0.1,\"presence_penalty\":0.2,\"stop\":[\"E\"],"
		"\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
		"\"answer\",\"schema\":{\"type\":\"object\"}}}}",
		"");
}

static void data_in_a_schema_is_no_type(void **state)
{
	(void)state;
	check_request(WIRE_GEMINI, WIRE_OPENAI_CHAT, "gpt-4o",
		"{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}],\"tools\":[{"
		"\"functionDeclarations\":[{"
		"\"name\":\"f\",\"parameters\":{\"type\" : \"STRING\",\"enum\":[\"type\", "
		"\"STRING\"],\"default\":{\"type\":\"STRING\"},\"properties\":{\"default\":{"
		"\"type\":\"ARRAY\",\"items\":{\"type\":\"NUMBER\"}}}}}]}]}",
		"{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
		"\"tools\":[{"
		"\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\" : "
		"\"string\",\"enum\":[\"type\", \"STRING\"],\"default\":{\"type\":\"STRING\"},"
		"\"properties\":{\"default\":{\"type\":\"array\",\"items\":{\"type\":"
		"\"number\"}}}}}}]}",
		"");
}

static void a_client_of_responses_on_anthropic(void **state)
{
	(void)state;
	check_request(WIRE_OPENAI_RESPONSES, WIRE_ANTHROPIC, "claude-sonnet-4-5",
		"{\"model\":\"x\",\"instructions\":\"S\",\"store\":false,\"include\":[\"reasoning."
		"encrypted_content\"],\"reasoning\":{\"effort\":\"medium\",\"summary\":\"auto\"},"
		"\"max_output_tokens\":20000,\"parallel_tool_calls\":true,\"prompt_cache_key\":"
		"\"k\",\"tools\":[{\"type\":\"custom\",\"name\":\"apply_patch\",\"description\":"
		"\"d\"},{\"type\":\"web_search\"}],"
		"\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_"
		"text\",\"text\":\"hi\"}]},"
		"{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"hm\"}],"
		"\"encrypted_content\":\"hdrm/A1/SIG\"},"
		"{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"gAAAA\"},"
		"{\"type\":\"custom_tool_call\",\"call_id\":\"c1\",\"name\":\"apply_patch\","
		"\"input\":\"*** \\\"Begin\\\"\"},"
		"{\"type\":\"custom_tool_call_output\",\"call_id\":\"c1\",\"output\":\"ok\"}]}",
		"{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":20000,\"tools\":[{\"name\":"
		"\"apply_patch\",\"description\":\"d\",\"input_schema\":"
		"{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},"
		"\"required\":[\"input\"]}}],"
		"\"system\":[{\"type\":\"text\",\"text\":\"S\",\"cache_control\":{\"type\":"
		"\"ephemeral\"}}],"
		"\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\","
		"\"cache_control\":{\"type\":\"ephemeral\"}}]},"
		"{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\","
		"\"signature\":\"SIG\"},"
		"{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"apply_patch\",\"input\":{"
		"\"input\":\"*** \\\"Begin\\\"\"}}]},"
		"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"c1\","
		"\"content\":\"ok\",\"cache_control\":{\"type\":\"ephemeral\"}}]}],"
		"\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":10240}}",
		"prompt_cache_key,tools.web_search,thinking");
}

static void names_that_a_backend_does_not_take_are_said_otherwise(void **state)
{
	struct arena a = ARENA_INIT;
	struct translate_conf conf = {0};
	struct translate_run r;

	(void)state;
	r = translate_run(&a, WIRE_ANTHROPIC, WIRE_OPENAI_CHAT,
		STR("{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\","
		    "\"content\":\"x\"}],\"tools\":["
		    "{\"name\":\"mcp__a-server-with-a-long-name-that-goes-on__and_a_tool_with_a_"
		    "long_name\",\"input_schema\":{}},"
		    "{\"name\":\"short\",\"input_schema\":{}}]}"),
		&conf);
	assert_int_equal(r.err, E_OK);
	assert_int_equal(r.t.names_n, 1);
	assert_text(r.t.names[0].client,
		"mcp__a-server-with-a-long-name-that-goes-on__and_a_tool_with_a_long_name");
	assert_int_equal(r.t.names[0].backend.n, 64);
	assert_has(r.body, "\"name\":\"mcp__a-server-with-a-long-name-that-goes-on__and_a_tool_");
	arena_release(&a);
}

static void what_cannot_be_carried_is_refused(void **state)
{
	(void)state;
	check_refused(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC, "{\"n\":2,\"messages\":[]}", E_UNSUPPORTED,
		"n: more than one answer");
	check_refused(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC, "{\"logprobs\":true,\"messages\":[]}",
		E_UNSUPPORTED, "logprobs");
	check_refused(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC,
		"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"input_"
		"audio\":{\"data\":\"AA\",\"format\":\"wav\"}}]}]}",
		E_UNSUPPORTED, "audio");
	check_refused(WIRE_ANTHROPIC, WIRE_OPENAI_CHAT,
		"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\","
		"\"content\":[{\"type\":\"server_tool_use\"}]}]}",
		E_UNSUPPORTED, "messages[1]: a block of type \"server_tool_use\"");
	check_refused(WIRE_ANTHROPIC, WIRE_GEMINI,
		"{\"messages\":[],\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_"
		"search\"}]}",
		E_UNSUPPORTED, "tools: all of them");
	check_refused(WIRE_OPENAI_CHAT, WIRE_ANTHROPIC,
		"{\"messages\":[],\"tools\":[{\"type\":\"web_search\"}]}", E_UNSUPPORTED,
		"tools: none of them");
	check_refused(WIRE_ANTHROPIC, WIRE_OPENAI_CHAT,
		"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{"
		"\"type\":\"file\",\"file_id\":\"f\"}}]}]}",
		E_UNSUPPORTED, "Files API");
	check_refused(WIRE_OPENAI_RESPONSES, WIRE_ANTHROPIC,
		"{\"previous_response_id\":\"r\",\"input\":\"x\"}", E_UNSUPPORTED,
		"previous_response_id");
	check_refused(WIRE_OPENAI_RESPONSES, WIRE_ANTHROPIC,
		"{\"input\":[{\"type\":\"computer_call\"}]}", E_UNSUPPORTED, "computer_call");
	check_refused(WIRE_GEMINI, WIRE_ANTHROPIC, "{\"cachedContent\":\"c\",\"contents\":[]}",
		E_UNSUPPORTED, "cachedContent");
	check_refused(WIRE_GEMINI, WIRE_ANTHROPIC,
		"{\"contents\":[{\"parts\":[{\"executableCode\":{}}]}]}", E_UNSUPPORTED,
		"contents[0]");
	check_refused(WIRE_ANTHROPIC, WIRE_OPENAI_CHAT, "[]", E_MALFORMED, "no JSON object");
	check_refused(WIRE_ANTHROPIC, WIRE_OPENAI_CHAT, "{}", E_MALFORMED, "messages");
}

static void an_answer_that_was_begun_is_named(void **state)
{
	(void)state;
	check_request(WIRE_ANTHROPIC, WIRE_OPENAI_CHAT, "m",
		"{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":"
		"\"assistant\",\"content\":\"{\"}]}",
		"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":"
		"\"assistant\",\"content\":\"{\"}],\"max_completion_tokens\":1}",
		"prefill");
}

static void quirks_of_backends(void **state)
{
	struct arena a = ARENA_INIT;
	struct translate_conf conf = {.quirks = {.is_old_max_tokens = true,
					      .has_reasoning_text = true,
					      .takes_cache_control = true,
					      .no_stream_usage = true}};
	struct translate_run r;

	(void)state;
	r = translate_run(&a, WIRE_ANTHROPIC, WIRE_OPENAI_CHAT, STR(AGENT), &conf);
	assert_int_equal(r.err, E_OK);
	assert_has(r.body, "\"max_tokens\":4000");
	assert_has(r.body, "\"reasoning_content\":\"hm\"");
	assert_has(r.body, "{\"type\":\"text\",\"text\":\"go "
			   "on\",\"cache_control\":{\"type\":\"ephemeral\"}}");
	assert_true(str_find(r.body, STR("stream_options")) == STR_NONE);
	arena_release(&a);
}

/* ---- random conversations ---------------------------------------------------------------------------------------- */

static void check_there_and_back(struct arena *a, uint64_t seed, enum wire_format to)
{
	struct translate_conf there = {.quirks = {.no_breakpoints = true}},
			      back = {.model = STR("claude-opus-4-8"),
				      .is_stream = true,
				      .quirks = {.no_breakpoints = true}};
	unsigned marks = 0, turns = (unsigned)(seed % 5);
	str body = random_conversation(a, seed, turns, &marks);
	struct translate_run r = translate_run(a, WIRE_ANTHROPIC, to, body, &there), again;

	assert_int_equal(r.err, E_OK);
	again = translate_run(a, to, WIRE_ANTHROPIC, r.body, &back);
	assert_int_equal(again.err, E_OK);
	if (to == WIRE_OPENAI_RESPONSES) { /* has no sequences to stop at */
		assert_text(r.report, "stop_sequences");
		body = arena_printf(a, STR_FMT ",\"stream\":true}",
			(int)str_find(body, STR(",\"stop_sequences\"")), body.p);
	}
	/* Gemini's clients give calls no ids: those that are made are others. A text beside results is a message of its own
	 * elsewhere. */
	if (to != WIRE_GEMINI && seed % 2 == 0 && !str_eq(body, again.body))
		fail_msg("seed %u\nis:     " STR_FMT "\nwas:    " STR_FMT "\nbetween: " STR_FMT,
			(unsigned)seed, STR_ARG(again.body), STR_ARG(body), STR_ARG(r.body));
	for (unsigned i = 0, at = 0; i < marks; i++) {
		char mark[16];
		size_t found;

		(void)snprintf(mark, sizeof mark, "<%u>", i);
		found = str_find(str_sub(again.body, at, again.body.n), str_from(mark));
		assert_true(found != STR_NONE);
		at += (unsigned)found;
	}
	marks = 0;
	again = translate_run(
		a, WIRE_ANTHROPIC, to, random_conversation(a, seed, turns + 2, &marks), &there);
	assert_true(str_starts(again.body, str_sub(r.body, 0, history_end(a, to, r.body))));
}

static void there_and_back_is_the_same(void **state)
{
	uint64_t n = seeds_or(60);
	struct arena a = ARENA_INIT;

	(void)state;
	for (uint64_t seed = 0; seed < n; seed++) {
		for (size_t i = 1; i < ARRAY_N(translate_dialects); i++)
			check_there_and_back(&a, seed, translate_dialects[i]);
		arena_reset(&a);
	}
	arena_release(&a);
}

/* Through two dialects and back, in all orders. */
static void every_dialect_reads_what_every_other_writes(void **state)
{
	struct translate_conf conf = {
		.is_stream = true, .model = STR("m"), .quirks = {.no_breakpoints = true}};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < 4; k++) {
			enum wire_format f = translate_dialects[i], g = translate_dialects[k];
			unsigned marks = 0;
			str body = random_conversation(&a, 3, 3, &marks);
			struct translate_run r;

			if (i == k)
				continue;
			if (f != WIRE_ANTHROPIC)
				body = translate_run(&a, WIRE_ANTHROPIC, f, body, &conf).body;
			r = translate_run(&a, f, g, body, &conf);
			assert_int_equal(r.err, E_OK);
			for (unsigned m = 0; m < marks; m++)
				assert_has(r.body, arena_cstr(&a, arena_printf(&a, "<%u>", m)));
		}
	arena_release(&a);
}

/* ---- recorded sessions, where HEADROOM_CORPORA names a folder with turns/NAME.json ------------------------------- */

/* {"provider","messages"} to all other dialects and back: the same calls and results. */
static void check_session(struct arena *a, const char *path, str file)
{
	static const char *const lists[WIRE_FORMAT_N] = {
		NULL, "messages", "messages", "input", "contents"};
	struct translate_conf conf = {.model = STR("m"), .quirks = {.no_breakpoints = true}};
	enum wire_format f = WIRE_NONE;
	struct json_tape t;
	str provider, body;

	assert_int_equal(json_scan(a, file, &t, NULL), E_OK);
	assert_true(json_string(&t, json_member(&t, 0, "provider"), a, &provider));
	assert_true(wire_format_parse(provider, &f));
	body = arena_printf(a, "{\"%s\":" STR_FMT "}", lists[f],
		STR_ARG(json_text(&t, json_member(&t, 0, "messages"))));
	for (size_t i = 0; i < ARRAY_N(translate_dialects); i++) {
		enum wire_format to = translate_dialects[i];
		struct translate_run there, here, again;

		if (to == f)
			continue;
		there = translate_run(a, f, to, body, &conf);
		if (there.err)
			fail_msg("%s to %s: " STR_FMT, path, wire_format_name(to),
				STR_ARG(there.error));
		here = translate_run(a, to, f, there.body, &conf);
		assert_int_equal(here.err, E_OK);
		/* Texts of nothing but white space are lost on the first way to Anthropic, which takes none. */
		there = translate_run(a, f, to, here.body, &conf);
		here = translate_run(a, to, f, there.body, &conf);
		again = translate_run(a, f, to, here.body, &conf);
		assert_int_equal(again.err, E_OK);
		if (to != WIRE_GEMINI && f != WIRE_GEMINI) {
			size_t n = str_common_prefix(there.body, again.body);

			if (n < history_end(a, to,
					there.body)) /* tools are declared for those who want them */
				fail_msg("%s to %s and back, at byte %zu: %.200s\nis not %.200s",
					path, wire_format_name(to), n,
					arena_cstr(a, str_sub(there.body, n < 60 ? 0 : n - 60,
							      there.body.n)),
					arena_cstr(a, str_sub(again.body, n < 60 ? 0 : n - 60,
							      again.body.n)));
		}
	}
}

static void recorded_sessions_go_there_and_back(void **state)
{
	const char *corpora = getenv("HEADROOM_CORPORA");
	struct arena a = ARENA_INIT;
	struct dirent *entry;
	char path[4096];
	size_t files = 0;
	DIR *dir;

	(void)state;
	if (!corpora) {
		print_message("HEADROOM_CORPORA is not set\n");
		skip();
	}
	(void)snprintf(path, sizeof path, "%s/turns", corpora);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		struct errctx cx = {0};
		struct buf file;

		if (!str_ends(str_from(entry->d_name), STR(".json")))
			continue;
		(void)snprintf(path, sizeof path, "%s/turns/%s", corpora, entry->d_name);
		buf_init(&file, LIMIT_INPUT);
		if (file_read(path, &file, &cx) != E_OK)
			fail_msg("%s", cx.text);
		check_session(&a, path, buf_str(&file));
		files++;
		buf_release(&file);
		arena_reset(&a);
	}
	(void)closedir(dir);
	print_message("%zu sessions\n", files);
	assert_true(files > 0);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_agent_of_anthropic_s_on_chat),
		cmocka_unit_test(an_agent_of_anthropic_s_on_responses),
		cmocka_unit_test(an_agent_of_anthropic_s_on_gemini),
		cmocka_unit_test(a_client_of_chat_on_anthropic),
		cmocka_unit_test(a_client_of_gemini_on_chat),
		cmocka_unit_test(a_client_of_gemini_may_spell_names_as_in_the_schema),
		cmocka_unit_test(data_in_a_schema_is_no_type),
		cmocka_unit_test(a_client_of_responses_on_anthropic),
		cmocka_unit_test(names_that_a_backend_does_not_take_are_said_otherwise),
		cmocka_unit_test(what_cannot_be_carried_is_refused),
		cmocka_unit_test(an_answer_that_was_begun_is_named),
		cmocka_unit_test(quirks_of_backends),
		cmocka_unit_test(there_and_back_is_the_same),
		cmocka_unit_test(every_dialect_reads_what_every_other_writes),
		cmocka_unit_test(recorded_sessions_go_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
