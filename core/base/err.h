/* err: the one table of errors, and the message that travels with one.
 * A function that can fail returns enum err; what, which and what to do goes into a struct errctx that
 * the caller owns. The proxy maps a code to an HTTP status and the command line to an exit code, both by
 * this table. Thread: any; a struct errctx belongs to one thread. */
#ifndef CORE_BASE_ERR_H
#define CORE_BASE_ERR_H

#include "core/base/attr.h"
#include "core/base/limits.h"

/* X(name, HTTP status, exit code, text). Exit codes above 63 are those of sysexits(3). */
#define ERR_MAP(X)                                         \
	X(OK, 200, 0, "ok")                                \
	X(FAILED, 500, 1, "operation failed")              \
	X(USAGE, 400, 2, "usage error")                    \
	X(NOT_FOUND, 404, 3, "not found")                  \
	X(THRESHOLD, 422, 4, "threshold not met")          \
	X(VERIFY, 500, 5, "verification failed")           \
	X(MALFORMED, 400, 65, "malformed input")           \
	X(TOO_BIG, 413, 65, "input larger than its limit") \
	X(UNAVAILABLE, 503, 69, "service unavailable")     \
	X(UNSUPPORTED, 501, 69, "not supported")           \
	X(INTERNAL, 500, 70, "internal error")             \
	X(NOMEM, 503, 71, "out of memory")                 \
	X(CANT_CREATE, 500, 73, "cannot create")           \
	X(IO, 500, 74, "input or output error")            \
	X(BUSY, 503, 75, "busy, try again")                \
	X(TIMEOUT, 504, 75, "time limit reached")          \
	X(PERMISSION, 403, 77, "permission denied")        \
	X(CONFIG, 500, 78, "configuration error")

enum err {
#define X(name, http, exit_code, text) E_##name,
	ERR_MAP(X)
#undef X
		E_COUNT
};

/* The message of the last error, bounded, always NUL-terminated. Zero-initialise. */
struct errctx {
	enum err code;
	char text[LIMIT_ERR_TEXT];
};

const char *err_name(enum err e) RETURNS_NONNULL; /* "MALFORMED"; static */
const char *err_text(enum err e) RETURNS_NONNULL; /* "malformed input"; static */
int err_http(enum err e);
int err_exit(enum err e);

/* Sets code and message (cut at the limit) and returns code. cx may be NULL: then the message is dropped. The message that is there may be one
 * of the arguments. */
enum err err_set(struct errctx *cx, enum err code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Puts "prefix: " before the present message. Returns cx->code. */
enum err err_prefix(struct errctx *cx, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Forwards an error to the caller. */
#define TRY(expr)                           \
	do {                                \
		enum err try_err_ = (expr); \
		if (try_err_ != E_OK)       \
			return try_err_;    \
	} while (0)

/* Returns with a message: FAIL(cx, E_MALFORMED, "line %u: ...", n). */
#define FAIL(cx, code, ...)                               \
	do {                                              \
		(void)err_set((cx), (code), __VA_ARGS__); \
		return (code);                            \
	} while (0)

#endif
