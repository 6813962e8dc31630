/* Two stores and what they share: decisions, originals, and what retrievals teach, by a peer in memory. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/store/feedback.h"
#include "tests/unit/shelf.h"

static void the_first_decision_of_two_machines_stands_on_both(void **state)
{
	static struct shelf shelf = {.lock = PTHREAD_MUTEX_INITIALIZER};
	const struct store_peer p = shelf_peer(&shelf);
	struct store *a = store_with(&p), *b = store_with(&p);
	struct store_peer_stats st;

	(void)state;
	assert_int_equal(decide(a, 1, "from a"), 0);
	assert_int_equal(decide(b, 1, "from b"), 1);
	sends(a, 1, "from a");
	sends(b, 1, "from a");
	assert_int_equal(decide(b, 2, "the same"), 0);
	assert_int_equal(decide(a, 2, "the same"), 0);
	store_get_peer_stats(b, &st);
	assert_int_equal(st.yielded_n, 1);
	keep(a, "what a tool has printed");
	assert_int_equal(has(b, "what a tool has printed"), E_OK);
	/* What b got is b's own from now on, and so is the decision that it has lost to. */
	assert_int_equal(store_flush(b, NULL), E_OK);
	shelf_empty(&shelf, true);
	assert_int_equal(has(b, "what a tool has printed"), E_OK);
	sends(b, 1, "from a");
	sends(b, 3, NULL);
	store_close(a);
	store_close(b);
	shelf_empty(&shelf, false);
}

static void what_was_decided_alone_is_told_later(void **state)
{
	static struct shelf shelf = {.lock = PTHREAD_MUTEX_INITIALIZER, .is_away = true};
	const struct store_peer p = shelf_peer(&shelf);
	struct store *a = store_with(&p), *b = store_with(&p);
	struct store_peer_stats st;

	(void)state;
	assert_true(rendering_is_unsure(b));
	assert_int_equal(decide(a, 1, "alone"), 0);
	keep(a, "printed meanwhile");
	assert_int_equal(has(b, "printed meanwhile"), E_NOT_FOUND);
	for (int i = 0; i < 2; i++) { /* when it is back, and when it has lost all */
		shelf_empty(&shelf, false);
		i ? store_peer_emptied(a) : store_peer_woke(a);
		do {
			(void)usleep(1000);
			store_get_peer_stats(a, &st);
		} while (st.is_late);
		assert_int_equal(shelf.n, 2);
	}
	assert_int_equal(st.late_n, 4);
	assert_true(!rendering_is_unsure(b) && rendering_is_unsure(a)); /* it was just told to a */
	sends(b, 1, "alone");
	assert_int_equal(has(b, "printed meanwhile"), E_OK);
	/* What is damaged there is not there. */
	pthread_mutex_lock(&shelf.lock);
	for (size_t i = 0; i < shelf.n; i++)
		shelf.v[i].value.p[shelf.v[i].value.n - 1] ^= 1;
	pthread_mutex_unlock(&shelf.lock);
	store_close(b);
	b = store_with(&p);
	sends(b, 1, NULL);
	assert_int_equal(has(b, "printed meanwhile"), E_NOT_FOUND);
	store_close(a);
	store_close(b);
	shelf_empty(&shelf, false);
}

static void what_is_in_use_and_was_dropped_there_is_put_there_again(void **state)
{
	static struct shelf shelf = {.lock = PTHREAD_MUTEX_INITIALIZER};
	const struct store_peer p = shelf_peer(&shelf);
	struct original_key key = original_key_of(STR("what a tool has printed"));
	struct store *a = store_with(&p), *b = store_with(&p);
	struct store_peer_stats st;

	(void)state;
	keep(a, "what a tool has printed");
	assert_int_equal(decide(a, 1, "what is sent"), 0);
	rendering_use(a, (struct hash128){.lo = 1, .hi = 1}, str_from(key.hex));
	assert_int_equal(store_flush(a, NULL), E_OK);
	store_get_peer_stats(a, &st);
	assert_int_equal(st.again_n, 0);
	shelf_empty(&shelf, false);
	rendering_use(a, (struct hash128){.lo = 1, .hi = 1}, str_from(key.hex));
	rendering_use(a, (struct hash128){.lo = 2, .hi = 1}, STR("")); /* is nowhere */
	assert_int_equal(store_flush(a, NULL), E_OK);
	store_get_peer_stats(a, &st);
	assert_int_equal(st.again_n, 2);
	assert_int_equal(has(b, "what a tool has printed"), E_OK);
	sends(b, 1, "what is sent");
	shelf_empty(&shelf, false);
	original_use(a, str_from(key.hex));
	assert_int_equal(store_flush(a, NULL), E_OK);
	assert_int_equal(shelf.n, 1);
	store_close(a);
	store_close(b);
	shelf_empty(&shelf, false);
}

/* ---- what retrievals teach ----------------------------------------------------------------------------- */

static const struct feedback_key pytest = {STR("Bash"), STR("log"), STR("log/pytest")};

static void leaves_out(struct store *s, unsigned n)
{
	char original[ORIGINAL_KEY_LEN + 1];

	(void)snprintf(original, sizeof original, "%024x", n);
	assert_int_equal(feedback_elided(s, &pytest, original, FEEDBACK_NORMAL, NULL), E_OK);
	assert_int_equal(store_flush(s, NULL), E_OK);
}

static void asks_for(struct store *s, unsigned n)
{
	char original[ORIGINAL_KEY_LEN + 1];

	(void)snprintf(original, sizeof original, "%024x", n);
	assert_int_equal(feedback_retrieved(s, str_from(original), true, NULL), E_OK);
	assert_int_equal(store_flush(s, NULL), E_OK);
}

static void take_row(void *self, const struct feedback_row *row)
{
	*(struct feedback_row *)self = *row;
}

/* Lets the store hear others. False, once: that takes too long. */
static bool hears(struct store *s, unsigned *tries)
{
	store_peer_woke(s);
	(void)usleep(1000);
	return ++*tries < LONG_MS;
}

/* Waits until the store has counted so much. */
static void comes_to(
	struct store *s, uint64_t elided, uint64_t retrieved, enum feedback_level level)
{
	struct feedback_row row;
	unsigned tries = 0;

	do {
		row = (struct feedback_row){0};
		assert_true(hears(s, &tries));
		assert_int_equal(feedback_each(s, STR(""), take_row, &row, NULL), E_OK);
	} while (row.elided < elided || row.retrieved < retrieved);
	assert_int_equal(row.elided, elided);
	assert_int_equal(row.retrieved, retrieved);
	assert_int_equal(row.level, level);
}

/* Waits until the store has taken in so many events of others; how many it has said. */
static uint64_t heard(struct store *s, uint64_t n)
{
	struct store_peer_stats st;
	unsigned tries = 0;

	do {
		assert_true(hears(s, &tries));
		store_get_peer_stats(s, &st);
	} while (st.heard_n < n);
	assert_int_equal(st.heard_n, n);
	return st.said_n;
}

static void what_one_leaves_out_and_others_are_asked_for_teaches_all(void **state)
{
	static struct shelf shelf = {.lock = PTHREAD_MUTEX_INITIALIZER};
	const struct store_peer p = shelf_peer(&shelf);
	struct store *a = store_with(&p), *b = store_with(&p), *c;

	(void)state;
	for (unsigned i = 0; i < FEEDBACK_SAMPLES; i++)
		leaves_out(a, i);
	for (unsigned i = 0; i < FEEDBACK_SAMPLES; i += 2)
		asks_for(b, i); /* at once: what is asked for was heard of before */
	comes_to(b, FEEDBACK_SAMPLES, FEEDBACK_SAMPLES / 2, FEEDBACK_NORMAL);
	comes_to(a, FEEDBACK_SAMPLES, FEEDBACK_SAMPLES / 2, FEEDBACK_NORMAL);
	shelf_empty(&shelf, true);
	asks_for(b, 1);
	comes_to(b, FEEDBACK_SAMPLES, FEEDBACK_SAMPLES / 2 + 1, FEEDBACK_GENTLE);
	comes_to(a, FEEDBACK_SAMPLES, FEEDBACK_SAMPLES / 2, FEEDBACK_NORMAL);
	shelf_empty(&shelf, false);
	store_peer_woke(b);
	comes_to(a, FEEDBACK_SAMPLES, FEEDBACK_SAMPLES / 2 + 1, FEEDBACK_GENTLE);
	c = store_with(&p); /* one that comes later learns it, too */
	comes_to(c, FEEDBACK_SAMPLES, FEEDBACK_SAMPLES / 2 + 1, FEEDBACK_GENTLE);
	assert_int_equal(heard(c, FEEDBACK_SAMPLES + FEEDBACK_SAMPLES / 2 + 1), 0);
	assert_int_equal(feedback_reset(c, STR("Bash"), NULL), E_OK);
	leaves_out(c, 100);
	comes_to(c, 1, 0, FEEDBACK_NORMAL);
	assert_int_equal(heard(a, FEEDBACK_SAMPLES / 2 + 3), FEEDBACK_SAMPLES);
	comes_to(a, 1, 0, FEEDBACK_NORMAL);
	store_close(a);
	store_close(b);
	store_close(c);
}

static void what_was_heard_is_counted_once_by_the_processes_of_a_file_and_after_a_restart(
	void **state)
{
	static struct shelf shelf = {.lock = PTHREAD_MUTEX_INITIALIZER};
	const struct store_peer p = shelf_peer(&shelf);
	char dir[] = "/tmp/headroom-share-XXXXXX", path[64], command[64];
	struct store *a = store_with(&p), *b, *c;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/store.db", dir);
	b = store_at(&p, path);
	c = store_at(&p, path);
	leaves_out(b, 1000);
	leaves_out(c, 1001);
	for (unsigned i = 0; i < 300; i++)
		leaves_out(a, i);
	comes_to(b, 302, 0, FEEDBACK_NORMAL);
	asks_for(c, 1); /* which makes it hear what b has heard */
	comes_to(c, 302, 1, FEEDBACK_NORMAL);
	store_close(b);
	b = store_at(&p, path);
	leaves_out(a, 2000);
	comes_to(b, 303, 1, FEEDBACK_NORMAL);
	comes_to(c, 303, 1, FEEDBACK_NORMAL);
	comes_to(a, 303, 1, FEEDBACK_NORMAL);
	store_close(a);
	store_close(b);
	store_close(c);
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void what_is_no_event_is_passed_over(void **state)
{
	static const char *const lines[] = {"", "1", "1\te", "2\tx\t", "1\tx\t\t", "1\ty\tBash",
		"1\te\t9\t000000000000000000000001\tBash\tlog\tlog",
		"1\te\t0\t00000000000000000000000g\tBash\tlog\tlog",
		"1\te\t0\t0001\tBash\tlog\tlog", "1\te\t0\t000000000000000000000001\tBash\tlog",
		"1\tr\t0001\t1", "1\tr\t000000000000000000000001\t2",
		"1\te\t0\t000000000000000000000001\tBash\tlog\tlog/pytest"};
	static struct shelf shelf = {.lock = PTHREAD_MUTEX_INITIALIZER};
	const struct store_peer p = shelf_peer(&shelf);
	struct store *a;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(lines); i++)
		assert_true(shelf_say(&shelf, STR("other"), (str){lines[i], strlen(lines[i])}) ||
			    !*lines[i]);
	a = store_with(&p);
	comes_to(a, 1, 0, FEEDBACK_NORMAL);
	(void)heard(a, 1);
	store_close(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_decision_of_two_machines_stands_on_both),
		cmocka_unit_test(what_was_decided_alone_is_told_later),
		cmocka_unit_test(what_is_in_use_and_was_dropped_there_is_put_there_again),
		cmocka_unit_test(what_one_leaves_out_and_others_are_asked_for_teaches_all),
		cmocka_unit_test(
			what_was_heard_is_counted_once_by_the_processes_of_a_file_and_after_a_restart),
		cmocka_unit_test(what_is_no_event_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
