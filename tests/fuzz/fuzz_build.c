/* Any bytes as what a build or a test run printed: what is encoded exactly decodes to the same bytes, what is elided keeps its contract, and any
 * bytes as an encoded text are refused or decoded, and never believed to stand for another text. */
#include "core/base/check.h"
#include "core/compress/build/build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void encode(str text, str route, bool is_gentle, struct arena *a)
{
	struct codec_in in = {.text = text,
		.kind = text.n && (*text.p == '{' || *text.p == '[') ? KIND_JSONL : KIND_TEXT,
		.route = route,
		.is_gentle = is_gentle,
		.encoding = TOKEN_O200K};
	struct codec_out out;
	str back;

	if (!build_codec.encode(&in, a, &out))
		return;
	if (out.form == CODEC_EXACT)
		ASSERT(build_codec.decode(out.text, a, &back) && str_eq(back, text));
	else
		ASSERT(build_codec.holds(text, out.text, a));
}

/* The same lines again and again, below what makes them a test run's. */
static str copies(str text, unsigned n, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, (text.n + 1) * n + 64);
	buf_add_c(&b, "= FAILURES =\n___ test_a ___\nE   1\n");
	for (unsigned i = 0; i < n; i++) {
		buf_add(&b, text);
		buf_add_byte(&b, '\n');
	}
	return buf_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n}, back;
	struct arena a = ARENA_INIT;

	if (n > 16 << 10)
		return 0;
	encode(text, STR_NULL, false, &a);
	encode(text, STR("x 1"), false, &a);
	encode(text, STR("x 1"), true, &a);
	encode(copies(text, 9, &a), STR_NULL, false, &a);
	encode(copies(text, 9, &a), STR("x 1"), false, &a);
	(void)!build_codec.decode(text, &a, &back);
	(void)!build_codec.holds(text, text, &a);
	if (n > 2) /* one part as the original of the other */
		(void)!build_codec.holds(str_sub(text, 0, n / 2), str_sub(text, n / 2, n), &a);
	arena_release(&a);
	return 0;
}
