/* macro: a source in C or C++ as it may be read without knowing what its macros stand for: the same text, of the same length and with the same
 * lines and braces, in which what only macros can mean is blank. Which words these are is told by where they stand, as a declaration has one type and
 * one name, and a call among statements is followed by something; no names are known.
 * It says more of what cannot be read otherwise, and is worth nothing for what can be.
 * Thread: any; all memory is the caller's arena. */
#ifndef CORE_COMPRESS_CODE_MACRO_H
#define CORE_COMPRESS_CODE_MACRO_H

#include "core/compress/code/region.h"

/* The bytes of the region, which is one that code_regions_find() has found. */
str code_macro_mask(
	str source, struct macro_tokens tokens, const struct code_region *r, struct arena *a);

#endif
