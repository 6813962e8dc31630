/* pick: which rows of large arrays are shown when the rest may be left out. Placeholder contract below. */
#ifndef CORE_COMPRESS_TABLE_PICK_H
#define CORE_COMPRESS_TABLE_PICK_H

#include "core/compress/table/facts.h"

struct pick;

/* By child of that array: true when it is shown. NULL: all are. */
const bool *pick_of(const struct pick *p, uint32_t array);

#endif
