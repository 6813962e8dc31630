/* The reader of price files takes any bytes; what it accepts has prices within their bounds. */
#include <stdint.h>

#include "core/base/check.h"
#include "core/econ/price.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = {"gpt-6.1-mini", "vendor/claude-opus-4-5@20250514", ""};
	struct errctx cx = {0};
	struct price_table *t;

	if (n > 1 << 16)
		return 0;
	if (price_table_parse((str){(const char *)data, n}, "fuzz", &t, &cx) != E_OK) {
		ASSERT(cx.code == E_CONFIG && cx.text[0] && !t);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_N(names); i++) {
		struct model m = model_find(str_from(names[i]));
		struct model_price p;

		if (price_find(t, &m, &(struct price_when){0}, &p))
			ASSERT(p.input >= 0 && p.input <= 1e5 && p.output >= 0 && p.output <= 1e5 &&
				p.cache_read >= 0 && p.cache_write_1h >= 0);
	}
	price_table_free(t);
	return 0;
}
