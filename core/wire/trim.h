/* trim: the definitions of a request's tools, said shorter: what in them says nothing is left out, and nothing else. The same
 * list gives the same bytes, always: they are a part of the prompt's prefix. What says nothing, and why: docs/decisions/0020.
 *
 * - "$comment" of a schema, which JSON Schema keeps from those whom the schema is for; "$schema" at its root where every
 *   keyword in it means the same in all drafts; a "title" that only spells the name of what it stands on; the bounds of what a
 *   number in JSON can say on an integer; an empty "description".
 * - In descriptions: blanks at the ends of lines, an indentation that all lines have, empty lines at both ends and more than one
 *   in a row, but for what stands between ``` lines.
 * - White space between the tokens of JSON, which no model is shown: it is left out, and never counted.
 *
 * Names, values and their order, every other member, tools of the provider's own and those that are loaded later stay.
 * Owns: nothing; what is given out lives in the caller's arena. Thread: any. */
#ifndef CORE_WIRE_TRIM_H
#define CORE_WIRE_TRIM_H

#include "core/base/buf.h"
#include "core/wire/own_turn.h"

/* Appends, for each tool that changes, an edit of the whole tool (for Gemini, of the function). plain, short_ (may be NULL): get
 * the texts of these tools without white space, as they were and as they become, to be counted. */
void trim_tools(const struct wire_doc *doc, struct arena *a, own_edits *edits, struct buf *plain,
	struct buf *short_);

/* True when the list of tools of trimmed says the same as that of original, found out without any of the above. */
bool trim_says_same(const struct wire_doc *original, const struct wire_doc *trimmed,
	struct arena *a) MUST_CHECK;

/* ---- parts that tests look at ---- */

/* A description without what says nothing: the text itself when there is nothing of that. */
str trim_description(str text, struct arena *a);

#endif
