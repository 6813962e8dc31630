/* scale: what is known of the models that are in use, in memory: what core/token/model.h says, and by how much our counts
 * must be multiplied to come near the provider's, which core/store/calibration.h knows, read again when it is old.
 * Owns: itself. Thread: any. */
#ifndef PROXY_SCALE_H
#define PROXY_SCALE_H

#include "core/store/store.h"
#include "core/token/model.h"

struct scales;

/* store must outlive it. NULL: out of memory. */
struct scales *scales_new(struct store *store, const struct clock *clock) MUST_CHECK;
void scales_free(struct scales *s); /* NULL is allowed */
/* 1 when nothing is known yet. Reads the store at most once a minute for each model. *out is model_find(name), which is a
 * tenth of what a small request costs. */
double scales_get(struct scales *s, str name, struct model *out);
/* What the provider reported for what we counted. */
void scales_add(struct scales *s, str model, uint64_t counted, uint64_t reported);

#endif
