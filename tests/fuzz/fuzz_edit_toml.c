/* Settings in TOML: any bytes are refused or one value changes. */
#include <stdint.h>

#include "tests/fuzz/edit_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const str part[] = {{"model_providers", 15}, {"h", 1}, {"k", 1}};

	return fuzz_format(&edit_format_toml, (str){(const char *)data, n},
		(struct edit_path){part, ARRAY_N(part)}, STR("[1, {a = 2}]"));
}
