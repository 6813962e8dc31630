#include "core/compress/grid/grid.h"
#include "core/compress/grid/layout.h"

#include "core/base/limits.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_grid.h"
#include "tests/unit/seeds.h"

#define ROUTE "headroom retrieve 3fa97c01"

enum { TEXTS = 1500, BYTES_MAX = 6000, BOXES = 200 };

static bool encode(struct bench *b, str text, const char *route, struct codec_out *out)
{
	struct codec_in in = {.text = text,
		.kind = KIND_TABLE,
		.route = str_from(route),
		.query = STR("where is web-77?")};

	return grid_codec.encode(&in, &b->arena, out);
}

static void assert_exact(struct bench *b, str got, str text)
{
	str back;

	if (!grid_codec.decode(got, &b->arena, &back))
		fail_msg("does not decode: " STR_FMT "\nof: " STR_FMT, STR_ARG(got), STR_ARG(text));
	if (!str_eq(back, text)) {
		size_t at = str_common_prefix(back, text);

		fail_msg("comes back as: " STR_FMT "\nof: " STR_FMT,
			STR_ARG(str_sub(back, at, back.n)), STR_ARG(str_sub(text, at, text.n)));
	}
}

/* ---- what it looks like ---- */

#define BELOW "; rows below their columns"

static const struct {
	const char *name, *text, *want;
} goldens[] = {
	{"CSV: what counts up, is the same, begins the same",
		"id,time,host,level\n"
		"7,2026-03-01T12:00:01Z,web-1.example.com,info\n"
		"8,2026-03-01T12:00:02Z,db-1.example.com,info\n"
		"9,2026-03-01T12:00:03Z,web-2.example.com,info\n"
		"10,2026-03-01T12:00:04Z,\"a,\"\"b\"\".example.com\",info\n",
		"[table: CSV" BELOW "]\n"
		"[4 rows id=7..10 time:\"2026-03-01T12:00:\"… host:….example.com level=info]\n"
		"01Z web-1\n02Z db-1\n03Z web-2\n04Z a,\"b\"\n"},
	{"all in quotes, CRLF, no line end",
		"\"name\",\"size\",\"path\"\r\n\"a\",\"1\",\"/usr/share/doc/a\"\r\n"
		"\"b\",\"3\",\"/usr/share/doc/b\"\r\n\"c\",\"7\",\"/usr/share/doc/c\"\r\n"
		"\"d\",\"8\",\"/usr/share/doc/d\"",
		"[table: CSV, CRLF, all quoted" BELOW "]\n"
		"[4 rows name size path:/usr/share/doc/…]\na 1 a\nb 3 b\nc 7 c\nd 8 d"},
	{"sqlite3, in its box mode",
		"┌────┬─────────┐\n│ id │  name   │\n├────┼─────────┤\n"
		"│ 1  │ the one │\n│ 2  │ größe   │\n│ 3  │ three   │\n"
		"│ 4  │ a four  │\n│ 5  │ a five  │\n└────┴─────────┘\nok\n",
		"┌────┬─────────┐\n"
		"[table: pipes, box, header centered, rule 5, columns <<; rows below their "
		"columns]\n"
		"[5 rows id=1..5 name]\n"
		"the one\n"
		"größe\n"
		"three\n"
		"a four\n"
		"a five\n"
		"└────┴─────────┘\n"
		"ok\n"},
	{"psql, with linestyle unicode",
		" id │  name   │    a word    \n"
		"────┼─────────┼──────────────\n"
		"  1 │ the one │ x\n"
		"  2 │ größe   │ \n"
		"  3 │ three   │ zzzzzzzzzzzz\n"
		"  4 │ a four  │ y\n"
		"  6 │ six     │ of text\n"
		"  7 │ seven   │ of text\n"
		"  8 │ eight   │ of text\n"
		" 10 │ ten     │ of text\n"
		" 12 │ twelve  │ of text\n"
		" 13 │ 13      │ of text\n",
		"[table: pipes, box, no border, indented, header centered"
		", rule 5, columns ><" BELOW ", ^ as above]\n"
		"[10 rows id name \"a word\"]\n"
		"1 \"the one\" x\n"
		"2 größe \"\"\n"
		"3 three zzzzzzzzzzzz\n"
		"4 \"a four\" y\n"
		"6 six of text\n"
		"7 seven ^\n"
		"8 eight ^\n"
		"10 ten ^\n"
		"12 twelve ^\n"
		"13 13 ^\n"},
	{"psql, tidied: only the blanks of the header are gone",
		" id |  name   |    a word\n"
		"----+---------+--------------\n"
		"  1 | the one | x\n"
		"  2 | größe   | \n"
		"  3 | three   | zzzzzzzzzzzz\n"
		"  4 | a four  | y\n"
		"  6 | six     | of text\n"
		"  7 | seven   | of text\n"
		"  8 | eight   | of text\n"
		" 10 | ten     | of text\n"
		" 12 | twelve  | of text\n"
		" 13 | 13      | of text\n",
		"[table: pipes, no border, indented, tidied, header centered"
		", rule 5, columns ><" BELOW ", ^ as above]\n"
		"[10 rows id name \"a word\"]\n"
		"1 \"the one\" x\n"
		"2 größe \"\"\n"
		"3 three zzzzzzzzzzzz\n"
		"4 \"a four\" y\n"
		"6 six of text\n"
		"7 seven ^\n"
		"8 eight ^\n"
		"10 ten ^\n"
		"12 twelve ^\n"
		"13 13 ^\n"},
	{"sqlite3 -column: the header alone tells that lines are padded to their end",
		"id    what        more  \n"
		"----  ----------  ------\n"
		"1000  the one     aaaaaa\n"
		"1001  the second  bbbbbb\n"
		"1002  c           cccccc\n"
		"1003  d           dddddd\n"
		"1004  e           eeeeee\n"
		"1005  f           ffffff\n"
		"1006  g           gggggg\n"
		"1007  h           hhhhhh\n",
		"[table: padded, padded to the end, rule 1, columns <<+2" BELOW "]\n"
		"[8 rows,id=1000..1007,what,more]\n"
		"the one,aaaaaa\n"
		"the second,bbbbbb\n"
		"c,cccccc\n"
		"d,dddddd\n"
		"e,eeeeee\n"
		"f,ffffff\n"
		"g,gggggg\n"
		"h,hhhhhh\n"},
	{"Markdown within text",
		"Results:\n\n| name            | size |\n|-----------------|------|\n"
		"| first           | 12   |\n| second          | 7    |\n| third           | 1234 "
		"|\n"
		"| the very fourth | 3    |\n| fifth           | 4    |\n\nDone.\n",
		"Results:\n\n[table: pipes, rule 1, columns <<" BELOW "]\n"
		"[5 rows,name,size]\nfirst,12\nsecond,7\nthird,1234\nthe very "
		"fourth,3\nfifth,4\n\nDone.\n"},
	{"mysql: a header to the left of numbers to the right",
		"+-----------+-------+\n| name      | count |\n+-----------+-------+\n"
		"| a         |     1 |\n| b         |    22 |\n| c         |   333 |\n"
		"| ddddddddd |  4444 |\n| eeeee     | 55555 |\n+-----------+-------+\n5 rows in "
		"set\n",
		"+-----------+-------+\n[table: pipes, rule 5, columns <>" BELOW "]\n"
		"[5 rows name count]\na 1\nb 22\nc 333\nddddddddd 4444\neeeee 55555\n"
		"+-----------+-------+\n5 rows in set\n"},
	{"ps: what most rows have; a cell too long for its column",
		"USER       PID STAT COMMAND\n"
		"root         1 Ss   /sbin/init splash\nroot         2 S    [kthreadd]\n"
		"root         3 S    [rcu_gp]\nroot         4 S    [rcu_par_gp]\n"
		"root         5 S    [slub_flushwq]\nroot         6 S    [netns]\n"
		"root         8 S    [kworker/0:0H]\nroot        10 S    [mm_percpu_wq]\n",
		"[table: padded, columns <>+7<" BELOW ", ~ mostly so, + rows show these too]\n"
		"[8 rows USER=root PID STAT~S COMMAND]\n+1 Ss /sbin/init splash\n2 [kthreadd]\n"
		"3 [rcu_gp]\n4 [rcu_par_gp]\n5 [slub_flushwq]\n6 [netns]\n8 [kworker/0:0H]\n"
		"10 [mm_percpu_wq]\n"},
	{"ls -l: no names; cells that need quotes",
		"total 48\n"
		"drwxr-xr-x 2 root root  4096 Mar  1  2024 a b\n"
		"drwxr-xr-x 3 root root  4096 Mar  1  2024 =x\n"
		"-rw-r--r-- 1 root root    12 Nov 27 10:11 c\n"
		"-rw-r--r-- 1 root root   120 Nov  7 10:12 d\n"
		"-rw-r--r-- 1 root root  1200 Nov 17 10:13 e\n"
		"-rw-r--r-- 1 root root 12000 Nov 27 10:14 f\n"
		"-rw-r--r-- 1 root root     1 Nov 27 10:15 g\n"
		"-rw-r--r-- 1 root root     2 Nov 27 10:15 \"h\n",
		"total 48\n[table: padded, no header, columns <<<<><>><" BELOW ", ^ as above]\n"
		"[8 rows 1 2 3=root 4=root 5 6 7 8 9]\ndrwxr-xr-x 2 4096 Mar 1 2024 a b\n"
		"^ 3 4096 Mar 1 2024 =x\n-rw-r--r-- 1 12 Nov 27 10:11 c\n^ 1 120 Nov 7 10:12 d\n"
		"^ 1 1200 Nov 17 10:13 e\n^ 1 12000 Nov 27 10:14 f\n^ 1 1 Nov 27 10:15 g\n"
		"^ 1 2 Nov 27 10:15 \"\"\"h\"\n"},
};

static void tables_read_like_this(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(goldens); i++) {
		struct codec_out out;

		if (!encode(b, str_from(goldens[i].text), "", &out))
			fail_msg("%s: not encoded", goldens[i].name);
		assert_str(out.text, goldens[i].want);
		assert_exact(b, out.text, str_from(goldens[i].text));
	}
}

/* Which cells have quotes, and by what cells are separated, is told by the first lines and said once; a line that is an exception
 * stays. */
static void spellings_are_said_in_the_head(void **state)
{
	static const struct {
		const char *words, *names, *rows[4]; /* %u: the row */
	} cases[] = {
		/* sqlite3 -csv: quotes around blanks, quotes and what is not ASCII */
		{"CSV, signs quoted", "id,name,size\n",
			{"%u,\"the one\",7\n", "%u,größe,7\n", "%u,\"größe\",7\n",
				"%u,\"it's\",7\n"}},
		/* R, pandas: around names, and cells of some columns, but for NA */
		{"CSV, quoted 1 2", "\"\",\"zip\",\"when\",\"n\"\n",
			{"\"%u\",\"0123\",2026-01-02,3\n", "\"%u\",NA,2026-01-03,NA\n",
				"\"%u\",\"a, b\",2026-01-07,4.5\n", "\"%u\",\"c\",2026-01-02,7\n"}},
		/* sqlite3, psql -At: bars, no names */
		{"CSV by |, no header, no quotes", "",
			{"%u|the one|7\n", "%u|größe, \"or\"|8\n", "%u||9\n", "%u|x|7\n"}},
		/* psql -A */
		{"CSV by |, no quotes", "id|name|size\n",
			{"%u|the one|7\n", "%u|größe, \"or\"|8\n", "%u||9\n", "%u|x|7\n"}},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct codec_out out;
		struct buf t;

		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		buf_add_c(&t, cases[i].names);
		for (unsigned n = 0; n < 60; n++) {
			const char *row = cases[i].rows[n == 31     ? 1
							: n * n % 3 ? 2
							: n % 4     ? 0
								    : 3];
			str line = str_from(row);
			size_t at = str_find(line, STR("%u"));

			buf_add(&t, str_sub(line, 0, at));
			buf_add_u64(&t, n);
			buf_add(&t, str_sub(line, at + 2, line.n));
		}
		if (!encode(b, buf_str(&t), "", &out))
			fail_msg("%s: not encoded", cases[i].words);
		if (str_find(out.text, arena_printf(&b->arena, ": %s; rows", cases[i].words)) ==
			STR_NONE)
			fail_msg("not %s: " STR_FMT, cases[i].words, STR_ARG(out.text));
		assert_exact(b, out.text, buf_str(&t));
	}
}

/* The cheapest separator is that of the cells, whatever signs are in these. */
static void cells_with_separators_and_control_signs_come_back(void **state)
{
	static const char *const more[] = {"x\x01y", "\"z, z\"", "\x01", "w|\x01", "v", "u | u"};
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	buf_add_c(&t, "id,what,more\n");
	for (unsigned i = 0; i < 40; i++)
		buf_printf(&t, "%u,a | %c %u of it,%s\n", i * i, "bcdefg"[i % 6], i * 37 % 11,
			more[i % ARRAY_N(more)]);
	assert_true(encode(b, buf_str(&t), NULL, &out));
	assert_true(str_find(out.text, STR("\n[40 rows,id,what:")) != STR_NONE);
	assert_true(str_find(out.text, STR("\n9,a | e 1,w|\x01\n")) != STR_NONE);
	assert_exact(b, out.text, buf_str(&t));
}

static void what_is_no_table_stays(void **state)
{
	static const char *const texts[] = {
		"",
		"a,b\n1,2\n3,4\n5,6\n7,8\n",
		"We went to the market, bought apples, and came home.\nThen, as it was late, we "
		"slept.\n"
		"In the morning, after breakfast, we left.\nNobody saw us, nobody heard us.\nThe "
		"end, I say.\n",
		("[table: CSV; rows below their columns]\n[4 rows a b=1]\n1\n2\n3\n4\n"
		 "[lines 1-3]\nthis,that,that,that\nthis,that,that,that\nthis,that,that,that\n"),
	};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		if (encode(b, str_from(texts[i]), "", &out))
			fail_msg("encoded as: " STR_FMT, STR_ARG(out.text));
}

/* ---- rows left out ---- */

/* kubectl get pods: 80 of them, of which one fails, one is not ready and one is asked for. */
static str pods(struct bench *b)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	buf_printf(&t, "%-12s   %-5s   %-16s   %s\n", "NAME", "READY", "STATUS", "AGE");
	for (int i = 0; i < 80; i++)
		buf_printf(&t, "%-12s   %-5s   %-16s   %d%s\n",
			arena_printf(&b->arena, "web-%d", i).p, i == 33 ? "1/2" : "2/2",
			i == 40 ? "CrashLoopBackOff" : "Running", i % 9 + 2, "d");
	return buf_str(&t);
}

static void rows_that_matter_are_shown(void **state)
{
	struct bench *b = *state;
	struct codec_out out;

	assert_true(encode(b, pods(b), ROUTE, &out));
	assert_int_equal(out.form, CODEC_ELIDED);
	assert_true(grid_codec.holds(pods(b), out.text, &b->arena));
	assert_true(str_find(out.text, STR("\n+web-40 2/2 CrashLoopBackOff 6d\n")) != STR_NONE);
	assert_true(str_find(out.text, STR("\n+web-33 1/2 Running 8d\n")) != STR_NONE);
	assert_true(str_find(out.text, STR("\nweb-77 ")) != STR_NONE);
	assert_true(str_find(out.text, STR("\nweb-0 ")) != STR_NONE);
	assert_true(str_find(out.text, STR("\nweb-79 ")) != STR_NONE);
	assert_true(str_find(out.text, STR("\n… left out: ")) != STR_NONE);
}

static str without(struct bench *b, str text, const char *from, const char *to)
{
	size_t at = str_find(text, str_from(from)), n = strlen(from);

	assert_true(at != STR_NONE);
	return arena_printf(&b->arena, STR_FMT "%s" STR_FMT, STR_ARG(str_sub(text, 0, at)), to,
		STR_ARG(str_sub(text, at + n, text.n)));
}

/* Whatever is taken out of what was kept, or said otherwise, is seen by the check. */
static void the_contract_sees_what_is_missing(void **state)
{
	static const char *const changes[][2] = {
		{"\n+web-40 2/2 CrashLoopBackOff 6d", "\n…1 more rows"},
		{"\n+web-33 1/2 Running 8d", "\n…1 more rows"},
		{"CrashLoopBackOff 6d", "CrashLoopBackOff 7d"},
		{"CrashLoopBackOff", "Running"},
		{"\nweb-0 2d", ""},
		{"web-79", "web-80"},
		{"[80 rows", "[81 rows"},
		{"STATUS~Running", "STATUS~Pending"},
		{"READY~2/2", "READY=2/2"},
		{" AGE]", " AGO]"},
		{"\n…", "\n=another line\n…"},
		{"…", "…1"},
	};
	struct bench *b = *state;
	struct codec_out out;

	assert_true(encode(b, pods(b), ROUTE, &out));
	for (size_t i = 0; i < ARRAY_N(changes); i++) {
		/* The first "…" stands in the head. */
		size_t head = str_find_byte(out.text, '\n');
		str rows = without(
			b, str_sub(out.text, head, out.text.n), changes[i][0], changes[i][1]);
		str text = arena_printf(&b->arena, STR_FMT STR_FMT,
			STR_ARG(str_sub(out.text, 0, head)), STR_ARG(rows));

		if (grid_codec.holds(pods(b), text, &b->arena))
			fail_msg("holds: " STR_FMT, STR_ARG(text));
	}
}

/* "M" is no name of a column that holds it again and again: no file of a list is left out. */
static void a_first_row_is_no_line_of_names(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 80; i++)
		buf_printf(&t, "%s\tsrc/%s-%u.c\n", i % 3 ? "M" : "A", i % 2 ? "part" : "piece",
			i * 7);
	assert_false(encode(b, buf_str(&t), ROUTE, &out));
	/* and one that is in fewer than one of eight lines is */
	t.n = 0;
	buf_add_c(&t, "type,size,owner,state\n");
	for (unsigned i = 0; i < 80; i++)
		buf_printf(
			&t, "%s,%u,nobody-%u,done\n", i % 10 ? "file" : "type", i * i, i * 7 % 10);
	assert_true(encode(b, buf_str(&t), "", &out));
	assert_true(
		str_find(out.text, STR("[80 rows type~file size owner state=done]")) != STR_NONE);
}

/* ---- any tables ---- */

static void assert_survives(struct bench *b, struct rng *r, str text, str encoded)
{
	char *p = arena_cstr(&b->arena, encoded);
	str back;

	for (int i = 0; i < 4; i++)
		p[rng_below(r, (uint32_t)encoded.n)] = "\n=+\"~9 ]"[rng_below(r, 8)];
	(void)!grid_codec.decode((str){p, encoded.n}, &b->arena, &back);
	(void)!grid_codec.holds(text, (str){p, encoded.n}, &b->arena);
}

static void every_table_comes_back(void **state)
{
	struct bench *b = *state;
	uint64_t exact[2] = {0}, elided = 0, n = seeds_or(TEXTS);

	for (uint64_t seed = 1; seed <= n; seed++) {
		struct rng r = rng_new(seed);
		struct codec_out out, again;
		bool is_tame = rng_once_in(&r, 2);
		struct buf t;

		arena_reset(&b->arena);
		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		add_grid(&r, &t, (enum grid_spelling)(seed % SPELL_GRID_N), is_tame,
			600 + rng_below(&r, BYTES_MAX));
		if (encode(b, buf_str(&t), "", &out)) {
			exact[is_tame]++;
			assert_exact(b, out.text, buf_str(&t));
			assert_true(encode(b, buf_str(&t), "", &again));
			assert_true(str_eq(out.text, again.text));
			assert_survives(b, &r, buf_str(&t), out.text);
		}
		if (encode(b, buf_str(&t), ROUTE, &out)) {
			elided++;
			assert_true(grid_codec.holds(buf_str(&t), out.text, &b->arena));
			assert_survives(b, &r, buf_str(&t), out.text);
		}
	}
	print_message("%llu exact of tame ones, %llu of others, %llu elided, of %llu\n",
		(unsigned long long)exact[1], (unsigned long long)exact[0],
		(unsigned long long)elided, (unsigned long long)n);
	assert_true(exact[1] * 10 > n * 3);
	assert_true(elided * 10 > n);
}

/* Twice the text takes about twice the memory, which stands for work: whatever is done leaves objects behind. */
static void memory_is_linear(void **state)
{
	struct bench *b = *state;

	for (int s = 0; s < SPELL_GRID_N; s++) {
		size_t used[2] = {0};

		for (int i = 0; i < 2; i++) {
			struct rng r = rng_new(3);
			struct codec_out out;
			struct buf t;

			arena_reset(&b->arena);
			buf_init_arena(&t, &b->arena, LIMIT_INPUT);
			add_grid(&r, &t, (enum grid_spelling)s, true, 200000u << i);
			used[i] = b->arena.used_bytes;
			(void)encode(b, buf_str(&t), "", &out);
			used[i] = b->arena.used_bytes - used[i];
			assert_true(used[i] < 40 * buf_str(&t).n);
		}
		assert_true(used[1] < 3 * used[0]);
	}
}

/* A few lines of many columns before many short ones: cells are not set aside for what has none. */
static void many_columns_take_no_memory(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;
	size_t before;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (int i = 0; i < 64; i++) {
		for (int c = 0; c < 200; c++)
			buf_printf(&t, "%d,", c);
		buf_add_c(&t, "x\n");
	}
	for (int i = 0; i < 200000; i++)
		buf_add_c(&t, "y\n");
	before = b->arena.used_bytes;
	assert_false(encode(b, buf_str(&t), "", &out));
	assert_true(b->arena.used_bytes - before < 100 * buf_str(&t).n);
}

/* Cells of a line, each in its width. */
static void add_box_row(struct rng *r, const char *const *cells, struct buf *b)
{
	for (unsigned c = 0; c < 3; c++)
		buf_printf(b, "│ %s%*s ", cells[c], (int)(8 - grid_width(str_from(cells[c]))), "");
	buf_add_c(b, rng_once_in(r, 200) ? "│ odd\n" : "│\n");
}

static void boxes_come_back(void **state)
{
	static const char *const cells[] = {"a", "größe", "12", "", "web-77", "12345678", "x y"};
	struct bench *b = *state;
	unsigned encoded = 0;

	for (uint64_t seed = 1; seed <= BOXES; seed++) {
		static const char *const names[] = {"id", "name", "state"};
		struct rng r = rng_new(seed);
		struct codec_out out;
		struct buf t;

		arena_reset(&b->arena);
		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		buf_add_c(&t, "┌──────────┬──────────┬──────────┐\n");
		add_box_row(&r, names, &t);
		buf_add_c(&t, "├──────────┼──────────┼──────────┤\n");
		for (unsigned n = 2 + rng_below(&r, 60); n; n--) {
			const char *row[] = {RNG_PICK(&r, cells), RNG_PICK(&r, cells),
				rng_once_in(&r, 300) ? "a|b" : RNG_PICK(&r, cells)};

			add_box_row(&r, row, &t);
			if (rng_once_in(&r, 200))
				buf_add_c(&t, "├──────────┼──────────┼──────────┤\n");
		}
		buf_add_c(&t, "└──────────┴──────────┴──────────┘");
		if (encode(b, buf_str(&t), "", &out)) {
			encoded += str_find(out.text, STR("pipes, box")) != STR_NONE;
			assert_exact(b, out.text, buf_str(&t));
		}
		if (encode(b, buf_str(&t), ROUTE, &out))
			assert_true(grid_codec.holds(buf_str(&t), out.text, &b->arena));
	}
	assert_true(encoded > BOXES / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(tables_read_like_this),
		bench_test(spellings_are_said_in_the_head),
		bench_test(cells_with_separators_and_control_signs_come_back),
		bench_test(what_is_no_table_stays),
		bench_test(rows_that_matter_are_shown),
		bench_test(the_contract_sees_what_is_missing),
		bench_test(a_first_row_is_no_line_of_names),
		bench_test(every_table_comes_back),
		bench_test(memory_is_linear),
		bench_test(many_columns_take_no_memory),
		bench_test(boxes_come_back),
	};

	return cmocka_run_group_tests_name("compress: plain tables", tests, NULL, NULL);
}
