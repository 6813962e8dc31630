/* The elided form: unchanged lines near a change only, hunk headers computed anew, header lines that add nothing
 * left out, files that nobody wrote by hand as a line of counts. What is left is a patch for git apply. */
#include "core/base/limits.h"
#include "core/compress/diff/brief.h"
#include "core/compress/diff/diff.h"
#include "core/compress/diff/elide.h"
#include "core/compress/diff/skip.h"
#include "core/compress/marker.h"

enum {
	/* Unchanged lines that stay before and behind a change: enough to see where it is, and without any git
	 * could not tell a change at the end of a file. */
	CONTEXT = 1,
	GENTLE_CONTEXT =
		3, /* as git has it: what is left out is files as a whole, and what lies far from changes */
	/* What lies between two changes of a hunk is left out when it is at least that much: another hunk header
	 * takes its place. */
	GAP_LINES = 2,
	GAP_BYTES = 60,
	/* Bytes of a file's name that keep it from being left out when the question holds it, and how much of the
	 * question is looked at. */
	QUERY_NAME = 4,
	QUERY_BYTES = 4096,
};

/* One line of a hunk, with the notes behind it. */
struct hunk_line {
	uint32_t at;
	bool is_changed;
};

struct elide {
	const struct codec_in *in;
	struct diff_doc doc;
	struct arena *arena;
	struct buf *out;
	uint32_t context;
	VEC(struct hunk_line) lines; /* of the hunk at hand; its end is one more */
	size_t sides;                /* of that hunk */
	struct elide_counts counts;
	/* The last thing written is a header without hunks, a hunk that breaks off, or a line that could belong to the
	 * header of a file: only a line "diff --git" makes clear that another file follows. */
	bool is_unclosed;
};

void elide_words(struct buf *b, const struct diff_doc *d, const struct elide_counts *c)
{
	uint64_t added = 0, removed = 0;
	bool is_plain = true;

	for (size_t i = 0; i < d->files.n; i++) {
		is_plain &= d->files.v[i].form == DIFF_PLAIN;
		added += d->files.v[i].added;
		removed += d->files.v[i].removed;
	}
	buf_printf(b, "%zu file%s, +%llu -%llu; not shown: ", d->files.n,
		d->files.n == 1 ? "" : "s", (unsigned long long)added, (unsigned long long)removed);
	if (c->context)
		buf_printf(b, "%llu unchanged line%s, ", (unsigned long long)c->context,
			c->context == 1 ? "" : "s");
	if (c->files)
		buf_printf(b, "the lines of %llu file%s marked so, ", (unsigned long long)c->files,
			c->files == 1 ? "" : "s");
	buf_add_c(b, is_plain ? "times of files" : "index lines");
}

/* ---- hunks ---- */

static void split_hunk(struct elide *e, const struct diff_hunk *h)
{
	str text = str_sub(e->doc.text, 0, h->end);

	e->lines.n = 0;
	for (size_t at = h->body; at < h->end; at += diff_line(text, at).n) {
		if (text.p[at] != '\\')
			*vec_push(&e->lines, e->arena) = (struct hunk_line){
				(uint32_t)at, diff_is_changed(text.p + at, e->sides)};
	}
	*vec_push(&e->lines, e->arena) = (struct hunk_line){h->end, false};
}

/* The first line from i on that is (not) changed; n when there is none. */
static uint32_t next_line(const struct elide *e, uint32_t i, bool is_changed)
{
	uint32_t n = (uint32_t)e->lines.n - 1;

	while (i < n && e->lines.v[i].is_changed != is_changed)
		i++;
	return i;
}

/* Where the piece that begins with a change at c ends: behind it stand unchanged lines that are left out. */
static uint32_t piece_end(const struct elide *e, uint32_t c)
{
	uint32_t n = (uint32_t)e->lines.n - 1;

	for (;;) {
		uint32_t end = next_line(e, c, false), next = next_line(e, end, true);

		if (next == n)
			return next - end > e->context ? end + e->context : n;
		if (next - end >= 2 * e->context + GAP_LINES &&
			e->lines.v[next - e->context].at - e->lines.v[end + e->context].at >=
				GAP_BYTES)
			return end + e->context;
		c = next;
	}
}

/* The header of a piece, without what stands behind the ranges. */
static void add_ranges(struct elide *e, const struct diff_sides *s)
{
	if (s->n == 2) {
		brief_add_range(e->out,
			&(struct diff_range){s->from[0], s->lines[0], s->from[1], s->lines[1]});
		return;
	}
	for (size_t i = 0; i < s->n; i++)
		buf_add_byte(e->out, '@');
	for (size_t i = 0; i < s->n; i++)
		buf_printf(e->out, " %c%u,%u", i + 1 < s->n ? '-' : '+', s->from[i], s->lines[i]);
	buf_add_byte(e->out, ' ');
	for (size_t i = 0; i < s->n; i++)
		buf_add_byte(e->out, '@');
}

/* Lines start to end of the hunk, as one of their own; s->from is of the line at start, and behind it of that at end. */
static void add_piece(struct elide *e, const struct diff_hunk *h, struct diff_sides *s,
	uint32_t start, uint32_t end)
{
	str text = e->doc.text;

	memset(s->lines, 0, s->n * sizeof *s->lines);
	for (uint32_t i = start; i < end; i++)
		diff_count_line(text.p + e->lines.v[i].at, s->n, s->lines);
	add_ranges(e, s);
	if (next_line(e, start, true) == next_line(e, 0, true))
		buf_add(e->out, str_sub(text, h->heading, h->body));
	else
		buf_add_byte(e->out, '\n');
	buf_add(e->out, str_sub(text, e->lines.v[start].at, e->lines.v[end].at));
	for (size_t i = 0; i < s->n; i++)
		s->from[i] += s->lines[i];
}

static void add_hunk(struct elide *e, const struct diff_hunk *h)
{
	uint32_t n, i = 0;
	struct diff_sides s;
	str text = e->doc.text;

	if (h->is_damaged || h->context <= e->context || !(h->added | h->removed)) {
		buf_add(e->out, str_sub(text, h->at, h->end));
		return;
	}
	diff_sides_of(&e->doc, h, &s);
	e->sides = s.n;
	split_hunk(e, h);
	n = (uint32_t)e->lines.n - 1;
	while (i < n) {
		uint32_t c = next_line(e, i, true), start, end;

		if (c == n) {
			e->counts.context += n - i;
			break;
		}
		start = c - i > e->context ? c - e->context : i;
		end = piece_end(e, c);
		if (start == 0 && end == n) {
			buf_add(e->out, str_sub(text, h->at, h->end));
			return;
		}
		e->counts.context += start - i;
		for (size_t k = 0; k < s.n; k++)
			s.from[k] += start - i;
		add_piece(e, h, &s, start, end);
		i = end;
	}
}

/* ---- headers ---- */

/* "2026-01-02 10:11:12" behind a name: when that file was written. */
static bool is_stamp(str s)
{
	return s.n > 10 && *s.p >= '0' && *s.p <= '9' && str_find_byte(s, ':') != STR_NONE;
}

static void add_name_line(struct buf *b, const char *sign, str name)
{
	size_t tab = str_find_byte(name, '\t');

	buf_add_c(b, sign);
	if (tab != STR_NONE && is_stamp(str_sub(name, tab + 1, name.n)))
		name.n = tab;
	buf_add(b, name);
	buf_add_byte(b, '\n');
}

static bool is_usual(str mode)
{
	return !mode.n || str_eq(mode, STR("100644"));
}

/* True when "--- " and "+++ " say by themselves what became of the file. */
static bool do_names_tell(const struct diff_file *f)
{
	bool is_new = str_eq(f->minus, STR("/dev/null"));
	bool is_deleted = str_eq(f->plus, STR("/dev/null"));

	switch (f->what) {
	case DIFF_CHANGED:
		return !is_new && !is_deleted;
	case DIFF_NEW:
		return is_new && !is_deleted;
	case DIFF_DELETED:
		return is_deleted && !is_new;
	default:
		return false;
	}
}

/* True when the names alone tell all: an ordinary change, a new or deleted file of the usual mode. */
static bool are_names_enough(const struct elide *e, const struct diff_file *f)
{
	if (e->is_unclosed || !f->minus.n || !f->plus.n || !f->hunk_n ||
		e->doc.hunks.v[f->hunk_first].is_combined)
		return false;
	if (f->form == DIFF_PLAIN)
		return true;
	return f->form == DIFF_GIT && do_names_tell(f) && !f->old_mode.n && !f->percent.n &&
	       !f->rename_from.n && !f->rename_to.n && is_usual(f->mode) && is_usual(f->index_mode);
}

static void add_header(struct elide *e, const struct diff_file *f)
{
	str header = str_sub(e->doc.text, f->at, f->hunks_at), line;

	if (are_names_enough(e, f)) {
		add_name_line(e->out, "--- ", f->minus);
		add_name_line(e->out, "+++ ", f->plus);
		return;
	}
	for (size_t at = 0; at < header.n; at += line.n) {
		line = diff_line(header, at);
		if (f->form == DIFF_PLAIN || !str_starts(line, STR("index ")))
			buf_add(e->out, line);
	}
}

/* ---- files ---- */

/* True when the question names the file. */
static bool is_asked_for(const struct elide *e, const struct diff_file *f)
{
	size_t slash = str_rfind_byte(f->name, '/');
	str base = slash == STR_NONE ? f->name : str_sub(f->name, slash + 1, f->name.n);

	str query = e->in->query;

	query.n = query.n < QUERY_BYTES ? query.n : QUERY_BYTES;
	return base.n >= QUERY_NAME && str_find(query, base) != STR_NONE;
}

/* What we write must not read as another marker of ours. */
static bool is_marker(str line)
{
	struct codec_head head;
	struct marker m;

	return marker_parse(line, &m) || codec_head_parse(line, &head);
}

static bool skip_file(struct elide *e, const struct diff_file *f)
{
	enum skip_reason reason = skip_reason(&e->doc, f);
	size_t before = e->out->n;

	if (!reason || (reason != SKIP_BINARY && is_asked_for(e, f)))
		return false;
	skip_write(e->out, f, reason);
	if (e->out->err || is_marker(diff_chomp(str_sub(buf_str(e->out), before, e->out->n)))) {
		e->out->n = before;
		return false;
	}
	e->counts.files++;
	e->is_unclosed = false;
	return true;
}

static void add_file(struct elide *e, const struct diff_file *f)
{
	const struct diff_hunk *last =
		f->hunk_n ? &e->doc.hunks.v[f->hunk_first + f->hunk_n - 1] : NULL;

	if (skip_file(e, f))
		return;
	add_header(e, f);
	for (uint32_t i = 0; i < f->hunk_n; i++)
		add_hunk(e, &e->doc.hunks.v[f->hunk_first + i]);
	e->is_unclosed = !last || last->is_damaged;
}

/* Text between the files. False when a line of it is like one of ours. */
static bool add_text(struct elide *e, size_t at, size_t end)
{
	str s = str_sub(e->doc.text, at, end), line, rest = s;

	while (str_next_line(&rest, &line, NULL)) {
		if (line.n && *line.p == '[' && is_marker(line))
			return false;
		e->is_unclosed = diff_is_prelude(line);
	}
	buf_add(e->out, s);
	return true;
}

bool diff_encode_elided(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct elide e = {.in = in,
		.doc = diff_parse(in->text, a),
		.arena = a,
		.context = in->is_gentle ? GENTLE_CONTEXT : CONTEXT};
	struct buf body, b, words;
	size_t at;

	if (!e.doc.files.n)
		return false;
	buf_init_arena(&body, a, LIMIT_INPUT);
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_init_arena(&words, a, LIMIT_INPUT);
	e.out = &body;
	if (!buf_reserve(&body, in->text.n))
		return false;
	at = e.doc.files.v[0].at;
	if (!add_text(&e, 0, at))
		return false;
	for (size_t i = 0; i < e.doc.files.n; i++) {
		if (i && !add_text(&e, at, e.doc.files.v[i].at))
			return false;
		add_file(&e, &e.doc.files.v[i]);
		at = e.doc.files.v[i].end;
	}
	if (!add_text(&e, at, in->text.n))
		return false;
	at = e.doc.files.v[0].at;
	buf_add(&b, str_sub(buf_str(&body), 0, at));
	elide_words(&words, &e.doc, &e.counts);
	codec_head_write(
		&b, &(struct codec_head){&diff_codec, CODEC_ELIDED, buf_str(&words), in->route});
	buf_add_byte(&b, '\n');
	buf_add(&b, str_sub(buf_str(&body), at, body.n));
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_ELIDED};
	return !b.err && !body.err && b.n < in->text.n;
}
