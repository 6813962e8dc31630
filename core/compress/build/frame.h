/* frame: lines of stack traces, and whether they are of a library or of the user's own code. Thread: any. */
#ifndef CORE_COMPRESS_BUILD_FRAME_H
#define CORE_COMPRESS_BUILD_FRAME_H

#include "core/base/str.h"

enum build_frame {
	FRAME_NONE,
	FRAME_USER,
	FRAME_LIBRARY,
};

/* Of the first line of a frame, as Python, Node.js, Java, Rust and Go write it. */
enum build_frame build_frame_of(str line);

/* "tests/test_a.py:12: in test_b", "tests/test_a.py:12: ValueError": how pytest says where code stands. */
enum build_frame build_place_of(str line);

/* True for the frames of Python, whose newest is the last. */
bool build_frame_is_python(str line);

/* Bytes of white space that a line begins with. */
size_t build_indent(str line);

#endif
