/* Any bytes as a tool's output: tidying never grows it, keeps UTF-8 whole and is done in one go; what it
 * gives back differs in format only. The same for minifying. */
#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/compress/encode.h"
#include "core/compress/minify.h"
#include "core/compress/tidy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(str text, str (*change)(str, struct arena *), struct arena *a)
{
	str once = change(text, a), twice = change(once, a);

	ASSERT(once.n <= text.n);
	ASSERT(twice.p == once.p && twice.n == once.n);
	ASSERT((once.p == text.p) == str_eq(once, text));
	if (utf8_valid_n(text) == text.n)
		ASSERT(utf8_valid_n(once) == once.n);
	ASSERT(encode_is_format_of(text, once, a));
}

/* What can be seen of a text however it is shown: bytes that are neither blank nor control. */
static size_t visible_n(str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += (unsigned char)text.p[i] > ' ' && text.p[i] != 0x7f;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};
	struct arena a = ARENA_INIT;

	check(text, tidy_text, &a);
	check(text, minify_json, &a);
	/* Nothing is overwritten and no sequence begins: all that can be seen stays. */
	if (!memchr(data, '\r', n) && !memchr(data, '\b', n) && !memchr(data, 0x1b, n))
		ASSERT(visible_n(tidy_text(text, &a)) == visible_n(text));
	arena_release(&a);
	return 0;
}
