/* toml: strict reader of configuration files, and edits of them that leave every other byte alone.
 *
 * The subset of TOML 1.0.0 that a file of options needs: tables, dotted, bare and quoted keys, one-line
 * strings of both kinds, integers, floats, booleans, arrays of these, comments. Dates, inline tables,
 * arrays of tables, multi-line strings, inf and nan are errors that say so; nothing is skipped in silence.
 *
 * Owns: nothing; a document lives in the caller's arena and points into the text. Thread: any. */
#ifndef CORE_BASE_TOML_H
#define CORE_BASE_TOML_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/err.h"

enum toml_type { TOML_STRING, TOML_INT, TOML_FLOAT, TOML_BOOL, TOML_ARRAY };

struct toml_value {
	enum toml_type type;
	struct span at; /* as spelled in the text */
	union {
		str string; /* without quotes and escapes */
		int64_t integer;
		double real;
		bool is_true;
		struct {
			struct toml_value *v;
			size_t n;
		} array;
	} u;
};

struct toml_item {
	str path;       /* "compress.mode"; a part that is no bare key is quoted: compress."a b" */
	str table;      /* "compress": the path without its last part; empty at the root */
	struct span at; /* from the key to the end of the value */
	struct span key;
	uint32_t line; /* from 1 */
	struct toml_value value;
};

struct toml_table {
	str path;
	struct span header; /* "[compress]" */
	uint32_t line;
};

struct toml_doc {
	str text;
	struct toml_item *items; /* in the order of the text */
	size_t n;
	struct toml_table *tables;
	size_t tables_n;
};

/* E_CONFIG with "line L, column C: what" (columns count characters, both from 1). text: at most
 * LIMIT_CONFIG_FILE bytes. */
enum err toml_parse(struct arena *a, str text, struct toml_doc *out, struct errctx *cx) MUST_CHECK;
/* NULL when no such key is there. path as in struct toml_item. */
const struct toml_item *toml_find(const struct toml_doc *d, str path) PURE;

/* Appends to out the text of d with path = literal (a value in TOML's spelling) set: in the place of the old
 * value, or as a new line behind the last one of its table, or in a new table at the end. Comments, order,
 * spacing and line ends stay. The result is read back: E_CONFIG when something else would have changed
 * (path collides with a table, say), and out is then as before. */
enum err toml_set(struct arena *a, const struct toml_doc *d, str path, str literal, struct buf *out,
	struct errctx *cx) MUST_CHECK;
/* The same for taking a key away with its line. E_NOT_FOUND. */
enum err toml_unset(struct arena *a, const struct toml_doc *d, str path, struct buf *out,
	struct errctx *cx) MUST_CHECK;

/* s as a basic string with its quotes. */
void toml_add_string(struct buf *b, str s);

#endif
