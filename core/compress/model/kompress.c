#include "core/compress/model/kompress.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/compress/model/encoder.h"

enum {
	SPECIALS_N = 2, /* [CLS] before, [SEP] behind each part */
	OVERLAP_PART =
		4, /* of a window so much is read twice; a token counts where it stands farther from the edge */
};

struct kompress {
	struct arena arena;
	void *map;
	size_t map_n;
	struct matrix_lib lib;
	struct bpe *bpe;
	struct encoder *encoder;
	uint32_t begin, end; /* ids of the specials */
	struct hash128 id;
};

struct hash128 kompress_id(const struct kompress *k)
{
	return k->id;
}

const char *kompress_blas(const struct kompress *k)
{
	return k->lib.name;
}

static enum err map_weights(struct kompress *k, const char *path, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		FAIL(cx, file_err(errno), "%s: %s", path, file_err_text(errno, text));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		k->map_n = (size_t)st.st_size;
		k->map = mmap(NULL, k->map_n, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	(void)close(fd);
	if (!k->map || k->map == MAP_FAILED) {
		k->map = NULL;
		FAIL(cx, E_IO, "%s: cannot be mapped", path);
	}
	return E_OK;
}

/* What json holds is hashed into the model's id. */
static enum err read_text(
	struct kompress *k, const char *dir, const char *name, struct buf *b, struct errctx *cx)
{
	enum err e;

	buf_reset(b);
	e = file_read(arena_cstr(&k->arena, arena_printf(&k->arena, "%s/%s", dir, name)), b, cx);
	k->id = hash128_chain(k->id, hash128(buf_str(b)));
	return e;
}

static enum err read_files(struct kompress *k, const char *dir, struct buf *b, struct errctx *cx)
{
	const char *weights =
		arena_cstr(&k->arena, arena_printf(&k->arena, "%s/" KOMPRESS_WEIGHTS, dir));
	struct weights w;
	enum err e;

	TRY(read_text(k, dir, KOMPRESS_TOKENIZER, b, cx));
	if (bpe_read(buf_str(b), &k->arena, &k->bpe, cx))
		return err_prefix(cx, "%s/" KOMPRESS_TOKENIZER, dir);
	if (!bpe_find(k->bpe, STR("[CLS]"), &k->begin) || !bpe_find(k->bpe, STR("[SEP]"), &k->end))
		FAIL(cx, E_UNSUPPORTED, "%s/" KOMPRESS_TOKENIZER ": there is no [CLS] and [SEP]",
			dir);
	TRY(map_weights(k, weights, cx));
	k->id = hash128_chain(k->id, hash128((str){k->map, k->map_n}));
	if (weights_read((str){k->map, k->map_n}, &k->arena, &w, cx))
		return err_prefix(cx, "%s", weights);
	TRY(read_text(k, dir, KOMPRESS_CONFIG, b, cx));
	e = encoder_read(buf_str(b), &w, &k->arena, &k->encoder, cx);
	if (e)
		return err_prefix(cx, "%s", dir);
	if (bpe_ids_n(k->bpe) > encoder_vocab_n(k->encoder))
		FAIL(cx, E_MALFORMED, "%s: the tokenizer has %u tokens, the model %u", dir,
			bpe_ids_n(k->bpe), encoder_vocab_n(k->encoder));
	return E_OK;
}

static enum err open_in(struct kompress *k, const char *dir, struct buf *b, struct errctx *cx)
{
	enum err e;

	if (arena_recover(&k->arena))
		FAIL(cx, E_NOMEM, "%s: out of memory", dir);
	e = read_files(k, dir, b, cx);
	arena_end_recover(&k->arena);
	return e;
}

enum err kompress_open(const char *dir, unsigned threads, struct kompress **out, struct errctx *cx)
{
	struct kompress *k = mem_zalloc(sizeof *k);
	struct buf b;
	enum err e;

	*out = NULL;
	if (!k)
		FAIL(cx, E_NOMEM, "%s: out of memory", dir);
	arena_init(&k->arena);
	buf_init(&b, LIMIT_INPUT);
	e = open_in(k, dir, &b, cx);
	buf_release(&b);
	if (e) {
		kompress_close(k);
		return e;
	}
	k->lib = matrix_open(threads);
	*out = k;
	return E_OK;
}

void kompress_close(struct kompress *k)
{
	if (!k)
		return;
	if (k->map)
		(void)munmap(k->map, k->map_n);
	matrix_close(&k->lib);
	arena_release(&k->arena);
	mem_free(k);
}

/* ---- a text ----------------------------------------------------------------------------------------- */

/* Reads the tokens from..to as one part, and takes over what it says of those from use on. */
static void read_part(const struct kompress *k, struct kompress_text *t, size_t from, size_t to,
	size_t use, float *space)
{
	uint32_t ids[1 << 10];
	float keep[ARRAY_N(ids)];
	size_t n = 0;

	ids[n++] = k->begin;
	for (size_t i = from; i < to; i++)
		ids[n++] = t->tokens.v[i].id;
	ids[n++] = k->end;
	encoder_run(k->encoder, &k->lib, ids, n, space, keep);
	for (size_t i = use; i < to; i++)
		t->keep[i] = keep[i - from + 1];
}

bool kompress_read(const struct kompress *k, str text, struct arena *a, struct kompress_text *out)
{
	size_t window = encoder_window(k->encoder), part, overlap;
	float *space;

	*out = (struct kompress_text){.keep = NULL};
	/* no token is longer than what would be too long anyway */
	if (!text.n || text.n / 64 > KOMPRESS_TOKENS_MAX || window < 2 * SPECIALS_N ||
		utf8_valid_n(text) < text.n)
		return false;
	bpe_encode(k->bpe, text, a, &out->tokens);
	if (out->tokens.n > KOMPRESS_TOKENS_MAX)
		return false;
	part = window - SPECIALS_N;
	overlap = part / OVERLAP_PART;
	out->keep = arena_array(a, float, out->tokens.n);
	out->sums = arena_array(a, double, out->tokens.n + 1);
	space = arena_array(a, float,
		encoder_space(
			k->encoder, out->tokens.n < part ? out->tokens.n + SPECIALS_N : window));
	for (size_t from = 0, use = 0;; from += part - overlap, use = from + overlap / 2) {
		size_t to = from + part < out->tokens.n ? from + part : out->tokens.n;

		read_part(k, out, from, to, use, space);
		if (to == out->tokens.n)
			break;
	}
	for (size_t i = 0; i < out->tokens.n; i++)
		out->sums[i + 1] = out->sums[i] + (double)out->keep[i];
	return true;
}

/* How many tokens end at or before that byte. */
static size_t tokens_before(const struct kompress_text *t, size_t at)
{
	size_t low = 0, high = t->tokens.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->tokens.v[mid].end <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

double kompress_mean(const struct kompress_text *t, size_t from, size_t to)
{
	size_t first = tokens_before(t, from), last = tokens_before(t, to);

	return last > first ? (t->sums[last] - t->sums[first]) / (double)(last - first) : 0;
}
