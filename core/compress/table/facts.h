/* facts: what is known of the values of a JSON document before it is written as tables: their content irrespective of
 * white space, their size, and which of them occur more than once.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_FACTS_H
#define CORE_COMPRESS_TABLE_FACTS_H

#include "core/json/tape.h"

/* Values of the same content. */
struct value_class {
	uint64_t hash;
	uint32_t node;  /* the first of them */
	uint32_t n;     /* how many */
	uint32_t shown; /* how often one would be written if each is written once only */
	uint32_t label; /* by which later ones are named; 0: none yet */
	bool is_named;  /* it pays to give it a label */
};

struct facts {
	struct json_tape t;
	bool is_whole;      /* strings are shown whole: neither common ends nor pieces are split off */
	unsigned escapes;   /* of core/compress/table/escape.h */
	uint64_t *hash;     /* by node: of the content */
	uint32_t *size;     /* by node: bytes without white space */
	uint32_t *class_of; /* by node; 0: none, too small to be named */
	struct value_class *classes;
	uint32_t classes_n;
};

enum { CLASS_BYTES = 12 /* a smaller value is never named */ };

void facts_init(struct facts *f, struct json_tape t, struct arena *a);

#endif
