/* units: a text cut into what a person counts: lines, or rows of the data that it is. Internal to core/retrieve.
 * Thread: any; in the caller's arena. */
#ifndef CORE_RETRIEVE_UNITS_H
#define CORE_RETRIEVE_UNITS_H

#include "core/base/arena.h"
#include "core/base/err.h"

/* A longer line is several units, cut between characters, so that one answer can hold a unit. */
enum { UNIT_MAX = 16 << 10 };

struct unit {
	str text;        /* with its line end */
	uint32_t number; /* of the line or row, counted from 1 */
	bool is_rest;    /* goes on where the unit before was cut */
};

struct units {
	struct unit *v;
	uint32_t n;
	uint32_t numbers_n; /* lines or rows */
	bool are_rows;
};

/* A text as many tools send it: in a JSON object whose one long string it is. */
struct inner {
	str text;     /* of that string */
	str skeleton; /* the object, with "…" where the string stands; in the arena */
};

/* The skeleton of more is no frame of a text but data of its own. */
enum { UNIT_SKELETON_MAX = 256 };

/* False when the document is no such object: then it has lines of its own, or none that are worth it. */
bool units_inner(str text, struct arena *a, struct inner *out) MUST_CHECK;

void units_of_lines(str text, struct arena *a, struct units *out);
/* False when the text has no rows: it is neither JSON with an array of two elements or more (the one with the most
 * elements counts) nor JSON Lines. */
bool units_of_rows(str text, struct arena *a, struct units *out) MUST_CHECK;

/* A set of numbers: "7,10-40". */
struct ranges {
	struct range {
		uint64_t from, to;
	} * v;
	size_t n;
};
/* E_USAGE: the message names the form. An empty text is the set of all. */
enum err ranges_parse(str s, struct arena *a, struct ranges *out, struct errctx *cx) MUST_CHECK;
bool ranges_have(const struct ranges *r, uint64_t number);

#endif
