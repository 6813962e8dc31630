#include "core/wire/event_stream.h"

/* ---- CRC-32 -------------------------------------------------------------------------------------------- */

/* For half a byte each: the reversed polynomial 0xedb88320 shifted four times. */
static const uint32_t CRC_OF_NIBBLE[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
	0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8,
	0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

uint32_t event_stream_crc(uint32_t crc, str bytes)
{
	crc = ~crc;
	for (size_t i = 0; i < bytes.n; i++) {
		crc ^= (unsigned char)bytes.p[i];
		crc = CRC_OF_NIBBLE[crc & 15] ^ crc >> 4;
		crc = CRC_OF_NIBBLE[crc & 15] ^ crc >> 4;
	}
	return ~crc;
}

/* ---- numbers, most significant byte first -------------------------------------------------------------- */

static uint32_t read_u32(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void add_u32(struct buf *b, uint32_t v)
{
	buf_add(b, (str){(const char[]){(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v},
			   4});
}

/* ---- one message --------------------------------------------------------------------------------------- */

/* Bytes of a value by the type in front of it; -1: two bytes of length come first; -2: no such type. */
static int value_bytes(unsigned type)
{
	static const signed char bytes[] = {0, 0, 1, 2, 4, 8, -1, -1, 8, 16};

	return type < ARRAY_N(bytes) ? bytes[type] : -2;
}

enum { TYPE_STRING = 7 };

static void keep_header(struct event_stream_message *m, str name, str value)
{
	if (str_eq(name, STR(":message-type")))
		m->message_type = value;
	else if (str_eq(name, STR(":event-type")))
		m->event_type = value;
	else if (str_eq(name, STR(":exception-type")))
		m->exception_type = value;
	else if (str_eq(name, STR(":error-code")))
		m->error_code = value;
	else if (str_eq(name, STR(":error-message")))
		m->error_message = value;
}

static bool read_headers(str rest, struct event_stream_message *m)
{
	while (rest.n) {
		size_t name_n = (unsigned char)rest.p[0], value_n;
		unsigned type;
		str name;
		int n;

		if (!name_n || rest.n < 1 + name_n + 1)
			return false;
		name = str_sub(rest, 1, 1 + name_n);
		type = (unsigned char)rest.p[1 + name_n];
		rest = str_sub(rest, 2 + name_n, rest.n);
		n = value_bytes(type);
		if (n == -2)
			return false;
		value_n = (size_t)(n < 0 ? 0 : n);
		if (n == -1) {
			if (rest.n < 2)
				return false;
			value_n = (size_t)(unsigned char)rest.p[0] << 8 | (unsigned char)rest.p[1];
			rest = str_sub(rest, 2, rest.n);
		}
		if (rest.n < value_n)
			return false;
		if (type == TYPE_STRING)
			keep_header(m, name, str_sub(rest, 0, value_n));
		rest = str_sub(rest, value_n, rest.n);
	}
	return true;
}

/* The length of the message that begins here; 0: more bytes are needed to know. */
static enum err message_length(str s, size_t *out, struct errctx *cx)
{
	uint32_t total, headers;

	*out = 0;
	if (s.n < EVENT_STREAM_PRELUDE)
		return E_OK;
	total = read_u32(s.p);
	headers = read_u32(s.p + 4);
	if (event_stream_crc(0, str_sub(s, 0, 8)) != read_u32(s.p + 8))
		FAIL(cx, E_MALFORMED, "event stream: the checksum of a prelude does not fit");
	if (total < EVENT_STREAM_FRAME || total > EVENT_STREAM_MAX ||
		headers > EVENT_STREAM_HEADERS_MAX || headers > total - EVENT_STREAM_FRAME)
		FAIL(cx, E_MALFORMED, "event stream: a message of %u bytes with %u of headers",
			total, headers);
	*out = total;
	return E_OK;
}

/* A whole one. */
static enum err take_message(str s, event_stream_fn *fn, void *self, struct errctx *cx)
{
	struct event_stream_message m = {.payload = STR_NULL};
	size_t headers_end = EVENT_STREAM_PRELUDE + read_u32(s.p + 4);

	if (event_stream_crc(0, str_sub(s, 0, s.n - 4)) != read_u32(s.p + s.n - 4))
		FAIL(cx, E_MALFORMED, "event stream: the checksum of a message does not fit");
	if (!read_headers(str_sub(s, EVENT_STREAM_PRELUDE, headers_end), &m))
		FAIL(cx, E_MALFORMED, "event stream: headers that leave their place");
	m.payload = str_sub(s, headers_end, s.n - 4);
	fn(self, &m);
	return E_OK;
}

/* ---- the stream ---------------------------------------------------------------------------------------- */

void event_stream_init(struct event_stream *s)
{
	*s = (struct event_stream){.is_broken = false};
	buf_init(&s->held, EVENT_STREAM_MAX);
}

void event_stream_release(struct event_stream *s)
{
	buf_release(&s->held);
}

/* Adds to what is held as much as makes its prelude, or its message, whole. */
static enum err hold(struct event_stream *s, str *bytes, size_t upto, struct errctx *cx)
{
	size_t n = upto - s->held.n;

	n = n < bytes->n ? n : bytes->n;
	buf_add(&s->held, str_sub(*bytes, 0, n));
	*bytes = str_sub(*bytes, n, bytes->n);
	return s->held.err ? err_set(cx, s->held.err, "event stream: out of memory") : E_OK;
}

static enum err feed_held(
	struct event_stream *s, str *bytes, event_stream_fn *fn, void *self, struct errctx *cx)
{
	size_t length;

	if (s->held.n < EVENT_STREAM_PRELUDE)
		TRY(hold(s, bytes, EVENT_STREAM_PRELUDE, cx));
	TRY(message_length(buf_str(&s->held), &length, cx));
	if (!length)
		return E_OK;
	TRY(hold(s, bytes, length, cx));
	if (s->held.n < length)
		return E_OK;
	TRY(take_message(buf_str(&s->held), fn, self, cx));
	buf_reset(&s->held);
	return E_OK;
}

static enum err feed(
	struct event_stream *s, str bytes, event_stream_fn *fn, void *self, struct errctx *cx)
{
	while (bytes.n) {
		size_t length;

		if (s->held.n) {
			TRY(feed_held(s, &bytes, fn, self, cx));
			continue;
		}
		TRY(message_length(bytes, &length, cx));
		if (!length || length > bytes.n) {
			TRY(hold(s, &bytes, bytes.n, cx));
		} else {
			TRY(take_message(str_sub(bytes, 0, length), fn, self, cx));
			bytes = str_sub(bytes, length, bytes.n);
		}
	}
	return E_OK;
}

enum err event_stream_feed(
	struct event_stream *s, str bytes, event_stream_fn *fn, void *self, struct errctx *cx)
{
	enum err err;

	if (s->is_broken)
		FAIL(cx, E_MALFORMED, "event stream: broken before");
	err = feed(s, bytes, fn, self, cx);
	s->is_broken = err != E_OK;
	return err;
}

void event_stream_write(
	struct buf *out, const struct event_stream_header *headers, size_t n, str payload)
{
	size_t begin = out->n, headers_n = 0;

	for (size_t i = 0; i < n; i++)
		headers_n += 1 + headers[i].name.n + 3 + headers[i].value.n;
	if (!buf_reserve(out, headers_n + payload.n + EVENT_STREAM_FRAME))
		return;
	add_u32(out, (uint32_t)(headers_n + payload.n + EVENT_STREAM_FRAME));
	add_u32(out, (uint32_t)headers_n);
	add_u32(out, event_stream_crc(0, str_sub(buf_str(out), begin, out->n)));
	for (size_t i = 0; i < n; i++) {
		size_t value_n = headers[i].value.n;

		buf_add_byte(out, (char)headers[i].name.n);
		buf_add(out, headers[i].name);
		buf_add_byte(out, TYPE_STRING);
		buf_add_byte(out, (char)(value_n >> 8));
		buf_add_byte(out, (char)value_n);
		buf_add(out, headers[i].value);
	}
	buf_add(out, payload);
	add_u32(out, event_stream_crc(0, str_sub(buf_str(out), begin, out->n)));
}
