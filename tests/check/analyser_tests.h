/* What the analyser is told about the tests: an assertion that does not hold ends the test. Included before all else, and by
 * nothing but the analyser. */
#ifndef TESTS_CHECK_ANALYSER_TESTS_H
#define TESTS_CHECK_ANALYSER_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef assert_true
#define assert_true(c)                    \
	do {                              \
		if (!(c))                 \
			__builtin_trap(); \
	} while (0)

#undef assert_false
#define assert_false(c) assert_true(!(c))

#undef fail_msg
#define fail_msg(...)                     \
	do {                              \
		print_error(__VA_ARGS__); \
		__builtin_trap();         \
	} while (0)

#undef assert_int_equal
#define assert_int_equal(a, b)              \
	do {                                \
		if ((long)(a) != (long)(b)) \
			__builtin_trap();   \
	} while (0)

#endif
