/* Any bytes, as text and as the inside of a literal: writing text as a JSON string and reading it back gives the
 * same text; what is refused as text is not UTF-8 or holds a lone surrogate. */
#include "core/base/buf.h"
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/json/scan.h"
#include "core/json/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What buf_add_json_string makes of text scans as one string and reads as text. */
static void check_round_trip(str text, struct arena *a)
{
	struct json_tape t;
	struct buf b;
	str again;
	bool is_utf8 = utf8_valid_n(text) == text.n;

	buf_init(&b, LIMIT_INPUT);
	buf_add_json_string(&b, text);
	ASSERT(!b.err && json_scan(a, buf_str(&b), &t, NULL) == E_OK);
	ASSERT(t.n == 1 && json_is(&t, 0, JSON_STRING));
	ASSERT(t.notes == (is_utf8 ? 0 : JSON_NOTE_INVALID_UTF8));
	ASSERT(json_unescape(buf_str(&b), a, &again) == is_utf8);
	ASSERT(!is_utf8 || str_eq(again, text));
	ASSERT(json_string(&t, 0, a, &again) == is_utf8);
	ASSERT(!is_utf8 || str_eq(again, text));
	buf_release(&b);
}

/* The writer's string is always text, and the same where it was text before. */
static void check_writer(str text, struct arena *a)
{
	struct json_writer w;
	struct json_tape t;
	struct buf b;
	str again;

	buf_init(&b, LIMIT_INPUT);
	json_write_init(&w, &b, false);
	json_write_str(&w, NULL, text);
	ASSERT(!b.err && json_scan(a, buf_str(&b), &t, NULL) == E_OK && !t.notes);
	ASSERT(json_string(&t, 0, a, &again));
	ASSERT(utf8_valid_n(text) != text.n || str_eq(again, text));
	buf_release(&b);
}

static void check_literal(str inside, struct arena *a)
{
	struct json_tape t;
	struct buf b;
	str text;
	bool is_text;

	buf_init(&b, LIMIT_INPUT);
	buf_add_byte(&b, '"');
	buf_add(&b, inside);
	buf_add_byte(&b, '"');
	if (json_scan(a, buf_str(&b), &t, NULL) == E_OK) {
		is_text = json_unescape(buf_str(&b), a, &text);
		ASSERT(is_text == !t.notes);
		ASSERT(json_inside_cmp(inside, inside, true) == 0);
		if (is_text) {
			ASSERT(json_inside_cmp(inside, text, false) == 0);
			check_round_trip(text, a);
		}
	}
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	str input = {(const char *)data, n};

	check_round_trip(input, &a);
	check_writer(input, &a);
	check_literal(input, &a);
	arena_release(&a);
	return 0;
}
