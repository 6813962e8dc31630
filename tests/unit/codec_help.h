/* What the tests of single codecs share: a text encoded and decoded by one codec alone, and its texts damaged. */
#ifndef TESTS_UNIT_CODEC_HELP_H
#define TESTS_UNIT_CODEC_HELP_H

#include "core/base/limits.h"
#include "core/compress/codec.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

/* route: where originals are had; "": nothing may be left out. */
static inline bool codec_encode(
	const struct codec *c, struct bench *b, str text, const char *route, struct codec_out *out)
{
	struct codec_in in = {.text = text, .kind = KIND_TEXT, .route = str_from(route)};

	return c->encode(&in, &b->arena, out);
}

static inline void assert_decodes(const struct codec *c, struct bench *b, str got, str text)
{
	str back = STR_NULL;

	if (c->decode(got, &b->arena, &back) && str_eq(back, text))
		return;
	print_error("text: " STR_FMT "\nencoded: " STR_FMT "\ncomes back as: " STR_FMT "\n",
		STR_ARG(text), STR_ARG(got), STR_ARG(back));
	fail();
}

/* Texts and what becomes of them where nothing is left out. */
struct codec_golden {
	const char *name, *text, *want;
};
static inline void assert_goldens(
	const struct codec *c, struct bench *b, const struct codec_golden *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct codec_out out;

		if (!codec_encode(c, b, str_from(v[i].text), "", &out))
			fail_msg("%s: not encoded", v[i].name);
		assert_str(out.text, v[i].want);
		assert_decodes(c, b, out.text, str_from(v[i].text));
	}
}

/* With a byte of it changed it may be right or wrong, and is read without harm. */
static inline void assert_survives(
	const struct codec *c, struct bench *b, struct rng *r, str text, str encoded)
{
	for (int i = 0; i < 3; i++) {
		char *broken = arena_cstr(&b->arena, encoded);
		str got, s = {broken, encoded.n};

		broken[rng_below(r, (uint32_t)encoded.n)] = (char)rng_below(r, 256);
		(void)!c->decode(s, &b->arena, &got);
		if (c->holds)
			(void)!c->holds(text, s, &b->arena);
	}
}

/* Of so many texts that add makes of a seed: those that are encoded come back and always look alike, those of which rows are left
 * out keep their contract, both are read without harm when they are damaged. At least one in min_encoded and one in min_elided
 * must be (0: none is looked for): a generator that makes nothing of the kind would prove nothing. */
typedef void codec_text_fn(struct rng *r, struct buf *b);
static inline void assert_all_come_back(const struct codec *c, struct bench *b, codec_text_fn *add,
	uint64_t texts, uint64_t min_encoded, uint64_t min_elided)
{
	uint64_t encoded = 0, elided = 0;

	for (uint64_t seed = 1; seed <= texts; seed++) {
		struct rng r = rng_new(seed);
		struct codec_out out, again;
		struct buf t;

		arena_reset(&b->arena);
		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		add(&r, &t);
		if (codec_encode(c, b, buf_str(&t), "", &out)) {
			encoded++;
			assert_decodes(c, b, out.text, buf_str(&t));
			assert_true(codec_encode(c, b, buf_str(&t), "", &again));
			assert_true(str_eq(out.text, again.text));
			assert_survives(c, b, &r, buf_str(&t), out.text);
		}
		if (min_elided &&
			codec_encode(c, b, buf_str(&t), "headroom retrieve 3fa97c01", &out)) {
			elided++;
			assert_true(c->holds(buf_str(&t), out.text, &b->arena));
			assert_survives(c, b, &r, buf_str(&t), out.text);
		}
	}
	if (encoded * min_encoded < texts || (min_elided && elided * min_elided < texts))
		fail_msg("%llu encoded, %llu elided", (unsigned long long)encoded,
			(unsigned long long)elided);
}

/* The text with change[1] where it has change[0] first; it must have it. */
static inline str but_for(struct bench *b, str text, const char *const change[2])
{
	size_t at = str_find(text, str_from(change[0]));
	struct buf t;

	if (at == STR_NONE)
		fail_msg("%s is not in " STR_FMT, change[0], STR_ARG(text));
	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	buf_add(&t, str_sub(text, 0, at));
	buf_add_c(&t, change[1]);
	buf_add(&t, str_sub(text, at + strlen(change[0]), text.n));
	return buf_str(&t);
}

#endif
