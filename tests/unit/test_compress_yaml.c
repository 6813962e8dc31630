#include "core/compress/pairs/yaml.h"

#include "core/base/limits.h"
#include "tests/unit/codec_help.h"
#include "tests/unit/random_yaml.h"

#define ROUTE "headroom retrieve 3fa97c01"

enum { TEXTS = 2000 };

/* ---- what it looks like ---- */

#define POD(name, node)                                                      \
	"- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: " name "\n"   \
	"    namespace: default\n  spec:\n    nodeName: " node "\n"          \
	"    restartPolicy: Always\n    ports:\n    - containerPort: 8080\n" \
	"      protocol: TCP\n"

static const struct codec_golden goldens[] = {
	{"kubectl get -o yaml",
		"apiVersion: v1\nitems:\n" POD("web-1", "n1") POD("web-2", "n2")
			POD("web-3", "n2") "kind: List\nmetadata:\n  resourceVersion: \"\"\n",
		"[yaml: indent 2; rows below their columns]\n{apiVersion=v1\n"
		"items=[3 rows apiVersion=v1 kind=Pod metadata{name namespace=default} "
		"spec{nodeName restartPolicy=Always ports=[{containerPort=8080 protocol=TCP}]}\n"
		"web-1 n1\nweb-2 n2\nweb-3 n2\nkind=List metadata={resourceVersion=\"\"}}\n"},
	{"lists of words",
		"on: push\nbranches:\n  - main\n  - release/one\n  - release/two\npaths:\n  - "
		"core\n"
		"  - proxy\n  - tests\n  - '*.md'\n  - docs/design\n  - man\n  - wrap\n  - learn\n "
		" - cli\n"
		"  - bench\nports:\n  - 8080\n  - 8443\n",
		"[yaml: indent 2, dashes indented, quotes '']\n{on=push branches=[main release/one "
		"release/two] paths=[core proxy tests \"*.md\" docs/design man wrap learn cli "
		"bench] "
		"ports=[8080 8443]}\n"},
	{"helm template: documents, notes, dashes indented, quotes that nobody needs",
		"---\n# Source: app/service.yaml\napiVersion: v1\nkind: Service\nmetadata:\n"
		"  name: app\n  labels:\n    version: \"1\"\n    tier: \"web\"\nspec:\n  ports:\n"
		"    - port: 80\n      name: http\n      targetPort: 8080\n    - port: 443\n"
		"      name: https\n      targetPort: 8443\n    - port: 9090\n"
		"      name: metrics\n      targetPort: 9090\n---\n"
		"# Source: app/account.yaml\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n"
		"  name: app\n",
		"[yaml: indent 2, dashes indented, documents; rows below their columns, *1 repeats "
		"&1, *1(..) has its keys]\n"
		"[2 rows # apiVersion=v1 kind metadata{name=app labels} spec\n"
		"\"# Source: app/service.yaml\" Service {version=\"1\" tier=\"\\\"web\\\"\"} "
		"{ports=[&1 {port=80 name=http targetPort=8080} *1(443 https 8443) *1(9090 metrics "
		"9090)]}\n"
		"\"# Source: app/account.yaml\" ServiceAccount\n"},
	{"blocks, what is empty, what looks like something else",
		"data:\n  script: |\n    #!/bin/sh\n    set -e\n\n    exec /usr/bin/app\n"
		"  text: |\n    a: first line\n    second line of the text, without a key\n"
		"    third line of the text, which is the last\n"
		"  when: 2026-01-02\n  mode: 0644\n  flag: 'yes'\n  gone:\n  far: ~\n"
		"  list: [a, b]\n  long: one two\n    three\nstatus: {}\nnames: []\n"
		"rows:\n- name: a\n  image: one\n  state: up\n  # the other\n\n  port: 80\n"
		"- name: b\n  image: one\n  state: up\n  port: 81\n- name: c\n  image: one\n"
		"  state: up\n  port: 82\n",
		"[yaml: indent 2, quotes '', plain dates, plain numbers; rows below their "
		"columns]\n"
		"{data={script=\"#!/bin/sh\\nset -e\\n\\nexec /usr/bin/app\\n\" text=\"a: first "
		"line\\nsecond line of the text, without a key\\nthird line of the text, which is "
		"the last\\n\" when=2026-01-02 mode=0644 flag=yes gone=\" \" far=\" ~\" list=\" "
		"[a, b]\" long=\" one two\\nthree\"} status={} names=[] rows=[3 rows name "
		"image=one state=up # port=80..\n"
		"a \"# the other\\n\"\n"
		"b\n"
		"c\n"
		"}\n"},
};

static void yaml_reads_like_this(void **state)
{
	assert_goldens(&yaml_codec, *state, goldens, ARRAY_N(goldens));
}

static void what_is_no_yaml_stays(void **state)
{
	static const char *const texts[] = {
		"",
		"a: b\n",
		"Error: it failed. This is a sentence.\nAnd so is this one; there are several of "
		"them here, one below the other.\nThey go on, and on.\n",
		"- a list of sentences, each of which is about something else\n- like this one "
		"here\n"
		"- and the one that comes last, which is not the longest of them\n",
		"{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3,\n  \"d\": 4,\n  \"e\": 5,\n  \"f\": 6,\n"
		"  \"g\": 7,\n  \"h\": 8,\n  \"i\": 9\n}\n",
		"a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\nkey: value value value value value value value\r\n"
		"other: value value value value value value value\r\n",
		"if x:\n    return y\nelse:\n    return z\ndef f(x):\n    if x:\n        return y\n"
		"    return [x for y in z]\n",
	};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		assert_false(codec_encode(&yaml_codec, b, str_from(texts[i]), "", &out));
}

static void a_file_stays_as_it_is(void **state)
{
	struct bench *b = *state;
	struct encode_in in = {.text = str_from(goldens[0].text), .tool = TOOL_SHELL};
	struct encode_out out;

	in.command = STR("kubectl get pods -o yaml");
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "yaml");
	in.command = STR("cat pods.yaml");
	out = bench_encode(b, &in);
	assert_false(out.encoders & ENCODER_YAML);
}

/* ---- what is left out ---- */

static str many_pods(struct bench *b)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	buf_add_c(&t, "apiVersion: v1\nitems:\n");
	for (unsigned i = 0; i < 200; i++)
		buf_printf(&t,
			"- kind: Pod\n  name: web-%u\n  node: node-%u.example.org\n  status: %s\n",
			i, i * 7 % 90, i == 77 ? "CrashLoopBackOff" : "Running");
	buf_add_c(&t, "kind: List\n");
	return buf_str(&t);
}

static void rows_like_others_are_left_out(void **state)
{
	struct bench *b = *state;
	str text = many_pods(b);
	struct codec_out out;

	assert_true(codec_encode(&yaml_codec, b, text, ROUTE, &out));
	assert_int_equal(out.form, CODEC_ELIDED);
	assert_true(yaml_codec.holds(text, out.text, &b->arena));
	assert_true(str_find(out.text, STR("; original: " ROUTE "]\n")) != STR_NONE);
	assert_true(str_find(out.text, STR("web-77 ")) != STR_NONE);
	assert_true(out.text.n * 4 < text.n);
}

static void the_contract_sees_what_is_missing(void **state)
{
	static const char *const changes[][2] = {{"web-77 ", "web-78 "},
		{"CrashLoopBackOff", "Running"}, {"indent 2", "indent 3"},
		{"kind=List", "kind=Lost"}, {"web-0 node-0.", "web-0 node-1."},
		{"[74 more", "[73 more"}};
	struct bench *b = *state;
	str text = many_pods(b);
	struct codec_out out;

	assert_true(codec_encode(&yaml_codec, b, text, ROUTE, &out));
	for (size_t i = 0; i < ARRAY_N(changes); i++)
		assert_false(yaml_codec.holds(text, but_for(b, out.text, changes[i]), &b->arena));
}

/* ---- any YAML ---- */

static void add_text(struct rng *r, struct buf *b)
{
	add_random_yaml(r, b);
	if (rng_once_in(r, 6))
		add_crs(b, b->arena);
}

static void every_yaml_comes_back(void **state)
{
	assert_all_come_back(&yaml_codec, *state, add_text, seeds_or(TEXTS), 3, 80);
}

static void memory_is_linear(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;
	size_t before;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (int i = 0; i < 20000; i++)
		buf_printf(&t, "- name: a%d\n  at: \"%d\"\n  in: b%d\n", i % 7, i, i % 5);
	before = b->arena.used_bytes;
	assert_true(codec_encode(&yaml_codec, b, buf_str(&t), "", &out));
	assert_decodes(&yaml_codec, b, out.text, buf_str(&t));
	assert_true(b->arena.used_bytes - before < 120 * t.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(yaml_reads_like_this),
		bench_test(what_is_no_yaml_stays),
		bench_test(a_file_stays_as_it_is),
		bench_test(rows_like_others_are_left_out),
		bench_test(the_contract_sees_what_is_missing),
		bench_test(every_yaml_comes_back),
		bench_test(memory_is_linear),
	};

	return cmocka_run_group_tests_name("compress: YAML", tests, NULL, NULL);
}
