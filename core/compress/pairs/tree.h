/* tree: the lines of a YAML text as what begins, stands and ends one behind the other. Block style only, as programs write
 * it; scalars stay as they are spelled. Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_PAIRS_TREE_H
#define CORE_COMPRESS_PAIRS_TREE_H

#include "core/base/vec.h"
#include "core/compress/pairs/scalar.h"

enum yaml_event_kind {
	YAML_MAP,
	YAML_SEQ,
	YAML_END,
	YAML_KEY,
	YAML_VALUE, /* a scalar, perhaps of more lines */
	YAML_NOTE,  /* lines that are blank or comments */
};

/* Small, since there is one or two for each line. */
struct yaml_event {
	unsigned kind : 3; /* enum yaml_event_kind */
	unsigned
		base : 29; /* of a VALUE: blanks that its further lines begin with; of a NOTE: that its lines begin with */
	uint32_t at, n; /* in the text */
};

struct yaml_tree {
	str text; /* that was read */
	VEC(struct yaml_event) events;
	struct yaml_style style;
	uint32_t documents_n, keys_n, values_n;
	const char *start, *end; /* of the text: from the beginning of a line to the end of one */
};

/* The tree that begins with the first line of text, as far as it goes. False when there is none. Linear. */
bool yaml_tree_read(str text, struct arena *a, struct yaml_tree *t) MUST_CHECK;
/* What the event is of. */
static inline str yaml_text(const struct yaml_tree *t, const struct yaml_event *e)
{
	return (str){t->text.p + e->at, e->n};
}
/* How far the key of a line goes, up to its colon; 0 when it has none. */
size_t yaml_key_end(str line) PURE;

#endif
