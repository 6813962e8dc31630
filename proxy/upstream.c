#include "proxy/upstream.h"

#include <event2/buffer.h>
#include <stdio.h>

#include "core/base/arena.h"
#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "proxy/upstream_internal.h"
#include "proxy/upstream_plain.h"
#include "proxy/upstream_raw.h"

/* Handles that are kept with their settings until nothing is to be done: making one anew costs as much as a small
 * request. As many as run at once by default (--limit-concurrency). */
enum { SPARE_TRANSFERS = 1024 };
/* What is held for a client that reads slowly, over HTTP/2: more than the longest streams of models (128k tokens in
 * events of a hundred bytes). What may be longer, as files, is asked for in HTTP/1.1 (forward.c). */
#define HELD_MAX ((size_t)16 << 20)

/* ---- resets of HTTP/2 ---------------------------------------------------------------------------------- */

/* libcurl 7.88 keeps small frames of HTTP/2 back until something else is sent on the connection (http2.c, send_callback):
 * the provider would go on with a stream that nobody wants, and be paid for it. So a connection without
 * another stream is closed, and on one that has another, that one sends its window anew, and the reset with it. */
static long local_port(const struct transfer *t)
{
	long port = 0;

	if (t->may_be_http2)
		(void)curl_easy_getinfo(t->easy, CURLINFO_LOCAL_PORT, &port);
	return port;
}

static void close_if_alone(struct transfer *t)
{
	if (t->may_be_http2)
		(void)curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
}

/* Not from within a callback of curl. port: of a connection from which a stream has been taken. */
static void send_resets(struct upstreams *u, long port)
{
	struct transfer *t = port > 0 ? u->running : NULL;

	while (t && (t->is_over || local_port(t) != port))
		t = t->next;
	if (!t)
		return;
	(void)curl_easy_pause(t->easy, CURLPAUSE_RECV);
	(void)curl_easy_pause(t->easy, CURLPAUSE_CONT);
}

/* ---- the answer -------------------------------------------------------------------------------------- */

static void begin_head(struct transfer *t, str line)
{
	str rest = line, part;

	t->head = (struct upstream_head){.headers = t->headers};
	t->has_response = true;
	t->is_http2 = str_starts(line, STR("HTTP/2"));
	(void)str_split(&rest, ' ', &part); /* HTTP/1.1 */
	if (str_split(&rest, ' ', &part)) {
		uint64_t n;

		t->head.status = str_u64(part, &n) && n < 1000 ? (int)n : 0;
	}
	t->head.reason = rest.p ? arena_str(&t->arena, rest) : STR("");
}

static void add_header(struct transfer *t, str line)
{
	size_t colon = str_find_byte(line, ':');
	struct http_header *h;

	if (colon == STR_NONE || t->head.headers_n == RESPONSE_HEADERS_MAX)
		return;
	line = arena_str(&t->arena, line);
	h = &t->headers[t->head.headers_n++];
	h->name = str_sub(line, 0, colon);
	h->value = str_trim(str_sub(line, colon + 1, line.n));
	if (str_eq_nocase(h->name, STR("content-length")))
		t->head.has_length = str_u64(h->value, &t->head.length);
}

/* One line of a head, also of those of 1xx answers and of trailers. */
static size_t on_header(char *p, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	str line = str_trim_right((str){p, size * n});

	if (t->has_final_head)
		return size * n; /* a trailer */
	if (arena_recover(&t->arena))
		return 0;
	if (str_starts(line, STR("HTTP/")))
		begin_head(t, line);
	else if (line.n)
		add_header(t, line);
	arena_end_recover(&t->arena);
	if (line.n || t->head.status < 200)
		return size * n;
	t->has_final_head = true;
	t->is_stopped = !t->u->events->head(t->user, &t->head);
	if (!t->is_stopped)
		return size * n;
	close_if_alone(t);
	return 0;
}

static size_t held_n(const struct transfer *t)
{
	return t->held ? evbuffer_get_length(t->held) : 0;
}

/* A stream of HTTP/2 that pauses stalls all others of its connection: libcurl 7.88 offers each 32 MB of window, and
 * with the first byte that the paused one has no room for it stops reading from the socket (http2.c,
 * on_data_chunk_recv; while the others are asked again and again). So what a slow client has not taken waits here,
 * and one that is too far behind is given up. */
static size_t hold(struct transfer *t, str piece)
{
	if (!t->held)
		t->held = evbuffer_new();
	if (t->held && held_n(t) + piece.n <= HELD_MAX &&
		evbuffer_add(t->held, piece.p, piece.n) == 0)
		return piece.n;
	t->is_slow = true;
	close_if_alone(t);
	return 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	str piece = {p, size * n};

	if (t->is_stopped)
		return 0;
	if (held_n(t))
		return hold(t, piece);
	switch (t->u->events->body(t->user, piece)) {
	case UPSTREAM_TAKEN:
		return piece.n;
	case UPSTREAM_LATER:
		return t->is_http2 ? hold(t, piece) : CURL_WRITEFUNC_PAUSE;
	case UPSTREAM_STOP:
		break;
	}
	t->is_stopped = true;
	close_if_alone(t);
	return 0;
}

static size_t on_pull(char *p, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	bool is_last = false;
	size_t got = t->u->events->pull(t->user, p, size * n, &is_last);

	return got || is_last ? got : CURL_READFUNC_PAUSE;
}

enum upstream_end_kind upstream_end_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return UPSTREAM_COMPLETE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		return UPSTREAM_UNREACHABLE;
	case CURLE_OPERATION_TIMEDOUT: /* the only limit that curl keeps is that of connecting */
		return UPSTREAM_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		return UPSTREAM_BAD_TLS;
	default:
		return UPSTREAM_BROKEN;
	}
}

/* is_reused: the connection was a kept one. One that the provider has closed takes the head and breaks at the body, which
 * curl (7.88) does not repeat by itself: nobody can have acted on half a request. In HTTP/2 what could not be sent may
 * be another's. */
static enum upstream_end_kind end_kind(const struct transfer *t, CURLcode code, bool is_reused)
{
	if (t->is_stopped)
		return UPSTREAM_STOPPED;
	if (upstream_is_unprocessed(t))
		return UPSTREAM_UNREACHABLE;
	if (code == CURLE_OK && !t->has_final_head)
		return UPSTREAM_BROKEN;
	if (code == CURLE_SEND_ERROR && is_reused && !t->has_response && !t->is_http2)
		return UPSTREAM_UNREACHABLE;
	return upstream_end_of(code);
}

/* ---- handles ----------------------------------------------------------------------------------------- */

static void on_done(struct curl_owner *o, CURLcode code);

static void transfer_free(struct transfer *t)
{
	if (t->easy)
		curl_easy_cleanup(t->easy);
	if (t->held)
		evbuffer_free(t->held);
	arena_release(&t->arena);
	mem_free(t);
}

bool upstream_set_up(struct upstreams *u, CURL *e, struct curl_owner *owner, char *error)
{
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_ERRORBUFFER, error);
	bad |= curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)u->conf->connect_timeout_ms);
	bad |= curl_easy_setopt(
		e, CURLOPT_MAXAGE_CONN, (long)((u->conf->keepalive_expiry_ms + 999) / 1000));
	bad |= curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_loop_adopt(u->loop, e, owner);
	return bad == CURLE_OK && upstream_tls_apply(u->tls, e);
}

/* curl compares when a connection comes back, and counts that one and those in use; the transfer that it comes from still
 * runs then. 0 would be "as you like": who keeps none forbids it for each (upstream_request.c). */
void upstream_set_kept(struct upstreams *u)
{
	long in_use = (long)(u->running_n - plain_busy_n(u) + u->raw_n);
	long kept = u->idle_max - (long)plain_idle_n(u);

	(void)curl_multi_setopt(u->multi, CURLMOPT_MAXCONNECTS, (in_use ? in_use - 1 : 0) + kept);
}

size_t upstream_idle_n(const struct upstreams *u)
{
	size_t all = curl_loop_sockets_n(u->loop);
	size_t in_use = u->running_n - plain_busy_n(u) + u->raw_n; /* more than that: HTTP/2 */

	return plain_idle_n(u) + (all > in_use ? all - in_use : 0);
}

/* All that is the same for every request. */
static bool set_up(struct upstreams *u, struct transfer *t)
{
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	bad |= curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_READFUNCTION, on_pull);
	bad |= curl_easy_setopt(e, CURLOPT_READDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 64L << 10);
	bad |= curl_easy_setopt(e, CURLOPT_DEBUGFUNCTION, upstream_on_trace);
	bad |= curl_easy_setopt(e, CURLOPT_DEBUGDATA, t);
	return bad == CURLE_OK && upstream_set_up(u, e, &t->owner, t->error);
}

static struct transfer *take_transfer(struct upstreams *u)
{
	struct transfer *t = u->spare;

	if (t) {
		u->spare = t->next;
		u->spare_n--;
		return t;
	}
	t = mem_zalloc(sizeof *t);
	if (!t)
		return NULL;
	arena_init(&t->arena);
	t->owner.done = on_done;
	t->u = u;
	return t;
}

/* False: no memory for a handle. */
static bool has_handle(struct transfer *t)
{
	if (t->easy)
		return true;
	t->easy = curl_easy_init();
	if (t->easy && set_up(t->u, t))
		return true;
	if (t->easy)
		curl_easy_cleanup(t->easy);
	t->easy = NULL;
	return false;
}

/* ---- waiting for a connection -------------------------------------------------------------------------- */

/* One request at a time goes over a connection of HTTP/1.1. libcurl would keep those that wait, too, but looks at all of
 * them each time that one has ended: at a thousand, that was most of its work. */

static bool is_full(const struct upstreams *u)
{
	return u->single_n >= u->connections_max;
}

static void wait_for_connection(struct transfer *t)
{
	struct transfer **end = &t->u->waiting;

	if (t->u->last_waiting)
		end = &t->u->last_waiting->next_waiting;
	*end = t->u->last_waiting = t;
	t->next_waiting = NULL;
	t->is_waiting = true;
}

static void stop_waiting(struct transfer *t)
{
	struct transfer **at = &t->u->waiting, *before = NULL;

	for (; *at != t; at = &before->next_waiting)
		before = *at;
	*at = t->next_waiting;
	if (t->u->last_waiting == t)
		t->u->last_waiting = before;
	t->is_waiting = false;
}

static bool begin_with_curl(struct transfer *t)
{
	plain_make_room(t->u);
	return curl_multi_add_handle(t->u->multi, t->easy) == CURLM_OK;
}

static bool begin(struct transfer *t)
{
	if (!(t->is_plain ? plain_begin(t) : begin_with_curl(t)))
		return false;
	t->is_single = !t->may_be_http2;
	t->u->single_n += t->is_single;
	return true;
}

/* One that cannot begin, for want of memory, waits on for the next turn. */
static void start_waiting(struct upstreams *u)
{
	while (u->waiting && !is_full(u)) {
		struct transfer *t = u->waiting;

		if (!begin(t))
			return;
		stop_waiting(t);
	}
}

/* ---- spare handles ------------------------------------------------------------------------------------- */

/* Out of the list of those that run; kept for another request. */
static void give_back(struct transfer *t)
{
	struct upstreams *u = t->u;

	*t->at = t->next;
	if (t->next)
		t->next->at = t->at;
	u->running_n--;
	if (!u->running_n)
		u->idle_since_ns = clock_monotonic_ns(NULL);
	upstream_set_kept(u);
	if (t->is_waiting)
		stop_waiting(t);
	else if (t->plain)
		plain_cancel(t);
	else if (!t->is_plain && t->easy)
		(void)curl_multi_remove_handle(u->multi, t->easy);
	if (t->is_single) {
		t->is_single = false;
		u->single_n--;
		start_waiting(u);
	}
	t->user = NULL;
	if (t->held)
		evbuffer_free(t->held);
	t->held = NULL;
	if (u->spare_n == SPARE_TRANSFERS) {
		transfer_free(t);
		return;
	}
	arena_reset(&t->arena);
	t->next = u->spare;
	u->spare = t;
	u->spare_n++;
}

void transfer_finish(struct transfer *t)
{
	struct upstreams *u = t->u;
	struct upstream_end end = {.kind = t->end};
	void *user = t->user;
	char text[CURL_ERROR_SIZE] = "";
	long port = t->end == UPSTREAM_COMPLETE ? 0 : local_port(t);

	if (t->end != UPSTREAM_COMPLETE)
		(void)snprintf(text, sizeof text, "%s", t->error);
	end.text = text;
	give_back(t);
	send_resets(u, port);
	u->events->done(user, &end);
}

static void on_done(struct curl_owner *o, CURLcode code)
{
	struct transfer *t = (struct transfer *)o;
	long connects = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
	t->u->connects_n += (uint64_t)connects;
	t->u->reused_n += !connects;
	t->end = end_kind(t, code, !connects);
	t->is_over = true;
	if (t->is_slow)
		(void)snprintf(t->error, sizeof t->error, "the client reads too slowly");
	else if (!t->error[0])
		(void)snprintf(t->error, sizeof t->error, "%s", curl_easy_strerror(code));
	if (!held_n(t) || t->is_slow || t->is_stopped)
		transfer_finish(t);
}

/* ---- starting and ending ------------------------------------------------------------------------------- */

struct transfer *upstream_start(struct upstreams *u, const struct upstream_request *r, void *user)
{
	struct transfer *t = take_transfer(u);

	if (!t)
		return NULL;
	t->user = user;
	t->has_final_head = t->is_stopped = t->has_response = false;
	t->is_http2 = t->is_slow = t->is_over = t->has_goaway = t->may_be_http2 = false;
	t->is_plain = upstream_is_plain(u, r);
	t->error[0] = '\0';
	t->next = u->running;
	t->at = &u->running;
	if (t->next)
		t->next->at = &t->next;
	u->running = t;
	u->running_n++;
	upstream_set_kept(u);
	if ((t->is_plain || has_handle(t)) && upstream_set_request(t, r)) {
		if (!t->may_be_http2 && is_full(u))
			wait_for_connection(t);
		if (t->is_waiting || begin(t))
			return t;
	}
	give_back(t);
	return NULL;
}

void upstream_cancel(struct transfer *t)
{
	struct upstreams *u = t->u;
	long port = local_port(t);

	close_if_alone(t);
	give_back(t);
	send_resets(u, port);
}

/* What is held goes on; false when not all of it. */
static bool release_held(struct transfer *t)
{
	while (held_n(t)) {
		struct evbuffer_iovec v;

		(void)evbuffer_peek(t->held, -1, NULL, &v, 1);
		switch (t->u->events->body(t->user, (str){v.iov_base, v.iov_len})) {
		case UPSTREAM_TAKEN:
			(void)evbuffer_drain(t->held, v.iov_len);
			break;
		case UPSTREAM_LATER:
			return false;
		case UPSTREAM_STOP:
			t->is_stopped = true;
			t->end = UPSTREAM_STOPPED;
			return t->is_over;
		}
	}
	return true;
}

void upstream_resume(struct transfer *t)
{
	if (t->is_plain)
		plain_resume(t);
	else if (!t->is_http2)
		(void)curl_easy_pause(t->easy, CURLPAUSE_CONT);
	else if (release_held(t) && t->is_over)
		transfer_finish(t);
}

void upstream_pull(struct transfer *t)
{
	(void)curl_easy_pause(t->easy, CURLPAUSE_CONT);
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static void limit_connections(struct upstreams *u)
{
	u->multi = curl_loop_multi(u->loop);
	(void)curl_multi_setopt(u->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, u->connections_max);
	(void)curl_multi_setopt(u->multi, CURLMOPT_MAXCONNECTS, u->idle_max);
}

/* What is allowed to all workers, divided: the shares add up to it. */
static long share_of(const struct upstreams_conf *conf, int64_t all)
{
	return (long)(all / conf->workers_n + (conf->worker < all % conf->workers_n));
}

void upstreams_tick(struct upstreams *u, int64_t now_ns)
{
	plain_close_idle(u, now_ns - u->conf->keepalive_expiry_ms * 1000000);
	if (u->running_n || u->raw_n || !curl_loop_sockets_n(u->loop) ||
		now_ns - u->idle_since_ns < u->conf->keepalive_expiry_ms * 1000000)
		return;
	if (curl_loop_renew(u->loop))
		limit_connections(u);
}

enum err upstreams_new(const struct upstreams_conf *conf, struct upstreams **out, struct errctx *cx)
{
	const struct proxy_conf *p = conf->proxy;
	struct upstreams *u = mem_zalloc(sizeof *u);
	enum err err;

	*out = NULL;
	if (!u)
		FAIL(cx, E_NOMEM, "no memory for the upstream connections");
	u->conf = p;
	u->events = conf->events;
	u->connections_max = share_of(conf, p->max_connections);
	if (!u->connections_max)
		u->connections_max = 1; /* without one a worker could do nothing */
	u->idle_max = share_of(conf, p->max_keepalive);
	err = curl_loop_new(
		&(struct curl_loop_conf){
			.base = conf->base, .turn_over = conf->turn_over, .self = conf->self},
		&u->loop, cx);
	if (!err)
		err = upstream_tls_new(p, &u->tls, cx);
	if (err) {
		upstreams_free(u);
		return err;
	}
	limit_connections(u);
	*out = u;
	return E_OK;
}

void upstreams_free_spare(struct upstreams *u)
{
	while (u->spare) {
		struct transfer *t = u->spare;

		u->spare = t->next;
		transfer_free(t);
	}
	u->spare_n = 0;
}

void upstreams_free(struct upstreams *u)
{
	if (!u)
		return;
	while (u->running)
		give_back(u->running);
	plain_close_idle(u, INT64_MAX);
	mem_free(u->plain);
	while (u->raw)
		raw_close(u->raw);
	upstreams_free_spare(u);
	curl_loop_free(u->loop);
	upstream_tls_free(u->tls);
	mem_free(u);
}

void upstream_get_stats(const struct upstreams *u, struct upstream_stats *out)
{
	*out = (struct upstream_stats){.transfers_n = u->running_n,
		.connections_n = curl_loop_sockets_n(u->loop),
		.connects_n = u->connects_n,
		.reused_n = u->reused_n};
}
