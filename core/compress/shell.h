/* shell: a command line taken apart as a POSIX shell would, as far as it can be told from the words alone (The Open Group, Shell Command
 * Language, 2.2 and 2.9): quotes hold together, nothing is expanded. Slices of what is given. Thread: any. */
#ifndef CORE_COMPRESS_SHELL_H
#define CORE_COMPRESS_SHELL_H

#include "core/base/str.h"

/* The next pipeline of a list, taken off *list: what stands before "&&", "||", ";" or a newline. Quotes that are never closed are none.
 * False when there is none left. */
bool shell_next_pipeline(str *list, str *out);
/* The next command of a pipeline, taken off; false when there is none left. */
bool shell_next_command(str *pipeline, str *out);
/* The next word of a command, taken off with the blanks around it; empty at the end. Quotes stay around what they hold. */
str shell_next_word(str *command);
/* Is the word one of these? */
bool shell_is_one_of(str word, const char *const *words, size_t n) PURE;

#endif
