/* alarm: members of a row that say that something went wrong, by their value: a status of 400 and above, a level
 * ERROR, an error that is not null. Never by words somewhere in a text: for these there is a question of its own.
 * Owns: nothing. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_ALARM_H
#define CORE_COMPRESS_TABLE_ALARM_H

#include "core/json/tape.h"

enum { ALARM_NAME_MAX = 14 /* bytes of the longest name of such a member */ };

/* What tells most members' names from those at a glance. */
struct alarm {
	/* By the length of a name: a set of what it may begin with, and the first that is so long. */
	uint32_t letters[ALARM_NAME_MAX + 1];
	uint8_t first[ALARM_NAME_MAX + 1];
};
void alarm_init(struct alarm *alarm);

/* True when this member is one. */
bool alarm_is_member(
	const struct alarm *alarm, const struct json_tape *t, uint32_t key, uint32_t value);
/* True when a member of this value, or of objects in it (not of arrays), is one. */
bool alarm_is_row(const struct alarm *alarm, const struct json_tape *t, uint32_t row);
/* True when a string in this value has a word like "timeout" or "Failed": a hint, no proof. */
bool alarm_is_loud(const struct json_tape *t, uint32_t row);
/* The same of a text. */
bool alarm_speaks(str text);
/* Calls visit for each such string that has a blank, so that it is a message and no name. True when one of the calls was.
 * text: between the quotes, as it is spelled. */
bool alarm_told(
	const struct json_tape *t, uint32_t row, bool (*visit)(str text, void *user), void *user);

#endif
