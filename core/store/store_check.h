/* store_check: whether the file of a store is sound, for people who ask: nothing is made, changed or waited for long.
 * Owns: a connection for the length of the call. Thread: any. */
#ifndef CORE_STORE_STORE_CHECK_H
#define CORE_STORE_STORE_CHECK_H

#include <stdint.h>

#include "core/base/err.h"

/* Reads the whole file but for the content of its indexes (PRAGMA quick_check). E_NOT_FOUND: there is none. E_VERIFY:
 * damaged, the text says what was found first. E_TIMEOUT: sound as far as it was read within limit_ms. E_CONFIG: a database of
 * another program; E_UNSUPPORTED: of a newer or an older headroom; E_PERMISSION, E_BUSY, E_IO. */
enum err store_check(const char *path, int64_t limit_ms, struct errctx *cx) MUST_CHECK;

#endif
