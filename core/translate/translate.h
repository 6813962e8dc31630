/* translate: a client of one dialect before a backend of another. Requests: the body is read into a flat list of blocks over
 * its spans (form.h) and written anew; texts go over as they were spelled, so that the same conversation always gives the
 * same bytes, and a longer one begins with those of the shorter. Answers: whole ones, errors, and streams event by event.
 *
 * What the other dialect has no word for is either refused, where the answer would be another without it (E_UNSUPPORTED, with
 * its place), or left out and named in the report; docs/translation.md has the list.
 * Owns: what a function says; slices of a request lead into its body or arena. Thread: any; one at a time for an answer. */
#ifndef CORE_TRANSLATE_TRANSLATE_H
#define CORE_TRANSLATE_TRANSLATE_H

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/wire/usage.h"

/* What a backend does otherwise than its dialect's inventor. */
struct translate_quirks {
	bool is_old_max_tokens;   /* Chat: "max_tokens", not "max_completion_tokens" */
	bool has_reasoning_text;  /* Chat: thoughts of the past go back as "reasoning_content" */
	bool takes_cache_control; /* Chat: breakpoints on parts, for Claude behind a gateway */
	bool no_stream_usage;     /* Chat: "stream_options" is not known there */
	bool no_breakpoints; /* Anthropic: no cache_control is added where the client set none */
};

struct translate_conf {
	str model;      /* what the backend calls the model; empty: what the client called it */
	bool is_stream; /* where the path says so, and not the body (Gemini) */
	struct translate_quirks quirks;
};

/* What was left out or said otherwise, each name once. */
struct translate_report {
	struct {
		const char *name; /* static, or in the arena: "top_k", "tools.web_search" */
		uint32_t n;
	} v[32];
	size_t n;
	uint32_t more; /* that had no place */
};
/* "top_k,thinking*3"; nothing when the report is empty. */
void translate_report_write(const struct translate_report *r, struct buf *out);

/* A name that the backend knows otherwise. */
struct translate_name {
	str client, backend; /* insides of JSON strings */
	bool is_custom;      /* Responses: a tool that takes plain text */
};

struct translated {
	struct buf *out; /* the caller's; the new body is appended */
	str model;       /* plain text, for a path (Gemini) and for the answer; in the arena */
	bool is_stream;
	bool wants_usage;             /* Chat: the client asked for a last chunk with usage */
	struct translate_name *names; /* for the answer; in the arena */
	size_t names_n;
	struct translate_report report;
};

/* Reads body (one request of the dialect from) and writes it in the dialect to. from == to is a defect of the caller.
 * E_MALFORMED (no such request), E_UNSUPPORTED (cannot be carried; cx says what and where), out's own error. */
enum err translate_request(enum wire_format from, enum wire_format to, str body,
	const struct translate_conf *conf, struct arena *a, struct translated *t,
	struct errctx *cx) MUST_CHECK;

/* A list of models, or one, in the words of whatever dialect. E_MALFORMED: there is none. Appends to out. */
enum err translate_models(
	enum wire_format to, str body, struct arena *a, struct buf *out) MUST_CHECK;

/* ---- answers ---------------------------------------------------------------------------------------------- */

struct translate_answer;

struct translate_answer_conf {
	enum wire_format backend, client;
	enum answer_form form; /* of the backend's bytes */
	bool is_stream;        /* the client asked for a stream */
	bool is_array;         /* Gemini: ... without alt=sse, and gets an array that grows */
	bool wants_usage;      /* struct translated */
	str model;             /* what the client called it; is copied */
	str id;                /* for an answer that has none; is copied */
	int64_t created_s;     /* wall clock */
	const struct translate_name *names; /* are copied */
	size_t names_n;
	size_t held_max; /* bytes that may be held of what has been said (Responses repeats it at the end) */
};

/* NULL when out of memory. */
struct translate_answer *translate_answer_new(const struct translate_answer_conf *conf) MUST_CHECK;
void translate_answer_free(struct translate_answer *ta); /* NULL is fine */

/* The next bytes of a good answer (status 200), without content coding; appends what the client gets now: of a stream
 * whole events, of another body nothing until the end. E_TOO_BIG, E_NOMEM: the answer cannot go on. */
enum err translate_answer_feed(struct translate_answer *ta, str bytes, struct buf *out) MUST_CHECK;
/* The bytes are over. is_complete: as the transport says. A stream that has no end gets none here: the caller breaks it off.
 * E_MALFORMED: a body that is no answer of that dialect; nothing is appended. */
enum err translate_answer_finish(
	struct translate_answer *ta, bool is_complete, struct buf *out) MUST_CHECK;
/* True when the backend's answer has come to its end. */
bool translate_answer_is_whole(const struct translate_answer *ta);
/* The backend's own figures; after finish. Lives as long as ta. */
const struct usage *translate_answer_usage(const struct translate_answer *ta);
/* What the client's answer is: "text/event-stream", "application/json"; static. */
const char *translate_answer_type(const struct translate_answer *ta) RETURNS_NONNULL;

/* The body of an error that came with status, in the client's words; message and code are the backend's. Appends to out,
 * returns the status that goes to the client: the same but for Anthropic's 529, which others know as 503. */
int translate_error(enum wire_format client, int status, str body, struct buf *out);
/* The same for an error that is our own. */
void translate_own_error(enum wire_format client, int status, str message, struct buf *out);

#endif
