/* The exact form: headers of files as brief lines, hunk headers without lengths, signs that a whole hunk has in
 * common said once. Everything else stands where it stood. */
#include "core/base/limits.h"
#include "core/compress/diff/brief.h"
#include "core/compress/diff/diff.h"
#include "core/compress/diff/move.h"
#include "core/compress/marker.h"

enum {
	/* Lines of one sign that are worth a marker of nine tokens, where it stands for the hunk header as well, and
	 * where it does not. */
	EACH_MIN_INSTEAD = 4,
	EACH_MIN = 12,
};

/* ---- what the decoder reads in a hunk whose header has no lengths ---- */

static bool is_body_byte(char c)
{
	return c == ' ' || c == '+' || c == '-' || c == '\\';
}

/* True when a hunk goes on with what stands at rest. */
static bool goes_on(str rest)
{
	return rest.n && is_body_byte(*rest.p) && !(*rest.p == '-' && diff_is_plain_head(rest));
}

/* Counts old and new lines of the hunk at the beginning of rest; false when its marker is damaged. */
static bool count_lines(str rest, struct diff_range *r)
{
	r->old_n = r->new_n = 0;
	for (;;) {
		str line = rest.n && *rest.p == '[' ? diff_chomp(diff_line(rest, 0)) : STR_NULL;
		struct move m;
		uint32_t n = 0;
		char sign = ' ';

		if (line.n && move_parse(line, &m)) {
			*(m.sign == '+' ? &r->new_n : &r->old_n) += m.n;
		} else if (line.n && brief_each_parse(line, &n, &sign)) {
			*(sign == '+' ? &r->new_n : &r->old_n) += n;
		} else if (!goes_on(rest)) {
			return true;
		} else {
			r->old_n += *rest.p == ' ' || *rest.p == '-';
			r->new_n += *rest.p == ' ' || *rest.p == '+';
		}
		for (uint32_t i = 0; i <= n; i++) {
			if (!rest.n)
				return false;
			rest = str_sub(rest, diff_line(rest, 0).n, rest.n);
		}
	}
}

/* ---- encode ---- */

struct exact {
	struct diff_doc doc;
	struct buf *out, *scratch;
	const struct move *move, *moves_end; /* those that are still to come */
	uint32_t copied; /* bytes of the text that are in out, or were replaced there */
};

/* Copies what stands before at, and leaves out what stands from there to end. */
static void replace(struct exact *e, uint32_t at, uint32_t end)
{
	buf_add(e->out, str_sub(e->doc.text, e->copied, at));
	e->copied = end;
}

/* What is left verbatim must not read as a notation of ours. */
static bool is_safe_line(const struct exact *e, str line)
{
	struct diff_range r;
	struct marker m;
	struct move move;
	struct codec_head head;
	uint32_t n;
	size_t len;
	char sign;
	bool is_bare;

	switch (*line.p) {
	case 'd':
		buf_reset(e->scratch);
		return !brief_expand(e->scratch, line);
	case '@':
		return !diff_range_parse(line, &r, &len, &is_bare) || !is_bare;
	case '[':
		return !marker_parse(line, &m) && !codec_head_parse(line, &head) &&
		       !brief_each_parse(line, &n, &sign) && !move_parse(line, &move);
	default:
		return true;
	}
}

static bool is_safe(const struct exact *e, uint32_t at, uint32_t end)
{
	str text = str_sub(e->doc.text, 0, end);

	while (at < end) {
		str line = diff_line(text, at);

		if (strchr("d@[", *line.p) && *line.p && !is_safe_line(e, diff_chomp(line)))
			return false;
		at += (uint32_t)line.n;
	}
	return true;
}

/* Lines of a hunk with one sign, one behind the other. */
struct run {
	uint32_t at, end, n;
	bool is_safe; /* without their sign, none is like a line of ours, and the last one is a line */
};

/* Up to the next move at most. */
static struct run next_run(const struct exact *e, const struct diff_hunk *h, uint32_t at)
{
	bool has_move = e->move < e->moves_end && e->move->at < h->end;
	str text = str_sub(e->doc.text, 0, has_move ? e->move->at : h->end);
	struct run r = {.at = at, .is_safe = true};

	for (; at < text.n && text.p[at] == text.p[r.at]; r.n++) {
		str line = diff_line(text, at);

		r.is_safe &=
			line.n > 1 &&
			(line.p[1] != '[' || is_safe_line(e, diff_chomp(str_sub(line, 1, line.n))));
		at += (uint32_t)line.n;
	}
	r.end = at;
	return r;
}

/* Says the sign of a run once, in place of [at, run.at) of the text. */
static void add_run(struct exact *e, const struct run *r, uint32_t at)
{
	str text = str_sub(e->doc.text, 0, r->end);

	replace(e, at, r->at);
	brief_add_each(e->out, r->n, text.p[r->at]);
	buf_add_byte(e->out, '\n');
	for (at = r->at; at < r->end;) {
		str line = diff_line(text, at);

		buf_add(e->out, str_sub(line, 1, line.n));
		at += (uint32_t)line.n;
	}
	e->copied = at;
}

static void add_move(struct exact *e)
{
	replace(e, e->move->at, e->move->end);
	move_write(e->out, e->move++);
	buf_add_byte(e->out, '\n');
}

static void add_runs(struct exact *e, const struct diff_hunk *h)
{
	for (uint32_t at = h->body; at < h->end;) {
		char c = e->doc.text.p[at];
		struct run r;

		if (e->move < e->moves_end && e->move->at == at) {
			at = e->move->end;
			add_move(e);
			continue;
		}
		r = next_run(e, h, at);
		if ((c == '+' || c == '-') && r.n >= EACH_MIN && r.is_safe)
			add_run(e, &r, at);
		at = r.end;
	}
}

/* True when this range of a header is spelled as git does, and the lines tell its lengths. */
static bool can_leave_lengths(const struct exact *e, const struct diff_hunk *h)
{
	str text = e->doc.text;

	buf_reset(e->scratch);
	brief_add_range(e->scratch, &h->range);
	return !h->is_odd && str_eq(buf_str(e->scratch), str_sub(text, h->at, h->heading)) &&
	       !goes_on(str_sub(text, h->end, text.n));
}

/* "@@ -0,0 +1,8 @@" or "@@ -1,8 +0,0 @@" and no more: the marker stands for it. */
static bool is_whole_file(const struct exact *e, const struct diff_hunk *h)
{
	struct diff_range r = h->added ? (struct diff_range){0, 0, 1, h->added}
				       : (struct diff_range){1, h->removed, 0, 0};

	buf_reset(e->scratch);
	brief_add_range(e->scratch, &r);
	buf_add_byte(e->scratch, '\n');
	return str_eq(buf_str(e->scratch), str_sub(e->doc.text, h->at, h->body));
}

/* The file's first hunk is all of it, and its marker can stand for the header. */
static bool add_whole_file(struct exact *e, const struct diff_file *f, const struct diff_hunk *h)
{
	struct run r;

	if (f->form != DIFF_GIT || h != &e->doc.hunks.v[f->hunk_first] || h->context || h->is_odd ||
		(h->added && h->removed) || h->added + h->removed < EACH_MIN_INSTEAD)
		return false;
	if (e->move < e->moves_end && e->move->at < h->end)
		return false;
	r = next_run(e, h, h->body);
	if (r.n != h->added + h->removed || !r.is_safe || !is_whole_file(e, h))
		return false;
	add_run(e, &r, h->at);
	return true;
}

static bool encode_hunk(struct exact *e, const struct diff_file *f, const struct diff_hunk *h)
{
	if (h->is_combined)
		return true;
	if (h->is_damaged)
		return is_safe(e, h->at, h->body);
	if (add_whole_file(e, f, h))
		return true;
	if (can_leave_lengths(e, h)) {
		replace(e, h->at, h->heading);
		buf_printf(e->out, "@@ -%u +%u @@", h->range.old_from, h->range.new_from);
	} else if (!is_safe(e, h->at, h->body)) {
		return false;
	}
	if (!h->is_odd)
		add_runs(e, h);
	return true;
}

static bool encode_file(struct exact *e, const struct diff_file *f)
{
	str header = str_sub(e->doc.text, f->at, f->hunks_at);

	replace(e, f->at, f->at);
	if (brief_write(e->out, f, header, e->scratch))
		e->copied = f->hunks_at;
	else if (!is_safe(e, f->at, f->hunks_at))
		return false;
	for (uint32_t i = 0; i < f->hunk_n; i++)
		if (!encode_hunk(e, f, &e->doc.hunks.v[f->hunk_first + i]))
			return false;
	return true;
}

static void add_head(struct exact *e)
{
	uint64_t added = 0, removed = 0;
	struct buf words;

	for (size_t i = 0; i < e->doc.files.n; i++) {
		added += e->doc.files.v[i].added;
		removed += e->doc.files.v[i].removed;
	}
	buf_init_arena(&words, e->out->arena, LIMIT_INPUT);
	buf_printf(&words, "%zu file%s, +%llu -%llu; headers shortened", e->doc.files.n,
		e->doc.files.n == 1 ? "" : "s", (unsigned long long)added,
		(unsigned long long)removed);
	codec_head_write(
		e->out, &(struct codec_head){&diff_codec, CODEC_EXACT, buf_str(&words), STR_NULL});
	buf_add_byte(e->out, '\n');
}

bool diff_encode_exact(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct exact e = {.doc = diff_parse(in->text, a)};
	struct moves moves = moves_find(&e.doc, a);
	struct buf b, scratch;
	uint32_t at = 0;

	if (!e.doc.files.n)
		return false;
	e.move = moves.v;
	e.moves_end = moves.n ? moves.v + moves.n : NULL;
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_init_arena(&scratch, a, LIMIT_INPUT);
	e.out = &b;
	e.scratch = &scratch;
	if (!buf_reserve(&b, in->text.n))
		return false;
	replace(&e, e.doc.files.v[0].at, e.doc.files.v[0].at);
	add_head(&e);
	for (size_t i = 0; i < e.doc.files.n; i++) {
		const struct diff_file *f = &e.doc.files.v[i];

		if (!is_safe(&e, at, f->at) || !encode_file(&e, f))
			return false;
		at = f->end;
	}
	if (!is_safe(&e, at, (uint32_t)in->text.n))
		return false;
	replace(&e, (uint32_t)in->text.n, (uint32_t)in->text.n);
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_EXACT};
	return !b.err && !scratch.err && b.n < in->text.n;
}

/* ---- decode ---- */

struct decode {
	str text;
	size_t at, copied;
	struct buf *out;
	struct arena *arena;
	VEC(struct move) moves; /* their lines are only signs so far; at: in out */
	bool is_in_hunk;        /* the line before is its header, or one of its lines */
};

static void flush(struct decode *d, size_t end)
{
	buf_add(d->out, str_sub(d->text, d->copied, d->at));
	d->copied = d->at = end;
}

/* "[next 8 lines: each +]": puts the sign before each. */
static bool decode_each(struct decode *d, str line, uint32_t n, char sign)
{
	struct diff_range r =
		sign == '+' ? (struct diff_range){0, 0, 1, n} : (struct diff_range){1, n, 0, 0};

	flush(d, d->at + line.n);
	if (!d->is_in_hunk) {
		brief_add_range(d->out, &r);
		buf_add_byte(d->out, '\n');
	}
	while (n--) {
		if (d->at >= d->text.n)
			return false;
		buf_add_byte(d->out, sign);
		line = diff_line(d->text, d->at);
		buf_add(d->out, line);
		d->copied = d->at += line.n;
	}
	d->is_in_hunk = true;
	return true;
}

/* "[14 lines added, as removed at src/a.c:120]" */
static bool decode_move(struct decode *d, str line, struct move *m)
{
	if (!d->is_in_hunk)
		return false;
	flush(d, d->at + line.n);
	m->at = (uint32_t)d->out->n;
	for (uint32_t i = 0; i < m->n && !d->out->err; i++) {
		buf_add_byte(d->out, m->sign);
		buf_add_byte(d->out, '\n');
	}
	m->end = (uint32_t)d->out->n;
	*vec_push(&d->moves, d->arena) = *m;
	return !d->out->err;
}

/* A hunk header; without lengths, it is written with those that the lines tell. */
static bool decode_header(struct decode *d, str line, struct diff_range *r, size_t n, bool is_bare)
{
	d->is_in_hunk = true;
	if (!is_bare) {
		d->at += line.n;
		return true;
	}
	if (!count_lines(str_sub(d->text, d->at + line.n, d->text.n), r))
		return false;
	flush(d, d->at + n);
	brief_add_range(d->out, r);
	d->at += line.n - n;
	return true;
}

/* A line that begins with 'd', '@' or '['. */
static bool decode_line(struct decode *d)
{
	str line = diff_line(d->text, d->at), bare = diff_chomp(line);
	struct diff_range r;
	struct move m;
	uint32_t count;
	size_t n;
	bool is_bare;
	char sign;

	if (*line.p == '@' && diff_range_parse(bare, &r, &n, &is_bare))
		return decode_header(d, line, &r, n, is_bare);
	if (*line.p == '[' && brief_each_parse(bare, &count, &sign))
		return decode_each(d, line, count, sign);
	if (*line.p == '[' && move_parse(bare, &m))
		return decode_move(d, line, &m);
	d->is_in_hunk = false;
	if (*line.p == 'd') {
		flush(d, d->at);
		if (brief_expand(d->out, bare))
			d->copied = d->at + line.n;
	}
	d->at += line.n;
	return true;
}

bool diff_decode(str text, struct arena *a, str *out)
{
	struct codec_head head;
	struct decode d = {.text = text, .arena = a};
	struct buf b, filled;
	size_t end;

	if (!codec_head_find(text, &head, &d.at, &end) || head.codec != &diff_codec ||
		head.form != CODEC_EXACT)
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	d.out = &b;
	if (!buf_reserve(&b, text.n))
		return false;
	flush(&d, end);
	while (d.at < text.n) {
		char c = text.p[d.at];

		if (c == 'd' || c == '@' || c == '[') {
			if (!decode_line(&d))
				return false;
			continue;
		}
		d.is_in_hunk &= is_body_byte(c);
		d.at += diff_line(text, d.at).n;
	}
	flush(&d, text.n);
	*out = buf_str(&b);
	if (b.err || !d.moves.n)
		return !b.err;
	buf_init_arena(&filled, a, LIMIT_INPUT);
	if (!moves_fill(buf_str(&b), &(struct moves){d.moves.v, d.moves.n}, a, &filled))
		return false;
	*out = buf_str(&filled);
	return true;
}
