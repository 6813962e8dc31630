/* encoder: ModernBERT ("Smarter, Better, Faster, Longer", arXiv 2412.13663): which tokens of a text are kept, by its weights. Two kinds of heads: the usual
 * one for classes of tokens (dense, GELU, norm, classifier), and that of the Kompress models (a classifier, and a convolution over
 * neighbours that says how much a passage matters). Class 1 is "keep".
 * Owns: nothing; all lives in the arena and in the weights. Thread: any number of readers. */
#ifndef CORE_COMPRESS_MODEL_ENCODER_H
#define CORE_COMPRESS_MODEL_ENCODER_H

#include "core/compress/model/matrix.h"
#include "core/compress/model/weights.h"

struct encoder;

/* config: the model's config.json. E_MALFORMED: a tensor is not there, or not of that shape; E_UNSUPPORTED. */
enum err encoder_read(str config, const struct weights *w, struct arena *a, struct encoder **out,
	struct errctx *cx) MUST_CHECK;

uint32_t encoder_vocab_n(const struct encoder *e) PURE;
/* Tokens that fit into one run. */
size_t encoder_window(const struct encoder *e) PURE;

/* Floats that a run of n tokens needs for what is between. */
size_t encoder_space(const struct encoder *e, size_t n) PURE;

/* How likely each of n tokens is kept, 0 to 1. ids below encoder_vocab_n, n up to encoder_window. */
void encoder_run(const struct encoder *e, const struct matrix_lib *l, const uint32_t *ids, size_t n,
	float *space, float *keep);

#endif
