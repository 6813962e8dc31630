/* marker: the lines that we put in place of text, and nothing else knows how they are spelled. Every marker
 * is a line of its own, in plain words, from '[' to ']'. Thread: any.
 *
 *	[lines 12-345]                     the next lines are numbered 12 to 345; their number columns,
 *	[lines 12→345] [lines 12:345] ...  of the style that the sign between the numbers tells, are dropped
 *	[lines 12-345, each after "%4d| "] the same, for any other style
 *	[lines 80-137, matches 82 97]      the same for grep -n with context: "82:" and "97:", all others
 *	                                   like "80-"
 *	[lines 3..40 same as Read main.c]  38 lines stand here that an earlier result or call input shows,
 *	                                   under the same numbers
 *	[lines 3→40 same as Read main.c]   ... with number columns of that style, which are dropped
 *	[same as Read main.c lines 3-40]   ... under these numbers
 *	[same as Read main.c line 3]       ... one line
 *	[same as Write notes.md]           ... all of that one
 *	[55-60 there] [71 there]           ... of the one that was named last in this text
 *	[3-40 again] [7 again]             ... that this text itself shows further up
 *	[3-40 again, indented 4 more]      ... with four blanks more in front; "1 tab less"; so all of these
 *	[same as Bash make line 7, but "2" -> "3"]   one line, with these words exchanged
 *	[3 more like the line above]       the line before stands three more times
 *	[12 lines, each: src/core/]        the next 12 lines begin with "src/core/"
 *
 * Text that holds such a line already is never encoded, which makes decoding unambiguous and a second
 * compression a no-op. */
#ifndef CORE_COMPRESS_MARKER_H
#define CORE_COMPRESS_MARKER_H

#include "core/base/buf.h"

/* How a line-number column is spelled: the number, right-aligned to width (0: not aligned), then sep. */
enum { GUTTER_SEP_MAX = 8 };
struct gutter_style {
	uint8_t width, sep_n;
	char sep[GUTTER_SEP_MAX];
	str hits; /* " 82 97": numbers of grep's matches, which have ':' for '-'; else empty */
};

/* What lines have more in front than those that they are the same as, or less: n times the same sign. Lines without a
 * sign stay so. */
enum { SHIFT_MAX = 99 };
struct shift {
	uint8_t n; /* 0: nothing */
	bool is_tab, is_less;
};

enum { GUTTER_HITS_MAX = 64 };
bool gutter_is_hit(const struct gutter_style *style, uint32_t number);

enum marker_kind {
	MARKER_GUTTER, /* from, to, style */
	MARKER_SAME, /* from, to, name (empty: this text itself, unless is_there); perhaps has_gutter, style */
	MARKER_VARIANT, /* from, name (empty: this text itself), words */
	MARKER_REPEAT,  /* count */
	MARKER_EACH,    /* count, name: the prefix */
};

struct marker {
	enum marker_kind kind;
	uint32_t from, to; /* line numbers, both included */
	uint32_t count;
	bool is_whole;       /* SAME: all lines of the source; from and to mean nothing */
	bool is_same_number; /* SAME: the lines are numbered from .. to here as well */
	bool has_gutter;     /* SAME with is_same_number: and have a number column of that style */
	bool is_there;       /* SAME: in what the last reference of this text named; has no name */
	struct shift shift;  /* SAME without has_gutter */
	struct gutter_style style;
	str name;
	str words; /* VARIANT: of core/compress/variant.h */
};

/* True when the style can be told by the sign between the numbers. */
bool marker_has_spelling(const struct gutter_style *style);
void marker_write(struct buf *b, const struct marker *m);
/* True when the line is a marker of ours, exactly as marker_write spells it. name points into the line. */
bool marker_parse(str line, struct marker *out) MUST_CHECK;

/* line as the shift makes it of the other one; false when that one lacks what is to be taken away. */
bool shift_apply(struct shift s, str line, struct arena *a, str *out) MUST_CHECK;
/* True when line is what the shift makes of old. */
bool shift_fits(struct shift s, str old, str line);
/* The shift that makes line of old; n = 0 when there is none, or none is needed. */
struct shift shift_between(str old, str line);

/* True when a source of that name can be told in every marker: false for "lines 3-40 above" and the like. */
bool marker_can_name(str name, struct arena *a);

/* True when the text holds a marker of ours, or one that asks to retrieve something by hash (ours and the
 * reference product's spellings, compression.md 7.1): such text was compressed before. */
bool marker_in_text(str text);

/* The number column of one line, e.g. "    12→". */
void gutter_write(struct buf *b, const struct gutter_style *style, uint32_t number);
bool gutter_style_eq(const struct gutter_style *a, const struct gutter_style *b);

#endif
