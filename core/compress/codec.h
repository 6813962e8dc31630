/* codec: the encoders that know a whole text of one kind: search results, diffs, logs, tables. Each has either a
 * decoder that gives back the same bytes, or a contract that its output keeps, which a check of its own proves
 * from the original and the output alone. encode_text() runs them, decodes or checks what they made, and then
 * refers to what stands elsewhere as in any other text.
 *
 * What a codec makes has one head line, before which anything may stand:
 *	[search: 120 matches in 14 files]                         exact: the decoder gives back the same bytes
 *	[log: 2,000 lines, ...; original: headroom retrieve 3f..] elided: lines are gone; how to get them
 * The word before the colon is the codec's; what follows it, in plain words, explains the notation once.
 * Thread: any; pure functions of their input, in the caller's arena. */
#ifndef CORE_COMPRESS_CODEC_H
#define CORE_COMPRESS_CODEC_H

#include "core/base/buf.h"
#include "core/compress/detect.h"
#include "core/compress/encoder.h"
#include "core/compress/model/kompress.h"
#include "core/token/token.h"

enum codec_form {
	CODEC_EXACT,  /* decode(encode(text)) == text */
	CODEC_ELIDED, /* the contract holds */
};

/* What more than one codec asks about a text, or one for both of its forms; whoever asks first finds out. What a codec keeps
 * lies in the arena that its text is encoded in. */
enum { CODEC_KEPT_MAX = 8 };
struct codec_facts {
	bool has_build, is_build; /* build_is_output() */
	struct codec_kept {
		const struct codec *codec;
		const void *what; /* what it has read of the text; NULL: it is none of its kind */
	} kept[CODEC_KEPT_MAX];
	unsigned kept_n;
};

struct codec_in {
	str text;
	enum content_kind kind; /* detect_kind of the text */
	str command;            /* of a shell tool; empty when not known */
	str query;              /* what the user asked last; empty when not known */
	str route; /* how to get the original ("headroom retrieve 3f..."); empty: only CODEC_EXACT */
	double keep; /* share of the text that shall stay where it can; 0: as the codec thinks best */
	bool is_gentle; /* what this encoder leaves out of such texts is often asked for: leave out less */
	enum token_encoding encoding;
	struct token_cache *cache; /* NULL is allowed */
	const struct kompress
		*kompress; /* says which sentences of prose matter; NULL: the codec itself does */
	struct codec_facts *facts; /* of text; NULL: nothing is kept */
	str path;                  /* of the file that the text is; empty when it is none */
	str focus; /* code/code.h: names and lines of it that matter; may be empty */
	struct code_cache *outlines; /* code/parts.h; NULL is allowed */
	bool is_file;                /* lines of a file, which must stay as many */
	unsigned depth; /* strings of JSON that the text is in; 0 for what a tool wrote */
};

struct codec_out {
	str text; /* in the arena */
	enum codec_form form;
	bool is_plain; /* reads as the text itself did: there is no notation to learn */
	bool is_asked; /* the user said how much shall stay: it need not save much */
	bool is_minor; /* what is left out is asked for seldom: it need not save much */
};

struct codec {
	const char *word; /* of its head lines */
	enum encoder encoder;
	unsigned
		kinds; /* set of 1u << content_kind: the texts that it is tried on; 0: it is asked for by name */
	bool has_columns; /* lines that it shows are as they were, number columns and all: those may go as ever */
	/* False on any doubt, or when there is nothing to win. Linear in the text. With a route it may elide; where
	 * it does not, it need not try the exact form again: that was done before. */
	bool (*encode)(const struct codec_in *in, struct arena *a, struct codec_out *out);
	/* The original of an exact text of this codec; false when it is damaged. */
	bool (*decode)(str text, struct arena *a, str *out);
	/* True when an elided text of this codec shows or states all that the contract says, of this original.
	 * NULL when the codec never elides. */
	bool (*holds)(str original, str text, struct arena *a);
	bool is_unread; /* what it leaves out nobody reads: it need not save much, and is tried on files too (docs/decisions/0023), which it may refuse */
	/* True when nobody else may leave out parts of the text: it is of this codec's kind in the spelling of another. NULL: no text
	 * is. Asked of texts that it is tried on. */
	bool (*owns)(str text);
	bool is_outer; /* its texts hold strings by other codecs, and never stand in such a string themselves */
};

/* The codecs that are tried on texts of that kind, one after the other from *at = 0 on; NULL at the end. */
const struct codec *codec_next(enum content_kind kind, size_t *at);

/* The codec that alone may leave out parts of the text; NULL: any may that is tried on it, or nobody since there is no route. */
const struct codec *codec_owner(const struct codec_in *in);

/* What the codec kept of the text; NULL when it has kept nothing. And keeps it, where there is room. */
const struct codec_kept *codec_kept(const struct codec_in *in, const struct codec *codec);
void codec_keep(const struct codec_in *in, const struct codec *codec, const void *what);

/* The head of a codec's text. */
struct codec_head {
	const struct codec *codec;
	enum codec_form form;
	str words; /* between the codec's word and the route */
	str route; /* empty for exact texts */
};
/* True when the line is a head: "[WORD: words]" or "[WORD: words; original: route]". */
bool codec_head_parse(str line, struct codec_head *out) MUST_CHECK;
/* The line without line end. words must hold neither a line end nor "; original: ". */
void codec_head_write(struct buf *b, const struct codec_head *h);
/* The first head line of a text: *at is where it begins, *end where the next line does. */
bool codec_head_find(str text, struct codec_head *out, size_t *at, size_t *end) MUST_CHECK;

/* Appends before, the head, body and after. False when that head is not the first one which a reader finds there, or a line of ours
 * or the text's would be taken for a marker. */
bool codec_assemble(
	const struct codec_head *h, str before, str body, str after, struct buf *out) MUST_CHECK;

#endif
