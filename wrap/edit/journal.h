/* journal: what headroom has changed in files that are not its own, WORKSPACE/state/edits.jsonl: one JSON object a line for
 * each change that is to be undone some day. docs/edits.md describes the members.
 *
 * It is on the disk (fsync) before the file is touched, and every new state of it replaces the old one in one step, so a
 * process killed anywhere leaves a journal that tells how to undo what is in the files. Entries stand in the order in which
 * they were made; those of one file are a chain, each from the bytes that the one before left.
 *
 * Owns: the lock and scratch, from journal_open to journal_close, which must also be called when the arena has run out of memory
 * in between (journal_init before that point); entries live in the arena. One lock for the whole journal: an edit takes
 * milliseconds, and programs that are not ours (agents, editors) would not know of a lock per file; against those the
 * file is compared with what was read directly before it is replaced. Thread: one at a time; processes by the lock. */
#ifndef WRAP_EDIT_JOURNAL_H
#define WRAP_EDIT_JOURNAL_H

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "wrap/edit/format.h"

/* Whose edit it is. pid 0: nobody's, it lasts until it is undone by name (`--persist`, init, install). start is field 22 of
 * /proc/PID/stat (proc_pid_stat(5)), clock ticks since boot, which tells a process from a later one with its number. place: a
 * number for the machine and its PID namespace, for a home directory that containers or machines share; 0: not known. */
struct edit_owner {
	int64_t pid;
	uint64_t start, place;
};

/* This process, or the one of this number; start is 0 where there is no /proc. */
struct edit_owner edit_owner_of(int64_t pid);
/* False when the process has ended. Nobody's edits are always alive, and so are those of a process in another place, which
 * cannot be seen from here. */
bool edit_owner_is_alive(struct edit_owner o);

static inline bool edit_owner_eq(struct edit_owner x, struct edit_owner y)
{
	return x.pid == y.pid && x.start == y.start && x.place == y.place;
}

struct edit_entry {
	str id; /* a ULID; also names the temporary file beside the target */
	str agent, scope;
	str file; /* absolute, links followed */
	const struct edit_format *format;
	struct edit_path path;
	bool has_old;
	str old, new; /* literals as they are spelled in the file */
	size_t kept;  /* parts of path that were there before; containers behind are ours */
	bool is_file_made;
	uint64_t dirs_made; /* directories above it that were made for it */
	/* SHA-256 of the whole file before and after, in hex; empty: no file. Between them: cut at at became paste. */
	str before, after;
	uint64_t at;
	str cut, paste;
	struct edit_owner owner;
	str time; /* RFC 3339 */
	str raw; /* a line of a newer version of headroom: kept as it is, and nothing else of it is set */
};

/* The journal, and any file while it is read: some whole files of LIMIT_CONFIG_FILE on their way in and out. */
#define JOURNAL_BYTES_MAX ((size_t)64 << 20)

struct journal {
	struct arena *arena;
	struct buf
		scratch; /* files are read here, from the heap, and copied to the arena when they are closed */
	const char *dir, *path; /* WORKSPACE/state, .../edits.jsonl */
	int lock;               /* descriptor; -1 when closed */
	VEC(struct edit_entry) list;
};

void journal_init(struct journal *j);
/* On what journal_init made. Makes the directory (mode 0700), takes the lock (waits up to wait_ms for it, E_BUSY then) and reads. A line that cannot
 * be read is E_CONFIG with its place: then nothing may be edited, for it could be lost. */
enum err journal_open(struct journal *j, struct arena *a, const char *workspace, unsigned wait_ms,
	struct errctx *cx) MUST_CHECK;
/* Puts the present entries on the disk, all or nothing; without entries the file goes. Mode 0600: old values may be keys. */
enum err journal_save(const struct journal *j, struct errctx *cx) MUST_CHECK;
void journal_close(struct journal *j); /* a closed one is fine */

struct edit_entry *journal_add(struct journal *j, const struct edit_entry *e);
void journal_remove(struct journal *j, size_t i);

/* "set", "insert_block" or "create". */
const char *edit_entry_op(const struct edit_entry *e);
bool edit_entry_has_key(const struct edit_entry *e, str file, const struct edit_format *f,
	struct edit_path path) PURE;
/* The name of a file's temporary file while it is written for this entry, behind the name of the file. */
const char *edit_temp_suffix(struct arena *a, str id);

/* The whole file; E_NOT_FOUND, E_TOO_BIG over max, E_PERMISSION, E_IO. */
enum err journal_read_file(
	struct journal *j, const char *path, size_t max, str *out, struct errctx *cx) MUST_CHECK;

/* A file's content, or that there is none. */
struct edit_bytes {
	bool is_there;
	str text;
};
/* SHA-256 in hex; "" when it is not there. */
str edit_bytes_hash(struct arena *a, struct edit_bytes b);
bool edit_bytes_eq(struct edit_bytes x, struct edit_bytes y);
/* Sets before, after, at, cut and paste. E_UNSUPPORTED when the difference is not UTF-8, which the journal cannot hold. */
enum err edit_entry_set_diff(struct arena *a, struct edit_entry *e, struct edit_bytes before,
	struct edit_bytes after, struct errctx *cx) MUST_CHECK;
/* What the file was before; false when now is not what the entry left. */
bool edit_entry_reverse(struct arena *a, const struct edit_entry *e, struct edit_bytes now,
	struct edit_bytes *out) MUST_CHECK;

#endif
