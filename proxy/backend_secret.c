#include "proxy/backend_secret.h"

#include "core/base/file.h"
#include "core/json/scan.h"
#include "core/provider/provider.h"
#include "proxy/backend_ask.h"

enum err backend_find_first(backend_find_fn *const *chain, size_t n,
	const struct backend_place *place, struct arena *a, struct backend_secret *out,
	struct errctx *cx)
{
	enum err err = E_NOT_FOUND;

	for (size_t i = 0; i < n && err == E_NOT_FOUND; i++) {
		*out = (struct backend_secret){.source = ""};
		err = chain[i](place, a, out, cx);
	}
	return err;
}

str backend_env(const struct backend_place *place, const char *names)
{
	return provider_env(place->envp, names, NULL);
}

str backend_member(const struct json_tape *t, uint32_t object, const char *key, struct arena *a)
{
	uint32_t node = json_member(t, object, key);
	str out;

	return node != JSON_ABSENT && json_string(t, node, a, &out) ? out : STR("");
}

enum err backend_read_file(const char *path, struct arena *a, str *text, struct errctx *cx)
{
	struct buf b;
	enum err err;

	*text = STR("");
	buf_init(&b, BACKEND_ASK_MAX);
	err = file_read(path, &b, cx);
	if (!err)
		*text = str_trim(arena_str(a, buf_str(&b)));
	buf_wipe(&b);
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
	buf_wipe(&b);
	if (!err && status != 200)
		err = err_set(cx, E_UNAVAILABLE, STR_FMT ": status %d",
			STR_ARG(backend_ask_url(ask)), status);
	return err;
}
