/* token: HTML as tags and text, by the states of the WHATWG's tokenizer that matter for reading a page
 * (https://html.spec.whatwg.org/multipage/parsing.html#tokenization). Tolerates anything; linear. Thread: any; pure. */
#ifndef CORE_COMPRESS_HTML_TOKEN_H
#define CORE_COMPRESS_HTML_TOKEN_H

#include "core/base/attr.h"
#include "core/base/str.h"

/* What an element is to a reader. */
enum html_tag {
	TAG_INLINE,  /* any that is none of those below */
	TAG_BLOCK,   /* begins and ends a block; of it nothing else is known */
	TAG_LINK,    /* a */
	TAG_BREAK,   /* br */
	TAG_RULE,    /* hr and other blocks without content */
	TAG_VOID,    /* without content or end: img, input, meta ... */
	TAG_RAW,     /* its content is no text of the page: script, style, svg ... */
	TAG_HEADING, /* h1 to h6, and title */
	TAG_ITEM,    /* li, dt, dd */
	TAG_ROW,     /* tr */
	TAG_CELL,    /* td, th */
	TAG_PRE,
	TAG_MAIN,  /* main, article */
	TAG_ASIDE, /* nav, aside, footer, header, form ...: beside what the page is about */
};

struct html_token {
	enum { HTML_TEXT, HTML_START, HTML_END } type;
	enum html_tag tag;
	bool is_known;  /* an element of HTML, or one that a page made itself: those have a '-' */
	unsigned level; /* of a heading, 1 to 6 */
	str name;       /* of a tag, as it is written */
	str text;       /* of a text, as it is written; of a tag its attributes */
};

struct html_reader {
	str text;
	size_t at;
	size_t scripts_n,
		comments_n; /* how much was passed over: TAG_RAW with its content, comments */
};

/* The next tag or text that is not empty; false at the end. Comments, declarations and the content of TAG_RAW are passed over. */
bool html_next(struct html_reader *r, struct html_token *t) MUST_CHECK;

/* The value of an attribute, without quotes, as it is written; *found: there is one (it may be empty). */
str html_attribute(str attributes, const char *name, bool *found);

/* Appends text with its character references decoded (the common names and all numbers); the others stay. */
struct buf;
void html_decode(str text, struct buf *out);

#endif
