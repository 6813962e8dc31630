#include "core/compress/prose/sentence.h"

#include "core/compress/code/language.h"
#include "core/compress/prose/rows.h"
#include "core/compress/prose/word.h"

enum {
	WORDS_MIN =
		5, /* a shorter line that does not go on a paragraph is a title, a label, a menu */
	LETTERS_PART = 6,  /* of ten bytes of a line of prose so many are letters */
	LANGUAGE_MAX = 16, /* bytes of the name of one */
	CODE_INDENT = 4,   /* CommonMark 4.4: blanks before code */
	SPEAKER_MAX = 32,  /* bytes of "Name: " at the beginning of a line */
	PART_MIN = 24,   /* bytes of a part of a sentence; what is shorter says nothing by itself */
	PHRASE_MIN = 14, /* bytes of words that are worth a mark in their place */
	WORDS_AROUND = 2,     /* that a number needs on either side */
	WORDS_BEFORE_NOT = 3, /* and a negation */
	WORDS_BEHIND_NOT = 6,
	MARKER_DIGITS =
		3, /* of an ordered list's item; CommonMark allows nine, nobody counts so far */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t blanks(str line)
{
	size_t n = 0;

	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n;
}

/* "- ", "* ", "+ ", "1. ", "12) ": how long it is with the blank behind it; 0: none. */
static size_t marker_length(str line)
{
	size_t n = 0;

	if (line.n > 1 && strchr("-*+", line.p[0]) && line.p[1] == ' ')
		return 2;
	if (str_starts(line, STR("\xe2\x80\xa2 "))) /* a bullet */
		return 4;
	while (n < line.n && n < MARKER_DIGITS && is_digit(line.p[n]))
		n++;
	if (n && n + 1 < line.n && strchr(".)", line.p[n]) && line.p[n + 1] == ' ')
		return n + 2;
	return 0;
}

bool sentence_line_is_structure(str line)
{
	line = str_sub(line, blanks(line), line.n);
	return line.n && (strchr("#|>", *line.p) || str_starts(line, STR("```")) ||
				 str_starts(line, STR("~~~")) || marker_length(line));
}

bool sentence_line_is_fence(str line)
{
	line = str_sub(line, blanks(line), line.n);
	return str_starts(line, STR("```")) || str_starts(line, STR("~~~"));
}

/* "Ann: " before what she says; how long it is; 0: none. */
static size_t speaker_length(str line)
{
	size_t at = str_find(line, STR(": "));

	if (at == STR_NONE || at > SPEAKER_MAX || !at || !(line.p[0] >= 'A' && line.p[0] <= 'Z'))
		return 0;
	for (size_t i = 0; i < at; i++)
		if (!word_is_letter((unsigned char)line.p[i]) && line.p[i] != ' ')
			return 0;
	return at + 2;
}

/* What stands before an item's or a speaker's first sentence; 0: it is neither. */
static size_t head_length(str line)
{
	size_t indent = blanks(line), marker = marker_length(str_sub(line, indent, line.n));

	return marker ? indent + marker : speaker_length(line);
}

static bool is_prose(str line)
{
	size_t letters = 0, words = 0;
	bool in_word = false;

	for (size_t i = 0; i < line.n; i++) {
		bool is_letter = word_is_letter((unsigned char)line.p[i]);

		letters += is_letter;
		words += is_letter && !in_word;
		in_word = is_letter;
	}
	return words >= WORDS_MIN && letters * 10 >= line.n * LETTERS_PART;
}

/* Abbreviations whose '.' ends no sentence, where a capital may follow. */
static bool is_abbreviation(str before)
{
	static const char *const all[] = {"e.g", "i.e", "etc", "vs", "cf", "Mr", "Mrs", "Ms", "Dr",
		"Prof", "St", "No", "Fig", "approx", "resp", "al", "Inc", "Ltd", "Co", "Jr", "U.S"};
	size_t n = 0;

	while (n < before.n && (word_is_letter((unsigned char)before.p[before.n - 1 - n]) ||
				       before.p[before.n - 1 - n] == '.'))
		n++;
	before = str_sub(before, before.n - n, before.n);
	if (before.n == 1)
		return true; /* an initial */
	for (size_t i = 0; i < ARRAY_N(all); i++)
		if (str_eq_c(before, all[i]))
			return true;
	return false;
}

bool sentence_is_strong(str text)
{
	return str_find(text, STR("**")) != STR_NONE;
}

bool sentence_asks(str text)
{
	text = str_trim(text);
	while (text.n && strchr("\"')]*_", text.p[text.n - 1]))
		text.n--;
	return text.n && text.p[text.n - 1] == '?';
}

static bool ends_sentence(char c)
{
	return c == '.' || c == '!' || c == '?';
}

/* The end of the sentence that begins at from, without what follows it: behind its mark and closing quotes. */
static size_t sentence_end(str paragraph, size_t from)
{
	for (size_t i = from; i < paragraph.n; i++) {
		size_t end = i + 1;

		if (!ends_sentence(paragraph.p[i]))
			continue; /* nearly all */
		while (end < paragraph.n && strchr(".!?\"')]*_", paragraph.p[end]))
			end++;
		if (end == paragraph.n)
			return end;
		if (!strchr(" \t\r\n", paragraph.p[end]) ||
			(paragraph.p[i] == '.' && is_abbreviation(str_sub(paragraph, from, i)))) {
			i = end - 1;
			continue;
		}
		return end;
	}
	return paragraph.n;
}

static size_t skip_space(str text, size_t at)
{
	while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\n' || text.p[at] == '\t' ||
				      text.p[at] == '\r'))
		at++;
	return at;
}

struct line_reader {
	str text;
	size_t at;
	bool in_fence, has_code;              /* has_code: a line of it was passed */
	bool is_asked;                        /* what was read last asks something */
	const struct code_language *language; /* of the block of code; NULL: not known */
};

/* text: a paragraph's lines and the blank ones behind it; head: of an item's number or a speaker's name, which end no
 * sentence. */
static void add_paragraph(
	struct line_reader *r, sentence_vec *out, struct arena *a, str text, size_t head)
{
	bool is_said = speaker_length(text) > 0, is_asked = r->is_asked;
	size_t at = head;

	if (head)
		*vec_push(out, a) =
			(struct sentence){.text = str_sub(text, 0, head), .is_kept = true};
	r->is_asked = false;
	for (bool is_first = true; at < text.n; is_first = false) {
		size_t end = skip_space(text, sentence_end(text, at));
		struct sentence *s = vec_push(out, a);

		*s = (struct sentence){.text = str_sub(text, at, end),
			.is_first = is_first && !is_said,
			.is_answer = is_asked};
		r->is_asked |= sentence_asks(s->text);
		at = end;
	}
}

static str peek(const struct line_reader *r)
{
	str rest = str_sub(r->text, r->at, r->text.n);
	size_t eol = str_find_byte(rest, '\n');

	return eol == STR_NONE ? rest : str_sub(rest, 0, eol);
}

static void pass(struct line_reader *r, str line)
{
	r->at += line.n + (r->at + line.n < r->text.n);
}

static void skip_empty(struct line_reader *r)
{
	while (r->at < r->text.n && !str_trim(peek(r)).n)
		pass(r, peek(r));
}

/* True when a line goes on the paragraph above it. */
static bool goes_on(str line)
{
	return str_trim(line).n && !sentence_line_is_structure(line) && !speaker_length(line);
}

/* "> ", with what is before it; 0: it is no quote. */
static size_t quote_length(str line)
{
	size_t n = blanks(line);

	return str_starts(str_sub(line, n, line.n), STR("> ")) ? n + 2 : 0;
}

/* Of the block of code that a line begins: what stands behind its fence is a name, or how files of it end. */
static const struct code_language *language_behind(str fence)
{
	char path[LANGUAGE_MAX + 2] = "x.";
	const struct code_language *l;
	size_t n = 0;

	fence = str_trim(fence);
	while (fence.n && strchr("`~ ", *fence.p))
		fence = str_sub(fence, 1, fence.n);
	while (n < fence.n && n < LANGUAGE_MAX && word_is_letter((unsigned char)fence.p[n]))
		n++;
	l = code_language_named(str_sub(fence, 0, n));
	memcpy(path + 2, fence.p, n);
	return l ? l : code_language_of((str){path, n + 2}, STR_NULL);
}

/* How a line that is kept could be parted; r->at is behind it. */
static enum sentence_opens opens_of(struct line_reader *r, str line)
{
	str below = peek(r), bare = str_sub(line, quote_length(line), line.n);

	if (sentence_line_is_fence(line)) {
		r->has_code = false;
		r->language = language_behind(line);
		return OPENS_NOT;
	}
	if (r->in_fence) {
		bool is_first =
			!r->has_code || (r->language && code_is_signature(r->language, line));

		r->has_code |= !sentence_line_is_structure(line);
		return is_first ? OPENS_NOT : OPENS_CODE;
	}
	if (rows_is_row(line))
		return rows_is_rule(line) || rows_is_rule(below) ? OPENS_NOT : OPENS_ROW;
	if (bare.n == line.n && blanks(line) < CODE_INDENT)
		return OPENS_NOT;
	return is_prose(str_trim(bare)) && !sentence_line_is_structure(bare) ? OPENS_LINE
									     : OPENS_NOT;
}

void sentences_of(str text, struct arena *a, sentence_vec *out)
{
	struct line_reader r = {.text = text};

	while (r.at < text.n) {
		size_t from = r.at, head;
		str line = peek(&r);
		bool is_code = r.in_fence || sentence_line_is_fence(line);

		if (sentence_line_is_fence(line))
			r.in_fence = !r.in_fence;
		head = head_length(line);
		is_code |= blanks(line) >= CODE_INDENT && !head;
		pass(&r, line);
		if (is_code || !is_prose(line) || (!head && sentence_line_is_structure(line))) {
			struct sentence s = {.is_kept = true, .opens = opens_of(&r, line)};

			skip_empty(&r);
			s.text = str_sub(text, from, r.at);
			*vec_push(out, a) = s;
			r.is_asked = !is_code && sentence_asks(line);
			continue;
		}
		while (r.at < text.n && goes_on(peek(&r)))
			pass(&r, peek(&r));
		skip_empty(&r);
		add_paragraph(&r, out, a, str_sub(text, from, r.at), head);
	}
}

/* Where the cell ends that begins there: before the next '|' that no backslash stands before. */
static size_t cell_end(str row, size_t at)
{
	while (at < row.n && (row.p[at] != '|' || (at && row.p[at - 1] == '\\')))
		at++;
	return at;
}

static void add_sentences(str text, struct arena *a, sentence_vec *out)
{
	for (size_t at = 0, end; at < text.n; at = end) {
		end = skip_space(text, sentence_end(text, at));
		*vec_push(out, a) = (struct sentence){.text = str_sub(text, at, end)};
	}
}

static void add_kept(str text, struct arena *a, sentence_vec *out)
{
	if (text.n)
		*vec_push(out, a) = (struct sentence){.text = text, .is_kept = true};
}

static void open_row(str row, struct arena *a, sentence_vec *out)
{
	size_t kept = 0, first = blanks(row) + 1;

	for (size_t at = cell_end(row, first) + 1, end; at < row.n; at = end + 1) {
		end = cell_end(row, at);
		if (!is_prose(str_trim(str_sub(row, at, end))))
			continue;
		at += blanks(str_sub(row, at, end));
		add_kept(str_sub(row, kept, at), a, out);
		add_sentences(str_sub(row, at, end), a, out);
		kept = end;
	}
	add_kept(str_sub(row, kept, row.n), a, out);
}

void sentence_open(const struct sentence *s, struct arena *a, sentence_vec *out)
{
	size_t head = quote_length(s->text);

	if (s->opens == OPENS_ROW) {
		open_row(s->text, a, out);
		return;
	}
	add_kept(str_sub(s->text, 0, head), a, out);
	if (s->opens == OPENS_LINE)
		add_sentences(str_sub(s->text, head, s->text.n), a, out);
	else
		*vec_push(out, a) = (struct sentence){
			.text = str_sub(s->text, head, s->text.n), .opens = s->opens};
}

/* What a sentence is in the middle of. */
struct inside {
	bool code, emphasis;
	unsigned brackets, parens;
};

static void enter(struct inside *in, char c, char before)
{
	if (c == '`')
		in->code = !in->code;
	if (in->code)
		return;
	in->emphasis ^= c == '*' && before != '*'; /* two are one sign */
	in->brackets += c == '[';
	in->brackets -= c == ']' && in->brackets;
	in->parens += c == '(';
	in->parens -= c == ')' && in->parens;
}

/* True when a part ends before the blank at that place of the sentence. */
static bool parts_at(str text, size_t at)
{
	str behind = str_sub(text, at + 1, text.n);

	return strchr(",;:", text.p[at - 1]) || str_starts(behind, STR("(")) ||
	       str_starts(behind, STR("- ")) || str_starts(behind, STR("\xe2\x80\x93 ")) ||
	       str_starts(behind, STR("\xe2\x80\x94 "));
}

void sentence_parts(const struct sentence *s, struct arena *a, sentence_vec *out)
{
	struct inside in = {.code = false};
	size_t from = 0;

	for (size_t i = 0; i < s->text.n; i++) {
		if (word_is_letter((unsigned char)s->text.p[i]))
			continue; /* most are */
		enter(&in, s->text.p[i], i ? s->text.p[i - 1] : ' ');
		if (s->text.p[i] != ' ' || i + 1 - from < PART_MIN || s->text.n - i < PART_MIN ||
			in.code || in.emphasis || in.brackets || in.parens || !parts_at(s->text, i))
			continue;
		*vec_push(out, a) = (struct sentence){
			.text = str_sub(s->text, from, i + 1), .is_part = from > 0};
		from = i + 1;
	}
	*vec_push(out, a) =
		(struct sentence){.text = str_sub(s->text, from, s->text.n), .is_part = from > 0};
}

/* ---- phrases -------------------------------------------------------------------------------------- */

/* Words with the signs at them, a link, a piece of code, something in emphasis: what is not cut. */
struct unit {
	str text; /* with the blank behind it */
	bool is_loose;
};
typedef VEC(struct unit) unit_vec;

static bool is_blank(char c)
{
	return c == ' ' || c == '\n';
}

static void split_units(str text, struct arena *a, unit_vec *out)
{
	struct inside in = {.code = false};
	bool in_target = false; /* of a link: (URL "title") */
	size_t from = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i], before = ' ';
		bool is_last = i + 1 == text.n;

		if (word_is_letter((unsigned char)c) && !is_last)
			continue; /* most are */
		if (i)
			before = text.p[i - 1];
		enter(&in, c, before);
		in_target = (in_target || (before == ']' && c == '(')) && c != ')';
		if (!is_last && (!is_blank(c) || is_blank(text.p[i + 1]) || in.code ||
					in.emphasis || in.brackets || in_target))
			continue;
		*vec_push(out, a) = (struct unit){str_sub(text, from, i + 1), true};
		from = i + 1;
	}
}

/* Units from..to-1 stay where one of them does. */
static void bind(unit_vec *units, size_t from, size_t to)
{
	for (size_t i = from; i < to && i < units->n; i++)
		units->v[i].is_loose = false;
}

static void bind_word(unit_vec *units, size_t at, const struct word *w)
{
	size_t before = 0, behind = 0;

	if (w->weight == WORD_FREE)
		return;
	if (w->weight == WORD_ALWAYS) {
		before = word_negates(w) ? WORDS_BEFORE_NOT : WORDS_AROUND;
		behind = word_negates(w) ? WORDS_BEHIND_NOT : WORDS_AROUND;
	}
	bind(units, at > before ? at - before : 0, at + behind + 1);
}

static void bind_units(unit_vec *units, const struct sentence *s, const struct lexicon *lexicon)
{
	for (size_t i = 0; i < units->n; i++) {
		str text = units->v[i].text, before = str_sub(s->text, 0, text.p - s->text.p);
		struct word_reader r = {
			lexicon, text, i ? word_starts_behind(before) : !s->is_part};
		struct word w;

		if (sentence_is_strong(text))
			bind(units, i, i + 1);
		while (word_next(&r, &w))
			bind_word(units, i, &w);
	}
}

/* Where the units end that are, from that one on, loose or bound as it is. */
static size_t run_end(const unit_vec *units, size_t from)
{
	bool is_loose = units->v[from].is_loose;
	size_t to = from;

	while (to < units->n && units->v[to].is_loose == is_loose)
		to++;
	return to;
}

static size_t bytes_of(const unit_vec *units, size_t from, size_t to)
{
	size_t n = 0;

	while (from < to)
		n += units->v[from++].text.n;
	return n;
}

static void bind_short_runs(unit_vec *units)
{
	for (size_t i = 0, end; i < units->n; i = end) {
		end = run_end(units, i);
		if (units->v[i].is_loose && bytes_of(units, i, end) < PHRASE_MIN)
			bind(units, i, end);
	}
}

void sentence_phrases(
	const struct sentence *s, const struct lexicon *lexicon, struct arena *a, sentence_vec *out)
{
	unit_vec units = {0};
	size_t at = 0;

	split_units(s->text, a, &units);
	bind_units(&units, s, lexicon);
	bind_short_runs(&units);
	for (size_t i = 0, end; i < units.n; i = end) {
		str before = str_sub(s->text, 0, at);
		size_t n;

		end = run_end(&units, i);
		n = bytes_of(&units, i, end);
		*vec_push(out, a) = (struct sentence){.text = str_sub(s->text, at, at + n),
			.is_part = at ? !word_starts_behind(before) : s->is_part};
		at += n;
	}
}
