/* element: the root of an XML text as JSON, see xml.h, and how it was laid out. Thread: any; pure. */
#ifndef CORE_COMPRESS_PAIRS_ELEMENT_H
#define CORE_COMPRESS_PAIRS_ELEMENT_H

#include "core/base/buf.h"

enum {
	ELEMENT_DEPTH_MAX = 60, /* nobody writes deeper; the table's reader goes as far */
	ELEMENT_INDENT_MAX = 8,
};

struct xml_style {
	unsigned
		indent; /* signs before an element within another; 0 and is_flat: all in one line */
	char fill;      /* ' ' or '\t' */
	bool is_flat;   /* no white space between elements */
	bool has_blank_slash; /* <a />, not <a/> */
};

/* Names of members that are no elements. */
#define ELEMENT_ATTRIBUTE "@"
#define ELEMENT_TEXT      "#"  /* beside attributes */
#define ELEMENT_NOTE      "#c" /* a comment, with all its signs; "#c2" is the next */
#define ELEMENT_PROLOG    "#p" /* what stands before the root in its line */
#define ELEMENT_AGAIN     '#'  /* behind a name that occurs again */

/* Reads the element that begins at text: appends it as a member of an object, and says where it ends. False when it is
 * none. Linear. */
bool element_read(str text, struct xml_style *style, struct buf *json, size_t *end) MUST_CHECK;
/* How many bytes from s on are a name of XML: letters, digits and "_:.-" (of ASCII, and all beyond); 0: none. */
size_t element_name(str s) PURE;

#endif
