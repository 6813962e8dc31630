/* Any bytes as a request's body, and as the query of its path: what is seen of the body without a scan is what a scan sees; what a
 * query's escapes are decoded to is the same when it is written and decoded again. */
#include "core/base/check.h"
#include "core/json/scan.h"
#include "proxy/path.h"
#include "proxy/peek.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_body(str body, struct arena *a)
{
	str model = STR_NULL;
	bool is_stream = false;
	struct json_tape t;
	struct peek p;
	unsigned models = 0, streams = 0;

	if (!peek_read(body, &p))
		return;
	ASSERT(!p.model.n || (p.model.p >= body.p && p.model.p + p.model.n <= body.p + body.n));
	if (json_scan(a, body, &t, NULL) != E_OK || !json_is(&t, 0, JSON_OBJECT))
		return;
	for (struct json_iter it = json_iter(&t, 0); json_next(&it);) {
		str key = json_text(&t, it.key), value = json_text(&t, it.value);

		if (str_eq(key, STR("\"model\""))) {
			models++;
			model = json_is(&t, it.value, JSON_STRING) ? str_sub(value, 1, value.n - 1)
								   : STR_NULL;
		} else if (str_eq(key, STR("\"stream\""))) {
			streams++;
			is_stream = str_eq(value, STR("true"));
		}
	}
	/* Twice, or spelled with escapes: the one that is read last is enough. */
	if (models > 1 || streams > 1 || str_find_byte(body, '\\') != STR_NONE)
		return;
	ASSERT(str_eq(p.model, model));
	ASSERT(p.is_stream == is_stream);
}

static void check_query(str text, struct arena *a)
{
	str value = query_find(text, STR("key")), plain, again;

	ASSERT(!value.n || (value.p >= text.p && value.p + value.n <= text.p + text.n));
	plain = percent_decode(text, a);
	again = percent_decode(percent_encode(plain, "", a), a);
	ASSERT(str_eq(plain, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	str text = {(const char *)data, n};

	check_body(text, &a);
	check_query(text, &a);
	arena_release(&a);
	return 0;
}
