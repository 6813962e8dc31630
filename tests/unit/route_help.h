/* Routes of request heads that are written as a few lines, and cases of where they go. */
#ifndef TESTS_UNIT_ROUTE_HELP_H
#define TESTS_UNIT_ROUTE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/route.h"
#include "tests/unit/head_help.h"

static inline void assert_text(str got, const char *want, const char *what)
{
	if (!str_eq_c(got, want))
		fail_msg("%s: got \"" STR_FMT "\", want \"%s\"", what, STR_ARG(got), want);
}

static inline struct route routed(struct arena *a, const char *head)
{
	struct http_head h = head_read(a, str_from(head));
	struct route r;

	route_request(&h, a, &r);
	return r;
}

struct provider_case {
	const char *head;
	enum route_kind kind;
	enum upstream upstream;
	enum wire_format format;
	const char *endpoint;
	const char *path;
};

static inline void check_provider(const struct provider_case *c)
{
	struct arena a = ARENA_INIT;
	struct route r = routed(&a, c->head);

	if (r.kind != c->kind || r.upstream != c->upstream || r.format != c->format)
		fail_msg("%s: kind %d, upstream %s, format %s", c->head, r.kind,
			upstream_name(r.upstream), wire_format_name(r.format));
	assert_text(str_from(r.endpoint), c->endpoint, c->head);
	assert_text(r.path, c->path, c->head);
	assert_true(r.is_counted);
	arena_release(&a);
}

#define CHECK_ALL(cases)                            \
	for (size_t i = 0; i < ARRAY_N(cases); i++) \
	check_provider(&(cases)[i])

#endif
