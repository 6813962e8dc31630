/* What holds of the regions of any text, and of what stands for them. */
#ifndef TESTS_UNIT_CODE_REGIONS_H
#define TESTS_UNIT_CODE_REGIONS_H

#include "core/base/check.h"
#include "core/compress/code/macro.h"

/* Regions are whole lines, one behind the other; what stands for one has its lines and braces. */
static inline void check_regions(str text, struct arena *a)
{
	struct macro_tokens t = macro_lex(text, a);
	struct code_regions r;
	uint32_t end = 0;

	if (!code_regions_find(text, t, 0, t.n, false, a, &r))
		return;
	for (uint32_t i = 0; i < r.n; i++) {
		str one = str_sub(text, r.v[i].start, r.v[i].end),
		    mask = code_macro_mask(text, t, &r.v[i], a);

		ASSERT(r.v[i].start >= end && r.v[i].end > r.v[i].start);
		ASSERT(!r.v[i].start || text.p[r.v[i].start - 1] == '\n');
		ASSERT(mask.n == one.n);
		for (size_t k = 0; k < one.n; k++)
			ASSERT((one.p[k] == '\n') == (mask.p[k] == '\n'));
		end = r.v[i].end;
	}
}

#endif
