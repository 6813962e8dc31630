/* Any bytes as a body in every coding, in one piece and cut: the same text or the same error, never more than
 * allowed. */
#include "core/base/check.h"
#include "proxy/coding.h"

enum { TEXT_MAX = 1 << 18 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum err add(void *self, str piece, struct errctx *cx)
{
	struct buf *b = self;

	(void)cx;
	buf_add(b, piece);
	return b->err;
}

static enum err decode_in_pieces(enum coding c, str body, size_t n, struct buf *out)
{
	struct decoder *d = decoder_new(c);
	enum err e = E_OK;

	ASSERT(d);
	for (size_t at = 0; at < body.n && e == E_OK; at += n)
		e = decoder_feed(
			d, str_sub(body, at, at + n < body.n ? at + n : body.n), add, out, NULL);
	if (e == E_OK)
		e = decoder_finish(d, NULL);
	decoder_free(d);
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const VALUES[] = {"", "gzip", "deflate", "br", "zstd", "gzip, br"};
	str body;

	if (!n)
		return 0;
	body = (str){(const char *)data + 1, n - 1};
	(void)coding_parse(body);
	for (size_t i = 0; i < ARRAY_N(VALUES); i++) {
		enum coding c = coding_parse(str_from(VALUES[i]));
		struct buf whole, cut;
		enum err e;

		buf_init(&whole, TEXT_MAX);
		buf_init(&cut, TEXT_MAX);
		e = coding_decode(c, body, TEXT_MAX, &whole, NULL);
		ASSERT(whole.n <= TEXT_MAX);
		ASSERT(e == decode_in_pieces(c, body, 1 + data[0] % 16U, &cut));
		if (e == E_OK)
			ASSERT(str_eq(buf_str(&whole), buf_str(&cut)));
		buf_release(&whole);
		buf_release(&cut);
	}
	return 0;
}
