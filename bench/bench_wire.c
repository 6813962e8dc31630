/* Time to walk a request of about 1 MB with 400 blocks, of each format, after the scan. */
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/wire/wire.h"

enum { PAIRS = 200, LINES = 250, ROUNDS = 200 };

/* In call and result, # stands for the number of the call. */
struct shape {
	enum wire_format format;
	const char *open, *call, *result, *result_end, *close;
};

static const struct shape SHAPES[] = {
	{WIRE_ANTHROPIC, "{\"messages\":[{\"role\":\"user\",\"content\":\"go\"}",
		",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t#\","
		"\"name\":\"Read\",\"input\":{\"file_path\":\"/a\"}}]}",
		",{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"t#\",\"type\":\"tool_result\","
		"\"content\":\"",
		"\"}]}", "],\"system\":\"s\"}"},
	{WIRE_OPENAI_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"go\"}",
		",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"t#\","
		"\"type\":\"function\",\"function\":{\"name\":\"read\",\"arguments\":\"{}\"}}]}",
		",{\"role\":\"tool\",\"tool_call_id\":\"t#\",\"content\":\"", "\"}", "]}"},
	{WIRE_OPENAI_RESPONSES, "{\"input\":[{\"role\":\"user\",\"content\":\"go\"}",
		",{\"type\":\"function_call\",\"call_id\":\"t#\",\"name\":\"read\","
		"\"arguments\":\"{}\"}",
		",{\"type\":\"function_call_output\",\"call_id\":\"t#\",\"output\":\"", "\"}",
		"]}"},
	{WIRE_GEMINI, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"go\"}]}",
		",{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"id\":\"t#\","
		"\"name\":\"read\",\"args\":{}}}]}",
		",{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"id\":\"t#\","
		"\"name\":\"read\",\"response\":{\"output\":\"",
		"\"}}}]}", "]}"},
};

static void add_numbered(struct buf *b, const char *text, unsigned number)
{
	for (; *text; text++) {
		if (*text == '#')
			buf_add_u64(b, number);
		else
			buf_add_byte(b, *text);
	}
}

static void add_body(struct buf *b, const struct shape *s)
{
	buf_add_c(b, s->open);
	for (unsigned i = 0; i < PAIRS; i++) {
		add_numbered(b, s->call, i);
		add_numbered(b, s->result, i);
		for (unsigned n = 0; n < LINES; n++)
			buf_printf(b, "%5u a line of it\\n", i + n);
		buf_add_c(b, s->result_end);
	}
	buf_add_c(b, s->close);
}

static int64_t best_ns(const struct json_tape *t, enum wire_format f, uint32_t *blocks)
{
	struct arena a = ARENA_INIT;
	int64_t best = INT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		struct wire_doc d;
		int64_t start = clock_monotonic_ns(NULL), ns;

		if (wire_walk(&a, t, f, &d, NULL) != E_OK)
			return -1;
		ns = clock_monotonic_ns(NULL) - start;
		best = ns < best ? ns : best;
		*blocks = d.n;
		arena_reset(&a);
	}
	arena_release(&a);
	return best;
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_N(SHAPES); i++) {
		struct arena a = ARENA_INIT;
		struct json_tape t;
		struct buf body;
		uint32_t blocks = 0;
		int64_t ns;

		buf_init_arena(&body, &a, LIMIT_INPUT);
		add_body(&body, &SHAPES[i]);
		if (json_scan(&a, buf_str(&body), &t, NULL) != E_OK)
			return 1;
		ns = best_ns(&t, SHAPES[i].format, &blocks);
		printf("wire %-17s %8zu bytes %4u blocks %7.1f us %6.0f MB/s\n",
			wire_format_name(SHAPES[i].format), body.n, blocks, (double)ns / 1e3,
			(double)body.n * 1e3 / (double)ns);
		arena_release(&a);
	}
	return 0;
}
