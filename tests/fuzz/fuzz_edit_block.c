/* Fenced blocks in text files: any bytes are refused or one block changes. */
#include <stdint.h>

#include "tests/fuzz/edit_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const str part[] = {{"x", 1}};

	return fuzz_format(&edit_format_shell, (str){(const char *)data, n},
		(struct edit_path){part, ARRAY_N(part)}, STR("export A=1\n"));
}
