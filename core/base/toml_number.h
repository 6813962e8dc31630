/* toml_number: integers and floats of TOML 1.0.0 (decimal, 0x, 0o, 0b, underscores between digits).
 * Part of the reader in toml.c. Owns: nothing. Thread: any. */
#ifndef CORE_BASE_TOML_NUMBER_H
#define CORE_BASE_TOML_NUMBER_H

#include "core/base/toml.h"

/* Reads the whole of word (not empty) into v's type and value. NULL, or the static reason why it is no
 * number; integers must fit in 64 bits. */
const char *toml_number(str word, struct toml_value *v) MUST_CHECK;

bool toml_is_digits(str s) PURE; /* one or more decimal digits and nothing else */

#endif
