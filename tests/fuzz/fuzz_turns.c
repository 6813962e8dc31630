/* Any bytes as a whole recording of every kind: it loads, and what its requests are put together to is JSON. */
#include "core/base/check.h"
#include "core/transcript/turns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_session(const struct turn_session *s, struct arena *a)
{
	uint64_t bytes = 0;

	ASSERT(s->turns.n);
	for (size_t i = 0; i < s->turns.n && bytes < 1 << 20; i++) {
		const struct turn *t = &s->turns.v[i];
		struct json_tape tape;
		struct buf b;

		ASSERT(t->body.n || (t->start < t->end && t->end <= s->messages.n));
		buf_init_arena(&b, a, LIMIT_INPUT);
		turns_body(s, t, &b);
		bytes += b.n;
		ASSERT(b.err == E_OK && json_scan(a, buf_str(&b), &tape, NULL) == E_OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};

	for (enum transcript_kind k = TRANSCRIPT_NONE; k < TRANSCRIPT_KIND_N; k++) {
		struct arena a = ARENA_INIT, scratch = ARENA_INIT;
		struct turn_file f;

		if (turns_load(&a, &scratch, text, STR("x.jsonl"), k, &f, NULL) == E_OK) {
			for (size_t i = 0; i < f.sessions.n; i++)
				check_session(&f.sessions.v[i], &scratch);
		}
		arena_release(&a);
		arena_release(&scratch);
	}
	return 0;
}
