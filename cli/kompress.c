#include "cli/kompress.h"

#include "core/engine/engine.h"

enum { THREADS_MAX = 4 }; /* more make a window of 512 tokens hardly faster, and others wait */

enum err kompress_open_named(const char *dir, struct kompress **out, struct errctx *cx)
{
	unsigned n = engine_helpers_n() + 1;

	enum err e = kompress_open(dir, n < THREADS_MAX ? n : THREADS_MAX, out, cx);

	if (!e)
		return E_OK;
	(void)err_prefix(cx, "--kompress-model");
	return e == E_NOMEM ? e : E_CONFIG;
}
