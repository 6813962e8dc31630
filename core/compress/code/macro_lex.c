#include "core/compress/code/macro_lex.h"

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/vec.h"

struct lexer {
	str s;
	size_t at;
	uint32_t line;
	bool is_first, is_open;
};

/* ---- words ---- */

static const struct {
	const char *word;
	uint8_t n; /* its bytes */
	uint16_t is;
} words[] = {
	/* by their first letters, '_' before 'a' */
	{"__asm__", 7, WORD_KEY},
	{"__attribute__", 13, WORD_KEY},
	{"__declspec", 10, WORD_KEY},
	{"alignas", 7, WORD_KEY},
	{"asm", 3, WORD_KEY},
	{"auto", 4, WORD_KEY | WORD_TYPE},
	{"bool", 4, WORD_KEY | WORD_TYPE},
	{"break", 5, WORD_KEY},
	{"case", 4, WORD_KEY | WORD_VALUE},
	{"catch", 5, WORD_KEY | WORD_HANDLER},
	{"char", 4, WORD_KEY | WORD_TYPE},
	{"class", 5, WORD_KEY | WORD_TAG},
	{"const", 5, WORD_KEY | WORD_BEHIND},
	{"consteval", 9, WORD_KEY},
	{"constexpr", 9, WORD_KEY},
	{"constinit", 9, WORD_KEY},
	{"continue", 8, WORD_KEY},
	{"decltype", 8, WORD_KEY},
	{"default", 7, WORD_KEY},
	{"delete", 6, WORD_KEY},
	{"do", 2, WORD_KEY | WORD_AHEAD},
	{"double", 6, WORD_KEY | WORD_TYPE},
	{"else", 4, WORD_KEY | WORD_AHEAD},
	{"enum", 4, WORD_KEY | WORD_TAG},
	{"explicit", 8, WORD_KEY},
	{"extern", 6, WORD_KEY | WORD_EXTERN},
	{"final", 5, WORD_KEY | WORD_BEHIND},
	{"float", 5, WORD_KEY | WORD_TYPE},
	{"for", 3, WORD_KEY | WORD_CONTROL | WORD_LOOP},
	{"friend", 6, WORD_KEY},
	{"goto", 4, WORD_KEY},
	{"if", 2, WORD_KEY | WORD_CONTROL},
	{"inline", 6, WORD_KEY},
	{"int", 3, WORD_KEY | WORD_TYPE},
	{"long", 4, WORD_KEY | WORD_TYPE},
	{"mutable", 7, WORD_KEY},
	{"namespace", 9, WORD_KEY | WORD_NAMESPACE},
	{"new", 3, WORD_KEY},
	{"noexcept", 8, WORD_KEY | WORD_BEHIND},
	{"operator", 8, WORD_KEY | WORD_OPERATOR},
	{"override", 8, WORD_KEY | WORD_BEHIND},
	{"private", 7, WORD_KEY | WORD_ACCESS},
	{"protected", 9, WORD_KEY | WORD_ACCESS},
	{"public", 6, WORD_KEY | WORD_ACCESS},
	{"register", 8, WORD_KEY},
	{"requires", 8, WORD_KEY | WORD_BEHIND},
	{"return", 6, WORD_KEY | WORD_VALUE},
	{"short", 5, WORD_KEY | WORD_TYPE},
	{"signed", 6, WORD_KEY | WORD_TYPE},
	{"sizeof", 6, WORD_KEY},
	{"static", 6, WORD_KEY},
	{"static_assert", 13, WORD_KEY},
	{"struct", 6, WORD_KEY | WORD_TAG},
	{"switch", 6, WORD_KEY | WORD_CONTROL},
	{"template", 8, WORD_KEY | WORD_TEMPLATE},
	{"thread_local", 12, WORD_KEY},
	{"throw", 5, WORD_KEY | WORD_BEHIND | WORD_VALUE},
	{"try", 3, WORD_KEY | WORD_AHEAD | WORD_BEHIND},
	{"typedef", 7, WORD_KEY},
	{"typename", 8, WORD_KEY},
	{"union", 5, WORD_KEY | WORD_TAG},
	{"unsigned", 8, WORD_KEY | WORD_TYPE},
	{"using", 5, WORD_KEY},
	{"virtual", 7, WORD_KEY},
	{"void", 4, WORD_KEY | WORD_TYPE},
	{"volatile", 8, WORD_KEY | WORD_BEHIND},
	{"while", 5, WORD_KEY | WORD_CONTROL},
};
/* Of each first letter: where its words begin, those of the next one. */
static const uint8_t words_at[] = {0, 3, 6, 8, 17, 22, 26, 30, 31, 31, 34, 34, 34, 35, 36, 39, 41,
	44, 44, 47, 54, 60, 63, 66, 67, 67, 67, 67};
_Static_assert(ARRAY_N(words) == 67, "words_at says where words are");

static uint16_t meaning_of(const char *p, size_t n)
{
	uint32_t letter = *p == '_' ? 0 : (uint32_t)(*p - 'a' + 1);

	for (uint32_t i = words_at[letter]; i < words_at[letter + 1]; i++)
		if (words[i].n == n && memcmp(p, words[i].word, n) == 0)
			return words[i].is;
	return 0;
}

enum {
	IS_SMALL = 1,
	IS_LARGE = 2,
	IS_DIGIT = 4,
	IS_OTHER = 8, /* of a word, and no letter: '_', '$', what is not ASCII */
	IS_BLANK = 16,
	IS_WORD = IS_SMALL | IS_LARGE | IS_DIGIT | IS_OTHER,
};

static inline unsigned class_of(char c)
{
	static const uint8_t classes[256] = {['a' ... 'z'] = IS_SMALL,
		['A' ... 'Z'] = IS_LARGE,
		['0' ... '9'] = IS_DIGIT,
		['_'] = IS_OTHER,
		['$'] = IS_OTHER,
		[0x80 ... 0xFF] = IS_OTHER,
		[' '] = IS_BLANK,
		['\t' ... '\r'] = IS_BLANK};

	return classes[(unsigned char)c];
}

static bool is_small(char c)
{
	return class_of(c) == IS_SMALL;
}

static bool is_word_byte(char c)
{
	return (class_of(c) & IS_WORD) != 0;
}

static uint16_t read_word(struct lexer *x)
{
	const char *p = x->s.p + x->at;
	size_t n = 0, max = x->s.n - x->at;
	unsigned all = 0;
	uint16_t is = 0;

	for (unsigned c; n < max && (c = class_of(p[n])) & IS_WORD; n++)
		all |= c;
	x->at += n;
	if (all & IS_SMALL && !(all & IS_LARGE) && (is_small(*p) || *p == '_'))
		is = meaning_of(p, n);
	if (!is && n > 1 && (!(all & IS_SMALL) || (*p == '_' && p[1] == '_')))
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

static bool is_at(const struct lexer *x, char first, char second)
{
	return x->at + 1 < x->s.n && x->s.p[x->at] == first && x->s.p[x->at + 1] == second;
}

static bool is_comment(const struct lexer *x)
{
	return is_at(x, '/', '*') || is_at(x, '/', '/');
}

/* To that place, over lines. */
static void go_to(struct lexer *x, size_t at)
{
	for (size_t n; (n = str_find_byte(str_sub(x->s, x->at, at), '\n')) != STR_NONE;) {
		x->at += n + 1;
		x->line++;
	}
	x->at = at;
}

static void read_comment(struct lexer *x)
{
	bool is_line = is_at(x, '/', '/');
	str rest = str_sub(x->s, x->at + 2, x->s.n);
	size_t n = is_line ? str_find_byte(rest, '\n') : str_find(rest, STR("*/"));

	x->is_open |= n == STR_NONE && !is_line;
	go_to(x, n == STR_NONE ? x->s.n : x->at + 2 + n + (is_line ? 0 : 2));
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
	x->is_open = true;
}

/* To the end of the last line that it goes on in; comments in it may have lines of their own. */
static void read_directive(struct lexer *x)
{
	while (x->at < x->s.n && x->s.p[x->at] != '\n') {
		if (is_comment(x))
			read_comment(x);
		else if (x->s.p[x->at] == '\\')
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
	unsigned c = class_of(x->s.p[from]);

	t->c = x->s.p[from];
	if (c == IS_DIGIT) {
		t->kind = MACRO_NUMBER;
		read_number(x);
	} else if (c & IS_WORD) {
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
	} else if (is_comment(x)) {
		t->kind = MACRO_COMMENT;
		read_comment(x);
	} else if (t->c == '#' && x->is_first) {
		t->kind = MACRO_DIRECTIVE;
		read_directive(x);
	} else {
		t->kind = MACRO_SIGN;
		x->at += is_at(x, ':', ':') ? 2 : 1;
	}
}

struct macro_tokens macro_lex(str source, struct arena *a)
{
	struct lexer x = {.s = source, .is_first = true};
	VEC(struct macro_token) tokens = {0};

	if (str_starts(source, STR("\xEF\xBB\xBF")))
		x.at = 3;
	while (x.at < source.n) {
		char c = source.p[x.at];
		struct macro_token *t;

		if (class_of(c) == IS_BLANK ||
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
	return (struct macro_tokens){tokens.v, (uint32_t)tokens.n, x.is_open};
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
