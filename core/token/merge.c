#include "core/token/merge.h"

#include "core/base/check.h"
#include "core/base/mem.h"

/* Pieces up to this many bytes are merged in two small arrays, where looking through all pairs for the best
 * one is fastest; longer ones in a list with a heap of pairs. */
enum { SHORT_N = 48, WINDOW_N = 512 };

static size_t merge_short(const struct vocab *v, str piece, uint32_t *ids)
{
	uint32_t id[SHORT_N + 1], rank[SHORT_N + 1]; /* rank[i]: what i and i + 1 merge into */
	size_t n = piece.n;

	for (size_t i = 0; i < n; i++)
		id[i] = v->byte_ids[(unsigned char)piece.p[i]];
	for (size_t i = 0; i + 1 < n; i++)
		rank[i] = vocab_merge(v, id[i], id[i + 1]);
	rank[n - 1] = VOCAB_NONE;
	while (n > 1) {
		size_t best = 0;

		for (size_t i = 1; i + 1 < n; i++)
			best = rank[i] < rank[best] ? i : best;
		if (rank[best] == VOCAB_NONE)
			break;
		id[best] = rank[best];
		n--;
		memmove(&id[best + 1], &id[best + 2], (n - best - 1) * sizeof *id);
		memmove(&rank[best + 1], &rank[best + 2], (n - best - 1) * sizeof *rank);
		rank[best] = best + 1 < n ? vocab_merge(v, id[best], id[best + 1]) : VOCAB_NONE;
		if (best > 0)
			rank[best - 1] = vocab_merge(v, id[best - 1], id[best]);
	}
	if (ids)
		memcpy(ids, id, n * sizeof *ids);
	return n;
}

/* ---- long pieces ------------------------------------------------------------------------------------ */

/* A list of what is left of the bytes of a window, and a heap of the pairs in it, lowest rank first, then
 * leftmost. A merge leaves outdated pairs in the heap; they are recognised when they come up. */
struct node {
	uint32_t id,
		rank; /* rank: of the pair with the next node, VOCAB_NONE where they do not merge */
	uint32_t prev, next;
};

struct window {
	struct node *nodes; /* [cap] */
	uint64_t *heap;     /* [3 * cap] rank:32 place:32 */
	uint32_t *starts;   /* [cap] first byte of each token, after window_merge */
	size_t cap, heap_n, token_n;
};

static void heap_push(struct window *w, uint64_t x)
{
	size_t i = w->heap_n++;

	while (i > 0 && w->heap[(i - 1) / 2] > x) {
		w->heap[i] = w->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	w->heap[i] = x;
}

static uint64_t heap_pop(struct window *w)
{
	uint64_t top = w->heap[0], x = w->heap[--w->heap_n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < w->heap_n) {
		if (child + 1 < w->heap_n && w->heap[child + 1] < w->heap[child])
			child++;
		if (x <= w->heap[child])
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = x;
	return top;
}

static void set_rank(struct window *w, const struct vocab *v, uint32_t i, size_t n)
{
	struct node *a = &w->nodes[i];

	a->rank = a->next < n ? vocab_merge(v, a->id, w->nodes[a->next].id) : VOCAB_NONE;
	if (a->rank != VOCAB_NONE)
		heap_push(w, (uint64_t)a->rank << 32 | i);
}

/* The tokens of a text of at most w->cap bytes: starts[0 .. token_n), ids in nodes[start].id. */
static void window_merge(struct window *w, const struct vocab *v, str text)
{
	uint32_t n = (uint32_t)text.n;

	w->heap_n = w->token_n = 0;
	for (uint32_t i = 0; i < n; i++) {
		w->nodes[i].id = v->byte_ids[(unsigned char)text.p[i]];
		w->nodes[i].prev = i - 1;
		w->nodes[i].next = i + 1;
	}
	for (uint32_t i = 0; i < n; i++)
		set_rank(w, v, i, n);
	while (w->heap_n > 0) {
		uint64_t top = heap_pop(w);
		struct node *a = &w->nodes[(uint32_t)top];

		if (a->rank != top >> 32)
			continue;
		a->id = a->rank;
		w->nodes[a->next].rank = VOCAB_NONE; /* gone */
		a->next = w->nodes[a->next].next;
		if (a->next < n)
			w->nodes[a->next].prev = (uint32_t)top;
		set_rank(w, v, (uint32_t)top, n);
		if ((uint32_t)top > 0)
			set_rank(w, v, a->prev, n);
	}
	for (uint32_t i = 0; i < n; i = w->nodes[i].next)
		w->starts[w->token_n++] = i;
}

static str head(str s, size_t n)
{
	return s.n < n ? s : str_sub(s, 0, n);
}

/* Memory of two windows. The first is part of the stack frame, larger ones come from the heap. */
struct windows {
	struct window here, next;
	void *heap; /* mem_free */
};

static bool windows_grow(struct windows *w)
{
	const size_t cap = 2 * w->here.cap;
	const size_t each = sizeof(struct node) + 3 * sizeof(uint64_t) + sizeof(uint32_t);
	struct window *both[] = {&w->here, &w->next};
	size_t bytes;
	char *p;

	if (!size_mul(cap, 2 * each, &bytes) || !(p = mem_alloc(bytes)))
		return false;
	mem_free(w->heap);
	w->heap = p;
	for (size_t i = 0; i < ARRAY_N(both); i++) {
		both[i]->cap = cap;
		both[i]->heap = (void *)p;
		both[i]->nodes = (void *)(p + cap * 3 * sizeof(uint64_t));
		both[i]->starts = (void *)(both[i]->nodes + cap);
		p += cap * each;
	}
	return true;
}

static void put_ids(const struct window *w, size_t n, uint32_t *ids)
{
	for (size_t i = 0; ids && i < n; i++)
		ids[i] = w->nodes[w->starts[i]].id;
}

/* Merges window by window, in constant memory. What makes that exact: tokens are the encoding of their
 * bytes if and only if each two neighbours are the encoding of theirs, since merges within a token never
 * look across its borders. So where two encodings of overlapping windows have one token in common, the
 * first up to this token and the second from it on are the encoding of the whole. The second window begins
 * at a token in the middle of the first, and only if it begins with another token (not seen in practice: the
 * end of a window has to matter half a window before it) are both made larger. */
static size_t merge_long(
	struct windows *w, const struct vocab *v, str piece, size_t limit, uint32_t *ids)
{
	size_t n = 0;

	window_merge(&w->here, v, head(piece, w->here.cap));
	while (piece.n > w->here.cap && n <= limit) {
		struct window swap = w->here;
		size_t keep = 0, cut;

		while (w->here.starts[keep] < w->here.cap / 2)
			keep++;
		cut = w->here.starts[keep];
		window_merge(&w->next, v, head(str_sub(piece, cut, piece.n), w->next.cap));
		if (w->next.nodes[0].id != w->here.nodes[cut].id && windows_grow(w)) {
			window_merge(&w->here, v, head(piece, w->here.cap));
			continue;
		}
		put_ids(&w->here, keep, ids);
		ids = ids ? ids + keep : NULL;
		n += keep;
		piece = str_sub(piece, cut, piece.n);
		w->here = w->next;
		w->next = swap;
	}
	put_ids(&w->here, w->here.token_n, ids);
	return n + w->here.token_n;
}

size_t merge_piece(const struct vocab *v, str piece, size_t limit, uint32_t *ids)
{
	struct node nodes[2][WINDOW_N];
	uint64_t heap[2][3 * WINDOW_N];
	uint32_t starts[2][WINDOW_N];
	struct windows w = {
		.here = {nodes[0], heap[0], starts[0], WINDOW_N, 0, 0},
		.next = {nodes[1], heap[1], starts[1], WINDOW_N, 0, 0},
	};
	size_t n;

	if (piece.n <= SHORT_N)
		return merge_short(v, piece, ids);
	n = merge_long(&w, v, piece, limit, ids);
	mem_free(w.heap);
	return n;
}
