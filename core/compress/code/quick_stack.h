/* quick_stack: what has been read so far of a source, in as many ways as it can still be read: nodes of the syntax tree, and stacks of
 * them that share what they have in common. Which ways are kept, joined and preferred is what tree-sitter's stack does where there is
 * no error. Inner header of quick.c.
 * Owns: its lists. Short of memory, nothing is added any more and is_short is set. Thread: one at a time. */
#ifndef CORE_COMPRESS_CODE_QUICK_STACK_H
#define CORE_COMPRESS_CODE_QUICK_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"

struct quick_node {
	uint32_t start, end; /* bytes of the source, without the blanks before it */
	uint32_t
		children; /* the first of n in children; of a token: the scanner's state behind it */
	uint32_t n;
	uint32_t depth;     /* nodes on the longest way down */
	int32_t precedence; /* dynamic, with that of all below */
	uint16_t symbol, production;
	bool is_extra, is_scanned;
};

/* A state of the automaton, and how it came to be: by a node behind another place, or by several ways. */
struct quick_place {
	uint32_t position;
	uint32_t before, node; /* the first link; the bottom of the stack has none */
	uint32_t more;         /* the next ones: a place in links; 0: none */
	int32_t precedence;
	uint16_t state, links_n;
};

struct quick_link {
	uint32_t before, node, next;
};

enum quick_status { QUICK_ACTIVE, QUICK_PAUSED, QUICK_HALTED };

/* A way to read the source. */
struct quick_head {
	uint32_t place;
	uint32_t scanned; /* the scanner's state: a place in states */
	enum quick_status status;
};

/* What was popped: nodes in popped, and the head that stands below them. */
struct quick_slice {
	uint32_t from, n;
	int head;
};

enum {
	QUICK_HEADS_MAX = 64, /* more than there ever are */
	QUICK_HEADS_KEPT = 6, /* as tree-sitter does: MAX_VERSION_COUNT */
	QUICK_HEADS_OVER = 4, /* its MAX_VERSION_COUNT_OVERFLOW */
	QUICK_LINKS_MAX = 8,  /* its MAX_LINK_COUNT */
	QUICK_WAYS_MAX = 64,  /* its MAX_ITERATOR_COUNT */
};

#define QUICK_LIST(T)            \
	struct {                 \
		T *v;            \
		uint32_t n, cap; \
	}

struct quick_state {
	uint32_t from, n; /* in bytes */
};

struct quick_stack {
	QUICK_LIST(struct quick_node) nodes;
	QUICK_LIST(uint32_t) children;
	QUICK_LIST(struct quick_place) places;
	QUICK_LIST(struct quick_link) links;
	QUICK_LIST(uint32_t) popped, extras, more_extras, pairs;
	QUICK_LIST(struct quick_link)
	cells; /* of ways down the stack: node, and next as the one above */
	QUICK_LIST(struct quick_state) states;
	QUICK_LIST(char) bytes;
	struct quick_slice slices[QUICK_HEADS_MAX * 2];
	struct quick_head heads[QUICK_HEADS_MAX];
	int slices_n, heads_n;
	uint32_t floor;         /* places from here on belong to the one head alone */
	bool is_short, is_wild; /* is_wild: more ways than can be followed */
};

/* size: bytes of the source. False: out of memory. quick_stack_free in any case. */
bool quick_stack_init(struct quick_stack *s, size_t size) MUST_CHECK;
void quick_stack_free(struct quick_stack *s);
/* The same without the nodes and their children. */
void quick_stack_free_work(struct quick_stack *s);

/* A node of what is in list, which is copied. */
uint32_t quick_node_of(struct quick_stack *s, uint16_t symbol, uint16_t production,
	const uint32_t *list, uint32_t n, uint32_t position);

/* Pops so many nodes that are no extras, in all ways; each way's head is a new one. UINT32_MAX: all. */
void quick_pop(struct quick_stack *s, int head, uint32_t count);
/* Joins the second of two heads of one state and place to the first; it is not to be used then. */
bool quick_join(struct quick_stack *s, int into, int from);
/* The same, and takes it out. */
bool quick_merge(struct quick_stack *s, int into, int from);
void quick_remove(struct quick_stack *s, int head);
/* Puts head from in the place of head to, which goes. */
void quick_renumber(struct quick_stack *s, int from, int to);

/* True when right is to be taken instead of left: precedence, then the order of symbols. */
bool quick_prefers(struct quick_stack *s, uint32_t left, uint32_t right);

/* The state of a scanner as a number: that of before when it is the same. */
uint32_t quick_state_add(struct quick_stack *s, const char *bytes, uint32_t n, uint32_t before);
bool quick_state_same(const struct quick_stack *s, uint32_t x, uint32_t y);

/* Makes room for more elements; false: out of memory. */
bool quick_grow(struct quick_stack *s, void **v, uint32_t *cap, uint32_t need, size_t size);
#define quick_room(s, list, more)                                                                \
	(LIKELY((list)->n + (more) <= (list)->cap) ||                                            \
		quick_grow((s), (void **)&(list)->v, &(list)->cap, (list)->n + (uint32_t)(more), \
			sizeof *(list)->v))

/* False where two heads cannot be joined, as most cannot. */
static inline bool quick_may_join(const struct quick_stack *s, int into, int from)
{
	const struct quick_place *p = &s->places.v[s->heads[into].place],
				 *q = &s->places.v[s->heads[from].place];

	return p->state == q->state && p->position == q->position;
}

static inline uint32_t quick_node_add(struct quick_stack *s, const struct quick_node *node)
{
	if (!quick_room(s, &s->nodes, 1))
		return 0;
	s->nodes.v[s->nodes.n] = *node;
	return s->nodes.n++;
}

static inline void quick_push(struct quick_stack *s, int head, uint32_t node, uint16_t state)
{
	struct quick_head *h = &s->heads[head];

	if (!quick_room(s, &s->places, 1))
		return;
	s->places.v[s->places.n] = (struct quick_place){.position = s->nodes.v[node].end,
		.before = h->place,
		.node = node,
		.precedence = s->places.v[h->place].precedence + s->nodes.v[node].precedence,
		.state = state,
		.links_n = 1};
	h->place = s->places.n++;
	if (s->heads_n > 1)
		s->floor = s->places.n;
}

#endif
