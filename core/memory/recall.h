/* recall: memories for who is asked for them again and again while he runs: the proxy and MCP. Files stay open, and what
 * a search needs of them stays in memory until somebody changes the file; the tools by which a model saves, searches, updates and
 * deletes memories are described and answered here, so that all who offer them say and do the same.
 *
 * Owns: struct recall: the files that are open, at most RECALL_PLACES_MAX, each with a finder. Free: recall_free.
 * Thread: any; a search of one file waits for another one of the same file. */
#ifndef CORE_MEMORY_RECALL_H
#define CORE_MEMORY_RECALL_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/store/memory.h"

enum {
	/* Files of different projects and users that are kept ready: more than one person has open. */
	RECALL_PLACES_MAX = 16,
	/* Bytes of an answer to a model: some thousand tokens. */
	RECALL_ANSWER_MAX = 4000,
	/* Memories in one answer. */
	RECALL_LIMIT = 10,
	RECALL_LIMIT_MAX = 100,
	/* A request is not held up for longer. */
	RECALL_WAIT_MS = 2000,
	/* Letters of a random id that are shown, and of any that are enough to name one. */
	RECALL_ID_SHOWN = 8,
	RECALL_ID_MIN = 6,
};

struct recall;

/* clock: NULL: the system's; else it outlives this. E_NOMEM. */
enum err recall_new(const struct clock *clock, struct recall **out, struct errctx *cx) MUST_CHECK;
/* Vectors of an embedder elsewhere count, too (core/memory/embedder.h): a question is asked about within RECALL_WAIT_MS, memories get theirs
 * in a thread. Where there are none the built-in ones count. e outlives r. Once, before the first search. */
struct embedder;
enum err recall_use(struct recall *r, const struct embedder *e, struct errctx *cx) MUST_CHECK;
/* For tests: an index (core/memory/keep.h) from so many memories on; what is due is done when the second returns. */
void recall_index_from(struct recall *r, size_t least);
void recall_settle(struct recall *r);
void recall_free(struct recall *r); /* NULL is allowed; nobody uses it any more */

/* Whose memories, and where: what core/memory/place.h has found. */
struct recall_scope {
	const char *file; /* NULL: nobody knows: nothing is found, and nothing is kept */
	str user;         /* not empty */
	str by;           /* who saves: an agent's name; may be empty */
};

struct recall_query {
	str text;     /* empty: the newest memories */
	size_t limit; /* at most RECALL_LIMIT_MAX */
	/* Only memories that share enough words with the text to be about it: one of up to three, two of up to ten, three
	 * of up to thirty, four of more. Shares of weight say too little of the first few memories that somebody has. */
	bool is_sure;
};

struct recall_hit {
	struct memory memory;
	double score, coverage; /* of core/memory/score.h; 1 of the newest */
};

/* What was found, best first. Zero-initialise. Free: recall_found_release. */
struct recall_found {
	struct arena arena; /* all texts */
	struct recall_hit *v;
	size_t n;
};
void recall_found_release(struct recall_found *f);

/* E_OK also when there is no file yet; nothing is made. Waits for others who search in the same file for RECALL_WAIT_MS at
 * most: E_TIMEOUT. Other errors are those of the store. */
enum err recall_search(struct recall *r, const struct recall_scope *s, const struct recall_query *q,
	struct recall_found *out, struct errctx *cx) MUST_CHECK;

/* The file, to write to; makes: one that is not there yet. Close it with memory_store_close. E_NOT_FOUND: nothing is remembered yet;
 * E_CONFIG: nobody knows where. */
enum err recall_open(struct recall *r, const struct recall_scope *s, bool makes,
	struct memory_store **out, struct errctx *cx) MUST_CHECK;

/* ---- tools ------------------------------------------------------------------------------------------- */

enum recall_tool {
	RECALL_SAVE,
	RECALL_SEARCH,
	RECALL_UPDATE,
	RECALL_DELETE,
	RECALL_TOOLS_N,
};

struct recall_tool_text {
	const char *name; /* "memory_save" */
	const char *description;
	const char *schema; /* a JSON object */
};
extern const struct recall_tool_text recall_tools[RECALL_TOOLS_N];

/* As much of an id as a model needs to name the memory: the beginning of one that is random. Others, as those of what was
 * learned, begin alike, and are shown whole. */
str recall_id_shown(str id) PURE;

/* The tool of that name; RECALL_TOOLS_N: none. */
enum recall_tool recall_tool_find(str name) PURE;

/* Answers a call: arguments as the model wrote them. Appends at most RECALL_ANSWER_MAX bytes, a JSON object. False: it says
 * what is wrong in words that the model can act upon; a text with a secret is refused so. */
bool recall_answer(struct recall *r, const struct recall_scope *s, enum recall_tool tool,
	str arguments, struct buf *out) MUST_CHECK;

#endif
