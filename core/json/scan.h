/* scan: strict JSON (RFC 8259) to a tape of spans (core/json/tape.h). Nothing is copied, converted or
 * repaired. No recursion; depth is bounded by LIMIT_JSON_DEPTH.
 * Owns: nothing; the tape lives in the caller's arena and points into the caller's document.
 * Thread: any, one arena each. */
#ifndef CORE_JSON_SCAN_H
#define CORE_JSON_SCAN_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/json/tape.h"
#include "core/json/text.h"

/* Whole of doc must be one JSON value with white space around it (no byte order mark). E_MALFORMED (with
 * byte offset, line and column in cx), E_TOO_BIG over LIMIT_INPUT. Invalid UTF-8 and lone surrogates inside
 * strings are accepted and noted in the tape. */
enum err json_scan(struct arena *a, str doc, struct json_tape *out, struct errctx *cx) MUST_CHECK;

/* A place behind a value of a document that was scanned: from there a scan can go on in another document that is the same
 * up to it. In the root or in a container that is its child, no deeper. */
enum { JSON_PLACE_DEPTH = 2 };
struct json_place {
	uint32_t at;                       /* in bytes, behind the value */
	uint32_t nodes_n;                  /* of the tape, up to there */
	uint32_t depth;                    /* containers that are open there... */
	uint32_t open[JSON_PLACE_DEPTH];   /* ...the root first */
	uint32_t counts[JSON_PLACE_DEPTH]; /* children of each, with the one that is open */
	uint32_t last_n;                   /* children of the innermost, all behind them */
};
/* The last such place before end (a byte of the document). Of t only the nodes are read. False: there is none. */
bool json_place_find(const struct json_tape *t, uint32_t end, struct json_place *out) MUST_CHECK;
/* json_scan of a document whose first place->at + 1 bytes are those of one that was scanned without notes, and where that
 * place was found; before: its nodes, those up to the place. The result is the same as json_scan's. */
enum err json_scan_on(struct arena *a, str doc, const struct json_node *before,
	const struct json_place *place, struct json_tape *out, struct errctx *cx) MUST_CHECK;

/* Which instructions may be used; each level includes those before. */
enum json_simd {
	JSON_SIMD_NONE,
	JSON_SIMD_SSE2,
	JSON_SIMD_AVX2, /* with BMI, BMI2, POPCNT and PCLMULQDQ, as nearly every processor with AVX2 has */
};
/* The best that this processor has; JSON_SIMD_NONE where there is no HR_X86 (core/base/attr.h). */
enum json_simd json_simd_best(void);
/* json_scan with other instructions than the best (never more than the processor has): for tests and
 * measurements. The result is the same. */
enum err json_scan_with(enum json_simd simd, struct arena *a, str doc, struct json_tape *out,
	struct errctx *cx) MUST_CHECK;

#endif
