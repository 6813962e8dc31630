/* tool: what kind of thing a tool does, by its name and input, where an encoder needs to know. Names are
 * data (research of real clients), compared without case; what is not known is TOOL_OTHER. Thread: any. */
#ifndef CORE_COMPRESS_TOOL_H
#define CORE_COMPRESS_TOOL_H

#include "core/base/str.h"

enum tool_kind {
	TOOL_OTHER,
	TOOL_FILE,  /* shows or changes a file; its results may show numbered lines of it */
	TOOL_SHELL, /* runs a command */
};

enum tool_kind tool_kind(str name);

/* True when a result may be lines of a file that the agent goes on to edit, so that its text must stay as it
 * is: a file tool, or a command that prints files (cat, sed -n, head...). command is empty when unknown. */
bool tool_shows_file(enum tool_kind kind, str command);
/* True when all files that it shows are logs by their names: nobody edits those. path is a file tool's, or empty. looks_so: what is
 * shown reads like a log, so that names are enough that others have, too (nohup.out, events.jsonl). */
bool tool_shows_log(enum tool_kind kind, str command, str path, bool looks_so);
/* True when a file tool shows a directory: the text is no file's. */
bool tool_lists_directory(str text);
/* True when the tool or command numbers lines (a file tool, cat -n, nl, grep -n ...). */
bool tool_numbers_lines(enum tool_kind kind, str command);

#endif
