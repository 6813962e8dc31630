/* Maps to values, arrays of arrays and long arrays of values as tables: what they look like, when they are left as they are, and that
 * they read back to the same bytes. */
#include "core/compress/table/cell.h"
#include "tests/unit/table_help.h"

enum { DOC_BYTES = 1 << 20 };

#define HEAD "[json: minified; rows below their columns"

static const struct {
	const char *json, *text;
} shown[] = {
	/* A map to values whose ends are the same. */
	{"{\"time\":{\"0.1.0\":\"2011-01-04T03:04:05.678000+00:00\",\"0.1.1\":\"2012-07-21T13:14:"
	 "15."
	 "999000+00:00\",\"0.2.0\":\"2013-11-30T23:00:00.250000+00:00\",\"1.0.0-rc\":\"soon\","
	 "\"1.0.0\":\"2014-02-28T00:00:01.001000+00:00\",\"1.0.1\":\"2014-03-04T12:00:59.000000+00:"
	 "00\","
	 "\"1.1.0\":\"2015-05-25T05:55:55.500000+00:00\",\"2.0.0\":\"2016-12-24T18:00:00.125000+00:"
	 "00\"}}",
		"{time={8 values key value:2011-01-04T03:04:05.678000+00:00~\n"
		"0.1.0 20110104T030405.678000\n0.1.1 20120721T131415.999000\n"
		"0.2.0 20131130T230000.250000\n1.0.0-rc soon\n1.0.0 20140228T000001.001000\n"
		"1.0.1 20140304T120059.000000\n1.1.0 20150525T055555.500000\n"
		"2.0.0 20161224T180000.125000\n}"},
	/* Keys that begin alike, of values and of objects. */
	{"{\"packages/core/src/components/a.ts\":120,\"packages/core/src/components/"
	 "b.ts\":7,\"packages/core/src/components/"
	 "c.ts\":true,"
	 "\"packages/core/src/components/d.ts\":null,\"packages/core/src/components/"
	 "e.ts\":5,\"packages/core/src/components/"
	 "f.ts\":16,"
	 "\"packages/core/src/components/null\":17,\"packages/core/src/components/h.ts\":\"18\"}",
		"{8 values,key:packages/core/src/components/" CELL_HOLE
		",value\na.ts,120\nb.ts,7\nc.ts,true\n"
		"d.ts,null\ne.ts,5\nf.ts,16\n\"null\",17\nh.ts,\"18\""},
	{"{\"node_modules/ansi-styles\":{\"version\":\"4.3.0\",\"dev\":true},\"node_modules/"
	 "chalk\":{\"version\":"
	 "\"4.1.2\",\"dev\":true},\"node_modules/has-flag\":{\"version\":\"4.0.0\",\"dev\":true}}",
		"{3 rows key:node_modules/" CELL_HOLE " version dev=true\nansi-styles 4.3.0\n"
		"chalk 4.1.2\nhas-flag 4.0.0"},
	/* Days as keys. */
	{"{\"2026-01-05\":{\"open\":20.57,\"close\":28.01},\"2026-01-03\":{\"open\":21.5,\"close\":"
	 "20.57},"
	 "\"2026-01-02\":{\"open\":21.25,\"close\":21.5},\"2025-12-31\":{\"open\":7.5,\"close\":21."
	 "25}}",
		"{4 rows key:2026-01-05~ open close\n"
		"20260105 20.57 28.01\n20260103 21.5 20.57\n20260102 21.25 21.5\n20251231 7.5 "
		"21.25"},
	{"{\"2026-01-02\":{\"n\":5},\"2026-01-03\":{\"n\":7},\"2026-01-04\":{\"n\":11},\"2026-01-"
	 "05\":{\"n\":2}}",
		"{4 rows key=2026-01-02..by1d n\n5\n7\n11\n2"},
	/* Arrays of arrays. */
	{"{\"columns\":[\"id\",\"name\",\"at\"],\"rows\":[[1,\"Ann Lee\",\"2026-03-01\"],[2,\"Joe "
	 "May\",\"2026-03-02\"],"
	 "[3,\"Tim Poe\",\"2026-03-03\"],[4,\"Kim Ray\",\"2026-03-04\"]]}",
		"{columns=[id name at] rows=[4 "
		"lists|1=1..|2|3=2026-03-01..by1d\n"
		"Ann Lee\nJoe May\nTim Poe\nKim Ray\n}"},
	{"{\"k\":[[1700000000000,\"30092.00\",\"0\"],[1700000060000,\"30009.09\",\"0\"],["
	 "1700000120000,\"30051.30\",\"0\"],"
	 "[],[1700000180000,\"30085.96\",\"0\"]]}",
		"{k=[5 lists 1=1700000000000..by60000 2:str 3=\"0\"\n"
		"30092.00\n30009.09\n30051.30\n=[]\n30085.96\n}"},
	{"[{\"id\":\"a\",\"v\":[[1700000000,\"1\"],[1700000060,\"0.5\"],[1700000120,\"0\"]]},"
	 "{\"id\":\"b\",\"v\":[[1700000000,\"1\"],[1700000060,\"1\"]]},{\"id\":\"c\",\"v\":[]}]",
		"[3 rows id v[[1:1700000000+s 2:str]]\na [0 1;60 0.5;120 0]\nb [0 1;60 1]\nc []"},
	/* Values that count say all in the head. */
	{"{\"time\":[\"2026-11-01T00:00\",\"2026-11-01T01:00\",\"2026-11-01T02:00\",\"2026-11-"
	 "01T03:00\",\"2026-11-01T04:00\","
	 "\"2026-11-01T05:00\",\"2026-11-01T06:00\",\"2026-11-01T07:00\"],\"t\":[10.4,4.0,13.9,6.4,"
	 "9.1,3.0,7.1,8.2]}",
		"{time=[8 values value=2026-11-01T00:00..by60min\nt=[10.4 4.0 13.9 6.4 9.1 "
		"3.0 7.1 8.2]}"},
	/* Left as they are: nothing is won. */
	{"{\"a\":[[2.484418,6.340486],[2.48,6.338611],[2.455,6.333055],[2.404722,6.33],[2.369722,6."
	 "330277]]}",
		"{a=[[2.484418 6.340486][2.48 6.338611][2.455 6.333055][2.404722 "
		"6.33][2.369722 6.330277]]}"},
	{"{\"ansi-styles\":\"^4.1.0\",\"chalk\":\"^4.0.0\",\"debug\":\"^4.1.1\",\"esutils\":\"^2.0."
	 "3\",\"globals\":\"^13.0.0\","
	 "\"ignore\":\"^5.2.0\",\"levn\":\"^0.4.1\",\"semver\":\"^7.0.0\",\"values\":[\"values\","
	 "\"values.yaml\",\"lists\"]}",
		"{ansi-styles=^4.1.0 chalk=^4.0.0 debug=^4.1.1 esutils=^2.0.3 "
		"globals=^13.0.0 ignore=^5.2.0 "
		"levn=^0.4.1 semver=^7.0.0 values=[\"values\" values.yaml \"lists\"]}"},
};

static void forms_look_like_this(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(shown); i++) {
		str json = str_from(shown[i].json);
		unsigned escapes;

		assert_str(write_doc(json, &b->arena, &escapes), shown[i].text);
		assert_reads_back(json, &b->arena);
	}
}

/* Of a large map one member in eight may be something else. */
static void members_of_another_kind_stand_between_rows(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out;

	buf_init_arena(&t, &b->arena, DOC_BYTES);
	buf_add_c(&t, "{\"\":{\"name\":\"root\",\"private\":true}");
	for (unsigned i = 0; i < 20; i++)
		buf_printf(&t,
			",\"node_modules/"
			"p%u\":{\"version\":\"%u.0.0\",\"license\":\"MIT\",\"n\":%u}",
			i, i % 5, i * i);
	buf_add_c(&t, ",\"node_modules/last\":7}");
	out = encode(buf_str(&t), &b->arena);
	assert_true(str_starts(out, STR(HEAD "]\n{22 rows key:node_modules/p" CELL_HOLE)) ||
		    str_starts(out, STR(HEAD "]\n{22 rows key:node_modules/" CELL_HOLE)));
	assert_true(str_find(out, STR("\n=\"\"={name=root private=true}\n")) != STR_NONE);
	assert_true(str_ends(out, STR("\n=node_modules/last=7")));
	assert_decodes(buf_str(&t), out, &b->arena);
}

/* Rows that occur elsewhere, too, are named there, and no table has them. */
static void arrays_that_occur_again_are_named(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out;

	buf_init_arena(&t, &b->arena, DOC_BYTES);
	buf_add_byte(&t, '{');
	for (unsigned k = 0; k < 8; k++) {
		buf_printf(&t, "%s\"suite-%u\":[", k ? "," : "", k);
		for (unsigned i = 0; i < 12; i++)
			buf_printf(&t, "%s[%u,\"passed\",1,%u]", i ? "," : "", 65 + i, i * i % 7);
		buf_printf(&t, ",[\"only in %u\",1,2,3]]", k);
	}
	buf_add_byte(&t, '}');
	out = encode(buf_str(&t), &b->arena);
	assert_true(str_find(out, STR(" lists")) == STR_NONE);
	assert_decodes(buf_str(&t), out, &b->arena);
}

static str random_plain(uint64_t seed, struct arena *a)
{
	struct rng r = rng_new(seed);
	struct buf b;

	buf_init_arena(&b, a, DOC_BYTES);
	add_json_plain(&r, &b);
	return buf_str(&b);
}

static void random_ones_decode(void **state)
{
	struct bench *b = *state;
	unsigned lists = 0, values = 0;

	for (uint64_t seed = 0; seed < seeds_or(4000); seed++) {
		str text = random_plain(seed, &b->arena), out = encode(text, &b->arena);

		lists += str_find(out, STR(" lists")) != STR_NONE;
		values += str_find(out, STR(" values")) != STR_NONE;
		if (out.n)
			assert_decodes(text, out, &b->arena);
		arena_reset(&b->arena);
	}
	assert_true(lists > seeds_or(4000) / 10 && values > seeds_or(4000) / 40);
}

static void damaged_ones_are_read_or_refused(void **state)
{
	struct bench *b = *state;

	for (uint64_t seed = 0; seed < seeds_or(4000); seed++) {
		struct rng r = rng_new(seed);
		str out = encode(random_plain(seed, &b->arena), &b->arena), got;
		char *p = arena_alloc(&b->arena, out.n + 1, 1);

		if (out.n)
			memcpy(p, out.p, out.n);
		for (uint32_t n = 1 + rng_below(&r, 4); out.n && n; n--)
			p[rng_below(&r, (uint32_t)out.n)] = "[]{}=~:.9 T\n"[rng_below(&r, 12)];
		(void)table_codec.decode((str){p, out.n}, &b->arena, &got);
		arena_reset(&b->arena);
	}
}

/* Heads that no writer makes. */
static void heads_may_say_anything(void **state)
{
	static const struct {
		const char *text, *json;
	} heads[] = {
		{"[3 values value=1..", "[1,2,3]"},
		{"[2 lists 1=1.. 2=x", "[[1,\"x\"],[2,\"x\"]]"},
		{"[2 lists 1 2\n1 2\n-", "[[1,2],[]]"},
		{"{2 values key=a value=7\n\n", "{\"a\":7,\"a\":7}"},
		{"{2 values key=1.. value\n5\n6", NULL},
		{"{2 values key\n5\n6", NULL},
		{"{2 values key{a} value\n5\n6", NULL},
		{"[2 lists 1:2026-01-02~\n20260103\n2026010", "[[\"2026-01-03\"],[2026010]]"},
		{"[1 lists 1:2026-01-02T10:20Z~\n20260103T1122", "[[\"2026-01-03T11:22Z\"]]"},
		{"[1 lists 1:17~\n5", NULL},
		{"[4294967295 values value=\"a string of some length\"", NULL},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(heads); i++) {
		str text = arena_printf(&b->arena, "[json: minified]\n%s", heads[i].text), got;
		bool is_read = table_codec.decode(text, &b->arena, &got);

		assert_int_equal(is_read, heads[i].json != NULL);
		if (is_read)
			assert_str(got, heads[i].json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {bench_test(forms_look_like_this),
		bench_test(members_of_another_kind_stand_between_rows),
		bench_test(arrays_that_occur_again_are_named), bench_test(random_ones_decode),
		bench_test(damaged_ones_are_read_or_refused), bench_test(heads_may_say_anything)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
