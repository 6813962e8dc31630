/* Maps, hashes, clocks and errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/hash.h"
#include "core/base/map.h"

/* ---- maps ------------------------------------------------------------------------------------------------ */

static void what_is_put_in_is_found(void **state)
{
	struct arena a = ARENA_INIT;
	struct map m;
	int one = 1, two = 2;

	(void)state;
	map_init(&m, &a);
	assert_null(map_find(&m, STR("a")));
	*map_at(&m, STR("a")) = &one;
	*map_at(&m, STR("")) = &two;
	assert_null(*map_at(&m, STR("new")));
	assert_ptr_equal(map_find(&m, STR("a")), &one);
	assert_ptr_equal(map_find(&m, STR_NULL), &two);
	assert_null(map_find(&m, STR("new")));
	assert_null(map_find(&m, STR("A")));
	*map_at(&m, STR("a")) = &two;
	assert_ptr_equal(map_find(&m, STR("a")), &two);
	assert_int_equal(m.n, 3);
	arena_release(&a);
}

static void keys_may_hold_any_byte(void **state)
{
	struct arena a = ARENA_INIT;
	struct map m;
	int one = 1;

	(void)state;
	map_init(&m, &a);
	*map_at(&m, STR("a\0b")) = &one;
	assert_null(map_find(&m, STR("a")));
	assert_null(map_find(&m, STR("a\0c")));
	assert_ptr_equal(map_find(&m, STR("a\0b")), &one);
	arena_release(&a);
}

static void many_keys_stay_in_their_order(void **state)
{
	struct arena a = ARENA_INIT;
	struct map m;

	(void)state;
	map_init(&m, &a);
	for (uintptr_t i = 1; i <= 20000; i++)
		*map_at(&m, arena_printf(&a, "key %u", (unsigned)i)) = &m.n + i;
	assert_int_equal(m.n, 20000);
	for (uintptr_t i = 1; i <= 20000; i++) {
		str key = arena_printf(&a, "key %u", (unsigned)i);

		assert_ptr_equal(map_find(&m, key), &m.n + i);
		assert_true(str_eq(m.entries[i - 1].key, key));
	}
	assert_null(map_find(&m, STR("key 0")));
	arena_release(&a);
}

/* ---- hashes ------------------------------------------------------------------------------------------------ */

/* Renderings are stored under these: another value for the same bytes would lose them all. The values are
 * those of libxxhash 0.8 (Debian 12). */
static void hashes_never_change(void **state)
{
	struct hash128 h = hash128(STR("headroom"));

	(void)state;
	assert_true(hash64(STR_NULL) == UINT64_C(0x2d06800538d394c2));
	assert_true(hash64(STR("headroom")) == UINT64_C(0x71c78683d787923e));
	assert_true(h.hi == UINT64_C(0x5648d8eadddece87) && h.lo == UINT64_C(0xb12c9f4960dd61f4));
}

static void a_seed_and_an_order_make_a_difference(void **state)
{
	struct hash128 a = hash128(STR("a")), b = hash128(STR("b"));

	(void)state;
	assert_true(hash64_seed(STR("a"), 0) == hash64(STR("a")));
	assert_true(hash64_seed(STR("a"), 1) != hash64(STR("a")));
	assert_true(hash128_eq(a, hash128(STR("a"))));
	assert_false(hash128_eq(a, b));
	assert_false(hash128_eq(hash128_chain(a, b), hash128_chain(b, a)));
	assert_true(hash128_eq(hash128_chain(a, b), hash128_chain(a, b)));
	assert_false(hash128_eq(
		hash128_chain(hash128_chain(a, a), b), hash128_chain(a, hash128_chain(a, b))));
}

static void sha256_is_that_of_fips_180_4(void **state)
{
	char hex[SHA256_HEX + 1];

	(void)state;
	sha256_hex(STR("abc"), hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_hex(STR_NULL, hex);
	assert_string_equal(
		hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* ---- clocks ------------------------------------------------------------------------------------------------- */

static int64_t fixed_wall(void *self)
{
	return *(int64_t *)self;
}

static int64_t fixed_monotonic(void *self)
{
	return *(int64_t *)self * 1000;
}

static void fixed_random(void *self, void *out, size_t n)
{
	(void)self;
	for (size_t i = 0; i < n; i++)
		((unsigned char *)out)[i] = (unsigned char)(i * 7);
}

static void a_clock_can_be_replaced(void **state)
{
	int64_t now = 1767225845678;
	const struct clock c = {fixed_wall, fixed_monotonic, fixed_random, &now};
	char one[CLOCK_ID_LEN + 1], two[CLOCK_ID_LEN + 1];

	(void)state;
	assert_true(clock_wall_ms(&c) == now);
	assert_true(clock_monotonic_ns(&c) == now * 1000);
	clock_id(&c, one);
	clock_id(&c, two);
	assert_string_equal(one, two);
	assert_int_equal(strlen(one), CLOCK_ID_LEN);
	now++;
	clock_id(&c, two);
	assert_true(strcmp(one, two) < 0); /* they sort by time */
	now = 0;
	clock_id(&c, one);
	assert_true(strncmp(one, "0000000000", 10) == 0);
}

static void the_systems_clock_goes_on(void **state)
{
	char one[CLOCK_ID_LEN + 1], two[CLOCK_ID_LEN + 1];
	int64_t before = clock_monotonic_ns(NULL);

	(void)state;
	assert_true(clock_monotonic_ns(NULL) >= before);
	assert_true(clock_wall_ms(NULL) > 1700000000000);
	clock_id(NULL, one);
	clock_id(NULL, two);
	assert_string_not_equal(one, two);
}

static void times_are_written_in_utc(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {{0, "1970-01-01T00:00:00.000Z"}, {1767323045678, "2026-01-02T03:04:05.678Z"},
		{951782399999, "2000-02-28T23:59:59.999Z"},
		{951782400000, "2000-02-29T00:00:00.000Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"}};
	char text[CLOCK_TIME_LEN + 1];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		clock_format(cases[i].ms, text);
		assert_string_equal(text, cases[i].text);
		assert_true(clock_parse(str_from(text), &back) && back == cases[i].ms);
	}
}

static void times_are_read_with_any_offset_and_fraction(void **state)
{
	static const char *const same[] = {"2026-01-02T03:04:05.678Z", "2026-01-02t03:04:05.678z",
		"2026-01-02T05:34:05.678+02:30", "2026-01-01T23:04:05.678-04:00",
		"2026-01-02T03:04:05.678999999Z", "2026-01-02T03:04:05.678+00:00"};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(same); i++)
		if (!clock_parse(str_from(same[i]), &ms) || ms != 1767323045678)
			fail_msg("%s", same[i]);
	assert_true(clock_parse(STR("2024-02-29T00:00:00Z"), &ms) && ms == 1709164800000);
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = {"", "2026", "2026-01-02", "2026-01-02T03:04:05",
		"2026-01-02 03:04:05Z", "2026-1-2T03:04:05Z", "2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
		"2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2100-02-29T00:00:00Z",
		"2026-01-02T24:00:00Z", "2026-01-02T03:60:00Z", "2026-01-02T03:04:61Z",
		"2026-01-02T03:04:05.Z", "2026-01-02T03:04:05.5", "2026-01-02T03:04:05Zx",
		"2026-01-02T03:04:05+2:00", "2026-01-02T03:04:05+02", "2026-01-02T03:04:05+24:00",
		"2026-01-02T03:04:05+02:60", "2026-01-02T03:04:05+02:00x", "-026-01-02T03:04:05Z"};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(bad); i++)
		if (clock_parse(str_from(bad[i]), &ms))
			fail_msg("read as a time: %s", bad[i]);
}

/* ---- errors ----------------------------------------------------------------------------------------------- */

static enum err fail_with(struct errctx *cx, int n)
{
	FAIL(cx, E_MALFORMED, "line %d: %s", n, "no");
}

static enum err try_it(struct errctx *cx, int n)
{
	TRY(n ? fail_with(cx, n) : E_OK);
	return E_BUSY;
}

static void an_error_travels_with_its_message(void **state)
{
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(try_it(&cx, 7), E_MALFORMED);
	assert_int_equal(cx.code, E_MALFORMED);
	assert_string_equal(cx.text, "line 7: no");
	assert_int_equal(err_prefix(&cx, "%s", "a.json"), E_MALFORMED);
	assert_string_equal(cx.text, "a.json: line 7: no");
	(void)err_set(&cx, E_IO, "%s (try again)", cx.text);
	assert_string_equal(cx.text, "a.json: line 7: no (try again)");
	assert_int_equal(try_it(&cx, 0), E_BUSY);
	assert_int_equal(try_it(NULL, 7), E_MALFORMED);
}

static void a_message_is_cut_at_its_limit(void **state)
{
	struct errctx cx = {0};
	char big[2000];

	(void)state;
	memset(big, 'x', sizeof big);
	(void)err_set(&cx, E_IO, "%.*s", (int)sizeof big, big);
	assert_int_equal(strlen(cx.text), LIMIT_ERR_TEXT - 1);
	(void)err_prefix(&cx, "file");
	assert_int_equal(strlen(cx.text), LIMIT_ERR_TEXT - 1);
	assert_true(strncmp(cx.text, "file: xxx", 9) == 0);
	(void)err_prefix(&cx, "%.*s", (int)sizeof big, big);
	assert_int_equal(strlen(cx.text), LIMIT_ERR_TEXT - 1);
}

static void every_error_has_a_row(void **state)
{
	(void)state;
	for (int e = 0; e < E_COUNT; e++) {
		assert_true(*err_name((enum err)e) && *err_text((enum err)e));
		assert_true(err_http((enum err)e) >= 200 && err_http((enum err)e) < 600);
		assert_true((err_exit((enum err)e) == 0) == (e == E_OK));
		assert_true(err_exit((enum err)e) < 126); /* shells use those above */
	}
	assert_string_equal(err_name(E_TOO_BIG), "TOO_BIG");
	assert_int_equal(err_http(E_TOO_BIG), 413);
	assert_int_equal(err_exit(E_VERIFY), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_is_found),
		cmocka_unit_test(keys_may_hold_any_byte),
		cmocka_unit_test(many_keys_stay_in_their_order),
		cmocka_unit_test(hashes_never_change),
		cmocka_unit_test(a_seed_and_an_order_make_a_difference),
		cmocka_unit_test(sha256_is_that_of_fips_180_4),
		cmocka_unit_test(a_clock_can_be_replaced),
		cmocka_unit_test(the_systems_clock_goes_on),
		cmocka_unit_test(times_are_written_in_utc),
		cmocka_unit_test(times_are_read_with_any_offset_and_fraction),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(an_error_travels_with_its_message),
		cmocka_unit_test(a_message_is_cut_at_its_limit),
		cmocka_unit_test(every_error_has_a_row),
	};

	return cmocka_run_group_tests_name("base: maps, hashes, clocks, errors", tests, NULL, NULL);
}
