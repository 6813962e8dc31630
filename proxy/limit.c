#include "proxy/limit.h"

#include <pthread.h>

#include "core/base/mem.h"

enum {
	MINUTE_MS = 60000,
	/* Of the least recently used, how many are asked whether they are full before one is dropped that is not. */
	LOOKS_MAX = 32,
};
#define NONE UINT32_MAX

/* Levels are in 1/MINUTE_MS of a request or token, so that the rate per minute is what a millisecond adds and nothing is
 * ever rounded. Below zero is debt. */
struct entry {
	struct hash128 key;
	int64_t requests, tokens;
	int64_t at_ms;         /* when they were that full */
	uint32_t next_in_slot; /* or NONE; also below */
	uint32_t newer, older;
};

struct limit {
	const struct clock *clock;
	pthread_mutex_t lock; /* of all below */
	struct limit_conf conf;
	bool was_refused[LIMIT_TPM + 1]; /* by kind */
	uint64_t taken_n, refused_n[LIMIT_TPM + 1];
	uint32_t newest, oldest, n;
	uint32_t keys_max, slots_n; /* slots_n: a power of two */
	uint32_t *slots;            /* first entry + 1; 0: none */
	struct entry entries[];
};

struct limit *limit_new(const struct limit_conf *conf, uint32_t keys_max, const struct clock *clock)
{
	uint32_t slots_n = 1;
	struct limit *l;

	while (slots_n < 2 * keys_max)
		slots_n *= 2;
	/* That of many keys is fresh pages of the system, which cost nothing until they are used. */
	l = mem_zalloc(sizeof *l + keys_max * sizeof l->entries[0] + slots_n * sizeof l->slots[0]);
	if (!l)
		return NULL;
	l->keys_max = keys_max;
	l->slots_n = slots_n;
	l->slots = (uint32_t *)(void *)(l->entries + keys_max);
	l->clock = clock;
	l->conf = *conf;
	l->newest = l->oldest = NONE;
	(void)pthread_mutex_init(&l->lock, NULL);
	return l;
}

void limit_free(struct limit *l)
{
	if (l)
		(void)pthread_mutex_destroy(&l->lock);
	mem_free(l);
}

/* ---- levels ---- */

static int64_t capacity(uint32_t per_minute)
{
	return (int64_t)per_minute * MINUTE_MS;
}

static int64_t clamp(int64_t level, uint32_t per_minute)
{
	int64_t max = capacity(per_minute);

	return level > max ? max : level < -max ? -max : level;
}

/* After two minutes the deepest debt is paid and the bucket is full. */
static int64_t filled(int64_t level, uint32_t per_minute, int64_t ms)
{
	return ms >= 2 * MINUTE_MS ? capacity(per_minute)
				   : clamp(level + ms * per_minute, per_minute);
}

static void fill(const struct limit *l, struct entry *e, int64_t now_ms)
{
	int64_t ms = now_ms - e->at_ms;

	if (ms <= 0)
		return;
	e->requests = filled(e->requests, l->conf.rpm, ms);
	e->tokens = filled(e->tokens, l->conf.tpm, ms);
	e->at_ms = now_ms;
}

static bool is_full(const struct limit *l, const struct entry *e)
{
	return e->requests == capacity(l->conf.rpm) && e->tokens == capacity(l->conf.tpm);
}

/* No request costs more than empties a full bucket down to the deepest debt. */
static int64_t cost(uint64_t n, uint32_t per_minute)
{
	uint64_t max = 2 * (uint64_t)per_minute;

	return (int64_t)(n < max ? n : max) * MINUTE_MS;
}

/* Milliseconds until the bucket lets so much through. */
static int64_t wait_ms(int64_t level, uint32_t per_minute, int64_t needed)
{
	int64_t max = capacity(per_minute), missing;

	missing = (needed < max ? needed : max) - level;
	return !per_minute || missing <= 0 ? 0 : (missing + per_minute - 1) / per_minute;
}

static int64_t now(const struct limit *l)
{
	return clock_monotonic_ns(l->clock) / 1000000;
}

/* ---- the table ---- */

static uint32_t *slot_of(struct limit *l, struct hash128 key)
{
	return &l->slots[key.lo & (l->slots_n - 1)];
}

static void list_remove(struct limit *l, struct entry *e)
{
	*(e->newer == NONE ? &l->newest : &l->entries[e->newer].older) = e->older;
	*(e->older == NONE ? &l->oldest : &l->entries[e->older].newer) = e->newer;
}

static void list_add(struct limit *l, struct entry *e)
{
	uint32_t i = (uint32_t)(e - l->entries);

	e->newer = NONE;
	e->older = l->newest;
	*(l->newest == NONE ? &l->oldest : &l->entries[l->newest].newer) = i;
	l->newest = i;
}

static struct entry *find(struct limit *l, struct hash128 key)
{
	for (uint32_t i = *slot_of(l, key); i; i = l->entries[i - 1].next_in_slot)
		if (hash128_eq(l->entries[i - 1].key, key))
			return &l->entries[i - 1];
	return NULL;
}

static void slot_remove(struct limit *l, const struct entry *e)
{
	uint32_t *at = slot_of(l, e->key);

	while (&l->entries[*at - 1] != e)
		at = &l->entries[*at - 1].next_in_slot;
	*at = e->next_in_slot;
}

/* Takes an entry that somebody has out of the table. */
static struct entry *evict(struct limit *l, int64_t now_ms)
{
	uint32_t at = l->oldest;
	struct entry *e;

	for (int i = 0; i < LOOKS_MAX && at != NONE; i++, at = l->entries[at].newer) {
		fill(l, &l->entries[at], now_ms);
		if (is_full(l, &l->entries[at]))
			break;
	}
	e = &l->entries[at == NONE || !is_full(l, &l->entries[at]) ? l->oldest : at];
	slot_remove(l, e);
	list_remove(l, e);
	return e;
}

static struct entry *add(struct limit *l, struct hash128 key, int64_t now_ms)
{
	struct entry *e = l->n < l->keys_max ? &l->entries[l->n++] : evict(l, now_ms);
	uint32_t *slot = slot_of(l, key);

	*e = (struct entry){.key = key,
		.requests = capacity(l->conf.rpm),
		.tokens = capacity(l->conf.tpm),
		.at_ms = now_ms,
		.next_in_slot = *slot};
	*slot = (uint32_t)(e - l->entries) + 1;
	list_add(l, e);
	return e;
}

/* The key's entry as it is now, and the most recently used one. */
static struct entry *use(struct limit *l, struct hash128 key)
{
	int64_t now_ms = now(l);
	struct entry *e = find(l, key);

	if (!e)
		return add(l, key, now_ms);
	fill(l, e, now_ms);
	list_remove(l, e);
	list_add(l, e);
	return e;
}

/* ---- what is asked ---- */

static int64_t in_proportion(int64_t level, uint32_t before, uint32_t after)
{
	if (!before || level == capacity(before))
		return capacity(after);
	return clamp((int64_t)((double)level / before * after), after);
}

void limit_configure(struct limit *l, const struct limit_conf *conf)
{
	int64_t now_ms;

	pthread_mutex_lock(&l->lock);
	now_ms = now(l);
	for (uint32_t i = 0; i < l->n; i++) {
		struct entry *e = &l->entries[i];

		fill(l, e, now_ms); /* at the old rate */
		e->requests = in_proportion(e->requests, l->conf.rpm, conf->rpm);
		e->tokens = in_proportion(e->tokens, l->conf.tpm, conf->tpm);
	}
	l->conf = *conf;
	pthread_mutex_unlock(&l->lock);
}

/* Under the lock, as all below. Makes v say what is in the way of this entry, when that is longer than what v knows. */
static void look(
	const struct limit *l, const struct entry *e, int64_t token_cost, struct limit_verdict *v)
{
	int64_t rpm_ms = wait_ms(e->requests, l->conf.rpm, MINUTE_MS);
	int64_t tpm_ms = wait_ms(e->tokens, l->conf.tpm, token_cost);
	int64_t ms = rpm_ms >= tpm_ms ? rpm_ms : tpm_ms;

	if (ms <= v->retry_after_ms)
		return;
	v->kind = rpm_ms >= tpm_ms ? LIMIT_RPM : LIMIT_TPM;
	v->retry_after_ms = ms;
}

static void take(const struct limit *l, struct entry *e, int64_t token_cost)
{
	e->requests -= l->conf.rpm ? MINUTE_MS : 0;
	e->tokens = clamp(e->tokens - token_cost, l->conf.tpm);
}

static void count(struct limit *l, struct limit_verdict *v)
{
	if (v->kind == LIMIT_NONE) {
		l->taken_n++;
		return;
	}
	v->is_first = !l->was_refused[v->kind];
	l->was_refused[v->kind] = true;
	l->refused_n[v->kind]++;
}

struct limit_verdict limit_take(
	struct limit *l, const struct hash128 *keys, size_t n, uint64_t tokens)
{
	struct limit_verdict v = {LIMIT_NONE, 0, false};
	int64_t token_cost;

	pthread_mutex_lock(&l->lock);
	token_cost = cost(tokens, l->conf.tpm);
	for (size_t i = 0; i < n; i++)
		look(l, use(l, keys[i]), token_cost, &v);
	/* Those that were used just now are the last to be dropped for one another. */
	for (size_t i = 0; i < n && v.kind == LIMIT_NONE; i++)
		take(l, use(l, keys[i]), token_cost);
	count(l, &v);
	pthread_mutex_unlock(&l->lock);
	return v;
}

static void correct(struct limit *l, struct entry *e, uint64_t estimated, uint64_t actual)
{
	uint32_t tpm = l->conf.tpm;

	fill(l, e, now(l));
	e->tokens = clamp(e->tokens + cost(estimated, tpm) - cost(actual, tpm), tpm);
}

void limit_give_back(struct limit *l, const struct hash128 *keys, size_t n, uint64_t tokens)
{
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < n; i++) {
		struct entry *e = find(l, keys[i]);

		if (!e)
			continue;
		fill(l, e, now(l));
		e->requests = clamp(e->requests + (l->conf.rpm ? MINUTE_MS : 0), l->conf.rpm);
		e->tokens = clamp(e->tokens + cost(tokens, l->conf.tpm), l->conf.tpm);
	}
	l->taken_n -= l->taken_n > 0;
	pthread_mutex_unlock(&l->lock);
}

void limit_correct(
	struct limit *l, const struct hash128 *keys, size_t n, uint64_t estimated, uint64_t actual)
{
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < n; i++) {
		struct entry *e = find(l, keys[i]);

		if (e)
			correct(l, e, estimated, actual);
	}
	pthread_mutex_unlock(&l->lock);
}

void limit_get_stats(struct limit *l, struct limit_stats *out)
{
	pthread_mutex_lock(&l->lock);
	*out = (struct limit_stats){
		.conf = l->conf,
		.taken_n = l->taken_n,
		.refused_rpm_n = l->refused_n[LIMIT_RPM],
		.refused_tpm_n = l->refused_n[LIMIT_TPM],
		.keys_n = l->n,
	};
	pthread_mutex_unlock(&l->lock);
}

void limit_note(struct limit *l, struct limit_verdict *v)
{
	pthread_mutex_lock(&l->lock);
	count(l, v);
	pthread_mutex_unlock(&l->lock);
}

struct limit_conf limit_get_conf(struct limit *l)
{
	struct limit_conf conf;

	pthread_mutex_lock(&l->lock);
	conf = l->conf;
	pthread_mutex_unlock(&l->lock);
	return conf;
}
