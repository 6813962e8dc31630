/* Any bytes as prose: what is made of them is no longer than they are but for a head and marks. And any two texts as original
 * and elided text: the check reads within them. */
#include "core/base/check.h"
#include "core/compress/prose/prose.h"
#include "core/compress/prose/rows.h"
#include "core/compress/prose/sentence.h"

enum { SHARES = 4 }; /* that may be asked for; 0: none is */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_sentences(str text, struct arena *a)
{
	sentence_vec all = {0};
	size_t bytes = 0;

	sentences_of(text, a, &all);
	for (size_t i = 0; i < all.n; i++) {
		ASSERT(all.v[i].text.p == text.p + bytes && all.v[i].text.n > 0);
		bytes += all.v[i].text.n;
	}
	ASSERT(bytes == text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};
	struct arena a = ARENA_INIT;
	struct codec_in in = {.text = text,
		.kind = KIND_TEXT,
		.query = STR("needle"),
		.route = STR("headroom retrieve 3fa97c01"),
		.keep = n ? data[0] % SHARES / (double)SHARES : 0};
	struct codec_out out;
	size_t cut = str_find_byte(text, '\0');

	check_sentences(text, &a);
	ASSERT(rows_tight(text, &a).n <= n);
	if (prose_codec.encode(&in, &a, &out)) {
		ASSERT(out.form == CODEC_ELIDED);
		(void)!prose_codec.holds(text, out.text, &a);
	}
	if (cut != STR_NONE)
		(void)!prose_codec.holds(str_sub(text, 0, cut), str_sub(text, cut + 1, n), &a);
	arena_release(&a);
	return 0;
}
