#include "core/translate/say.h"

#include "core/json/write.h"

/* What each dialect calls a status: docs.anthropic.com/en/api/errors, platform.openai.com/docs/guides/error-codes,
 * ai.google.dev/gemini-api/docs/troubleshooting. A status that is not here is called as 400 or 500. */
static const struct {
	int status;
	const char *anthropic, *openai, *gemini;
} WORDS[] = {
	{400, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
	{401, "authentication_error", "authentication_error", "UNAUTHENTICATED"},
	{402, "billing_error", "insufficient_quota", "FAILED_PRECONDITION"},
	{403, "permission_error", "permission_error", "PERMISSION_DENIED"},
	{404, "not_found_error", "not_found_error", "NOT_FOUND"},
	{413, "request_too_large", "request_too_large", "INVALID_ARGUMENT"},
	{422, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
	{429, "rate_limit_error", "rate_limit_exceeded", "RESOURCE_EXHAUSTED"},
	{500, "api_error", "server_error", "INTERNAL"},
	{501, "invalid_request_error", "invalid_request_error", "UNIMPLEMENTED"},
	{502, "api_error", "server_error", "UNAVAILABLE"},
	{503, "api_error", "server_error", "UNAVAILABLE"},
	{504, "timeout_error", "server_error", "DEADLINE_EXCEEDED"},
	{529, "overloaded_error", "server_error", "UNAVAILABLE"},
};

const char *say_error_type(enum wire_format f, int status)
{
	size_t i = 0, other = 0;

	for (size_t k = 0; k < ARRAY_N(WORDS); k++)
		if (WORDS[k].status == 500)
			other = k;
	while (i < ARRAY_N(WORDS) && WORDS[i].status != status)
		i++;
	if (i == ARRAY_N(WORDS))
		i = status < 500 ? 0 : other;
	return f == WIRE_ANTHROPIC ? WORDS[i].anthropic
	       : f == WIRE_GEMINI  ? WORDS[i].gemini
				   : WORDS[i].openai;
}

int say_error_status(enum wire_format f, str type)
{
	for (size_t i = 0; i < ARRAY_N(WORDS); i++) {
		const char *word = f == WIRE_ANTHROPIC ? WORDS[i].anthropic
				   : f == WIRE_GEMINI  ? WORDS[i].gemini
						       : WORDS[i].openai;

		if (str_eq_c(type, word))
			return WORDS[i].status;
	}
	return 500;
}

/* ---- bodies --------------------------------------------------------------------------------------------------- */

/* That the prompt is too long is what agents look for, to make it shorter and go on: Claude Code by these words of the message,
 * others by OpenAI's code. */
#define TOO_LONG      "prompt is too long"
#define TOO_LONG_CODE "context_length_exceeded"

static bool says_too_long(str message, str code)
{
	return str_eq_c(code, TOO_LONG_CODE) || str_find(message, STR(TOO_LONG)) != STR_NONE ||
	       str_find(message, STR("maximum context length")) != STR_NONE ||
	       str_find(message, STR("exceeds the maximum number of tokens")) != STR_NONE;
}

static void write_openai(struct json_writer *w, int status, str message, str code)
{
	json_write_str(w, "message", message);
	json_write_c(w, "type", say_error_type(WIRE_OPENAI_CHAT, status));
	json_write_null(w, "param");
	if (code.n)
		json_write_str(w, "code", code);
	else
		json_write_null(w, "code");
}

static void write_error(enum wire_format f, int status, str message, str code, struct buf *out)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	if (f == WIRE_ANTHROPIC)
		json_write_c(&w, "type", "error");
	json_write_object(&w, "error");
	if (f == WIRE_ANTHROPIC) {
		json_write_c(&w, "type", say_error_type(f, status));
		json_write_str(&w, "message", message);
	} else if (f == WIRE_GEMINI) {
		json_write_u64(&w, "code", (uint64_t)status);
		json_write_str(&w, "message", message);
		json_write_c(&w, "status", say_error_type(f, status));
	} else
		write_openai(&w, status, message, code);
	json_write_end(&w);
	json_write_end(&w);
}

void translate_own_error(enum wire_format client, int status, str message, struct buf *out)
{
	write_error(client, status, message, STR(""), out);
}

/* {"error": {"message", "code"}} of all of them, {"error": text}, {"message": text} and {"detail": text} of others, and
 * Google's, which may be in a list. */
static void read_error(struct arena *a, str body, str *message, str *code)
{
	static const char *const members[] = {"message", "detail", "error"};
	struct json_tape t;
	uint32_t error, root = 0;

	if (json_scan(a, body, &t, NULL) != E_OK)
		return;
	if (json_is(&t, 0, JSON_ARRAY) && t.v[0].n)
		root = 1;
	error = form_member(&t, root, "error");
	if (!form_is(&t, error, JSON_OBJECT))
		error = root;
	for (size_t i = 0; i < ARRAY_N(members) && !message->n; i++)
		*message = form_plain(a, form_inside(&t, form_member(&t, error, members[i])));
	*code = form_plain(a, form_inside(&t, form_member(&t, error, "code")));
}

/* What is shown of a body that is none of these: the page of a gateway. */
enum { SHOWN_MAX = 300 };

static void write_translated(
	struct arena *a, enum wire_format client, int status, str body, struct buf *out)
{
	str message = STR(""), code = STR("");

	read_error(a, body, &message, &code);
	if (!message.n)
		message = body.n ? str_sub(body, 0, body.n < SHOWN_MAX ? body.n : SHOWN_MAX)
				 : STR("the provider gave no reason");
	if (status == 400 && says_too_long(message, code)) {
		code = STR(TOO_LONG_CODE);
		if (client == WIRE_ANTHROPIC && str_find(message, STR(TOO_LONG)) == STR_NONE)
			message = arena_printf(a, TOO_LONG ": " STR_FMT, STR_ARG(message));
	}
	write_error(client, status, message, code, out);
}

int translate_error(enum wire_format client, int status, str body, struct buf *out)
{
	struct arena a = ARENA_INIT;

	if (status == 529 && client != WIRE_ANTHROPIC)
		status = 503;
	if (arena_recover(&a))
		out->err = E_NOMEM;
	else
		write_translated(&a, client, status, body, out);
	arena_end_recover(&a);
	arena_release(&a);
	return status;
}
