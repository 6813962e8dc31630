/* bench_search: throughput of the codec of search results; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/search/search.h"
#include "tests/unit/random_search.h"

static void make(struct buf *b, size_t n, enum search_spelling spelling)
{
	struct rng r = rng_new(7);

	add_search(&r, b, spelling, true, n);
}

static void make_flat(struct buf *b, size_t n)
{
	make(b, n, SPELL_FLAT);
}

static void make_context(struct buf *b, size_t n)
{
	make(b, n, SPELL_CONTEXT);
}

static void make_column(struct buf *b, size_t n)
{
	make(b, n, SPELL_COLUMN);
}

static void make_list(struct buf *b, size_t n)
{
	make(b, n, SPELL_LIST);
}

static void make_json(struct buf *b, size_t n)
{
	make(b, n, SPELL_JSON);
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"rg -n", make_flat}, {"rg -n -C", make_context},
		{"rg --vimgrep", make_column}, {"rg -l", make_list}, {"rg --json", make_json}};

	return speed_main(&search_codec, KIND_SEARCH, texts, ARRAY_N(texts), argc, argv);
}
