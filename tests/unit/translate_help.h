/* translate_help: requests and answers through core/translate, for its tests. */
#ifndef TESTS_UNIT_TRANSLATE_HELP_H
#define TESTS_UNIT_TRANSLATE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/json/scan.h"
#include "core/translate/translate.h"

enum { TRANSLATE_MAX = 1 << 26 };

static const enum wire_format translate_dialects[] = {
	WIRE_ANTHROPIC, WIRE_OPENAI_CHAT, WIRE_OPENAI_RESPONSES, WIRE_GEMINI};

/* What came of a request; all of it in the arena. */
struct translate_run {
	enum err err;
	struct translated t;
	str body, report, error;
};

static inline struct translate_run translate_run(struct arena *a, enum wire_format from,
	enum wire_format to, str body, const struct translate_conf *conf)
{
	struct translate_run r = {0};
	struct buf *out = arena_new(a, struct buf);
	struct errctx cx = {0};
	struct buf report;
	struct json_tape tape;

	buf_init_arena(out, a, TRANSLATE_MAX);
	buf_init_arena(&report, a, 4096);
	r.t.out = out;
	r.err = translate_request(from, to, body, conf, a, &r.t, &cx);
	r.body = buf_str(out);
	r.error = arena_str(a, str_from(cx.text));
	translate_report_write(&r.t.report, &report);
	r.report = buf_str(&report);
	if (r.err == E_OK && json_scan(a, r.body, &tape, &cx) != E_OK)
		fail_msg("no JSON: %s: " STR_FMT, cx.text, STR_ARG(r.body));
	return r;
}

/* Feeds an answer in pieces of so many bytes; out in the arena. usage may be NULL. */
static inline str translate_answer_run(struct arena *a, const struct translate_answer_conf *conf,
	str bytes, size_t step, struct usage *usage)
{
	struct translate_answer *ta = translate_answer_new(conf);
	struct buf out;
	enum err err;

	assert_non_null(ta);
	buf_init_arena(&out, a, TRANSLATE_MAX);
	for (size_t at = 0; at < bytes.n; at += step) {
		size_t end = at + step < bytes.n ? at + step : bytes.n;

		assert_int_equal(translate_answer_feed(ta, str_sub(bytes, at, end), &out), E_OK);
	}
	err = translate_answer_finish(ta, true, &out);
	if (err)
		buf_printf(&out, "<%s>", err_name(err));
	else if (!translate_answer_is_whole(ta))
		buf_add(&out, STR("<not whole>"));
	if (usage)
		*usage = *translate_answer_usage(ta);
	translate_answer_free(ta);
	return buf_str(&out);
}

static inline void assert_text(str is, const char *wanted)
{
	if (!str_eq_c(is, wanted))
		fail_msg("\nis:     " STR_FMT "\nwanted: %s", STR_ARG(is), wanted);
}

static inline void assert_has(str is, const char *wanted)
{
	if (str_find(is, str_from(wanted)) == STR_NONE)
		fail_msg("\nis: " STR_FMT "\nlacks: %s", STR_ARG(is), wanted);
}

#endif
