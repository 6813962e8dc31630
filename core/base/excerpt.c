#include "core/base/excerpt.h"

enum err excerpt_parse_lines(str s, struct excerpt *e, struct errctx *cx)
{
	size_t colon = str_find_byte(s, ':');
	str a = colon == STR_NONE ? s : str_sub(s, 0, colon);
	str b = colon == STR_NONE ? s : str_sub(s, colon + 1, s.n);

	e->from = 1;
	e->to = UINT64_MAX;
	if ((a.n && !str_u64(a, &e->from)) || (b.n && !str_u64(b, &e->to)) || (!a.n && !b.n) ||
		!e->from || e->from > e->to)
		FAIL(cx, E_USAGE, STR_FMT ": expected A:B, A:, :B or A, counted from 1",
			STR_ARG(s));
	return E_OK;
}

static bool has_text(str line, str text)
{
	for (size_t at = 0; at + text.n <= line.n; at++)
		if (str_eq_nocase(str_sub(line, at, at + text.n), text))
			return true;
	return false;
}

uint64_t excerpt_add(const struct excerpt *e, str text, struct buf *out)
{
	uint64_t number = 0, found = 0;
	bool has_eol;
	str line;

	while (str_next_line(&text, &line, &has_eol)) {
		number++;
		if (number < e->from || number > e->to || (e->query.n && !has_text(line, e->query)))
			continue;
		buf_add(out, line);
		if (has_eol)
			buf_add_byte(out, '\n');
		found++;
	}
	return found;
}
