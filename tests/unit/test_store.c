#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/store/original.h"
#include "core/store/rendering.h"

/* A time that stands still until the test moves it. */
static int64_t fake_ms;

static int64_t fake_wall(void *self)
{
	(void)self;
	return __atomic_load_n(&fake_ms, __ATOMIC_RELAXED);
}

static int64_t fake_monotonic(void *self)
{
	return fake_wall(self) * 1000000;
}

static void fake_random(void *self, void *out, size_t n)
{
	(void)self;
	memset(out, 0, n);
}

static const struct clock fake_clock = {fake_wall, fake_monotonic, fake_random, NULL};

static void pass_time(int64_t ms)
{
	__atomic_fetch_add(&fake_ms, ms, __ATOMIC_RELAXED);
}

struct fixture {
	char dir[64], path[128];
	struct errctx cx;
	struct buf out;
};

static struct store *open_with(struct fixture *f, struct store_conf conf)
{
	struct store *s;

	conf.path = f->path;
	if (!conf.clock)
		conf.clock = &fake_clock;
	if (store_open(&conf, &s, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	return s;
}

static struct store *open_default(struct fixture *f)
{
	return open_with(f, (struct store_conf){0});
}

static void flush(struct fixture *f, struct store *s)
{
	if (store_flush(s, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
}

/* n bytes that do not compress and differ by seed. */
static char *noise(size_t n, uint64_t seed)
{
	char *p = malloc(n + 1);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = (char)(seed >> 56);
	}
	return p;
}

static struct original_key put_noise(struct fixture *f, struct store *s, size_t n, uint64_t seed)
{
	char *text = noise(n, seed);
	struct original_key key;

	if (original_put(s, (str){text, n}, STR("Read"), &key, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	free(text);
	return key;
}

static enum err get(struct fixture *f, struct store *s, const char *prefix)
{
	buf_reset(&f->out);
	return original_get(s, str_from(prefix), &f->out, &f->cx);
}

static struct hash128 key_of(uint64_t n)
{
	return hash128((str){(const char *)&n, sizeof n});
}

static struct rendering rendering_of(const char *label)
{
	struct rendering r = {
		.is_changed = true, .loss = 1, .tokens_before = 100, .tokens_after = 50};

	(void)snprintf(r.label, sizeof r.label, "%s", label);
	return r;
}

/* True when another decision was there. */
static bool put(struct fixture *f, struct store *s, uint64_t key, const char *text)
{
	struct rendering r = rendering_of("test");
	bool was_there;

	buf_reset(&f->out);
	if (rendering_put(s, key_of(key), &r, str_from(text), &f->out, &was_there, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	return was_there;
}

static void expect_rendering(struct fixture *f, struct store *s, uint64_t key, const char *text)
{
	struct rendering r;

	buf_reset(&f->out);
	if (rendering_get(s, key_of(key), &r, &f->out, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	assert_true(str_eq_c(buf_str(&f->out), text));
}

static void expect_no_rendering(struct fixture *f, struct store *s, uint64_t key)
{
	struct rendering r;

	assert_int_equal(rendering_get(s, key_of(key), &r, &f->out, &f->cx), E_NOT_FOUND);
}

/* SQL behind the store's back. */
static int64_t sql(struct fixture *f, const char *text)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int64_t value = 0;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int64(stmt, 0);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return value;
}

/* ---- file ---- */

static void the_file_is_private_and_made_with_its_directory(void **state)
{
	struct fixture *f = *state;
	char sub[192];
	struct stat st;
	struct store *s;
	static const char *const files[] = {"", "-wal", "-shm"};

	(void)snprintf(f->path, sizeof f->path, "%s/a/b/store.db", f->dir);
	s = open_default(f);
	put(f, s, 1, "x");
	flush(f, s);
	for (size_t i = 0; i < ARRAY_N(files); i++) {
		(void)snprintf(sub, sizeof sub, "%s%s", f->path, files[i]);
		assert_int_equal(stat(sub, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	(void)snprintf(sub, sizeof sub, "%s/a", f->dir);
	assert_int_equal(stat(sub, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	store_close(s);
}

static void a_file_that_others_may_read_is_made_private(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	store_close(open_default(f));
	assert_int_equal(chmod(f->path, 0644), 0);
	store_close(open_default(f));
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_newer_schema_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path};
	struct store *s;

	store_close(open_default(f));
	sql(f, "PRAGMA user_version = 99");
	assert_int_equal(store_open(&conf, &s, &f->cx), E_UNSUPPORTED);
	assert_null(s);
	assert_non_null(strstr(f->cx.text, "newer headroom (schema 99"));
	assert_int_equal(sql(f, "PRAGMA user_version"), 99);
}

static void a_database_of_another_program_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path};
	struct store *s;

	sql(f, "CREATE TABLE theirs (x)");
	assert_int_equal(store_open(&conf, &s, &f->cx), E_CONFIG);
	assert_int_equal(sql(f, "SELECT count(*) FROM sqlite_schema"), 1);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path};
	struct store *s;
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		(void)fputs("not a database ", file);
	(void)fclose(file);
	assert_int_equal(store_open(&conf, &s, &f->cx), E_CONFIG);
}

static void a_read_only_handle_reads_and_refuses_to_write(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path, .is_read_only = true};
	struct original_key key;
	struct rendering r = rendering_of("x");
	struct store *s;
	bool was_there;

	assert_int_equal(store_open(&conf, &s, &f->cx), E_NOT_FOUND);
	s = open_default(f);
	key = put_noise(f, s, 100, 1);
	put(f, s, 1, "text");
	store_close(s);
	s = open_with(f, conf);
	assert_int_equal(get(f, s, key.hex), E_OK);
	expect_rendering(f, s, 1, "text");
	assert_int_equal(original_put(s, STR("new"), STR(""), &key, &f->cx), E_PERMISSION);
	assert_int_equal(rendering_put(s, key_of(2), &r, STR("new"), &f->out, &was_there, &f->cx),
		E_PERMISSION);
	assert_int_equal(store_flush(s, &f->cx), E_OK);
	store_close(s);
}

/* ---- originals ---- */

static void an_original_is_read_back_before_and_after_it_is_on_disk(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct original_key key;
	str text = STR("the quick brown fox\0jumps");

	assert_int_equal(original_put(s, text, STR("Bash"), &key, &f->cx), E_OK);
	assert_string_equal(key.hex, original_key_of(text).hex);
	assert_int_equal(get(f, s, key.hex), E_OK);
	assert_true(str_eq(buf_str(&f->out), text));
	flush(f, s);
	assert_int_equal(get(f, s, key.hex), E_OK);
	assert_true(str_eq(buf_str(&f->out), text));
	store_close(s);
	s = open_default(f);
	assert_int_equal(get(f, s, key.hex), E_OK);
	assert_true(str_eq(buf_str(&f->out), text));
	store_close(s);
}

static void an_empty_and_a_large_original_are_kept(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	char *big = noise(STORE_TEXT_MAX + 1, 7);
	struct original_key empty, large;

	assert_int_equal(original_put(s, STR_NULL, STR_NULL, &empty, &f->cx), E_OK);
	assert_int_equal(original_put(s, (str){big, 5000000}, STR("x"), &large, &f->cx), E_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(get(f, s, empty.hex), E_OK);
		assert_int_equal(f->out.n, 0);
		assert_int_equal(get(f, s, large.hex), E_OK);
		assert_true(str_eq(buf_str(&f->out), (str){big, 5000000}));
		flush(f, s);
	}
	assert_int_equal(
		original_put(s, (str){big, STORE_TEXT_MAX + 1}, STR("x"), NULL, &f->cx), E_TOO_BIG);
	free(big);
	store_close(s);
}

static void the_same_text_is_kept_once(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct store_stats st;

	for (int i = 0; i < 3; i++)
		put_noise(f, s, 1000, 1);
	flush(f, s);
	put_noise(f, s, 1000, 1);
	flush(f, s);
	store_get_stats(s, &st);
	assert_int_equal(st.originals_n, 1);
	store_close(s);
}

static void prefixes_of_12_to_64_digits_in_either_case_find_it(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	char hex[SHA256_HEX + 1], *text = noise(300, 3);

	put_noise(f, s, 300, 3);
	put_noise(f, s, 300, 4);
	sha256_hex((str){text, 300}, hex);
	for (int round = 0; round < 2; round++) {
		for (size_t n = ORIGINAL_PREFIX_MIN; n <= SHA256_HEX; n++) {
			buf_reset(&f->out);
			assert_int_equal(original_get(s, (str){hex, n}, &f->out, &f->cx), E_OK);
			assert_memory_equal(f->out.p, text, 300);
		}
		flush(f, s);
	}
	for (char *p = hex; *p; p++)
		if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	assert_int_equal(get(f, s, hex), E_OK);
	free(text);
	store_close(s);
}

static void what_is_no_key_is_malformed_and_unknown_ones_are_not_found(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	assert_int_equal(get(f, s, ""), E_MALFORMED);
	assert_int_equal(get(f, s, "0123456789a"), E_MALFORMED);
	assert_int_equal(get(f, s, "0123456789ag"), E_MALFORMED);
	assert_int_equal(get(f, s, "../../etc/passwd"), E_MALFORMED);
	assert_int_equal(get(f, s, "0123456789ab"), E_NOT_FOUND);
	store_close(s);
}

static void two_originals_that_begin_alike_are_ambiguous(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	put_noise(f, s, 100, 1);
	put_noise(f, s, 100, 2);
	flush(f, s);
	sql(f, "UPDATE original SET sha = CAST(x'aaaaaaaaaaaa' || substr(sha, 7) AS BLOB)");
	assert_int_equal(get(f, s, "aaaaaaaaaaaa"), E_FAILED);
	store_close(s);
}

static void damage_of_an_original_is_found(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct original_key a = put_noise(f, s, 100, 1), b = put_noise(f, s, 100, 2);

	flush(f, s);
	sql(f, "UPDATE original SET data = (SELECT data FROM original WHERE id = 2)");
	assert_int_equal(get(f, s, a.hex), E_VERIFY);
	assert_int_equal(get(f, s, b.hex), E_OK);
	sql(f, "UPDATE original SET data = x'00010203'");
	assert_int_equal(get(f, s, b.hex), E_VERIFY);
	sql(f, "UPDATE original SET text_bytes = 1000000000000");
	assert_int_equal(get(f, s, b.hex), E_VERIFY);
	store_close(s);
}

/* ---- renderings ---- */

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

static void the_first_decision_wins_across_handles_after_settle(void **state)
{
	struct fixture *f = *state;
	struct store *a = open_default(f), *b = open_default(f);
	struct hash128 keys[] = {key_of(1), key_of(2), key_of(3)};
	struct store_stats st;
	size_t lost_n;

	assert_false(put(f, a, 1, "from a"));
	assert_false(put(f, a, 3, "the same"));
	flush(f, a);
	assert_true(put(f, b, 1, "from b"));
	assert_true(str_eq(buf_str(&f->out), STR("from a")));
	assert_false(put(f, b, 2, "from b"));
	/* Slip one in between b's look and b's commit. */
	sql(f, "UPDATE rendering SET key = key");
	assert_int_equal(rendering_settle(b, keys, 2, &lost_n, &f->cx), E_OK);
	assert_int_equal(lost_n, 0);
	store_get_stats(b, &st);
	assert_int_equal(st.lost_n, 0);
	store_close(a);
	store_close(b);
}

static void a_decision_that_lost_is_replaced_by_the_winner(void **state)
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

static void a_settled_lost_decision_is_never_seen_again(void **state)
{
	struct fixture *f = *state;
	struct store *a = open_default(f), *b = open_default(f);
	struct hash128 key = key_of(1);
	size_t lost_n;
	sqlite3 *lock;

	assert_int_equal(sqlite3_open(f->path, &lock), SQLITE_OK);
	assert_int_equal(sqlite3_exec(lock, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_false(put(f, b, 1, "from b"));
	/* The decision of "a", as its writer would have committed it. */
	assert_int_equal(sqlite3_exec(lock, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(lock), SQLITE_OK);
	flush(f, b);
	assert_true(put(f, a, 1, "from a"));
	assert_int_equal(rendering_settle(a, &key, 1, &lost_n, NULL), E_OK);
	expect_rendering(f, a, 1, "from b");
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

/* ---- how long things are kept ---- */

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
	assert_int_equal(original_put(s, STR("more"), STR(""), NULL, &f->cx), E_BUSY);
	for (uint64_t i = 0; i < ARRAY_N(keys); i++)
		assert_int_equal(get(f, s, keys[i].hex), E_OK);
	pass_time(LEASE + 1);
	assert_int_equal(original_put(s, STR("more"), STR(""), NULL, &f->cx), E_BUSY);
	while (original_put(s, STR("more"), STR(""), NULL, NULL) == E_BUSY)
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

/* ---- setup ---- */

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (!f)
		return -1;
	(void)snprintf(f->dir, sizeof f->dir, "/tmp/headroom-test-store-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	(void)snprintf(f->path, sizeof f->path, "%s/store.db", f->dir);
	buf_init(&f->out, STORE_TEXT_MAX);
	fake_ms = 1700000000000;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char cmd[128];
	int rc;

	buf_release(&f->out);
	(void)snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
	rc = system(cmd);
	free(f);
	return rc;
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_file_is_private_and_made_with_its_directory),
		T(a_file_that_others_may_read_is_made_private),
		T(a_newer_schema_is_refused_and_left_alone),
		T(a_database_of_another_program_is_refused),
		T(a_file_that_is_no_database_is_refused),
		T(a_read_only_handle_reads_and_refuses_to_write),
		T(an_original_is_read_back_before_and_after_it_is_on_disk),
		T(an_empty_and_a_large_original_are_kept),
		T(the_same_text_is_kept_once),
		T(prefixes_of_12_to_64_digits_in_either_case_find_it),
		T(what_is_no_key_is_malformed_and_unknown_ones_are_not_found),
		T(two_originals_that_begin_alike_are_ambiguous),
		T(damage_of_an_original_is_found),
		T(a_rendering_is_read_back_whole),
		T(left_as_it_is_is_a_decision_too),
		T(the_first_decision_wins_within_a_handle),
		T(the_first_decision_wins_across_handles_after_settle),
		T(a_decision_that_lost_is_replaced_by_the_winner),
		T(a_settled_lost_decision_is_never_seen_again),
		T(damage_of_a_rendering_is_found),
		T(an_arena_buffer_can_take_a_rendering),
		T(a_small_cache_loses_nothing),
		T(originals_over_the_maximum_go_by_last_use),
		T(leased_originals_stay_and_a_full_store_refuses_more),
		T(a_rendering_in_use_keeps_its_original),
		T(an_original_takes_its_renderings_with_it),
		T(renderings_over_the_maximum_go_by_last_use),
		T(what_is_not_used_for_the_time_to_keep_is_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
