/* alarm: members of a row that say that something went wrong, by their value: a status of 400 and above, a level
 * ERROR, an error that is not null. Never by words somewhere in a text: for these there is a question of its own.
 * Owns: nothing. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_ALARM_H
#define CORE_COMPRESS_TABLE_ALARM_H

#include "core/json/tape.h"

/* True when a member of this value, or of objects in it (not of arrays), is one. */
bool alarm_is_row(const struct json_tape *t, uint32_t row);
/* True when a string in this value has a word like "timeout" or "Failed": a hint, no proof. */
bool alarm_is_loud(const struct json_tape *t, uint32_t row);

#endif
