/* sentence: a text as lines that stay as they are (headings, code, tables, whatever is no prose) and sentences, one
 * behind the other without gaps. Knows English marks; a text of another script has few sentences, and stays.
 * Thread: any; all memory is the caller's arena. */
#ifndef CORE_COMPRESS_PROSE_SENTENCE_H
#define CORE_COMPRESS_PROSE_SENTENCE_H

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/compress/prose/word.h"

/* What is kept, and still has something that could be left out where nothing else is left. */
enum sentence_opens {
	OPENS_NOT,
	OPENS_LINE, /* prose behind the sign of a quote, or indented */
	OPENS_ROW,  /* of a table in Markdown, below its head: cells */
	OPENS_CODE, /* a line of a fenced block of code behind the first one, which defines nothing */
};

struct sentence {
	str text; /* with the blanks and line ends behind it */
	bool is_kept; /* structure: a line that is no prose, the number of a list's item, the name of a speaker */
	bool is_first; /* of its paragraph, where nobody speaks: how one begins to talk is rarely what matters */
	bool is_part;   /* of a sentence, behind another part of it */
	bool is_answer; /* the paragraph, the title or the speaker before it asks something */
	enum sentence_opens opens;
	uint32_t cost; /* 0: not told yet (cost.h) */
};

typedef VEC(struct sentence) sentence_vec;

/* A sentence as parts that could be left out one by one: where a comma, a semicolon, a colon, a dash or an opening bracket parts it, outside
 * of code, links and emphasis. */
void sentence_parts(const struct sentence *s, struct arena *a, sentence_vec *out);

/* A part of a sentence as phrases that could be left out one by one: what must not be lost (word.h) with the words that it needs around it, and what
 * stands between. A number keeps two words on either side, a negation the whole part. */
void sentence_phrases(const struct sentence *s, const struct lexicon *lexicon, struct arena *a,
	sentence_vec *out);

/* What is kept as what is kept of it, and sentences that could be left out one by one: of a row those in long cells, but for the first, which names it. */
void sentence_open(const struct sentence *s, struct arena *a, sentence_vec *out);

/* True when some of it is marked as important, or a mark of that begins or ends in it. */
bool sentence_is_strong(str text);

/* True when text ends with a question mark, but for quotes and brackets. */
bool sentence_asks(str text);

/* All of the text, in order. */
void sentences_of(str text, struct arena *a, sentence_vec *out);

/* True when the line begins something that a reader finds his way by: a heading, an item of a list, a line of a table or of
 * a quote, a fence of code. Blanks before it are passed over. */
bool sentence_line_is_structure(str line);

/* True for the line before and the line behind a block of code. Blanks before it are passed over. */
bool sentence_line_is_fence(str line);

#endif
