#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Tests only; 0 = never fail. Thread-local, so that a test of one thread does not hit another. */
static _Thread_local size_t fail_countdown;
static _Thread_local bool has_failed;

void mem_fail_after(size_t n)
{
	fail_countdown = n;
	has_failed = false;
}

bool mem_failed(void)
{
	return has_failed;
}

static bool must_fail(void)
{
	if (LIKELY(!fail_countdown))
		return false;
	if (fail_countdown > 1) {
		fail_countdown--;
		return false;
	}
	has_failed = true;
	return true;
}

void *mem_alloc(size_t n)
{
	return must_fail() ? NULL : malloc(n ? n : 1);
}

void *mem_zalloc(size_t n)
{
	return must_fail() ? NULL : calloc(1, n ? n : 1);
}

void *mem_realloc(void *p, size_t n)
{
	return must_fail() ? NULL : realloc(p, n ? n : 1);
}

void mem_free(void *p)
{
	free(p);
}

bool size_mul(size_t a, size_t b, size_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}
