/* word: what in prose must not be lost: numbers, negations, names, code, links, what is quoted. Thread: any; pure. */
#ifndef CORE_COMPRESS_PROSE_WORD_H
#define CORE_COMPRESS_PROSE_WORD_H

#include "core/base/attr.h"
#include "core/base/str.h"

/* Of ASCII, and all bytes of longer characters. */
static inline bool word_is_letter(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

enum word_weight {
	WORD_FREE,  /* may go */
	WORD_ONCE,  /* must stand somewhere in what is shown: names, code, links */
	WORD_ALWAYS /* must stay where it is: numbers, negations */
};

/* Takes the next word of a text, without the signs around it; false at its end. Code between backquotes, and a link, are one
 * word. is_start: the beginning of *rest is that of a sentence, where a capital says nothing; it is set to whether what
 * follows the word is. */
bool word_next(str *rest, bool *is_start, str *word, enum word_weight *weight) MUST_CHECK;

/* Words that say little by themselves; lower or upper case. */
bool word_is_common(str word) PURE;

#endif
