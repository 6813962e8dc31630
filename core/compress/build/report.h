/* report: what a tool said as JSON, in the words in which it says it otherwise: events of go test -json and cargo, reports of
 * eslint, ruff, pylint, jest and pytest. Messages are letter by letter those of the report. Thread: any; all memory is the caller's
 * arena. */
#ifndef CORE_COMPRESS_BUILD_REPORT_H
#define CORE_COMPRESS_BUILD_REPORT_H

#include "core/base/buf.h"
#include "core/json/tape.h"

/* What was found in it. */
struct build_report {
	str text;
	str source;   /* "214 events of go test -json": no line end in it */
	bool is_list; /* of diagnostics, which all stay */
};

/* False when the text is none of these. A pure function. */
bool build_report_read(str text, struct arena *a, struct build_report *out) MUST_CHECK;

/* For one kind each: the root of a document to text. */
bool build_report_document(
	const struct json_tape *t, struct arena *a, struct build_report *out) MUST_CHECK;

#endif
