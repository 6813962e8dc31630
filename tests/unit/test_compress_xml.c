#include "core/compress/pairs/xml.h"

#include "core/base/limits.h"
#include "tests/unit/codec_help.h"
#include "tests/unit/random_xml.h"

#define ROUTE "headroom retrieve 3fa97c01"

enum { TEXTS = 1500 };

/* ---- what it looks like ---- */

#define OBJECT(key, size)                                                   \
	"  <Contents>\n    <Key>" key "</Key>\n    <Size>" size "</Size>\n" \
	"    <StorageClass>STANDARD</StorageClass>\n  </Contents>\n"

static const struct codec_golden goldens[] = {
	{"a list of S3",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
		"  <Name>logs</Name>\n  <Prefix/>\n" OBJECT("a.gz", "12") OBJECT("b.gz", "7")
			OBJECT("c.gz", "9") "</ListBucketResult>\n",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"[xml: indent 2; rows below their columns]\n"
		"{ListBucketResult={@xmlns=http://s3.amazonaws.com/doc/2006-03-01/ Name=logs "
		"Prefix=null Contents=[3 rows Key Size StorageClass=STANDARD\n"
		"a.gz 12\nb.gz 7\nc.gz 9\n}}\n"},
	{"a report: attributes, what occurs again, a comment, text that is laid out in another way",
		"<testsuite name=\"app\" tests=\"3\">\n"
		"\t<testcase name=\"one\" time=\"0.1\"/>\n\t<testcase name=\"two\" time=\"0.2\"/>\n"
		"\t<!-- slow -->\n"
		"\t<testcase name=\"three\" time=\"0.3\">\n\t\t<failure type=\"x\">it "
		"<b>broke</b>\n"
		"here</failure>\n\t</testcase>\n\t<system-out></system-out>\n</testsuite>",
		"[xml: indent 1 tab; rows below their columns]\n"
		"{testsuite={@name=app @tests=3 testcase=[2 rows @name @time\none 0.1\ntwo 0.2\n"
		"#c=\"<!-- slow -->\" testcase#2={@name=three @time=0.3 failure={@type=x #=\"it "
		"<b>broke</b>\\nhere\"}} system-out=\"\"}}"},
	{"all in one line",
		"<?xml version=\"1.0\"?><feed><entry><id>1</id><title>the first of "
		"them</title></entry>"
		"<entry><id>2</id><title>null</title></entry><entry><id>3</id><title/></entry></"
		"feed>\n",
		"[xml: one line; rows below their columns]\n"
		"{#p=\"<?xml version=\\\"1.0\\\"?>\" feed={entry=[3 rows\tid=1..\ttitle\n"
		"the first of them\n\"null\"\nnull\n}}\n"},
};

static void xml_reads_like_this(void **state)
{
	assert_goldens(&xml_codec, *state, goldens, ARRAY_N(goldens));
}

static void what_is_no_xml_stays(void **state)
{
	static const char *const texts[] = {
		"",
		"<a>b</a>\n",
		"a "
		"line\n<list><item>one</item><item>two</item><item>three</item><item>four</item></"
		"list>\n",
		"<html><body><ul><li>one</li><li>two</li><li>three</li><li>four</li></ul></body></"
		"html>\n",
		"<!DOCTYPE "
		"html>\n<x><ul><li>one</li><li>two</li><li>three</li><li>four</li></ul></x>\n",
		"<list><item>one</item><item>two</item><item>three</item><item>four</item>\n",
		"<list><item>one</item><item>two</item><item>three</item></list> and more, which "
		"is words\n",
		"<user> hello there, this is what somebody said in a conversation, not an element "
		"</user\n",
		"<<<<<<< HEAD\nint a;\n=======\nint b;\n>>>>>>> other\nint c;\nint d;\nint e;\nint "
		"f;\nint g;\n",
	};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		if (codec_encode(&xml_codec, b, str_from(texts[i]), "", &out))
			fail_msg("%s", texts[i]);
}

static void a_file_stays_as_it_is(void **state)
{
	struct bench *b = *state;
	struct encode_in in = {.text = str_from(goldens[0].text), .tool = TOOL_SHELL};
	struct encode_out out;

	in.command = STR("aws s3api list-objects --bucket logs");
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "xml");
	in.command = STR("cat list.xml");
	out = bench_encode(b, &in);
	assert_false(out.encoders & ENCODER_XML);
}

/* ---- what is left out ---- */

static str many_hosts(struct bench *b)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	buf_add_c(&t, "<?xml version=\"1.0\"?>\n<hosts>\n");
	for (unsigned i = 0; i < 200; i++)
		buf_printf(&t,
			"  <host id=\"%u\">\n    <name>node-%u.example.org</name>\n"
			"    <state>%s</state>\n  </host>\n",
			i, i * 7 % 90, i == 77 ? "failed" : "running");
	buf_add_c(&t, "</hosts>\n");
	return buf_str(&t);
}

static void rows_like_others_are_left_out(void **state)
{
	struct bench *b = *state;
	str text = many_hosts(b);
	struct codec_out out;

	assert_true(codec_encode(&xml_codec, b, text, ROUTE, &out));
	assert_int_equal(out.form, CODEC_ELIDED);
	assert_true(xml_codec.holds(text, out.text, &b->arena));
	assert_true(str_find(out.text, STR("; original: " ROUTE "]\n")) != STR_NONE);
	assert_true(str_find(out.text, STR(" failed")) != STR_NONE);
	assert_true(out.text.n * 4 < text.n);
}

static void the_contract_sees_what_is_missing(void **state)
{
	static const char *const changes[][2] = {{" failed", " running"}, {"indent 2", "indent 3"},
		{"node-0.", "node-1."}, {"more rows", "less rows"}, {"[200 rows", "[201 rows"}};
	struct bench *b = *state;
	str text = many_hosts(b);
	struct codec_out out;

	assert_true(codec_encode(&xml_codec, b, text, ROUTE, &out));
	for (size_t i = 0; i < ARRAY_N(changes); i++)
		assert_false(xml_codec.holds(text, but_for(b, out.text, changes[i]), &b->arena));
}

/* ---- any XML ---- */

static void add_text(struct rng *r, struct buf *b)
{
	add_random_xml(r, b);
	if (rng_once_in(r, 6))
		add_crs(b, b->arena);
}

static void every_xml_comes_back(void **state)
{
	assert_all_come_back(&xml_codec, *state, add_text, seeds_or(TEXTS), 3, 80);
}

/* Elements that end nowhere as they began are not read again and again. */
static void memory_and_time_are_linear(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;
	size_t before;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	buf_add_c(&t, "<rows>\n");
	for (int i = 0; i < 20000; i++)
		buf_printf(&t, "  <row name=\"a%d\">\n    <at>%d</at>\n  </row>\n", i % 7, i);
	buf_add_c(&t, "</rows>\n");
	before = b->arena.used_bytes;
	assert_true(codec_encode(&xml_codec, b, buf_str(&t), "", &out));
	assert_decodes(&xml_codec, b, out.text, buf_str(&t));
	assert_true(b->arena.used_bytes - before < 120 * t.n);

	buf_reset(&t);
	for (int i = 0; i < 100000; i++)
		buf_add_c(&t, "<a>\n");
	(void)!codec_encode(&xml_codec, b, buf_str(&t), "", &out);
	buf_reset(&t);
	for (int i = 0; i < 50; i++)
		buf_add_c(&t, "<a>");
	for (int i = 0; i < 50000; i++)
		buf_add_c(&t, "<b/>");
	for (int i = 0; i < 50; i++)
		buf_add_c(&t, "\n</a>");
	(void)!codec_encode(&xml_codec, b, buf_str(&t), "", &out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(xml_reads_like_this),
		bench_test(what_is_no_xml_stays),
		bench_test(a_file_stays_as_it_is),
		bench_test(rows_like_others_are_left_out),
		bench_test(the_contract_sees_what_is_missing),
		bench_test(every_xml_comes_back),
		bench_test(memory_and_time_are_linear),
	};

	return cmocka_run_group_tests_name("compress: XML", tests, NULL, NULL);
}
