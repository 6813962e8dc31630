#include "core/compress/prose/word.h"

#include "core/base/hash.h"

/* What bytes are, as bits. */
enum {
	IN_WORD = 1,
	DIGIT = 2,
	UPPER = 4,   /* a capital, or '_': what names have */
	STOPS = 8,   /* what follows begins a sentence, or a cell */
	MARK = 32,   /* a longer character may begin there that is no letter */
	SPAN = 16,   /* code may begin there, or the target of a link behind it */
	ENDS = 64,   /* a link ends before it */
	QUOTE = 128, /* the same, where it is no target in brackets */
};

#define IS_LETTER(c) (((c) >= 'A' && (c) <= 'Z') || ((c) >= 'a' && (c) <= 'z') || (c) >= 0x80)
#define IS_DIGIT(c)  ((c) >= '0' && (c) <= '9')
#define BITS(c)                                                                                    \
	((IS_LETTER(c) || IS_DIGIT(c) || (c) == '_' || (c) == '\'' ? IN_WORD : 0) |                \
		(IS_DIGIT(c) ? DIGIT : 0) |                                                        \
		(((c) >= 'A' && (c) <= 'Z') || (c) == '_' ? UPPER : 0) |                           \
		((c) == '.' || (c) == '!' || (c) == '?' || (c) == ':' || (c) == '\n' || (c) == '|' \
				? STOPS                                                            \
				: 0) |                                                             \
		((c) == '`' || (c) == ']' ? SPAN : 0) | ((c) == 0xe2 ? MARK : 0) |                 \
		((c) == ' ' || (c) == '\t' || (c) == '\r' || (c) == '\n' || (c) == ')' ? ENDS      \
										       : 0) |      \
		((c) == '>' || (c) == '"' || (c) == '\'' ? QUOTE : 0))
#define BITS4(c)  BITS(c), BITS((c) + 1), BITS((c) + 2), BITS((c) + 3)
#define BITS16(c) BITS4(c), BITS4((c) + 4), BITS4((c) + 8), BITS4((c) + 12)
#define BITS64(c) BITS16(c), BITS16((c) + 16), BITS16((c) + 32), BITS16((c) + 48)

static const uint8_t bits[256] = {BITS64(0), BITS64(64), BITS64(128), BITS64(192)};

static inline unsigned bits_of(char c)
{
	return bits[(unsigned char)c];
}

/* ---- known words ---------------------------------------------------------------------------------- */

static const struct {
	unsigned classes;
	const char *words; /* lower case, each with a blank behind it */
} known[] = {
	{WORD_COMMON,
		"a an and are as at also any all about be been by but can do does each for from he "
		"his her have has had how here in is it it's its if into just more most of on or "
		"our other over out she so should some such the to this that that's these those "
		"they their then than there up very was were with we will would which who what "
		"when where you you're your am being could did get got like us him them "},
	{WORD_COMMON | WORD_PERSON, "i i'm i've i'd i'll me my "},
	{WORD_NEGATES | WORD_COMMON, "not no nor neither "},
	{WORD_NEGATES, "avoid cannot deprecated except error failed hardly must never none nothing "
		       "nobody nowhere only unless without warning "},
	{WORD_TIME, "ago april august autumn birthday day days december evening fall february "
		    "friday hour hours january july june last march minutes monday month "
		    "months morning next november october recently saturday september since "
		    "spring summer sunday thursday today tomorrow tonight tuesday wednesday week "
		    "weekend weeks winter year years yesterday "},
	{WORD_POLITE,
		"absolutely amazing appreciate awesome bye congrats congratulations cool "
		"definitely excited exciting fantastic glad great haha happy hello hey hi hope "
		"inspiring love luck nice oh proud really sorry sounds sure thank thanks totally "
		"welcome wonderful wow yeah yep yes "},
};

enum { SLOTS = 1 << 10 }; /* some 250 words */

struct lexicon {
	struct {
		uint64_t hash;
		unsigned classes;
	} slots[SLOTS];
};

/* FNV-1a over the bytes without case, then the finalizer of MurmurHash3, so that low bits depend on all of them. */
static const uint64_t fnv_basis = 0xcbf29ce484222325u, fnv_prime = 0x100000001b3u;

static inline uint64_t hash_byte(uint64_t h, char c)
{
	unsigned char lower = (unsigned char)c;

	lower |= c >= 'A' && c <= 'Z' ? 0x20 : 0;
	return (h ^ lower) * fnv_prime;
}

static inline uint64_t hash_end(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	return (h ^ h >> 33) | 1; /* 0 is an empty slot */
}

static size_t slot_of(const struct lexicon *l, uint64_t hash)
{
	size_t at = hash >> 8 & (SLOTS - 1);

	while (l->slots[at].hash && l->slots[at].hash != hash)
		at = (at + 1) & (SLOTS - 1);
	return at;
}

const struct lexicon *lexicon_new(struct arena *a)
{
	struct lexicon *l = arena_new(a, struct lexicon);

	for (size_t i = 0; i < ARRAY_N(known); i++) {
		uint64_t h = fnv_basis;

		for (const char *p = known[i].words; *p; p++) {
			size_t at;

			if (*p != ' ') {
				h = hash_byte(h, *p);
				continue;
			}
			at = slot_of(l, hash_end(h));
			l->slots[at].hash = hash_end(h);
			l->slots[at].classes |= known[i].classes;
			h = fnv_basis;
		}
	}
	return l;
}

static unsigned classes_of(const struct lexicon *l, uint64_t hash)
{
	return l->slots[slot_of(l, hash)].classes;
}

uint64_t word_hash(str word)
{
	uint64_t h = fnv_basis;

	for (size_t i = 0; i < word.n; i++)
		h = hash_byte(h, word.p[i]);
	return hash_end(h);
}

/* "_never_" without what is emphasis. */
static str unmarked(str word)
{
	while (word.n && *word.p == '_')
		word = str_sub(word, 1, word.n);
	while (word.n && word.p[word.n - 1] == '_')
		word.n--;
	return word;
}

/* A dash, a quotation mark but the one that is an apostrophe, a bullet, dots: U+2010 to U+2027 but U+2019. */
enum { MARK_BYTES = 3 };
static bool is_mark(str text, size_t at)
{
	unsigned char last = at + MARK_BYTES <= text.n ? (unsigned char)text.p[at + 2] : 0;

	return last >= 0x90 && last <= 0xa7 && last != 0x99 && text.p[at] == '\xe2' &&
	       text.p[at + 1] == '\x80';
}

/* ---- a text's words ------------------------------------------------------------------------------- */

/* What stands between two of that sign, on one line or over its end; 0 when there is no second one. */
static size_t span_length(str text, char sign)
{
	size_t ends = 0;

	for (size_t i = 1; i < text.n && ends < 2; i++) {
		if (text.p[i] == sign)
			return i + 1;
		ends += text.p[i] == '\n';
	}
	return 0;
}

/* Of an URL whose scheme has n bytes; 0: it is none. */
static size_t link_length(str text, size_t n)
{
	if (!str_starts(str_sub(text, n, text.n), STR("://")))
		return 0;
	for (n += 3; n < text.n && !(bits_of(text.p[n]) & (ENDS | QUOTE));)
		n++;
	return n;
}

/* Code that is a number, with what follows it: `0`, `-1`, `"503 Gone"`. */
static bool is_number(str code)
{
	size_t at = 1;

	while (at < code.n && strchr("\"'-+$.", code.p[at]))
		at++;
	return *code.p == '`' && at < code.n && IS_DIGIT(code.p[at]);
}

static bool take_span(struct word_reader *r, size_t n, struct word *w)
{
	*w = (struct word){.text = str_sub(r->rest, 0, n), .weight = WORD_ONCE, .is_span = true};
	if (is_number(w->text))
		w->weight = WORD_ALWAYS;
	w->hash = hash64(w->text) | 1;
	r->rest = str_sub(r->rest, n, r->rest.n);
	r->is_start = false;
	return true;
}

bool word_negates(const struct word *w)
{
	static const str ends[] = {{"n't", 3}, {"n\xe2\x80\x99t", 5}};
	bool negates = (w->classes & WORD_NEGATES) != 0;

	if (w->text.n < ends[0].n || (w->text.p[w->text.n - 1] | 0x20) != 't')
		return negates; /* nearly all */
	for (size_t i = 0; i < ARRAY_N(ends) && !negates; i++)
		negates =
			w->text.n > ends[i].n &&
			str_eq_nocase(str_sub(w->text, w->text.n - ends[i].n, w->text.n), ends[i]);
	return negates;
}

/* all: bits that some byte has; late: that some byte but the first has. */
static enum word_weight weigh(const struct word *w, unsigned all, unsigned late, bool is_start)
{
	if (all & DIGIT || word_negates(w))
		return WORD_ALWAYS;
	/* "I" is no name, nor is what begins a sentence, unless its capitals say more */
	if (w->text.n < 2 || !((is_start ? late : all) & UPPER))
		return WORD_FREE;
	return WORD_ONCE;
}

/* Of the target of a Markdown link, when text is what follows its "["..."]": "(./a.md#b". */
static size_t target_length(str text)
{
	size_t n = 1;

	if (!text.n || *text.p != '(')
		return 0;
	while (n < text.n && !(bits_of(text.p[n]) & ENDS))
		n++;
	return n > 1 ? n : 0;
}

/* How long the code is that begins there, or the target of a link, which rest then begins with; 0: there is none. */
static size_t span_at(str *rest, size_t at)
{
	bool is_code = rest->p[at] == '`';
	str text = str_sub(*rest, at + !is_code, rest->n);
	size_t n = is_code ? span_length(text, '`') : target_length(text);

	if (n)
		*rest = text;
	return n;
}

/* Passes over what is in no word; true when a piece of code or the target of a link begins there, of *n bytes. */
static bool skip_signs(struct word_reader *r, size_t *n)
{
	size_t at = 0;

	for (unsigned here; at < r->rest.n; at++) {
		here = bits_of(r->rest.p[at]);
		if (here & MARK && is_mark(r->rest, at)) {
			at += MARK_BYTES - 1;
			continue;
		}
		if (here & IN_WORD)
			break;
		if (here & STOPS)
			r->is_start = true;
		if (!(here & SPAN))
			continue;
		if (str_starts(str_sub(r->rest, at, r->rest.n), STR("```"))) {
			at += 2;
			continue;
		}
		*n = span_at(&r->rest, at);
		if (*n)
			return true;
	}
	r->rest = str_sub(r->rest, at, r->rest.n);
	return false;
}

bool word_starts_behind(str text)
{
	while (text.n) {
		unsigned last = bits_of(text.p[text.n - 1]);

		if (text.n >= MARK_BYTES && is_mark(text, text.n - MARK_BYTES))
			text.n -= MARK_BYTES;
		else if (last & (IN_WORD | STOPS))
			return last & STOPS;
		else
			text.n--;
	}
	return true;
}

bool word_next(struct word_reader *r, struct word *w)
{
	size_t n = 0, link;
	uint64_t h = fnv_basis;
	unsigned all = 0, late = 0, here;

	if (skip_signs(r, &n))
		return take_span(r, n, w);
	if (!r->rest.n)
		return false;
	for (; n < r->rest.n && (here = bits_of(r->rest.p[n])) & IN_WORD; n++) {
		if (here & MARK && is_mark(r->rest, n))
			break;
		h = hash_byte(h, r->rest.p[n]);
		all |= here;
		late |= n ? here : 0;
	}
	link = n < r->rest.n && r->rest.p[n] == ':' ? link_length(r->rest, n) : 0;
	if (link)
		return take_span(r, link, w);
	*w = (struct word){.text = str_sub(r->rest, 0, n), .hash = hash_end(h)};
	w->classes = classes_of(r->lexicon, w->hash);
	if (*w->text.p == '_')
		w->classes |= classes_of(r->lexicon, word_hash(unmarked(w->text)));
	w->weight = weigh(w, all, late, r->is_start);
	r->is_start = false;
	r->rest = str_sub(r->rest, n, r->rest.n);
	return true;
}
