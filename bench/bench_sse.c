/* Server-sent events as an agent's answer has them, some megabytes of deltas of about 20 tokens: split into events,
 * and read for their usage, beside a copy of the same bytes by memcpy. They come in pieces as a socket gives them. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/wire/sse.h"
#include "core/wire/usage.h"

enum { EVENTS = 40000, PIECE = 16384, ROUNDS = 15 };

#define WORDS "The next step is to look at what the test prints, and why. "

/* # stands for the number of the event. */
static const struct shape {
	enum wire_format format;
	enum answer_form form;
	const char *open, *event, *close;
} SHAPES[] = {
	{WIRE_ANTHROPIC, ANSWER_SSE,
		"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\","
		"\"model\":\"claude-x\",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n",
		"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":#,"
		"\"delta\":{\"type\":\"text_delta\",\"text\":\"" WORDS "\\n\"}}\n\n",
		"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
		"\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}\n\n"},
	{WIRE_OPENAI_CHAT, ANSWER_SSE, "",
		"data: {\"id\":\"chatcmpl-x\",\"object\":\"chat.completion.chunk\",\"created\":#,"
		"\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" WORDS
		"\\n\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n",
		"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7}}"
		"\n\ndata: [DONE]\n\n"},
	{WIRE_OPENAI_RESPONSES, ANSWER_SSE, "",
		"event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\","
		"\"sequence_number\":#,\"item_id\":\"msg_1\",\"output_index\":0,"
		"\"content_index\":0,\"delta\":\"" WORDS "\\n\"}\n\n",
		"event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{"
		"\"usage\":{\"input_tokens\":9,\"output_tokens\":7}}}\n\n"},
	{WIRE_GEMINI, ANSWER_SSE, "",
		"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" WORDS "\\n\"}],"
		"\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":9,"
		"\"candidatesTokenCount\":7,\"totalTokenCount\":#},\"modelVersion\":\"g\"}\r\n\r\n",
		""},
	{WIRE_ANTHROPIC, ANSWER_JSON, "{\"content\":[{\"type\":\"text\",\"text\":\"",
		WORDS WORDS "#\\n", "\"}],\"usage\":{\"input_tokens\":9,\"output_tokens\":7}}"},
};

static void add_answer(struct buf *b, const struct shape *s)
{
	buf_add_c(b, s->open);
	for (unsigned i = 0; i < EVENTS; i++) {
		for (const char *p = s->event; *p; p++) {
			if (*p == '#')
				buf_add_u64(b, i);
			else
				buf_add_byte(b, *p);
		}
	}
	buf_add_c(b, s->close);
}

static void count(void *self, str event, str data)
{
	*(size_t *)self += event.n + data.n;
}

enum work { COPY, SPLIT, READ };

/* What came out of it, so that no work can be left out; 0 is a failure. */
static size_t run(enum work w, const struct shape *s, str answer, char *copy)
{
	struct usage_reader *r = usage_reader_new(s->format, s->form);
	struct sse split;
	size_t sum = 0;

	if (!r)
		return 0;
	sse_init(&split, LIMIT_SSE_EVENT);
	for (size_t at = 0; at < answer.n; at += PIECE) {
		str piece = str_sub(answer, at, at + PIECE < answer.n ? at + PIECE : answer.n);

		if (w == COPY)
			memcpy(copy + at, piece.p, piece.n);
		else if (w == SPLIT)
			sse_feed(&split, piece, count, &sum);
		else
			usage_reader_feed(r, piece);
	}
	if (w == COPY)
		sum = (unsigned char)copy[answer.n / 2];
	else if (w == READ)
		sum = usage_reader_finish(r)->output == 7;
	sse_release(&split);
	usage_reader_free(r);
	return sum;
}

static double best_mb_per_s(enum work w, const struct shape *s, str answer, char *copy)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t start = clock_monotonic_ns(NULL), ns;

		if (!run(w, s, answer, copy))
			return 0;
		ns = clock_monotonic_ns(NULL) - start;
		best = ns < best ? ns : best;
	}
	return (double)answer.n * 1e3 / (double)best;
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_N(SHAPES); i++) {
		const struct shape *s = &SHAPES[i];
		struct buf answer, copy;
		double split = 0, read, bytes;

		buf_init(&answer, LIMIT_INPUT);
		buf_init(&copy, LIMIT_INPUT);
		add_answer(&answer, s);
		if (answer.err || !buf_reserve(&copy, answer.n))
			return 1;
		bytes = best_mb_per_s(COPY, s, buf_str(&answer), copy.p);
		if (s->form == ANSWER_SSE)
			split = best_mb_per_s(SPLIT, s, buf_str(&answer), copy.p);
		read = best_mb_per_s(READ, s, buf_str(&answer), copy.p);
		if (read <= 0)
			return 1;
		printf("sse %-17s %8zu bytes, %3zu an event:", wire_format_name(s->format),
			answer.n, answer.n / EVENTS);
		if (s->form == ANSWER_SSE)
			printf(" split %6.0f MB/s,", split);
		else
			printf(" JSON,");
		printf(" usage %6.0f MB/s (%4.0f ns an event), memcpy %6.0f MB/s\n", read,
			(double)answer.n / EVENTS * 1e3 / read, bytes);
		buf_release(&answer);
		buf_release(&copy);
	}
	return 0;
}
