#include "proxy/backend_frame.h"

#include "core/base/mem.h"
#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/wire/event_stream.h"
#include "core/wire/sse.h"
#include "proxy/base64.h"

struct backend_frame {
	struct sse sse;
	struct arena arena; /* of one event */
	struct buf out;
};

struct backend_frame *backend_frame_new(void)
{
	struct backend_frame *f = mem_zalloc(sizeof *f);

	if (!f)
		return NULL;
	sse_init(&f->sse, LIMIT_SSE_EVENT);
	arena_init(&f->arena);
	buf_init(&f->out, (size_t)2 * EVENT_STREAM_MAX);
	return f;
}

void backend_frame_free(struct backend_frame *f)
{
	if (!f)
		return;
	sse_release(&f->sse);
	arena_release(&f->arena);
	buf_release(&f->out);
	mem_free(f);
}

static str member(const struct json_tape *t, uint32_t object, const char *key, struct arena *a)
{
	uint32_t node = json_member(t, object, key);
	str out;

	return node != JSON_ABSENT && json_string(t, node, a, &out) ? out : STR("");
}

/* The errors of Bedrock's streams that these of Anthropic's come from: see backend_answer.c. */
static str exception_of(str type)
{
	if (str_eq(type, STR("rate_limit_error")))
		return STR("throttlingException");
	if (str_eq(type, STR("overloaded_error")))
		return STR("serviceUnavailableException");
	if (str_eq(type, STR("invalid_request_error")))
		return STR("validationException");
	return STR("internalServerException");
}

static void write_text(struct arena *a, const char *key, str value, str *out)
{
	struct json_writer w;
	struct buf b;

	buf_init_arena(&b, a, EVENT_STREAM_MAX);
	json_write_init(&w, &b, false);
	json_write_object(&w, NULL);
	json_write_str(&w, key, value);
	json_write_end(&w);
	*out = buf_str(&b);
}

static void add_exception(struct backend_frame *f, str data)
{
	struct event_stream_header headers[] = {
		{STR(":exception-type"), STR("internalServerException")},
		{STR(":content-type"), STR("application/json")},
		{STR(":message-type"), STR("exception")}};
	str message = data, payload;
	struct json_tape t;

	if (json_scan(&f->arena, data, &t, NULL) == E_OK) {
		uint32_t error = json_member(&t, 0, "error");

		if (error != JSON_ABSENT) {
			headers[0].value = exception_of(member(&t, error, "type", &f->arena));
			message = member(&t, error, "message", &f->arena);
		}
	}
	write_text(&f->arena, "message", message, &payload);
	event_stream_write(&f->out, headers, ARRAY_N(headers), payload);
}

static void take(void *self, str event, str data)
{
	static const struct event_stream_header headers[] = {{{":event-type", 11}, {"chunk", 5}},
		{{":content-type", 13}, {"application/json", 16}},
		{{":message-type", 13}, {"event", 5}}};
	struct backend_frame *f = self;
	str payload;

	if (str_eq(event, STR("error"))) {
		add_exception(f, data);
		return;
	}
	write_text(&f->arena, "bytes", base64_encode(data, false, &f->arena), &payload);
	event_stream_write(&f->out, headers, ARRAY_N(headers), payload);
}

enum err backend_frame_feed(struct backend_frame *f, str text, str *out)
{
	buf_reset(&f->out);
	if (arena_recover(&f->arena)) {
		arena_end_recover(&f->arena);
		return E_NOMEM;
	}
	sse_feed(&f->sse, text, take, f);
	arena_end_recover(&f->arena);
	arena_reset(&f->arena);
	*out = buf_str(&f->out);
	/* An event that was left out is a hole in the answer. */
	return f->sse.skipped_count ? E_TOO_BIG : f->out.err;
}
