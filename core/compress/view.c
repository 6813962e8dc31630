#include "core/compress/view.h"

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/compress/names.h"
#include "core/compress/variant.h"

enum {
	/* Places that are tried for one start; the newest first. Bounds the work on text that repeats. */
	CANDIDATES_MAX = 24,
	/* Lines that stand there as references are no more than those that stand there themselves, and so many: texts of
	 * nothing but references must not fill the memory. */
	CITED_FREE = 1024,
	TABLE_MIN = 1024,
	/* A slot: a posting from one (0: none), and above it which of eight kinds of keys there are from there on, so that most keys
	 * that are not there are told without a look at postings, which lie all over the memory. */
	SLOT_BITS = 24,
	POSTINGS_MAX = (1 << SLOT_BITS) -
		       1, /* lines behind so many, a gigabyte of memory, are not found */
};

struct line {
	uint64_t hash;
	str text;
	uint32_t source : 31;
	uint32_t is_cited : 1; /* stands there as a reference */
	uint32_t number;
};

struct source {
	str name;
	uint32_t first, n, number_max;
};

/* Says that key begins at a line; prev: what the slot was before. Of the hash only 32 bits are kept: whoever finds a line
 * compares it. */
struct posting {
	uint32_t key;
	uint32_t line, prev;
};

struct view {
	struct arena arena;
	VEC(struct source) sources;
	/* the bulk: on the heap, so that growing leaves nothing behind */
	struct line *lines;
	struct posting *postings;
	size_t lines_n, lines_cap, postings_n, postings_cap;
	size_t cited_n;  /* of the lines */
	uint32_t *table; /* of slots; the newest posting comes first */
	size_t table_n;  /* a power of two */
	struct names names;
};

struct view *view_new(void)
{
	struct view *v = mem_zalloc(sizeof *v);

	if (v) {
		arena_init(&v->arena);
		names_init(&v->names, &v->arena);
	}
	return v;
}

void view_free(struct view *v)
{
	if (!v)
		return;
	mem_free(v->lines);
	mem_free(v->postings);
	mem_free(v->table);
	arena_release(&v->arena);
	mem_free(v);
}

size_t view_bytes(const struct view *v)
{
	return sizeof *v + v->arena.used_bytes + v->lines_cap * sizeof *v->lines +
	       v->postings_cap * sizeof *v->postings + v->table_n * sizeof *v->table;
}

struct arena *view_arena(struct view *v)
{
	return &v->arena;
}

str view_name(struct view *v, str tool, str argument, str field)
{
	return names_make(&v->names, tool, argument, field);
}

str view_unnumbered(struct view *v, str name)
{
	return names_unnumbered(&v->names, name);
}

/* ---- lines --------------------------------------------------------------------------------------- */

/* Keys of how a long line begins and ends. */
static uint32_t head_key(str line)
{
	return (uint32_t)hash64_seed(str_sub(line, 0, VARIANT_END), 1);
}

static uint32_t tail_key(str line)
{
	return (uint32_t)hash64_seed(str_sub(line, line.n - VARIANT_END, line.n), 2);
}

/* Room for more elements of an array on the heap. */
static void *grow(struct view *v, void *array, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 256;

	array = mem_realloc(array, more * size);
	if (!array)
		arena_fail(&v->arena); /* the old array is still the view's */
	*cap = more;
	return array;
}

/* Its slot is told by other bits of the key. */
static inline uint32_t kind_of(uint32_t key)
{
	return UINT32_C(1) << (SLOT_BITS + (key >> 29));
}

/* The slot with posting i before what is in it. */
static inline uint32_t slot_with(uint32_t slot, uint32_t key, size_t i)
{
	return (uint32_t)(i + 1) | (slot & ~(uint32_t)POSTINGS_MAX) | kind_of(key);
}

/* The first posting from one on that may be of that key; 0 when none is. */
static inline uint32_t posting_in(uint32_t slot, uint32_t key)
{
	return slot & kind_of(key) ? slot & POSTINGS_MAX : 0;
}

static inline uint32_t posting_of(const struct view *v, uint32_t key)
{
	return v->table_n ? posting_in(v->table[key & (v->table_n - 1)], key) : 0;
}

static void rehash(struct view *v)
{
	size_t n = v->table_n ? v->table_n * 2 : TABLE_MIN;
	uint32_t *table = mem_zalloc(n * sizeof *table);

	if (!table)
		arena_fail(&v->arena);
	mem_free(v->table);
	v->table = table;
	v->table_n = n;
	for (size_t i = 0; i < v->postings_n; i++) {
		struct posting *p = &v->postings[i];
		uint32_t *slot = &v->table[p->key & (n - 1)];

		p->prev = *slot;
		*slot = slot_with(*slot, p->key, i);
	}
}

static void add_posting(struct view *v, uint32_t key, uint32_t line)
{
	uint32_t *slot;

	if (v->postings_n == POSTINGS_MAX)
		return;
	if (v->postings_n >= v->table_n)
		rehash(v);
	slot = &v->table[key & (v->table_n - 1)];
	if (v->postings_n == v->postings_cap)
		v->postings = grow(v, v->postings, &v->postings_cap, sizeof *v->postings);
	v->postings[v->postings_n] = (struct posting){key, line, *slot};
	*slot = slot_with(*slot, key, v->postings_n++);
}

void view_add_source(struct view *v, str name)
{
	*vec_push(&v->sources, &v->arena) =
		(struct source){.name = name, .first = (uint32_t)v->lines_n};
}

/* The line as the newest one of the newest source; false when it was passed over. */
static bool push_line(struct view *v, str line, uint64_t hash, uint32_t number)
{
	struct source *s;

	ASSERT(v->sources.n);
	s = &v->sources.v[v->sources.n - 1];
	if (s->n && number <= s->number_max)
		return false;
	if (v->lines_n == v->lines_cap)
		v->lines = grow(v, v->lines, &v->lines_cap, sizeof *v->lines);
	v->lines[v->lines_n++] = (struct line){.hash = hash,
		.text = line,
		.source = (uint32_t)(v->sources.n - 1) & INT32_MAX,
		.number = number};
	s->n++;
	s->number_max = number;
	return true;
}

/* The line before line i, when their numbers follow each other in one source; else NULL. */
static const struct line *line_before(const struct view *v, uint32_t i)
{
	const struct line *x = &v->lines[i];

	return i && x[-1].source == x->source && x[-1].number + 1 == x->number ? x - 1 : NULL;
}

/* What leads to line i by itself: may_repeat is false where nothing looks for it as a whole. */
static void post_line(struct view *v, uint32_t i, str line, uint64_t hash, bool may_repeat)
{
	if (line.n >= KEYS_LONG_LINE && may_repeat)
		add_posting(v, key_of_line(hash), i);
	if (line.n >= VARIANT_LINE) {
		add_posting(v, head_key(line), i);
		add_posting(v, tail_key(line), i);
	}
}

/* k: of a text whose line at this is; NULL: not known. */
static void lend_line(
	struct view *v, str line, uint64_t hash, uint32_t number, const struct keys *k, uint32_t at)
{
	uint32_t i = (uint32_t)v->lines_n, key;
	const struct line *before;

	if (!push_line(v, line, hash, number))
		return;
	before = line_before(v, i);
	if (before) {
		key = k && at && before->hash == k->hashes[at - 1]
			      ? k->shifted[at - 1]
			      : key_of_shifted(before->text, line);
		add_posting(v, key_of_pair(before->hash, hash), i - 1);
		if (key)
			add_posting(v, key, i - 1);
	}
	post_line(v, i, line, hash, true);
}

void view_lend_line(
	struct view *v, struct lines l, const struct keys *k, uint32_t at, uint32_t number)
{
	uint32_t i = (uint32_t)v->lines_n, all = KEYS_PAIR | KEYS_SHIFTED, key;
	const struct line *before;

	if (!push_line(v, l.v[at], k->hashes[at], number))
		return;
	before = line_before(v, i);
	if (before && at && before->text.p == l.v[at - 1].p) {
		all = k->again[at - 1];
		key = k->shifted[at - 1];
	} else {
		key = before ? key_of_shifted(before->text, l.v[at]) : 0;
	}
	if (before && all & KEYS_PAIR)
		add_posting(v, key_of_pair(before->hash, k->hashes[at]), i - 1);
	if (before && key && all & KEYS_SHIFTED)
		add_posting(v, key, i - 1);
	post_line(v, i, l.v[at], k->hashes[at], k->again[at] & KEYS_LINE);
}

void view_add_line(struct view *v, str line, uint64_t hash, uint32_t number)
{
	size_t n = v->lines_n;

	lend_line(v, line, hash, number, NULL, 0);
	if (v->lines_n > n)
		v->lines[n].text = arena_str(&v->arena, line);
}

void view_add_known(struct view *v, str line, const struct keys *k, uint32_t at, uint32_t number)
{
	lend_line(v, line, k->hashes[at], number, k, at);
}

static const struct source *find_source(const struct view *v, str name)
{
	for (size_t i = v->sources.n; i-- > 0;)
		if (str_eq(v->sources.v[i].name, name))
			return &v->sources.v[i];
	return NULL;
}

/* Index of its first line of that number or a larger one; the end when there is none. */
static uint32_t lower_bound(const struct view *v, const struct source *s, uint32_t number)
{
	uint32_t lo = s->first, hi = s->first + s->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (v->lines[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void view_cite_lines(struct view *v, const struct view_cited *c)
{
	const struct source *s = find_source(v, c->name);
	uint32_t i = s ? lower_bound(v, s, c->from) : 0, end = s ? s->first + s->n : 0;

	for (; i < end && v->lines[i].number - c->from < c->n; i++) {
		struct line old = v->lines[i]; /* a copy: the array may move */
		size_t n = v->lines_n;
		str text;

		if (v->cited_n > v->lines_n / 2 + CITED_FREE)
			return;
		if (old.is_cited || !shift_apply(c->shift, old.text, &v->arena, &text))
			continue;
		lend_line(v, text, c->shift.n ? hash64(text) : old.hash,
			c->number + (old.number - c->from), NULL, 0);
		if (v->lines_n == n)
			return;
		v->lines[n].is_cited = true;
		v->cited_n++;
	}
}

struct view_mark view_mark(const struct view *v)
{
	return (struct view_mark){v->sources.n, v->lines_n, v->postings_n, v->cited_n};
}

void view_rollback(struct view *v, struct view_mark m)
{
	ASSERT(m.sources_n <= v->sources.n && m.lines_n <= v->lines_n);
	while (v->postings_n > m.postings_n) {
		const struct posting *p = &v->postings[--v->postings_n];

		v->table[p->key & (v->table_n - 1)] = p->prev;
	}
	v->sources.n = m.sources_n;
	v->lines_n = m.lines_n;
	v->cited_n = m.cited_n;
	if (v->sources.n) {
		struct source *s = &v->sources.v[v->sources.n - 1];

		s->n = (uint32_t)v->lines_n - s->first;
		s->number_max = s->n ? v->lines[v->lines_n - 1].number : 0;
	}
}

/* How many of the lines [at, end) stand in the view from line i on. */
static uint32_t run_length(const struct view *v, uint32_t i, struct lines l, const uint64_t *hashes,
	uint32_t at, uint32_t end)
{
	const struct line *first = &v->lines[i];
	uint32_t n = 0;

	while (at + n < end && i + n < v->lines_n) {
		const struct line *x = first + n;

		if (x->hash != hashes[at + n] || x->source != first->source ||
			x->number != first->number + n || !str_eq(x->text, l.v[at + n]))
			break;
		n++;
	}
	return n;
}

void view_expect(const struct view *v, const uint64_t *hashes, uint32_t at, uint32_t end)
{
	enum { FAR = 8, NEAR = 4, NEXT = 2 }; /* lines until then */
	uint32_t p;

	if (at + FAR + 1 >= end || !v->table_n)
		return;
	hashes += at;
	__builtin_prefetch(&v->table[key_of_pair(hashes[FAR], hashes[FAR + 1]) & (v->table_n - 1)]);
	p = posting_of(v, key_of_pair(hashes[NEAR], hashes[NEAR + 1]));
	if (p)
		__builtin_prefetch(&v->postings[p - 1]);
	p = posting_of(v, key_of_pair(hashes[NEXT], hashes[NEXT + 1]));
	if (p)
		__builtin_prefetch(&v->lines[v->postings[p - 1].line]);
}

/* The newest line under a key; NULL when there is none. */
static const struct line *newest(const struct view *v, uint32_t key)
{
	uint32_t p = posting_of(v, key);

	while (p && v->postings[p - 1].key != key)
		p = posting_in(v->postings[p - 1].prev, key);
	return p ? &v->lines[v->postings[p - 1].line] : NULL;
}

struct view_run view_find_like(const struct view *v, str line, str *found)
{
	const struct line *x;

	if (line.n < VARIANT_LINE)
		return (struct view_run){0};
	x = newest(v, head_key(line));
	if (!x)
		x = newest(v, tail_key(line));
	if (!x)
		return (struct view_run){0};
	*found = x->text;
	return (struct view_run){.name = v->sources.v[x->source].name,
		.from = x->number,
		.n = 1,
		.bytes = x->text.n};
}

/* Lines of a source that has all from number 1 on. */
static uint32_t whole_n(const struct source *s)
{
	return s->number_max == s->n ? s->n : 0;
}

uint32_t view_whole_n(const struct view *v, str name)
{
	const struct source *s = find_source(v, name);

	return s ? whole_n(s) : 0;
}

struct search {
	const struct view *v;
	const struct view_wanted *w;
	uint32_t best_line;
	int best_rank;
	struct view_run best;
};

/* Of runs that are as long: first what needs no name, then what is numbered alike, then what stands there verbatim. */
static int rank_of(const struct search *s, const struct line *x)
{
	bool is_there = s->w->there.n && str_eq(s->v->sources.v[x->source].name, s->w->there);

	return (is_there ? 4 : 0) + (x->number == s->w->number ? 2 : 0) + (x->is_cited ? 0 : 1);
}

/* Cheap: whether a run from line i on can be better than the best so far: longer, or as long and of a higher rank. */
static bool may_be_better(const struct search *s, uint32_t i, int rank)
{
	uint32_t last = s->best.n && rank > s->best_rank ? s->best.n - 1 : s->best.n;

	return i + last < s->v->lines_n && s->w->at + last < s->w->end &&
	       s->v->lines[i + last].hash == s->w->hashes[s->w->at + last];
}

static void try_key(struct search *s, uint32_t key)
{
	const struct view *v = s->v;
	uint32_t p = posting_of(v, key), next;
	int tried = 0;

	for (; p && tried < CANDIDATES_MAX; p = next) {
		const struct posting *x = &v->postings[p - 1];
		uint32_t n;
		int rank;

		next = posting_in(x->prev, key);
		if (next)
			__builtin_prefetch(&v->postings[next - 1]);
		if (x->key != key)
			continue;
		tried++;
		rank = rank_of(s, &v->lines[x->line]);
		if (!may_be_better(s, x->line, rank))
			continue;
		n = run_length(v, x->line, s->w->l, s->w->hashes, s->w->at, s->w->end);
		if (n > s->best.n || (n && n == s->best.n && rank > s->best_rank)) {
			s->best.n = n;
			s->best.from = v->lines[x->line].number;
			s->best_line = x->line;
			s->best_rank = rank;
		}
	}
}

/* The most common answer, which takes little time. */
static bool may_be_there(const struct view *v, const struct view_wanted *w)
{
	const uint64_t *hashes = w->hashes + w->at;

	return (w->at + 1 < w->end && posting_of(v, key_of_pair(hashes[0], hashes[1]))) ||
	       (w->l.v[w->at].n >= KEYS_LONG_LINE && posting_of(v, key_of_line(hashes[0])));
}

struct view_run view_find(const struct view *v, const struct view_wanted *w)
{
	const uint64_t *hashes = w->hashes + w->at;
	struct search s = {.v = v, .w = w};

	if (!may_be_there(v, w))
		return s.best;
	if (w->at + 1 < w->end)
		try_key(&s, key_of_pair(hashes[0], hashes[1]));
	if (!s.best.n && w->l.v[w->at].n >= KEYS_LONG_LINE)
		try_key(&s, key_of_line(hashes[0]));
	if (s.best.n) {
		const struct source *x = &v->sources.v[v->lines[s.best_line].source];

		s.best.name = x->name;
		s.best.is_whole = whole_n(x) == s.best.n;
	}
	for (uint32_t i = 0; i < s.best.n; i++)
		s.best.bytes += w->l.v[w->at + i].n;
	return s.best;
}

/* How many of the lines [at, end) stand in the view from line i on, shifted as the first one is. */
static uint32_t shifted_length(
	const struct view *v, uint32_t i, struct lines l, uint32_t at, uint32_t end, struct shift s)
{
	const struct line *first = &v->lines[i];
	uint32_t n = 0;

	while (at + n < end && i + n < v->lines_n && first[n].source == first->source &&
		first[n].number == first->number + n && shift_fits(s, first[n].text, l.v[at + n]))
		n++;
	return n;
}

struct view_run view_find_shifted(
	const struct view *v, struct lines l, const struct keys *k, uint32_t at, uint32_t end)
{
	struct view_run best = {0};
	uint32_t best_line = 0, p, key;
	int tried = 0;

	key = at + 1 < end ? k->shifted[at] : 0;
	p = key ? posting_of(v, key) : 0;
	for (; p && tried < CANDIDATES_MAX; p = posting_in(v->postings[p - 1].prev, key)) {
		const struct posting *x = &v->postings[p - 1];
		struct shift s;
		uint32_t n;

		if (x->key != key)
			continue;
		tried++;
		s = shift_between(v->lines[x->line].text, l.v[at]);
		n = s.n ? shifted_length(v, x->line, l, at, end, s) : 0;
		if (n > best.n) {
			best = (struct view_run){
				.from = v->lines[x->line].number, .n = n, .shift = s};
			best_line = x->line;
		}
	}
	if (best.n) {
		const struct source *x = &v->sources.v[v->lines[best_line].source];

		best.name = x->name;
		best.is_whole = whole_n(x) == best.n;
	}
	for (uint32_t i = 0; i < best.n; i++)
		best.bytes += l.v[at + i].n;
	return best;
}

bool view_line_behind(const struct view *v, str name, uint32_t number, size_t *at, str *out)
{
	size_t next = *at == VIEW_NO_LINE ? 0 : *at + 1;
	bool is_next = next && next < v->lines_n &&
		       v->lines[next].source == v->lines[next - 1].source &&
		       v->lines[next].number == number;
	const struct source *s = is_next ? NULL : find_source(v, name);

	if (!is_next) {
		next = s ? lower_bound(v, s, number) : 0;
		if (!s || next == s->first + s->n || v->lines[next].number != number)
			return false;
	}
	*at = next;
	*out = v->lines[next].text;
	return true;
}

bool view_line(const struct view *v, str name, uint32_t number, str *out)
{
	size_t at = VIEW_NO_LINE;

	return view_line_behind(v, name, number, &at, out);
}
