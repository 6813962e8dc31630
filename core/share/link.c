#include "core/share/link.h"

#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/thread.h"
#include "core/share/link_internal.h"

/* ---- opening and closing ---- */

static bool copy_conf(struct share *s, const struct share_conf *conf)
{
	s->port = conf->port;
	s->db = conf->db;
	s->wait_ms = conf->wait_ms ? conf->wait_ms : SHARE_WAIT_MS;
	s->clock = conf->clock;
	s->event = conf->event;
	s->self = conf->self;
	s->host = mem_text(conf->host);
	s->user = conf->user.n ? mem_text(conf->user) : NULL;
	s->password = conf->password.n ? mem_text(conf->password) : NULL;
	(void)snprintf(
		s->prefix, sizeof s->prefix, "headroom1:{" STR_FMT "}:", STR_ARG(conf->space));
	return s->host && (s->user || !conf->user.n) && (s->password || !conf->password.n);
}

static struct share *share_new(const struct share_conf *conf)
{
	struct share *s = mem_zalloc(sizeof *s);

	if (!s)
		return NULL;
	buf_init(&s->out, SHARE_OUT_BYTES);
	buf_init(&s->sending, SHARE_OUT_BYTES);
	ASSERT(pthread_mutex_init(&s->lock, NULL) == 0);
	thread_cond_init(&s->changed);
	s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	s->expected = mem_alloc(SHARE_EXPECTED * sizeof *s->expected);
	if (copy_conf(s, conf) && s->expected && s->wake_fd >= 0)
		return s;
	share_close(s);
	return NULL;
}

static enum err start(struct share *s, struct errctx *cx)
{
	if (!thread_start(&s->thread, share_main, s, "share"))
		FAIL(cx, E_NOMEM, "cannot start the thread of the shared store");
	s->has_thread = true;
	return E_OK;
}

static enum err await_first_try(struct share *s, struct errctx *cx)
{
	struct timespec until;
	enum err err = E_UNAVAILABLE;

	until = thread_deadline(SHARE_OPEN_MS);
	pthread_mutex_lock(&s->lock);
	while (!s->was_tried && pthread_cond_timedwait(&s->changed, &s->lock, &until) == 0)
		;
	if (s->was_tried && s->first_try.code)
		err = err_set(cx, s->first_try.code, "%s", s->first_try.text);
	else if (s->was_tried)
		err = E_OK;
	else
		(void)err_set(cx, err, "no connection within %d seconds", SHARE_OPEN_MS / 1000);
	pthread_mutex_unlock(&s->lock);
	return err;
}

enum err share_open(const struct share_conf *conf, struct share **out, struct errctx *cx)
{
	struct share *s = share_new(conf);
	enum err err;

	*out = NULL;
	if (!s)
		FAIL(cx, E_NOMEM, "no memory for the shared store");
	err = start(s, cx);
	if (!err)
		err = await_first_try(s, cx);
	if (err && err != E_UNAVAILABLE)
		share_close(s);
	else
		*out = s;
	return err;
}

static void wake(struct share *s)
{
	uint64_t one = 1;

	while (write(s->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

static void free_secret(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	mem_free(s);
}

void share_close(struct share *s)
{
	if (!s)
		return;
	if (s->has_thread) {
		pthread_mutex_lock(&s->lock);
		s->is_closing = true;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
		wake(s);
		pthread_join(s->thread, NULL);
	}
	if (s->wake_fd >= 0)
		(void)close(s->wake_fd);
	buf_release(&s->out);
	buf_release(&s->sending);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	mem_free(s->expected);
	mem_free(s->host);
	mem_free(s->user);
	free_secret(s->password);
	mem_free(s);
}

str share_prefix(const struct share *s)
{
	return str_from(s->prefix);
}

int share_wait_ms(const struct share *s)
{
	return s->wait_ms;
}

bool share_is_up(struct share *s)
{
	bool is_up;

	pthread_mutex_lock(&s->lock);
	is_up = s->is_up;
	pthread_mutex_unlock(&s->lock);
	return is_up;
}

bool share_is_quick(struct share *s)
{
	bool is_quick;

	pthread_mutex_lock(&s->lock);
	is_quick = s->is_up && !s->is_slow;
	pthread_mutex_unlock(&s->lock);
	return is_quick;
}

/* ---- commands ---- */

struct share_batch *share_batch_new(void)
{
	struct share_batch *b = mem_zalloc(sizeof *b);

	if (b)
		buf_init(&b->text, SHARE_OUT_BYTES);
	return b;
}

/* RESP: an array of bulk strings. */
void share_add(struct share_batch *b, const str *parts, size_t n)
{
	if (!b)
		return;
	buf_add_byte(&b->text, '*');
	buf_add_u64(&b->text, n);
	buf_add(&b->text, STR("\r\n"));
	for (size_t i = 0; i < n; i++) {
		buf_add_byte(&b->text, '$');
		buf_add_u64(&b->text, parts[i].n);
		buf_add(&b->text, STR("\r\n"));
		buf_add(&b->text, parts[i]);
		buf_add(&b->text, STR("\r\n"));
	}
	b->n++;
}

str share_key(const struct share *s, const char *kind, str rest, char out[SHARE_KEY_MAX])
{
	int n = snprintf(out, SHARE_KEY_MAX, "%s%s:", s->prefix, kind);
	size_t at = n > 0 && n < SHARE_KEY_MAX ? (size_t)n : 0;

	ASSERT(rest.n < SHARE_KEY_MAX - at);
	if (rest.n)
		memcpy(out + at, rest.p, rest.n);
	return (str){out, at + rest.n};
}

void share_batch_release(struct share_batch *b)
{
	for (uint32_t i = 0; b->replies && i < b->n; i++)
		if (b->replies[i])
			freeReplyObject(b->replies[i]);
	mem_free(b->replies);
	buf_release(&b->text);
	mem_free(b);
}

/* Under the lock. */
static bool enqueue(struct share *s, struct share_batch *b)
{
	int64_t now_ns = clock_monotonic_ns(s->clock);

	if (!s->is_up || s->expected_n + b->n > SHARE_EXPECTED ||
		s->out.n + b->text.n > SHARE_OUT_BYTES || !buf_reserve(&s->out, b->text.n))
		return false;
	buf_add(&s->out, buf_str(&b->text));
	for (uint32_t i = 0; i < b->n; i++)
		s->expected[(s->first + s->expected_n++) % SHARE_EXPECTED] =
			(struct expected){b, i, now_ns};
	s->stats.commands_n += b->n;
	b->is_submitted = true;
	return true;
}

enum err share_submit(struct share *s, struct share_batch *b)
{
	bool was_idle, is_queued;

	if (!b || b->text.err)
		return E_NOMEM;
	ASSERT(!b->is_submitted && b->n);
	b->replies = mem_zalloc(b->n * sizeof(redisReply *));
	if (!b->replies)
		return E_NOMEM;
	pthread_mutex_lock(&s->lock);
	was_idle = !s->out.n;
	is_queued = enqueue(s, b);
	s->out.err = E_OK; /* memory that was short */
	s->stats.refused_n += !is_queued;
	pthread_mutex_unlock(&s->lock);
	if (is_queued && was_idle)
		wake(s);
	return is_queued ? E_OK : E_UNAVAILABLE;
}

enum err share_await(struct share *s, struct share_batch *b, int ms)
{
	int64_t begun_ns = clock_monotonic_ns(s->clock);
	struct timespec until;
	enum err err;

	until = thread_deadline(ms);
	pthread_mutex_lock(&s->lock);
	ASSERT(b->is_submitted);
	while (b->done_n < b->n && !b->has_failed && !s->is_slow)
		if (pthread_cond_timedwait(&s->changed, &s->lock, &until) != 0)
			break;
	err = b->done_n == b->n && !b->has_failed ? E_OK : E_UNAVAILABLE;
	if (err && !b->has_failed && s->is_up && !s->is_slow) {
		s->stats.timeouts_n++;
		s->is_slow = true; /* who comes now need not find out */
		pthread_cond_broadcast(&s->changed);
	}
	s->stats.waits_n++;
	s->stats.wait_us += (uint64_t)(clock_monotonic_ns(s->clock) - begun_ns) / 1000;
	pthread_mutex_unlock(&s->lock);
	return err;
}

void share_batch_free(struct share *s, struct share_batch *b)
{
	bool is_ours;

	if (!b)
		return;
	pthread_mutex_lock(&s->lock);
	is_ours = !b->is_submitted || b->done_n == b->n || b->has_failed;
	b->is_abandoned = true;
	pthread_mutex_unlock(&s->lock);
	if (is_ours)
		share_batch_release(b);
}

void share_post(struct share *s, struct share_batch *b)
{
	(void)!share_submit(s, b);
	share_batch_free(s, b);
}

/* ---- answers ---- */

static const redisReply *of(const struct share_reply *r)
{
	return (const redisReply *)(const void *)r;
}

static const struct share_reply *as_reply(const redisReply *r)
{
	return (const struct share_reply *)(const void *)r;
}

const struct share_reply *share_reply_at(const struct share_batch *b, size_t command)
{
	ASSERT(command < b->n && b->replies[command]);
	return as_reply(b->replies[command]);
}

bool share_is_nil(const struct share_reply *r)
{
	return of(r)->type == REDIS_REPLY_NIL;
}

bool share_is_error(const struct share_reply *r)
{
	return of(r)->type == REDIS_REPLY_ERROR;
}

str share_text(const struct share_reply *r)
{
	const redisReply *x = of(r);

	if (x->type != REDIS_REPLY_STRING && x->type != REDIS_REPLY_STATUS &&
		x->type != REDIS_REPLY_ERROR)
		return STR_NULL;
	return (str){x->str, x->len};
}

int64_t share_int(const struct share_reply *r)
{
	return of(r)->type == REDIS_REPLY_INTEGER ? of(r)->integer : 0;
}

size_t share_list_n(const struct share_reply *r)
{
	return of(r)->type == REDIS_REPLY_ARRAY ? of(r)->elements : 0;
}

const struct share_reply *share_item(const struct share_reply *r, size_t i)
{
	ASSERT(i < share_list_n(r));
	return as_reply(of(r)->element[i]);
}

void share_get_stats(struct share *s, struct share_stats *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->stats;
	out->is_up = s->is_up;
	out->is_quick = s->is_up && !s->is_slow;
	out->out_bytes = s->out.n;
	out->in_flight_n = s->expected_n;
	pthread_mutex_unlock(&s->lock);
}
