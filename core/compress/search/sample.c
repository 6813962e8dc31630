#include "core/compress/search/starts.h"

enum {
	WINDOWS = 32,
	WHOLE_BYTES = 48 << 10, /* of about as many lines as a sample has: all are read */
};

/* Up to n lines from the source's place on. */
static void take_window(struct search_source *s, size_t end, uint32_t n, struct search_sample *out)
{
	const enum search_kind usual =
		s->style & SEARCH_CONTEXT ? SEARCH_ITEM_AROUND : SEARCH_ITEM_MATCH;
	size_t start = s->at;
	struct search_item it;

	while (n && s->at < end && search_next(s, &it)) {
		n--;
		if (it.kind != usual || !it.body.n)
			continue;
		out->v[out->n].path = it.path;
		out->v[out->n++].body = it.body;
	}
	out->read += s->at - start;
}

void search_sample_take(const struct search_source *from, struct search_sample *out)
{
	size_t n = from->text.n - from->at, windows = n <= WHOLE_BYTES ? 1 : WINDOWS;

	out->n = 0;
	out->read = 0;
	out->bytes = n;
	for (size_t i = 0; i < windows; i++) {
		struct search_source s = *from;

		s.at += n / windows * i;
		if (i) {
			(void)search_line(s.text, s.at, &s.at);
			/* Below which heading a window begins is not known: any that is no other's. */
			if (s.style & SEARCH_HEADING)
				s.path = (str){s.text.p + s.at, 1};
		}
		if (s.at < s.text.n)
			take_window(&s, s.text.n, SEARCH_SAMPLE_MAX / (uint32_t)windows, out);
	}
}
