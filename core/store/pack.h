/* pack: texts to and from zstd frames (RFC 8878), as they stand in the store's data columns. A
 * text of no bytes is no bytes. What does not begin as a frame does is a text as it is: no UTF-8 does. Owns: zstd's contexts, which are reused. Thread: one at a time
 * per struct. */
#ifndef CORE_STORE_PACK_H
#define CORE_STORE_PACK_H

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/str.h"

struct packer {
	void *context; /* ZSTD_CCtx, made at first use */
};

struct unpacker {
	void *context; /* ZSTD_DCtx */
};

/* A frame on the heap: mem_free(out->p). E_NOMEM. */
enum err pack(struct packer *p, str text, str *out, struct errctx *cx) MUST_CHECK;
bool is_packed(str data) PURE;
void packer_release(struct packer *p);

/* Exactly n bytes to out. E_VERIFY when data is damaged or holds another number of bytes;
 * E_NOMEM. */
enum err unpack(struct unpacker *u, str data, char *out, size_t n, struct errctx *cx) MUST_CHECK;
void unpacker_release(struct unpacker *u);

#endif
