/* text: small questions about words, paths and lines that several patterns ask.
 * Owns: nothing. Thread: any. */
#ifndef LEARN_TEXT_H
#define LEARN_TEXT_H

#include "core/base/arena.h"
#include "core/base/buf.h"

/* Edits (Levenshtein) that make b of a; texts of more than TEXT_DISTANCE_MAX bytes count as unlike: the length of
 * the longer one. */
enum { TEXT_DISTANCE_MAX = 256 };
size_t text_distance(str a, str b) PURE;

str text_base(str path); /* behind the last '/'; "a/" is "a" */
str text_dir(str path);  /* up to the last '/', without it; empty when there is none */
bool text_is_absolute(str path) PURE;
/* dir/path with "." and ".." resolved, as far as text alone can say; path when it is absolute. In the arena. */
str text_join(struct arena *a, str dir, str path);
/* path as it reads from dir, when it is in it; else as it is. "." for dir itself. */
str text_under(str dir, str path);
/* Of a directory for temporary files, or with a part that a program made up (an id, a hash): it will not be there again. */
bool text_is_passing(str path) PURE;

bool text_has_nocase(str s, const char *needle_lower) PURE; /* ASCII; the needle is lower case */
/* Where it begins; STR_NONE. */
size_t text_find_nocase(str s, const char *needle_lower) PURE;

/* s as code in Markdown on one line: white space is one blank, back quotes inside are fenced. False, and nothing is added,
 * when it is empty, longer than max bytes, not UTF-8, or holds what could end a comment of HTML or steer a terminal. */
bool text_add_code(struct buf *b, str s, size_t max) MUST_CHECK;
/* The same conditions, without the quotes. */
bool text_add_plain(struct buf *b, str s, size_t max) MUST_CHECK;

/* By the shapes of core/json/secret.h; also when that could not be found out. */
bool text_has_secret(str s);

static inline bool text_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool text_is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}
static inline char text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

#endif
