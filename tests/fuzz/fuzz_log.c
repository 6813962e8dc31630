/* Any bytes as a log: what is encoded exactly decodes to the same bytes, what is elided keeps its contract, and any bytes
 * as an encoded text are refused or decoded, and never believed to stand for another text. */
#include "core/base/check.h"
#include "core/compress/log/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void encode(str text, str route, struct arena *a)
{
	struct codec_in in = {
		.text = text, .kind = KIND_LOG, .route = route, .encoding = TOKEN_O200K};
	struct codec_out out;
	str back;

	if (!log_codec.encode(&in, a, &out))
		return;
	if (out.form == CODEC_EXACT)
		ASSERT(log_codec.decode(out.text, a, &back) && str_eq(back, text));
	else
		ASSERT(log_codec.holds(text, out.text, a));
}

/* Several copies of a text, so that there are patterns in it. */
static str copies(str text, unsigned n, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, (text.n + 1) * n);
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
	encode(text, STR_NULL, &a);
	encode(text, STR("x 1"), &a);
	text = copies(text, 9, &a);
	encode(text, STR_NULL, &a);
	encode(text, STR("x 1"), &a);
	text = (str){(const char *)data, n};
	(void)!log_codec.decode(text, &a, &back);
	(void)!log_codec.holds(text, text, &a);
	if (n > 2) /* one part as the original of the other */
		(void)!log_codec.holds(str_sub(text, 0, n / 2), str_sub(text, n / 2, n), &a);
	arena_release(&a);
	return 0;
}
