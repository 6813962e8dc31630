/* line: one line of a log as words and what separates them, and its mask: the same for lines that differ in numbers
 * only. Separators are blanks and the bytes "=,;()[]{}<>\"'|"; a time stamp is one word whatever it holds. In a
 * mask every run of letters and digits that holds a digit is the same, and a '-' before a number is none. What tells of errors
 * stands in it all the same (log_mask()), so that lines of one mask are of one mind about them, but for what numbers say.
 * Thread: any; nothing is owned: words are offsets into the line. */
#ifndef CORE_COMPRESS_LOG_LINE_H
#define CORE_COMPRESS_LOG_LINE_H

#include "core/base/str.h"

enum {
	/* Lines of more words are dumps of data, and stay as they are. */
	LOG_WORDS_MAX = 160,
	LOG_LINE_MAX = 16 << 10,
	/* A date with a time, and the time again as the program behind a runner prints it. */
	LOG_STAMPS_MAX = 2,
	/* Where a stamp must begin. */
	LOG_STAMP_REACH = 96,
};

struct log_word {
	uint32_t hash; /* of its mask */
	uint16_t at, n;
	uint8_t stamp; /* 1: the line's first time stamp, 2: its second; 0: another word */
	bool has_digit;
};

struct log_line {
	uint64_t skeleton; /* hash of the separators */
	uint64_t
		shape; /* hash of the mask: the skeleton's and log_word_key() of every word, added up */
	uint32_t n;
	bool is_stamped;
	struct log_word w[LOG_WORDS_MAX];
};

/* False when the line has too many bytes or words: out is of no use then. */
bool log_line_scan(str line, struct log_line *out) MUST_CHECK;

/* What word i adds to a shape. */
static inline uint64_t log_word_key(uint32_t hash, uint32_t i)
{
	uint64_t x = (hash + ((uint64_t)i << 32)) * 0x9e3779b97f4a7c15ULL;

	return x ^ x >> 29;
}

/* The mask of a line of these words as a text, as it is hashed, which lines of other masks have not: every time is "00:00:00", every run
 * with digits a "0". Returns how many bytes were written, of which there are at most as many as the line has. */
size_t log_mask(str line, const struct log_word *words, uint32_t words_n, char *out);

/* What the name of a class of errors ends with, "Exception" or "Error", and is more than that; NULL when it is none. A mask keeps it. */
str log_error_tail(str word);

/* True when the line begins as klog's do, "E0102 15:04:05.12", or as Android's, "03-17 16:13:38.811": with their levels in a letter. */
bool log_is_klog(str line) PURE;
bool log_is_logcat(str line) PURE;

/* Of lines that are alike otherwise: words with digits are alike, whatever else is in them. */
static inline uint32_t log_word_coarse(const struct log_word *w)
{
	enum { NUMBERED = 0x1b873593 };

	return w->has_digit && !w->stamp ? NUMBERED : w->hash;
}

/* True when word i is the number of a process, "[123]:": as little a part of what is reported as the time. */
bool log_is_pid(str line, const struct log_line *l, uint32_t i);

/* True when the word at at is the status of a request that a server failed to answer, `"GET / HTTP/1.1" 503 `. In masks it is not
 * the same as other numbers: these lines report errors, and those with another status do not. */
bool log_is_failed_status(str line, size_t at) PURE;

/* Bytes of the time stamp that s begins with; 0 for none. */
size_t log_stamp_n(str s) PURE;

/* Where the word that begins at at, or goes on there, ends. */
size_t log_word_end(str line, size_t at, bool is_stamp) PURE;

/* True for what numbers and names are not made of. */
static inline bool log_is_boundary(char c)
{
	return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		 (unsigned char)c >= 0x80);
}

/* True where a value may end in a word, so that no name is cut in two: before a boundary, and before a unit ("12ms"). */
static inline bool log_ends_at(str word, size_t at)
{
	char c = at < word.n ? word.p[at] : ' ';

	return log_is_boundary(c) ||
	       (at && !(c >= '0' && c <= '9') && word.p[at - 1] >= '0' && word.p[at - 1] <= '9');
}

static inline str log_word_str(str line, const struct log_word *w)
{
	return (str){line.p + w->at, w->n};
}

#endif
