/* regex: regular expressions (PCRE2, compiled to machine code where the platform can). Patterns are ours or the
 * user's; texts are anything.
 *
 * Backtracking is bounded for each byte at which a match may begin, so no pattern takes exponential time: the
 * search gives up with E_TIMEOUT. A bad pattern can still take a time that grows with the square of the
 * text's length (x*y on a run of x), so user's patterns are for lines, not for whole documents.
 *
 * Owns: a struct regex its compiled pattern, which nothing changes after regex_new: any number of threads may
 * search with it. A struct regex_scratch is what one search at a time needs; each thread has its own. */
#ifndef CORE_BASE_REGEX_H
#define CORE_BASE_REGEX_H

#include "core/base/err.h"
#include "core/base/str.h"

struct regex;
struct regex_scratch;

enum regex_flags {
	REGEX_NOCASE = 1,
	REGEX_MULTILINE = 2, /* ^ and $ match at the lines' ends, too */
	REGEX_DOTALL = 4,    /* . matches a line end */
	REGEX_UTF8 = 8,     /* characters instead of bytes; invalid parts of a text match nothing */
	REGEX_LITERAL = 16, /* the pattern is the text to be found */
};

/* Groups that a search can report; group 0 is the whole match. */
enum { REGEX_GROUPS_MAX = 16 };

/* E_USAGE with what is wrong and where (the pattern is quoted), E_NOMEM. *out is NULL on failure. */
enum err regex_new(str pattern, unsigned flags, struct regex **out, struct errctx *cx) MUST_CHECK;
void regex_free(struct regex *r); /* NULL is allowed */
/* False where the platform has no compiler to machine code; searches are slower then. */
bool regex_is_compiled(const struct regex *r) PURE;

/* NULL: out of memory. */
struct regex_scratch *regex_scratch_new(void) MUST_CHECK;
void regex_scratch_free(struct regex_scratch *s); /* NULL is allowed */

/* The first match at or behind byte from of text (from <= text.n; at most LIMIT_INPUT bytes). Assertions see the text before
 * from. groups[0..n): n <= REGEX_GROUPS_MAX; a group that took no part is {UINT32_MAX, UINT32_MAX}.
 * E_OK; E_NOT_FOUND; E_TIMEOUT: gave up; E_NOMEM. No error text. */
enum err regex_find(const struct regex *r, struct regex_scratch *s, str text, size_t from,
	struct span *groups, size_t n) MUST_CHECK;

/* Goes over all matches that do not overlap:
 *
 *	struct regex_walk w = {.text = text};
 *	while ((e = regex_next(r, s, &w, groups, n)) == E_OK)
 *		...
 *
 * An empty match moves on by one character. The walk ends with E_NOT_FOUND, or an error of regex_find. */
struct regex_walk {
	str text;
	size_t at;
	bool is_done;
};
enum err regex_next(const struct regex *r, struct regex_scratch *s, struct regex_walk *w,
	struct span *groups, size_t n) MUST_CHECK;

#endif
