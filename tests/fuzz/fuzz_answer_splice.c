/* Any bytes as the rounds of an answer, of every format and form: cut as the first byte says the same comes out as in
 * one piece; without a call of ours the client's bytes are the provider's; what is kept is bounded; and what is
 * put together is JSON. Rounds are separated by a byte of 0xFF, which is no UTF-8. */
#include "core/base/check.h"
#include "core/json/scan.h"
#include "core/wire/answer_splice.h"

enum { HELD = 4096, HELD_MORE = 1 << 20, ROUNDS = 4, OUT = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct result {
	struct buf out, said;
	size_t held_max;
	enum err err;
	bool has_calls;
};

static bool is_ours(void *self, str name)
{
	bool *has_calls = self;
	bool is_own = str_eq(name, STR("headroom_retrieve")) || str_eq(name, STR("r"));

	*has_calls = *has_calls || is_own;
	return is_own;
}

/* Items of Responses stand in a list, which has no brackets yet. */
static void check_json(enum wire_format f, str text)
{
	struct arena a = ARENA_INIT;
	struct json_tape t;
	struct buf list;

	buf_init_arena(&list, &a, OUT);
	if (f == WIRE_OPENAI_RESPONSES)
		buf_add_byte(&list, '[');
	buf_add(&list, text);
	if (f == WIRE_OPENAI_RESPONSES)
		buf_add_byte(&list, ']');
	if (text.n)
		ASSERT(json_scan(&a, buf_str(&list), &t, NULL) == E_OK);
	arena_release(&a);
}

static bool end_round(struct answer_splice *s, enum wire_format f, struct result *r)
{
	enum round_end end = answer_splice_end_round(s, true, &r->out);
	size_t call_n;
	const struct own_call *calls = answer_splice_calls(s, &call_n);

	check_json(f, answer_splice_message(s));
	check_json(f, answer_splice_visible(s));
	ASSERT(answer_splice_message(s).n <= 2 * r->held_max + (64 << 10));
	ASSERT((end == ROUND_CONTINUE || end == ROUND_MIXED) == (call_n > 0));
	buf_printf(&r->said, "%d ", (int)end);
	for (size_t i = 0; i < call_n; i++) {
		buf_add(&r->said, calls[i].id);
		buf_add(&r->said, calls[i].name);
		buf_add(&r->said, calls[i].arguments);
	}
	buf_add(&r->said, answer_splice_message(s));
	buf_add(&r->said, answer_splice_visible(s));
	return end == ROUND_CONTINUE;
}

static void run(
	enum wire_format f, enum answer_form form, str bytes, size_t piece, struct result *r)
{
	struct answer_splice_conf conf = {.format = f,
		.form = form,
		.is_own = is_ours,
		.self = &r->has_calls,
		.held_max = r->held_max};
	struct answer_splice *s = answer_splice_new(&conf);
	bool is_open = true;
	str round;

	buf_init(&r->out, OUT);
	buf_init(&r->said, OUT);
	if (!s)
		return;
	for (int i = 0; i < ROUNDS && is_open && !r->err && str_split(&bytes, '\xFF', &round);
		i++) {
		for (size_t at = 0; at < round.n && !r->err; at += piece)
			r->err = answer_splice_feed(s,
				str_sub(round, at, at + piece < round.n ? at + piece : round.n),
				&r->out);
		is_open = end_round(s, f, r);
	}
	answer_splice_ping(s, &r->out);
	if (is_open && !r->err)
		r->err = answer_splice_close(s, STR("a \"note\""), &r->out);
	ASSERT(r->err == E_OK || r->err == E_TOO_BIG);
	answer_splice_free(s);
}

static void release(struct result *r)
{
	buf_release(&r->out);
	buf_release(&r->said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str bytes, first;

	if (!n)
		return 0;
	bytes = (str){(const char *)data + 1, n - 1};
	first = bytes;
	for (enum wire_format f = WIRE_ANTHROPIC; f < WIRE_FORMAT_N; f++) {
		for (enum answer_form form = ANSWER_JSON; form < ANSWER_OTHER; form++) {
			struct result whole = {.held_max = data[0] & 16 ? HELD_MORE : HELD};
			struct result cut = whole;
			str rest = first;

			run(f, form, bytes, n, &whole);
			run(f, form, bytes, 1 + data[0] % 16U, &cut);
			ASSERT(whole.err == cut.err);
			ASSERT(str_eq(buf_str(&whole.said), buf_str(&cut.said)));
			ASSERT(str_eq(buf_str(&whole.out), buf_str(&cut.out)));
			if (whole.out.n && !whole.has_calls && !whole.err) {
				(void)str_split(&rest, '\xFF', &first);
				ASSERT(str_starts(buf_str(&whole.out), first));
				first = bytes;
			}
			release(&whole);
			release(&cut);
		}
	}
	return 0;
}
