/* Buffers, arenas, and the allocator below them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/vec.h"

static void assert_text(const struct buf *b, const char *want)
{
	if (!str_eq_c(buf_str(b), want))
		fail_msg("got \"" STR_FMT "\", want \"%s\"", STR_ARG(buf_str(b)), want);
}

/* ---- buffers ----------------------------------------------------------------------------------------------- */

static void everything_is_appended(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_add(&b, STR("a\n"));
	buf_add(&b, STR_NULL);
	buf_add_byte(&b, 'b');
	buf_add_c(&b, "cd");
	buf_add_u64(&b, 0);
	buf_add_u64(&b, UINT64_MAX);
	buf_printf(&b, " %d %s", -5, "x");
	assert_text(&b, "a\nbcd018446744073709551615 -5 x");
	assert_int_equal(b.err, E_OK);
	buf_reset(&b);
	assert_int_equal(b.n, 0);
	buf_add_c(&b, "again");
	assert_text(&b, "again");
	buf_release(&b);
	assert_null(b.p);
	buf_add_c(&b, "and again");
	assert_text(&b, "and again");
	buf_release(&b);
}

static void a_buffer_keeps_to_its_maximum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_add_c(&b, "abc");
	buf_add_c(&b, "def");
	assert_int_equal(b.err, E_TOO_BIG);
	assert_text(&b, "abc");
	buf_add_byte(&b, 'x'); /* it would fit, but the text has a hole by now */
	assert_text(&b, "abc");
	assert_false(buf_reserve(&b, 1));
	buf_reset(&b);
	buf_add_c(&b, "abcde");
	assert_text(&b, "abcde");
	assert_int_equal(b.err, E_OK);
	assert_true(b.cap <= 5);
	assert_false(buf_reserve(&b, SIZE_MAX));
	buf_release(&b);
}

static void a_buffer_that_gets_no_memory_remembers_it(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_add_c(&b, "abc");
	mem_fail_after(1);
	for (int i = 0; i < 1000; i++)
		buf_add_c(&b, "more");
	mem_fail_after(0);
	assert_int_equal(b.err, E_NOMEM);
	buf_add_c(&b, "x");
	assert_true(b.n >= 3 && str_starts(buf_str(&b), STR("abc")));
	buf_release(&b);
	assert_int_equal(b.err, E_OK);
}

static void a_buffer_grows_as_it_must(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf heap, arena;

	(void)state;
	buf_init(&heap, 1 << 24);
	buf_init_arena(&arena, &a, 1 << 24);
	for (unsigned i = 0; i < 20000; i++) {
		buf_printf(&heap, "%u,", i);
		buf_printf(&arena, "%u,", i);
	}
	assert_int_equal(heap.n, 108890);
	assert_true(str_eq(buf_str(&heap), buf_str(&arena)));
	assert_true(str_ends(buf_str(&heap), STR("19999,")));
	buf_release(&heap);
	arena_release(&a);
}

static void json_strings_are_escaped_as_little_as_can_be(void **state)
{
	static const char text[] = "\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9\xff\0x";
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_add_json_string(&b, STR(text));
	assert_text(&b, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\xff\\u0000x\"");
	buf_reset(&b);
	buf_add_json_string(&b, STR_NULL);
	assert_text(&b, "\"\"");
	buf_release(&b);
}

/* ---- arenas -------------------------------------------------------------------------------------------------- */

static void objects_are_aligned_and_apart(void **state)
{
	struct arena a = ARENA_INIT;
	char *before = NULL;

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		size_t align = (size_t)1 << i % 7, n = i % 97;
		char *p = arena_alloc(&a, n, align);

		assert_int_equal((uintptr_t)p % align, 0);
		memset(p, (int)i, n);
		if (before)
			assert_true(before[0] == (char)(i - 1));
		before = n ? p : NULL;
	}
	assert_true(a.used_bytes > 50000);
	arena_reset(&a);
	assert_int_equal(a.used_bytes, 0);
	(void)arena_alloc(&a, 100, 1);
	arena_release(&a);
	assert_null(a.chunk);
}

static void zeroed_memory_is_zero(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	for (int round = 0; round < 3; round++) {
		unsigned char *p = arena_alloc(&a, 5000, 1), *z;
		uint64_t *v;

		memset(p, 0xee, 5000);
		arena_reset(&a);
		z = arena_zalloc(&a, 4000, 8);
		v = arena_array(&a, uint64_t, 100);
		for (size_t i = 0; i < 4000; i++)
			assert_int_equal(z[i], 0);
		for (size_t i = 0; i < 100; i++)
			assert_true(v[i] == 0);
	}
	arena_release(&a);
}

static void large_objects_have_room(void **state)
{
	struct arena a = ARENA_INIT;
	char *small = arena_alloc(&a, 10, 1), *large = arena_alloc(&a, 20 << 20, 64);

	(void)state;
	memset(small, 1, 10);
	memset(large, 2, 20 << 20);
	assert_int_equal(small[9], 1);
	arena_release(&a);
}

static void what_is_trimmed_goes_to_the_next_object(void **state)
{
	struct arena a = ARENA_INIT;
	char *p = arena_alloc(&a, 1000, 1), *q;

	(void)state;
	memset(p, 1, 1000);
	arena_trim(&a, p, 1000, 10);
	assert_int_equal(a.used_bytes, 10);
	q = arena_alloc(&a, 2000, 1);
	memset(q, 2, 2000);
	assert_int_equal(p[9], 1);
	arena_trim(&a, p, 10, 5); /* no longer the newest */
	assert_int_equal(a.used_bytes, 2010);
	arena_trim(&a, NULL, 0, 0);
	arena_release(&a);
}

static void growing_keeps_what_is_there(void **state)
{
	struct arena a = ARENA_INIT;
	char *p = arena_grow(&a, NULL, 0, 10, 1);

	(void)state;
	memcpy(p, "0123456789", 10);
	for (size_t n = 10; n < 100000; n += n / 2) {
		p = arena_grow(&a, p, n, n + n / 2, 1);
		assert_memory_equal(p, "0123456789", 10);
		if (n % 3 == 0)
			(void)arena_alloc(&a, 1, 1); /* something stands in the way */
	}
	arena_release(&a);
}

/* What was there before stays, what came since is handed out again, and an arena that had nothing has nothing. */
static void a_mark_is_gone_back_to(void **state)
{
	struct arena a = ARENA_INIT;
	struct arena_mark none = arena_mark(&a), mark;
	char *kept, *next;
	size_t used;

	(void)state;
	(void)arena_alloc(&a, 3 << 20, 1);
	arena_rewind(&a, none);
	assert_null(a.chunk);
	kept = arena_alloc(&a, 100, 1);
	memset(kept, 7, 100);
	mark = arena_mark(&a);
	used = a.used_bytes;
	for (size_t n = 1; n < 8 << 20; n *= 3) {
		memset(arena_alloc(&a, n, 8), 9, n);
		memset(arena_alloc(&a, n, 1), 9, n);
		if (n % 2)
			arena_rewind(&a, mark);
	}
	arena_rewind(&a, mark);
	assert_true(a.used_bytes == used && a.chunk == mark.chunk);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(kept[i], 7);
	next = arena_alloc(&a, 50, 1);
	memset(next, 8, 50);
	assert_int_equal(kept[99], 7);
	arena_release(&a);
}

/* Elements of a text in equal steps: little more room than they need, and enough where the text becomes denser. */
static void an_array_of_a_text_foresees_its_end(void **state)
{
	(void)state;
	for (unsigned dense = 1; dense <= 64; dense *= 8) {
		struct arena a = ARENA_INIT;
		VEC(uint32_t) v = {0};
		size_t all = 1 << 20, at = 0;
		uint32_t n = 0;

		for (; at < all; at += at < all / 2 ? 64 : 64 / dense, n++)
			*vec_push_of(&v, &a, at, all) = n;
		assert_int_equal(v.n, n);
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(v.v[i], i);
		if (dense == 1)
			assert_true(a.used_bytes < n * sizeof *v.v * 5 / 4);
		assert_true(a.used_bytes < n * sizeof *v.v * 4 + 4096);
		arena_release(&a);
	}
}

static void texts_are_copied(void **state)
{
	struct arena a = ARENA_INIT;
	char text[] = "text";
	str s = arena_str(&a, STR_NULL), copy = arena_str(&a, str_from(text));
	char *c = arena_cstr(&a, (str){text, 2});

	(void)state;
	text[0] = 'X';
	assert_int_equal(s.n, 0);
	assert_true(str_eq_c(copy, "text"));
	assert_string_equal(c, "te");
	assert_true(str_eq_c(arena_printf(&a, "%s-%05d", "a", 42), "a-00042"));
	assert_int_equal(arena_printf(&a, "%s", "").n, 0);
	arena_release(&a);
}

static enum err use_memory(struct arena *a, size_t n)
{
	if (arena_recover(a))
		return E_NOMEM;
	for (size_t i = 0; i < n; i++)
		(void)arena_alloc(a, 3 << 20, 1);
	arena_end_recover(a);
	return E_OK;
}

static void running_out_of_memory_goes_to_the_recovery_point(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	assert_int_equal(use_memory(&a, 5), E_OK);
	arena_reset(&a);
	mem_fail_after(3);
	assert_int_equal(use_memory(&a, 5), E_NOMEM);
	assert_true(mem_failed());
	mem_fail_after(0);
	arena_release(&a);
	assert_int_equal(use_memory(&a, 1), E_OK);
	arena_release(&a);
}

static enum err ask_for_too_much(struct arena *a, int how)
{
	if (arena_recover(a))
		return E_NOMEM;
	if (how == 0)
		(void)arena_array(a, uint64_t, SIZE_MAX / 4);
	else if (how == 1)
		(void)arena_alloc(a, SIZE_MAX - 8, 1);
	else
		arena_fail(a);
	return E_OK;
}

static void sizes_that_overflow_are_out_of_memory(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++) {
		struct arena a = ARENA_INIT;

		assert_int_equal(ask_for_too_much(&a, how), E_NOMEM);
		arena_release(&a);
	}
}

static void an_array_grows_one_by_one(void **state)
{
	struct arena a = ARENA_INIT;
	VEC(uint32_t) v = {0};

	(void)state;
	for (uint32_t i = 0; i < 10000; i++)
		*vec_push(&v, &a) = i;
	assert_int_equal(v.n, 10000);
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(v.v[i], i);
	arena_release(&a);
}

/* ---- the allocator --------------------------------------------------------------------------------------------- */

static void allocations_fail_from_the_nth_on(void **state)
{
	void *p[4];

	(void)state;
	mem_fail_after(3);
	p[0] = mem_alloc(0);
	p[1] = mem_zalloc(10);
	assert_false(mem_failed());
	p[2] = mem_alloc(1);
	p[3] = mem_realloc(p[0], 100);
	assert_true(mem_failed());
	mem_fail_after(0);
	assert_false(mem_failed());
	assert_non_null(p[0]);
	assert_non_null(p[1]);
	assert_null(p[2]);
	assert_null(p[3]);
	p[0] = mem_realloc(p[0], 100);
	assert_non_null(p[0]);
	mem_free(p[0]);
	mem_free(p[1]);
	mem_free(NULL);
}

static void products_that_overflow_are_seen(void **state)
{
	size_t n;

	(void)state;
	assert_true(size_mul(3, 4, &n) && n == 12);
	assert_true(size_mul(0, SIZE_MAX, &n) && n == 0);
	assert_true(size_mul(1, SIZE_MAX, &n) && n == SIZE_MAX);
	assert_false(size_mul(2, SIZE_MAX / 2 + 1, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_appended),
		cmocka_unit_test(a_buffer_keeps_to_its_maximum),
		cmocka_unit_test(a_buffer_that_gets_no_memory_remembers_it),
		cmocka_unit_test(a_buffer_grows_as_it_must),
		cmocka_unit_test(json_strings_are_escaped_as_little_as_can_be),
		cmocka_unit_test(objects_are_aligned_and_apart),
		cmocka_unit_test(zeroed_memory_is_zero),
		cmocka_unit_test(large_objects_have_room),
		cmocka_unit_test(what_is_trimmed_goes_to_the_next_object),
		cmocka_unit_test(growing_keeps_what_is_there),
		cmocka_unit_test(a_mark_is_gone_back_to),
		cmocka_unit_test(an_array_of_a_text_foresees_its_end),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(running_out_of_memory_goes_to_the_recovery_point),
		cmocka_unit_test(sizes_that_overflow_are_out_of_memory),
		cmocka_unit_test(an_array_grows_one_by_one),
		cmocka_unit_test(allocations_fail_from_the_nth_on),
		cmocka_unit_test(products_that_overflow_are_seen),
	};

	return cmocka_run_group_tests_name("base: buffers and arenas", tests, NULL, NULL);
}
