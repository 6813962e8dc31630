#include "core/token/token.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/token/merge.h"
#include "core/token/split.h"
#include "core/token/vocab.h"

/* ---- the cache -------------------------------------------------------------------------------------- */

/* Direct-mapped by the hash of a piece. An entry is the piece itself, so that a hit is never wrong: up to 15
 * bytes, and in the last one its length and its number of tokens. All zeros: free. */
enum { CACHE_BITS = 14, CACHED_MAX = 15 };

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

/* ---- counting --------------------------------------------------------------------------------------- */

struct counter {
	struct vocab v;
	struct entry *entries; /* NULL: no cache */
};

static struct counter counter_make(enum token_encoding e, struct token_cache *cache)
{
	return (struct counter){vocab_get(e), cache ? cache->entries[e] : NULL};
}

static size_t count_uncached(const struct vocab *v, const char *p, size_t n)
{
	if (vocab_find(v, p, n) != VOCAB_NONE)
		return 1;
	return merge_piece(v, (str){p, n}, SIZE_MAX, NULL);
}

/* A piece of at most CACHED_MAX bytes that is not a short token; 16 bytes from p on are readable. */
static size_t count_cached(const struct counter *c, const char *p, size_t n)
{
	const int count_shift = 56, n_shift = 60;
	struct entry key = {vocab_word(p), 0}, *entry;
	uint64_t seen;
	size_t count;

	if (n > 8)
		key.hi = vocab_word_n(vocab_word(p + 8), n - 8);
	else
		key.lo = vocab_word_n(key.lo, n);
	key.hi |= (uint64_t)n << n_shift;
	entry = &c->entries[vocab_hash_step(vocab_hash_step(VOCAB_HASH_SEED, key.lo), key.hi) >>
			    (64 - CACHE_BITS)];
	seen = entry->hi & UINT64_C(0x0f) << count_shift;
	if (entry->lo == key.lo && (entry->hi ^ seen) == key.hi)
		return seen >> count_shift;
	count = count_uncached(&c->v, p, n);
	*entry = (struct entry){key.lo, key.hi | (uint64_t)count << count_shift};
	return count;
}

/* readable_n: how many bytes are readable from piece.p on. */
static inline size_t count_piece(
	const struct counter *c, str piece, size_t readable_n, size_t limit)
{
	char room[VOCAB_TOKEN_MAX + 16];

	if (piece.n > VOCAB_TOKEN_MAX)
		return merge_piece(&c->v, piece, limit, NULL);
	if (UNLIKELY(readable_n < piece.n + 16)) {
		memcpy(room, piece.p, piece.n);
		memset(room + piece.n, 0, 16);
		piece.p = room;
	}
	if (piece.n <= VOCAB_SHORT_MAX && vocab_has_short(&c->v, vocab_short_key(piece.p, piece.n)))
		return 1;
	if (piece.n <= CACHED_MAX && c->entries)
		return count_cached(c, piece.p, piece.n);
	return count_uncached(&c->v, piece.p, piece.n);
}

enum { BATCH_N = 256 };

/* Any number above limit once there are more tokens than that. */
static size_t count_valid(const struct counter *c, enum token_encoding e, str text, size_t limit)
{
	const char *ends[BATCH_N], *p = text.p, *end = p + text.n;
	size_t n = 0, ends_n;

	while (n <= limit &&
		(ends_n = split_pieces(e, (str){p, (size_t)(end - p)}, ends, BATCH_N))) {
		for (size_t i = 0; i < ends_n; p = ends[i++])
			n += count_piece(
				c, (str){p, (size_t)(ends[i] - p)}, (size_t)(end - p), limit);
	}
	return n;
}

/* The longest part of s from its start, about max bytes, that may be counted by itself; all of s when no cut
 * is safe. */
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
static size_t count_invalid(const struct counter *c, enum token_encoding e, str text, size_t limit)
{
	enum { PART_N = 1024 };
	char room[3 * PART_N];
	size_t n = 0;

	while (text.n > 0 && n <= limit) {
		str part = sure_part(text, PART_N);
		char *big = part.n > PART_N ? mem_alloc(3 * part.n) : NULL;
		char *valid = big ? big : room;

		if (!big && part.n > PART_N)
			part = str_sub(part, 0, PART_N); /* short of memory: cut inside a piece */
		n += count_valid(c, e, (str){valid, utf8_sanitize(part, valid)}, limit - n);
		mem_free(big);
		text = str_sub(text, part.n, text.n);
	}
	return n;
}

size_t token_count_upto(enum token_encoding e, str text, size_t limit, struct token_cache *cache)
{
	struct counter c = counter_make(e, cache);
	size_t n = utf8_valid_n(text) == text.n ? count_valid(&c, e, text, limit)
						: count_invalid(&c, e, text, limit);

	return n > limit ? limit + 1 : n;
}

size_t token_count(enum token_encoding e, str text, struct token_cache *cache)
{
	return token_count_upto(e, text, SIZE_MAX - 1, cache);
}

/* ---- counting again after an edit -------------------------------------------------------------------- */

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

/* ---- ids -------------------------------------------------------------------------------------------- */

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
