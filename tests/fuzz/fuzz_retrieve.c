/* Any bytes as what is asked of an original: a line of lines, one of rows, one of words, and behind them the original. What is shown
 * is bounded; read on by the offsets that it names it is the whole original; without a wish it is the original. */
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/retrieve/retrieve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Of an answer: its head lines and the line that says how to get on. */
enum { AROUND_MAX = 4096, STEPS_MAX = 64 };

static void check_whole(str original)
{
	const struct retrieve_want all = {.hash = STR("0123456789abcdef01234567")};
	struct buf out;

	buf_init(&out, LIMIT_INPUT);
	ASSERT(retrieve_bytes(&all, original, &out, NULL) == E_OK);
	ASSERT(str_eq(buf_str(&out), original));
	buf_release(&out);
}

/* Where the answer says that it goes on; 0: it does not. */
static uint64_t next_of(str answer)
{
	static const char cut[] = "[cut here; next: offset ";
	size_t at = STR_NONE, from = 0, found;
	uint64_t v = 0;

	while ((found = str_find(str_sub(answer, from, answer.n), STR(cut))) != STR_NONE) {
		at = from + found;
		from = at + 1;
	}
	if (at == STR_NONE)
		return 0;
	for (size_t i = at + sizeof cut - 1;
		i < answer.n && answer.p[i] >= '0' && answer.p[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(answer.p[i] - '0');
	return v;
}

static void check_want(struct retrieve_want want, str original)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		struct arena a = ARENA_INIT;
		struct buf out;
		uint64_t next = 0;
		enum err err;

		buf_init(&out, LIMIT_INPUT);
		err = retrieve_answer(&want, original, &a, &out, NULL);
		ASSERT(err == E_OK || err == E_USAGE || err == E_NOT_FOUND);
		if (!err) {
			ASSERT(out.n <= RETRIEVE_ANSWER_MAX + AROUND_MAX);
			next = next_of(buf_str(&out));
		}
		buf_release(&out);
		arena_release(&a);
		if (next <= want.offset)
			return;
		want.offset = next;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str all = {(const char *)data, n}, lines = STR_NULL, rows = STR_NULL, query = STR_NULL;
	struct buf out;

	check_whole(all);
	if (!str_next_line(&all, &lines, NULL) || !str_next_line(&all, &rows, NULL) ||
		!str_next_line(&all, &query, NULL))
		return 0;
	{
		struct retrieve_want want = {.hash = STR("0123456789abcdef01234567"),
			.lines = lines,
			.rows = rows,
			.query = query,
			.limit = query.n % 3};

		check_want(want, all);
		want.query = STR_NULL;
		want.limit = 0;
		check_want(want, all);
		buf_init(&out, LIMIT_INPUT);
		if (retrieve_bytes(&want, all, &out, NULL) == E_OK)
			ASSERT(out.n <= all.n + AROUND_MAX || want.lines.n > 2);
		buf_release(&out);
	}
	return 0;
}
