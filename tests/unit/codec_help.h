/* What the tests of single codecs share: a text encoded and decoded by one codec alone, and its texts damaged. */
#ifndef TESTS_UNIT_CODEC_HELP_H
#define TESTS_UNIT_CODEC_HELP_H

#include "core/base/limits.h"
#include "core/compress/codec.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_text.h"

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
