/* outcome: what one line of a build or of a run of tests says, by itself. Facts about the output formats of tools, as tables; what
 * must not be left out of a text is decided here, and by the words of core/compress/log/error.h, alone. Thread: any; nothing is owned. */
#ifndef CORE_COMPRESS_BUILD_OUTCOME_H
#define CORE_COMPRESS_BUILD_OUTCOME_H

#include "core/base/str.h"

enum build_result {
	BUILD_NONE,
	BUILD_PASS, /* tests passed */
	BUILD_SKIP, /* tests were left out */
	BUILD_FAIL, /* a test failed */
};

struct build_outcome {
	enum build_result result;
	uint32_t passed,
		skipped; /* tests that the line tells of: the dots of pytest are one each */
	str suite;       /* of PASS: file, module or class of the tests; empty when it says none */
};

/* What became of tests, as pytest, unittest, sympy, cargo, nextest, go, jest, vitest, mocha, TAP, ctest, Maven, Gradle, GoogleTest,
 * minitest, XCTest and dotnet say it on a line; false when the line says nothing of the kind. */
bool build_outcome_of(str line, struct build_outcome *out);

/* How a run of tests, a build or a check ended: "3 failed, 12 passed in 0.1s", "BUILD SUCCESSFUL", "Found 2 errors". */
bool build_is_verdict(str line);

/* "____ test_a ____": the title of a test in pytest's reports. */
bool build_is_title(str line);

/* "a.c:1:2: error: ..", "a.ts(1,2): error TS2304: ..", "error[E0308]: ..", "  1:2  warning  ..", "npm error ..". */
bool build_is_diagnostic(str line);

/* "ValueError: ..", "Caused by: ..", "thread 'main' panicked at ..", and pytest's lines that begin with E or >. */
bool build_is_assertion(str line);

/* Any of these: must be shown, wherever it stands. */
bool build_must_show(str line);

/* What a tool does on the way, and nobody asks for once it is done: "Compiling ..", "Requirement already satisfied: ..", "=== RUN ..". */
bool build_is_progress(str line);

/* "=== RUN   TestA", "[INFO] Running a.B": that tests begin. */
bool build_is_test_start(str line);

#endif
