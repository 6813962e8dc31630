/* The block of what was learned in a file of any bytes: refused with a line number, or read, merged and printed so that a second time
 * nothing changes, and what is around it stays. */
#include <stdint.h>

#include "core/base/check.h"
#include "core/base/lines.h"
#include "learn/write/merge.h"

enum { FUZZ_MAX = 1 << 13 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static str print(struct arena *a, str text, const struct block *b)
{
	struct buf out;

	buf_init_arena(&out, a, (size_t)1 << 20);
	buf_add(&out, str_sub(text, 0, b->start));
	block_print(b, lines_eol(text, b->start), &out);
	buf_add(&out, str_sub(text, b->end, text.n));
	ASSERT(!out.err);
	return buf_str(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rule r = {.kind = RULE_COMMAND,
		.key = "0123456789abcdef",
		.text = STR("Run `make test`."),
		.evidence = 2,
		.sessions = 2,
		.last_ms = -1};
	struct merge_conf conf = {1790000000000, true, true};
	str text = {(const char *)data, n}, once, twice;
	struct merge_result result;
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct block b;

	if (n > FUZZ_MAX)
		return 0;
	if (block_parse(&a, text, &b, &cx)) {
		ASSERT(cx.code == E_CONFIG && str_starts(str_from(cx.text), STR("line ")));
		arena_release(&a);
		return 0;
	}
	ASSERT(!b.is_there || (b.start < b.end && b.end <= n));
	if (b.is_there) {
		merge_rules(&a, &conf, &r, 1, &b, &result);
		once = print(&a, text, &b);
		ASSERT(str_starts(once, str_sub(text, 0, b.start)));
		ASSERT(str_ends(once, str_sub(text, b.end, n)));
		ASSERT(block_parse(&a, once, &b, &cx) == E_OK);
		merge_rules(&a, &conf, &r, 1, &b, &result);
		twice = print(&a, once, &b);
		ASSERT(str_eq(once, twice));
	}
	arena_release(&a);
	return 0;
}
