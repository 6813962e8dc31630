#include "core/token/token.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/token/merge.h"
#include "core/token/split.h"
#include "core/token/vocab.h"

/* ---- the cache ------------------------------------------------------------------------------- */

/* Direct-mapped by the hash of a piece. An entry is the piece itself, so that a hit is never wrong:
 * up to 15 bytes, and in the last one its length (upper half) and its number of tokens. All zeros:
 * free. */
enum { CACHE_BITS = 14, CACHED_MAX = 15, LENGTH_SHIFT = 60, COUNT_SHIFT = 56 };
#define COUNT_MASK (UINT64_C(0x0f) << COUNT_SHIFT)

struct entry {
	uint64_t lo, hi;
};

struct token_cache {
	struct entry entries[TOKEN_ENCODING_N][1 << CACHE_BITS];
};

struct token_cache *token_cache_new(void)
{
	return mem_zalloc(sizeof(struct token_cache));
}

void token_cache_free(struct token_cache *c)
{
	mem_free(c);
}

/* A piece of at most CACHED_MAX bytes, of which 16 are readable, without its count. */
static inline struct entry entry_key(const char *p, size_t n)
{
	uint64_t length = (uint64_t)n << LENGTH_SHIFT;

	if (n <= 8)
		return (struct entry){vocab_word_n(vocab_word(p), n), length};
	return (struct entry){vocab_word(p), vocab_word_n(vocab_word(p + 8), n - 8) | length};
}

static inline struct entry *entry_at(struct entry *entries, struct entry key)
{
	uint64_t hash = vocab_hash_step(vocab_hash_step(VOCAB_HASH_SEED, key.lo), key.hi);

	return &entries[hash >> (64 - CACHE_BITS)];
}

/* The count of a piece, 0 when it is not there. */
static inline size_t cache_find(struct entry *entries, struct entry key)
{
	struct entry seen = *entry_at(entries, key);
	bool is_it = seen.lo == key.lo && (seen.hi & ~COUNT_MASK) == key.hi;

	return is_it ? (seen.hi & COUNT_MASK) >> COUNT_SHIFT : 0;
}

static void cache_put(struct entry *entries, struct entry key, size_t count)
{
	*entry_at(entries, key) = (struct entry){key.lo, key.hi | (uint64_t)count << COUNT_SHIFT};
}

/* ---- counting -------------------------------------------------------------------------------- */

/* Pieces that have to be merged wait until there are some, since some together take less time. */
enum { WAITING_N = 16 };

struct counter {
	struct vocab v;
	enum token_encoding encoding;
	struct entry *entries; /* of the cache; NULL: none */
	size_t n;              /* tokens so far, of pieces that do not wait */
	size_t waiting_n;
	str waiting[WAITING_N];
	struct entry keys[WAITING_N]; /* all zeros: not to be cached */
};

static void count_waiting(struct counter *c)
{
	size_t counts[WAITING_N];

	merge_short_pieces(&c->v, c->waiting, c->waiting_n, counts);
	for (size_t i = 0; i < c->waiting_n; i++) {
		c->n += counts[i];
		if (c->keys[i].hi)
			cache_put(c->entries, c->keys[i], counts[i]);
	}
	c->waiting_n = 0;
}

static void count_later(struct counter *c, str piece, struct entry key)
{
	c->waiting[c->waiting_n] = piece;
	c->keys[c->waiting_n++] = key;
	if (c->waiting_n == WAITING_N)
		count_waiting(c);
}

/* A piece that is no short token. p: its bytes with 16 readable. */
static inline void count_other(struct counter *c, str piece, const char *p, size_t limit)
{
	struct entry key = {0, 0};
	size_t seen;

	if (piece.n <= CACHED_MAX && c->entries) {
		key = entry_key(p, piece.n);
		seen = cache_find(c->entries, key);
		if (seen) {
			c->n += seen;
			return;
		}
	}
	if (piece.n > VOCAB_SHORT_MAX && vocab_find_long(&c->v, p, piece.n) != VOCAB_NONE)
		c->n++;
	else if (piece.n <= MERGE_SHORT_MAX)
		count_later(c, piece, key);
	else
		c->n += merge_piece(&c->v, piece, limit, NULL);
}

/* A piece near the end of a text: what is behind it cannot be read. */
static void count_last(struct counter *c, str piece, size_t limit)
{
	char room[VOCAB_TOKEN_MAX + 16];

	if (piece.n > VOCAB_TOKEN_MAX) {
		c->n += merge_piece(&c->v, piece, limit, NULL);
		return;
	}
	memcpy(room, piece.p, piece.n);
	memset(room + piece.n, 0, 16);
	if (piece.n <= VOCAB_SHORT_MAX && vocab_has_short(&c->v, vocab_short_key(room, piece.n)))
		c->n++;
	else
		count_other(c, piece, room, limit);
}

enum { BATCH_N = 256 };

/* The pieces of a batch. Each look into a table of a megabyte waits for memory, so all places are asked for before the
 * first is used. */
struct batch {
	const char *at[BATCH_N + 1]; /* piece i: from at[i] to at[i + 1] */
	size_t n;
	uint64_t keys[BATCH_N], hashes[BATCH_N]; /* of those that may be short tokens */
	uint16_t shorts[BATCH_N], others[BATCH_N];
	size_t shorts_n, others_n;
};

static inline str batch_piece(const struct batch *b, size_t i)
{
	return (str){b->at[i], (size_t)(b->at[i + 1] - b->at[i])};
}

/* Sorts the pieces by length; counts those with too little text behind them. */
static void sort_batch(struct counter *c, struct batch *b, const char *end, size_t limit)
{
	size_t i = 0;

	b->shorts_n = b->others_n = 0;
	for (; i < b->n && end - b->at[i + 1] >= 16; i++) {
		size_t n = (size_t)(b->at[i + 1] - b->at[i]);
		bool is_short = n <= VOCAB_SHORT_MAX;

		/* Both places are written and one is kept: which one is hard to predict. */
		b->keys[b->shorts_n] = vocab_short_key(b->at[i], is_short ? n : VOCAB_SHORT_MAX);
		b->shorts[b->shorts_n] = b->others[b->others_n] = (uint16_t)i;
		b->shorts_n += is_short;
		b->others_n += !is_short;
	}
	for (; i < b->n; i++)
		count_last(c, batch_piece(b, i), limit);
}

static void count_batch(struct counter *c, struct batch *b, size_t limit)
{
	const struct vocab_table *t = &c->v.shorts;
	const uint64_t *slots = t->slots;

	for (size_t i = 0; i < b->shorts_n; i++) {
		b->hashes[i] = vocab_hash_step(VOCAB_HASH_SEED, b->keys[i]);
		__builtin_prefetch(t->pilots + (b->hashes[i] & t->pilot_mask));
	}
	for (size_t i = 0; i < b->shorts_n; i++) {
		b->hashes[i] = vocab_slot(t, b->hashes[i]);
		__builtin_prefetch(slots + b->hashes[i]);
	}
	for (size_t i = 0; i < b->shorts_n; i++) {
		bool is_token = slots[b->hashes[i]] == b->keys[i];

		c->n += is_token;
		b->others[b->others_n] = b->shorts[i];
		b->others_n += !is_token;
	}
	for (size_t i = 0; i < b->others_n; i++) {
		str piece = batch_piece(b, b->others[i]);

		if (piece.n > VOCAB_TOKEN_MAX)
			c->n += merge_piece(&c->v, piece, limit, NULL);
		else
			count_other(c, piece, piece.p, limit);
	}
}

/* Adds the tokens of text; stops soon after there are more than limit. */
static void count_valid(struct counter *c, str text, size_t limit)
{
	const char *end = text.n ? text.p + text.n : text.p;
	struct batch b;

	b.at[0] = text.p;
	while (c->n <= limit &&
		(b.n = split_pieces(c->encoding, (str){b.at[0], (size_t)(end - b.at[0])}, b.at + 1,
			 BATCH_N))) {
		sort_batch(c, &b, end, limit);
		count_batch(c, &b, limit);
		b.at[0] = b.at[b.n];
	}
	count_waiting(c);
}

/* The longest part of s from its start, about max bytes, that may be counted by itself; all of s
 * when no cut is safe. */
static str sure_part(str s, size_t max)
{
	for (size_t i = s.n < max ? s.n : max; i > 1 && i < s.n; i--) {
		if (split_is_sure(s.p[i - 1], s.p[i]))
			return str_sub(s, 0, i);
	}
	for (size_t i = max; i < s.n; i++) {
		if (split_is_sure(s.p[i - 1], s.p[i]))
			return str_sub(s, 0, i);
	}
	return s;
}

/* Text with invalid UTF-8, made valid part by part. */
static void count_invalid(struct counter *c, str text, size_t limit)
{
	enum { PART_N = 1024 };
	char room[3 * PART_N];

	while (text.n > 0 && c->n <= limit) {
		str part = sure_part(text, PART_N);
		char *big = NULL, *valid = room;

		if (part.n > PART_N) {
			big = mem_alloc(3 * part.n);
			if (big)
				valid = big;
			else /* cut inside a piece */
				part = str_sub(part, 0, PART_N);
		}
		count_valid(c, (str){valid, utf8_sanitize(part, valid)}, limit);
		mem_free(big);
		text = str_sub(text, part.n, text.n);
	}
}

size_t token_count_upto(enum token_encoding e, str text, size_t limit, struct token_cache *cache)
{
	struct counter c;

	c.v = vocab_get(e);
	c.encoding = e;
	c.entries = cache ? cache->entries[e] : NULL;
	c.n = c.waiting_n = 0;
	if (utf8_valid_n(text) == text.n)
		count_valid(&c, text, limit);
	else
		count_invalid(&c, text, limit);
	return c.n > limit ? limit + 1 : c.n;
}

size_t token_count(enum token_encoding e, str text, struct token_cache *cache)
{
	return token_count_upto(e, text, SIZE_MAX - 1, cache);
}

/* ---- counting again after an edit ------------------------------------------------------------ */

static size_t count_joined(enum token_encoding e, const str parts[3], struct token_cache *cache)
{
	char room[4096], *joined = room, *at;
	size_t n = parts[0].n + parts[1].n + parts[2].n, count = 0;

	if (n > sizeof room && !(joined = mem_alloc(n))) {
		for (int i = 0; i < 3; i++)
			count += token_count(e, parts[i], cache);
		return count;
	}
	at = joined;
	for (int i = 0; i < 3; i++) {
		if (parts[i].n)
			memcpy(at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	count = token_count(e, (str){joined, n}, cache);
	if (joined != room)
		mem_free(joined);
	return count;
}

/* What lies between two sure ends of pieces around the edit is counted, as it was and as it is. */
size_t token_recount(enum token_encoding e, str old, size_t old_count, struct span at, str text,
	struct token_cache *cache)
{
	size_t start = at.start, end = at.end;

	/* Both bytes that make an end sure have to be outside of the edit. */
	start -= start > 0;
	while (start > 0 && !split_is_sure(old.p[start - 1], old.p[start]))
		start--;
	end += end < old.n;
	while (end < old.n && !split_is_sure(old.p[end - 1], old.p[end]))
		end++;
	return old_count - token_count(e, str_sub(old, start, end), cache) +
	       count_joined(e,
		       (str[]){str_sub(old, start, at.start), text, str_sub(old, at.end, end)},
		       cache);
}

/* ---- ids ------------------------------------------------------------------------------------- */

static uint32_t find_piece(const struct vocab *v, str piece)
{
	char room[VOCAB_TOKEN_MAX + VOCAB_PAD] = {0};

	if (piece.n > VOCAB_TOKEN_MAX)
		return VOCAB_NONE;
	memcpy(room, piece.p, piece.n);
	return vocab_find(v, room, piece.n);
}

uint32_t *token_encode(enum token_encoding e, str text, struct arena *a, size_t *n)
{
	struct vocab v = vocab_get(e);
	uint32_t *ids, *at;
	const char *ends[BATCH_N];
	size_t ends_n;

	if (utf8_valid_n(text) < text.n) {
		char *valid = arena_calloc(a, text.n, 3, 1);

		text = (str){valid, utf8_sanitize(text, valid)};
	}
	ids = at = arena_array(a, uint32_t, token_count(e, text, NULL));
	while ((ends_n = split_pieces(e, text, ends, BATCH_N))) {
		for (size_t i = 0; i < ends_n; i++) {
			str piece = str_sub(text, 0, (size_t)(ends[i] - text.p));
			uint32_t id = find_piece(&v, piece);

			if (id != VOCAB_NONE)
				*at++ = id;
			else
				at += merge_piece(&v, piece, SIZE_MAX, at);
			text = str_sub(text, piece.n, text.n);
		}
	}
	*n = (size_t)(at - ids);
	return ids;
}

str token_bytes(enum token_encoding e, uint32_t id)
{
	struct vocab v = vocab_get(e);

	return id < v.id_n ? vocab_bytes(&v, id) : STR_NULL;
}

uint32_t token_id_n(enum token_encoding e)
{
	return vocab_get(e).id_n;
}
