/* commits: what the forms of git log have in common: how a commit is told, as an object of strings, and how these are read
 * and printed. Inner header of gitlog.c and oneline.c. Thread: any; pure functions in the caller's arena. */
#ifndef CORE_COMPRESS_PAIRS_COMMITS_H
#define CORE_COMPRESS_PAIRS_COMMITS_H

#include "core/compress/pairs/records.h"

#define COMMIT  "commit" /* its hash, and the first member */
#define MESSAGE "message"
#define FILES   "files" /* lines of a list of files */
#define STATS   "stat"  /* the same where diffstat.h knows them */
/* Of what the head line says, where there are some. */
#define STATS_WORDS ", stat: lines +added -removed of each file"

/* Bytes of a hash that the text begins with; 0: none that git prints. */
size_t commit_hash(str s) PURE;

void commit_add(struct buf *json, str key, str value);
/* Lines of a list of files, without the last line end, as one member or the other. True: STATS. */
bool commit_add_files(struct buf *json, str files, struct arena *a);

/* Where in the text the first line is that begins a commit; STR_NONE: it is not among the first few. */
size_t commits_start(str text, bool (*begins)(str line)) PURE;

/* Calls print for each member of each object. What it prints ends in a line end, of which the last one goes. False: print said so, or json
 * is no list of objects of strings. */
typedef bool commit_print_fn(void *state, str key, str value, struct buf *b);
bool commits_print(
	str json, commit_print_fn *print, void *state, struct arena *a, str *out) MUST_CHECK;

#endif
