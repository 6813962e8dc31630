/* Sources: Amazon Bedrock Runtime API Reference, InvokeModelWithResponseStream (PayloadPart, exceptions of its stream); platform.claude.com, "Errors". */
#include "proxy/backend_answer.h"

#include "core/base/mem.h"
#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/wire/event_stream.h"
#include "proxy/base64.h"

enum {
	/* An error says what is wrong in a sentence; the rest of a longer one is nobody's loss. */
	ERROR_MAX = 64 << 10,
};

enum form { FORM_EVENTS, FORM_ERROR };

struct backend_answer {
	enum form form;
	int status;
	struct event_stream stream;
	struct arena arena; /* of one event */
	struct buf out;
	struct buf error; /* FORM_ERROR: what has come */
};

/* ---- errors -------------------------------------------------------------------------------------------- */

/* In Anthropic's words; exceptions as they are called in headers and in streams. */
static const struct {
	const char *exception;
	int status;
	const char *type;
} ERRORS[] = {
	{"validationException", 400, "invalid_request_error"},
	{"accessDeniedException", 403, "permission_error"},
	{"resourceNotFoundException", 404, "not_found_error"},
	{"throttlingException", 429, "rate_limit_error"},
	{"serviceQuotaExceededException", 429, "rate_limit_error"},
	{"modelTimeoutException", 408, "timeout_error"},
	{"modelNotReadyException", 429, "overloaded_error"},
	{"serviceUnavailableException", 503, "overloaded_error"},
	{"modelStreamErrorException", 424, "api_error"},
	{"modelErrorException", 424, "api_error"},
	{"internalServerException", 500, "api_error"},
	{"unrecognizedClientException", 403, "authentication_error"},
	{"expiredTokenException", 403, "authentication_error"},
};

static const char *type_of(str exception, int status)
{
	for (size_t i = 0; i < ARRAY_N(ERRORS); i++)
		if (exception.n ? str_eq_nocase(exception, str_from(ERRORS[i].exception))
				: ERRORS[i].status == status)
			return ERRORS[i].type;
	return status >= 400 && status < 500 ? "invalid_request_error" : "api_error";
}

/* The member "message" of a JSON object, or all of it. */
static str message_of(str payload, struct arena *a)
{
	struct json_tape t;
	uint32_t node;
	str text;

	if (json_scan(a, payload, &t, NULL) != E_OK)
		return payload;
	node = json_member(&t, 0, "message");
	if (node == JSON_ABSENT)
		node = json_member(&t, 0, "Message");
	return node != JSON_ABSENT && json_string(&t, node, a, &text) ? text : payload;
}

static void write_error(struct buf *out, const char *type, str message)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "type", "error");
	json_write_object(&w, "error");
	json_write_c(&w, "type", type);
	json_write_str(&w, "message", message);
	json_write_end(&w);
	json_write_end(&w);
}

static void add_error_event(struct backend_answer *b, const char *type, str message)
{
	buf_add_c(&b->out, "event: error\ndata: ");
	write_error(&b->out, type, message);
	buf_add_c(&b->out, "\n\n");
}

/* ---- events -------------------------------------------------------------------------------------------- */

/* Of server-sent events. */
static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

/* As one line: bytes that end lines stand between a JSON text's tokens alone. */
static void add_line(struct buf *out, str json)
{
	size_t begin = 0;

	for (size_t i = 0; i < json.n; i++)
		if (ends_line(json.p[i])) {
			buf_add(out, str_sub(json, begin, i));
			buf_add_byte(out, ' ');
			begin = i + 1;
		}
	buf_add(out, str_sub(json, begin, json.n));
}

static bool is_line(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ends_line(s.p[i]))
			return false;
	return true;
}

/* {"bytes": base64 of an event of Anthropic's, "p": padding} */
static bool add_chunk(struct backend_answer *b, str payload)
{
	struct json_tape t, event;
	uint32_t bytes, type;
	str text, json, name;

	if (json_scan(&b->arena, payload, &t, NULL) != E_OK)
		return false;
	bytes = json_member(&t, 0, "bytes");
	if (bytes == JSON_ABSENT || !json_string(&t, bytes, &b->arena, &text) ||
		!base64_decode(text, false, &b->arena, &json) ||
		json_scan(&b->arena, json, &event, NULL) != E_OK)
		return false;
	type = json_member(&event, 0, "type");
	if (type == JSON_ABSENT || !json_string(&event, type, &b->arena, &name) || !is_line(name))
		return false;
	buf_add_c(&b->out, "event: ");
	buf_add(&b->out, name);
	buf_add_c(&b->out, "\ndata: ");
	add_line(&b->out, json);
	buf_add_c(&b->out, "\n\n");
	return true;
}

static void take(void *self, const struct event_stream_message *m)
{
	struct backend_answer *b = self;

	if (str_eq(m->message_type, STR("exception")))
		add_error_event(
			b, type_of(m->exception_type, 0), message_of(m->payload, &b->arena));
	else if (str_eq(m->message_type, STR("error")))
		add_error_event(b, type_of(m->error_code, 0),
			m->error_message.n ? m->error_message : m->error_code);
	else if (str_eq(m->event_type, STR("chunk")) && !add_chunk(b, m->payload))
		add_error_event(
			b, "api_error", STR("an event of Bedrock's stream is none of Anthropic's"));
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

/* With another type and no length. */
static void show(
	const struct upstream_head *h, str type, struct arena *a, struct upstream_head *shown)
{
	struct http_header *headers = arena_array(a, struct http_header, (size_t)h->headers_n + 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < h->headers_n; i++)
		if (!str_eq_nocase(h->headers[i].name, STR("content-type")) &&
			!str_eq_nocase(h->headers[i].name, STR("content-length")))
			headers[n++] = h->headers[i];
	headers[n++] = (struct http_header){STR("content-type"), type};
	*shown = *h;
	shown->headers = headers;
	shown->headers_n = n;
	shown->has_length = false;
}

bool backend_answer_is_stream(const struct upstream_head *h)
{
	str type = upstream_header(h, STR("content-type"));
	size_t end = str_find_byte(type, ';');

	return str_eq_nocase(str_trim(str_sub(type, 0, end == STR_NONE ? type.n : end)),
		STR("application/vnd.amazon.eventstream"));
}

enum err backend_answer_new(const struct upstream_head *h, struct arena *a,
	struct backend_answer **out, struct upstream_head *shown)
{
	bool is_events = h->status == 200 && backend_answer_is_stream(h);
	struct backend_answer *b;

	*out = NULL;
	*shown = *h;
	if (!is_events && h->status < 400)
		return E_OK;
	show(h, is_events ? STR("text/event-stream") : STR("application/json"), a, shown);
	b = mem_zalloc(sizeof *b);
	if (!b)
		return E_NOMEM;
	b->form = is_events ? FORM_EVENTS : FORM_ERROR;
	b->status = h->status;
	event_stream_init(&b->stream);
	arena_init(&b->arena);
	buf_init(&b->out, (size_t)2 * EVENT_STREAM_MAX);
	buf_init(&b->error, ERROR_MAX);
	*out = b;
	return E_OK;
}

void backend_answer_free(struct backend_answer *b)
{
	if (!b)
		return;
	event_stream_release(&b->stream);
	arena_release(&b->arena);
	buf_release(&b->out);
	buf_release(&b->error);
	mem_free(b);
}

/* Events that hold memory between them: none. */
static enum err feed_events(struct backend_answer *b, str piece, struct errctx *cx)
{
	enum err err;

	if (arena_recover(&b->arena)) {
		arena_end_recover(&b->arena);
		return err_set(cx, E_NOMEM, "out of memory");
	}
	err = event_stream_feed(&b->stream, piece, take, b, cx);
	if (err == E_MALFORMED)
		add_error_event(b, "api_error", STR("the stream of the provider is damaged"));
	arena_end_recover(&b->arena);
	arena_reset(&b->arena);
	return err;
}

enum err backend_answer_feed(struct backend_answer *b, str piece, str *out, struct errctx *cx)
{
	enum err err = E_OK;

	buf_reset(&b->out);
	if (b->form == FORM_EVENTS)
		err = feed_events(b, piece, cx);
	else if (b->error.n < ERROR_MAX)
		buf_add(&b->error,
			str_sub(piece, 0,
				piece.n < ERROR_MAX - b->error.n ? piece.n
								 : ERROR_MAX - b->error.n));
	*out = buf_str(&b->out);
	if (!err && b->out.err)
		err = err_set(cx, b->out.err, "%s", err_text(b->out.err));
	return err;
}

bool backend_answer_finish(struct backend_answer *b, str *out)
{
	bool is_whole = b->form == FORM_ERROR || !event_stream_is_cut(&b->stream);

	buf_reset(&b->out);
	if (b->form == FORM_ERROR && !arena_recover(&b->arena))
		write_error(&b->out, type_of(STR(""), b->status),
			message_of(buf_str(&b->error), &b->arena));
	arena_end_recover(&b->arena);
	*out = buf_str(&b->out);
	return is_whole && !b->out.err;
}
