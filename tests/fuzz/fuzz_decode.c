/* Any text as if it were a rendering of ours, after others that were seen: decoding it never crashes, hangs or
 * fills the memory; adding it to the view neither. */
#include "core/base/check.h"
#include "core/base/limits.h"
#include "tests/fuzz/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Every line that is taken for a marker is spelled as we spell it. */
static void check_markers(str text, struct arena *a)
{
	for (str line; str_next_line(&text, &line, NULL);) {
		struct marker m;
		struct buf b;

		if (!marker_parse(line, &m))
			continue;
		buf_init_arena(&b, a, LIMIT_INPUT);
		marker_write(&b, &m);
		ASSERT(str_eq(buf_str(&b), line));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct view *view = view_new();
	struct encode_in in;
	str decoded, again;

	ASSERT(view);
	if (n) {
		check_markers((str){(const char *)data, n}, &a);
		in = texts_settings(*data, STR_NULL);
		in.text = texts_add_to_view(view, &in, (str){(const char *)data + 1, n - 1}, &a);
		if (encode_decode(&in, view, &a, &decoded)) {
			ASSERT(decoded.n <= LIMIT_INPUT);
			ASSERT(encode_decode(&in, view, &a, &again) && str_eq(again, decoded));
		}
		rendered_add_to_view(view, STR("last"), in.text, true, &a);
	}
	view_free(view);
	arena_release(&a);
	return 0;
}
