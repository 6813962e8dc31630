/* learner: what the files of learn/ share of a learner. Internal to learn/.
 * Owns: the arena of all projects, the open sessions, what was seen. */
#ifndef LEARN_LEARNER_H
#define LEARN_LEARNER_H

#include "core/wire/wire.h"
#include "learn/seen.h"
#include "learn/session.h"

enum { LEARNER_SESSIONS = 32 }; /* open at a time; the one unused for longest is closed */

struct learner {
	struct learn_conf conf;
	struct arena arena;   /* projects, names */
	struct arena scratch; /* of a line */
	struct map projects;  /* directory -> struct project */
	struct session *open[LEARNER_SESSIONS];
	size_t open_n;
	uint64_t count; /* of lines and requests */
	struct seen seen;
	uint64_t bad_lines;
	/* The file that is being read. */
	struct project *file_project; /* that of its first session; NULL: none yet */
	bool is_skipped;              /* its sessions are not wanted */
};

/* Where a piece of a conversation stands. */
struct spot {
	str session; /* its name, with a "/" before a sub-agent's; not empty */
	str project; /* empty: not known */
	enum learn_agent agent;
	int64_t at_ms; /* -1: not known */
	bool is_subagent, is_meta;
	bool is_one_project; /* all sessions of the file are of one project */
	uint64_t subagent_tokens;
	uint64_t beginning; /* of a request: of its conversation; else 0 */
	uint64_t line; /* tells pieces apart that are the same in all else; 0: those are the same */
};

/* NULL: it is not wanted. */
struct session *learner_session(struct learner *l, const struct spot *spot);
/* What is new in the blocks. */
void learner_blocks(struct learner *l, const struct spot *spot, const struct wire_doc *doc);
/* A request in the text of a line, or alone. False: it is none. */
bool learner_body(struct learner *l, struct spot *spot, str body);
void learner_close_sessions(struct learner *l);

#endif
