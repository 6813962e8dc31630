#include "core/share/peer.h"

#include <stdio.h>

#include "core/base/mem.h"

enum {
	/* Digits that the key of an original has there: the fewest that are asked by. What begins alike is one hash. */
	ORIGINAL_DIGITS = 12,
	/* The writer waits as much longer for large texts as they take at 20 MB/s, up to: */
	PUT_WAIT_MORE_MS = 150,
	PUT_BYTES_PER_MS = 20000,
	KEEP_DIGITS = 16,
};

/* What was left out and asked for, the newest so many of all machines: some 3 MB. Sixteen thousand are several hundred
 * times what a level is judged by, and a day of a team. */
#define SAID_MAX "16384"

static str key_of(const struct share *s, enum peer_kind kind, str key, char out[SHARE_KEY_MAX])
{
	if (kind == PEER_ORIGINAL && key.n > ORIGINAL_DIGITS)
		key.n = ORIGINAL_DIGITS;
	return share_key(s, kind == PEER_ORIGINAL ? "o" : "r", key, out);
}

static str keep_text(char out[KEEP_DIGITS])
{
	int n = snprintf(out, KEEP_DIGITS, "%d", SHARE_KEEP_S);

	return (str){out, (size_t)n};
}

static void add_expire(struct share_batch *b, str key)
{
	char keep[KEEP_DIGITS];

	share_add(b, (str[]){STR("EXPIRE"), key, keep_text(keep)}, 3);
}

/* ---- get ---- */

/* The answer of HGETALL: names and values by turns. */
static enum err pick_original(
	const struct share_reply *r, str prefix, char key[PEER_KEY_MAX + 1], struct buf *out)
{
	const struct share_reply *found = NULL;

	for (size_t i = 0; i + 1 < share_list_n(r); i += 2) {
		str name = share_text(share_item(r, i));

		if (name.n != PEER_KEY_MAX || !str_starts(name, prefix))
			continue;
		if (found)
			return E_FAILED;
		found = share_item(r, i + 1);
		memcpy(key, name.p, name.n);
		key[name.n] = '\0';
	}
	if (!found)
		return E_NOT_FOUND;
	buf_add(out, share_text(found));
	return out->err;
}

static enum err pick_rendering(
	const struct share_reply *r, str name, char key[PEER_KEY_MAX + 1], struct buf *out)
{
	if (share_is_nil(r))
		return E_NOT_FOUND;
	memcpy(key, name.p, name.n);
	key[name.n] = '\0';
	buf_add(out, share_text(r));
	return out->err;
}

static enum err get(
	void *self, enum peer_kind kind, str prefix, char key[PEER_KEY_MAX + 1], struct buf *out)
{
	struct share *s = self;
	char name[SHARE_KEY_MAX], keep[KEEP_DIGITS];
	const struct share_reply *r;
	struct share_batch *b;
	enum err err;
	str there;

	if (prefix.n > PEER_KEY_MAX || (kind == PEER_ORIGINAL && prefix.n < ORIGINAL_DIGITS))
		return E_NOT_FOUND;
	if (!share_is_quick(s))
		return E_UNAVAILABLE;
	b = share_batch_new();
	there = key_of(s, kind, prefix, name);
	if (kind == PEER_RENDERING) {
		share_add(b, (str[]){STR("GETEX"), there, STR("EX"), keep_text(keep)}, 4);
	} else {
		share_add(b, (str[]){STR("HGETALL"), there}, 2);
		add_expire(b, there);
	}
	err = share_submit(s, b);
	if (!err)
		err = share_await(s, b, share_wait_ms(s));
	if (!err) {
		r = share_reply_at(b, 0);
		err = share_is_error(r)        ? E_UNAVAILABLE
		      : kind == PEER_RENDERING ? pick_rendering(r, prefix, key, out)
					       : pick_original(r, prefix, key, out);
	}
	share_batch_free(s, b);
	return err;
}

/* ---- put ---- */

static void add_put(const struct share *s, struct share_batch *b, const struct peer_item *item)
{
	char name[SHARE_KEY_MAX], keep[KEEP_DIGITS];
	str key = str_from(item->key), there = key_of(s, item->kind, key, name);

	if (item->kind == PEER_RENDERING) {
		share_add(b,
			(str[]){STR("SET"), there, item->value, STR("NX"), STR("GET"), STR("EX"),
				keep_text(keep)},
			7);
		return;
	}
	share_add(b, (str[]){STR("HSET"), there, key, item->value}, 4);
	add_expire(b, there);
}

static void take_answer(struct peer_item *item, const struct share_reply *r)
{
	str is = share_text(r);

	if (share_is_error(r))
		return;
	item->is_done = true;
	if (item->kind == PEER_RENDERING && !share_is_nil(r) && !str_eq(is, item->value))
		buf_add(&item->there, is);
}

static void put(void *self, struct peer_item *items, size_t n)
{
	struct share *s = self;
	struct share_batch *b = share_is_up(s) ? share_batch_new() : NULL;
	size_t bytes = 0, at = 0;
	int ms;

	for (size_t i = 0; b && i < n; i++) {
		add_put(s, b, &items[i]);
		bytes += items[i].value.n;
	}
	if (bytes > PUT_BYTES_PER_MS * PUT_WAIT_MORE_MS)
		bytes = PUT_BYTES_PER_MS * PUT_WAIT_MORE_MS;
	ms = share_wait_ms(s) + (int)(bytes / PUT_BYTES_PER_MS);
	if (share_submit(s, b) == E_OK && share_await(s, b, ms) == E_OK)
		for (size_t i = 0; i < n; i++) {
			take_answer(&items[i], share_reply_at(b, at));
			at += items[i].kind == PEER_RENDERING ? 1 : 2;
		}
	share_batch_free(s, b);
}

/* ---- the rest ---- */

/* The answers of a batch with one command per item: is it there? False: nobody knows. */
static bool take_presence(struct share *s, struct share_batch *b, struct peer_item *items, size_t n)
{
	bool is_known = share_submit(s, b) == E_OK && share_await(s, b, share_wait_ms(s)) == E_OK;

	for (size_t i = 0; is_known && i < n; i++) {
		const struct share_reply *r = share_reply_at(b, i);

		/* A key of another type can be neither read nor written. */
		items[i].is_done |= share_is_error(r) || share_int(r) != 0;
	}
	share_batch_free(s, b);
	return is_known;
}

static bool look(void *self, struct peer_item *items, size_t n)
{
	struct share *s = self;
	struct share_batch *b = share_batch_new();
	char name[SHARE_KEY_MAX];

	for (size_t i = 0; i < n; i++) {
		str key = str_from(items[i].key), there = key_of(s, items[i].kind, key, name);

		if (items[i].kind == PEER_RENDERING)
			share_add(b, (str[]){STR("EXISTS"), there}, 2);
		else
			share_add(b, (str[]){STR("HEXISTS"), there, key}, 3);
	}
	return take_presence(s, b, items, n);
}

static bool touch(void *self, struct peer_item *items, size_t n)
{
	struct share *s = self;
	struct share_batch *b = share_is_quick(s) ? share_batch_new() : NULL;
	char name[SHARE_KEY_MAX];

	for (size_t i = 0; b && i < n; i++)
		add_expire(b, key_of(s, items[i].kind, str_from(items[i].key), name));
	return take_presence(s, b, items, n);
}

/* ---- events ---- */

static str said_key(const struct share *s, char out[SHARE_KEY_MAX])
{
	return share_key(s, "f", STR_NULL, out);
}

static bool say(void *self, str origin, str lines)
{
	struct share *s = self;
	struct share_batch *b = share_is_up(s) ? share_batch_new() : NULL;
	char key[SHARE_KEY_MAX];
	str there = said_key(s, key), line;
	bool is_sent;

	while (b && str_next_line(&lines, &line, NULL))
		share_add(b,
			(str[]){STR("XADD"), there, STR("MAXLEN"), STR("~"), STR(SAID_MAX),
				STR("*"), STR("o"), origin, STR("e"), line},
			10);
	if (b)
		add_expire(b, there);
	is_sent = share_submit(s, b) == E_OK;
	share_batch_free(s, b);
	return is_sent;
}

/* [id, [name, value, ...]]; what is none of ours is passed over by the one who is told. */
static void tell_event(const struct share_reply *entry, peer_heard_fn *fn, void *to)
{
	const struct share_reply *pairs;
	str origin = STR_NULL, event = STR_NULL;

	if (share_list_n(entry) != 2)
		return;
	pairs = share_item(entry, 1);
	for (size_t i = 0; i + 1 < share_list_n(pairs); i += 2) {
		str name = share_text(share_item(pairs, i));

		if (str_eq_c(name, "o"))
			origin = share_text(share_item(pairs, i + 1));
		else if (str_eq_c(name, "e"))
			event = share_text(share_item(pairs, i + 1));
	}
	fn(to, share_text(share_item(entry, 0)), origin, event);
}

static enum err hear(void *self, str after, peer_heard_fn *fn, void *to)
{
	struct share *s = self;
	struct share_batch *b = share_is_quick(s) ? share_batch_new() : NULL;
	char key[SHARE_KEY_MAX], from[PEER_ID_MAX + 2], count[KEEP_DIGITS];
	int n = snprintf(from, sizeof from, after.n ? "(" STR_FMT : "-", STR_ARG(after));
	int count_n = snprintf(count, sizeof count, "%d", PEER_HEAR_N);
	const struct share_reply *r;
	enum err err;

	share_add(b,
		(str[]){STR("XRANGE"), said_key(s, key), {from, (size_t)n}, STR("+"), STR("COUNT"),
			{count, (size_t)count_n}},
		6);
	err = share_submit(s, b);
	if (!err)
		err = share_await(s, b, share_wait_ms(s));
	if (!err) {
		r = share_reply_at(b, 0);
		err = share_is_error(r) ? E_UNAVAILABLE : E_OK;
		for (size_t i = 0; !err && i < share_list_n(r); i++)
			tell_event(share_item(r, i), fn, to);
	}
	share_batch_free(s, b);
	return err;
}

static bool is_ready(void *self)
{
	return share_is_quick(self);
}

struct store_peer share_peer(struct share *s)
{
	return (struct store_peer){.self = s,
		.get = get,
		.put = put,
		.look = look,
		.touch = touch,
		.is_ready = is_ready,
		.say = say,
		.hear = hear};
}
