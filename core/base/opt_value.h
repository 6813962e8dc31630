/* opt_value: the text of an option's value to its typed field, and back. Part of opt.h.
 * Owns: nothing; lists and copies live in the arena. Thread: any. */
#ifndef CORE_BASE_OPT_VALUE_H
#define CORE_BASE_OPT_VALUE_H

#include "core/base/buf.h"
#include "core/base/opt.h"

/* Parses text for o into field (type as enum opt_type says). An OPT_LIST adds to what is there. label names the
 * option in messages. E_USAGE; the field is then as before. text.p must end in NUL for OPT_PATH. */
enum err opt_value_parse(struct arena *a, const struct opt *o, const char *label, str text,
	void *field, struct errctx *cx) MUST_CHECK;
/* The same for a value of the configuration file, whose type must fit. */
enum err opt_value_from_toml(struct arena *a, const struct opt *o, const char *label,
	const struct toml_value *v, void *field, struct errctx *cx) MUST_CHECK;

/* The value as it would be given on a command line, in the shortest spelling; a list with commas. */
void opt_value_write(const struct opt *o, const void *field, struct buf *b);
/* The value as TOML spells it. */
void opt_value_literal(const struct opt *o, const void *field, struct buf *b);

/* Whether there is a value at all: false for an empty string, path or list, and for an enum that has no choice
 * of this value. */
bool opt_value_is_set(const struct opt *o, const void *field);

/* The choice of that name, or NULL. */
const struct opt_choice *opt_choice_find(const struct opt *o, str name);

/* True for the types of numbers. */
bool opt_has_range(const struct opt *o) PURE;
/* "from 1 to 65535", "at least 1"; nothing for types without a range. */
void opt_range_write(const struct opt *o, struct buf *b);

/* Back to nothing: the field of an option without default. */
void opt_value_clear(const struct opt *o, void *field);

#endif
