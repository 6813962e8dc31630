#include "core/token/merge.h"

#include "core/base/mem.h"

/* A pair and its rank are one number below 2^31, its key: the place, of 13 bits, is the lower part, so that the
 * lowest key is the pair to merge next: the lowest rank, and of equal ones the leftmost. */
enum { PLACE_BITS = 13, CAP_MAX = 1 << PLACE_BITS, NO_KEY = INT32_MAX };
/* The lowest of each BLOCK keys is kept; in texts up to DIRECT_N bytes it is as fast to look at all keys. */
enum { BLOCK = 32, DIRECT_N = 128 };

/* A text as a list of nodes, first of its bytes, then of what they have merged into. A node is named by the place
 * of its first byte. */
struct window {
	int32_t *
		keys; /* [cap] of a node and the next; NO_KEY: they do not merge, or no node is here */
	int32_t *mins;  /* [cap / BLOCK] */
	uint32_t *ids;  /* [cap] */
	uint16_t *prev; /* [cap] */
	uint16_t *next; /* [cap] */
	size_t cap;     /* a multiple of BLOCK */
	size_t n;       /* bytes of the text */
	size_t token_n; /* nodes that are left */
};

enum { LANE_N = 4 };
typedef int32_t lane __attribute__((vector_size(4 * LANE_N)));

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
	lane c = lane_min(lane_at(keys, 4), lane_at(keys, 5));
	lane d = lane_min(lane_at(keys, 6), lane_at(keys, 7));

	a = lane_min(lane_min(a, b), lane_min(c, d));
	a = lane_min(a, __builtin_shufflevector(a, a, 2, 3, 0, 1));
	a = lane_min(a, __builtin_shufflevector(a, a, 1, 0, 3, 2));
	return a[0];
}

/* Writes a whole lane, since reading a lane just after a part of it was written makes the processor wait. */
static inline void put(int32_t *keys, size_t at, int32_t key)
{
	const lane places = {0, 1, 2, 3};
	lane x, is_it = places == (int32_t)(at % LANE_N);

	memcpy(&x, keys + at / LANE_N * LANE_N, sizeof x);
	x = (x & ~is_it) | (key & is_it);
	memcpy(keys + at / LANE_N * LANE_N, &x, sizeof x);
}

static inline int32_t key_at(const struct window *w, const struct vocab *v, size_t at)
{
	size_t next = w->next[at];
	uint32_t rank = next < w->n ? vocab_merge(v, w->ids[at], w->ids[next]) : VOCAB_NONE;

	return rank == VOCAB_NONE ? NO_KEY : (int32_t)(rank << PLACE_BITS | at);
}

static inline int32_t lowest_of(const int32_t *keys, size_t n)
{
	int32_t best = lowest(keys);

	for (size_t i = BLOCK; i < n; i += BLOCK) {
		int32_t low = lowest(keys + i);

		best = low < best ? low : best;
	}
	return best;
}

static inline void refresh(struct window *w, size_t at)
{
	if (w->n > DIRECT_N)
		put(w->mins, at / BLOCK, lowest(w->keys + at / BLOCK * BLOCK));
}

static inline int32_t best_key(const struct window *w)
{
	if (w->n <= DIRECT_N)
		return lowest_of(w->keys, w->n);
	return lowest_of(w->mins, (w->n + BLOCK - 1) / BLOCK);
}

static void window_fill(struct window *w, const struct vocab *v, str text)
{
	size_t n = text.n < w->cap ? text.n : w->cap, i;

	w->n = w->token_n = n;
	for (i = 0; i < n; i++) {
		w->ids[i] = v->byte_ids[(unsigned char)text.p[i]];
		w->prev[i] = (uint16_t)(i - 1);
		w->next[i] = (uint16_t)(i + 1);
	}
	for (i = 0; i < n; i++)
		w->keys[i] = key_at(w, v, i);
	for (; i % BLOCK; i++)
		w->keys[i] = NO_KEY;
	if (n <= DIRECT_N)
		return;
	for (i = 0; i * BLOCK < n; i++)
		w->mins[i] = lowest(w->keys + i * BLOCK);
	for (; i % BLOCK; i++)
		w->mins[i] = NO_KEY;
}

/* Merges the node with the next one; all keys are right afterwards, but for its own. */
static inline void merge_node(struct window *w, const struct vocab *v, size_t at, uint32_t id)
{
	size_t gone = w->next[at], next = w->next[gone], prev = w->prev[at];

	w->token_n--;
	w->ids[at] = id;
	w->next[at] = (uint16_t)next;
	if (next < w->n)
		w->prev[next] = (uint16_t)at;
	put(w->keys, gone, NO_KEY);
	refresh(w, gone);
	if (at > 0) {
		put(w->keys, prev, key_at(w, v, prev));
		refresh(w, prev);
	}
}

static void window_merge(struct window *w, const struct vocab *v, str text)
{
	int32_t best;

	window_fill(w, v, text);
	while ((best = best_key(w)) != NO_KEY) {
		size_t at = (size_t)best & (CAP_MAX - 1), follower;

		merge_node(w, v, at, (uint32_t)best >> PLACE_BITS);
		/* In runs of one character the pair behind it is the next one. (A pair that has come into being now has
		 * a higher rank, see vocab.h.) */
		while ((follower = w->next[at]) < w->n &&
			w->keys[follower] >> PLACE_BITS == best >> PLACE_BITS) {
			at = follower;
			merge_node(w, v, at, (uint32_t)best >> PLACE_BITS);
		}
		put(w->keys, at, key_at(w, v, at));
		refresh(w, at);
	}
}

/* Hands over the ids of the tokens that begin before end; ids may be NULL. Returns how many, *cut is where the last
 * one ends. */
static size_t window_take(const struct window *w, size_t end, uint32_t *ids, size_t *cut)
{
	size_t n = 0, at = 0;

	for (; at < end; at = w->next[at], n++) {
		if (ids)
			ids[n] = w->ids[at];
	}
	*cut = at;
	return n;
}

/* ---- long pieces ------------------------------------------------------------------------------------ */

enum { WINDOW_N = 1024 };

/* Memory of a window. */
#define WINDOW_ROOM(cap)                       \
	struct {                               \
		int32_t keys[cap];             \
		int32_t mins[cap / BLOCK];     \
		uint32_t ids[cap];             \
		uint16_t prev[cap], next[cap]; \
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

/* Merges window by window. What makes that exact: tokens are the encoding of their bytes if and only if each two
 * neighbours are the encoding of theirs. For merges within a token never look across its borders, so all of it
 * happens as if the rest were not there, unless at some moment a pair across a border is the best one; and that
 * pair would be the best one in the two tokens by themselves as well.
 *
 * So where the encodings of two windows that overlap have one token in common, the first up to this token and the
 * second from it on are the encoding of both. The second window begins at a token near the end of the first, and
 * only if it begins with another token are both made larger. (For that the end of a window has to matter at a
 * quarter of it before the end, which is two of the longest tokens away: not seen in any text.) */
static size_t merge_long(
	struct windows *w, const struct vocab *v, str piece, size_t limit, uint32_t *ids)
{
	size_t n = 0, cut;

	window_merge(&w->here, v, piece);
	while (piece.n > w->here.cap && n <= limit) {
		struct window spare = w->here;
		size_t keep = window_take(&w->here, w->here.cap - w->here.cap / 4, ids, &cut);

		window_merge(&w->next, v, str_sub(piece, cut, piece.n));
		if (w->next.ids[0] != w->here.ids[cut] && windows_grow(w)) {
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
	return n + window_take(&w->here, w->here.n, ids, &cut);
}

size_t merge_piece(const struct vocab *v, str piece, size_t limit, uint32_t *ids)
{
	small_room room[2];
	struct windows w = {WINDOW_IN(&room[0], WINDOW_N), WINDOW_IN(&room[1], WINDOW_N), NULL};
	size_t n = merge_long(&w, v, piece, limit, ids);

	mem_free(w.large);
	return n;
}
