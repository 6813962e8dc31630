/* loader: what the loaders of turns share. Internal to core/transcript. */
#ifndef CORE_TRANSCRIPT_LOADER_H
#define CORE_TRANSCRIPT_LOADER_H

#include "core/base/map.h"
#include "core/transcript/reader.h"
#include "core/transcript/turns.h"

struct loader {
	struct arena *a;
	struct turn_file *out;
	struct line line;      /* the present one; line.a is a, the tape is gone with the line */
	str text;              /* of the present line */
	struct map sessions;   /* name -> what the kind keeps of it */
	VEC(void *) in_order;  /* the same, oldest first */
	void *state;           /* what else the kind keeps */
	struct arena *scratch; /* the tape's */
	size_t copied_n;       /* messages that were listed a second time */
};

/* True while n more messages may be listed again, for a branch: a file with very many of them would else cost the
 * square of its size. When not, what branches off is taken as going on. */
bool loader_may_copy(struct loader *l, size_t n) MUST_CHECK;

/* One per kind. line: a line, or the document, is in l->line. end: after the last one (may be NULL). */
struct turns_kind {
	void (*line)(struct loader *l);
	void (*end)(struct loader *l);
};
extern const struct turns_kind turns_requests, turns_messages, turns_proxy_log, turns_claude,
	turns_codex, turns_gemini, turns_gemini_file, turns_opencode, turns_pi;

/* JSON of a node, in the text. */
static inline str loader_json(const struct loader *l, uint32_t node)
{
	return json_text(l->line.t, node);
}

/* Scans a text that was a line (or a part of one) before, in place of the present one; false when it is no
 * JSON. */
bool loader_scan(struct loader *l, str text, struct errctx *cx) MUST_CHECK;

/* Keeps a session with its turns, in order of time; one without turns is dropped. */
void loader_keep(struct loader *l, struct turn_session *s);
/* Adds a turn with the messages [start, n) of the session. NULL when these are none. */
struct turn *loader_turn(struct loader *l, struct turn_session *s, uint32_t start);

/* True for a message or item that the model made, in any provider's spelling. */
bool loader_is_model(const struct line *l, uint32_t node);

/* A time: RFC 3339, or seconds or milliseconds since 1970; -1 when there is none. */
int64_t loader_time(struct loader *l, uint32_t object, const char *key);
/* Tokens as any provider or agent writes them down; not known when node is JSON_ABSENT or says nothing. */
struct turn_usage loader_usage(const struct line *l, uint32_t node);
/* The larger figure of each. */
struct turn_usage loader_usage_max(struct turn_usage a, struct turn_usage b);

#endif
