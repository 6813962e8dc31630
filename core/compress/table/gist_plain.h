/* gist_plain: what is said in a description that is written in HTML, without its tags: where a paragraph, an item or a line begins a blank
 * stands, before an item "- ". Where links lead is not said. Owns: nothing. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_GIST_PLAIN_H
#define CORE_COMPRESS_TABLE_GIST_PLAIN_H

#include "core/base/arena.h"
#include "core/base/str.h"

/* What a head line says where strings below it are so. */
#define GIST_PLAIN_WORDS "long strings without tags"

/* False when the text has no tags that are known, or some by which it is more than a description: a table, code in lines. */
bool gist_plain(str text, struct arena *a, str *out) MUST_CHECK;

#endif
