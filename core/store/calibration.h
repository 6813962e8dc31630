/* calibration: how many tokens the provider reported for how many we counted, per model, so that
 * estimates for closed tokenizers come close to the bill. A decayed ratio of sums: long requests
 * weigh more than short ones, new ones more than old ones, all processes add to the same.
 * Thread: any. */
#ifndef CORE_STORE_CALIBRATION_H
#define CORE_STORE_CALIBRATION_H

#include "core/store/store.h"

enum {
	CALIBRATION_MIN = 8,      /* requests before the ratio is used */
	CALIBRATION_MODELS = 256, /* kept; over that the one not added to for longest goes */
};

/* What one request may say of its model; other ratios are refused: a count of another thing (an
 * image, a hidden prompt), or a gateway that reports nonsense. */
#define CALIBRATION_RATIO_MIN 0.3
#define CALIBRATION_RATIO_MAX 5.0
/* Weight that each new request leaves to the ones before: the last 50 make up two thirds. */
#define CALIBRATION_DECAY 0.98

/* Queued. counted: in m->encoding of the model, before any scale; reported: all input tokens, cached
 * ones too. model: any spelling that model_find understands; those of one model are one. E_OK also
 * when the ratio is refused. E_BUSY, E_IO, E_PERMISSION as in store.h, E_NOMEM. */
enum err calibration_add(struct store *s, str model, uint64_t counted, uint64_t reported,
	struct errctx *cx) MUST_CHECK;
/* Reads what is committed. False, and *scale as it was, with fewer than CALIBRATION_MIN requests or
 * when the store cannot be read. samples may be NULL. */
bool calibration_get(struct store *s, str model, double *scale, uint64_t *samples) MUST_CHECK;

#endif
