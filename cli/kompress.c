#include "cli/kompress.h"

#include "core/engine/engine.h"

enum { THREADS_MAX = 4 }; /* more make a window of 512 tokens hardly faster, and others wait */

enum err kompress_open_named(const char *dir, struct kompress **out, struct errctx *cx)
{
	unsigned n = engine_helpers_n() + 1;

	if (kompress_open(dir, n < THREADS_MAX ? n : THREADS_MAX, out, cx))
		return err_prefix(cx, "--kompress-model");
	return E_OK;
}
