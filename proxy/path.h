/* path: paths of requests compared with patterns, and percent-encoding (RFC 3986 section 2.1).
 * Owns: nothing. Thread: any. */
#ifndef PROXY_PATH_H
#define PROXY_PATH_H

#include "core/base/arena.h"
#include "core/base/str.h"

/* Compares a path with a pattern, segment by segment, as bytes. In a segment of the pattern one '*' stands
 * for any bytes, at its beginning for one or more; a segment of two stands for all that is left, one byte or
 * more. *star is what the last '*' stood for (empty when there is none; only set when the path matches). */
bool path_match(str path, str pattern, str *star);

/* False for a path that some server may take for another one: a segment that is "." or ".." once it is
 * decoded, an encoded slash, a backslash or a control character in either spelling, a broken escape. */
bool path_is_plain(str path) PURE;

/* Value of a parameter of a query as it is spelled (not decoded); p is NULL when it has none. */
str query_find(str query, str name);

/* s with its escapes decoded (a slice of s when it has none); what is no escape stays as it is. */
str percent_decode(str s, struct arena *a);

/* s with all escaped but unreserved characters (RFC 3986 section 2.3) and those in keep. */
str percent_encode(str s, const char *keep, struct arena *a);

/* head and tail in one: a slice where they stand behind one another already, else a copy. */
str path_join(str head, str tail, struct arena *a);

#endif
