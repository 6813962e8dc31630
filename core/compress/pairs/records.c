#include "core/compress/pairs/records.h"

static bool find(str text, struct arena *a, struct pairs_part *out)
{
	return gitlog_find(text, a, out) || blocks_find(text, a, out);
}

static bool print(str words, str json, struct arena *a, str *out)
{
	return str_starts(words, STR(GITLOG_WORD)) ? gitlog_print(words, json, a, out)
						   : blocks_print(words, json, a, out);
}

static const struct pairs_form form = {&records_codec, find, print};

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	return pairs_encode(&form, in, a, out);
}

static bool decode(str text, struct arena *a, str *out)
{
	return pairs_decode(&form, text, a, out);
}

static bool holds(str original, str text, struct arena *a)
{
	return pairs_holds(&form, original, text, a);
}

const struct codec records_codec = {
	.word = "records",
	.encoder = ENCODER_RECORDS,
	.kinds = 1u << KIND_TEXT | 1u << KIND_TABLE,
	.encode = encode,
	.decode = decode,
	.holds = holds,
	.is_outer = true,
};
