/* Any bytes as what Bedrock sends: the first byte says in pieces of how many bytes they come. As a stream of frames, as the event in a frame
 * that is right, as an exception's payload, and as the body of an error: whatever comes out is server-sent events whose data is JSON, in
 * the same bytes however it was cut. Framed anew for a client of Bedrock's, and read once more, they are the same events. */
#include "core/base/check.h"
#include "core/json/scan.h"
#include "core/wire/event_stream.h"
#include "core/wire/sse.h"
#include "proxy/backend_answer.h"
#include "proxy/backend_frame.h"
#include "proxy/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void add_event(void *self, str event, str data)
{
	struct arena a = ARENA_INIT;
	struct buf *seen = self;
	struct json_tape t;

	ASSERT(json_scan(&a, data, &t, NULL) == E_OK);
	buf_printf(seen, "%zu:%zu:", event.n, data.n);
	buf_add(seen, event);
	buf_add(seen, data);
	arena_release(&a);
}

/* What a client reads; returns how many events there were. */
static uint64_t read_events(str text, struct buf *seen)
{
	struct sse s;
	uint64_t n;

	sse_init(&s, LIMIT_SSE_EVENT);
	sse_feed(&s, text, add_event, seen);
	n = s.event_count;
	sse_finish(&s, add_event, seen);
	ASSERT(s.event_count == n && !s.skipped_count);
	sse_release(&s);
	return n;
}

static void answer(int status, str type, str bytes, size_t step, struct buf *out)
{
	const struct http_header header = {STR("content-type"), type};
	const struct upstream_head head = {.status = status, .headers = &header, .headers_n = 1};
	struct upstream_head shown;
	struct backend_answer *b;
	struct arena a = ARENA_INIT;
	enum err err = backend_answer_new(&head, &a, &b, &shown);
	str piece;

	ASSERT(!err && b);
	for (size_t at = 0; !err && at < bytes.n; at += step) {
		err = backend_answer_feed(b,
			str_sub(bytes, at, at + step < bytes.n ? at + step : bytes.n), &piece,
			NULL);
		ASSERT(!err || err == E_MALFORMED);
		buf_add(out, piece);
	}
	(void)!backend_answer_finish(b, &piece);
	buf_add(out, piece);
	backend_answer_free(b);
	arena_release(&a);
}

/* As frames, and what comes out of these, as a client of Bedrock's would get it: in the end the same events. */
static void check_framed(str text, str seen, uint64_t events)
{
	struct backend_frame *f = backend_frame_new();
	struct buf again, answered;
	str frames;

	ASSERT(f);
	buf_init(&again, LIMIT_INPUT);
	buf_init(&answered, LIMIT_INPUT);
	ASSERT(backend_frame_feed(f, text, &frames) == E_OK);
	answer(200, STR("application/vnd.amazon.eventstream"), frames, frames.n + 1, &answered);
	ASSERT(read_events(buf_str(&answered), &again) == events);
	/* The words of errors are fewer there than here. */
	if (str_find(text, STR("event: error\n")) == STR_NONE)
		ASSERT(str_eq(buf_str(&again), seen));
	backend_frame_free(f);
	buf_release(&again);
	buf_release(&answered);
}

static void check_stream(str bytes, size_t step)
{
	const str type = STR("application/vnd.amazon.eventstream");
	struct buf whole, cut, seen;
	uint64_t events;

	buf_init(&whole, LIMIT_INPUT);
	buf_init(&cut, LIMIT_INPUT);
	buf_init(&seen, LIMIT_INPUT);
	answer(200, type, bytes, bytes.n + 1, &whole);
	answer(200, type, bytes, step, &cut);
	ASSERT(str_eq(buf_str(&whole), buf_str(&cut)));
	events = read_events(buf_str(&whole), &seen);
	check_framed(buf_str(&whole), buf_str(&seen), events);
	buf_release(&whole);
	buf_release(&cut);
	buf_release(&seen);
}

static void check_frame(const char *kind, const char *name, str payload, size_t step)
{
	const struct event_stream_header headers[] = {{STR(":message-type"), str_from(kind)},
		{kind[1] == 'v' ? STR(":event-type") : STR(":exception-type"), str_from(name)}};
	struct buf frame;

	buf_init(&frame, LIMIT_INPUT);
	event_stream_write(&frame, headers, ARRAY_N(headers), payload);
	check_stream(buf_str(&frame), step);
	buf_release(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct buf chunk, error;
	struct json_tape t;
	size_t step;
	str bytes;

	if (!n || n > 1 << 16)
		return 0;
	step = 1 + data[0] % 32U;
	bytes = (str){(const char *)data + 1, n - 1};
	check_stream(bytes, step);
	buf_init(&chunk, LIMIT_INPUT);
	buf_add_c(&chunk, "{\"bytes\":\"");
	buf_add(&chunk, base64_encode(bytes, false, &a));
	buf_add_c(&chunk, "\",\"p\":\"abc\"}");
	check_frame("event", "chunk", buf_str(&chunk), step);
	check_frame("event", "chunk", bytes, step);
	check_frame("exception", "throttlingException", bytes, step);
	buf_init(&error, LIMIT_INPUT);
	answer(400 + data[0] % 200, STR("application/json"), bytes, step, &error);
	ASSERT(json_scan(&a, buf_str(&error), &t, NULL) == E_OK);
	buf_release(&chunk);
	buf_release(&error);
	arena_release(&a);
	return 0;
}
