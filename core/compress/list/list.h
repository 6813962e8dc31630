/* list: lists of files below their directories: find, git ls-files, git status --short, an agent's Glob, du, wc,
 * ls and ls -R, drawn trees (tree, npm ls, cargo tree), what stands in cells before paths (sha256sum, git ls-tree), and the
 * rows of ls -l. Exact forms are inverted by the same folder; with a route,
 * what is in directories that nobody wrote by hand (node_modules) is counted. What a list looks like: write.h; rows of ls -l: long.h.
 * Thread: any. */
#ifndef CORE_COMPRESS_LIST_LIST_H
#define CORE_COMPRESS_LIST_LIST_H

#include "core/compress/codec.h"

extern const struct codec list_codec;

#endif
