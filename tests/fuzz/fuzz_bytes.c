/* Any bytes as a hex dump or as base64: what is made of them decodes to the same bytes. Any bytes as an encoded text: refused or
 * decoded. */
#include "core/base/check.h"
#include "core/compress/opaque/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n}, back;
	struct arena a = ARENA_INIT;
	struct codec_in in = {.text = text, .kind = detect_kind(text)};
	struct codec_out out;
	struct codec_head head;
	size_t at, end;

	if (!codec_head_find(text, &head, &at, &end) && bytes_codec.encode(&in, &a, &out))
		ASSERT(bytes_codec.decode(out.text, &a, &back) && str_eq(back, text));
	(void)!bytes_codec.decode(text, &a, &back);
	arena_release(&a);
	return 0;
}
