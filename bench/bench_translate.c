/* Answers through the translation between dialects: from each that backends speak to each that clients speak, some megabytes of
 * deltas of about 20 tokens; and a request of an agent with a history of a megabyte. MB/s, and microseconds for an event. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/translate/translate.h"

enum { EVENTS = 20000, PIECE = 16384, ROUNDS = 5, TURNS = 400 };

#define WORDS "The next step is to look at what the test prints, and why. "

static const struct shape {
	enum wire_format format;
	const char *open, *event, *close;
} SHAPES[] = {
	{WIRE_ANTHROPIC,
		"data: "
		"{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"c\",\"usage\":{"
		"\"input_tokens\":9}}}\n\n",
		"event: content_block_delta\ndata: "
		"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
		"\"text\":\"" WORDS "\\n\"}}\n\n",
		"data: "
		"{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{"
		"\"output_tokens\":7}}\n\ndata: {\"type\":\"message_stop\"}\n\n"},
	{WIRE_OPENAI_CHAT, "",
		"data: "
		"{\"id\":\"chatcmpl-x\",\"object\":\"chat.completion.chunk\",\"created\":1,"
		"\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" WORDS
		"\\n\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n",
		"data: "
		"{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{"
		"\"prompt_tokens\":9,\"completion_tokens\":7}}\n\ndata: [DONE]\n\n"},
	{WIRE_OPENAI_RESPONSES, "",
		"event: response.output_text.delta\ndata: "
		"{\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"item_id\":\"msg_"
		"1\",\"output_index\":0,\"content_index\":0,\"delta\":\"" WORDS "\\n\"}\n\n",
		"data: "
		"{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"usage\":"
		"{\"input_tokens\":9,\"output_tokens\":7}}}\n\n"},
	{WIRE_GEMINI, "",
		"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" WORDS
		"\\n\"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":"
		"9,\"candidatesTokenCount\":7},\"modelVersion\":\"g\"}\r\n\r\n",
		"data: "
		"{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]},\"finishReason\":"
		"\"STOP\"}]}\r\n\r\n"},
};

static void answer(const struct shape *s, enum wire_format client, str bytes)
{
	struct translate_answer_conf conf = {.backend = s->format,
		.client = client,
		.form = ANSWER_SSE,
		.is_stream = true,
		.wants_usage = true,
		.id = STR("id"),
		.held_max = 64 << 20};
	int64_t best = INT64_MAX;
	struct buf out;

	buf_init(&out, SIZE_MAX / 4);
	for (int round = 0; round < ROUNDS; round++) {
		struct translate_answer *ta = translate_answer_new(&conf);
		int64_t start = clock_monotonic_ns(NULL), took;

		if (!ta)
			break;
		for (size_t at = 0; at < bytes.n; at += PIECE) {
			buf_reset(&out);
			(void)!translate_answer_feed(ta,
				str_sub(bytes, at, at + PIECE < bytes.n ? at + PIECE : bytes.n),
				&out);
		}
		took = clock_monotonic_ns(NULL) - start;
		best = took < best ? took : best;
		if (!translate_answer_is_whole(ta))
			(void)!translate_answer_finish(ta, true, &out);
		translate_answer_free(ta);
	}
	printf("  %-17s -> %-17s %7.0f MB/s  %6.2f us an event\n", wire_format_name(s->format),
		wire_format_name(client), (double)bytes.n * 1e3 / (double)best,
		(double)best / 1e3 / EVENTS);
	buf_release(&out);
}

static void answers(void)
{
	printf("answers, %d events each\n", EVENTS);
	for (size_t i = 0; i < ARRAY_N(SHAPES); i++) {
		struct buf b;

		buf_init(&b, SIZE_MAX / 4);
		buf_add_c(&b, SHAPES[i].open);
		for (int k = 0; k < EVENTS; k++)
			buf_add_c(&b, SHAPES[i].event);
		buf_add_c(&b, SHAPES[i].close);
		for (size_t k = 0; k < ARRAY_N(SHAPES); k++)
			if (k != i)
				answer(&SHAPES[i], SHAPES[k].format, buf_str(&b));
		buf_release(&b);
	}
}

static void add_turn(struct buf *b, int i)
{
	buf_printf(b,
		",{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"" WORDS
		"\"},{\"type\":\"tool_use\",\"id\":\"t%d\",\"name\":\"Bash\",\"input\":{"
		"\"command\":\"make test \\\"%d\\\"\"}}]}",
		i, i);
	buf_printf(b,
		",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t%"
		"d\",\"content\":\"",
		i);
	for (int k = 0; k < 40; k++)
		buf_add_c(b, WORDS "\\n");
	buf_add_c(b, "\"}]}");
}

static void requests(void)
{
	struct translate_conf conf = {.model = STR("m")};
	struct buf body, out;

	buf_init(&body, SIZE_MAX / 4);
	buf_init(&out, SIZE_MAX / 4);
	buf_add_c(&body, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
			 "\"content\":\"x\"}");
	for (int i = 0; i < TURNS; i++)
		add_turn(&body, i);
	buf_add_c(&body, "]}");
	printf("a request of %.2f MB, from anthropic\n", (double)body.n / 1e6);
	for (size_t i = 1; i < ARRAY_N(SHAPES); i++) {
		int64_t best = INT64_MAX;

		for (int round = 0; round < ROUNDS; round++) {
			struct arena a = ARENA_INIT;
			struct translated t = {.out = &out};
			int64_t start = clock_monotonic_ns(NULL), took;

			buf_reset(&out);
			(void)!translate_request(WIRE_ANTHROPIC, SHAPES[i].format, buf_str(&body),
				&conf, &a, &t, NULL);
			arena_release(&a);
			took = clock_monotonic_ns(NULL) - start;
			best = took < best ? took : best;
		}
		printf("  -> %-17s %7.0f MB/s  %6.2f ms\n", wire_format_name(SHAPES[i].format),
			(double)body.n * 1e3 / (double)best, (double)best / 1e6);
	}
	buf_release(&body);
	buf_release(&out);
}

int main(void)
{
	answers();
	requests();
	return 0;
}
