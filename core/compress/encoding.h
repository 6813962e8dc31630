/* encoding: what an encoder makes of a text. Encoders are pure functions of the text, the policy and the
 * view of the conversation before the text; they allocate in the caller's arena, do no I/O, take linear
 * time, and answer "no change" on any doubt. Thread: any. */
#ifndef CORE_COMPRESS_ENCODING_H
#define CORE_COMPRESS_ENCODING_H

#include "core/base/arena.h"

enum loss {
	LOSS_NONE,   /* a decoder gives back the same bytes */
	LOSS_FORMAT, /* invisible bytes are gone: colours, overwritten progress, trailing space */
	LOSS_ELIDED, /* visible text is gone, the original is kept elsewhere */
};

#endif
