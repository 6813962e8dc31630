/* Settings in JSON and JSONC: any bytes are refused or one value changes. */
#include <stdint.h>

#include "tests/fuzz/edit_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const str part[] = {{"env", 3}, {"K", 1}};

	return fuzz_format(&edit_format_json, (str){(const char *)data, n},
		(struct edit_path){part, ARRAY_N(part)}, STR("{\"a\":[1]}"));
}
