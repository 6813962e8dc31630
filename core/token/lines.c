#include "core/token/lines.h"

#include "core/token/split.h"

enum {
	WORD_MAX = 40, /* bytes of a line's first word */
	LINES_MAX = 0x7fff,
};

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A character of ASCII that is no white space. */
static inline bool is_visible(char c)
{
	return c > ' ' && c < 0x7f;
}

/* A letter or a digit of ASCII. */
static inline bool is_word(char c)
{
	unsigned char u = (unsigned char)c, letter = u | 0x20;

	return (unsigned char)(letter - 'a') <= 'z' - 'a' || (unsigned char)(u - '0') <= 9;
}

static inline const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* A piece of signs takes line ends and slashes behind it along, one of white space all up to its last line end. */
static inline bool is_line_start(const char *p, const char *end)
{
	const char *q = skip_blanks(p, end);

	return q < end && is_visible(*q) && !(q == p && *q == '/');
}

bool token_line_starts(const char *p, const char *end)
{
	return is_line_start(p, end);
}

static inline bool is_start(str line)
{
	return line.n && is_line_start(line.p, line.p + line.n);
}

/* The first end of a piece in a line that begins with what is_start() asks for, behind a number column or not: before the last of several blanks,
 * which goes with what follows (one is enough behind a number column), else behind the first word. NULL: none. */
static const char *core_start(str line)
{
	const char *eol = line.p + line.n, *q = skip_blanks(line.p, eol), *word;

	if (q > line.p)
		return q - 1;
	word = line.n > WORD_MAX ? q + WORD_MAX : eol;
	while (q < word && !is_word(*q))
		q++;
	while (q < word && is_word(*q))
		q++;
	return q < word && split_is_sure(q[-1], q[0]) ? q : NULL;
}

/* Lines at one after the other. */
struct lines_at {
	const struct token_text *t;
	size_t i;
	bool is_end, is_start, is_numbered;
};

static inline void go_to(struct lines_at *at, size_t i)
{
	at->i = i;
	at->is_end = i >= at->t->n;
	if (at->is_end)
		return;
	at->is_start = is_start(at->t->body[i]);
	at->is_numbered = at->t->body[i].p != at->t->raw[i].p;
}

/* A group from a line that is a start on; *at is the line behind it, and becomes the one behind the group. False: none. */
static bool take_group(str line, bool is_numbered, struct lines_at *at, struct line_group *g)
{
	const char *text = at->t->text.p, *from = is_numbered ? core_start(line) : line.p;
	size_t i = at->i;

	/* a column is a start as well: blanks and digits */
	if (is_numbered && !at->is_end && !at->is_start && !at->is_numbered)
		return false;
	while (!at->is_end && !at->is_start &&
		(is_numbered ? !at->t->body[at->i].n : !at->is_numbered))
		go_to(at, at->i + 1);
	if (at->is_end || !from || at->i - i >= LINES_MAX)
		return false;
	*g = (struct line_group){.line = (uint32_t)(line.p - text),
		.from = (uint32_t)(from - text),
		.to = (uint32_t)(at->t->raw[is_numbered ? i : at->i].p - text),
		.lines = (at->i - i + 1) & LINES_MAX,
		.is_numbered = is_numbered};
	return true;
}

struct token_lines *token_lines_new(struct arena *a, const struct token_text *t)
{
	struct token_lines *l = arena_new(a, struct token_lines);
	struct lines_at at = {.t = t};

	l->text = t->text;
	if (t->text.n > UINT32_MAX)
		return l;
	l->v = arena_alloc(a, t->n * sizeof *l->v, alignof(struct line_group));
	go_to(&at, 0);
	while (!at.is_end) {
		bool is_start = at.is_start, is_numbered = at.is_numbered;
		size_t i = at.i;

		go_to(&at, i + 1);
		l->n += is_start && take_group(t->body[i], is_numbered, &at, &l->v[l->n]);
	}
	return l;
}
