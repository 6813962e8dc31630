/* text: what the files of this folder ask of a line. Inner header of core/compress/build. Thread: any. */
#ifndef CORE_COMPRESS_BUILD_TEXT_H
#define CORE_COMPRESS_BUILD_TEXT_H

#include "core/base/str.h"

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Without the blanks before it. */
static inline str trim_left(str s)
{
	size_t i = 0;

	while (i < s.n && is_blank(s.p[i]))
		i++;
	return str_sub(s, i, s.n);
}

static inline bool has(str s, str needle)
{
	return str_find(s, needle) != STR_NONE;
}

static inline bool starts_with_any(str s, const str *list, size_t n)
{
	for (size_t i = 0; s.n && i < n; i++)
		if (*s.p == *list[i].p && str_starts(s, list[i]))
			return true;
	return false;
}

#endif
