/* say: an answer as a row of what is said: it begins, blocks open, grow and close one after the other, it ends. A reader of one
 * dialect calls these functions, a writer of another is called by them. Internal to core/translate.
 * Owns: see struct translate_answer, all of which belongs to the answer. Thread: that of the answer. */
#ifndef CORE_TRANSLATE_SAY_H
#define CORE_TRANSLATE_SAY_H

#include "core/translate/form.h"
#include "core/wire/sse.h"

enum say_kind { SAY_TEXT, SAY_THINKING, SAY_CALL };

enum say_stop {
	STOP_NONE, /* not said yet */
	STOP_END,
	STOP_MAX,
	STOP_SEQUENCE,
	STOP_CALLS,
	STOP_REFUSED,
	STOP_PAUSED,
	STOP_CONTEXT, /* the model's window is full */
};

/* Calls that come at the same time as another, and wait for its end. More are an error of the backend's. */
enum { SAY_HELD_MAX = 64 };
/* Calls of one answer that Chat's indexes and ids are remembered of. */
enum { SAY_CALLS_MAX = 256 };

struct say_held {
	uint32_t key;
	struct buf id, name, text;
	bool is_done;
};

/* Where the JSON of a call's arguments stands. */
struct say_json {
	uint32_t depth;
	bool is_begun, is_in_text, is_escaped;
};

struct say_writer;
struct say_reader;

struct translate_answer {
	struct translate_answer_conf conf; /* its texts are in kept */
	const struct say_reader *reader;
	const struct say_writer *writer;
	struct arena kept, event; /* event: reset after each one */
	struct sse sse;
	struct buf body; /* of a backend's answer that is no stream */
	struct usage_reader *usage_reader;
	const struct usage *usage; /* once it is over */
	struct buf *out;           /* of the present call of feed or finish */
	enum err err;

	struct buf id, model; /* insides */
	bool is_begun, is_ended,
		is_over; /* the writer has begun; the reader saw the end; the writer has ended */
	enum say_stop stop;
	struct buf stop_sequence; /* inside */
	bool has_calls;

	/* The block that is open. */
	bool is_open, is_finished; /* a call: nothing more comes */
	enum say_kind kind;
	uint32_t key;
	bool is_custom, has_shown; /* the writer has told the client of it */
	struct buf call_id, name, signature;
	struct buf text; /* what it has said, where the writer keeps that */
	struct say_json json;
	uint32_t blocks_n, calls_n;
	struct say_held *held; /* SAY_HELD_MAX; NULL until one is */
	size_t held_n;

	/* The writer's. */
	struct buf said;            /* blocks, in the client's words, separated by commas */
	struct buf texts, thoughts; /* where they are told apart from others (Chat) */
	uint64_t sequence;
	bool has_elements;

	/* The reader's. */
	struct {
		uint32_t index, key;
		uint64_t id;
	} calls[SAY_CALLS_MAX];
	size_t calls_seen;
	uint32_t keys_n;
};

struct say_reader {
	/* An event of a stream. */
	void (*event)(struct translate_answer *ta, str name, const struct json_tape *t);
	/* A whole answer; false: it is none. */
	bool (*body)(struct translate_answer *ta, const struct json_tape *t);
};
extern const struct say_reader say_read_anthropic, say_read_chat, say_read_responses,
	say_read_gemini;

struct say_writer {
	void (*begin)(struct translate_answer *ta);
	void (*open)(struct translate_answer *ta);
	void (*add)(struct translate_answer *ta, str inside);
	void (*close)(struct translate_answer *ta);
	void (*end)(struct translate_answer *ta);
	/* In the midst of a stream. type: in the backend's words; message: an inside. */
	void (*error)(struct translate_answer *ta, int status, str message);
	bool keeps_text;  /* add keeps what a block says even for a stream */
	bool keeps_calls; /* the same for arguments alone */
};
extern const struct say_writer say_write_anthropic, say_write_chat, say_write_responses,
	say_write_gemini;

/* ---- for readers. All texts are insides. ----------------------------------------------------------------------- */

void say_begin(struct translate_answer *ta, str id, str model);
/* Text or thoughts: opens such a block unless the one with this key is open. */
void say_text(struct translate_answer *ta, enum say_kind kind, uint32_t key, str inside);
/* Of thoughts that are open under key, or opens them; goes out when they close. */
void say_signature(struct translate_answer *ta, uint32_t key, enum wire_format whose, str inside);
void say_call(struct translate_answer *ta, uint32_t key, str id, str name);
void say_arguments(struct translate_answer *ta, uint32_t key, str inside);
/* Nothing more comes for this key. */
void say_done(struct translate_answer *ta, uint32_t key);
void say_stop(struct translate_answer *ta, enum say_stop stop);
/* The answer is whole. */
void say_end(struct translate_answer *ta);
void say_error(struct translate_answer *ta, int status, str message);

/* ---- for writers --------------------------------------------------------------------------------------------- */

/* Does the client get a stream? */
static inline bool say_streams(const struct translate_answer *ta)
{
	return ta->conf.is_stream;
}
/* What the open call says, as an object; in the event's arena. */
str say_object(struct translate_answer *ta);
/* What a call of a custom tool says: the text in {"input": text}, as an inside. */
str say_custom_input(struct translate_answer *ta);
/* All that it read and wrote: without those of the cache, with them. */
uint64_t say_prompt_tokens(const struct usage *u);
/* How each dialect says how it ended; static. */
const char *say_stop_name(const struct translate_answer *ta);
enum say_stop say_stop_parse(enum wire_format f, const struct json_tape *t, uint32_t node);
/* Words for the status of an error; static. */
const char *say_error_type(enum wire_format f, int status);
int say_error_status(enum wire_format f, str type);

#endif
