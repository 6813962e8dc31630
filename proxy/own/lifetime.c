#include "proxy/own/lifetime.h"

#include <pthread.h>

#include "core/base/mem.h"

struct lifetime {
	struct store *store;
	const struct clock *clock;
	pthread_mutex_t lock; /* guards what follows; not held while the store is read */
	struct figures before;
	int64_t before_ms; /* of all requests before; 0: not read yet */
};

struct figures figures_of(const struct ledger_sum *s)
{
	return (struct figures){.requests = s->requests,
		.tokens_before = s->tokens_before,
		.input = s->input + s->cache_read + s->cache_write_5m + s->cache_write_1h,
		.saved = (int64_t)s->tokens_before - (int64_t)s->tokens_after,
		.saved_nano = s->saved_nano,
		.cost_nano = s->cost_nano};
}

void figures_add(struct figures *to, const struct figures *f)
{
	to->requests += f->requests;
	to->tokens_before += f->tokens_before;
	to->input += f->input;
	to->saved += f->saved;
	to->saved_nano += f->saved_nano;
	to->cost_nano += f->cost_nano;
}

struct lifetime *lifetime_new(struct store *s, const struct clock *clock)
{
	struct lifetime *l = mem_zalloc(sizeof *l);

	if (!l)
		return NULL;
	l->store = s;
	l->clock = clock;
	(void)pthread_mutex_init(&l->lock, NULL);
	return l;
}

void lifetime_free(struct lifetime *l)
{
	if (l)
		(void)pthread_mutex_destroy(&l->lock);
	mem_free(l);
}

static void take(void *self, str key, const struct ledger_sum *sum)
{
	(void)key;
	*(struct figures *)self = figures_of(sum);
}

static enum err read_before(
	struct lifetime *l, int64_t to_ms, struct figures *out, struct errctx *cx)
{
	struct ledger_query q = {.to_ms = to_ms, .group = LEDGER_ALL};

	TRY(ledger_sums(l->store, &q, take, out, cx));
	(void)pthread_mutex_lock(&l->lock);
	l->before = *out;
	l->before_ms = to_ms;
	(void)pthread_mutex_unlock(&l->lock);
	return E_OK;
}

enum err lifetime_read(struct lifetime *l, struct figures *out, struct errctx *cx)
{
	struct ledger_query q = {.group = LEDGER_ALL};
	int64_t now_ms = clock_wall_ms(l->clock);
	struct figures since;

	(void)pthread_mutex_lock(&l->lock);
	*out = l->before;
	q.from_ms = l->before_ms;
	(void)pthread_mutex_unlock(&l->lock);
	/* Also when the clock was set back. */
	if (!q.from_ms || now_ms < q.from_ms || now_ms - q.from_ms > LIFETIME_READ_MS) {
		q.from_ms = now_ms > LIFETIME_BEHIND_MS ? now_ms - LIFETIME_BEHIND_MS : 1;
		TRY(read_before(l, q.from_ms, out, cx));
	}
	TRY(ledger_sums(l->store, &q, take, &since, cx));
	figures_add(out, &since);
	return E_OK;
}
