#include "core/token/token.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/token/lines.h"
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

/* Pieces are counted in batches; split_pieces() may leave the last fifth of one empty. */
enum { BATCH_N = 320 };

struct counter {
	struct vocab v;
	enum token_encoding encoding;
	struct entry *entries; /* of the cache; NULL: none */
	size_t n;              /* tokens so far; pieces that wait are one each */
	size_t waiting_n;
	str waiting[WAITING_N];
	struct entry keys[WAITING_N]; /* all zeros: not to be cached */
	uint16_t places[WAITING_N];   /* in the batch */
	uint32_t more
		[BATCH_N]; /* tokens of the batch's pieces beyond one; what was there before for those that are one */
};

static void counter_init(struct counter *c, enum token_encoding e, struct token_cache *cache)
{
	c->v = vocab_get(e);
	c->encoding = e;
	c->entries = cache ? cache->entries[e] : NULL;
	c->n = c->waiting_n = 0;
}

/* The piece at that place of the batch, which was taken for one token so far, has n. */
static inline void set_count(struct counter *c, size_t place, size_t n)
{
	c->n += n - 1;
	c->more[place] = (uint32_t)n - 1;
}

static void count_waiting(struct counter *c)
{
	size_t counts[WAITING_N];

	merge_short_pieces(&c->v, c->waiting, c->waiting_n, counts);
	for (size_t i = 0; i < c->waiting_n; i++) {
		set_count(c, c->places[i], counts[i]);
		if (c->keys[i].hi)
			cache_put(c->entries, c->keys[i], counts[i]);
	}
	c->waiting_n = 0;
}

static void count_later(struct counter *c, str piece, size_t place, struct entry key)
{
	c->waiting[c->waiting_n] = piece;
	c->places[c->waiting_n] = (uint16_t)place;
	c->keys[c->waiting_n++] = key;
	if (c->waiting_n == WAITING_N)
		count_waiting(c);
}

/* A piece that is no short token. p: its bytes with 16 readable. */
static inline void count_other(
	struct counter *c, str piece, size_t place, const char *p, size_t limit)
{
	struct entry key = {0, 0};
	size_t seen;

	if (piece.n <= CACHED_MAX && c->entries) {
		key = entry_key(p, piece.n);
		seen = cache_find(c->entries, key);
		if (seen) {
			set_count(c, place, seen);
			return;
		}
	}
	if (piece.n > VOCAB_SHORT_MAX && vocab_find_long(&c->v, p, piece.n) != VOCAB_NONE) {
		if (key.hi)
			cache_put(c->entries, key, 1);
		return;
	}
	if (piece.n <= MERGE_SHORT_MAX)
		count_later(c, piece, place, key);
	else
		set_count(c, place, merge_piece(&c->v, piece, limit, NULL));
}

/* A piece near the end of a text: what is behind it cannot be read. */
static void count_last(struct counter *c, str piece, size_t place, size_t limit)
{
	char room[VOCAB_TOKEN_MAX + 16];

	if (piece.n > VOCAB_TOKEN_MAX) {
		set_count(c, place, merge_piece(&c->v, piece, limit, NULL));
		return;
	}
	memcpy(room, piece.p, piece.n);
	memset(room + piece.n, 0, 16);
	if (piece.n > VOCAB_SHORT_MAX || !vocab_has_short(&c->v, vocab_short_key(room, piece.n)))
		count_other(c, piece, place, room, limit);
}

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

/* Sorts the pieces by length; counts those with too little to be read behind them, before end. All are taken for one token
 * first: bytes by themselves are, and most others. */
static void sort_batch(struct counter *c, struct batch *b, const char *end, size_t limit)
{
	const uint16_t *pilots = c->v.shorts.pilots;
	const uint32_t pilot_mask = c->v.shorts.pilot_mask;
	size_t readable = b->n, shorts_n = 0, others_n = 0;

	while (readable && end - b->at[readable] < 16)
		readable--;
	c->n += b->n;
	for (size_t i = 0; i < readable; i++) {
		size_t n = (size_t)(b->at[i + 1] - b->at[i]);
		bool is_other = n > VOCAB_SHORT_MAX;
		uint64_t key = vocab_short_key(b->at[i], is_other ? VOCAB_SHORT_MAX : n),
			 hash = vocab_hash_step(VOCAB_HASH_SEED, key);

		/* Both places are written and one is kept: which one is hard to predict. */
		b->keys[shorts_n] = key;
		b->hashes[shorts_n] = hash;
		__builtin_prefetch(pilots + (hash & pilot_mask));
		b->shorts[shorts_n] = b->others[others_n] = (uint16_t)i;
		shorts_n += n - 2 <= VOCAB_SHORT_MAX - 2;
		others_n += is_other;
	}
	b->shorts_n = shorts_n;
	b->others_n = others_n;
	for (size_t i = readable; i < b->n; i++)
		count_last(c, batch_piece(b, i), i, limit);
}

/* Adds to the others those that are no short tokens. */
static void look_up_shorts(const struct vocab_table *t, struct batch *b)
{
	const uint64_t *slots = t->slots;
	const size_t shorts_n = b->shorts_n;
	size_t others_n = b->others_n;

	for (size_t i = 0; i < shorts_n; i++) {
		b->hashes[i] = vocab_slot(t, b->hashes[i]);
		__builtin_prefetch(slots + b->hashes[i]);
	}
	for (size_t i = 0; i < shorts_n; i++) {
		b->others[others_n] = b->shorts[i];
		others_n += slots[b->hashes[i]] != b->keys[i];
	}
	b->others_n = others_n;
}

/* Asks memory for what the cache has of the others. */
static void expect_others(const struct counter *c, const struct batch *b)
{
	for (size_t i = 0; c->entries && i < b->others_n; i++) {
		str piece = batch_piece(b, b->others[i]);

		if (piece.n <= CACHED_MAX)
			__builtin_prefetch(entry_at(c->entries, entry_key(piece.p, piece.n)));
	}
}

static void count_batch(struct counter *c, struct batch *b, size_t limit)
{
	look_up_shorts(&c->v.shorts, b);
	expect_others(c, b);
	for (size_t i = 0; i < b->others_n; i++) {
		str piece = batch_piece(b, b->others[i]);

		if (piece.n > VOCAB_TOKEN_MAX)
			set_count(c, b->others[i], merge_piece(&c->v, piece, limit, NULL));
		else
			count_other(c, piece, b->others[i], piece.p, limit);
	}
}

/* Groups of lines whose counts are kept while their text is counted. */
struct keeper {
	const char *text;
	struct line_group *at, *end;
	size_t n; /* tokens of the one at so far */
};

/* Takes the pieces of a batch that are all counted. */
static void keep_batch(struct keeper *k, const struct counter *c, const struct batch *b)
{
	size_t i = 0, n = k->n;

	for (; k->at < k->end; k->at++) {
		const char *from = k->text + k->at->from, *to = k->text + k->at->to;

		while (i < b->n && b->at[i] < from)
			i++;
		for (; i < b->n && b->at[i] < to; i++)
			n += 1 + c->more[i];
		if (b->at[b->n] < to)
			break; /* the rest is in the next batch */
		k->at->count = n <= UINT16_MAX ? n & UINT16_MAX : 0;
		n = 0;
	}
	k->n = n;
}

/* Adds the tokens of text, with one for each piece that waits; stops soon after there are more than limit. readable: the
 * end of what may be read, at or behind that of the text. */
static void count_pieces(
	struct counter *c, str text, const char *readable, size_t limit, struct keeper *k)
{
	const char *end = text.n ? text.p + text.n : text.p;
	struct batch b;

	b.at[0] = text.p;
	while (c->n <= limit &&
		(b.n = split_pieces(c->encoding, (str){b.at[0], (size_t)(end - b.at[0])}, b.at + 1,
			 BATCH_N))) {
		if (k)
			memset(c->more, 0, b.n * sizeof *c->more);
		sort_batch(c, &b, readable, limit);
		count_batch(c, &b, limit);
		if (k) {
			count_waiting(c);
			keep_batch(k, c, &b);
		}
		b.at[0] = b.at[b.n];
	}
}

/* Adds the tokens of text; stops soon after there are more than limit. */
static void count_valid(struct counter *c, str text, size_t limit)
{
	count_pieces(c, text, text.n ? text.p + text.n : text.p, limit, NULL);
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

	counter_init(&c, e, cache);
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

size_t token_least(str text)
{
	return split_sure_n(text) + (text.n > 0);
}

/* Each byte is a token of its own at worst, and what is no UTF-8 counts as the three of U+FFFD. */
size_t token_most(str text)
{
	return utf8_valid_n(text) == text.n ? text.n : 3 * text.n;
}

/* ---- lines that were counted before -------------------------------------------------------------- */

/* Bytes of a text whose lines are not kept: it is counted as fast as they are found. */
enum { LINES_MIN = 512 };

/* Adds what a text has between lines that are known; end: that of the text. Indentation and first words come again and
 * again: what is as short as a piece that is remembered is remembered with them, since what is counted by itself as several
 * pieces is one nowhere. */
static void count_part(struct counter *c, str part, const char *end)
{
	struct entry key = {0, 0};
	size_t before;

	if (part.n && part.n <= CACHED_MAX && c->entries && end - part.p >= 16) {
		key = entry_key(part.p, part.n);
		before = cache_find(c->entries, key);
		c->n += before;
		if (before)
			return;
		count_waiting(c); /* what waits is not of this part */
	}
	before = c->n;
	count_pieces(c, part, end, SIZE_MAX - 1, NULL);
	if (!key.hi)
		return;
	count_waiting(c);
	cache_put(c->entries, key, c->n - before);
}

size_t token_count_parts(
	enum token_encoding e, const str *parts, size_t n, struct token_cache *cache)
{
	struct counter c;

	counter_init(&c, e, cache);
	for (size_t i = 0; i < n; i++)
		count_part(&c, parts[i], parts[i].p + parts[i].n + TOKEN_PART_PAD);
	count_waiting(&c);
	return c.n;
}

/* Tokens of a part by itself. */
static size_t count_alone(struct counter *c, str part, const char *end)
{
	c->n = 0;
	count_part(c, part, end);
	count_waiting(c);
	return c->n;
}

/* What more the group's first line counts with empty lines behind it, whose line ends may be of its last piece; false: nobody knows. */
static bool count_empty_lines(
	struct counter *c, const struct token_lines *l, const struct line_group *g, size_t *n)
{
	enum { TAIL_MAX = 8, EMPTY_MAX = 4 };
	const char *to = l->text.p + g->to, *q = to - 1, *from = l->text.p + g->from;
	char room[TAIL_MAX + EMPTY_MAX + 16] = {0};
	size_t tail;

	while (q > from && !split_is_sure(q[-1], q[0]))
		q--;
	tail = (size_t)(to - q);
	if (q == from || tail > TAIL_MAX || g->lines - 1 > EMPTY_MAX)
		return false;
	memcpy(room, q, tail);
	memset(room + tail, '\n', g->lines - 1);
	*n -= count_alone(c, (str){q, tail}, l->text.p + l->text.n);
	*n += count_alone(c, (str){room, tail + g->lines - 1}, room + sizeof room);
	return true;
}

/* Groups that had number columns: what their pieces counted is not all. */
static void count_numbered(struct counter *c, struct token_lines *l)
{
	for (struct line_group *g = l->v; g < l->v + l->n; g++) {
		size_t n = g->count;

		if (!g->is_numbered || !n)
			continue;
		if (g->line < g->from)
			n += count_alone(
				c, str_sub(l->text, g->line, g->from), l->text.p + l->text.n);
		if (g->lines > 1 && !count_empty_lines(c, l, g, &n))
			n = 0;
		g->count = n <= UINT16_MAX ? n & UINT16_MAX : 0;
	}
}

size_t token_count_lines(enum token_encoding e, const struct token_text *t,
	struct token_cache *cache, struct arena *a, struct token_lines **out)
{
	str text = t->text;
	struct keeper k = {.text = text.p};
	struct counter c;
	size_t n;

	*out = NULL;
	if (e != TOKEN_O200K || text.n < LINES_MIN || utf8_valid_n(text) < text.n)
		return token_count(e, text, cache);
	*out = token_lines_new(a, t);
	k.at = (*out)->v;
	k.end = k.at + (*out)->n;
	counter_init(&c, e, cache);
	count_pieces(&c, text, text.p + text.n, SIZE_MAX - 1, &k);
	n = c.n;
	count_numbered(&c, *out);
	return n;
}

/* The group whose first line that is; NULL when there is none. *at: a place before it. */
static const struct line_group *find_group(
	const struct token_lines *l, const char *line, size_t *at)
{
	uintptr_t offset = (uintptr_t)line - (uintptr_t)l->text.p;

	while (*at < l->n && l->v[*at].line < offset)
		++*at;
	return *at < l->n && l->v[*at].line == offset ? &l->v[*at] : NULL;
}

/* The bytes of the group's lines, which are the first of n, with their line ends; 0: they are others. */
static size_t group_bytes(const str *lines, size_t n, const struct line_group *g)
{
	size_t bytes = lines[0].n + 1;

	if (g->lines > n || !g->count)
		return 0;
	for (size_t i = 1; i < g->lines; i++) {
		if (g->is_numbered ? lines[i].n > 0 : lines[i].p != lines[0].p + bytes)
			return 0;
		bytes += lines[i].n + 1;
	}
	return g->is_numbered || bytes == g->to - g->line ? bytes : 0;
}

size_t token_count_runs(enum token_encoding e, const struct token_runs *r,
	const struct token_lines *lines, struct token_cache *cache)
{
	const char *from = r->text.p, *end = from + r->text.n;
	struct counter c;
	size_t known = 0;

	if (!lines || r->text.n < LINES_MIN || e != TOKEN_O200K ||
		utf8_valid_n(r->text) < r->text.n)
		return token_count(e, r->text, cache);
	counter_init(&c, e, cache);
	for (size_t i = 0; i < r->n; i++) {
		const struct token_run *run = &r->v[i];
		const char *at = r->text.p + run->at;
		size_t line = 0;

		while (line < run->n) {
			const struct line_group *g = find_group(lines, run->lines[line].p, &known);
			size_t bytes = g ? group_bytes(run->lines + line, run->n - line, g) : 0;

			if (!bytes || !token_line_starts(at + bytes, end)) {
				at += run->lines[line++].n + 1;
				continue;
			}
			if (at > from)
				count_part(&c, (str){from, (size_t)(at - from)}, end);
			c.n += g->count;
			from = at += bytes;
			line += g->lines;
		}
	}
	count_part(&c, (str){from, (size_t)(end - from)}, end);
	count_waiting(&c);
	return c.n;
}
