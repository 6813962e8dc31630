#include "core/compress/padded.h"

#include "core/base/lane.h"

enum {
	PADDED_BLOCKS = 2, /* of LANE_BLOCK bytes of a line that are looked at */
	PADDED_LINES = 5,
	PADDED_COLUMNS = 4, /* of a table without names */
};

/* True when the line is words alone, with two blanks between some of them. */
static bool is_header(str s)
{
	bool is_start = true;

	for (size_t i = 0; i < s.n; i++) {
		if (is_start && (s.p[i] >= '0' && s.p[i] <= '9'))
			return false;
		is_start = s.p[i] == ' ';
	}
	return str_find(str_trim(s), STR("  ")) != STR_NONE;
}

/* The bytes at p, n of them are the line's, end the end of what may be read: where blanks are. */
static uint64_t blanks_at(const char *p, size_t n, const char *end)
{
	char room[LANE_BLOCK] = {0};

	if (end - p >= LANE_BLOCK)
		return lane_block_bits(p, ' ');
	memcpy(room, p, n < LANE_BLOCK ? n : LANE_BLOCK);
	return lane_block_bits(room, ' ');
}

/* Takes out the places where the line has something; true while there is one left within it. */
static bool keep_blanks(uint64_t blank[PADDED_BLOCKS], str s, const char *end)
{
	bool is_left = false;

	for (size_t i = 0; i < PADDED_BLOCKS && i * LANE_BLOCK < s.n; i++) {
		size_t n = s.n - i * LANE_BLOCK;
		uint64_t in = n < LANE_BLOCK ? (UINT64_C(1) << n) - 1 : UINT64_MAX;

		blank[i] &= blanks_at(s.p + i * LANE_BLOCK, n, end) | ~in;
		is_left |= (blank[i] & in) != 0;
	}
	return is_left;
}

/* Bits where two blanks may begin that stand behind something in their line; before: the character before p. */
static uint64_t gaps_at(const char *p, char before)
{
	uint64_t blanks = lane_block_bits(p, ' '), ends = lane_block_bits(p, '\n');
	uint64_t behind = (blanks | ends) << 1 | (before == ' ' || before == '\n');

	return blanks & (blanks >> 1 | UINT64_C(1) << (LANE_BLOCK - 1)) & ~behind;
}

/* The text from its first line on that may have two blanks within it. */
static str skip_to_gap(str text)
{
	uint64_t gaps = 0;
	size_t at, from;

	for (at = 0; at + LANE_BLOCK <= text.n; at += LANE_BLOCK) {
		gaps = gaps_at(text.p + at, at ? text.p[at - 1] : '\n');
		if (gaps)
			break;
	}
	if (gaps)
		at += (size_t)__builtin_ctzll(gaps);
	from = str_rfind_byte(str_sub(text, 0, at), '\n');
	return str_sub(text, from == STR_NONE ? 0 : from + 1, text.n);
}

struct padded padded_find(str text)
{
	struct padded p = {0};
	uint64_t blank[PADDED_BLOCKS] = {UINT64_MAX, UINT64_MAX};
	const char *end = text.p + text.n;
	str line;

	text = skip_to_gap(text);
	/* A line that was cut off says nothing. */
	while (str_next_line(&text, &line, NULL) && (text.n || !p.lines)) {
		if (!p.lines && str_find(str_trim(line), STR("  ")) == STR_NONE) {
			text = skip_to_gap(text);
			continue;
		}
		if (!str_trim(line).n)
			break;
		if (!p.lines++)
			p.has_header = is_header(line);
		if (!keep_blanks(blank, line, end))
			return (struct padded){0};
	}
	for (size_t i = 0; i < PADDED_BLOCKS; i++) {
		bool is_last = i + 1 == PADDED_BLOCKS || blank[i + 1] & 1; /* nothing ends there */

		p.columns += lane_count(
			blank[i] & ~(blank[i] >> 1 | (uint64_t)is_last << (LANE_BLOCK - 1)));
	}
	return p;
}

bool padded_is_table(const struct padded *p, bool needs_header)
{
	return p->lines >= PADDED_LINES &&
	       (p->has_header ? p->columns > 1 : !needs_header && p->columns >= PADDED_COLUMNS);
}
