/* macro_mask: the copy of a region in which macros become blank (macro.h), and what that means among statements. */
#ifndef CORE_COMPRESS_CODE_MACRO_MASK_H
#define CORE_COMPRESS_CODE_MACRO_MASK_H

#include "core/compress/code/region.h"

struct mask {
	str text;       /* the copy */
	char *out;      /* the same */
	uint32_t start; /* where it begins in the source */
	str source;
	struct macro_tokens
		t;       /* those of the region that are neither comments nor of the preprocessor */
	uint32_t *match; /* of each bracket the other one; 0: it is none */
	uint32_t *
		bodies; /* of each token: how many braces before it open something that is neither values nor arguments */
};

/* Lines of the preprocessor are blank in it, and branches that are not looked at. False when its brackets do not come in pairs. */
bool mask_begin(struct mask *m, str source, struct macro_tokens tokens, const struct code_region *r,
	struct arena *a) MUST_CHECK;

/* From one token up to another. */
void mask_blank(struct mask *m, uint32_t from, uint32_t to);
/* What is between the parentheses or braces at that place, unless code is among it. Of a condition something has to be left. */
void mask_parens(struct mask *m, uint32_t open, bool is_condition);
/* "__attribute__" and its like. */
bool mask_is_attribute(const struct mask *m, uint32_t i);
/* What is in the body of a function. */
void mask_statements(struct mask *m, uint32_t from, uint32_t to);

#endif
