/* learn: what retrievals have taught (core/store/feedback.h), for the texts of one conversation. A conversation has a
 * snapshot of it, taken before something of it is left out for the first time, and keeps that for ever: in memory, and
 * in the store as a row of its own under the chain hash up to the assistant's first block, so that every process that
 * sees the conversation later renders its next blocks alike. Inner header of core/engine. Thread: the pass'. */
#ifndef CORE_ENGINE_LEARN_H
#define CORE_ENGINE_LEARN_H

#include "core/compress/encode.h"
#include "core/engine/pass.h"

/* Of one text that something may be left out of. */
struct learnt {
	bool is_on;             /* counts are kept, and heeded */
	str tool, shape;        /* in the arena of the block */
	unsigned gentle, exact; /* sets of encoders, for struct encode_in */
};

/* key: of the text's decision, where it belongs to no conversation. */
void learn_begin(struct pass *p, const struct call *call, enum content_kind kind,
	struct hash128 key, struct learnt *out);
/* The text of that original was left out of by this encoder, and nobody has decided it before. */
void learn_elided(struct pass *p, const struct learnt *l, unsigned encoder, const char *original);

#endif
