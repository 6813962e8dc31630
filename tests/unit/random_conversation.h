/* random_conversation: requests of Anthropic's dialect made of a seed and nothing else, with texts that are numbered, and where
 * the history of a request ends. For property tests of core/translate. */
#ifndef TESTS_UNIT_RANDOM_CONVERSATION_H
#define TESTS_UNIT_RANDOM_CONVERSATION_H

#include "tests/unit/random_text.h"
#include "tests/unit/translate_help.h"

#define SCHEMA "{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\"}}}"

static inline void add_random_text(struct rng *r, struct buf *b, unsigned *marks)
{
	static const char *const texts[] = {"plain", "a \\\"quoted\\\" one", "two\\nlines",
		"gr\\u00fc\\u00dfe", "\\ud83d\\ude00", "\\\\", "{\\\"a\\\":1}", "tab\\t"};

	buf_printf(b, "\"<%u>%s\"", (*marks)++, RNG_PICK(r, texts));
}

static inline void add_random_turn(
	struct rng *r, struct buf *b, unsigned turn, bool has_siblings, unsigned *marks)
{
	unsigned calls = rng_below(r, 4);

	buf_add_c(b, ",{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":");
	add_random_text(r, b, marks);
	buf_add_byte(b, '}');
	for (unsigned i = 0; i < calls; i++) {
		buf_printf(b,
			",{\"type\":\"tool_use\",\"id\":\"t%u_%u\",\"name\":\"f%u\",\"input\":{"
			"\"a\":",
			turn, i, rng_below(r, 3));
		add_random_text(r, b, marks);
		buf_printf(b, ",\"n\":%u.50}}", rng_below(r, 100));
	}
	buf_add_c(b, "]},{\"role\":\"user\",\"content\":[");
	for (unsigned i = 0; i < calls; i++) {
		buf_printf(b, "%s{\"type\":\"tool_result\",\"tool_use_id\":\"t%u_%u\",\"content\":",
			i ? "," : "", turn, i);
		add_random_text(r, b, marks);
		buf_printf(b, "%s}", rng_once_in(r, 4) ? ",\"is_error\":true" : "");
	}
	if (!calls || (has_siblings && rng_once_in(r, 3))) {
		buf_printf(b, "%s{\"type\":\"text\",\"text\":", calls ? "," : "");
		add_random_text(r, b, marks);
		buf_add_byte(b, '}');
	}
	buf_add_c(b, "]}");
}

/* As write_anthropic.c spells it, so that there and back is the same, byte for byte. */
static inline str random_conversation(
	struct arena *a, uint64_t seed, unsigned turns, unsigned *marks)
{
	struct rng r = rng_new(seed);
	struct buf b;

	buf_init_arena(&b, a, TRANSLATE_MAX);
	buf_add_c(&b, "{\"model\":\"claude-opus-4-8\",\"max_tokens\":100,\"tools\":[");
	for (unsigned i = 0; i < 3; i++)
		buf_printf(&b,
			"%s{\"name\":\"f%u\",\"description\":\"d\",\"input_schema\":" SCHEMA "}",
			i ? "," : "", i);
	buf_add_c(&b,
		"],\"tool_choice\":{\"type\":\"any\"},\"system\":[{\"type\":\"text\",\"text\":");
	add_random_text(&r, &b, marks);
	buf_add_c(&b,
		"}],\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":");
	add_random_text(&r, &b, marks);
	buf_add_c(&b, "}]}");
	for (unsigned i = 0; i < turns; i++)
		add_random_turn(&r, &b, i, seed % 2, marks);
	buf_add_c(&b, "],\"temperature\":0.50,\"stop_sequences\":[\"END\"],\"stream\":true}");
	return buf_str(&b);
}

/* Where the history ends in a body of that dialect. */
static inline size_t history_end(struct arena *a, enum wire_format f, str body)
{
	static const char *const lists[WIRE_FORMAT_N] = {
		NULL, "messages", "messages", "input", "contents"};
	struct json_tape t;

	assert_int_equal(json_scan(a, body, &t, NULL), E_OK);
	return t.v[json_member(&t, 0, lists[f])].end - 1;
}

#endif
