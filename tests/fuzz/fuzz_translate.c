/* Any bytes as a request or an answer of any dialect, for any other: what comes out of a request that is taken is JSON, and an answer is
 * the same in one piece and cut. */
#include "core/base/check.h"
#include "core/json/scan.h"
#include "core/translate/translate.h"

enum { MAX = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void request(enum wire_format from, enum wire_format to, str body)
{
	struct translate_conf conf = {.model = STR("gemini-3-pro")};
	struct arena a = ARENA_INIT;
	struct buf out;
	struct translated t = {.out = &out};
	struct json_tape tape;

	buf_init(&out, MAX);
	if (translate_request(from, to, body, &conf, &a, &t, NULL) == E_OK)
		ASSERT(json_scan(&a, buf_str(&out), &tape, NULL) == E_OK);
	buf_release(&out);
	arena_release(&a);
}

static enum err answer(
	const struct translate_answer_conf *conf, str bytes, size_t step, struct buf *out)
{
	struct translate_answer *ta = translate_answer_new(conf);
	enum err err = E_OK;

	ASSERT(ta);
	for (size_t at = 0; at < bytes.n && !err; at += step)
		err = translate_answer_feed(
			ta, str_sub(bytes, at, at + step < bytes.n ? at + step : bytes.n), out);
	if (!err)
		err = translate_answer_finish(ta, true, out);
	translate_answer_free(ta);
	return err;
}

/* Figures that come behind the end of a stream count where they come with it in one piece. */
static bool has_end_within(str text)
{
	static const char *const ends[] = {
		"[DONE]", "message_stop", "response.completed", "response.incomplete", "\\u"};

	for (size_t i = 0; i < ARRAY_N(ends); i++)
		if (str_find(text, str_from(ends[i])) != STR_NONE)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum wire_format from, to;
	struct translate_answer_conf conf;
	struct buf whole, cut;
	str text;

	if (n < 2)
		return 0;
	text = (str){(const char *)data + 2, n - 2};
	from = (enum wire_format)(WIRE_ANTHROPIC + data[0] % 4);
	to = (enum wire_format)(WIRE_ANTHROPIC + (data[0] / 4) % 4);
	if (from == to)
		return 0;
	request(from, to, text);
	conf = (struct translate_answer_conf){.backend = from,
		.client = to,
		.form = data[1] & 1 ? ANSWER_SSE : ANSWER_JSON,
		.is_stream = data[1] & 2,
		.is_array = data[1] & 4,
		.wants_usage = true,
		.id = STR("id"),
		.held_max = MAX};
	buf_init(&whole, MAX);
	buf_init(&cut, MAX);
	if (answer(&conf, text, text.n + 1, &whole) == E_OK &&
		answer(&conf, text, 1 + data[1] % 16U, &cut) == E_OK)
		ASSERT(has_end_within(text) || str_eq(buf_str(&whole), buf_str(&cut)));
	(void)translate_error(to, 400, text, &whole);
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
