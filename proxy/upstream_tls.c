#include "proxy/upstream_tls.h"

#include "core/base/mem.h"

struct upstream_tls {
	const struct proxy_conf *conf;
};

enum err upstream_tls_new(
	const struct proxy_conf *conf, struct upstream_tls **out, struct errctx *cx)
{
	*out = mem_zalloc(sizeof **out);
	if (!*out)
		FAIL(cx, E_NOMEM, "no memory for the upstream connections");
	(*out)->conf = conf;
	return E_OK;
}

void upstream_tls_free(struct upstream_tls *t)
{
	mem_free(t);
}

bool upstream_tls_apply(struct upstream_tls *t, CURL *easy)
{
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (t->conf->ca_file)
		bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, t->conf->ca_file);
	return bad == CURLE_OK;
}

bool upstream_tls_route(struct upstream_tls *t, CURL *easy, const char *url)
{
	(void)t;
	(void)easy;
	(void)url;
	return true;
}
