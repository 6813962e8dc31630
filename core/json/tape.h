/* tape: a scanned JSON document as an array of spans, and how to read it. A node says where a value stands
 * in the document; nothing is copied or converted until somebody asks.
 * Owns: nothing; the tape lives in the arena that json_scan was given and points into the caller's
 * document, so both must outlive it. Thread: any number of readers. */
#ifndef CORE_JSON_TAPE_H
#define CORE_JSON_TAPE_H

#include "core/base/arena.h"
#include "core/base/str.h"

enum json_type {
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

/* One value. In an object, members follow as pairs: a JSON_STRING node for the key, then the value.
 * Nodes stand in document order; node 0 is the root. */
struct json_node {
	uint32_t start, end; /* bytes of the value; a string's include its quotes */
	uint32_t next;       /* index of the first node behind this value and all that is in it */
	uint32_t n : 27;     /* object: members; array: elements; string: 1 when it has a '\' */
	uint32_t type : 5;   /* enum json_type */
};

/* What is legal for a lenient reader but doubtful: reported, never repaired. */
enum json_note {
	JSON_NOTE_INVALID_UTF8 = 1,   /* somewhere inside a string */
	JSON_NOTE_LONE_SURROGATE = 2, /* \uD800..\uDFFF without its partner */
};

struct json_tape {
	str doc;
	struct json_node *v;
	uint32_t n;
	unsigned notes;       /* of enum json_note */
	uint32_t note_offset; /* of the first of them */
};

/* The value text of a node, with the quotes of a string. */
static inline str json_text(const struct json_tape *t, uint32_t node)
{
	return (str){t->doc.p + t->v[node].start, t->v[node].end - t->v[node].start};
}

static inline bool json_is(const struct json_tape *t, uint32_t node, enum json_type type)
{
	return t->v[node].type == type;
}

#define JSON_ABSENT UINT32_MAX
/* The value of a member, by its key as it reads after unescaping; JSON_ABSENT when the node is no object or
 * has no such member. Where a key occurs twice the last one counts, as in most readers. */
uint32_t json_member(const struct json_tape *t, uint32_t object, const char *key);
/* True when a key of this object (not of the objects in it) occurs twice. n log n in the members. */
bool json_has_duplicate_key(const struct json_tape *t, uint32_t object);

/* Walks children: for an object *key is the key's node, for an array JSON_ABSENT. A node that is no
 * container has no children.
 *	for (struct json_iter it = json_iter(t, node); json_next(&it);) use(it.key, it.value); */
struct json_iter {
	const struct json_tape *t;
	uint32_t at, end, key, value;
	bool is_object;
};

static inline struct json_iter json_iter(const struct json_tape *t, uint32_t container)
{
	const struct json_node *node = &t->v[container];
	bool is_container = node->type == JSON_OBJECT || node->type == JSON_ARRAY;

	return (struct json_iter){
		.t = t,
		.at = container + 1,
		.end = is_container ? node->next : container + 1,
		.key = JSON_ABSENT,
		.value = JSON_ABSENT,
		.is_object = node->type == JSON_OBJECT,
	};
}

static inline bool json_next(struct json_iter *it)
{
	if (it->at >= it->end)
		return false;
	if (it->is_object)
		it->key = it->at++;
	it->value = it->at;
	it->at = it->t->v[it->at].next;
	return true;
}

/* The text of a string node without quotes and escapes: a slice of the document when it has no escapes,
 * else a copy in the arena. False when it holds a lone surrogate or invalid UTF-8 (it cannot be said as
 * text then) or is no string. */
bool json_string(const struct json_tape *t, uint32_t node, struct arena *a, str *out) MUST_CHECK;
/* Compares an unescaped string with text. False when the node is no string. */
bool json_string_is(const struct json_tape *t, uint32_t node, const char *text);
/* A non-negative integer spelled in digits only; false otherwise. */
bool json_u64(const struct json_tape *t, uint32_t node, uint64_t *out) MUST_CHECK;
/* The double nearest to a number; false when the node is no number, is beyond the range of a double or is
 * spelled in more than JSON_F64_TEXT bytes. */
enum { JSON_F64_TEXT = 1024 };
bool json_f64(const struct json_tape *t, uint32_t node, double *out) MUST_CHECK;

#endif
