/* bpe: a byte-level byte-pair tokenizer from a tokenizer.json (github.com/huggingface/tokenizers), as ModernBERT and GPT-2 have it: added tokens are
 * found first, the rest is split as GPT-2 does, and each piece merged by rank. Of normalizers there may be none or NFC, which is left to
 * whoever wrote the text. Outside bytes: everything is checked.
 * Owns: nothing, all lives in the arena. Thread: any number of readers. */
#ifndef CORE_COMPRESS_MODEL_BPE_H
#define CORE_COMPRESS_MODEL_BPE_H

#include "core/base/err.h"
#include "core/base/vec.h"

struct bpe;

struct bpe_token {
	uint32_t id;
	uint32_t end; /* of the text's bytes */
};

typedef VEC(struct bpe_token) bpe_vec;

/* E_MALFORMED; E_UNSUPPORTED: another kind of tokenizer. */
enum err bpe_read(str json, struct arena *a, struct bpe **out, struct errctx *cx) MUST_CHECK;

/* The id of a token by its text; false when there is none. */
bool bpe_find(const struct bpe *b, str token, uint32_t *id) MUST_CHECK;

/* One more than the highest id. */
uint32_t bpe_ids_n(const struct bpe *b) PURE;

/* text: valid UTF-8 below 4 GB. Pieces of more than 256 bytes without a blank are merged in parts. */
void bpe_encode(const struct bpe *b, str text, struct arena *a, bpe_vec *out);

#endif
