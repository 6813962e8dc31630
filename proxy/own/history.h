/* history: points in time out of the ledger, and how they are shown. For history.c and its test. */
#ifndef PROXY_OWN_HISTORY_H
#define PROXY_OWN_HISTORY_H

#include "core/store/ledger.h"

/* The moment at which a group of time begins, by its key in the ledger: "2026-01-02T03", "2026-01-02", "2026-W01" (ISO
 * 8601: the Monday), "2026-01". False for another one. */
bool history_key_time(enum ledger_group group, str key, int64_t *at_ms);

/* The beginning of the day, week (ISO 8601: Monday) or month (UTC) that a moment of 1970 or later is in. */
int64_t history_begin(enum ledger_group group, int64_t at_ms);

#endif
