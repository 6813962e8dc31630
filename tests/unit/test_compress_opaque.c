/* Data that nobody reads: what is taken for it, what never is, what marks say, and that only such data is left out.
 * HEADROOM_SEEDS=20000 makes it a longer run. */
#include "tests/unit/compress_help.h"
#include "tests/unit/random_opaque.h"
#include "tests/unit/seeds.h"

#include <inttypes.h>

#include "core/compress/opaque/opaque.h"
#include "core/compress/opaque/span.h"

enum { SEEDS = 150 };

static bool elide(str text, struct arena *a, str *out)
{
	struct codec_in in = {.text = text,
		.kind = detect_kind(text),
		.route = STR("headroom retrieve 3fa97c01")};
	struct codec_out o;
	bool is_elided = opaque_codec.encode(&in, a, &o);

	*out = is_elided ? o.text : STR_NULL;
	return is_elided;
}

/* The kind of the first span; OPAQUE_KINDS when there is none. */
static enum opaque_kind kind_of(str text)
{
	struct opaque_seen seen = {.is_known = false};
	struct opaque_span s;

	for (unsigned k = 0; k < OPAQUE_KINDS; k++)
		if (opaque_find(text, (enum opaque_kind)k, 0, &seen, &s))
			return (enum opaque_kind)k;
	return OPAQUE_KINDS;
}

/* n characters of base64 that are the same in each run. */
static str base64_of(size_t n, size_t width, const char *eol, struct arena *a)
{
	struct rng r = rng_new(n);
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	add_base64(&r, &b, n, width, eol);
	return buf_str(&b);
}

static str hex_of(size_t n, struct arena *a)
{
	struct rng r = rng_new(n);
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	add_hex(&r, &b, n);
	return buf_str(&b);
}

/* Each case is written with one piece of data in it. */
struct data_case {
	const char *before, *behind;
	size_t n, width;
	const char *eol;
	enum opaque_kind kind; /* OPAQUE_KINDS: is none */
	bool is_hex;
};

static void data_is_told_from_keys(void **state)
{
	static const struct data_case cases[] = {
		{"<img src=\"data:image/gif;base64,", "\">", 200, 0, "", OPAQUE_BASE64, false},
		{"<img src=\"data:image/gif;base64,", "\">", 180, 0, "", OPAQUE_KINDS, false},
		{"image ", " end", 320, 0, "", OPAQUE_BASE64, false},
		{"image ", " end", 310, 0, "", OPAQUE_KINDS, false},
		{"out:\n", "\n", 760, 76, "\n", OPAQUE_BASE64, false},
		{"out:\n  ", "\n", 760, 76, "\n  ", OPAQUE_BASE64, false},
		{"{\"content\":\"", "\\n\"}", 760, 60, "\\n", OPAQUE_BASE64, false},
		/* few lines of one length may be a list of keys */
		{"out:\n", "\n", 256, 64, "\n", OPAQUE_KINDS, false},
		/* somebody has to pass these on letter by letter */
		{"{\"NextToken\": \"", "\"}", 1000, 0, "", OPAQUE_KINDS, false},
		{"Authorization: Bearer ", "\nmore", 1000, 0, "", OPAQUE_KINDS, false},
		{"ReceiptHandle=", "\nmore", 400, 0, "", OPAQUE_KINDS, false},
		{"{\"UploadId\": \"", "\"}", 400, 0, "", OPAQUE_KINDS, false},
		{"https://example.org/a?x=", " is it", 1000, 0, "", OPAQUE_KINDS, false},
		{"eyJhbGciOiJSUzI1NiJ9.", ".c2lnbmF0dXJl", 1000, 0, "", OPAQUE_KINDS, false},
		{"ssh-rsa AAAAB3NzaC1yc2E", " joe@host", 700, 0, "", OPAQUE_KINDS, false},
		{"", "", 1000, 0, "", OPAQUE_KINDS, false},
		{"", "\n", 1000, 0, "", OPAQUE_KINDS, false},
		{"-----BEGIN RSA PRIVATE KEY-----\n", "\n-----END RSA PRIVATE KEY-----\n", 1600, 64,
			"\n", OPAQUE_KINDS, false},
		{"-----BEGIN RSA PRIVATE KEY-----\\n", "\\n-----END RSA PRIVATE KEY-----\\n", 1600,
			64, "\\n", OPAQUE_KINDS, false},
		{"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n", "\n", 1600, 64,
			"\n", OPAQUE_KINDS, false},
		{"client-cert-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ", "\n", 5000, 0, "",
			OPAQUE_KINDS, false},
		/* but what is longer nobody does */
		{"{\"token\": \"", "\"}", 5000, 0, "", OPAQUE_BASE64, false},
		{"tx 0x", " mined", 320, 0, "", OPAQUE_HEX, true},
		{"tx 0x", " mined", 300, 0, "", OPAQUE_KINDS, true},
		{"{\"signature\":\"", "\"}", 1024, 0, "", OPAQUE_KINDS, true},
		/* a list of digests */
		{"", "", 0, 0, "", OPAQUE_KINDS, false},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		const struct data_case *c = &cases[i];
		str data = c->is_hex ? hex_of(c->n, &a) : base64_of(c->n, c->width, c->eol, &a);
		str text = arena_printf(&a, "%s" STR_FMT "%s", c->before, STR_ARG(data), c->behind);

		if (kind_of(text) != c->kind)
			fail_msg("case %zu is of kind %d:\n" STR_FMT, i, (int)kind_of(text),
				STR_ARG(text));
	}
	arena_release(&a);
}

static void words_and_code_are_none(void **state)
{
	static const char *const pieces[] = {"usr/local/lib/python3/site-packages/",
		"TheNameOfAClassThatIsLongInJava", "AbstractSingletonProxyFactoryBean2",
		"_ZN5boost6detail15function7invokerIiE", "----------------", "________",
		"========", "AAAA", "0123456789", "0110100", "donaudampfschifffahrtsgesellschaft",
		"3f2504e04f8911d39a0c0305e82c3301\n", "deadbeef ", "kubernetes-admin/",
		"sha512-oPl2Yd+e4p8ZT1W3o7KkB1XyFZyS0R3tB2m1sKj9gJ4VvA==\n"};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(pieces); i++) {
		struct buf b;

		buf_init_arena(&b, &a, LIMIT_INPUT);
		buf_add_c(&b, "begin ");
		while (b.n < 3000)
			buf_add_c(&b, pieces[i]);
		if (kind_of(buf_str(&b)) != OPAQUE_KINDS)
			fail_msg("%s is of kind %d", pieces[i], (int)kind_of(buf_str(&b)));
	}
	arena_release(&a);
}

static void a_mark_says_what_was_there(void **state)
{
	/* 13 bytes of the header of a PNG of 640 x 480, and what makes it long enough */
	static const char png[] = "iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAIAAAC6s0uz";
	struct arena a = ARENA_INIT;
	str data = base64_of(400, 0, "", &a), page, text;

	(void)state;
	page = arena_printf(&a,
		"<p>before</p>\n<img src=\"data:image/png;base64,%s" STR_FMT "\">\n<p>behind</p>\n",
		png, STR_ARG(data));
	assert_true(elide(page, &a, &text));
	assert_str(text,
		"[opaque: 1 stretch of data left out where it says so; original: headroom retrieve "
		"3fa97c01]\n<p>before</p>\n<img src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUg"
		"AA[412 bytes of base64 left out: PNG 640x480, 333 bytes, sha256 "
		"060e91c84356]60eV3D+k\">\n<p>behind</p>\n");
	assert_true(opaque_codec.holds(page, text, &a));
	arena_release(&a);
}

static void what_is_left_has_the_form_of_its_kind(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf b;
	str text;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	buf_add_byte(&b, '[');
	for (unsigned i = 0; i < 9; i++)
		buf_printf(&b,
			"%s{\"number\":%u,\"name\":\"row "
			"%u\",\"state\":\"open\",\"image\":\"" STR_FMT "\"}",
			i ? "," : "", i, i, STR_ARG(base64_of(400 + i, 0, "", &a)));
	buf_add_byte(&b, ']');
	assert_true(elide(buf_str(&b), &a, &text));
	assert_true(str_find(text, STR("\n[json: minified; ")) != STR_NONE);
	assert_true(str_find(text, STR("[9 rows")) != STR_NONE);
	assert_true(opaque_codec.holds(buf_str(&b), text, &a));
	arena_release(&a);
}

static void source_stays_as_it_is(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++) {
		struct rng r = rng_new(seed);
		struct buf b;

		buf_init(&b, LIMIT_INPUT);
		for (unsigned i = 0; i < 60; i++) {
			add_source_line(&r, &b);
			buf_add_byte(&b, '\n');
		}
		if (kind_of(buf_str(&b)) != OPAQUE_KINDS)
			fail_msg("seed %" PRIu64, seed);
		buf_release(&b);
	}
}

/* Data in one line stays, also where most of it is code. */
static void json_is_no_minified_code(void **state)
{
	static const char *const heads[] = {"{\"errors\":[", "[", "[ {\"a\":[", "\"traces\": ["};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(heads); i++) {
		struct buf b;

		buf_init(&b, LIMIT_INPUT);
		buf_add_c(&b, heads[i]);
		for (unsigned n = 0; n < 60; n++)
			buf_printf(&b,
				"%s{\"id\":\"e%u\",\"source\":\"function(a){return "
				"this.b(a,%u);};var c=function(){return(d);};let e=f=>g(f);"
				"const h=function(i){this.j=i;return(k);}\"}",
				n ? "," : "", n, n);
		assert_int_equal(kind_of(buf_str(&b)), OPAQUE_KINDS);
		buf_release(&b);
	}
}

/* Another byte, or one gone; not in the head. */
static str damage(struct rng *r, str text, struct arena *a)
{
	size_t head = str_find_byte(text, '\n') + 1, at;
	char *p = arena_alloc(a, text.n, 1);

	memcpy(p, text.p, text.n);
	at = head + rng_below(r, (uint32_t)(text.n - head));
	if (rng_once_in(r, 2)) {
		p[at] ^= 1;
		return (str){p, text.n};
	}
	memmove(p + at, p + at + 1, text.n - at - 1);
	return (str){p, text.n - 1};
}

static void any_text_keeps_all_else_and_damage_is_found(void **state)
{
	size_t elided = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++) {
		struct arena a = ARENA_INIT;
		struct rng r = rng_new(seed);
		struct buf b;
		str text, again;

		buf_init(&b, LIMIT_INPUT);
		for (unsigned i = rng_below(&r, 6); i; i--) {
			for (unsigned k = rng_below(&r, 5); k; k--) {
				add_source_line(&r, &b);
				buf_add_byte(&b, '\n');
			}
			add_opaque(&r, &b);
			buf_add_c(&b, rng_once_in(&r, 2) ? "\n" : " ");
		}
		if (b.n && elide(buf_str(&b), &a, &text)) {
			elided++;
			if (!opaque_codec.holds(buf_str(&b), text, &a))
				fail_msg("seed %" PRIu64 " does not hold:\n" STR_FMT, seed,
					STR_ARG(text));
			assert_false(opaque_codec.holds(buf_str(&b), damage(&r, text, &a), &a));
			assert_true(elide(buf_str(&b), &a, &again) && str_eq(text, again));
			assert_true(text.n < b.n);
		}
		buf_release(&b);
		arena_release(&a);
	}
	assert_true(elided * 10 >= seeds_or(SEEDS) * 7);
}

/* ---- files ------------------------------------------------------------------------------------------ */

/* As an agent gets it: 40 lines of source with numbers before them, and data in the 21st. */
static str numbered_file(str data, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (unsigned i = 1; i <= 40; i++) {
		buf_printf(&b, "%6u\xe2\x86\x92", i);
		if (i == 21)
			buf_printf(&b, "a { background: url(data:font/woff2;base64," STR_FMT "); }",
				STR_ARG(data));
		else
			buf_printf(&b, "p%u { margin: %upx; }", i, i * 7);
		buf_add_byte(&b, '\n');
	}
	return buf_str(&b);
}

static struct encode_out encode_file(struct bench *b, str text, str route)
{
	struct encode_in in = {.text = text,
		.kind = detect_kind(text),
		.tool = TOOL_FILE,
		.path = STR("site.css"),
		.route = route};

	return bench_encode(b, &in);
}

static void a_file_keeps_its_lines_and_loses_only_long_data(void **state)
{
	const str route = STR("headroom retrieve 3fa97c01");
	struct bench *b = *state;
	str data = base64_of(6000, 0, "", &b->arena);
	str text = numbered_file(data, &b->arena);
	struct encode_out out = encode_file(b, text, route);

	assert_int_equal(out.loss, LOSS_ELIDED);
	assert_true(out.encoders & ENCODER_OPAQUE && out.encoders & ENCODER_GUTTER);
	assert_true(str_find(out.text, STR("[5968 bytes of base64 left out: ")) != STR_NONE);
	assert_true(str_find(out.text, STR("\n[lines 1→40]\np1 { margin: 7px; }\n")) != STR_NONE);
	assert_true(str_ends(out.text, STR("\np40 { margin: 280px; }\n")));
	/* no way back, or shorter than anybody would copy */
	assert_false(encode_file(b, text, STR_NULL).encoders & ENCODER_OPAQUE);
	text = numbered_file(str_sub(data, 0, 4000), &b->arena);
	assert_false(encode_file(b, text, route).encoders & ENCODER_OPAQUE);
	/* lines of a file stay lines */
	text = arena_printf(
		&b->arena, "a.pem:\n" STR_FMT "\n", STR_ARG(base64_of(9000, 64, "\n", &b->arena)));
	assert_false(encode_file(b, text, route).encoders & ENCODER_OPAQUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_is_told_from_keys),
		cmocka_unit_test(words_and_code_are_none),
		cmocka_unit_test(a_mark_says_what_was_there),
		cmocka_unit_test(what_is_left_has_the_form_of_its_kind),
		cmocka_unit_test(source_stays_as_it_is),
		cmocka_unit_test(json_is_no_minified_code),
		cmocka_unit_test(any_text_keeps_all_else_and_damage_is_found),
		bench_test(a_file_keeps_its_lines_and_loses_only_long_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
