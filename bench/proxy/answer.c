#include "bench/proxy/answer.h"

/* The parts of each shape; of text there is only its place. */
static const struct shape {
	const char *before, *after;             /* of the text of a complete answer */
	const char *begin;                      /* of a stream: events before the text */
	const char *event_before, *event_after; /* of the text of an event */
	const char *end;                        /* events after the text */
} shapes[ANSWER_DIALECT_N] = {
	[ANSWER_ANTHROPIC] =
		{
			"{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\","
			"\"model\":\"claude-opus-4-8\",\"content\":[{\"type\":\"text\",\"text\":\"",
			"\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{"
			"\"input_tokens\":100,\"output_tokens\":200}}",
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{"
			"\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\","
			"\"model\":\"claude-opus-4-8\",\"content\":[],\"stop_reason\":null,"
			"\"stop_sequence\":null,\"usage\":{\"input_tokens\":100,"
			"\"output_tokens\":1}}}\n\n"
			"event: content_block_start\ndata: {\"type\":\"content_block_start\","
			"\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
			"event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
			"\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"",
			"\"}}\n\n",
			"event: content_block_stop\ndata: {\"type\":\"content_block_stop\","
			"\"index\":0}\n\n"
			"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
			"\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{"
			"\"output_tokens\":200}}\n\n"
			"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
		},
	[ANSWER_CHAT] =
		{
			"{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":"
			"1790000000,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,"
			"\"message\":{\"role\":\"assistant\",\"content\":\"",
			"\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":100,"
			"\"completion_tokens\":200,\"total_tokens\":300}}",
			"data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
			"\"created\":1790000000,\"model\":\"gpt-4o-mini\",\"choices\":[{"
			"\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
			"\"finish_reason\":null}]}\n\n",
			"data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
			"\"created\":1790000000,\"model\":\"gpt-4o-mini\",\"choices\":[{"
			"\"index\":0,\"delta\":{\"content\":\"",
			"\"},\"finish_reason\":null}]}\n\n",
			"data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
			"\"created\":1790000000,\"model\":\"gpt-4o-mini\",\"choices\":[{"
			"\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
			"data: [DONE]\n\n",
		},
};

/* Words, as a model would write them. */
static void add_text(struct buf *out, size_t n)
{
	static const char words[] = "the file has been read and the test passes now, ";

	for (size_t i = 0; i < n; i++)
		buf_add_byte(out, words[i % (sizeof words - 1)]);
}

void answer_whole(struct buf *out, enum answer_dialect d, size_t size)
{
	const struct shape *s = &shapes[d];
	size_t least = strlen(s->before) + strlen(s->after) + strlen(ANSWER_FIRST ANSWER_LAST);
	size_t fill = size > least ? size - least : 0;

	buf_printf(out,
		"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_bench\r\n"
		"content-length: %zu\r\n\r\n",
		least + fill);
	buf_add_c(out, s->before);
	buf_add_c(out, ANSWER_FIRST);
	add_text(out, fill);
	buf_add_c(out, ANSWER_LAST);
	buf_add_c(out, s->after);
}

static void add_chunk(struct buf *out, const char *text)
{
	buf_printf(out, "%zx\r\n%s\r\n", strlen(text), text);
}

void answer_stream_begin(struct buf *out, enum answer_dialect d)
{
	buf_add_c(out, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
		       "cache-control: no-cache\r\nrequest-id: req_bench\r\n"
		       "transfer-encoding: chunked\r\n\r\n");
	add_chunk(out, shapes[d].begin);
}

size_t answer_stream_event(struct buf *out, enum answer_dialect d, size_t size)
{
	const struct shape *s = &shapes[d];
	size_t least = strlen(s->event_before) + ANSWER_MARK_LEN + strlen(s->event_after);
	size_t fill = size > least ? size - least : 0, at;

	buf_printf(out, "%zx\r\n%s", least + fill, s->event_before);
	at = out->n;
	for (int i = 0; i < ANSWER_MARK_LEN; i++)
		buf_add_byte(out, '0');
	add_text(out, fill);
	buf_printf(out, "%s\r\n", s->event_after);
	return at;
}

void answer_stream_end(struct buf *out, enum answer_dialect d)
{
	add_chunk(out, shapes[d].end);
	buf_add_c(out, "0\r\n\r\n");
}

static void write_digits(char *to, size_t n, uint64_t v)
{
	while (n--) {
		to[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

enum { NS_AT = 2 + ANSWER_MARK_SEQ, OWNER_AT = NS_AT + ANSWER_MARK_NS + 1 };

void answer_mark_write(char *at, const struct answer_mark *m)
{
	at[0] = '@';
	write_digits(at + 1, ANSWER_MARK_SEQ, m->seq);
	at[NS_AT - 1] = ',';
	write_digits(at + NS_AT, ANSWER_MARK_NS, (uint64_t)m->ns);
	at[OWNER_AT - 1] = ',';
	write_digits(at + OWNER_AT, ANSWER_MARK_OWNER, m->owner);
	at[ANSWER_MARK_LEN - 1] = ';';
}

bool answer_mark_read(const char *at, struct answer_mark *out)
{
	uint64_t seq, ns;

	if (at[0] != '@' || at[NS_AT - 1] != ',' || at[OWNER_AT - 1] != ',' ||
		at[ANSWER_MARK_LEN - 1] != ';')
		return false;
	if (!str_u64((str){at + 1, ANSWER_MARK_SEQ}, &seq) ||
		!str_u64((str){at + NS_AT, ANSWER_MARK_NS}, &ns) ||
		!str_u64((str){at + OWNER_AT, ANSWER_MARK_OWNER}, &out->owner))
		return false;
	out->seq = (uint32_t)seq;
	out->ns = (int64_t)ns;
	return true;
}
