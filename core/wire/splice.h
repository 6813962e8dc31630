/* splice: what the formats of answer_splice share. Internal to core/wire.
 * The frame (answer_splice.c) cuts the bytes of a round into events, or holds the whole of a body, and scans each
 * as JSON. A format looks at it and passes it, changes it, or leaves it out; it notes calls, and at the end of
 * the round says how that ended and writes message and visible.
 * Owns: see struct answer_splice. Thread: that of the answer. */
#ifndef CORE_WIRE_SPLICE_H
#define CORE_WIRE_SPLICE_H

#include "core/base/vec.h"
#include "core/json/patch.h"
#include "core/json/scan.h"
#include "core/wire/answer_splice.h"
#include "core/wire/sse.h"
#include "core/wire/walk.h"

enum {
	/* Calls of ours in one round, and counts in a usage: ten times what was seen. */
	SPLICE_CALLS_MAX = 256,
	SPLICE_COUNTS_MAX = 48,
	SPLICE_PATH = 64, /* longest path of a count: "input_tokens_details.cached_tokens" */
	SPLICE_BLOCKS_MAX = 4096, /* blocks, parts or items of one round that are put together */
};

/* One event of a stream, or one element of an array that grows, or a whole body. */
struct splice_event {
	str raw;  /* all its bytes with the blank line; of an element, those of its value */
	str gap;  /* of an element: what stands between the one before and it */
	str name; /* empty when it has none */
	str data;
	bool is_json; /* tape is that of data */
	struct json_tape tape;
};

struct splice_edits {
	struct patch_edit *v;
	size_t n, cap;
};

/* One count of a usage, by where it stands in it. */
struct splice_count {
	char path[SPLICE_PATH]; /* "output_tokens", "promptTokensDetails.TEXT.tokenCount" */
	uint64_t before, now;   /* in the rounds before; in the present one, as told last */
	uint64_t last;          /* in the last round that told it */
};
struct splice_usage {
	struct splice_count v[SPLICE_COUNTS_MAX];
	size_t n;
};

/* Where the frame stands in bytes that it has not cut yet. */
struct splice_cut {
	size_t seen;     /* bytes that need not be looked at again */
	size_t at;       /* SSE: start of the present line; array: of the element's value */
	size_t depth;    /* array: open containers of the element */
	bool is_in_text; /* array: in a string */
	bool is_escaped; /* ... behind a '\' */
};

struct splice_format;

struct answer_splice {
	struct answer_splice_conf conf;
	const struct splice_format *format;
	void *state;        /* the format's, state_size bytes, zeroed at first */
	struct arena event; /* reset after each event */
	struct arena round; /* reset by the next round's first feed */
	struct sse sse;
	struct splice_cut cut;
	struct buf held; /* the beginning of an event, or a body */
	struct splice_usage usage;
	struct own_call *calls; /* in round */
	size_t call_n, call_cap;
	struct buf message, visible; /* written by the format's end or body */
	unsigned round_n;            /* rounds that have ended */
	enum err err;
	bool is_between;    /* a round has ended and the next has not begun */
	bool is_over;       /* the client's answer has its end */
	bool is_lost;       /* what the round says cannot be put together; formats set it, too */
	bool is_shown_lost; /* ... nor what the client has been given */
	bool is_touched; /* a call of ours was seen: from here on bytes may be other than the provider's */
	bool is_passing;    /* an event is too large to be held: its bytes pass as they come */
	bool is_open_event; /* the last event that was given out lacks its blank line */
	bool has_elements;  /* array: one has been given out */
	bool is_array;      /* the form is JSON_ARRAY, and it is one */
	bool is_form_known; /* the first byte of a JSON_ARRAY is through */
};

struct splice_format {
	size_t state_size;
	void (*release)(void *state); /* what state owns; may be NULL */
	void (*begin_round)(struct answer_splice *s);
	/* SSE and arrays. Appends what the client gets of it. Events without data pass before. Sets is_touched at
	 * the first call of ours, and is_over when it passes an error that ends the answer. */
	void (*event)(struct answer_splice *s, struct splice_event *ev, struct buf *out);
	/* The end of a stream's round: how it ended; message and visible are written, and calls noted. */
	enum round_end (*end)(struct answer_splice *s, bool is_complete, struct buf *out);
	/* Ends an answer that has no end yet (is_over is false), and writes visible anew, with the note. */
	void (*close)(struct answer_splice *s, str note, struct buf *out);
	/* The same for an answer that is no stream: the whole of it, scanned. In the first round what it does not
	 * understand is to be passed. */
	enum round_end (*body)(struct answer_splice *s, struct splice_event *ev, struct buf *out);
	void (*close_body)(struct answer_splice *s, str note, struct buf *out);
	str ping;       /* for SSE */
	bool has_array; /* JSON_ARRAY is a stream; else it is a body */
};
extern const struct splice_format splice_anthropic, splice_chat, splice_responses, splice_gemini;

/* The event as it came; and with edits, whose places are in its data (sorted here). Both care for the commas of an
 * array. */
void splice_pass(struct answer_splice *s, const struct splice_event *ev, struct buf *out);

/* What a format does with an event of a type; of the last row, whose type is NULL, with all others. */
struct splice_taker {
	const char *type;
	void (*take)(struct answer_splice *s, struct splice_event *ev, struct buf *out);
};
/* By the member "type" of the event's data. What has none passes. */
void splice_take(struct answer_splice *s, const struct splice_taker *takers,
	struct splice_event *ev, struct buf *out);
void splice_emit(struct answer_splice *s, const struct splice_event *ev, struct splice_edits *edits,
	struct buf *out);
/* An event of our own: a whole one for SSE ("event: ...\n"), a value for an array. */
void splice_write(struct answer_splice *s, str event, struct buf *out);

/* True when part is a slice of whole. */
bool splice_is_within(str part, str whole);

/* Adds an edit that puts text in place of at; text lives in the event's arena or longer. */
void splice_replace(struct answer_splice *s, struct splice_edits *edits, struct span at, str text);
void splice_replace_u64(
	struct answer_splice *s, struct splice_edits *edits, struct span at, uint64_t n);
static inline struct span splice_span(const struct json_tape *t, uint32_t node)
{
	return (struct span){t->v[node].start, t->v[node].end};
}

/* json_member, also of a node that is absent itself. */
static inline uint32_t splice_member(const struct json_tape *t, uint32_t object, const char *key)
{
	return object == JSON_ABSENT ? JSON_ABSENT : json_member(t, object, key);
}
static inline bool splice_says(const struct json_tape *t, uint32_t node, const char *text)
{
	return node != JSON_ABSENT && json_string_is(t, node, text);
}

/* Takes those elements of an array out for which is_out says so (one bool for each), with their commas, and puts
 * front (elements separated by commas, may be empty) before the others. */
void splice_list(struct answer_splice *s, const struct json_tape *t, uint32_t array,
	const bool *is_out, str front, struct splice_edits *edits);
/* Takes a member of an object out, with a comma. */
void splice_take_out(struct answer_splice *s, const struct json_tape *t, uint32_t object,
	uint32_t value, struct splice_edits *edits);
/* Appends a comma when list is not empty, and an element. */
void splice_join(struct buf *list, str element);

/* Notes a call of ours; its slices live in s->round. Sets s->err when there are too many. */
void splice_call(struct answer_splice *s, struct own_call call);
/* A string of the tape without escapes, in s->round; empty when it is none. */
str splice_text(struct answer_splice *s, const struct json_tape *t, uint32_t node);
/* True when the node is a string that names a tool of ours. */
bool splice_is_own(struct answer_splice *s, const struct json_tape *t, uint32_t node);

/* The counts of a usage object hold for the present round. */
void splice_usage_note(struct splice_usage *u, const struct json_tape *t, uint32_t node);
/* Makes a usage object, which has been noted, say what the client is to be told of all rounds. Counts that it does
 * not tell and others told are added. */
void splice_usage_edit(struct answer_splice *s, const struct json_tape *t, uint32_t node,
	struct splice_edits *edits);
/* The same as an object, without what stands deeper. */
void splice_usage_write(const struct answer_splice *s, struct buf *out);
void splice_usage_next_round(struct splice_usage *u);

/* Where the first event (element) in text ends; STR_NONE when its end is not there. c is zero at the start of an event
 * and goes with text, which only grows; is_last: nothing comes behind text. */
size_t splice_cut_event(struct splice_cut *c, str text, bool is_last);
size_t splice_cut_element(struct splice_cut *c, str text);

#endif
