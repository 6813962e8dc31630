#include "proxy/backend_keys.h"

#include <pthread.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/thread.h"
#include "core/provider/provider.h"
#include "proxy/aws_keys.h"
#include "proxy/google_token.h"
#include "proxy/upstream_tls.h"

enum {
	AGAIN_MS = 10 * 1000, /* after a look-up that failed */
	REFUSED_MS =
		10 *
		1000,    /* how old those are that are looked for anew because they were refused */
	APART_MS = 1000, /* two look-ups are never closer */
	LOOK_MS = 60 * 1000, /* the clock may have been set meanwhile */
};

/* One set, with the memory that it lives in. */
struct set {
	struct arena arena;
	struct backend_secret secret;
};

struct backend_keys {
	const struct proxy_conf *conf;
	backend_find_fn *find;
	struct backend_place place;
	pthread_t thread;
	bool has_thread;
	_Atomic bool is_stopping;
	pthread_mutex_t lock; /* guards what is below */
	pthread_cond_t wake;
	struct set *set;
	bool is_refused;
	int64_t found_ms;  /* wall clock */
	struct errctx why; /* of the last look-up, where it failed */
};

static enum err find_into(struct backend_keys *k, struct set *s, struct errctx *cx)
{
	enum err err;

	if (arena_recover(&s->arena)) {
		arena_end_recover(&s->arena);
		return err_set(cx, E_NOMEM, "out of memory");
	}
	err = k->find(&k->place, &s->arena, &s->secret, cx);
	arena_end_recover(&s->arena);
	return err;
}

static void set_free(struct set *s)
{
	if (!s)
		return;
	arena_wipe(&s->arena);
	arena_release(&s->arena);
	mem_free(s);
}

static struct set *set_find(struct backend_keys *k, struct errctx *cx)
{
	struct set *s = mem_zalloc(sizeof *s);

	if (!s) {
		(void)err_set(cx, E_NOMEM, "out of memory");
		return NULL;
	}
	arena_init(&s->arena);
	if (find_into(k, s, cx) == E_OK)
		return s;
	set_free(s);
	return NULL;
}

/* ---- the thread ---------------------------------------------------------------------------------------- */

/* When to look for new ones, in ms from now; under the lock. */
static int64_t due_ms(const struct backend_keys *k, int64_t now_ms)
{
	int64_t life_ms = k->set->secret.expires_ms - k->found_ms;
	int64_t early_ms =
		life_ms / 2 < BACKEND_KEYS_EARLY_MS ? life_ms / 2 : BACKEND_KEYS_EARLY_MS;
	int64_t due = k->set->secret.expires_ms - early_ms - now_ms;

	if (k->is_refused)
		return 0;
	return k->set->secret.expires_ms ? due : INT64_MAX;
}

static void wait_ms(struct backend_keys *k, int64_t ms)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_REALTIME, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	(void)pthread_cond_timedwait(&k->wake, &k->lock, &at);
}

/* Takes and gives back the lock. */
static void look_again(struct backend_keys *k)
{
	struct errctx cx = {0};
	struct set *fresh, *old = NULL;

	(void)pthread_mutex_unlock(&k->lock);
	fresh = set_find(k, &cx);
	(void)pthread_mutex_lock(&k->lock);
	if (fresh) {
		old = k->set;
		k->set = fresh;
		k->found_ms = clock_wall_ms(k->conf->clock);
	} else if (!atomic_load(&k->is_stopping)) {
		LOG(k->conf->log, LOG_LEVEL_WARN, "credentials_not_renewed",
			log_s("backend", str_from(k->conf->backend.provider->name)),
			log_s("why", str_from(cx.text)));
	}
	k->is_refused = false;
	k->why = cx;
	set_free(old);
	if (!atomic_load(&k->is_stopping))
		wait_ms(k, fresh ? APART_MS : AGAIN_MS);
}

static void *run(void *self)
{
	struct backend_keys *k = self;

	(void)pthread_mutex_lock(&k->lock);
	while (!atomic_load(&k->is_stopping)) {
		int64_t ms = due_ms(k, clock_wall_ms(k->conf->clock));

		if (ms <= 0)
			look_again(k);
		else
			wait_ms(k, ms < LOOK_MS ? ms : LOOK_MS);
	}
	(void)pthread_mutex_unlock(&k->lock);
	return NULL;
}

/* ---- the rest ------------------------------------------------------------------------------------------ */

static backend_find_fn *find_of(const struct proxy_conf *conf)
{
	if (!conf->backend.provider)
		return NULL;
	if (conf->backend.provider->auth == PROVIDER_AWS)
		return aws_keys_find;
	return conf->backend.provider->auth == PROVIDER_GOOGLE ? google_token_find : NULL;
}

static enum err start(struct backend_keys *k, struct errctx *cx)
{
	TRY(upstream_tls_new(k->conf, &k->place.tls, cx));
	k->set = set_find(k, cx);
	if (!k->set)
		return err_prefix(cx, "--backend %s", k->conf->backend.provider->name);
	if (k->find == google_token_find && !k->conf->backend.project.n &&
		!k->set->secret.project.n)
		FAIL(cx, E_CONFIG, "--backend %s needs a project: set GOOGLE_CLOUD_PROJECT",
			k->conf->backend.provider->name);
	k->found_ms = clock_wall_ms(k->conf->clock);
	LOG(k->conf->log, LOG_LEVEL_INFO, "credentials",
		log_s("backend", str_from(k->conf->backend.provider->name)),
		log_s("source", str_from(k->set->secret.source)));
	if (!thread_start(&k->thread, run, k, "backend-keys"))
		FAIL(cx, E_UNAVAILABLE, "no more threads");
	k->has_thread = true;
	return E_OK;
}

enum err backend_keys_open(
	const struct proxy_conf *conf, struct backend_keys **out, struct errctx *cx)
{
	backend_find_fn *find = find_of(conf);
	struct backend_keys *k;
	enum err err;

	*out = NULL;
	if (!find)
		return E_OK;
	k = mem_zalloc(sizeof *k);
	if (!k)
		FAIL(cx, E_NOMEM, "out of memory");
	k->conf = conf;
	k->find = find;
	k->place = (struct backend_place){.envp = conf->backend.envp,
		.home = conf->backend.home,
		.profile = conf->backend.profile,
		.region = conf->backend.region,
		.clock = conf->clock,
		.stop = &k->is_stopping};
	(void)pthread_mutex_init(&k->lock, NULL);
	(void)pthread_cond_init(&k->wake, NULL);
	err = start(k, cx);
	if (err) {
		backend_keys_close(k);
		return err;
	}
	*out = k;
	return E_OK;
}

void backend_keys_close(struct backend_keys *k)
{
	if (!k)
		return;
	atomic_store(&k->is_stopping, true);
	(void)pthread_mutex_lock(&k->lock);
	(void)pthread_cond_signal(&k->wake);
	(void)pthread_mutex_unlock(&k->lock);
	if (k->has_thread)
		(void)pthread_join(k->thread, NULL);
	set_free(k->set);
	upstream_tls_free(k->place.tls);
	(void)pthread_cond_destroy(&k->wake);
	(void)pthread_mutex_destroy(&k->lock);
	mem_free(k);
}

enum { SECRET_TEXTS = 6 };

/* Bytes of all texts. */
static size_t list_texts(struct backend_secret *s, str *out[SECRET_TEXTS])
{
	str *const texts[SECRET_TEXTS] = {&s->keys.access, &s->keys.secret, &s->keys.session,
		&s->bearer, &s->quota_project, &s->project};
	size_t n = 0;

	memcpy(out, texts, sizeof texts);
	for (size_t i = 0; i < SECRET_TEXTS; i++)
		n += texts[i]->n;
	return n;
}

static size_t texts_bytes(struct backend_keys *k)
{
	str *texts[SECRET_TEXTS];
	size_t n;

	(void)pthread_mutex_lock(&k->lock);
	n = list_texts(&k->set->secret, texts);
	(void)pthread_mutex_unlock(&k->lock);
	return n;
}

/* False: they are others by now, which need more room. */
static bool copy_secret(struct backend_keys *k, char *p, size_t room, struct backend_secret *out,
	struct errctx *why)
{
	str *texts[SECRET_TEXTS];
	bool fits;

	(void)pthread_mutex_lock(&k->lock);
	*out = k->set->secret;
	fits = list_texts(out, texts) <= room;
	for (size_t i = 0; fits && i < SECRET_TEXTS; i++) {
		if (texts[i]->n)
			memcpy(p, texts[i]->p, texts[i]->n);
		texts[i]->p = p;
		p += texts[i]->n;
	}
	*why = k->why;
	(void)pthread_mutex_unlock(&k->lock);
	return fits;
}

/* Under the lock no memory may run out that jumps: room is made before. */
enum err backend_keys_get(
	struct backend_keys *k, struct arena *a, struct backend_secret *out, struct errctx *cx)
{
	struct errctx why;
	size_t room;

	do
		room = texts_bytes(k);
	while (!copy_secret(k, arena_alloc(a, room, 1), room, out, &why));
	if (out->expires_ms && out->expires_ms <= clock_wall_ms(k->conf->clock))
		FAIL(cx, E_UNAVAILABLE, "the credentials have ended, and there are no new ones: %s",
			why.text);
	return E_OK;
}

void backend_keys_refuse(struct backend_keys *k)
{
	(void)pthread_mutex_lock(&k->lock);
	/* A cloud says so, too, when they may not what was asked for. */
	if (clock_wall_ms(k->conf->clock) - k->found_ms > REFUSED_MS) {
		k->is_refused = true;
		(void)pthread_cond_signal(&k->wake);
	}
	(void)pthread_mutex_unlock(&k->lock);
}
