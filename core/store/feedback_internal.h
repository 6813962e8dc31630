/* feedback_internal: what waits in the queue for feedback.c, and the same as text for stores of other machines
 * (feedback_event.c). Not for others. */
#ifndef CORE_STORE_FEEDBACK_INTERNAL_H
#define CORE_STORE_FEEDBACK_INTERNAL_H

#include <stdalign.h>

#include "core/store/feedback.h"
#include "core/store/store_internal.h"

enum { FEEDBACK_NAMES = 3 };

/* The text of an OP_FEEDBACK_ELIDED: something was left out. */
struct elided {
	enum feedback_level level;
	char original[ORIGINAL_KEY_LEN + 1];
	uint8_t n[FEEDBACK_NAMES];
	char names[FEEDBACK_NAMES][FEEDBACK_NAME_MAX];
};

_Static_assert(offsetof(struct op, text) % alignof(struct elided) == 0, "elided is not aligned");

/* A name as it is kept: n bytes in out. */
size_t feedback_clean_name(str name, char out[FEEDBACK_NAME_MAX]);

/* ---- feedback_event.c: one operation as a line, without its end ---- */

/* Nothing for operations of other kinds. */
void feedback_event_write(const struct op *op, struct buf *out);
/* The line was written by somebody else: the operation, or NULL when it is none, is of another version, or memory is
 * short. */
struct op *feedback_event_read(struct store *s, str line) MUST_CHECK;

#endif
