/* recording: recorded sessions for commands that look at all of a text at once. One that is larger than a piece and consists of lines is handed
 * over in pieces, so that memory does not grow with it. Thread: the main thread. */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include "core/base/buf.h"

/* Most sessions are smaller, and a piece costs ten times its size in memory where its tokens are counted. */
#define RECORDING_PIECE ((size_t)16 << 20)

typedef enum err (*recording_fn)(void *self, str text, struct errctx *cx);

/* Calls take with all of the file, as inputs_read() has it, at most max bytes; or, where max allows a piece (usually RECORDING_PIECE), piece after
 * piece, each with whole lines and the file's first line before them, which may name its session. E_MALFORMED: no recording, by its first
 * bytes; E_TOO_BIG, E_IO, E_NOMEM; or what take says, which ends it. The message names the file, also before what take said. */
enum err recording_read(const char *path, size_t max, size_t piece, recording_fn take, void *self,
	struct errctx *cx) MUST_CHECK;

#endif
