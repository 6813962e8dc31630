/* Any bytes: redaction is done once and for all, and JSON stays the same JSON but for the insides of its strings. */
#include "core/base/check.h"
#include "core/json/scan.h"
#include "core/json/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_twice(str text, size_t (*redact)(str, struct buf *))
{
	struct buf once, twice;

	buf_init(&once, LIMIT_INPUT);
	buf_init(&twice, LIMIT_INPUT);
	if (!redact(text, &once))
		ASSERT(str_eq(buf_str(&once), text));
	ASSERT(redact(buf_str(&once), &twice) == 0);
	ASSERT(!once.err && !twice.err);
	buf_release(&once);
	buf_release(&twice);
}

static void check_json(str text)
{
	struct arena a = ARENA_INIT;
	struct json_tape before, after;
	struct buf out;

	buf_init(&out, LIMIT_INPUT);
	(void)redact_json(text, &out);
	if (json_scan(&a, text, &before, NULL) == E_OK) {
		ASSERT(json_scan(&a, buf_str(&out), &after, NULL) == E_OK);
		ASSERT(before.n == after.n);
		for (uint32_t i = 0; i < before.n; i++) {
			ASSERT(before.v[i].type == after.v[i].type);
			ASSERT(before.v[i].type == JSON_STRING || before.v[i].n == after.v[i].n);
		}
	}
	buf_release(&out);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};

	check_twice(text, redact_text);
	check_twice(text, redact_json);
	check_json(text);
	return 0;
}
