/* What is left out of JSON tables: which rows stay, and the contract. HEADROOM_SEEDS: how many random ones. */
#include "core/compress/table/cell.h"
#include "tests/unit/table_help.h"

/* A table of n rows; where is_bad(i), with an error; and one row that is far from all others. */
static str many_rows(struct arena *a, uint32_t n, uint32_t every)
{
	struct rng r = rng_new(n);
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < n; i++) {
		buf_printf(&b, "%s{\"id\":\"req-%04u\",\"level\":\"%s\",\"ms\":%u,\"zone\":\"%s\"",
			i ? "," : "[", i, every && i % every == 7 ? "ERROR" : "INFO",
			i == n / 3 ? 90000 : 20 + rng_below(&r, 60),
			rng_once_in(&r, 2) ? "eu" : "us");
		if (every && i % every == 9)
			buf_printf(&b, ",\"error\":{\"code\":%u}", i);
		if (every && i % every == 11)
			buf_add_c(&b, ",\"error\":null");
		buf_add_byte(&b, '}');
	}
	buf_add_c(&b, "]\n");
	return buf_str(&b);
}

static bool elide(str text, str query, struct arena *a, str *out)
{
	const struct codec_in in = {.text = text,
		.kind = KIND_JSON,
		.query = query,
		.route = STR("headroom retrieve 3f2a")};
	struct codec_out o;

	if (!table_codec.encode(&in, a, &o))
		return false;
	assert_int_equal(o.form, CODEC_ELIDED);
	*out = o.text;
	return true;
}

static bool has(str text, const char *part)
{
	return str_find(text, str_from(part)) != STR_NONE;
}

static void test_rows_left_out(void **state)
{
	struct bench *b = *state;
	str text = many_rows(&b->arena, 900, 150), out;

	assert_true(
		elide(text, STR("What became of req-0555 and of the INFO rows?"), &b->arena, &out));
	assert_true(table_codec.holds(text, out, &b->arena));
	assert_true(out.n * 20 < text.n);
	/* The first, the last, errors by level and by member, the one that is far, the one that was asked for. */
	assert_true(has(out, "\nreq-0000 ") && has(out, "\nreq-0899 "));
	assert_true(has(out, "\nreq-0007 ERROR ") && has(out, "\nreq-0757 ERROR "));
	assert_true(has(out, "\nreq-0009 ") && has(out, "\nreq-0759 "));
	assert_true(has(out, "\nreq-0300 INFO 90000 ") && has(out, "\nreq-0555 "));
	assert_true(has(out, " more rows]\n") && has(out, " more rows in all: id req-") &&
		    has(out, "zone eu "));
	assert_true(str_ends(str_sub(out, 0, str_find_byte(out, '\n')),
		STR("; original: headroom retrieve 3f2a]")));
}

/* Nothing is left out where there is little, or where all is special. */
static void test_nothing_to_leave_out(void **state)
{
	struct bench *b = *state;
	str out;

	assert_false(elide(many_rows(&b->arena, 20, 0), STR_NULL, &b->arena, &out));
	assert_false(elide(
		STR("{\"a\":[1,2,3],\"text\":\"a longer text, that makes it worth a look, and then "
		    "some more of it, for nothing\"}"),
		STR_NULL, &b->arena, &out));
}

/* A table of n parameters; every-th ones speak of errors in their names. */
static str many_parameters(struct arena *a, uint32_t n, uint32_t every)
{
	static const char *const loud[] = {"read_timeout", "OnError", "CrashLoop", "io-failures"},
				 *const quiet[] = {"terror", "bedroom"};
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < n; i++)
		buf_printf(&b, "%s{\"name\":\"%s-%u\",\"source\":\"system\",\"type\":\"%s\"}",
			i ? "," : "[",
			every && i % every == 7 ? loud[i / every % ARRAY_N(loud)] : quiet[i % 2], i,
			i % 3 ? "integer" : "boolean");
	buf_add_byte(&b, ']');
	return buf_str(&b);
}

/* Rows that speak of errors are shown where few do. */
static void test_words_of_errors(void **state)
{
	struct bench *b = *state;
	str out;

	assert_true(elide(many_parameters(&b->arena, 400, 100), STR_NULL, &b->arena, &out));
	assert_true(has(out, "\nread_timeout-7 ") && has(out, "\nOnError-107 "));
	assert_true(has(out, "\nCrashLoop-207 ") && has(out, "\nio-failures-307 "));
	assert_false(has(out, "terror-150") || has(out, "bedroom-151"));
	assert_true(elide(many_parameters(&b->arena, 400, 4), STR_NULL, &b->arena, &out));
	assert_true(out.n < 1000);
}

/* A table of 400 events; every second one is a message of one of so many errors, that of row 201 of the given one. */
static str many_messages(struct arena *a, uint32_t errors, uint32_t of_201)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < 400; i++) {
		buf_printf(&b, "%s{\"id\":%u,\"level\":\"%s\",\"message\":\"", i ? "," : "[", i,
			i % 2 ? "WARN" : "INFO");
		if (i % 2)
			buf_printf(&b, "java.io.IOException: disk %u is gone",
				i == 201 ? of_201 : i % errors);
		else
			buf_printf(&b, "block %u was written", i * 7);
		buf_add_c(&b, "\"}");
	}
	buf_add_byte(&b, ']');
	return buf_str(&b);
}

/* Where many rows speak of errors, each of their messages is shown once. */
static void test_messages_of_errors(void **state)
{
	struct bench *b = *state;
	str out, text = many_messages(&b->arena, 30, 21);

	assert_true(elide(text, STR_NULL, &b->arena, &out));
	for (uint32_t i = 1; i < 30; i += 2) {
		char message[64];

		(void)snprintf(message, sizeof message, "Exception: disk %u is gone", i);
		assert_true(has(out, message));
	}
	assert_true(out.n < text.n / 10);
	/* the contract: what a row says may go where another one says it */
	assert_true(table_codec.holds(text, out, &b->arena));
	assert_true(table_codec.holds(many_messages(&b->arena, 30, 23), out, &b->arena));
	assert_false(table_codec.holds(many_messages(&b->arena, 30, 24), out, &b->arena));
	/* nearly all are different: none would be left out */
	assert_false(elide(many_messages(&b->arena, 397, 201), STR_NULL, &b->arena, &out));
}

static void test_numbers_left_out(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (uint32_t i = 0; i < 400; i++)
		buf_printf(&t, "%s%u", i ? "," : "[", i == 211 ? 77777 : 100 + i * 37 % 101);
	buf_add_byte(&t, ']');
	assert_true(elide(buf_str(&t), STR_NULL, &b->arena, &out));
	assert_true(table_codec.holds(buf_str(&t), out, &b->arena));
	assert_true(has(out, " 77777 ") && out.n < 300);
}

/* What breaks the contract is seen: a digit that changed, a row that is gone, a number that does not add up, an error
 * that is among those left out. */
static void test_contract(void **state)
{
	struct bench *b = *state;
	str text = many_rows(&b->arena, 300, 60), out, other = many_rows(&b->arena, 300, 50);
	unsigned broken = 0;

	assert_true(elide(text, STR_NULL, &b->arena, &out));
	assert_false(table_codec.holds(other, out, &b->arena));
	/* From the head line on, without the summary, of which nothing is promised. */
	for (size_t i = str_find_byte(out, '\n') + 1; i < str_find(out, STR(CELL_ALL ": ")); i++) {
		char *p = arena_alloc(&b->arena, out.n, 1);

		memcpy(p, out.p, out.n);
		p[i] = p[i] == '7' ? '8' : '7';
		if (table_codec.holds(text, (str){p, out.n}, &b->arena))
			fail_msg("byte %zu: " STR_FMT, i,
				STR_ARG(str_sub(out, i > 20 ? i - 20 : 0, i + 9)));
		broken++;
	}
	assert_true(broken > 200);
	/* Each line with a row, taken out and put to the gap before or behind it. */
	for (size_t i = 0; i + 1 < out.n;) {
		size_t eol = str_find_byte(str_sub(out, i, out.n), '\n');
		str line;

		if (eol == STR_NONE)
			break;
		line = str_sub(out, i, i + eol);
		if (str_starts(line, STR("req-")))
			assert_false(table_codec.holds(text,
				arena_printf(&b->arena, STR_FMT STR_FMT, (int)i, out.p,
					STR_ARG(str_sub(out, i + eol + 1, out.n))),
				&b->arena));
		i += eol + 1;
	}
}

#define WELL "\"text\":\"all is well with this one, as far as we know\"}"

static str three_rows(struct arena *a, unsigned status)
{
	return arena_printf(a,
		"[{\"id\":1,\"status\":200," WELL ",{\"id\":2,\"status\":%u," WELL
		",{\"id\":3,\"status\":200," WELL "]",
		status);
}

/* An error may not be among the rows that a gap counts. */
static void test_hidden_error(void **state)
{
	struct bench *b = *state;
	str text = str_from("[json: minified; x; original: headroom retrieve 3f2a]\n"
			    "[3 rows id status=200 text=\"all is well with this one, as far as we "
			    "know\"\n1\n[1 more rows]\n3");

	assert_true(table_codec.holds(three_rows(&b->arena, 200), text, &b->arena));
	assert_true(table_codec.holds(three_rows(&b->arena, 302), text, &b->arena));
	assert_false(table_codec.holds(three_rows(&b->arena, 500), text, &b->arena));
}

static void test_random_elided(void **state)
{
	struct bench *b = *state;
	unsigned elided = 0;

	for (uint64_t seed = 0; seed < seeds_or(400); seed++) {
		struct rng r = rng_new(seed);
		struct buf t;
		uint32_t n = 30 + rng_below(&r, 100);
		uint64_t own = rng_below(&r, 1000);
		str out;

		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		for (uint32_t i = 0; i < n; i++) {
			buf_add_byte(&t, i ? ',' : '[');
			add_json_alike(&r, &t, own, 2);
		}
		buf_add_byte(&t, ']');
		if (elide(buf_str(&t), STR("item-12"), &b->arena, &out)) {
			elided++;
			if (!table_codec.holds(buf_str(&t), out, &b->arena))
				fail_msg("seed %llu: what is shown does not hold",
					(unsigned long long)seed);
		}
		arena_reset(&b->arena);
	}
	assert_true(elided > seeds_or(400) / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {bench_test(test_rows_left_out),
		bench_test(test_nothing_to_leave_out), bench_test(test_numbers_left_out),
		bench_test(test_words_of_errors), bench_test(test_messages_of_errors),
		bench_test(test_contract), bench_test(test_hidden_error),
		bench_test(test_random_elided)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
