#include "proxy/response_cache.h"

#include <pthread.h>
#include <stdatomic.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

enum {
	/* One place of the table for so many bytes of answers; the smallest that a provider gives are about 500 bytes. */
	BYTES_PER_SLOT = 4096,
	SLOTS_MIN = 64,
	SLOTS_MAX = 1 << 16,
	ENDS_STEP = 64,
};

struct entry {
	struct cached_response
		r; /* what its holders see; first, so that a pointer to it is one to this */
	_Atomic uint32_t holders;
	struct response_cache_key key;
	size_t bytes;
	int64_t stored_ns;
	struct entry *next_in_slot, *newer, *older;
	char head[]; /* content type and encoding */
};

struct response_cache {
	struct response_cache_conf conf;
	const struct clock *clock;
	pthread_mutex_t lock; /* of all below */
	struct response_cache_stats stats;
	struct entry *newest, *oldest;
	size_t slots_n; /* a power of two */
	struct entry *slots[];
};

struct response_cache *response_cache_new(
	const struct response_cache_conf *conf, const struct clock *clock)
{
	size_t slots_n = SLOTS_MIN;
	struct response_cache *c;

	while (slots_n < SLOTS_MAX && slots_n < conf->bytes_max / BYTES_PER_SLOT)
		slots_n *= 2;
	c = mem_zalloc(sizeof *c + slots_n * sizeof(struct entry *));
	if (!c)
		return NULL;
	c->conf = *conf;
	c->clock = clock;
	c->slots_n = slots_n;
	(void)pthread_mutex_init(&c->lock, NULL);
	return c;
}

void response_cache_free(struct response_cache *c)
{
	if (c) {
		response_cache_clear(c);
		(void)pthread_mutex_destroy(&c->lock);
	}
	mem_free(c);
}

/* ---- entries; under the lock ---- */

static void entry_free(struct entry *e)
{
	mem_free((void *)(uintptr_t)e->r.body.p);
	mem_free((void *)(uintptr_t)e->r.ends);
	mem_free(e);
}

static void entry_release(struct entry *e)
{
	if (atomic_fetch_sub_explicit(&e->holders, 1, memory_order_acq_rel) == 1)
		entry_free(e);
}

/* Where the pointer to the entry of that key is, or would be. */
static struct entry **place_of(struct response_cache *c, const struct response_cache_key *key)
{
	size_t slot;
	struct entry **at;

	memcpy(&slot, key->b, sizeof slot); /* a hash already */
	at = &c->slots[slot & (c->slots_n - 1)];
	while (*at && memcmp((*at)->key.b, key->b, sizeof key->b) != 0)
		at = &(*at)->next_in_slot;
	return at;
}

static void list_remove(struct response_cache *c, struct entry *e)
{
	*(e->newer ? &e->newer->older : &c->newest) = e->older;
	*(e->older ? &e->older->newer : &c->oldest) = e->newer;
}

static void list_add(struct response_cache *c, struct entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
}

/* The cache lets go of it. */
static void remove_entry(struct response_cache *c, struct entry *e)
{
	*place_of(c, &e->key) = e->next_in_slot;
	list_remove(c, e);
	c->stats.bytes -= e->bytes;
	c->stats.entries_n--;
	entry_release(e);
}

static void add_entry(struct response_cache *c, struct entry *e)
{
	struct entry **at = place_of(c, &e->key);

	if (*at) {
		remove_entry(c, *at);
		at = place_of(c, &e->key);
	}
	while (c->oldest && c->stats.bytes + e->bytes > c->conf.bytes_max) {
		remove_entry(c, c->oldest);
		c->stats.evicted_n++;
		at = place_of(c, &e->key);
	}
	*at = e;
	list_add(c, e);
	c->stats.bytes += e->bytes;
	c->stats.entries_n++;
	c->stats.stored_n++;
}

static struct entry *get(
	struct response_cache *c, const struct response_cache_key *key, int64_t *age_ms)
{
	struct entry *e = *place_of(c, key);

	if (!e)
		return NULL;
	*age_ms = (clock_monotonic_ns(c->clock) - e->stored_ns) / 1000000;
	if (*age_ms >= c->conf.ttl_ms) {
		remove_entry(c, e);
		c->stats.expired_n++;
		return NULL;
	}
	list_remove(c, e);
	list_add(c, e);
	(void)atomic_fetch_add_explicit(&e->holders, 1, memory_order_relaxed);
	return e;
}

/* ---- what is asked ---- */

const struct cached_response *response_cache_get(
	struct response_cache *c, const struct response_cache_key *key, int64_t *age_ms)
{
	struct entry *e;

	if (!c)
		return NULL;
	pthread_mutex_lock(&c->lock);
	e = get(c, key, age_ms);
	if (e)
		c->stats.hits_n++;
	else
		c->stats.misses_n++;
	pthread_mutex_unlock(&c->lock);
	return e ? &e->r : NULL;
}

const struct cached_response *response_cache_peek(
	struct response_cache *c, const struct response_cache_key *key, int64_t *age_ms)
{
	struct entry *e;

	pthread_mutex_lock(&c->lock);
	e = get(c, key, age_ms);
	pthread_mutex_unlock(&c->lock);
	return e ? &e->r : NULL;
}

void cached_response_release(const struct cached_response *r)
{
	if (r)
		entry_release((struct entry *)(uintptr_t)r);
}

void response_cache_clear(struct response_cache *c)
{
	pthread_mutex_lock(&c->lock);
	while (c->oldest)
		remove_entry(c, c->oldest);
	pthread_mutex_unlock(&c->lock);
}

void response_cache_get_stats(struct response_cache *c, struct response_cache_stats *out)
{
	pthread_mutex_lock(&c->lock);
	*out = c->stats;
	out->conf = c->conf;
	pthread_mutex_unlock(&c->lock);
}

/* ---- an answer on its way ---- */

struct cached_builder {
	struct response_cache *c;
	struct entry *entry;
	struct buf body;
	uint32_t *ends;
	uint32_t ends_n, ends_cap;
	bool has_given_up;
};

static str copy_head(struct entry *e, size_t at, str s)
{
	if (s.n)
		memcpy(e->head + at, s.p, s.n);
	return (str){e->head + at, s.n};
}

struct cached_builder *response_cache_begin(struct response_cache *c,
	const struct response_cache_key *key, int status, str content_type, str content_encoding)
{
	struct cached_builder *b = c && status == 200 ? mem_zalloc(sizeof *b) : NULL;
	struct entry *e;

	if (!b)
		return NULL;
	e = mem_zalloc(sizeof *e + content_type.n + content_encoding.n);
	if (!e) {
		mem_free(b);
		return NULL;
	}
	e->key = *key;
	e->r.status = status;
	e->r.content_type = copy_head(e, 0, content_type);
	e->r.content_encoding = copy_head(e, content_type.n, content_encoding);
	e->bytes = sizeof *e + content_type.n + content_encoding.n;
	b->c = c;
	b->entry = e;
	buf_init(&b->body, c->conf.entry_max < UINT32_MAX ? c->conf.entry_max : UINT32_MAX);
	return b;
}

static bool add_end(struct cached_builder *b)
{
	if (b->ends_n == b->ends_cap) {
		uint32_t cap = b->ends_cap + b->ends_cap / 2 + ENDS_STEP;
		uint32_t *ends = mem_realloc(b->ends, cap * sizeof *ends);

		if (!ends)
			return false;
		b->ends = ends;
		b->ends_cap = cap;
	}
	b->ends[b->ends_n++] = (uint32_t)b->body.n;
	return true;
}

static size_t bytes_of(const struct cached_builder *b)
{
	return b->entry->bytes + b->body.n + b->ends_n * sizeof *b->ends;
}

/* Nothing of a stream that is too long stays in memory while it goes on. */
static void give_up(struct cached_builder *b)
{
	b->has_given_up = true;
	buf_release(&b->body);
	mem_free(b->ends);
	b->ends = NULL;
	b->ends_n = b->ends_cap = 0;
}

void cached_builder_add(struct cached_builder *b, str piece)
{
	if (!b || b->has_given_up || !piece.n)
		return;
	buf_add(&b->body, piece);
	if (b->body.err || !add_end(b) || bytes_of(b) > b->c->conf.entry_max)
		give_up(b);
}

void cached_builder_abort(struct cached_builder *b)
{
	if (!b)
		return;
	give_up(b);
	mem_free(b->entry);
	mem_free(b);
}

/* Gives back what the growing memory has too much of; when that fails it stays. */
static void *shrink(void *p, size_t n)
{
	void *small = n ? mem_realloc(p, n) : NULL;

	return small ? small : p;
}

void cached_builder_commit(struct cached_builder *b)
{
	cached_builder_commit_aged(b, 0);
}

void cached_builder_commit_aged(struct cached_builder *b, int64_t age_ms)
{
	struct response_cache *c = b ? b->c : NULL;
	struct entry *e = b ? b->entry : NULL;

	if (!b || b->has_given_up || bytes_of(b) > c->conf.bytes_max) {
		cached_builder_abort(b);
		return;
	}
	e->bytes = bytes_of(b);
	e->r.body = (str){shrink(b->body.p, b->body.n), b->body.n};
	e->r.ends = shrink(b->ends, b->ends_n * sizeof *b->ends);
	e->r.ends_n = b->ends_n;
	atomic_init(&e->holders, 1);
	mem_free(b);
	pthread_mutex_lock(&c->lock);
	e->stored_ns = clock_monotonic_ns(c->clock) - age_ms * 1000000;
	add_entry(c, e);
	pthread_mutex_unlock(&c->lock);
}
