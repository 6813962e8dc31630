/* request_log: one line of JSON for each request (docs/request-log.md), written by a thread of its own. What is added
 * is copied into a bounded queue; when that is full the row is dropped and counted, and the count becomes a line as
 * soon as there is room: a worker never waits for the disk.
 * The file is 0600, grows to LOG_FILE_BYTES and is then renamed to FILE.1 and so on. Several processes may write
 * to the same file.
 * Owns: the thread, the queue, the file. Thread: request_log_add and request_log_get_stats any; the others the
 * owner's. */
#ifndef PROXY_REQUEST_LOG_H
#define PROXY_REQUEST_LOG_H

#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/str.h"

/* Size at which a file is put away, and how many of those are kept: those of the reference's own log. */
#define LOG_FILE_BYTES ((uint64_t)10 << 20)
enum { LOG_FILES_KEPT = 5 };
/* Rows that wait to be written. With messages, one of the largest requests that a client sends (32 MB) must
 * fit, as it came. */
#define LOG_QUEUE_BYTES ((size_t)64 << 20)
/* Longer bodies and answers: the body is left out, the answer is cut, and the line says so. */
#define LOG_BODY_MAX     ((size_t)32 << 20)
#define LOG_RESPONSE_MAX ((size_t)256 << 10)
/* Names and notes in a row are cut there. */
enum { LOG_FIELD_MAX = 1024 };

struct request_log;

/* Everything is copied; strings may be empty. const char *: static, or at least until the row is written; NULL: null. */
struct request_log_row {
	str id;        /* request id */
	int64_t at_ms; /* arrival, wall clock */
	const char *provider, *endpoint, *format, *client;
	str method;
	str path; /* with its query, which is redacted */
	str model, project, session;
	str token;  /* the name of the token it came with; may be empty */
	int status; /* to the client; 0: it was gone before */
	bool is_stream, is_cached, is_client_gone, is_complete;
	const char *reason; /* what was done, or why nothing */
	str transforms;     /* "gutter*3 reference*2" */
	str error;          /* short; empty: none */
	uint64_t tokens_before, tokens_after;
	bool has_usage; /* of the provider's own figures, which follow */
	uint64_t input_tokens, output_tokens, cache_read_tokens, cache_write_5m_tokens,
		cache_write_1h_tokens;
	bool has_cost;
	int64_t cost_nano;                        /* USD 1e-9 */
	int64_t latency_us, overhead_us, ttfb_us; /* ttfb: negative when no byte came */
	uint64_t bytes_in, bytes_sent, bytes_out;
	unsigned attempts;
	unsigned rounds;     /* requests that made one answer; 0: no such answer */
	uint64_t retrievals; /* originals that the model got in it */
	/* What broke the provider's prompt cache (core/store/ledger.h); NULL or "": nothing. */
	const char *break_cause;
	str break_path;
	uint64_t break_at, break_tokens;
	int64_t break_nano;
	/* Only used with messages. Decoded (no content-encoding). sent.p may be request.p: the same then. Of a
	 * response that is longer than LOG_RESPONSE_MAX no more than that and one byte is read; its n is said. */
	str request, sent, response;
};

/* path: the file, or its directory, is made when it is not there. log (may be NULL) gets warnings; clock: log's.
 * E_CANT_CREATE with what to do when it cannot be written; E_UNAVAILABLE (no thread), E_NOMEM. */
enum err request_log_open(const char *path, bool has_messages, const struct log *log,
	struct request_log **out, struct errctx *cx) MUST_CHECK;
/* Writes what waits (for as long as the disk takes it), ends the thread. NULL is allowed. */
void request_log_close(struct request_log *l);

void request_log_add(struct request_log *l, const struct request_log_row *row);
/* Opens the file anew before the next line, for those who move it away themselves. Does not wait. */
void request_log_reopen(struct request_log *l);
/* Returns when all rows that were added before have been written, or the disk refused them. */
void request_log_flush(struct request_log *l);

struct request_log_stats {
	uint64_t written_n, dropped_n, write_errors_n;
	size_t queued_bytes;
};
void request_log_get_stats(struct request_log *l, struct request_log_stats *out);

#endif
