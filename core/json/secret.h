/* secret: what secrets and images look like, for core/json/redact.c.
 * Owns: nothing. Thread: any; a struct secret_scan is one thread's. */
#ifndef CORE_JSON_SECRET_H
#define CORE_JSON_SECRET_H

#include "core/base/str.h"

enum { /* bits of a class */
	CLASS_ALNUM = 1,
	CLASS_WORD = 2,   /* and _ - */
	CLASS_BASE64 = 4, /* and + / = */
	CLASS_TOKEN = 8,  /* RFC 6750 section 2.1, RFC 7617: and - . _ ~ + / =, and % of URLs */
	CLASS_UPPER = 16, /* capitals and digits */
	CLASS_DIGIT = 32,
	CLASS_SPACE = 64,
};

unsigned secret_classes(int c) PURE; /* of a character; -1 has none */
/* The same for the character in front of a word; "_" goes on with a word, "-" does not. */
unsigned secret_class_before(int c) PURE;

/* One character: a byte, or an escape of JSON. */
struct secret_char {
	size_t n; /* bytes */
	int c;    /* ASCII, else -1 */
};
struct secret_char secret_unit(str s, size_t at);

struct secret_span {
	size_t bytes, chars;
	bool has_digit;
};
/* The characters of the class from at on, at most max. */
struct secret_span secret_run(str s, size_t at, unsigned class, size_t max);

/* What was found: keep bytes stay, the next n are replaced. */
struct secret_hit {
	size_t keep, n;
	const char *type; /* NULL: nothing found */
	size_t image_n;   /* type is an image of so many bytes */
};

/* A text, and where a search that found nothing would go on finding nothing, which keeps the whole linear. */
struct secret_scan {
	str s;
	bool is_target;      /* of a request: a parameter's name is enough */
	size_t no_jwt_until; /* what begins before has no end that would make it one */
	/* The first end of a private key at or behind key_end_from. */
	bool has_key_end;
	size_t key_end_from, key_end_at;
};

/* Where the next byte is that something may begin with; most of a text is passed here. *before: the classes of the
 * character in front of at, then of that in front of what is returned. */
size_t secret_skip(str s, size_t at, unsigned *before);
/* What stands at the beginning of a word (before: the classes of the character in front of it). */
struct secret_hit secret_find(struct secret_scan *x, size_t at, unsigned before);
/* At the '?' or '&' of n bytes in front of a parameter of a URL. */
struct secret_hit secret_parameter(const struct secret_scan *x, size_t at, size_t n);

/* A secret without a shape of its own is known by its name and length. */
enum { AWS_SECRET_CHARS = 40 };
bool secret_is_aws_name(str name) PURE;

#endif
