#include "core/base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Tests only; 0 = never fail. Thread-local, so that a test of one thread does not hit another. */
static _Thread_local size_t fail_countdown;
static _Thread_local bool has_failed;
static _Thread_local uint32_t fail_random;
static _Atomic unsigned fail_one_in;

void mem_fail_after(size_t n)
{
	fail_countdown = n;
	has_failed = false;
}

bool mem_failed(void)
{
	return has_failed;
}

void mem_fail_at_random(unsigned n)
{
	atomic_store_explicit(&fail_one_in, n, memory_order_relaxed);
}

/* Numerical Recipes' generator; the address makes each thread's another one. */
static bool is_chosen(unsigned one_in)
{
	if (!fail_random)
		fail_random = (uint32_t)(uintptr_t)&fail_random >> 4;
	fail_random = fail_random * 1664525u + 1013904223u;
	return (fail_random >> 8) % one_in == 0;
}

static bool must_fail(void)
{
	unsigned one_in = atomic_load_explicit(&fail_one_in, memory_order_relaxed);

	if (one_in && is_chosen(one_in))
		return true;
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

char *mem_text(str s)
{
	char *p = mem_alloc(s.n + 1);

	if (!p)
		return NULL;
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

void mem_free(void *p)
{
	free(p);
}

bool size_mul(size_t a, size_t b, size_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}
