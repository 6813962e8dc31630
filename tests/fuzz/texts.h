/* texts: an input of a fuzz target as a few bytes of settings and several texts, which a record separator
 * (0x1e) parts: what was seen before, and last the text at hand. */
#ifndef TESTS_FUZZ_TEXTS_H
#define TESTS_FUZZ_TEXTS_H

#include "core/compress/encode.h"
#include "core/compress/rendered.h"

enum { TEXTS_SEPARATOR = 0x1e };

/* The settings that one byte says. */
static inline struct encode_in texts_settings(uint8_t c, str text)
{
	struct encode_in in = {.text = text, .no_references = (c & 4) != 0};

	in.tool = (enum tool_kind)((c & 3) % 3);
	if (in.tool == TOOL_SHELL)
		in.command = c & 8 ? STR("cat -n main.c") : STR("make check");
	if (in.tool == TOOL_FILE)
		in.path = STR("/home/me/src/main.c");
	return in;
}

/* Takes the next text; the rest stays in *rest. False at the last one, which stays. */
static inline bool texts_next(str *rest, str *text)
{
	size_t at = str_find_byte(*rest, TEXTS_SEPARATOR);

	if (at == STR_NONE)
		return false;
	*text = str_sub(*rest, 0, at);
	*rest = str_sub(*rest, at + 1, rest->n);
	return true;
}

/* Adds all texts but the last to the view, as results of that tool; returns the last. */
static inline str texts_add_to_view(
	struct view *v, const struct encode_in *in, str rest, struct arena *a)
{
	for (str text; texts_next(&rest, &text);)
		rendered_add_to_view(v, view_name(v, STR("Read"), in->path, STR_NULL), text,
			tool_numbers_lines(in->tool, in->command), a);
	return rest;
}

#endif
