#include "core/compress/unfold.h"

#include "core/compress/echo.h"
#include "core/compress/envelope.h"
#include "core/compress/minify.h"
#include "core/compress/tidy.h"

bool unfold_has_echo(const struct encode_in *in)
{
	return in->tool == TOOL_FILE && in->path.n;
}

bool unfold(
	const struct encode_in *in, const struct view *view, struct arena *a, struct unfolded *u)
{
	size_t at, end;
	str text;

	u->envelope = envelope_split(in->text, &text);
	if (!rendered_read(
		    view, text, tool_numbers_lines(in->tool, in->command), a, &u->text, &u->notes))
		return false;
	u->notes.text = in->text;
	if (unfold_has_echo(in))
		u->text = echo_restore(u->text, in->path, a);
	u->has_codec = codec_head_find(u->text, &u->head, &at, &end);
	return true;
}

bool unfold_codec(const struct unfolded *u, struct arena *a, str *out)
{
	*out = u->text;
	if (!u->has_codec)
		return true;
	return u->head.form == CODEC_EXACT && u->head.codec->decode(u->text, a, out);
}

bool encode_decode(const struct encode_in *in, struct view *view, struct arena *a, str *out)
{
	struct unfolded u;

	if (!unfold(in, view, a, &u) || !unfold_codec(&u, a, out))
		return false;
	return !u.envelope.n || envelope_close(u.envelope, *out, a, out);
}

/* True when decoded is the original tidied, minified, or both; inside the envelope of that head, if any. */
static bool is_format_within(str head, str original, str decoded, struct arena *a)
{
	str tidied = tidy_text(original, a);
	str ways[] = {tidied, minify_json(tidied, a), minify_json(original, a)};

	for (size_t i = 0; i < ARRAY_N(ways); i++) {
		if (head.n && !envelope_close(head, ways[i], a, &ways[i]))
			continue;
		if (str_eq(ways[i], decoded))
			return true;
	}
	return false;
}

bool encode_is_format_of(str original, str decoded, struct arena *a)
{
	struct envelope e;

	return is_format_within(STR_NULL, original, decoded, a) ||
	       (envelope_open(original, a, &e) && is_format_within(e.head, e.inner, decoded, a));
}

/* True when what a codec elided keeps its contract with the original, or with what tidying left of it. */
static bool is_elision_of(str original, const struct unfolded *u, struct arena *a)
{
	str ways[] = {original, tidy_text(original, a)};

	for (size_t i = 0; i < ARRAY_N(ways); i++) {
		struct envelope env = {STR_NULL, ways[i]};

		if (u->envelope.n &&
			(!envelope_open(ways[i], a, &env) || !str_eq(env.head, u->envelope)))
			continue;
		if (u->head.codec->holds(env.inner, u->text, a) ||
			u->head.codec->holds(tidy_text(env.inner, a), u->text, a))
			return true;
	}
	return false;
}

bool encode_verify(const struct encode_in *sent, str original, struct view *view, struct arena *a,
	enum loss *loss)
{
	struct unfolded u;
	str decoded;

	if (!unfold(sent, view, a, &u))
		return false;
	if (u.has_codec && u.head.form == CODEC_ELIDED) {
		*loss = LOSS_ELIDED;
		return is_elision_of(original, &u, a);
	}
	if (!unfold_codec(&u, a, &decoded) ||
		(u.envelope.n && !envelope_close(u.envelope, decoded, a, &decoded)))
		return false;
	*loss = str_eq(decoded, original) ? LOSS_NONE : LOSS_FORMAT;
	return *loss == LOSS_NONE || encode_is_format_of(original, decoded, a);
}
