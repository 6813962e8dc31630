/* Any bytes as a diff: what is exact decodes to the same bytes, what is elided keeps its contract. And as what the
 * codec made: decoding and the check of the contract take whatever comes. */
#include "core/base/check.h"
#include "core/compress/diff/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n}, back;
	struct codec_in in = {.text = text, .kind = KIND_DIFF};
	struct arena a = ARENA_INIT;
	struct codec_out out;
	size_t half = str_find_byte(text, 0x1e);

	if (diff_codec.encode(&in, &a, &out)) {
		ASSERT(out.form == CODEC_EXACT && out.text.n < n);
		ASSERT(diff_codec.decode(out.text, &a, &back));
		ASSERT(str_eq(back, text));
	}
	in.route = STR("headroom retrieve 3f");
	if (diff_codec.encode(&in, &a, &out)) {
		ASSERT(out.form == CODEC_ELIDED && out.text.n < n);
		ASSERT(diff_codec.holds(text, out.text, &a));
	}
	(void)diff_codec.decode(text, &a, &back);
	if (half != STR_NONE) /* two texts: is the second one the first one elided? */
		(void)diff_codec.holds(str_sub(text, 0, half), str_sub(text, half + 1, n), &a);
	arena_release(&a);
	return 0;
}
