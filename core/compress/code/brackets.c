#include "core/compress/code/brackets.h"

#include "core/base/vec.h"

/* Behind a string or a character that begins at i; where the line ends when it is not closed. */
static size_t skip_quoted(str s, size_t i)
{
	char quote = s.p[i++];

	while (i < s.n && s.p[i] != quote && s.p[i] != '\n')
		i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
	return i < s.n ? i + 1 : s.n;
}

/* Behind a comment that begins at i; i itself when none does. */
static size_t skip_comment(str s, size_t i)
{
	str rest = str_sub(s, i, s.n);
	size_t end;

	if (str_starts(rest, STR("/*"))) {
		end = str_find(str_sub(rest, 2, rest.n), STR("*/"));
		return end == STR_NONE ? s.n : i + end + 4;
	}
	if (!str_starts(rest, STR("//")))
		return i;
	end = str_find_byte(rest, '\n');
	return end == STR_NONE ? s.n : i + end;
}

bool code_is_balanced(str source, struct arena *a)
{
	static const char open[] = "([{", close[] = ")]}";
	/* what the loop has to look at: most of a source is none of it */
	static const bool is_sign[256] = {['"'] = true,
		['\''] = true,
		['/'] = true,
		['('] = true,
		['['] = true,
		['{'] = true,
		[')'] = true,
		[']'] = true,
		['}'] = true};
	VEC(char) waiting = {0};

	for (size_t i = 0, next; i < source.n; i = next) {
		char c = source.p[i];
		const char *at;

		next = i + 1;
		if (!is_sign[(unsigned char)c])
			continue;
		if (c == '"' ||
			(c == '\'' && !(i && source.p[i - 1] >= '0' && source.p[i - 1] <= '9'))) {
			next = skip_quoted(source, i);
		} else if (c == '/') {
			next = skip_comment(source, i);
			next += next == i;
		} else if ((at = strchr(open, c))) {
			*vec_push(&waiting, a) = close[at - open];
		} else if (strchr(close, c)) {
			if (!waiting.n || waiting.v[--waiting.n] != c)
				return false;
		}
	}
	return !waiting.n;
}
