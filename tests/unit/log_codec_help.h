/* log_codec_help: a log encoded by its codec, for tests. */
#ifndef TESTS_UNIT_LOG_CODEC_HELP_H
#define TESTS_UNIT_LOG_CODEC_HELP_H

#include "core/compress/log/log.h"
#include "tests/unit/compress_help.h"

#define ROUTE "headroom retrieve 3f0a"

/* Exact without a route, else elided. False: the codec leaves the text alone. */
static inline bool encode_log(struct bench *b, str text, const char *route, str *out)
{
	struct codec_in in = {
		.text = text, .kind = KIND_LOG, .route = str_from(route), .encoding = TOKEN_O200K};
	struct codec_out o;

	if (!log_codec.encode(&in, &b->arena, &o))
		return false;
	assert_int_equal(o.form, *route ? CODEC_ELIDED : CODEC_EXACT);
	*out = o.text;
	return true;
}

#endif
