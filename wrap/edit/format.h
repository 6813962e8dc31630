/* format: one way to change one key in a configuration file, whatever its format. A change is a splice at the places that
 * the format's parser reports: comments, order, indentation, line ends, byte order mark, the final newline or its absence,
 * and keys that stand there twice stay as they are. The result is parsed again and compared: every other value is as
 * before and the one is as wanted, or nothing is returned.
 *
 * Values go in and out as literals, in the spelling of the format ("\"text\"" with its quotes in JSON, TOML and YAML; for
 * fenced blocks the lines between the fences).
 * Owns: nothing; results live in the caller's arena. Thread: any. */
#ifndef WRAP_EDIT_FORMAT_H
#define WRAP_EDIT_FORMAT_H

#include "core/base/err.h"
#include "core/json/patch.h"
#include "wrap/edit/node.h"

/* What put and drop are given and where they leave their splices. */
struct edit_job {
	struct arena *arena;
	const struct node_doc *doc;
	struct edit_path path;
	size_t depth; /* so many parts of path are there; */
	uint32_t at;  /* the node where that ends */
	str literal;
	VEC(struct patch_edit) splices;
};

struct edit_format {
	const char *name; /* as in the journal */
	const char *
		value_frame; /* behind it a literal is a document of the format; NULL: literals are plain text */
	bool keeps_maps; /* a map that has members is not replaced by a value */
	/* E_CONFIG with the place of what cannot be read, E_UNSUPPORTED for what this parser does not understand. */
	enum err (*parse)(struct arena *a, str text, struct node_doc *out, struct errctx *cx);
	/* Makes the key (depth < path.n). E_UNSUPPORTED where it cannot go. */
	enum err (*put)(struct edit_job *j, struct errctx *cx);
	/* Takes the node at away. */
	enum err (*drop)(struct edit_job *j, struct errctx *cx);
	/* The literal laid out as the file is, to stand at node at or in a new key; NULL: as it is. */
	str (*lay_out)(const struct edit_job *j);
};

extern const struct edit_format edit_format_json; /* and JSONC: comments, trailing commas */
extern const struct edit_format edit_format_toml;
extern const struct edit_format edit_format_yaml;  /* block mappings; scalars on one line */
extern const struct edit_format edit_format_shell; /* "# headroom:begin id=X"; the path is the id */
extern const struct edit_format edit_format_markdown; /* "<!-- headroom:begin id=X -->" */
extern const struct edit_format edit_format_text;     /* a whole file; the path is empty */
/* NULL when there is none of this name. */
const struct edit_format *edit_format_find(str name) PURE;

/* The value at path, as it is spelled in text. E_NOT_FOUND; errors of parse. */
enum err edit_get(struct arena *a, const struct edit_format *f, str text, struct edit_path path,
	str *literal, struct errctx *cx) MUST_CHECK;

struct edit_set {
	const struct edit_format *format;
	struct edit_path path;
	str literal;
	bool is_exact; /* the literal as it is, else laid out as the file is */
};

struct edit_change {
	str text;    /* of the whole file */
	str literal; /* as it was put there */
	size_t kept; /* so many parts of the path were there before; path.n when the key itself was */
};

/* text with the value at path set; missing containers are made. E_CONFIG when the literal cannot be read or something else
 * would change; errors of parse and put. An empty text is a file that is not there. */
enum err edit_set(struct arena *a, str text, const struct edit_set *s, struct edit_change *out,
	struct errctx *cx) MUST_CHECK;
/* text without the key, and without containers of it that are empty then and whose number (the root is 0) is above kept.
 * E_NOT_FOUND, E_CONFIG, E_UNSUPPORTED. */
enum err edit_remove(struct arena *a, const struct edit_format *f, str text, struct edit_path path,
	size_t kept, str *out, struct errctx *cx) MUST_CHECK;
/* Whether two literals are the same value, spacing and comments aside. */
bool edit_same_value(struct arena *a, const struct edit_format *f, str x, str y);
/* Whether the file has no value at all any more: nothing but white space and an empty root. */
bool edit_is_empty(struct arena *a, const struct edit_format *f, str text);

/* The parts of path with dots between them, for people. */
str edit_path_text(struct arena *a, struct edit_path path);

#endif
