#include "core/headroom.h"

#include <stdio.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/engine/engine.h"
#include "core/engine/verify.h"
#include "core/store/original.h"
#include "version.h"

struct headroom {
	struct arena arena; /* of the options */
	struct compress_conf conf;
	struct store *store;
	struct engine *engine;
};

/* What a result of the public API stands on. */
struct owner {
	struct compress_result result;
	struct buf original;
};

const char *headroom_version(void)
{
	return HEADROOM_VERSION;
}

static int code_of(enum err e)
{
	switch (e) {
	case E_OK:
		return HEADROOM_OK;
	case E_NOT_FOUND:
		return HEADROOM_NOT_FOUND;
	case E_VERIFY:
		return HEADROOM_UNVERIFIED;
	case E_MALFORMED:
	case E_TOO_BIG:
		return HEADROOM_MALFORMED;
	case E_NOMEM:
		return HEADROOM_NO_MEMORY;
	case E_IO:
	case E_BUSY:
	case E_PERMISSION:
	case E_CANT_CREATE:
		return HEADROOM_IO;
	default:
		return HEADROOM_FAILED;
	}
}

static void copy_options(struct headroom *h, const headroom_options *o)
{
	size_t n = 0;
	str *globs;

	h->conf.model = arena_str(&h->arena, str_from(o->model));
	h->conf.is_lossless = o->lossless != 0;
	h->conf.keeps_originals = o->keep_originals != 0 && o->store_path;
	while (o->protect_tools && o->protect_tools[n])
		n++;
	globs = arena_array(&h->arena, str, n ? n : 1);
	for (size_t i = 0; i < n; i++)
		globs[i] = arena_str(&h->arena, str_from(o->protect_tools[i]));
	h->conf.protect_tools = globs;
	h->conf.protect_tools_n = n;
}

static enum err set_up(struct headroom *h, const headroom_options *o)
{
	struct engine_conf engine = {0};

	if (o) {
		if (arena_recover(&h->arena))
			return E_NOMEM;
		copy_options(h, o);
		arena_end_recover(&h->arena);
		if (o->store_path)
			TRY(store_open(
				&(struct store_conf){.path = o->store_path}, &h->store, NULL));
	}
	engine.store = h->store;
	return engine_new(&engine, &h->engine, NULL);
}

int headroom_new(const headroom_options *options, headroom **out)
{
	headroom_options o = {0};
	struct headroom *h = mem_zalloc(sizeof *h);
	enum err err;

	*out = NULL;
	if (!h)
		return HEADROOM_NO_MEMORY;
	arena_init(&h->arena);
	if (options) /* an older caller's struct is shorter */
		memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
	err = set_up(h, options ? &o : NULL);
	if (err) {
		headroom_free(h);
		return code_of(err);
	}
	*out = h;
	return HEADROOM_OK;
}

void headroom_free(headroom *h)
{
	if (!h)
		return;
	engine_free(h->engine);
	store_close(h->store);
	arena_release(&h->arena);
	mem_free(h);
}

static int finish(headroom_result *out, enum err err, const struct errctx *cx)
{
	if (err)
		(void)snprintf(out->message, sizeof out->message, "%s",
			cx->text[0] ? cx->text : err_text(err));
	return code_of(err);
}

/* A result that stands for the input. */
static struct owner *begin(headroom_result *out, const char *data, size_t size)
{
	struct owner *owner = mem_zalloc(sizeof *owner);

	*out = (headroom_result){.data = data, .size = size, .owner = owner};
	if (!owner)
		(void)snprintf(out->message, sizeof out->message, "%s", err_text(E_NOMEM));
	return owner;
}

static void fill(headroom_result *out, const struct compress_result *r)
{
	out->data = r->body.p;
	out->size = r->body.n;
	out->is_changed = r->is_changed;
	out->results = r->results_n;
	out->changed = r->changed_n;
	out->tokens_before = r->tokens_before;
	out->tokens_after = r->tokens_after;
}

int headroom_compress_request(
	headroom *h, const char *body, size_t size, const char *format, headroom_result *out)
{
	enum wire_format f = WIRE_NONE;
	struct owner *owner = begin(out, body, size);
	struct errctx cx = {0};
	enum err err;

	if (!owner)
		return HEADROOM_NO_MEMORY;
	if (format && !wire_format_parse(str_from(format), &f))
		return finish(out, err_set(&cx, E_MALFORMED, "unknown format '%s'", format), &cx);
	err = compress_request(h->engine, (str){body, size}, f, &h->conf, &owner->result, &cx);
	fill(out, &owner->result);
	return finish(out, err, &cx);
}

int headroom_compress_text(headroom *h, const char *text, size_t size, const char *tool,
	const char *command, headroom_result *out)
{
	struct owner *owner = begin(out, text, size);
	struct errctx cx = {0};
	enum err err;

	if (!owner)
		return HEADROOM_NO_MEMORY;
	err = compress_text(h->engine, (str){text, size}, str_from(tool), str_from(command),
		&h->conf, &owner->result, &cx);
	fill(out, &owner->result);
	return finish(out, err, &cx);
}

int headroom_verify(headroom *h, const char *original, size_t original_size, const char *compressed,
	size_t compressed_size, headroom_result *out)
{
	struct verify_report report;
	struct errctx cx = {0};
	enum err err;

	*out = (headroom_result){.data = compressed, .size = compressed_size};
	err = compress_verify((str){original, original_size}, (str){compressed, compressed_size},
		WIRE_NONE, h->store, &report, &cx);
	if (!err) {
		out->results = report.results_n;
		out->changed = report.decoded_n + report.format_n;
	}
	return finish(out, err, &cx);
}

int headroom_retrieve(headroom *h, const char *key, headroom_result *out)
{
	struct owner *owner = begin(out, NULL, 0);
	struct errctx cx = {0};
	enum err err;

	if (!owner)
		return HEADROOM_NO_MEMORY;
	buf_init(&owner->original, LIMIT_INPUT);
	if (!h->store)
		return finish(out, err_set(&cx, E_NOT_FOUND, "no store was opened"), &cx);
	err = original_get(h->store, str_from(key), &owner->original, &cx);
	if (!err) {
		out->data = owner->original.p;
		out->size = owner->original.n;
	}
	return finish(out, err, &cx);
}

void headroom_result_free(headroom_result *r)
{
	struct owner *owner = r->owner;

	if (owner) {
		compress_result_release(&owner->result);
		buf_release(&owner->original);
		mem_free(owner);
	}
	*r = (headroom_result){0};
}

size_t headroom_count_tokens(const char *model, const char *text, size_t size)
{
	return token_count(model_find(str_from(model)).encoding, (str){text, size}, NULL);
}
