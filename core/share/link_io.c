/* link_io: the thread of the link. It has the connection for itself; what it shares stands under the lock. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/share/link_internal.h"

#define NS_PER_MS INT64_C(1000000)

enum { POLL_MS = 100, PROBE_MS = 200, SHARE_GOODBYE_MS = 300 };

static void tell(struct share *s, enum share_event what, const char *why)
{
	if (s->event)
		s->event(s->self, what, why);
}

/* ---- the end of a connection ---- */

/* Under the lock: what was under way has failed. */
static void fail_all(struct share *s)
{
	while (s->expected_n) {
		struct expected *x = &s->expected[s->first];
		struct share_batch *b = x->batch;

		s->first = (s->first + 1) % SHARE_EXPECTED;
		s->expected_n--;
		if (!b)
			continue;
		if (!b->is_abandoned)
			b->has_failed = true;
		else if (x->command == b->n - 1)
			share_batch_release(b);
	}
	buf_release(&s->out);
	pthread_cond_broadcast(&s->changed);
}

static void disconnect(struct share *s, const char *reason)
{
	char why[SHARE_ERROR_MAX]; /* the reason may be the connection's own */

	share_error_copy(why, sizeof why, str_from(reason));
	redisFree(s->c);
	s->c = NULL;
	buf_release(&s->sending);
	s->sent_n = 0;
	pthread_mutex_lock(&s->lock);
	s->is_up = false;
	s->stats.lost_n++;
	(void)snprintf(s->stats.error, sizeof s->stats.error, "%s", why);
	fail_all(s);
	pthread_mutex_unlock(&s->lock);
	tell(s, SHARE_LOST, why);
}

/* ---- answers ---- */

/* OOM, READONLY, WRONGTYPE, ... : the same thing is told once. */
static void note_error(struct share *s, str text)
{
	char why[SHARE_ERROR_MAX], kind[sizeof s->refused_kind];
	size_t n = str_find_byte(text, ' ');

	share_error_copy(why, sizeof why, text);
	share_error_copy(kind, sizeof kind, n == STR_NONE ? text : str_sub(text, 0, n));
	pthread_mutex_lock(&s->lock);
	s->stats.errors_n++;
	(void)snprintf(s->stats.error, sizeof s->stats.error, "%s", why);
	pthread_mutex_unlock(&s->lock);
	if (strcmp(kind, s->refused_kind) == 0)
		return;
	(void)snprintf(s->refused_kind, sizeof s->refused_kind, "%s", kind);
	tell(s, SHARE_REFUSED, why);
}

/* The server's mark: another one, or none, means that all is gone. */
static void take_mark(struct share *s, redisReply *r)
{
	bool is_there =
		r->type == REDIS_REPLY_STRING && str_eq((str){r->str, r->len}, str_from(s->born));

	if (r->type == REDIS_REPLY_NIL || (r->type == REDIS_REPLY_STRING && !is_there)) {
		share_error_copy(s->born, sizeof s->born,
			r->type == REDIS_REPLY_STRING ? (str){r->str, r->len}
						      : str_from(s->next_mark));
		clock_id(s->clock, s->next_mark);
		pthread_mutex_lock(&s->lock);
		s->stats.emptied_n++;
		pthread_mutex_unlock(&s->lock);
		tell(s, SHARE_EMPTIED, "what was kept there is gone");
	} else if (is_there) {
		tell(s, SHARE_UPKEEP, "");
	}
	freeReplyObject(r);
}

/* Under the lock. */
static void note_time(struct share *s, const struct expected *x)
{
	static const uint64_t bounds[SHARE_TIMES_N - 1] = SHARE_TIMES_US;
	int64_t ns = clock_monotonic_ns(s->clock) - x->sent_ns;
	uint64_t us = ns > 0 ? (uint64_t)ns / 1000 : 0;
	size_t i = 0;

	while (i < ARRAY_N(bounds) && us > bounds[i])
		i++;
	s->stats.times_n[i]++;
	s->stats.answers_n++;
	s->stats.answers_us += us;
	if (ns < s->wait_ms * NS_PER_MS)
		s->is_slow = false;
}

/* False: nobody has asked. */
static bool take_reply(struct share *s, redisReply *r)
{
	struct share_batch *b, *done = NULL;
	struct expected x;

	if (r->type == REDIS_REPLY_ERROR)
		note_error(s, (str){r->str, r->len});
	pthread_mutex_lock(&s->lock);
	if (!s->expected_n) {
		pthread_mutex_unlock(&s->lock);
		freeReplyObject(r);
		return false;
	}
	x = s->expected[s->first];
	s->first = (s->first + 1) % SHARE_EXPECTED;
	s->expected_n--;
	note_time(s, &x);
	b = x.batch;
	if (b) {
		b->replies[x.command] = r;
		if (++b->done_n == b->n && b->is_abandoned)
			done = b;
		else if (b->done_n == b->n)
			pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	if (done)
		share_batch_release(done);
	if (!b)
		take_mark(s, r);
	return true;
}

static void count_bytes(struct share *s, uint64_t *figure, size_t n)
{
	pthread_mutex_lock(&s->lock);
	*figure += n;
	pthread_mutex_unlock(&s->lock);
}

/* NULL, or why the connection has to end. */
static const char *read_replies(struct share *s)
{
	size_t before = s->c->reader->len;
	void *reply;

	if (redisBufferRead(s->c) != REDIS_OK)
		return s->c->errstr;
	if (s->c->reader->len > before)
		count_bytes(s, &s->stats.received_bytes, s->c->reader->len - before);
	for (;;) {
		if (redisGetReplyFromReader(s->c, &reply) != REDIS_OK)
			return s->c->errstr;
		if (!reply)
			return NULL;
		if (!take_reply(s, reply))
			return "an answer that nobody asked for";
	}
}

/* ---- commands ---- */

static const char *write_some(struct share *s)
{
	while (s->sent_n < s->sending.n) {
		ssize_t n = send(
			s->c->fd, s->sending.p + s->sent_n, s->sending.n - s->sent_n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return NULL;
		if (n < 0)
			return "the connection was broken while writing";
		s->sent_n += (size_t)n;
		count_bytes(s, &s->stats.sent_bytes, (size_t)n);
	}
	if (s->sending.cap > (size_t)1 << 20)
		buf_release(&s->sending);
	buf_reset(&s->sending);
	s->sent_n = 0;
	return NULL;
}

/* Under the lock: the link's own question. */
static void ask_mark(struct share *s)
{
	char key[SHARE_KEY_MAX];
	struct share_batch b = {0};
	str parts[7];

	if (s->expected_n == SHARE_EXPECTED)
		return;
	buf_init(&b.text, SHARE_KEY_MAX * 2);
	share_mark_parts(s, s->next_mark, key, parts);
	share_add(&b, parts, ARRAY_N(parts));
	if (!b.text.err && buf_reserve(&s->out, b.text.n)) {
		buf_add(&s->out, buf_str(&b.text));
		s->expected[(s->first + s->expected_n++) % SHARE_EXPECTED] =
			(struct expected){NULL, 0, clock_monotonic_ns(s->clock)};
	}
	s->out.err = E_OK;
	buf_release(&b.text);
}

/* Takes what is to be sent. NULL, or why the connection has to end. */
static const char *take_out(struct share *s, int64_t now_ns)
{
	const char *why = NULL;
	int64_t every_ms;

	pthread_mutex_lock(&s->lock);
	every_ms = s->is_slow ? PROBE_MS : SHARE_UPKEEP_MS;
	if (now_ns - s->upkeep_ns >= every_ms * NS_PER_MS) {
		s->upkeep_ns = now_ns;
		ask_mark(s);
	}
	if (s->expected_n && now_ns - s->expected[s->first].sent_ns > SHARE_STALL_MS * NS_PER_MS)
		why = "it does not answer";
	if (!s->sending.n && s->out.n) {
		struct buf t = s->sending;

		s->sending = s->out;
		s->out = t;
	}
	pthread_mutex_unlock(&s->lock);
	return why;
}

static void drain_wake(struct share *s)
{
	uint64_t n;

	while (read(s->wake_fd, &n, sizeof n) < 0 && errno == EINTR)
		;
}

/* Once around while there is a connection. NULL, or why it has to end. */
static const char *serve(struct share *s)
{
	const char *why = take_out(s, clock_monotonic_ns(s->clock));
	struct pollfd p[2] = {{.fd = s->wake_fd, .events = POLLIN}, {.events = POLLIN}};

	if (!why && s->sending.n)
		why = write_some(s);
	if (why)
		return why;
	p[1].fd = s->c->fd;
	p[1].events = (short)(POLLIN | (s->sending.n ? POLLOUT : 0));
	if (poll(p, 2, POLL_MS) < 0 && errno != EINTR)
		return "poll has failed";
	if (p[0].revents)
		drain_wake(s);
	return p[1].revents & (POLLIN | POLLERR | POLLHUP) ? read_replies(s) : NULL;
}

/* ---- the thread ---- */

static bool is_closing(struct share *s)
{
	bool is;

	pthread_mutex_lock(&s->lock);
	is = s->is_closing;
	pthread_mutex_unlock(&s->lock);
	return is;
}

static void rest(struct share *s, int ms)
{
	struct pollfd p = {.fd = s->wake_fd, .events = POLLIN};

	if (!is_closing(s) && poll(&p, 1, ms) > 0)
		drain_wake(s);
}

static bool try_connect(struct share *s)
{
	struct errctx cx = {0};
	bool is_emptied = false, is_first;
	bool is_up = share_connect(s, &is_emptied, &cx) == E_OK;

	s->refused_kind[0] = '\0';
	s->upkeep_ns = clock_monotonic_ns(s->clock);
	pthread_mutex_lock(&s->lock);
	is_first = !s->was_tried;
	s->was_tried = true;
	s->is_up = is_up;
	s->is_slow = false;
	if (is_first)
		s->first_try = cx;
	if (is_up)
		s->stats.error[0] = '\0';
	else
		share_error_copy(s->stats.error, sizeof s->stats.error, str_from(cx.text));
	s->stats.emptied_n += is_up && is_emptied && !is_first;
	s->stats.connects_n += is_up;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (is_up && is_emptied)
		tell(s, SHARE_EMPTIED, is_first ? "" : "what was kept there is gone");
	if (is_up && !is_first)
		tell(s, SHARE_BACK, "");
	return is_up;
}

static bool is_idle(struct share *s)
{
	bool is;

	pthread_mutex_lock(&s->lock);
	is = !s->expected_n && !s->out.n;
	pthread_mutex_unlock(&s->lock);
	return is;
}

/* What was posted last is done, if that takes no time: a connection that is closed before its answers were read may take the
 * commands with it. */
static void say_goodbye(struct share *s)
{
	int64_t until_ns = clock_monotonic_ns(s->clock) + SHARE_GOODBYE_MS * NS_PER_MS;

	while (!is_idle(s) && clock_monotonic_ns(s->clock) < until_ns)
		if (serve(s))
			break;
	redisFree(s->c);
	s->c = NULL;
}

void *share_main(void *arg)
{
	struct share *s = arg;
	int wait_ms = SHARE_RETRY_MIN_MS;

	while (!is_closing(s)) {
		const char *why = NULL;

		if (!s->c && !try_connect(s)) {
			rest(s, wait_ms);
			wait_ms =
				wait_ms * 2 < SHARE_RETRY_MAX_MS ? wait_ms * 2 : SHARE_RETRY_MAX_MS;
			continue;
		}
		wait_ms = SHARE_RETRY_MIN_MS;
		why = serve(s);
		if (why) {
			disconnect(s, why);
			rest(s, wait_ms);
		}
	}
	if (s->c)
		say_goodbye(s);
	pthread_mutex_lock(&s->lock);
	s->is_up = false;
	fail_all(s);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
