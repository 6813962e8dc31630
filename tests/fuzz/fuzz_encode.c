/* Texts that were seen, and one more: its rendering is never larger, decodes to the same bytes or to what
 * shows the same, leaves the view as it was, and is not compressed again. */
#include "core/base/check.h"
#include "tests/fuzz/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct target {
	struct view *view;
	struct encode_in in;
	struct encode_policy policy;
	struct arena *arena;
};

static struct encode_out encode(struct target *t, str text)
{
	struct view_mark before = view_mark(t->view), after;
	struct encode_in in = t->in;
	struct encode_out out;

	in.text = text;
	in.kind = detect_kind(text);
	encode_text(&in, &t->policy, t->view, NULL, t->arena, &out);
	after = view_mark(t->view);
	ASSERT(memcmp(&before, &after, sizeof before) == 0);
	ASSERT(encode_reason_text(out.reason) != NULL);
	return out;
}

static void check_changed(struct target *t, str text, const struct encode_out *out)
{
	struct encode_in in = t->in;
	str decoded;

	ASSERT(out->tokens_before == token_count(t->policy.encoding, text, NULL));
	ASSERT(out->tokens_after == token_count(t->policy.encoding, out->text, NULL));
	ASSERT(out->tokens_after + t->policy.min_gain <= out->tokens_before);
	ASSERT(out->encoders);
	in.text = out->text;
	ASSERT(encode_decode(&in, t->view, t->arena, &decoded));
	if (out->loss == LOSS_NONE)
		ASSERT(str_eq(decoded, text));
	else
		ASSERT(!t->policy.is_lossless && encode_is_format_of(text, decoded, t->arena));
}

static void check_text(struct target *t, str text)
{
	struct encode_out out = encode(t, text), again;

	if (out.reason != ENCODE_CHANGED) {
		ASSERT(out.text.p == text.p && out.text.n == text.n);
		ASSERT(out.tokens_after == out.tokens_before);
		return;
	}
	check_changed(t, text, &out);
	again = encode(t, out.text);
	ASSERT(again.reason != ENCODE_CHANGED);
	rendered_add_to_view(t->view, view_name(t->view, STR("Read"), STR_NULL, STR_NULL), out.text,
		tool_numbers_lines(t->in.tool, t->in.command), t->arena);
	again = encode(t, text); /* the same once more */
	if (again.reason == ENCODE_CHANGED)
		check_changed(t, text, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct target t = {.arena = &a, .view = view_new()};
	str last;

	ASSERT(t.view);
	if (n) {
		t.in = texts_settings(*data, STR_NULL);
		t.policy =
			(struct encode_policy){.encoding = *data & 16 ? TOKEN_CL100K : TOKEN_O200K,
				.is_lossless = (*data & 32) != 0,
				.min_tokens = 12,
				.min_gain = 3};
		last = texts_add_to_view(t.view, &t.in, (str){(const char *)data + 1, n - 1}, &a);
		check_text(&t, last);
	}
	view_free(t.view);
	arena_release(&a);
	return 0;
}
