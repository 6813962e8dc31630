/* Columns of points in time: read and written, told by distances, and back to the same bytes. */
#include "core/compress/table/stamp.h"
#include "tests/unit/table_help.h"

static void stamps_are_read_and_written_again(void **state)
{
	static const struct {
		const char *text;
		int64_t at;
		enum stamp_unit unit;
	} good[] = {
		{"1970-01-01", 0, STAMP_D},
		{"2026-03-01", 20513, STAMP_D},
		{"1969-12-31T23:59", -1, STAMP_MIN},
		{"2024-02-29 10:20+05:30", 28486700, STAMP_MIN},
		{"1969-12-31T23:59:59Z", -1, STAMP_S},
		{"2024-02-29T10:20:30Z", 1709202030, STAMP_S},
		{"2024-02-29 10:20:30", 1709202030, STAMP_S},
		{"2024-02-29T10:20:30+05:30", 1709202030, STAMP_S},
		{"2024-02-29T10:20:30.5Z", 1709202030500, STAMP_MS},
		{"2024-02-29 10:20:30,250 UTC", 1709202030250, STAMP_MS},
		{"2024-02-29T10:20:30.123456", 1709202030123456, STAMP_US},
		{"2024-02-29T10:20:30.1234567Z", 1709202030123456700, STAMP_NS},
		{"0001-01-01T00:00:00Z", -62135596800, STAMP_S},
		{"9999-12-31T23:59:59Z", 253402300799, STAMP_S},
		{"1709202030", 1709202030, STAMP_S},
		{"1709202030250", 1709202030250, STAMP_MS},
		{"1709202030250999", 1709202030250999, STAMP_US},
		{"1709202030250999111", 1709202030250999111, STAMP_NS},
	};
	static const char *const bad[] = {"", "2026-01-0", "2026-02-29", "2026-13-01", "2026-00-01",
		"2026-01-02T", "2026-01-02T24:00:00Z", "2026-01-02T10:60:00Z", "2026-01-02T10:2",
		"2026-01-02T10:20:3", "2026-01-02T10:20:60Z", "2026-01-02T10:20:30.Z",
		"2026-01-02T10:20:30.1234567890Z", "2026-01-02T10:20:30 o'clock",
		"2026-01-02x10:20:30Z", "20260102T102030Z", "9999-12-31T23:59:59.123456789Z",
		"2709202030", "17092020301", "0709202030", "170920203a", "-709202030"};
	char again[STAMP_BYTES];
	struct stamp s;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(good); i++) {
		if (!stamp_parse(str_from(good[i].text), &s) || s.at != good[i].at ||
			s.unit != good[i].unit)
			fail_msg("%s: %lld", good[i].text, (long long)s.at);
		assert_str(((str){again, stamp_write(&s, s.at, again)}), good[i].text);
	}
	for (size_t i = 0; i < ARRAY_N(bad); i++)
		if (stamp_parse(str_from(bad[i]), &s))
			fail_msg("taken for a time: %s", bad[i]);
}

/* Four centuries, day by day. */
static void days_follow_each_other(void **state)
{
	struct stamp first, s;
	char text[STAMP_BYTES];

	(void)state;
	assert_true(stamp_parse(STR("1799-12-31"), &first));
	for (int64_t day = first.at; day < first.at + 146200; day++) {
		str t = {text, stamp_write(&first, day, text)};

		assert_true(stamp_parse(t, &s));
		assert_int_equal(s.at, day);
	}
	assert_str(((str){text, stamp_write(&first, first.at + 146098, text)}), "2200-01-01");
}

#define PAD "\"note\":\"some words\""
static str rows(struct arena *a, const char *const *times, size_t n)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s{\"n\":%zu,\"at\":%s," PAD "}", i ? "," : "[", 100 + i * i,
			times[i]);
	buf_add_byte(&b, ']');
	return buf_str(&b);
}

#define HEAD "[json: minified; rows below their columns"
static const struct {
	const char *times[5], *text;
} columns[] = {
	{{"\"2026-01-02T10:00:00Z\"", "\"2026-01-02T10:01:00Z\"", "\"2026-01-02T10:02:00Z\"",
		 "\"2026-01-02T10:03:00Z\"", "\"2026-01-02T10:04:00Z\""},
		HEAD "]\n[5 rows n at=2026-01-02T10:00:00Z..by60s note=\"some "
		     "words\"\n100\n101\n104\n109\n116"},
	{{"\"2026-01-02 10:00:00+01:00\"", "\"2026-01-01 10:00:00+01:00\"",
		 "\"2025-12-31 10:00:00+01:00\"", "\"2025-12-30 10:00:00+01:00\"",
		 "\"2025-12-29 10:00:00+01:00\""},
		HEAD "]\n[5 rows n at=\"2026-01-02 10:00:00+01:00\"..by-86400s note=\"some "
		     "words\"\n100\n101\n104\n109\n116"},
	{{"\"2026-01-02T10:00:00.250Z\"", "\"2026-01-02T10:00:01.750Z\"", "null",
		 "\"2026-01-02T10:00:07.000Z\"", "\"2026-01-03T10:00:00Z\""},
		HEAD ", T+s counted from T]\n[5 rows n at:2026-01-02T10:00:00.250Z+ms note=\"some "
		     "words\"\n"
		     "100 0\n101 1500\n104 null\n109 6750\n116 2026-01-03T10:00:00Z"},
	{{"1709202030", "1709202091", "1709202090", "1709202200", "1709202300"},
		HEAD ", T+s counted from T]\n[5 rows n at:1709202030+s note=\"some words\"\n"
		     "100 0\n101 61\n104 60\n109 170\n116 270"},
	{{"\"1709202030123\"", "\"1709202030999\"", "\"5\"", "\"1709202031000\"",
		 "\"1709202032000\""},
		HEAD
		", T+s counted from T]\n[5 rows n at:\"1709202030123\"+ms note=\"some words\"\n"
		"100 0\n101 876\n104 \"5\"\n109 877\n116 1877"},
	{{"\"2024-05-06T07:08:09.123456Z\"", "\"2024-06-06T07:08:09.523466Z\"",
		 "\"2024-07-06T07:08:09.523556Z\"", "\"2024-07-06T07:08:09.523756Z\"", "\"+5\""},
		NULL},
	/* As they are: no times, or nothing is won. */
	{{"1709202030123456", "5", "6", "7", "1709202030123456"}, NULL},
};

static void columns_say_distances(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(columns); i++) {
		str text = rows(&b->arena, columns[i].times, 5), out = encode(text, &b->arena);

		assert_true(out.n > 0);
		if (columns[i].text)
			assert_str(out, columns[i].text);
		assert_decodes(text, out, &b->arena);
	}
}

/* Milliseconds of days: less is said from row to row. */
static void long_ways_are_said_from_row_to_row(void **state)
{
	struct bench *b = *state;
	struct stamp like;
	struct buf t;
	int64_t at;
	str out;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	assert_true(stamp_parse(STR("2024-05-06T07:08:09.123456Z"), &like));
	at = like.at;
	for (int i = 0; i < 40; i++) {
		char text[STAMP_BYTES];
		size_t n = stamp_write(&like, at, text);

		buf_printf(&t, "%s{\"n\":%d,\"at\":\"%.*s\"," PAD "}", i ? "," : "[",
			i * i * 7 % 31, (int)n, text);
		at += i ? 100 + i * i % 71 : INT64_C(3600000000000);
	}
	buf_add_byte(&t, ']');
	out = encode(buf_str(&t), &b->arena);
	assert_true(str_starts(out, STR(HEAD ", +s from the row above]\n[40 rows n at:+us note=")));
	assert_true(str_find(out, STR("+101\n")) != STR_NONE);
	assert_decodes(buf_str(&t), out, &b->arena);
}

/* ---- many of them ---- */

static void add_time(struct rng *r, struct buf *b, int64_t at, unsigned form)
{
	static const char *const like[] = {"2026-01-02", "2026-01-02T10:20:30Z",
		"2026-01-02 10:20:30", "2026-01-02T10:20:30.123Z",
		"2026-01-02T10:20:30.123456+02:00", "1709202030", "1709202030123",
		"2026-01-02T10:20:30.1234567Z", "2026-01-02T10:20", "2026-01-02 10:20 UTC"};
	static const char *const other[] = {"null", "\"\"", "\"+5\"", "\"-5\"", "\"05\"", "\"+05\"",
		"\"-05\"", "\"7\"", "\"^\"", "\"soon\"", "\"2026-02-30\"", "\"1709202030\"",
		"\"2026-01-02T10:20:30Z\"", "\"2026-01-02T10:20:30.5\"", "\"20260102\"",
		"\"20260102T102030\"", "\"a\\u0041\""};
	struct stamp s;
	char text[STAMP_BYTES];
	size_t n;

	assert_true(stamp_parse(str_from(like[form % ARRAY_N(like)]), &s));
	n = stamp_write(&s, s.at + at, text);
	if (rng_once_in(r, 20) || !n)
		buf_add_c(b, form % 3 && s.is_digits ? "1709202030" : RNG_PICK(r, other));
	else
		buf_printf(b, s.is_digits && form / 8 % 2 ? "%.*s" : "\"%.*s\"", (int)n, text);
}

static str random_rows(uint64_t seed, struct arena *a)
{
	struct rng r = rng_new(seed);
	uint32_t n = 3 + rng_below(&r, 90);
	unsigned forms[2] = {rng_below(&r, 16), rng_below(&r, 16)};
	bool is_regular = rng_once_in(&r, 3), is_nested = rng_once_in(&r, 4);
	int64_t at = 0;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < n; i++) {
		buf_printf(&b, "%s{\"n\":%u,%s\"created_at\":", i ? "," : "[", rng_below(&r, 50),
			is_nested ? "\"meta\":{\"k\":\"v\"," : "");
		add_time(&r, &b, at, forms[0]);
		if (!rng_once_in(&r, 10)) {
			buf_add_c(&b, ",\"time\":");
			add_time(&r, &b, at * 1000 + rng_below(&r, 1000), forms[1]);
		}
		buf_add_c(&b, is_nested ? "}}" : "}");
		at += is_regular ? 60 : (int64_t)rng_below(&r, 500) - 100;
	}
	buf_add_byte(&b, ']');
	return buf_str(&b);
}

static void random_columns_decode(void **state)
{
	struct bench *b = *state;
	unsigned told_n = 0;

	for (uint64_t seed = 0; seed < seeds_or(2000); seed++) {
		str text = random_rows(seed, &b->arena), out = encode(text, &b->arena);

		if (out.n) {
			told_n += str_find(out, STR("counted from T")) != STR_NONE ||
				  str_find(out, STR("from the row above")) != STR_NONE ||
				  str_find(out, STR("times like T")) != STR_NONE ||
				  str_find(out, STR("..by")) != STR_NONE;
			assert_decodes(text, out, &b->arena);
		}
		arena_reset(&b->arena);
	}
	assert_true(told_n > seeds_or(2000) / 4);
}

static void damaged_texts_are_read_or_refused(void **state)
{
	struct bench *b = *state;

	for (uint64_t seed = 0; seed < seeds_or(2000); seed++) {
		struct rng r = rng_new(seed);
		str out = encode(random_rows(seed, &b->arena), &b->arena), got;
		char *p = arena_alloc(&b->arena, out.n + 1, 1);

		if (out.n)
			memcpy(p, out.p, out.n);
		for (uint32_t n = 1 + rng_below(&r, 4); out.n && n; n--)
			p[rng_below(&r, (uint32_t)(rng_once_in(&r, 2) ? out.n
						   : out.n < 120      ? out.n
								      : 120))] =
				"+-.:=by\"9 T\n"[rng_below(&r, 12)];
		(void)table_codec.decode((str){p, out.n}, &b->arena, &got);
		arena_reset(&b->arena);
	}
}

/* core/compress/table/timing.c counts on these two. */
static void signs_between_digits_are_tokens(void **state)
{
	struct bench *b = *state;

	for (enum token_encoding e = TOKEN_O200K; e < TOKEN_ENCODING_N; e++)
		for (char c = '!'; c <= '~'; c++) {
			str text = arena_printf(&b->arena, "Z 12%c1234%c 05", c, c);

			if (c < '0' || c > '9')
				assert_int_equal(
					token_count(e, text, NULL), 1 + 1 + 1 + 1 + 2 + 1 + 2);
		}
}

static void digits_are_a_token_for_every_three(void **state)
{
	static const char *const signs[] = {" ", " +", " -"};
	struct bench *b = *state;

	for (enum token_encoding e = TOKEN_O200K; e < TOKEN_ENCODING_N; e++)
		for (unsigned i = 0; i < 1000; i++)
			for (size_t k = 0; k < ARRAY_N(signs); k++) {
				str one = arena_printf(&b->arena, "%s%u", signs[k], i),
				    more = arena_printf(&b->arena, "Z%s12%03u%03u%s3", signs[k], i,
					    i / 7, signs[k]);

				assert_int_equal(token_count(e, one, NULL), 2);
				assert_int_equal(token_count(e, more, NULL), 7);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {bench_test(stamps_are_read_and_written_again),
		bench_test(days_follow_each_other), bench_test(columns_say_distances),
		bench_test(long_ways_are_said_from_row_to_row), bench_test(random_columns_decode),
		bench_test(damaged_texts_are_read_or_refused),
		bench_test(digits_are_a_token_for_every_three),
		bench_test(signs_between_digits_are_tokens)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
