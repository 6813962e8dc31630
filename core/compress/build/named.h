/* named: the tests that a text says to have failed in lines of their own ("FAILED tests/a.py::TestX::test_a - ..", the short
 * summary of pytest), so that their titles need not say it again. Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_BUILD_NAMED_H
#define CORE_COMPRESS_BUILD_NAMED_H

#include "core/base/map.h"
#include "core/compress/lines.h"

struct named {
	struct map tests; /* "TestX.test_a" */
};

void named_find(struct named *n, struct lines l, struct arena *a);
/* True when the title of a failed test ("____ TestX.test_a ____") is of one of them. */
bool named_has(const struct named *n, str title);

#endif
