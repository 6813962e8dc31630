/* dump: the rows of a hex dump as xxd, hexdump -C and od -A x -t x1z print them. Thread: any; pure. */
#ifndef CORE_COMPRESS_OPAQUE_DUMP_H
#define CORE_COMPRESS_OPAQUE_DUMP_H

#include "core/base/buf.h"

enum { DUMP_BYTES = 16 /* of a row */ };

enum dump_style { DUMP_XXD, DUMP_HEXDUMP, DUMP_OD, DUMP_STYLES };

struct dump_row {
	uint64_t offset;
	unsigned n; /* bytes; 0: the line that ends the dump */
	unsigned char bytes[DUMP_BYTES];
};

const char *dump_name(enum dump_style style) RETURNS_NONNULL; /* "xxd"; static */
/* True when the line is such a row, exactly as dump_row_write() writes it. */
bool dump_row_parse(str line, enum dump_style style, struct dump_row *out) MUST_CHECK;
void dump_row_write(struct buf *b, enum dump_style style, const struct dump_row *row);
void dump_hex_write(struct buf *b, unsigned char byte);

#endif
