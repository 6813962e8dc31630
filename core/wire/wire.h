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
#include "core/wire/calls.h"

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
	WIRE_TEXT,      /* a string that a person, the system or the model wrote */
	WIRE_TOOL_CALL, /* input of a call: a JSON value, or (Chat, Responses) a string that holds one */
	WIRE_TOOL_RESULT, /* a string that a tool returned; or a message in which an agent without tools says what a
	                   * command printed: its call is the text of the assistant's that has the command */
	WIRE_OPAQUE, /* thinking, encrypted content, images, documents, unknown blocks */
};

#define WIRE_NO_CALL    UINT32_MAX
#define WIRE_NO_MESSAGE UINT32_MAX /* a system prompt that stands outside of the messages */

struct wire_block {
	enum wire_role role; /* WIRE_TOOL for results, also where they stand in a user message */
	enum wire_kind kind;
	uint32_t
		message; /* index of the message, item or content that it is in, or WIRE_NO_MESSAGE */
	uint32_t part;   /* index within the message's content list; 0 for a plain string */
	uint32_t sub;    /* index within a nested list (content of a tool_result); 0 otherwise */
	struct span at; /* the value: a string literal with its quotes for TEXT and TOOL_RESULT */
	uint32_t node;  /* its node on the tape */
	str tool;      /* CALL and RESULT: name of the tool, resolved by id; empty when not known */
	str call_id;   /* CALL and RESULT: empty when the format has none */
	uint32_t call; /* RESULT: index of the block with its call in the same document, or
	                      * WIRE_NO_CALL */
	bool is_error; /* RESULT: the client says so */
	bool has_cache_control; /* a breakpoint stands on this block */
	str path;               /* "messages[3].content[0].text", for reports; in the arena */
	/* Content of the block for recognising conversations: role, kind, ids and bytes. It is the same
	 * for "x" and [{"type":"text","text":"x"}], and wherever in the conversation the block stands.
	 * Not part of it are what a client may change from request to request while the content stays:
	 * cache_control, signatures, Codex's times, and Claude Code's billing line. */
	struct hash128 hash;
};

struct wire_doc {
	enum wire_format format;
	struct json_tape tape;
	struct wire_block
		*blocks; /* system first, then in the order of the document, which is the order
	                            * in which the model reads them */
	uint32_t n, cap;
	uint32_t message_n;
	str model;              /* empty when the body does not name one */
	struct span tools;      /* the tool list; empty span when there is none */
	uint32_t tool_n;        /* tools that it declares, those in namespaces one by one */
	bool has_retrieve_tool; /* one for which wire_is_retrieve_tool is true */
	str retrieve_tool;      /* the name of the first such */
	bool is_stream;
	bool clears_results; /* the request lets the provider clear old tool results by itself */
	bool clears_inputs;  /* ... and the inputs of old calls */
};

/* True for the tool that gives originals back: headroom_retrieve, or an MCP server's spelling of it. */
bool wire_is_retrieve_tool(str name);

const char *wire_format_name(enum wire_format f) RETURNS_NONNULL; /* "anthropic"; static */
bool wire_format_parse(str name, enum wire_format *out) MUST_CHECK;

/* The format of a body by its shape; WIRE_NONE when it is none of them. */
enum wire_format wire_detect(const struct json_tape *t);
/* The same for an array of messages, items or contents; WIRE_NONE when no element says. */
enum wire_format wire_detect_messages(const struct json_tape *t, uint32_t array);

/* Hashes of blocks of an earlier body that is the same up to a byte: those of values up to there, in the order of their
 * nodes, which are the same, too. */
struct wire_hashes {
	const uint32_t *nodes;
	const struct hash128 *v;
	uint32_t n;
	uint32_t nodes_end; /* nodes from here on are others */
};

/* Walks a body. E_MALFORMED when it is not of that format at all, or when a key of its outermost object
 * occurs twice; other doubtful parts (such a key further in, a content of unknown type) become opaque
 * blocks. */
enum err wire_walk(struct arena *a, const struct json_tape *t, enum wire_format f,
	struct wire_doc *out, struct errctx *cx) MUST_CHECK;
/* The same, where hashes are known; of a body of the same format whose messages were walked one by one, as all of the body
 * before nodes_end is but for what is still open there. NULL: none. */
enum err wire_walk_known(struct arena *a, const struct json_tape *t, enum wire_format f,
	const struct wire_hashes *known, struct wire_doc *out, struct errctx *cx) MUST_CHECK;

/* For documents that hold a conversation in other shapes than a request, as transcripts do: a zeroed doc is
 * filled by wire_walk_piece() and wire_add(), and then completed by wire_resolve(), once. */

/* A part of a document that is spelled as a provider would have it. */
struct wire_piece {
	enum wire_format format;
	uint32_t node; /* an array of messages, or one message, item or content */
	str path;      /* how reports name the node: "messages"; may be empty */
	bool is_content; /* node is only the content of a message of this role: a string or its parts */
	enum wire_role role;
};
/* Walks it and appends its blocks to doc. E_MALFORMED when node is neither an array nor an object (nor, for
 * a content, a string). */
enum err wire_walk_piece(struct arena *a, const struct json_tape *t, const struct wire_piece *piece,
	struct wire_doc *doc, struct errctx *cx) MUST_CHECK;

/* Appends a block whose value is node. b says role, kind, message, part, sub, tool, call_id and is_error;
 * TEXT and TOOL_RESULT become opaque when node is no string. */
void wire_add(struct arena *a, const struct json_tape *t, const struct wire_block *b, uint32_t node,
	str path, struct wire_doc *doc);

/* Links results to calls and names their tools. calls (may be NULL) knows the calls of earlier documents and
 * takes those of this one. */
void wire_resolve(struct arena *a, struct wire_doc *doc, struct wire_calls *calls);

#endif
