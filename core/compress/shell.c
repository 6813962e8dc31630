#include "core/compress/shell.h"

/* Where the first pipeline of a list ends, or the first command of a pipeline; what stands in quotes ends none. Quotes that are never
 * closed are none. */
static size_t first_end(str s, bool is_pipeline, bool has_quotes)
{
	char quote = '\0';
	size_t n = 0;

	for (; n < s.n; n++) {
		char c = s.p[n], next = n + 1 < s.n ? s.p[n + 1] : '\0';

		if (has_quotes && (quote ? c == quote : c == '\'' || c == '"'))
			quote = quote ? '\0' : c;
		else if (quote)
			continue;
		else if (is_pipeline
				 ? c == '|'
				 : c == ';' || c == '\n' || ((c == '&' || c == '|') && next == c))
			break;
	}
	return quote ? first_end(s, is_pipeline, false) : n;
}

bool shell_next_pipeline(str *list, str *out)
{
	size_t n;

	if (!list->n)
		return false;
	n = first_end(*list, false, true);
	*out = str_sub(*list, 0, n);
	while (n < list->n && strchr(";\n&|", list->p[n]))
		n++;
	*list = str_sub(*list, n, list->n);
	return true;
}

bool shell_next_command(str *pipeline, str *out)
{
	size_t n;

	if (!pipeline->n)
		return false;
	n = first_end(*pipeline, true, true);
	*out = str_sub(*pipeline, 0, n);
	*pipeline = str_sub(*pipeline, n + (n < pipeline->n), pipeline->n);
	return true;
}

str shell_next_word(str *command)
{
	str word;
	char quote = '\0';
	size_t n = 0;

	*command = str_trim(*command);
	for (; n < command->n; n++) {
		char c = command->p[n];

		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == ' ' || c == '\t')
			break;
	}
	word = str_sub(*command, 0, n);
	*command = str_sub(*command, n, command->n);
	return word;
}

bool shell_is_one_of(str word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(word, words[i]))
			return true;
	return false;
}
