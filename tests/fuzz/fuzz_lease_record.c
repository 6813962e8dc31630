/* What a file or a socket in the run directory says: read, or refused; what was read is written so that it reads as the same. */
#include <stdint.h>

#include "core/base/check.h"
#include "core/lease/process.h"
#include "core/lease/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool is_same(const struct lease_record *a, const struct lease_record *b)
{
	return a->start_time == b->start_time && a->leases == b->leases &&
	       str_eq(a->digest, b->digest) && str_eq(a->url, b->url) &&
	       a->settings_n == b->settings_n && lease_record_suits(a, b, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};
	struct arena a = ARENA_INIT;
	struct lease_record r, again;
	struct buf b;

	(void)process_parse_stat(text);
	if (lease_record_parse(text, &a, &r, NULL) == E_OK) {
		(void)lease_record_port(&r);
		buf_init(&b, 2 * LEASE_RECORD_MAX);
		r.pid = r.pid ? r.pid : 1; /* so that all is written */
		lease_record_write(&r, &b);
		ASSERT(!b.err);
		if (b.n <= LEASE_RECORD_MAX) {
			ASSERT(lease_record_parse(buf_str(&b), &a, &again, NULL) == E_OK);
			ASSERT(is_same(&r, &again));
		}
		buf_release(&b);
	}
	arena_release(&a);
	return 0;
}
