/* json_edit: JSON and JSONC (comments of both kinds, a comma behind the last member) for wrap/edit/format.h. A file is read
 * by the strict scanner after comments and such commas were blanked, which moves no offset. Where a key occurs twice the
 * last one is meant, as readers do.
 * Owns: nothing. Thread: any. */
#ifndef WRAP_EDIT_JSON_EDIT_H
#define WRAP_EDIT_JSON_EDIT_H

#include "wrap/edit/format.h"

/* json_parse.c. The parse of edit_format_json. */
enum err json_edit_parse(struct arena *a, str text, struct node_doc *out, struct errctx *cx);

/* Appends a literal (good JSON), its members each on a line of their own as JSON.stringify(value, null, unit) has them,
 * lines after the first indented by indent besides. */
void json_edit_pretty(struct buf *b, str literal, str indent, str unit, str eol);

#endif
