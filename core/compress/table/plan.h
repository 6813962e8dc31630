/* plan: what the cells of a column of a table have in common, found from what was seen of them when they were gathered. Between
 * the files of core/compress/table/shape.h.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_PLAN_H
#define CORE_COMPRESS_TABLE_PLAN_H

#include "core/compress/table/shape.h"

enum { PLAN_TEXT_MIN = 3 /* strings that look like numbers, to make it a column of texts */ };

/* What was seen of the cells of a column. */
struct plan_seen {
	uint32_t absent, types[JSON_NULL + 1]; /* types: cells of each */
	uint32_t elements;                     /* of arrays */
	uint32_t number_like;                  /* strings, up to PLAN_TEXT_MIN */
	bool differs;
	bool has_strange; /* a string that is not bare text */
	bool has_way;     /* such a one that may be shown otherwise than as its literal */
	bool has_large;   /* a cell that may have a name */
};

void plan_look_string(const struct facts *f, uint32_t node, struct plan_seen *k);
/* first: the cell of the first row. */
static inline void plan_look(
	const struct facts *f, uint32_t first, uint32_t node, struct plan_seen *k)
{
	const struct json_node *v;

	if (node == JSON_ABSENT) {
		k->absent++;
		k->differs = true;
		return;
	}
	v = &f->t.v[node];
	if (!k->differs)
		k->differs = first == JSON_ABSENT || f->hash[node] != f->hash[first];
	k->types[v->type]++;
	k->has_large |= v->type <= JSON_STRING && v->end - v->start >= CLASS_BYTES;
	if (v->type == JSON_STRING)
		plan_look_string(f, node, k);
	else if (v->type == JSON_ARRAY)
		k->elements += v->n;
}

/* Sets all of a field of n rows (n >= 1) but its key and nodes. depth: of the tables that its own is in. */
void plan_field(const struct facts *f, struct field *d, uint32_t n, const struct plan_seen *k,
	unsigned depth, struct arena *a);

#endif
