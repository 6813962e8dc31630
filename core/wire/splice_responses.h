/* splice_responses: what the streams and the bodies of OpenAI Responses (answer_splice_responses.c,
 * splice_responses.c) share.
 * Owns: see struct responses. Thread: that of the answer. */
#ifndef CORE_WIRE_SPLICE_RESPONSES_H
#define CORE_WIRE_SPLICE_RESPONSES_H

#include "core/wire/splice.h"

/* An output item of a stream. Slices are in s->round. */
struct response_item {
	uint32_t index; /* UINT32_MAX: not told; then the id tells them apart */
	str id;         /* with its quotes; empty when it has none */
	str text;       /* the whole item; empty until it is done */
	bool is_own;
};

/* Members of the first round's response that the answer keeps. */
enum { RESPONSE_FIRST_N = 3 };

struct responses {
	uint32_t base;     /* items that the client has of the rounds before */
	uint64_t sequence; /* number of the last event that the client got */
	bool has_sequence;
	struct buf first[RESPONSE_FIRST_N]; /* literals; empty when not told */
	bool has_first;
	struct buf shown; /* items that the client has of all rounds, separated by commas */
	struct buf last;  /* the response of the last round that ended with calls of ours alone */
	/* of the present round */
	struct response_item **items;
	size_t item_n, item_cap;
	uint32_t index_n;     /* items by the provider's count */
	size_t own_n, call_n; /* call_n: of the client's */
	size_t room;          /* bytes that may still be kept */
	bool has_end, is_call_end, has_error;
};

/* True for a call of ours. */
bool responses_is_own(struct answer_splice *s, const struct json_tape *t, uint32_t item);
/* Counts an item as ours or the client's to answer; true when it is ours. */
bool responses_count(struct answer_splice *s, const struct json_tape *t, uint32_t item);
/* Notes a call of ours. */
void responses_call(struct answer_splice *s, const struct json_tape *t, uint32_t item);

/* Remembers what all rounds keep of the first one's response. */
void responses_note_first(struct responses *r, const struct json_tape *t, uint32_t response);
/* When there was a call of ours: makes a response say what the client has been given: ids, usage, and items without ours,
 * with those of the rounds before. */
void responses_edit(struct answer_splice *s, const struct json_tape *t, uint32_t response,
	struct splice_edits *edits);
/* True when no status says that it was cut, or failed. */
bool responses_is_completed(const struct json_tape *t, uint32_t response);
void responses_keep_last(struct responses *r, str response);
/* What ends an answer here. All in s->event. */
/* A message item with a note: its id, its part, and itself with some parts. */
str responses_note_id(struct answer_splice *s);
str responses_note_part(struct answer_splice *s, str note);
str responses_note_item(struct answer_splice *s, const char *status, str parts);
/* r->last, with all items that the client has; sets s->err when it cannot be said. */
str responses_closed(struct answer_splice *s);
/* A response that has failed for the reason of note. */
str responses_failed(struct answer_splice *s, str note);

/* Items (separated by commas, may be none) that the client has got: into r->shown and s->visible. */
void responses_show(struct answer_splice *s, str items);
enum round_end responses_round_end(const struct answer_splice *s);

enum round_end responses_body(struct answer_splice *s, struct splice_event *ev, struct buf *out);
void responses_close_body(struct answer_splice *s, str note, struct buf *out);

#endif
