/* word: the words of prose: what must not be lost (numbers, negations, names, code, links), and what a word tells by itself.
 * Thread: any; pure functions, all memory is the caller's arena. */
#ifndef CORE_COMPRESS_PROSE_WORD_H
#define CORE_COMPRESS_PROSE_WORD_H

#include "core/base/arena.h"
#include "core/base/str.h"

/* Of ASCII, and all bytes of longer characters. */
static inline bool word_is_letter(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

enum word_weight {
	WORD_FREE,  /* may go */
	WORD_ONCE,  /* must stand somewhere in what is shown: names, code, links */
	WORD_ALWAYS /* must stay where it is: numbers, as code too, negations */
};

/* What is known of English words; a word may be of several classes. */
enum word_class {
	WORD_COMMON = 1, /* says little by itself */
	WORD_NEGATES =
		2,       /* without it a sentence says the opposite, or promises what it does not */
	WORD_TIME = 4,   /* says when */
	WORD_POLITE = 8, /* praise, thanks, greetings */
	WORD_PERSON = 16, /* who speaks of himself */
};

struct lexicon;

/* The known words, in the arena. */
const struct lexicon *lexicon_new(struct arena *a) RETURNS_NONNULL;

struct word {
	str text;
	uint64_t hash;    /* without case; never 0 */
	unsigned classes; /* of enum word_class */
	enum word_weight weight;
	bool is_span; /* code between backquotes, a link, the target of one */
};

/* struct word's hash of what is no code and no link. */
uint64_t word_hash(str word) PURE;

/* True when the word makes a sentence say the opposite, or less. */
bool word_negates(const struct word *w) PURE;

/* Reads words. is_start: rest begins a sentence, where a capital says nothing; kept up to date. */
struct word_reader {
	const struct lexicon *lexicon;
	str rest;
	bool is_start;
};

/* True when what stands behind that text begins a sentence. */
bool word_starts_behind(str text) PURE;

/* Takes the next word, without the signs around it; false at the end. Code between backquotes, an URL, and "(target" of a Markdown link are one word. */
bool word_next(struct word_reader *r, struct word *w) MUST_CHECK;

#endif
