/* What proxies and wraps share: the record, the directory, processes; and when a proxy is idle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/lease/process.h"
#include "core/lease/record.h"
#include "core/lease/run_dir.h"
#include "proxy/lease.h"

/* ---- the record --------------------------------------------------------------------------------- */

static const struct lease_setting settings[] = {
	{.name = {"mode", 4}, .value = {"cache", 5}, .is_given = true},
	{.name = {"log-file", 8}, .value = {"/tmp/a \"b\"\n", 11}},
};

static struct lease_record a_record(void)
{
	return (struct lease_record){.pid = 123,
		.start_time = 456,
		.uid = 1000,
		.network = 4026531840,
		.version = STR("1.2"),
		.nonce = STR("0123456789abcdef0123456789abcdef"),
		.url = STR("http://127.0.0.1:8787"),
		.socket = STR("/x/proxy-8787.sock"),
		.digest = STR("d"),
		.idle_exit_ms = 30000,
		.leases = 2,
		.settings = settings,
		.settings_n = ARRAY_N(settings)};
}

static void test_record_round_trip(void **state)
{
	struct arena a = ARENA_INIT;
	struct lease_record in = a_record(), out;
	struct buf b;

	(void)state;
	buf_init(&b, LEASE_RECORD_MAX);
	lease_record_write(&in, &b);
	assert_int_equal(str_find_byte(buf_str(&b), '\n'), b.n - 1);
	assert_int_equal(lease_record_parse(buf_str(&b), &a, &out, NULL), E_OK);
	assert_int_equal(out.pid, 123);
	assert_int_equal(out.start_time, 456);
	assert_int_equal(out.uid, 1000);
	assert_int_equal(out.network, 4026531840);
	assert_int_equal(out.idle_exit_ms, 30000);
	assert_int_equal(out.leases, 2);
	assert_true(str_eq(out.version, in.version) && str_eq(out.nonce, in.nonce));
	assert_true(str_eq(out.url, in.url) && str_eq(out.socket, in.socket));
	assert_true(str_eq(out.digest, in.digest));
	assert_int_equal(out.settings_n, 2);
	for (size_t i = 0; i < out.settings_n; i++) {
		assert_true(str_eq(out.settings[i].name, settings[i].name));
		assert_true(str_eq(out.settings[i].value, settings[i].value));
		assert_int_equal(out.settings[i].is_given, settings[i].is_given);
	}
	assert_int_equal(lease_record_port(&out), 8787);
	buf_release(&b);
	arena_release(&a);
}

static void test_record_malformed(void **state)
{
	static const char *const texts[] = {"", "[]", "{}", "{\"schema\":\"headroom.lease/1\"}",
		"{\"schema\":\"headroom.lease/2\",\"digest\":\"d\",\"settings\":{}}",
		"{\"schema\":\"headroom.lease/1\",\"digest\":\"\",\"settings\":{}}",
		"{\"schema\":\"headroom.lease/1\",\"digest\":\"a\\u0000b\",\"settings\":{}}",
		"{\"schema\":\"headroom.lease/1\",\"digest\":\"d\",\"settings\":[]}",
		"{\"schema\":\"headroom.lease/1\",\"digest\":\"d\",\"settings\":{\"a\":1}}"};
	struct arena a = ARENA_INIT;
	struct lease_record r;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(texts); i++)
		if (lease_record_parse(str_from(texts[i]), &a, &r, NULL) != E_MALFORMED)
			fail_msg("accepted: %s", texts[i]);
	/* Numbers that are none are 0: a process id goes to nobody. */
	assert_int_equal(lease_record_parse(STR("{\"schema\":\"headroom.lease/1\",\"pid\":-1,"
						"\"leases\":1.5,\"digest\":\"d\",\"settings\":{},"
						"\"given\":[1,\"x\"],\"later\":{}}"),
				 &a, &r, NULL),
		E_OK);
	assert_int_equal(r.pid, 0);
	assert_int_equal(r.leases, 0);
	assert_int_equal(lease_record_port(&r), 0);
	arena_release(&a);
}

static void test_record_suits(void **state)
{
	struct lease_setting given[] = {settings[0], settings[1]};
	struct lease_record have = a_record(), want = a_record();
	str why;

	(void)state;
	want.settings = given;
	assert_true(lease_record_suits(&have, &want, &why));
	given[1].value = STR("/other"); /* by default: who does not ask does not mind */
	assert_true(lease_record_suits(&have, &want, NULL));
	given[1].is_given = true;
	assert_false(lease_record_suits(&have, &want, &why));
	assert_true(str_eq_c(why, "log-file"));
	given[1] = (struct lease_setting){STR("unknown"), STR(""), true};
	assert_false(lease_record_suits(&have, &want, &why));
	want = a_record();
	want.digest = STR("e");
	assert_false(lease_record_suits(&have, &want, &why));
	assert_int_equal(why.n, 0);
}

/* ---- the digest --------------------------------------------------------------------------------- */

static void test_digest(void **state)
{
	struct proxy_conf confs[9];
	char digests[ARRAY_N(confs)][LEASE_DIGEST_LEN + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(confs); i++) {
		confs[i] = (struct proxy_conf){.version = "1"};
		confs[i].upstreams[0] = STR("https://a");
		confs[i].upstreams[1] = STR("https://b");
	}
	confs[1].upstreams[0] = STR("https://b");
	confs[1].upstreams[1] = STR("https://a");
	confs[2].version = "2";
	confs[3].token = STR("t");
	confs[4].ca_file = "/ca";
	confs[5].ca_extra = "/ca";
	confs[6].https_proxy = "http://p";
	confs[7].no_proxy = "http://p";
	confs[8].upstreams[PROXY_UPSTREAMS - 1] = STR("https://b");
	for (size_t i = 0; i < ARRAY_N(confs); i++) {
		char again[LEASE_DIGEST_LEN + 1];

		lease_digest(&confs[i], digests[i]);
		lease_digest(&confs[i], again);
		assert_string_equal(digests[i], again);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(digests[i], digests[k]);
	}
}

/* ---- quiet -------------------------------------------------------------------------------------- */

static void test_idle(void **state)
{
	struct idle never = {.limit_ms = 0}, i = {.limit_ms = 100};

	(void)state;
	assert_int_equal(idle_check(&never, 1, 0, 0, 0), -1);
	assert_int_equal(idle_check(&never, 1000000, 0, 0, 0), -1);
	assert_int_equal(idle_check(&i, 1000, 0, 0, 0), 100);
	assert_int_equal(idle_check(&i, 1040, 0, 0, 0), 60);
	assert_int_equal(idle_check(&i, 1050, 1, 0, 0), -1); /* somebody has come */
	assert_int_equal(idle_check(&i, 9000, 1, 0, 0), -1);
	assert_int_equal(idle_check(&i, 9001, 0, 0, 0), 100);
	assert_int_equal(idle_check(&i, 9050, 0, 2, 0), 100); /* requests of others count */
	assert_int_equal(idle_check(&i, 9149, 0, 0, 0), 1);
	assert_int_equal(idle_check(&i, 9150, 0, 0, 1), 100); /* also those that ended in between */
	assert_int_equal(idle_check(&i, 9250, 0, 0, 1), 0);
}

/* ---- processes ---------------------------------------------------------------------------------- */

static void test_process(void **state)
{
	static const char stat[] =
		"7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1 2\n";
	static const char zombie[] =
		"7 (a) Z 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1 2\n";
	pid_t pid;
	int ends[2];
	char c;

	(void)state;
	assert_int_equal(process_parse_stat(STR(stat)), 4711);
	assert_int_equal(process_parse_stat(STR(zombie)), 0);
	assert_int_equal(process_parse_stat(STR("7 (a) S 1")), 0);
	assert_int_equal(process_parse_stat(STR("7 (a)")), 0);
	assert_int_equal(process_parse_stat(STR("")), 0);
	assert_true(process_start_time(getpid()) > 0);
	assert_true(process_network() > 0);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	(void)close(ends[1]);
	assert_int_equal(read(ends[0], &c, 1), 0); /* it has ended and is not waited for */
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(process_start_time(pid), 0);
}

/* ---- the directory ------------------------------------------------------------------------------ */

static int set_up(void **state)
{
	char *dir = test_malloc(64);

	(void)snprintf(dir, 64, "/tmp/headroom-run-XXXXXX");
	*state = mkdtemp(dir);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	char path[128];
	struct run_dir d;
	char file[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/run", (char *)*state);
	(void)snprintf(d.path, sizeof d.path, "%s", path);
	for (int i = RUN_JSON; i <= RUN_LOCK; i++) {
		run_dir_file(&d, 80, (enum run_file)i, file);
		(void)unlink(file);
	}
	(void)rmdir(path);
	assert_int_equal(rmdir(*state), 0); /* nothing else is left there */
	test_free(*state);
	return 0;
}

static void test_run_dir(void **state)
{
	struct run_dir d;
	struct stat st;
	uint16_t ports[4];
	int first, second;
	char path[PATH_MAX];

	assert_int_equal(run_dir_open(*state, &d, NULL), E_OK);
	assert_int_equal(chmod(d.path, 0755), 0);
	assert_int_equal(run_dir_open(*state, &d, NULL), E_OK);
	assert_int_equal(stat(d.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700); /* others have lost their rights */
	assert_int_equal(run_dir_lock(&d, 80, true, &first, NULL), E_OK);
	assert_int_equal(run_dir_lock(&d, 80, false, &second, NULL), E_BUSY);
	assert_int_equal(second, -1);
	(void)close(first);
	assert_int_equal(run_dir_lock(&d, 80, false, &second, NULL), E_OK);
	(void)close(second);
	assert_int_equal(run_dir_ports(&d, RUN_LOCK, ports, 4), 1);
	assert_int_equal(ports[0], 80);
	assert_int_equal(run_dir_ports(&d, RUN_JSON, ports, 4), 0);
	run_dir_file(&d, 80, RUN_LOCK, path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0); /* nobody leads us elsewhere */
	assert_int_not_equal(run_dir_lock(&d, 80, true, &first, NULL), E_OK);
}

static void test_publish(void **state)
{
	struct arena a = ARENA_INIT;
	struct lease_record r = a_record(), read;
	struct run_dir d;
	struct buf line;
	int listener, client;

	buf_init(&line, LEASE_RECORD_MAX);
	lease_record_write(&r, &line);
	assert_int_equal(run_dir_open(*state, &d, NULL), E_OK);
	assert_int_equal(run_dir_connect(&d, 80, &client, NULL), E_NOT_FOUND);
	assert_int_equal(run_dir_read(&d, 80, &a, &read, NULL), E_NOT_FOUND);
	for (int i = 0; i < 2; i++) { /* the second over what a killed one has left */
		assert_int_equal(run_dir_publish(&d, 80, buf_str(&line), &listener, NULL), E_OK);
		assert_int_equal(run_dir_connect(&d, 80, &client, NULL), E_OK);
		(void)close(client);
		run_dir_clean(&d, 80); /* it lives */
		assert_int_equal(run_dir_read(&d, 80, &a, &read, NULL), E_OK);
		assert_int_equal(read.pid, 123);
		(void)close(listener);
	}
	assert_int_equal(run_dir_connect(&d, 80, &client, NULL), E_NOT_FOUND);
	run_dir_clean(&d, 80);
	assert_int_equal(run_dir_read(&d, 80, &a, &read, NULL), E_NOT_FOUND);
	buf_release(&line);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_round_trip),
		cmocka_unit_test(test_record_malformed),
		cmocka_unit_test(test_record_suits),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_process),
		cmocka_unit_test_setup_teardown(test_run_dir, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_publish, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
