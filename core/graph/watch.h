/* watch: a thread that keeps a code graph fresh: by inotify(7) where there is one and it has watches enough, else by looking every second. A
 * file is read again a tenth of a second after the last change, at the latest a second after the first.
 * Owns: the thread. Thread: start and stop those of the caller. */
#ifndef CORE_GRAPH_WATCH_H
#define CORE_GRAPH_WATCH_H

#include "core/graph/graph.h"

struct graph_watch;

/* g must outlive it. Reads all of the directory first, on its thread. E_IO: no thread, or no descriptors. */
enum err graph_watch_start(struct graph *g, struct graph_watch **out, struct errctx *cx) MUST_CHECK;
/* Returns when the thread is gone, which may take as long as it takes to read the directory. NULL is allowed. */
void graph_watch_stop(struct graph_watch *w);

#endif
