#include "core/compress/table/nested.h"

#include "core/compress/marker.h"
#include "core/compress/table/table.h"

enum {
	/* Percent of its bytes that a string must lose. */
	GAIN_PERCENT = 25,
};

static bool has_head(str text)
{
	struct codec_head head;
	size_t at, end;

	return codec_head_find(text, &head, &at, &end);
}

bool nested_is(str text)
{
	struct codec_head head;
	size_t at, end;

	return codec_head_find(text, &head, &at, &end) && head.form == CODEC_EXACT;
}

bool nested_decode(str text, unsigned depth, struct arena *a, str *out)
{
	struct codec_head head;
	size_t at, end;

	if (depth >= NESTED_MAX || !codec_head_find(text, &head, &at, &end) ||
		head.form != CODEC_EXACT || head.codec->is_outer)
		return false;
	if (head.codec == &table_codec)
		return table_decode(text, depth + 1, a, out);
	return head.codec->decode(text, a, out);
}

/* Whoever reads the document would find the string's markers and head lines, too. */
static bool is_good(str text, str coded, unsigned depth, struct arena *a)
{
	str back;

	return !marker_in_text(coded) && nested_decode(coded, depth, a, &back) &&
	       str_eq(back, text);
}

bool nested_encode(const struct codec_in *in, struct arena *a, str *out, size_t *tokens)
{
	struct codec_in inner = {.text = in->text,
		.kind = detect_kind(in->text),
		.encoding = in->encoding,
		.cache = in->cache,
		.depth = in->depth + 1};
	size_t at = 0;

	*tokens = SIZE_MAX;
	if (inner.depth > NESTED_MAX || inner.kind == KIND_CODE || has_head(in->text))
		return false;
	for (const struct codec *c; (c = codec_next(inner.kind, &at));) {
		struct codec_out o;
		size_t n;

		if (c->is_outer || !c->encode(&inner, a, &o) || o.form != CODEC_EXACT)
			continue;
		n = token_count_upto(in->encoding, o.text, *tokens, in->cache);
		if (n >= *tokens || !is_good(in->text, o.text, in->depth, a))
			continue;
		*tokens = n;
		*out = o.text;
	}
	return *tokens < SIZE_MAX;
}

bool nested_holds(str text, str shown, struct arena *a)
{
	struct codec_head head;
	size_t at, end;

	return codec_head_find(shown, &head, &at, &end) && head.form == CODEC_ELIDED &&
	       !head.codec->is_outer && head.codec != &table_codec &&
	       str_eq(head.route, STR(NESTED_ROUTE)) && head.codec->holds(text, shown, a);
}

bool nested_elide(const struct codec_in *in, struct arena *a, str *out)
{
	struct codec_in inner = {.text = in->text,
		.kind = detect_kind(in->text),
		.query = in->query,
		.route = STR(NESTED_ROUTE),
		.keep = in->keep,
		.is_gentle = in->is_gentle,
		.encoding = in->encoding,
		.cache = in->cache,
		.kompress = in->kompress,
		.depth = in->depth + 1};
	size_t at = 0, most = in->text.n - in->text.n / 100 * GAIN_PERCENT;
	const struct codec *owner;

	*out = STR_NULL;
	if (inner.kind == KIND_CODE || has_head(in->text) || marker_in_text(in->text))
		return false;
	owner = codec_owner(&inner);
	for (const struct codec *c; (c = codec_next(inner.kind, &at));) {
		struct codec_out o;

		if (c->is_outer || c == &table_codec || (owner && c != owner) ||
			!c->encode(&inner, a, &o) || o.form != CODEC_ELIDED || o.text.n > most)
			continue;
		if (marker_in_text(o.text) || !nested_holds(in->text, o.text, a))
			continue;
		most = o.text.n;
		*out = o.text;
	}
	return out->n > 0;
}
