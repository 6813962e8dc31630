/* encode: one text to its cheapest rendering. Runs the encoders in the order of the ladder, measures in
 * exact tokens, decodes what came out and compares: what is returned has been proven to give back the
 * original. Thread: any, one arena and one view each. */
#ifndef CORE_COMPRESS_ENCODE_H
#define CORE_COMPRESS_ENCODE_H

#include "core/compress/detect.h"
#include "core/compress/encoder.h"
#include "core/compress/known.h"
#include "core/compress/model/kompress.h"
#include "core/compress/rendered.h"
#include "core/compress/tool.h"
#include "core/compress/view.h"
#include "core/token/token.h"

/* Why a text stayed as it was. */
#define ENCODE_REASONS(X)                \
	X(CHANGED, "changed")            \
	X(TOO_SMALL, "too_small")        \
	X(NO_GAIN, "no_gain")            \
	X(ALREADY, "already_compressed") \
	X(UNVERIFIED, "decoder_disagrees")

enum encode_reason {
#define X(name, text) ENCODE_##name,
	ENCODE_REASONS(X)
#undef X
};
const char *encode_reason_text(enum encode_reason r) RETURNS_NONNULL;

struct encode_policy {
	enum token_encoding encoding;
	bool is_lossless;    /* LOSS_NONE only */
	double target_ratio; /* of tokens: enough is enough; 0: the smallest that there is */
	uint32_t min_tokens; /* texts below this are left alone */
	uint32_t min_gain;   /* tokens that a change must save */
	const struct kompress *kompress; /* of codec.h; NULL: none */
	bool is_eager;                   /* text is left out where it saves little, too */
};

struct encode_in {
	str text;
	enum content_kind kind; /* detect_kind of the text */
	enum tool_kind tool;
	str command; /* of a shell tool; empty when not known */
	str path;    /* that a file tool was called with; empty when not known */
	str query;   /* what the user asked last; empty when not known */
	str route; /* how the reader gets this very text: "headroom retrieve 3f.."; with it text may be
	                     * elided; empty: never */
	/* The text is a file of which only an outline may be sent (code/code.h). */
	struct encode_outline {
		str path;
		str route;                /* how the reader gets the rest; empty: no outline */
		str focus;                /* what of it stays whole; see codec_in */
		struct code_cache *cache; /* NULL is allowed */
	} outline;
	/* Sets of encoders: of such texts these leave out less, or nothing, because it was asked for. */
	unsigned gentle, exact;
	bool no_references;  /* nothing of this text may depend on other blocks */
	struct known *known; /* what encode_rehearse() has made of the text; may be NULL */
	const struct known_lines *lines; /* fold_split() of it, where that is at hand; else NULL */
	/* The text is what a codec made; its long lines may be variants: encode_text's own business. */
	bool is_coded, has_variants;
};

struct encode_out {
	enum encode_reason reason;
	str text; /* in the arena; the input's text when nothing changed */
	enum loss loss;
	unsigned encoders;
	unsigned elided_by; /* the one of them that left something out; 0: none */
	const struct rendered_notes *
		notes; /* what the text has for the view; in the arena; NULL: it has to be read for that */
	uint32_t tokens_before, tokens_after;
};

/* True when the text may be lines of a file that the agent goes on to edit: it stays as it is then, but for
 * number columns and references. */
bool encode_is_file(const struct encode_in *in);

/* Makes all of encode_text() that depends on in and policy alone, into in->known. */
void encode_rehearse(const struct encode_in *in, const struct encode_policy *policy,
	struct token_cache *cache, struct arena *a);

/* The view is as before on return: adding the rendering to it is the caller's business. cache may be NULL. */
void encode_text(const struct encode_in *in, const struct encode_policy *policy, struct view *view,
	struct token_cache *cache, struct arena *a, struct encode_out *out);

/* The reverse of the LOSS_NONE part: false when the text is damaged, a reference leads nowhere, or text was
 * elided. For text that was LOSS_FORMAT the result is the tidied original. */
bool encode_decode(
	const struct encode_in *in, struct view *view, struct arena *a, str *out) MUST_CHECK;

/* Proves what a sent text (sent->text) says of the original, from these two and the view alone: true with the
 * loss that it has; false when it says something else. */
bool encode_verify(const struct encode_in *sent, str original, struct view *view, struct arena *a,
	enum loss *loss) MUST_CHECK;

/* True when decoded is the original but for what does not show: what tidy and minify take away. */
bool encode_is_format_of(str original, str decoded, struct arena *a) MUST_CHECK;

#endif
