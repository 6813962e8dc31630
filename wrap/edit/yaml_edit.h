/* yaml_edit: block mappings of YAML 1.2 for wrap/edit/format.h: scalars on one line can be set, added and removed. What
 * stands elsewhere (sequences, flow collections, block scalars, anchors, tags, text on several lines) is kept as it is and
 * cannot be edited; what does not even let itself be stepped over (several documents, directives, tabs as indentation,
 * complex keys, a root that is no mapping) is E_UNSUPPORTED.
 * Owns: nothing. Thread: any. */
#ifndef WRAP_EDIT_YAML_EDIT_H
#define WRAP_EDIT_YAML_EDIT_H

#include "wrap/edit/format.h"

/* yaml_parse.c. The parse of edit_format_yaml. line_at is from the key to the end of the value, which for a map is that of
 * its last member; at of a map without members ("{}", or nothing behind the colon) is where its value would stand. */
enum err yaml_edit_parse(struct arena *a, str text, struct node_doc *out, struct errctx *cx);

/* Blanks at the start of the line that holds byte i. */
size_t yaml_edit_indent(str text, size_t i);

#endif
