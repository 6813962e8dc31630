#include "core/compress/minify.h"

#include "core/json/scan.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

str minify_json(str text, struct arena *a)
{
	str s = str_trim(text);
	struct json_tape t;
	char *out;
	size_t n = 0;

	if (s.n < 2 || (*s.p != '{' && *s.p != '[') || json_scan(a, s, &t, NULL) != E_OK)
		return text;
	out = arena_alloc(a, s.n, 1);
	for (uint32_t i = 0; i < s.n;) {
		if (s.p[i] == '"') {
			uint32_t from = i++;

			while (s.p[i] != '"')
				i += s.p[i] == '\\' ? 2 : 1;
			i++;
			memcpy(out + n, s.p + from, i - from);
			n += i - from;
		} else if (is_space(s.p[i])) {
			i++;
		} else {
			out[n++] = s.p[i++];
		}
	}
	return n == text.n ? text : (str){out, n};
}
