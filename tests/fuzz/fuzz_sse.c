/* Any stream of events, in one piece and cut as its first byte says: the same events come out, none is larger than
 * allowed, and those of the whole piece point into it. */
#include "core/base/check.h"
#include "core/wire/sse.h"

enum { EVENT_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void note_event(void *self, str event, str data)
{
	struct buf *b = self;

	ASSERT(event.n <= SSE_NAME_MAX && data.n <= EVENT_MAX);
	buf_add(b, event);
	buf_add_byte(b, '\0');
	buf_add(b, data);
	buf_add_byte(b, '\0');
}

static void split(str stream, size_t n, struct buf *out)
{
	struct sse s;

	sse_init(&s, EVENT_MAX);
	for (size_t at = 0; at < stream.n; at += n)
		sse_feed(&s, str_sub(stream, at, at + n < stream.n ? at + n : stream.n), note_event,
			out);
	sse_finish(&s, note_event, out);
	buf_printf(out, "%d %d", (int)s.event_count, (int)s.skipped_count);
	sse_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf whole, cut;
	str stream;

	if (!n)
		return 0;
	stream = (str){(const char *)data + 1, n - 1};
	buf_init(&whole, LIMIT_INPUT);
	buf_init(&cut, LIMIT_INPUT);
	split(stream, n, &whole);
	split(stream, 1 + data[0] % 16U, &cut);
	ASSERT(str_eq(buf_str(&whole), buf_str(&cut)));
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
