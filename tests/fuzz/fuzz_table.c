/* Any bytes as a text with JSON in it, and as a text that was encoded: what is encoded decodes to the same bytes, what is
 * left out is said, and a text that is damaged is refused or read, in bounded memory. The same of a long string. */
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/compress/table/gist_plain.h"
#include "core/compress/table/gist_text.h"
#include "core/compress/table/read.h"
#include "core/compress/table/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void encode(str text, str route, struct arena *a)
{
	const struct codec_in in = {
		.text = text, .kind = KIND_JSON, .query = STR("a-1 name"), .route = route};
	struct codec_out out;
	str got;

	if (!table_codec.encode(&in, a, &out))
		return;
	if (out.form == CODEC_EXACT)
		ASSERT(table_codec.decode(out.text, a, &got) && str_eq(got, text));
	else
		ASSERT(table_codec.holds(text, out.text, a));
}

static void shorten(str text, struct arena *a)
{
	str plain;
	struct gist_words w, proof;
	struct buf shown;
	struct gist g;

	gist_words_init(&w, a);
	gist_words_init(&proof, a);
	(void)gist_holds(
		STR("The first sentence says what this is, and who has it. Then one goes on about "
		    "what everybody knows about the matter, for a while. And the last one says "
		    "goodbye to all."),
		text, &w);
	if (gist_plain(text, a, &plain)) {
		ASSERT(plain.n <= text.n + 2);
		text = plain;
	}
	if (!gist_open(&g, text, &w, a))
		return;
	gist_show(&g, &w);
	(void)gist_choose(&g, &w);
	buf_init_arena(&shown, a, LIMIT_INPUT);
	gist_write(&g, &shown);
	gist_words_add(&proof, buf_str(&shown));
	ASSERT(gist_holds(text, buf_str(&shown), &proof));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n}, got;
	struct arena a = ARENA_INIT;
	struct read_out read;
	struct buf b;

	encode(text, STR_NULL, &a);
	encode(text, STR("headroom retrieve 3f2a"), &a);
	(void)table_codec.decode(text, &a, &got);
	(void)table_codec.holds(STR("[1,2,3]"), text, &a);
	shorten(text, &a);
	/* Names can say more than any memory holds. */
	buf_init_arena(&b, &a, 1 << 20);
	if (read_document(text, n ? data[0] & 15 : 0, 0, &a, &b, &read))
		ASSERT(read.end <= n);
	arena_release(&a);
	return 0;
}
