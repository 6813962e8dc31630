/* Objects that occur again in columns of tables, as rows of tables of their own. */
#include "tests/unit/table_help.h"

static const char *const users[] = {
	"{\"login\":\"joe\",\"id\":71,\"site\":\"https://example.org/joe-of-the-hill\"}",
	"{\"login\":\"ann\",\"id\":34,\"site\":\"https://example.org/ann\"}",
	"{\"login\":\"tim\",\"id\":9,\"site\":\"https://example.org/tim-and-others\"}"};

static str issues(struct arena *a, unsigned n, const char *const *by, size_t by_n)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (unsigned i = 0; i < n; i++) {
		buf_printf(&b, "%s{\"n\":%u,\"by\":%s,\"to\":%s", i ? "," : "[", 5 + i * i % 7,
			by[i * i % by_n], i % 4 ? by[(i + 1) % by_n] : "null");
		if (i % 3)
			buf_printf(&b, ",\"seen\":[%s%s%s]", i % 5 ? by[i % by_n] : "",
				i % 5 && i % 2 ? "," : "", i % 2 ? by[0] : "");
		buf_add_byte(&b, '}');
	}
	buf_add_byte(&b, ']');
	return buf_str(&b);
}

static void objects_are_rows_of_their_own_table(void **state)
{
	struct bench *b = *state;
	str text = issues(&b->arena, 9, users, ARRAY_N(users)), out = encode(text, &b->arena);

	assert_str(out, "[json: minified; rows below their columns, >t1 by key of t1]\n"
			"t1={3 rows key login id site:https://example.org/\u2026\n"
			"1 joe 71 joe-of-the-hill\n2 ann 34 ann\n3 tim 9 tim-and-others\n"
			"[9 rows n by>t1 to>t1 seen>t1[]\n"
			"5 1 null\n6 2 3 [2 1]\n9 2 1 [3]\n7 1 2\n7 2 null [2]\n9 2 1 [1]\n6 1 "
			"2\n5 2 3 [2 1]\n6 2 "
			"null [3]");
	assert_decodes(text, out, &b->arena);
}

/* Nothing is gained: all are different, or small. */
static void others_stay_where_they_are(void **state)
{
	static const char *const small[] = {"{\"a\":1}", "{\"a\":2}"};
	struct bench *b = *state;
	struct buf t;
	str out;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 60; i++)
		buf_printf(&t,
			"%s{\"n\":%u,\"by\":{\"login\":\"user-%u\",\"id\":%u,\"kind\":\"a "
			"person\"}}",
			i ? "," : "[", i * i % 17, i * 7 % 61, i * i);
	buf_add_byte(&t, ']');
	out = encode(buf_str(&t), &b->arena);
	assert_true(out.n > 0 && str_find(out, STR("\nt1=")) == STR_NONE);
	assert_decodes(buf_str(&t), out, &b->arena);
	out = encode(issues(&b->arena, 30, small, ARRAY_N(small)), &b->arena);
	assert_true(out.n > 0 && str_find(out, STR("\nt1=")) == STR_NONE);
}

static const struct {
	const char *text, *json;
} spelled[] = {
	{"t1={2 rows key a b\n1 5 x\n2 7 y\n[3 rows u>t1 v>t1[]\n2 []\nnull [1 2]\n- [2]",
		"[{\"u\":{\"a\":7,\"b\":\"y\"},\"v\":[]},{\"u\":null,\"v\":[{\"a\":5,\"b\":\"x\"},{"
		"\"a\":7,\"b\":\"y\"}]},"
		"{\"v\":[{\"a\":7,\"b\":\"y\"}]}]"},
	/* a row that is not there, a table that is not there, what is no table, gaps, no brackets */
	{"t1={1 rows key a\n1 5\n[2 rows u>t1\n1\n2", NULL},
	{"t1={1 rows key a\n1 5\n[2 rows u>t1\n1\n0", NULL},
	{"t1={1 rows key a\n1 5\n[2 rows u>t2\n1\n1", NULL},
	{"t1={1 rows key a\n1 5\n[2 rows u>t1[\n[1]\n[1]", NULL},
	{"t1={1 rows key a\n1 5\n[2 rows u>t1[]\n[1,1]\n[1]", NULL},
	{"t2={1 rows key a\n1 5\n[2 rows u>t2\n1\n1", NULL},
	{"t1={a=1}\n[2 rows u>t1\n1\n1", NULL},
	{"t1=[1 rows a\n5\n[2 rows u>t1\n1\n1", NULL},
	{"t1={1 rows key a\n[1 more rows]\n[2 rows u>t1\n1\n1", NULL},
	{"[2 rows u>t1\n1\n1", NULL},
};

static void references_are_followed(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(spelled); i++) {
		str text = arena_printf(&b->arena, "[json: minified]\n%s", spelled[i].text), got;
		bool is_good = table_codec.decode(text, &b->arena, &got);

		if (is_good != (spelled[i].json != NULL))
			fail_msg("%s", spelled[i].text);
		if (is_good)
			assert_str(got, spelled[i].json);
	}
}

/* ---- many of them ---- */

/* Tables whose columns take their objects from a few, some in objects, in rows and columns that are not all alike. */
static str random_tables(uint64_t seed, struct arena *a)
{
	struct rng r = rng_new(seed);
	uint32_t kinds = 1 + rng_below(&r, 3), each = 1 + rng_below(&r, 12),
		 n = 6 + rng_below(&r, 150);
	str *v = arena_array(a, str, kinds * each);
	struct buf b;

	for (uint32_t i = 0; i < kinds * each; i++) {
		buf_init_arena(&b, a, LIMIT_INPUT);
		buf_printf(&b,
			"{\"name\":\"member-%u-of-%u\",\"site\":\"https://example.org/"
			"%u\",\"more\":",
			i, i / each, rng_below(&r, 1000));
		add_json_value(&r, &b, 3);
		buf_add_c(&b, rng_once_in(&r, 9) ? ",\"end\":[]}" : "}");
		v[i] = buf_str(&b);
	}
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < n; i++) {
		buf_printf(&b, "%s{\"n\":%u", i ? "," : "[", rng_below(&r, 100));
		for (uint32_t k = 0; k < kinds; k++) {
			str one = v[k * each + rng_below(&r, each)],
			    other = v[k * each + rng_below(&r, each)];

			if (rng_once_in(&r, 9))
				continue;
			buf_printf(
				&b, ",\"o%u\":%.*s", k, rng_once_in(&r, 9) ? 0 : (int)one.n, one.p);
			if (b.p[b.n - 1] == ':')
				buf_add_c(&b, "null");
			if (rng_once_in(&r, 30))
				buf_printf(&b, ",\"m%u\":{\"x\":1,\"in\":" STR_FMT "}", k,
					STR_ARG(other));
			buf_printf(&b, ",\"l%u\":[" STR_FMT "%s" STR_FMT "]", k, STR_ARG(other),
				rng_once_in(&r, 2) ? "," : ",null,", STR_ARG(one));
			buf_printf(&b, ",\"s%u\":[%.*s]", k, rng_once_in(&r, 5) ? 0 : (int)other.n,
				other.p);
		}
		buf_add_c(&b, rng_once_in(&r, 99) ? ",\"odd\":[]}" : "}");
	}
	buf_add_byte(&b, ']');
	return buf_str(&b);
}

static void random_tables_decode(void **state)
{
	struct bench *b = *state;
	unsigned referred_n = 0;

	for (uint64_t seed = 0; seed < seeds_or(150); seed++) {
		str text = random_tables(seed, &b->arena), out = encode(text, &b->arena);

		if (out.n) {
			referred_n += str_find(out, STR("\nt1={")) != STR_NONE;
			assert_decodes(text, out, &b->arena);
			assert_true(str_eq(out, encode(text, &b->arena)));
		}
		arena_reset(&b->arena);
	}
	assert_true(referred_n > seeds_or(150) / 10);
}

/* The contract of rows left out holds with them, too. */
static void rows_left_out_hold(void **state)
{
	struct bench *b = *state;
	unsigned elided_n = 0, referred_n = 0;

	for (uint64_t seed = 0; seed < seeds_or(150); seed++) {
		str text = random_tables(seed, &b->arena);
		const struct codec_in in = {
			.text = text, .kind = KIND_JSON, .route = STR("headroom retrieve 3f2a")};
		struct codec_out out;

		if (table_codec.encode(&in, &b->arena, &out)) {
			elided_n++;
			referred_n += str_find(out.text, STR("\nt1={")) != STR_NONE;
			if (!table_codec.holds(text, out.text, &b->arena))
				fail_msg("seed %llu does not hold", (unsigned long long)seed);
		}
		arena_reset(&b->arena);
	}
	assert_true(elided_n > seeds_or(150) / 10 && referred_n > 0);
}

static void damaged_texts_are_read_or_refused(void **state)
{
	struct bench *b = *state;

	for (uint64_t seed = 0; seed < seeds_or(150); seed++) {
		struct rng r = rng_new(seed);
		str out = encode(random_tables(seed, &b->arena), &b->arena), got;
		char *p = arena_alloc(&b->arena, out.n + 1, 1);

		if (out.n)
			memcpy(p, out.p, out.n);
		for (uint32_t n = 1 + rng_below(&r, 4); out.n && n; n--)
			p[rng_below(&r, (uint32_t)out.n)] = "{}[]>t=-;10 \"9\n"[rng_below(&r, 15)];
		(void)table_codec.decode((str){p, out.n}, &b->arena, &got);
		arena_reset(&b->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {bench_test(objects_are_rows_of_their_own_table),
		bench_test(others_stay_where_they_are), bench_test(references_are_followed),
		bench_test(random_tables_decode), bench_test(rows_left_out_hold),
		bench_test(damaged_texts_are_read_or_refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
