/* Memory that runs out in a running proxy, at random, in all its threads: each request ends, with an answer or a broken
 * connection, none hangs, nothing crashes or leaks; and when there is memory again, all is as before. Allocations of
 * libcurl do not fail here: 7.88.1 divides by zero after one in its singlesocket(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "proxy/proxy.h"

enum {
	PATIENCE_S = 60, /* an answer that takes longer hangs; a machine that is busy is slow */
	CLIENTS = 4,
	ROUNDS = 15, /* of each client through all kinds of requests */
	WORKERS = 2,
	HEAD = 64 << 10,
	LONG_TEXT = 40 << 10,
	PIECES = 2 << 20, /* more than is held whole */
};

/* ---- the provider: a thread for each connection ------------------------------------------------------- */

static void set_loopback(struct sockaddr_in *sa, uint16_t port)
{
	*sa = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
}

static bool send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* Reads a request with a length; false at the end. What is in text is its head and the beginning of its body. */
static bool read_request(int fd, char text[HEAD])
{
	size_t n = 0, left = SIZE_MAX;
	const char *end, *length;
	char rest[4096];

	while (left == SIZE_MAX) {
		ssize_t got = n < HEAD - 1 ? recv(fd, text + n, HEAD - 1 - n, 0) : 0;

		if (got <= 0)
			return false;
		n += (size_t)got;
		text[n] = '\0';
		end = strstr(text, "\r\n\r\n");
		length = strstr(text, "Content-Length: ");
		if (end && length)
			left = strtoul(length + 16, NULL, 10) - (size_t)(text + n - end - 4);
		else if (end)
			left = 0;
	}
	while (left) {
		ssize_t got = recv(fd, rest, left < sizeof rest ? left : sizeof rest, 0);

		if (got <= 0)
			return false;
		left -= (size_t)got;
	}
	return true;
}

static bool answer(int fd, const char *request)
{
	static const char event[] = "b\r\ndata: {}\n\n\r\n", end[] = "0\r\n\r\n",
			  head[] = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
				   "transfer-encoding: chunked\r\n\r\n",
			  whole[] = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
				    "content-length: 2\r\n\r\n{}";

	if (!strstr(request, "\"stream\":true"))
		return send_all(fd, whole, strlen(whole));
	if (!send_all(fd, head, strlen(head)))
		return false;
	for (int i = 0; i < 20; i++)
		if (!send_all(fd, event, strlen(event)))
			return false;
	return send_all(fd, end, strlen(end));
}

static void *serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char request[HEAD];

	while (read_request(fd, request) && answer(fd, request))
		;
	(void)close(fd);
	return NULL;
}

/* Until the listener is shut down. */
static void *accept_all(void *arg)
{
	int listener = (int)(intptr_t)arg, fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0)
			(void)pthread_detach(thread);
		else
			(void)close(fd);
	}
	return NULL;
}

/* ---- clients ------------------------------------------------------------------------------------------ */

struct stage {
	struct proxy_conf conf;
	char upstream[64];
	uint16_t port;
	sem_t is_listening;
	enum err ended;
	_Atomic unsigned answered, broken, hung;
	char *long_text, *pieces;
};

#define RESULT                                                                             \
	"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\"," \
	"\"content\":\"     1\\tint a;\\n     2\\tint b;\\n     3\\tint c;\\n     4\\tint d;\"}]}"

/* Each asks for the connection to be closed, so that the end of the bytes is the end of the answer. */
static const struct kind {
	const char *path, *fields, *body;
	bool has_long_text, is_in_pieces, leaves;
} kinds[] = {
	{.path = "/v1/messages",
		.body = "{\"model\":\"claude-opus-4-8\",\"messages\":[" RESULT "]}"},
	{.path = "/v1/messages",
		.body = "{\"model\":\"claude-opus-4-8\",\"stream\":true,\"messages\":[" RESULT
			"]}"},
	{.path = "/livez"},
	{.path = "/v1/files", .is_in_pieces = true},
	{.path = "/v1/chat/completions",
		.body = "{\"model\":\"gpt-4o\",\"temperature\":0,\"messages\":[]}"},
	{.path = "/v1/messages", .has_long_text = true},
	{.path = "/v1/messages",
		.fields = "Content-Encoding: gzip\r\n",
		.body = "this is not gzip"},
	{.path = "/v1/messages", .fields = "Content-Length: 7\r\n", .body = "two lengths"},
	{.path = "/p/name/v1/messages?a=b", .fields = "X-Api-Key: k\r\n", .body = "{}"},
	{.path = "/v1/messages",
		.body = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}",
		.leaves = true},
};

static int connect_proxy(const struct stage *s)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_in sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	set_loopback(&sa, s->port);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
			       connect(fd, (struct sockaddr *)&sa, sizeof sa))) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/* The status of the answer; 0: the connection broke; -1: nothing came for too long. */
static int read_answer(int fd)
{
	char bytes[4096], status[13] = "";
	size_t n = 0;

	for (;;) {
		ssize_t got = recv(fd, bytes, sizeof bytes, 0);

		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return -1;
		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got && n < sizeof status - 1; i++)
			status[n++] = bytes[i];
	}
	return n == sizeof status - 1 ? (int)strtol(status + 9, NULL, 10) : 0;
}

static int ask(const struct stage *s, const struct kind *k)
{
	const char *body = k->is_in_pieces    ? s->pieces
			   : k->has_long_text ? s->long_text
			   : k->body          ? k->body
					      : "";
	int fd = connect_proxy(s), status = 0, n;
	char head[512];

	if (fd < 0)
		return -1;
	n = snprintf(head, sizeof head,
		"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s"
		"Content-Length: %zu\r\n\r\n",
		*body ? "POST" : "GET", k->path, k->fields ? k->fields : "", strlen(body));
	/* What cannot be sent may have been answered already. */
	if (send_all(fd, head, (size_t)n))
		(void)send_all(fd, body, strlen(body));
	if (!k->leaves)
		status = read_answer(fd);
	(void)close(fd);
	return status;
}

static void *run_client(void *arg)
{
	struct stage *s = arg;

	for (size_t i = 0; i < ROUNDS * ARRAY_N(kinds) && !s->hung; i++) {
		int status = ask(s, &kinds[i % ARRAY_N(kinds)]);

		atomic_fetch_add(status < 0 ? &s->hung : status ? &s->answered : &s->broken, 1);
	}
	return NULL;
}

/* ---- the proxy ---------------------------------------------------------------------------------------- */

static void on_listening(void *self, const char *url)
{
	struct stage *s = self;

	s->port = (uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10);
	(void)sem_post(&s->is_listening);
}

static void *run_proxy(void *arg)
{
	struct stage *s = arg;

	s->ended = proxy_run(&s->conf, NULL);
	(void)sem_post(&s->is_listening); /* who waits for one that did not start sees its error */
	return NULL;
}

static void set_conf(struct stage *s)
{
	s->conf = (struct proxy_conf){.host = "127.0.0.1",
		.ready_fd = -1,
		.control_fd = -1,
		.workers = WORKERS,
		.is_optimizing = true,
		.has_response_cache = true,
		.is_stateless = true,
		.limits = {.concurrency = 100},
		.max_connections = 100,
		.max_keepalive = 4,
		.request_timeout_ms = (PATIENCE_S / 2) * 1000,
		.connect_timeout_ms = 10000,
		.keepalive_expiry_ms = 1000,
		.drain_ms = PATIENCE_S * 1000,
		.retry_max_attempts = 2,
		.body_max = 8 << 20,
		.version = "test",
		.listening = on_listening,
		.listening_self = s};
	for (size_t i = 0; i < PROXY_UPSTREAMS; i++)
		s->conf.upstreams[i] = str_from(s->upstream);
}

static void make_bodies(struct stage *s)
{
	static const char begin[] = "{\"model\":\"claude-opus-4-8\",\"messages\":[{\"role\":"
				    "\"user\",\"content\":\"",
			  end[] = "\"}]}";

	s->long_text = mem_alloc(LONG_TEXT + 1);
	s->pieces = mem_alloc(PIECES + 1);
	assert_true(s->long_text && s->pieces);
	memset(s->long_text, 'x', LONG_TEXT);
	memcpy(s->long_text, begin, strlen(begin));
	memcpy(s->long_text + LONG_TEXT - strlen(end), end, sizeof end);
	memset(s->pieces, 'p', PIECES);
	s->pieces[PIECES] = '\0';
}

static int listen_for_proxy(struct stage *s)
{
	struct sockaddr_in sa;
	socklen_t n = sizeof sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	set_loopback(&sa, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(fd, 100), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	(void)snprintf(s->upstream, sizeof s->upstream, "http://127.0.0.1:%u", ntohs(sa.sin_port));
	return fd;
}

static void check_all_is_well(const struct stage *s)
{
	static const int expected[ARRAY_N(kinds)] = {
		200, 200, 200, 200, 200, 200, 400, 400, 200, 0};

	for (size_t i = 0; i < ARRAY_N(kinds); i++)
		assert_int_equal(ask(s, &kinds[i]), expected[i]);
}

static void run_at_rate(unsigned one_in)
{
	struct stage s = {0};
	pthread_t proxy, provider, clients[CLIENTS];
	int listener = listen_for_proxy(&s);

	set_conf(&s);
	make_bodies(&s);
	assert_int_equal(sem_init(&s.is_listening, 0, 0), 0);
	assert_int_equal(
		pthread_create(&provider, NULL, accept_all, (void *)(intptr_t)listener), 0);
	assert_int_equal(pthread_create(&proxy, NULL, run_proxy, &s), 0);
	assert_int_equal(sem_wait(&s.is_listening), 0);
	assert_int_equal(s.ended, E_OK);
	mem_fail_at_random(one_in);
	for (int i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&clients[i], NULL, run_client, &s), 0);
	for (int i = 0; i < CLIENTS; i++)
		(void)pthread_join(clients[i], NULL);
	mem_fail_at_random(0);
	print_message("# one in %u: %u answered, %u broken\n", one_in, s.answered, s.broken);
	assert_int_equal(s.hung, 0);
	check_all_is_well(&s);
	assert_int_equal(kill(getpid(), SIGTERM), 0); /* the proxy reads it from a signalfd */
	(void)pthread_join(proxy, NULL);
	assert_int_equal(s.ended, E_OK);
	(void)shutdown(listener, SHUT_RDWR);
	(void)pthread_join(provider, NULL);
	(void)close(listener);
	(void)sem_destroy(&s.is_listening);
	mem_free(s.long_text);
	mem_free(s.pieces);
}

static void test_every_request_ends(void **state)
{
	(void)state;
	for (unsigned one_in = 10; one_in <= 2430; one_in *= 3)
		run_at_rate(one_in);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_request_ends)};
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &term, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
