#include "tests/unit/store_fixture.h"

static void a_rendering_is_read_back_whole(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct rendering r = rendering_of("gutter+reference"), got;
	bool was_there;

	memcpy(r.original, "0123456789abcdef01234567", 25);
	assert_int_equal(
		rendering_put(s, key_of(1), &r, STR("short"), &f->out, &was_there, &f->cx), E_OK);
	assert_false(was_there);
	assert_int_equal(f->out.n, 0);
	for (int i = 0; i < 3; i++) {
		buf_reset(&f->out);
		assert_int_equal(rendering_get(s, key_of(1), &got, &f->out, &f->cx), E_OK);
		assert_true(str_eq(buf_str(&f->out), STR("short")));
		assert_true(got.is_changed);
		assert_int_equal(got.loss, 1);
		assert_int_equal(got.tokens_before, 100);
		assert_int_equal(got.tokens_after, 50);
		assert_string_equal(got.label, "gutter+reference");
		assert_string_equal(got.original, "0123456789abcdef01234567");
		if (i == 0) {
			flush(f, s);
		} else if (i == 1) {
			store_close(s);
			s = open_default(f);
		}
	}
	store_close(s);
}

static void left_as_it_is_is_a_decision_too(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct rendering r = {.tokens_before = 7, .tokens_after = 7}, got;
	bool was_there;

	expect_no_rendering(f, s, 1);
	assert_int_equal(
		rendering_put(s, key_of(1), &r, STR_NULL, &f->out, &was_there, &f->cx), E_OK);
	store_close(s);
	s = open_default(f);
	assert_int_equal(rendering_get(s, key_of(1), &got, &f->out, &f->cx), E_OK);
	assert_false(got.is_changed);
	assert_int_equal(f->out.n, 0);
	store_close(s);
}

static void the_first_decision_wins_within_a_handle(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	assert_false(put(f, s, 1, "first"));
	assert_true(put(f, s, 1, "second"));
	assert_true(str_eq(buf_str(&f->out), STR("first")));
	flush(f, s);
	assert_true(put(f, s, 1, "third"));
	expect_rendering(f, s, 1, "first");
	store_close(s);
}

static void a_decision_of_another_handle_is_found_and_wins(void **state)
{
	struct fixture *f = *state;
	struct store *a = open_default(f), *b = open_default(f);
	struct hash128 keys[] = {key_of(1), key_of(2)};
	size_t lost_n;

	assert_false(put(f, a, 1, "from a"));
	flush(f, a);
	assert_true(put(f, b, 1, "from b"));
	assert_true(str_eq(buf_str(&f->out), STR("from a")));
	assert_false(put(f, b, 2, "from b"));
	assert_int_equal(rendering_settle(b, keys, 2, &lost_n, &f->cx), E_OK);
	assert_int_equal(lost_n, 0);
	expect_rendering(f, a, 2, "from b");
	store_close(a);
	store_close(b);
}

/* What is put without a look into the file loses all the same, and settling says so. */
static void an_unseen_decision_yields_to_one_that_came_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct store *a = open_default(f), *b = open_default(f);
	struct rendering r = rendering_of("tidy");
	struct hash128 key = key_of(1);
	bool was_there;
	size_t lost_n;

	expect_no_rendering(f, a, 1);
	assert_false(put(f, b, 1, "from b"));
	flush(f, b);
	assert_int_equal(
		rendering_put_unseen(a, key, &r, STR("from a"), &f->out, &was_there, &f->cx), E_OK);
	assert_false(was_there);
	assert_int_equal(rendering_settle(a, &key, 1, &lost_n, &f->cx), E_OK);
	assert_int_equal(lost_n, 1);
	expect_rendering(f, a, 1, "from b");
	buf_reset(&f->out);
	assert_int_equal(
		rendering_put_unseen(a, key, &r, STR("from a"), &f->out, &was_there, &f->cx), E_OK);
	assert_true(was_there);
	assert_true(str_eq(buf_str(&f->out), STR("from b")));
	store_close(a);
	store_close(b);
}

static void exec(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
}

/* Commits the decision for key 1 that another process made after s has made its own. */
static void let_them_be_first(struct fixture *f, struct store *s, const char *more_sql)
{
	struct fixture other = *f;
	struct store *theirs;
	char attach[200];
	sqlite3 *db;

	(void)snprintf(other.path, sizeof other.path, "%s/other.db", f->dir);
	buf_init(&other.out, STORE_TEXT_MAX);
	theirs = open_default(&other);
	put(&other, theirs, 1, "theirs");
	put(&other, theirs, 2, "the same");
	store_close(theirs);
	buf_release(&other.out);

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	(void)snprintf(attach, sizeof attach, "ATTACH '%s' AS other", other.path);
	exec(db, attach);
	exec(db, "BEGIN IMMEDIATE"); /* ours cannot be committed yet */
	assert_false(put(f, s, 1, "ours"));
	assert_false(put(f, s, 2, "the same"));
	assert_false(put(f, s, 3, "ours"));
	exec(db, "INSERT INTO main.rendering SELECT * FROM other.rendering");
	exec(db, more_sql);
	exec(db, "COMMIT");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void settle_tells_that_another_process_was_first(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct hash128 keys[] = {key_of(1), key_of(2), key_of(3)};
	struct store_stats st;
	size_t lost_n;

	let_them_be_first(f, s, "");
	assert_int_equal(rendering_settle(s, keys, 3, &lost_n, &f->cx), E_OK);
	assert_int_equal(lost_n, 1);
	expect_rendering(f, s, 1, "theirs");
	expect_rendering(f, s, 2, "the same");
	expect_rendering(f, s, 3, "ours");
	store_get_stats(s, &st);
	assert_int_equal(st.lost_n, 1);
	store_close(s);
}

static void to_lose_to_a_damaged_decision_is_to_leave_the_block(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct hash128 keys[] = {key_of(1)};
	size_t lost_n;

	let_them_be_first(f, s, "UPDATE main.rendering SET loss = 99");
	assert_int_equal(rendering_settle(s, keys, 1, &lost_n, &f->cx), E_OK);
	assert_int_equal(lost_n, 1);
	expect_rendering(f, s, 1, "");
	store_close(s);
}

static void two_handles_that_decide_at_once_agree_in_the_end(void **state)
{
	struct fixture *f = *state;
	struct store *a = open_default(f), *b = open_default(f);
	struct hash128 keys[200];
	size_t lost_n, put_n = 0;
	sqlite3 *lock;

	/* Nobody can commit while the lock is held, so both decide without seeing the other. */
	assert_int_equal(sqlite3_open(f->path, &lock), SQLITE_OK);
	assert_int_equal(sqlite3_exec(lock, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (uint64_t i = 0; i < ARRAY_N(keys); i++) {
		keys[i] = key_of(i);
		assert_false(put(f, a, i, "from a"));
		assert_false(put(f, b, i, i % 2 ? "from a" : "from b"));
		put_n++;
	}
	assert_int_equal(sqlite3_exec(lock, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(lock), SQLITE_OK);
	flush(f, a);
	flush(f, b);
	for (uint64_t i = 0; i < ARRAY_N(keys); i++) {
		struct rendering r;
		struct buf from_a;

		buf_init(&from_a, 100);
		assert_int_equal(rendering_get(a, keys[i], &r, &from_a, NULL), E_OK);
		buf_reset(&f->out);
		assert_int_equal(rendering_get(b, keys[i], &r, &f->out, NULL), E_OK);
		assert_true(str_eq(buf_str(&from_a), buf_str(&f->out)));
		buf_release(&from_a);
	}
	assert_int_equal(rendering_settle(a, keys, put_n, &lost_n, NULL), E_OK);
	if (!lost_n) /* then a was first everywhere */
		assert_int_equal(rendering_settle(b, keys, put_n, &lost_n, NULL), E_OK);
	assert_true(lost_n > 0 && lost_n <= ARRAY_N(keys) / 2);
	store_close(a);
	store_close(b);
}

static void damage_of_a_rendering_is_found(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct rendering r;
	static const char *const damage[] = {
		"UPDATE rendering SET loss = 2",
		"UPDATE rendering SET loss = 1, data = x'28b52ffd'",
		"UPDATE rendering SET text_bytes = -1",
		"UPDATE rendering SET label = 'a label that is much longer than any of ours'",
	};

	put(f, s, 1, "text");
	store_close(s);
	for (size_t i = 0; i < ARRAY_N(damage); i++) {
		sql(f, damage[i]);
		s = open_default(f);
		assert_int_equal(rendering_get(s, key_of(1), &r, &f->out, &f->cx), E_VERIFY);
		store_close(s);
	}
}

static void a_text_that_is_too_large_goes_as_it_came(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	char *big = noise(STORE_TEXT_MAX + 1, 1);
	struct rendering r = rendering_of("x");
	bool was_there;

	assert_int_equal(rendering_put(s, key_of(1), &r, (str){big, STORE_TEXT_MAX + 1}, &f->out,
				 &was_there, &f->cx),
		E_TOO_BIG);
	expect_rendering(f, s, 1, "");
	free(big);
	store_close(s);
}

static void an_arena_buffer_can_take_a_rendering(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct arena a = ARENA_INIT;
	struct rendering r;
	struct buf out;

	put(f, s, 1, "text");
	buf_init_arena(&out, &a, 100);
	assert_int_equal(rendering_get(s, key_of(1), &r, &out, &f->cx), E_OK);
	assert_true(str_eq(buf_str(&out), STR("text")));
	arena_release(&a);
	buf_init(&out, 3);
	assert_int_equal(rendering_get(s, key_of(1), &r, &out, &f->cx), E_TOO_BIG);
	buf_release(&out);
	store_close(s);
}

static void a_small_cache_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.cache_bytes_max = 10000});
	char text[2000];

	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	for (uint64_t i = 0; i < 500; i++)
		put(f, s, i, text);
	for (int round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < 500; i++)
			expect_rendering(f, s, i, text);
		flush(f, s);
	}
	store_close(s);
}

/* Many at once are written as they are first, and packed when nothing comes; at the latest before the handle is closed. */
static void what_was_written_as_it_is_is_packed_later(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f), *other;
	static char text[8000];

	for (size_t i = 0; i + 1 < sizeof text; i++)
		text[i] = "a line of source code\n"[i % 22];
	for (uint64_t i = 0; i < 100; i++)
		put(f, s, i, text);
	flush(f, s);
	other = open_default(f);
	for (uint64_t i = 0; i < 100; i++)
		expect_rendering(f, other, i, text);
	store_close(other);
	store_close(s);
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering WHERE length(data) < 200"), 100);
	assert_int_equal(sql(f, "SELECT sum(bytes) FROM rendering"),
		sql(f, "SELECT bytes FROM total WHERE name = 'rendering'"));
	assert_int_equal(sql(f, "SELECT sum(length(data) + 128) FROM rendering"),
		sql(f, "SELECT bytes FROM total WHERE name = 'rendering'"));
}

/* What a process left that was killed before it packed. */
static void a_text_as_it_is_is_read(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct rendering got;

	put(f, s, 1, "as it is");
	put(f, s, 2, "damaged");
	store_close(s);
	sql(f, "UPDATE rendering SET data = CAST('as it is' AS BLOB) WHERE text_bytes = 8");
	sql(f, "UPDATE rendering SET data = CAST('dammaged' AS BLOB) WHERE text_bytes = 7");
	s = open_default(f);
	expect_rendering(f, s, 1, "as it is");
	assert_int_equal(rendering_get(s, key_of(2), &got, &f->out, &f->cx), E_VERIFY);
	store_close(s);
	sql(f, "UPDATE rendering SET data = CAST('demaged' AS BLOB) WHERE text_bytes = 7");
	s = open_default(f);
	assert_int_equal(rendering_get(s, key_of(2), &got, &f->out, &f->cx), E_VERIFY);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_rendering_is_read_back_whole),
		T(left_as_it_is_is_a_decision_too),
		TM(the_first_decision_wins_within_a_handle),
		T(a_decision_of_another_handle_is_found_and_wins),
		T(an_unseen_decision_yields_to_one_that_came_meanwhile),
		T(settle_tells_that_another_process_was_first),
		T(to_lose_to_a_damaged_decision_is_to_leave_the_block),
		T(two_handles_that_decide_at_once_agree_in_the_end),
		T(damage_of_a_rendering_is_found),
		TM(a_text_that_is_too_large_goes_as_it_came),
		TM(an_arena_buffer_can_take_a_rendering),
		TM(a_small_cache_loses_nothing),
		T(what_was_written_as_it_is_is_packed_later),
		T(a_text_as_it_is_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
