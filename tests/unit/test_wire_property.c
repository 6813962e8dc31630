#include "tests/unit/wire_help.h"

/* Random documents made of the words of all formats: mostly as they should be, sometimes not. */

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static const char *pick(uint32_t *seed, const char *const *words, size_t n)
{
	return words[next_random(seed) % n];
}
#define PICK(seed, words) pick((seed), (words), ARRAY_N(words))

static const char *const ROLES[] = {
	"user", "assistant", "system", "tool", "model", "developer", "zz"};
static const char *const TYPES[] = {"text", "tool_use", "tool_result", "input_text", "output_text",
	"message", "function_call", "function_call_output", "shell_call_output", "image", "zz"};
static const char *const IDS[] = {"id", "tool_use_id", "tool_call_id", "call_id"};
static const char *const LISTS[] = {"parts", "output", "tool_calls"};
static const char *const OBJECTS[] = {"function", "custom", "functionCall", "functionResponse",
	"response", "args", "input", "function_call", "action", "cache_control"};
static const char *const OTHERS[] = {"te\\u0078t", "name", "arguments", "input", "stdout", "stderr",
	"error", "refusal", "is_error", "thought", "reasoning_content"};
static const char *const VALUES[] = {
	"\"x\"", "\"\"", "\"\\ud800\"", "\"\\n\"", "true", "null", "7"};

static void add_list(struct buf *b, uint32_t *seed, unsigned depth);

/* An object with a role, a type, an id and up to three more members; deeper ones have fewer of them. */
static void add_object(struct buf *b, uint32_t *seed, unsigned depth)
{
	buf_printf(b, "{\"role\":\"%s\",\"%s\":\"t%u\"", PICK(seed, ROLES), PICK(seed, IDS),
		next_random(seed) % 3);
	if (next_random(seed) % 4)
		buf_printf(b, ",\"type\":\"%s\"", PICK(seed, TYPES));
	if (next_random(seed) % 2)
		buf_printf(b, ",\"text\":%s", PICK(seed, VALUES));
	if (next_random(seed) % 2) {
		buf_printf(b, ",\"content\":");
		add_list(b, seed, depth ? depth - 1 : 0);
	}
	for (uint32_t n = depth ? next_random(seed) % 4 : 0; n; n--) {
		uint32_t what = next_random(seed) % 4;

		if (what < 2) {
			buf_printf(b, ",\"%s\":", PICK(seed, LISTS));
			add_list(b, seed, depth - 1);
		} else if (what == 2) {
			buf_printf(b, ",\"%s\":", PICK(seed, OBJECTS));
			add_object(b, seed, depth - 1);
		} else {
			buf_printf(b, ",\"%s\":%s", PICK(seed, OTHERS), PICK(seed, VALUES));
		}
	}
	buf_add_byte(b, '}');
}

static void add_list(struct buf *b, uint32_t *seed, unsigned depth)
{
	uint32_t n = next_random(seed) % 4;

	if (!n || !depth) {
		buf_add_c(b, PICK(seed, VALUES));
		return;
	}
	buf_add_byte(b, '[');
	while (n--) {
		add_object(b, seed, depth);
		buf_add_c(b, n ? "," : "]");
	}
}

static void add_body(struct buf *b, uint32_t *seed)
{
	static const char *const MEMBERS[] = {"messages", "input", "contents", "system", "tools"};

	for (size_t i = 0; i < ARRAY_N(MEMBERS); i++) {
		buf_printf(b, "%s\"%s\":[", i ? "," : "{", MEMBERS[i]);
		for (uint32_t n = next_random(seed) % 6; n; n--) {
			add_object(b, seed, 3);
			buf_add_c(b, n > 1 ? "," : "");
		}
		buf_add_byte(b, ']');
	}
	buf_add_byte(b, '}');
}

static void assert_calls_are_sound(const struct wire_doc *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		const struct wire_block *b = &d->blocks[i];

		if (b->call == WIRE_NO_CALL)
			continue;
		assert_int_equal(b->kind, WIRE_TOOL_RESULT);
		assert_true(b->call < d->n && d->blocks[b->call].kind == WIRE_TOOL_CALL);
		assert_true(str_eq(b->call_id, d->blocks[b->call].call_id));
		assert_true(b->tool.n || !d->blocks[b->call].tool.n);
	}
}

static void spans_are_disjoint_ordered_and_within_their_message(void **state)
{
	uint32_t seed = 2463534242u;
	uint32_t blocks = 0, results = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct arena a = ARENA_INIT;
		struct json_tape t;
		struct buf b;

		buf_init_arena(&b, &a, LIMIT_INPUT);
		add_body(&b, &seed);
		t = scanned(&a, buf_str(&b));
		for (enum wire_format f = WIRE_NONE + 1; f < WIRE_FORMAT_N; f++) {
			struct wire_doc d;
			struct errctx cx = {0};

			assert_int_equal(wire_walk(&a, &t, f, &d, &cx), E_OK);
			assert_spans_are_sound(&d);
			assert_calls_are_sound(&d);
			blocks += d.n;
			for (uint32_t i = 0; i < d.n; i++)
				results += d.blocks[i].kind == WIRE_TOOL_RESULT;
		}
		arena_release(&a);
	}
	/* The generator is worth something. */
	assert_true(blocks > 20000);
	assert_true(results > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_disjoint_ordered_and_within_their_message),
	};

	return cmocka_run_group_tests_name("wire: properties", tests, NULL, NULL);
}
