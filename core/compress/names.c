#include "core/compress/names.h"

#include "core/base/utf8.h"
#include "core/compress/marker.h"

enum { ARGUMENT_MAX = 24 /* bytes; more is no name but a text */ };

void names_init(struct names *names, struct arena *a)
{
	names->arena = a;
	map_init(&names->taken, a);
	map_init(&names->tails, a);
}

/* The shortest tail of whole components that no other path has; remembers the path's other tails. */
static str shorten_path(struct names *names, str path)
{
	str tail, best = path;
	bool is_found = false;

	for (size_t at = path.n; at > 0;) {
		at = str_rfind_byte(str_sub(path, 0, at - 1), '/');
		tail = str_sub(path, at == STR_NONE ? 0 : at + 1, path.n);
		if (tail.n) {
			str **owner = (str **)map_at(&names->tails, tail);

			if (!*owner) {
				*owner = arena_new(names->arena, str);
				**owner = path;
			}
			if (!is_found && str_eq(**owner, path)) {
				best = tail;
				is_found = true;
			}
		}
		if (at == STR_NONE || at == 0)
			break;
		at++;
	}
	return best;
}

/* A part of a name: the first line, at most ARGUMENT_MAX bytes, as text without control characters. */
static str clean_part(struct names *names, str s)
{
	size_t n, word;
	char *p;

	s = str_trim(s);
	if (str_find_byte(s, '\n') != STR_NONE)
		s = str_sub(s, 0, str_find_byte(s, '\n'));
	if (s.n > ARGUMENT_MAX) {
		s.n = ARGUMENT_MAX;
		while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
			s.n--;
		word = str_rfind_byte(s, ' ');
		if (word != STR_NONE && word >= ARGUMENT_MAX / 2)
			s.n = word;
	}
	s = str_trim(s);
	p = arena_alloc(names->arena, 3 * s.n, 1);
	n = utf8_sanitize(s, p);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
	return (str){p, n};
}

static bool is_path(str s)
{
	return s.n && str_find_byte(s, '/') != STR_NONE && str_find_byte(s, ' ') == STR_NONE &&
	       str_find_byte(s, '\n') == STR_NONE && s.p[s.n - 1] != '/' && s.n < 1024;
}

/* base, or "base #2" and so on when it is taken. */
static str unique_name(struct names *names, str base)
{
	unsigned **count = (unsigned **)map_at(&names->taken, base);
	unsigned *last = *count;
	str name = base;

	if (!last) {
		*count = arena_new(names->arena, unsigned);
		**count = 1;
		return base;
	}
	while (map_find(&names->taken, name))
		name = arena_printf(names->arena, STR_FMT " #%u", STR_ARG(base), ++*last);
	count = (unsigned **)map_at(&names->taken, name);
	*count = arena_new(names->arena, unsigned);
	**count = 1;
	return name;
}

/* Three parts with blanks between those that are not empty; each result has such a name. */
static str join(struct names *names, str a, str b, str c)
{
	char *p = arena_alloc(names->arena, a.n + b.n + c.n + 2, 1), *at = p;
	const str parts[] = {a, b, c};

	for (size_t i = 0; i < ARRAY_N(parts); i++) {
		if (i && parts[i].n)
			*at++ = ' ';
		if (parts[i].n)
			memcpy(at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return (str){p, (size_t)(at - p)};
}

str names_make(struct names *names, str tool, str argument, str field)
{
	str base;

	if (is_path(argument))
		argument = shorten_path(names, arena_str(names->arena, argument));
	argument = clean_part(names, argument);
	tool = clean_part(names, tool.n ? tool : STR("tool"));
	field = clean_part(names, field);
	base = join(names, tool, argument, field);
	if (!marker_can_name(base, names->arena)) /* "Bash ls lines 3-4" */
		base = marker_can_name(tool, names->arena) ? tool : STR("tool");
	return unique_name(names, base);
}

str names_unnumbered(struct names *names, str name)
{
	return unique_name(names, join(names, name, STR("unnumbered"), STR_NULL));
}
