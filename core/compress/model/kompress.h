/* kompress: a model that says of each token of a text how likely it is worth keeping, from a directory with config.json, tokenizer.json and
 * model.safetensors. The weights are mapped, not read; a BLAS is opened with the first model.
 * Owns: the mapping, the library, all that was read. Thread: any number of readers; open and close by one. */
#ifndef CORE_COMPRESS_MODEL_KOMPRESS_H
#define CORE_COMPRESS_MODEL_KOMPRESS_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/hash.h"
#include "core/compress/model/bpe.h"

#define KOMPRESS_CONFIG    "config.json"
#define KOMPRESS_TOKENIZER "tokenizer.json"
#define KOMPRESS_WEIGHTS   "model.safetensors"

/* Of longer texts the sentences are chosen without it: a model of the usual size reads some hundred tokens a second, and a request waits. */
enum { KOMPRESS_TOKENS_MAX = 2048 };

struct kompress;

/* threads: of the BLAS, at most. Every error names the file that it is about. */
enum err kompress_open(
	const char *dir, unsigned threads, struct kompress **out, struct errctx *cx) MUST_CHECK;
void kompress_close(struct kompress *k); /* NULL is fine */

/* What the model is, for what depends on it: a hash of its files. */
struct hash128 kompress_id(const struct kompress *k);
/* By what matrices are multiplied; static. */
const char *kompress_blas(const struct kompress *k);

/* A text as the model sees it. */
struct kompress_text {
	bpe_vec tokens;
	float *keep;  /* of each token, 0 to 1 */
	double *sums; /* of keep before each token, and of all */
};

/* False: the text is empty, too long, or no UTF-8. Texts longer than the model's window are read in parts that overlap. */
bool kompress_read(
	const struct kompress *k, str text, struct arena *a, struct kompress_text *out) MUST_CHECK;

/* The mean of the tokens that end in that range of bytes; 0 when none does. */
double kompress_mean(const struct kompress_text *t, size_t from, size_t to) PURE;

#endif
