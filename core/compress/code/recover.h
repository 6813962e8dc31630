/* recover: the outline of a source in C or C++ that its grammar finds errors in, as macros are errors to it. It is read region by region
 * (region.h): as it stands, else with blanks for its macros (macro.h), a class else by its members. What cannot be read in any of these ways is shown
 * whole, and so are the lines between regions: a broken parse means no change there. Thread: that of the outliner. */
#ifndef CORE_COMPRESS_CODE_RECOVER_H
#define CORE_COMPRESS_CODE_RECOVER_H

#include "core/compress/code/outline.h"

/* As code_outline_part(), for a language with macros. False when brackets do not come in pairs. */
bool code_recover(struct code_outliner *o, str source, struct lines lines,
	struct code_outline *out) MUST_CHECK;

#endif
