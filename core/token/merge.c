#include "core/token/merge.h"

#include "core/base/mem.h"

/* No list of pairs is kept and nothing is merged. Instead tokens are guessed from left to right, the longest
 * first, and checked. What makes that exact:
 *
 * Tokens are the encoding of their bytes if and only if each two neighbours are the encoding of theirs. For
 * merges within a token never look across its borders, so all of it happens as if the rest were not there, unless
 * at some moment a pair across a border is the best one; and that pair would be the best one in the two tokens
 * by themselves as well.
 *
 * So there is exactly one way through a text in which each step fits the one before it, and looking for it with
 * backtracking finds it. A place where no token fits is never visited again, hence each place is left at most
 * once for each token that begins there. */

/* Whether left and right stay as they are when their bytes are encoded together. Undoes their merges, the last
 * one first, and looks at each stage whether the two parts at the border would merge before what was undone.
 * Ids are ranks, so the last merge is the one into the higher id; the left of two equal ones came first. */
static bool is_stable(const struct vocab *v, uint32_t left, uint32_t right)
{
	uint32_t limit = VOCAB_NONE; /* a merge into a lower id comes first */

	for (;;) {
		if (vocab_merge(v, left, right) < limit)
			return false;
		if (left < VOCAB_BYTE_N && right < VOCAB_BYTE_N)
			return true;
		if (left > right) {
			limit = left;
			left = v->children[left][1];
		} else {
			limit = right + 1;
			right = v->children[right][0];
		}
	}
}

/* A text and its tokens. */
struct window {
	char *text;       /* [cap + VOCAB_PAD] */
	uint32_t *tokens; /* [cap] */
	uint64_t *dead;   /* bits of [cap + 1]: places from where no tokens lead to the end */
	size_t cap, token_n;
};

static void window_encode(struct window *w, const struct vocab *v, str text)
{
	size_t n = text.n < w->cap ? text.n : w->cap, at = 0;
	uint32_t token;

	memcpy(w->text, text.p, n);
	memset(w->text + n, 0, VOCAB_PAD);
	memset(w->dead, 0, (n / 64 + 1) * sizeof *w->dead);
	w->token_n = 0;
	token = vocab_longest(v, w->text, n);
	while (at < n) {
		size_t length = vocab_length(v, token), end = at + length;
		bool is_dead = w->dead[end / 64] >> end % 64 & 1;

		if (!is_dead &&
			(w->token_n == 0 || is_stable(v, w->tokens[w->token_n - 1], token))) {
			w->tokens[w->token_n++] = token;
			at = end;
			if (at < n)
				token = vocab_longest(v, w->text + at, n - at);
		} else if (length > 1) {
			token = vocab_longest(v, w->text + at, length - 1);
		} else {
			w->dead[at / 64] |= UINT64_C(1) << at % 64;
			token = w->tokens[--w->token_n];
			at -= vocab_length(v, token);
		}
	}
}

/* ---- long pieces ------------------------------------------------------------------------------------ */

enum { WINDOW_N = 512 };

static size_t window_bytes(size_t cap)
{
	return (cap / 64 + 1) * sizeof(uint64_t) + cap * sizeof(uint32_t) + cap + VOCAB_PAD;
}

static struct window window_at(void *memory, size_t cap)
{
	struct window w = {.cap = cap, .dead = memory};

	w.tokens = (void *)(w.dead + cap / 64 + 1);
	w.text = (void *)(w.tokens + cap);
	return w;
}

struct windows {
	struct window here, next;
	void *heap; /* what they are made of, once they have grown; mem_free */
};

static bool windows_grow(struct windows *w)
{
	size_t cap = 2 * w->here.cap, half = (window_bytes(cap) + 7) & ~(size_t)7;
	char *p = mem_alloc(2 * half);

	if (!p)
		return false;
	mem_free(w->heap);
	w->heap = p;
	w->here = window_at(p, cap);
	w->next = window_at(p + half, cap);
	return true;
}

static uint32_t *put_ids(const struct window *w, size_t n, uint32_t *ids)
{
	if (!ids)
		return NULL;
	memcpy(ids, w->tokens, n * sizeof *ids);
	return ids + n;
}

/* Encodes window by window. Where the encodings of two windows that overlap have one token in common, the first up
 * to this token and the second from it on are the encoding of both, by what is said above. The second window
 * begins at a token in the middle of the first; only if it begins with another token (the end of a window has to
 * matter half a window before it: not seen in any text) are both made larger. */
static size_t merge_long(
	struct windows *w, const struct vocab *v, str piece, size_t limit, uint32_t *ids)
{
	size_t n = 0;

	window_encode(&w->here, v, piece);
	while (piece.n > w->here.cap && n <= limit) {
		struct window spare = w->here;
		size_t keep = 0, cut = 0;

		while (cut < w->here.cap / 2)
			cut += vocab_length(v, w->here.tokens[keep++]);
		window_encode(&w->next, v, str_sub(piece, cut, piece.n));
		if (w->next.tokens[0] != w->here.tokens[keep] && windows_grow(w)) {
			window_encode(&w->here, v, piece);
			continue;
		}
		ids = put_ids(&w->here, keep, ids);
		n += keep;
		piece = str_sub(piece, cut, piece.n);
		w->here = w->next;
		w->next = spare;
	}
	(void)put_ids(&w->here, w->here.token_n, ids);
	return n + w->here.token_n;
}

size_t merge_piece(const struct vocab *v, str piece, size_t limit, uint32_t *ids)
{
	struct {
		uint64_t dead[WINDOW_N / 64 + 1];
		uint32_t tokens[WINDOW_N];
		char text[WINDOW_N + VOCAB_PAD];
	} room[2];
	struct windows w = {
		.here = {room[0].text, room[0].tokens, room[0].dead, WINDOW_N, 0},
		.next = {room[1].text, room[1].tokens, room[1].dead, WINDOW_N, 0},
	};
	size_t n = merge_long(&w, v, piece, limit, ids);

	mem_free(w.heap);
	return n;
}
