/* wire: one walker per provider format, from a request body to a flat list of blocks over spans. There is no
 * other place that knows a provider's shapes. What a walker does not know is opaque: it is hashed, never
 * read or changed.
 * Owns: nothing; everything lives in the caller's arena and points into the body. Thread: any. */
#ifndef CORE_WIRE_WIRE_H
#define CORE_WIRE_WIRE_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/hash.h"
#include "core/json/scan.h"

enum wire_format {
	WIRE_NONE,
	WIRE_ANTHROPIC,        /* POST /v1/messages */
	WIRE_OPENAI_CHAT,      /* POST /v1/chat/completions */
	WIRE_OPENAI_RESPONSES, /* POST /v1/responses */
	WIRE_GEMINI,           /* POST .../models/M:generateContent */
	WIRE_FORMAT_N
};

enum wire_role { WIRE_SYSTEM, WIRE_USER, WIRE_ASSISTANT, WIRE_TOOL };

enum wire_kind {
	WIRE_TEXT,        /* a string that a person, the system or the model wrote */
	WIRE_TOOL_CALL,   /* input of a call: a JSON value, or (Chat, Responses) a string that holds one */
	WIRE_TOOL_RESULT, /* a string that a tool returned */
	WIRE_OPAQUE,      /* thinking, signatures, encrypted content, images, documents, unknown blocks */
};

struct wire_block {
	enum wire_role role;
	enum wire_kind kind;
	uint32_t message;    /* index of the message, item or content that it is in */
	uint32_t part;       /* index within the message's content list; 0 for a plain string */
	uint32_t sub;        /* index within a nested list (content of a tool_result); 0 otherwise */
	struct span at;      /* the value: a string literal with its quotes for TEXT and TOOL_RESULT */
	uint32_t node;       /* its node on the tape */
	str tool;            /* CALL and RESULT: name of the tool, resolved by id; empty when not known */
	str call_id;         /* CALL and RESULT: empty when the format has none */
	uint32_t call;       /* RESULT: index of the block with its call; WIRE_NO_CALL when not there */
	bool is_error;       /* RESULT: the client says so */
	bool has_cache_control; /* a breakpoint stands on this block */
	str path;            /* "messages[3].content[0]", for reports; in the arena */
	/* Content of the block for recognising conversations: role, kind, ids and bytes, without
	 * cache_control and without the difference between "x" and [{"type":"text","text":"x"}]. */
	struct hash128 hash;
};

#define WIRE_NO_CALL UINT32_MAX

struct wire_doc {
	enum wire_format format;
	struct json_tape tape;
	struct wire_block *blocks; /* in the order in which the model reads them; system first */
	uint32_t n;
	uint32_t message_n;
	str model;              /* empty when the body does not name one */
	struct span tools;      /* the tool list; empty span when there is none */
	uint32_t tool_n;
	bool has_retrieve_tool; /* a tool named headroom_retrieve, or ending in __headroom_retrieve */
	bool is_stream;
	bool clears_results;    /* the request lets the provider clear old tool results by itself */
	bool clears_inputs;     /* ... and the inputs of old calls */
};

const char *wire_format_name(enum wire_format f) RETURNS_NONNULL; /* "anthropic"; static */
bool wire_format_parse(str name, enum wire_format *out) MUST_CHECK;

/* The format of a body by its shape; WIRE_NONE when it is none of them. */
enum wire_format wire_detect(const struct json_tape *t);

/* Walks a body. E_MALFORMED when it is not of that format at all; doubtful parts (a key that occurs
 * twice, a content of unknown type) become opaque blocks. */
enum err wire_walk(struct arena *a, const struct json_tape *t, enum wire_format f, struct wire_doc *out,
	struct errctx *cx) MUST_CHECK;

/* Walks a bare list of messages of that format (node = the array), as transcripts hold them, and appends to
 * doc, whose tape must be t. calls (may be NULL) resolves tool names over several documents. */
enum err wire_walk_messages(struct arena *a, const struct json_tape *t, uint32_t node, enum wire_format f,
	struct wire_doc *doc, struct errctx *cx) MUST_CHECK;

#endif
