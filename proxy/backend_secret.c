#include "proxy/backend_secret.h"

#include "core/base/file.h"
#include "proxy/backend_ask.h"

enum err backend_read_file(const char *path, struct arena *a, str *text, struct errctx *cx)
{
	struct buf b;
	enum err err;

	*text = STR("");
	buf_init(&b, BACKEND_ASK_MAX);
	err = file_read(path, &b, cx);
	if (!err)
		*text = str_trim(arena_str(a, buf_str(&b)));
	buf_release(&b);
	return err;
}

enum err backend_ask_for(const struct backend_place *place, struct backend_ask *ask,
	struct arena *a, str *body, struct errctx *cx)
{
	struct buf b;
	int status;
	enum err err;

	ask->stop = place->stop;
	ask->tls = place->tls;
	buf_init(&b, BACKEND_ASK_MAX);
	err = backend_ask(ask, &status, &b, cx);
	*body = err ? STR("") : arena_str(a, buf_str(&b));
	buf_release(&b);
	if (!err && status != 200)
		err = err_set(cx, E_UNAVAILABLE, STR_FMT ": status %d",
			STR_ARG(backend_ask_url(ask)), status);
	return err;
}
