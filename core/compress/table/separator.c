#include "core/compress/table/separator.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/token/swap.h"

/* In the order in which they are preferred. */
static const char separators[] = {' ', '|', ',', '\t'};

/* The sets of separators that a byte is of. */
static const uint8_t sets[256] = {[' '] = 1, ['|'] = 2, [','] = 4};

/* Text that stands bare where tabs separate cells. */
struct note {
	size_t at, n; /* in what is written */
	str text, literal;
	unsigned separators; /* that it has: with those it needs quotes */
	bool is_shortened;
};

struct separator_notes {
	struct note *v;
	size_t n, cap;
	unsigned separators; /* that any of them has */
	size_t shortened_n;  /* also of text that has no separator */
};

void separator_note(struct writer *w, struct place p, str text, str literal, str shorter)
{
	struct separator_notes *notes = w->notes;
	unsigned found = 0;

	/* Between brackets blanks separate. */
	for (size_t i = 0; p.where != IN_BRACKETS && i < text.n; i++)
		found |= sets[(unsigned char)text.p[i]];
	notes->shortened_n += shorter.p != text.p;
	if (!found)
		return;
	notes->separators |= found;
	vec_room(w->arena, (void **)&notes->v, notes->n, &notes->cap, sizeof *notes->v);
	notes->v[notes->n++] =
		(struct note){w->out->n, shorter.n, text, literal, found, shorter.p != text.p};
}

/* A table as it is with tabs. */
struct tabs {
	struct buf text;
	struct separator_notes notes;
	unsigned used;
	struct token_swap *swap; /* NULL: nobody has asked, or it cannot be */
};

static void write_tabs(struct writer *w, const struct table_memo *m, uint32_t step, struct tabs *t)
{
	struct buf *out = w->out;
	unsigned used = w->used;

	*t = (struct tabs){.swap = NULL};
	buf_init_arena(&t->text, w->arena, LIMIT_INPUT);
	w->is_trial = true;
	w->has_guess = false;
	w->notes = &t->notes;
	w->out = &t->text;
	w->used = 0;
	write_some_rows(w, m, step, '\t');
	t->used = w->used;
	w->used = used;
	w->out = out;
	w->notes = NULL;
	w->is_trial = false;
}

static void set_separator(struct buf *b, char sep)
{
	char *p = b->p, *end = p + b->n;

	while (p < end && (p = memchr(p, '\t', (size_t)(end - p))) != NULL)
		*p++ = sep;
}

/* The same with another separator. */
static struct separated separate(struct writer *w, const struct tabs *t, char sep)
{
	size_t done = 0, shortened_n = t->notes.shortened_n;
	unsigned set = sets[(unsigned char)sep], used = t->used;
	struct buf b;

	buf_init_arena(&b, w->arena, LIMIT_INPUT);
	(void)buf_reserve(&b, t->text.n);
	for (size_t i = 0; t->notes.separators & set && i < t->notes.n; i++) {
		const struct note *note = &t->notes.v[i];

		if (!(note->separators & set))
			continue;
		buf_add(&b, str_sub(buf_str(&t->text), done, note->at));
		done = note->at + note->n;
		shortened_n -= note->is_shortened;
		if (note->literal.p) {
			buf_add(&b, note->literal);
			continue;
		}
		buf_add_byte(&b, '"');
		buf_add(&b, note->text);
		buf_add_byte(&b, '"');
	}
	buf_add(&b, str_sub(buf_str(&t->text), done, t->text.n));
	set_separator(&b, sep);
	if (!shortened_n)
		used &= ~(unsigned)USED_PIECE;
	return (struct separated){buf_str(&b), used};
}

/* Where no cell needs quotes only separators differ. False where that is not known. */
static bool count_swapped(struct writer *w, struct tabs *t, char sep, size_t *tokens)
{
	if (t->notes.separators & sets[(unsigned char)sep])
		return false;
	if (!t->swap)
		t->swap = token_swap_new(
			w->in->encoding, buf_str(&t->text), '\t', w->in->cache, w->arena);
	if (t->swap)
		*tokens = token_swap_count(t->swap, sep);
	return t->swap != NULL;
}

char separator_choose(
	struct writer *w, const struct table_memo *m, uint32_t step, struct separated *best)
{
	size_t best_tokens = SIZE_MAX;
	char sep = '\t';
	struct tabs t;

	write_tabs(w, m, step, &t);
	for (size_t i = 0; i < sizeof separators; i++) {
		struct separated s = {.used = 0};
		size_t tokens;

		if (!count_swapped(w, &t, separators[i], &tokens)) {
			s = separate(w, &t, separators[i]);
			tokens = token_count_upto(
				w->in->encoding, s.text, best_tokens, w->in->cache);
		}
		if (tokens < best_tokens) {
			best_tokens = tokens;
			sep = separators[i];
			*best = s;
		}
	}
	if (!best->text.p)
		*best = separate(w, &t, sep);
	return sep;
}
