/* own_tool: tools of ours in requests: declared in the client's dialect, their calls and results put into the
 * history. Everything is an insertion into the bytes of the body (core/json/patch.h); nothing else of it changes,
 * so tool_choice, parallel_tool_calls and the like stay what the client has said: a model that is forced to call a
 * tool of the client's, or any, or none, is so with ours beside it.
 * Owns: nothing; what is given out lives in the caller's arena or buffer. Thread: any. */
#ifndef CORE_WIRE_OWN_TOOL_H
#define CORE_WIRE_OWN_TOOL_H

#include "core/json/patch.h"
#include "core/wire/answer_splice.h"

struct own_tool {
	str name, description;
	str schema; /* a JSON object */
};

/* Appends the declarations of tools as that dialect has them in its list of tools (Gemini: of functions), separated
 * by commas. */
void own_tool_write_declaration(
	enum wire_format f, const struct own_tool *tools, size_t n, struct buf *out);

/* True when the request can have tools of ours: it has tools of its own in a list that takes functions. For Gemini
 * that is one with functionDeclarations, for Chat not the older "functions"; for Responses also the list of an
 * item additional_tools, where there is no other. */
bool own_tool_can_declare(const struct wire_doc *doc) MUST_CHECK;

/* True when the request's list declares a tool of that name. */
bool own_tool_is_declared(const struct wire_doc *doc, str name) MUST_CHECK;

/* The insertion of such declarations behind the last tool of the request's own list: the client's tools are never
 * moved, so that a cache_control on one of them stays where it is. False when own_tool_can_declare() is. */
bool own_tool_place(const struct wire_doc *doc, str declarations, struct arena *a,
	struct patch_edit *out) MUST_CHECK;

struct own_result {
	struct own_call call;
	str text;
	bool is_error; /* said where the dialect can say it: Anthropic, Gemini */
};

/* The message (for Responses: the items, separated by commas; for Chat: the messages) that carries results. */
void own_tool_write_results(
	enum wire_format f, const struct own_result *results, size_t n, struct buf *out);
/* The same as blocks to be put behind the last one of a message that carries results of the client's own; for Chat
 * and Responses, where each result stands by itself, the messages or items. */
void own_tool_write_result_blocks(
	enum wire_format f, const struct own_result *results, size_t n, struct buf *out);

/* An insertion of messages (comma-separated, as made by answer_splice_message and own_tool_write_results) at the
 * end of the request's history. An "input" of Responses that is a plain string becomes a list with it. False when
 * the request has no such list. */
bool own_tool_append(const struct wire_doc *doc, str messages, struct arena *a,
	struct patch_edit *out) MUST_CHECK;

/* The node of the request's history: messages, contents, or input; JSON_ABSENT when there is none. */
uint32_t own_tool_history(const struct wire_doc *doc);

/* The node of the list of tools that the walker has found; JSON_ABSENT when there is none. */
uint32_t own_tool_list(const struct wire_doc *doc);
/* The list of functions in an element of Gemini's list of tools; JSON_ABSENT when it has none. */
uint32_t own_tool_declarations(const struct json_tape *t, uint32_t tool);

#endif
