/* node: a configuration file of any format as the list of its values, each with the place where it is spelled. The
 * parsers of the formats make it, the edits are made by its places, and two of these lists tell whether an edit changed
 * what it was to change and nothing else.
 * Owns: nothing; the list lives in the caller's arena and points into the text. Thread: any. */
#ifndef WRAP_EDIT_NODE_H
#define WRAP_EDIT_NODE_H

#include "core/base/vec.h"

enum node_kind {
	NODE_MAP,
	NODE_LIST,
	NODE_SCALAR,
	NODE_OPAQUE, /* a value whose inside the parser does not read; compared as text, never replaced */
};

/* How a map of TOML came about, which says where a new key goes. */
enum node_form {
	NODE_FORM_PLAIN,
	NODE_FORM_HEADER,   /* [a] or an element of [[a]] */
	NODE_FORM_IMPLICIT, /* a part of a header's name */
	NODE_FORM_DOTTED,   /* a part of a key */
};

struct node {
	uint32_t parent; /* index; NODE_NONE for the root */
	enum node_kind kind;
	enum node_form form;
	str key;            /* as it reads; empty in a list and for the root */
	struct span key_at; /* as spelled; in TOML the last part of it */
	struct span at;     /* the value as spelled */
	struct span
		line_at; /* what belongs to it: key and value, the header of a table, a fenced block */
};

#define NODE_NONE UINT32_MAX
enum {
	NODE_DEPTH_MAX = 64
}; /* nesting of TOML and YAML; the deepest settings of an agent have 6 levels */

struct node_doc {
	str text;
	str clean;             /* JSON: the text with its comments blanked, the same length */
	VEC(struct node) list; /* as in the text, a container before what is in it; 0 is the root */
};

struct edit_path {
	const str *part;
	size_t n;
};

/* A new node with this parent and key, all else zero. Its address is gone with the next call. */
struct node *node_add(struct arena *a, struct node_doc *d, uint32_t parent, str key);
/* The member of this name, the last one where it occurs twice; NODE_NONE. */
uint32_t node_child(const struct node_doc *d, uint32_t parent, str key) PURE;
uint32_t node_child_n(const struct node_doc *d, uint32_t parent) PURE;
/* The last child in the text; NODE_NONE when there is none. */
uint32_t node_last_child(const struct node_doc *d, uint32_t parent) PURE;
/* Follows path as far as it goes. Returns how many parts there are, and the node where that ends in *at. */
size_t node_follow(const struct node_doc *d, struct edit_path path, uint32_t *at);
/* Whether the values below and at both nodes are the same: kinds, keys, order, spelling of the scalars. */
bool node_same(const struct node_doc *a, uint32_t i, const struct node_doc *b, uint32_t k);
/* Whether both have the same values everywhere but at path and below. Containers along path may have appeared, or have
 * gone with is_removed, from the part numbered kept on (0 is the first). */
bool node_only_change(struct arena *a, const struct node_doc *before, const struct node_doc *after,
	struct edit_path path, size_t kept);

#endif
