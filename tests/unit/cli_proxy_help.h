/* What the test of the proxy's options has in place of the server, and shows of what it is told. For test_cli_proxy.c. */
#ifndef TESTS_UNIT_CLI_PROXY_HELP_H
#define TESTS_UNIT_CLI_PROXY_HELP_H

#include "core/base/buf.h"
#include "proxy/confine.h"

/* The test itself stays as it is. */
enum err proxy_confine(const struct proxy_conf *conf, struct errctx *cx)
{
	(void)conf;
	(void)cx;
	return E_OK;
}

static inline void add_limits(struct buf *b, const struct proxy_limits *l)
{
	buf_printf(b, "rpm %lld tpm %lld budget %d %g per %d, %lld at a time, prices %s\n",
		(long long)l->rpm, (long long)l->tpm, l->has_budget, l->budget_usd,
		l->budget_period, (long long)l->concurrency, l->price_file ? l->price_file : "-");
}

#endif
