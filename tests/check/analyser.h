/* analyser: for clang-tidy alone, which does not see into err_set: an error is never E_OK, so what an error leaves
 * unset is not read. */
#ifndef TESTS_CHECK_ANALYSER_H
#define TESTS_CHECK_ANALYSER_H

#include "core/base/err.h"

#define err_set(cx, code, ...) ((void)(err_set)((cx), (code), __VA_ARGS__), (code))

#endif
