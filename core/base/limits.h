/* limits: every maximum of the program, each with its reason. A buffer or a loop over outside bytes
 * names one of these; a magic number elsewhere is a defect. */
#ifndef CORE_BASE_LIMITS_H
#define CORE_BASE_LIMITS_H

#include <stddef.h>

/* One request body or one document. Claude Code names 32 MB as its own limit; the command line reads
 * recorded sessions, which are larger. Offsets into a document are 32 bits wide. */
#define LIMIT_INPUT ((size_t)256 << 20)
/* Nesting of JSON. JSONTestSuite's deepest y_ file has 3 levels, its n_ files 100,000. */
#define LIMIT_JSON_DEPTH 1024u
/* One line of JSONL that is read as a record of a session. */
#define LIMIT_JSONL_LINE ((size_t)64 << 20)
/* Configuration and agents' settings files. */
#define LIMIT_CONFIG_FILE ((size_t)4 << 20)
/* An error message, with its terminating NUL. */
#define LIMIT_ERR_TEXT 512u
/* A log line. */
#define LIMIT_LOG_LINE 4096u

#endif
