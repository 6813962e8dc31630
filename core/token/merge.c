#include "core/token/merge.h"

#include "core/base/mem.h"

/* A pair that may be merged has a key: its rank, then 13 bits of its place. So the lowest key is
 * the pair to merge next: the lowest rank, and of equal ones the leftmost. Keys from NO_KEY on are
 * of places without such a pair. */
enum { PLACE_BITS = 13, CAP_MAX = 1 << PLACE_BITS, NO_KEY = VOCAB_NO_ID << PLACE_BITS };
enum { BLOCK = 16 }; /* keys that are looked through at once */

/* A text as a list of nodes, first of its bytes, then of what they have merged into. A node is
 * named by the place of its first byte, counted from 1. Two more nodes, which merge with nothing,
 * save the questions for the ends. */
struct window {
	int32_t *keys;  /* [cap] of a node and the next */
	int32_t *mins;  /* [cap / BLOCK] the lowest keys of blocks, if there are several */
	uint32_t *ids;  /* [cap] */
	uint16_t *prev; /* [cap] */
	uint16_t *next; /* [cap] */
	size_t cap;     /* a multiple of BLOCK */
	size_t n;       /* places in use: bytes of the text and the two more */
	size_t token_n; /* nodes that are left, without the two */
};

enum { LANE_N = 4 };
typedef int32_t lane __attribute__((vector_size(4 * LANE_N)));

/* Pieces are short: to look through all keys costs less than to keep them in order. */
static inline lane lane_min(lane a, lane b)
{
	lane is_lower = a < b;

	return (a & is_lower) | (b & ~is_lower);
}

static inline lane lane_at(const int32_t *keys, size_t i)
{
	lane x;

	memcpy(&x, keys + i * LANE_N, sizeof x);
	return x;
}

/* The lowest of BLOCK keys. */
static inline int32_t lowest(const int32_t *keys)
{
	lane a = lane_min(lane_at(keys, 0), lane_at(keys, 1));
	lane b = lane_min(lane_at(keys, 2), lane_at(keys, 3));

	a = lane_min(a, b);
	a = lane_min(a, __builtin_shufflevector(a, a, 2, 3, 0, 1));
	a = lane_min(a, __builtin_shufflevector(a, a, 1, 0, 3, 2));
	return a[0];
}

/* At least NO_KEY when rank is VOCAB_NO_ID. */
static inline int32_t key_of(uint32_t rank, size_t at)
{
	return (int32_t)(rank << PLACE_BITS | at);
}

static inline int32_t key_at(const struct window *w, const struct vocab *v, size_t at)
{
	return key_of(vocab_merge(v, w->ids[at], w->ids[w->next[at]]), at);
}

static inline void refresh(struct window *w, size_t at)
{
	w->mins[at / BLOCK] = lowest(w->keys + at / BLOCK * BLOCK);
}

static inline int32_t best_key(const struct window *w)
{
	int32_t best;

	if (w->n <= BLOCK)
		return lowest(w->keys);
	best = lowest(w->mins);
	for (size_t i = BLOCK; i * BLOCK < w->n; i += BLOCK) {
		int32_t low = lowest(w->mins + i);

		best = low < best ? low : best;
	}
	return best;
}

/* Nodes for all bytes, and one at either end that merges with nothing. */
static void window_fill(struct window *w, const struct vocab *v, str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t n = text.n < w->cap - 2 ? text.n : w->cap - 2, i;

	w->token_n = n;
	w->n = n + 2;
	for (i = 0; i < w->n; i++) {
		w->prev[i] = (uint16_t)(i - 1);
		w->next[i] = (uint16_t)(i + 1);
	}
	w->ids[0] = w->ids[n + 1] = VOCAB_NO_ID;
	for (i = 1; i <= n; i++)
		w->ids[i] = v->byte_ids[p[i - 1]];
	w->keys[0] = NO_KEY;
	for (i = 1; i < n; i++)
		w->keys[i] = key_of(v->byte_pairs[p[i - 1] << 8 | p[i]], i);
	for (i = n; i < w->n || i % BLOCK; i++)
		w->keys[i] = NO_KEY;
	if (w->n <= BLOCK)
		return;
	for (i = 0; i * BLOCK < w->n; i++)
		w->mins[i] = lowest(w->keys + i * BLOCK);
	for (; i % BLOCK; i++)
		w->mins[i] = NO_KEY;
}

/* Merges the node with the next one. Its own key is left to the caller; all others, and the mins,
 * are right. */
static inline void merge_node(struct window *w, const struct vocab *v, size_t at, uint32_t id)
{
	size_t gone = w->next[at], next = w->next[gone], prev = w->prev[at];

	w->token_n--;
	w->ids[at] = id;
	w->next[at] = (uint16_t)next;
	w->prev[next] = (uint16_t)at;
	w->keys[gone] = NO_KEY;
	w->keys[prev] = key_at(w, v, prev);
	if (w->n <= BLOCK)
		return;
	if (gone / BLOCK != at / BLOCK)
		refresh(w, gone);
	if (prev / BLOCK != at / BLOCK)
		refresh(w, prev);
}

/* Merges the best pair; false when none is left. */
static inline bool window_step(struct window *w, const struct vocab *v)
{
	int32_t best = best_key(w);
	size_t at = (size_t)best & (CAP_MAX - 1), follower;

	if (best >= NO_KEY)
		return false;
	merge_node(w, v, at, (uint32_t)best >> PLACE_BITS);
	/* In runs of one character the pair behind it is the next one. (A pair that has come into
	 * being now has a higher rank, see vocab.h.) */
	while (w->keys[follower = w->next[at]] >> PLACE_BITS == best >> PLACE_BITS) {
		at = follower;
		merge_node(w, v, at, (uint32_t)best >> PLACE_BITS);
	}
	w->keys[at] = key_at(w, v, at);
	if (w->n > BLOCK)
		refresh(w, at);
	return true;
}

static void window_merge(struct window *w, const struct vocab *v, str text)
{
	window_fill(w, v, text);
	while (window_step(w, v))
		;
}

/* Hands over the ids of the tokens that begin before byte end; ids may be NULL. Returns how many,
 * *cut is where the last one ends. */
static size_t window_take(const struct window *w, size_t end, uint32_t *ids, size_t *cut)
{
	size_t n = 0, at = 1;

	for (; at <= end; at = w->next[at], n++) {
		if (ids)
			ids[n] = w->ids[at];
	}
	*cut = at - 1;
	return n;
}

/* ---- long pieces ----------------------------------------------------------------------------- */

enum { WINDOW_N = 1024 };

/* Memory of a window. */
#define WINDOW_ROOM(cap)                                                 \
	struct {                                                         \
		int32_t keys[cap];                                       \
		int32_t mins[(cap / BLOCK + BLOCK - 1) / BLOCK * BLOCK]; \
		uint32_t ids[cap];                                       \
		uint16_t prev[cap], next[cap];                           \
	}
#define WINDOW_IN(room, cap_)                                                   \
	{                                                                       \
		.keys = (room)->keys, .mins = (room)->mins, .ids = (room)->ids, \
		.prev = (room)->prev, .next = (room)->next, .cap = cap_         \
	}

typedef WINDOW_ROOM(WINDOW_N) small_room;
typedef WINDOW_ROOM(CAP_MAX) large_room;

struct windows {
	struct window here, next;
	large_room *large; /* [2], what they are made of once they are large; mem_free */
};

static bool windows_grow(struct windows *w)
{
	if (w->large || !(w->large = mem_alloc(2 * sizeof *w->large)))
		return false;
	w->here = (struct window)WINDOW_IN(&w->large[0], CAP_MAX);
	w->next = (struct window)WINDOW_IN(&w->large[1], CAP_MAX);
	return true;
}

/* Merges window by window. What makes that exact: tokens are the encoding of their bytes if and
 * only if each two neighbours are the encoding of theirs. For merges within a token never look
 * across its borders, so all of it happens as if the rest were not there, unless at some moment a
 * pair across a border is the best one; and that pair would be the best one in the two tokens by
 * themselves as well.
 *
 * So where the encodings of two windows that overlap have one token in common, the first up to this
 * token and the second from it on are the encoding of both. The second window begins at a token
 * near the end of the first, and only if it begins with another token are both made larger. (For
 * that the end of a window has to matter at a quarter of it before the end, which is two of the
 * longest tokens away: not seen in any text.) */
static size_t merge_long(
	struct windows *w, const struct vocab *v, str piece, size_t limit, uint32_t *ids)
{
	size_t n = 0, cut;

	window_merge(&w->here, v, piece);
	while (piece.n > w->here.cap - 2 && n <= limit) {
		struct window spare = w->here;
		size_t keep = window_take(&w->here, w->here.cap - w->here.cap / 4, ids, &cut);

		window_merge(&w->next, v, str_sub(piece, cut, piece.n));
		if (w->next.ids[1] != w->here.ids[cut + 1] && windows_grow(w)) {
			window_merge(&w->here, v, piece);
			continue;
		}
		n += keep;
		ids = ids ? ids + keep : NULL;
		piece = str_sub(piece, cut, piece.n);
		w->here = w->next;
		w->next = spare;
	}
	if (!ids)
		return n + w->here.token_n;
	return n + window_take(&w->here, w->here.n - 2, ids, &cut);
}

size_t merge_piece(const struct vocab *v, str piece, size_t limit, uint32_t *ids)
{
	small_room room[2];
	struct windows w = {WINDOW_IN(&room[0], WINDOW_N), WINDOW_IN(&room[1], WINDOW_N), NULL};
	size_t n = merge_long(&w, v, piece, limit, ids);

	mem_free(w.large);
	return n;
}

/* ---- many short pieces ----------------------------------------------------------------------- */

enum { SHORT_N = MERGE_SHORT_MAX + 2 };
typedef WINDOW_ROOM(SHORT_N) short_room;

/* Each step of a piece waits for the one before it, so that some pieces are merged abreast. */
void merge_short_pieces(const struct vocab *v, const str *pieces, size_t n, size_t *counts)
{
	enum { ABREAST = 4 };
	short_room room[ABREAST];
	struct {
		struct window w;
		size_t piece;
	} run[ABREAST];
	size_t started = 0, running = 0;

	for (; running < ABREAST && started < n; running++) {
		run[running].w = (struct window)WINDOW_IN(&room[running], SHORT_N);
		run[running].piece = started;
		window_fill(&run[running].w, v, pieces[started++]);
	}
	while (running > 0) {
		for (size_t i = 0; i < running; i++) {
			if (window_step(&run[i].w, v))
				continue;
			counts[run[i].piece] = run[i].w.token_n;
			if (started < n) {
				run[i].piece = started;
				window_fill(&run[i].w, v, pieces[started++]);
			} else {
				run[i] = run[--running];
			}
		}
	}
}
