/* Sources of the words: Anthropic API reference, "Errors"; OpenAI API reference, "Error codes"; Google's
 * google/rpc/code.proto with the HTTP status that it maps to. Statuses that a provider does not document have
 * the word of the class that they are in. */
#include "proxy/answer.h"

#include "core/json/write.h"

struct row {
	int status;
	const char *anthropic;
	const char *openai_type, *openai_code;
	const char *gemini;
	const char *own;
};

#define BAD_REQUEST "invalid_request_error"

/* Codex takes the codes server_is_overloaded and slow_down for "model is at capacity" and gives up, so our
 * own 503 has another one. */
static const struct row ROWS[] = {
	{400, BAD_REQUEST, BAD_REQUEST, "invalid_request", "INVALID_ARGUMENT", "invalid_request"},
	{401, "authentication_error", BAD_REQUEST, "unauthorized", "UNAUTHENTICATED",
		"unauthorized"},
	{403, "permission_error", BAD_REQUEST, "forbidden", "PERMISSION_DENIED", "forbidden"},
	{404, "not_found_error", BAD_REQUEST, "not_found", "NOT_FOUND", "not_found"},
	{405, BAD_REQUEST, BAD_REQUEST, "method_not_allowed", "INVALID_ARGUMENT",
		"method_not_allowed"},
	{408, "timeout_error", BAD_REQUEST, "request_timeout", "DEADLINE_EXCEEDED",
		"request_timeout"},
	{411, BAD_REQUEST, BAD_REQUEST, "length_required", "INVALID_ARGUMENT", "length_required"},
	{413, "request_too_large", BAD_REQUEST, "request_too_large", "INVALID_ARGUMENT",
		"request_too_large"},
	{415, BAD_REQUEST, BAD_REQUEST, "unsupported_media_type", "INVALID_ARGUMENT",
		"unsupported_media_type"},
	{417, BAD_REQUEST, BAD_REQUEST, "expectation_failed", "INVALID_ARGUMENT",
		"expectation_failed"},
	{426, BAD_REQUEST, BAD_REQUEST, "upgrade_required", "INVALID_ARGUMENT", "upgrade_required"},
	{429, "rate_limit_error", "requests", "rate_limit_exceeded", "RESOURCE_EXHAUSTED",
		"rate_limited"},
	{431, BAD_REQUEST, BAD_REQUEST, "headers_too_large", "INVALID_ARGUMENT",
		"headers_too_large"},
	{500, "api_error", "server_error", "internal_error", "INTERNAL", "internal_error"},
	{502, "api_error", "server_error", "bad_gateway", "UNAVAILABLE", "bad_gateway"},
	{503, "overloaded_error", "server_error", "service_unavailable", "UNAVAILABLE",
		"service_unavailable"},
	{504, "timeout_error", "server_error", "gateway_timeout", "DEADLINE_EXCEEDED",
		"gateway_timeout"},
};

static const struct row *row_of(int status)
{
	const struct row *of_class = ROWS;

	for (size_t i = 0; i < ARRAY_N(ROWS); i++) {
		if (ROWS[i].status == status)
			return &ROWS[i];
		if (ROWS[i].status == (status >= 500 ? 500 : 400))
			of_class = &ROWS[i];
	}
	return of_class;
}

const char *answer_type(enum error_shape shape, int status)
{
	const struct row *row = row_of(status);

	switch (shape) {
	case SHAPE_ANTHROPIC:
		return row->anthropic;
	case SHAPE_OPENAI:
		return row->openai_type;
	case SHAPE_GEMINI:
		return row->gemini;
	case SHAPE_OWN:
		break;
	}
	return row->own;
}

void answer_error(struct buf *out, enum error_shape shape, int status, str message)
{
	const char *type = answer_type(shape, status);
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	if (shape == SHAPE_ANTHROPIC)
		json_write_c(&w, "type", "error");
	json_write_object(&w, "error");
	if (shape == SHAPE_GEMINI) {
		json_write_i64(&w, "code", status);
		json_write_str(&w, "message", message);
		json_write_c(&w, "status", type);
	} else if (shape == SHAPE_OPENAI) {
		json_write_str(&w, "message", message);
		json_write_c(&w, "type", type);
		json_write_null(&w, "param");
		json_write_c(&w, "code", row_of(status)->openai_code);
	} else {
		json_write_c(&w, "type", type);
		json_write_str(&w, "message", message);
	}
	json_write_end(&w);
	/* What clients of the reference product read. */
	if (shape == SHAPE_OWN)
		json_write_str(&w, "detail", message);
	json_write_end(&w);
}
