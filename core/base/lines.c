#include "core/base/lines.h"

size_t lines_bom(str text)
{
	return str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
}

size_t lines_start(str text, size_t i)
{
	size_t n = str_rfind_byte(str_sub(text, 0, i), '\n');

	return n == STR_NONE ? lines_bom(text) : n + 1;
}

size_t lines_next(str text, size_t i)
{
	size_t n = str_find_byte(str_sub(text, i, text.n), '\n');

	return n == STR_NONE ? text.n : i + n + 1;
}

size_t lines_end(str text, size_t i)
{
	size_t end = lines_next(text, i);

	if (end > i && text.p[end - 1] == '\n')
		end--;
	if (end > i && end < text.n && text.p[end - 1] == '\r')
		end--;
	return end;
}

str lines_eol(str text, size_t i)
{
	size_t end = lines_next(text, i), start = lines_start(text, i);

	if (!text.n)
		return STR("\n");
	if (end == text.n && text.p[text.n - 1] != '\n')
		end = start; /* the last line has no end: that of the line before */
	if (end == 0 || text.p[end - 1] != '\n')
		return STR("\n");
	return end > 1 && text.p[end - 2] == '\r' ? STR("\r\n") : STR("\n");
}

str lines_indent(str text, size_t i)
{
	size_t start = lines_start(text, i), end = start;

	while (end < text.n && (text.p[end] == ' ' || text.p[end] == '\t'))
		end++;
	return str_sub(text, start, end);
}

bool lines_is_first(str text, size_t i)
{
	size_t bom = lines_bom(text);

	/* Backwards over blanks alone: lines may be megabytes long. */
	while (i > bom && (text.p[i - 1] == ' ' || text.p[i - 1] == '\t'))
		i--;
	return i <= bom || text.p[i - 1] == '\n';
}
