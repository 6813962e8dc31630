/* The link to a shared Redis, with a server of the test's own that answers as it is told. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/share/link.h"
#include "core/share/peer.h"
#include "core/share/target.h"
#include "proxy/shared_rate.h"
#include "proxy/shared_spend.h"

/* ---- URLs ---------------------------------------------------------------------------------------------- */

static void urls_are_read(void **state)
{
	static const struct {
		const char *url, *shown, *user, *password;
	} good[] = {
		{"redis://h", "redis://h:6379/0", "", ""},
		{"redis://h:7/3", "redis://h:7/3", "", ""},
		{"redis://h/", "redis://h:6379/0", "", ""},
		{"redis://:p@h", "redis://h:6379/0", "", "p"},
		{"redis://u:p%40%2F%25@h:1", "redis://h:1/0", "u", "p@/%"},
		{"redis://u:a@b/c@h:1", "redis://h:1/0", "u", "a@b/c"},
		{"redis://[::1]:7/2", "redis://[::1]:7/2", "", ""},
	};
	static const char *const bad[] = {"", "h:6379", "http://h", "rediss://h", "redis://",
		"redis://:p@", "redis://u@h", "redis://h:", "redis://h:0", "redis://h:65536",
		"redis://h:7x", "redis://h/x", "redis://h/1/2", "redis://h/100000", "redis://h?a",
		"redis://[::1", "redis://[]", "redis://u:%zz@h", "redis://u:%0@h",
		"redis://u:%00@h", "redis://a b"};
	struct arena a = ARENA_INIT;
	struct share_target t;
	struct errctx cx;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(good); i++) {
		assert_int_equal(share_target_read(&a, str_from(good[i].url), &t, &cx), E_OK);
		assert_true(str_eq_c(t.shown, good[i].shown));
		assert_true(str_eq_c(t.user, good[i].user));
		assert_true(str_eq_c(t.password, good[i].password));
	}
	for (size_t i = 0; i < ARRAY_N(bad); i++)
		if (share_target_read(&a, str_from(bad[i]), &t, &cx) == E_OK)
			fail_msg("'%s' is taken", bad[i]);
	arena_release(&a);
}

/* ---- a server ------------------------------------------------------------------------------------------ */

/* Answers the handshake, and then each command with what is next in line; "" is no answer, NULL ends the connection. */
struct server {
	int fd;
	uint16_t port;
	pthread_t thread;
	const char *const *answers;
	atomic_bool is_over;
	atomic_int connections;
};

/* The next command of those in buf[0, n): its length, 0 when it is not whole yet. These are small. */
static size_t command_end(const char *buf, size_t n)
{
	size_t at = 0;
	unsigned long parts;
	char *end;

	if (!memchr(buf, '\n', n))
		return 0;
	parts = strtoul(buf + 1, &end, 10);
	at = (size_t)(end - buf) + 2;
	for (unsigned long i = 0; i < parts; i++) {
		unsigned long len;

		if (at >= n || !memchr(buf + at, '\n', n - at))
			return 0;
		len = strtoul(buf + at + 1, &end, 10);
		at = (size_t)(end - buf) + 2 + len + 2;
	}
	return at <= n ? at : 0;
}

static bool say(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

static void serve(struct server *s, int fd)
{
	char buf[8192];
	size_t n = 0;
	ssize_t got;

	while ((got = recv(fd, buf + n, sizeof buf - 1 - n, 0)) > 0) {
		size_t end;

		n += (size_t)got;
		buf[n] = '\0';
		while ((end = command_end(buf, n)) > 0) {
			const char *answer;

			if (strstr(buf, "INFO") == buf + 8)
				answer = "$22\r\nredis_version:7.0.15\r\n\r\n";
			else if (strstr(buf, ":mark:"))
				answer = "$4\r\nmark\r\n";
			else
				answer = *s->answers ? *s->answers++ : NULL;
			if (!answer || (*answer && !say(fd, answer)))
				return;
			memmove(buf, buf + end, n - end + 1);
			n -= end;
		}
	}
}

static void *server_main(void *arg)
{
	struct server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		atomic_fetch_add(&s->connections, 1);
		serve(s, fd);
		(void)close(fd);
	}
	return NULL;
}

static void server_start(struct server *s, const char *const *answers)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;

	*s = (struct server){.fd = socket(AF_INET, SOCK_STREAM, 0), .answers = answers};
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &n), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, server_main, s), 0);
}

static void server_stop(struct server *s)
{
	(void)shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	(void)close(s->fd);
}

static struct share *open_to(const struct server *s, int wait_ms)
{
	const struct share_conf conf = {
		.host = STR("127.0.0.1"), .port = s->port, .space = STR("t"), .wait_ms = wait_ms};
	struct share *link;
	struct errctx cx = {0};

	if (share_open(&conf, &link, &cx) != E_OK)
		fail_msg("%s", cx.text);
	return link;
}

static struct peer_item rendering(const char *value)
{
	struct peer_item item = {.kind = PEER_RENDERING, .key = "0123", .value = str_from(value)};

	buf_init(&item.there, 1000);
	return item;
}

enum { LONG_MS = 20000 };

static void values_are_put_and_the_first_one_stands(void **state)
{
	static const char *const answers[] = {"$-1\r\n", "$4\r\nmine\r\n", "$5\r\nother\r\n",
		"-OOM command not allowed\r\n", "$5\r\nother\r\n", "-WRONGTYPE no\r\n", "$-1\r\n",
		NULL};
	struct peer_item items[4] = {
		rendering("mine"), rendering("mine"), rendering("mine"), rendering("mine")};
	char key[PEER_KEY_MAX + 1];
	struct server server;
	struct store_peer p;
	struct share *link;
	struct share_stats st;
	struct buf out;

	(void)state;
	server_start(&server, answers);
	link = open_to(&server, LONG_MS);
	p = share_peer(link);
	p.put(p.self, items, ARRAY_N(items));
	assert_true(items[0].is_done && items[1].is_done && items[2].is_done);
	assert_false(items[3].is_done);
	assert_int_equal(items[0].there.n + items[1].there.n, 0);
	assert_true(str_eq_c(buf_str(&items[2].there), "other"));
	buf_init(&out, 1000);
	assert_int_equal(p.get(p.self, PEER_RENDERING, STR("0123"), key, &out), E_OK);
	assert_true(str_eq_c(buf_str(&out), "other"));
	assert_int_equal(p.get(p.self, PEER_RENDERING, STR("0123"), key, &out), E_UNAVAILABLE);
	assert_int_equal(p.get(p.self, PEER_RENDERING, STR("0123"), key, &out), E_NOT_FOUND);
	buf_release(&out);
	share_get_stats(link, &st);
	assert_int_equal(st.errors_n, 2);
	share_close(link);
	server_stop(&server);
	for (size_t i = 0; i < ARRAY_N(items); i++)
		buf_release(&items[i].there);
}

#define SHA_A "aaaaaaaaaaaa0000000000000000000000000000000000000000000000000000"
#define SHA_B "aaaaaaaaaaaa1000000000000000000000000000000000000000000000000000"

static void originals_are_found_by_the_beginning_of_their_hash(void **state)
{
	static const char all[] = "*6\r\n$64\r\n" SHA_A "\r\n$1\r\na\r\n$64\r\n" SHA_B
				  "\r\n$1\r\nb\r\n$3\r\nodd\r\n$1\r\nx\r\n";
	static const char *const answers[] = {
		all, ":1\r\n", all, ":1\r\n", all, ":1\r\n", "*0\r\n", ":0\r\n", NULL};
	char key[PEER_KEY_MAX + 1] = "";
	struct server server;
	struct store_peer p;
	struct share *link;
	struct buf out;

	(void)state;
	server_start(&server, answers);
	link = open_to(&server, LONG_MS);
	p = share_peer(link);
	buf_init(&out, 1000);
	assert_int_equal(p.get(p.self, PEER_ORIGINAL, STR("aaaaaaaaaaaa1"), key, &out), E_OK);
	assert_true(str_eq_c(buf_str(&out), "b"));
	assert_string_equal(key, SHA_B);
	assert_int_equal(p.get(p.self, PEER_ORIGINAL, STR("aaaaaaaaaaaa"), key, &out), E_FAILED);
	assert_int_equal(
		p.get(p.self, PEER_ORIGINAL, STR("aaaaaaaaaaaa2"), key, &out), E_NOT_FOUND);
	assert_int_equal(p.get(p.self, PEER_ORIGINAL, STR("bbbbbbbbbbbb"), key, &out), E_NOT_FOUND);
	assert_int_equal(p.get(p.self, PEER_ORIGINAL, STR("aaaa"), key, &out), E_NOT_FOUND);
	buf_release(&out);
	share_close(link);
	server_stop(&server);
}

static void one_that_is_slow_is_asked_nothing_until_it_answers(void **state)
{
	static const char *const answers[] = {"", NULL};
	char key[PEER_KEY_MAX + 1];
	struct server server;
	struct store_peer p;
	struct share *link;
	struct share_stats st;
	struct buf out;

	(void)state;
	server_start(&server, answers);
	link = open_to(&server, 1);
	p = share_peer(link);
	buf_init(&out, 1000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(
			p.get(p.self, PEER_RENDERING, STR("0123"), key, &out), E_UNAVAILABLE);
	share_get_stats(link, &st);
	assert_int_equal(st.timeouts_n, 1);
	assert_false(p.is_ready(p.self));
	buf_release(&out);
	share_close(link);
	server_stop(&server);
}

static void a_connection_that_ends_fails_what_is_under_way_and_comes_back(void **state)
{
	static const char *const answers[] = {NULL};
	struct peer_item item = rendering("mine");
	struct server server;
	struct store_peer p;
	struct share *link;
	struct share_stats st;

	(void)state;
	server_start(&server, answers);
	link = open_to(&server, LONG_MS);
	p = share_peer(link);
	p.put(p.self, &item, 1);
	assert_false(item.is_done);
	while (atomic_load(&server.connections) < 2 || !share_is_up(link))
		(void)usleep(1000);
	share_get_stats(link, &st);
	assert_int_equal(st.lost_n, 1);
	assert_int_equal(st.timeouts_n, 0);
	share_close(link);
	server_stop(&server);
}

static void what_is_no_answer_ends_the_connection(void **state)
{
	static const char *const answers[] = {"what?\r\n", "$-1\r\n$-1\r\n", NULL};
	struct peer_item item = rendering("mine");
	struct server server;
	struct store_peer p;
	struct share *link;
	struct share_stats st;

	(void)state;
	server_start(&server, answers);
	link = open_to(&server, LONG_MS);
	p = share_peer(link);
	p.put(p.self, &item, 1);
	assert_false(item.is_done);
	while (atomic_load(&server.connections) < 2 || !share_is_up(link))
		(void)usleep(1000);
	p.put(p.self, &item, 1); /* and one answer too many */
	assert_true(item.is_done);
	while (atomic_load(&server.connections) < 3 || !share_is_up(link))
		(void)usleep(1000);
	share_get_stats(link, &st);
	assert_int_equal(st.lost_n, 2);
	share_close(link);
	server_stop(&server);
}

static void verdicts_that_cannot_be_are_none(void **state)
{
	static const char *const answers[] = {"*2\r\n:7\r\n:1\r\n", "*2\r\n:-1\r\n:1\r\n",
		"*2\r\n:1\r\n:-5\r\n", "*2\r\n:1\r\n:999999999\r\n", "*1\r\n:0\r\n", "+OK\r\n",
		"-ERR x\r\n", "*2\r\n:2\r\n:100\r\n", "*3\r\n:0\r\n$2\r\n-1\r\n$1\r\n0\r\n",
		"*3\r\n:0\r\n$20\r\n-9223372036854775808\r\n$1\r\n0\r\n",
		"*3\r\n:0\r\n$1\r\n0\r\n$1\r\nx\r\n", "*2\r\n:0\r\n$1\r\n0\r\n",
		"*3\r\n:1\r\n$1\r\n5\r\n$1\r\n6\r\n", NULL};
	const struct limit_conf limits = {.rpm = 1, .tpm = 1};
	const struct budget_conf budget = {.is_on = true, .limit_nano = 1};
	struct limit_verdict limit = {0};
	struct spend_verdict spent;
	struct hash128 key = {0};
	struct server server;
	struct share *link;
	struct spend *spend;

	(void)state;
	server_start(&server, answers);
	link = open_to(&server, LONG_MS);
	for (int i = 0; i < 7; i++)
		assert_false(shared_rate_take(link, STR(""), &limits, &key, 1, 1, &limit));
	assert_true(shared_rate_take(link, STR(""), &limits, &key, 1, 1, &limit));
	assert_true(limit.kind == LIMIT_TPM && limit.retry_after_ms == 100);
	spend = spend_new(link, STR(""), STR("id"), NULL);
	assert_non_null(spend);
	for (int i = 0; i < 4; i++) {
		assert_false(spend_take(spend, &budget, 1, &spent));
		assert_true(!spent.is_over && !spent.spent_nano && !spent.reserved_nano);
	}
	assert_true(spend_take(spend, &budget, 1, &spent));
	assert_true(spent.is_over && spent.spent_nano == 5 && spent.reserved_nano == 6);
	spend_free(spend);
	share_close(link);
	server_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_read),
		cmocka_unit_test(values_are_put_and_the_first_one_stands),
		cmocka_unit_test(originals_are_found_by_the_beginning_of_their_hash),
		cmocka_unit_test(one_that_is_slow_is_asked_nothing_until_it_answers),
		cmocka_unit_test(a_connection_that_ends_fails_what_is_under_way_and_comes_back),
		cmocka_unit_test(what_is_no_answer_ends_the_connection),
		cmocka_unit_test(verdicts_that_cannot_be_are_none),
	};

	return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
