/* What was made of a text before its turn: it is used, and it changes nothing. */
#include "tests/unit/compress_help.h"

#include "core/base/limits.h"

static const struct encode_policy policy = {.min_tokens = 1, .min_gain = 1};

/* A log of which tables make less, in colours that are taken away first. */
static str make_log(struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (unsigned i = 0; i < 40; i++)
		buf_printf(&b, "\x1b[32m[00:%02u]\x1b[0m step %u of module_%u finished in %u ms\n",
			i, i, i * 7 % 13, i * 37 % 400);
	return buf_str(&b);
}

static struct encode_out encode_known(struct bench *b, struct encode_in *in, struct known *k)
{
	struct encode_out out;

	in->known = k;
	encode_text(in, &policy, b->view, NULL, &b->arena, &out);
	return out;
}

static void assert_same(const struct encode_out *x, const struct encode_out *y)
{
	assert_int_equal(x->reason, y->reason);
	assert_true(str_eq(x->text, y->text));
	assert_int_equal(x->loss, y->loss);
	assert_int_equal(x->encoders, y->encoders);
	assert_int_equal(x->tokens_before, y->tokens_before);
	assert_int_equal(x->tokens_after, y->tokens_after);
}

static void what_is_known_changes_nothing(void **state)
{
	struct bench *b = *state;
	str log = make_log(&b->arena), json = STR("{\"a\": [1, 2, 3], \"b\": {\"c\": 1}}"),
	    envelope = STR("{\"output\":\"one line of it\\nanother line of it\\nand a third\\n\","
			   "\"metadata\":{\"exit_code\":0,\"duration_seconds\":0.0}}"),
	    file = STR("     1\tint main(void)\n     2\t{\n     3\t\treturn 0;\n     4\t}\n");
	struct encode_in ins[] = {
		{.text = log, .tool = TOOL_SHELL},
		{.text = json, .kind = KIND_JSON},
		{.text = envelope, .kind = KIND_JSON},
		{.text = file, .tool = TOOL_FILE, .path = STR("/home/me/src/main.c")},
		{.text = STR("too small")},
	};

	for (size_t i = 0; i < ARRAY_N(ins); i++) {
		struct known k = {0};
		struct encode_out alone = encode_known(b, &ins[i], NULL), known;

		ins[i].known = &k;
		encode_rehearse(&ins[i], &policy, NULL, &b->arena);
		assert_true(k.has_tokens);
		known = encode_known(b, &ins[i], &k);
		assert_same(&alone, &known);
	}
}

static void what_is_known_is_used(void **state)
{
	struct bench *b = *state;
	struct encode_in in = {.text = make_log(&b->arena), .tool = TOOL_SHELL};
	struct known k = {0};
	struct encode_out out;
	uint32_t proven = 0, texts_n, drafts_n, lines_n;

	in.known = &k;
	encode_rehearse(&in, &policy, NULL, &b->arena);
	for (uint32_t i = 0; i < k.drafts_n; i++)
		proven += k.drafts[i].is_proven;
	assert_true(proven > 0 && k.texts_n > 0 && k.lines_n > 1);
	texts_n = k.texts_n;
	drafts_n = k.drafts_n;
	lines_n = k.lines_n;
	k.tokens += 1000;
	out = encode_known(b, &in, &k);
	assert_int_equal(out.tokens_before, k.tokens);
	assert_int_equal(k.texts_n, texts_n);
	assert_int_equal(k.drafts_n, drafts_n);
	assert_int_equal(k.lines_n, lines_n);
}

static void what_another_was_asked_is_not_known(void **state)
{
	struct bench *b = *state;
	struct codec_in in = {.text = make_log(&b->arena), .kind = KIND_TEXT, .query = STR("a")};
	struct known k = {0};
	struct codec_out out;
	const struct codec *codec;
	size_t at = 0;
	bool is_proven;

	codec = codec_next(KIND_TEXT, &at);
	(void)known_draft(&k, codec, &in, &b->arena, &out, &is_proven);
	(void)known_draft(&k, codec, &in, &b->arena, &out, &is_proven);
	assert_int_equal(k.drafts_n, 1);
	in.query = STR("b");
	(void)known_draft(&k, codec, &in, &b->arena, &out, &is_proven);
	assert_int_equal(k.drafts_n, 2);
	in.text = arena_str(&b->arena, in.text);
	(void)known_draft(&k, codec, &in, &b->arena, &out, &is_proven);
	assert_int_equal(k.drafts_n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(what_is_known_changes_nothing),
		bench_test(what_is_known_is_used),
		bench_test(what_another_was_asked_is_not_known),
	};

	return cmocka_run_group_tests_name("compress: known", tests, NULL, NULL);
}
