#include "core/compress/prose/prose.h"

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/compress/marker.h"
#include "core/compress/prose/choose.h"
#include "core/compress/prose/holds.h"

enum {
	TEXT_MIN = 2000,    /* bytes; a shorter text is read faster than it is asked for */
	SENTENCES_MIN = 12, /* fewer are no prose */
	FREE_PART =
		3, /* of ten bytes so many are of sentences that could go, else it is not worth the look */
};
/* How much stays where nobody says: what goes then is what says least. */
static const double keep_usual = 0.6, keep_gentle = 0.8;

/* True when enough of it are sentences that may go. */
static bool has_prose(const sentence_vec *all, size_t bytes)
{
	size_t n = 0, loose = 0;

	for (size_t i = 0; i < all->n; i++) {
		n += !all->v[i].is_kept;
		loose += all->v[i].is_kept ? 0 : all->v[i].text.n;
	}
	return n >= SENTENCES_MIN && loose * 10 >= bytes * FREE_PART;
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
	size_t loose_n, sentences_n,
		parts_n; /* sentences that there are, those and parts of others that are out */
};

/* The sentences that are left, as their parts, or the parts as their phrases. */
static void part_sentences(struct choice *c, const struct lexicon *phrases, struct arena *a)
{
	sentence_vec parts = {0};
	VEC(bool) out = {0};

	for (size_t i = 0; i < c->all.n; i++) {
		if (c->is_out[i] || c->all.v[i].is_kept)
			*vec_push(&parts, a) = c->all.v[i];
		else if (phrases)
			sentence_phrases(&c->all.v[i], phrases, a, &parts);
		else
			sentence_parts(&c->all.v[i], a, &parts);
		while (out.n < parts.n)
			*vec_push(&out, a) = c->is_out[i];
	}
	c->all = parts;
	c->is_out = out.v;
}

/* Where that share was asked for and sentences alone do not make it, parts of those go that must stay, and then phrases of these parts. */
static void choose(struct choice *c, const struct codec_in *in, struct arena *a)
{
	struct kompress_text read;
	struct judge j = {.query = in->query, .text = in->text.p};

	if (in->kompress && kompress_read(in->kompress, in->text, a, &read))
		j.read = &read;
	c->is_out = arena_array(a, bool, c->all.n);
	for (size_t i = 0; i < c->all.n; i++)
		c->loose_n += !c->all.v[i].is_kept;
	c->sentences_n = choose_sentences(&c->all, &j, c->keep, a, c->is_out);
	for (int step = 0; step < 2 && in->keep > 0 && !in->is_gentle; step++) {
		if (choose_is_enough(&c->all, c->keep, c->is_out))
			return;
		part_sentences(c, step ? lexicon_new(a) : NULL, a);
		c->parts_n += choose_sentences(&c->all, &j, c->keep, a, c->is_out);
	}
}

static str words_of(const struct choice *c, struct arena *a)
{
	if (!c->parts_n)
		return arena_printf(a, "%zu of %zu sentences left out, each time at a " PROSE_GAP,
			c->sentences_n, c->loose_n);
	return arena_printf(a,
		"%zu of %zu sentences and %zu parts of others left out, each time at a " PROSE_GAP,
		c->sentences_n, c->loose_n, c->parts_n);
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

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &prose_codec, .form = CODEC_ELIDED, .route = in->route};
	struct choice c = {.keep = in->keep > 0    ? in->keep
				   : in->is_gentle ? keep_gentle
						   : keep_usual};
	struct buf b;

	if (!in->route.n || in->text.n < TEXT_MIN || marker_in_text(in->text) ||
		(in->kind == KIND_TABLE && !is_document(in->text)))
		return false;
	sentences_of(in->text, a, &c.all);
	if (!has_prose(&c.all, in->text.n))
		return false;
	choose(&c, in, a);
	if (!c.sentences_n && !c.parts_n)
		return false;
	head.words = words_of(&c, a);
	buf_init_arena(&b, a, LIMIT_INPUT);
	codec_head_write(&b, &head);
	buf_add_byte(&b, '\n');
	write(&c.all, c.is_out, &b);
	*out = (struct codec_out){.text = buf_str(&b),
		.form = CODEC_ELIDED,
		.is_asked = in->keep > 0 && !in->is_gentle};
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
