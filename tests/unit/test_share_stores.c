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
#include "core/store/original.h"
#include "core/store/peer.h"
#include "core/store/rendering.h"

enum { LONG_MS = 20000 };

/* ---- a peer in memory ---------------------------------------------------------------------------------- */

enum { VALUES = 32, EVENTS = 2048, EVENT_MAX = 256 };

struct shelf {
	pthread_mutex_t lock;
	bool is_away;
	size_t n;
	struct {
		enum peer_kind kind;
		char key[PEER_KEY_MAX + 1];
		struct buf value;
	} v[VALUES];
	size_t events_n;
	struct {
		char origin[PEER_ID_MAX + 1], line[EVENT_MAX];
	} events[EVENTS];
};

static enum err shelf_get(
	void *self, enum peer_kind kind, str prefix, char key[PEER_KEY_MAX + 1], struct buf *out)
{
	struct shelf *s = self;
	enum err err = E_NOT_FOUND;

	pthread_mutex_lock(&s->lock);
	if (s->is_away)
		err = E_UNAVAILABLE;
	for (size_t i = 0; i < s->n && err == E_NOT_FOUND; i++)
		if (s->v[i].kind == kind && str_starts(str_from(s->v[i].key), prefix)) {
			memcpy(key, s->v[i].key, sizeof s->v[i].key);
			buf_add(out, buf_str(&s->v[i].value));
			err = E_OK;
		}
	pthread_mutex_unlock(&s->lock);
	return err;
}

static void shelf_put(void *self, struct peer_item *items, size_t n)
{
	struct shelf *s = self;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < n && !s->is_away; i++) {
		size_t at = 0;

		while (at < s->n && strcmp(s->v[at].key, items[i].key) != 0)
			at++;
		items[i].is_done = true;
		if (at < s->n && !str_eq(buf_str(&s->v[at].value), items[i].value))
			buf_add(&items[i].there, buf_str(&s->v[at].value));
		if (at < s->n)
			continue;
		assert_true(s->n < VALUES);
		s->v[at].kind = items[i].kind;
		memcpy(s->v[at].key, items[i].key, sizeof s->v[at].key);
		buf_init(&s->v[at].value, 100000);
		buf_add(&s->v[at].value, items[i].value);
		s->n++;
	}
	pthread_mutex_unlock(&s->lock);
}

static bool shelf_look(void *self, struct peer_item *items, size_t n)
{
	struct shelf *s = self;
	bool is_away;

	pthread_mutex_lock(&s->lock);
	is_away = s->is_away;
	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at < s->n; at++)
			items[i].is_done |=
				str_starts(str_from(s->v[at].key), str_from(items[i].key));
	pthread_mutex_unlock(&s->lock);
	return !is_away;
}

static bool shelf_is_ready(void *self)
{
	struct shelf *s = self;
	bool is_away;

	pthread_mutex_lock(&s->lock);
	is_away = s->is_away;
	pthread_mutex_unlock(&s->lock);
	return !is_away;
}

static bool shelf_say(void *self, str origin, str lines)
{
	struct shelf *s = self;
	str line;
	bool is_away;

	pthread_mutex_lock(&s->lock);
	is_away = s->is_away;
	while (!is_away && str_next_line(&lines, &line, NULL)) {
		assert_true(s->events_n < EVENTS);
		(void)snprintf(
			s->events[s->events_n].origin, PEER_ID_MAX + 1, STR_FMT, STR_ARG(origin));
		(void)snprintf(s->events[s->events_n++].line, EVENT_MAX, STR_FMT, STR_ARG(line));
	}
	pthread_mutex_unlock(&s->lock);
	return !is_away;
}

static enum err shelf_hear(void *self, str after, peer_heard_fn *fn, void *to)
{
	struct shelf *s = self;
	size_t at = after.n ? (size_t)strtoul(after.p, NULL, 10) : 0;
	bool is_away;

	pthread_mutex_lock(&s->lock);
	is_away = s->is_away;
	for (size_t i = 0; !is_away && i < PEER_HEAR_N && at + i < s->events_n; i++) {
		char id[32];

		(void)snprintf(id, sizeof id, "%zu-0", at + i + 1);
		fn(to, str_from(id), str_from(s->events[at + i].origin),
			str_from(s->events[at + i].line));
	}
	pthread_mutex_unlock(&s->lock);
	return is_away ? E_UNAVAILABLE : E_OK;
}

static struct store_peer shelf_peer(struct shelf *s)
{
	return (struct store_peer){.self = s,
		.get = shelf_get,
		.put = shelf_put,
		.look = shelf_look,
		.touch = shelf_look,
		.is_ready = shelf_is_ready,
		.say = shelf_say,
		.hear = shelf_hear};
}

static void shelf_empty(struct shelf *s, bool is_away)
{
	pthread_mutex_lock(&s->lock);
	while (s->n)
		buf_release(&s->v[--s->n].value);
	s->is_away = is_away;
	pthread_mutex_unlock(&s->lock);
}

static struct store *store_at(const struct store_peer *p, const char *path)
{
	const struct store_conf conf = {
		.path = path, .is_in_memory = !path, .decision_ms = LONG_MS};
	struct store *s;

	assert_int_equal(store_open(&conf, &s, NULL), E_OK);
	store_set_peer(s, p);
	return s;
}

static struct store *store_with(const struct store_peer *p)
{
	return store_at(p, NULL);
}

/* Decides without having looked, as a request does that came at the same moment. How many were lost. */
static size_t decide(struct store *s, uint64_t key, const char *text)
{
	struct hash128 k = {.lo = key, .hi = 1};
	struct rendering r = {.is_changed = true, .label = "test"};
	bool was_there;
	struct buf winner;
	size_t lost_n;

	buf_init(&winner, 1000);
	assert_int_equal(
		rendering_put_unseen(s, k, &r, str_from(text), &winner, &was_there, NULL), E_OK);
	assert_false(was_there);
	assert_int_equal(rendering_settle(s, &k, 1, &lost_n, NULL), E_OK);
	buf_release(&winner);
	return lost_n;
}

static void sends(struct store *s, uint64_t key, const char *text)
{
	struct rendering r;
	struct buf out;

	buf_init(&out, 1000);
	assert_int_equal(rendering_get(s, (struct hash128){.lo = key, .hi = 1}, &r, &out, NULL),
		text ? E_OK : E_NOT_FOUND);
	if (text)
		assert_true(str_eq_c(buf_str(&out), text));
	buf_release(&out);
}

static enum err has(struct store *s, const char *text)
{
	struct original_key key = original_key_of(str_from(text));
	struct buf out;
	enum err err;

	buf_init(&out, 1000);
	err = original_get(s, str_from(key.hex), &out, NULL);
	if (!err)
		assert_true(str_eq_c(buf_str(&out), text));
	buf_release(&out);
	return err;
}

static void keep(struct store *s, const char *text)
{
	struct original_key key = original_key_of(str_from(text));

	assert_int_equal(original_put(s, str_from(text), &key, STR("Bash"), NULL), E_OK);
	assert_int_equal(store_flush(s, NULL), E_OK);
}

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
