#include "core/compress/table/dict.h"

#include <stdlib.h>

#include "core/base/limits.h"

enum {
	PIECE_MIN = 12, /* bytes */
	PIECE_MAX = 300,
	TEXTS_MAX = 1024,
	PIECES_MEAN = 8,      /* of one text */
	WORDS_MAX = 24,       /* of one text, that are looked at */
	CANDIDATES_MAX = 256, /* that are tried out */
	ROUNDS = 3,
	USE_COST = 2, /* tokens of "$1" */
	DEFINE_COST =
		12, /* tokens of "$1=" and the line end, and a minimum to gain: looking it up is work, too */
	LETTERS_MIN =
		4, /* of a word in a row; else it is a date or a number, which one wants to see */
};

static const bool word_bytes[256] = {['0' ... '9'] = true,
	['A' ... 'Z'] = true,
	['a' ... 'z'] = true,
	['-'] = true,
	['_'] = true,
	[0x80 ... 0xff] = true};

static bool is_word(char c)
{
	return word_bytes[(unsigned char)c];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Walks a text word by word: after each, the text up to here and the word by itself are pieces that it has. */
struct walk {
	str text;
	size_t at;
	size_t word; /* where the present word begins; it ends at at */
	uint64_t prefix_hash, word_hash;
};

static const uint64_t fnv_start = UINT64_C(0xcbf29ce484222325), fnv_prime = UINT64_C(0x100000001b3);

static bool next_word(struct walk *w)
{
	uint64_t prefix = w->at ? w->prefix_hash : fnv_start, word = fnv_start;
	size_t i = w->at;

	while (i < w->text.n && !is_word(w->text.p[i]))
		prefix = (prefix ^ (unsigned char)w->text.p[i++]) * fnv_prime;
	w->word = i;
	while (i < w->text.n && is_word(w->text.p[i])) {
		prefix = (prefix ^ (unsigned char)w->text.p[i]) * fnv_prime;
		word = (word ^ (unsigned char)w->text.p[i++]) * fnv_prime;
	}
	w->at = i;
	w->prefix_hash = prefix;
	w->word_hash = word;
	return i > w->word;
}

static uint64_t piece_hash(str piece)
{
	uint64_t h = fnv_start;

	for (size_t i = 0; i < piece.n; i++)
		h = (h ^ (unsigned char)piece.p[i]) * fnv_prime;
	return h;
}

/* ---- using it ---- */

void dict_add(struct dict *d, str piece)
{
	uint64_t h = piece_hash(piece);
	size_t at = (size_t)(h >> 40) % sizeof d->slots;

	if (d->n == DICT_MAX)
		return;
	d->v[++d->n] = piece;
	d->hash[d->n] = h;
	while (d->slots[at])
		at = (at + 1) % sizeof d->slots;
	d->slots[at] = (uint8_t)d->n;
}

static uint32_t find(const struct dict *d, uint64_t h, str piece)
{
	size_t at = (size_t)(h >> 40) % sizeof d->slots;

	for (; d->slots[at]; at = (at + 1) % sizeof d->slots) {
		uint32_t i = d->slots[at];

		if (d->hash[i] == h && str_eq(d->v[i], piece))
			return i;
	}
	return 0;
}

struct match {
	size_t start, end;
	uint32_t piece;
};

/* The longest beginning and then the words of a text that are pieces; at most WORDS_MAX + 1. */
static size_t match_all(const struct dict *d, str text, struct match *out)
{
	struct walk w = {.text = text};
	size_t n = 0;

	if (!d->n || text.n < PIECE_MIN)
		return 0;
	for (int i = 0; i < WORDS_MAX && next_word(&w); i++) {
		/* A digit behind it would be read as part of its number; so would one that it begins with, behind
		 * another piece, but words are apart. */
		bool can_end = w.at == text.n || !is_digit(text.p[w.at]);
		uint32_t piece = 0;

		if (can_end && w.at >= PIECE_MIN)
			piece = find(d, w.prefix_hash, str_sub(text, 0, w.at));
		if (piece) {
			out[0] = (struct match){0, w.at, piece};
			n = 1;
			continue;
		}
		if (can_end && w.at - w.word >= PIECE_MIN)
			piece = find(d, w.word_hash, str_sub(text, w.word, w.at));
		if (piece)
			out[n++] = (struct match){w.word, w.at, piece};
	}
	return n;
}

str dict_shorten(const struct dict *d, str text, struct arena *a)
{
	struct match m[WORDS_MAX + 1];
	size_t n = match_all(d, text, m), at = 0;
	struct buf b;

	if (!n)
		return text;
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < n; i++) {
		buf_add(&b, str_sub(text, at, m[i].start));
		buf_add_byte(&b, '$');
		buf_add_u64(&b, m[i].piece);
		at = m[i].end;
	}
	buf_add(&b, str_sub(text, at, text.n));
	return buf_str(&b);
}

/* The piece that s begins with the name of, and how long that is; 0 for none. */
static uint32_t read_name(const struct dict *d, str s, size_t *end)
{
	uint32_t v = 0;
	size_t i = 1;

	for (; i < s.n && i < 4 && is_digit(s.p[i]); i++)
		v = v * 10 + (uint32_t)(s.p[i] - '0');
	*end = i;
	return i < 2 || s.p[1] == '0' || v > d->n ? 0 : v;
}

str dict_expand(const struct dict *d, str text, struct arena *a)
{
	struct buf b;
	size_t from = 0, end;

	if (!d->n || str_find_byte(text, '$') == STR_NONE)
		return text;
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < text.n; i++) {
		uint32_t piece =
			text.p[i] == '$' ? read_name(d, str_sub(text, i, text.n), &end) : 0;

		if (!piece)
			continue;
		buf_add(&b, str_sub(text, from, i));
		buf_add(&b, d->v[piece]);
		from = i + end;
		i = from - 1;
	}
	buf_add(&b, str_sub(text, from, text.n));
	return buf_str(&b);
}

bool dict_is_ambiguous(const struct dict *d, str text)
{
	size_t at = d->n ? str_find_byte(text, '$') : STR_NONE, end;

	for (; at < text.n; at++)
		if (text.p[at] == '$' && read_name(d, str_sub(text, at, text.n), &end))
			return true;
	return false;
}

/* ---- making it ---- */

struct candidate {
	uint64_t hash;
	str piece;
	uint32_t n;
	uint32_t tokens;
	int64_t gain;
	bool is_dropped;
};

struct candidates {
	struct candidate *v;
	uint32_t slots_n, used_n; /* slots_n is a power of two */
};

static bool has_letters(str s)
{
	int n = 0;

	for (size_t i = 0; i < s.n && n < LETTERS_MIN; i++)
		n = is_digit(s.p[i]) || !is_word(s.p[i]) ? 0 : n + 1;
	return n == LETTERS_MIN;
}

static void count_piece(struct candidates *c, uint64_t h, str piece, uint32_t n)
{
	uint32_t at = (uint32_t)(h >> 20) & (c->slots_n - 1);

	if (piece.n < PIECE_MIN || piece.n > PIECE_MAX)
		return;
	while (c->v[at].n && c->v[at].hash != h)
		at = (at + 1) & (c->slots_n - 1);
	/* Room is for what texts have on average; of more, the first will do. */
	if (!c->v[at].n && c->used_n++ >= c->slots_n / 4 * 3)
		return;
	c->v[at].hash = h;
	c->v[at].piece = piece;
	c->v[at].n += n;
}

static int64_t gain_of(uint32_t uses, uint32_t tokens, uint32_t instead)
{
	return ((int64_t)tokens - instead) * uses - tokens - DEFINE_COST;
}

static int by_gain(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->gain != y->gain)
		return x->gain < y->gain ? 1 : -1;
	return str_cmp(x->piece, y->piece);
}

/* The best by themselves, at the beginning of c->v. */
static uint32_t choose(
	struct candidates *c, enum token_encoding encoding, struct token_cache *cache)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->slots_n; i++) {
		struct candidate *k = &c->v[i];

		if (k->n < 2 || k->n * k->piece.n < 4 * PIECE_MIN || !has_letters(k->piece))
			continue;
		k->tokens = (uint32_t)token_count(encoding, k->piece, cache);
		k->gain = gain_of(k->n, k->tokens, USE_COST);
		if (k->gain > 0)
			c->v[n++] = *k;
	}
	qsort(c->v, n, sizeof *c->v, by_gain);
	return n < CANDIDATES_MAX ? n : CANDIDATES_MAX;
}

/* The chosen ones, found by their hash. */
struct trial {
	struct candidate *v;
	uint32_t n;
	uint16_t slots[4 * CANDIDATES_MAX]; /* index into v + 1 */
};

static void index_candidates(struct trial *t)
{
	memset(t->slots, 0, sizeof t->slots);
	for (uint32_t i = 0; i < t->n; i++) {
		size_t at = (size_t)(t->v[i].hash >> 20) % ARRAY_N(t->slots);

		while (t->slots[at])
			at = (at + 1) % ARRAY_N(t->slots);
		t->slots[at] = (uint16_t)(i + 1);
	}
}

/* The candidate, still in play, of this piece. */
static struct candidate *find_candidate(const struct trial *t, uint64_t h)
{
	size_t at = (size_t)(h >> 20) % ARRAY_N(t->slots);

	for (; t->slots[at]; at = (at + 1) % ARRAY_N(t->slots)) {
		struct candidate *c = &t->v[t->slots[at] - 1];

		if (c->hash == h)
			return c->is_dropped ? NULL : c;
	}
	return NULL;
}

static void use_candidates(const struct trial *trial, const struct dict_text *t)
{
	struct walk w = {.text = t->text};
	struct candidate *prefix = NULL, *words[WORDS_MAX];
	size_t words_n = 0;

	for (int i = 0; i < WORDS_MAX && next_word(&w); i++) {
		struct candidate *c = NULL;

		if (w.at >= PIECE_MIN)
			c = find_candidate(trial, w.prefix_hash);
		if (c) {
			prefix = c;
			words_n = 0;
			continue;
		}
		if (w.at - w.word >= PIECE_MIN)
			c = find_candidate(trial, w.word_hash);
		if (c)
			words[words_n++] = c;
	}
	if (prefix)
		prefix->n += t->n;
	for (size_t i = 0; i < words_n; i++)
		words[i]->n += t->n;
}

/* What would be written for the candidate if it were not there: of its beginnings, the longest that is. */
static uint32_t instead_of(const struct trial *trial, const struct candidate *c)
{
	struct walk w = {.text = c->piece};
	uint32_t saved = 0;

	while (next_word(&w) && w.at < c->piece.n) {
		const struct candidate *p = find_candidate(trial, w.prefix_hash);

		if (p)
			saved = p->tokens - USE_COST;
	}
	return USE_COST + saved;
}

static void try_out(struct trial *trial, const struct dict_text *texts, size_t texts_n)
{
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t dropped = 0;

		for (uint32_t i = 0; i < trial->n; i++)
			trial->v[i].n = 0;
		for (size_t i = 0; i < texts_n; i++)
			use_candidates(trial, &texts[i]);
		for (uint32_t i = trial->n; i-- > 0;) {
			struct candidate *c = &trial->v[i];

			c->gain = c->n ? gain_of(c->n, c->tokens, instead_of(trial, c)) : 0;
			dropped += !c->is_dropped && c->gain <= 0;
			c->is_dropped |= c->gain <= 0;
		}
		/* The next one would find the same. */
		if (!dropped)
			return;
	}
}

void dict_build(struct dict *d, const struct dict_text *texts, size_t n,
	enum token_encoding encoding, struct token_cache *cache, struct arena *a)
{
	struct candidates c = {.slots_n = 64};
	struct trial trial = {.v = NULL};

	*d = (struct dict){0};
	n = n < TEXTS_MAX ? n : TEXTS_MAX;
	while (c.slots_n < n * PIECES_MEAN)
		c.slots_n *= 2;
	c.v = arena_array(a, struct candidate, c.slots_n);
	for (size_t i = 0; i < n; i++) {
		struct walk w = {.text = texts[i].text};

		for (int k = 0; k < WORDS_MAX && next_word(&w); k++) {
			count_piece(&c, w.prefix_hash, str_sub(w.text, 0, w.at), texts[i].n);
			if (w.word)
				count_piece(
					&c, w.word_hash, str_sub(w.text, w.word, w.at), texts[i].n);
		}
	}
	trial.v = c.v;
	trial.n = choose(&c, encoding, cache);
	if (!trial.n)
		return;
	index_candidates(&trial);
	try_out(&trial, texts, n);
	qsort(c.v, trial.n, sizeof *c.v, by_gain);
	for (uint32_t i = 0; i < trial.n; i++)
		if (!c.v[i].is_dropped)
			dict_add(d, c.v[i].piece);
}
