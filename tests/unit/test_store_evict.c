#include "tests/unit/store_fixture.h"

enum { LEASE = 1000 };

static void originals_over_the_maximum_go_by_last_use(void **state)
{
	struct fixture *f = *state;
	struct store *s =
		open_with(f, (struct store_conf){.original_bytes_max = 100000, .lease_ms = LEASE});
	struct original_key keys[20];
	struct store_stats st;

	for (uint64_t i = 0; i < 9; i++) {
		keys[i] = put_noise(f, s, 10000, i);
		flush(f, s);
		pass_time(LEASE);
	}
	assert_int_equal(get(f, s, keys[0].hex), E_OK); /* a use */
	pass_time(1);
	for (uint64_t i = 9; i < 12; i++) {
		keys[i] = put_noise(f, s, 10000, i);
		flush(f, s);
	}
	assert_int_equal(get(f, s, keys[0].hex), E_OK);
	assert_int_equal(get(f, s, keys[1].hex), E_NOT_FOUND);
	assert_int_equal(get(f, s, keys[11].hex), E_OK);
	store_get_stats(s, &st);
	assert_true(st.original_bytes <= 100000);
	assert_int_equal(st.original_bytes, sql(f, "SELECT sum(bytes) FROM original"));
	assert_int_equal(st.originals_n, sql(f, "SELECT count(*) FROM original"));
	store_close(s);
}

static void leased_originals_stay_and_a_full_store_refuses_more(void **state)
{
	struct fixture *f = *state;
	struct store *s =
		open_with(f, (struct store_conf){.original_bytes_max = 100000, .lease_ms = LEASE});
	struct original_key keys[12];

	for (uint64_t i = 0; i < ARRAY_N(keys); i++)
		keys[i] = put_noise(f, s, 10000, i);
	flush(f, s);
	assert_int_equal(keep_text(s, STR("more"), STR(""), NULL, &f->cx), E_BUSY);
	for (uint64_t i = 0; i < ARRAY_N(keys); i++)
		assert_int_equal(get(f, s, keys[i].hex), E_OK);
	pass_time(LEASE + 1);
	assert_int_equal(keep_text(s, STR("more"), STR(""), NULL, &f->cx), E_BUSY);
	while (keep_text(s, STR("more"), STR(""), NULL, NULL) == E_BUSY)
		; /* the writer evicts */
	store_close(s);
}

static void a_rendering_in_use_keeps_its_original(void **state)
{
	struct fixture *f = *state;
	struct store *s =
		open_with(f, (struct store_conf){.original_bytes_max = 100000, .lease_ms = LEASE});
	struct original_key key = put_noise(f, s, 10000, 1), other = put_noise(f, s, 10000, 2);
	struct rendering r = rendering_of("x");
	bool was_there;

	memcpy(r.original, key.hex, sizeof key.hex);
	assert_int_equal(
		rendering_put(s, key_of(1), &r, STR("short"), &f->out, &was_there, &f->cx), E_OK);
	flush(f, s);
	for (uint64_t i = 3; i < 20; i++) {
		pass_time(LEASE / 2);
		expect_rendering(f, s, 1, "short");
		put_noise(f, s, 10000, i);
		flush(f, s);
	}
	assert_int_equal(get(f, s, other.hex), E_NOT_FOUND);
	assert_int_equal(get(f, s, key.hex), E_OK);
	store_close(s);
}

static void an_original_takes_its_renderings_with_it(void **state)
{
	struct fixture *f = *state;
	struct store *s =
		open_with(f, (struct store_conf){.original_bytes_max = 30000, .lease_ms = LEASE});
	struct original_key key = put_noise(f, s, 10000, 1);
	struct rendering r = rendering_of("x");
	bool was_there;

	memcpy(r.original, key.hex, sizeof key.hex);
	assert_int_equal(
		rendering_put(s, key_of(1), &r, STR("short"), &f->out, &was_there, &f->cx), E_OK);
	put(f, s, 2, "names none");
	flush(f, s);
	pass_time(LEASE + 1);
	for (uint64_t i = 2; i < 5; i++)
		put_noise(f, s, 10000, i);
	flush(f, s);
	assert_int_equal(get(f, s, key.hex), E_NOT_FOUND);
	expect_no_rendering(f, s, 1);
	expect_rendering(f, s, 2, "names none");
	store_close(s);
}

static void renderings_over_the_maximum_go_by_last_use(void **state)
{
	struct fixture *f = *state;
	struct store *s =
		open_with(f, (struct store_conf){.rendering_bytes_max = 20000, .lease_ms = LEASE});
	struct store_stats st;

	for (uint64_t i = 0; i < 300; i++) {
		put(f, s, i, "text");
		flush(f, s);
		pass_time(LEASE / 10);
		expect_rendering(f, s, 0, "text");
	}
	expect_no_rendering(f, s, 1);
	expect_rendering(f, s, 299, "text");
	expect_rendering(f, s, 290, "text");
	flush(f, s);
	store_get_stats(s, &st);
	assert_true(st.rendering_bytes <= 20000);
	assert_int_equal(st.rendering_bytes, sql(f, "SELECT sum(bytes) FROM rendering"));
	store_close(s);
}

static void what_is_not_used_for_the_time_to_keep_is_deleted(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.lease_ms = LEASE, .keep_ms = 10 * LEASE};
	struct store *s = open_with(f, conf);
	struct original_key key = put_noise(f, s, 100, 1);

	put(f, s, 1, "old");
	store_close(s);
	pass_time(11 * LEASE);
	s = open_with(f, conf);
	put(f, s, 2, "new");
	flush(f, s);
	assert_int_equal(get(f, s, key.hex), E_NOT_FOUND);
	expect_no_rendering(f, s, 1);
	expect_rendering(f, s, 2, "new");
	store_close(s);
}

static off_t file_bytes(struct fixture *f)
{
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	return st.st_size;
}

static void a_smaller_maximum_deletes_step_by_step_and_gives_the_disk_back(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.lease_ms = LEASE};
	struct store *s = open_with(f, conf);
	struct store_stats st;
	off_t before;

	for (uint64_t i = 0; i < 3000; i++) {
		put_noise(f, s, 8000, i);
		if (i % 1000 == 999)
			flush(f, s);
	}
	store_close(s);
	before = file_bytes(f);
	pass_time(LEASE + 1);
	conf.original_bytes_max = 1 << 20;
	s = open_with(f, conf);
	do { /* each batch deletes some */
		pass_time(1);
		put(f, s, (uint64_t)fake_ms, "x");
		flush(f, s);
		store_get_stats(s, &st);
	} while (st.original_bytes > 1 << 20 && st.evicted_n);
	assert_true(st.original_bytes <= 1 << 20);
	assert_true(st.evicted_n >= 2800);
	store_close(s);
	assert_true(file_bytes(f) < before / 2);
	assert_string_equal("ok", sql_text(f, "PRAGMA integrity_check"));
}

static void the_time_to_keep_is_never_shorter_than_the_lease(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.lease_ms = LEASE, .keep_ms = 1};
	struct store *s = open_with(f, conf);

	put(f, s, 1, "in use");
	store_close(s);
	pass_time(LEASE / 2);
	s = open_with(f, conf);
	put(f, s, 2, "new");
	flush(f, s);
	expect_rendering(f, s, 1, "in use");
	store_close(s);
}

/* What is gone is told from what never was, for a day; and when it comes back it is not gone any more. */
static void what_was_evicted_is_known_for_a_day(void **state)
{
	struct fixture *f = *state;
	struct store *s =
		open_with(f, (struct store_conf){.lease_ms = 1000, .keep_ms = 3600 * 1000});
	struct original_key key = put_noise(f, s, 100, 1);

	flush(f, s);
	assert_false(original_is_gone(s, STR_NULL, str_from(key.hex)));
	pass_time(3600 * 1000 + 1);
	put(f, s, 1, "makes the writer look");
	flush(f, s);
	assert_true(original_is_gone(s, STR_NULL, str_from(key.hex)));
	assert_true(original_is_gone(s, STR_NULL, str_sub(str_from(key.hex), 0, 12)));
	assert_int_equal(get(f, s, key.hex), E_NOT_FOUND);
	assert_non_null(strstr(f->cx.text, ORIGINAL_EXPIRED));
	assert_int_equal(get(f, s, "0123456789abcdef01234567"), E_NOT_FOUND);
	assert_null(strstr(f->cx.text, ORIGINAL_EXPIRED));
	assert_false(original_is_gone(s, STR_NULL, STR("0123456789abcdef01234567")));
	assert_false(original_is_gone(s, STR_NULL, STR("no key")));
	put_noise(f, s, 100, 1);
	flush(f, s);
	assert_false(original_is_gone(s, STR_NULL, str_from(key.hex)));
	pass_time(3600 * 1000 + 1);
	put(f, s, 2, "again");
	flush(f, s);
	assert_true(original_is_gone(s, STR_NULL, str_from(key.hex)));
	pass_time((int64_t)24 * 3600 * 1000 + 1);
	assert_false(original_is_gone(s, STR_NULL, str_from(key.hex)));
	put(f, s, 3, "and the row goes");
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM gone"), 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TM(what_was_evicted_is_known_for_a_day),
		TM(originals_over_the_maximum_go_by_last_use),
		TM(leased_originals_stay_and_a_full_store_refuses_more),
		TM(a_rendering_in_use_keeps_its_original),
		TM(an_original_takes_its_renderings_with_it),
		TM(renderings_over_the_maximum_go_by_last_use),
		T(what_is_not_used_for_the_time_to_keep_is_deleted),
		T(a_smaller_maximum_deletes_step_by_step_and_gives_the_disk_back),
		T(the_time_to_keep_is_never_shorter_than_the_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
