/* report: the comparison with what was held out and what became of results, as JSON that is the same on every surface. Thread: any. */
#ifndef CORE_TRIAL_REPORT_H
#define CORE_TRIAL_REPORT_H

#include "core/json/write.h"
#include "core/trial/returns.h"
#include "core/trial/trial.h"

/* Members into the object that is open: treated and held_out {conversations, requests}, mixed, minimum, and figures: an object by name with
 * treated, held_out, difference, low and high; the last three are null where there are too few. */
void trial_write(struct json_writer *w, const struct trial *t);

/* An object by encoder, most shown first: shown, asked_again, retrieved, expected, ratio, hurts. Of what went as it came ("-"), too, without
 * the last three. At most n encoders. */
void returns_write(struct json_writer *w, const char *key, const struct returns *r, size_t n);

#endif
