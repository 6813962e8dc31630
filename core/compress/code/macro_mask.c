#include "core/compress/code/macro_mask.h"

#include "core/base/mem.h"

/* ---- the copy ---- */

static void blank_bytes(struct mask *m, uint32_t from, uint32_t to)
{
	for (uint32_t i = from - m->start; i < to - m->start; i++)
		if (m->out[i] != '\n')
			m->out[i] = ' ';
}

void mask_blank(struct mask *m, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		blank_bytes(m, m->t.v[i].start, m->t.v[i].end);
}

static bool match_brackets(struct mask *m, uint32_t *open)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->t.n; i++) {
		const struct macro_token *t = &m->t.v[i];

		if (macro_is_any(t, "([{")) {
			open[n++] = i;
		} else if (macro_is_any(t, ")]}")) {
			if (!n--)
				return false;
			m->match[i] = open[n];
			m->match[open[n]] = i;
		}
	}
	return !n;
}

/* True for a brace behind a parenthesis, a word or the bracket of a lambda. */
static bool is_body(const struct mask *m, uint32_t i)
{
	const struct macro_token *before = &m->t.v[i - (i > 0)];

	return macro_is(&m->t.v[i], '{') && i &&
	       (before->kind == MACRO_WORD || macro_is_any(before, ")]>"));
}

/* Letters of any language are letters; a byte order mark, within the first so many bytes, is none. */
static void mask_letters(struct mask *m, const struct code_region *r, uint32_t mark)
{
	uint32_t n = r->end - r->start;
	unsigned char all = 0;

	for (uint32_t i = 0; i < n; i++)
		all |= (unsigned char)m->out[i];
	for (uint32_t i = 0; i < n && all >= 0x80; i++)
		if ((unsigned char)m->out[i] >= 0x80)
			m->out[i] = i < mark ? ' ' : 'x';
}

bool mask_begin(struct mask *m, str source, struct macro_tokens tokens, const struct code_region *r,
	struct arena *a)
{
	uint32_t n = r->to - r->from;

	*m = (struct mask){.start = r->start,
		.source = source,
		.match = arena_array(a, uint32_t, n + 1),
		.bodies = arena_array(a, uint32_t, n + 1)};
	m->out = arena_cstr(a, str_sub(source, r->start, r->end));
	mask_letters(m, r, r->start < tokens.v[0].start ? tokens.v[0].start - r->start : 0);
	m->text = (str){m->out, r->end - r->start};
	m->t.v = arena_alloc(a, (n + 1) * sizeof *m->t.v, alignof(struct macro_token));
	for (uint32_t i = r->from; i < r->to; i++) {
		const struct macro_token *t = &tokens.v[i];

		if (t->kind == MACRO_DIRECTIVE || t->kind == MACRO_DEAD)
			blank_bytes(m, t->start, t->end);
		else if (t->kind != MACRO_COMMENT)
			m->t.v[m->t.n++] = *t;
	}
	if (!match_brackets(m, m->bodies))
		return false;
	m->bodies[0] = 0;
	for (uint32_t i = 0; i < m->t.n; i++)
		m->bodies[i + 1] = m->bodies[i] + is_body(m, i);
	return true;
}

bool mask_is_attribute(const struct mask *m, uint32_t i)
{
	const struct macro_token *t = &m->t.v[i];

	return t->word & WORD_KEY && t->c == '_';
}

void mask_parens(struct mask *m, uint32_t open, bool is_condition)
{
	uint32_t close = m->match[open];

	if (close <= open + 1 || m->bodies[close] != m->bodies[open])
		return;
	mask_blank(m, open + 1, close);
	if (is_condition)
		m->out[m->t.v[open + 1].start - m->start] = '1';
}

/* ---- statements ---- */

/* Something that a statement cannot be: it becomes an empty one. */
static void mask_statement(struct mask *m, uint32_t from, uint32_t to)
{
	mask_blank(m, from, to);
	m->out[m->t.v[from].start - m->start] = ';';
}

/* True when a word begins a statement that ends with its parentheses, or in its line, without a semicolon. */
static bool is_macro(const struct mask *m, uint32_t i, uint32_t behind, uint32_t to)
{
	const struct macro_token *next = &m->t.v[behind];

	if (behind >= to)
		return true;
	if (behind == i + 1) /* without parentheses: alone in its line */
		return m->t.v[i].is_first && next->is_first &&
		       (next->kind == MACRO_WORD || macro_is(next, '}') || macro_is(next, '{'));
	return next->kind == MACRO_WORD || macro_is(next, '}');
}

/* A word that begins a statement; the token behind what has been looked at. */
static uint32_t begin_statement(struct mask *m, uint32_t i, uint32_t to)
{
	bool has_parens = i + 1 < to && macro_is(&m->t.v[i + 1], '(');
	uint32_t behind = has_parens ? m->match[i + 1] + 1 : i + 1;
	bool has_body = m->bodies[behind] != m->bodies[i];

	if (has_parens && behind < to && macro_is(&m->t.v[behind], '{') && !has_body) {
		mask_blank(m, i, behind); /* a loop */
		return behind;
	}
	if (!has_body && is_macro(m, i, behind, to)) {
		mask_statement(m, i, behind);
		return behind;
	}
	return i;
}

/* The parentheses behind a word; the token behind what has been looked at. */
static uint32_t mask_call(struct mask *m, uint32_t i, uint32_t to)
{
	uint16_t word = m->t.v[i].word;
	uint32_t open = i + 1, close = m->match[open];

	if (m->bodies[close] != m->bodies[open])
		return open + 1;
	if (word & WORD_MACRO && i && m->t.v[i - 1].kind == MACRO_WORD &&
		!(m->t.v[i - 1].word & WORD_KEY)) {
		mask_blank(m, i, close + 1); /* "int x GUARDED(y) = 0" */
	} else if (!(word & WORD_KEY)) {
		mask_parens(m, open, false);
		/* "const ELF(x) *p" has a type */
		if (close + 1 < to && (macro_is_any(&m->t.v[close + 1], "*&") ||
					      m->t.v[close + 1].kind == MACRO_WORD))
			mask_blank(m, open, close + 1);
	} else if (word & WORD_LOOP && close > open + 2) {
		mask_blank(m, open + 1, close);
		m->out[m->t.v[open + 1].start - m->start] = ';';
		m->out[m->t.v[close - 1].end - 1 - m->start] = ';';
	} else if (word & WORD_CONTROL) {
		mask_parens(m, open, true);
	} else {
		return open + 1;
	}
	return close + 1;
}

/* "if ISALPHA(c)": the parentheses are the macro's. */
static uint32_t mask_condition(struct mask *m, uint32_t i, uint32_t to)
{
	const struct macro_token *t = &m->t.v[i + 1];
	bool has_parens = i + 2 < to && macro_is(&m->t.v[i + 2], '(');
	uint32_t behind = has_parens ? m->match[i + 2] + 1 : i + 2;

	if (t->word & WORD_KEY || t->end - t->start < 3 || m->bodies[behind] != m->bodies[i])
		return i + 1;
	mask_blank(m, i + 1, behind);
	memcpy(m->out + t->start - m->start, "(1)", 3);
	return behind;
}

/* "CONST char *x", "type UNUSED x", "x = CAST y": a declaration has a type and a name, and what has a value is one word. */
static void mask_words(struct mask *m, uint32_t i, uint32_t to, bool is_begin)
{
	const struct macro_token *t = m->t.v;
	uint32_t end = i, left = 0, needed;
	bool has_type = false, has_star;

	for (; end < to && t[end].kind == MACRO_WORD &&
		!(t[end].word & (WORD_CONTROL | WORD_AHEAD));
		end++) {
		left += !(t[end].word & WORD_KEY);
		has_type |= (t[end].word & (WORD_TYPE | WORD_TAG)) != 0;
	}
	has_star = end < to && macro_is_any(&t[end], "*&"); /* the name is behind it */
	needed = !is_begin || t[i].word & WORD_VALUE ? 1 : 2 - has_star - has_type;
	for (uint32_t k = i; k + 1 < end && left > needed; k++)
		if (t[k].word & WORD_MACRO) {
			mask_blank(m, k, k + 1);
			left--;
		}
}

/* The arguments of a template, which without its meaning could be comparisons; the token behind them, or i itself. */
static uint32_t mask_angles(struct mask *m, uint32_t i, uint32_t to)
{
	uint32_t behind = code_behind_angles(m->t, i, to);

	if (behind == i || behind == to || m->bodies[behind] != m->bodies[i] ||
		!(m->t.v[behind].kind == MACRO_WORD || m->t.v[behind].kind == MACRO_SIGN))
		return i;
	mask_blank(m, i, behind);
	return behind;
}

/* What a lambda takes with it. */
static void mask_captures(struct mask *m, uint32_t i, uint32_t to)
{
	const struct macro_token *before = &m->t.v[i - (i > 0)];
	uint32_t close = m->match[i];

	if (close > i && close + 1 < to && macro_is_any(&m->t.v[close + 1], "({") &&
		!macro_is_any(before, ")]") &&
		(before->kind != MACRO_WORD || before->word & WORD_KEY))
		mask_blank(m, i + 1, close);
}

static bool is_scope(const struct macro_token *t)
{
	return t->kind == MACRO_SIGN && t->c == ':' && !macro_is(t, ':');
}

static bool is_statements(const struct mask *m, uint32_t i)
{
	const struct macro_token *before = &m->t.v[i - (i > 0)];

	if (!macro_is(&m->t.v[i], '{'))
		return macro_is_any(&m->t.v[i], ";}:");
	return macro_is_any(before, ");{}:") || before->word & WORD_KEY;
}

void mask_statements(struct mask *m, uint32_t from, uint32_t to)
{
	bool is_begin = true;

	for (uint32_t i = from; i < to;) {
		const struct macro_token *t = &m->t.v[i];
		bool is_word = t->kind == MACRO_WORD;
		uint32_t next = i;

		if (is_word && is_begin && !(t->word & WORD_KEY))
			next = begin_statement(m, i, to);
		if (next > i) {
			i = next;
		} else if (is_word && i + 1 < to && macro_is(&m->t.v[i + 1], '(')) {
			is_begin = (t->word & WORD_CONTROL) &&
				   m->bodies[m->match[i + 1]] == m->bodies[i];
			i = mask_call(m, i, to);
		} else if (t->word & WORD_CONTROL && i + 1 < to &&
			   m->t.v[i + 1].kind == MACRO_WORD) {
			is_begin = true;
			i = mask_condition(m, i, to);
		} else if (is_word && !(t->word & WORD_OPERATOR) && i + 1 < to &&
			   macro_is(&m->t.v[i + 1], '<') &&
			   (next = mask_angles(m, i + 1, to)) > i + 1) {
			is_begin = false;
			i = next;
			if (macro_is(&m->t.v[i], '('))
				mask_parens(m, i, false);
		} else {
			if (is_word && (i == from || (m->t.v[i - 1].kind != MACRO_WORD &&
							     !is_scope(&m->t.v[i - 1]))))
				mask_words(m, i, to, is_begin);
			if (macro_is(t, '['))
				mask_captures(m, i, to);
			if (t->word & WORD_MACRO && i > from && i + 1 < to &&
				macro_is(&m->t.v[i - 1], ')') && macro_is(&m->t.v[i + 1], '{'))
				mask_blank(m, i, i + 1); /* of a lambda */
			if (macro_is(t, '=') && i + 1 < to && macro_is(&m->t.v[i + 1], '{'))
				mask_parens(m, i + 1, false);
			is_begin = is_word ? (t->word & WORD_AHEAD) != 0 : is_statements(m, i);
			i++;
		}
	}
}
