/* A request head out of a few lines of text: "POST /v1/messages\nHost: h\nX-Api-Key: k". The lines need not end
 * in a newline. */
#ifndef TESTS_UNIT_HEAD_HELP_H
#define TESTS_UNIT_HEAD_HELP_H

#include "core/base/arena.h"
#include "proxy/http/message.h"

/* Slices lead into text. HTTP/1.1; a test that wants another minor sets it. */
static inline struct http_head head_read(struct arena *a, str text)
{
	struct http_head h = {.minor = 1};
	str line, rest = text;
	size_t n = 0, at;

	while (str_next_line(&rest, &line, NULL))
		n++;
	h.headers = arena_array(a, struct http_header, n);
	if (!str_next_line(&text, &line, NULL))
		return h;
	at = str_find_byte(line, ' ');
	h.method = str_sub(line, 0, at == STR_NONE ? line.n : at);
	h.target = at == STR_NONE ? STR("") : str_sub(line, at + 1, line.n);
	while (str_next_line(&text, &line, NULL)) {
		at = str_find_byte(line, ':');
		if (at == STR_NONE)
			continue;
		h.headers[h.headers_n].name = str_sub(line, 0, at);
		h.headers[h.headers_n++].value = str_trim(str_sub(line, at + 1, line.n));
	}
	return h;
}

#endif
