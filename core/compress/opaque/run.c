/* Runs of base64 and of hexadecimal digits: where they are, and that they are neither words nor somebody's key. */
#include "core/compress/opaque/secret.h"
#include "core/compress/opaque/span.h"

enum {
	RUN_SHORT = 48,      /* bytes of a line that may go on in the next */
	RUN_MIN = 320,       /* shorter ones may be a digest, a key, a token */
	ANNOUNCED_MIN = 200, /* behind ";base64," */
	LINES_MIN = 6,       /* full ones: fewer may be a list of keys of one length */
	WIDTH_MAX = 128,     /* of the lines that one run is cut into; MIME's are 76, PEM's 64 */
	DISTINCT_MIN = 24,   /* characters out of 64 */
	HEX_DISTINCT_MIN = 8,
	REPEATED = 4, /* equal bytes in a row, which are zeros and say nothing of the others */
};

enum class { NONE, LOWER, UPPER, DIGIT, STANDARD, URL, CLASSES };

static const unsigned char class_of[256] = {
	['a' ... 'z'] = LOWER,
	['A' ... 'Z'] = UPPER,
	['0' ... '9'] = DIGIT,
	['+'] = STANDARD,
	['/'] = STANDARD,
	['-'] = URL,
	['_'] = URL,
};

bool opaque_is_base64(char c)
{
	return class_of[(unsigned char)c];
}

/* What separates the lines that a run is cut into, with the blanks before each. */
static str line_end_at(str text, size_t at)
{
	static const str ends[] = {{"\n", 1}, {"\r\n", 2}, {"\\n", 2}, {"\\r\\n", 4}};
	str rest = str_sub(text, at, text.n);

	for (size_t i = 0; i < ARRAY_N(ends); i++) {
		size_t n = ends[i].n;

		if (!str_starts(rest, ends[i]))
			continue;
		while (n < rest.n && (rest.p[n] == ' ' || rest.p[n] == '\t'))
			n++;
		return str_sub(rest, 0, n);
	}
	return STR_NULL;
}

static size_t run_end(str text, size_t at)
{
	while (at < text.n && opaque_is_base64(text.p[at]))
		at++;
	return at;
}

/* The next run of RUN_SHORT bytes or more from *at on. Looks at every byte twice at most, and at few of a text of words:
 * a window without a run ends behind its last byte that is none. */
static bool next_run(str text, size_t *at, size_t *end)
{
	size_t i = *at;

	while (i + RUN_SHORT <= text.n) {
		size_t k = i + RUN_SHORT;

		while (k > i && opaque_is_base64(text.p[k - 1]))
			k--;
		if (k == i) {
			/* the letter of an escape before it: \nTWFu */
			*at = i + (i && text.p[i - 1] == '\\');
			*end = run_end(text, i + RUN_SHORT);
			return true;
		}
		i = k;
	}
	return false;
}

/* ---- what a run looks like ---- */

struct look {
	size_t of[CLASSES];
	size_t n,
		changes; /* bytes without those of a row of equal ones; how often one is of another class than the last */
	size_t repeated;
	uint64_t seen[4];
	bool has_other_case; /* a letter that is no hexadecimal digit */
	unsigned char last, last_class;
	unsigned row;
};

static void look_at(struct look *l, str piece)
{
	for (size_t i = 0; i < piece.n; i++) {
		unsigned char c = (unsigned char)piece.p[i], class = class_of[c];

		l->of[class]++;
		l->n++;
		l->seen[c >> 6] |= UINT64_C(1) << (c & 63);
		l->row = c == l->last ? l->row + 1 : 0;
		l->repeated += l->row + 1 >= REPEATED;
		l->changes += class != l->last_class;
		l->has_other_case |= (c | 0x20) > 'f';
		l->last = c;
		l->last_class = class;
	}
}

static unsigned distinct(const struct look *l)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_N(l->seen); i++)
		n += (unsigned)__builtin_popcountll(l->seen[i]);
	return n;
}

static bool is_share(size_t part, size_t of, unsigned percent)
{
	return part * 100 >= of * percent;
}

static bool is_hex(const struct look *l)
{
	size_t letters = l->of[LOWER] + l->of[UPPER];

	return !l->has_other_case && !l->of[STANDARD] && !l->of[URL] &&
	       (!l->of[LOWER] || !l->of[UPPER]) && distinct(l) >= HEX_DISTINCT_MIN &&
	       is_share(letters, l->n, 12) && is_share(l->of[DIGIT], l->n, 20);
}

/* Of bytes by chance, 65 of 100 characters are of another class than the one before, and 16 are digits; of text, 50 and 13.
 * Words written together have 35 at most, and no digits. */
static bool is_shuffled(const struct look *l)
{
	size_t n = l->n - l->repeated;

	return is_share(n, l->n, 50) && distinct(l) >= DISTINCT_MIN &&
	       is_share(l->changes, n, 45) && is_share(l->of[DIGIT], n, 3) &&
	       is_share(l->of[UPPER], n, 10) && is_share(l->of[LOWER], n, 10);
}

static int value_of(char c)
{
	switch (class_of[(unsigned char)c]) {
	case UPPER:
		return c - 'A';
	case LOWER:
		return c - 'a' + 26;
	case DIGIT:
		return c - '0' + 52;
	default:
		return c == '+' || c == '-' ? 62 : 63;
	}
}

/* True when the line stands for text of ASCII: it has no other signs than letters and digits then. */
static bool is_of_text(str line)
{
	for (size_t i = 0; i + 4 <= line.n; i += 4) {
		unsigned bits = 0;

		for (size_t k = 0; k < 4; k++)
			bits = bits << 6 | (unsigned)value_of(line.p[i + k]);
		for (unsigned shift = 16;; shift -= 8) {
			char c = (char)(bits >> shift & 0xff);

			if (!(c >= ' ' && c <= '~') && c != '\n' && c != '\t' && c != '\r')
				return false;
			if (!shift)
				break;
		}
	}
	return true;
}

/* ---- the whole of a run ---- */

struct run {
	size_t start, end;
	str first;         /* its first line */
	size_t last_start; /* of its last line */
	uint32_t lines;
	struct look look;
};

/* One line of base64, and those that go on with it. */
static void read_run(str text, size_t start, size_t end, struct run *r)
{
	size_t width = end - start;
	str sep = line_end_at(text, end);

	*r = (struct run){.start = start,
		.end = end,
		.first = str_sub(text, start, end),
		.last_start = start,
		.lines = 1};
	look_at(&r->look, str_sub(text, start, end));
	while (sep.n && width <= WIDTH_MAX) {
		size_t next = r->end + sep.n, next_end;

		if (!str_eq(line_end_at(text, r->end), sep))
			break;
		next_end = run_end(text, next);
		if (next_end == next || next_end - next > width)
			break;
		look_at(&r->look, str_sub(text, next, next_end));
		r->last_start = next;
		r->end = next_end;
		r->lines++;
		if (next_end - next < width)
			break;
	}
	for (unsigned i = 0; i < 2 && r->end < text.n && text.p[r->end] == '='; i++)
		r->end++;
}

/* True where a part of a token of parts ("a.b.c") begins or ends. */
static bool is_part(str text, const struct run *r)
{
	return (r->start > 1 && text.p[r->start - 1] == '.' &&
		       opaque_is_base64(text.p[r->start - 2])) ||
	       (r->end + 1 < text.n && text.p[r->end] == '.' &&
		       opaque_is_base64(text.p[r->end + 1]));
}

static bool is_run_of(str text, enum opaque_kind kind, const struct run *r)
{
	static const str announced = {";base64,", 8};
	const struct look *l = &r->look;

	if (kind == OPAQUE_HEX)
		return r->lines == 1 && l->n >= RUN_MIN && is_hex(l) && !is_part(text, r) &&
		       !secret_is_key(text, r->start, l->n);
	if (l->n < ANNOUNCED_MIN || (l->of[STANDARD] && l->of[URL]))
		return false;
	if (r->start >= announced.n && str_ends(str_sub(text, 0, r->start), announced))
		return true;
	if (r->lines > 1 &&
		(r->lines < LINES_MIN || l->of[URL] || (!l->of[STANDARD] && !is_of_text(r->first))))
		return false;
	return l->n >= RUN_MIN && is_shuffled(l) && !is_part(text, r) &&
	       !secret_is_key(text, r->start, l->n) && !secret_is_private(text, r->start, r->end);
}

/* What stays of both ends: what it begins with tells what it is, and both tell one from another. */
static void cut(enum opaque_kind kind, const struct run *r, struct opaque_span *out)
{
	size_t head = kind == OPAQUE_HEX ? 16 : 24, tail = 8;

	if (r->end - r->last_start < tail)
		tail = r->end - r->last_start;
	*out = (struct opaque_span){.kind = kind,
		.start = r->start,
		.end = r->end,
		.from = r->start + head,
		.to = r->end - tail,
		.lines = r->lines};
}

bool opaque_find_run(str text, enum opaque_kind kind, size_t at, struct opaque_span *out)
{
	size_t end;

	while (next_run(text, &at, &end)) {
		struct run r;

		if (kind == OPAQUE_HEX && text.p[at] == '0' && text.p[at + 1] == 'x')
			at += 2;
		read_run(text, at, end, &r);
		if (is_run_of(text, kind, &r)) {
			cut(kind, &r, out);
			return true;
		}
		at = r.end;
	}
	return false;
}
