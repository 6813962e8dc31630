#include "core/compress/code/macro.h"

#include "core/compress/code/macro_mask.h"

enum {
	UNITS_MAX = 24, /* of a declaration up to its parameters; what has more stays as it is */
};

/* A word of a declaration, with what belongs to it: "std::map<a, b>", "f(x)". */
struct unit {
	uint32_t from, to; /* tokens */
	uint32_t open;     /* its parentheses; 0: it has none */
	uint16_t word;
};

struct units {
	struct unit v[UNITS_MAX];
	uint32_t n;
	uint32_t behind; /* the token behind them */
};

/* ---- the words of a declaration ---- */

/* "public" and the like are names where no class is. */
static bool is_key(const struct unit *u)
{
	return u->word & WORD_KEY && !(u->word & WORD_ACCESS);
}

static void blank_unit(struct mask *m, const struct unit *u)
{
	mask_blank(m, u->from, u->to);
}

/* A word with a scope, arguments of a template, parentheses. */
static uint32_t read_unit(const struct mask *m, uint32_t i, uint32_t to, struct unit *u)
{
	bool is_operator = m->t.v[i].word & WORD_OPERATOR;

	*u = (struct unit){.from = i, .word = m->t.v[i].word};
	for (i++; i < to; i++) {
		const struct macro_token *x = &m->t.v[i];

		if (is_operator && (x->kind == MACRO_WORD ||
					   (x->kind == MACRO_SIGN && !macro_is_any(x, "(;{"))))
			continue;
		if (is_operator && macro_is(x, '(') && i + 2 < to && m->match[i] == i + 1 &&
			macro_is(&m->t.v[i + 2], '(')) {
			i++;
			continue;
		}
		if (x->kind == MACRO_SIGN && x->c == ':' && !macro_is(x, ':')) {
			if (i + 1 < to && macro_is(&m->t.v[i + 1], '~'))
				i++;
			if (i + 1 < to && m->t.v[i + 1].kind == MACRO_WORD) {
				is_operator = m->t.v[++i].word & WORD_OPERATOR;
				u->word = m->t.v[i].word & (uint16_t)~WORD_KEY;
			}
			continue;
		}
		if (macro_is(x, '<') && !is_operator) {
			uint32_t behind = code_behind_angles(m->t, i, to);

			if (behind == i)
				break;
			i = behind - 1;
			continue;
		}
		break;
	}
	if (i < to && macro_is(&m->t.v[i], '(') && m->match[i] > i) {
		u->open = i;
		i = m->match[i] + 1;
	}
	u->to = i;
	return i;
}

/* The units from there on, up to what is none. */
static void read_units(const struct mask *m, uint32_t i, uint32_t to, struct units *all)
{
	all->n = 0;
	while (i < to && all->n < UNITS_MAX) {
		struct unit *u = &all->v[all->n];
		uint32_t from = i;

		if (macro_is(&m->t.v[i], '~') && i + 1 < to)
			i++;
		if (m->t.v[i].kind != MACRO_WORD) {
			i = from;
			break;
		}
		i = read_unit(m, i, to, u);
		u->from = from;
		/* "type (*name)(parameters)": parentheses of their own */
		if (u->open && i < to &&
			(macro_is(&m->t.v[i], '(') || (is_key(u) && u->word & WORD_TYPE))) {
			i = u->open;
			u->to = i;
			u->open = 0;
			all->n++;
			break;
		}
		all->n++;
	}
	all->behind = i;
}

/* Which of them is the name that is declared, at or behind from; all->n: none. */
static uint32_t name_of(const struct units *all, uint32_t from, bool has_type)
{
	uint32_t call = all->n, last = all->n, any = all->n;
	bool is_alone = !has_type;

	for (uint32_t i = from; i < all->n; i++) {
		const struct unit *u = &all->v[i];

		has_type |= (u->word & WORD_KEY && u->word & WORD_TYPE) != 0;
		if (is_key(u) && !(u->word & WORD_OPERATOR))
			continue;
		any = i;
		if (!(u->word & WORD_MACRO) && has_type)
			last = i;
		has_type = true;
		if (!u->open || (u->word & WORD_MACRO && call != all->n))
			continue;
		/* one that begins a declaration is the name only where no other can be */
		if (call == all->n || (call == 0 && is_alone) || all->v[call].word & WORD_MACRO)
			call = i;
	}
	if (call != all->n)
		return call;
	return last != all->n ? last : any;
}

/* Blanks units that are words of macros between two of them; the last that may be a type stays when none is known. */
static void mask_types(struct mask *m, const struct units *all, uint32_t to, bool has_type)
{
	uint32_t type = to; /* the one that stays */

	for (uint32_t i = 0; i < to; i++)
		has_type |= (all->v[i].word & WORD_KEY && all->v[i].word & WORD_TYPE) != 0;
	for (uint32_t i = 0; i < to && !has_type; i++)
		if (!is_key(&all->v[i]) && (type == to || !(all->v[i].word & WORD_MACRO) ||
						   all->v[type].word & WORD_MACRO))
			type = i;
	for (uint32_t i = 0; i < to; i++) {
		const struct unit *u = &all->v[i];

		if (i == type && u->open)
			mask_blank(m, u->open, u->to);
		else if (i != type && (!is_key(u) || mask_is_attribute(m, u->from)))
			blank_unit(m, u);
	}
}

/* Behind the name: words that say something of it, and macros. */
static void mask_behind(struct mask *m, const struct units *all, uint32_t from)
{
	for (uint32_t i = from; i < all->n; i++)
		if (!(all->v[i].word & WORD_BEHIND))
			blank_unit(m, &all->v[i]);
}

/* "class EXPORT name {": the last word is the name. */
static void mask_class(struct mask *m, const struct units *all, uint32_t tag)
{
	uint32_t name = all->n;

	for (uint32_t i = tag + 1; i < all->n; i++)
		if (!(all->v[i].word & (WORD_KEY | WORD_TAG)))
			name = i;
	for (uint32_t i = 0; i < all->n; i++)
		if (i != name && (!is_key(&all->v[i]) || mask_is_attribute(m, all->v[i].from)))
			blank_unit(m, &all->v[i]);
	if (name < all->n && all->v[name].open)
		mask_blank(m, all->v[name].open, all->v[name].to);
}

static uint32_t tag_of(const struct units *all)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (all->v[i].word & WORD_TAG)
			return i;
	return all->n;
}

struct header {
	bool is_class, is_constructor;
};

/* A type and, when no '*' follows, a name. */
static void mask_first(
	struct mask *m, const struct units *all, const struct header *h, bool has_star)
{
	uint32_t tag = tag_of(all), name, types;

	if (tag < all->n && h->is_class && !has_star) {
		mask_class(m, all, tag);
		return;
	}
	name = has_star ? all->n : name_of(all, tag < all->n ? tag + 2 : 0, tag < all->n);
	types = name;
	if (tag < all->n && tag + 1 < all->n) {
		uint32_t i = tag + 1;

		/* "struct PACKED name" */
		while (i + 1 < types && all->v[i].word & WORD_MACRO)
			blank_unit(m, &all->v[i++]);
		for (uint32_t k = i + 1; k < types; k++)
			if (!is_key(&all->v[k]))
				blank_unit(m, &all->v[k]);
		types = tag;
	}
	mask_types(m, all, types, tag < all->n || h->is_constructor);
	if (name < all->n && all->v[name].open)
		mask_parens(m, all->v[name].open, false);
	mask_behind(m, all, name + 1);
}

/* The name, behind a '*'. */
static void mask_second(struct mask *m, const struct units *all)
{
	uint32_t name = name_of(all, 0, true);

	for (uint32_t i = 0; i < name && i < all->n; i++)
		if (!is_key(&all->v[i]))
			blank_unit(m, &all->v[i]);
	if (name >= all->n)
		return;
	if (all->v[name].open)
		mask_parens(m, all->v[name].open, false);
	mask_behind(m, all, name + 1);
}

/* True when a '*' or '&' follows, of a type and not of "f() && {". */
static bool is_star(const struct mask *m, const struct units *all, uint32_t to)
{
	uint32_t i = all->behind;

	if (i >= to || !macro_is_any(&m->t.v[i], "*&"))
		return false;
	while (i < to && macro_is_any(&m->t.v[i], "*&"))
		i++;
	return !all->n || !all->v[all->n - 1].open ||
	       (i < to && m->t.v[i].kind == MACRO_WORD && !(m->t.v[i].word & WORD_BEHIND));
}

/* From the first token of a declaration to what ends it: ';', '{', '=', ':'. */
static void mask_header(struct mask *m, uint32_t from, uint32_t to, struct header h)
{
	struct units all;
	bool is_first = true;

	for (; from < to && macro_is(&m->t.v[from], '[') && m->match[from]; from = all.behind) {
		all.behind = m->match[from] + 1; /* "[[noreturn]]" */
		mask_blank(m, from, all.behind);
	}
	if (from + 1 < to && m->t.v[from].word & WORD_EXTERN && m->t.v[from + 1].kind == MACRO_TEXT)
		from += 2;

	for (uint32_t i = from; i < to; i = all.behind) {
		bool has_star;

		read_units(m, i, to, &all);
		has_star = is_star(m, &all, to);
		if (all.n == UNITS_MAX)
			return;
		if (is_first)
			mask_first(m, &all, &h, has_star);
		else
			mask_second(m, &all);
		if (all.n == 0 && !has_star)
			return;
		is_first = false;
		while (all.n && all.behind < to && macro_is(&m->t.v[all.behind], '[') &&
			m->match[all.behind]) {
			uint32_t behind = m->match[all.behind] + 1;

			read_units(m, behind, to, &all);
			mask_behind(m, &all, 0);
		}
		if (all.behind < to && macro_is(&m->t.v[all.behind], ',')) {
			all.behind++;
			continue;
		}
		while (all.behind < to && macro_is_any(&m->t.v[all.behind], "*&"))
			all.behind++;
		if (!has_star)
			return;
	}
}

/* ---- declarations, one after the other ---- */

/* True for a word alone in its line, or with parentheses, that looks like a macro: what follows is another declaration. */
static bool is_lone_macro(const struct mask *m, uint32_t i, uint32_t to, uint32_t *behind)
{
	const struct macro_token *t = &m->t.v[i], *next;
	bool has_parens = i + 1 < to && macro_is(&m->t.v[i + 1], '(') && m->match[i + 1];

	if (t->kind != MACRO_WORD || t->word & WORD_KEY || !(has_parens || t->word & WORD_MACRO))
		return false;
	*behind = has_parens ? m->match[i + 1] + 1 : i + 1;
	if (*behind >= to)
		return true;
	next = &m->t.v[*behind];
	return next->is_first && t->is_first &&
	       (next->kind == MACRO_WORD || macro_is(next, '[') || macro_is(next, '~')) &&
	       !(next->word & WORD_BEHIND && !(next->word & WORD_MACRO) && m->t.v[i].word == 0);
}

/* The header from there on; the token that ends it: ';', '{', '=' or to. */
static uint32_t header_end(
	struct mask *m, uint32_t i, uint32_t to, struct code_header *h, uint32_t *end)
{
	uint32_t colon = to, parens = to, next;

	code_header_begin(h, i);
	for (; i < to; i++) {
		const struct macro_token *t = &m->t.v[i];

		if (macro_is(t, ';') && (next = code_behind_parameters(h, m->t, i, to)) > i) {
			mask_blank(m, parens + 1, next);
			*end = parens + 1;
			return next;
		}
		if (macro_is(t, ';') || macro_is(t, '='))
			break;
		if (macro_is(t, '{')) {
			if (code_header_body(h, m->t) != BODY_VALUE || !h->is_init)
				break;
			i = m->match[i];
			h->before = i;
		} else if (macro_is_any(t, "([") && m->match[i]) {
			if (t->c == '(')
				code_header_parens(h, m->t, i, m->match[i]);
			if (t->c == '(' && parens == to)
				parens = m->match[i];
			i = m->match[i];
		} else {
			if (macro_is(t, ':') && colon == to)
				colon = i;
			i = code_header_add(h, m->t, i, to);
		}
	}
	*end = colon < i ? colon : i;
	return i;
}

static uint32_t skip_to(const struct mask *m, uint32_t i, uint32_t to, char c)
{
	while (i < to && !macro_is(&m->t.v[i], c))
		i = m->match[i] > i ? m->match[i] + 1 : i + 1;
	return i;
}

/* "= {...}": what is in the braces. */
static void mask_values(struct mask *m, uint32_t i, uint32_t to)
{
	if (i + 1 < to && macro_is(&m->t.v[i], '=') && macro_is(&m->t.v[i + 1], '{'))
		mask_parens(m, i + 1, false);
}

static void mask_declarations(struct mask *m, uint32_t from, uint32_t to, uint32_t depth);

/* One declaration; the token behind it. */
static uint32_t mask_declaration(struct mask *m, uint32_t i, uint32_t to, uint32_t depth)
{
	struct code_header h;
	uint32_t end, header, close;
	enum code_body body;

	end = header_end(m, i, to, &h, &header);
	body = end < to && macro_is(&m->t.v[end], '{') ? code_header_body(&h, m->t) : BODY_VALUE;
	if (body != BODY_NAMESPACE)
		mask_header(m, i, header,
			(struct header){h.has_tag && end < to && macro_is(&m->t.v[end], '{') &&
						body != BODY_CODE,
				h.is_init && body == BODY_CODE});
	if (end >= to || !macro_is(&m->t.v[end], '{')) {
		mask_values(m, end, to);
		return skip_to(m, end, to, ';') + 1;
	}
	close = m->match[end];
	if (body == BODY_VALUE)
		mask_parens(m, end, false);
	else if (body == BODY_CODE)
		mask_statements(m, end + 1, close);
	else if (body == BODY_CLASS || body == BODY_NAMESPACE)
		mask_declarations(m, end + 1, close, depth + 1);
	if (body == BODY_CODE || body == BODY_NAMESPACE)
		return close + 1;
	end = skip_to(m, close + 1, to, ';');
	/* "} PACKED name;" */
	mask_header(m, close + 1, end, (struct header){false, false});
	return end + 1;
}

static void mask_declarations(struct mask *m, uint32_t from, uint32_t to, uint32_t depth)
{
	enum { DEPTH_MAX = 32 };
	uint32_t i = from, behind;

	while (i < to && depth < DEPTH_MAX) {
		const struct macro_token *t = &m->t.v[i];

		if (macro_is(t, ';') || macro_is(t, '}')) {
			i++;
		} else if (i + 1 < to && t->word & WORD_ACCESS && macro_is(&m->t.v[i + 1], ':')) {
			i += 2;
		} else if (i + 2 < to && t->word & WORD_ACCESS && macro_is(&m->t.v[i + 2], ':')) {
			mask_blank(m, i + 1, i + 2); /* "public slots:" */
			i += 3;
		} else if (t->word & WORD_TEMPLATE && i + 1 < to && macro_is(&m->t.v[i + 1], '<') &&
			   (behind = code_behind_angles(m->t, i + 1, to)) > i + 1) {
			i = behind;
		} else if (is_lone_macro(m, i, to, &behind)) {
			mask_blank(m, i, behind);
			i = behind;
		} else {
			i = mask_declaration(m, i, to, depth);
		}
	}
}

str code_macro_mask(
	str source, struct macro_tokens tokens, const struct code_region *r, struct arena *a)
{
	struct mask m;

	if (mask_begin(&m, source, tokens, r, a))
		mask_declarations(&m, 0, m.t.n, 0);
	return str_sub(m.text, 0, m.text.n);
}
