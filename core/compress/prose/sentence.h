/* sentence: a text as lines that stay as they are (headings, code, tables, whatever is no prose) and sentences, one
 * behind the other without gaps. Knows English marks; a text of another script has few sentences, and stays.
 * Thread: any; all memory is the caller's arena. */
#ifndef CORE_COMPRESS_PROSE_SENTENCE_H
#define CORE_COMPRESS_PROSE_SENTENCE_H

#include "core/base/str.h"
#include "core/base/vec.h"

struct sentence {
	str text; /* with the blanks and line ends behind it */
	bool is_kept; /* structure: a line that is no prose, the number of a list's item, the name of a speaker */
	bool is_first; /* of its paragraph */
};

typedef VEC(struct sentence) sentence_vec;

/* All of the text, in order. */
void sentences_of(str text, struct arena *a, sentence_vec *out);

/* True when the line begins something that a reader finds his way by: a heading, an item of a list, a line of a table or of
 * a quote, a fence of code. Blanks before it are passed over. */
bool sentence_line_is_structure(str line);

#endif
