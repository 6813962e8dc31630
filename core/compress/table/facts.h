/* facts: what is known of the values of a JSON document before it is written as tables: their content irrespective of
 * white space, their size, and which of them occur more than once.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_FACTS_H
#define CORE_COMPRESS_TABLE_FACTS_H

#include "core/json/tape.h"
#include "core/token/token.h"

/* Values of the same content, mostly more than one. */
struct value_class {
	uint64_t hash;
	uint32_t node; /* the first of them */
};

struct facts {
	struct json_tape t;
	bool is_whole; /* strings are shown whole: neither common ends nor pieces are split off */
	enum token_encoding encoding;
	struct token_cache *cache; /* NULL is allowed */
	unsigned escapes;          /* of core/compress/table/escape.h */
	uint64_t *hash;            /* by node: of the content */
	uint32_t *size; /* by node: facts_size(); NULL: the document has no white space */
	uint32_t bytes; /* of the root, without white space */
	uint32_t *
		class_of; /* by node; 0: none, too small to be named or the only one of its content */
	struct value_class *classes;
	/* By class, apart from the rest since they are asked for again and again. */
	uint32_t *shown; /* how often one would be written if each is written once only */
	uint32_t *label; /* by which later ones are named */
	uint32_t classes_n;
	uint32_t once_n; /* strings that might be named if they were not the only ones */
};

/* The bytes of a value without white space. */
static inline uint32_t facts_size(const struct facts *f, uint32_t node)
{
	return f->size ? f->size[node] : f->t.v[node].end - f->t.v[node].start;
}

enum { CLASS_BYTES = 12 /* a smaller value is never named */ };

/* Of a class: a label would not pay; and it does, but was not given yet. */
#define LABEL_NONE  0u
#define LABEL_LATER UINT32_MAX

void facts_init(struct facts *f, struct json_tape t, struct arena *a);
/* Content and sizes only, for who picks rows and writes nothing. */
void facts_measure(struct facts *f, struct json_tape t, struct arena *a);

#endif
