/* Any bytes as an exchange: what is left out keeps its contract. And any two texts as an original and what is shown of it:
 * checking stays within them. */
#include "core/base/check.h"
#include "core/compress/http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};
	struct codec_in in = {
		.text = text, .kind = KIND_TEXT, .route = STR("headroom retrieve 3fa97c01")};
	struct codec_out out;
	struct arena a = ARENA_INIT;
	size_t cut = str_find_byte(text, '\0');

	if (http_codec.encode(&in, &a, &out)) {
		ASSERT(out.form == CODEC_ELIDED);
		ASSERT(http_codec.holds(text, out.text, &a));
	}
	if (cut != STR_NONE)
		(void)!http_codec.holds(str_sub(text, 0, cut), str_sub(text, cut + 1, n), &a);
	arena_release(&a);
	return 0;
}
