/* bodies: what was read of the last large requests, so that the next one of a conversation is read from where it differs:
 * the nodes of its tape and the hashes of its blocks, found again by hashes of its pieces. The bytes themselves are not
 * kept. Nothing depends on what is kept but time: core/json/scan.h and core/wire/wire.h promise the same result.
 * Inner header of core/engine.
 * Owns: the memory of what it keeps. Thread: any. */
#ifndef CORE_ENGINE_BODIES_H
#define CORE_ENGINE_BODIES_H

#include "core/wire/wire.h"

struct bodies;

/* bytes_max: memory for all that is kept; the least recently used goes. NULL: out of memory. */
struct bodies *bodies_new(size_t bytes_max) MUST_CHECK;
void bodies_free(struct bodies *b);    /* NULL is allowed */
size_t bodies_bytes(struct bodies *b); /* of memory, now */

/* What a reader has in hand while it reads; NULL: nothing. */
struct body_record;
void body_record_free(struct body_record *r);

/* json_scan, wire_detect for WIRE_NONE, and wire_walk. *format becomes what was found. *held: NULL, and
 * so again when it returns; where the arena jumps to its recovery point instead, the caller frees it. E_MALFORMED,
 * E_TOO_BIG as from those. */
enum err bodies_read(struct bodies *b, struct arena *a, str body, enum wire_format *format,
	struct body_record **held, struct wire_doc *doc, struct errctx *cx) MUST_CHECK;

#endif
