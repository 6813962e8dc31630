/* Edits made from any bytes: patch_apply refuses exactly what overlaps or leaves the document, and otherwise
 * equals a splice that goes byte by byte. Four bytes make an edit, after one that says how many there are. */
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/json/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { EDITS_MAX = 64, EDIT_BYTES = 4 };

static bool is_applicable(str doc, const struct patch_edit *edits, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (edits[i].at.start > edits[i].at.end || edits[i].at.end > doc.n)
			return false;
		for (size_t j = 0; j < i; j++)
			if (edits[j].at.end > edits[i].at.start)
				return false;
	}
	return true;
}

static void apply_naively(str doc, const struct patch_edit *edits, size_t n, struct buf *out)
{
	for (size_t at = 0; at <= doc.n; at++) {
		bool is_covered = at == doc.n;

		for (size_t i = 0; i < n; i++) {
			if (edits[i].at.start == at)
				buf_add(out, edits[i].text);
			is_covered |= at >= edits[i].at.start && at < edits[i].at.end;
		}
		if (!is_covered)
			buf_add_byte(out, doc.p[at]);
	}
}

static void check_order(const struct patch_edit *edits, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct patch_edit *a = &edits[i - 1], *b = &edits[i];

		ASSERT(a->at.start <= b->at.start);
		if (a->at.start == b->at.start)
			ASSERT(a->at.end < b->at.end ||
				(a->at.end == b->at.end && a->text.p < b->text.p));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct patch_edit edits[EDITS_MAX];
	size_t edits_n = n ? data[0] % (EDITS_MAX + 1) : 0, used = 1 + edits_n * EDIT_BYTES;
	struct buf got, want;
	str doc;
	enum err e;

	if (n < used)
		return 0;
	doc = (str){(const char *)data + used, n - used};
	for (size_t i = 0; i < edits_n; i++) {
		const uint8_t *p = data + 1 + i * EDIT_BYTES;
		uint32_t start = (uint32_t)(p[0] << 2 | p[1] >> 6);

		/* The texts begin one behind the other, so that they tell in which order they came. */
		edits[i] = (struct patch_edit){{start, start + (p[1] & 0x3F) - (p[2] == 0xFF)},
			{(const char *)p, p[3] % (EDIT_BYTES + 1)}};
	}
	patch_sort(edits, edits_n);
	check_order(edits, edits_n);
	buf_init(&got, LIMIT_INPUT);
	buf_init(&want, LIMIT_INPUT);
	e = patch_apply(doc, edits, edits_n, &got);
	ASSERT(e == (is_applicable(doc, edits, edits_n) ? E_OK : E_INTERNAL));
	if (!e) {
		apply_naively(doc, edits, edits_n, &want);
		ASSERT(!want.err && str_eq(buf_str(&got), buf_str(&want)));
	}
	buf_release(&got);
	buf_release(&want);
	return 0;
}
