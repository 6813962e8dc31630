/* policy: what is decided about a result before anything is made of it: by the name of its tool, and by what the user asked before.
 * Nothing here looks at what comes behind the result (docs/decisions/0018). Inner header of core/engine, but for the
 * two functions that read settings. Thread: any. */
#ifndef CORE_ENGINE_POLICY_H
#define CORE_ENGINE_POLICY_H

#include "core/engine/engine.h"

/* How readily text is left out of the results of a tool. */
enum policy_profile {
	POLICY_MODERATE,     /* what pays, as measured */
	POLICY_CONSERVATIVE, /* more is shown of what is left out */
	POLICY_AGGRESSIVE,   /* also where it saves little */
	POLICY_PROFILE_N
};

/* Reads "GLOB=LEVEL". False: it is none. */
bool policy_parse(str text, str *glob, enum policy_profile *out) MUST_CHECK;

/* The first entry that fits the tool. */
enum policy_profile policy_of_tool(const struct compress_conf *conf, str tool);
/* True when its results stay byte for byte. */
bool policy_is_excluded(const struct compress_conf *conf, str tool) MUST_CHECK;

/* True when a user's text asks to analyse, review or explain something: words of it are in a table. */
bool policy_asks_for_analysis(str text) MUST_CHECK;

/* A named set of settings. */
enum policy_set { POLICY_SET_NONE, POLICY_SET_BALANCED, POLICY_SET_AGENT_90, POLICY_SET_N };
/* Takes those of the set over that are as they are without an option. */
void policy_use_set(enum policy_set set, struct compress_conf *conf);

enum { POLICY_MIN_TOKENS = 12 }; /* texts below are left alone: no marker is shorter */

#endif
