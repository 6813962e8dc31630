/* Any answer, of every format and form, in one piece and cut: the same is read, and its texts end. Where it is JSON
 * and says its input as Anthropic does, a full scan finds the same figure. */
#include "core/base/check.h"
#include "core/wire/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct usage read_in_pieces(enum wire_format f, enum answer_form form, str answer, size_t n)
{
	struct usage_reader *r = usage_reader_new(f, form);
	struct usage u;

	ASSERT(r);
	for (size_t at = 0; at < answer.n; at += n)
		usage_reader_feed(r, str_sub(answer, at, at + n < answer.n ? at + n : answer.n));
	u = *usage_reader_finish(r);
	usage_reader_free(r);
	ASSERT(memchr(u.model, 0, sizeof u.model) && memchr(u.response_id, 0, sizeof u.model));
	ASSERT(memchr(u.stop_reason, 0, sizeof u.stop_reason));
	ASSERT(memchr(u.error_type, 0, sizeof u.error_type));
	return u;
}

static void check_by_scan(str answer, const struct usage *u)
{
	struct arena a = ARENA_INIT;
	struct json_tape t;
	uint32_t usage, input;
	uint64_t n;

	if (json_scan(&a, answer, &t, NULL) == E_OK) {
		ASSERT(u->is_complete ==
			(json_is(&t, 0, JSON_OBJECT) || json_is(&t, 0, JSON_ARRAY)));
		usage = json_is(&t, 0, JSON_OBJECT) && t.v[0].n == 1 ? json_member(&t, 0, "usage")
								     : JSON_ABSENT;
		input = usage != JSON_ABSENT && json_is(&t, usage, JSON_OBJECT) && t.v[usage].n == 1
				? json_member(&t, usage, "input_tokens")
				: JSON_ABSENT;
		if (input != JSON_ABSENT && json_u64(&t, input, &n) &&
			!memchr(answer.p, '\\', answer.n))
			ASSERT(u->has_input && u->input == n);
	}
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str answer;

	if (!n)
		return 0;
	answer = (str){(const char *)data + 1, n - 1};
	for (enum wire_format f = WIRE_NONE; f < WIRE_FORMAT_N; f++) {
		for (enum answer_form form = ANSWER_JSON; form <= ANSWER_OTHER; form++) {
			struct usage whole = read_in_pieces(f, form, answer, n);
			struct usage cut = read_in_pieces(f, form, answer, 1 + data[0] % 16U);

			ASSERT(whole.input == cut.input && whole.output == cut.output);
			ASSERT(whole.cache_read == cut.cache_read);
			ASSERT(whole.is_complete == cut.is_complete);
			ASSERT(strcmp(whole.model, cut.model) == 0);
			ASSERT(strcmp(whole.stop_reason, cut.stop_reason) == 0);
			if (form == ANSWER_JSON)
				check_by_scan(answer, &whole);
		}
	}
	return 0;
}
