#include "core/compress/detect.h"

#include "core/base/lane.h"
#include "core/compress/padded.h"

/* How many lines show a feature. */
struct features {
	unsigned lines; /* that are not blank */
	unsigned diff_heads, diff_changes;
	unsigned edits,
		edited;    /* "12,14c13" of plain diff; its lines, which begin with "< " or "> " */
	unsigned search;   /* path:12:... */
	unsigned gaps;     /* is "--" */
	unsigned paths;    /* is a path */
	unsigned numbered; /* 12:... */
	unsigned jumps;    /* ... and not the one behind the line before */
	uint64_t number;   /* of the line before */
	str path;          /* before its first ':' */
	unsigned level;    /* ERROR, WARN, ... as a word */
	unsigned stamp;    /* begins with a date or a time */
	unsigned steps; /* has it behind the names of a job and a step, each with a tab behind it */
	unsigned code;  /* ends or begins as statements do */
	unsigned
		keyword; /* begins with a keyword that declares; not below a place, where it is quoted */
	bool is_below_place;
	unsigned json;    /* is an object or array by itself */
	unsigned columns; /* has the separators of a table */
	unsigned bars;    /* has a '|' */
	unsigned rules;   /* is drawn below the names of a table */
	unsigned drawn;   /* ... by other signs than '-' */
	unsigned steady;  /* has as many separators, three or more, as the line before */
	unsigned even;    /* the same of one or more */
	unsigned commas;  /* of the line before */
	unsigned barred;  /* has as many '|' as the line before, which separate its cells */
	unsigned bars_before;
	unsigned html;   /* begins with a tag */
	unsigned fences; /* stands around code, in Markdown */
	unsigned titles; /* is the title of a section, in Markdown */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* words: n of them, or fewer with an empty one behind them. */
static bool starts_with_any(str s, const str *words, size_t n)
{
	for (size_t i = 0; i < n && words[i].n; i++)
		if (s.n && *s.p == *words[i].p && str_starts(s, words[i]))
			return true;
	return false;
}

static bool is_diff_head(str s)
{
	static const str heads[] = {LIT("diff --git "), LIT("diff --cc "), LIT("diff --combined "),
		LIT("@@ -"), LIT("@@@ -"), LIT("--- a/"), LIT("+++ b/")};

	if (!s.n || (*s.p != 'd' && *s.p != '@' && *s.p != '-' && *s.p != '+'))
		return false; /* nearly all lines */
	return starts_with_any(s, heads, ARRAY_N(heads));
}

static size_t skip_digits(str s, size_t at)
{
	while (at < s.n && is_digit(s.p[at]))
		at++;
	return at;
}

/* "12" or "12,14" at offset at: its end, 0 when it is not there. */
static size_t range_end(str s, size_t at)
{
	size_t i = skip_digits(s, at), k;

	if (i == at)
		return 0;
	if (i == s.n || s.p[i] != ',')
		return i;
	k = skip_digits(s, i + 1);
	return k > i + 1 ? k : 0;
}

/* "12,14c13" of diff without options. */
static bool is_edit(str s)
{
	size_t i = s.n && is_digit(*s.p) ? range_end(s, 0) : 0;

	return i && i < s.n && (s.p[i] == 'a' || s.p[i] == 'c' || s.p[i] == 'd') &&
	       range_end(s, i + 1) == s.n;
}

/* "*** 12,14 ****" of diff -c. */
static bool is_context_range(str s)
{
	return str_take(&s, STR("*** ")) && str_ends(s, STR(" ****")) &&
	       range_end(str_sub(s, 0, s.n - 5), 0) == s.n - 5;
}

/* "12:34:5": a time, whose hour ends at the colon. */
static bool is_time_at(str s, size_t colon)
{
	return colon >= 2 && colon + 4 < s.n && is_digit(s.p[colon - 1]) &&
	       is_digit(s.p[colon - 2]) && is_digit(s.p[colon + 1]) && is_digit(s.p[colon + 2]) &&
	       s.p[colon + 3] == ':' && is_digit(s.p[colon + 4]);
}

/* "12:" or "12-" at offset at: the digits' end, 0 when it is not there. */
static size_t number_end(str s, size_t at, char sign)
{
	size_t i = at;

	while (i < s.n && is_digit(s.p[i]))
		i++;
	return i > at && i - at < 8 && i < s.n && s.p[i] == sign ? i : 0;
}

/* What a line has of the characters that tell most: one look instead of one for each. */
struct marks {
	unsigned tabs, bars;
	unsigned commas; /* what separates cells; not the comma of a sentence */
	bool has_colon, has_dash;
};

/* Bits of s from at on, of LANE_BLOCK bytes that may be read. */
static void add_marks(struct marks *m, str s, size_t at, const char *p)
{
	size_t n = s.n - at;
	uint64_t in = n < LANE_BLOCK ? (UINT64_C(1) << n) - 1 : UINT64_MAX;
	uint64_t before_last = n <= LANE_BLOCK ? in >> 1 : in;
	uint64_t tabs = lane_block_bits(p, '\t') & in, blanks = lane_block_bits(p, ' ') >> 1;
	uint64_t commas = lane_block_bits(p, ',') | lane_block_bits(p, ';');

	if (n > LANE_BLOCK && s.p[at + LANE_BLOCK] == ' ')
		blanks |= UINT64_C(1) << (LANE_BLOCK - 1);
	m->tabs += lane_count(tabs);
	m->bars += lane_count(lane_block_bits(p, '|') & in);
	m->commas += lane_count((tabs | (commas & ~blanks)) & before_last);
	m->has_colon |= (lane_block_bits(p, ':') & in) != 0;
	m->has_dash |= (lane_block_bits(p, '-') & in) != 0;
}

/* end: of what may be read behind s. */
static struct marks marks_of(str s, const char *end)
{
	struct marks m = {0};
	char room[LANE_BLOCK];

	for (size_t at = 0; at < s.n; at += LANE_BLOCK) {
		const char *p = s.p + at;

		if (end - p < LANE_BLOCK) {
			memset(room, 0, sizeof room);
			memcpy(room, p, s.n - at);
			p = room;
		}
		add_marks(&m, s, at, p);
	}
	return m;
}

/* "src/a.c:12:" or, for context, "src/a.c-12-"; "C:\a.c:12:". */
static bool is_search_hit(str s)
{
	size_t at = s.n > 2 && s.p[1] == ':' && s.p[2] == '\\' ? 2 : 0;
	bool has_sign = false, has_blank = false;

	if (is_digit(*s.p))
		return false;
	for (; at < s.n && s.p[at] != '\t'; at++) {
		char c = s.p[at];

		if (c == ':')
			return at > 0 && number_end(s, at + 1, ':') && !is_time_at(s, at) &&
			       (!has_blank || has_sign);
		if (c == '-' && has_sign && !has_blank && number_end(s, at + 1, '-'))
			return true;
		has_blank |= c == ' ';
		has_sign |= c == '/' || c == '\\' || (c == '.' && !has_blank);
	}
	return false;
}

/* "src/a.c" or "src/a.c:12", as lists of paths have them. */
static bool is_path(str s)
{
	bool has_slash = false;

	if (is_digit(*s.p) || strchr("[{(<*#", *s.p))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c <= ' ' || c == '"' || c == ';' || c == '|' || c == '=' || c == '(' ||
			c == '<')
			return false;
		has_slash |= c == '/';
		if (c == ':') {
			while (i + 1 < s.n && is_digit(s.p[i + 1]))
				i++;
			return has_slash && i + 1 == s.n && s.p[i] != ':';
		}
	}
	return has_slash;
}

/* "src/a.c:text", twice in a row the same file; not the "x.py::test" of pytest. */
static bool is_same_file(struct features *f, str s, bool has_colon)
{
	size_t colon = has_colon ? str_find_byte(s, ':') : STR_NONE;
	str path = str_sub(s, 0, colon == STR_NONE ? 0 : colon);
	bool is_same = path.n && str_eq(path, f->path);

	if (path.n && !is_same && (!is_path(path) || str_starts(str_sub(s, colon, s.n), STR("::"))))
		path.n = 0;
	f->path = path;
	return is_same;
}

/* What grep -n prints of one file: numbers that grow. */
static void look_at_number(struct features *f, str s)
{
	size_t end = number_end(s, 0, ':');
	uint64_t number;

	if (!end)
		end = number_end(s, 0, '-');
	if (!end || !str_u64(str_sub(s, 0, end), &number) || number <= f->number) {
		f->number = 0;
		return;
	}
	f->numbered++;
	f->jumps += number != f->number + 1;
	f->number = number;
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* A word in capitals that names a level, near the beginning. */
static bool has_level(str s)
{
	static const str levels[] = {LIT("ERROR"), LIT("WARN"), LIT("INFO"), LIT("DEBUG"),
		LIT("TRACE"), LIT("FATAL"), LIT("CRITICAL"), LIT("NOTICE")};
	size_t i = 0;

	if (s.n > 120)
		s.n = 120;
	/* No capital stands at i - 1, so a word of four letters that begins at i to i + 3 has one at i + 3. */
	while (i + 4 <= s.n) {
		size_t n = 0;

		if (!is_upper(s.p[i + 3])) {
			i += 4;
			continue;
		}
		for (size_t k = 0; k < 3; k++)
			if (!is_upper(s.p[i + 2 - k])) {
				i += 3 - k;
				break;
			}
		while (i + n < s.n && is_upper(s.p[i + n]))
			n++;
		if (n >= 4 && starts_with_any(str_sub(s, i, i + n), levels, ARRAY_N(levels)))
			return true;
		i += n + 1;
	}
	return false;
}

/* 2026-01-02, 12:30:45, [12:30:45], Jan 02 12:30:45, 192.168.100.200 - - [02/Jan/2026:12:30:45 near the beginning. */
static bool has_stamp(str s, bool has_colon)
{
	size_t n = !has_colon ? 0 : s.n < 48 ? s.n : 48;

	for (size_t i = 0; i + 7 < n; i++)
		if (s.p[i + 2] == ':' && s.p[i + 5] == ':' && is_digit(s.p[i]) &&
			is_digit(s.p[i + 1]) && is_digit(s.p[i + 3]) && is_digit(s.p[i + 4]) &&
			is_digit(s.p[i + 6]))
			return true;
	return s.n > 9 && is_digit(s.p[0]) && is_digit(s.p[3]) && s.p[4] == '-' &&
	       is_digit(s.p[5]) && s.p[7] == '-';
}

/* "build<tab>Run tests<tab>2026-01-02T12:30:45.1234567Z ..." of gh run view --log. */
static bool is_step(str s)
{
	static const char shape[] = "9999-99-99T99:99:";
	size_t at = str_find_byte(s, '\t'), next;

	if (at == STR_NONE)
		return false;
	next = str_find_byte(str_sub(s, at + 1, s.n), '\t');
	s = str_sub(s, next == STR_NONE ? s.n : at + next + 2, s.n);
	if (s.n < sizeof shape)
		return false;
	for (size_t i = 0; i + 1 < sizeof shape; i++)
		if (shape[i] == '9' ? !is_digit(s.p[i]) : s.p[i] != shape[i])
			return false;
	return true;
}

/* Words that declare, by their first letter; most lines begin with none of these letters. */
enum { DECLARATIONS_MAX = 5 };
static const str declarations[128][DECLARATIONS_MAX] = {
	['#'] = {LIT("#include"), LIT("#define"), LIT("#[")},
	['@'] = {LIT("@")},
	['a'] = {LIT("async def ")},
	['c'] = {LIT("class "), LIT("const ")},
	['d'] = {LIT("def ")},
	['e'] = {LIT("export "), LIT("enum ")},
	['f'] = {LIT("from "), LIT("function "), LIT("func "), LIT("fn "), LIT("for (")},
	['i'] = {LIT("import "), LIT("impl "), LIT("interface "), LIT("if ("), LIT("int ")},
	['l'] = {LIT("let ")},
	['m'] = {LIT("mod "), LIT("module ")},
	['n'] = {LIT("namespace ")},
	['p'] = {LIT("package "), LIT("pub "), LIT("public "), LIT("private "), LIT("protected ")},
	['r'] = {LIT("return "), LIT("require ")},
	['s'] = {LIT("struct "), LIT("static "), LIT("switch (")},
	['t'] = {LIT("type "), LIT("template<")},
	['u'] = {LIT("use "), LIT("using ")},
	['v'] = {LIT("var "), LIT("void ")},
	['w'] = {LIT("while (")},
};

static bool is_declaration(str s)
{
	return (unsigned char)*s.p < ARRAY_N(declarations) &&
	       starts_with_any(s, declarations[(unsigned char)*s.p], DECLARATIONS_MAX);
}

static bool ends_like_code(str s)
{
	char c = s.n ? s.p[s.n - 1] : 0;

	return c == '{' || c == ';' || c == '}' || (c == ':' && s.n > 1 && s.p[s.n - 2] == ')') ||
	       (s.n > 1 && c == ')' && s.p[s.n - 2] == '(') || str_starts(s, STR("//")) ||
	       str_starts(s, STR("/*")) || str_starts(s, STR("* "));
}

enum { COMMAS_MIN = 3, BARS_MIN = 2, EVEN_LINES = 8 };

/* "|---|---|", "+-----+----+", "----+----" */
static bool is_rule(str s)
{
	unsigned dashes = 0, joints = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '-' && s.p[i] != '+' && s.p[i] != '|' && s.p[i] != ' ' &&
			s.p[i] != ':')
			return false;
		dashes += s.p[i] == '-';
		joints += s.p[i] == '+' || s.p[i] == '|';
	}
	return dashes > 2 && joints;
}

/* The same of Unicode's box drawing, U+2500 to U+257F, and nothing else: "├─────┼────┤" */
static bool is_drawn(str s)
{
	if (s.n < 9 || s.n % 3 || (unsigned char)*s.p != 0xe2)
		return false;
	for (size_t i = 0; i < s.n; i += 3)
		if ((unsigned char)s.p[i] != 0xe2 || ((unsigned char)s.p[i + 1] & 0xfe) != 0x94)
			return false;
	return true;
}

/* "1|a b|c" of sqlite3, psql -A: no blank beside a bar but for empty cells, and in front no time, as logs have. */
static bool is_barred(str s)
{
	size_t first = str_find_byte(s, '|');

	for (size_t i = 0; i < first && i < s.n; i++)
		if (s.p[i] == ':')
			return false;
	return first && str_find(s, STR(" |")) == STR_NONE && str_find(s, STR("| ")) == STR_NONE;
}

/* end: of what may be read behind the line. */
static void look_at(struct features *f, str line, const char *end)
{
	str s = str_trim(line);
	struct marks m;

	if (!s.n)
		return;
	f->lines++;
	f->diff_heads += is_diff_head(line) || is_context_range(line);
	f->diff_changes += (*line.p == '+' || *line.p == '-' || *line.p == '!') && line.n > 1 &&
			   line.p[1] != *line.p;
	f->edits += is_edit(line);
	f->edited += (*line.p == '<' || *line.p == '>') && line.n > 1 && line.p[1] == ' ';
	if (s.n == 2 && memcmp(s.p, "--", 2) == 0) {
		f->lines--;
		f->gaps++;
		return;
	}
	m = marks_of(s, end);
	bool is_place = (m.has_colon || m.has_dash) && is_search_hit(s);

	f->search += is_place || is_same_file(f, s, m.has_colon);
	f->paths += is_path(s);
	look_at_number(f, s);
	f->level += has_level(s);
	f->stamp += has_stamp(s, m.has_colon);
	f->steps += m.tabs > 1 && m.has_colon && is_step(s);
	f->code += ends_like_code(s);
	f->keyword += is_declaration(s) && !f->is_below_place;
	f->is_below_place = is_place;
	f->json += (*s.p == '{' && s.p[s.n - 1] == '}') ||
		   (*s.p == '[' && s.p[s.n - 1] == ']' && s.n > 2);
	f->columns += m.bars > 1 || m.tabs > 1;
	f->drawn += is_drawn(s);
	f->rules += is_rule(s) || is_drawn(s);
	f->bars += m.bars || is_rule(s) || is_drawn(s) ||
		   (f->drawn && str_find(s, STR("\xe2\x94\x82")) != STR_NONE);
	f->steady += m.commas >= COMMAS_MIN && m.commas == f->commas;
	f->even += m.commas && m.commas == f->commas;
	f->commas = m.commas;
	f->barred += m.bars >= BARS_MIN && m.bars == f->bars_before && is_barred(s);
	f->bars_before = m.bars;
	f->fences += str_starts(line, STR("```"));
	f->titles += str_starts(line, STR("## "));
	f->html += *s.p == '<' && s.n > 2 && (is_alpha(s.p[1]) || s.p[1] == '/' || s.p[1] == '!');
}

/* True when n of all lines is at least percent. */
static bool most(const struct features *f, unsigned n, unsigned percent)
{
	return n * 100 >= f->lines * percent && n > 0;
}

/* Paths alone, numbered lines below their paths, or numbered lines of one file with lines missing. */
static bool is_search_list(const struct features *f)
{
	if (f->paths > 3 && most(f, f->paths, 90))
		return true;
	if (f->paths && f->numbered > f->paths && most(f, f->paths + f->numbered, 90))
		return true;
	return f->numbered > 3 && (f->gaps || f->jumps * 4 > f->numbered) &&
	       most(f, f->numbered, 90);
}

static bool is_whole_json(str s)
{
	char first = *s.p, last = s.p[s.n - 1];
	char next = s.n > 1 ? str_trim(str_sub(s, 1, s.n)).p[0] : 0;

	if (first == '{')
		return last == '}' && (next == '"' || next == '}');
	return first == '[' && last == ']' && (strchr("{[\"]-", next) || is_digit(next)) && next;
}

/* "date,price": nothing but names, as a log with commas in its times ("12:00:00,123") never begins. */
static bool names_columns(str line)
{
	bool is_start = true;

	for (size_t i = 0; i < line.n; i++) {
		if (memchr(":=(){}[]<>", line.p[i], 10) || (is_start && is_digit(line.p[i])))
			return false;
		is_start = line.p[i] == ',' || line.p[i] == ';' || line.p[i] == '\t';
	}
	return true;
}

/* Drawn, or as many commas in each line but the last, which may be cut off. A few are enough below names. */
static bool is_table(const struct features *f, str first)
{
	if (f->lines <= 3 || f->keyword)
		return false;
	return (f->rules && most(f, f->bars, 80)) || f->steady + 2 >= f->lines ||
	       f->barred + 2 >= f->lines ||
	       (f->lines >= EVEN_LINES && f->even + 2 >= f->lines && names_columns(first));
}

/* "commit 1f2e3d4c..." of git log and git show, "From 1f2e3d4c..." of git format-patch. */
static bool is_commit_head(str s)
{
	size_t n = 0;

	if (!str_take(&s, STR("commit ")) && !str_take(&s, STR("From ")))
		return false;
	while (n < s.n && n < 40 && (is_digit(s.p[n]) || (s.p[n] >= 'a' && s.p[n] <= 'f')))
		n++;
	return n >= 7;
}

/* A commit whose message or statistics are so long that its diff comes late. */
static bool is_commit_with_diff(str whole)
{
	if (!is_commit_head(whole))
		return false;
	whole.n = whole.n < DETECT_COMMIT_BYTES ? whole.n : DETECT_COMMIT_BYTES;
	return str_find(whole, STR("\ndiff --git ")) != STR_NONE ||
	       str_find(whole, STR("\ndiff --cc ")) != STR_NONE;
}

/* What diff prints without options: nearly all lines are of the files, or say which. */
static bool is_plain_diff(const struct features *f)
{
	return f->edits && f->edited >= f->edits && most(f, f->edits + f->edited, 60);
}

bool detect_begins_page(str text)
{
	static const str starts[] = {{"<!doctype html", 14}, {"<html", 5}};

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		size_t n = starts[i].n;

		if (text.n > n && str_eq_nocase(str_sub(text, 0, n), starts[i]) &&
			strchr("> \t\r\n", text.p[n]))
			return true;
	}
	return false;
}

enum content_kind detect_kind(str text)
{
	struct features f = {0};
	struct padded p = {0};
	str whole = str_trim(text), start, rest, line;

	if (!whole.n)
		return KIND_TEXT;
	if (detect_begins_page(whole))
		return KIND_HTML;
	start = str_sub(whole, 0, whole.n < DETECT_BYTES ? whole.n : DETECT_BYTES);
	rest = start;
	while (str_next_line(&rest, &line, NULL))
		look_at(&f, line, start.p + start.n);
	if (f.lines > 1 && most(&f, f.json, 90))
		return KIND_JSONL;
	if (is_whole_json(whole))
		return KIND_JSON;
	if ((f.diff_heads && (f.diff_changes || f.diff_heads > 1)) || is_commit_with_diff(whole) ||
		is_plain_diff(&f))
		return KIND_DIFF;
	if (most(&f, f.search, 50) || is_search_list(&f))
		return KIND_SEARCH;
	if (most(&f, f.html, 40) && !most(&f, f.keyword, 20))
		return KIND_HTML;
	if (most(&f, f.steps, 80))
		return KIND_LOG;
	rest = start;
	if (str_next_line(&rest, &line, NULL) && is_table(&f, line))
		return KIND_TABLE;
	if (!f.keyword) {
		p = padded_find(start);
		if (padded_is_table(&p, true))
			return KIND_TABLE;
	}
	if (most(&f, f.stamp, 40) || (most(&f, f.level, 30) && f.lines > 2))
		return KIND_LOG;
	if (f.keyword && f.lines > 2 && !(f.fences > 1 && f.titles) &&
		most(&f, f.code + f.keyword, 35))
		return KIND_CODE;
	if (f.keyword)
		p = padded_find(start);
	if ((f.lines > 2 && most(&f, f.columns, 80)) || padded_is_table(&p, false))
		return KIND_TABLE;
	return KIND_TEXT;
}

static const char *const kind_names[KIND_COUNT] = {
#define X(name, text) [KIND_##name] = text,
	KIND_MAP(X)
#undef X
};

const char *detect_kind_name(enum content_kind k)
{
	return kind_names[k];
}

bool detect_kind_parse(str name, enum content_kind *out)
{
	for (int i = 0; i < KIND_COUNT; i++) {
		if (str_eq_c(name, kind_names[i])) {
			*out = (enum content_kind)i;
			return true;
		}
	}
	return false;
}
