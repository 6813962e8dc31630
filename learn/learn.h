/* learn: recorded sessions to rules, one set for each project. Deterministic: the same recordings give the same rules, in
 * whatever order they are read; no model is asked and nothing is sent. Memory is bounded, whatever the size of the
 * recordings: they are read a line at a time, and of a project only what was seen is kept (learn/project.h).
 * Owns: a learner all that it has seen. Thread: one at a time. */
#ifndef LEARN_LEARN_H
#define LEARN_LEARN_H

#include "learn/agent.h"
#include "learn/rule.h"

struct learn_conf {
	/* Rules of this directory, and of those below it, alone; empty: of all. Absolute, without a slash at its end. */
	str project;
	/* A rule needs so much evidence; 0: what its kind asks for (docs/learn.md). */
	uint32_t min_evidence;
	/* Of each project only the newest so many files; 0: all. */
	uint32_t files_max;
	/* False: leave the sessions of sub-agents out. */
	bool with_subagents;
	/* Of requests: the same words after the same beginning are one conversation, whatever its name; else names count, too. */
	bool is_by_content;
	/* Whether this path is there now, for corrections of paths; NULL: not asked. */
	bool (*has_path)(void *self, const char *path);
	void *self;
};

struct learner;
enum err learner_new(
	const struct learn_conf *conf, struct learner **out, struct errctx *cx) MUST_CHECK;
void learner_free(struct learner *l); /* NULL is fine */

/* Reads one recording. A line that is no JSON is passed over and counted. E_MALFORMED: it is no recording of a known kind;
 * E_NOT_FOUND, E_IO, E_NOMEM. What was learned before stays. done (may be NULL) is told how many bytes were read, now and then. */
struct learn_progress {
	void (*done)(void *self, uint64_t bytes);
	void *self;
};
enum err learner_read(struct learner *l, const struct learn_file *file,
	const struct learn_progress *progress, struct errctx *cx) MUST_CHECK;

/* One request of a live session, as the client sent it; what was in an earlier one of the session is passed over. */
struct learn_request {
	str body, session;
	str project; /* empty: what its system prompt names */
	enum learn_agent agent;
	int64_t at_ms;
};
void learner_request(struct learner *l, const struct learn_request *r);

/* The rules of all projects so far, by the names of these; sets without a rule are there, too. In the arena. */
struct learn_result {
	VEC(struct rule_set) projects;
	uint64_t bad_lines;
	uint64_t dropped; /* things seen that were not kept, for there were too many */
};
void learner_result(struct learner *l, struct arena *a, struct learn_result *out);

#endif
