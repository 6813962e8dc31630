/* Requests as they were sent: a body, a list of messages, lines of bodies with or without an envelope, and the
 * log of our own proxy. */
#include "core/transcript/reader.h"

uint32_t line_request(const struct line *l)
{
	uint32_t request = line_object(l, 0, "request");

	/* {"model","project","request"} is a body itself, of Gemini's Code Assist. */
	return request == JSON_ABSENT || line_member(l, 0, "model") != JSON_ABSENT ? 0 : request;
}

static void read_request(struct line *l, uint32_t request)
{
	const struct json_node *v = &l->t->v[request];

	if (v->type != JSON_OBJECT)
		return;
	if (request)
		l->out->session = line_string(l, 0, "session");
	l->out->is_request = true;
	l->out->starts_anew = true;
	l->out->request = (struct span){v->start, v->end};
}

void requests_read(struct line *l)
{
	read_request(l, line_request(l));
}

static enum wire_format format_of(const struct line *l, uint32_t messages)
{
	enum wire_format f = wire_detect_messages(l->t, messages);

	/* Messages of plain strings are the same in both formats that have them. */
	return f == WIRE_NONE ? WIRE_OPENAI_CHAT : f;
}

void messages_read(struct line *l)
{
	if (json_is(l->t, 0, JSON_ARRAY))
		line_messages(l, format_of(l, 0), 0, STR_NULL);
}

void proxy_log_read(struct line *l)
{
	uint32_t messages = line_member(l, 0, "request_messages");
	uint32_t request = line_object(l, 0, "request");

	if (request != JSON_ABSENT) {
		read_request(l, request);
		return;
	}
	/* The reference's log has the messages alone. */
	if (messages == JSON_ABSENT || !json_is(l->t, messages, JSON_ARRAY))
		return;
	/* Each line holds the whole conversation so far. */
	(void)line_session(l, STR_NULL);
	line_forget(l);
	line_messages(l, format_of(l, messages), messages, STR("request_messages"));
}
