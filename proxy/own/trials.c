#include "proxy/own/trials.h"

#include <pthread.h>

#include "core/base/mem.h"
#include "core/trial/report.h"

enum {
	ENCODERS_MAX = 100,
	TEXT_MAX = 1 << 20,
};
#define GOOD_MAX_NS ((int64_t)60 * 1000000000)

struct trials {
	struct store *store;
	const struct clock *clock;
	double share;
	pthread_mutex_t lock; /* guards what follows; not held while the store is read */
	char *p;
	size_t n;
	int64_t until_ns;
};

struct trials *trials_new(struct store *s, const struct clock *clock, double share)
{
	struct trials *t = mem_zalloc(sizeof *t);

	if (!t)
		return NULL;
	t->store = s;
	t->clock = clock;
	t->share = share;
	(void)pthread_mutex_init(&t->lock, NULL);
	return t;
}

void trials_free(struct trials *t)
{
	if (!t)
		return;
	mem_free(t->p);
	(void)pthread_mutex_destroy(&t->lock);
	mem_free(t);
}

static bool get(struct trials *t, int64_t now_ns, struct buf *out)
{
	bool is_good;

	(void)pthread_mutex_lock(&t->lock);
	is_good = t->p && now_ns <= t->until_ns;
	if (is_good)
		buf_add(out, (str){t->p, t->n});
	(void)pthread_mutex_unlock(&t->lock);
	return is_good;
}

/* Takes text. */
static void put(struct trials *t, struct buf *text, int64_t until_ns)
{
	char *old;

	(void)pthread_mutex_lock(&t->lock);
	old = t->p;
	t->p = text->p;
	t->n = text->n;
	t->until_ns = until_ns;
	(void)pthread_mutex_unlock(&t->lock);
	mem_free(old);
}

static enum err read_into(
	struct trials *t, struct returns *returns, struct buf *text, struct errctx *cx)
{
	struct ledger_query q = {.group = LEDGER_ALL};
	struct trial trial;
	struct json_writer w;

	TRY(trial_read(t->store, &q, &trial, cx));
	TRY(returns_read(t->store, &q, returns, cx));
	json_write_init(&w, text, false);
	json_write_object(&w, NULL);
	json_write_object(&w, "holdout");
	json_write_f64(&w, "share", t->share);
	trial_write(&w, &trial);
	json_write_end(&w);
	returns_write(&w, "returns", returns, ENCODERS_MAX);
	json_write_end(&w);
	if (text->err)
		FAIL(cx, text->err, "no room for what became of conversations");
	return E_OK;
}

enum err trials_write(struct trials *t, struct buf *out, struct errctx *cx)
{
	int64_t start_ns = clock_monotonic_ns(t->clock), end_ns, good_ns;
	struct returns returns;
	struct buf text;
	enum err err;

	if (get(t, start_ns, out))
		return E_OK;
	buf_init(&text, TEXT_MAX);
	returns_init(&returns);
	err = read_into(t, &returns, &text, cx);
	returns_release(&returns);
	if (err) {
		buf_release(&text);
		return err;
	}
	buf_add(out, buf_str(&text));
	end_ns = clock_monotonic_ns(t->clock);
	good_ns = TRIALS_TIMES * (end_ns - start_ns);
	put(t, &text, end_ns + (good_ns < GOOD_MAX_NS ? good_ns : GOOD_MAX_NS));
	return E_OK;
}
