/* mem: the only place that calls malloc. Allocations can be made to fail one by one, which is how the
 * allocation-failure tests walk every path. Thread: any. */
#ifndef CORE_BASE_MEM_H
#define CORE_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/str.h"

/* NULL when memory is short (or the failure counter says so); n may be 0. Release with mem_free. */
void *mem_alloc(size_t n) MUST_CHECK;
void *mem_zalloc(size_t n) MUST_CHECK;
void *mem_realloc(void *p, size_t n) MUST_CHECK;
void mem_free(void *p);
/* A copy with a NUL behind it. NULL and release as above. */
char *mem_text(str s) MUST_CHECK;

/* a * b, or false when it does not fit. */
bool size_mul(size_t a, size_t b, size_t *out) MUST_CHECK;

/* Tests: the n-th allocation from now on this thread fails, and all after it until mem_fail_after(0).
 * mem_failed() tells whether one did. */
void mem_fail_after(size_t n);
bool mem_failed(void);

/* Tests: from now on, in all threads, one allocation in n fails, chosen at random; 0: none. */
void mem_fail_at_random(unsigned n);

#endif
