#include "core/token/unicode.h"

enum char_class char_class_wide(const unsigned char *p, size_t *n)
{
	uint32_t c = p[0];
	unsigned block;

	if (c < 0xe0) {
		*n = 2;
		c = (c & 0x1f) << 6 | (p[1] & 0x3f);
	} else if (c < 0xf0) {
		*n = 3;
		c = (c & 0x0f) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3f);
	} else {
		*n = 4;
		c = (c & 0x07) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3f);
	}
	block = token_table_unicode[c >> UNICODE_BLOCK_BITS];
	c &= (1u << UNICODE_BLOCK_BITS) - 1;
	return token_table_unicode[UNICODE_BLOCKS_N + (block << UNICODE_BLOCK_BITS) + c];
}
