/* Any sequence of names, lines, searches and rollbacks: a name is new, a run that is found stands there line
 * by line, and a rollback leaves nothing behind. */
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/utf8.h"
#include "core/compress/marker.h"
#include "core/compress/view.h"
#include "tests/fuzz/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What was found is there. */
static void check_found(const struct view *v, struct lines l, struct arena *a)
{
	uint64_t *hashes = lines_hash(a, l);

	for (uint32_t i = 0; i < l.n; i++) {
		struct view_run run =
			view_find(v, &(struct view_wanted){l, hashes, i, l.n, i + 1, STR_NULL});
		size_t bytes = 0;
		str line;

		ASSERT(i + run.n <= l.n);
		for (uint32_t k = 0; k < run.n; k++) {
			ASSERT(view_line(v, run.name, run.from + k, &line));
			ASSERT(str_eq(line, l.v[i + k]));
			bytes += line.n;
		}
		ASSERT(bytes == run.bytes);
		if (run.n && run.is_whole)
			ASSERT(view_whole_n(v, run.name) == run.n && run.from == 1);
	}
}

static void add_source(struct view *v, str name, struct lines l, uint32_t number, uint32_t step)
{
	view_add_source(v, name);
	for (uint32_t i = 0; i < l.n; i++)
		view_add_line(v, l.v[i], hash64(l.v[i]), number + i * step);
}

/* The first byte of a text says what is done with it. */
static void do_text(struct view *v, str text, struct arena *a)
{
	uint8_t c = (uint8_t)*text.p;
	struct lines l;
	struct view_mark mark;
	str name;

	text = str_sub(text, 1, text.n);
	l = lines_split(a, text);
	name = view_name(
		v, c & 1 ? text : STR("Read"), c & 2 ? text : STR_NULL, c & 4 ? text : STR_NULL);
	ASSERT(str_find_byte(name, '\n') == STR_NONE && utf8_valid_n(name) == name.n);
	ASSERT(!view_whole_n(v, name));
	check_found(v, l, a);
	mark = view_mark(v);
	/* only the text at hand has no name, and it goes */
	add_source(v, (c & 40) == 40 ? STR_NULL : name, l, c & 16 ? 4000000000u : 1, 1 + (c >> 6));
	check_found(v, l, a);
	if (c & 32) {
		struct view_mark now;

		view_rollback(v, mark);
		now = view_mark(v);
		ASSERT(memcmp(&now, &mark, sizeof now) == 0 && !view_whole_n(v, name));
		check_found(v, l, a);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct view *view = view_new();
	str rest = {(const char *)data, n}, text;

	ASSERT(view);
	while (texts_next(&rest, &text))
		if (text.n)
			do_text(view, text, &a);
	view_free(view);
	arena_release(&a);
	return 0;
}
