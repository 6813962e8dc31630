/* Any bytes as a text with JSON in it, and as a text that was encoded: what is encoded decodes to the same bytes, what is
 * left out is said, and a text that is damaged is refused or read, in bounded memory. */
#include "core/base/check.h"
#include "core/base/limits.h"
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
	/* Names can say more than any memory holds. */
	buf_init_arena(&b, &a, 1 << 20);
	if (read_document(text, n ? data[0] & 15 : 0, 0, &a, &b, &read))
		ASSERT(read.end <= n);
	arena_release(&a);
	return 0;
}
