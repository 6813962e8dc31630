#include "core/base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_fail(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "headroom: defect at %s:%d: %s\n", file, line, what);
	abort();
}
