/* known: what functions of a text alone have made of it, so that another thread can call them before the text's turn
 * comes: its tokens, other texts, what codecs made of it and whether that is proven, its lines. Whoever asks gives all
 * that the answer depends on, and gets what was made of the very same, or has it made now: the answer never differs.
 * Owns: nothing; what is kept lies in the arenas of those who had it made. Thread: one at a time. */
#ifndef CORE_COMPRESS_KNOWN_H
#define CORE_COMPRESS_KNOWN_H

#include "core/compress/codec.h"
#include "core/compress/envelope.h"
#include "core/compress/gutter.h"
#include "core/compress/keys.h"

/* The lines of a text, and the same without their number columns. */
struct known_lines {
	str text;
	bool has_gutter, is_file_view; /* columns were looked for; see gutter_find */
	struct lines raw, body;        /* the same array when there is no column */
	struct keys keys;              /* of the bodies */
	struct gutter gutter;
};

/* A function of a text: in the arena, or the text itself when it has nothing to change. */
typedef str known_make(str text, struct arena *a);

struct known_text {
	known_make *make;
	str from, to;
};

struct known_envelope {
	str from;
	bool is_open;
	struct envelope envelope;
};

struct known_draft {
	const struct codec *codec;
	struct codec_in in;
	bool is_made, is_proven; /* proven: decoded to the text, or held against the contract */
	struct codec_out out;
};

enum {
	KNOWN_TEXTS_MAX = 6, /* tidied and minified, in and out of an envelope */
	KNOWN_ENVELOPES_MAX = 3,
	KNOWN_DRAFTS_MAX = 32, /* codecs of a kind, exact and elided */
	KNOWN_LINES_MAX = 8,   /* plain, and what codecs made */
};

struct known {
	bool has_tokens, has_already;
	size_t tokens;                   /* of the text as it came */
	struct token_lines *token_lines; /* of its lines; may be NULL */
	bool is_already;                 /* it has been compressed before */
	struct known_text texts[KNOWN_TEXTS_MAX];
	struct known_envelope envelopes[KNOWN_ENVELOPES_MAX];
	struct known_draft drafts[KNOWN_DRAFTS_MAX];
	struct known_lines lines[KNOWN_LINES_MAX];
	uint32_t texts_n, envelopes_n, drafts_n, lines_n;
};

/* make(from). k: NULL when nothing is known; what is made is kept in it while there is room. */
str known_text(struct known *k, known_make *make, str from, struct arena *a);

/* envelope_open(from). */
bool known_open(struct known *k, str from, struct arena *a, struct envelope *out);

/* codec->encode(in), false when it made nothing. *proven: it is known that what it made gives in->text back. */
bool known_draft(struct known *k, const struct codec *codec, const struct codec_in *in,
	struct arena *a, struct codec_out *out, bool *proven);
/* Decodes what a codec made of in, or holds it against its contract, so that known_draft() says it is proven. */
void known_prove(
	struct known *k, const struct codec *codec, const struct codec_in *in, struct arena *a);

/* The lines of a text. has_gutter: look for columns. */
struct known_lines known_lines(
	struct known *k, str text, bool has_gutter, bool is_file_view, struct arena *a);

#endif
