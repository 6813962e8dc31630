/* What the tests of the store share: a store in a directory of its own, under a clock that stands still. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/store/original.h"
#include "core/store/rendering.h"

/* A time that stands still until the test moves it. */
static int64_t fake_ms;

static inline int64_t fake_wall(void *self)
{
	(void)self;
	return __atomic_load_n(&fake_ms, __ATOMIC_RELAXED);
}

static inline int64_t fake_monotonic(void *self)
{
	return fake_wall(self) * 1000000;
}

static inline void fake_random(void *self, void *out, size_t n)
{
	(void)self;
	memset(out, 0, n);
}

static const struct clock fake_clock = {fake_wall, fake_monotonic, fake_random, NULL};

static inline void pass_time(int64_t ms)
{
	__atomic_fetch_add(&fake_ms, ms, __ATOMIC_RELAXED);
}

struct fixture {
	bool is_in_memory; /* stores are opened without a file */
	char dir[64], path[128];
	struct errctx cx;
	struct buf out;
};

static inline struct store *open_with(struct fixture *f, struct store_conf conf)
{
	struct store *s;

	conf.path = f->path;
	conf.is_in_memory = f->is_in_memory;
	/* A busy machine is no reason to fail; tests of being slow give their own. */
	if (!conf.decision_ms)
		conf.decision_ms = 60 * 1000;
	if (!conf.clock)
		conf.clock = &fake_clock;
	if (store_open(&conf, &s, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	if (f->is_in_memory) /* where sql() finds it while it is open */
		(void)snprintf(f->path, sizeof f->path, "file:/headroom-%" PRIxPTR "?vfs=memdb",
			(uintptr_t)s);
	return s;
}

static inline struct store *open_default(struct fixture *f)
{
	return open_with(f, (struct store_conf){0});
}

static inline void flush(struct fixture *f, struct store *s)
{
	if (store_flush(s, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
}

/* n bytes that do not compress and differ by seed. */
static inline char *noise(size_t n, uint64_t seed)
{
	char *p = malloc(n + 1);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = (char)(seed >> 56);
	}
	return p;
}

static inline struct original_key put_noise(
	struct fixture *f, struct store *s, size_t n, uint64_t seed)
{
	char *text = noise(n, seed);
	struct original_key key = original_key_of((str){text, n});

	if (original_put(s, (str){text, n}, &key, STR("Read"), &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	free(text);
	return key;
}

/* Keeps a text; *key may be NULL. */
static inline enum err keep_text(
	struct store *s, str text, str tool, struct original_key *key, struct errctx *cx)
{
	struct original_key own = original_key_of(text);

	if (key)
		*key = own;
	return original_put(s, text, &own, tool, cx);
}

static inline enum err get(struct fixture *f, struct store *s, const char *prefix)
{
	buf_reset(&f->out);
	return original_get(s, str_from(prefix), &f->out, &f->cx);
}

static inline struct hash128 key_of(uint64_t n)
{
	return hash128((str){(const char *)&n, sizeof n});
}

static inline struct rendering rendering_of(const char *label)
{
	struct rendering r = {
		.is_changed = true, .loss = 1, .tokens_before = 100, .tokens_after = 50};

	(void)snprintf(r.label, sizeof r.label, "%s", label);
	return r;
}

/* True when another decision was there. */
static inline bool put(struct fixture *f, struct store *s, uint64_t key, const char *text)
{
	struct rendering r = rendering_of("test");
	bool was_there;

	buf_reset(&f->out);
	if (rendering_put(s, key_of(key), &r, str_from(text), &f->out, &was_there, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	return was_there;
}

static inline void expect_rendering(
	struct fixture *f, struct store *s, uint64_t key, const char *text)
{
	struct rendering r;

	buf_reset(&f->out);
	if (rendering_get(s, key_of(key), &r, &f->out, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	assert_true(str_eq_c(buf_str(&f->out), text));
}

static inline void expect_no_rendering(struct fixture *f, struct store *s, uint64_t key)
{
	struct rendering r;

	assert_int_equal(rendering_get(s, key_of(key), &r, &f->out, &f->cx), E_NOT_FOUND);
}

/* SQL behind the store's back: the first column of the first row, valid until the next call. */
static inline const char *sql_text(struct fixture *f, const char *text)
{
	static char value[256];
	sqlite3 *db;
	sqlite3_stmt *stmt;

	*value = '\0';
	assert_int_equal(
		sqlite3_open_v2(f->path, &db,
			SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL),
		SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		(void)snprintf(
			value, sizeof value, "%s", (const char *)sqlite3_column_text(stmt, 0));
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return value;
}

static inline int64_t sql(struct fixture *f, const char *text)
{
	return strtoll(sql_text(f, text), NULL, 10);
}

static inline int set_up(void **state)
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

static inline int set_up_memory(void **state)
{
	int rc = set_up(state);

	if (rc == 0)
		((struct fixture *)*state)->is_in_memory = true;
	return rc;
}

static inline int tear_down(void **state)
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
/* The same test on a store in memory. */
#define MEMORY(name)                                                       \
	{                                                                  \
#name " (in memory)", name, set_up_memory, tear_down, NULL \
	}
/* Both. */
#define TM(name) T(name), MEMORY(name)

#endif
