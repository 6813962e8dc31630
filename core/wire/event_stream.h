/* event_stream: AWS's binary framing of streamed answers (Smithy specification, "Amazon Event Stream"): a prelude of two lengths and
 * their CRC-32, headers, a payload, the CRC-32 of all that. Here it is read, however its bytes are cut into pieces, and written.
 * Owns: a buffer for a message that lies across pieces. Thread: one at a time. */
#ifndef CORE_WIRE_EVENT_STREAM_H
#define CORE_WIRE_EVENT_STREAM_H

#include "core/base/buf.h"

enum {
	EVENT_STREAM_PRELUDE = 12,
	EVENT_STREAM_FRAME =
		EVENT_STREAM_PRELUDE + 4, /* of a message without headers and payload */
	/* AWS allows 128 KiB of headers and 24 MiB of payload. */
	EVENT_STREAM_HEADERS_MAX = 128 << 10,
	EVENT_STREAM_MAX = 32 << 20,
};

/* One message: slices of what was fed, valid during the call. Headers whose value is no string are passed over. */
struct event_stream_message {
	str message_type;   /* :message-type: "event", "exception" or "error" */
	str event_type;     /* :event-type */
	str exception_type; /* :exception-type */
	str error_code;     /* :error-code */
	str error_message;  /* :error-message */
	str payload;
};

/* May not call functions of the same struct event_stream. */
typedef void event_stream_fn(void *self, const struct event_stream_message *m);

struct event_stream {
	struct buf held; /* the beginning of a message whose end has not come yet */
	bool is_broken;
};

void event_stream_init(struct event_stream *s);
void event_stream_release(struct event_stream *s);

/* Takes the next bytes and hands out the messages that end in them. E_MALFORMED: lengths that cannot be, a CRC that does not fit,
 * headers that leave their place: nothing behind it can be read, and every later call says the same. E_NOMEM. */
enum err event_stream_feed(struct event_stream *s, str bytes, event_stream_fn *fn, void *self,
	struct errctx *cx) MUST_CHECK;
/* Does a message lack its end? */
static inline bool event_stream_is_cut(const struct event_stream *s)
{
	return s->held.n > 0;
}

/* Appends a message with these headers, all of them strings. out's own error otherwise. */
struct event_stream_header {
	str name, value;
};
void event_stream_write(
	struct buf *out, const struct event_stream_header *headers, size_t n, str payload);

/* CRC-32 of IEEE 802.3, as zlib has it. */
uint32_t event_stream_crc(uint32_t crc, str bytes) PURE; /* begin with 0 */

#endif
