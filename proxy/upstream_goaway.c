#include <curl/curl.h>

#include "proxy/upstream_internal.h"

/* Numbers behind name in a line of text; false: it is not there. */
static bool read_number(str text, str name, uint32_t *out)
{
	size_t at = str_find(text, name), end;
	uint64_t v;

	if (at == STR_NONE)
		return false;
	at += name.n;
	for (end = at; end < text.n && text.p[end] >= '0' && text.p[end] <= '9';)
		end++;
	if (!str_u64(str_sub(text, at, end), &v) || v > INT32_MAX)
		return false;
	*out = (uint32_t)v;
	return true;
}

/* libcurl 7.88 tells of a GOAWAY nowhere else but in the words of its trace (http2.c: "Using Stream ID: 5 (easy handle ...",
 * "recveived GOAWAY, error=0, last_stream=3"). Where a later one says it in others, nothing is noted. */
int upstream_on_trace(CURL *easy, curl_infotype type, char *p, size_t n, void *user)
{
	struct transfer *t = user;
	str text = {p, n};

	(void)easy;
	if (type != CURLINFO_TEXT)
		return 0;
	if (read_number(text, STR("Using Stream ID: "), &t->stream_id))
		t->has_goaway = false;
	else if (str_find(text, STR("GOAWAY, error=")) != STR_NONE)
		t->has_goaway = read_number(text, STR("last_stream="), &t->goaway_last);
	return 0;
}

bool upstream_is_unprocessed(const struct transfer *t)
{
	return t->has_goaway && !t->has_response && t->stream_id > t->goaway_last;
}
