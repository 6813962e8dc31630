/* form: the parts of a text that holds grouped search results. Thread: any. */
#ifndef CORE_COMPRESS_SEARCH_FORM_H
#define CORE_COMPRESS_SEARCH_FORM_H

#include "core/compress/codec.h"
#include "core/compress/search/style.h"

struct search_form {
	str before; /* text above the head line, as it was */
	struct search_head head;
	str route; /* elided */
	str body; /* between the head line and the end of the results, without line ends around it */
	bool has_newline; /* behind the results */
	str after;        /* text behind them, as it was */
};

void search_form_write(struct buf *b, const struct search_form *f);
/* False when the text has no head line of this codec, or a damaged one. */
bool search_form_read(str text, struct search_form *out) MUST_CHECK;

/* The check of elided texts: struct codec's holds. Paths, order, and other lines are those of the original; of every
 * file first and last match are shown, what is shown is the original's, and what is shown and what is
 * said to be left out are as many as there were; every shape is shown. Where lines around matches are left out, every
 * match is shown, and every file of the original has one. */
bool search_holds(str original, str text, struct arena *a);

#endif
