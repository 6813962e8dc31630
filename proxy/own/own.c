#include "proxy/own/own.h"

void own_send(struct exchange *x, int status, const char *content_type, str body)
{
	struct http_header headers[EXCHANGE_OWN_HEADERS + 3];
	struct http_conn *c = x->conn;
	uint32_t n = 0;

	headers[n++] = (struct http_header){STR("content-type"), str_from(content_type)};
	headers[n++] = (struct http_header){STR("cache-control"), STR("no-store")};
	headers[n++] = (struct http_header){STR("x-content-type-options"), STR("nosniff")};
	exchange_own_headers(x, headers, &n);
	x->status = status;
	x->is_complete = true;
	http_reply(c, &(struct http_reply){.status = status,
			      .headers = headers,
			      .headers_n = n,
			      .body = HTTP_REPLY_LENGTH,
			      .length = body.n});
	if (!x->is_head_method)
		http_reply_body(c, body);
	exchange_end(x);
	http_reply_end(c);
}

void own_answer(struct exchange *x, str body)
{
	(void)body;
	if (x->route.own == OWN_LIVEZ)
		own_send(x, 200, "application/json", STR("{\"status\":\"healthy\"}"));
	else
		exchange_refuse(x, 501, STR("not built yet"), -1);
}
