#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/json/scan.h"
#include "proxy/answer.h"
#include "proxy/base64.h"
#include "proxy/jwt.h"
#include "tests/unit/base64_help.h"

/* ---- answers ------------------------------------------------------------------------------------------- */

static void each_shape_is_the_providers(void **state)
{
	static const struct {
		enum error_shape shape;
		int status;
		const char *body;
	} CASES[] = {
		{SHAPE_ANTHROPIC, 429,
			"{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":"
			"\"m\"}}"},
		{SHAPE_ANTHROPIC, 413,
			"{\"type\":\"error\",\"error\":{\"type\":\"request_too_large\",\"message\":"
			"\"m\"}}"},
		{SHAPE_OPENAI, 429,
			"{\"error\":{\"message\":\"m\",\"type\":\"requests\",\"param\":null,"
			"\"code\":\"rate_limit_exceeded\"}}"},
		{SHAPE_OPENAI, 502,
			"{\"error\":{\"message\":\"m\",\"type\":\"server_error\",\"param\":null,"
			"\"code\":\"bad_gateway\"}}"},
		{SHAPE_GEMINI, 429,
			"{\"error\":{\"code\":429,\"message\":\"m\",\"status\":\"RESOURCE_"
			"EXHAUSTED\"}}"},
		{SHAPE_GEMINI, 504,
			"{\"error\":{\"code\":504,\"message\":\"m\",\"status\":\"DEADLINE_"
			"EXCEEDED\"}}"},
		{SHAPE_OWN, 401,
			"{\"error\":{\"type\":\"unauthorized\",\"message\":\"m\"},\"detail\":"
			"\"m\"}"},
		{SHAPE_OWN, 404,
			"{\"error\":{\"type\":\"not_found\",\"message\":\"m\"},\"detail\":\"m\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct buf out;

		buf_init(&out, 1024);
		answer_error(&out, CASES[i].shape, CASES[i].status, STR("m"));
		if (!str_eq_c(buf_str(&out), CASES[i].body))
			fail_msg("got " STR_FMT, STR_ARG(buf_str(&out)));
		buf_release(&out);
	}
}

static void every_status_is_worded_in_every_shape(void **state)
{
	static const int STATUS[] = {400, 401, 403, 404, 405, 408, 411, 413, 415, 417, 426, 429,
		431, 500, 502, 503, 504, 402, 418, 499, 501, 505, 529, 599};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(STATUS); i++) {
		for (enum error_shape s = SHAPE_ANTHROPIC; s <= SHAPE_OWN; s++) {
			struct arena a = ARENA_INIT;
			struct json_tape t;
			struct buf out;
			uint32_t error, message;

			buf_init(&out, 1024);
			answer_error(&out, s, STATUS[i], STR("say \"\xff\"\n"));
			assert_int_equal(out.err, E_OK);
			assert_int_equal(json_scan(&a, buf_str(&out), &t, NULL), E_OK);
			assert_int_equal(t.notes, 0);
			error = json_member(&t, 0, "error");
			assert_true(error != JSON_ABSENT);
			message = json_member(&t, error, "message");
			assert_true(json_string_is(&t, message, "say \"\xef\xbf\xbd\"\n"));
			assert_true(strlen(answer_type(s, STATUS[i])) > 0);
			buf_release(&out);
			arena_release(&a);
		}
	}
	assert_string_equal(answer_type(SHAPE_ANTHROPIC, 418), "invalid_request_error");
	assert_string_equal(answer_type(SHAPE_ANTHROPIC, 599), "api_error");
	assert_string_equal(answer_type(SHAPE_GEMINI, 503), "UNAVAILABLE");
}

/* ---- tokens -------------------------------------------------------------------------------------------- */

static void base64url_is_read_strictly(void **state)
{
	static const char *const BAD[] = {
		"A", "AB=", "AA==", "A+/A", "AAA\n", "AA A", "AB", "AAB", "AAAAA", "\xff\xff"};
	struct arena a = ARENA_INIT;
	char bytes[256];
	str out;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(unsigned char)(i * 7);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		assert_true(base64_decode(base64url(&a, (str){bytes, n}), true, &a, &out));
		assert_true(str_eq(out, (str){bytes, n}));
	}
	for (size_t i = 0; i < ARRAY_N(BAD); i++) {
		if (base64_decode(str_from(BAD[i]), true, &a, &out))
			fail_msg("%s", BAD[i]);
	}
	assert_true(base64_decode(STR("-_-_"), true, &a, &out));
	assert_true(str_eq(out, STR("\xfb\xff\xbf")));
	arena_release(&a);
}

#define CLAIM(inside) "{\"sub\":1,\"https://api.openai.com/auth\":" inside "}"

static void a_token_of_chatgpt_names_its_account(void **state)
{
	static const struct {
		const char *payload, *account; /* NULL: none */
	} CASES[] = {
		{CLAIM("{\"chatgpt_account_id\":\"acc-1\",\"x\":[{}]}"), "acc-1"},
		{CLAIM("{\"chatgpt_account_id\":\"a\\u0063c\"}"), "acc"},
		{"{\"https:\\/\\/api.openai.com\\/auth\":{\"chatgpt_account_id\":\"a\"}}", "a"},
		{CLAIM("{\"chatgpt_account_id\":\"\"}"), NULL},
		{CLAIM("{\"chatgpt_account_id\":\"a\\r\\nx-evil: 1\"}"), NULL},
		{CLAIM("{\"chatgpt_account_id\":\"a b\"}"), NULL},
		{CLAIM("{\"chatgpt_account_id\":\"\xc3\xbc\"}"), NULL},
		{CLAIM("{\"chatgpt_account_id\":7}"), NULL},
		{CLAIM("{\"chatgpt_account_id\":null}"), NULL},
		{CLAIM("{\"account\":\"a\"}"), NULL},
		{CLAIM("\"chatgpt_account_id\""), NULL},
		{CLAIM("{\"chatgpt_account_id\":\"a\"},"), NULL},
		{"{\"chatgpt_account_id\":\"a\"}", NULL},
		{"[]", NULL},
		{"7", NULL},
		{"", NULL},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		str payload = base64url(&a, str_from(CASES[i].payload)), account;
		str token =
			arena_printf(&a, "eyJhbGciOiJub25lIn0." STR_FMT ".c2ln", STR_ARG(payload));
		bool found = jwt_chatgpt_account(token, &a, &account);

		if (found != (CASES[i].account != NULL) ||
			(found && !str_eq_c(account, CASES[i].account)))
			fail_msg("%s", CASES[i].payload);
	}
	arena_release(&a);
}

static void what_is_no_token_names_nobody(void **state)
{
	struct arena a = ARENA_INIT;
	str payload = base64url(&a, STR(CLAIM("{\"chatgpt_account_id\":\"a\"}"))), account;
	static const char *const FORMATS[] = {
		"eyJ.%s", "eyJ.%s.a.b", "eyJ.%s=.a", "xyJ.%s.a", "eyJ..a%s", ".%s.a", "eyJ. %s.a"};

	(void)state;
	assert_true(jwt_chatgpt_account(
		arena_printf(&a, "eyJ.%s.", arena_cstr(&a, payload)), &a, &account));
	for (size_t i = 0; i < ARRAY_N(FORMATS); i++) {
		struct buf b;
		str format = str_from(FORMATS[i]);
		size_t at = str_find(format, STR("%s"));

		buf_init_arena(&b, &a, 4096);
		buf_add(&b, str_sub(format, 0, at));
		buf_add(&b, payload);
		buf_add(&b, str_sub(format, at + 2, format.n));
		if (jwt_chatgpt_account(buf_str(&b), &a, &account))
			fail_msg("%s", FORMATS[i]);
	}
	assert_false(jwt_chatgpt_account(STR_NULL, &a, &account));
	arena_release(&a);
}

static void a_token_has_a_largest_size(void **state)
{
	struct arena a = ARENA_INIT;
	str account;

	(void)state;
	for (size_t pad = 11000; pad <= 13000; pad += 2000) {
		char *json = arena_alloc(&a, pad, 1);
		str payload;

		memset(json, ' ', pad);
		memcpy(json, CLAIM("{\"chatgpt_account_id\":\"a\"}"),
			sizeof CLAIM("{\"chatgpt_account_id\":\"a\"}") - 1);
		payload = base64url(&a, (str){json, pad});
		assert_true(
			jwt_chatgpt_account(arena_printf(&a, "eyJ." STR_FMT ".", STR_ARG(payload)),
				&a, &account) == (pad == 11000));
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_shape_is_the_providers),
		cmocka_unit_test(every_status_is_worded_in_every_shape),
		cmocka_unit_test(base64url_is_read_strictly),
		cmocka_unit_test(a_token_of_chatgpt_names_its_account),
		cmocka_unit_test(what_is_no_token_names_nobody),
		cmocka_unit_test(a_token_has_a_largest_size),
	};

	return cmocka_run_group_tests_name(
		"proxy: answers, credentials, tokens", tests, NULL, NULL);
}
