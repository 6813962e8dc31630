/* Texts of any kind, one after the other, to renderings and back: what the sender encodes the receiver decodes, who has
 * seen no more than what was sent. HEADROOM_SEEDS=5000 in the environment makes it a longer run. */

#include "tests/unit/compress_help.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 60 };

static str any_text(struct rng *r, struct arena *a)
{
	struct buf text;

	buf_init_arena(&text, a, 1 << 20);
	if (rng_once_in(r, 3)) {
		str lines[40];
		uint32_t n = 1 + rng_below(r, ARRAY_N(lines));

		for (uint32_t i = 0; i < n; i++) {
			struct buf line;

			buf_init_arena(&line, a, 1 << 20);
			add_source_line(r, &line);
			lines[i] = buf_str(&line);
		}
		add_numbered(r, &text, lines, n, 1 + rng_below(r, 200),
			rng_below(r, TEXT_STYLE_NONE + 1));
	} else {
		add_any_text(r, &text, a, false);
	}
	return buf_str(&text);
}

static struct encode_in any_call(struct rng *r)
{
	static const char *const commands[] = {"make", "cat -n x", "grep -n y z", "cat main.c", ""};
	struct encode_in in = {.tool = (enum tool_kind)rng_below(r, 3)};

	if (in.tool == TOOL_SHELL)
		in.command = str_from(RNG_PICK(r, commands));
	if (in.tool == TOOL_FILE)
		in.path = STR("/home/me/src/main.c");
	in.no_references = rng_once_in(r, 8);
	return in;
}

/* One more text of a conversation: encoded, decoded by a view that only ever saw what was sent. */
static bool check_any(
	struct rng *r, struct view *sender, struct view *receiver, str text, struct arena *a)
{
	const struct encode_policy policy = {
		.min_tokens = 12, .min_gain = 3, .is_lossless = rng_once_in(r, 3)};
	struct encode_in in = any_call(r);
	bool is_file_view = tool_numbers_lines(in.tool, in.command);
	struct encode_out out;
	str decoded;

	in.text = text;
	encode_text(&in, &policy, sender, NULL, a, &out);
	in.text = out.text;
	if (out.reason == ENCODE_CHANGED) {
		assert_true(out.tokens_after + policy.min_gain <= out.tokens_before);
		assert_int_equal(out.tokens_after, token_count(policy.encoding, out.text, NULL));
		assert_true(encode_decode(&in, receiver, a, &decoded));
		if (out.loss == LOSS_NONE)
			assert_true(str_eq(decoded, text));
		else
			assert_true(!policy.is_lossless && encode_is_format_of(text, decoded, a));
	}
	rendered_add_to_view(
		sender, view_name(sender, STR("T"), STR_NULL, STR_NULL), out.text, is_file_view, a);
	rendered_add_to_view(receiver, view_name(receiver, STR("T"), STR_NULL, STR_NULL), out.text,
		is_file_view, a);
	return out.reason == ENCODE_CHANGED;
}

/* The text with some of its lines further to the right. */
static str indented(struct rng *r, struct arena *a, str text)
{
	const char *by = rng_once_in(r, 2) ? "\t" : "  ";
	bool has_eol = true;
	struct buf b;
	uint32_t left = 0;

	buf_init_arena(&b, a, 1 << 20);
	for (str line; has_eol && str_next_line(&text, &line, &has_eol);) {
		if (!left && rng_once_in(r, 4))
			left = 1 + rng_below(r, 12);
		if (left && left-- && line.n)
			buf_add_c(&b, by);
		buf_add(&b, line);
		if (has_eol)
			buf_add_byte(&b, '\n');
	}
	return buf_str(&b);
}

static void decoding_is_the_reverse_of_encoding_for_any_text(void **state)
{
	unsigned changed = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++) {
		struct arena a = ARENA_INIT;
		struct view *sender = view_new(), *receiver = view_new();
		struct rng r = rng_new(seed);
		str texts[12];

		for (uint32_t i = 0; i < ARRAY_N(texts); i++) {
			texts[i] = i && rng_once_in(&r, 3) ? texts[rng_below(&r, i)]
							   : any_text(&r, &a);
			if (rng_once_in(&r, 4))
				texts[i] = indented(&r, &a, texts[i]);
			changed += check_any(&r, sender, receiver, texts[i], &a);
		}
		view_free(sender);
		view_free(receiver);
		arena_release(&a);
	}
	assert_true(changed > 200); /* the texts are worth something */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding_is_the_reverse_of_encoding_for_any_text),
	};

	return cmocka_run_group_tests_name("compress: any texts", tests, NULL, NULL);
}
