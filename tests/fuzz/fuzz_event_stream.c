/* Any bytes as an event stream, in one piece and cut as the first byte says: the same messages come out and the same end. What was
 * read can be written, and reads the same again. */
#include "core/base/check.h"
#include "core/wire/event_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void note(void *self, const struct event_stream_message *m)
{
	const str all[] = {m->message_type, m->event_type, m->exception_type, m->error_code,
		m->error_message, m->payload};
	struct buf *b = self;

	for (size_t i = 0; i < ARRAY_N(all); i++) {
		buf_printf(b, "%zu:", all[i].n);
		buf_add(b, all[i]);
	}
}

static enum err split(str bytes, size_t n, struct buf *out)
{
	struct event_stream s;
	enum err err = E_OK;

	event_stream_init(&s);
	for (size_t at = 0; !err && at < bytes.n; at += n)
		err = event_stream_feed(&s, str_sub(bytes, at, at + n < bytes.n ? at + n : bytes.n),
			note, out, NULL);
	buf_printf(out, "%d %d", err != E_OK, !err && event_stream_is_cut(&s));
	event_stream_release(&s);
	return err;
}

/* The checksums made to fit, so that what stands between them is read, too. */
static void check_repaired(str bytes, size_t cut)
{
	size_t headers_n = bytes.n / 2, total = bytes.n + EVENT_STREAM_FRAME;
	struct buf b, whole, pieces;

	buf_init(&b, LIMIT_INPUT);
	buf_init(&whole, LIMIT_INPUT);
	buf_init(&pieces, LIMIT_INPUT);
	event_stream_write(&b, NULL, 0, bytes);
	ASSERT(b.n == total);
	/* The first half of the payload as headers. */
	b.p[6] = (char)(headers_n >> 8);
	b.p[7] = (char)headers_n;
	b.p[5] = (char)(headers_n >> 16);
	for (int i = 0; i < 2; i++) {
		size_t end = i ? total - 4 : 8;
		uint32_t crc = event_stream_crc(0, (str){b.p, end});

		for (int k = 0; k < 4; k++)
			b.p[end + (size_t)k] = (char)(crc >> (24 - 8 * k));
	}
	ASSERT(split(buf_str(&b), total, &whole) == split(buf_str(&b), cut, &pieces));
	ASSERT(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_release(&b);
	buf_release(&whole);
	buf_release(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf whole, cut;
	str bytes;

	if (!n || n > 1 << 20)
		return 0;
	bytes = (str){(const char *)data + 1, n - 1};
	buf_init(&whole, LIMIT_INPUT);
	buf_init(&cut, LIMIT_INPUT);
	ASSERT(split(bytes, n, &whole) == split(bytes, 1 + data[0] % 16U, &cut));
	ASSERT(str_eq(buf_str(&whole), buf_str(&cut)));
	buf_release(&whole);
	buf_release(&cut);
	check_repaired(bytes, 1 + data[0] % 16U);
	return 0;
}
