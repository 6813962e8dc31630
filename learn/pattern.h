/* pattern: what is looked for in sessions; a file for each, with its table. A pattern sees a call when its result has come, and
 * hands what it recognises to the project. How often that must be seen is the pattern's to say. docs/learn.md lists them.
 * Owns: nothing. Thread: one at a time. */
#ifndef LEARN_PATTERN_H
#define LEARN_PATTERN_H

#include "learn/command.h"
#include "learn/session.h"
#include "learn/text.h"

typedef void pattern_fn(const struct look *l);
pattern_fn pattern_environment, pattern_path, pattern_search, pattern_command, pattern_habit,
	pattern_large, pattern_loop, pattern_reads, pattern_permission, pattern_subagent,
	pattern_remedy, pattern_edit;

/* What the user said: without what programs put in. */
struct said {
	const struct session *s;
	str text;
	bool is_after_interruption;
	int64_t at_ms;
	struct arena *scratch;
};
void pattern_preference(const struct said *said);

/* A sighting's key: words with a bar between. In the arena. */
str pattern_key(struct arena *a, const char *what, str one, str two);

#endif
