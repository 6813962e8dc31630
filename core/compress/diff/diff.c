#include "core/compress/diff/diff.h"

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	return in->route.n ? diff_encode_elided(in, a, out) : diff_encode_exact(in, a, out);
}

const struct codec diff_codec = {
	.word = "diff",
	.encoder = ENCODER_DIFF,
	.kinds = 1u << KIND_DIFF,
	.encode = encode,
	.decode = diff_decode,
	.holds = diff_holds,
};
