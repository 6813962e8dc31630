/* layout: the white space that a JSON writer puts between tokens, recognised and put back. A layout is regular: a few
 * facts hold for all of a document. Owns: nothing. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_LAYOUT_H
#define CORE_COMPRESS_TABLE_LAYOUT_H

#include "core/base/buf.h"

enum { LAYOUT_ALL = UINT8_MAX };

/* What stands between the brackets of an empty container. */
enum layout_empty {
	EMPTY_NOTHING,
	EMPTY_BLANK,
	EMPTY_LINE,     /* the closing one has a line of its own */
	EMPTY_LINES,    /* and there is a line without anything before it */
	EMPTY_INDENTED, /* which is indented as a child would be: Jenkins */
	EMPTY_N
};

struct layout {
	uint8_t indent; /* signs for each level; 0: none, even where lines break */
	bool is_tab;    /* these are tabs, not blanks */
	uint8_t lines; /* containers above that depth have a line for each child; LAYOUT_ALL: all have */
	bool is_flat_array;             /* arrays without containers stay on one line */
	bool before_colon, after_colon; /* a blank there */
	bool after_comma;               /* a blank, where no line breaks */
	bool end_comma;                 /* a blank at the end of a line, as Python 2 leaves it */
	bool is_padded;                 /* blanks inside the brackets of one line */
	bool is_crlf;
	uint8_t empty; /* enum layout_empty */
};

/* Blanks behind ',' and ':', as Python writes it. */
#define LAYOUT_SPACED                                    \
	{                                                \
		.after_colon = true, .after_comma = true \
	}

/* What the beginning of a document (one value) looks like. */
struct layout layout_guess(str json);
/* A value, given that layout for what it has. */
void layout_apply(const struct layout *l, str json, struct buf *out);
/* True when the value has that layout. */
bool layout_is(const struct layout *l, str json) MUST_CHECK;
/* True when it puts nothing between tokens. */
bool layout_is_tight(const struct layout *l) PURE;
/* In words, each with ", " before it; nothing for minified. */
void layout_write(const struct layout *l, struct buf *out);
/* One of these words; false when it is none. */
bool layout_read(struct layout *l, str word) MUST_CHECK;

#endif
