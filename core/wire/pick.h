/* pick: takes a few values out of JSON by their path, while its bytes come in, in constant memory. For answers: they
 * may be of any size, and nearly all of them is text that nobody here wants. It is lenient: what is no JSON gives
 * wrong values or none. Internal to core/wire.
 * The paths are a tree in a table: from the node of an object, a row leads by a key to the node of the member. An
 * array has the node of its elements; an array in an array is passed over, as is all that no row names.
 * Owns: nothing on the heap. Thread: one at a time. */
#ifndef CORE_WIRE_PICK_H
#define CORE_WIRE_PICK_H

#include "core/base/str.h"

enum {
	PICK_NONE = 0, /* as a node: pass over; as a field: not wanted */
	PICK_ROOT =
		1, /* the node of the outermost object, or of the elements of the outermost array */
	PICK_TEXT =
		96, /* longest key or value that is told apart; of a longer one, the beginning */
	PICK_LEVELS = 16, /* deeper is passed over; the tables of answers need 9 */
};

struct pick_row {
	uint8_t parent; /* node of the object */
	uint8_t node;   /* of the member, where it is an object or an array */
	uint8_t field;  /* what the member is where it is a string, number, true, false or null */
	str key;
};

enum pick_kind {
	PICK_STRING, /* id: field; text as spelled between the quotes */
	PICK_SCALAR, /* id: field; text as it stands */
	PICK_OPEN,   /* id: node; an object begins */
	PICK_CLOSE,  /* id: node; an object ends */
};

/* Returns false when nothing more is wanted from this document. */
typedef bool pick_fn(void *self, enum pick_kind kind, uint8_t id, str text);

struct pick_level {
	uint8_t node;
	bool is_array;
	uint8_t first; /* of the node's rows */
};

struct pick {
	const struct pick_row *rows;
	uint8_t row_n;
	pick_fn *fn;
	void *self;
	struct pick_level levels[PICK_LEVELS];
	unsigned level_n;
	uint64_t dead_n;     /* containers that are passed over, inside of the last level */
	uint8_t lex;         /* what the last byte was in */
	uint8_t node, field; /* of the value that comes next */
	bool is_key_next, is_wanted;
	bool is_stopped; /* the function has had enough */
	bool is_whole;   /* the outermost container has been closed */
	uint8_t text_n;
	char text[PICK_TEXT];
};

/* rows stand in the order of their parents, fewer than 256. */
void pick_init(struct pick *p, const struct pick_row *rows, size_t row_n, pick_fn *fn, void *self);
void pick_reset(struct pick *p); /* for the next document */
void pick_feed(struct pick *p, str bytes);

#endif
