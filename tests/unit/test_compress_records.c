#include "core/compress/pairs/records.h"

#include "core/base/limits.h"
#include "core/compress/pairs/aligned.h"
#include "tests/unit/codec_help.h"
#include "tests/unit/random_pairs.h"
#include "tests/unit/random_records.h"

#define ROUTE "headroom retrieve 3fa97c01"

enum { TEXTS = 2000 };

/* ---- what it looks like ---- */

static const struct codec_golden goldens[] = {
	{"psql \\x",
		"-[ RECORD 1 ]-------------\nid    | 1\nemail | joe@example.org\nstate | active\n"
		"-[ RECORD 2 ]-------------\nid    | 2\nemail | ann@example.org\nstate | active\n"
		"-[ RECORD 3 ]-------------\nid    | 3\nemail | sue@example.org\nstate | \n",
		"[records: \"key | value\", psql, keys left 5, rule 26; rows below their columns, "
		"^ as above]\n"
		"[3 rows id=1.. email:…@example.org state\n"
		"joe active\n"
		"ann ^\n"
		"sue \"\"\n"},
	{"mysql \\G",
		"*************************** 1. row ***************************\n"
		"   id: 1\nemail: joe@example.org\n"
		"*************************** 2. row ***************************\n"
		"   id: 2\nemail: ann@example.org\n"
		"*************************** 3. row ***************************\n"
		"   id: 3\nemail: sue@example.org\n3 rows in set (0.00 sec)\n",
		"[records: \"key: value\", mysql, keys right 5; rows below their columns]\n"
		"[3 rows id=1.. email:…@example.org\n"
		"joe\n"
		"ann\n"
		"sue\n"
		"3 rows in set (0.00 sec)\n"},
	{"apt show: lines that belong to the one above, keys with nothing behind them",
		"Package: liba\nArchitecture: amd64\nMaintainer: Joe Doe "
		"<joe@example.org>\nVersion: 1.2\nSection: libs\nConffiles:\n /etc/a.conf "
		"12ab\nDescription: the first\n of them all\n\n"
		"Package: libb\nArchitecture: amd64\nMaintainer: Joe Doe "
		"<joe@example.org>\nVersion: 1.3\nSection: libs\nDescription: the second\n\n"
		"Package: libc\nArchitecture: amd64\nMaintainer: Joe Doe "
		"<joe@example.org>\nVersion: 1.4\nSection: libs\nDescription: the last\n\nand so "
		"on: it goes on\n",
		"[records: \"key: value\", blank lines between; rows below their columns, - "
		"absent]\n"
		"[4 rows Package Architecture=amd64 Maintainer=\"Joe Doe <joe@example.org>\" "
		"Version Section=libs Conffiles Description\n"
		"liba 1.2 \"\\n /etc/a.conf 12ab\" \"the first\\n of them all\"\n"
		"libb 1.3 - \"the second\"\n"
		"libc 1.4 - \"the last\"\n"
		"={\"and so on\"=\"it goes on\"}\n"},
	{"Format-List of Windows",
		"Name  : web\r\nState : Running\r\nHost  : main.example.org\r\n\r\n"
		"Name  : db\r\nState : Running\r\nHost  : main.example.org\r\n\r\n"
		"Name  : cache\r\nState : Stopped\r\nHost  : main.example.org\r\n\r\n"
		"Name  : queue\r\nState : Running\r\nHost  : main.example.org\r\n",
		"[records: \"key : value\", blank lines between, keys left 5, CRLF; rows below "
		"their "
		"columns, ^ as above]\n"
		"[4 rows Name State Host=main.example.org\nweb Running\ndb ^\ncache "
		"Stopped\nqueue Running\n"},
	{"git log",
		"commit 1f2e3d4c5b6a (HEAD -> main)\nAuthor: Joe Doe <joe@example.org>\n"
		"Date:   Sat Nov 28 10:00:00 2026 +0000\n\n    one: the first\n    \n"
		"    It has two paragraphs.\n\ncommit 2f2e3d4c5b6a\n"
		"Author: Joe Doe <joe@example.org>\nDate:   Sat Nov 28 09:00:00 2026 +0000\n\n"
		"    two: the second\n\n src/a.c | 2 +-\n\ncommit 3f2e3d4c5b6a\n"
		"Author: Joe Doe <joe@example.org>\nDate:   Sat Nov 28 08:00:00 2026 +0000\n\n"
		"    three: the third\n",
		"[records: git log, values at 8; rows below their columns, - absent]\n"
		"[3 rows,commit,refs,Author=\"Joe Doe <joe@example.org>\",Date:…\":00:00 2026 "
		"+0000\",message,files\n"
		"1f2e3d4c5b6a,HEAD -> main,Sat Nov 28 10,\"one: the first\\n\\nIt has two "
		"paragraphs.\"\n"
		"2f2e3d4c5b6a,-,Sat Nov 28 09,two: the second,\" src/a.c | 2 +-\"\n"
		"3f2e3d4c5b6a,-,Sat Nov 28 08,three: the third\n"},
	{"git log --stat",
		"commit 1f2e3d4c5b6a\nAuthor: Joe Doe <joe@example.org>\n"
		"Date:   Sat Nov 28 10:00:00 2026 +0000\n\n    one\n\n"
		" src/a.c          | 12 +++++++++---\n src/queue/deep.c |  1 +\n"
		" 2 files changed, 10 insertions(+), 3 deletions(-)\n\ncommit 2f2e3d4c5b6a\n"
		"Author: Joe Doe <joe@example.org>\nDate:   Sat Nov 28 09:00:00 2026 +0000\n\n"
		"    two\n\n a.h     | 120 +++++---\n empty.h |   0\n"
		" 2 files changed, 75 insertions(+), 45 deletions(-)\n\ncommit 3f2e3d4c5b6a\n"
		"Author: Joe Doe <joe@example.org>\nDate:   Sat Nov 28 08:00:00 2026 +0000\n\n"
		"    three\n",
		"[records: git log, values at 8, stat: lines +added -removed of each file; rows "
		"below their columns]\n"
		"[3 rows commit Author=\"Joe Doe <joe@example.org>\" Date:…\":00:00 2026 +0000\" "
		"message stat\n"
		"1f2e3d4c5b6a \"Sat Nov 28 10\" one \"src/a.c +9 -3 | src/queue/deep.c +1\"\n"
		"2f2e3d4c5b6a \"Sat Nov 28 09\" two \"a.h 120 +++++--- | empty.h +0 | = +75 -45\"\n"
		"3f2e3d4c5b6a \"Sat Nov 28 08\" three\n"},
	{"git log --oneline --stat",
		"1f2e3d4 one: the first\n src/a.c          | 12 +++++++++---\n src/queue/deep.c |  "
		"1 +\n"
		" 2 files changed, 10 insertions(+), 3 deletions(-)\n2f2e3d4 two: the second\n"
		" a.h     | 120 +++++---\n empty.h |   0\n"
		" 2 files changed, 75 insertions(+), 45 deletions(-)\n3f2e3d4 three: the third\n"
		" logo.png | Bin 0 -> 5128 bytes\n 1 file changed, 0 insertions(+), 0 "
		"deletions(-)\n"
		"4f2e3d4 four: without\n5f2e3d4 five: more of a\n src/a.c | 4 ++++\n"
		" 1 file changed, 4 insertions(+)\n",
		"[records: git log oneline, stat: lines +added -removed of each file; rows below "
		"their columns, - absent]\n"
		"[5 rows\tcommit\tmessage\tfiles\tstat\n"
		"1f2e3d4\tone: the first\t-\tsrc/a.c +9 -3 | src/queue/deep.c +1\n"
		"2f2e3d4\ttwo: the second\t-\ta.h 120 +++++--- | empty.h +0 | = +75 -45\n"
		"3f2e3d4\tthree: the third\t\" logo.png | Bin 0 -> 5128 bytes\\n 1 file changed, 0 "
		"insertions(+), 0 deletions(-)\"\n"
		"4f2e3d4\tfour: without\n5f2e3d4\tfive: more of a\t-\tsrc/a.c +4\n"},
};

static void records_read_like_this(void **state)
{
	assert_goldens(&records_codec, *state, goldens, ARRAY_N(goldens));
}

static void what_is_no_record_stays(void **state)
{
	static const char *const texts[] = {
		"",
		"a: b\n\na: c\n\na: d\n",
		"Note: this is a text\nof several lines, which goes on.\n\nBut: this is another "
		"paragraph\nof it.\n\nSo: there are three of them\nas one would expect of it.\n",
		"commit 1f2e3d4c5b6a\nAuthor: Joe Doe <joe@example.org>\n"
		"Date:   Sat Nov 28 10:00:00 2026 +0000\n\n    one: the only one\n",
	};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		assert_false(codec_encode(&records_codec, b, str_from(texts[i]), "", &out));
}

/* ---- what is left out ---- */

static str many_rows(struct bench *b)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 200; i++)
		buf_printf(&t, "%s  name = web-%u\n  node = node-%u.example.org\nstatus = %s\n",
			i ? "\n" : "", i, i * 7 % 90, i == 77 ? "CrashLoopBackOff" : "Running");
	return buf_str(&t);
}

static void rows_like_others_are_left_out(void **state)
{
	struct bench *b = *state;
	str text = many_rows(b);
	struct codec_out out;

	assert_true(codec_encode(&records_codec, b, text, ROUTE, &out));
	assert_int_equal(out.form, CODEC_ELIDED);
	assert_true(records_codec.holds(text, out.text, &b->arena));
	assert_true(str_find(out.text, STR("; original: " ROUTE "]\n")) != STR_NONE);
	assert_true(str_find(out.text, STR("web-77 ")) != STR_NONE);
	assert_true(out.text.n * 4 < text.n);
}

/* As mysql -E prints a table of what was logged: much of it WARN, and exceptions. */
static str many_events(struct bench *b)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 200; i++) {
		buf_printf(&t, "*************************** %u. row ***************************\n",
			i + 1);
		buf_printf(
			&t, "     id: %u\n  level: %s\nmessage: ", i + 1, i % 2 ? "WARN" : "INFO");
		if (i % 2)
			buf_printf(&t, "caught end of stream exception of /10.10.34.%u\n", i % 10);
		else
			buf_printf(&t, "connection %u was opened\n", i * 31);
	}
	buf_add_c(&t, "200 rows in set (0.01 sec)\n");
	return buf_str(&t);
}

static void what_exceptions_say_stays(void **state)
{
	struct bench *b = *state;
	str text = many_events(b);
	struct codec_out out;

	assert_true(codec_encode(&records_codec, b, text, ROUTE, &out));
	assert_int_equal(out.form, CODEC_ELIDED);
	for (unsigned i = 1; i < 10; i += 2) {
		char message[64];

		(void)snprintf(message, sizeof message, "exception of /10.10.34.%u", i);
		assert_true(str_find(out.text, str_from(message)) != STR_NONE);
	}
	assert_true(out.text.n * 8 < text.n);
}

static void the_contract_sees_what_is_missing(void **state)
{
	static const char *const changes[][2] = {{"web-77 ", "web-78 "},
		{"CrashLoopBackOff", "Running"}, {"keys right 6", "keys right 7"},
		{"web-0 node-0.", "web-0 node-1."}, {"[74 more", "[73 more"}};
	struct bench *b = *state;
	str text = many_rows(b);
	struct codec_out out;

	assert_true(codec_encode(&records_codec, b, text, ROUTE, &out));
	for (size_t i = 0; i < ARRAY_N(changes); i++)
		assert_false(
			records_codec.holds(text, but_for(b, out.text, changes[i]), &b->arena));
}

/* ---- any records ---- */

static void add_text(struct rng *r, struct buf *b)
{
	if (rng_once_in(r, 3))
		add_random_gitlog(r, b);
	else if (rng_once_in(r, 4))
		add_random_oneline(r, b);
	else
		add_random_records(r, b);
	if (rng_once_in(r, 6))
		add_crs(b, b->arena);
}

static void all_records_come_back(void **state)
{
	assert_all_come_back(&records_codec, *state, add_text, seeds_or(TEXTS), 3, 80);
}

static void memory_is_linear(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;
	size_t before;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (int i = 0; i < 20000; i++)
		buf_printf(&t, "%sname: a%d\nat: %d\nin: b%d\n", i ? "\n" : "", i % 7, i, i % 5);
	before = b->arena.used_bytes;
	assert_true(codec_encode(&records_codec, b, buf_str(&t), "", &out));
	assert_decodes(&records_codec, b, out.text, buf_str(&t));
	assert_true(b->arena.used_bytes - before < 120 * t.n);
}

/* ---- keys and values whose padding is computed ---- */

static const struct {
	const char *name, *text, *want;
} pairs[] = {
	{"kubectl describe",
		"Name:         web-1\nAnnotations:  <none>\nLabels:       app=web\n"
		"              tier=front: end\nIPs:\n  IP:  10.0.1.57\nContainers:\n"
		"  web:\n    Image:    registry.example.org/web:2.14.0\n    Port:     <none>\n"
		"    Started:  10:21:07\n    Command:\n      /app/run\nConditions:\n"
		"  Type    Status\n  Ready   True \n",
		"[pairs: columns 2 apart; padding left out; =: as it was]\n"
		"Name: web-1\nAnnotations: <none>\nLabels: app=web\n\ttier=front:  end\nIPs:\n"
		" IP: 10.0.1.57\nContainers:\n web:\n  Image: registry.example.org/web:2.14.0\n"
		"  Port: <none>\n  Started: 10:21:07\n  Command:\n   /app/run\nConditions:\n"
		"=  Type    Status\n=  Ready   True \n"},
	{"terraform plan",
		"Terraform will perform the following actions:\n\n"
		"  # aws_instance.web must be replaced\n"
		"-/+ resource \"aws_instance\" \"web\" {\n"
		"      ~ ami           = \"ami-1\" -> \"ami-2\" # forces replacement\n"
		"      + host_id       = (known after apply)\n"
		"      + key_name      = (known after apply)\n"
		"      ~ private_ip    = \"10.0.1.23\" -> (known after apply)\n"
		"        tags          = {\n            \"Name\" = \"web\"\n        }\n"
		"        # (6 unchanged attributes hidden)\n    }\n",
		"[pairs: indented by braces from 4; padding left out; a b=x is a=x, b=x; "
		"{22: of keys 22 wide; ? is known after apply; =: as it was]\n"
		"=Terraform will perform the following actions:\n\n"
		"# aws_instance.web must be replaced\n"
		"-/+ resource \"aws_instance\" \"web\" {13\n"
		"~ ami = \"ami-1\" -> \"ami-2\" # forces replacement\n"
		"+ host_id key_name = ?\n~ private_ip = \"10.0.1.23\" -> ?\n"
		"tags = {\n\"Name\" = \"web\"\n}\n# (6 unchanged attributes hidden)\n}\n"},
	{"/proc/meminfo",
		"MemTotal:       24683656 kB\nMemFree:         8812412 kB\n"
		"MemAvailable:   24035140 kB\nBuffers:          109344 kB\n"
		"Cached:          4441896 kB\nSwapCached:            0 kB\n"
		"HugePages_Total:       0\n",
		"[pairs: values end at 24; padding left out]\n"
		"MemTotal: 24683656 kB\nMemFree: 8812412 kB\nMemAvailable: 24035140 kB\n"
		"Buffers: 109344 kB\nCached: 4441896 kB\nSwapCached: 0 kB\nHugePages_Total: 0\n"},
	{"sysctl",
		"kernel.pid_max = 32768\nnet.ipv4.conf.all.accept_local = 0\n"
		"net.ipv4.conf.all.accept_redirects = 0\nnet.ipv4.conf.all.forwarding = 1\n"
		"net.ipv4.conf.all.send_redirects = 1\nvm.swappiness = 60\n",
		"[pairs: equals signs of 3; a b=x is a=x, b=x; lines below x. begin with it]\n"
		"kernel.pid_max = 32768\nnet.ipv4.conf.all.\n accept_local accept_redirects = 0\n"
		" forwarding send_redirects = 1\nvm.swappiness = 60\n"},
};

static void pairs_read_like_this(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(pairs); i++) {
		struct codec_out out;

		if (!codec_encode(&aligned_codec, b, str_from(pairs[i].text), "", &out))
			fail_msg("%s: not encoded", pairs[i].name);
		assert_str(out.text, pairs[i].want);
		assert_decodes(&aligned_codec, b, out.text, str_from(pairs[i].text));
	}
}

static void what_are_no_pairs_stays(void **state)
{
	static const char *const texts[] = {
		"Note:  this is a text of several lines\nwhich goes on and on as texts do.\n"
		"So does it: here too, and it does not end, but it has no columns at all.\n"
		"It only looks like it in a line.\nThe end is near, and so is the last line.\n",
		"int main(void)\n{\n\tint a = 1;\n\tint b = 2;\n\n\tif (a == b)\n\t\treturn 1;\n"
		"\treturn 0;\n}\n\nstatic int x(void)\n{\n\tint a = 1;\n\tint b = 2;\n\n"
		"\treturn a == b;\n}\n",
	};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		assert_false(codec_encode(&aligned_codec, b, str_from(texts[i]), "", &out));
}

static void all_pairs_come_back(void **state)
{
	struct bench *b = *state;
	uint64_t seeds = seeds_or(TEXTS), encoded = 0;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct rng r = rng_new(seed);
		struct codec_out out;
		struct buf t;

		arena_reset(&b->arena);
		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		add_random_pairs(&r, &t);
		if (!codec_encode(&aligned_codec, b, buf_str(&t), "", &out))
			continue;
		encoded++;
		assert_decodes(&aligned_codec, b, out.text, buf_str(&t));
		assert_survives(&aligned_codec, b, &r, buf_str(&t), out.text);
	}
	/* a generator that makes nothing of the kind would prove nothing */
	if (encoded < seeds / 3)
		fail_msg("%llu encoded", (unsigned long long)encoded);
}

static void memory_of_pairs_is_linear(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;
	size_t before;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (int i = 0; i < 20000; i++)
		buf_printf(&t, "%sName:     a%d\nThe at:   %d\nIn:       b%d\n", i % 9 ? "" : "\n",
			i % 7, i, i % 5);
	before = b->arena.used_bytes;
	assert_true(codec_encode(&aligned_codec, b, buf_str(&t), "", &out));
	assert_decodes(&aligned_codec, b, out.text, buf_str(&t));
	assert_true(b->arena.used_bytes - before < 120 * t.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(records_read_like_this),
		bench_test(what_is_no_record_stays),
		bench_test(rows_like_others_are_left_out),
		bench_test(what_exceptions_say_stays),
		bench_test(the_contract_sees_what_is_missing),
		bench_test(all_records_come_back),
		bench_test(memory_is_linear),
		bench_test(pairs_read_like_this),
		bench_test(what_are_no_pairs_stays),
		bench_test(all_pairs_come_back),
		bench_test(memory_of_pairs_is_linear),
	};

	return cmocka_run_group_tests_name("compress: records", tests, NULL, NULL);
}
