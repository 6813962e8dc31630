/* ledger_batch: the rows of the ledger that are in flight, as a table that SQL reads (a virtual table that exists on the
 * writer's connection only, sqlite.org/vtab.html). One statement then writes all of a batch: one for each row costs a half more, most of
 * it for values that are bound and cursors that are opened each time.
 * Owns: nothing of the rows. Thread: the writer's. */
#ifndef CORE_STORE_LEDGER_BATCH_H
#define CORE_STORE_LEDGER_BATCH_H

#include "core/store/store_internal.h"

/* On the writer's connection, once: LEDGER_SQL_ADD reads from s->inflight. E_NOMEM. */
enum err ledger_batch_open(struct store *s, struct errctx *cx) MUST_CHECK;
/* Inside a transaction: writes all rows that are in flight. */
enum err ledger_batch_write(struct store *s, struct errctx *cx) MUST_CHECK;

#endif
