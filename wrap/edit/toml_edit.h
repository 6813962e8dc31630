/* toml_edit: TOML 1.0 for wrap/edit/format.h. core/base/toml.h reads the subset that our own options need; agents' files
 * have inline tables, arrays of tables, dates and strings over several lines, so this parser reads all of it, for its places:
 * a number or date is recognised, not converted. Keys are added to tables that have a header or dotted keys and to the
 * root, never into inline tables or arrays.
 * Owns: nothing. Thread: any. */
#ifndef WRAP_EDIT_TOML_EDIT_H
#define WRAP_EDIT_TOML_EDIT_H

#include "wrap/edit/format.h"

/* toml_parse.c. The parse of edit_format_toml. line_at of an item is from its key to the end of its value, of a table its
 * header; key_at is the last part of a dotted key. */
enum err toml_edit_parse(struct arena *a, str text, struct node_doc *out, struct errctx *cx);

#endif
