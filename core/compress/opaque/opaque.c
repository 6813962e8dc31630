#include "core/compress/opaque/opaque.h"

#include "core/base/limits.h"
#include "core/compress/marker.h"
#include "core/compress/opaque/mark.h"

enum {
	TEXT_MIN = 400,  /* bytes; in a shorter text no stretch is worth its mark */
	INNER_MIN = 400, /* bytes of what is left that another codec is asked about */
};

static const char *words_of(size_t n)
{
	return n == 1 ? " stretch of data left out where it says so"
		      : " stretches of data left out, each where it says so";
}

/* The shortest exact form of the text by another codec; the text itself where there is none. */
static str shortest(const struct codec_in *in, str text, struct arena *a)
{
	struct codec_in inner = {.text = text,
		.kind = detect_kind(text),
		.command = in->command,
		.encoding = in->encoding,
		.cache = in->cache};
	size_t at = 0, fewest;
	str best = text;

	if (text.n < INNER_MIN || inner.kind == KIND_CODE)
		return text;
	fewest = token_count(in->encoding, text, in->cache);
	fewest -= fewest / 16; /* a notation has to be learnt */
	for (const struct codec *c; (c = codec_next(inner.kind, &at));) {
		struct codec_out o;
		size_t n;
		str back;

		if (!c->encode(&inner, a, &o) || o.form != CODEC_EXACT)
			continue;
		n = token_count_upto(in->encoding, o.text, fewest, in->cache);
		if (n >= fewest || marker_in_text(o.text) || !c->decode(o.text, a, &back) ||
			!str_eq(back, text))
			continue;
		fewest = n;
		best = o.text;
	}
	return best;
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &opaque_codec, .form = CODEC_ELIDED, .route = in->route};
	struct buf marked, b;
	size_t n;

	if (!in->route.n || in->text.n < TEXT_MIN)
		return false;
	buf_init_arena(&marked, a, LIMIT_INPUT);
	n = mark_spans(in->text, in->is_file, a, &marked);
	if (!n || marked.err || marker_in_text(buf_str(&marked)))
		return false;
	head.words = arena_printf(a, "%zu%s", n, words_of(n));
	buf_init_arena(&b, a, LIMIT_INPUT);
	codec_head_write(&b, &head);
	buf_add_byte(&b, '\n');
	buf_add(&b, in->is_file ? buf_str(&marked) : shortest(in, buf_str(&marked), a));
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_ELIDED};
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

/* How many marks the head promises. */
static bool read_words(str head, size_t *n)
{
	size_t at = str_find_byte(head, ' ');
	uint64_t number;

	if (at == STR_NONE || !str_u64(str_sub(head, 0, at), &number) || !number)
		return false;
	*n = (size_t)number;
	return str_eq_c(str_sub(head, at, head.n), words_of(*n));
}

static bool holds(str original, str text, struct arena *a)
{
	struct codec_head head, inner;
	size_t at, end, n;
	str marked;

	if (!codec_head_find(text, &head, &at, &end) || at || !read_words(head.words, &n))
		return false;
	marked = str_sub(text, end, text.n);
	if (codec_head_find(marked, &inner, &at, &end) &&
		(inner.form != CODEC_EXACT || !inner.codec->decode(marked, a, &marked)))
		return false;
	return mark_holds(original, marked, n, a);
}

const struct codec opaque_codec = {
	.word = "opaque",
	.encoder = ENCODER_OPAQUE,
	.kinds = (1u << KIND_COUNT) - 1,
	.encode = encode,
	.decode = decode,
	.holds = holds,
	.is_unread = true,
};
