#include "core/compress/prose/cost.h"

/* What bytes are. A capital begins a word, even in the middle of one. */
enum kind { SMALL, CAPITAL, DIGIT, BLANK, LINE_END, LONG, SIGN };

enum {
	OF_WORD = 15,
	WORD_BYTES = 7, /* of a word that is one token; then each */
	OF_LETTER = 3,
	OF_DIGITS = 22, /* up to three */
	DIGITS = 3,
	OF_SIGNS = 14, /* the first of a run, then each */
	OF_SIGN = 1,
	OF_LINE_ENDS = 16, /* a run of them */
	OF_BLANKS = 12,    /* a run; one blank belongs to the word behind it */
	OF_LONG = 2,       /* a byte of a longer character */
};

#define KIND(c)                                         \
	((c) >= 'a' && (c) <= 'z'            ? SMALL    \
		: (c) >= 'A' && (c) <= 'Z'   ? CAPITAL  \
		: (c) >= '0' && (c) <= '9'   ? DIGIT    \
		: (c) == ' ' || (c) == '\t'  ? BLANK    \
		: (c) == '\n' || (c) == '\r' ? LINE_END \
		: (c) >= 0x80                ? LONG     \
					     : SIGN)
#define KIND4(c)  KIND(c), KIND((c) + 1), KIND((c) + 2), KIND((c) + 3)
#define KIND16(c) KIND4(c), KIND4((c) + 4), KIND4((c) + 8), KIND4((c) + 12)
#define KIND64(c) KIND16(c), KIND16((c) + 16), KIND16((c) + 32), KIND16((c) + 48)

static const uint8_t kinds[256] = {KIND64(0), KIND64(64), KIND64(128), KIND64(192)};

/* Where the run of that kind ends. */
static size_t run_end(str text, size_t at, enum kind kind)
{
	while (at < text.n && kinds[(unsigned char)text.p[at]] == kind)
		at++;
	return at;
}

static uint32_t of_word(size_t n)
{
	return OF_WORD + (n > WORD_BYTES ? (uint32_t)(n - WORD_BYTES) * OF_LETTER : 0);
}

uint32_t cost_of(str text)
{
	uint32_t cost = 0;

	for (size_t at = 0, end; at < text.n; at = end) {
		enum kind kind = kinds[(unsigned char)text.p[at]];

		end = run_end(text, at + 1, kind);
		if (kind == CAPITAL)
			end = run_end(text, end, SMALL);
		switch (kind) {
		case SMALL:
		case CAPITAL:
			cost += of_word(end - at);
			break;
		case DIGIT:
			cost += (uint32_t)((end - at + DIGITS - 1) / DIGITS) * OF_DIGITS;
			break;
		case BLANK:
			cost += end - at > 1 ? OF_BLANKS : 0;
			break;
		case LINE_END:
			cost += OF_LINE_ENDS;
			break;
		case LONG:
			cost += (uint32_t)(end - at) * OF_LONG;
			break;
		case SIGN:
			cost += OF_SIGNS + (uint32_t)(end - at - 1) * OF_SIGN;
			break;
		}
	}
	return cost;
}
