#include "core/store/pack.h"

#include <string.h>
#include <zstd.h>

#include "core/base/mem.h"

/* Level 1 leaves a twentieth more of source code than level 3, zstd's default, in two thirds of the time (bench/bench_store.c
 * prints both for its texts or yours); the first request of a conversation waits for it. */
enum { PACK_LEVEL = 1 };

enum err pack(struct packer *p, str text, str *out, struct errctx *cx)
{
	size_t cap = ZSTD_compressBound(text.n), n;
	char *frame, *fitting;

	*out = STR_NULL;
	if (!text.n)
		return E_OK;
	if (!p->context)
		p->context = ZSTD_createCCtx();
	frame = p->context ? mem_alloc(cap) : NULL;
	if (!frame)
		FAIL(cx, E_NOMEM, "no memory to compress %zu bytes", text.n);
	n = ZSTD_compressCCtx(p->context, frame, cap, text.p, text.n, PACK_LEVEL);
	if (ZSTD_isError(n)) {
		mem_free(frame);
		FAIL(cx, E_NOMEM, "cannot compress %zu bytes: %s", text.n, ZSTD_getErrorName(n));
	}
	fitting = mem_realloc(frame, n);
	*out = (str){fitting ? fitting : frame, n};
	return E_OK;
}

bool is_packed(str data)
{
	return str_starts(data, STR("\x28\xb5\x2f\xfd"));
}

void packer_release(struct packer *p)
{
	(void)ZSTD_freeCCtx(p->context);
	p->context = NULL;
}

enum err unpack(struct unpacker *u, str data, char *out, size_t n, struct errctx *cx)
{
	size_t got;

	if (!n && !data.n)
		return E_OK;
	if (data.n == n && !is_packed(data)) {
		memcpy(out, data.p, n);
		return E_OK;
	}
	if (!u->context && !(u->context = ZSTD_createDCtx()))
		FAIL(cx, E_NOMEM, "no memory to decompress");
	got = ZSTD_decompressDCtx(u->context, out, n, data.p, data.n);
	if (ZSTD_isError(got) || got != n)
		FAIL(cx, E_VERIFY, "stored text is damaged");
	return E_OK;
}

void unpacker_release(struct unpacker *u)
{
	(void)ZSTD_freeDCtx(u->context);
	u->context = NULL;
}
