#include "core/json/fail_at.h"

#include <stdarg.h>
#include <stdio.h>

enum err json_fail_at(struct errctx *cx, str doc, size_t at, const char *fmt, ...)
{
	str before = str_sub(doc, 0, at);
	size_t line = 1, column = 1;
	char what[LIMIT_ERR_TEXT];
	va_list ap;

	if (!cx)
		return E_MALFORMED;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < before.n; i++) {
		if (before.p[i] == '\n') {
			line++;
			column = 1;
		} else {
			column += ((unsigned char)before.p[i] & 0xC0) !=
				  0x80; /* not inside a character */
		}
	}
	return err_set(cx, E_MALFORMED, "%.400s at byte %zu (line %zu, column %zu)", what, at, line,
		column);
}
