/* check: assertions that stay on in every build. A failed one prints where and aborts: the process has
 * a defect, and going on would forward bytes that nobody meant. Thread: any. */
#ifndef CORE_BASE_CHECK_H
#define CORE_BASE_CHECK_H

#include "core/base/attr.h"

NORETURN void check_fail(const char *what, const char *file, int line);

/* An invariant of our own code; never a test of outside input. */
#define ASSERT(x)        (LIKELY(x) ? (void)0 : check_fail(#x, __FILE__, __LINE__))
#define UNREACHABLE(why) check_fail("unreachable: " why, __FILE__, __LINE__)

#endif
