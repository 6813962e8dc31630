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
/* One server-sent event, or a line of it. The last event of OpenAI's Responses repeats the whole answer, with
 * its images in base64: one of 2048 * 2048 points has about 5 MB. */
#define LIMIT_SSE_EVENT ((size_t)8 << 20)
/* Text from a body in a content coding, times the size of the body. Deflate reaches 1032 at most (zlib's technical
 * notes), and a body of an agent less than 100; brotli and zstd know no bound. */
#define LIMIT_CODING_RATIO 1100u
/* Text that is not yet held against that: a few repeated lines are short in every coding. */
#define LIMIT_CODING_FREE ((size_t)1 << 20)
/* Window of zstd, as a power of two: RFC 9659 section 3 asks for 8 MiB and no more. */
#define LIMIT_ZSTD_WINDOW_LOG 23

#endif
