/* What the service manager is told arrives at its socket, in its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proxy/notify.h"

struct manager {
	char dir[64], name[96];
	int fd;
};

/* name: as NOTIFY_SOCKET would have it. */
static void listen_at(struct manager *m, const char *name)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	size_t n = strlen(name);

	memcpy(sa.sun_path, name, n);
	if (*name == '@')
		sa.sun_path[0] = '\0';
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(m->fd >= 0);
	assert_int_equal(bind(m->fd, (const struct sockaddr *)&sa,
				 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
		0);
}

static int setup(void **state)
{
	static struct manager m; /* one test runs at a time */

	m = (struct manager){.dir = "/tmp/notify.XXXXXX"};
	if (!mkdtemp(m.dir))
		return -1;
	(void)snprintf(m.name, sizeof m.name, "%s/socket", m.dir);
	listen_at(&m, m.name);
	*state = &m;
	return 0;
}

static int teardown(void **state)
{
	struct manager *m = *state;

	(void)close(m->fd);
	(void)unlink(m->name);
	return rmdir(m->dir);
}

static void expect(const struct manager *m, const char *want)
{
	char got[2048] = "";

	assert_true(recv(m->fd, got, sizeof got - 1, 0) >= 0);
	assert_string_equal(got, want);
}

static void the_manager_gets_the_state(void **state)
{
	const struct manager *m = *state;

	assert_int_equal(notify_ready(m->name, "at http://127.0.0.1:1", NULL), E_OK);
	expect(m, "READY=1\nSTATUS=at http://127.0.0.1:1");
	assert_int_equal(notify_reloading(m->name, 1234567, NULL), E_OK);
	expect(m, "RELOADING=1\nMONOTONIC_USEC=1234567");
	assert_int_equal(notify_stopping(m->name, "3 requests", NULL), E_OK);
	expect(m, "STOPPING=1\nSTATUS=3 requests");
}

static void a_status_is_one_line_and_is_cut(void **state)
{
	const struct manager *m = *state;
	char long_text[4096], got[4096];

	assert_int_equal(notify_ready(m->name, "a\nREADY=0", NULL), E_OK);
	expect(m, "READY=1\nSTATUS=a READY=0");
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	assert_int_equal(notify_ready(m->name, long_text, NULL), E_OK);
	assert_int_equal(recv(m->fd, got, sizeof got, 0), 1023);
}

static void an_abstract_name_works(void **state)
{
	struct manager m;
	char name[64];

	(void)state;
	(void)snprintf(name, sizeof name, "@headroom-test-%d", (int)getpid());
	listen_at(&m, name);
	assert_int_equal(notify_ready(name, "x", NULL), E_OK);
	expect(&m, "READY=1\nSTATUS=x");
	(void)close(m.fd);
}

static void without_a_manager_nothing_happens(void **state)
{
	(void)state;
	assert_int_equal(notify_ready(NULL, "x", NULL), E_OK);
	assert_int_equal(notify_reloading(NULL, 1, NULL), E_OK);
	assert_int_equal(notify_stopping(NULL, "x", NULL), E_OK);
}

static void what_cannot_be_sent_is_an_error(void **state)
{
	char name[256] = "/";
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(notify_ready("/nowhere/socket", "x", &cx), E_IO);
	assert_non_null(strstr(cx.text, "/nowhere/socket"));
	assert_int_equal(notify_ready("vsock:2:1", "x", &cx), E_CONFIG);
	assert_int_equal(notify_ready("@", "x", &cx), E_CONFIG);
	memset(name + 1, 'x', sizeof name - 2);
	assert_int_equal(notify_ready(name, "x", &cx), E_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_manager_gets_the_state, setup, teardown),
		cmocka_unit_test_setup_teardown(a_status_is_one_line_and_is_cut, setup, teardown),
		cmocka_unit_test(an_abstract_name_works),
		cmocka_unit_test(without_a_manager_nothing_happens),
		cmocka_unit_test(what_cannot_be_sent_is_an_error),
	};

	return cmocka_run_group_tests_name("proxy_notify", tests, NULL, NULL);
}
