/* call: what the input of a tool call says: which file, which command, and the texts in it that a later result
 * may show again. Thread: any. */
#ifndef CORE_ENGINE_CALL_H
#define CORE_ENGINE_CALL_H

#include "core/base/arena.h"
#include "core/compress/tool.h"
#include "core/compress/view.h"
#include "core/wire/wire.h"

struct call {
	enum tool_kind kind;
	str tool;
	str path;     /* of the file that it is about, or empty */
	str command;  /* of a shell tool, or empty */
	str argument; /* what best names the call: path, command, pattern, ...; or empty */
};

/* Reads an input: a JSON object, or a JSON string that holds one, or a JSON string of free text. Everything in
 * out is in the arena. Never fails: what is not understood stays empty. */
void call_read(str tool, str input, struct arena *a, struct call *out);
/* The call that a result answers, as far as the document has it. */
void call_of_result(const struct wire_doc *doc, const struct wire_block *result, struct arena *a,
	struct call *out);

/* True when an input asks for some lines of a file, not for all of it. */
bool call_names_lines(str input, struct arena *a) MUST_CHECK;

/* Adds the texts of two lines or more that the input holds to the view, each as a source of its own. */
void call_add_to_view(const struct call *c, str input, struct view *v, struct arena *scratch);

#endif
