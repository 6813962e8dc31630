/* form: what the codecs of this folder have in common: a text that is a JSON value spelled in another way goes as that value
 * in the notation of core/compress/table/, below a head line that says how it was spelled. Where rows may be left out, what
 * is shown is held against the value of the original.
 * Lines that all end in "\r\n" are taken without the "\r", which the head line says (", CRLF").
 * Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_PAIRS_FORM_H
#define CORE_COMPRESS_PAIRS_FORM_H

#include "core/compress/codec.h"
#include "core/json/tape.h"

/* The part of a text that is such a value. */
struct pairs_part {
	str before, after; /* after: empty, or from a line end on */
	str json;          /* without white space, strings escaped as buf_add_json_string() does */
	str words;         /* how it was spelled; without "; " */
	/* Of json. Where find has left it empty it is made when it is needed. */
	struct json_tape tape;
};

struct pairs_form {
	const struct codec *codec;
	/* False when there is none that is worth it. Gives up at the first lines of most other texts. */
	bool (*find)(str text, struct arena *a, struct pairs_part *out);
	/* What stood between before and after. False when words or value are not such as find makes them. */
	bool (*print)(str words, str json, struct arena *a, str *out);
};

bool pairs_encode(const struct pairs_form *f, const struct codec_in *in, struct arena *a,
	struct codec_out *out) MUST_CHECK;
bool pairs_decode(const struct pairs_form *f, str text, struct arena *a, str *out) MUST_CHECK;
bool pairs_holds(const struct pairs_form *f, str original, str text, struct arena *a) MUST_CHECK;

/* A codec NAME_codec of one form, with the functions find and print of its file. KINDS: bits of what it is tried on. */
#define PAIRS_CODEC(NAME, ENCODER, KINDS)                                                     \
	static const struct pairs_form form = {&NAME##_codec, find, print};                   \
	static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out) \
	{                                                                                     \
		return pairs_encode(&form, in, a, out);                                       \
	}                                                                                     \
	static bool decode(str text, struct arena *a, str *out)                               \
	{                                                                                     \
		return pairs_decode(&form, text, a, out);                                     \
	}                                                                                     \
	static bool holds(str original, str text, struct arena *a)                            \
	{                                                                                     \
		return pairs_holds(&form, original, text, a);                                 \
	}                                                                                     \
	const struct codec NAME##_codec = {.word = #NAME,                                     \
		.encoder = (ENCODER),                                                         \
		.kinds = (KINDS),                                                             \
		.encode = encode,                                                             \
		.decode = decode,                                                             \
		.holds = holds,                                                               \
		.is_outer = true}

#endif
