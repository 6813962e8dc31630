/* The contract of the elided form, checked from the original and the text alone: all text between the files, every
 * file by its name with what became of it, every changed line at its number in the old and the new file, or
 * counts for files that may be left out; the head line's figures. */
#include "core/base/limits.h"
#include "core/compress/diff/diff.h"
#include "core/compress/diff/elide.h"
#include "core/compress/diff/skip.h"

/* Reads the hunks of a file line by line. */
struct reader {
	const struct diff_doc *doc;
	uint32_t hunk, hunk_end; /* next one, behind the last */
	uint32_t at, end;        /* in the one at hand */
	struct diff_sides next;  /* from: numbers of the next line */
	bool is_verbatim;        /* broken off: nothing of it may be missing */
};

struct item {
	str line; /* with the notes behind it */
	uint32_t hunk;
	size_t sides;
	uint32_t numbers[DIFF_SIDES_MAX]; /* of each side */
	bool is_context;
};

static struct reader reader_of(const struct diff_doc *d, const struct diff_file *f)
{
	return (struct reader){
		.doc = d, .hunk = f->hunk_first, .hunk_end = f->hunk_first + f->hunk_n};
}

static void open_hunk(struct reader *r)
{
	const struct diff_hunk *h = &r->doc->hunks.v[r->hunk++];

	r->is_verbatim = h->is_damaged;
	r->at = r->is_verbatim ? h->at : h->body;
	r->end = h->end;
	diff_sides_of(r->doc, h, &r->next);
}

/* False at the end of the file. */
static bool next_item(struct reader *r, struct item *x)
{
	str text = r->doc->text;
	uint32_t at;

	while (r->at == r->end) {
		if (r->hunk == r->hunk_end)
			return false;
		open_hunk(r);
	}
	at = r->at;
	do
		r->at += (uint32_t)diff_line(text, r->at).n;
	while (r->at < r->end && text.p[r->at] == '\\');
	x->line = str_sub(text, at, r->at);
	x->hunk = r->hunk - 1;
	x->sides = r->next.n;
	memcpy(x->numbers, r->next.from, x->sides * sizeof *x->numbers);
	x->is_context = !r->is_verbatim && !diff_is_changed(text.p + at, x->sides);
	if (!r->is_verbatim)
		diff_count_line(text.p + at, x->sides, r->next.from);
	return true;
}

static bool is_same_item(const struct item *a, const struct item *b)
{
	return a->sides == b->sides &&
	       memcmp(a->numbers, b->numbers, a->sides * sizeof *a->numbers) == 0 &&
	       str_eq(a->line, b->line);
}

static str heading(const struct diff_doc *d, uint32_t hunk)
{
	const struct diff_hunk *h = &d->hunks.v[hunk];

	return diff_chomp(str_sub(d->text, h->heading, h->body));
}

/* What stands behind the ranges is that of the original's hunk, and nothing where that is split further on. */
static bool has_heading(const struct diff_doc *original, const struct diff_doc *shown,
	const struct item *was, const struct item *is, uint32_t *last)
{
	str want = was->hunk == *last ? STR_NULL : heading(original, was->hunk);

	*last = was->hunk;
	return str_eq(heading(shown, is->hunk), want);
}

/* All changed lines of a file are shown, and what else is shown is of it. Counts unchanged lines that are not. */
static bool shows_lines(const struct diff_doc *original, const struct diff_file *f,
	const struct diff_doc *shown, const struct diff_file *g, uint64_t *missing)
{
	struct reader from = reader_of(original, f), to = reader_of(shown, g);
	uint32_t hunk = UINT32_MAX, last = UINT32_MAX;
	struct item was, is;

	while (next_item(&to, &is)) {
		for (;;) {
			if (!next_item(&from, &was))
				return false;
			if (is_same_item(&was, &is))
				break;
			if (!was.is_context)
				return false;
			++*missing;
		}
		if (is.hunk != hunk && !has_heading(original, shown, &was, &is, &last))
			return false;
		hunk = is.hunk;
	}
	while (next_item(&from, &was)) {
		if (!was.is_context)
			return false;
		++*missing;
	}
	return true;
}

/* A mode, where the usual one need not be said. */
static str told_mode(const struct diff_file *f)
{
	bool is_usual = str_eq(f->mode, STR("100644")) && !f->old_mode.n;

	return is_usual ? STR_NULL : f->mode;
}

static bool is_same_file(const struct diff_file *f, const struct diff_file *g)
{
	return f->what == g->what && str_eq(f->name, g->name) && str_eq(f->old_name, g->old_name) &&
	       str_eq(f->old_mode, g->old_mode) && str_eq(told_mode(f), told_mode(g)) &&
	       str_eq(f->percent, g->percent) && f->is_binary == g->is_binary;
}

/* True when the line of counts for a file stands at rest; *n: its length. */
static bool is_stated(
	const struct diff_doc *d, const struct diff_file *f, str rest, struct arena *a, size_t *n)
{
	enum skip_reason reason = skip_reason(d, f);
	struct buf b;

	if (!reason || !rest.n || *rest.p != '[')
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	skip_write(&b, f, reason);
	*n = b.n;
	return str_starts(rest, buf_str(&b));
}

/* The head line says what is there and what is missing. */
static bool has_words(
	str words, const struct diff_doc *d, const struct elide_counts *c, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	elide_words(&b, d, c);
	return str_eq(words, buf_str(&b));
}

/* The files of the original, one after the other, with the text before each, in what is shown. */
static bool shows_files(const struct diff_doc *original, const struct diff_doc *shown,
	size_t first_at, struct arena *a, struct elide_counts *c)
{
	size_t at = 0, from = first_at, g = 0, n;

	for (size_t i = 0; i < original->files.n; i++) {
		const struct diff_file *f = &original->files.v[i];
		str between = str_sub(original->text, from, f->at);

		if (!str_starts(str_sub(shown->text, at, shown->text.n), between))
			return false;
		at += between.n;
		from = f->end;
		while (g < shown->files.n && shown->files.v[g].at < at)
			g++;
		if (g < shown->files.n && shown->files.v[g].at == at) {
			const struct diff_file *is = &shown->files.v[g];

			if (!is_same_file(f, is) ||
				!shows_lines(original, f, shown, is, &c->context))
				return false;
			at = is->end;
			continue;
		}
		if (!is_stated(original, f, str_sub(shown->text, at, shown->text.n), a, &n))
			return false;
		c->files++;
		at += n;
	}
	return str_eq(str_sub(shown->text, at, shown->text.n),
		str_sub(original->text, from, original->text.n));
}

bool diff_holds(str original, str text, struct arena *a)
{
	struct elide_counts counts = {0};
	struct diff_doc from, to;
	struct codec_head head;
	size_t at, end;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != &diff_codec ||
		head.form != CODEC_ELIDED)
		return false;
	from = diff_parse(original, a);
	if (!from.files.n || from.files.v[0].at != at ||
		!str_eq(str_sub(original, 0, at), str_sub(text, 0, at)))
		return false;
	to = diff_parse(str_sub(text, end, text.n), a);
	return shows_files(&from, &to, at, a, &counts) && has_words(head.words, &from, &counts, a);
}
