#include "core/compress/search/form.h"

#include "core/compress/search/grouped.h"
#include "core/compress/search/search.h"

enum { HEAD_WORDS_MAX = 1024 }; /* all phrases together */

static const str end_line = {"\n" SEARCH_END "\n", sizeof "\n" SEARCH_END "\n" - 1};

void search_form_write(struct buf *b, const struct search_form *f)
{
	char place[HEAD_WORDS_MAX];
	struct buf words = {place, 0, sizeof place, sizeof place, NULL, E_OK};
	struct codec_head head = {.codec = &search_codec, .route = f->route};

	search_head_write(&words, &f->head);
	head.words = buf_str(&words);
	head.form = f->route.n ? CODEC_ELIDED : CODEC_EXACT;
	buf_add(b, f->before);
	codec_head_write(b, &head);
	buf_add_byte(b, '\n');
	buf_add(b, f->body);
	if (f->after.n)
		buf_add(b, end_line);
	else if (f->has_newline)
		buf_add_byte(b, '\n');
	buf_add(b, f->after);
}

bool search_form_read(str text, struct search_form *out)
{
	struct codec_head head;
	size_t at, end, found;
	str rest;

	*out = (struct search_form){0};
	if (!codec_head_find(text, &head, &at, &end) || head.codec != &search_codec ||
		!search_head_parse(head.words, &out->head))
		return false;
	out->before = str_sub(text, 0, at);
	out->route = head.route;
	rest = str_sub(text, end, text.n);
	found = str_find(rest, end_line);
	out->has_newline = found != STR_NONE || str_ends(rest, STR("\n"));
	if (found != STR_NONE) {
		out->body = str_sub(rest, 0, found);
		out->after = str_sub(rest, found + end_line.n, rest.n);
	} else {
		out->body = str_sub(rest, 0, rest.n - out->has_newline);
	}
	return out->body.n > 0;
}
