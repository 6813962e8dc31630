#include "cli/doctor_live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/vec.h"

enum {
	BODY_MAX = 4 << 20, /* far more than the conversation that is sent */
	CHUNK = 64 << 10,
	WORDS_MAX = 160, /* an URL, and the last words of a proxy that did not start */
	READY_FD = 3,
	NS_PER_MS = 1000000,
};

/* What a call holds beside arena memory; closed in every case. */
struct live {
	const struct doctor_live *conf;
	struct arena *arena;
	int listener, client, provider; /* sockets; -1 */
	int ready, words;               /* ends of pipes to read; -1 */
	pid_t pid;                      /* 0: none */
	uint16_t upstream_port, port;
	struct buf in; /* heap; what is read at the moment */
};

static enum err fail_errno(struct errctx *cx, const char *what)
{
	char why[FILE_ERRNO_TEXT];

	return err_set(cx, file_err(errno), "%s: %s", what, file_err_text(errno, why));
}

/* ---- sockets ---------------------------------------------------------------------------------- */

static enum err wait_for(int fd, short events, int64_t end_ns, struct errctx *cx)
{
	for (;;) {
		int64_t left = (end_ns - clock_monotonic_ns(NULL)) / NS_PER_MS;
		struct pollfd p = {.fd = fd, .events = events};
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return E_OK;
		if (n == 0)
			FAIL(cx, E_TIMEOUT, "nothing came in time");
		if (errno != EINTR)
			return fail_errno(cx, "poll");
	}
}

static int64_t deadline(const struct live *l)
{
	return clock_monotonic_ns(NULL) + l->conf->timeout_ms * NS_PER_MS;
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static enum err open_listener(struct live *l, struct errctx *cx)
{
	struct sockaddr_in at = loopback(0);
	socklen_t n = sizeof at;

	l->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->listener < 0 || bind(l->listener, (const struct sockaddr *)&at, sizeof at) != 0 ||
		listen(l->listener, 1) != 0 ||
		getsockname(l->listener, (struct sockaddr *)&at, &n) != 0)
		return fail_errno(cx, "a socket on loopback");
	l->upstream_port = ntohs(at.sin_port);
	return E_OK;
}

static enum err send_all(int fd, str data, int64_t end_ns, struct errctx *cx)
{
	while (data.n) {
		ssize_t n = send(fd, data.p, data.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			data = str_sub(data, (size_t)n, data.n);
		else if (errno == EAGAIN)
			TRY(wait_for(fd, POLLOUT, end_ns, cx));
		else if (errno != EINTR)
			return fail_errno(cx, "send");
	}
	return E_OK;
}

/* Appends what is there to l->in; *is_end: there is no more. */
static enum err read_some(struct live *l, int fd, int64_t end_ns, bool *is_end, struct errctx *cx)
{
	ssize_t n;

	TRY(wait_for(fd, POLLIN, end_ns, cx));
	if (!buf_reserve(&l->in, CHUNK))
		FAIL(cx, l->in.err, "%s", err_text(l->in.err));
	do
		n = read(fd, l->in.p + l->in.n, CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail_errno(cx, "read");
	l->in.n += (size_t)n;
	*is_end = n == 0;
	return E_OK;
}

/* ---- HTTP/1.1, as far as these two sides speak it (RFC 9112) ----------------------------------- */

/* Offset of the body; STR_NONE: the head has not ended. */
static size_t find_body(str message)
{
	size_t at = str_find(message, STR("\r\n\r\n"));

	return at == STR_NONE ? at : at + 4;
}

/* False: no such line. */
static bool find_length(str head, uint64_t *out)
{
	static const str name = {"content-length:", 15};
	str line;

	while (str_next_line(&head, &line, NULL))
		if (line.n > name.n && str_eq_nocase(str_sub(line, 0, name.n), name))
			return str_u64(str_trim(str_sub(line, name.n, line.n)), out);
	return false;
}

/* A whole message into l->in; *body is its body. */
static enum err read_message(struct live *l, int fd, str *body, struct errctx *cx)
{
	int64_t end_ns = deadline(l);
	bool is_end = false;
	size_t at = STR_NONE;
	uint64_t length = 0;

	buf_reset(&l->in);
	while (at == STR_NONE || l->in.n - at < length) {
		if (is_end)
			FAIL(cx, E_FAILED, "a connection ended in the middle of a message");
		TRY(read_some(l, fd, end_ns, &is_end, cx));
		if (at != STR_NONE)
			continue;
		at = find_body(buf_str(&l->in));
		if (at != STR_NONE && !find_length(str_sub(buf_str(&l->in), 0, at), &length))
			FAIL(cx, E_FAILED, "a message without a length");
		if (at != STR_NONE && length > BODY_MAX)
			FAIL(cx, E_TOO_BIG, "a message of %llu bytes", (unsigned long long)length);
	}
	*body = str_sub(buf_str(&l->in), at, at + (size_t)length);
	return E_OK;
}

static enum err send_request(struct live *l, struct errctx *cx)
{
	const struct doctor_live *c = l->conf;
	struct sockaddr_in at = loopback(l->port);
	str head;

	l->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->client < 0 || connect(l->client, (const struct sockaddr *)&at, sizeof at) != 0)
		return fail_errno(cx, "the proxy");
	head = arena_printf(l->arena,
		"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:%u\r\n"
		"content-type: application/json\r\nanthropic-version: 2023-06-01\r\n"
		"x-api-key: none\r\n%s" STR_FMT "%scontent-length: %zu\r\n\r\n",
		l->port, c->token.n ? "x-headroom-proxy-token: " : "", STR_ARG(c->token),
		c->token.n ? "\r\n" : "", c->request.n);
	TRY(send_all(l->client, head, deadline(l), cx));
	return send_all(l->client, c->request, deadline(l), cx);
}

/* The answer may also come before anything has arrived: then the proxy has refused. */
static enum err serve_upstream(struct live *l, str *arrived, struct errctx *cx)
{
	struct pollfd p[2] = {
		{.fd = l->listener, .events = POLLIN}, {.fd = l->client, .events = POLLIN}};
	str body, answer;

	if (poll(p, 2, (int)l->conf->timeout_ms) <= 0)
		FAIL(cx, E_TIMEOUT, "the proxy did not pass the request on");
	if (!p[0].revents) {
		TRY(read_message(l, l->client, &body, cx));
		FAIL(cx, E_FAILED, "the proxy refused the request: " STR_FMT,
			STR_ARG(str_trim(body)));
	}
	l->provider = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC);
	if (l->provider < 0)
		return fail_errno(cx, "accept");
	TRY(read_message(l, l->provider, &body, cx));
	*arrived = arena_str(l->arena, body);
	answer = arena_printf(l->arena,
		"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n"
		"connection: close\r\n\r\n" STR_FMT,
		l->conf->answer.n, STR_ARG(l->conf->answer));
	return send_all(l->provider, answer, deadline(l), cx);
}

static enum err take_answer(struct live *l, str *came_back, struct errctx *cx)
{
	str body;

	TRY(read_message(l, l->client, &body, cx));
	if (!str_starts(buf_str(&l->in), STR("HTTP/1.1 200 ")))
		FAIL(cx, E_FAILED, "the answer came back with another status: " STR_FMT,
			STR_ARG(str_trim(body)));
	*came_back = arena_str(l->arena, body);
	return E_OK;
}

/* ---- the process ------------------------------------------------------------------------------ */

/* Without what would lead this proxy elsewhere: a supervisor that waits for another one, an HTTP proxy for upstreams. */
static char **make_env(struct live *l)
{
	static const char *const dropped[] = {"NOTIFY_SOCKET=", "NO_PROXY=", "no_proxy="};
	VEC(char *) env = {0};

	for (char *const *e = l->conf->envp; *e; e++) {
		bool is_dropped = false;

		for (size_t i = 0; i < ARRAY_N(dropped); i++)
			is_dropped |= str_starts(str_from(*e), str_from(dropped[i]));
		if (!is_dropped)
			*vec_push(&env, l->arena) = *e;
	}
	*vec_push(&env, l->arena) = arena_cstr(l->arena, STR("no_proxy=*"));
	*vec_push(&env, l->arena) = NULL;
	return env.v;
}

/* --idle-exit: should this command be killed in the middle. */
static char **make_args(struct live *l)
{
	const char *upstream = arena_printf(l->arena, "http://127.0.0.1:%u", l->upstream_port).p;
	const char *const fixed[] = {"headroom", "--quiet", "proxy", "--stateless", "--port", "0",
		"--host", "127.0.0.1", "--workers", "1", "--ready-fd", "3", "--idle-exit", "30s",
		"--anthropic-api-url", upstream};
	VEC(char *) args = {0};

	for (size_t i = 0; i < ARRAY_N(fixed); i++)
		*vec_push(&args, l->arena) = arena_cstr(l->arena, str_from(fixed[i]));
	for (const char *const *more = l->conf->args; *more; more++)
		*vec_push(&args, l->arena) = arena_cstr(l->arena, str_from(*more));
	*vec_push(&args, l->arena) = NULL;
	return args.v;
}

/* Both ends may be READY_FD itself, which dup2 would leave to be closed at exec. */
static enum err open_pipe(int ends[2], struct errctx *cx)
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail_errno(cx, "pipe");
	for (int i = 0; i < 2; i++) {
		int fd = fcntl(ends[i], F_DUPFD_CLOEXEC, READY_FD + 1);

		(void)close(ends[i]);
		ends[i] = fd;
	}
	return ends[0] < 0 || ends[1] < 0 ? fail_errno(cx, "pipe") : E_OK;
}

static int spawn(struct live *l, int ready_end, int words_end)
{
	char **args = make_args(l), **env = make_env(l);
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc)
		return rc;
	rc |= posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	rc |= posix_spawn_file_actions_adddup2(&actions, words_end, STDOUT_FILENO);
	rc |= posix_spawn_file_actions_adddup2(&actions, words_end, STDERR_FILENO);
	rc |= posix_spawn_file_actions_adddup2(&actions, ready_end, READY_FD);
	if (!rc) /* in our group, so that Ctrl+C is for both */
		rc = posix_spawn(&l->pid, l->conf->exe, &actions, NULL, args, env);
	(void)posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static enum err start(struct live *l, struct errctx *cx)
{
	int ready[2] = {-1, -1}, words[2] = {-1, -1};
	enum err e = open_pipe(ready, cx);

	if (!e)
		e = open_pipe(words, cx);
	l->ready = ready[0];
	l->words = words[0];
	if (!e) {
		errno = spawn(l, ready[1], words[1]);
		if (errno) {
			l->pid = 0;
			e = fail_errno(cx, l->conf->exe);
		}
	}
	if (ready[1] >= 0)
		(void)close(ready[1]);
	if (words[1] >= 0)
		(void)close(words[1]);
	return e;
}

/* Why it has ended, in its own words. */
static enum err describe_end(struct live *l, struct errctx *cx)
{
	bool is_end = false;
	str text;

	buf_reset(&l->in);
	while (!is_end && l->in.n < CHUNK)
		TRY(read_some(l, l->words, deadline(l), &is_end, cx));
	text = str_trim(buf_str(&l->in));
	if (text.n > WORDS_MAX)
		text = str_sub(text, text.n - WORDS_MAX, text.n);
	FAIL(cx, E_UNAVAILABLE, "the proxy did not start: " STR_FMT, STR_ARG(text));
}

static enum err wait_ready(struct live *l, struct errctx *cx)
{
	int64_t end_ns = deadline(l);
	bool is_end = false;
	uint64_t port;
	str line;

	buf_reset(&l->in);
	while (str_find_byte(buf_str(&l->in), '\n') == STR_NONE) {
		if (is_end)
			return describe_end(l, cx);
		TRY(read_some(l, l->ready, end_ns, &is_end, cx));
	}
	line = str_trim(buf_str(&l->in));
	if (str_rfind_byte(line, ':') == STR_NONE ||
		!str_u64(str_sub(line, str_rfind_byte(line, ':') + 1, line.n), &port) ||
		port > UINT16_MAX)
		FAIL(cx, E_FAILED, "the proxy does not say where it listens");
	l->port = (uint16_t)port;
	return E_OK;
}

/* Ours, and not waited for yet, so the number is its own. Nothing of it is to be kept. */
static void end(struct live *l)
{
	const int fds[] = {l->client, l->provider, l->listener, l->ready, l->words};

	for (size_t i = 0; i < ARRAY_N(fds); i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	if (l->pid > 0) {
		(void)kill(l->pid, SIGKILL);
		while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	buf_release(&l->in);
}

enum err doctor_live_send(struct arena *a, const struct doctor_live *live, str *arrived,
	str *came_back, struct errctx *cx)
{
	struct live l = {.conf = live,
		.arena = a,
		.listener = -1,
		.client = -1,
		.provider = -1,
		.ready = -1,
		.words = -1};
	enum err e;

	buf_init(&l.in, BODY_MAX);
	e = open_listener(&l, cx);
	if (!e)
		e = start(&l, cx);
	if (!e)
		e = wait_ready(&l, cx);
	if (!e)
		e = send_request(&l, cx);
	if (!e)
		e = serve_upstream(&l, arrived, cx);
	if (!e)
		e = take_answer(&l, came_back, cx);
	end(&l);
	return e;
}
