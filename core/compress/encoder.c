#include "core/compress/encoder.h"

#include "core/base/buf.h"
#include "core/base/limits.h"

static const char *const encoder_text[] = {
#define X(name, text) [ENCODER_BIT_##name] = text,
	ENCODER_MAP(X)
#undef X
};

str encoder_names(unsigned set, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < ARRAY_N(encoder_text); i++) {
		if (!(set & 1u << i))
			continue;
		if (b.n)
			buf_add_byte(&b, '+');
		buf_add_c(&b, encoder_text[i]);
	}
	return buf_str(&b);
}
