/* stats_text: a state of a proxy (docs/dashboard.md) for people. What it does not say is not there, instead of a zero.
 * Owns: nothing. Thread: any. */
#ifndef CLI_STATS_TEXT_H
#define CLI_STATS_TEXT_H

#include "core/json/doc.h"

/* Some twenty lines. */
void stats_text_table(struct buf *out, const char *url, const struct json_value *state);
/* One line. */
void stats_text_line(struct buf *out, const struct json_value *state);

#endif
