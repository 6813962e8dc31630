/* dump: the rows of a hex dump as xxd, hexdump and od print them, with most of their options. Thread: any; pure. */
#ifndef CORE_COMPRESS_OPAQUE_DUMP_H
#define CORE_COMPRESS_OPAQUE_DUMP_H

#include "core/base/buf.h"

enum { DUMP_BYTES = 64 /* of a row, at most */ };

enum dump_program { DUMP_XXD, DUMP_CANONICAL /* hexdump -C */, DUMP_HEXDUMP, DUMP_OD };
enum dump_unit { DUMP_HEX, DUMP_OCTAL, DUMP_DECIMAL, DUMP_CHAR };
enum dump_offset { DUMP_AT_OCTAL, DUMP_AT_DECIMAL, DUMP_AT_HEX, DUMP_AT_NONE };

struct dump_format {
	enum dump_program program;
	enum dump_unit unit;
	enum dump_offset at; /* of od: how offsets are written */
	unsigned cols;       /* bytes of a row */
	unsigned size;       /* bytes that are written together, a number of od, a group of xxd */
	bool is_little;      /* xxd: groups are numbers whose last byte is written first */
	bool is_upper;       /* xxd: the digits */
	bool has_text;       /* od: the characters behind the numbers */
	bool is_trimmed;     /* without four blanks and more at the ends of lines */
};

struct dump_row {
	uint64_t offset;
	unsigned n; /* bytes; 0: the line that ends the dump */
	unsigned char bytes[DUMP_BYTES];
};

/* The format of a dump that begins with these two lines; false when there is none. */
bool dump_find(str first, str second, struct dump_format *out) MUST_CHECK;
/* The command: "xxd -c 32", "od -A x -t x1z"; and back, taken off the beginning of words. */
void dump_name_write(const struct dump_format *f, struct buf *out);
bool dump_name_read(str *words, struct dump_format *out) MUST_CHECK;
/* True when the line is such a row, exactly as dump_row_write() writes it. Where offsets are not written it is 0. */
bool dump_row_parse(str line, const struct dump_format *f, struct dump_row *out) MUST_CHECK;
/* Bytes behind row->n are 0. */
void dump_row_write(struct buf *b, const struct dump_format *f, const struct dump_row *row);
void dump_hex_write(struct buf *b, unsigned char byte);

/* ---- between the files of this module ---- */

enum { DUMP_UNITS_N = 8 };
extern const struct dump_unit_of_od {
	enum dump_unit unit;
	unsigned size;
	const char *letter; /* of od -t */
} dump_units[DUMP_UNITS_N];

/* A number of at most max digits, taken off line; false when there is none, or it is longer. */
bool dump_take_number(str *line, unsigned base, unsigned max, uint64_t *out) MUST_CHECK;

#endif
