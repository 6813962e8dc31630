/* requests: each request of a recorded conversation, in order, as a client would send it. Two kinds of files: the
 * recordings of bench/turns/recording.h, and what agents write themselves (core/transcript/turns.h).
 * Owns: nothing. Thread: one. */
#ifndef BENCH_TURNS_REQUESTS_H
#define BENCH_TURNS_REQUESTS_H

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/wire/wire.h"

struct request {
	str group; /* agents that make such requests */
	str session;
	uint32_t turn; /* from 0 */
	enum wire_format format;
	str model; /* may be empty; only Gemini's path has it */
	str body;
};

/* Gets each request; all of it is gone when it returns. */
typedef void request_fn(void *arg, const struct request *r);

/* E_MALFORMED when the file is of another kind, or what file_read says. */
enum err requests_of_recording(
	const char *path, request_fn *fn, void *arg, struct errctx *cx) MUST_CHECK;
enum err requests_of_transcript(
	const char *path, request_fn *fn, void *arg, struct errctx *cx) MUST_CHECK;

#endif
