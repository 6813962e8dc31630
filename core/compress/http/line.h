/* line: what a line of an exchange is, by its beginning and by the lines before it. Thread: any. */
#ifndef CORE_COMPRESS_HTTP_LINE_H
#define CORE_COMPRESS_HTTP_LINE_H

#include "core/base/str.h"

enum http_kind {
	HTTP_TEXT,       /* the body, or anything else */
	HTTP_START,      /* a request or status line */
	HTTP_KEEP,       /* a header, or a line of curl, that says something */
	HTTP_HEADER,     /* a header that says nothing of the answer */
	HTTP_CONNECTION, /* how curl or wget came to it */
	HTTP_PROGRESS,
	HTTP_KINDS_N
};

/* Where the reader of lines is: between a start line and the empty line behind its headers. */
struct http_reader {
	bool is_head;
	str prefix; /* before each line of the head: "", "< ", "> ", "  " */
};

/* True when the first lines are such. */
bool http_looks_like(str text) PURE;
/* Of the line behind those that the reader has seen. *name: of a HEADER. */
enum http_kind http_line(struct http_reader *r, str line, str *name);

/* True for what may be left out. */
static inline bool http_is_noise(enum http_kind kind)
{
	return kind >= HTTP_HEADER;
}

#endif
