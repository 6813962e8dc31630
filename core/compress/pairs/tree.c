#include "core/compress/pairs/tree.h"

#include "core/base/limits.h"

enum {
	DEPTH_MAX = 100, /* no program writes deeper, and the stack is not endless */
	INDENT_MAX = 9,  /* what yaml_style can say */
	KEY_MAX = 256,   /* bytes; what is longer is a sentence */
};

/* Where the reader is: at a column of a line, behind lines that are notes. */
struct reader {
	struct yaml_tree *t;
	struct arena *arena;
	str rest;   /* lines behind the one at hand */
	str line;   /* all of it */
	size_t col; /* where its content begins: behind blanks, or behind dashes that were read */
	str notes;  /* blank lines and comments before it, with their line ends */
	const char *end;
	bool is_over; /* the text goes on with what is no YAML, or is at its end */
	bool has_dashes;
	uint32_t depth;
};

static str content(const struct reader *r)
{
	return str_sub(r->line, r->col, r->line.n);
}

static size_t blanks(str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

static bool is_dash(str s)
{
	return s.n && *s.p == '-' && (s.n == 1 || s.p[1] == ' ');
}

static bool is_note(str line)
{
	size_t n = blanks(line);

	return !line.n || (n < line.n && line.p[n] == '#');
}

static void emit(struct reader *r, enum yaml_event_kind kind, str text, size_t base)
{
	const struct yaml_tree *t = r->t;
	struct yaml_event *e =
		vec_push_of(&r->t->events, r->arena, (size_t)(r->line.p - t->text.p), t->text.n);

	*e = (struct yaml_event){.kind = kind & 7,
		.base = base & ((1U << 29) - 1),
		.at = text.p ? (uint32_t)(text.p - t->text.p) : 0,
		.n = (uint32_t)text.n};
}

/* To the next line that has content. */
static void advance(struct reader *r)
{
	const char *notes = r->rest.p;

	r->end = r->line.p + r->line.n;
	r->notes = STR_NULL;
	while (str_next_line(&r->rest, &r->line, NULL)) {
		if (is_note(r->line))
			continue;
		r->notes = (str){notes, (size_t)(r->line.p - notes)};
		r->col = blanks(r->line);
		return;
	}
	r->is_over = true;
}

/* True when the notes before the line at hand stand in its column. */
static bool has_own_notes(const struct reader *r)
{
	str rest = r->notes, line;

	while (str_next_line(&rest, &line, NULL))
		if (line.n && blanks(line) != r->col)
			return false;
	return true;
}

/* Notes of another column end the tree. */
static bool take_notes(struct reader *r)
{
	if (!r->notes.n)
		return true;
	if (!has_own_notes(r)) {
		r->is_over = true;
		return false;
	}
	emit(r, YAML_NOTE, str_sub(r->notes, 0, r->notes.n - 1), r->col);
	r->notes = STR_NULL;
	return true;
}

static size_t quoted_key_end(str s)
{
	size_t i = 1;

	while (i < s.n && s.p[i] != *s.p)
		i += s.p[i] == '\\' && *s.p == '"' ? 2 : 1;
	return i + 1 < s.n && s.p[i + 1] == ':' ? i + 1 : 0;
}

/* What a sign can be in a key. */
enum { NO_FIRST = 1 /* no plain one begins with it */, STOP = 2 /* it may end there */ };
static const unsigned char key_signs[256] = {['\0'] = NO_FIRST,
	[' '] = NO_FIRST | STOP,
	['['] = NO_FIRST,
	['{'] = NO_FIRST,
	['}'] = NO_FIRST,
	[']'] = NO_FIRST,
	['#'] = NO_FIRST,
	['&'] = NO_FIRST,
	['*'] = NO_FIRST,
	['!'] = NO_FIRST,
	['|'] = NO_FIRST,
	['>'] = NO_FIRST,
	['%'] = NO_FIRST,
	['@'] = NO_FIRST,
	[','] = NO_FIRST,
	['`'] = NO_FIRST,
	[':'] = STOP,
	['\t'] = STOP};

size_t yaml_key_end(str s)
{
	size_t i = 0, most = s.n < KEY_MAX ? s.n : KEY_MAX;

	if (!s.n || is_dash(s) || key_signs[(unsigned char)*s.p] & NO_FIRST)
		return 0;
	if (*s.p == '"' || *s.p == '\'') {
		i = quoted_key_end(s);
		/* A member of JSON is no such line. */
		return i && (i + 1 == s.n || s.p[i + 1] == ' ') && s.p[s.n - 1] != ',' ? i : 0;
	}
	for (; i < most; i++) {
		if (!(key_signs[(unsigned char)s.p[i]] & STOP))
			continue;
		if (s.p[i] == ':' && (i + 1 == s.n || s.p[i + 1] == ' '))
			return i;
		if (s.p[i] == '\t' || (s.p[i] == ' ' && i + 1 < s.n && s.p[i + 1] == '#'))
			return 0;
	}
	return 0;
}

/* True for a further line of a scalar whose parent stands in that column. */
static bool is_further(str line, size_t col)
{
	size_t n = blanks(line);

	return n == line.n || n > col;
}

/* A scalar from the column at hand to the line's end, and the lines below it that belong to it. */
static void read_scalar(struct reader *r, str spelled, size_t parent, size_t base)
{
	const char *from = spelled.p, *to = spelled.p + spelled.n;
	str rest = r->rest, line, last = r->line;

	while (str_next_line(&rest, &line, NULL) && is_further(line, parent)) {
		if (blanks(line) == line.n)
			continue; /* only where more follow */
		to = line.p + line.n;
		last = line;
		r->rest = rest;
	}
	emit(r, YAML_VALUE, (str){from, (size_t)(to - from)}, base);
	r->t->values_n++;
	r->line = last;
	advance(r);
}

static bool is_collection(str line)
{
	return is_dash(line) || yaml_key_end(line);
}

/* Takes what the first mapping or sequence within a mapping says of the style; false when this one has another. */
static bool has_style(struct reader *r, size_t col)
{
	struct yaml_style *s = &r->t->style;
	size_t step = r->col - col;

	if (is_dash(content(r))) {
		if (!r->has_dashes)
			s->dashes_in = step > 0;
		r->has_dashes = true;
		if (s->dashes_in != (step > 0))
			return false;
	}
	if (!step)
		return true;
	if (!s->indent && step <= INDENT_MAX)
		s->indent = (unsigned)step;
	return step == s->indent;
}

static void read_value(struct reader *r, size_t parent, size_t base);

/* What follows "key:". */
static void read_member(struct reader *r, size_t col, str value)
{
	const struct yaml_style *s = &r->t->style;

	if (value.n) {
		read_scalar(r, str_sub(value, 1, value.n), col,
			col + (s->indent ? s->indent : YAML_INDENT));
		return;
	}
	advance(r);
	if (!r->is_over && (r->col > col || (r->col == col && is_dash(content(r))))) {
		r->is_over = !is_collection(content(r)) || !has_own_notes(r) || !has_style(r, col);
		if (!r->is_over) {
			read_value(r, col, r->col);
			return;
		}
	}
	/* "key:" alone: nothing, spelled so. */
	emit(r, YAML_VALUE, (str){value.p, 0}, 0);
	r->t->values_n++;
}

static void read_map(struct reader *r, size_t col)
{
	str key = STR_NULL;

	emit(r, YAML_MAP, STR_NULL, 0);
	while (!r->is_over && r->col == col) {
		str line = content(r);
		size_t end = yaml_key_end(line);

		/* The same key again: lines of a log. */
		if (!end || str_eq(str_sub(line, 0, end), key) || !take_notes(r))
			break;
		key = str_sub(line, 0, end);
		emit(r, YAML_KEY, key, 0);
		r->t->keys_n++;
		read_member(r, col, str_sub(line, end + 1, line.n));
	}
	emit(r, YAML_END, STR_NULL, 0);
}

static void read_seq(struct reader *r, size_t col)
{
	emit(r, YAML_SEQ, STR_NULL, 0);
	while (!r->is_over && r->col == col && is_dash(content(r)) && take_notes(r)) {
		str line = content(r);

		r->is_over = line.n == 2;
		if (r->is_over)
			break;
		if (line.n == 1) {
			emit(r, YAML_VALUE, (str){line.p + 1, 0}, 0);
			advance(r);
			continue;
		}
		r->col += 2;
		read_value(r, col, r->col);
	}
	emit(r, YAML_END, STR_NULL, 0);
}

/* The block or scalar that begins at the column at hand. */
static void read_value(struct reader *r, size_t parent, size_t base)
{
	str line = content(r);

	if (r->is_over || r->depth == DEPTH_MAX) {
		emit(r, YAML_VALUE, (str){line.p, 0}, 0);
		r->is_over = true;
		return;
	}
	r->depth++;
	if (is_dash(line))
		read_seq(r, r->col);
	else if (yaml_key_end(line))
		read_map(r, r->col);
	else
		read_scalar(r, line, parent, base);
	r->depth--;
}

static bool is_separator(const struct reader *r)
{
	return !r->is_over && str_eq(r->line, STR("---"));
}

bool yaml_tree_read(str text, struct arena *a, struct yaml_tree *t)
{
	struct reader r = {.t = t, .arena = a, .rest = text, .line = {text.p, 0}};

	*t = (struct yaml_tree){.text = text, .start = text.p, .end = text.p};
	if (text.n > LIMIT_INPUT)
		return false;
	advance(&r);
	t->style.has_first = is_separator(&r) && !r.notes.n;
	if (t->style.has_first)
		advance(&r);
	while (!r.is_over && !r.col && is_collection(content(&r)) && has_own_notes(&r)) {
		t->documents_n++;
		read_value(&r, 0, 0);
		t->end = r.end;
		if (!is_separator(&r) || r.notes.n)
			break;
		advance(&r);
	}
	t->style.is_many = t->style.has_first || t->documents_n > 1;
	if (!t->style.indent)
		t->style.indent = YAML_INDENT;
	return t->documents_n > 0;
}
