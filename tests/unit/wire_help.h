/* What the tests of core/wire and core/transcript share: bodies written with ' for ", and blocks as lines. */
#ifndef TESTS_UNIT_WIRE_HELP_H
#define TESTS_UNIT_WIRE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/wire/wire.h"

/* A copy of text with every ' turned into ". */
static inline str quoted(struct arena *a, const char *text)
{
	char *p = arena_cstr(a, str_from(text));

	for (char *q = p; *q; q++) {
		if (*q == '\'')
			*q = '"';
	}
	return str_from(p);
}

static inline struct json_tape scanned(struct arena *a, str doc)
{
	struct json_tape t = {0};
	struct errctx cx = {0};

	if (json_scan(a, doc, &t, &cx) != E_OK)
		fail_msg("%s in: " STR_FMT, cx.text, STR_ARG(doc));
	return t;
}

static inline struct wire_doc walked(struct arena *a, enum wire_format f, const char *body)
{
	struct json_tape t = scanned(a, quoted(a, body));
	struct wire_doc d;
	struct errctx cx = {0};

	if (wire_walk(a, &t, f, &d, &cx) != E_OK)
		fail_msg("%s in: %s", cx.text, body);
	return d;
}

/* One line per block: role, kind, path, what is known, value.
 *	assistant call messages[1].content[0].input Read#t1 = {"path":"a"}
 *	tool result messages[2].content[0].content Read#t1 ->3 error cache = "text" */
static inline const char *rendered(struct arena *a, const struct wire_doc *d)
{
	static const char *const ROLES[] = {"system", "user", "assistant", "tool"};
	static const char *const KINDS[] = {"text", "call", "result", "opaque"};
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < d->n; i++) {
		const struct wire_block *x = &d->blocks[i];

		buf_printf(&b, "%s %s " STR_FMT, ROLES[x->role], KINDS[x->kind], STR_ARG(x->path));
		if (x->tool.n || x->call_id.n)
			buf_printf(
				&b, " " STR_FMT "#" STR_FMT, STR_ARG(x->tool), STR_ARG(x->call_id));
		if (x->call != WIRE_NO_CALL)
			buf_printf(&b, " ->%u", x->call);
		buf_add_c(&b, x->is_error ? " error" : "");
		buf_add_c(&b, x->has_cache_control ? " cache" : "");
		buf_add_c(&b, " = ");
		buf_add(&b, span_str(d->tape.doc, x->at));
		buf_add_byte(&b, '\n');
	}
	buf_add_byte(&b, '\0');
	return b.p;
}

/* The law of spans: each block within its message, one after the other, none over another. */
static inline void assert_spans_are_sound(const struct wire_doc *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		const struct wire_block *x = &d->blocks[i];
		const struct json_node *v = &d->tape.v[x->node];

		assert_true(x->node < d->tape.n && x->at.start == v->start && x->at.end == v->end);
		assert_true(x->at.start < x->at.end && x->at.end <= d->tape.doc.n);
		if (x->kind == WIRE_TEXT || x->kind == WIRE_TOOL_RESULT)
			assert_int_equal(v->type, JSON_STRING);
		if (!i)
			continue;
		if (x[-1].message == x->message)
			assert_true(x[-1].at.end <= x->at.start);
		else
			assert_true(x[-1].message == WIRE_NO_MESSAGE || x[-1].message < x->message);
	}
}

/* A table row of the golden tests. */
struct wire_case {
	const char *name, *body, *want;
};

static inline void check_cases(enum wire_format f, const struct wire_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		struct wire_doc d = walked(&a, f, cases[i].body);
		str got = str_from(rendered(&a, &d)), want = quoted(&a, cases[i].want);

		if (!str_eq(got, want))
			fail_msg("%s\ngot:\n" STR_FMT "want:\n" STR_FMT, cases[i].name,
				STR_ARG(got), STR_ARG(want));
		assert_spans_are_sound(&d);
		arena_release(&a);
	}
}

#endif
