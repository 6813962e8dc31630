#include "proxy/coding.h"

#include <brotli/decode.h>
#include <limits.h>
#define ZLIB_CONST /* what it reads is const */
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "core/base/limits.h"
#include "core/base/mem.h"

enum { OUT_SIZE = 32 << 10, HEAD_SIZE = 2 };

enum layer_state { LAYER_FRESH, LAYER_OPEN, LAYER_ENDED };

/* One coding: takes bytes, gives text. */
struct layer {
	const struct codec *codec;
	enum layer_state state; /* of the member or frame */
	z_stream z;
	BrotliDecoderState *br;
	ZSTD_DCtx *zstd;
	char head[HEAD_SIZE]; /* deflate: what tells which of the two it is */
	size_t head_n;
	char out[OUT_SIZE];
};

struct decoder {
	enum err err;
	size_t layer_n;
	struct layer layers[]; /* the one that was applied last comes first */
};

/* One step of decoding: takes from *in, sets *out_n bytes of l->out. E_MALFORMED and E_NOMEM without a message. */
typedef enum err step_fn(struct layer *l, str *in, size_t *out_n);

struct codec {
	bool (*open)(struct layer *l);
	void (*close)(struct layer *l);
	step_fn *step;
};

/* zlib and brotli take their memory where we do. */
static void *zlib_alloc(void *self, unsigned n, unsigned size)
{
	size_t bytes;

	(void)self;
	return size_mul(n, size, &bytes) ? mem_alloc(bytes) : NULL;
}

static void *brotli_alloc(void *self, size_t n)
{
	(void)self;
	return mem_alloc(n);
}

static void any_free(void *self, void *p)
{
	(void)self;
	mem_free(p);
}

/* zlib counts in 32 bits: the rest stays for the next step. */
static enum err inflate_step(struct layer *l, str *in, size_t *out_n)
{
	unsigned n = in->n < UINT_MAX ? (unsigned)in->n : UINT_MAX;
	int status;

	l->z.next_in = (const Bytef *)in->p;
	l->z.avail_in = n;
	l->z.next_out = (Bytef *)l->out;
	l->z.avail_out = OUT_SIZE;
	status = inflate(&l->z, Z_NO_FLUSH);
	*in = str_sub(*in, n - l->z.avail_in, in->n);
	*out_n = OUT_SIZE - l->z.avail_out;
	if (status == Z_STREAM_END)
		l->state = LAYER_ENDED;
	else if (status == Z_MEM_ERROR)
		return E_NOMEM;
	else if (status != Z_OK && status != Z_BUF_ERROR) /* the latter: bytes are missing */
		return E_MALFORMED;
	return E_OK;
}

static bool inflate_open(struct layer *l, int window_bits)
{
	l->z = (z_stream){.zalloc = zlib_alloc, .zfree = any_free};
	return inflateInit2(&l->z, window_bits) == Z_OK;
}

static void inflate_close(struct layer *l)
{
	(void)inflateEnd(&l->z);
}

/* Window bits as zlib.h has them: 16 more for gzip, negative without a wrapping. */
static bool gzip_open(struct layer *l)
{
	return inflate_open(l, MAX_WBITS + 16);
}

static enum err gzip_step(struct layer *l, str *in, size_t *out_n)
{
	if (l->state == LAYER_ENDED && inflateReset(&l->z) != Z_OK)
		return E_MALFORMED;
	l->state = LAYER_OPEN;
	return inflate_step(l, in, out_n);
}

static bool deflate_open(struct layer *l)
{
	return inflate_open(l, MAX_WBITS);
}

/* RFC 1950 section 2.2: method 8, and the two bytes as a number are a multiple of 31. The first byte of a
 * block by itself (RFC 1951 section 3.2.3) would have to be one with junk in its padding to look so. */
static bool is_wrapped(const char head[HEAD_SIZE])
{
	unsigned cmf = (unsigned char)head[0], flags = (unsigned char)head[1];

	return (cmf & 15) == Z_DEFLATED && (cmf << 8 | flags) % 31 == 0;
}

static enum err deflate_step(struct layer *l, str *in, size_t *out_n)
{
	str head = {l->head, HEAD_SIZE};

	if (l->state == LAYER_ENDED)
		return E_MALFORMED;
	l->state = LAYER_OPEN;
	if (l->head_n == HEAD_SIZE)
		return inflate_step(l, in, out_n);
	l->head[l->head_n++] = *in->p;
	*in = str_sub(*in, 1, in->n);
	if (l->head_n < HEAD_SIZE)
		return E_OK;
	if (!is_wrapped(l->head) && inflateReset2(&l->z, -MAX_WBITS) != Z_OK)
		return E_NOMEM;
	TRY(inflate_step(l, &head, out_n));
	return head.n ? E_MALFORMED : E_OK;
}

static bool br_open(struct layer *l)
{
	l->br = BrotliDecoderCreateInstance(brotli_alloc, any_free, NULL);
	return l->br != NULL;
}

static void br_close(struct layer *l)
{
	BrotliDecoderDestroyInstance(l->br);
}

/* The numbers from ..._ALLOC_CONTEXT_MODES down to ..._ALLOC_BLOCK_TYPE_TREES are all about memory. */
static enum err br_error(const BrotliDecoderState *br)
{
	BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(br);

	return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
			       code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
		       ? E_NOMEM
		       : E_MALFORMED;
}

static enum err br_step(struct layer *l, str *in, size_t *out_n)
{
	size_t room = OUT_SIZE, in_n = in->n;
	const uint8_t *next_in = (const uint8_t *)in->p;
	uint8_t *next_out = (uint8_t *)l->out;
	BrotliDecoderResult result;

	if (l->state == LAYER_ENDED)
		return E_MALFORMED;
	l->state = LAYER_OPEN;
	result = BrotliDecoderDecompressStream(l->br, &in_n, &next_in, &room, &next_out, NULL);
	*in = str_sub(*in, in->n - in_n, in->n);
	*out_n = OUT_SIZE - room;
	if (result == BROTLI_DECODER_RESULT_ERROR)
		return br_error(l->br);
	if (result == BROTLI_DECODER_RESULT_SUCCESS)
		l->state = LAYER_ENDED;
	return E_OK;
}

static bool zstd_open(struct layer *l)
{
	l->zstd = ZSTD_createDCtx();
	return l->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(
				  l->zstd, ZSTD_d_windowLogMax, LIMIT_ZSTD_WINDOW_LOG));
}

static void zstd_close(struct layer *l)
{
	(void)ZSTD_freeDCtx(l->zstd);
}

static enum err zstd_step(struct layer *l, str *in, size_t *out_n)
{
	ZSTD_inBuffer from = {in->p, in->n, 0};
	ZSTD_outBuffer to = {l->out, OUT_SIZE, 0};
	size_t status = ZSTD_decompressStream(l->zstd, &to, &from);

	*in = str_sub(*in, from.pos, in->n);
	*out_n = to.pos;
	l->state = status == 0 ? LAYER_ENDED : LAYER_OPEN;
	if (!ZSTD_isError(status))
		return E_OK;
	return ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation ? E_NOMEM : E_MALFORMED;
}

static const struct {
	str name;
	enum coding coding;
} NAMES[] = {
	{{"", 0}, CODING_IDENTITY},
	{{"identity", 8}, CODING_IDENTITY},
	{{"gzip", 4}, CODING_GZIP},
	{{"x-gzip", 6}, CODING_GZIP}, /* RFC 9110 section 8.4.1.3 */
	{{"deflate", 7}, CODING_DEFLATE},
	{{"br", 2}, CODING_BR},
	{{"zstd", 4}, CODING_ZSTD},
};

static const struct codec CODECS[CODING_N] = {
	[CODING_GZIP] = {gzip_open, inflate_close, gzip_step},
	[CODING_DEFLATE] = {deflate_open, inflate_close, deflate_step},
	[CODING_BR] = {br_open, br_close, br_step},
	[CODING_ZSTD] = {zstd_open, zstd_close, zstd_step},
};

/* Parts of a chain: where = 0 is what was applied first. */
static enum coding part_of(enum coding c, size_t where)
{
	unsigned shift = (unsigned)where * CODING_CHAIN_SHIFT;

	return (enum coding)((unsigned)c >> shift & ((1U << CODING_CHAIN_SHIFT) - 1));
}

static enum coding coding_of(str name)
{
	for (size_t i = 0; i < ARRAY_N(NAMES); i++) {
		if (str_eq_nocase(NAMES[i].name, name))
			return NAMES[i].coding;
	}
	return CODING_UNKNOWN;
}

enum coding coding_parse(str header_value)
{
	unsigned chain = CODING_IDENTITY, n = 0;
	str part;

	while (str_split(&header_value, ',', &part)) {
		enum coding c = coding_of(str_trim(part));

		if (c == CODING_IDENTITY)
			continue;
		if (c == CODING_UNKNOWN || n == CODING_CHAIN_MAX)
			return CODING_UNKNOWN;
		chain |= (unsigned)c << n++ * CODING_CHAIN_SHIFT;
	}
	return (enum coding)chain;
}

struct decoder *decoder_new(enum coding c)
{
	struct decoder *d = NULL;
	size_t n = 0;

	while (n < CODING_CHAIN_MAX && part_of(c, n) != CODING_IDENTITY)
		n++;
	if (c != CODING_UNKNOWN)
		d = mem_zalloc(sizeof *d + n * sizeof d->layers[0]);
	while (d && d->layer_n < n) {
		struct layer *l = &d->layers[d->layer_n++];

		l->codec = &CODECS[part_of(c, n - d->layer_n)];
		if (!l->codec->open(l)) {
			decoder_free(d);
			d = NULL;
		}
	}
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->layer_n; i++)
		d->layers[i].codec->close(&d->layers[i]);
	mem_free(d);
}

struct outlet {
	struct decoder *d;
	coding_sink_fn *sink;
	void *self;
};

static enum err layer_feed(const struct outlet *o, size_t where, str bytes, struct errctx *cx);

static enum err hand_on(const struct outlet *o, size_t where, str text, struct errctx *cx)
{
	if (!text.n)
		return E_OK;
	if (where == o->d->layer_n)
		return o->sink(o->self, text, cx);
	return layer_feed(o, where, text, cx);
}

/* At most CODING_CHAIN_MAX deep. */
static enum err layer_feed(const struct outlet *o, size_t where, str bytes, struct errctx *cx)
{
	struct layer *l = &o->d->layers[where];
	size_t n = 0;

	while (bytes.n || (n == OUT_SIZE && l->state == LAYER_OPEN)) {
		size_t before = bytes.n;
		enum err e;

		n = 0;
		e = l->codec->step(l, &bytes, &n);
		/* Asked once more after a full piece, there may be nothing more. */
		if (e == E_OK && !n && before && bytes.n == before)
			e = E_MALFORMED;
		if (e != E_OK)
			FAIL(cx, e, "cannot decode the content coding: %s", err_text(e));
		TRY(hand_on(o, where + 1, (str){l->out, n}, cx));
	}
	return E_OK;
}

enum err decoder_feed(
	struct decoder *d, str bytes, coding_sink_fn *sink, void *self, struct errctx *cx)
{
	struct outlet o = {d, sink, self};

	if (d->err != E_OK)
		FAIL(cx, d->err, "the content coding could not be decoded further up");
	d->err = hand_on(&o, 0, bytes, cx);
	return d->err;
}

enum err decoder_finish(struct decoder *d, struct errctx *cx)
{
	if (d->err != E_OK)
		FAIL(cx, d->err, "the content coding could not be decoded further up");
	for (size_t i = 0; i < d->layer_n; i++) {
		if (d->layers[i].state == LAYER_OPEN)
			FAIL(cx, E_MALFORMED, "the body ends in the middle of its content coding");
	}
	return E_OK;
}

struct body_sink {
	struct buf *out;
	size_t room; /* how much more may come */
	size_t ratio_room;
};

static enum err body_add(void *self, str piece, struct errctx *cx)
{
	struct body_sink *s = self;

	if (piece.n > s->room)
		FAIL(cx, E_TOO_BIG, "the decoded body is larger than its limit");
	if (piece.n > s->ratio_room)
		FAIL(cx, E_TOO_BIG,
			"the decoded body is more than %u times as large as what was sent",
			LIMIT_CODING_RATIO);
	s->room -= piece.n;
	s->ratio_room -= piece.n;
	buf_add(s->out, piece);
	if (s->out->err)
		FAIL(cx, s->out->err, "cannot hold the decoded body: %s", err_text(s->out->err));
	return E_OK;
}

enum err coding_decode(enum coding c, str body, size_t max, struct buf *out, struct errctx *cx)
{
	struct body_sink s = {.out = out, .room = max, .ratio_room = SIZE_MAX};
	struct decoder *d;
	enum err e;

	if (c == CODING_UNKNOWN)
		FAIL(cx, E_UNSUPPORTED, "this content coding is not known");
	if (!size_mul(body.n, LIMIT_CODING_RATIO, &s.ratio_room))
		s.ratio_room = SIZE_MAX;
	if (s.ratio_room < LIMIT_CODING_FREE)
		s.ratio_room = LIMIT_CODING_FREE;
	d = decoder_new(c);
	if (!d)
		FAIL(cx, E_NOMEM, "no memory to decode the body");
	e = decoder_feed(d, body, body_add, &s, cx);
	if (e == E_OK)
		e = decoder_finish(d, cx);
	decoder_free(d);
	return e;
}
