#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/base/buf.h"
#include "core/json/scan.h"
#include "proxy/peek.h"

static void test_finds(void **state)
{
	static const struct {
		const char *body, *model; /* NULL: a scan has to tell */
		bool is_stream;
	} cases[] = {
		{"{\"model\":\"m\",\"messages\":[{\"a\":\"x,\\\"stream\\\":true}\"}]}", "m", false},
		{" { \"n\" : 1 , \"model\" : \"m/1\", \"messages\" : [ ] , \"stream\" : true } ",
			"m/1", true},
		{"{\"messages\":[],\"temperature\":-1.5e3,\"model\":\"m\",\"stream\":true,\"user\":"
		 "null}",
			"m", true},
		{"{\"messages\":[],\"model\":\"m\",\"stream\":false}", "m", false},
		{"{\"model\":\"a\",\"messages\":[],\"model\":\"b\"}", "b", false},
		{"{\"stream\":false,\"x\":{},\"stream\":true,\"stream\":false}", "", false},
		{"{\"model\":\"m\",\"stream\":true}", "m", true},
		{"{\"model\":\"m\",\"model\":\"n\"}", "n", false},
		{"{}", "", false},
		{"{\"system\":\"x\",\"messages\":[]}", "", false},
		{"{\"model\":\"\",\"messages\":[]}", "", false},
		/* What only a scan can tell. */
		{"{\"model\":\"m\",\"a\":[],\"stream\":true,\"b\":[]}", NULL, false},
		{"{\"a\":[],\"model\":\"m\",\"b\":{\"stream\":true}}", NULL, false},
		{"{\"a\":{\"model\":\"m\"},\"stream\":true}", NULL, false},
		{"{\"model\":1}", NULL, false},
		{"{\"messages\":[],\"x\":\"\\\\\",\"model\":\"m\"", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct peek p;
		bool is_known = peek_read(str_from(cases[i].body), &p);

		assert_int_equal(is_known, cases[i].model != NULL);
		if (!is_known)
			continue;
		assert_true(str_eq_c(p.model, cases[i].model));
		assert_int_equal(p.is_stream, cases[i].is_stream);
	}
}

/* ---- the same as a scan ------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static void add_random_members(struct buf *b, uint64_t *random, int depth)
{
	static const char *const keys[] = {
		"model", "stream", "messages", "x", "x\\\"model", "str,eam"};
	static const char *const values[] = {"\"claude\"", "true", "false", "null", "12.5e-3",
		"\"\"", "\"a,\\\"stream\\\":true}\"", "\"\\\\\"", "[]", "\"x\\u0022,\"",
		"\"model\""};
	unsigned n = (unsigned)(next_random(random) % 6), used = 0;

	buf_add_byte(b, '{');
	for (unsigned i = 0, said = 0; i < n; i++) {
		unsigned key = (unsigned)(next_random(random) % ARRAY_N(keys));

		if (used & 1u << key)
			continue; /* of two only the last that is read counts, here and there */
		used |= 1u << key;
		buf_add_c(b, said++ ? (next_random(random) % 4 ? "," : " , ") : "");
		buf_printf(b, "\"%s\"%s:", keys[key], next_random(random) % 4 ? "" : " ");
		if (depth < 3 && next_random(random) % 3 == 0)
			add_random_members(b, random, depth + 1);
		else
			buf_add_c(b, values[next_random(random) % ARRAY_N(values)]);
	}
	buf_add_c(b, next_random(random) % 8 ? "}" : "\n}");
}

static void check_same(struct arena *a, uint64_t *random, size_t *known_n)
{
	struct json_tape t;
	struct peek p;
	uint32_t model, stream;
	str name = STR("");
	struct buf b;

	assert_false(arena_recover(a));
	buf_init_arena(&b, a, 1 << 20);
	add_random_members(&b, random, 0);
	assert_int_equal(json_scan(a, buf_str(&b), &t, NULL), E_OK);
	arena_end_recover(a);
	if (!peek_read(buf_str(&b), &p))
		return;
	++*known_n;
	model = json_member(&t, 0, "model");
	stream = json_member(&t, 0, "stream");
	assert_int_equal(p.is_stream, stream != JSON_ABSENT && json_is(&t, stream, JSON_TRUE));
	if (model != JSON_ABSENT)
		assert_true(json_string(&t, model, a, &name));
	assert_true(str_eq(p.model, name));
}

static void test_says_what_a_scan_says(void **state)
{
	uint64_t random = 20;
	size_t known_n = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct arena a = ARENA_INIT;

		check_same(&a, &random, &known_n);
		arena_release(&a);
	}
	assert_true(known_n > 5000);
}

/* Any bytes at all: it ends, and reads nothing outside of them. */
static void test_takes_anything(void **state)
{
	static const char bytes[] = "{}[]\":,\\ tm1";
	uint64_t random = 21;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		size_t n = next_random(&random) % 24;
		char *exact = malloc(n + !n);
		struct peek p;

		for (size_t j = 0; j < n; j++)
			exact[j] = bytes[next_random(&random) % (sizeof bytes - 1)];
		if (peek_read((str){exact, n}, &p))
			assert_true(p.model.n <= n);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds),
		cmocka_unit_test(test_says_what_a_scan_says),
		cmocka_unit_test(test_takes_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
