/* service: what each supervisor reads back is what was meant, whatever is in the paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wrap/service.h"

enum { TEXT_MAX = 64 << 10 };

static const char *const args[] = {"proxy", "--x", "a b\"c\\d%e$f'g<h>&i"};

static struct service make(void)
{
	return (struct service){.profile = "default",
		.exe = "/opt/head $room/headroom",
		.workspace = "/home/a b/100%",
		.config = "/home/a b/100%/config",
		.env_file = "/home/a b/100%/config/proxy.env",
		.log_file = "/home/a b/100%/logs/x.log",
		.args = args,
		.args_n = ARRAY_N(args)};
}

static void has(enum service_kind kind, const char *part)
{
	struct service s = make();
	struct errctx cx = {0};
	struct buf b;

	buf_init(&b, TEXT_MAX);
	assert_int_equal(service_text(&s, kind, &b, &cx), E_OK);
	buf_add_byte(&b, '\0');
	assert_int_equal(b.err, E_OK);
	if (str_find(buf_str(&b), str_from(part)) == STR_NONE)
		fail_msg("no '%s' in:\n%s", part, b.p);
	buf_release(&b);
}

static void systemd_quotes_words_and_spells_specifiers(void **state)
{
	(void)state;
	has(SERVICE_SYSTEMD, "\nExecStart=\"/opt/head $room/headroom\" \"proxy\" \"--x\" "
			     "\"a b\\\"c\\\\d%%e$$f'g<h>&i\"\n");
	has(SERVICE_SYSTEMD, "\nEnvironment=\"HEADROOM_WORKSPACE_DIR=/home/a b/100%%\"\n");
	has(SERVICE_SYSTEMD, "\nEnvironmentFile=-/home/a b/100%%/config/proxy.env\n");
	has(SERVICE_SYSTEMD, "\nReadWritePaths=\"/home/a b/100%%\"\n");
}

static void systemd_has_what_keeps_it_running_and_apart(void **state)
{
	static const char *const lines[] = {"\nType=notify\n", "\nRestart=always\n",
		"\nRestartSec=2\n", "\nNoNewPrivileges=yes\n", "\nProtectSystem=strict\n",
		"\nWantedBy=default.target\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(lines); i++)
		has(SERVICE_SYSTEMD, lines[i]);
}

static void launchd_escapes_markup(void **state)
{
	(void)state;
	has(SERVICE_LAUNCHD, "<string>com.headroom.default</string>");
	has(SERVICE_LAUNCHD, "<string>a b\"c\\d%e$f'g&lt;h&gt;&amp;i</string>");
	has(SERVICE_LAUNCHD, "<key>StandardErrorPath</key>\n\t<string>/home/a b/100%/logs/x.log<");
}

static void cron_quotes_for_the_shell_and_hides_percent_signs(void **state)
{
	(void)state;
	has(SERVICE_CRON, "exec '/opt/head $room/headroom' 'proxy' '--x' "
			  "'a b\"c\\d\\%e$f'\\''g<h>&i' 2>>'/home/a b/100\\%/logs/x.log'\n");
	has(SERVICE_CRON, "@reboot set -a; [ ! -r '/home/a b/100\\%/config/proxy.env' ] || . ");
}

static void a_control_character_is_refused_in_every_place(void **state)
{
	const char *bad[] = {"x\ny"};
	struct errctx cx = {0};
	struct buf b;

	(void)state;
	buf_init(&b, TEXT_MAX);
	for (enum service_kind k = 0; k < SERVICE_KINDS; k++) {
		struct service s = make();
		const char **paths[] = {&s.exe, &s.workspace, &s.config, &s.env_file, &s.log_file};

		for (size_t i = 0; i < ARRAY_N(paths); i++) {
			const char *old = *paths[i];

			*paths[i] = "/a\nExecStartPre=/bin/evil";
			assert_int_equal(service_text(&s, k, &b, &cx), E_UNSUPPORTED);
			*paths[i] = old;
		}
		s.args = bad;
		s.args_n = 1;
		assert_int_equal(service_text(&s, k, &b, &cx), E_UNSUPPORTED);
	}
	assert_int_equal(b.n, 0);
	buf_release(&b);
}

static void profiles_name_files(void **state)
{
	static const char *const good[] = {"default", "a.b_c-9", "A"};
	static const char *const bad[] = {"", ".", "..", ".x", "-x", "a/b", "a b", "a\n",
		"01234567890123456789012345678901234567890123456789012345678901234"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(good); i++)
		assert_true(service_profile_is_valid(str_from(good[i])));
	for (size_t i = 0; i < ARRAY_N(bad); i++)
		assert_false(service_profile_is_valid(str_from(bad[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(systemd_quotes_words_and_spells_specifiers),
		cmocka_unit_test(systemd_has_what_keeps_it_running_and_apart),
		cmocka_unit_test(launchd_escapes_markup),
		cmocka_unit_test(cron_quotes_for_the_shell_and_hides_percent_signs),
		cmocka_unit_test(a_control_character_is_refused_in_every_place),
		cmocka_unit_test(profiles_name_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
