#include "core/compress/code/code.h"

/* What is shown stands there as it was, and in its place; what is not is named, and none of it defines anything. Knows nothing of the
 * syntax tree. */

struct check {
	const struct code_language *language;
	struct code_file file;
	uint32_t at; /* of file.all: the next line */
};

static bool check_gap(struct check *c, struct code_gap g)
{
	const struct code_file *f = &c->file;

	if (c->at < f->first || g.first != c->at - f->first + 1 || g.last > f->n)
		return false;
	for (; c->at < f->first + g.last; c->at++)
		if (code_is_signature(c->language, f->lines.v[c->at - f->first]))
			return false;
	return true;
}

bool code_holds(str original, str text, struct arena *a)
{
	struct check c = {.at = 0};
	struct codec_head head;
	uint32_t lines_n;
	size_t at, end;
	struct lines shown;

	if (!codec_head_find(text, &head, &at, &end) || at || head.codec != &code_codec ||
		!code_words_parse(head.words, &c.language, &lines_n) ||
		!code_file_of(original, a, &c.file) || c.file.n != lines_n)
		return false;
	shown = lines_split(a, str_sub(text, end, text.n));
	for (uint32_t i = 0; i < shown.n; i++) {
		struct code_gap g;

		if (code_gap_parse(shown.v[i], &g)) {
			if (!check_gap(&c, g))
				return false;
			continue;
		}
		if (c.at >= c.file.all.n || !str_eq(c.file.all.v[c.at++], shown.v[i]))
			return false;
	}
	return c.at == c.file.all.n;
}
