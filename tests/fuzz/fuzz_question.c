/* Any bytes as a question, an original and what was sent of it, separated by bytes of 0x1e: what is found is within the
 * original, in order, and the ranges that are made of it are such as can be asked for. */
#include "core/base/check.h"
#include "core/retrieve/question.h"
#include "core/retrieve/units.h"
#include "tests/fuzz/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_found(const struct question_found *f, struct arena *a)
{
	struct ranges ranges;
	str text;

	ASSERT(f->share >= 0 && f->share <= 1.000001);
	ASSERT(f->hits_n <= QUESTION_HITS_MAX);
	for (size_t i = 0; i < f->hits_n; i++) {
		ASSERT(f->hits[i] >= 1 && f->hits[i] <= f->units_n);
		ASSERT(!i || f->hits[i] >= f->hits[i - 1]);
	}
	text = question_ranges(f, f->hits_n, a);
	ASSERT((text.n > 0) == (f->hits_n > 0));
	ASSERT(ranges_parse(text, a, &ranges, NULL) == E_OK);
	for (size_t i = 0; i < f->hits_n; i++)
		ASSERT(ranges_have(&ranges, f->hits[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str rest = {(const char *)data, n}, words = STR_NULL, original = STR_NULL;
	struct arena a = ARENA_INIT;
	struct question_found found;
	struct question q;

	if (texts_next(&rest, &words) && texts_next(&rest, &original) && question_read(words, &q)) {
		question_count(&q, original);
		question_count(&q, rest);
		question_find(&q, original, rest, &a, &found);
		check_found(&found, &a);
	}
	arena_release(&a);
	return 0;
}
