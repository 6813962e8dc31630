#include "core/compress/code/language.h"

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* The part of *rest up to the next blank, taken off with the blanks behind it. */
static str take_word(str *rest)
{
	size_t n = 0;
	str word;

	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	word = str_sub(*rest, 0, n);
	while (n < rest->n && (rest->p[n] == ' ' || rest->p[n] == '\t'))
		n++;
	*rest = str_sub(*rest, n, rest->n);
	return word;
}

static bool is_among(str word, const char *const *words, size_t n)
{
	char first = word.n ? *word.p : '\0';

	for (size_t i = 0; i < n && words[i]; i++)
		if (*words[i] == first && str_eq_c(word, words[i]))
			return true;
	return false;
}

/* Behind modifiers a word of the language, and then what may be a name: "def f", "func (r *T) f", "impl<T>". */
static bool begins_with_word(const struct code_language *l, str line)
{
	str word;

	do {
		word = take_word(&line);
		if (is_among(word, l->words, ARRAY_N(l->words)))
			return line.n && (is_name_byte(*line.p) || *line.p == '(' ||
						 (*line.p == '<' && line.n > 1));
	} while (is_among(word, l->modifiers, ARRAY_N(l->modifiers)));
	return false;
}

/* As "static int f(int x)" in the first column, or "struct x {". */
static bool is_plain_function(str line)
{
	str end = str_trim_right(line);

	return is_name_byte(*line.p) && end.n && end.p[end.n - 1] != ';' &&
	       end.p[end.n - 1] != ':' &&
	       (str_find_byte(end, '(') != STR_NONE || end.p[end.n - 1] == '{');
}

/* As "name() {". */
static bool is_shell_function(str line)
{
	size_t n = 0;

	while (n < line.n && (is_name_byte(line.p[n]) || line.p[n] == '-'))
		n++;
	return n && str_starts(str_sub(line, n, line.n), STR("()"));
}

/* Takes off the end, and the blanks that are then at it. */
static void drop_end(str *s, str end)
{
	if (str_ends(*s, end))
		*s = str_trim_right(str_sub(*s, 0, s->n - end.n));
}

/* What stands before it gives it a name: "f =", "f:", "f = (", perhaps with "async" or the comment of a compiler. */
static bool is_named_by(str before)
{
	before = str_trim_right(before);
	drop_end(&before, STR("async"));
	drop_end(&before, STR("("));
	drop_end(&before, STR("/** @class */"));
	if (before.n < 2)
		return false;
	return before.p[before.n - 1] == ':' ||
	       (before.p[before.n - 1] == '=' && before.p[before.n - 2] != '=');
}

/* As "return function f(x) {" or "a.f = function (x) {": a function with a name amid a line. */
static bool has_inner_function(str line)
{
	static const str word = {"function", 8};

	for (size_t at = 0, found;
		(found = str_find(str_sub(line, at, line.n), word)) != STR_NONE;) {
		size_t from = at + found, i = from + word.n, name;

		at = i;
		if ((from && is_name_byte(line.p[from - 1])) ||
			(i < line.n && is_name_byte(line.p[i])))
			continue;
		while (i < line.n && (line.p[i] == ' ' || line.p[i] == '*'))
			i++;
		for (name = i; i < line.n && is_name_byte(line.p[i]);)
			i++;
		if (i >= line.n || line.p[i] != '(')
			continue;
		if (i > name || is_named_by(str_sub(line, 0, from)))
			return true;
	}
	return false;
}

/* As "f = lambda x: x", "self.f = lambda: 0". */
static bool is_lambda(str line)
{
	size_t n = 0;

	while (n < line.n && (is_name_byte(line.p[n]) || line.p[n] == '.'))
		n++;
	line = str_sub(line, n, line.n);
	return n && str_take(&line, STR(" = lambda")) && line.n && strchr(" :", *line.p);
}

/* As "#define x", "#  define x". */
static bool is_define(str line)
{
	return str_take(&line, STR("#")) && str_starts(str_trim(line), STR("define "));
}

bool code_is_signature(const struct code_language *l, str line)
{
	str text = str_trim(line), word = text;
	bool has_indent = text.n && text.p != line.p;

	if (!text.n)
		return false;
	if (begins_with_word(l, text) || (l->has_macros && is_define(text)))
		return true;
	if (l->has_plain_functions && !has_indent && is_plain_function(line))
		return true;
	if (l->has_shell_functions && is_shell_function(text))
		return true;
	if (l->has_inner_functions && has_inner_function(text))
		return true;
	if (l->has_lambdas && is_lambda(text))
		return true;
	word = take_word(&word);
	return is_among(word, l->accesses, ARRAY_N(l->accesses)) &&
	       str_find_byte(text, '(') != STR_NONE;
}
