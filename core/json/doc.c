#include "core/json/doc.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/json/fail_at.h"
#include "core/json/scan.h"
#include "core/json/write.h"

struct json_doc {
	cJSON *root;
	enum err err; /* the first failure of building */
};

/* A struct json_value is a cJSON node under another name. */
static cJSON *node_of(const struct json_value *v)
{
	return (cJSON *)(uintptr_t)v;
}

static struct json_value *value_of(const cJSON *node)
{
	return (struct json_value *)(uintptr_t)node;
}

static enum err check_string(
	const struct json_tape *t, uint32_t i, struct arena *a, struct errctx *cx)
{
	str text;

	if (!json_string(t, i, a, &text))
		return json_fail_at(cx, t->doc, t->v[i].start, "string that is not Unicode text");
	if (str_find_byte(text, '\0') != STR_NONE)
		return json_fail_at(cx, t->doc, t->v[i].start, "\\u0000 in a string");
	return E_OK;
}

/* What strict JSON may say and a tree of cJSON cannot hold. */
static enum err check_holdable(const struct json_tape *t, struct arena *a, struct errctx *cx)
{
	uint32_t ends[CJSON_NESTING_LIMIT];
	unsigned depth = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		double number;

		while (depth && i >= ends[depth - 1])
			depth--;
		if (json_is(t, i, JSON_STRING)) {
			TRY(check_string(t, i, a, cx));
		} else if (json_is(t, i, JSON_NUMBER)) {
			if (!json_f64(t, i, &number))
				return json_fail_at(cx, t->doc, t->v[i].start,
					"number beyond the range of a double");
		} else if (json_is(t, i, JSON_OBJECT) || json_is(t, i, JSON_ARRAY)) {
			if (depth == ARRAY_N(ends))
				return json_fail_at(cx, t->doc, t->v[i].start,
					"nested deeper than %u levels", depth);
			ends[depth++] = t->v[i].next;
		}
	}
	return E_OK;
}

static enum err check_text(str text, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct json_tape tape;
	enum err e;

	if (arena_recover(&a)) {
		arena_release(&a);
		FAIL(cx, E_NOMEM, "out of memory");
	}
	e = json_scan(&a, text, &tape, cx);
	if (!e)
		e = check_holdable(&tape, &a, cx);
	arena_release(&a);
	return e;
}

enum err json_doc_parse(str text, struct json_doc **out, struct errctx *cx)
{
	struct json_doc *d;

	*out = NULL;
	if (text.n > LIMIT_CONFIG_FILE)
		FAIL(cx, E_TOO_BIG, "JSON of %zu bytes is larger than %zu", text.n,
			LIMIT_CONFIG_FILE);
	TRY(check_text(text, cx));
	d = mem_zalloc(sizeof *d);
	if (d)
		d->root = cJSON_ParseWithLength(text.p, text.n);
	if (!d || !d->root) {
		json_doc_free(d);
		FAIL(cx, E_NOMEM, "out of memory");
	}
	*out = d;
	return E_OK;
}

struct json_doc *json_doc_new(enum json_type root)
{
	struct json_doc *d = mem_zalloc(sizeof *d);

	ASSERT(root == JSON_OBJECT || root == JSON_ARRAY);
	if (!d)
		return NULL;
	d->root = root == JSON_OBJECT ? cJSON_CreateObject() : cJSON_CreateArray();
	if (d->root)
		return d;
	json_doc_free(d);
	return NULL;
}

void json_doc_free(struct json_doc *d)
{
	if (!d)
		return;
	cJSON_Delete(d->root);
	mem_free(d);
}

/* ---- reading ---- */

struct json_value *json_doc_root(const struct json_doc *d)
{
	return value_of(d->root);
}

static enum json_type type_of(const cJSON *node)
{
	switch (node->type & 0xFF) {
	case cJSON_Object:
		return JSON_OBJECT;
	case cJSON_Array:
		return JSON_ARRAY;
	case cJSON_String:
		return JSON_STRING;
	case cJSON_Number:
		return JSON_NUMBER;
	case cJSON_True:
		return JSON_TRUE;
	case cJSON_False:
		return JSON_FALSE;
	default:
		return JSON_NULL;
	}
}

bool json_value_is(const struct json_value *v, enum json_type type)
{
	return v && type_of(node_of(v)) == type;
}

struct json_value *json_value_get(const struct json_value *object, const char *key)
{
	struct json_value *found = NULL;

	if (!json_value_is(object, JSON_OBJECT))
		return NULL;
	for (struct json_value *v = json_value_first(object); v; v = json_value_next(v))
		if (strcmp(json_value_key(v), key) == 0)
			found = v;
	return found;
}

size_t json_value_n(const struct json_value *container)
{
	size_t n = 0;

	for (const struct json_value *v = json_value_first(container); v; v = json_value_next(v))
		n++;
	return n;
}

struct json_value *json_value_first(const struct json_value *container)
{
	return container ? value_of(node_of(container)->child) : NULL;
}

struct json_value *json_value_next(const struct json_value *v)
{
	return v ? value_of(node_of(v)->next) : NULL;
}

const char *json_value_key(const struct json_value *v)
{
	return v ? node_of(v)->string : NULL;
}

bool json_value_str(const struct json_value *v, str *out)
{
	if (!json_value_is(v, JSON_STRING))
		return false;
	*out = str_from(node_of(v)->valuestring);
	return true;
}

bool json_value_bool(const struct json_value *v, bool *out)
{
	if (!json_value_is(v, JSON_TRUE) && !json_value_is(v, JSON_FALSE))
		return false;
	*out = json_value_is(v, JSON_TRUE);
	return true;
}

bool json_value_f64(const struct json_value *v, double *out)
{
	if (!json_value_is(v, JSON_NUMBER))
		return false;
	*out = node_of(v)->valuedouble;
	return true;
}

bool json_value_i64(const struct json_value *v, int64_t *out)
{
	static const double max = 9007199254740992.0; /* 2^53 */
	double number;

	if (!json_value_f64(v, &number) || fabs(number) > max || trunc(number) != number)
		return false;
	*out = (int64_t)number;
	return true;
}

/* ---- writing ---- */

static bool replace(cJSON *parent, cJSON *old, cJSON *node)
{
	node->string = old->string;
	old->string = NULL;
	return cJSON_ReplaceItemViaPointer(parent, old, node);
}

/* Takes node, which is NULL when there was no memory for it. */
static struct json_value *put(
	struct json_doc *d, struct json_value *parent, const char *key, cJSON *node)
{
	cJSON *at = node_of(parent), *old = node_of(json_value_get(parent, key ? key : ""));
	bool is_put = false;

	if (!node && !d->err)
		d->err = E_NOMEM;
	if (!node || !parent) {
		cJSON_Delete(node);
		return NULL;
	}
	ASSERT(json_value_is(parent, key ? JSON_OBJECT : JSON_ARRAY));
	if (!key)
		is_put = cJSON_AddItemToArray(at, node);
	else if (!old)
		is_put = cJSON_AddItemToObject(at, key, node);
	else
		is_put = replace(at, old, node);
	if (is_put)
		return value_of(node);
	d->err = E_NOMEM;
	cJSON_Delete(node);
	return NULL;
}

struct json_value *json_doc_set_object(
	struct json_doc *d, struct json_value *parent, const char *key)
{
	return put(d, parent, key, cJSON_CreateObject());
}

struct json_value *json_doc_set_array(
	struct json_doc *d, struct json_value *parent, const char *key)
{
	return put(d, parent, key, cJSON_CreateArray());
}

void json_doc_set_str(struct json_doc *d, struct json_value *parent, const char *key, str value)
{
	char *text;

	if (utf8_valid_n(value) != value.n || str_find_byte(value, '\0') != STR_NONE) {
		d->err = d->err ? d->err : E_MALFORMED;
		return;
	}
	text = mem_text(value);
	(void)put(d, parent, key, text ? cJSON_CreateString(text) : NULL);
	mem_free(text);
}

void json_doc_set_f64(struct json_doc *d, struct json_value *parent, const char *key, double value)
{
	(void)put(d, parent, key, cJSON_CreateNumber(value));
}

void json_doc_set_bool(struct json_doc *d, struct json_value *parent, const char *key, bool value)
{
	(void)put(d, parent, key, cJSON_CreateBool(value));
}

void json_doc_set_null(struct json_doc *d, struct json_value *parent, const char *key)
{
	(void)put(d, parent, key, cJSON_CreateNull());
}

bool json_doc_remove(struct json_value *object, const char *key)
{
	struct json_value *v;
	bool is_removed = false;

	while ((v = json_value_get(object, key))) {
		cJSON_Delete(cJSON_DetachItemViaPointer(node_of(object), node_of(v)));
		is_removed = true;
	}
	return is_removed;
}

/* ---- printing ---- */

static void print_leaf(struct json_writer *w, const char *key, const cJSON *node)
{
	switch (type_of(node)) {
	case JSON_STRING:
		json_write_c(w, key, node->valuestring);
		break;
	case JSON_NUMBER:
		json_write_f64(w, key, node->valuedouble);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		json_write_bool(w, key, type_of(node) == JSON_TRUE);
		break;
	default:
		json_write_null(w, key);
	}
}

/* The node behind this one in document order, closing what ends in between; NULL at the end. */
static const cJSON *step(struct json_writer *w, const cJSON *node, const cJSON *around[])
{
	while (!node && w->depth) {
		json_write_end(w);
		node = around[w->depth]->next;
	}
	return w->depth ? node : NULL;
}

enum err json_doc_print(const struct json_doc *d, bool is_pretty, struct buf *out)
{
	const cJSON *around[LIMIT_JSON_DEPTH]; /* the open containers */
	struct json_writer w;

	TRY(d->err);
	json_write_init(&w, out, is_pretty);
	for (const cJSON *node = d->root; node;) {
		enum json_type type = type_of(node);

		if (type != JSON_OBJECT && type != JSON_ARRAY) {
			print_leaf(&w, node->string, node);
			node = step(&w, node->next, around);
			continue;
		}
		if (w.depth == LIMIT_JSON_DEPTH)
			return E_TOO_BIG;
		around[w.depth] = node;
		if (type == JSON_OBJECT)
			json_write_object(&w, node->string);
		else
			json_write_array(&w, node->string);
		node = step(&w, node->child, around);
	}
	return out->err;
}
