#include "core/compress/pairs/records.h"

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
