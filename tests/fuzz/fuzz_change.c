/* Any bytes as a body as it came and as it was sent, separated by a byte of 0xFF: what the dashboard shows of the two. A
 * body beside itself has no changes, and what is shown is never longer than the bodies. */
#include "core/base/check.h"
#include "core/base/limits.h"
#include "proxy/dashboard/change.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_format(enum wire_format f, str before, str after, struct arena *a)
{
	struct changes changes;
	size_t bytes = 0;

	if (changes_find(a, f, before, before, &changes, NULL) == E_OK)
		ASSERT(!changes.n);
	if (changes_find(a, f, before, after, &changes, NULL) != E_OK)
		return;
	for (size_t i = 0; i < changes.n; i++) {
		ASSERT(changes.v[i].role && changes.v[i].kind);
		bytes += changes.v[i].before.n + changes.v[i].after.n;
	}
	ASSERT(bytes <= before.n + after.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str all = {(const char *)data, n};
	size_t at = str_find_byte(all, (char)0xff);
	str before = at == STR_NONE ? all : str_sub(all, 0, at);
	str after = at == STR_NONE ? all : str_sub(all, at + 1, all.n);

	for (int f = WIRE_NONE + 1; f < WIRE_FORMAT_N; f++) {
		struct arena a = ARENA_INIT;

		check_format((enum wire_format)f, before, after, &a);
		arena_release(&a);
	}
	return 0;
}
