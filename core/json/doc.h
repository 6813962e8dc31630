/* doc: a JSON document as a tree in memory, to be read and changed: configuration, agents' settings, MCP
 * messages, our own small answers. Never for a request body or tool output: numbers are doubles here and
 * the spelling is lost (scan and patch keep it).
 * Owns: the whole tree; json_doc_free takes all of it. A struct json_value is a place inside: it is
 * borrowed, and gone with the document or when its member is replaced or removed. Thread: one at a time. */
#ifndef CORE_JSON_DOC_H
#define CORE_JSON_DOC_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/json/tape.h"

struct json_doc;
struct json_value;

/* Parses strictly (see json_scan); what a tree of C strings and doubles cannot hold is E_MALFORMED too:
 * invalid UTF-8, lone surrogates, \u0000 in a string, a number beyond the range of a double. E_TOO_BIG over
 * LIMIT_CONFIG_FILE, E_NOMEM. *out is NULL on failure. */
enum err json_doc_parse(str text, struct json_doc **out, struct errctx *cx) MUST_CHECK;
/* A document that is one empty object or array. NULL when out of memory. */
struct json_doc *json_doc_new(enum json_type root) MUST_CHECK;
void json_doc_free(struct json_doc *d); /* NULL is fine */

/* Reading. Every function takes NULL for a value that is not there, so that calls can be chained:
 *	if (json_value_bool(json_value_get(json_value_get(root, "a"), "b"), &b)) ... */
struct json_value *json_doc_root(const struct json_doc *d) PURE;
bool json_value_is(const struct json_value *v, enum json_type type) PURE;
/* The member of this name (case matters; the last one where it occurs twice); NULL when there is none. */
struct json_value *json_value_get(const struct json_value *object, const char *key) PURE;
size_t json_value_n(const struct json_value *container) PURE; /* members or elements */
/* for (v = json_value_first(c); v; v = json_value_next(v)) */
struct json_value *json_value_first(const struct json_value *container) PURE;
struct json_value *json_value_next(const struct json_value *v) PURE;
const char *json_value_key(const struct json_value *v) PURE; /* NULL in an array */

/* False, and *out untouched, when the value is of another type. Strings are borrowed. */
bool json_value_str(const struct json_value *v, str *out) MUST_CHECK;
bool json_value_bool(const struct json_value *v, bool *out) MUST_CHECK;
bool json_value_f64(const struct json_value *v, double *out) MUST_CHECK;
/* False for a fraction and beyond 2^53, where doubles skip integers. */
bool json_value_i64(const struct json_value *v, int64_t *out) MUST_CHECK;

/* Writing. In an object the member of this name is replaced in its place, or added at the end; in an array
 * (key NULL) the element is added at the end. Text is copied. The first failure (out of memory, or a
 * string that is not UTF-8 or holds a NUL: E_MALFORMED) is remembered in the document and comes out of
 * json_doc_print; a parent of NULL is skipped, so that there is nothing to check in between. */
struct json_value *json_doc_set_object(
	struct json_doc *d, struct json_value *parent, const char *key);
struct json_value *json_doc_set_array(
	struct json_doc *d, struct json_value *parent, const char *key);
void json_doc_set_str(struct json_doc *d, struct json_value *parent, const char *key, str value);
void json_doc_set_f64(struct json_doc *d, struct json_value *parent, const char *key, double value);
void json_doc_set_bool(struct json_doc *d, struct json_value *parent, const char *key, bool value);
void json_doc_set_null(struct json_doc *d, struct json_value *parent, const char *key);
/* Every member of this name; false when there was none. */
bool json_doc_remove(struct json_value *object, const char *key);

/* Appends the document, indented by two spaces or without any white space, without a newline at the end.
 * The first failure of building, E_TOO_BIG over LIMIT_JSON_DEPTH, or out's own error. */
enum err json_doc_print(const struct json_doc *d, bool is_pretty, struct buf *out) MUST_CHECK;

#endif
