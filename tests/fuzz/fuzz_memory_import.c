/* Any bytes as a file of memories: what is read is written as JSON Lines and read again as the same number of memories; a
 * question of the same bytes finds no more of them than it may; and what they are about is about itself. */
#include "core/base/check.h"
#include "core/memory/embed.h"
#include "core/memory/exchange.h"
#include "core/memory/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_again(const struct memory_read *in, struct arena *a)
{
	struct memory_read again;
	struct buf out;

	buf_init_arena(&out, a, LIMIT_INPUT);
	ASSERT(memory_write_all(MEMORY_AS_JSONL, in->v.v, in->v.n, &out, NULL) == E_OK);
	ASSERT(memory_read_all(buf_str(&out), STR("u"), a, &again, NULL) == E_OK);
	ASSERT(again.v.n == in->v.n && !again.bad_n);
	for (size_t i = 0; i < in->v.n; i++) {
		ASSERT(again.v.v[i].text[MEMORY_ID].n == in->v.v[i].text[MEMORY_ID].n);
		ASSERT(again.v.v[i].at[MEMORY_CREATED] == in->v.v[i].at[MEMORY_CREATED]);
	}
}

static void ask(const struct memory_read *in, str question, struct arena *a)
{
	struct memory_set set = {.v = in->v.v, .n = in->v.n};
	struct memory_search s = {.query = {.text = question, .limit = 3, .now_ms = 1700000000000},
		.tokens_max = 100};
	struct memory_found *found;
	size_t n = memory_search(&set, &s, a, &found), tokens = 0;

	ASSERT(n <= 3);
	for (size_t i = 0; i < n; i++) {
		ASSERT(i == 0 || found[i].score <= found[i - 1].score);
		tokens += found[i].tokens;
	}
	ASSERT(tokens <= 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct memory_read in;
	str text = {(const char *)data, n};
	char v[EMBED_BYTES];

	if (embed_text(text, v))
		ASSERT(vector_cosine((str){v, sizeof v}, (str){v, sizeof v}) > 0.99f);
	if (memory_read_all(text, STR("u"), &a, &in, NULL) == E_OK) {
		read_again(&in, &a);
		ask(&in, text, &a);
	}
	arena_release(&a);
	return 0;
}
