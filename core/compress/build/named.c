#include "core/compress/build/named.h"

#include "core/base/buf.h"
#include "core/base/limits.h"

/* "TestX.test_a[1]" of "FAILED tests/a.py::TestX::test_a[1] - ValueError"; empty when the line is none. */
static str name_of(str line, struct arena *a)
{
	str rest = line;
	size_t at, end;
	struct buf b;

	if (!str_take(&rest, STR("FAILED ")) || (at = str_find(rest, STR("::"))) == STR_NONE)
		return str_sub(line, 0, 0);
	rest = str_sub(rest, at + 2, rest.n);
	end = str_find(rest, STR(" - "));
	rest = str_trim_right(str_sub(rest, 0, end == STR_NONE ? rest.n : end));
	buf_init_arena(&b, a, LIMIT_INPUT);
	/* Of what is in brackets nothing is a class. */
	for (at = 0; at < rest.n && rest.p[at] != '[';) {
		bool is_sign = str_starts(str_sub(rest, at, rest.n), STR("::"));

		buf_add_byte(&b, is_sign ? '.' : rest.p[at]);
		at += is_sign ? 2 : 1;
	}
	buf_add(&b, str_sub(rest, at, rest.n));
	return buf_str(&b);
}

void named_find(struct named *n, struct lines l, struct arena *a)
{
	map_init(&n->tests, a);
	for (uint32_t i = 0; i < l.n; i++) {
		str name = l.v[i].n && *l.v[i].p == 'F' ? name_of(l.v[i], a) : STR_NULL;

		if (name.n)
			*map_at(&n->tests, name) = n;
	}
}

bool named_has(const struct named *n, str title)
{
	size_t from = 0, end = title.n;

	while (from < end && (title.p[from] == '_' || title.p[from] == ' '))
		from++;
	while (end > from && (title.p[end - 1] == '_' || title.p[end - 1] == ' '))
		end--;
	return map_find(&n->tests, str_sub(title, from, end)) != NULL;
}
