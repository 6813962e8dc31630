/* What the tests of core/compress share: views made of texts, texts encoded and decoded again. */
#ifndef TESTS_UNIT_COMPRESS_HELP_H
#define TESTS_UNIT_COMPRESS_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/compress/encode.h"
#include "core/compress/rendered.h"

#define assert_str(got, want) assert_str_at((got), (want), __FILE__, __LINE__)

static inline void assert_str_at(str got, const char *want, const char *file, int line)
{
	if (str_eq_c(got, want))
		return;
	print_error("got:  \"" STR_FMT "\"\nwant: \"%s\"\n", STR_ARG(got), want);
	_fail(file, line);
}

/* A view and memory for one test. */
struct bench {
	struct arena arena;
	struct view *view;
};

static inline int bench_setup(void **state)
{
	static struct bench b;

	b = (struct bench){.view = view_new()};
	*state = &b;
	return b.view ? 0 : -1;
}

static inline int bench_teardown(void **state)
{
	struct bench *b = *state;

	view_free(b->view);
	arena_release(&b->arena);
	return 0;
}

#define bench_test(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

/* An earlier result of that name. */
static inline void bench_see(struct bench *b, const char *name, const char *text, bool is_file_view)
{
	rendered_add_to_view(b->view, view_name(b->view, str_from(name), STR_NULL, STR_NULL),
		str_from(text), is_file_view, &b->arena);
}

/* Encodes as little as one token's gain. */
static inline struct encode_out bench_encode(struct bench *b, const struct encode_in *in)
{
	const struct encode_policy policy = {.min_tokens = 1, .min_gain = 1};
	struct encode_out out;

	encode_text(in, &policy, b->view, NULL, &b->arena, &out);
	return out;
}

static inline struct encode_out bench_encode_lossless(struct bench *b, const struct encode_in *in)
{
	const struct encode_policy policy = {.min_tokens = 1, .min_gain = 1, .is_lossless = true};
	struct encode_out out;

	encode_text(in, &policy, b->view, NULL, &b->arena, &out);
	return out;
}

/* The text was changed by these encoders, and decodes to what it was. */
static inline void bench_check(struct bench *b, const struct encode_in *in,
	const struct encode_out *out, const char *encoders)
{
	struct encode_in back = *in;
	str decoded;

	assert_int_equal(out->reason, ENCODE_CHANGED);
	assert_str(encoder_names(out->encoders, &b->arena), encoders);
	assert_true(out->tokens_after < out->tokens_before);
	back.text = out->text;
	assert_true(encode_decode(&back, b->view, &b->arena, &decoded));
	if (out->loss == LOSS_NONE)
		assert_true(str_eq(decoded, in->text));
	else
		assert_true(encode_is_format_of(in->text, decoded, &b->arena));
}

/* The text with the line ends of Windows. */
static inline void add_crs(struct buf *t, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, t->max);
	for (size_t i = 0; i < t->n; i++) {
		if (t->p[i] == '\n')
			buf_add_byte(&b, '\r');
		buf_add_byte(&b, t->p[i]);
	}
	*t = b;
}

/* How a text stands after n copies of line, each with its end. */
static inline str repeated(struct arena *a, const char *line, unsigned n)
{
	struct buf b;

	buf_init_arena(&b, a, (size_t)1 << 24);
	while (n--)
		buf_add_c(&b, line);
	return buf_str(&b);
}

#endif
