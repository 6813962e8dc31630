/* Any bytes as a page: what is made of them keeps its contract. And any two texts as a page and what is made of it: the check
 * reads within them. */
#include "core/base/check.h"
#include "core/compress/html/html.h"
#include "core/compress/html/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};
	struct arena a = ARENA_INIT;
	struct codec_in in = {
		.text = text, .kind = KIND_HTML, .route = STR("headroom retrieve 3fa97c01")};
	struct codec_out out;
	size_t cut = str_find_byte(text, '\0');

	if (html_codec.encode(&in, &a, &out)) {
		ASSERT(out.form == CODEC_ELIDED);
		ASSERT(html_codec.holds(text, out.text, &a));
	}
	if (cut != STR_NONE)
		(void)!html_codec.holds(str_sub(text, 0, cut), str_sub(text, cut + 1, n), &a);
	arena_release(&a);
	return 0;
}
