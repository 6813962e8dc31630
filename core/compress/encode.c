#include "core/compress/encode.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/compress/code/code.h"
#include "core/compress/codec.h"
#include "core/compress/echo.h"
#include "core/compress/envelope.h"
#include "core/compress/fold.h"
#include "core/compress/minify.h"
#include "core/compress/rendered.h"
#include "core/compress/tidy.h"
#include "core/compress/unfold.h"

const char *encode_reason_text(enum encode_reason r)
{
	static const char *const text[] = {
#define X(name, t) [ENCODE_##name] = t,
		ENCODE_REASONS(X)
#undef X
	};

	return text[r];
}

struct encode {
	const struct encode_in *in;
	const struct encode_policy *policy;
	struct view *view;
	struct token_cache *cache;
	struct arena *arena;
	size_t tokens_before;
	struct known_lines lines;        /* of the text as it came; drafts have many of them */
	struct token_lines *token_lines; /* what they count; NULL: not known */
	struct drafts *drafts;
	struct codec_facts facts;
	str facts_of;      /* the text that they are of */
	bool is_rehearsal; /* no view: only what the text alone tells is made */
};

/* A candidate on its way: the text that decoding must give, and what became of it. */
struct draft {
	str head;  /* of the envelope, or empty */
	str plain; /* what decoding gives back, without the envelope */
	const struct codec *codec;
	str route;      /* to what the codec has left out */
	str coded;      /* what the codec made of it; empty when there is none */
	bool is_proven; /* that the codec's text gives plain back */
	bool is_eager;  /* text was left out of it, and little has to be won by that */
	bool is_unread; /* ... that nobody reads */
	bool is_plain;  /* what the codec made reads as the text did */
	bool is_file;   /* what the codec shows are the lines of a file, as they were */
	str text;
	enum loss loss;
	unsigned encoders;
	size_t tokens;
	struct known_lines lines;    /* that were folded: of plain or coded */
	struct rendered_notes notes; /* once it was read to be verified */
};

/* Those that changed something. */
enum { DRAFTS_MAX = 20 };
struct drafts {
	struct draft v[DRAFTS_MAX];
	size_t n;
};

static bool has_marker(str text)
{
	struct codec_head h;
	size_t at, end;

	return marker_in_text(text) || codec_head_find(text, &h, &at, &end);
}

/* Lines of the text as it came, or of another. */
static struct known_lines split_text(struct encode *e, const struct encode_in *in)
{
	if (in->is_coded || !e->lines.raw.n || in->text.p != e->lines.text.p ||
		in->text.n != e->lines.text.n)
		return fold_split(in, e->arena);
	return e->lines;
}

/* Of data of which rows were chosen, each row is to be read by itself. */
static bool may_vary(const struct draft *d)
{
	return d->loss != LOSS_ELIDED || d->codec->encoder & (ENCODER_LOG | ENCODER_BUILD);
}

/* Lines, references and the rest, over what a codec made or over the plain text. */
static void try_draft(struct encode *e, struct draft d)
{
	struct encode_in in = *e->in;
	fold_runs runs = {0};
	struct buf b;

	in.is_coded = d.codec && !d.codec->has_columns && !d.is_file;
	in.has_variants = !d.codec || may_vary(&d);
	in.text = d.codec ? d.coded : d.plain;
	if (unfold_has_echo(&in)) {
		str before = in.text;

		in.text = echo_shorten(before, in.path, e->arena);
		if (in.text.p != before.p)
			d.encoders |= ENCODER_ECHO;
	}
	d.lines = split_text(e, &in);
	if (e->is_rehearsal)
		return;
	in.lines = &d.lines;
	buf_init_arena(&b, e->arena, LIMIT_INPUT);
	if (d.head.n) {
		buf_add(&b, d.head);
		buf_add_byte(&b, '\n');
	}
	d.encoders |= fold_lines(&in, e->policy, e->view, e->cache, e->arena, &b, &runs);
	buf_add(&b, envelope_tail(d.head));
	d.text = buf_str(&b);
	if (!d.encoders || b.err || e->drafts->n == DRAFTS_MAX)
		return;
	d.tokens = token_count_runs(e->policy->encoding,
		&(struct token_runs){d.text, runs.v, runs.n}, e->token_lines, e->cache);
	e->drafts->v[e->drafts->n++] = d;
}

/* True when the tool shows lines of a file that may be edited, which a log is not. */
static bool shows_file(const struct encode_in *in)
{
	return tool_shows_file(in->tool, in->command) && !tool_lists_directory(in->text) &&
	       !tool_shows_log(in->tool, in->command, in->path,
		       in->kind == KIND_LOG || in->kind == KIND_JSONL);
}

bool encode_is_file(const struct encode_in *in)
{
	return in->kind == KIND_CODE || in->kind == KIND_DIFF || shows_file(in);
}

/* Takes the text out of its envelope, if it is in one. What looks like our marker in there must stay inside. */
static void open_draft(struct encode *e, struct draft *d)
{
	struct envelope env;

	if (d->head.n || !known_open(e->in->known, d->plain, e->arena, &env) ||
		has_marker(env.inner))
		return;
	d->head = env.head;
	d->plain = env.inner;
	if (envelope_is_ours(env.head))
		d->encoders |= ENCODER_ENVELOPE;
}

/* d with another text, from which an encoder has taken what does not show. The text may only now be an envelope
 * that can be opened: one that was spread over lines. */
static void set_plain(struct encode *e, struct draft *d, str plain, enum encoder encoder)
{
	d->plain = plain;
	d->loss = LOSS_FORMAT;
	d->encoders |= encoder;
	open_draft(e, d);
}

/* Shorter texts have nothing that a codec's head line would not cost. */
enum { CODEC_MIN_TOKENS = 40 };

static struct codec_facts *facts_of(struct encode *e, str text)
{
	if (e->facts_of.p != text.p || e->facts_of.n != text.n)
		e->facts = (struct codec_facts){0};
	e->facts_of = text;
	return &e->facts;
}

/* Drafts of that form by the codecs that know such a text. */
static void try_codecs(struct encode *e, const struct draft *from, enum codec_form form)
{
	struct codec_in in = {.text = from->plain,
		.kind = from->head.n ? detect_kind(from->plain) : e->in->kind,
		.command = e->in->command,
		.query = e->in->query,
		.route = form == CODEC_ELIDED ? e->in->route : STR_NULL,
		.keep = e->policy->target_ratio,
		.encoding = e->policy->encoding,
		.cache = e->cache,
		.kompress = e->policy->kompress,
		.facts = facts_of(e, from->plain)};
	const struct codec *owner = codec_owner(&in);
	size_t at = 0;

	in.is_file = in.kind == KIND_CODE || shows_file(e->in);
	if (e->tokens_before < CODEC_MIN_TOKENS || (in.is_file && form == CODEC_EXACT))
		return;
	for (const struct codec *c; (c = codec_next(in.kind, &at));) {
		struct codec_out out;
		struct draft d = *from;

		if ((in.is_file && !c->is_unread) || (owner && c != owner) ||
			(form == CODEC_ELIDED && e->in->exact & (unsigned)c->encoder))
			continue;
		in.is_gentle = form == CODEC_ELIDED && e->in->gentle & (unsigned)c->encoder;
		if (!known_draft(e->in->known, c, &in, e->arena, &out, &d.is_proven) ||
			out.form != form)
			continue;
		if (e->is_rehearsal)
			known_prove(e->in->known, c, &in, e->arena);
		d.codec = c;
		d.coded = out.text;
		d.is_plain = out.is_plain;
		d.encoders |= (unsigned)c->encoder;
		if (form == CODEC_ELIDED) {
			d.route = e->in->route;
			d.loss = LOSS_ELIDED;
			d.is_eager = e->policy->is_eager || out.is_asked || out.is_minor;
			d.is_unread = c->is_unread;
			d.is_file = in.is_file;
		}
		try_draft(e, d);
	}
}

/* What a kind of draft must save over what is easier to read: a codec's notation has to be learnt from its head line,
 * and what is elided may cost a retrieval. */
static const struct margin {
	uint32_t tokens, share,
		enough; /* so many, and one in share of the other's, or what is enough */
} margins[] = {
	{0, UINT32_MAX, UINT32_MAX}, /* lines, references, formats */
	{8, 16, 250}, /* by a codec: its notation is learnt but once, however long the text */
	{150, 4, UINT32_MAX}, /* elided */
	{60, 8, UINT32_MAX}, /* the same, where text is left out readily, or a share of it was asked for, or what is left out matters little: that some 1 in 8 will be asked for */
	{60, 8, 400}, /* data that nobody reads: it is asked for seldom, and then by a command that needs all of it */
};
enum { EAGER = 3, UNREAD = 4 }; /* indices of the last */

static unsigned kind_of(const struct draft *d)
{
	return d->loss == LOSS_ELIDED ? 2 : d->codec && !d->is_plain;
}

/* True when d saves what its kind must over something of that many tokens. */
static bool saves_enough(const struct draft *d, size_t tokens)
{
	const struct margin *m = &margins[d->is_unread ? UNREAD : d->is_eager ? EAGER : kind_of(d)];
	size_t share = tokens / m->share < m->enough ? tokens / m->share : m->enough;

	return d->tokens + m->tokens <= tokens && d->tokens + share <= tokens;
}

static bool is_better(const struct draft *x, const struct draft *than)
{
	if (kind_of(x) < kind_of(than))
		return !is_better(than, x);
	if (kind_of(x) == kind_of(than))
		return x->tokens < than->tokens;
	return saves_enough(x, than->tokens);
}

/* The best of all drafts; there must be one. */
static struct draft *best_of(struct drafts *all)
{
	struct draft *best = all->v;

	for (size_t i = 1; i < all->n; i++)
		if (is_better(&all->v[i], best))
			best = &all->v[i];
	return best;
}

/* The rungs that lose what does not show. Tidying never costs tokens; minified JSON may, because its lines can
 * no longer be referred to, so both are tried. *d becomes the tidied text. */
static void try_formats(struct encode *e, struct draft *d)
{
	str tidied = known_text(e->in->known, tidy_text, d->plain, e->arena), minified;
	struct draft json;

	if (tidied.p != d->plain.p)
		set_plain(e, d, tidied, ENCODER_TIDY);
	try_draft(e, *d);
	try_codecs(e, d, CODEC_EXACT);
	if (!d->plain.n || !strchr("{[ \n\t", *d->plain.p))
		return;
	minified = known_text(e->in->known, minify_json, d->plain, e->arena);
	if (minified.p == d->plain.p)
		return;
	json = *d;
	set_plain(e, &json, minified, ENCODER_JSON);
	try_draft(e, json);
	/* a codec that says how the white space was comes first, as long as that costs nothing that matters: else what is
	 * sent would become smaller when it is compressed again */
	if (!e->is_rehearsal && (!e->drafts->n || !best_of(e->drafts)->codec))
		try_codecs(e, &json, CODEC_EXACT);
}

/* The outline of a source file, number columns and all. */
static void try_outline(struct encode *e, struct draft d)
{
	const struct encode_outline *o = &e->in->outline;
	struct codec_in in = {.text = d.plain,
		.kind = e->in->kind,
		.path = o->path,
		.route = o->route,
		.focus = o->focus,
		.outlines = o->cache,
		.is_gentle = e->in->gentle & ENCODER_CODE,
		.encoding = e->policy->encoding,
		.cache = e->cache};
	struct codec_out out;

	if (e->in->exact & ENCODER_CODE ||
		!known_draft(e->in->known, &code_codec, &in, e->arena, &out, &d.is_proven))
		return;
	if (e->is_rehearsal)
		known_prove(e->in->known, &code_codec, &in, e->arena);
	d.codec = &code_codec;
	d.coded = out.text;
	d.route = o->route;
	d.encoders |= ENCODER_CODE;
	d.loss = LOSS_ELIDED;
	d.is_eager = e->policy->is_eager;
	try_draft(e, d);
}

static size_t fewest_tokens(const struct encode *e)
{
	size_t fewest = e->tokens_before;

	for (size_t i = 0; i < e->drafts->n; i++)
		if (e->drafts->v[i].tokens < fewest)
			fewest = e->drafts->v[i].tokens;
	return fewest;
}

/* The rungs of the ladder, from the top, until there is enough. */
static void try_all(struct encode *e)
{
	struct draft d = {.plain = e->in->text};
	double enough = e->policy->target_ratio * (double)e->tokens_before;

	open_draft(e, &d);
	if (e->policy->is_lossless || encode_is_file(e->in) || enough > 0) {
		try_draft(e, d);
		try_codecs(e, &d, CODEC_EXACT);
	}
	if (e->policy->is_lossless || (double)fewest_tokens(e) <= enough)
		return;
	if (!encode_is_file(e->in)) {
		try_formats(e, &d);
		if ((double)fewest_tokens(e) <= enough)
			return;
	}
	if (e->in->route.n)
		try_codecs(e, &d, CODEC_ELIDED);
	if (e->in->outline.route.n)
		try_outline(e, d);
}

static bool is_verified(struct encode *e, struct draft *d);

/* The best draft whose text is proven; the others go. NULL when there is none. */
static struct draft *best_draft(struct encode *e, enum encode_reason *why)
{
	struct drafts *all = e->drafts;

	*why = ENCODE_NO_GAIN;
	while (all->n) {
		struct draft *d = best_of(all);

		if (d->tokens + e->policy->min_gain <= e->tokens_before &&
			saves_enough(d, e->tokens_before) && str_trim(d->text).n) {
			if (is_verified(e, d))
				return d;
			*why = ENCODE_UNVERIFIED;
		}
		*d = all->v[--all->n];
	}
	return NULL;
}

static bool is_already(const struct encode_in *in)
{
	struct known *k = in->known;
	str rest;
	bool is;

	if (k && k->has_already)
		return k->is_already;
	is = envelope_is_ours(envelope_split(in->text, &rest)) || has_marker(in->text) ||
	     (unfold_has_echo(in) && echo_is_in(in->text));
	if (k) {
		k->has_already = true;
		k->is_already = is;
	}
	return is;
}

static size_t count_text(struct encode *e)
{
	struct known *k = e->in->known;
	size_t n;

	e->lines = fold_split(e->in, e->arena);
	if (k && k->has_tokens) {
		e->token_lines = k->token_lines;
		return k->tokens;
	}
	n = token_count_lines(e->policy->encoding,
		&(struct token_text){e->in->text, e->lines.raw.v, e->lines.body.v, e->lines.raw.n},
		e->cache, e->arena, &e->token_lines);
	if (k) {
		k->has_tokens = true;
		k->tokens = n;
		k->token_lines = e->token_lines;
	}
	return n;
}

/* Counts the text; false when it stays as it is, and why. */
static bool begin(struct encode *e, enum encode_reason *why)
{
	e->tokens_before = count_text(e);
	*why = ENCODE_TOO_SMALL;
	if (e->tokens_before < e->policy->min_tokens || !str_trim(e->in->text).n)
		return false;
	*why = ENCODE_ALREADY;
	return !is_already(e->in);
}

void encode_rehearse(const struct encode_in *in, const struct encode_policy *policy,
	struct token_cache *cache, struct arena *a)
{
	struct drafts none = {.n = 0};
	struct encode e = {.in = in,
		.policy = policy,
		.cache = cache,
		.arena = a,
		.drafts = &none,
		.is_rehearsal = true};
	enum encode_reason why;

	if (begin(&e, &why))
		try_all(&e);
}

void encode_text(const struct encode_in *in, const struct encode_policy *policy, struct view *view,
	struct token_cache *cache, struct arena *a, struct encode_out *out)
{
	struct drafts drafts = {.n = 0};
	struct encode e = {.in = in,
		.policy = policy,
		.view = view,
		.cache = cache,
		.arena = a,
		.drafts = &drafts};
	bool is_open = begin(&e, &out->reason);
	struct draft *d = NULL;

	if (is_open) {
		try_all(&e);
		d = best_draft(&e, &out->reason);
	}
	*out = (struct encode_out){.reason = d ? ENCODE_CHANGED : out->reason,
		.text = d ? d->text : in->text,
		.loss = d ? d->loss : LOSS_NONE,
		.encoders = d ? d->encoders : 0,
		.elided_by =
			d && d->loss == LOSS_ELIDED && d->codec ? (unsigned)d->codec->encoder : 0,
		.tokens_before = (uint32_t)e.tokens_before,
		.tokens_after = (uint32_t)(d ? d->tokens : e.tokens_before)};
	if (d) {
		struct rendered_notes *notes = arena_new(a, struct rendered_notes);

		*notes = d->notes;
		out->notes = notes;
	}
}

/* ---- proof ------------------------------------------------------------------------------------------ */

static bool is_verified(struct encode *e, struct draft *d)
{
	struct encode_in sent = *e->in;
	struct unfolded u;
	bool is_coded;
	str decoded;

	sent.text = d->text;
	if (!unfold(&sent, e->view, e->arena, &u) || !str_eq(u.envelope, d->head))
		return false;
	d->notes = u.notes;
	d->notes.lines = d->lines.body;
	d->notes.keys = d->lines.keys;
	is_coded = d->codec && u.has_codec && u.head.codec == d->codec && str_eq(u.text, d->coded);
	if (d->loss == LOSS_ELIDED)
		return is_coded && str_eq(u.head.route, d->route) &&
		       (d->is_proven || d->codec->holds(d->plain, u.text, e->arena));
	return (is_coded && d->is_proven) ||
	       (unfold_codec(&u, e->arena, &decoded) && str_eq(decoded, d->plain));
}
