#include "core/compress/prose/prose.h"

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/compress/marker.h"
#include "core/compress/prose/choose.h"
#include "core/compress/prose/cost.h"
#include "core/compress/prose/holds.h"
#include "core/compress/prose/rows.h"

enum {
	TEXT_MIN = 2000,    /* bytes; a shorter text is read faster than it is asked for */
	SENTENCES_MIN = 12, /* fewer are no prose */
	HEAD_TOKENS = 28,   /* of the line that says what is left out, but for how it is had */
	TENTHS = 10,
	FREE_PART =
		3, /* of ten bytes so many could go, else it is not worth the look; one is no code */
};
/* How much stays where nobody says: what goes then is what says least. */
static const double keep_usual = 0.6, keep_gentle = 0.8;

/* True when enough of it may go: sentences, and where a share was asked for what stands in tables and code as well. Code alone is none of ours. */
static bool has_prose(const sentence_vec *all, size_t bytes, bool is_asked)
{
	size_t n = 0, loose = 0, code = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct sentence *s = &all->v[i];
		bool may_go = !s->is_kept || (is_asked && s->opens);

		n += may_go;
		loose += may_go ? s->text.n : 0;
		code += may_go && s->opens == OPENS_CODE ? s->text.n : 0;
	}
	return n >= SENTENCES_MIN && loose * TENTHS >= bytes * FREE_PART &&
	       (loose - code) * TENTHS >= bytes;
}

/* True for a Markdown document that has tables: with a heading and with the row below a table's head. Other tables may have sentences in their cells,
 * and are none of ours. */
static bool is_document(str text)
{
	bool has_heading = false, has_rule = false, has_eol;

	for (str line; str_next_line(&text, &line, &has_eol) && !(has_heading && has_rule);) {
		has_heading |= str_starts(line, STR("# ")) || str_starts(line, STR("## "));
		has_rule |= str_starts(line, STR("|-")) || str_starts(line, STR("| -")) ||
			    str_starts(line, STR("|:")) || str_starts(line, STR("| :"));
	}
	return has_heading && has_rule;
}

/* What is left out of a text. */
struct choice {
	double keep;
	sentence_vec all; /* sentences, or parts of them */
	bool *is_out;     /* of all */
	size_t loose_n, sentences_n, parts_n,
		lines_n; /* sentences that there are, those, parts of others and lines of code that are out */
};

/* True when the user said how much shall stay. */
static bool is_asked(const struct codec_in *in)
{
	return in->keep > 0 && !in->is_gentle;
}

/* How a text is parted further, one after the other: what reads worst, and code, go last. By the last step nothing is parted, but names go that are
 * said in code alone. */
enum step { STEP_PARTS, STEP_PHRASES, STEP_CODE, STEP_NAMES, STEPS };

static void add_kept(struct sentence s, struct arena *a, sentence_vec *out)
{
	s.is_kept = true;
	*vec_push(out, a) = s;
}

/* One sentence that is left, or a line that is kept, as what that step parts it into. What is left when it comes to code could not go, and is not
 * looked at again. */
static void part(struct sentence s, enum step step, const struct lexicon *lexicon, struct arena *a,
	sentence_vec *out)
{
	bool is_code = s.opens == OPENS_CODE;

	if (s.is_kept && s.opens && is_code == (step == STEP_CODE))
		sentence_open(&s, a, out);
	else if (s.is_kept || step == STEP_CODE)
		add_kept(s, a, out);
	else if (step == STEP_PHRASES)
		sentence_phrases(&s, lexicon, a, out);
	else
		sentence_parts(&s, a, out);
}

static void part_all(struct choice *c, enum step step, struct arena *a)
{
	const struct lexicon *lexicon = step == STEP_PHRASES ? lexicon_new(a) : NULL;
	sentence_vec parts = {.cap = 2 * c->all.n};
	VEC(bool) out = {.cap = 2 * c->all.n};

	parts.v = arena_alloc(a, parts.cap * sizeof *parts.v, alignof(struct sentence));
	out.v = arena_alloc(a, out.cap, 1);

	for (size_t i = 0; i < c->all.n; i++) {
		if (c->is_out[i])
			*vec_push(&parts, a) = c->all.v[i];
		else
			part(c->all.v[i], step, lexicon, a, &parts);
		while (out.n < parts.n)
			*vec_push(&out, a) = c->is_out[i];
	}
	c->all = parts;
	c->is_out = out.v;
}

/* Where that share was asked for and sentences alone do not make it, parts of those go that must stay, and of what stands in tables, then phrases of
 * these parts, then lines of code. */
static void choose(struct choice *c, const struct codec_in *in, struct arena *a)
{
	struct kompress_text read;
	struct judge j = {.query = in->query, .text = in->text.p};
	struct reading *r;

	if (in->kompress && kompress_read(in->kompress, in->text, a, &read))
		j.read = &read;
	r = reading_new(&j, in->text.n, a);
	c->is_out = arena_array(a, bool, c->all.n);
	for (size_t i = 0; i < c->all.n; i++)
		c->loose_n += !c->all.v[i].is_kept;
	c->sentences_n = choose_sentences(r, &c->all, &j, c->keep, a, c->is_out);
	for (enum step step = 0; step < STEPS && is_asked(in); step++) {
		if (choose_is_enough(&c->all, c->keep, c->is_out))
			return;
		if (step != STEP_NAMES)
			part_all(c, step, a);
		j.lets_code = step == STEP_NAMES;
		*(step >= STEP_CODE ? &c->lines_n : &c->parts_n) +=
			choose_sentences(r, &c->all, &j, c->keep, a, c->is_out);
	}
}

static str words_of(const struct choice *c, struct arena *a)
{
	str parts = STR(""), lines = STR("");

	if (c->parts_n)
		parts = arena_printf(
			a, " and %zu part%s of others", c->parts_n, c->parts_n == 1 ? "" : "s");
	if (c->lines_n)
		lines = arena_printf(
			a, " and %zu line%s of code", c->lines_n, c->lines_n == 1 ? "" : "s");
	return arena_printf(a, "%zu of %zu sentences%.*s%.*s left out, each time at a " PROSE_GAP,
		c->sentences_n, c->loose_n, STR_ARG(parts), STR_ARG(lines));
}

/* A run of sentences is one mark; the blanks or line ends behind it stay. */
static void write_gap(struct buf *b, str last)
{
	str blanks = str_sub(last, str_trim_right(last).n, last.n);

	buf_add_c(b, PROSE_GAP);
	buf_add(b, blanks.n ? blanks : STR(" "));
}

static void write(const sentence_vec *all, const bool *is_out, struct buf *b)
{
	for (size_t i = 0; i < all->n; i++) {
		if (!is_out[i])
			buf_add(b, all->v[i].text);
		else if (i + 1 == all->n || !is_out[i + 1])
			write_gap(b, all->v[i].text);
	}
}

/* Of what is read, whose tables were made tight, that share which shall stay; what says so is part of what stays. */
static double keep_of(const struct codec_in *in, str tight)
{
	double read = cost_of(tight), all = tight.p == in->text.p ? read : cost_of(in->text);
	double head = cost_of(in->route) + (double)HEAD_TOKENS * COST_TOKEN;

	if (!is_asked(in))
		return in->is_gentle ? keep_gentle : keep_usual;
	return (in->keep * all - head) / read;
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &prose_codec, .form = CODEC_ELIDED, .route = in->route};
	struct codec_in tight = *in;
	struct choice c = {0};
	struct buf b;

	if (!in->route.n || in->text.n < TEXT_MIN || marker_in_text(in->text) ||
		(in->kind == KIND_TABLE && !is_document(in->text)))
		return false;
	tight.text = rows_tight(in->text, a);
	c.keep = keep_of(in, tight.text);
	sentences_of(tight.text, a, &c.all);
	if (!has_prose(&c.all, tight.text.n, is_asked(in)))
		return false;
	choose(&c, &tight, a);
	if (!c.sentences_n && !c.parts_n && !c.lines_n)
		return false;
	head.words = words_of(&c, a);
	buf_init_arena(&b, a, LIMIT_INPUT);
	codec_head_write(&b, &head);
	buf_add_byte(&b, '\n');
	write(&c.all, c.is_out, &b);
	*out = (struct codec_out){
		.text = buf_str(&b), .form = CODEC_ELIDED, .is_asked = is_asked(in)};
	return b.err == E_OK;
}

/* There is no exact form. */
static bool decode(str text, struct arena *a, str *out)
{
	(void)text;
	(void)a;
	*out = STR_NULL;
	return false;
}

const struct codec prose_codec = {
	.word = "prose",
	.encoder = ENCODER_PROSE,
	.kinds = 1u << KIND_TEXT | 1u << KIND_TABLE,
	.encode = encode,
	.decode = decode,
	.holds = prose_holds,
};
