/* write: JSON written from start to end into a buffer, for reports and small answers. Commas, quotes and
 * indentation come by themselves; the order of keys is that of the calls.
 * Owns: nothing; the buffer is the caller's and remembers the first failure (over its maximum, out of
 * memory): ask buf.err at the end. Thread: one at a time.
 *
 *	struct json_writer w;
 *	json_write_init(&w, &out, is_pretty);
 *	json_write_object(&w, NULL);
 *	json_write_u64(&w, "tokens", n);
 *	json_write_array(&w, "files");
 *	json_write_str(&w, NULL, path);
 *	json_write_end(&w);
 *	json_write_end(&w);
 */
#ifndef CORE_JSON_WRITE_H
#define CORE_JSON_WRITE_H

#include "core/base/buf.h"
#include "core/base/limits.h"

struct json_writer {
	struct buf *out;
	bool is_pretty;
	bool has_key;      /* a key was written, its value comes next */
	bool has_elements; /* the innermost container is not empty */
	unsigned depth;
	unsigned char is_object[LIMIT_JSON_DEPTH / 8]; /* a bit for each open container */
};

/* is_pretty: one value a line, indented by two spaces; else no white space at all. */
void json_write_init(struct json_writer *w, struct buf *out, bool is_pretty);

/* In all that follow, key is that of the member when the value goes into an object, and NULL elsewhere and
 * when json_write_key was called before. A value without key in an object, a key in an array, nesting
 * deeper than LIMIT_JSON_DEPTH and an end without begin are defects of the caller (assertions). */
void json_write_object(struct json_writer *w, const char *key);
void json_write_array(struct json_writer *w, const char *key);
void json_write_end(struct json_writer *w); /* of the innermost object or array */

void json_write_key(struct json_writer *w, str key);

/* Bytes that are not UTF-8 are written as U+FFFD. */
void json_write_str(struct json_writer *w, const char *key, str value);
void json_write_c(struct json_writer *w, const char *key, const char *value); /* NULL: null */
void json_write_u64(struct json_writer *w, const char *key, uint64_t value);
void json_write_i64(struct json_writer *w, const char *key, int64_t value);
/* The shortest spelling that reads back as the same double; null for what is not finite. */
void json_write_f64(struct json_writer *w, const char *key, double value);
/* With so many digits behind the point, for figures that people read. null for what is not finite. */
void json_write_fixed(struct json_writer *w, const char *key, double value, int digits);
void json_write_bool(struct json_writer *w, const char *key, bool value);
void json_write_null(struct json_writer *w, const char *key);
/* Bytes that are one JSON value already, as they are. */
void json_write_raw(struct json_writer *w, const char *key, str json);

#endif
