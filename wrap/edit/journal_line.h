/* journal_line: an entry of the journal as a line of JSON, and back. docs/edits.md describes the members.
 * Owns: nothing. Thread: any. */
#ifndef WRAP_EDIT_JOURNAL_LINE_H
#define WRAP_EDIT_JOURNAL_LINE_H

#include "wrap/edit/journal.h"

/* Appends the entry with its newline. */
void journal_add_line(struct buf *b, const struct edit_entry *e);
/* Appends the entries of a whole file to j->list. E_CONFIG with the number of the line that is no entry. */
enum err journal_parse(struct journal *j, str text, struct errctx *cx) MUST_CHECK;

#endif
