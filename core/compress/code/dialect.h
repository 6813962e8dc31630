/* dialect: which language a header is written in whose name says C and C++ alike. Thread: any; all memory is the caller's arena. */
#ifndef CORE_COMPRESS_CODE_DIALECT_H
#define CORE_COMPRESS_CODE_DIALECT_H

#include "core/base/arena.h"
#include "core/compress/code/language.h"

/* C++ for a header of C (*.h) that has a class, a namespace or a template, also where it has them for C++ alone; else l. */
const struct code_language *code_dialect(
	const struct code_language *l, str path, str source, struct arena *a);

#endif
