/* doc: how an option table is put into words, once for --help, man pages and completions.
 * Owns: nothing. Thread: any. */
#ifndef CLI_DOC_H
#define CLI_DOC_H

#include "cli/cmd.h"

static inline bool doc_is_listed(const struct opt *o)
{
	return !(o->flags & (OPT_HIDDEN | OPT_PLANNED));
}

static inline bool doc_takes_value(const struct opt *o)
{
	return o->type != OPT_FLAG && o->type != OPT_COUNT;
}

/* "-m, --mode MODE", "--[no-]optimize", "-h". */
void doc_add_spelling(struct buf *b, const struct opt *o);
/* What the row says beyond its help, as sentences: choices, range, default, variable, key. */
void doc_add_facts(struct buf *b, const struct opt *o);
/* "a, b, c": the choices that are listed. */
void doc_add_choices(struct buf *b, const struct opt *o, const char *separator);

/* A text's next part: a paragraph (its lines joined by blanks by the caller's folding), or a run of lines that are
 * shown as they are. False at the end. */
struct doc_part {
	str text; /* without the blank lines around it */
	bool is_literal;
};
bool doc_next_part(str *rest, struct doc_part *part);

/* Calls back for every exit status that the table of errors has, in ascending order. */
void doc_each_status(
	struct arena *a, void (*row)(void *to, const char *status, str text), void *to);

#endif
