/* log: events with typed fields, each one line of JSON or of text, handed to a sink. The handle
 * is filled in by its owner and only read here, so it may be shared between threads; the sink
 * then must take calls from all of them, and a line per call is whole. Nothing here blocks,
 * allocates, or keeps state: what the sink does with a line (write, queue, drop) is its own
 * affair. Thread: any.
 *
 *	LOG(log, LOG_LEVEL_WARN, "store_unwritable", log_s("path", path), log_u("tries", n));
 *
 *	{"time":"2026-01-02T03:04:05.678Z","level":"warn","event":"store_unwritable",
 *	 "path":"/x","tries":3}      (on one line)
 *	2026-01-02T03:04:05.678Z warn store_unwritable path=/x tries=3
 * / */
#ifndef CORE_BASE_LOG_H
#define CORE_BASE_LOG_H

#include "core/base/clock.h"
#include "core/base/str.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log {
	enum log_level level; /* the least important that is passed on */
	enum log_format format;
	/* line ends in "\n", holds no other, at most LIMIT_LOG_LINE bytes; stays for the call. */
	void (*sink)(void *self, enum log_level level, str line);
	void *self;
	const struct clock *clock; /* NULL: system */
};

enum log_type { LOG_STR, LOG_U64, LOG_I64, LOG_F64, LOG_BOOL };

struct log_field {
	const char *name; /* [a-z0-9_]+, written as it is */
	enum log_type type;
	union {
		str s;
		uint64_t u;
		int64_t i;
		double f;
		bool b;
	} value;
};

static inline struct log_field log_s(const char *name, str v)
{
	return (struct log_field){name, LOG_STR, {.s = v}};
}

static inline struct log_field log_u(const char *name, uint64_t v)
{
	return (struct log_field){name, LOG_U64, {.u = v}};
}

static inline struct log_field log_i(const char *name, int64_t v)
{
	return (struct log_field){name, LOG_I64, {.i = v}};
}

static inline struct log_field log_f(const char *name, double v) /* NaN and infinities: null */
{
	return (struct log_field){name, LOG_F64, {.f = v}};
}

static inline struct log_field log_b(const char *name, bool v)
{
	return (struct log_field){name, LOG_BOOL, {.b = v}};
}

/* log may be NULL (nothing is logged); event is written as it is, [a-z0-9_]+. A string is cut
 * after LOG_STR_MAX bytes, and fields that do not fit into the line any more are left out; then
 * the line ends in "cut":true (cut=true). Bytes that are not UTF-8 become U+FFFD; control
 * characters are escaped in both formats, so that no field can forge a line or move a terminal's
 * cursor. */
enum { LOG_STR_MAX = 1024 };
void log_event(const struct log *log, enum log_level level, const char *event,
	const struct log_field *fields, size_t fields_n);

#define LOG(log, level, event, ...)                                                 \
	log_event((log), (level), (event), (const struct log_field[]){__VA_ARGS__}, \
		sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

static inline bool log_is_on(const struct log *log, enum log_level level)
{
	return log && level <= log->level;
}

const char *log_level_name(enum log_level level) RETURNS_NONNULL;
bool log_level_parse(
	str name, enum log_level *out) MUST_CHECK; /* "error", "warn", "info", "debug" */

#endif
