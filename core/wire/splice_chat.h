/* splice_chat: what the streams and the bodies of OpenAI Chat (answer_splice_chat.c, splice_chat_body.c) share.
 * Owns: see struct chat. Thread: that of the answer. */
#ifndef CORE_WIRE_SPLICE_CHAT_H
#define CORE_WIRE_SPLICE_CHAT_H

#include "core/wire/splice_merge.h"

/* Members that all chunks of an answer have in common: those of the first round. */
enum { CHAT_META_N = 4 };

/* A call in a stream. */
struct chat_call {
	uint32_t index, client_index;
	str id; /* between its quotes; empty when it has none */
	bool is_own, is_function;
	struct merge rest, what; /* beside "function" (or "custom"), and in it */
};

struct chat {
	struct buf meta[CHAT_META_N]; /* literals; empty when not told */
	struct buf last;              /* body of the last round that was no stream */
	bool has_meta;
	bool asks_usage;     /* a chunk with nothing but usage was there */
	bool is_done_due;    /* "[DONE]" was held back */
	bool tail_wants_gap; /* the client has text that the next round's must not run into */
	/* of the present round */
	bool is_gap_due;
	struct merge said; /* the message without its calls */
	struct chat_call **calls;
	size_t call_n, call_cap;
	size_t own_n, client_n;
	uint32_t next_index;
	size_t room; /* bytes that may still be kept */
	bool has_end, is_call_end, is_kept_open, has_error;
	bool is_many; /* there are other choices than the first: these are the client's, whatever they say */
};

/* Remembers the members that all chunks share; makes those of later rounds the same. */
void chat_note_meta(struct chat *ch, const struct json_tape *t);
void chat_edit_meta(struct answer_splice *s, const struct json_tape *t, struct splice_edits *edits);
/* ,"key":value for each of them. */
void chat_write_meta(const struct chat *ch, struct buf *out);

/* Takes what a message or delta says beside its calls; sets s->is_lost when it cannot be kept. */
void chat_say(struct answer_splice *s, const struct json_tape *t, uint32_t message);
/* {"role":"assistant",...} of what m says and of calls (separated by commas); of an answer, or as it may stand in a request:
 * servers refuse members that they do not know there. */
void chat_write_message(const struct merge *m, str calls, bool is_request, struct buf *out);
/* s->visible, when that is known, and behind it a message that the client gets now. */
void chat_show(struct answer_splice *s, str message);
void chat_show_note(struct answer_splice *s, str note);

/* True when a reason tells that the model waits for results: some say "stop" then. */
bool chat_is_call_end(const struct json_tape *t, uint32_t reason);
bool chat_is_error(const struct json_tape *t);
enum round_end chat_round_end(const struct answer_splice *s);

enum round_end chat_body(struct answer_splice *s, struct splice_event *ev, struct buf *out);
void chat_close_body(struct answer_splice *s, str note, struct buf *out);

#endif
