#include "core/compress/known.h"

static bool is_same(str a, str b)
{
	return a.p == b.p && a.n == b.n;
}

str known_text(struct known *k, known_make *make, str from, struct arena *a)
{
	str to;

	for (uint32_t i = 0; k && i < k->texts_n; i++)
		if (k->texts[i].make == make && is_same(k->texts[i].from, from))
			return k->texts[i].to;
	to = make(from, a);
	if (k && k->texts_n < KNOWN_TEXTS_MAX)
		k->texts[k->texts_n++] = (struct known_text){make, from, to};
	return to;
}

bool known_open(struct known *k, str from, struct arena *a, struct envelope *out)
{
	struct known_envelope e = {.from = from};

	for (uint32_t i = 0; k && i < k->envelopes_n; i++)
		if (is_same(k->envelopes[i].from, from)) {
			*out = k->envelopes[i].envelope;
			return k->envelopes[i].is_open;
		}
	e.is_open = envelope_open(from, a, &e.envelope);
	if (k && k->envelopes_n < KNOWN_ENVELOPES_MAX)
		k->envelopes[k->envelopes_n++] = e;
	*out = e.envelope;
	return e.is_open;
}

/* ---- codecs ---- */

static bool is_same_in(const struct codec_in *a, const struct codec_in *b)
{
	return is_same(a->text, b->text) && a->kind == b->kind && str_eq(a->command, b->command) &&
	       str_eq(a->query, b->query) && str_eq(a->route, b->route) &&
	       str_eq(a->path, b->path) && str_eq(a->focus, b->focus) &&
	       a->is_gentle == b->is_gentle && a->is_file == b->is_file && a->depth == b->depth &&
	       a->encoding == b->encoding;
}

static struct known_draft *find_draft(
	struct known *k, const struct codec *codec, const struct codec_in *in)
{
	for (uint32_t i = 0; k && i < k->drafts_n; i++)
		if (k->drafts[i].codec == codec && is_same_in(&k->drafts[i].in, in))
			return &k->drafts[i];
	return NULL;
}

bool known_draft(struct known *k, const struct codec *codec, const struct codec_in *in,
	struct arena *a, struct codec_out *out, bool *proven)
{
	struct known_draft *d = find_draft(k, codec, in), made = {.codec = codec, .in = *in};

	if (!d) {
		made.in.facts = NULL; /* they are the caller's */
		made.is_made = codec->encode(in, a, &made.out);
		d = &made;
		if (k && k->drafts_n < KNOWN_DRAFTS_MAX)
			k->drafts[k->drafts_n++] = made;
	}
	*out = d->out;
	*proven = d->is_proven;
	return d->is_made;
}

void known_prove(
	struct known *k, const struct codec *codec, const struct codec_in *in, struct arena *a)
{
	struct known_draft *d = find_draft(k, codec, in);
	str decoded;

	if (!d || !d->is_made)
		return;
	if (d->out.form == CODEC_ELIDED)
		d->is_proven = codec->holds(in->text, d->out.text, a);
	else
		d->is_proven = codec->decode(d->out.text, a, &decoded) && str_eq(decoded, in->text);
}

/* ---- lines ---- */

static struct known_lines split(str text, bool has_gutter, bool is_file_view, struct arena *a)
{
	struct known_lines l = {.text = text,
		.has_gutter = has_gutter,
		.is_file_view = is_file_view,
		.raw = lines_split(a, text)};

	if (has_gutter)
		l.gutter = gutter_find(a, l.raw, is_file_view);
	l.body = l.raw;
	if (l.gutter.n) {
		l.body.v = arena_array(a, str, l.raw.n);
		memcpy(l.body.v, l.raw.v, l.raw.n * sizeof(str));
	}
	for (uint32_t i = 0; i < l.gutter.n; i++) {
		const struct gutter_segment *s = &l.gutter.v[i];

		for (uint32_t line = s->first; line < s->first + s->n; line++)
			l.body.v[line] = gutter_body(s, l.raw.v[line]);
	}
	l.keys = keys_of(a, l.body);
	return l;
}

struct known_lines known_lines(
	struct known *k, str text, bool has_gutter, bool is_file_view, struct arena *a)
{
	struct known_lines l;

	for (uint32_t i = 0; k && i < k->lines_n; i++)
		if (is_same(k->lines[i].text, text) && k->lines[i].has_gutter == has_gutter &&
			k->lines[i].is_file_view == is_file_view)
			return k->lines[i];
	l = split(text, has_gutter, is_file_view, a);
	if (k && k->lines_n < KNOWN_LINES_MAX)
		k->lines[k->lines_n++] = l;
	return l;
}
