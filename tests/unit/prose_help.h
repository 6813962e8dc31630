/* prose_help: texts with sentences left out, as the codec of prose writes them, for tests. */
#ifndef TESTS_UNIT_PROSE_HELP_H
#define TESTS_UNIT_PROSE_HELP_H

#include "core/compress/prose/holds.h"
#include "core/compress/prose/prose.h"
#include "core/compress/prose/sentence.h"
#include "tests/unit/compress_help.h"

#define PROSE_ROUTE "headroom retrieve 3fa97c01"
#define PROSE_HEAD \
	"[prose: 1 of 9 sentences left out, each time at a …; original: " PROSE_ROUTE "]\n"

/* False: the codec leaves the text alone. */
static inline bool prose_elide(str text, str query, double keep, struct arena *a, str *out)
{
	struct codec_in in = {.text = text,
		.kind = KIND_TEXT,
		.query = query,
		.route = STR(PROSE_ROUTE),
		.keep = keep};
	struct codec_out o;
	bool is_elided = prose_codec.encode(&in, a, &o);

	*out = is_elided ? o.text : STR_NULL;
	return is_elided;
}

/* What is shown below a head, and whether that is to be believed. */
struct prose_case {
	const char *original, *text;
	bool holds;
};

static inline void prose_check(const struct prose_case *cases, size_t n)
{
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < n; i++) {
		str text = arena_printf(&a, PROSE_HEAD "%s", cases[i].text);

		if (prose_holds(str_from(cases[i].original), text, &a) != cases[i].holds)
			fail_msg("%s", cases[i].text);
	}
	arena_release(&a);
}

#endif
