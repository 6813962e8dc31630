/* shape: the sizes of a ModernBERT from its config.json. Outside bytes: checked. Thread: any; pure. */
#ifndef CORE_COMPRESS_MODEL_SHAPE_H
#define CORE_COMPRESS_MODEL_SHAPE_H

#include "core/base/arena.h"
#include "core/base/err.h"

struct shape {
	size_t vocab_n, hidden, layers_n, intermediate;
	size_t head;         /* width of a head */
	size_t local;        /* tokens that a local layer looks at, half of them before */
	size_t global_every; /* the first of so many layers looks at all */
	size_t window;       /* tokens of one run */
	double global_theta, local_theta, norm_eps;
};

/* E_MALFORMED; E_UNSUPPORTED: something is asked for that is not done here. */
enum err shape_read(str config, struct arena *a, struct shape *out, struct errctx *cx) MUST_CHECK;

#endif
