/* gist_text: a long text that people wrote about something (a description, a help text) without the sentences that say nothing
 * which is not said elsewhere. A mark stands in their place, with the number of characters:
 *	Deletes the topic and all its subscriptions. [+212]
 * Its beginning always stays; so does what has a number, a negation, strong emphasis or a word of trouble, and a name, a piece of
 * code or a link that is shown nowhere else. Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_GIST_TEXT_H
#define CORE_COMPRESS_TABLE_GIST_TEXT_H

#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/compress/prose/word.h"

enum {
	GIST_MIN = 121, /* bytes of a text that may be cut: nobody looks up a longer one */
};

#define GIST_MARK "[+"
/* What a head line says where a text below it has such a mark. */
#define GIST_WORDS "[+9] 9 characters left out"

/* Words that are shown somewhere. */
struct gist_words {
	const struct lexicon *lexicon;
	struct map shown;
};

void gist_words_init(struct gist_words *w, struct arena *a);
/* The words of a text that is shown, which must outlive w. Where it has marks, of what stands around them. */
void gist_words_add(struct gist_words *w, str text);

/* A part of a text: about a sentence. */
struct gist_piece {
	str text;
	bool is_head; /* the number of an item or a name before what is said: goes with what is behind it */
	bool is_kept;
	bool is_out;
};
struct gist {
	str text;
	struct gist_piece *v;
	size_t n;
};

/* A text as pieces; those that stay, whatever else is shown, are kept. False when it must not be cut: it is short, has nothing that
 * could go, or what would be taken for a mark. */
bool gist_open(struct gist *b, str text, const struct gist_words *w, struct arena *a) MUST_CHECK;
/* Adds the words of what is kept. */
void gist_show(const struct gist *b, struct gist_words *w);
/* Chooses pieces that go, by what is shown; words of those that stay are added. Bytes that go. */
size_t gist_choose(struct gist *b, struct gist_words *w);
/* The text as it is shown. */
void gist_write(const struct gist *b, struct buf *out);

/* True when shown is that text but for what its marks count, and none of that had to stay. w: of all that is shown. */
bool gist_holds(str text, str shown, const struct gist_words *w) MUST_CHECK;

#endif
