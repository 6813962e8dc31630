#include "core/retrieve/question.h"

#include <math.h>

#include "core/retrieve/rank.h"
#include "core/retrieve/units.h"

enum {
	SHORT_WORD = 3,  /* shorter ones are no names, and numbers below 100 are everywhere */
	PLAIN_WORDS = 3, /* so many plain words in one line are as good as a name */
};
/* What a name weighs, against a plain word. */
static const double name_weight = 3;

/* Words that questions are made of. */
static const char *const stop_words[] = {"about", "again", "all", "also", "and", "any", "are",
	"can", "check", "could", "did", "does", "explain", "file", "files", "find", "first", "fix",
	"for", "from", "get", "give", "had", "has", "have", "her", "here", "how", "into", "its",
	"just", "know", "last", "let", "like", "line", "lines", "list", "look", "make", "may",
	"more", "need", "new", "not", "now", "off", "one", "only", "our", "out", "output", "please",
	"run", "say", "says", "see", "show", "should", "some", "sure", "tell", "than", "thanks",
	"that", "the", "them", "then", "there", "these", "they", "this", "those", "two", "use",
	"used", "using", "want", "was", "were", "what", "when", "where", "which", "who", "why",
	"will", "with", "would", "yes", "you", "your"};

/* ---- the question ------------------------------------------------------------------------------------ */

static bool is_stop_word(str word)
{
	for (size_t i = 0; i < sizeof stop_words / sizeof *stop_words; i++)
		if (str_eq_nocase(word, str_from(stop_words[i])))
			return true;
	return false;
}

static bool is_word_at(str text, size_t at)
{
	unsigned char c = at < text.n ? (unsigned char)text.p[at] : 0;

	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* Joined to another word as in a path or a call: main.c, a/b, run(). */
static bool is_joined(str text, size_t from, size_t to)
{
	bool before = from >= 2 && is_one_of(text.p[from - 1], "./") && is_word_at(text, from - 2);
	bool after = to + 1 < text.n && is_one_of(text.p[to], "./") && is_word_at(text, to + 1);

	return before || after || (to < text.n && text.p[to] == '(');
}

static bool is_quoted(str text, size_t from, size_t to)
{
	return from && to < text.n && is_one_of(text.p[from - 1], "`\"'") &&
	       text.p[to] == text.p[from - 1];
}

/* A digit or '_' in it, or a capital behind a small letter. */
static bool looks_like_name(str word)
{
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];

		if ((c >= '0' && c <= '9') || c == '_')
			return true;
		if (i && c >= 'A' && c <= 'Z' && word.p[i - 1] >= 'a' && word.p[i - 1] <= 'z')
			return true;
	}
	return false;
}

static struct question_word *find_word(struct question *q, uint64_t hash)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->words[i].hash == hash)
			return &q->words[i];
	return NULL;
}

/* False when there are too many. */
static bool add_word(struct question *q, str text, str word, uint64_t hash)
{
	size_t from = (size_t)(word.p - text.p), to = from + word.n;
	struct question_word *known = find_word(q, hash);
	bool is_name =
		looks_like_name(word) || is_joined(text, from, to) || is_quoted(text, from, to);

	if (word.n < SHORT_WORD || (!is_name && is_stop_word(word)))
		return true;
	if (!known && q->n == QUESTION_WORDS_MAX)
		return false;
	if (!known) {
		known = &q->words[q->n++];
		*known = (struct question_word){.hash = hash};
	}
	known->is_name = known->is_name || is_name;
	return true;
}

/* What agents put into a user's turn begins with a tag, or a bracket. */
bool question_read(str text, struct question *out)
{
	size_t names_n = 0;
	uint64_t hash;
	str rest, word;

	*out = (struct question){.n = 0};
	rest = text = str_trim(text);
	if (!text.n || text.n > QUESTION_BYTES_MAX || *text.p == '<' || *text.p == '[')
		return false;
	while (rank_next_word(&rest, &word, &hash))
		if (!add_word(out, text, word, hash))
			return false;
	for (size_t i = 0; i < out->n; i++)
		names_n += out->words[i].is_name;
	return names_n || out->n >= PLAIN_WORDS;
}

/* ---- where it is --------------------------------------------------------------------------------------- */

/* The words of the question that a text has, a bit for each. */
static uint32_t words_in(const struct question *q, str text)
{
	uint32_t found = 0;
	uint64_t hash;
	str word;

	while (rank_next_word(&text, &word, &hash))
		for (size_t i = 0; i < q->n; i++)
			if (q->words[i].hash == hash)
				found |= (uint32_t)1 << i;
	return found;
}

void question_count(struct question *q, str original)
{
	uint32_t found = words_in(q, original);

	q->originals_n++;
	for (size_t i = 0; i < q->n; i++)
		q->words[i].having += found >> i & 1;
}

/* What few of the originals have weighs more; what none has, most: then something else is asked for. */
static void weigh(const struct question *q, double *weights)
{
	double n = q->originals_n ? q->originals_n : 1;

	for (size_t i = 0; i < q->n; i++) {
		const struct question_word *w = &q->words[i];

		weights[i] = (w->is_name ? name_weight : 1) *
			     log(1 + n / (w->having ? w->having : 1)) / log(1 + n);
	}
}

static bool asks_for(const struct question *q, uint32_t words)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++) {
		if ((words >> i & 1) && q->words[i].is_name)
			return true;
		n += words >> i & 1;
	}
	return n >= PLAIN_WORDS;
}

struct search {
	const struct question *q;
	struct units units;
	uint32_t *words; /* of each unit */
	str sent;
	double weights[QUESTION_WORDS_MAX];
};

static double weight_of(const struct search *s, uint32_t words)
{
	double sum = 0;

	for (size_t i = 0; i < s->q->n; i++)
		sum += words >> i & 1 ? s->weights[i] : 0;
	return sum;
}

static size_t having_in_sent(const struct search *s, uint32_t words)
{
	str rest = s->sent, line;
	size_t n = 0;

	while (str_next_line(&rest, &line, NULL))
		n += (words_in(s->q, line) & words) == words;
	return n;
}

static size_t having(const struct search *s, uint32_t words)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->units.n; i++)
		n += (s->words[i] & words) == words;
	return n;
}

/* What the words of a unit weigh; 0 when they ask for nothing. */
static double weight_at(const struct search *s, uint32_t i)
{
	return asks_for(s->q, s->words[i]) ? weight_of(s, s->words[i]) : 0;
}

/* The units that weigh most, at most QUESTION_HITS_MAX + 1 of them; how many. */
static size_t best_units(const struct search *s, uint32_t *at)
{
	static const double same = 1e-9; /* sums of the same words in another order */
	double best = same;
	size_t n = 0;

	for (uint32_t i = 0; i < s->units.n; i++) {
		double weight = s->words[i] ? weight_at(s, i) : 0;

		if (weight > best + same)
			n = 0;
		if (weight > best + same)
			best = weight;
		if (weight >= best - same && weight > same && n <= QUESTION_HITS_MAX)
			at[n++] = i;
	}
	return n;
}

/* Sent has the unit, or as many with its words as the original has. */
static bool is_visible(const struct search *s, uint32_t i)
{
	return str_find(s->sent, str_trim(s->units.v[i].text)) != STR_NONE ||
	       having_in_sent(s, s->words[i]) >= having(s, s->words[i]);
}

/* The words of all units that are shown around a hit. */
static uint32_t words_around(const struct search *s, uint32_t at)
{
	uint32_t around = s->units.are_rows ? 0 : QUESTION_AROUND, words = 0;
	uint32_t from = at > around ? at - around : 0;

	for (uint32_t i = from; i <= at + around && i < s->units.n; i++)
		words |= s->words[i];
	return words;
}

static void choose_units(str original, struct arena *a, struct search *s)
{
	struct units rows;
	struct inner inner;

	if (units_inner(original, a, &inner))
		original = inner.text;
	if (units_inner(s->sent, a, &inner))
		s->sent = inner.text;
	units_of_lines(original, a, &s->units);
	if (units_of_rows(original, a, &rows) && rows.n > s->units.n)
		s->units = rows;
	s->words = arena_array(a, uint32_t, s->units.n + 1);
	for (uint32_t i = 0; i < s->units.n; i++)
		s->words[i] = words_in(s->q, s->units.v[i].text);
}

void question_find(const struct question *q, str original, str sent, struct arena *a,
	struct question_found *out)
{
	struct search s = {.q = q, .sent = sent};
	uint32_t at[QUESTION_HITS_MAX + 1], shown = 0;
	uint32_t *hits = arena_array(a, uint32_t, QUESTION_HITS_MAX);
	size_t n;

	*out = (struct question_found){.hits = hits};
	weigh(q, s.weights);
	choose_units(original, a, &s);
	out->are_rows = s.units.are_rows;
	out->units_n = s.units.numbers_n;
	n = best_units(&s, at);
	if (n > QUESTION_HITS_MAX)
		return;
	for (size_t i = 0; i < n; i++) {
		if (is_visible(&s, at[i]))
			continue;
		hits[out->hits_n++] = s.units.v[at[i]].number;
		shown |= words_around(&s, at[i]);
	}
	out->share = weight_of(&s, shown) / weight_of(&s, UINT32_MAX);
}

str question_ranges(const struct question_found *f, size_t hits_n, struct arena *a)
{
	uint32_t around = f->are_rows ? 0 : QUESTION_AROUND, from, to = 0;
	struct buf b;

	buf_init_arena(&b, a, 64 * QUESTION_HITS_MAX);
	for (size_t i = 0; i < hits_n && i < f->hits_n; i++) {
		from = f->hits[i] > around ? f->hits[i] - around : 1;
		if (from <= to)
			from = to + 1;
		to = f->hits[i] + around < f->units_n ? f->hits[i] + around : f->units_n;
		if (from > to)
			continue;
		buf_printf(&b, "%s%u-%u", b.n ? "," : "", (unsigned)from, (unsigned)to);
	}
	return buf_str(&b);
}
