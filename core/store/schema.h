/* schema: the tables of the store, version by version. The version is PRAGMA user_version; PRAGMA
 * application_id says that a file is ours. A step never changes once it was released: a new
 * version is a new step at the end. Thread: that of the connection. */
#ifndef CORE_STORE_SCHEMA_H
#define CORE_STORE_SCHEMA_H

#include "core/store/db.h"

enum { SCHEMA_APPLICATION_ID = 0x4864726d }; /* "Hdrm" */

/* The version that this program writes. */
int64_t schema_version(void);
/* Brings the file to our version, in one transaction. E_UNSUPPORTED when it is newer, E_CONFIG
 * when it is a database of another program. */
enum err schema_migrate(struct db *db, struct errctx *cx) MUST_CHECK;
/* For a reader: E_OK only when the file has our version. */
enum err schema_check(struct db *db, struct errctx *cx) MUST_CHECK;

#endif
