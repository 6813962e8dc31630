/* Syntax trees that are read quickly: they are those of tree-sitter, of whatever text, in each language; and without memory there are none. */
#include "tests/unit/code_samples.h"

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/compress/code/quick_dfa.h"
#include "tests/unit/code_trees.h"

/* Reads the text in both ways. True: it was read quickly, and both trees are the same. */
static bool is_read_quickly(str text, const struct code_language *l, struct arena *a)
{
	struct code_grammar g;
	struct code_tree x, y;
	bool is_quick, is_slow;

	code_grammar_read(&g, l, a);
	is_slow = code_tree_open_slow(&x, &g, text, false);
	is_quick = code_tree_open(&y, &g, text, false);
	assert_int_equal(is_slow, is_quick);
	if (!is_slow)
		return false;
	is_quick = !y.tree;
	if (is_quick)
		assert_int_equal(first_difference(&x, &y), UINT32_MAX);
	code_tree_close(&x);
	code_tree_close(&y);
	return is_quick;
}

static void quick_trees_are_those_of_tree_sitter(void **state)
{
	unsigned quick = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(samples); i++) {
		struct arena a = ARENA_INIT;
		const struct code_language *l =
			code_language_of(str_from(samples[i].path), STR_NULL);
		str text = file_of_n(&a, &samples[i], 3);

		quick += is_read_quickly(text, l, &a);
		/* what is cut off anywhere is read in both ways or in none */
		for (size_t n = text.n; n; n -= n / 7 + 1)
			(void)is_read_quickly(str_sub(text, 0, n), l, &a);
		for (size_t n = 0; n < text.n; n += text.n / 40 + 1)
			(void)is_read_quickly(str_sub(text, n, text.n), l, &a);
		arena_release(&a);
	}
	assert_int_equal(quick, ARRAY_N(samples) - 1); /* the one in C has an error in it */
}

/* Texts that can be read in several ways for a while: tree-sitter's choice is ours. */
static void the_same_way_is_chosen(void **state)
{
	static const struct {
		const char *language, *text;
	} texts[] = {
		{"c", "int f(void)\n{\n\ta * b;\n\ta(b);\n\t(a)(b);\n\t(a)-b;\n\tsizeof(a)*b;\n"
		      "\tT x(y);\n\treturn (a)&b;\n}\n"},
		{"c++", "void f()\n{\n\ta<b> c;\n\ta<b>(c);\n\tx = a < b > (c);\n\tT x(U());\n"
			"\tint a(b);\n\tauto l = [a](T t) { return t; };\n}\ntemplate <class T> "
			"struct S "
			"{ S(T); operator bool(); };\n"},
		{"javascript", "x = (a, b);\nx = (a, b) => c;\nx = {a, b};\nx = async (a) => a;\n"
			       "async(a);\na\n++b\n({a} = b);\nfor (let of of of) let;\n"},
		{"typescript",
			"f<T>(x);\na < b > (c);\nlet y = <T>(x: T) => x;\nlet z = (x): x is T "
			"=> x;\ntype A = (a: T) => U;\n"},
		{"rust", "fn f() { if a == b {} let c = a::<B>(x); match x { S { y } => {} _ => () "
			 "} }\n"},
		{"go", "package a\n\nfunc f() {\n\ta := b[c](d)\n\tx := T{y}\n\tfor range (T{}) "
		       "{\n\t}\n}"
		       "\n\ntype S[T any] struct{}\n"},
		{"ruby", "f -1\nf - 1\nf [1]\nputs <<A, <<B\nx\nA\ny\nB\nx = a ? b : c\nf { |x| x "
			 "}\n%w[a b]\n"},
		{"python", "print(a)\nmatch = 1\nmatch x:\n    case [a, *b]:\n        pass\nx = [a "
			   "for a "
			   "in b if c]\nf\"{a!r:>{w}}\"\n"},
		{"c#", "class A { void F() { a < b > c; (a)b; var (x, y) = z; f(a < b, c > (d)); } "
		       "}\n"},
		{"bash", "cat <<A\n$x ${y:-z}\nA\na=(1 2)\n[[ $a =~ ^b$ ]] && echo $((1 + 2))\n"},
		{"php", "<p><?php if ($a): ?>x<?php endif; $b = <<<E\n$a\nE;\nfn($x) => $x;\n"},
		{"java", "class A { void f() { a < b; A<B> c; (a) -> b; x = (A) b; x = (A & B) c; "
			 "} }\n"},
	};
	struct arena a = ARENA_INIT;
	unsigned quick = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		const struct code_language *l = code_language_named(str_from(texts[i].language));

		assert_non_null(l);
		quick += is_read_quickly(str_from(texts[i].text), l, &a);
	}
	assert_true(quick >= 8);
	arena_release(&a);
}

/* What a lexer says of a text, by a call or by its table. */
struct found {
	bool is_token;
	uint32_t symbol, start, end;
};

static struct found find_token(str text, bool (*lex)(TSLexer *, TSStateId),
	const struct quick_dfa *d, uint32_t at, uint16_t state)
{
	struct found f = {0};
	struct quick_lexer x;

	quick_lex_init(&x, text);
	quick_lex_begin(&x, at);
	f.is_token = d ? quick_dfa_run(d, lex, &x, at, state) : lex(&x.face, state);
	if (!f.is_token)
		return f;
	quick_lex_finish(&x);
	f.symbol = x.face.result_symbol;
	f.start = x.start;
	f.end = x.end;
	return f;
}

static bool is_same_token(str text, bool (*lex)(TSLexer *, TSStateId), const struct quick_dfa *d,
	uint32_t at, uint16_t state)
{
	struct found x = find_token(text, lex, NULL, at, state),
		     y = find_token(text, lex, d, at, state);

	return x.is_token == y.is_token && x.symbol == y.symbol && x.start == y.start &&
	       x.end == y.end;
}

static void same_tokens_are_found(const TSLanguage *l, const struct quick_lexers *q, str text)
{
	for (uint32_t at = 0; at <= text.n; at++) {
		if (at < text.n && ((unsigned char)text.p[at] & 0xC0) == 0x80)
			continue;
		for (uint16_t i = 0; i < q->tokens.states; i++)
			assert_true(is_same_token(text, l->lex_fn, &q->tokens, at, i));
		for (uint16_t i = 0; i < q->keywords.states; i++)
			assert_true(is_same_token(text, l->keyword_lex_fn, &q->keywords, at, i));
	}
}

/* The tables of lexers say what the lexers say, of any text in any state. */
static void tables_of_lexers_are_lexers(void **state)
{
	static const char odd[] =
		"\xEF\xBB\xBF\xC3\xA4 a\xC3\xB6z\xE2\x82\xAC /* \xC3\xA4 */ \"\xF0\x9F"
		"\x98\x80\" 0x1F .5e-3 'a' '\\n' `\0` \xC2\xA0\xE3\x80\x80 <<= >>>= ?. ... #if "
		"\\\n // "
		"\x01\x7F $x @y \\u0041 r#\"x\"# =~ ${z:-1} <?php ?>";
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(samples); i++) {
		const struct code_language *l =
			code_language_of(str_from(samples[i].path), STR_NULL);
		str text = file_of_n(&a, &samples[i], 1);

		if (text.n > 300)
			text = str_sub(text, 0, 300);
		same_tokens_are_found(l->grammar(), l->lexers, text);
		same_tokens_are_found(l->grammar(), l->lexers, str_from(odd));
	}
	arena_release(&a);
}

/* A byte order mark, with which most files of C# begin, is a blank. */
static void a_byte_order_mark_is_a_blank(void **state)
{
	static const char bare[] = "\xEF\xBB\xBF", only_blanks[] = "\xEF\xBB\xBF\n \n",
			  column[] = "\xEF\xBB\xBF[[ a =~ b ]] && x=(\n\t1)\n";
	const struct code_language *bash = code_language_named(STR("bash"));
	struct arena a = ARENA_INIT;
	unsigned quick = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(samples); i++) {
		const struct code_language *l =
			code_language_of(str_from(samples[i].path), STR_NULL);
		str text = file_of_n(&a, &samples[i], 1);

		quick += is_read_quickly(
			arena_printf(&a, "\xEF\xBB\xBF" STR_FMT, STR_ARG(text)), l, &a);
		(void)is_read_quickly(str_from(bare), l, &a);
		(void)is_read_quickly(str_from(only_blanks), l, &a);
	}
	assert_true(quick >= ARRAY_N(samples) - 1);
	assert_true(is_read_quickly(str_from(column), bash, &a));
	arena_release(&a);
}

/* More things in a row than functions may be within one another. */
static void long_rows_are_read_quickly(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf py, go;

	(void)state;
	buf_init_arena(&py, &a, LIMIT_INPUT);
	buf_init_arena(&go, &a, LIMIT_INPUT);
	buf_add_c(&py, "\"\"\"About it.\"\"\"\n");
	buf_add_c(&go, "package x\n\nconst (\n");
	for (int i = 0; i < 3000; i++) {
		buf_printf(&py, "a%d = f(%d)\n", i, i);
		buf_printf(&go, "\tA%d = %d\n", i, i);
	}
	buf_add_c(&go, ")\n");
	assert_true(is_read_quickly(buf_str(&py), code_language_named(STR("python")), &a));
	assert_true(is_read_quickly(buf_str(&go), code_language_named(STR("go")), &a));
	arena_release(&a);
}

/* Whichever allocation fails, nothing is left behind, and what is read is read in full. */
static void trees_without_memory(void **state)
{
	const struct code_language *l = code_language_named(STR("python"));
	struct arena a = ARENA_INIT;
	struct code_grammar g;
	bool failed = true;

	(void)state;
	code_grammar_read(&g, l, &a);
	for (size_t n = 1; failed; n++) {
		struct code_tree t;
		struct code_walk w;
		bool is_open;

		mem_fail_after(n);
		is_open = code_tree_open(&t, &g, STR("def f(x):\n    return x\n"), false);
		if (is_open && code_walk_begin(&w, &t)) {
			assert_true(code_walk_child(&w));
			code_walk_end(&w);
		}
		failed = mem_failed();
		mem_fail_after(0);
		if (is_open)
			code_tree_close(&t);
		assert_true(is_open || failed);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quick_trees_are_those_of_tree_sitter),
		cmocka_unit_test(the_same_way_is_chosen),
		cmocka_unit_test(tables_of_lexers_are_lexers),
		cmocka_unit_test(a_byte_order_mark_is_a_blank),
		cmocka_unit_test(long_rows_are_read_quickly),
		cmocka_unit_test(trees_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
