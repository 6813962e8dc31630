/* verify: proves from the outside that a compressed body says the same as the original: decodes every changed
 * result from what was sent alone, and puts the originals back to see that nothing else differs. Shares no
 * state with the compressor that made the body. Thread: any. */
#ifndef CORE_ENGINE_VERIFY_H
#define CORE_ENGINE_VERIFY_H

#include "core/engine/engine.h"

struct verify_report {
	size_t results_n; /* tool results in the body */
	size_t decoded_n; /* changed ones that decode to the same bytes */
	size_t format_n;  /* changed ones that differ in what does not show, and nothing else */
	size_t elided_n; /* changed ones that show and state what they must; the store has the original */
	size_t stored_n; /* of these, originals that the store gives back byte for byte */
};

/* E_OK when all is proven; E_VERIFY with the path of the first block that is not; E_MALFORMED, E_NOMEM. store
 * may be NULL. */
enum err compress_verify(str original, str compressed, enum wire_format format, struct store *store,
	struct verify_report *out, struct errctx *cx) MUST_CHECK;

/* The same for documents that come in parts: c is a conversation of the verifier's own. */
enum err compress_verify_part(struct conversation *c, const struct wire_doc *original,
	const struct wire_doc *compressed, struct store *store, struct verify_report *out,
	struct errctx *cx) MUST_CHECK;

/* One text, as compress_text made it. */
enum err compress_verify_text(str original, str compressed, str tool, str command,
	struct store *store, struct verify_report *out, struct errctx *cx) MUST_CHECK;

#endif
