#include "proxy/path.h"

static bool segment_match(str segment, str pattern, str *star)
{
	size_t at = str_find_byte(pattern, '*');
	str tail;

	if (at == STR_NONE)
		return str_eq(segment, pattern);
	tail = str_sub(pattern, at + 1, pattern.n);
	if (segment.n < pattern.n - (at > 0) || !str_starts(segment, str_sub(pattern, 0, at)) ||
		!str_ends(segment, tail))
		return false;
	*star = str_sub(segment, at, segment.n - tail.n);
	return true;
}

bool path_match(str path, str pattern, str *star)
{
	str segment, want, last = STR_NULL;
	size_t i = 0;

	/* Most patterns of a table end here, at their first bytes. */
	while (i < pattern.n && pattern.p[i] != '*') {
		if (i == path.n || path.p[i] != pattern.p[i])
			return false;
		i++;
	}
	while (str_split(&pattern, '/', &want)) {
		if (str_eq(want, STR("**"))) {
			last = path;
			path = STR_NULL;
			if (!last.n)
				return false;
		} else if (!str_split(&path, '/', &segment) ||
			   !segment_match(segment, want, &last)) {
			return false;
		}
	}
	if (path.p)
		return false;
	*star = last;
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that the escape at the start of s stands for; -1 when there is none. */
static int escaped_byte(str s)
{
	int hi, lo;

	if (s.n < 3 || s.p[0] != '%')
		return -1;
	hi = hex_value(s.p[1]);
	lo = hex_value(s.p[2]);
	return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}

bool path_is_plain(str path)
{
	size_t n = 0, dots = 0; /* of the present segment */

	for (size_t i = 0; i <= path.n; i++) {
		bool is_end = i == path.n || path.p[i] == '/';
		int c;

		if (is_end) {
			if (n == dots && (n == 1 || n == 2))
				return false;
			n = dots = 0;
			continue;
		}
		c = (unsigned char)path.p[i];
		if (c == '%') {
			c = escaped_byte(str_sub(path, i, path.n));
			if (c < 0 || c == '/')
				return false;
			i += 2;
		}
		if (c < ' ' || c == 0x7f || c == '\\')
			return false;
		n++;
		dots += c == '.';
	}
	return true;
}

str query_find(str query, str name)
{
	str part;

	while (str_split(&query, '&', &part)) {
		if (str_take(&part, name) && str_take(&part, STR("=")))
			return part;
	}
	return STR_NULL;
}

str percent_decode(str s, struct arena *a)
{
	char *out;
	size_t n = 0;

	if (str_find_byte(s, '%') == STR_NONE)
		return s;
	out = arena_alloc(a, s.n, 1);
	for (size_t i = 0; i < s.n; i++) {
		int c = escaped_byte(str_sub(s, i, s.n));

		if (c >= 0)
			i += 2;
		out[n++] = c >= 0 ? (char)c : s.p[i];
	}
	return (str){out, n};
}

static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

str percent_encode(str name, const char *keep, struct arena *a)
{
	static const char hex[] = "0123456789ABCDEF";
	char *p = arena_alloc(a, name.n * 3 + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		unsigned char b = (unsigned char)name.p[i];

		if (is_unreserved(name.p[i]) || (b && strchr(keep, name.p[i]))) {
			p[n++] = name.p[i];
			continue;
		}
		p[n++] = '%';
		p[n++] = hex[b >> 4];
		p[n++] = hex[b & 15];
	}
	return (str){p, n};
}

str path_join(str head, str tail, struct arena *a)
{
	char *p;

	if (!tail.n || head.p + head.n == tail.p)
		return (str){head.p, head.n + tail.n};
	p = arena_alloc(a, head.n + tail.n, 1);
	if (head.n)
		memcpy(p, head.p, head.n);
	memcpy(p + head.n, tail.p, tail.n);
	return (str){p, head.n + tail.n};
}
