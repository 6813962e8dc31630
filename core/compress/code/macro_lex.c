#include "core/compress/code/macro_lex.h"

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/vec.h"

struct lexer {
	str s;
	size_t at;
	uint32_t line;
	bool is_first;
};

/* ---- words ---- */

static const struct {
	const char *word;
	uint16_t is;
} words[] = {
	/* in the order of their bytes */
	{"__asm__", WORD_KEY},
	{"__attribute__", WORD_KEY},
	{"__declspec", WORD_KEY},
	{"alignas", WORD_KEY},
	{"asm", WORD_KEY},
	{"auto", WORD_KEY | WORD_TYPE},
	{"bool", WORD_KEY | WORD_TYPE},
	{"break", WORD_KEY},
	{"case", WORD_KEY},
	{"catch", WORD_KEY},
	{"char", WORD_KEY | WORD_TYPE},
	{"class", WORD_KEY | WORD_TAG},
	{"const", WORD_KEY | WORD_BEHIND},
	{"consteval", WORD_KEY},
	{"constexpr", WORD_KEY},
	{"constinit", WORD_KEY},
	{"continue", WORD_KEY},
	{"decltype", WORD_KEY},
	{"default", WORD_KEY},
	{"delete", WORD_KEY},
	{"do", WORD_KEY | WORD_AHEAD},
	{"double", WORD_KEY | WORD_TYPE},
	{"else", WORD_KEY | WORD_AHEAD},
	{"enum", WORD_KEY | WORD_TAG},
	{"explicit", WORD_KEY},
	{"extern", WORD_KEY | WORD_EXTERN},
	{"final", WORD_KEY | WORD_BEHIND},
	{"float", WORD_KEY | WORD_TYPE},
	{"for", WORD_KEY | WORD_CONTROL | WORD_LOOP},
	{"friend", WORD_KEY},
	{"goto", WORD_KEY},
	{"if", WORD_KEY | WORD_CONTROL},
	{"inline", WORD_KEY},
	{"int", WORD_KEY | WORD_TYPE},
	{"long", WORD_KEY | WORD_TYPE},
	{"mutable", WORD_KEY},
	{"namespace", WORD_KEY | WORD_NAMESPACE},
	{"new", WORD_KEY},
	{"noexcept", WORD_KEY | WORD_BEHIND},
	{"operator", WORD_KEY | WORD_OPERATOR},
	{"override", WORD_KEY | WORD_BEHIND},
	{"private", WORD_KEY | WORD_ACCESS},
	{"protected", WORD_KEY | WORD_ACCESS},
	{"public", WORD_KEY | WORD_ACCESS},
	{"register", WORD_KEY},
	{"requires", WORD_KEY | WORD_BEHIND},
	{"return", WORD_KEY},
	{"short", WORD_KEY | WORD_TYPE},
	{"signed", WORD_KEY | WORD_TYPE},
	{"sizeof", WORD_KEY},
	{"static", WORD_KEY},
	{"static_assert", WORD_KEY},
	{"struct", WORD_KEY | WORD_TAG},
	{"switch", WORD_KEY | WORD_CONTROL},
	{"template", WORD_KEY | WORD_TEMPLATE},
	{"thread_local", WORD_KEY},
	{"throw", WORD_KEY | WORD_BEHIND},
	{"try", WORD_KEY | WORD_AHEAD},
	{"typedef", WORD_KEY},
	{"typename", WORD_KEY},
	{"union", WORD_KEY | WORD_TAG},
	{"unsigned", WORD_KEY | WORD_TYPE},
	{"using", WORD_KEY},
	{"virtual", WORD_KEY},
	{"void", WORD_KEY | WORD_TYPE},
	{"volatile", WORD_KEY | WORD_BEHIND},
	{"while", WORD_KEY | WORD_CONTROL},
};

static uint16_t meaning_of(str word)
{
	size_t low = 0, high = ARRAY_N(words);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(word, str_from(words[middle].word));

		if (!order)
			return words[middle].is;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word_byte(char c)
{
	return is_small(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
	       (unsigned char)c >= 0x80;
}

static uint16_t read_word(struct lexer *x)
{
	size_t from = x->at;
	bool has_small = false, has_large = false;
	str word;
	uint16_t is;

	for (; x->at < x->s.n && is_word_byte(x->s.p[x->at]); x->at++) {
		has_small |= is_small(x->s.p[x->at]);
		has_large |= x->s.p[x->at] >= 'A' && x->s.p[x->at] <= 'Z';
	}
	word = str_sub(x->s, from, x->at);
	is = has_small && !has_large ? meaning_of(word) : 0;
	if (!is && ((!has_small && word.n > 1) || str_starts(word, STR("__"))))
		is = WORD_MACRO;
	return is;
}

/* ---- the other tokens ---- */

static void step(struct lexer *x)
{
	x->line += x->s.p[x->at++] == '\n';
}

/* Behind a backslash: what it is before, a line's end of two bytes as well. */
static void step_escaped(struct lexer *x)
{
	step(x);
	if (x->at + 1 < x->s.n && x->s.p[x->at] == '\r' && x->s.p[x->at + 1] == '\n')
		step(x);
	if (x->at < x->s.n)
		step(x);
}

static bool has(const struct lexer *x, const char *text)
{
	return str_starts(str_sub(x->s, x->at, x->s.n), str_from(text));
}

static void read_comment(struct lexer *x)
{
	bool is_line = has(x, "//");

	x->at += 2;
	while (x->at < x->s.n && (is_line ? x->s.p[x->at] != '\n' : !has(x, "*/")))
		step(x);
	if (!is_line && x->at < x->s.n)
		x->at += 2;
}

static void read_text(struct lexer *x)
{
	char quote = x->s.p[x->at++];

	while (x->at < x->s.n && x->s.p[x->at] != quote && x->s.p[x->at] != '\n') {
		if (x->s.p[x->at] == '\\')
			step_escaped(x);
		else
			step(x);
	}
	if (x->at < x->s.n && x->s.p[x->at] == quote)
		x->at++;
}

/* R"x(...)x": at its quote; an ordinary text where it is none. */
static void read_raw_text(struct lexer *x)
{
	enum { MARK_MAX = 16 };
	str rest = str_sub(x->s, x->at + 1, x->s.n), mark;
	size_t n = str_find_byte(str_sub(rest, 0, rest.n < MARK_MAX ? rest.n : MARK_MAX), '(');

	if (n == STR_NONE) {
		read_text(x);
		return;
	}
	mark = str_sub(rest, 0, n);
	for (x->at += n + 2; x->at < x->s.n; step(x)) {
		str end = str_sub(x->s, x->at, x->s.n);

		if (str_take(&end, STR(")")) && str_take(&end, mark) &&
			str_starts(end, STR("\""))) {
			x->at += n + 2;
			return;
		}
	}
}

/* To the end of the last line that it goes on in; comments in it may have lines of their own. */
static void read_directive(struct lexer *x)
{
	while (x->at < x->s.n && x->s.p[x->at] != '\n') {
		if (has(x, "/*")) {
			read_comment(x);
			continue;
		}
		if (has(x, "//")) {
			while (x->at < x->s.n && x->s.p[x->at] != '\n')
				x->at++;
			return;
		}
		if (x->s.p[x->at] == '\\')
			step_escaped(x);
		else
			step(x);
	}
}

static void read_number(struct lexer *x)
{
	while (x->at < x->s.n && (is_word_byte(x->s.p[x->at]) || x->s.p[x->at] == '.' ||
					 (x->s.p[x->at] == '\'' && x->at + 1 < x->s.n &&
						 is_word_byte(x->s.p[x->at + 1]))))
		x->at++;
}

/* True when the quote belongs to the word before it: L"x", u8R"(x)". */
static bool is_prefix(str s, size_t from, size_t at)
{
	return at < s.n && at - from <= 3 && (s.p[at] == '"' || s.p[at] == '\'') &&
	       (s.p[from] == 'L' || s.p[from] == 'u' || s.p[from] == 'U' || s.p[from] == 'R');
}

static void read_token(struct lexer *x, struct macro_token *t)
{
	size_t from = x->at;

	t->c = x->s.p[from];
	if (is_digit(t->c)) {
		t->kind = MACRO_NUMBER;
		read_number(x);
	} else if (is_word_byte(t->c)) {
		t->kind = MACRO_WORD;
		t->word = read_word(x);
		if (is_prefix(x->s, from, x->at)) {
			t->kind = MACRO_TEXT;
			t->word = 0;
			if (x->s.p[x->at - 1] == 'R')
				read_raw_text(x);
			else
				read_text(x);
		}
	} else if (t->c == '"' || t->c == '\'') {
		t->kind = MACRO_TEXT;
		read_text(x);
	} else if (has(x, "/*") || has(x, "//")) {
		t->kind = MACRO_COMMENT;
		read_comment(x);
	} else if (t->c == '#' && x->is_first) {
		t->kind = MACRO_DIRECTIVE;
		read_directive(x);
	} else {
		t->kind = MACRO_SIGN;
		x->at += has(x, "::") ? 2 : 1;
	}
}

struct macro_tokens macro_lex(str source, struct arena *a)
{
	struct lexer x = {.s = source, .is_first = true};
	VEC(struct macro_token) tokens = {0};

	if (has(&x, "\xEF\xBB\xBF"))
		x.at = 3;
	while (x.at < source.n) {
		char c = source.p[x.at];
		struct macro_token *t;

		if (c == '\n' || c == ' ' || (c >= '\t' && c <= '\r') ||
			(c == '\\' && x.at + 1 < source.n &&
				(source.p[x.at + 1] == '\n' || source.p[x.at + 1] == '\r'))) {
			x.is_first |= c == '\n';
			step(&x);
			continue;
		}
		t = vec_push(&tokens, a);
		*t = (struct macro_token){
			.start = (uint32_t)x.at, .line = x.line, .is_first = x.is_first};
		read_token(&x, t);
		t->end = (uint32_t)x.at;
		x.is_first = false;
	}
	return (struct macro_tokens){tokens.v, (uint32_t)tokens.n};
}

str macro_directive(str source, const struct macro_token *t)
{
	size_t from = t->start + 1, end;

	while (from < t->end && (source.p[from] == ' ' || source.p[from] == '\t'))
		from++;
	for (end = from; end < t->end && is_small(source.p[end]);)
		end++;
	return str_sub(source, from, end);
}
