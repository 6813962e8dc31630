/* A proxy is known by what it answers, its process by what it holds. The other side is a thread with canned answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proxy/control.h"
#include "core/lease/port_owner.h"
#include "proxy/port_owner.h"

enum { ASK_MS = 10000, SHORT_MS = 50, REQUEST_MAX = 4096, NOBODY = 65534 };

/* A socket that listens on a loopback port of the system's choice. */
static int listen_anywhere(uint16_t *port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	*port = ntohs(sa.sin_port);
	return fd;
}

struct server {
	int fd;
	uint16_t port;
	const char *answers[2]; /* in turn; NULL ends */
	char requests[2][REQUEST_MAX];
};

static void answer_one(int fd, char *request, const char *body)
{
	size_t n = 0;
	char head[256];
	ssize_t got;

	while (n < REQUEST_MAX - 1 && !strstr(request, "\r\n\r\n") &&
		(got = recv(fd, request + n, REQUEST_MAX - 1 - n, 0)) > 0)
		n += (size_t)got;
	got = snprintf(head, sizeof head,
		"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		strlen(body));
	(void)!send(fd, head, (size_t)got, MSG_NOSIGNAL);
	(void)!send(fd, body, strlen(body), MSG_NOSIGNAL);
}

static void *serve(void *arg)
{
	struct server *s = arg;

	for (size_t i = 0; i < 2 && s->answers[i]; i++) {
		int fd = accept(s->fd, NULL, NULL);

		if (fd < 0)
			break;
		answer_one(fd, s->requests[i], s->answers[i]);
		(void)close(fd);
	}
	return NULL;
}

static enum err ask(struct server *s, struct control_health *out, struct errctx *cx)
{
	pthread_t thread;
	enum err err;

	s->fd = listen_anywhere(&s->port);
	assert_int_equal(pthread_create(&thread, NULL, serve, s), 0);
	err = control_health(s->port, ASK_MS, out, cx);
	(void)shutdown(s->fd, SHUT_RDWR);
	assert_int_equal(pthread_join(thread, NULL), 0);
	(void)close(s->fd);
	return err;
}

#define HEALTH                                                                             \
	"{\"service\":\"headroom-proxy\",\"version\":\"9.8.7\",\"ready\":true,"            \
	"\"uptime_seconds\":12.5,\"config\":{\"pid\":4711,\"mode\":\"cache\"},\"stats\":{" \
	"\"requests\":3,\"tokens_saved\":-5}}"

static void a_proxy_says_how_it_does(void **state)
{
	struct server s = {.answers = {HEALTH}};
	struct control_health h;

	(void)state;
	assert_int_equal(ask(&s, &h, NULL), E_OK);
	assert_non_null(strstr(s.requests[0], "GET /health HTTP/1.1\r\n"));
	assert_null(strstr(s.requests[0], "token"));
	assert_string_equal(h.version, "9.8.7");
	assert_string_equal(h.mode, "cache");
	assert_int_equal(h.pid, 4711);
	assert_true(h.is_ready && h.uptime_s > 12 && h.uptime_s < 13);
	assert_int_equal(h.requests, 3);
	assert_int_equal(h.tokens_saved, -5);
}

static void one_behind_other_names_says_little(void **state)
{
	struct server s = {.answers = {"{\"service\":\"headroom-proxy\",\"version\":\"1\"}"}};
	struct control_health h;

	(void)state;
	assert_int_equal(ask(&s, &h, NULL), E_OK);
	assert_string_equal(h.version, "1");
	assert_int_equal(h.pid, 0);
	assert_int_equal(h.requests, -1);
}

static void another_server_is_no_headroom(void **state)
{
	struct server s = {.answers = {"<html>", "[\"headroom-proxy\"]"}};
	struct errctx cx = {0};
	struct control_health h;

	(void)state;
	assert_int_equal(ask(&s, &h, &cx), E_FAILED);
	assert_non_null(strstr(cx.text, "is no headroom"));
}

static void silence_and_nobody_are_told_apart(void **state)
{
	struct errctx cx = {0};
	struct control_health h;
	uint16_t port;
	int fd = listen_anywhere(&port);

	(void)state;
	assert_int_equal(control_health(port, SHORT_MS, &h, &cx), E_FAILED);
	assert_non_null(strstr(cx.text, "does not answer"));
	(void)close(fd);
	assert_int_equal(control_health(port, ASK_MS, &h, &cx), E_NOT_FOUND);
}

static void what_is_odd_in_an_answer_does_no_harm(void **state)
{
	static const char *const pids[] = {"-1", "0", "1e99", "2147483648", "\"1\"", "null", "1.5"};
	struct control_health h;
	char body[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(pids); i++) {
		(void)snprintf(body, sizeof body,
			"{\"service\":\"headroom-proxy\",\"version\":\"\\u001b[1m\",\"config\":{"
			"\"pid\":%s,\"optimize\":false}}",
			pids[i]);
		h = (struct control_health){.pid = 0};
		assert_int_equal(control_parse(str_from(body), &h, NULL), E_OK);
		assert_int_equal(h.pid, 0);
		assert_string_equal(h.version, "?[1m");
		assert_string_equal(h.mode, "off");
	}
}

/* ---- who holds a port ------------------------------------------------------------------------- */

static void the_holder_of_a_port_is_found(void **state)
{
	struct port_owner o;
	uint16_t port;
	int fd = listen_anywhere(&port);

	(void)state;
	assert_true(port_owner_find(port, 0, &o));
	assert_int_equal(o.pid, getpid());
	assert_memory_equal(o.name, "test_proxy_cont", 15);
	assert_true(port_owner_find(port, getpid(), &o));
	assert_false(port_owner_find(port, 1, &o));
	assert_true(port_owner_is_user(port, getuid()));
	assert_false(port_owner_is_user(port, getuid() + 1));
	(void)close(fd);
	assert_false(port_owner_find(port, 0, &o));
	assert_false(port_owner_is_user(port, getuid()));
}

/* Of two at one port, one is somebody else's: nothing is said of who will answer. */
static void a_port_of_two_users_is_nobodys(void **state)
{
	struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	uint16_t port;
	int fd = listen_anywhere(&port), other, status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	other = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (other < 0)
		skip(); /* no IPv6 here */
	(void)close(other);
	sa.sin6_port = htons(port);
	pid = fork();
	if (pid == 0) {
		bool is_ok = seteuid(NOBODY) == 0;

		other = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
		is_ok = is_ok && bind(other, (const struct sockaddr *)&sa, sizeof sa) == 0 &&
			listen(other, 1) == 0 && !port_owner_is_user(port, 0) &&
			!port_owner_is_user(port, NOBODY);
		_exit(is_ok ? 0 : 1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(fd);
}

static void lines_of_the_kernel_are_read(void **state)
{
	static const char line[] = "   1: 0100007F:2253 00000000:0000 0A 00000000:00000000 "
				   "00:00000000 00000000  1000        0 4242 1 0000 100 0 0 10 0\n";
	static const char v6[] = "   1: 00000000000000000000000001000000:2253 "
				 "00000000000000000000000000000000:0000 0A 00000000:00000000 "
				 "00:00000000 00000000     0        0 77 1 0 100 0 0 10 0\n";
	static const char connected[] =
		"   1: 0100007F:2253 0100007F:A000 01 00000000:00000000 00:00000000 "
		"00000000  1000        0 4242 1 0 100 0 0 10 0\n";

	(void)state;
	assert_int_equal(port_owner_inode(STR(line), 8787), 4242);
	assert_int_equal(port_owner_inode(STR(v6), 8787), 77);
	assert_int_equal(port_owner_inode(STR(line), 8788), 0);
	assert_int_equal(port_owner_inode(STR(connected), 8787), 0);
	assert_int_equal(port_owner_inode(STR("  sl  local_address rem_address st\n"), 8787), 0);
	assert_int_equal(port_owner_inode(STR(""), 8787), 0);
}

static void a_taken_port_is_said_with_its_holder(void **state)
{
	struct errctx cx = {0};
	char want[64];
	uint16_t port;
	int fd = listen_anywhere(&port);

	(void)state;
	(void)snprintf(want, sizeof want, "(pid %d): choose another", (int)getpid());
	assert_int_equal(port_owner_describe(port, &cx), E_BUSY);
	assert_non_null(strstr(cx.text, want));
	(void)close(fd);
}

/* ---- stopping --------------------------------------------------------------------------------- */

/* A child that holds the socket and says in its answer that it is that process. It ends by n signals. */
static pid_t start_child(int listener, int signals, int64_t said_pid)
{
	char body[256];
	int ready[2];
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		sigset_t set;
		int signal_no, fd;

		(void)sigemptyset(&set);
		(void)sigaddset(&set, SIGTERM);
		(void)sigprocmask(SIG_BLOCK, &set, NULL);
		(void)!write(ready[1], "x", 1);
		(void)snprintf(body, sizeof body,
			"{\"service\":\"headroom-proxy\",\"config\":{\"pid\":%lld}}",
			said_pid ? (long long)said_pid : (long long)getpid());
		fd = accept(listener, NULL, NULL);
		answer_one(fd, (char[REQUEST_MAX]){0}, body);
		(void)close(fd);
		for (int i = 0; i < signals; i++)
			(void)sigwait(&set, &signal_no);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(read(ready[0], (char[1]){0}, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return pid;
}

static enum err stop_child(int signals, int64_t said_pid, bool is_forced, struct errctx *cx)
{
	struct control_stop stop = {
		.timeout_ms = signals > 1 ? SHORT_MS : ASK_MS, .is_forced = is_forced};
	struct control_health h;
	int listener = listen_anywhere(&stop.port), status;
	pid_t pid = start_child(listener, signals, said_pid);
	enum err err;

	(void)close(listener);
	err = control_stop(&stop, &h, cx);
	if (err)
		(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(err ? WIFSIGNALED(status) : WIFEXITED(status));
	return err;
}

static void a_proxy_is_stopped(void **state)
{
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(stop_child(1, 0, false, &cx), E_OK);
}

static void one_that_still_works_is_left_or_forced(void **state)
{
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(stop_child(2, 0, false, &cx), E_TIMEOUT);
	assert_int_equal(stop_child(2, 0, true, &cx), E_OK);
}

/* The number of a process that does not hold the port is not signalled: here, this test itself. */
static void a_process_that_does_not_hold_the_port_is_spared(void **state)
{
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(stop_child(1, getpid(), false, &cx), E_PERMISSION);
	assert_non_null(strstr(cx.text, "does not hold port"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proxy_says_how_it_does),
		cmocka_unit_test(one_behind_other_names_says_little),
		cmocka_unit_test(another_server_is_no_headroom),
		cmocka_unit_test(silence_and_nobody_are_told_apart),
		cmocka_unit_test(what_is_odd_in_an_answer_does_no_harm),
		cmocka_unit_test(the_holder_of_a_port_is_found),
		cmocka_unit_test(a_port_of_two_users_is_nobodys),
		cmocka_unit_test(lines_of_the_kernel_are_read),
		cmocka_unit_test(a_taken_port_is_said_with_its_holder),
		cmocka_unit_test(a_proxy_is_stopped),
		cmocka_unit_test(one_that_still_works_is_left_or_forced),
		cmocka_unit_test(a_process_that_does_not_hold_the_port_is_spared),
	};

	return cmocka_run_group_tests_name("proxy_control", tests, NULL, NULL);
}
