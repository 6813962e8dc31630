/* aligned: the codec of keys and values in lines whose padding can be computed: kubectl describe and what else Go's tabwriter
 * lays out, terraform plan and show, lscpu, /proc/meminfo, env, sysctl, systemctl show. Line by line as it was, in order,
 * without the padding, with the keys of one value in one line and what lines have in common named:
 *
 *	[pairs: columns 2 apart; padding left out]      Name:      web          Name: web
 *	                                                Labels:    app=web      Labels: app=web
 *	                                                           tier=front   <tab>tier=front
 *
 * A line that does not fit stands behind a "=", as it was. Thread: any; pure functions in the caller's arena. */
#ifndef CORE_COMPRESS_PAIRS_ALIGNED_H
#define CORE_COMPRESS_PAIRS_ALIGNED_H

#include "core/compress/codec.h"

extern const struct codec aligned_codec;

/* ---- between the files of this module ---- */

enum aligned_layout {
	ALIGNED_COLUMNS, /* cells below each other, as far as lines follow each other that have them */
	ALIGNED_BRACES, /* indented by braces; the "=" of all keys between two braces below each other */
	ALIGNED_AT, /* what follows a ": " begins in one column */
	ALIGNED_TO, /* the first word that follows a ": " ends in one column */
	ALIGNED_NONE,
	ALIGNED_LAYOUTS_N
};

/* size: COLUMNS: least blanks between cells. BRACES: column of what is between no braces. AT, TO: the column.
 * NONE: 3 for "key = value", 1 for "key=value". */
struct aligned_style {
	enum aligned_layout layout;
	unsigned size;
};

/* Lines of a text, and what is written of them. */
struct aligned {
	struct aligned_style style;
	struct arena *arena;
	uint32_t n;
	str *lines;   /* as they were */
	str *packed;  /* without what can be computed; the line itself where is_raw */
	bool *is_raw; /* written as they were; other lines do not count on them */
};

/* Packs the lines that are not raw, or makes them so. */
typedef void aligned_pack_fn(struct aligned *x);
/* Makes all lines of what is packed. */
typedef void aligned_unpack_fn(struct aligned *x);

aligned_pack_fn columns_pack, braces_pack, beside_pack;
aligned_unpack_fn columns_unpack, braces_unpack, beside_unpack;

/* Where the "=" of a packed line "~ key = value" or "key=value" is: *key without sign, *value. False when it has none. */
bool aligned_split(
	const struct aligned_style *s, str packed, str *sign, str *key, str *value) MUST_CHECK;
/* The parts, one behind the other. */
str aligned_join(struct arena *a, const str *parts, size_t n);
#define ALIGNED_JOIN(a, ...) \
	aligned_join((a), (const str[]){__VA_ARGS__}, ARRAY_N(((const str[]){__VA_ARGS__})))
/* So many blanks, of at most ALIGNED_BLANKS_MAX. */
enum { ALIGNED_BLANKS_MAX = 512 };
str aligned_blanks(size_t n);
/* "~ ", "-/+ " and the like before what terraform changes; empty for none. */
str braces_sign(str line);

#endif
