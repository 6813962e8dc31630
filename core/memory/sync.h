/* sync: memories of a store with the files in which an agent keeps its own: what the agent wrote comes into the store, what
 * others know goes to the agent. Done twice it changes nothing the second time.
 *
 * Claude Code has a directory of Markdown files, one memory each, and MEMORY.md, which it reads at the start of a session. A
 * file of ours (headroom_NAME_ID.md) says whose id it is; a text that somebody changed in it is a new version of that
 * memory. MEMORY.md gets a block with a line for each file of ours.
 * Codex has AGENTS.md in the project: a block with a line for each memory; a line that somebody added in it is a new memory.
 *
 *	<!-- headroom:memory:start -->
 *	## Headroom Shared Memory
 *	- ...
 *	<!-- headroom:memory:end -->
 *
 * Everything outside of the block, and every other file, belongs to others and stays as it is.
 * Owns: nothing. Thread: that of the store. */
#ifndef CORE_MEMORY_SYNC_H
#define CORE_MEMORY_SYNC_H

#include "core/store/memory.h"

#define SYNC_START "<!-- headroom:memory:start -->"
#define SYNC_END   "<!-- headroom:memory:end -->"

enum {
	SYNC_BLOCK_MAX = 12000, /* bytes of a block: some 3,000 tokens of every session */
	SYNC_FILES_MAX =
		2000, /* of a directory: the rest of them is not looked at, and no more are made */
	SYNC_FILE_MAX = 256 << 10,
};

enum sync_agent { SYNC_CLAUDE, SYNC_CODEX };

struct sync_conf {
	enum sync_agent agent;
	const char *path; /* of Claude Code's MEMORY.md, or of AGENTS.md; absolute */
	str user;
	bool is_dry; /* counts, and changes nothing */
};

struct sync_counts {
	uint64_t imported; /* memories that are new in the store */
	uint64_t updated;  /* that have a new version, for somebody changed the text in a file */
	uint64_t exported; /* files or lines that are new for the agent */
	uint64_t removed;  /* files of memories that are not valid any more */
	uint64_t
		refused; /* texts with secrets, or too long, and files that lead elsewhere: neither way */
	uint64_t
		busy; /* files that somebody changed meanwhile: left as they are for the next time */
};

/* E_CONFIG: the block in the file has a beginning and no end, or the file is a link out of its directory; E_TOO_BIG: the file has, or
 * with the block would have, more than SYNC_FILE_MAX bytes. Nothing was changed then, in the store or in a file. Files are written when the store is, so that a text is never in neither of them; E_IO and E_PERMISSION of a
 * file leave the rest of them to the next time. */
enum err memory_sync(struct memory_store *s, const struct sync_conf *conf, struct sync_counts *out,
	struct errctx *cx) MUST_CHECK;

#endif
