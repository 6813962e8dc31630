/* Any bytes as a text with data in it: what is made of them keeps its contract. And any two texts as an original and what is
 * made of it: the check reads within them. */
#include "core/base/check.h"
#include "core/compress/opaque/opaque.h"
#include "core/compress/opaque/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void find_all(str text)
{
	for (unsigned k = 0; k < OPAQUE_KINDS; k++) {
		struct opaque_seen seen = {.is_known = false};
		struct opaque_span s;

		for (size_t at = 0; opaque_find(text, (enum opaque_kind)k, at, &seen, &s);
			at = s.end) {
			ASSERT(s.start >= at && s.start < s.from && s.from < s.to);
			ASSERT(s.to <= s.end && s.end <= text.n);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};
	struct arena a = ARENA_INIT;
	struct codec_in in = {.text = text,
		.kind = detect_kind(text),
		.route = STR("headroom retrieve 3fa97c01")};
	struct codec_out out;
	size_t cut = str_find_byte(text, '\0');

	find_all(text);
	if (opaque_codec.encode(&in, &a, &out)) {
		ASSERT(out.form == CODEC_ELIDED);
		ASSERT(opaque_codec.holds(text, out.text, &a));
	}
	if (cut != STR_NONE)
		(void)!opaque_codec.holds(str_sub(text, 0, cut), str_sub(text, cut + 1, n), &a);
	arena_release(&a);
	return 0;
}
