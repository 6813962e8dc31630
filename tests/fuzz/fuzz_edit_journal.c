/* The journal of edits: any bytes are refused, or read, written and read as the same. */
#include <stdint.h>

#include "core/base/check.h"
#include "wrap/edit/journal_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { TEXT_MAX = 1 << 16 };

static str written(struct arena *a, const struct journal *j)
{
	struct buf b;

	buf_init_arena(&b, a, (size_t)TEXT_MAX * 16);
	for (size_t i = 0; i < j->list.n; i++)
		journal_add_line(&b, &j->list.v[i]);
	ASSERT(!b.err);
	return b.n ? buf_str(&b) : STR("");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct journal j = {.arena = &a, .path = "journal", .lock = -1};
	struct journal again = {.arena = &a, .path = "journal", .lock = -1};
	struct errctx cx = {0};

	if (n > TEXT_MAX)
		return 0;
	if (journal_parse(&j, (str){(const char *)data, n}, &cx) == E_OK) {
		str text = written(&a, &j);

		ASSERT(journal_parse(&again, text, &cx) == E_OK && again.list.n == j.list.n);
		ASSERT(str_eq(written(&a, &again), text));
		for (size_t i = 0; i < j.list.n; i++) {
			struct edit_bytes now = {true, j.list.v[i].paste}, out;

			(void)!edit_entry_reverse(&a, &j.list.v[i], now, &out);
		}
	} else {
		ASSERT(cx.code == E_CONFIG && cx.text[0]);
	}
	arena_release(&a);
	return 0;
}
