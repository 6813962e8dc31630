/* AWS: signatures, the framing of streams, files of credentials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/wire/event_stream.h"
#include "proxy/aws_internal.h"
#include "proxy/aws_profile.h"
#include "proxy/aws_sign.h"
#include "proxy/backend_claude.h"
#include "proxy/backend_frame.h"
#include "proxy/base64.h"

/* ---- signatures ---------------------------------------------------------------------------------------- */

/* The key, the time and the results are those of AWS's published signature test suite (get-vanilla, ...), and of the worked
 * example of its documentation ("iam"). */
static void signatures_are_those_that_aws_has_published(void **state)
{
	static const struct aws_keys keys = {
		{"AKIDEXAMPLE", 11}, {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40}, {"", 0}};
	static const struct {
		const char *method, *url, *service, *type, *body, *signature;
	} rows[] = {
		{"GET", "https://example.amazonaws.com/", "service", NULL, "",
			"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"POST", "https://example.amazonaws.com/", "service", NULL, "",
			"5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", "service",
			NULL, "",
			"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"POST", "https://example.amazonaws.com/", "service",
			"application/x-www-form-urlencoded", "Param1=value1",
			"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
		{"GET", "https://iam.amazonaws.com:443/?Version=2010-05-08&Action=ListUsers", "iam",
			"application/x-www-form-urlencoded; charset=utf-8", "",
			"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
	};
	int64_t at_ms;

	(void)state;
	assert_true(clock_parse(STR("2015-08-30T12:36:00Z"), &at_ms));
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct http_header type = {STR("Content-Type"), str_from(rows[i].type)};
		struct aws_sign s = {.keys = &keys,
			.region = STR("us-east-1"),
			.service = str_from(rows[i].service),
			.at_ms = at_ms,
			.method = str_from(rows[i].method),
			.url = rows[i].url,
			.headers = &type,
			.headers_n = rows[i].type != NULL,
			.body = str_from(rows[i].body)};
		struct http_header out[AWS_SIGN_HEADERS];
		struct arena a = ARENA_INIT;
		uint32_t n;

		aws_sign(&s, &a, out, &n);
		assert_int_equal(n, 2);
		assert_true(str_eq_c(out[0].value, "20150830T123600Z"));
		if (!str_ends(out[1].value, str_from(rows[i].signature)))
			fail_msg("row %zu: " STR_FMT, i, STR_ARG(out[1].value));
		arena_release(&a);
	}
}

static void sessions_and_encoded_paths_are_signed(void **state)
{
	static const struct aws_keys keys = {{"A", 1}, {"s", 1}, {"token", 5}};
	const struct http_header given[] = {
		{STR("X-Amzn-Bedrock-Trace"), STR(" a  b ")}, {STR("accept"), STR("x")}};
	struct aws_sign s = {.keys = &keys,
		.region = STR("eu-west-1"),
		.service = STR("bedrock"),
		.method = STR("POST"),
		.url = "http://127.0.0.1:8080/model/a%3A0/invoke",
		.headers = given,
		.headers_n = 2,
		.body = STR("{}")};
	struct http_header out[AWS_SIGN_HEADERS];
	struct arena a = ARENA_INIT;
	uint32_t n;

	(void)state;
	aws_sign(&s, &a, out, &n);
	assert_int_equal(n, 3);
	assert_true(str_eq_c(out[1].name, "x-amz-security-token"));
	assert_true(
		str_find(out[2].value, STR("Credential=A/19700101/eu-west-1/bedrock/aws4_request, "
					   "SignedHeaders=host;x-amz-date;x-amz-security-token;"
					   "x-amzn-bedrock-trace, ")) != STR_NONE);
	/* By an independent computation: that of tests/proxy/backends.test.mjs. */
	assert_true(str_eq_c(aws_url_host(STR("http://127.0.0.1:8080/x")), "127.0.0.1:8080"));
	assert_true(str_eq_c(aws_url_host(STR("http://a:80?x")), "a"));
	assert_true(str_eq_c(aws_url_host(STR("https://a:80")), "a:80"));
	arena_release(&a);
}

static void a_run_of_blanks_is_signed_as_one(void **state)
{
	static const struct aws_keys keys = {{"A", 1}, {"s", 1}, {"", 0}};
	static const char *const values[] = {"a b", "a  b", " a\tb", "a \tb", "a\t b", "a\t\t b\t"};
	struct http_header given = {.name = STR("x-amzn-bedrock-trace")};
	const struct aws_sign s = {.keys = &keys,
		.region = STR("r"),
		.service = STR("bedrock"),
		.method = STR("GET"),
		.url = "http://h/",
		.headers = &given,
		.headers_n = 1};
	struct arena a = ARENA_INIT;
	str first = STR("");

	(void)state;
	for (size_t i = 0; i < ARRAY_N(values); i++) {
		struct http_header out[AWS_SIGN_HEADERS];
		uint32_t n;

		given.value = str_from(values[i]);
		aws_sign(&s, &a, out, &n);
		if (i == 0)
			first = out[1].value;
		assert_true(str_eq(out[1].value, first));
	}
	arena_release(&a);
}

/* ---- event streams ------------------------------------------------------------------------------------- */

static void note(void *self, const struct event_stream_message *m)
{
	buf_printf(self, "[" STR_FMT " " STR_FMT STR_FMT " %zu]", STR_ARG(m->message_type),
		STR_ARG(m->event_type), STR_ARG(m->exception_type), m->payload.n);
	buf_add(self, m->payload);
}

static void checksums_are_crc32(void **state)
{
	(void)state;
	/* The check value of the catalogue of CRC algorithms (CRC-32/ISO-HDLC). */
	assert_int_equal(event_stream_crc(0, STR("123456789")), 0xcbf43926);
	assert_int_equal(
		event_stream_crc(event_stream_crc(0, STR("1234")), STR("56789")), 0xcbf43926);
}

/* A message that was put together by hand: no headers, no payload. Its checksums are zlib's. */
static const unsigned char EMPTY[] = {
	0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff};

static void messages_are_read_however_they_are_cut(void **state)
{
	const struct event_stream_header headers[] = {{STR(":event-type"), STR("chunk")},
		{STR(":message-type"), STR("event")}, {STR("x"), STR("")}};
	struct buf stream, whole;

	(void)state;
	buf_init(&stream, 1 << 20);
	buf_init(&whole, 1 << 20);
	buf_add(&stream, (str){(const char *)EMPTY, sizeof EMPTY});
	event_stream_write(&stream, headers, 3, STR("{\"a\":1}"));
	event_stream_write(&stream, headers, 2, STR(""));
	for (size_t size = stream.n; size; size--) {
		struct event_stream s;
		struct buf got;

		event_stream_init(&s);
		buf_init(&got, 1 << 20);
		for (size_t at = 0; at < stream.n; at += size)
			assert_int_equal(
				event_stream_feed(&s,
					str_sub(buf_str(&stream), at,
						at + size < stream.n ? at + size : stream.n),
					note, &got, NULL),
				E_OK);
		assert_false(event_stream_is_cut(&s));
		if (size == stream.n)
			buf_add(&whole, buf_str(&got));
		assert_true(str_eq(buf_str(&got), buf_str(&whole)));
		event_stream_release(&s);
		buf_release(&got);
	}
	assert_true(str_eq_c(buf_str(&whole), "[  0][event chunk 7]{\"a\":1}[event chunk 0]"));
	buf_release(&stream);
	buf_release(&whole);
}

/* Each bit of a message counts: no flipped one goes through. */
static void every_flipped_bit_is_seen(void **state)
{
	const struct event_stream_header headers[] = {{STR(":message-type"), STR("event")}};
	struct buf stream, got;

	(void)state;
	buf_init(&stream, 4096);
	buf_init(&got, 4096);
	event_stream_write(&stream, headers, 1, STR("{\"bytes\":\"e30=\"}"));
	for (size_t bit = 0; bit < stream.n * 8; bit++) {
		struct event_stream s;
		enum err e;

		event_stream_init(&s);
		stream.p[bit / 8] = (char)(stream.p[bit / 8] ^ 1 << bit % 8);
		e = event_stream_feed(&s, buf_str(&stream), note, &got, NULL);
		assert_int_equal(e, E_MALFORMED);
		assert_int_equal(event_stream_feed(&s, STR(""), note, &got, NULL), E_MALFORMED);
		stream.p[bit / 8] = (char)(stream.p[bit / 8] ^ 1 << bit % 8);
		event_stream_release(&s);
	}
	assert_int_equal(got.n, 0);
	buf_release(&stream);
}

static void an_event_that_is_too_large_for_a_frame_is_no_gap(void **state)
{
	struct backend_frame *f = backend_frame_new();
	const size_t n = LIMIT_SSE_EVENT + 1;
	char *large = mem_alloc(n);
	str out;

	(void)state;
	assert_non_null(f);
	assert_non_null(large);
	memset(large, 'a', n);
	assert_int_equal(backend_frame_feed(f, STR("data: {}\n\n"), &out), E_OK);
	assert_true(out.n > 0);
	assert_int_equal(backend_frame_feed(f, STR("data: "), &out), E_OK);
	assert_int_equal(backend_frame_feed(f, (str){large, n}, &out), E_OK);
	assert_int_equal(backend_frame_feed(f, STR("\n\n"), &out), E_TOO_BIG);
	mem_free(large);
	backend_frame_free(f);
}

/* ---- files --------------------------------------------------------------------------------------------- */

static void profiles_are_read_from_both_files(void **state)
{
	const str config =
		STR("# c\n[default]\nregion = us-east-1\n"
		    "[profile a b]\nregion=eu-west-1 # here\n s3 =\n  region = no\n"
		    "role_arn = r\nsource_profile = x\n"
		    "[profile sso]\nsso_session = s\nsso_account_id = 1\nsso_role_name = n\n"
		    "[sso-session s]\nsso_start_url = u\nsso_region = r\n"
		    "[x]\nregion = never\n");
	const str credentials =
		STR("[default]\naws_access_key_id = A\r\naws_secret_access_key = S#1\n"
		    "[a b]\nregion = ap-south-1\n\n; remark\n[sso-session s]\nregion = no\n");
	struct aws_profile p;

	(void)state;
	aws_profile_read(config, credentials, STR("default"), &p);
	assert_true(p.is_there && str_eq_c(p.region, "us-east-1") && str_eq_c(p.access, "A") &&
		    str_eq_c(p.secret, "S#1"));
	aws_profile_read(config, credentials, STR("a b"), &p);
	assert_true(str_eq_c(p.region, "ap-south-1") && str_eq_c(p.role, "r") &&
		    str_eq_c(p.source_profile, "x") && !p.access.n);
	aws_profile_read(config, credentials, STR("sso"), &p);
	assert_true(str_eq_c(p.sso_start_url, "u") && str_eq_c(p.sso_region, "r") &&
		    str_eq_c(p.sso_role, "n"));
	/* In the file of configuration a section without "profile" is none. */
	aws_profile_read(config, credentials, STR("x"), &p);
	assert_false(p.is_there);
	aws_profile_read(STR("[profile"), STR("[\n=\n[]"), STR("y"), &p);
	assert_false(p.is_there);
}

/* ---- Claude in clouds ---------------------------------------------------------------------------------- */

static void models_have_names_of_their_own(void **state)
{
	static const struct {
		const char *model, *region, *bedrock, *vertex;
	} rows[] = {
		{"claude-sonnet-4-5", "us-west-2", "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
			"claude-sonnet-4-5@20250929"},
		{"claude-sonnet-4-5-20250929", "ap-southeast-2",
			"global.anthropic.claude-sonnet-4-5-20250929-v1:0",
			"claude-sonnet-4-5@20250929"},
		{"claude-sonnet-4-20250514", "ap-northeast-1",
			"apac.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4@20250514"},
		{"claude-3-5-sonnet-20241022", "eu-central-1",
			"eu.anthropic.claude-3-5-sonnet-20241022-v2:0",
			"claude-3-5-sonnet-v2@20241022"},
		{"claude-opus-4-6", "eu-west-1", "eu.anthropic.claude-opus-4-6-v1",
			"claude-opus-4-6"},
		{"claude-sonnet-4-6", "us-gov-west-1", "us-gov.anthropic.claude-sonnet-4-6",
			"claude-sonnet-4-6"},
		{"bedrock/eu.anthropic.claude-x-v1:0", "us-east-1", "eu.anthropic.claude-x-v1:0",
			"bedrock/eu.anthropic.claude-x-v1:0"},
		{"arn:aws:bedrock:us:1:p/x", "us-east-1", "arn:aws:bedrock:us:1:p/x",
			"arn:aws:bedrock:us:1:p/x"},
		{"claude-x@1", "sa-east-1", "global.anthropic.claude-x@1", "claude-x@1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct arena a = ARENA_INIT;
		str bedrock = bedrock_model(str_from(rows[i].model), str_from(rows[i].region), &a);
		str vertex = vertex_model(str_from(rows[i].model), &a);

		if (!str_eq_c(bedrock, rows[i].bedrock) || !str_eq_c(vertex, rows[i].vertex))
			fail_msg("row %zu: " STR_FMT ", " STR_FMT, i, STR_ARG(bedrock),
				STR_ARG(vertex));
		arena_release(&a);
	}
}

static void bodies_keep_their_bytes(void **state)
{
	const str body =
		STR(" { \"model\" : \"m\", \"n\": 1.50e3 ,\n\"stream\":true,\"s\":\"\\u00e9 \", "
		    "\"anthropic_beta\":[\"x\"] } ");
	struct arena a = ARENA_INIT;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	assert_int_equal(claude_body(CLAUDE_BEDROCK, body, STR(""), &a, &out, NULL), E_OK);
	assert_true(str_eq_c(buf_str(&out),
		"{\"anthropic_version\":\"bedrock-2023-05-31\",\"n\": 1.50e3,\"s\":\"\\u00e9 \","
		"\"anthropic_beta\":[\"x\"]}"));
	buf_reset(&out);
	assert_int_equal(claude_body(CLAUDE_VERTEX, body, STR("b"), &a, &out, NULL), E_OK);
	assert_true(str_eq_c(buf_str(&out),
		"{\"anthropic_version\":\"vertex-2023-10-16\",\"n\": 1.50e3,\"stream\":true,\"s\":"
		"\"\\u00e9 \",\"anthropic_beta\":[\"x\"]}"));
	buf_reset(&out);
	assert_int_equal(
		claude_body(CLAUDE_BEDROCK, STR("[1]"), STR(""), &a, &out, NULL), E_MALFORMED);
	assert_int_equal(
		claude_body(CLAUDE_BEDROCK, STR("{"), STR(""), &a, &out, NULL), E_MALFORMED);
	buf_release(&out);
	arena_release(&a);
}

static void base64_goes_there_and_back(void **state)
{
	static const char *const rows[][2] = {
		{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xfb\xff\xfe", "+//+"}};
	struct arena a = ARENA_INIT;
	str out;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		assert_true(str_eq_c(base64_encode(str_from(rows[i][0]), false, &a), rows[i][1]));
		assert_true(base64_decode(str_from(rows[i][1]), false, &a, &out));
		assert_true(str_eq_c(out, rows[i][0]));
	}
	assert_true(str_eq_c(base64_encode(STR("\xfb\xff\xfe\xfe"), true, &a), "-__-_g"));
	assert_false(base64_decode(STR("Zg=a"), false, &a, &out));
	assert_false(base64_decode(STR("Z"), false, &a, &out));
	arena_release(&a);
}

/* ---- the container's token ---------------------------------------------------------------------------- */

/* It is sent over TLS, on this machine, or to one of AWS's two agents, and to nobody else. */
static enum err ask_container(const char *variable, char *token)
{
	char url[160];
	char *envp[] = {url, token, NULL};
	_Atomic bool stop = true; /* what may be asked is not waited for */
	struct backend_place place = {.envp = envp, .region = STR("x"), .stop = &stop};
	struct arena a = ARENA_INIT;
	struct backend_secret out = {.source = ""};
	struct errctx cx = {0};
	enum err e;

	(void)snprintf(url, sizeof url, "AWS_CONTAINER_CREDENTIALS_%s", variable);
	e = aws_by_container(&place, &a, &out, &cx);
	if (strstr(cx.text, "the-token"))
		fail_msg("shown: %s", cx.text);
	arena_release(&a);
	return e;
}

static void the_containers_token_goes_to_nobody_else(void **state)
{
	static const char *const refused[] = {"FULL_URI=http://evil.example/x",
		"FULL_URI=http://169.254.170.2.evil.example/x", "FULL_URI=http://169.254.170.20/x",
		"FULL_URI=http://169.254.170.2@evil.example/x",
		"FULL_URI=http://127.0.0.1@evil.example/", "FULL_URI=http://evil.example#127.0.0.1",
		"FULL_URI=http://evil.example\\@127.0.0.1/", "FULL_URI=http://10.0.0.1/x",
		"FULL_URI=http://[fd00:ec2::24]/x", "FULL_URI=http://169.254.169.254/x",
		"FULL_URI=ftp://127.0.0.1/x", "FULL_URI=/x", "FULL_URI=http:///x",
		"FULL_URI=HTTP://evil.example/x", "RELATIVE_URI=@evil.example/x",
		"RELATIVE_URI=.evil.example/x", "RELATIVE_URI=0/x"};
	static const char *const asked[] = {"FULL_URI=http://127.0.0.1:1/x",
		"FULL_URI=http://[::1]:1/x", "FULL_URI=http://localhost:1/x",
		"FULL_URI=https://127.0.0.1:1/x"};
	char token[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN=the-token";
	char torn[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN=the-token\r\nx: y";

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (ask_container(refused[i], token) != E_CONFIG)
			fail_msg("%s is asked", refused[i]);
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		assert_int_equal(ask_container(asked[i], token), E_UNAVAILABLE);
		assert_int_equal(ask_container(asked[i], torn), E_CONFIG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_those_that_aws_has_published),
		cmocka_unit_test(sessions_and_encoded_paths_are_signed),
		cmocka_unit_test(a_run_of_blanks_is_signed_as_one),
		cmocka_unit_test(checksums_are_crc32),
		cmocka_unit_test(messages_are_read_however_they_are_cut),
		cmocka_unit_test(every_flipped_bit_is_seen),
		cmocka_unit_test(an_event_that_is_too_large_for_a_frame_is_no_gap),
		cmocka_unit_test(profiles_are_read_from_both_files),
		cmocka_unit_test(models_have_names_of_their_own),
		cmocka_unit_test(bodies_keep_their_bytes),
		cmocka_unit_test(base64_goes_there_and_back),
		cmocka_unit_test(the_containers_token_goes_to_nobody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
