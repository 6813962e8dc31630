/* bench_prose: throughput of the codec of prose; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/prose/prose.h"

static void make(struct buf *b, size_t n)
{
	static const char *const words[] = {"the", "river", "of", "morning", "talk", "and",
		"weather", "people", "walk", "slowly", "house", "about", "a", "green", "their",
		"over"};
	uint64_t x = 88172645463325252u;

	for (unsigned i = 1; b->n < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		buf_printf(b, "%s %s", words[x & 15], words[x >> 4 & 15]);
		buf_add_c(b, i % 7 ? " " : x >> 8 & 7 ? ". It " : ".\n\nNext, ");
		if (!(x >> 12 & 63))
			buf_printf(b, "%u ", (unsigned)(x >> 20) % 1000);
	}
	buf_add_c(b, ".\n");
}

/* A document in Markdown, in which most sentences have something that must stay. */
static void make_document(struct buf *b, size_t n)
{
	static const struct {
		const char *before, *behind; /* a word that is made */
	} facts[] = {{"`make ", "`"}, {"[a page](./", ".md)"}, {"**", "**"}, {"Ann ", " Lee"},
		{"not ", ""}, {"https://example.org/", ""}, {"30 ", ""}};
	uint64_t x = 88172645463325252u;

	for (unsigned i = 1; b->n < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		buf_add_c(b, i % 9 ? "" : i % 4 ? "\n\n- " : "\n\n## About the river\n\n");
		buf_add_c(b, "The people of the old house walk over there to talk slowly about ");
		buf_printf(b, "%s%c%c%s", facts[x % ARRAY_N(facts)].before,
			'a' + (int)(x >> 8 & 15), 'a' + (int)(x >> 16 & 15),
			facts[x % ARRAY_N(facts)].behind);
		buf_add_c(b, " and the weather of a green morning, as they do. ");
	}
	buf_add_c(b, "\n");
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {
		{"paragraphs", make}, {"document", make_document}};

	return speed_main(&prose_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}
