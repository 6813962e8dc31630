/* shelf: stores that share what they have, by a peer in memory, and what tests of them do. */
#ifndef TESTS_UNIT_SHELF_H
#define TESTS_UNIT_SHELF_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/store/original.h"
#include "core/store/peer.h"
#include "core/store/rendering.h"

enum { LONG_MS = 20000 };

enum { VALUES = 32, EVENTS = 2048, EVENT_MAX = 256 };

struct shelf {
	pthread_mutex_t lock;
	bool is_away;
	bool is_refusing;   /* is there, and takes nothing */
	bool is_bottomless; /* says that it has taken, and keeps nothing */
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

static inline enum err shelf_get(
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

static inline void shelf_put(void *self, struct peer_item *items, size_t n)
{
	struct shelf *s = self;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < n && !s->is_away && !s->is_refusing; i++) {
		size_t at = 0;

		if (s->is_bottomless) {
			items[i].is_done = true;
			continue;
		}

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

static inline bool shelf_look(void *self, struct peer_item *items, size_t n)
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

static inline bool shelf_is_ready(void *self)
{
	struct shelf *s = self;
	bool is_away;

	pthread_mutex_lock(&s->lock);
	is_away = s->is_away;
	pthread_mutex_unlock(&s->lock);
	return !is_away;
}

static inline bool shelf_say(void *self, str origin, str lines)
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

static inline enum err shelf_hear(void *self, str after, peer_heard_fn *fn, void *to)
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

static inline struct store_peer shelf_peer(struct shelf *s)
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

static inline void shelf_empty(struct shelf *s, bool is_away)
{
	pthread_mutex_lock(&s->lock);
	while (s->n)
		buf_release(&s->v[--s->n].value);
	s->is_away = is_away;
	pthread_mutex_unlock(&s->lock);
}

static inline struct store *store_at(const struct store_peer *p, const char *path)
{
	const struct store_conf conf = {
		.path = path, .is_in_memory = !path, .decision_ms = LONG_MS};
	struct store *s;

	assert_int_equal(store_open(&conf, &s, NULL), E_OK);
	store_set_peer(s, p);
	return s;
}

static inline struct store *store_with(const struct store_peer *p)
{
	return store_at(p, NULL);
}

/* Decides without having looked, as a request does that came at the same moment. How many were lost. */
static inline size_t decide(struct store *s, uint64_t key, const char *text)
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

static inline void sends(struct store *s, uint64_t key, const char *text)
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

static inline enum err has(struct store *s, const char *text)
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

static inline void keep(struct store *s, const char *text)
{
	struct original_key key = original_key_of(str_from(text));

	assert_int_equal(original_put(s, str_from(text), &key, STR("Bash"), NULL), E_OK);
	assert_int_equal(store_flush(s, NULL), E_OK);
}

#endif
