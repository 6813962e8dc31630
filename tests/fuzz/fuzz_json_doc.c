/* Any bytes: a document that parses prints to JSON that parses to the same print, compact and indented. */
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/json/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void print(const struct json_doc *d, bool is_pretty, struct buf *out)
{
	buf_init(out, 64 * LIMIT_CONFIG_FILE);
	ASSERT(json_doc_print(d, is_pretty, out) == E_OK);
}

static void check_print(const struct json_doc *d, bool is_pretty)
{
	struct json_doc *again;
	struct buf first, second;

	print(d, is_pretty, &first);
	if (json_doc_parse(buf_str(&first), &again, NULL) == E_OK) {
		print(again, is_pretty, &second);
		ASSERT(str_eq(buf_str(&first), buf_str(&second)));
		buf_release(&second);
		json_doc_free(again);
	} else {
		ASSERT(first.n > LIMIT_CONFIG_FILE);
	}
	buf_release(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct json_doc *d;

	if (json_doc_parse((str){(const char *)data, n}, &d, NULL) != E_OK)
		return 0;
	check_print(d, false);
	check_print(d, true);
	json_doc_free(d);
	return 0;
}
