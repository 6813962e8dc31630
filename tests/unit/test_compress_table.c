/* JSON as tables: what it looks like, that it reads back to the same bytes, and that what is left out is said. */
#include "core/base/limits.h"
#include "core/compress/table/escape.h"
#include "core/compress/table/cell.h"
#include "core/compress/minify.h"
#include "core/compress/table/table.h"
#include "tests/unit/table_help.h"

static const struct {
	const char *json, *text;
} spelled[] = {
	{"{\"a\":1,\"b\":\"x\",\"c\":\"two words\",\"d\":[1,\"1\",null,\"null\"],\"e\":{}}",
		"{a=1 b=x c=\"two words\" d=[1 \"1\" null \"null\"] e={}}"},
	{"{\"a\":{\"b\":\"n(ull\",\"c\":\"f(x)\"},\"d\":[\"[\",\"]\"]}",
		"{a={b=\"n(ull\" c=f(x)} d=[\"[\" \"]\"]}"},
	{"[{\"id\":1,\"kind\":\"Pod\",\"n\":\"a\"},{\"id\":2,\"kind\":\"Pod\",\"n\":\"b c\"},"
	 "{\"id\":3,\"kind\":\"Pod\"}]",
		"[3 rows id=1.. kind=Pod n\na\n\"b c\"\n"},
	{"[{\"n\":\"b c\",\"m\":\"d e\"},{\"n\":\"f g\",\"m\":\"d h\"},{\"n\":\"k "
	 "l\",\"m\":null},7]",
		"[4 rows,n,m\nb c,d e\nf g,d h\nk l,null\n=7"},
	{"[{\"o\":{\"id\":1,\"x\":[]},\"t\":[{\"k\":\"a\",\"v\":1},{\"k\":\"b\",\"v\":2}]},"
	 "{\"o\":{\"id\":5,\"x\":[]},\"t\":[]},{\"o\":{\"id\":7,\"x\":[]}}]",
		"[3 rows o{id x=[]} t[k v]\n1 [a 1;b 2]\n5 []\n7"},
	{"{\"web\":{\"port\":80,\"tls\":false},\"api\":{\"port\":81,\"tls\":true},"
	 "\"db\":{\"port\":5432,\"tls\":true}}",
		"{3 rows key port tls\nweb 80 false\napi 81 true\ndb 5432 true"},
	{"[{\"zip\":\"01\",\"c\":\"12\"},{\"zip\":\"2\",\"c\":\"13\"},{\"zip\":\"3\",\"c\":\"-\"},"
	 "{\"zip\":\"4\",\"c\":\"9\"}]",
		"[4 rows zip:str c:str\n01 12\n2 13\n3 \"-\"\n4 9"},
	{"[{\"u\":\"https://example.org/users/joe/followers\"},{\"u\":\"https://example.org/users/"
	 "ann/followers\"},"
	 "{\"u\":\"https://example.org/users/tim/followers\"}]",
		"[3 rows u:https://example.org/users/" CELL_HOLE "/followers\njoe\nann\ntim"},
	{"{\"a\":{\"login\":\"octocat\",\"url\":\"https://example.org/octocat\",\"site\":false},"
	 "\"b\":[{\"login\":\"octocat\",\"url\":\"https://example.org/octocat\",\"site\":false}]}",
		"{a=&1 {login=octocat url=https://example.org/octocat site=false} b=[*1]}"},
	/* JSON in strings: minified, as Python writes it, in a row; what only looks like it. */
	{"{\"last\":\"{\\\"kind\\\":\\\"Pod\\\",\\\"spec\\\":{\\\"n\\\":1,\\\"tags\\\":[\\\"a "
	 "b\\\",null]}}\\n\"}",
		"{last=json{kind=Pod spec={n=1 tags=[\"a b\" null]}}\\n}"},
	{"[{\"s\":\"[{\\\"id\\\": 1, \\\"name\\\": \\\"x\\\"}, {\\\"id\\\": 2, \\\"name\\\": "
	 "\\\"y\\\"}]\",\"n\":\"json\"},"
	 "{\"s\":\"{\\\"id\\\":3,  \\\"name\\\": \\\"twice\\\"}\",\"n\":\"json [3]\"}]",
		"[2 rows,s,n\njson [{id=1 name=x} {id=2 name=y}],\"json\"\n"
		"\"{\\\"id\\\":3,  \\\"name\\\": \\\"twice\\\"}\",\"json [3]\""},
};

static void test_spelling(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(spelled); i++) {
		unsigned escapes;
		str text = write_doc(str_from(spelled[i].json), &b->arena, &escapes);

		assert_str(text, spelled[i].text);
		assert_reads_back(str_from(spelled[i].json), &b->arena);
	}
}

/* The cells of a column of strings with escapes: three or more between common ends. */
static str escaped_column(uint64_t seed, struct arena *a)
{
	static const char *const pieces[] = {"\\\"", "\\\\", "\\t", "\\u0001", "\\u00e9", "\\/",
		"<", "\xc3\xa9", "a", "words ", "9", ",", "{", "[", "\\n", "\xe2\x80\xa6", "u00",
		"\\b"};
	struct rng r = rng_new(seed);
	struct buf b, ends[2];
	uint32_t few = 2 + rng_below(&r, (uint32_t)ARRAY_N(pieces) - 1);

	for (size_t i = 0; i < 2; i++) {
		buf_init_arena(&ends[i], a, LIMIT_INPUT);
		for (uint32_t n = rng_below(&r, 12); n--;)
			buf_add_c(&ends[i], pieces[rng_below(&r, few)]);
	}
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0, n = 3 + rng_below(&r, 5); i < n; i++) {
		buf_printf(&b, "%s{\"n\":%u,\"s\":\"", i ? "," : "[", rng_below(&r, 100));
		buf_add(&b, buf_str(&ends[0]));
		for (uint32_t k = rng_below(&r, 4); k--;)
			buf_add_c(&b, pieces[rng_below(&r, few)]);
		buf_add(&b, buf_str(&ends[1]));
		buf_add_c(&b, "\"}");
	}
	buf_add_byte(&b, ']');
	return buf_str(&b);
}

static void test_columns_with_escapes(void **state)
{
	static const char doc[] =
		"[{\"n\":1,\"s\":\"see <a href=\\\"x\\\">one</a> for it\"},"
		"{\"n\":2,\"s\":\"see <a href=\\\"x\\\">\\\"two\\\"</a> for it\"},"
		"{\"n\":4,\"s\":\"see <a href=\\\"x\\\">three</a> for it\"}]";
	struct bench *b = *state;
	unsigned escapes, columns = 0;

	assert_str(write_doc(STR(doc), &b->arena, &escapes),
		"[3 rows n s:\"see <a href=\\\"x\\\">\"\xe2\x80\xa6\"</a> for it\"\n"
		"1 one\n2 \"\\\"two\\\"\"\n4 three");
	assert_reads_back(STR(doc), &b->arena);
	for (uint64_t seed = 0; seed < seeds_or(5000); seed++) {
		str json = escaped_column(seed, &b->arena);

		assert_reads_back(json, &b->arena);
		columns += str_find(write_doc(json, &b->arena, &escapes), STR("s:")) != STR_NONE;
		arena_reset(&b->arena);
	}
	assert_true(columns > 0);
}

static void test_random_documents(void **state)
{
	struct bench *b = *state;

	for (uint64_t seed = 0; seed < seeds_or(2000); seed++) {
		assert_reads_back(random_doc(seed, &b->arena), &b->arena);
		arena_reset(&b->arena);
	}
}

/* A name that is given again while what it led to is being used. */
static void test_name_given_twice(void **state)
{
	struct bench *b = *state;
	str got;

	assert_false(read_doc(STR("[&1 {a=1 b=2} *1(&1 {c=3} 4)]"), 0, &b->arena, &got));
	assert_true(read_doc(STR("[&1 {a=1 b=2} *1(&2 {c=3} 4)]"), 0, &b->arena, &got));
	assert_str(got, "[{\"a\":1,\"b\":2},{\"a\":{\"c\":3},\"b\":4}]");
}

/* Damaged texts are read or refused; nothing else happens. */
/* However many values occur again, each has its name; and rows that are unlike the others only near the end are found. */
static void test_many_names(void **state)
{
	struct bench *b = *state;
	enum { VALUES = 1500 };
	struct buf t;
	str out;

	for (unsigned odd = 0; odd < 2; odd++) {
		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		for (unsigned i = 0; i < 2 * VALUES; i++)
			buf_printf(&t, "%s{\"n\":%u,\"%s\":\"%u is what was said by number %u\"}",
				i ? "," : "[", i * i, odd && i == 2 * VALUES - 2 ? "other" : "said",
				i % VALUES * 7919, i % VALUES);
		buf_add_byte(&t, ']');
		out = encode(buf_str(&t), &b->arena);
		assert_decodes(buf_str(&t), out, &b->arena);
		assert_true(str_find(out, STR(" &1499 ")) != STR_NONE);
		assert_true(str_find(out, STR(" *1498")) != STR_NONE);
		assert_int_equal(str_find(out, STR("other")) != STR_NONE, odd);
	}
}

static void test_damaged(void **state)
{
	struct bench *b = *state;

	for (uint64_t seed = 0; seed < seeds_or(2000) / 2; seed++) {
		struct rng r = rng_new(seed + 77);
		unsigned escapes;
		str text = write_doc(random_doc(seed, &b->arena), &b->arena, &escapes), got;
		char *p = arena_alloc(&b->arena, text.n + 1, 1);

		memcpy(p, text.p, text.n);
		for (uint32_t n = 1 + rng_below(&r, 4); n; n--)
			p[rng_below(&r, (uint32_t)text.n)] =
				"{}[]()&*$|^-;=?:\" \n19"[rng_below(&r, 21)];
		(void)read_doc((str){p, text.n - (rng_once_in(&r, 3) ? text.n / 2 : 0)}, escapes,
			&b->arena, &got);
		arena_reset(&b->arena);
	}
}

/* Whole texts: a random document in a random layout, between other lines, or many of them. */
static str random_text(struct rng *r, uint64_t seed, struct arena *a)
{
	static const char *const before[] = {"", "", "Output:\n", "Output: ", "```json\n", "\n",
		"[x] a note\n"},
				 *const after[] = {"", "\n", "\n\n", "\n```\nmore\n", "\r\n", " "};
	struct layout l = random_layout(r);
	uint32_t n = rng_once_in(r, 3) ? 1 + rng_below(r, 9) : 1;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_c(&b, RNG_PICK(r, before));
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_add_byte(&b, '\n');
		layout_apply(&l, random_doc(seed * 16 + (rng_once_in(r, 2) ? i : 0), a), &b);
	}
	buf_add_c(&b, RNG_PICK(r, after));
	return buf_str(&b);
}

static void test_random_texts(void **state)
{
	struct bench *b = *state;
	unsigned encoded_n = 0;

	for (uint64_t seed = 0; seed < seeds_or(2000); seed++) {
		struct rng r = rng_new(seed + 5);
		str text = random_text(&r, seed, &b->arena), encoded = encode(text, &b->arena);

		if (encoded.n) {
			encoded_n++;
			assert_decodes(text, encoded, &b->arena);
			assert_true(str_eq(encoded, encode(text, &b->arena)));
			assert_true(encoded.n < text.n);
		}
		arena_reset(&b->arena);
	}
	/* Else nothing was tested. */
	assert_true(encoded_n > seeds_or(2000) / 8);
}

#define TEXT_60 "a text of sixty bytes or so that makes the document long enough"
static const char *const layouts[] = {
	"{\"items\":[{\"id\":1,\"name\":\"alpha\",\"kind\":\"Pod\"},{\"id\":2,\"name\":\"beta\","
	"\"kind\":\"Pod\"},"
	"{\"id\":3,\"name\":\"gamma\",\"kind\":\"Pod\"}]}",
	"{\"items\": [{\"id\": 1, \"name\": \"alpha\", \"kind\": \"Pod\"}, {\"id\": 2, \"name\": "
	"\"beta\", \"kind\": "
	"\"Pod\"}, {\"id\": 3, \"name\": \"gamma\", \"kind\": \"Pod\"}]}\n",
	"[\n  {\"id\": 1, \"name\": \"alpha\", \"kind\": \"Pod\"},\n  {\"id\": 2, \"name\": "
	"\"beta\", \"kind\": "
	"\"Pod\"},\n  {\"id\": 3, \"name\": \"gamma\", \"kind\": \"Pod\"}\n]\n",
	"[\n\t{\n\t\t\"id\": 1,\n\t\t\"name\": \"alpha\",\n\t\t\"kind\": "
	"\"Pod\"\n\t},\n\t{\n\t\t\"id\": 2,\n\t\t\"name\": "
	"\"beta\",\n\t\t\"kind\": \"Pod\"\n\t}\n]",
	/* Nothing in brackets: ways to say so. */
	"{\"a\" : [ ], \"b\" : \"" TEXT_60 "\", \"c\" : { }, \"d\" : \"" TEXT_60 "\"}",
	"{\n  \"a\": [\n  ],\n  \"b\": \"" TEXT_60 "\",\n  \"c\": {\n  },\n  \"d\": \"" TEXT_60
	"\"\n}",
	"{\n  \"a\": [\n\n  ],\n  \"b\": \"" TEXT_60 "\",\n  \"c\": {\n\n  },\n  \"d\": \"" TEXT_60
	"\"\n}",
	"{\n  \"a\" : [\n    \n  ],\n  \"b\" : \"" TEXT_60
	"\",\n  \"c\" : {\n    \n  },\n  \"d\" : \"" TEXT_60 "\"\n}",
	"{\"id\":1,\"name\":\"alpha\",\"kind\":\"Pod\"}\n{\"id\":2,\"name\":\"beta\",\"kind\":"
	"\"Pod\"}\n"
	"{\"id\":3,\"name\":\"gamma\",\"kind\":\"Pod\"}\n",
};

static void test_layouts(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(layouts); i++) {
		str text = str_from(layouts[i]), encoded = encode(text, &b->arena);

		if (!encoded.n)
			fail_msg("layout %zu is refused", i);
		assert_decodes(text, encoded, &b->arena);
	}
	/* White space that follows no rule cannot be put back. */
	assert_int_equal(
		encode(STR("[{\"id\":1,\"name\":\"alpha\",\"kind\":\"Pod\"},  {\"id\":2, \"name\" "
			   ":\"beta\",\n"
			   "\"kind\":\"Pod\"},{\"id\":3,\"name\":\"gamma\",\"kind\":\"Pod\"}]"),
			&b->arena)
			.n,
		0);
}

static void test_whole_text(void **state)
{
	struct bench *b = *state;
	str text = str_from(layouts[ARRAY_N(layouts) - 1]);
	const char *want = "[json: lines; rows below their columns]\n"
			   "[3 rows id=1.. name kind=Pod\nalpha\nbeta\ngamma\n";

	assert_str(encode(text, &b->arena), want);
}

static void test_between_lines(void **state)
{
	static const char *const before[] = {"Output:\n", "Output: ", "```json\n",
		"[x] see {y}\n\n"},
				 *const after[] = {"", "\n```\nand more\n"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(before); i++) {
		for (size_t k = 0; k < ARRAY_N(after); k++) {
			str text =
				arena_printf(&b->arena, "%s%s%s", before[i], layouts[0], after[k]);
			str encoded = encode(text, &b->arena);

			assert_true(encoded.n > 0);
			assert_true(str_starts(encoded, str_from(before[i])));
			assert_decodes(text, encoded, &b->arena);
		}
	}
}

/* ---- rows left out ---- */

/* JSON in lines is JSON, whatever it is a log of; other logs are no business of tables. */
static void test_logs(void **state)
{
	struct bench *b = *state;
	struct codec_in in = {.text = str_from(layouts[ARRAY_N(layouts) - 1]), .kind = KIND_LOG};
	struct codec_out out;

	assert_true(table_codec.kinds & 1u << KIND_LOG);
	assert_true(table_codec.encode(&in, &b->arena, &out));
	in.text = arena_printf(&b->arena, "started\n" STR_FMT, STR_ARG(in.text));
	assert_false(table_codec.encode(&in, &b->arena, &out));
}

/* JSONTestSuite, where it is: what must parse reads back. */
static void test_conformance(void **state)
{
	struct bench *b = *state;
	const char *corpora = getenv("HEADROOM_CORPORA");
	FILE *list;
	char path[1024];
	unsigned n = 0;

	if (!corpora) {
		print_message("HEADROOM_CORPORA is not set\n");
		skip();
	}
	snprintf(path, sizeof path, "find '%s/json_conformance' -name 'y_*.json'", corpora);
	list = popen(path, "r");
	assert_non_null(list);
	while (fgets(path, sizeof path, list)) {
		static char text[1 << 16];
		FILE *f;
		size_t size;

		path[strcspn(path, "\n")] = '\0';
		f = fopen(path, "rb");
		assert_non_null(f);
		size = fread(text, 1, sizeof text, f);
		fclose(f);
		assert_reads_back(minify_json(str_trim((str){text, size}), &b->arena), &b->arena);
		n++;
	}
	pclose(list);
	assert_true(n > 50);
}

/* Cells that have blanks, bars or commas, and pieces that stand for what is in brackets or in such cells: the separator goes
 * with its quotes, and the head explains what is there. */
static void separators_are_chosen_with_their_quotes(void **state)
{
	static const char *const notes[] = {"two words", "a|b", "a,b and|c", "word",
		"a note at /home/joe/work/some-project/src"};
	struct bench *b = *state;

	for (size_t c = 0; c < ARRAY_N(notes); c++) {
		struct buf t;
		str out;

		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		for (unsigned i = 0; i < 7; i++)
			buf_printf(&t,
				"%s{\"id\":%u,\"note\":\"%u %s\",\"in\":%s{\"path\":"
				"\"%s/%c.c\",\"line\":%u}}",
				i ? "," : "[", i * i % 5, i * 7 % 5, notes[c],
				i == 5 ? "null,\"or\":" : "",
				i % 4 ? "/home/joe/work/some-project/src" : "/etc", 'a' + i, i * i);
		buf_add_byte(&t, ']');
		out = encode(buf_str(&t), &b->arena);
		assert_true(str_find(out, STR("\n$1=")) != STR_NONE);
		assert_true(str_find(out, STR("$1: its text below")) != STR_NONE);
		assert_decodes(buf_str(&t), out, &b->arena);
	}
}

/* More strings than are looked at for pieces, of which some from everywhere are taken: also where the last step leads behind
 * the document. */
static void pieces_of_many_strings_are_looked_for_up_to_the_end(void **state)
{
	struct bench *b = *state;

	for (unsigned n = 1100; n < 1140; n++) {
		struct buf t;
		str text;

		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		for (unsigned i = 0; i < n; i++)
			buf_printf(&t, "%s{\"a\":\"a text of its own %u\",\"b\":%u}", i ? "," : "[",
				i * i, i * i % 17);
		buf_add_byte(&t, ']');
		text = encode(buf_str(&t), &b->arena);
		assert_decodes(buf_str(&t), text, &b->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {bench_test(test_spelling),
		bench_test(test_random_documents), bench_test(test_columns_with_escapes),
		bench_test(test_many_names), bench_test(test_damaged),
		bench_test(test_name_given_twice), bench_test(test_layouts),
		bench_test(test_whole_text), bench_test(test_between_lines), bench_test(test_logs),
		bench_test(test_random_texts), bench_test(test_conformance),
		bench_test(separators_are_chosen_with_their_quotes),
		bench_test(pieces_of_many_strings_are_looked_for_up_to_the_end)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
