/* records: the codec of texts that say one thing after the other in lines of a key and a value (psql \x, mysql \G, sqlite3's
 * line mode, apt show, pip show, systemctl show, Format-List) and of git log: rows of a table in the notation of JSON, and
 * in the head line how the records were spelled:
 *
 *	[records: "key: value", blank lines between; rows below their columns]
 *	[3 rows Package Version Section=libs]
 *	liba 1.2
 *
 * Lines that have no key belong to the value above them. Thread: any; pure functions in the caller's arena. */
#ifndef CORE_COMPRESS_PAIRS_RECORDS_H
#define CORE_COMPRESS_PAIRS_RECORDS_H

#include "core/compress/pairs/form.h"

extern const struct codec records_codec;

/* ---- between the files of this module ---- */

/* What stands from at to end in the text as n records, told as json. False when these are too few, or too little of the text. words are
 * the caller's. */
bool records_part(str text, size_t at, const char *end, uint32_t n, const struct buf *json,
	struct pairs_part *out) MUST_CHECK;

/* As in struct pairs_form: records with a key in each line. */
bool blocks_find(str text, struct arena *a, struct pairs_part *out) MUST_CHECK;
bool blocks_print(str words, str json, struct arena *a, str *out) MUST_CHECK;
/* The same of git log; its words begin with GITLOG_WORD. */
#define GITLOG_WORD "git log"
bool gitlog_find(str text, struct arena *a, struct pairs_part *out) MUST_CHECK;
bool gitlog_print(str words, str json, struct arena *a, str *out) MUST_CHECK;

/* And of git log --oneline with lists of files. */
#define ONELINE_WORD "git log oneline"
bool oneline_find(str text, struct arena *a, struct pairs_part *out) MUST_CHECK;
bool oneline_print(str words, str json, struct arena *a, str *out) MUST_CHECK;

#endif
