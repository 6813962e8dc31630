/* rule: what was learned: one line for an agent's memory file, with what it stands on.
 * Owns: nothing; texts live in the arena of whoever made the rule. Thread: any. */
#ifndef LEARN_RULE_H
#define LEARN_RULE_H

#include "core/base/str.h"
#include "core/base/vec.h"

/* X(KIND, "name", "section", is_context): in the order in which sections stand in a file. is_context: about the project
 * (for the file that all its users read); else about how to work in it (for the agent's own memory, where it has one). */
#define RULE_MAP(X)                                                \
	X(ENVIRONMENT, "environment", "Environment", true)         \
	X(PATH, "path", "File Path Corrections", true)             \
	X(SEARCH, "search", "Search Scope", true)                  \
	X(COMMAND, "command", "Command Patterns", true)            \
	X(LARGE_FILE, "large-file", "Known Large Files", true)     \
	X(LOOP, "loop", "Loop Guardrails", true)                   \
	X(REPEATED_READ, "repeated-read", "Repeated Reads", false) \
	X(PREFERENCE, "preference", "User Preferences", false)     \
	X(PERMISSION, "permission", "Permission Notes", false)     \
	X(SUBAGENT, "subagent", "Subagent Guidance", false)

enum rule_kind {
#define X(kind, name, section, is_context) RULE_##kind,
	RULE_MAP(X)
#undef X
		RULE_KIND_N
};

enum {
	RULE_KEY_LEN = 16,   /* hexadecimal digits */
	RULE_TEXT_MAX = 240, /* bytes: a line that is read at the start of every session */
};

/* One time that something was seen, known again in a history that is sent under another name, to another process, too. */
struct rule_sighting {
	uint64_t id;           /* of the call and its result, or of the words; not 0 */
	uint64_t conversation; /* of how it begins */
};
enum {
	RULE_SIGHTINGS_MAX = 64
}; /* that are told apart; who has seen a thing so often need not count on */

struct rule {
	enum rule_kind kind;
	/* Its identity, the same in every run over the same things: of what was done wrong and what is right, without what
	 * changes from time to time (paths of temporary files, how many lines were asked for). */
	char key[RULE_KEY_LEN + 1];
	str text; /* one line of Markdown without "- ", at most RULE_TEXT_MAX bytes, no secret in it */
	uint32_t
		evidence; /* how often it was seen; what is sent again with a history counts once */
	uint32_t sessions; /* in how many */
	uint32_t confirmed,
		refuted; /* what speaks for it and against it; evidence is part of confirmed */
	int64_t first_ms, last_ms; /* since 1970; -1: the recordings hold no times */
	double confidence;         /* confirmed / (confirmed + refuted) */
	uint64_t tokens_saved;     /* estimated, for a session in which it would have been known */
	/* The first of those that stand in requests; they are part of evidence. In the arena of whoever made the rule. */
	VEC(struct rule_sighting) sightings;
};

/* What is known of one project. */
struct rule_set {
	str project; /* the directory that its sessions name; empty: they name none */
	unsigned
		agents; /* bit 1 << enum learn_agent (learn/agent.h) of each whose sessions were read */
	uint64_t sessions, calls, failed; /* that were read */
	int64_t first_ms, last_ms;        /* of what was read; -1: no times */
	uint64_t left_out;                /* rules for which there was no room */
	VEC(struct rule)
	rules; /* by kind, then by tokens saved, evidence and key: the same bytes in each run */
};

const char *rule_kind_name(enum rule_kind k) RETURNS_NONNULL;    /* "large-file"; static */
const char *rule_kind_section(enum rule_kind k) RETURNS_NONNULL; /* "Known Large Files"; static */
bool rule_kind_is_context(enum rule_kind k) PURE;
bool rule_kind_parse(str name, enum rule_kind *out) MUST_CHECK;

/* The order of rule_set.rules, for qsort. */
int rule_cmp(const void *a, const void *b) PURE;

#endif
