#include "proxy/dashboard/feed.h"

#include "core/base/mem.h"
#include "proxy/dashboard/state.h"
#include "proxy/metrics.h"
#include "proxy/own/own.h"

#define MS_NS ((int64_t)1000000)

/* What a new state is made for when it differs. */
struct mark {
	int64_t requests, retrievals, active, concurrency;
	uint64_t run;
	bool is_draining;
};

struct feed {
	pthread_mutex_t lock; /* of all below; not held while a state is made */
	struct {
		struct buf text; /* an event */
		unsigned hearers_n;
	} of[2];      /* for others, and for local callers, who may see more */
	uint64_t seq; /* counts states */
	unsigned places_n;
	bool is_making;
	struct mark mark;         /* as of the newest state */
	int64_t made_ns, next_ns; /* when it was made, when there may be another */
};

struct feed *feed_new(void)
{
	struct feed *f = mem_zalloc(sizeof *f);

	if (!f)
		return NULL;
	(void)pthread_mutex_init(&f->lock, NULL);
	for (size_t i = 0; i < 2; i++)
		buf_init(&f->of[i].text, OWN_ANSWER_MAX);
	return f;
}

void feed_free(struct feed *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < 2; i++)
		buf_release(&f->of[i].text);
	(void)pthread_mutex_destroy(&f->lock);
	mem_free(f);
}

static struct feed *feed_of(struct server *s)
{
	return own_feed(s->own);
}

/* ---- making a state ---------------------------------------------------------------------------------- */

static struct mark look(struct server *s)
{
	return (struct mark){.requests = proxy_metrics_get(s->metrics, METRIC_REQUESTS),
		.retrievals = proxy_metrics_get(s->metrics, METRIC_RETRIEVALS),
		.active = atomic_load(&s->active_n),
		.concurrency = atomic_load(&s->concurrency_max),
		.run = atomic_load(&s->run),
		.is_draining = atomic_load(&s->is_draining)};
}

static bool is_same(const struct mark *a, const struct mark *b)
{
	return a->requests == b->requests && a->retrievals == b->retrievals &&
	       a->active == b->active && a->concurrency == b->concurrency && a->run == b->run &&
	       a->is_draining == b->is_draining;
}

/* An event in the place of the last one. When it cannot be made, that one stays. */
static void renew(struct server *s, size_t kind)
{
	struct own_call c = {.server = s, .is_local = kind != 0};
	struct feed *f = feed_of(s);
	struct buf old;
	enum err err;

	buf_init(&c.out, OWN_ANSWER_MAX);
	err = dashboard_event(&c, NULL);
	old = c.out;
	if (!err && !c.out.err) {
		(void)pthread_mutex_lock(&f->lock);
		old = f->of[kind].text;
		f->of[kind].text = c.out;
		(void)pthread_mutex_unlock(&f->lock);
	}
	buf_release(&old);
}

static bool is_heard(struct feed *f, size_t kind)
{
	bool is;

	(void)pthread_mutex_lock(&f->lock);
	is = f->of[kind].hearers_n > 0;
	(void)pthread_mutex_unlock(&f->lock);
	return is;
}

static void make(void *arg, bool is_cancelled)
{
	struct server *s = arg;
	struct feed *f = feed_of(s);
	int64_t begin_ns = clock_monotonic_ns(s->clock), end_ns, rest_ns;

	for (size_t i = 0; i < 2 && !is_cancelled; i++)
		if (is_heard(f, i))
			renew(s, i);
	end_ns = clock_monotonic_ns(s->clock);
	rest_ns = FEED_REST * (end_ns - begin_ns);
	(void)pthread_mutex_lock(&f->lock);
	f->seq++;
	f->made_ns = end_ns;
	f->next_ns = end_ns + (rest_ns > FEED_APART_MS * MS_NS ? rest_ns : FEED_APART_MS * MS_NS);
	f->is_making = false;
	(void)pthread_mutex_unlock(&f->lock);
}

/* The mark is taken before the state is made: what changes meanwhile makes another one. */
static void make_if_due(struct server *s)
{
	int64_t now_ns = clock_monotonic_ns(s->clock);
	struct feed *f = feed_of(s);
	struct mark mark = look(s);
	bool is_due;

	(void)pthread_mutex_lock(&f->lock);
	is_due = !f->is_making && now_ns >= f->next_ns &&
		 (!is_same(&mark, &f->mark) || now_ns - f->made_ns >= FEED_QUIET_MS * MS_NS);
	if (is_due) {
		f->is_making = true;
		f->mark = mark;
	}
	(void)pthread_mutex_unlock(&f->lock);
	if (!is_due || pool_submit(s->pool, make, s) == E_OK)
		return;
	(void)pthread_mutex_lock(&f->lock);
	f->is_making = false;
	f->mark.run = 0; /* which no run has: again at the next beat */
	(void)pthread_mutex_unlock(&f->lock);
}

/* ---- listeners --------------------------------------------------------------------------------------- */

static void tell(struct exchange *x, struct feed *f)
{
	if (http_conn_waits(x->conn))
		return;
	(void)pthread_mutex_lock(&f->lock);
	if (x->heard != f->seq)
		http_reply_body(x->conn, buf_str(&f->of[x->listener == LISTENER_LOCAL].text));
	x->heard = f->seq;
	(void)pthread_mutex_unlock(&f->lock);
}

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct feed *f = feed_of(w->server);

	(void)fd;
	(void)what;
	make_if_due(w->server);
	for (struct exchange *x = w->exchanges; x; x = x->next)
		if (x->listener > LISTENER_ENTERS)
			tell(x, f);
	http_server_flush(w->http);
}

/* False: out of memory; then only first states are heard. */
static bool begin_beats(struct worker *w)
{
	static const struct timeval beat = {.tv_usec = FEED_BEAT_MS * 1000};

	if (!w->beat)
		w->beat = event_new(w->base, -1, EV_PERSIST, on_beat, w);
	return w->beat && !event_add(w->beat, &beat);
}

bool feed_enter(struct exchange *x)
{
	struct feed *f = feed_of(x->server);
	bool has_place;

	(void)pthread_mutex_lock(&f->lock);
	has_place = f->places_n < FEED_LISTENERS_MAX;
	f->places_n += has_place;
	(void)pthread_mutex_unlock(&f->lock);
	if (!has_place)
		return false;
	x->listener = LISTENER_ENTERS;
	/* It may stay for days: not one of those that --limit-concurrency is about. */
	if (x->is_counted_active)
		(void)atomic_fetch_sub(&x->server->active_n, 1);
	x->is_counted_active = false;
	return true;
}

static void end_answer(struct exchange *x)
{
	struct http_conn *c = x->conn;

	x->is_complete = true;
	exchange_end(x);
	http_reply_end(c);
}

void feed_listen(struct exchange *x, bool is_local)
{
	struct feed *f = feed_of(x->server);

	x->state = EXCHANGE_RELAY;
	x->listener = is_local ? LISTENER_LOCAL : LISTENER_REMOTE;
	x->w->listeners_n++;
	(void)pthread_mutex_lock(&f->lock);
	f->of[is_local].hearers_n++;
	x->heard = f->seq;
	(void)pthread_mutex_unlock(&f->lock);
	if (x->w->is_draining || (x->w->listeners_n == 1 && !begin_beats(x->w)))
		end_answer(x);
}

void feed_leave(struct exchange *x)
{
	struct feed *f = feed_of(x->server);
	bool has_listened = x->listener > LISTENER_ENTERS;

	(void)pthread_mutex_lock(&f->lock);
	f->places_n--;
	if (has_listened)
		f->of[x->listener == LISTENER_LOCAL].hearers_n--;
	(void)pthread_mutex_unlock(&f->lock);
	if (has_listened && !--x->w->listeners_n && x->w->beat)
		(void)event_del(x->w->beat);
	x->listener = LISTENER_NONE;
}

void feed_end(struct worker *w)
{
	for (struct exchange *x = w->exchanges, *next; x; x = next) {
		next = x->next;
		if (x->listener > LISTENER_ENTERS)
			end_answer(x);
	}
}
