/* A scan that goes on from a place gives what a scan of the whole gives: tape, notes, error and its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/json/scan.h"
#include "tests/unit/random_json.h"
#include "tests/unit/seeds.h"

struct outcome {
	enum err err;
	struct json_tape tape;
	struct errctx cx;
};

/* Scans doc from a place of before, whose first end bytes are the same; false: there is no place. */
static bool goes_on_alike(struct arena *a, const struct json_tape *before, str doc, size_t end)
{
	struct outcome whole = {0}, on = {0};
	struct json_place place;
	struct json_node *nodes;

	if (!json_place_find(before, (uint32_t)end, &place))
		return false;
	assert_true(place.at < end && place.nodes_n <= before->n);
	/* Nothing is read behind the nodes of the place, nor behind the document. */
	nodes = malloc(place.nodes_n * sizeof *nodes);
	memcpy(nodes, before->v, place.nodes_n * sizeof *nodes);
	whole.err = json_scan(a, doc, &whole.tape, &whole.cx);
	on.err = json_scan_on(a, doc, nodes, &place, &on.tape, &on.cx);
	free(nodes);
	assert_int_equal(on.err, whole.err);
	assert_string_equal(on.cx.text, whole.cx.text);
	if (whole.err)
		return true;
	assert_int_equal(on.tape.n, whole.tape.n);
	assert_int_equal(on.tape.notes, whole.tape.notes);
	assert_int_equal(on.tape.note_offset, whole.tape.note_offset);
	assert_memory_equal(on.tape.v, whole.tape.v, whole.tape.n * sizeof *whole.tape.v);
	return true;
}

/* Every byte of a document in turn becomes every one of these; and the document ends there. */
static void an_edit_at_any_byte(void **state)
{
	const str text = STR(" {\"a\" : [ ], \"m\":[1,{\"r\":\"u\",\"c\":[\"x\\n\",-2.5e3]} "
			     ",\"\\u00e9\xc3\xa9\",[true,null]\n], "
			     "\"z\":{\"k\":12},\"e\":false} ");
	static const char bytes[] = "0\"\\{}[],: e\n\x01\xff";
	struct arena a = ARENA_INIT;
	struct json_tape before;
	size_t n = 0;

	(void)state;
	assert_int_equal(json_scan(&a, text, &before, NULL), E_OK);
	for (size_t at = 0; at < text.n; at++) {
		for (size_t i = 0; i < sizeof bytes; i++) {
			struct arena b = ARENA_INIT;
			char *copy = malloc(text.n);
			str edited = {copy, i ? text.n : at};

			memcpy(copy, text.p, text.n);
			if (i)
				copy[at] = bytes[i - 1];
			for (size_t end = at; end && end + 9 > at; end--)
				n += goes_on_alike(&b, &before, (str){copy, edited.n}, end);
			free(copy);
			arena_release(&b);
		}
	}
	assert_true(n > 1000);
	arena_release(&a);
}

/* doc with something cut out and something of another put in. */
static str spliced(struct rng *r, str doc, str other, struct buf *out)
{
	size_t at = rng_below(r, (uint32_t)doc.n + 1), end = at, from, n;

	if (rng_once_in(r, 2))
		end += rng_below(r, 1 + (uint32_t)(doc.n - at < 200 ? doc.n - at : 200));
	from = rng_below(r, (uint32_t)other.n + 1);
	n = other.n - from < 100 ? other.n - from : 100;
	buf_add(out, str_sub(doc, 0, at));
	if (rng_once_in(r, 2))
		buf_add(out, str_sub(other, from, from + n));
	if (!rng_once_in(r, 8))
		buf_add(out, str_sub(doc, end, doc.n));
	return buf_str(out);
}

/* {"a":VALUE,"messages":[VALUE,...],"z":VALUE}, or any VALUE. */
static void add_document(struct rng *r, struct buf *b)
{
	if (rng_once_in(r, 3)) {
		add_json_value(r, b, 0);
		return;
	}
	buf_add_c(b, "{\"a\":");
	add_json_value(r, b, 4);
	buf_add_c(b, ",\"messages\": [");
	for (uint32_t i = 0, n = 1 + rng_below(r, 12); i < n; i++) {
		buf_add_c(b, i ? " , " : "");
		add_json_value(r, b, 3);
	}
	buf_add_c(b, "], \"z\":");
	add_json_value(r, b, 4);
	buf_add_c(b, "}\n");
}

static void random_edits(void **state)
{
	uint64_t seeds = seeds_or(3000), n = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct arena a = ARENA_INIT;
		struct rng r = rng_new(seed);
		struct json_tape before;
		struct buf doc, other, edited;
		size_t common;

		buf_init(&doc, LIMIT_INPUT);
		buf_init(&other, LIMIT_INPUT);
		buf_init(&edited, LIMIT_INPUT);
		add_document(&r, &doc);
		add_document(&r, &other);
		(void)spliced(&r, buf_str(&doc), buf_str(&other), &edited);
		common = str_common_prefix(buf_str(&doc), buf_str(&edited));
		if (json_scan(&a, buf_str(&doc), &before, NULL) == E_OK && !before.notes) {
			n += goes_on_alike(&a, &before, buf_str(&edited), common);
			n += goes_on_alike(
				&a, &before, buf_str(&edited), rng_below(&r, (uint32_t)common + 1));
		}
		buf_release(&doc);
		buf_release(&other);
		buf_release(&edited);
		arena_release(&a);
	}
	assert_true(n > seeds / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edit_at_any_byte),
		cmocka_unit_test(random_edits),
	};

	return cmocka_run_group_tests_name("scan: going on", tests, NULL, NULL);
}
