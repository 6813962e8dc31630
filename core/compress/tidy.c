#include "core/compress/tidy.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"

enum { ESC = 0x1b, BEL = 0x07, DEL = 0x7f, LINE_MAX_BYTES = 1 << 16 };
enum {
	/* Lines of so many bytes are filled up for a terminal that no person has before them: agents give theirs a
	 * thousand columns, so that no line is broken. */
	WIDE_MIN = 240,
	WIDE_RULE_MIN = 100, /* equal signs at one end of such a line */
	WIDE_RULE_KEPT = 40, /* ... of which so many stay */
	WIDE_GAP_MIN = 60,   /* blanks before what stands at its right edge */
	WIDE_GAP_KEPT = 4,
	WIDE_EDGE_MAX = 40, /* bytes at the right edge */
};

/* What a control sequence does to the line that it stands in. */
enum action {
	ACTION_NONE,        /* nothing that shows: colours, modes, titles */
	ACTION_HOME,        /* to the first column */
	ACTION_ERASE_RIGHT, /* from the cursor on */
	ACTION_ERASE_LINE,
	ACTION_OTHER_LINE, /* the cursor goes, or something happens, elsewhere */
	ACTION_UNKNOWN,
};

/* Final bytes of CSI sequences, by what they do (ECMA-48 section 8.3; h, l, q, r, t, u of DEC's terminals). */
static const char csi_none[] = "mhlnqrstuc";
static const char csi_other_line[] = "ABEFHfJSTLMd";

static enum action csi_action(str params, char final)
{
	if (strchr(csi_none, final))
		return ACTION_NONE;
	if (strchr(csi_other_line, final))
		return ACTION_OTHER_LINE;
	if (final == 'K' && (!params.n || str_eq_c(params, "0")))
		return ACTION_ERASE_RIGHT;
	if (final == 'K' && str_eq_c(params, "2"))
		return ACTION_ERASE_LINE;
	if (final == 'G' && (!params.n || str_eq_c(params, "1")))
		return ACTION_HOME;
	return ACTION_UNKNOWN;
}

/* The sequence at the start of s, which is an ESC; *n = its length, when it is known. */
static enum action read_csi(str s, size_t *n)
{
	size_t i = 2;

	while (i < s.n && s.p[i] >= 0x20 && s.p[i] < 0x40)
		i++;
	if (i == s.n || s.p[i] < 0x40 || s.p[i] == DEL)
		return ACTION_UNKNOWN;
	*n = i + 1;
	return csi_action(str_sub(s, 2, i), s.p[i]);
}

/* ESC ] ... up to BEL or ESC \. */
static enum action read_osc(str s, size_t *n)
{
	size_t i = 2;

	while (i < s.n && s.p[i] != BEL && s.p[i] != ESC)
		i++;
	*n = i + 1;
	if (i < s.n && s.p[i] == BEL)
		return ACTION_NONE;
	*n = i + 2;
	return i + 1 < s.n && s.p[i + 1] == '\\' ? ACTION_NONE : ACTION_UNKNOWN;
}

static enum action read_sequence(str s, size_t *n)
{
	char c = s.n > 1 ? s.p[1] : '\0';

	if (c == '[')
		return read_csi(s, n);
	if (c == ']')
		return read_osc(s, n);
	*n = 3;
	if (c && strchr("()#%", c)) /* character sets: ESC ( B */
		return s.n > 2 && s.p[2] > 0x20 && s.p[2] < DEL ? ACTION_NONE : ACTION_UNKNOWN;
	*n = 2;
	if (c == '=' || c == '>')
		return ACTION_NONE;
	return c && strchr("cDEHM", c) ? ACTION_OTHER_LINE : ACTION_UNKNOWN;
}

/* ---- one line as the terminal has it ------------------------------------------------------------------ */

/* A character in one column. */
struct cell {
	uint32_t at; /* in the line */
	uint8_t n;   /* bytes; 0: erased */
};

struct row {
	str line;
	struct cell *v;
	uint32_t n, at;     /* cells; the cursor */
	bool is_moved;      /* the order of characters is not that of the bytes */
	bool has_odd;       /* characters that may be wider or narrower than a column */
	bool has_elsewhere; /* sequences for other lines */
};

static uint32_t code_point(const unsigned char *p, size_t n)
{
	if (n == 2)
		return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
	return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
}

/* True for characters that take one column everywhere outside of East Asia: those that bars, spinners and
 * marks are made of, and alphabets (Unicode 15, EastAsianWidth.txt; no combining ones, no emoji). */
static bool is_one_column(const unsigned char *p, size_t n)
{
	static const struct {
		uint16_t from, to;
	} narrow[] = {{0x00A1, 0x00AC}, {0x00AE, 0x02FF}, {0x0370, 0x0377}, {0x0391, 0x03FF},
		{0x0400, 0x0482}, {0x2010, 0x2027}, {0x2030, 0x205E}, {0x20A0, 0x20BF},
		{0x2190, 0x22FF}, {0x2500, 0x25FC}, {0x2706, 0x2709}, {0x270C, 0x2727},
		{0x2729, 0x274B}, {0x2758, 0x2794}, {0x2798, 0x27AF}, {0x2800, 0x28FF}};
	uint32_t c;

	if (n == 1)
		return *p >= 0x20 && *p < DEL;
	if (n > 3)
		return false;
	c = code_point(p, n);
	for (size_t i = 0; i < ARRAY_N(narrow); i++)
		if (c >= narrow[i].from && c <= narrow[i].to)
			return true;
	return false;
}

static void put(struct row *r, uint32_t at, uint8_t n)
{
	r->has_odd |= !is_one_column((const unsigned char *)r->line.p + at, n);
	r->v[r->at++] = (struct cell){at, n};
	if (r->at > r->n)
		r->n = r->at;
}

static void act(struct row *r, enum action action)
{
	switch (action) {
	case ACTION_HOME:
		r->is_moved = true;
		r->at = 0;
		break;
	case ACTION_ERASE_RIGHT:
		r->is_moved |= r->at < r->n;
		r->n = r->at;
		break;
	case ACTION_ERASE_LINE:
		r->is_moved = true;
		for (uint32_t i = 0; i < r->at; i++)
			r->v[i].n = 0;
		r->n = r->at;
		break;
	case ACTION_OTHER_LINE:
		r->has_elsewhere = true;
		break;
	case ACTION_NONE:
	case ACTION_UNKNOWN:
		break;
	}
}

/* Bytes of the character at i; 1 for those that are none. */
static uint8_t char_n(str line, size_t i)
{
	uint8_t n = 1;

	while (n < 4 && i + n < line.n && ((unsigned char)line.p[i + n] & 0xC0) == 0x80)
		n++;
	return utf8_valid_n(str_sub(line, i, i + n)) == n ? n : 1;
}

/* False where it cannot be said what shows. */
static bool play(struct row *r)
{
	str line = r->line;

	for (size_t i = 0, n = 1; i < line.n; i += n, n = 1) {
		if (line.p[i] == ESC) {
			enum action action = read_sequence(str_sub(line, i, line.n), &n);

			if (action == ACTION_UNKNOWN)
				return false;
			act(r, action);
		} else if (line.p[i] == '\r') {
			act(r, ACTION_HOME);
		} else if (line.p[i] == '\b') {
			r->is_moved = true;
			r->at -= r->at > 0;
		} else {
			n = char_n(line, i);
			put(r, (uint32_t)i, (uint8_t)n);
		}
	}
	return !r->is_moved || (!r->has_odd && !r->has_elsewhere);
}

static str strip_trailing(str line)
{
	size_t n = line.n;

	while (n && (line.p[n - 1] == ' ' || line.p[n - 1] == '\t'))
		n--;
	return line.n - n >= TIDY_BLANKS_MIN ? str_sub(line, 0, n) : line;
}

/* How many times the sign at the beginning of the line, or at its end, is repeated; 0 when no rule is made of it. */
static size_t rule_n(str line, bool is_end)
{
	char sign = line.p[is_end ? line.n - 1 : 0];
	size_t n = 0;

	if (!sign || !strchr("=-_*#~", sign))
		return 0;
	while (n < line.n && line.p[is_end ? line.n - 1 - n : n] == sign)
		n++;
	return n;
}

/* Where the blanks before the right edge begin, and how many there are; 0 when there are few. */
static size_t gap_n(str line, size_t *at)
{
	size_t n = 0;

	for (size_t end = line.n; end && line.n - end <= WIDE_EDGE_MAX; end -= n ? n : 1) {
		for (n = 0; n < end && line.p[end - 1 - n] == ' ';)
			n++;
		*at = end - n;
		if (n >= WIDE_GAP_MIN)
			return *at ? n : 0;
	}
	return 0;
}

/* A line that was filled up for a very wide terminal: its rules and the gap before its right edge are cut. */
static str narrow_line(str line, struct arena *a)
{
	size_t left, right, gap, at, n = 0;
	char *out;

	if (line.n < WIDE_MIN || strchr("{[\"", *line.p))
		return line;
	left = rule_n(line, false);
	right = rule_n(line, true);
	left = left >= WIDE_RULE_MIN && left < line.n ? left - WIDE_RULE_KEPT : 0;
	right = right >= WIDE_RULE_MIN ? right - WIDE_RULE_KEPT : 0;
	gap = left || right ? 0 : gap_n(line, &at);
	if (!left && !right && !gap)
		return line;
	out = arena_alloc(a, line.n, 1);
	line = str_sub(line, left, line.n - right);
	if (gap) {
		n = at + WIDE_GAP_KEPT;
		memcpy(out, line.p, n);
		line = str_sub(line, at + gap, line.n);
	}
	memcpy(out + n, line.p, line.n);
	return (str){out, n + line.n};
}

/* Whether the text has lines that narrow_line() may cut. */
static bool has_wide_lines(str text)
{
	for (str line; str_next_line(&text, &line, NULL);)
		if (line.n >= WIDE_MIN &&
			(line.p[0] == line.p[1] || str_find(line, STR("        ")) != STR_NONE))
			return true;
	return false;
}

/* The line without its sequences, where all that shows stands in the order of its bytes: the usual colours. False
 * when the cursor moves, or it cannot be said what shows. */
static bool drop_sequences(str line, struct arena *a, str *out)
{
	char *to = arena_alloc(a, line.n, 1);
	size_t n = 0, escape, length = 0;

	if (str_find_byte(line, '\r') != STR_NONE || str_find_byte(line, '\b') != STR_NONE)
		return false;
	while ((escape = str_find_byte(line, ESC)) != STR_NONE) {
		enum action action = read_sequence(str_sub(line, escape, line.n), &length);

		/* What is right of the cursor can only be erased once the cursor has moved. */
		if (action != ACTION_NONE && action != ACTION_OTHER_LINE &&
			action != ACTION_ERASE_RIGHT)
			return false;
		memcpy(to + n, line.p, escape);
		n += escape;
		line = str_sub(line, escape + length, line.n);
	}
	if (line.n)
		memcpy(to + n, line.p, line.n);
	*out = (str){to, n + line.n};
	return true;
}

/* The line as it shows; as it is where there is any doubt. */
static str tidy_line(str line, struct arena *a)
{
	struct row r = {.line = line};
	str shown;
	char *out;
	size_t n = 0;

	while (r.line.n && r.line.p[r.line.n - 1] == '\r')
		r.line.n--;
	if (str_find_byte(r.line, ESC) == STR_NONE && str_find_byte(r.line, '\r') == STR_NONE &&
		str_find_byte(r.line, '\b') == STR_NONE)
		return strip_trailing(r.line);
	if (r.line.n > LINE_MAX_BYTES)
		return line;
	if (drop_sequences(r.line, a, &shown))
		return strip_trailing(shown);
	r.v = arena_alloc(a, r.line.n * sizeof *r.v, alignof(struct cell));
	if (!play(&r))
		return line;
	out = arena_alloc(a, r.line.n, 1);
	for (uint32_t i = 0; i < r.n; i++) {
		memcpy(out + n, r.v[i].n ? r.line.p + r.v[i].at : " ", r.v[i].n ? r.v[i].n : 1);
		n += r.v[i].n ? r.v[i].n : 1;
	}
	return strip_trailing((str){out, n});
}

static bool has_work(str text)
{
	return str_find_byte(text, ESC) != STR_NONE || str_find_byte(text, '\r') != STR_NONE ||
	       str_find_byte(text, '\b') != STR_NONE || str_find(text, STR("    \n")) != STR_NONE ||
	       has_wide_lines(text);
}

str tidy_text(str text, struct arena *a)
{
	struct buf out;
	str rest = text, line;
	bool has_eol;

	if (!has_work(text))
		return text;
	buf_init_arena(&out, a, LIMIT_INPUT);
	while (str_next_line(&rest, &line, &has_eol)) {
		buf_add(&out, narrow_line(tidy_line(line, a), a));
		if (has_eol)
			buf_add_byte(&out, '\n');
	}
	return out.err || str_eq(buf_str(&out), text) ? text : buf_str(&out);
}
