#include "core/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/check.h"

static const struct {
	const char *name, *text;
	int http, exit_code;
} err_table[E_COUNT] = {
#define X(n, h, e, t) [E_##n] = {#n, t, h, e},
	ERR_MAP(X)
#undef X
};

const char *err_name(enum err e)
{
	ASSERT(e < E_COUNT);
	return err_table[e].name;
}

const char *err_text(enum err e)
{
	ASSERT(e < E_COUNT);
	return err_table[e].text;
}

int err_http(enum err e)
{
	ASSERT(e < E_COUNT);
	return err_table[e].http;
}

int err_exit(enum err e)
{
	ASSERT(e < E_COUNT);
	return err_table[e].exit_code;
}

enum err err_set(struct errctx *cx, enum err code, const char *fmt, ...)
{
	if (cx) {
		char text[sizeof cx->text]; /* one of the arguments may be the text that is there */
		va_list ap;

		cx->code = code;
		va_start(ap, fmt);
		(void)vsnprintf(text, sizeof text, fmt, ap);
		va_end(ap);
		memcpy(cx->text, text, strlen(text) + 1);
	}
	return code;
}

enum err err_prefix(struct errctx *cx, const char *fmt, ...)
{
	char old[LIMIT_ERR_TEXT];
	va_list ap;
	int n;

	ASSERT(cx);
	memcpy(old, cx->text, sizeof old);
	va_start(ap, fmt);
	n = vsnprintf(cx->text, sizeof cx->text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof cx->text)
		(void)snprintf(cx->text + n, sizeof cx->text - (size_t)n, ": %.*s",
			(int)sizeof old - n, old);
	return cx->code;
}
