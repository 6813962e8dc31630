#include "core/json/patch.h"

#include "core/base/mem.h"

static bool is_before(const struct patch_edit *a, const struct patch_edit *b)
{
	return a->at.start != b->at.start ? a->at.start < b->at.start : a->at.end < b->at.end;
}

/* In place, quadratic at worst, linear on what is nearly sorted. */
static void sort_by_insertion(struct patch_edit *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct patch_edit edit = v[i];
		size_t j = i;

		for (; j > 0 && is_before(&edit, &v[j - 1]); j--)
			v[j] = v[j - 1];
		v[j] = edit;
	}
}

/* Merges the sorted v[0..mid) and v[mid..n) through room for mid edits; of equal ones the left comes first. */
static void merge(struct patch_edit *v, size_t mid, size_t n, struct patch_edit *room)
{
	size_t i = 0, j = mid, to = 0;

	memcpy(room, v, mid * sizeof *v);
	while (i < mid)
		v[to++] = j < n && is_before(&v[j], &room[i]) ? v[j++] : room[i++];
}

void patch_sort(struct patch_edit *edits, size_t n)
{
	enum { RUN = 16 };
	struct patch_edit *room = n > RUN ? mem_alloc(n * sizeof *room) : NULL;

	if (!room) { /* few, or no memory: slower then, but the same order */
		sort_by_insertion(edits, n);
		return;
	}
	for (size_t i = 0; i < n; i += RUN)
		sort_by_insertion(edits + i, n - i < RUN ? n - i : RUN);
	for (size_t width = RUN; width < n; width *= 2)
		for (size_t i = 0; i + width < n; i += 2 * width)
			merge(edits + i, width, n - i < 2 * width ? n - i : 2 * width, room);
	mem_free(room);
}

/* Edits are in order, apart from each other and inside the document; *size is that of the result. */
static bool check_edits(str doc, const struct patch_edit *edits, size_t n, size_t *size)
{
	uint32_t behind = 0;

	*size = doc.n;
	for (size_t i = 0; i < n; i++) {
		struct span at = edits[i].at;

		if (at.start < behind || at.end < at.start || at.end > doc.n)
			return false;
		behind = at.end;
		*size = *size - (at.end - at.start) + edits[i].text.n;
	}
	return true;
}

enum err patch_apply(str doc, const struct patch_edit *edits, size_t n, struct buf *out)
{
	size_t from = 0, size;

	if (!check_edits(doc, edits, n, &size))
		return E_INTERNAL;
	if (!buf_reserve(out, size))
		return out->err;
	for (size_t i = 0; i < n; i++) {
		buf_add(out, str_sub(doc, from, edits[i].at.start));
		buf_add(out, edits[i].text);
		from = edits[i].at.end;
	}
	buf_add(out, str_sub(doc, from, doc.n));
	return out->err;
}
