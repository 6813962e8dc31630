/* The model engine: two tiny random models, and what transformers makes of the same texts (bench/kompress/tiny.py wrote both); files that are
 * damaged. */
#include "tests/unit/compress_help.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/compress/model/kompress.h"
#include "core/compress/model/weights.h"
#include "core/json/scan.h"

#define MODELS "tests/kompress"

static const double difference_max = 1e-3;

static str read_file(const char *path, struct buf *b)
{
	struct errctx cx = {0};

	buf_init(b, LIMIT_INPUT);
	if (file_read(path, b, &cx))
		fail_msg("%s", cx.text);
	return buf_str(b);
}

static uint32_t member(const struct json_tape *t, uint32_t object, const char *name)
{
	uint32_t node = json_member(t, object, name);

	assert_true(node != JSON_ABSENT);
	return node;
}

/* The n-th element as a number. */
static double number_at(const struct json_tape *t, uint32_t array, size_t n)
{
	struct json_iter it = json_iter(t, array);
	double v = -1;

	while (json_next(&it))
		if (!n--)
			assert_true(json_f64(t, it.value, &v));
	return v;
}

static void check_text(
	const struct kompress *k, const struct json_tape *t, uint32_t row, struct arena *a)
{
	uint32_t ids = member(t, row, "ids"), ends = member(t, row, "ends"),
		 keep = member(t, row, "keep");
	struct kompress_text read;
	str text;

	assert_true(json_string(t, member(t, row, "text"), a, &text));
	if (!kompress_read(k, text, a, &read)) {
		assert_int_equal(text.n, 0);
		return;
	}
	assert_int_equal(read.tokens.n + 2, t->v[ids].n);
	for (size_t i = 0; i < read.tokens.n; i++) {
		uint32_t end = read.tokens.v[i].end;
		bool is_within = end < text.n && (text.p[end] & 0xc0) == 0x80; /* a character */

		assert_int_equal(read.tokens.v[i].id, (int)number_at(t, ids, i + 1));
		if (!is_within)
			assert_int_equal(end, (int)number_at(t, ends, i + 1));
		if (fabs((double)read.keep[i] - number_at(t, keep, i + 1)) > difference_max)
			fail_msg("token %zu of " STR_FMT ": %f, expected %f", i, STR_ARG(text),
				(double)read.keep[i], number_at(t, keep, i + 1));
	}
}

static void is_as_transformers_has_it(const char *name)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct kompress *k;
	struct json_tape t;
	struct buf b;
	char path[200];
	size_t n = 0;

	(void)snprintf(path, sizeof path, MODELS "/%s", name);
	if (kompress_open(path, 1, &k, &cx))
		fail_msg("%s", cx.text);
	(void)snprintf(path, sizeof path, MODELS "/%s/golden.json", name);
	assert_int_equal(json_scan(&a, read_file(path, &b), &t, &cx), E_OK);
	for (struct json_iter it = json_iter(&t, 0); json_next(&it); n++)
		check_text(k, &t, it.value, &a);
	assert_true(n > 5);
	buf_release(&b);
	kompress_close(k);
	arena_release(&a);
}

static void plain_head_is_as_transformers_has_it(void **state)
{
	(void)state;
	is_as_transformers_has_it("plain");
}

static void dual_head_is_as_transformers_has_it(void **state)
{
	(void)state;
	is_as_transformers_has_it("dual");
}

/* Each token of a long text is read once, with what stands around it. */
static void long_texts_are_read_in_parts(void **state)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct kompress_text t, again;
	struct kompress *k;
	struct buf b;

	(void)state;
	assert_int_equal(kompress_open(MODELS "/plain", 1, &k, &cx), E_OK);
	buf_init(&b, LIMIT_INPUT);
	for (int i = 0; i < 80; i++)
		buf_printf(&b, "In house %d by the river, they talk. ", i * 7);
	assert_true(kompress_read(k, buf_str(&b), &a, &t));
	assert_true(t.tokens.n > 1000 && t.tokens.v[t.tokens.n - 1].end == b.n);
	for (size_t i = 0; i < t.tokens.n; i++)
		assert_true(t.keep[i] > 0 && t.keep[i] < 1);
	assert_true(
		fabs(kompress_mean(&t, 0, b.n) - t.sums[t.tokens.n] / (double)t.tokens.n) < 1e-9);
	assert_true(kompress_mean(&t, 5, 5) <= 0);
	assert_true(kompress_read(k, buf_str(&b), &a, &again));
	assert_memory_equal(t.keep, again.keep, t.tokens.n * sizeof *t.keep);
	while (b.n / 4 < (size_t)KOMPRESS_TOKENS_MAX * 3)
		buf_add_c(&b, "qzx ");
	assert_false(kompress_read(k, buf_str(&b), &a, &t));
	assert_false(kompress_read(k, STR("\xff"), &a, &t));
	buf_release(&b);
	kompress_close(k);
	arena_release(&a);
}

/* ---- files that are damaged ------------------------------------------------------------------------- */

static void copy_model(const char *dir, const char *change, const char *from, const char *to)
{
	static const char *const names[] = {KOMPRESS_CONFIG, KOMPRESS_TOKENIZER, KOMPRESS_WEIGHTS};

	for (size_t i = 0; i < ARRAY_N(names); i++) {
		struct errctx cx = {0};
		char path[300];
		struct buf b;
		size_t at;
		str text;

		(void)snprintf(path, sizeof path, MODELS "/plain/%s", names[i]);
		text = read_file(path, &b);
		at = strcmp(names[i], change) == 0 ? str_find(text, str_from(from)) : STR_NONE;
		if (strcmp(names[i], change) == 0) {
			assert_true(at != STR_NONE && strlen(to) == strlen(from));
			memcpy(b.p + at, to, strlen(to));
		}
		(void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		assert_int_equal(file_write_atomic(path, buf_str(&b), 0600, &cx), E_OK);
		buf_release(&b);
	}
}

static void damaged_files_are_told(void **state)
{
	static const struct {
		const char *file, *from, *to, *says;
	} cases[] = {
		{KOMPRESS_CONFIG, "\"hidden_size\": 32", "\"hidden_size\": 33",
			"num_attention_heads"},
		{KOMPRESS_CONFIG, "\"hidden_size\": 32", "\"hidden_size\": 36", "expected"},
		{KOMPRESS_CONFIG, "\"vocab_size\": 322", "\"vocab_size\": 321", "tok_embeddings"},
		{KOMPRESS_CONFIG, "\"num_hidden_layers\": 4", "\"num_hidden_layers\": 5",
			"layers.4"},
		{KOMPRESS_CONFIG, "\"gelu\"", "\"relu\"", "gelu"},
		{KOMPRESS_CONFIG, "{", "[", ""},
		{KOMPRESS_TOKENIZER, "\"ByteLevel\"", "\"ByteLovel\"", "ByteLevel"},
		{KOMPRESS_TOKENIZER, "\"merges\"", "\"merxes\"", "merges"},
		{KOMPRESS_WEIGHTS, "\"BF16\"", "\"XF16\"", "there is no tensor"},
		{KOMPRESS_WEIGHTS, "\"F32\"", "\"F16\"", "its size"},
		{KOMPRESS_WEIGHTS, "classifier.bias", "classifier.bits", ""},
		{KOMPRESS_WEIGHTS, "model.final_norm", "model.final_nork", "model.final_norm"},
		{KOMPRESS_WEIGHTS, "{\"", "{9", ""},
	};
	char dir[] = "/tmp/headroom-test-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct errctx cx = {0};
		struct kompress *k;
		enum err e;

		copy_model(dir, cases[i].file, cases[i].from, cases[i].to);
		e = kompress_open(dir, 1, &k, &cx);
		if (!*cases[i].says) { /* may be read or not, but not wrongly */
			kompress_close(k);
			continue;
		}
		assert_null(k);
		if (!e || !strstr(cx.text, cases[i].says) || !strstr(cx.text, dir))
			fail_msg("case %zu: %d %s", i, e, cx.text);
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {
			KOMPRESS_CONFIG, KOMPRESS_TOKENIZER, KOMPRESS_WEIGHTS};
		char path[300];

		(void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void no_directory_is_told(void **state)
{
	struct errctx cx = {0};
	struct kompress *k;

	(void)state;
	assert_int_equal(kompress_open(MODELS "/nowhere", 1, &k, &cx), E_NOT_FOUND);
	assert_non_null(strstr(cx.text, "nowhere/" KOMPRESS_TOKENIZER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_head_is_as_transformers_has_it),
		cmocka_unit_test(dual_head_is_as_transformers_has_it),
		cmocka_unit_test(long_texts_are_read_in_parts),
		cmocka_unit_test(damaged_files_are_told),
		cmocka_unit_test(no_directory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
