/* scalar: how the writer of a YAML text spells scalars, and how they stand in JSON: numbers, true, false and null as they
 * are; strings by what they say, where that writer spells them so (plain, quoted, "|" blocks), else letter by letter:
 *
 *	" ~"     behind a blank: spelled ~; its further lines without the blanks that all of them begin with
 *	"\"a\""  with quotes: spelled "a", though it needs none
 *
 * Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_PAIRS_SCALAR_H
#define CORE_COMPRESS_PAIRS_SCALAR_H

#include "core/base/buf.h"

/* Why a string may not stand plain (YAML 1.2.2 section 7.3.3; what older readers resolve: YAML 1.1, "bool", "int",
 * "float", "timestamp"). */
enum yaml_class {
	YAML_PLAIN,
	YAML_SCALAR, /* would be a number, true, false or null, or is empty */
	YAML_WORD,   /* yes, no, on, off: of YAML 1.1 */
	YAML_DATE,   /* 2026-01-02... */
	YAML_NUMBER, /* 0x1f, 010, 1_000, .5: not of JSON */
	YAML_SIGN,   /* would be structure */
	YAML_CLASSES_N
};

enum { YAML_INDENT = 2 /* where nothing tells */ };

struct yaml_style {
	unsigned indent;  /* blanks, of a mapping in a mapping */
	bool dashes_in;   /* sequences in mappings are indented, too */
	bool is_many;     /* documents, with "---" between them */
	bool has_first;   /* and before the first */
	char value_quote; /* around strings that look like other values */
	char sign_quote;  /* around those with signs */
	unsigned
		is_plain; /* set of 1u << yaml_class that stand plain all the same: WORD, DATE, NUMBER */
};

enum yaml_class yaml_classify(str text) PURE;
/* The string in quotes, when they hold nothing but what stands for itself; else false. */
bool yaml_unquote(str spelled, struct arena *a, str *out) MUST_CHECK;
/* A spelled scalar as JSON. base: blanks at the beginning of its further lines. False when these have less. is_item: no
 * string of it begins with "#", unless it is spelled so. */
bool yaml_scalar_json(const struct yaml_style *s, str spelled, size_t base, bool is_item,
	struct arena *a, struct buf *json) MUST_CHECK;
/* The reverse of a string's text. */
void yaml_scalar_print(const struct yaml_style *s, str text, size_t base, struct buf *out);

/* In words, "indent 2, quotes \"'"; and back. */
void yaml_style_write(const struct yaml_style *s, struct buf *out);
bool yaml_style_read(str words, struct yaml_style *s) MUST_CHECK;

#endif
