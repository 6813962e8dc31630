#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/wire/sse.h"
#include "tests/unit/random_text.h"

/* Events as "name=data;" one behind the other. */
static void note_event(void *self, str event, str data)
{
	struct buf *b = self;

	buf_add(b, event);
	buf_add_byte(b, '=');
	buf_add(b, data);
	buf_add_byte(b, ';');
}

/* Feeds a stream in pieces of n bytes, each on the heap, so that a slice kept too long is seen. */
static void split(str stream, size_t n, size_t max, struct buf *out, uint64_t *skipped)
{
	struct sse s;

	sse_init(&s, max);
	for (size_t at = 0; at < stream.n; at += n) {
		str piece = str_sub(stream, at, at + n < stream.n ? at + n : stream.n);
		char *copy = mem_alloc(piece.n);

		assert_non_null(copy);
		memcpy(copy, piece.p, piece.n);
		sse_feed(&s, (str){copy, piece.n}, note_event, out);
		mem_free(copy);
	}
	sse_finish(&s, note_event, out);
	*skipped = s.skipped_count;
	sse_release(&s);
}

static void assert_events(str stream, size_t max, const char *want, uint64_t want_skipped)
{
	for (size_t n = 1; n <= stream.n; n++) {
		struct buf out;
		uint64_t skipped;

		buf_init(&out, LIMIT_INPUT);
		split(stream, n, max, &out, &skipped);
		if (!str_eq_c(buf_str(&out), want) || skipped != want_skipped)
			fail_msg("in pieces of %zu: " STR_FMT ", %d left out", n,
				STR_ARG(buf_str(&out)), (int)skipped);
		buf_release(&out);
	}
}

static void streams_are_split_into_events(void **state)
{
	static const struct {
		const char *stream, *want;
	} CASES[] = {
		{"data: a\n\n", "=a;"},
		{"event: e\ndata: a\n\nevent: f\ndata: b\n\n", "e=a;f=b;"},
		{"data: a\n\ndata: b\n\n", "=a;=b;"},
		/* line ends, mixed */
		{"event: e\r\ndata: a\r\n\r\ndata: b\r\n\r\n", "e=a;=b;"},
		{"event: e\rdata: a\r\rdata: b\r\r", "e=a;=b;"},
		{"event: e\rdata: a\n\r\ndata: b\r\n\n", "e=a;=b;"},
		/* several data lines, empty ones too */
		{"data: a\ndata: b\nevent: e\ndata: c\n\n", "e=a\nb\nc;"},
		{"data\n\n", "=;"},
		{"data:\n\n", "=;"},
		{"data\ndata\n\n", "=\n;"},
		{"data:\ndata: x\n\n", "=\nx;"},
		/* one space is taken off, and only one, and only a space */
		{"data:a\n\ndata:  a\n\ndata:\ta\n\n", "=a;= a;=\ta;"},
		{"event:e\nevent: f\ndata: a:b\n\n", "f=a:b;"},
		/* comments, other fields, what is no field */
		{": ping\n\n:\n\n", ""},
		{":\ndata: a\n: b\n\n", "=a;"},
		{"id: 1\nretry: 10\ndata: a\n\n", "=a;"},
		{"Data: a\n\ndata : b\n\n data: c\n\ndatax: d\n\n", ""},
		/* an event without data is none, and its name is forgotten */
		{"event: e\n\ndata: a\n\n", "=a;"},
		{"\n\n\ndata: a\n\n\n\n", "=a;"},
		/* a byte order mark, at the start only */
		{"\xEF\xBB\xBF"
		 "data: a\n\n",
			"=a;"},
		{"\xEF\xBB\xBF\n\xEF\xBB\xBF"
		 "data: a\n\n",
			""},
		{"data: \xEF\xBB\xBF\n\n", "=\xEF\xBB\xBF;"},
		/* cut off */
		{"data: a\n\nevent: e\ndata: b\n", "=a;e=b;"},
		{"data: a\n\nevent: e\ndata: b", "=a;e=b;"},
		{"data: a\r\n\r\nevent: e\r\ndata: b\r", "=a;e=b;"},
		{"data: a\n\nevent: e", "=a;"},
		{"d", ""},
		{"data", "=;"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++)
		assert_events(str_from(CASES[i].stream), LIMIT_INPUT, CASES[i].want, 0);
}

static void events_too_large_are_left_out_and_counted(void **state)
{
	static const struct {
		const char *stream, *want;
		uint64_t skipped;
	} CASES[] = {
		/* 12 bytes are allowed, of a line and of the data */
		{"data: 123456\n\ndata: 1234567\n\ndata: x\n\n", "=123456;=x;", 1},
		{"data:1234\ndata:5678\ndata:9a\n\ndata:1234\ndata:5678\ndata:9ab\n\n",
			"=1234\n5678\n9a;", 1},
		{"event: e\n: 0123456789ab\ndata: a\ndata: b\n\ndata: x\n\n", "=x;", 1},
		{"event: 123456789\ndata: a\n\nevent: e\ndata: b\n\n", "e=b;", 1},
		{"data: a\n\ndata: 0123456789", "=a;", 1},
		{"data: 0123456789\ndata: 0123456789\n", "", 1},
		{"data: 0123456789\n\n\xEF\xBB\xBF"
		 "data: a\n\n",
			"", 1},
		{"data: 0123456789\rdata: 0123456789\r\rdata: x\r\r", "=x;", 1},
		{"data: 0123456789\r\n\r\ndata: 0123456789\r\n\r\ndata: x\r\n\r\n", "=x;", 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++)
		assert_events(str_from(CASES[i].stream), 12, CASES[i].want, CASES[i].skipped);
}

static void long_names_are_cut(void **state)
{
	struct buf stream, want;

	(void)state;
	buf_init(&stream, LIMIT_INPUT);
	buf_init(&want, LIMIT_INPUT);
	buf_add_c(&stream, "event: ");
	for (unsigned i = 0; i < SSE_NAME_MAX + 9; i++)
		buf_add_byte(&stream, 'e');
	buf_add(&want, str_sub(buf_str(&stream), 7, 7 + SSE_NAME_MAX));
	buf_add_c(&stream, "\ndata: a\n\n");
	buf_add_c(&want, "=a;");
	buf_add_byte(&want, '\0');
	assert_events(buf_str(&stream), LIMIT_INPUT, want.p, 0);
	buf_release(&stream);
	buf_release(&want);
}

struct note_place {
	str bytes;
	unsigned n;
};

static void expect_slice(void *self, str event, str data)
{
	struct note_place *at = self;

	assert_in_range(
		(uintptr_t)event.p, (uintptr_t)at->bytes.p, (uintptr_t)at->bytes.p + at->bytes.n);
	assert_in_range(
		(uintptr_t)data.p, (uintptr_t)at->bytes.p, (uintptr_t)at->bytes.p + at->bytes.n);
	at->n++;
}

static void whole_events_are_not_copied(void **state)
{
	struct note_place at = {STR("event: e\ndata: a\n\nevent: f\r\ndata: b\r\n\r\n"), 0};
	struct sse s;

	(void)state;
	sse_init(&s, LIMIT_SSE_EVENT);
	sse_feed(&s, at.bytes, expect_slice, &at);
	assert_int_equal(at.n, 2);
	assert_null(s.line.p);
	assert_null(s.data.p);
	sse_release(&s);
}

static void short_memory_leaves_the_event_out(void **state)
{
	struct buf out;
	struct sse s;

	(void)state;
	buf_init(&out, 100);
	buf_add_byte(&out, ';'); /* so that it need not grow */
	sse_init(&s, LIMIT_SSE_EVENT);
	mem_fail_after(1);
	sse_feed(&s, STR("data: first half of it, which must be ke"), note_event, &out);
	assert_true(mem_failed());
	mem_fail_after(0);
	sse_feed(&s, STR("pt\n\ndata: b\n\n"), note_event, &out);
	sse_finish(&s, note_event, &out);
	assert_true(str_eq_c(buf_str(&out), ";=b;"));
	assert_int_equal(s.skipped_count, 1);
	assert_int_equal(s.event_count, 1);
	sse_release(&s);
	buf_release(&out);
}

/* The same by the standard's words, over the whole stream at once: all line ends become newlines, and a blank
 * line ends what is left. */
static void split_simply(str stream, struct buf *out)
{
	struct buf text, data, name;
	str rest, line;
	bool has_data = false, has_eol;

	buf_init(&text, LIMIT_INPUT);
	buf_init(&data, LIMIT_INPUT);
	buf_init(&name, LIMIT_INPUT);
	(void)str_take(&stream, STR("\xEF\xBB\xBF"));
	for (size_t i = 0; i < stream.n; i++) {
		bool is_crlf = stream.p[i] == '\n' && i && stream.p[i - 1] == '\r';

		if (!is_crlf)
			buf_add_byte(&text, stream.p[i] == '\r' ? '\n' : stream.p[i]);
	}
	buf_add_c(&text, "\n\n");
	rest = buf_str(&text);
	while (str_next_line(&rest, &line, &has_eol)) {
		size_t colon = str_find_byte(line, ':');
		str value = colon == STR_NONE ? STR_NULL : str_sub(line, colon + 1, line.n);

		(void)str_take(&value, STR(" "));
		if (!line.n) {
			if (has_data)
				note_event(out, buf_str(&name), buf_str(&data));
			buf_reset(&name);
			buf_reset(&data);
			has_data = false;
		}
		line.n = colon == STR_NONE ? line.n : colon;
		if (str_eq_c(line, "data")) {
			if (has_data)
				buf_add_byte(&data, '\n');
			buf_add(&data, value);
			has_data = true;
		} else if (str_eq_c(line, "event")) {
			buf_reset(&name);
			buf_add(&name, value);
		}
	}
	buf_release(&text);
	buf_release(&data);
	buf_release(&name);
}

static void random_streams_are_split_by_the_standard(void **state)
{
	static const char *const PARTS[] = {"data", "event", "data: ", "data:x", "event: y",
		"id: 1", ":", " ", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "\r\r", "{}",
		"\xEF\xBB\xBF", "\xEF"};

	(void)state;
	for (uint64_t seed = 1; seed <= 4000; seed++) {
		struct rng r = rng_new(seed);
		struct buf stream, got, want;
		uint64_t skipped;

		buf_init(&stream, LIMIT_INPUT);
		buf_init(&got, LIMIT_INPUT);
		buf_init(&want, LIMIT_INPUT);
		buf_add_byte(&got, ';');
		buf_add_byte(&want, ';');
		for (uint32_t n = 1 + rng_below(&r, 40); n; n--)
			buf_add_c(&stream, RNG_PICK(&r, PARTS));
		split(buf_str(&stream), 1 + rng_below(&r, 20), LIMIT_INPUT, &got, &skipped);
		split_simply(buf_str(&stream), &want);
		if (!str_eq(buf_str(&got), buf_str(&want)))
			fail_msg("seed %d: " STR_FMT " is not " STR_FMT, (int)seed,
				STR_ARG(buf_str(&got)), STR_ARG(buf_str(&want)));
		buf_release(&stream);
		buf_release(&got);
		buf_release(&want);
	}
}

/* A megabyte of the shortest lines, in one piece: time is linear in it, with every kind of line end. */
static void short_lines_take_linear_time(void **state)
{
	static const char *const ENDS[] = {"\n", "\r", "\r\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(ENDS); i++) {
		struct buf stream, out;
		uint64_t skipped;

		buf_init(&stream, LIMIT_INPUT);
		buf_init(&out, LIMIT_INPUT);
		while (stream.n < 1 << 20) {
			buf_add_c(&stream, ":");
			buf_add_c(&stream, ENDS[i]);
		}
		buf_add_c(&stream, "data: a");
		split(buf_str(&stream), stream.n, LIMIT_INPUT, &out, &skipped);
		assert_true(str_eq_c(buf_str(&out), "=a;"));
		buf_release(&stream);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_are_split_into_events),
		cmocka_unit_test(events_too_large_are_left_out_and_counted),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(whole_events_are_not_copied),
		cmocka_unit_test(short_memory_leaves_the_event_out),
		cmocka_unit_test(random_streams_are_split_by_the_standard),
		cmocka_unit_test(short_lines_take_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
