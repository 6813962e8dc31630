/* savings_trial: what 'headroom savings' says of conversations that were held out, and of results that were asked for again. Thread: the
 * main thread. */
#ifndef CLI_SAVINGS_TRIAL_H
#define CLI_SAVINGS_TRIAL_H

#include "core/base/buf.h"
#include "core/trial/returns.h"
#include "core/trial/trial.h"

/* For people; without a word when nothing was held out. */
void savings_trial_text(struct buf *out, const struct trial *t);
void savings_trial_csv(struct buf *out, const struct trial *t);

/* The cells of an encoder's line: shown, asked for again, originals of them, how often as others; and their titles. */
void savings_returns_titles(struct buf *out);
void savings_returns_cells(struct buf *out, const struct returns *r, str encoders);
/* A line for each encoder that hurts. */
void savings_returns_warnings(struct buf *out, const struct returns *r);

#endif
