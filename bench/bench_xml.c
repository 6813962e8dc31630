/* bench_xml: throughput of the codec of XML; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/pairs/xml.h"
#include "tests/unit/random_xml.h"

static void make_objects(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	buf_add_c(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult>\n");
	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b,
			"  <Contents>\n    <Key>logs/%s/%u.gz</Key>\n"
			"    <LastModified>2026-03-01T12:%02u:%02u.000Z</LastModified>\n"
			"    <Size>%u</Size>\n    <Owner id=\"%u\">\n      <DisplayName>%s"
			"</DisplayName>\n    </Owner>\n    <StorageClass>STANDARD</StorageClass>\n"
			"  </Contents>\n",
			RNG_PICK(&r, text_words), i, i / 60 % 60, i % 60, rng_below(&r, 900000),
			rng_below(&r, 9), RNG_PICK(&r, text_words));
	buf_add_c(b, "</ListBucketResult>\n");
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"list of objects", make_objects}};

	return speed_main(&xml_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}
