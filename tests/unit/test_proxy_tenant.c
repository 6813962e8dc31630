#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "proxy/guard.h"
#include "tests/unit/head_help.h"

#define ALICE "token-of-alice-0001"
#define BOB   "token-of-bob-000002"
#define ROOT  "token-of-root-00003"

static char dir[64], file[96];

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/headroom-tenant-XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(file, sizeof file, "%s/tokens.toml", dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(file);
	return rmdir(dir);
}

static void write_tokens(const char *text, mode_t mode)
{
	struct errctx cx = {0};

	(void)unlink(file);
	assert_int_equal(file_write_atomic(file, str_from(text), mode, &cx), E_OK);
}

static struct tenants *open_tokens(const char *text)
{
	struct errctx cx = {0};
	struct tenants *t;

	write_tokens(text, 0600);
	if (tenants_open(file, NULL, &t, &cx) != E_OK)
		fail_msg("%s", cx.text);
	return t;
}

static const char *who(struct tenants *t, const char *token, struct arena *a)
{
	unsigned char sha[SHA256_BYTES];
	struct tenant_pass p;

	sha256(str_from(token), sha);
	p = tenants_find(t, sha, a);
	return p.tenant ? p.tenant->name : "";
}

/* ---- the file ----------------------------------------------------------------------------------------- */

static void what_is_wrong_is_said_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"", "holds no token"},
		{"token = \"" ALICE "\"\n", "line 1: every key belongs to a name"},
		{"[alice]\n", "line 1: [alice] has no token"},
		{"[alice]\nrpm = 1\n", "has no token"},
		{"[al ice]\ntoken = \"" ALICE "\"\n", "line 1"},
		{"[\"al/ice\"]\ntoken = \"" ALICE "\"\n", "line 1: a name is"},
		{"[..]\n", "line 1"},
		{"[-a]\ntoken = \"" ALICE "\"\n", "line 1: a name is"},
		{"[alice.x]\ntoken = \"" ALICE "\"\n", "line 1: a name is"},
		{"[alice]\ntoken = \"short\"\n", "line 2: a token has 16 to 1024 bytes"},
		{"[alice]\ntoken = \"a token with blanks in it\"\n", "line 2: a token is letters"},
		{"[alice]\ntoken = \"\\u0041BCDEFGHIJKLMNOPQRS\"\n", "line 2: a token is letters"},
		{"[alice]\ntoken = 12345678901234567\n", "line 2: token is a string"},
		{"[alice]\nsha256 = \"12\"\n", "line 2: sha256 is 64 hex digits"},
		{"[alice]\ntoken = \"" ALICE "\"\nbudget = -1\n", "line 3: budget is an amount"},
		{"[alice]\ntoken = \"" ALICE "\"\nbudget = \"5\"\n", "line 3: budget is an amount"},
		{"[alice]\ntoken = \"" ALICE "\"\nbudget_period = \"weekly\"\n",
			"line 3: budget_period"},
		{"[alice]\ntoken = \"" ALICE "\"\nrpm = 1.5\n", "line 3: a number"},
		{"[alice]\ntoken = \"" ALICE "\"\ntpm = 2000000000\n", "line 3: a number"},
		{"[alice]\ntoken = \"" ALICE "\"\nproject = \"\"\n", "line 3: project"},
		{"[alice]\ntoken = \"" ALICE "\"\nadmin = 1\n", "line 3: admin"},
		{"[alice]\ntoken = \"" ALICE "\"\nfoo = 1\n", "line 3: a name has"},
		{"[alice]\ntoken = \"" ALICE "\"\n[bob]\ntoken = \"" ALICE "\"\n",
			"line 3: [bob] and [alice] have the same token"},
		{"[alice]\ntoken = [\"" ALICE "\", \"" BOB "\", \"" ROOT "\", \"" ALICE
		 "4\", \"" ALICE "5\"]\n",
			"line 2: more than 4 tokens"},
	};
	struct tenant_rows out;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct arena a = ARENA_INIT;
		struct errctx cx = {0};

		assert_int_equal(tenant_rows_read(&a, str_from(rows[i].text), &out, &cx), E_CONFIG);
		if (!strstr(cx.text, rows[i].says))
			fail_msg("%s: %s", rows[i].text, cx.text);
		if (strstr(cx.text, "of-alice"))
			fail_msg("the message shows the token: %s", cx.text);
		arena_release(&a);
	}
}

static void a_row_has_all_that_it_says(void **state)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct tenant_rows out;

	(void)state;
	assert_int_equal(
		tenant_rows_read(&a,
			STR("[alice]\ntoken = \"" ALICE "\"\nbudget = 2.5\nbudget_period = "
			    "\"hourly\"\nrpm = 7\ntpm = 9000\nproject = \"p\"\nadmin = "
			    "true\nbob.rpm = 1\n"),
			&out, &cx),
		E_CONFIG); /* [alice.bob] is no name */
	assert_int_equal(
		tenant_rows_read(&a,
			STR("bob.token = \"" BOB "\"\n[alice]\nsha256 = "
			    "\"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\"\n"
			    "budget = 2.5\nbudget_period = \"hourly\"\nrpm = 7\ntpm = 9000\n"
			    "project = \"p\"\nadmin = true\n"),
			&out, &cx),
		E_OK);
	assert_int_equal(out.n, 2);
	assert_true(out.has_secrets);
	for (size_t i = 0; i < 2; i++) {
		const struct tenant_row *r = &out.v[i];
		bool is_alice = str_eq_c(r->name, "alice");

		assert_int_equal(r->is_admin, is_alice);
		assert_int_equal(r->limit.rpm, is_alice ? 7 : 0);
		assert_int_equal(r->limit.tpm, is_alice ? 9000 : 0);
		assert_int_equal(r->budget.is_on, is_alice);
		assert_int_equal(r->budget.limit_nano, is_alice ? 2500000000 : 0);
		assert_int_equal(r->budget.period, is_alice ? BUDGET_HOURLY : BUDGET_DAILY);
		assert_true(str_eq_c(r->project, is_alice ? "p" : ""));
		if (is_alice)
			assert_int_equal(r->tokens[0][5], 0xab);
	}
	arena_release(&a);
}

/* Neither a thousand names too many nor a million bytes of them take long. */
static void too_many_names_are_an_error(void **state)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct tenant_rows out;
	struct buf text;

	(void)state;
	buf_init(&text, TENANTS_FILE_MAX);
	for (int i = 0; i < 60000; i++)
		buf_printf(&text, "[n%d]\n", i);
	assert_int_equal(tenant_rows_read(&a, buf_str(&text), &out, &cx), E_CONFIG);
	assert_non_null(strstr(cx.text, "more than 1000 names"));
	buf_release(&text);
	arena_release(&a);
}

static void a_file_that_others_may_read_or_write_is_refused(void **state)
{
	static const char secret[] = "[alice]\ntoken = \"" ALICE "\"\n";
	static const char digest[] =
		"[alice]\nsha256 = "
		"\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\n";
	static const struct {
		const char *text;
		mode_t mode;
		bool is_ok;
	} rows[] = {{secret, 0600, true}, {secret, 0400, true}, {secret, 0640, false},
		{secret, 0604, false}, {secret, 0620, false}, {digest, 0644, true},
		{digest, 0600, true}, {digest, 0664, false}, {digest, 0602, false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct errctx cx = {0};
		struct tenants *t;
		enum err e;

		write_tokens(rows[i].text, rows[i].mode);
		e = tenants_open(file, NULL, &t, &cx);
		assert_int_equal(e, rows[i].is_ok ? E_OK : E_CONFIG);
		if (e)
			assert_non_null(strstr(cx.text, "chmod 600"));
		tenants_free(t);
	}
}

/* ---- who it is ---------------------------------------------------------------------------------------- */

static void a_reload_changes_tokens_and_keeps_names(void **state)
{
	struct tenants *t = open_tokens("[alice]\ntoken = \"" ALICE "\"\nrpm = 1\n");
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	unsigned char sha[SHA256_BYTES];
	struct tenant *alice;

	(void)state;
	sha256(STR(ALICE), sha);
	alice = tenants_find(t, sha, &a).tenant;
	assert_false(tenants_is_changed(t));
	assert_int_equal(limit_take(alice->limit, &alice->key, 1, 1).kind, LIMIT_NONE);
	assert_int_equal(limit_take(alice->limit, &alice->key, 1, 1).kind, LIMIT_RPM);

	write_tokens("[bob]\ntoken = \"" BOB "\"\n[alice]\ntoken = [\"" ROOT "\", \"" ALICE
		     "\"]\nrpm = 1\n",
		0600);
	assert_true(tenants_is_changed(t));
	assert_int_equal(tenants_reload(t, &cx), E_OK);
	assert_false(tenants_is_changed(t));
	assert_ptr_equal(tenants_find(t, sha, &a).tenant, alice);
	assert_string_equal(who(t, ROOT, &a), "alice");
	assert_string_equal(who(t, BOB, &a), "bob");
	/* what was spent stays spent */
	assert_int_equal(limit_take(alice->limit, &alice->key, 1, 1).kind, LIMIT_RPM);

	write_tokens("[bob]\ntoken = \"" BOB "\"\n[x]\n", 0600);
	assert_int_equal(tenants_reload(t, &cx), E_CONFIG);
	assert_non_null(strstr(cx.text, "tokens.toml: line 3: [x] has no token"));
	assert_false(tenants_is_changed(t)); /* said once */
	assert_string_equal(who(t, ALICE, &a), "alice");
	(void)unlink(file);
	assert_true(tenants_is_changed(t));
	assert_int_equal(tenants_reload(t, &cx), E_CONFIG);
	assert_string_equal(who(t, ALICE, &a), "alice");

	write_tokens("[bob]\ntoken = \"" BOB "\"\n", 0600);
	assert_int_equal(tenants_reload(t, &cx), E_OK);
	assert_string_equal(who(t, ALICE, &a), "");
	assert_int_equal(tenants_n(t), 1);
	assert_false(atomic_load(&alice->is_there));
	arena_release(&a);
	tenants_free(t);
}

static enum guard_verdict guarded(
	const struct guard_conf *g, const char *head, struct arena *a, struct guard_who *out)
{
	struct http_head h = head_read(a, str_from(head));
	struct route r;

	route_request(&h, a, &r);
	return guard_check(g, &h, &r, true, a, out);
}

#define HOST "\nHost: localhost\n"

static void tokens_say_who_asks_and_what_he_may(void **state)
{
	static const struct {
		const char *head;
		enum guard_verdict verdict;
		const char *name; /* NULL: the operator */
	} rows[] = {
		{"POST /v1/messages" HOST, GUARD_NO_TOKEN, NULL},
		{"POST /v1/messages" HOST "x-headroom-proxy-token: nobody's", GUARD_BAD_TOKEN,
			NULL},
		{"POST /v1/messages" HOST "x-headroom-proxy-token: " ALICE, GUARD_OK, "alice"},
		{"POST /v1/messages" HOST "Authorization: Bearer " BOB, GUARD_OK, "bob"},
		{"POST /v1/messages" HOST "x-headroom-proxy-token: the-operator's", GUARD_OK, NULL},
		/* one right, one wrong; two of one; two of two */
		{"POST /v1/messages" HOST "x-headroom-proxy-token: " ALICE
		 "\nAuthorization: Bearer sk-x",
			GUARD_OK, "alice"},
		{"POST /v1/messages" HOST "x-headroom-proxy-token: " ALICE
		 "\nAuthorization: Bearer " ALICE,
			GUARD_OK, "alice"},
		{"POST /v1/messages" HOST "x-headroom-proxy-token: " ALICE
		 "\nAuthorization: Bearer " BOB,
			GUARD_BAD_TOKEN, NULL},
		{"POST /v1/messages" HOST "x-headroom-proxy-token: the-operator's"
		 "\nAuthorization: Bearer " BOB,
			GUARD_BAD_TOKEN, NULL},
		{"GET /stats" HOST "x-headroom-proxy-token: " ALICE, GUARD_OK, "alice"},
		{"POST /v1/compress" HOST "x-headroom-proxy-token: " ALICE, GUARD_OK, "alice"},
		{"POST /v1/retrieve" HOST "x-headroom-proxy-token: " ALICE, GUARD_OK, "alice"},
	};
	static const char *const operators[] = {"GET /metrics", "GET /stats-history",
		"POST /stats/reset", "GET /v1/dashboard/state", "GET /v1/dashboard/events",
		"GET /v1/dashboard/requests/x", "GET /v1/retrieve/stats", "GET /v1/feedback",
		"DELETE /v1/feedback/Bash", "POST /cache/clear", "GET /admin/upstream",
		"GET /debug/memory", "GET /debug/exchanges", "GET /transformations/feed"};
	struct tenants *t = open_tokens("[alice]\ntoken = \"" ALICE "\"\nproject = \"hers\"\n"
					"[bob]\ntoken = \"" BOB "\"\n"
					"[root]\ntoken = \"" ROOT "\"\nadmin = true\n");
	struct guard_conf g = {
		.token = STR("the-operator's"), .tenants = t, .is_loopback_bind = true};
	struct arena a = ARENA_INIT;
	struct guard_who out;
	char head[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		enum guard_verdict v = guarded(&g, rows[i].head, &a, &out);

		if (v != rows[i].verdict)
			fail_msg("%s: %s", rows[i].head, guard_verdict_name(v));
		if (v != GUARD_OK)
			continue;
		assert_int_equal(out.is_operator, !rows[i].name);
		assert_string_equal(out.tenant ? out.tenant->name : "operator",
			rows[i].name ? rows[i].name : "operator");
		assert_true(str_eq_c(
			out.project, out.tenant && out.tenant->name[0] == 'a' ? "hers" : ""));
		assert_int_equal(out.token_in_authorization,
			strstr(rows[i].head, "Bearer token-of") != NULL);
	}
	for (size_t i = 0; i < ARRAY_N(operators); i++) {
		(void)snprintf(head, sizeof head, "%s" HOST "x-headroom-proxy-token: %s",
			operators[i], ALICE);
		if (guarded(&g, head, &a, &out) != GUARD_NOT_YOURS)
			fail_msg("%s", head);
		(void)snprintf(head, sizeof head, "%s" HOST "x-headroom-proxy-token: %s",
			operators[i], ROOT);
		assert_int_equal(guarded(&g, head, &a, &out), GUARD_OK);
		assert_true(out.is_operator);
		assert_string_equal(out.tenant->name, "root");
	}
	g.token = STR("");
	assert_int_equal(guarded(&g, "POST /v1/messages" HOST, &a, &out), GUARD_NO_TOKEN);
	/* the digest of nothing is no operator's */
	assert_int_equal(guarded(&g, "POST /v1/messages" HOST "x-headroom-proxy-token:", &a, &out),
		GUARD_BAD_TOKEN);
	arena_release(&a);
	tenants_free(t);
}

static void memory_that_runs_out_changes_nothing(void **state)
{
	struct tenants *t = open_tokens("[alice]\ntoken = \"" ALICE "\"\n");
	struct arena a = ARENA_INIT;
	bool is_done = false;

	(void)state;
	write_tokens("[alice]\ntoken = \"" ALICE "\"\n[bob]\ntoken = \"" BOB "\"\n", 0600);
	for (size_t n = 1; !is_done; n++) {
		struct errctx cx = {0};
		enum err e;

		mem_fail_after(n);
		e = tenants_reload(t, &cx);
		is_done = !mem_failed();
		mem_fail_after(0);
		if (e)
			assert_int_equal(e, E_NOMEM);
		assert_string_equal(who(t, ALICE, &a), "alice");
		assert_string_equal(who(t, BOB, &a), e ? "" : "bob");
	}
	arena_release(&a);
	tenants_free(t);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(what_is_wrong_is_said_with_its_line),
		T(a_row_has_all_that_it_says),
		T(too_many_names_are_an_error),
		T(a_file_that_others_may_read_or_write_is_refused),
		T(a_reload_changes_tokens_and_keeps_names),
		T(tokens_say_who_asks_and_what_he_may),
		T(memory_that_runs_out_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
