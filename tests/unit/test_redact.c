#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/json/redact.h"

/* Secrets are put together here, so that no scanner takes this file for a leak. */
#define A20  "aB3dE5gH7jK9mN1pQ3sT"
#define A40  A20 A20
#define UP16 "ABCDEFGH12345678"
#define SK   \
	"sk" \
	"-"
#define GH   \
	"gh" \
	"p_"

struct redact_case {
	const char *in, *out;
};

static void check(size_t (*redact)(str, struct buf *), const struct redact_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf out;
		size_t hits, again;

		buf_init(&out, 1 << 20);
		hits = redact(str_from(cases[i].in), &out);
		buf_add_byte(&out, '\0');
		assert_string_equal(out.p, cases[i].out);
		assert_int_equal(hits != 0, strcmp(cases[i].in, cases[i].out) != 0);
		buf_reset(&out);
		again = redact(str_from(cases[i].out), &out);
		assert_true(str_eq_c(buf_str(&out), cases[i].out) || again);
		buf_release(&out);
	}
}

static void secrets_are_known_by_their_shape(void **state)
{
	static const struct redact_case CASES[] = {
		{"key " SK "ant-api03-" A40 "-x_y end", "key <redacted:anthropic-key> end"},
		{SK "ant-oat01-" A40, "<redacted:anthropic-key>"},
		{"'" SK "proj-" A20 "'", "'<redacted:openai-key>'"},
		{SK A40 ".", "<redacted:openai-key>."},
		{SK "or-v1-" A40, "<redacted:openrouter-key>"},
		{"A"
		 "IzaSy" A20 A20,
			"<redacted:google-key>"},
		{"x=" GH A40, "x=<redacted:github-token>"},
		{"gho_" A40 ",github"
		 "_pat_" A20 "_" A40,
			"<redacted:github-token>,<redacted:github-token>"},
		{"glpat"
		 "-" A20,
			"<redacted:gitlab-token>"},
		{"xox"
		 "b-123456789012-" A20,
			"<redacted:slack-token>"},
		{"AK"
		 "IA" UP16,
			"<redacted:aws-key-id>"},
		{"aws_secret_access_key = " A40, "aws_secret_access_key = <redacted:aws-secret>"},
		{"AWS_SECRET_ACCESS_KEY=\"" A40 "\"",
			"AWS_SECRET_ACCESS_KEY=\"<redacted:aws-secret>\""},
		{"{\\\"SecretAccessKey\\\": \\\"" A20 "+" A20 "\\\"}",
			"{\\\"SecretAccessKey\\\": \\\"" A20 "+" A20 "\\\"}"}, /* 41: none */
		{"{\\\"SecretAccessKey\\\": \\\"" A20 "\\/\\u002b"
		 "aB3dE5gH7jK9mN1pQ3\\\"}",
			"{\\\"SecretAccessKey\\\": \\\"<redacted:aws-secret>\\\"}"},
		{"t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." A40 " u", "t <redacted:jwt> u"},
		{"Authorization: Bearer " A20 "/+==", "Authorization: Bearer <redacted:bearer>"},
		{"authorization: bearer " A20, "authorization: bearer <redacted:bearer>"},
		{"Authorization: Basic dXNlcjpwYXNzd29yZDEyMw==",
			"Authorization: Basic <redacted:basic>"},
		{"a -----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY----- b",
			"a <redacted:private-key> b"},
		{"-----BEGIN PRIVATE KEY-----\nMIIE" A40 "\n" A40 "\n" A40 "...",
			"<redacted:private-key>..."},
		{"GET https://h/x?a=1&key=" A20 "&b=2 HTTP",
			"GET https://h/x?a=1&key=<redacted:url-secret>&b=2 HTTP"},
		{"h?a\\u0026Access_Token=" A20 "\\u0026b",
			"h?a\\u0026Access_Token=<redacted:url-secret>\\u0026b"},
		{"\\n" SK "ant-" A20 "\\n" SK "ant-" A20 "\\\"",
			"\\n<redacted:anthropic-key>\\n<redacted:anthropic-key>\\\""},
		{SK "ant-" A20 "\\u002d" A20 "\\u00e4",
			"<redacted:anthropic-key>\\u00e4"}, /* an escape inside */
	};

	(void)state;
	check(redact_text, CASES, ARRAY_N(CASES));
}

static void what_only_looks_similar_stays(void **state)
{
	static const char *const TEXTS[] = {
		"task-runner-with-a-very-long-name-2000-x",
		"sk-learn-contrib-gaussian-mixture-models",
		SK "short1",
		"ask" SK "ant",
		"desk"
		"-" A40,
		"ghp_",
		GH "$TOKEN",
		"Bearer $ANTHROPIC_API_KEY",
		"Bearer ${TOKEN}",
		"Bearer <token>",
		"the bearer of this letter arrives",
		"basic understanding of the",
		"eyJ",
		"eyJhbGciOiJIUzI1NiJ9",
		"eyJhbGciOiJIUzI1NiJ9.x",
		"eyJ-eyJ-eyJ-eyJ",
		"look for -----BEGIN PRIVATE KEY----- in files, then remove it",
		"-----BEGIN CERTIFICATE-----\\nMIIE\\n-----END CERTIFICATE-----",
		"?key=short",
		"?key=${process.env.GEMINI_API_KEY_NAME}",
		"monkey=" A40,
		"&monkey=" A40,
		"AKIAshort",
		"xAKIA" UP16,
		A40,
		"data:image/png;base64,AAAA",
		"iVBORw0KGgo",
		"C:\\users\\new",
		"\\",
		"\\u12",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(TEXTS); i++)
		check(redact_text, &(struct redact_case){TEXTS[i], TEXTS[i]}, 1);
}

static void json_stays_json(void **state)
{
	static const struct redact_case CASES[] = {
		{"{\"a\":\"" SK "ant-" A20 "\"}", "{\"a\":\"<redacted:anthropic-key>\"}"},
		{"[\"Bearer \",\"" A20 "\"]", "[\"Bearer \",\"" A20 "\"]"},
		{"{\"SecretAccessKey\" : \"" A40 "\",\"x\":\"" A40 "\"}",
			"{\"SecretAccessKey\" : \"<redacted:aws-secret>\",\"x\":\"" A40 "\"}"},
		{"[\"a\\\"" GH A40 "\\\\\",1]", "[\"a\\\"<redacted:github-token>\\\\\",1]"},
		{"{\"" GH A40 "\":1}", "{\"<redacted:github-token>\":1}"},
		/* cut off: no END in this string */
		{"[\"-----BEGIN PRIVATE KEY-----\\n" A40 A40 "\",\"-----END PRIVATE KEY-----\"]",
			"[\"<redacted:private-key>\",\"-----END PRIVATE KEY-----\"]"},
		{"nothing " SK "ant-" A20, "nothing " SK "ant-" A20}, /* no string */
		{"\"open " SK "ant-" A20, "\"open <redacted:anthropic-key>"},
	};

	(void)state;
	check(redact_json, CASES, ARRAY_N(CASES));
}

static void add_base64(struct buf *b, const char *start, size_t n)
{
	size_t at = b->n;

	buf_add_c(b, start);
	while (b->n - at < n)
		buf_add_byte(b, (char)('A' + b->n % 26));
}

/* before, so many characters of base64 that begin so, after -> wanted */
static void check_image(const char *start, size_t n, bool is_escaped, const char *wanted)
{
	struct buf in, out;

	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 20);
	buf_add_c(&in, is_escaped ? "[\"{\\\"d\\\":\\\"" : "[\"");
	add_base64(&in, start, n);
	buf_add_c(&in, is_escaped ? "\\\"}\"]" : "\"]");
	assert_int_equal(redact_json(buf_str(&in), &out), *wanted != '\0');
	if (*wanted) {
		buf_add_byte(&out, '\0');
		assert_string_equal(out.p, wanted);
	} else {
		assert_true(str_eq(buf_str(&in), buf_str(&out)));
	}
	buf_release(&in);
	buf_release(&out);
}

static void images_are_replaced_by_their_size(void **state)
{
	(void)state;
	check_image("iVBORw0KGgo", 1024, false, "[\"<image:base64 bytes=768>\"]");
	check_image("iVBORw0KGgo", 1023, false, "");
	check_image("/9j/", 4000, false, "[\"<image:base64 bytes=3000>\"]");
	check_image("\\/9j\\/", 4002, false, "[\"<image:base64 bytes=3000>\"]");
	check_image("R0lGODlh", 2000, true, "[\"{\\\"d\\\":\\\"<image:base64 bytes=1500>\\\"}\"]");
	check_image("data:image/svg+xml;base64,", 1026 + 24, false,
		"[\"data:image/svg+xml;base64,<image:base64 bytes=768>\"]");
	check_image("QUJD", 5000, false, ""); /* some other file */
	check_image("xiVBORw0KGgo", 5000, false, "");
}

static void secrets_of_a_path_are_known_by_their_names(void **state)
{
	static const struct redact_case CASES[] = {
		{"/v1beta/models/m:x?key=abc&alt=sse",
			"/v1beta/models/m:x?key=<redacted:url-secret>&alt=sse"},
		{"/x?alt=sse&KEY=a%20b", "/x?alt=sse&KEY=<redacted:url-secret>"},
		{"/x?%6bey=abc", "/x?%6bey=<redacted:url-secret>"},
		{"/x?k%65%79=abc", "/x?k%65%79=<redacted:url-secret>"},
		{"/x?key=&b", "/x?key=&b"},
		{"/x?beta=true", "/x?beta=true"},
		{"/x?%", "/x?%"},
		{"/x/" SK "ant-" A20 "/y", "/x/<redacted:anthropic-key>/y"},
		{"/key=abc", "/key=abc"},
	};

	(void)state;
	check(redact_query, CASES, ARRAY_N(CASES));
}

static void headers_that_carry_secrets(void **state)
{
	static const char *const SECRET[] = {"Authorization", "x-api-key", "X-Goog-Api-Key",
		"cookie", "Set-Cookie", "x-headroom-proxy-token", "Proxy-Authorization",
		"x-amz-security-token", "api-key", "X-Client-Secret"};
	static const char *const OPEN[] = {"content-type", "anthropic-version", "user-agent",
		"host", "x-stainless-retry-count", ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(SECRET); i++)
		assert_true(redact_header(str_from(SECRET[i])));
	for (size_t i = 0; i < ARRAY_N(OPEN); i++)
		assert_false(redact_header(str_from(OPEN[i])));
}

/* Each would take minutes if something began to search anew at every step. */
static void time_is_linear_in_the_length(void **state)
{
	static const char *const PARTS[] = {"eyJ-", "eyJ+", "sk-", "-----BEGIN PRIVATE KEY-----",
		"-----BEGIN ", "secretaccesskey+", "iVBORw0KGgo-", "data:image/x;base64,",
		"?key=", "&", "basic ", "AKIA-", "\\", "eyJ.x-", "AWS_SECRET_ACCESS_KEY=", "/9j/-"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(PARTS); i++) {
		struct buf in, out;

		buf_init(&in, 8 << 20);
		buf_init(&out, 8 << 20);
		while (in.n < 1 << 20)
			buf_add_c(&in, PARTS[i]);
		(void)redact_text(buf_str(&in), &out);
		assert_int_equal(out.err, E_OK);
		buf_release(&in);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_known_by_their_shape),
		cmocka_unit_test(what_only_looks_similar_stays),
		cmocka_unit_test(json_stays_json),
		cmocka_unit_test(images_are_replaced_by_their_size),
		cmocka_unit_test(secrets_of_a_path_are_known_by_their_names),
		cmocka_unit_test(headers_that_carry_secrets),
		cmocka_unit_test(time_is_linear_in_the_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
