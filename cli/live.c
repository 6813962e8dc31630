#include "cli/live.h"

enum { ASK_MS = 2000 };

enum err live_find(int64_t port, struct control_health *out, struct errctx *cx)
{
	struct errctx why = {0};
	enum err err = control_health((uint16_t)port, ASK_MS, out, &why);

	if (err == E_NOT_FOUND)
		FAIL(cx, E_UNAVAILABLE,
			"%s; start 'headroom proxy' there, or name another port with --port "
			"('headroom proxy list' says which proxies run)",
			why.text);
	if (err)
		FAIL(cx, E_UNAVAILABLE, "%s; name another port with --port", why.text);
	return E_OK;
}
