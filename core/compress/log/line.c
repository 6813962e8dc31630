#include "core/compress/log/line.h"

#include "core/base/attr.h"

#define LOGCAT_TIME "00-00 00:00:00"

/* Bytes that are not named below are letters: those of other scripts, and control bytes too. */
enum byte_class { LETTER, DIGIT, SOFT, HARD };

static const uint8_t classes[256] = {
	['0'] = DIGIT,
	['1'] = DIGIT,
	['2'] = DIGIT,
	['3'] = DIGIT,
	['4'] = DIGIT,
	['5'] = DIGIT,
	['6'] = DIGIT,
	['7'] = DIGIT,
	['8'] = DIGIT,
	['9'] = DIGIT,
	[' '] = HARD,
	['\t'] = HARD,
	['\r'] = HARD,
	['='] = HARD,
	[','] = HARD,
	[';'] = HARD,
	['('] = HARD,
	[')'] = HARD,
	['['] = HARD,
	[']'] = HARD,
	['{'] = HARD,
	['}'] = HARD,
	['<'] = HARD,
	['>'] = HARD,
	['"'] = HARD,
	['\''] = HARD,
	['|'] = HARD,
	['!'] = SOFT,
	['#'] = SOFT,
	['$'] = SOFT,
	['%'] = SOFT,
	['&'] = SOFT,
	['*'] = SOFT,
	['+'] = SOFT,
	['-'] = SOFT,
	['.'] = SOFT,
	['/'] = SOFT,
	[':'] = SOFT,
	['?'] = SOFT,
	['@'] = SOFT,
	['\\'] = SOFT,
	['^'] = SOFT,
	['_'] = SOFT,
	['`'] = SOFT,
	['~'] = SOFT,
};

static unsigned class_of(char c)
{
	return classes[(unsigned char)c];
}

static bool is_digit(char c)
{
	return class_of(c) == DIGIT;
}

static bool is_alnum(char c)
{
	return class_of(c) <= DIGIT;
}

/* Shapes of stamps: '9' a digit, '_' a digit or a blank, 'a' a letter, 'T' a 'T' or a blank; lead is how many digits
 * they begin with. A fraction and a zone may follow. The longest of those that fit counts: longer ones first.
 *	RFC 3339; BGL's; log4j and nginx; Spark's; Apache's access log; logcat; Proxifier's; a time; HDFS's;
 *	seconds and milliseconds since 1970; Apache's error log; RFC 3164 */
static const struct stamp {
	uint8_t lead;
	bool has_time; /* fraction and zone may follow */
	str text;
} stamps[] = {
	{4, true, {"9999-99-99T99:99:99", 19}},
	{4, true, {"9999-99-99-99.99.99", 19}},
	{4, true, {"9999/99/99 99:99:99", 19}},
	{2, true, {"99/99/99 99:99:99", 17}},
	{2, true, {"99/aaa/9999:99:99:99", 20}},
	{2, true, {"99-99 99:99:99", 14}},
	{2, true, {"99.99 99:99:99", 14}},
	{2, true, {"99:99:99", 8}},
	{6, false, {"999999 999999", 13}},
	{10, true, {"9999999999", 10}},
	{13, false, {"9999999999999", 13}},
	{0, true, {"aaa aaa _9 99:99:99", 19}},
	{0, true, {"aaa _9 99:99:99", 15}},
};

/* Bytes that stamps are known by: to be added to their class. */
enum stamp_byte { CAPITAL_T = 4, BLANK = 4, COLON = 4, DASH = 8, POINT = 12, SLASH = 16 };

static const uint8_t stamp_bytes[256] = {
	['T'] = CAPITAL_T,
	[' '] = BLANK,
	[':'] = COLON,
	['-'] = DASH,
	['.'] = POINT,
	['/'] = SLASH,
};

/* The bytes that each letter of such a shape stands for: a set of these sums. */
static const uint32_t fits[128] = {
	['9'] = 1U << DIGIT,
	['_'] = 1U << DIGIT | 1U << (HARD + BLANK),
	['a'] = 1U << LETTER | 1U << (LETTER + CAPITAL_T),
	['T'] = 1U << (LETTER + CAPITAL_T) | 1U << (HARD + BLANK),
	[' '] = 1U << (HARD + BLANK),
	[':'] = 1U << (SOFT + COLON),
	['-'] = 1U << (SOFT + DASH),
	['.'] = 1U << (SOFT + POINT),
	['/'] = 1U << (SOFT + SLASH),
};

static bool is_like(const char *p, str shape)
{
	for (size_t i = 0; i < shape.n; i++) {
		unsigned c = class_of(p[i]) + stamp_bytes[(unsigned char)p[i]];

		if (!(fits[(unsigned char)shape.p[i]] >> c & 1))
			return false;
	}
	return true;
}

/* False for nearly all words that are none, by their first bytes; n of them are left in the line. */
static bool may_begin_stamp(const char *p, size_t n)
{
	if (n < 8)
		return false;
	if (is_digit(*p))
		return is_digit(p[1]) &&
		       (is_digit(p[2]) || p[2] == ':' || p[2] == '-' || p[2] == '/' || p[2] == '.');
	return n >= 15 && p[3] == ' ' && (p[6] == ' ' || p[7] == ' ');
}

/* Behind a time at i: ".123", ",123", "Z", "+02:00", " +0200". */
static size_t skip_fraction_and_zone(str s, size_t i)
{
	size_t k = i;

	if (k + 1 < s.n && (s.p[k] == '.' || s.p[k] == ',') && is_digit(s.p[k + 1]))
		for (k++; k < s.n && is_digit(s.p[k]);)
			k++;
	i = k;
	if (k < s.n && s.p[k] == 'Z')
		return k + 1;
	k += k < s.n && s.p[k] == ' ';
	if (k + 5 <= s.n && (s.p[k] == '+' || s.p[k] == '-') && is_digit(s.p[k + 1]) &&
		is_digit(s.p[k + 2])) {
		size_t colon = s.p[k + 3] == ':';

		if (k + 5 + colon <= s.n && is_digit(s.p[k + 3 + colon]) &&
			is_digit(s.p[k + 4 + colon]))
			return k + 5 + colon;
	}
	return i;
}

/* False for nearly all that is none, by few bytes; lead: digits that it begins with. */
static bool may_be_stamp(str s, size_t lead)
{
	char next = s.p[lead < s.n ? lead : 0];

	if (lead == 2)
		return s.n >= 8 && (next == ':' || next == '-' || next == '/' || next == '.') &&
		       (s.p[5] == ':' || s.p[5] == ' ' || s.p[5] == '/' || s.p[6] == '/');
	if (lead == 4)
		return s.n >= 19 && (next == '-' || next == '/');
	if (lead)
		return lead == 6 || lead == 10 || lead == 13;
	return s.n >= 15 && s.p[3] == ' ' && (s.p[6] == ' ' || s.p[7] == ' ');
}

size_t log_stamp_n(str s)
{
	size_t lead = 0;

	while (lead < s.n && lead < 14 && is_digit(s.p[lead]))
		lead++;
	if (!s.n || !may_be_stamp(s, lead))
		return 0;
	for (size_t i = 0; i < ARRAY_N(stamps); i++) {
		const struct stamp *t = &stamps[i];
		size_t n = t->text.n;

		if (t->lead != lead || n > s.n || !is_like(s.p, t->text))
			continue;
		/* "Sun Dec 04 04:47:44 2005" */
		if (!lead && n + 5 <= s.n && is_like(s.p + n, STR(" 9999")))
			n += 5;
		else if (t->has_time)
			n = skip_fraction_and_zone(s, n);
		if (n == s.n || !is_alnum(s.p[n]))
			return n;
	}
	return 0;
}

str log_error_tail(str word)
{
	static const str tails[] = {{"Exception", 9}, {"Error", 5}};

	if (!word.n || (word.p[word.n - 1] != 'n' && word.p[word.n - 1] != 'r'))
		return STR_NULL;
	for (size_t i = 0; i < ARRAY_N(tails); i++)
		if (word.n > tails[i].n && str_ends(word, tails[i]))
			return tails[i];
	return STR_NULL;
}

bool log_is_klog(str line)
{
	return line.n >= 14 && strchr("IWEF", *line.p) && *line.p && is_digit(line.p[1]) &&
	       is_digit(line.p[2]) && is_digit(line.p[3]) && is_digit(line.p[4]) &&
	       line.p[5] == ' ' && is_like(line.p + 6, STR("99:99:99"));
}

bool log_is_logcat(str line)
{
	return line.n >= sizeof LOGCAT_TIME - 1 && is_like(line.p, STR("99-99 99:99:99"));
}

enum {
	HASH_SEED = 0x2545f491,
	HASH_MUL = 0x01000193,
	/* Marks in hashes what is not the same as other words with digits. */
	KLOG_MARK = 'k',
	LOGCAT_MARK = 1 << 8,
	FAILED_MARK = '5',
};

static uint32_t hash_add(uint32_t h, char c)
{
	return (h ^ (unsigned char)c) * HASH_MUL;
}

static uint32_t hash_tail(uint32_t h, str run)
{
	str tail = log_error_tail(run);

	return tail.n ? hash_add(h, (char)tail.n) : h;
}

/* The last of the letters and digits that go on from the one at i. */
static inline size_t run_end(const char *p, size_t n, size_t i)
{
	while (i + 1 < n && class_of(p[i + 1]) <= DIGIT)
		i++;
	return i;
}

/* True when the '-' at i, of a word that begins at from, is the sign of a number. */
static inline bool is_sign(const char *p, size_t n, size_t from, size_t i)
{
	return i + 1 < n && is_digit(p[i + 1]) && (i == from || !is_alnum(p[i - 1]));
}

/* The word that begins at i; its end is returned. */
static size_t scan_word(const char *p, size_t n, size_t i, struct log_word *w)
{
	uint32_t h = HASH_SEED, run = h; /* run: before the present letters and digits */
	size_t from = i;

	for (; i < n; i++) {
		unsigned c = class_of(p[i]);

		if (c == LETTER) {
			h = hash_add(h, p[i]);
		} else if (c == DIGIT) {
			size_t digit = i;

			i = run_end(p, n, i);
			/* klog's "E0102" and "I0102" at a line's beginning are two things */
			h = hash_add(from ? run : h, '0');
			if (p[i] == 'n' || p[i] == 'r')
				h = hash_tail(h, (str){p + digit, i + 1 - digit});
			w->has_digit = true;
		} else if (c == HARD) {
			break;
		} else {
			if (p[i] != '-' || !is_sign(p, n, from, i))
				h = hash_add(h, p[i]);
			run = h;
		}
	}
	w->hash = h;
	return i;
}

bool log_is_failed_status(str line, size_t at)
{
	const char *p = line.p + at;

	return at > 8 && at + 3 <= line.n && *p == '5' && is_digit(p[1]) && is_digit(p[2]) &&
	       (at + 3 == line.n || p[3] == ' ') && p[-1] == ' ' && p[-2] == '"' && is_digit(p[-3]);
}

/* Blanks that pad a number belong to it, so that its width changes no mask: the first one separates. blanks_to: their end. */
static size_t skip_padding(const char *p, size_t n, size_t i, size_t *blanks_to)
{
	size_t k = i;

	while (k < n && p[k] == ' ')
		k++;
	*blanks_to = k;
	return k < n && is_digit(p[k]) ? k : i;
}

/* True when the blank at i may pad a number: the one before separates. Two behind an 'E' are how pytest begins a line, whatever
 * follows. */
static bool may_pad(const char *p, size_t i)
{
	return p[i] == ' ' && i && p[i - 1] == ' ' && !(i == 2 && *p == 'E');
}

bool log_line_scan(str line, struct log_line *out)
{
	const char *p = line.p;
	size_t n = line.n, i = 0;
	size_t blanks_to = 0; /* no number is behind the blanks before this */
	uint64_t skeleton = 0, sum = 0;
	unsigned found = 0;

	out->n = 0;
	if (n > LOG_LINE_MAX)
		return false;
	while (i < n) {
		struct log_word *w = &out->w[out->n];
		size_t from = i, stamp = 0, digits;

		digits = i >= blanks_to && may_pad(p, i) ? skip_padding(p, n, i, &blanks_to) : i;
		if (digits == i && class_of(p[i]) == HARD) {
			skeleton = (skeleton ^ (unsigned char)p[i++]) * 0x100000001b3ULL;
			continue;
		}
		if (out->n == LOG_WORDS_MAX)
			return false;
		*w = (struct log_word){0};
		if (found < LOG_STAMPS_MAX && i < LOG_STAMP_REACH &&
			may_begin_stamp(p + digits, n - digits))
			stamp = log_stamp_n(str_sub(line, digits, n));
		if (stamp) {
			w->stamp = (uint8_t)++found;
			w->has_digit = true;
			w->hash = found | (!digits && log_is_logcat(line) ? LOGCAT_MARK : 0);
			i = digits + stamp;
		} else {
			i = scan_word(p, n, digits, w);
		}
		w->at = (uint16_t)from;
		w->n = (uint16_t)(i - from);
		if (w->n == 3 && log_is_failed_status(line, from))
			w->hash = hash_add(w->hash, FAILED_MARK);
		else if (w->n == 5 && !from && log_is_klog(line))
			w->hash = hash_add(w->hash, KLOG_MARK);
		sum += log_word_key(w->hash, out->n++);
		skeleton = (skeleton ^ 1) * 0x100000001b3ULL;
	}
	out->is_stamped = found > 0;
	out->skeleton = skeleton;
	out->shape = skeleton + sum;
	return true;
}

/* The same of a word's bytes as scan_word() adds to its hash. */
static size_t mask_word(str line, const struct log_word *w, char *out)
{
	const char *p = line.p;
	size_t i = w->at, n = w->at + w->n, from, o = 0, run = 0;

	while (i < n && p[i] == ' ')
		i++;
	for (from = i; i < n; i++) {
		unsigned c = class_of(p[i]);
		size_t digit = i;

		if (c == DIGIT) {
			str tail;

			i = run_end(p, n, i);
			tail = log_error_tail((str){p + digit, i + 1 - digit});
			o = from ? run : o;
			out[o++] = '0';
			memcpy(out + o, tail.n ? tail.p : "", tail.n);
			o += tail.n;
		} else if (p[i] != '-' || !is_sign(p, n, from, i)) {
			out[o++] = p[i];
		}
		if (c != LETTER)
			run = o;
	}
	return o;
}

size_t log_mask(str line, const struct log_word *words, uint32_t words_n, char *out)
{
	size_t at = 0, n = 0;

	for (uint32_t i = 0; i < words_n; i++) {
		const struct log_word *w = &words[i];
		str as = STR_NULL;

		memcpy(out + n, line.p + at, w->at - at);
		n += w->at - at;
		at = w->at + w->n;
		if (!w->has_digit)
			as = log_word_str(line, w);
		else if (w->stamp)
			as = w->hash & LOGCAT_MARK ? STR(LOGCAT_TIME) : STR("00:00:00");
		else if (w->n == 3 && log_is_failed_status(line, w->at))
			as = STR("500");
		else if (w->n == 5 && !w->at && log_is_klog(line))
			out[n++] = *line.p, as = STR("0000");
		if (as.p)
			memcpy(out + n, as.p, as.n);
		n += as.p ? as.n : mask_word(line, w, out + n);
	}
	memcpy(out + n, line.p + at, line.n - at);
	return n + line.n - at;
}

bool log_is_pid(str line, const struct log_line *l, uint32_t i)
{
	const struct log_word *w = &l->w[i];

	if (!i || !w->at || line.p[w->at - 1] != '[' || w->at + w->n + 2U > line.n ||
		line.p[w->at + w->n] != ']' || line.p[w->at + w->n + 1] != ':')
		return false;
	for (size_t k = 0; k < w->n; k++)
		if (!is_digit(line.p[w->at + k]))
			return false;
	return true;
}

size_t log_word_end(str line, size_t at, bool is_stamp)
{
	size_t blanks_to;

	at = skip_padding(line.p, line.n, at, &blanks_to);
	if (is_stamp)
		return at + log_stamp_n(str_sub(line, at, line.n));
	while (at < line.n && class_of(line.p[at]) != HARD)
		at++;
	return at;
}
