/* token: exact byte-pair encoding of o200k_base and cl100k_base. The tables are read-only data of
 * the binary: nothing is loaded or built at start. Invalid UTF-8 is taken as U+FFFD for each
 * maximal bad part (WHATWG "substitution of maximal subparts"), as the JavaScript tokenizers see
 * it. Special tokens (<|endoftext|>...) are ordinary text. Thread: any; a struct token_cache
 * belongs to one thread.
 *
 * Ids are those of gpt-tokenizer and js-tiktoken with Unicode 17 (bench/token_ids.mjs compares).
 * Where these two differ, as OpenAI's tiktoken: white space at the end of a text is one piece in
 * cl100k_base, and U+FEFF counts.
 *
 * Counting takes memory only for more than 1 KB of invalid UTF-8 without a place to cut, and for
 * runs made to need it; short of it, the count may be off by one or two at a cut. */
#ifndef CORE_TOKEN_TOKEN_H
#define CORE_TOKEN_TOKEN_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"

enum token_encoding { TOKEN_O200K, TOKEN_CL100K, TOKEN_ENCODING_N };

/* Remembers counts of pieces of text (words, mostly), so that repeated text is counted fast. Of
 * fixed size; results do not depend on it. */
struct token_cache;
struct token_cache *token_cache_new(void) MUST_CHECK; /* NULL: out of memory */
void token_cache_free(struct token_cache *c);

/* Number of tokens. cache may be NULL. */
size_t token_count(enum token_encoding e, str text, struct token_cache *cache);
/* The same but gives up (and returns limit + 1) as soon as there are more than limit. */
size_t token_count_upto(enum token_encoding e, str text, size_t limit, struct token_cache *cache);
/* Of texts by themselves, valid UTF-8, together. Short ones are remembered whole. Behind each so many bytes can be read. */
enum { TOKEN_PART_PAD = 16 };
size_t token_count_parts(
	enum token_encoding e, const str *parts, size_t n, struct token_cache *cache);
/* As many tokens at least, and at most, in no encoding less or more: a tenth of the time of counting. */
size_t token_least(str text) PURE;
size_t token_most(str text) PURE;

/* What the lines of a text counted, so that a text that has many of them, without number columns, is counted faster. Results do
 * not depend on it. */
struct token_lines;
/* A text and all of its lines, the parts between line ends; body: the same without their number columns. */
struct token_text {
	str text;
	const str *raw, *body;
	size_t n;
};
/* token_count; *out: in the arena, borrows the text; NULL where that does not pay. */
size_t token_count_lines(enum token_encoding e, const struct token_text *t,
	struct token_cache *cache, struct arena *a, struct token_lines **out);

/* Lines that stand in a text from at on, where a line begins, each but the text's last with a line end: bodies of that text, the
 * very same bytes. */
struct token_run {
	size_t at;
	const str *lines;
	size_t n;
};
/* A text with runs, in order. */
struct token_runs {
	str text;
	const struct token_run *v;
	size_t n;
};
/* token_count of it, with the lines (NULL: none) of the text that they are of, counted with the same encoding. */
size_t token_count_runs(enum token_encoding e, const struct token_runs *r,
	const struct token_lines *lines, struct token_cache *cache);

/* The ids, in the arena. */
uint32_t *token_encode(enum token_encoding e, str text, struct arena *a, size_t *n) RETURNS_NONNULL;
/* The bytes of one id; empty for an id that does not exist. Static. */
str token_bytes(enum token_encoding e, uint32_t id);
uint32_t token_id_n(enum token_encoding e); /* ids are 0 .. n-1, some of them without bytes */

#endif
