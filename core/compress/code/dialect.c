#include "core/compress/code/dialect.h"

#include "core/compress/code/macro_lex.h"

/* A line that begins as none of C does. */
static bool is_cpp(const struct macro_token *t, const struct macro_token *next)
{
	if (!t->is_first)
		return false;
	if (t->word & WORD_TAG && t->c == 'c')
		return next->kind == MACRO_WORD;
	if (t->word & WORD_NAMESPACE)
		return next->kind == MACRO_WORD || macro_is(next, '{');
	if (t->word & WORD_TEMPLATE)
		return macro_is(next, '<');
	return t->word & WORD_ACCESS && macro_is(next, ':');
}

const struct code_language *code_dialect(
	const struct code_language *l, str path, str source, struct arena *a)
{
	struct macro_tokens t;

	if (!str_eq_c(str_from(l->name), "c") || path.n < 2 ||
		!str_eq_nocase(str_sub(path, path.n - 2, path.n), STR(".h")))
		return l;
	t = macro_lex(source, a);
	for (uint32_t i = 0; i + 1 < t.n; i++)
		if (is_cpp(&t.v[i], &t.v[i + 1]))
			return code_language_named(STR("c++"));
	return l;
}
