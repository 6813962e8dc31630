#include "core/compress/code/region.h"

#include "core/base/vec.h"

enum {
	ANGLES_MAX = 256,  /* tokens of a template's parameters */
	BRANCHES_MAX = 64, /* #if within #if */
};

struct splitter {
	str source;
	struct macro_tokens t;
	uint32_t i, to;
	bool in_class;
	struct arena *arena;
	VEC(struct code_region) out;
	VEC(uint32_t) open;              /* brackets of the item, as tokens */
	uint32_t namespaces;             /* that are open */
	uint32_t branches[BRANCHES_MAX]; /* namespaces where each #if began */
	uint32_t branches_n;
	struct code_header h;
	enum code_body body; /* that is open, or was the last */
	bool in_item, in_region, is_opaque;
	uint32_t region, items; /* of the region: its first token, and how many items it has */
	uint32_t class_open, class_close;
};

/* ---- headers ---- */

uint32_t code_behind_angles(struct macro_tokens t, uint32_t at, uint32_t to)
{
	uint32_t depth = 0, parens = 0;

	for (uint32_t i = at; i < to && i - at < ANGLES_MAX; i++) {
		const struct macro_token *x = &t.v[i];

		if (x->kind != MACRO_SIGN)
			continue;
		if (macro_is_any(x, ";{}"))
			break;
		if (x->c == '(')
			parens++;
		else if (x->c == ')' && !parens--)
			break;
		else if (!parens && x->c == '<')
			depth++;
		else if (!parens && x->c == '>' && !macro_is(&t.v[i - 1], '-') && !--depth)
			return i + 1;
	}
	return at;
}

void code_header_begin(struct code_header *h, uint32_t at)
{
	*h = (struct code_header){.first = at, .before = at};
}

/* "operator==" and "operator()" are names. */
static uint32_t operator_end(struct macro_tokens t, uint32_t at, uint32_t to)
{
	uint32_t i = at + 1;

	if (i + 1 < to && macro_is(&t.v[i], '(') && macro_is(&t.v[i + 1], ')'))
		return i + 1;
	while (i < to && i - at < 4 && t.v[i].kind == MACRO_SIGN && !macro_is_any(&t.v[i], "(){};"))
		i++;
	return i - 1;
}

uint32_t code_header_add(struct code_header *h, struct macro_tokens t, uint32_t at, uint32_t to)
{
	const struct macro_token *x = &t.v[at];
	uint32_t last = at;

	if (x->word & WORD_TAG) {
		h->has_tag = true;
		h->has_parens = false;
		h->tag = at;
	} else if (x->word & WORD_OPERATOR) {
		last = operator_end(t, at, to);
	} else if (x->word & WORD_TEMPLATE && at + 1 < to && macro_is(&t.v[at + 1], '<')) {
		last = code_behind_angles(t, at + 1, to);
		last -= last > at + 1; /* where it does not close it is taken for a sign */
	} else if (macro_is(x, '=')) {
		h->has_value |= !h->is_init;
	} else if (macro_is(x, ':')) {
		h->is_init |= h->has_parens && !h->has_value;
	}
	h->has_namespace |= (x->word & WORD_NAMESPACE) != 0;
	h->has_extern |= (x->word & WORD_EXTERN) != 0;
	h->before = last;
	return last;
}

void code_header_parens(struct code_header *h, struct macro_tokens t, uint32_t open, uint32_t close)
{
	/* "class EXPORT(x) name" */
	bool is_of_tag = h->has_tag && open == h->tag + 2 && close + 1 < t.n &&
			 t.v[close + 1].kind == MACRO_WORD;

	if (!is_of_tag)
		h->has_parens = true;
	h->before = close;
}

enum code_body code_header_body(const struct code_header *h, struct macro_tokens t)
{
	const struct macro_token *before = &t.v[h->before];
	bool is_word = before->kind == MACRO_WORD || macro_is(before, '>');

	if (h->has_namespace || (h->has_extern && before->kind == MACRO_TEXT))
		return BODY_NAMESPACE;
	if (h->has_value || (h->is_init && is_word))
		return BODY_VALUE;
	if (h->has_parens || macro_is(before, ')') || h->is_init)
		return BODY_CODE;
	if (h->has_tag)
		return t.v[h->tag].c == 'e' ? BODY_VALUE : BODY_CLASS;
	return BODY_CODE;
}

uint32_t code_behind_parameters(
	const struct code_header *h, struct macro_tokens t, uint32_t at, uint32_t to)
{
	enum { TOKENS_MAX = 128 };
	bool is_begin = true;

	if (!h->has_parens || h->has_value || macro_is(&t.v[h->before], ')'))
		return at;
	for (uint32_t i = at + 1; i < to && i - at < TOKENS_MAX; i++) {
		const struct macro_token *x = &t.v[i];

		if (x->kind == MACRO_COMMENT)
			continue;
		if (is_begin && macro_is(x, '{'))
			return i;
		if (x->kind > MACRO_COMMENT || macro_is_any(x, "(){}=") ||
			(is_begin && x->kind != MACRO_WORD))
			break;
		is_begin = macro_is(x, ';');
	}
	return at;
}

/* ---- regions ---- */

static uint32_t count_lines(str s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

/* Adds tokens from the region's first on, unless it holds what cannot be read by itself, or something else in its lines. */
static void add_region(struct splitter *s, uint32_t to)
{
	const struct macro_token *first = &s->t.v[s->region], *last = &s->t.v[to - 1];
	struct code_region *r;
	size_t start = first->start, end;

	if (s->is_opaque || !first->is_first || (to < s->t.n && !s->t.v[to].is_first))
		return;
	while (start && s->source.p[start - 1] != '\n')
		start--;
	end = str_find_byte(str_sub(s->source, last->end, s->source.n), '\n');
	r = vec_push(&s->out, s->arena);
	*r = (struct code_region){.from = s->region,
		.to = to,
		.start = (uint32_t)start,
		.end = (uint32_t)(end == STR_NONE ? s->source.n : last->end + end + 1),
		.first = first->line};
	r->next = last->line + 1 + count_lines(str_sub(s->source, last->start, last->end));
	if (s->items == 1) {
		r->open = s->class_open;
		r->close = s->class_close;
	}
}

static void begin(struct splitter *s)
{
	if (!s->in_region) {
		s->in_region = true;
		s->is_opaque = false;
		s->region = s->i;
		s->items = s->class_open = s->class_close = 0;
	}
}

static void begin_item(struct splitter *s)
{
	begin(s);
	s->in_item = true;
	s->items++;
	s->open.n = 0;
	code_header_begin(&s->h, s->i);
}

/* The item ends before the present token. Where something else follows in its line, that is of the same region. */
static void end_item(struct splitter *s)
{
	while (s->i < s->to && s->t.v[s->i].kind == MACRO_COMMENT && !s->t.v[s->i].is_first)
		s->i++;
	s->in_item = false;
	if (s->i < s->to && !s->t.v[s->i].is_first)
		return;
	add_region(s, s->i);
	s->in_region = false;
}

/* ---- lines of the preprocessor ---- */

/* To the end of the branch that begins there; what is in it is dead. */
static uint32_t skip_branch(struct splitter *s, uint32_t i, bool to_else)
{
	uint32_t depth = 0;

	for (; i < s->to; i++) {
		str name = s->t.v[i].kind == MACRO_DIRECTIVE
				   ? macro_directive(s->source, &s->t.v[i])
				   : STR_NULL;

		if (str_starts(name, STR("if")))
			depth++;
		else if ((str_eq_c(name, "endif") && !depth--) ||
			 (str_starts(name, STR("el")) && to_else && !depth))
			break;
		s->t.v[i].kind = MACRO_DEAD;
	}
	return i;
}

static bool is_never(const struct splitter *s)
{
	str text = str_sub(s->source, s->t.v[s->i].start, s->t.v[s->i].end);

	(void)str_take(&text, STR("#"));
	text = str_trim(text);
	return str_take(&text, STR("if ")) && str_eq_c(str_trim(text), "0");
}

static void do_directive(struct splitter *s)
{
	str name = macro_directive(s->source, &s->t.v[s->i]);
	uint32_t n = s->branches_n;

	if (str_starts(name, STR("if"))) {
		if (n < BRANCHES_MAX)
			s->branches[n] = s->namespaces;
		s->branches_n++;
		if (is_never(s)) {
			s->i = skip_branch(s, s->i + 1, true);
			/* an #else is the branch that is looked at */
			s->i += s->i < s->to &&
				!str_eq_c(macro_directive(s->source, &s->t.v[s->i]), "endif");
			return;
		}
	} else if (str_starts(name, STR("el")) &&
		   (s->in_item ||
			   (n && n <= BRANCHES_MAX && s->branches[n - 1] != s->namespaces))) {
		s->i = skip_branch(s, s->i + 1, false);
		return;
	} else if (str_eq_c(name, "endif") && n) {
		s->branches_n--;
	}
	s->i++;
}

/* Comments with nothing beside them are regions of their own. */
static void do_comment(struct splitter *s)
{
	uint32_t i = s->i;

	if (s->in_region) {
		s->i++;
		return;
	}
	while (i < s->to && s->t.v[i].kind == MACRO_COMMENT)
		i++;
	begin(s);
	s->i = i;
	if (i < s->to && !s->t.v[i].is_first)
		return;
	add_region(s, i);
	s->in_region = false;
}

/* ---- items ---- */

static uint32_t column_of(const struct splitter *s, uint32_t i)
{
	uint32_t at = s->t.v[i].start;

	while (at && s->source.p[at - 1] != '\n')
		at--;
	return s->t.v[i].start - at;
}

/* True when the item so far is a macro with parentheses that needs no semicolon: what follows in the next lines begins another one. */
static bool is_macro(const struct splitter *s, uint32_t open, uint32_t close)
{
	const struct macro_token *first = &s->t.v[s->h.first], *next;
	uint32_t i = close + 1;

	while (i < s->to && s->t.v[i].kind >= MACRO_COMMENT)
		i++;
	if (open != s->h.first + 1 || first->kind != MACRO_WORD || first->word & WORD_KEY)
		return false;
	if (i >= s->to)
		return true;
	next = &s->t.v[i];
	return next->is_first && column_of(s, i) <= column_of(s, s->h.first) &&
	       (next->kind == MACRO_WORD || macro_is(next, '}'));
}

/* The same for a word alone in its line: a type would have its name in the next one. */
static bool is_lone_macro(const struct splitter *s)
{
	const struct macro_token *t = &s->t.v[s->i], *next = t + 1;

	if (!(t->word & WORD_MACRO) || s->i + 1 >= s->to || !next->is_first)
		return false;
	return next->kind >= MACRO_COMMENT || next->line > t->line + 1 ||
	       (next->word & WORD_KEY && !(next->word & WORD_ACCESS));
}

/* At a '{' outside of all brackets. */
static void open_body(struct splitter *s)
{
	s->body = code_header_body(&s->h, s->t);
	if (s->body == BODY_NAMESPACE && !s->in_class) {
		s->namespaces++;
		s->is_opaque = true;
		s->i++;
		end_item(s);
		return;
	}
	if (s->body == BODY_CLASS)
		s->class_open = s->i;
	*vec_push(&s->open, s->arena) = s->i++;
}

/* "f() try {} catch (x) {}": the function goes on. */
static bool is_handler(const struct splitter *s)
{
	uint32_t i = s->i;

	while (i < s->to && s->t.v[i].kind >= MACRO_COMMENT)
		i++;
	return i < s->to && s->t.v[i].word & WORD_HANDLER;
}

/* Behind a bracket that closed the last one that was open. */
static void close_last(struct splitter *s, uint32_t open, uint32_t close)
{
	s->i++;
	if (s->t.v[open].c == '(') {
		if (is_macro(s, open, close)) {
			s->is_opaque = true;
			end_item(s);
			return;
		}
		code_header_parens(&s->h, s->t, open, close);
		return;
	}
	s->h.before = close;
	if (s->t.v[open].c != '{')
		return;
	if (s->body == BODY_CLASS && s->class_open == open)
		s->class_close = close;
	if (s->body != BODY_CODE)
		return;
	if (is_handler(s))
		return;
	if (s->i < s->to && macro_is(&s->t.v[s->i], ';'))
		s->i++;
	end_item(s);
}

/* False when it does not close the last one. */
static bool close_bracket(struct splitter *s)
{
	static const char open[] = "([{", close[] = ")]}";
	uint32_t at;

	if (!s->open.n) {
		if (s->t.v[s->i].c != '}' || !s->namespaces)
			return false;
		/* the end of a namespace; what is before it has no end of its own */
		s->namespaces--;
		s->is_opaque = true;
		s->i++;
		end_item(s);
		return true;
	}
	at = s->open.v[--s->open.n];
	if (strchr(open, s->t.v[at].c) - open != strchr(close, s->t.v[s->i].c) - close)
		return false;
	if (s->open.n)
		s->i++;
	else
		close_last(s, at, s->i);
	return true;
}

static bool is_access(const struct splitter *s)
{
	return s->in_class && s->i - s->h.first <= 2 && s->t.v[s->h.first].kind == MACRO_WORD &&
	       (s->t.v[s->h.first].word & WORD_ACCESS || s->i - s->h.first == 1);
}

/* A token that is neither a comment nor of the preprocessor. */
static bool do_token(struct splitter *s)
{
	const struct macro_token *t = &s->t.v[s->i];
	uint32_t next;

	if (!s->in_item) {
		begin_item(s);
		if (is_lone_macro(s)) {
			s->is_opaque = true;
			s->i++;
			end_item(s);
			return true;
		}
	}
	if (macro_is_any(t, ")]}"))
		return close_bracket(s);
	if (macro_is(t, '{') && !s->open.n) {
		open_body(s);
	} else if (macro_is_any(t, "([{")) {
		*vec_push(&s->open, s->arena) = s->i++;
	} else if (s->open.n) {
		s->i++;
	} else if (macro_is(t, ';') &&
		   (next = code_behind_parameters(&s->h, s->t, s->i, s->to)) > s->i) {
		s->i = next;
	} else if (macro_is(t, ';') || (macro_is(t, ':') && is_access(s))) {
		s->i++;
		end_item(s);
	} else {
		s->i = code_header_add(&s->h, s->t, s->i, s->to) + 1;
	}
	return true;
}

bool code_regions_find(str source, struct macro_tokens tokens, uint32_t from, uint32_t to,
	bool in_class, struct arena *a, struct code_regions *out)
{
	struct splitter s = {.source = source,
		.t = tokens,
		.i = from,
		.to = to,
		.in_class = in_class,
		.arena = a};

	while (s.i < to) {
		switch (tokens.v[s.i].kind) {
		case MACRO_DEAD:
			s.i++;
			break;
		case MACRO_DIRECTIVE:
			do_directive(&s);
			break;
		case MACRO_COMMENT:
			do_comment(&s);
			break;
		default:
			if (!do_token(&s))
				return false;
		}
	}
	*out = (struct code_regions){s.out.v, (uint32_t)s.out.n};
	return !s.open.n && !s.namespaces;
}
