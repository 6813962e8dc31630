/* Ids of tokens, and their bytes. */
#include "core/base/utf8.h"
#include "core/token/merge.h"
#include "core/token/split.h"
#include "core/token/token.h"
#include "core/token/vocab.h"

enum { BATCH_N = 320 /* pieces that are found at once */ };

static uint32_t find_piece(const struct vocab *v, str piece)
{
	char room[VOCAB_TOKEN_MAX + VOCAB_PAD] = {0};

	if (piece.n > VOCAB_TOKEN_MAX)
		return VOCAB_NONE;
	memcpy(room, piece.p, piece.n);
	return vocab_find(v, room, piece.n);
}

uint32_t *token_encode(enum token_encoding e, str text, struct arena *a, size_t *n)
{
	struct vocab v = vocab_get(e);
	uint32_t *ids, *at;
	const char *ends[BATCH_N];
	size_t ends_n;

	if (utf8_valid_n(text) < text.n) {
		char *valid = arena_calloc(a, text.n, 3, 1);

		text = (str){valid, utf8_sanitize(text, valid)};
	}
	ids = at = arena_array(a, uint32_t, token_count(e, text, NULL));
	while ((ends_n = split_pieces(e, text, ends, BATCH_N))) {
		for (size_t i = 0; i < ends_n; i++) {
			str piece = str_sub(text, 0, (size_t)(ends[i] - text.p));
			uint32_t id = find_piece(&v, piece);

			if (id != VOCAB_NONE)
				*at++ = id;
			else
				at += merge_piece(&v, piece, SIZE_MAX, at);
			text = str_sub(text, piece.n, text.n);
		}
	}
	*n = (size_t)(at - ids);
	return ids;
}

str token_bytes(enum token_encoding e, uint32_t id)
{
	struct vocab v = vocab_get(e);

	return id < v.id_n ? vocab_bytes(&v, id) : STR_NULL;
}

uint32_t token_id_n(enum token_encoding e)
{
	return vocab_get(e).id_n;
}
