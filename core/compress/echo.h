/* echo: what a tool says in the first line of its result though the call has said it, or always says: the path that it was
 * called with, and the sentences in which clients confirm that a file was changed. Short words in round brackets stand
 * for them. Thread: any. */
#ifndef CORE_COMPRESS_ECHO_H
#define CORE_COMPRESS_ECHO_H

#include "core/base/arena.h"

/* The text with its first line shortened; the text itself when there is nothing to shorten. path: that the tool was called
 * with. */
str echo_shorten(str text, str path, struct arena *a);
/* The reverse. */
str echo_restore(str text, str path, struct arena *a);
/* True when the first line has such a word: then it is not to be shortened, and may be one that was. */
bool echo_is_in(str text);

#endif
