/* Any bytes as the three files of a model: read or refused, never believed. The first byte says which file it is; the others are such
 * that what passes is used. */
#include "core/base/check.h"
#include "core/compress/model/bpe.h"
#include "core/compress/model/encoder.h"
#include "core/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_tokenizer(str text, struct arena *a)
{
	bpe_vec tokens = {0};
	struct bpe *b;

	if (bpe_read(text, a, &b, NULL) || utf8_valid_n(text) < text.n)
		return;
	bpe_encode(b, text, a, &tokens);
	ASSERT(!text.n || tokens.v[tokens.n - 1].end == text.n);
	for (size_t i = 0; i < tokens.n; i++)
		ASSERT(tokens.v[i].id < bpe_ids_n(b) &&
			tokens.v[i].end > (i ? tokens.v[i - 1].end : 0));
}

static void read_weights(str config, str file, struct arena *a)
{
	static const uint32_t ids[] = {0, 1, 1, 0};
	float keep[ARRAY_N(ids)];
	struct weights w;
	struct encoder *e;

	if (weights_read(file, a, &w, NULL))
		return;
	for (size_t i = 0; i < w.tensors.n; i++) {
		const struct tensor *t = w.tensors.entries[i].value;

		ASSERT(t->data.p >= file.p && t->data.p + t->data.n <= file.p + file.n);
		(void)tensor_floats(t, a);
	}
	if (!encoder_read(config, &w, a, &e, NULL) && encoder_vocab_n(e) > 1 &&
		encoder_window(e) >= ARRAY_N(ids))
		encoder_run(e, &(struct matrix_lib){.name = ""}, ids, ARRAY_N(ids),
			arena_array(a, float, encoder_space(e, ARRAY_N(ids))), keep);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};
	struct arena a = ARENA_INIT;
	size_t cut;

	if (!n)
		return 0;
	cut = str_find_byte(text, '\0');
	if (text.p[0] == 't')
		read_tokenizer(str_sub(text, 1, n), &a);
	else if (cut != STR_NONE) /* a config.json without NUL, then a safetensors file */
		read_weights(str_sub(text, 0, cut), str_sub(text, cut + 1, n), &a);
	arena_release(&a);
	return 0;
}
