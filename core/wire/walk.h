/* walk: what the walkers of all formats share. Internal to core/wire.
 * A walker reads an object with walk_members(), gives the values that it knows to walk_add(), and
 * everything else to walk_opaque(). */
#ifndef CORE_WIRE_WALK_H
#define CORE_WIRE_WALK_H

#include "core/wire/wire.h"

/* Longest path of a block; the rest of a longer one (Gemini takes names from the tool) is cut. */
enum { WALK_PATH = 192 };

struct walk {
	struct arena *a;
	const struct json_tape *t;
	struct wire_doc *doc;
	struct wire_hashes known;
	uint32_t known_at; /* of known: the next one */
	uint32_t path_n;
	char path[WALK_PATH];
};

/* A message, item or content; b holds its index and nothing else. */
typedef void walk_message_fn(struct walk *w, struct wire_block b, uint32_t node);

/* A part of the content of a message; b says the message and its role. */
typedef void walk_part_fn(struct walk *w, struct wire_block b, uint32_t index, uint32_t node);

/* One per format. */
struct wire_walker {
	enum err (*body)(struct walk *w, struct errctx *cx);
	walk_message_fn *message;
	walk_part_fn *part;
};
extern const struct wire_walker walk_anthropic, walk_openai_chat, walk_openai_responses,
	walk_gemini;

#define WALK_KEY(literal)                      \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}
#define WALK_MEMBERS_MAX   16
#define WALK_NO_INDEX      UINT32_MAX
#define walk_has(w, v)     ((v) != JSON_ABSENT && !json_is((w)->t, (v), JSON_NULL))
#define walk_is(w, v, tp)  ((v) != JSON_ABSENT && json_is((w)->t, (v), (tp)))
#define walk_text(w, v, s) ((v) != JSON_ABSENT && json_string_is((w)->t, (v), (s)))

/* The values of the named members in v; JSON_ABSENT for those that are not there. False, and all absent,
 * when node is no object or one of its keys occurs twice: then nobody knows which one counts. */
bool walk_members(const struct json_tape *t, uint32_t node, const str *keys, uint32_t *v,
	uint32_t n) MUST_CHECK;

/* Steps into a member, and with an index into an element of it: "content", 0 appends ".content[0]". The
 * answer is for walk_leave(). */
uint32_t walk_enter(struct walk *w, const char *name, uint32_t index);
uint32_t walk_enter_key(struct walk *w, str name);
void walk_leave(struct walk *w, uint32_t mark);

/* The text of a string; its literal where it cannot be said as text; empty when v is no string. */
str walk_string(struct walk *w, uint32_t v);

/* So many blocks will come, or about that: their room is taken at once, not in steps that are copied. */
void walk_expect(struct walk *w, uint32_t n);

/* Adds a block of that kind whose value is node. b says the rest, but path, hash, at and node. */
void walk_add(struct walk *w, struct wire_block b, enum wire_kind kind, uint32_t node);
/* The same, as the member called name, which must be a string: else the whole object is opaque. */
void walk_add_member(struct walk *w, struct wire_block b, enum wire_kind kind, uint32_t object,
	const char *name, uint32_t v);
/* Adds an opaque block. */
void walk_opaque(struct walk *w, struct wire_block b, uint32_t node);
/* What a block would hash to if its value was text. */
struct hash128 walk_hash(const struct wire_block *b, str text);

/* The messages of a list called name. */
void walk_messages(struct walk *w, const char *name, uint32_t array, walk_message_fn *message);
/* A content called name: a string is a block of that kind, of a list each element goes to part (which
 * notes its index as b.part or b.sub), anything else but null is opaque. */
void walk_content(struct walk *w, struct wire_block b, const char *name, uint32_t v,
	enum wire_kind kind, walk_part_fn *part);

/* Counts a tool by its name. */
void walk_tool(struct walk *w, uint32_t name);
/* Remembers the first tool list. */
void walk_tool_list(struct walk *w, uint32_t array);

#endif
