/* memo: which arrays and objects of a document are tables, and of which shape: found out once, asked for each time that
 * the document is gone over.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_MEMO_H
#define CORE_COMPRESS_TABLE_MEMO_H

#include "core/compress/table/facts.h"
#include "core/compress/table/pick.h"
#include "core/compress/table/shape.h"

/* An array or object that may be a table. */
struct table_memo {
	uint32_t node;
	uint32_t n; /* children */
	bool is_map;
	bool is_numbered;    /* a map whose keys are 1, 2, ..., since its rows are referred to */
	bool is_weighed;     /* whether it pays was found out, where that is a question */
	struct shape *shape; /* NULL: it is none */
	struct shape *keys;  /* of a map: what its keys have in common; NULL: nothing */
	uint32_t *nodes;     /* children that are shown */
	uint32_t *rows;      /* by child that is shown: its row, or JSON_ABSENT */
	const struct picked *picked; /* NULL: all children are shown */
	char sep;                    /* 0: not chosen yet */
};

struct memos {
	struct table_memo *v;
	size_t n, cap;
	uint32_t *slots; /* by the hash of a node: index into v + 1; 0: none */
	uint32_t slots_n;
};

/* What is known of that container; NULL when it is too small for a table. pick: rows that are left out; NULL: none are.
 * The next call may move it. */
struct table_memo *memo_of(struct memos *m, const struct facts *f, const struct pick *pick,
	uint32_t node, struct arena *a);

#endif
