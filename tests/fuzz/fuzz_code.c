/* Any bytes as a source file: the first byte says in which language, 'h' in a header. What is made of them keeps its contract, and so do their symbols
 * their bounds; trees that are read quickly are those of tree-sitter,
 * and regions of C and what stands for them are of the same bytes. And any two texts as a file and its outline: the check reads within them. */
#include "core/compress/code/code.h"
#include "core/compress/code/symbols.h"
#include "tests/unit/code_regions.h"
#include "tests/unit/code_trees.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_symbols(const struct code_language *l, str text, struct arena *a)
{
	struct code_symbols s;

	if (!code_symbols(l, text, a, &s))
		return;
	for (uint32_t i = 0; i < s.n; i++) {
		ASSERT(s.v[i].name.n && s.v[i].first && s.v[i].first <= s.v[i].last);
		ASSERT(s.v[i].name.p >= text.p && s.v[i].name.p + s.v[i].name.n <= text.p + text.n);
	}
}

/* A name of the text, wherever it stands: what is found is that name, in one line. */
static void check_mentions(const struct code_language *l, str text, struct arena *a)
{
	struct code_symbols s, found;

	if (!code_symbols(l, text, a, &s) || !s.n ||
		!code_mentions(l, text, s.v[0].name, a, &found))
		return;
	for (uint32_t i = 0; i < found.n; i++) {
		ASSERT(str_eq(found.v[i].name, s.v[0].name));
		ASSERT(found.v[i].first && found.v[i].first == found.v[i].last);
	}
}

/* What is read quickly has no error, and is what tree-sitter reads. */
static void check_trees(const struct code_language *l, str text, struct arena *a)
{
	struct code_grammar g;
	struct code_tree x, y;

	code_grammar_read(&g, l, a);
	if (!code_tree_open(&y, &g, text, false))
		return;
	if (!y.tree) {
		ASSERT(code_tree_open_slow(&x, &g, text, false));
		ASSERT(first_difference(&x, &y) == UINT32_MAX);
		code_tree_close(&x);
	}
	code_tree_close(&y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const paths[] = {"a.py", "a.js", "a.ts", "a.tsx", "a.go", "a.rs",
		"a.java", "a.c", "a.cc", "a.cs", "a.rb", "a.php", "a.sh", "a"};
	struct arena a = ARENA_INIT;
	struct codec_in in = {.route = STR("Read again"), .focus = STR("x @7 @90 main")};
	const struct code_language *l;
	struct codec_out out;
	size_t cut;

	if (!n)
		return 0;
	in.text = (str){(const char *)data + 1, n - 1};
	in.path = *data == 'h' ? STR("a.h") : str_from(paths[*data % ARRAY_N(paths)]);
	if (code_codec.encode(&in, &a, &out)) {
		ASSERT(out.form == CODEC_ELIDED);
		ASSERT(code_codec.holds(in.text, out.text, &a));
	}
	l = code_language_of(in.path, in.text);
	if (l && l->has_macros)
		check_regions(in.text, &a);
	if (l)
		check_symbols(l, in.text, &a);
	if (l)
		check_mentions(l, in.text, &a);
	if (l)
		check_trees(l, in.text, &a);
	cut = str_find_byte(in.text, '\0');
	if (cut != STR_NONE)
		(void)!code_codec.holds(
			str_sub(in.text, 0, cut), str_sub(in.text, cut + 1, in.text.n), &a);
	arena_release(&a);
	return 0;
}
