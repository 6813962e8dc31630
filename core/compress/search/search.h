/* search: results of rg, grep, ack, ag, git grep and of agents' own Grep tools, grouped by file: each path said
 * once above its lines, equal lines of a file once, a line's number left out behind its neighbour's, and what
 * many lines of any files begin with, or are, said once (starts.h). Lists of paths (rg -l, rg -c, find) are
 * grouped by directory. Exact forms are inverted by the same folder; with a route, large results are shown with
 * lines that repeat in shape counted, and rg --json as its matches alone. What a grouped text looks like:
 * grouped.h. Thread: any. */
#ifndef CORE_COMPRESS_SEARCH_SEARCH_H
#define CORE_COMPRESS_SEARCH_SEARCH_H

#include "core/compress/codec.h"

extern const struct codec search_codec;

#endif
