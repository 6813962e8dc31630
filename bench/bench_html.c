/* bench_html: throughput of the codec of pages; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/html/html.h"

static void make(struct buf *b, size_t n)
{
	buf_add_c(b, "<!DOCTYPE html><html><head><title>A page</title><script>var x = "
		     "1;</script></head><body>\n");
	for (unsigned i = 0; b->n < n; i++) {
		buf_printf(b,
			"<div class=\"row row-%u\" data-id=\"%u\"><ul class=\"menu\"><li><a "
			"href=\"/item/%u\">Item %u</a></li></ul>\n"
			"<p>The %uth paragraph of this page says what there is to be said &amp; a "
			"little more, with <a "
			"href=\"https://example.org/%u\">a link</a> and <b>words</b> that matter "
			"to nobody.</p></div>\n",
			i % 7, i, i, i, i, i);
		if (i % 20 == 0)
			buf_add_c(b,
				"<script>function f(a) { return a < 1 ? '<p>' : a; }</script>\n");
	}
	buf_add_c(b, "</body></html>\n");
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"page", make}};

	return speed_main(&html_codec, KIND_HTML, texts, ARRAY_N(texts), argc, argv);
}
