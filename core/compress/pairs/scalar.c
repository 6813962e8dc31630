#include "core/compress/pairs/scalar.h"

#include "core/base/limits.h"
#include "core/compress/table/cell.h"

enum { INDENT_MAX = 9, WORD_MAX = 5 /* bytes of "false" */ };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* s is not empty. */
static bool is_one_of(str s, const str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s.n == words[i].n && (*s.p | 0x20) == (*words[i].p | 0x20) &&
			str_eq_nocase(s, words[i]))
			return true;
	return false;
}

static bool has_control(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

/* What a character can be in a scalar. */
enum sign {
	FIRST = 1,   /* nothing plain begins with it */
	CONTROL = 2, /* nothing plain has it */
	PAIR = 4,    /* not before a certain other */
	WORD = 8,    /* a word that is no text begins with it */
};
static const unsigned char signs[256] = {
	[0 ... 0x1f] = CONTROL,
	[0x7f] = CONTROL,
	[' '] = FIRST | PAIR,
	[':'] = PAIR,
	[','] = FIRST,
	['['] = FIRST,
	[']'] = FIRST,
	['{'] = FIRST,
	['}'] = FIRST,
	['#'] = FIRST,
	['&'] = FIRST,
	['*'] = FIRST,
	['!'] = FIRST,
	['|'] = FIRST,
	['>'] = FIRST,
	['\''] = FIRST,
	['"'] = FIRST,
	['%'] = FIRST,
	['@'] = FIRST,
	['`'] = FIRST,
	['~'] = WORD,
	['.'] = WORD,
	['-'] = WORD,
	['<'] = WORD,
	['='] = WORD,
	['n'] = WORD,
	['N'] = WORD,
	['t'] = WORD,
	['T'] = WORD,
	['f'] = WORD,
	['F'] = WORD,
	['y'] = WORD,
	['Y'] = WORD,
	['o'] = WORD,
	['O'] = WORD,
};

/* Would end a plain scalar, or begin something else. */
static bool has_sign(str s)
{
	char first = *s.p, second = s.n > 1 ? s.p[1] : ' ';

	if (signs[(unsigned char)first] & FIRST || s.p[s.n - 1] == ' ' || s.p[s.n - 1] == ':')
		return true;
	if ((first == '-' || first == '?' || first == ':') && second == ' ')
		return true;
	if (first == '-' && str_starts(s, STR("---")))
		return true;
	for (size_t i = 0; i < s.n; i++) {
		unsigned sign = signs[(unsigned char)s.p[i]];

		if (!(sign & (CONTROL | PAIR)))
			continue;
		if (sign & CONTROL || (i + 1 < s.n && s.p[i + 1] == (s.p[i] == ':' ? ' ' : '#')))
			return true;
	}
	return false;
}

static bool is_date(str s)
{
	return s.n >= 10 && is_digit(s.p[0]) && is_digit(s.p[1]) && is_digit(s.p[2]) &&
	       is_digit(s.p[3]) && s.p[4] == '-' && is_digit(s.p[5]) && is_digit(s.p[6]) &&
	       s.p[7] == '-' && is_digit(s.p[8]) && is_digit(s.p[9]);
}

/* What some reader of YAML 1.1 or 1.2 takes for a number: digits, with signs of numbers between them. */
static bool is_odd_number(str s)
{
	size_t digits = 0, i = s.n && (*s.p == '-' || *s.p == '+');

	if (str_starts(s, STR("0x")) || str_starts(s, STR("0o")) || str_starts(s, STR("0b")))
		return true;
	for (; i < s.n; i++) {
		digits += is_digit(s.p[i]);
		if (!is_digit(s.p[i]) && !strchr("._:eE+-", s.p[i]))
			return false;
	}
	return digits > 0 && (is_digit(*s.p) || strchr("+-.", *s.p)) && s.p[s.n - 1] != ':';
}

/* Of what is no scalar of JSON, and not empty. */
static enum yaml_class classify(str text)
{
	static const str scalars[] = {LIT("null"), LIT("true"), LIT("false"), LIT("~"), LIT(".inf"),
		LIT("-.inf"), LIT(".nan"), LIT("<<"), LIT("=")};
	static const str words[] = {
		LIT("yes"), LIT("no"), LIT("on"), LIT("off"), LIT("y"), LIT("n")};

	if (text.n <= WORD_MAX && signs[(unsigned char)*text.p] & WORD) {
		if (is_one_of(text, scalars, ARRAY_N(scalars)))
			return YAML_SCALAR;
		if (is_one_of(text, words, ARRAY_N(words)))
			return YAML_WORD;
	}
	if (has_sign(text))
		return YAML_SIGN;
	/* Dates and numbers begin otherwise. */
	if (is_letter(*text.p))
		return YAML_PLAIN;
	if (is_date(text))
		return YAML_DATE;
	return is_odd_number(text) ? YAML_NUMBER : YAML_PLAIN;
}

enum yaml_class yaml_classify(str text)
{
	return !text.n || (cell_may_be_scalar(text) && cell_is_scalar(text)) ? YAML_SCALAR
									     : classify(text);
}

bool yaml_unquote(str spelled, struct arena *a, str *out)
{
	char quote = spelled.n > 1 ? *spelled.p : 0;
	struct buf b;

	if ((quote != '"' && quote != '\'') || spelled.p[spelled.n - 1] != quote)
		return false;
	spelled = str_sub(spelled, 1, spelled.n - 1);
	*out = spelled;
	if (str_find_byte(spelled, quote) == STR_NONE)
		return !has_control(spelled) &&
		       (quote == '\'' || str_find_byte(spelled, '\\') == STR_NONE);
	if (quote == '"' || has_control(spelled))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < spelled.n; i++) {
		if (spelled.p[i] == quote && (++i == spelled.n || spelled.p[i] != quote))
			return false;
		buf_add_byte(&b, spelled.p[i]);
	}
	*out = buf_str(&b);
	return b.err == E_OK;
}

/* ---- to text ---- */

/* Lines behind the first, each behind so many blanks unless it is empty. */
static void print_lines(str rest, size_t base, struct buf *out)
{
	str line;

	while (str_next_line(&rest, &line, NULL)) {
		buf_add_byte(out, '\n');
		for (size_t i = 0; line.n && i < base; i++)
			buf_add_byte(out, ' ');
		buf_add(out, line);
	}
}

static void print_quoted(char quote, str text, struct buf *out)
{
	buf_add_byte(out, quote);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == quote || (quote == '"' && text.p[i] == '\\'))
			buf_add_byte(out, quote == '"' ? '\\' : quote);
		buf_add_byte(out, text.p[i]);
	}
	buf_add_byte(out, quote);
}

static void print_raw(str text, size_t base, struct buf *out)
{
	size_t eol = str_find_byte(text, '\n');

	buf_add(out, str_sub(text, 0, eol == STR_NONE ? text.n : eol));
	if (eol != STR_NONE)
		print_lines(str_sub(text, eol + 1, text.n), base, out);
}

void yaml_scalar_print(const struct yaml_style *s, str text, size_t base, struct buf *out)
{
	enum yaml_class class;

	if (text.n && *text.p == ' ') {
		print_raw(str_sub(text, 1, text.n), base, out);
		return;
	}
	if (text.n && (*text.p == '"' || *text.p == '\'')) {
		buf_add(out, text);
		return;
	}
	if (str_find_byte(text, '\n') != STR_NONE) {
		buf_add_c(out, str_ends(text, STR("\n")) ? "|" : "|-");
		print_lines(text, base, out);
		return;
	}
	class = yaml_classify(text);
	if (class == YAML_PLAIN || s->is_plain & 1u << class)
		buf_add(out, text);
	else
		print_quoted(class == YAML_SIGN ? s->sign_quote : s->value_quote, text, out);
}

/* ---- to JSON ---- */

/* The lines of spelled without the blanks that the further ones begin with. */
static bool strip(str spelled, size_t base, struct buf *out)
{
	str line;

	if (str_next_line(&spelled, &line, NULL))
		buf_add(out, line);
	while (str_next_line(&spelled, &line, NULL)) {
		buf_add_byte(out, '\n');
		if (!line.n)
			continue;
		for (size_t i = 0; i < base; i++)
			if (i == line.n || line.p[i] != ' ')
				return false;
		buf_add(out, str_sub(line, base, line.n));
	}
	return out->err == E_OK;
}

static str join(str x, str y, struct arena *a)
{
	char *p = arena_alloc(a, x.n + y.n, 1);

	memcpy(p, x.p, x.n);
	if (y.n)
		memcpy(p + x.n, y.p, y.n);
	return (str){p, x.n + y.n};
}

/* The text that a spelled scalar most likely is what is printed of. */
static bool guess(str stripped, struct arena *a, str *out)
{
	str rest = stripped;

	if (str_take(&rest, STR("|-\n"))) {
		*out = rest;
		return str_find_byte(rest, '\n') != STR_NONE;
	}
	if (str_take(&rest, STR("|\n"))) {
		*out = rest.n ? join(rest, STR("\n"), a) : rest;
		return true;
	}
	*out = stripped;
	return str_find_byte(stripped, '\n') == STR_NONE &&
	       (yaml_unquote(stripped, a, out) ||
		       (stripped.n && *stripped.p != '"' && *stripped.p != '\''));
}

bool yaml_scalar_json(const struct yaml_style *s, str spelled, size_t base, bool is_item,
	struct arena *a, struct buf *json)
{
	struct buf stripped, again;
	str text;

	if (cell_may_be_scalar(spelled) && cell_is_scalar(spelled)) {
		buf_add(json, spelled);
		return true;
	}
	/* Nearly all are such. */
	if (spelled.n && classify(spelled) == YAML_PLAIN) {
		buf_add_json_string(json, spelled);
		return true;
	}
	buf_init_arena(&stripped, a, LIMIT_INPUT);
	buf_init_arena(&again, a, LIMIT_INPUT);
	if (!strip(spelled, base, &stripped))
		return false;
	if (guess(buf_str(&stripped), a, &text) &&
		(!text.n || !strchr(is_item ? " '\"#" : " '\"", *text.p))) {
		yaml_scalar_print(s, text, 0, &again);
		if (again.err == E_OK && str_eq(buf_str(&again), buf_str(&stripped))) {
			buf_add_json_string(json, text);
			return true;
		}
	}
	text = buf_str(&stripped);
	if (text.n > 1 && (*text.p == '"' || *text.p == '\'') &&
		str_find_byte(text, '\n') == STR_NONE)
		buf_add_json_string(json, text);
	else
		buf_add_json_string(json, join(STR(" "), text, a));
	return true;
}

/* ---- words ---- */

static const char *const plain_words[YAML_CLASSES_N] = {
	[YAML_WORD] = "plain yes",
	[YAML_DATE] = "plain dates",
	[YAML_NUMBER] = "plain numbers",
};

void yaml_style_write(const struct yaml_style *s, struct buf *out)
{
	buf_printf(out, "indent %u", s->indent);
	if (s->dashes_in)
		buf_add_c(out, ", dashes indented");
	if (s->is_many)
		buf_add_c(out, s->has_first ? ", documents" : ", documents without first ---");
	if (s->value_quote != '"' || s->sign_quote != '"')
		buf_printf(out, ", quotes %c%c", s->value_quote, s->sign_quote);
	for (unsigned c = 0; c < YAML_CLASSES_N; c++)
		if (s->is_plain & 1u << c)
			buf_printf(out, ", %s", plain_words[c]);
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

static bool read_word(str word, struct yaml_style *s)
{
	uint64_t n;

	for (unsigned c = 0; c < YAML_CLASSES_N; c++) {
		if (plain_words[c] && str_eq_c(word, plain_words[c])) {
			s->is_plain |= 1u << c;
			return true;
		}
	}
	if (str_take(&word, STR("indent "))) {
		if (!str_u64(word, &n) || !n || n > INDENT_MAX)
			return false;
		s->indent = (unsigned)n;
		return true;
	}
	if (str_take(&word, STR("quotes "))) {
		if (word.n != 2 || !is_quote(word.p[0]) || !is_quote(word.p[1]))
			return false;
		s->value_quote = word.p[0];
		s->sign_quote = word.p[1];
		return true;
	}
	if (str_eq(word, STR("dashes indented"))) {
		s->dashes_in = true;
		return true;
	}
	s->is_many = true;
	s->has_first = str_eq(word, STR("documents"));
	return s->has_first || str_eq(word, STR("documents without first ---"));
}

bool yaml_style_read(str words, struct yaml_style *s)
{
	*s = (struct yaml_style){.value_quote = '"', .sign_quote = '"'};
	while (words.n) {
		size_t at = str_find(words, STR(", "));

		if (!read_word(str_sub(words, 0, at == STR_NONE ? words.n : at), s))
			return false;
		words = at == STR_NONE ? STR_NULL : str_sub(words, at + 2, words.n);
	}
	return s->indent > 0;
}
