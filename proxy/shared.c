#include "proxy/shared.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/share/peer.h"
#include "proxy/shared_spend.h"
#include "proxy/tenant.h"

struct shared {
	const struct proxy_share_conf *conf;
	const struct log *log;
	struct share *link;
	struct store_peer peer;
	const struct clock *clock;
	str id; /* of this process */
	_Atomic uint64_t unknown_n;
	pthread_mutex_t lock; /* of all below, for the link's thread */
	struct store *store;
	struct spend *spends[1 + TENANTS_EVER_MAX]; /* the first one: of all */
	size_t spends_n;
};

/* ---- what the link says -------------------------------------------------------------------------------- */

static void say(const struct shared *s, enum log_level level, const char *event, const char *why)
{
	struct log_field url = log_s("url", s->conf->target.shown);

	if (*why)
		LOG(s->log, level, event, url, log_s("why", str_from(why)));
	else
		LOG(s->log, level, event, url);
}

/* The link's thread runs before all that it tells is there. */
static void tell_all(struct shared *s, enum share_event what)
{
	pthread_mutex_lock(&s->lock);
	if (s->store && what == SHARE_EMPTIED)
		store_peer_emptied(s->store);
	else if (s->store)
		store_peer_woke(s->store);
	for (size_t i = 0; i < s->spends_n; i++)
		if (what == SHARE_UPKEEP)
			spend_hold(s->spends[i]);
		else
			spend_tell_all(s->spends[i]);
	pthread_mutex_unlock(&s->lock);
}

static void take_event(void *self, enum share_event what, const char *why)
{
	struct shared *s = self;

	switch (what) {
	case SHARE_LOST:
		say(s, LOG_LEVEL_WARN, "shared_store_lost", why);
		break;
	case SHARE_BACK:
		say(s, LOG_LEVEL_INFO, "shared_store_back", why);
		tell_all(s, what);
		break;
	case SHARE_EMPTIED:
		if (*why)
			say(s, LOG_LEVEL_WARN, "shared_store_emptied", why);
		tell_all(s, what);
		break;
	case SHARE_REFUSED:
		say(s, LOG_LEVEL_WARN, "shared_store_refuses", why);
		break;
	case SHARE_UPKEEP:
		tell_all(s, what);
		break;
	}
}

/* ---- opening and closing ------------------------------------------------------------------------------- */

static enum err connect_to(struct shared *s, const struct shared_conf *conf, struct errctx *cx)
{
	const struct share_target *t = &s->conf->target;
	struct share_conf c = {.host = t->host,
		.port = t->port,
		.db = t->db,
		.user = t->user,
		.password = t->password,
		.space = s->conf->space,
		.wait_ms = s->conf->wait_ms,
		.clock = conf->clock,
		.event = take_event,
		.self = s};
	enum err err = share_open(&c, &s->link, cx);

	if (err == E_UNAVAILABLE && !s->conf->is_fail_closed) {
		say(s, LOG_LEVEL_WARN, "shared_store_unreachable", cx->text);
		return E_OK;
	}
	if (!err)
		return err;
	(void)err_prefix(cx, "--store-url " STR_FMT, STR_ARG(t->shown));
	if (err == E_UNAVAILABLE)
		(void)err_set(cx, err, "%.700s (--store-fail open starts without it)", cx->text);
	return err;
}

/* From here on the link's thread finds all. */
static enum err begin(
	struct shared *s, const struct shared_conf *conf, struct shared **out, struct errctx *cx)
{
	if (!shared_spend_of(s, NULL)) {
		shared_close(s);
		FAIL(cx, E_NOMEM, "no memory for the shared budget");
	}
	s->peer = share_peer(s->link);
	store_set_peer(conf->store, &s->peer);
	pthread_mutex_lock(&s->lock);
	s->store = conf->store;
	pthread_mutex_unlock(&s->lock);
	*out = s;
	return E_OK;
}

enum err shared_open(const struct shared_conf *conf, struct shared **out, struct errctx *cx)
{
	struct shared *s = mem_zalloc(sizeof *s);
	enum err err;

	*out = NULL;
	if (!s)
		FAIL(cx, E_NOMEM, "no memory for the shared store");
	s->conf = conf->share;
	s->log = conf->log;
	s->clock = conf->clock;
	s->id = conf->id;
	(void)pthread_mutex_init(&s->lock, NULL);
	tzset(); /* before there is a second thread: both read local time, and the first time writes */
	err = connect_to(s, conf, cx);
	if (err) {
		shared_close(s);
		return err;
	}
	return begin(s, conf, out, cx);
}

void shared_detach(struct shared *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->store = NULL;
	pthread_mutex_unlock(&s->lock);
}

void shared_close(struct shared *s)
{
	if (!s)
		return;
	share_close(s->link);
	for (size_t i = 0; i < s->spends_n; i++)
		spend_free(s->spends[i]);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

struct share *shared_link(const struct shared *s)
{
	return s->link;
}

/* Under the lock. */
static struct spend *add_spend(struct shared *s, str name)
{
	struct spend *spend =
		s->spends_n < ARRAY_N(s->spends) ? spend_new(s->link, name, s->id, s->clock) : NULL;

	if (spend)
		s->spends[s->spends_n++] = spend;
	return spend;
}

struct spend *shared_spend_of(struct shared *s, struct tenant *t)
{
	struct spend *spend = t ? atomic_load(&t->spend) : NULL;

	if (spend)
		return spend;
	pthread_mutex_lock(&s->lock);
	if (t)
		spend = atomic_load(&t->spend);
	else if (s->spends_n)
		spend = s->spends[0];
	if (!spend)
		spend = add_spend(s, t ? str_from(t->name) : STR(""));
	if (t && spend)
		atomic_store(&t->spend, spend);
	pthread_mutex_unlock(&s->lock);
	return spend;
}

bool shared_is_fail_closed(const struct shared *s)
{
	return s->conf->is_fail_closed;
}

void shared_note_unknown(struct shared *s)
{
	atomic_fetch_add_explicit(&s->unknown_n, 1, memory_order_relaxed);
}

void shared_get_figures(struct shared *s, struct shared_figures *out)
{
	*out = (struct shared_figures){.unknown_n = atomic_load(&s->unknown_n)};
	share_get_stats(s->link, &out->link);
	store_get_peer_stats(s->store, &out->peer);
}

const struct proxy_share_conf *shared_conf(const struct shared *s)
{
	return s->conf;
}
