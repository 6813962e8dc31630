#include "core/compress/pairs/records.h"

enum { RECORDS_MIN = 3, RECORDS_SHARE_PERCENT = 70 /* of the text that must be records */ };

bool records_part(str text, size_t at, const char *end, uint32_t n, const struct buf *json,
	struct pairs_part *out)
{
	size_t to = (size_t)(end - text.p);

	if (n < RECORDS_MIN || to < at || (to - at) / RECORDS_SHARE_PERCENT < text.n / 100 ||
		json->err != E_OK)
		return false;
	*out = (struct pairs_part){.before = str_sub(text, 0, at),
		.after = str_sub(text, to, text.n),
		.json = buf_str(json)};
	return true;
}

static bool find(str text, struct arena *a, struct pairs_part *out)
{
	return gitlog_find(text, a, out) || oneline_find(text, a, out) || blocks_find(text, a, out);
}

static bool print(str words, str json, struct arena *a, str *out)
{
	if (str_starts(words, STR(ONELINE_WORD)))
		return oneline_print(words, json, a, out);
	return str_starts(words, STR(GITLOG_WORD)) ? gitlog_print(words, json, a, out)
						   : blocks_print(words, json, a, out);
}

PAIRS_CODEC(records, ENCODER_RECORDS, 1u << KIND_TEXT | 1u << KIND_TABLE);
