#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/pool.h"
#include "proxy/limit.h"

static int64_t ms_now;

static int64_t monotonic(void *self)
{
	(void)self;
	return __atomic_load_n(&ms_now, __ATOMIC_RELAXED) * 1000000;
}

static const struct clock fake = {.monotonic_ns = monotonic};

static struct limit *new_limit(uint32_t rpm, uint32_t tpm)
{
	struct limit_conf conf = {rpm, tpm};
	struct limit *l = limit_new(&conf, LIMIT_KEYS_MAX, &fake);

	assert_non_null(l);
	return l;
}

static struct hash128 key_of(uint64_t n)
{
	return hash128((str){(const char *)&n, sizeof n});
}

static struct limit_verdict take(struct limit *l, struct hash128 key, uint64_t tokens)
{
	return limit_take(l, &key, 1, tokens);
}

static void correct(struct limit *l, struct hash128 key, uint64_t estimated, uint64_t actual)
{
	limit_correct(l, &key, 1, estimated, actual);
}

/* How many requests of so many tokens pass now. */
static int passes(struct limit *l, uint64_t key, uint64_t tokens)
{
	int n = 0;

	while (n < 1000000 && take(l, key_of(key), tokens).kind == LIMIT_NONE)
		n++;
	return n;
}

static void a_minute_of_requests_passes_at_once_then_at_an_even_rate(void **state)
{
	struct limit *l = new_limit(60, 0);
	struct limit_verdict v;

	(void)state;
	assert_int_equal(passes(l, 1, 999999999), 60);
	v = take(l, key_of(1), 1);
	assert_int_equal(v.kind, LIMIT_RPM);
	assert_int_equal(v.retry_after_ms, 1000);
	ms_now += 999;
	assert_int_equal(take(l, key_of(1), 1).retry_after_ms, 1);
	ms_now += 1;
	assert_int_equal(passes(l, 1, 1), 1);
	ms_now += 3600000; /* never more than a minute's worth */
	assert_int_equal(passes(l, 1, 1), 60);
	limit_free(l);
}

static void check_waits(uint32_t rpm, uint32_t tpm)
{
	struct limit *l = new_limit(rpm, tpm);

	for (uint64_t i = 0; i < 2000; i++) {
		uint64_t tokens = i * 37 % 1500;
		struct limit_verdict v = take(l, key_of(1), tokens);

		if (v.kind == LIMIT_NONE)
			continue;
		assert_in_range(v.retry_after_ms, 1, 120000);
		ms_now += v.retry_after_ms - 1;
		assert_int_not_equal(take(l, key_of(1), tokens).kind, LIMIT_NONE);
		ms_now += 1;
		assert_int_equal(take(l, key_of(1), tokens).kind, LIMIT_NONE);
	}
	limit_free(l);
}

static void what_is_to_be_waited_is_enough_and_not_too_much(void **state)
{
	(void)state;
	check_waits(7, 0); /* no whole milliseconds for a request */
	check_waits(0, 997);
	check_waits(7, 5000);
}

static void tokens_are_limited_and_a_refusal_takes_nothing(void **state)
{
	struct limit *l = new_limit(10, 1000);
	struct limit_verdict v;

	(void)state;
	assert_int_equal(take(l, key_of(1), 800).kind, LIMIT_NONE);
	v = take(l, key_of(1), 300);
	assert_int_equal(v.kind, LIMIT_TPM);
	assert_int_equal(v.retry_after_ms, 6000); /* 100 tokens at 1000 a minute */
	for (int i = 0; i < 50; i++)
		assert_int_equal(take(l, key_of(1), 300).kind, LIMIT_TPM);
	assert_int_equal(passes(l, 1, 20), 9); /* requests were not counted for refusals */
	limit_free(l);
}

static void a_request_larger_than_a_minute_passes_when_the_bucket_is_full(void **state)
{
	struct limit *l = new_limit(0, 1000);
	struct limit_verdict v;

	(void)state;
	assert_int_equal(take(l, key_of(1), 10).kind, LIMIT_NONE);
	v = take(l, key_of(1), UINT64_MAX);
	assert_int_equal(v.kind, LIMIT_TPM);
	ms_now += v.retry_after_ms;
	assert_int_equal(take(l, key_of(1), UINT64_MAX).kind, LIMIT_NONE);
	v = take(l, key_of(1), 5000);
	assert_int_equal(v.retry_after_ms, 120000); /* the deepest debt, then full */
	ms_now += 60000;
	assert_int_equal(take(l, key_of(1), 1).kind, LIMIT_TPM);
	ms_now += 60;
	assert_int_equal(take(l, key_of(1), 1).kind, LIMIT_NONE);
	limit_free(l);
}

static void what_was_used_corrects_what_was_estimated(void **state)
{
	struct limit *l = new_limit(0, 1000);

	(void)state;
	assert_int_equal(take(l, key_of(1), 900).kind, LIMIT_NONE);
	correct(l, key_of(1), 900, 100);
	assert_int_equal(take(l, key_of(1), 900).kind, LIMIT_NONE);
	correct(l, key_of(1), 900, 1400);
	assert_int_equal(take(l, key_of(1), 1).retry_after_ms, (500 + 1) * 60);
	correct(l, key_of(1), UINT64_MAX, 0); /* never more than full */
	assert_int_equal(passes(l, 1, 100), 10);
	for (int i = 0; i < 5; i++)
		correct(l, key_of(1), 0, UINT64_MAX); /* never a deeper debt than a minute's */
	assert_int_equal(take(l, key_of(1), UINT64_MAX).retry_after_ms, 120000);
	correct(l, key_of(2), 5, 500); /* nobody */
	assert_int_equal(passes(l, 2, 100), 10);
	limit_free(l);
}

static void keys_do_not_share_and_only_the_whole_key_counts(void **state)
{
	struct limit *l = new_limit(3, 0);
	struct hash128 a = {1, 1}, b = {1, 2}; /* the same place in the table */

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(take(l, a, 0).kind, LIMIT_NONE);
	assert_int_equal(take(l, a, 0).kind, LIMIT_RPM);
	assert_int_equal(take(l, b, 0).kind, LIMIT_NONE);
	limit_free(l);
}

/* Defect 9: one more credential, which nobody reads, was another bucket. */
static void each_of_several_keys_pays_or_none(void **state)
{
	struct limit *l = new_limit(2, 1000);
	struct limit_stats s;
	struct limit_verdict v;

	(void)state;
	for (uint64_t i = 0; i < 2; i++)
		assert_int_equal(
			limit_take(l, (struct hash128[]){key_of(100 + i), key_of(1)}, 2, 100).kind,
			LIMIT_NONE);
	v = limit_take(l, (struct hash128[]){key_of(102), key_of(1), key_of(103)}, 3, 1);
	assert_int_equal(v.kind, LIMIT_RPM);
	assert_int_equal(v.retry_after_ms, 30000);
	assert_int_equal(passes(l, 1, 1), 0);
	assert_int_equal(passes(l, 100, 1), 1);
	assert_int_equal(passes(l, 102, 1), 2); /* nothing was taken of it */
	limit_get_stats(l, &s);
	assert_int_equal(s.keys_n, 5);
	/* the longest wait is said, and what was used is corrected in each */
	limit_configure(l, &(struct limit_conf){0, 1000});
	assert_int_equal(take(l, key_of(7), 700).kind, LIMIT_NONE);
	assert_int_equal(take(l, key_of(8), 900).kind, LIMIT_NONE);
	v = limit_take(l, (struct hash128[]){key_of(8), key_of(7)}, 2, 400);
	assert_int_equal(v.kind, LIMIT_TPM);
	assert_int_equal(v.retry_after_ms, 300 * 60);
	limit_correct(l, (struct hash128[]){key_of(7), key_of(8), key_of(9)}, 3, 700, 300);
	assert_int_equal(take(l, key_of(7), 700).kind, LIMIT_NONE);
	assert_int_equal(take(l, key_of(8), 500).kind, LIMIT_NONE);
	limit_free(l);
}

static void only_the_first_refusal_of_a_kind_says_so(void **state)
{
	struct limit *l = new_limit(1, 100);
	struct limit_stats s;

	(void)state;
	assert_int_equal(take(l, key_of(1), 1).kind, LIMIT_NONE);
	assert_true(take(l, key_of(1), 1).is_first);
	assert_false(take(l, key_of(1), 1).is_first);
	limit_configure(l, &(struct limit_conf){0, 100});
	assert_int_equal(take(l, key_of(2), 100).kind, LIMIT_NONE);
	assert_true(take(l, key_of(2), 1).is_first);
	assert_false(take(l, key_of(2), 1).is_first);
	limit_get_stats(l, &s);
	assert_int_equal(s.taken_n, 2);
	assert_int_equal(s.refused_rpm_n, 2);
	assert_int_equal(s.refused_tpm_n, 2);
	assert_int_equal(s.keys_n, 2);
	assert_int_equal(s.conf.tpm, 100);
	limit_free(l);
}

static void new_limits_keep_levels_in_proportion(void **state)
{
	struct limit *l = new_limit(60, 0);

	(void)state;
	for (int i = 0; i < 30; i++)
		(void)take(l, key_of(1), 1);
	limit_configure(l, &(struct limit_conf){600, 1000});
	assert_int_equal(passes(l, 1, 1), 300);
	assert_int_equal(passes(l, 2, 1), 600); /* a key that is new */
	limit_configure(l, &(struct limit_conf){0, 0});
	assert_int_equal(passes(l, 1, 1), 1000000);
	limit_configure(l, &(struct limit_conf){5, 0});
	assert_int_equal(passes(l, 1, 1), 5);
	limit_free(l);
}

static void those_who_wait_are_remembered_longest(void **state)
{
	struct limit *l = new_limit(2, 0);
	struct limit_stats s;

	(void)state;
	assert_int_equal(passes(l, 1000000, 1), 2); /* the oldest of all, and empty */
	ms_now += 1000;
	for (uint64_t i = 0; i < LIMIT_KEYS_MAX + 100; i++) {
		(void)take(l, key_of(i), 0);
		if (i == 10)
			correct(l, key_of(i), 0, 0);
	}
	limit_get_stats(l, &s);
	assert_int_equal(s.keys_n, LIMIT_KEYS_MAX);
	/* All are in use, so the least recently used went: the empty one, too. */
	assert_int_equal(passes(l, 1000000, 1), 2);
	ms_now += 60000; /* now all are full; those go before one that is not */
	assert_int_equal(passes(l, LIMIT_KEYS_MAX + 50, 1), 2);
	for (uint64_t i = 0; i < LIMIT_KEYS_MAX - 1; i++)
		(void)take(l, key_of(500000 + i), 0);
	assert_int_equal(passes(l, LIMIT_KEYS_MAX + 50, 1), 0);
	for (uint64_t i = 0; i < LIMIT_KEYS_MAX - 1; i++) /* it is the oldest once more */
		(void)take(l, key_of(700000 + i), 0);
	ms_now += 30000; /* the others are full again, it is half full */
	(void)take(l, key_of(900000), 0);
	assert_int_equal(passes(l, LIMIT_KEYS_MAX + 50, 1), 1);
	limit_free(l);
}

static void take_many(void *arg, bool is_cancelled)
{
	(void)is_cancelled;
	for (uint64_t i = 0; i < 2000; i++) {
		(void)take(arg, key_of(i % 7), 3);
		correct(arg, key_of(i % 7), 3, 2);
		if (i % 500 == 0)
			limit_configure(arg, &(struct limit_conf){1000, 0});
		__atomic_fetch_add(&ms_now, i % 2, __ATOMIC_RELAXED);
	}
}

static void threads_together_get_what_one_would(void **state)
{
	struct limit *l = new_limit(1000, 0);
	struct limit_stats s;
	struct pool *p;

	(void)state;
	assert_int_equal(pool_new(4, 8, &p, NULL), E_OK);
	for (int i = 0; i < 8; i++)
		assert_int_equal(pool_submit(p, take_many, l), E_OK);
	pool_wait(p);
	pool_free(p);
	limit_get_stats(l, &s);
	assert_int_equal(s.taken_n + s.refused_rpm_n, 16000);
	/* Seven keys: a full bucket each, and what came in during at most eight seconds. */
	assert_in_range(s.taken_n, 7000, 7 * (1000 + 8 * 1000 / 60 + 1));
	limit_free(l);
}

static void short_memory_is_no_limit(void **state)
{
	struct limit_conf conf = {1, 1};

	(void)state;
	mem_fail_after(1);
	assert_null(limit_new(&conf, LIMIT_KEYS_MAX, NULL));
	mem_fail_after(0);
	limit_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_minute_of_requests_passes_at_once_then_at_an_even_rate),
		cmocka_unit_test(what_is_to_be_waited_is_enough_and_not_too_much),
		cmocka_unit_test(tokens_are_limited_and_a_refusal_takes_nothing),
		cmocka_unit_test(a_request_larger_than_a_minute_passes_when_the_bucket_is_full),
		cmocka_unit_test(what_was_used_corrects_what_was_estimated),
		cmocka_unit_test(keys_do_not_share_and_only_the_whole_key_counts),
		cmocka_unit_test(each_of_several_keys_pays_or_none),
		cmocka_unit_test(only_the_first_refusal_of_a_kind_says_so),
		cmocka_unit_test(new_limits_keep_levels_in_proportion),
		cmocka_unit_test(those_who_wait_are_remembered_longest),
		cmocka_unit_test(threads_together_get_what_one_would),
		cmocka_unit_test(short_memory_is_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
