#include "core/compress/search/starts.h"

#include <stdlib.h>

enum {
	CANDIDATES_MAX = 48, /* whose tokens are counted */
	LENGTH_MAX = 160,    /* bytes of a beginning; what is longer hardly repeats */
	LENGTH_MIN = 4,
	LINES_MIN = 3,   /* of the sample that have it */
	DEFINE_COST = 3, /* tokens of its sign, the '=' and the line end where it is said */
	/* Each is one more to remember for who reads: tokens that it saves, and more of long results. */
	GAIN_MIN = 12,
	GAIN_SHARE = 1024, /* one in so many tokens */
	TOKEN_BYTES = 4,   /* of a token, about */
};

/* Lines first .. last - 1 of the sorted sample begin with text. */
struct candidate {
	str text;
	uint32_t first, last;
	uint32_t tokens;
	bool is_chosen;
};

struct choice {
	struct candidate v[CANDIDATES_MAX];
	size_t n;
	const struct candidate
		*chosen[SEARCH_STARTS_MAX]; /* in the order of places, outer ones first */
	size_t chosen_n;
	const struct search_sample *sample;
	int64_t gain_min;
};

size_t search_sign(char c)
{
	const char *at = c ? strchr(SEARCH_SIGNS, c) : NULL;

	return at ? (size_t)(at - SEARCH_SIGNS) : SEARCH_STARTS_MAX;
}

size_t search_starts_find(const struct search_starts *s, str line)
{
	for (size_t i = 0; i < s->n; i++) {
		str start = s->v[i];

		if (line.n >= start.n && line.p[start.n - 1] == start.p[start.n - 1] &&
			memcmp(line.p, start.p, start.n) == 0)
			return i;
	}
	return s->n;
}

static int compare(str x, str y)
{
	size_t n = x.n < y.n ? x.n : y.n;
	int order = n ? memcmp(x.p, y.p, n) : 0;

	if (order)
		return order;
	return x.n < y.n ? -1 : x.n > y.n;
}

static int by_body(const void *a, const void *b)
{
	const struct search_sampled *x = a, *y = b;
	int order = compare(x->body, y->body);

	return order ? order : compare(x->path, y->path);
}

/* Of a word; all bytes beyond ASCII are. */
static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

/* At most n bytes of a line, no word in two, no blank last: blanks belong to the word behind them. */
static size_t whole_words(str line, size_t n)
{
	if (n < line.n)
		while (n && is_word(line.p[n]) && is_word(line.p[n - 1]))
			n--;
	while (n && (line.p[n - 1] == ' ' || line.p[n - 1] == '\t'))
		n--;
	return n;
}

static uint64_t weight(const struct candidate *c)
{
	return (uint64_t)(c->last - c->first) * c->text.n;
}

/* Keeps those with the most bytes. */
static void add_candidate(struct choice *c, struct candidate new)
{
	size_t least = 0;

	if (c->n < CANDIDATES_MAX) {
		c->v[c->n++] = new;
		return;
	}
	for (size_t i = 1; i < c->n; i++)
		if (weight(&c->v[i]) < weight(&c->v[least]))
			least = i;
	if (weight(&c->v[least]) < weight(&new))
		c->v[least] = new;
}

/* Lines from first on have this many bytes in common with the line before. */
struct open {
	uint32_t first;
	size_t n;
};

/* Line last - 1 was the last with what is open. outer: what other lines have in common with it. */
static void close_one(struct choice *c, struct open open, uint32_t last, size_t outer)
{
	str longest = c->sample->v[last - 1].body;
	struct candidate new = {.first = open.first, .last = last};

	if (last - open.first < LINES_MIN)
		return;
	new.text = str_sub(longest, 0, whole_words(longest, open.n));
	if (new.text.n >= LENGTH_MIN &&new.text.n > outer)
		add_candidate(c, new);
}

/* All beginnings that some lines have in common, by the sorted lines. */
static void find_candidates(struct choice *c, struct open *stack)
{
	const struct search_sampled *lines = c->sample->v;
	uint32_t n = c->sample->n;
	size_t depth = 0;

	for (uint32_t i = 1; i <= n; i++) {
		size_t common = i < n ? str_common_prefix(lines[i - 1].body, lines[i].body) : 0;
		uint32_t first = i - 1;

		if (common > LENGTH_MAX)
			common = LENGTH_MAX;
		while (depth && stack[depth - 1].n > common) {
			size_t outer = depth > 1 ? stack[depth - 2].n : 0;

			depth--;
			first = stack[depth].first;
			close_one(c, stack[depth], i, outer > common ? outer : common);
		}
		if (common && (!depth || stack[depth - 1].n < common))
			stack[depth++] = (struct open){first, common};
	}
}

static bool is_within(const struct candidate *in, const struct candidate *of)
{
	return in != of && in->first >= of->first && in->last <= of->last &&
	       in->text.n > of->text.n;
}

/* Tokens that it saves beside those that are chosen. */
static int64_t gain_of(const struct choice *c, const struct candidate *of)
{
	uint64_t lines = of->last - of->first;
	uint32_t covered = of->first, outer = 1; /* tokens: a sign is one */

	for (size_t i = 0; i < c->chosen_n; i++) {
		const struct candidate *x = c->chosen[i];

		if (is_within(of, x)) {
			outer = x->tokens; /* the next one of those is longer */
		} else if (is_within(x, of) && x->first >= covered) {
			lines -= x->last - x->first;
			covered = x->last;
		}
	}
	lines = lines * c->sample->bytes / c->sample->read;
	return (int64_t)lines * ((int64_t)of->tokens - outer) - of->tokens - DEFINE_COST;
}

static bool is_before(const struct candidate *x, const struct candidate *y)
{
	return x->first != y->first ? x->first < y->first : x->text.n < y->text.n;
}

static void add_chosen(struct choice *c, const struct candidate *new)
{
	size_t i = c->chosen_n++;

	for (; i && is_before(new, c->chosen[i - 1]); i--)
		c->chosen[i] = c->chosen[i - 1];
	c->chosen[i] = new;
}

static void choose(struct choice *c)
{
	while (c->chosen_n < SEARCH_STARTS_MAX) {
		struct candidate *best = NULL;
		int64_t most = c->gain_min - 1;

		for (size_t i = 0; i < c->n; i++) {
			int64_t gain = c->v[i].is_chosen ? 0 : gain_of(c, &c->v[i]);

			if (gain <= most)
				continue;
			most = gain;
			best = &c->v[i];
		}
		if (!best)
			break;
		best->is_chosen = true;
		add_chosen(c, best);
	}
}

static int by_length(const void *a, const void *b)
{
	const str *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return compare(*x, *y);
}

/* Sorts the lines; equal ones of a file will be said once anyway. */
static void put_in_order(struct search_sample *s)
{
	uint32_t n = 0;

	qsort(s->v, s->n, sizeof *s->v, by_body);
	for (uint32_t i = 0; i < s->n; i++)
		if (!n || by_body(&s->v[i], &s->v[n - 1]) != 0)
			s->v[n++] = s->v[i];
	s->n = n;
}

uint64_t search_starts_choose(struct search_sample *s, struct arena *a,
	enum token_encoding encoding, struct token_cache *cache, struct search_starts *out)
{
	struct choice *c = arena_new(a, struct choice);
	uint64_t saved = 0;

	out->n = 0;
	if (s->n < LINES_MIN)
		return 0;
	put_in_order(s);
	c->sample = s;
	c->gain_min = GAIN_MIN + (int64_t)(s->bytes / TOKEN_BYTES / GAIN_SHARE);
	find_candidates(c, arena_alloc(a, (s->n + 1) * sizeof(struct open), alignof(struct open)));
	for (size_t i = 0; i < c->n; i++)
		c->v[i].tokens = (uint32_t)token_count(encoding, c->v[i].text, cache);
	choose(c);
	for (size_t i = 0; i < c->chosen_n; i++) {
		int64_t gain = gain_of(c, c->chosen[i]);

		/* What longer ones have left of it. */
		if (gain < c->gain_min)
			continue;
		saved += (uint64_t)gain;
		out->v[out->n++] = c->chosen[i]->text;
	}
	qsort(out->v, out->n, sizeof *out->v, by_length);
	return saved;
}
