/* kompress: the model that --kompress-model names. Thread: any. */
#ifndef CLI_KOMPRESS_H
#define CLI_KOMPRESS_H

#include "core/compress/model/kompress.h"

/* kompress_open with as many threads as the machine has processors, at most four; an error says which option named it; it is E_CONFIG,
 * unless memory is short. */
enum err kompress_open_named(const char *dir, struct kompress **out, struct errctx *cx) MUST_CHECK;

#endif
