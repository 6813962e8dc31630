/* headroom_stats: sums over the ledger (core/store/ledger.h), which all proxies on this machine that share the store have
 * written: the figures of the proxy's /stats, of all its runs. */
#include "core/json/write.h"
#include "core/mcp/tools_internal.h"
#include "core/store/ledger.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)
enum {
	MODELS_MAX = 5,
	ANSWER_MAX = 64 << 10,
	DAYS_MAX = 36500, /* a century: times stay within their range */
};
#define USD_NANO 1e9

#define COUNT(name)  "\"" name "\":{\"type\":\"integer\"}"
#define NUMBER(name) "\"" name "\":{\"type\":\"number\"}"
#define SUMS                                                                                       \
	COUNT("requests")                                                                          \
	"," COUNT("tokens_before") "," COUNT("tokens_after") "," COUNT("tokens_saved") "," NUMBER( \
		"cost_usd") "," NUMBER("saved_usd")
const char mcp_stats_schema[] =
	"{\"type\":\"object\",\"properties\":{\"since\":{\"type\":\"string\"}," SUMS
	",\"models\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
	"\"model\":{\"type\":\"string\"}," SUMS "}}},"
	"\"originals\":{\"type\":\"integer\"},\"original_bytes\":{\"type\":\"integer\"}},"
	"\"required\":[\"requests\",\"tokens_before\",\"tokens_after\",\"tokens_saved\"]}";

static void write_sums(struct json_writer *w, const struct ledger_sum *s)
{
	json_write_u64(w, "requests", s->requests);
	json_write_u64(w, "tokens_before", s->tokens_before);
	json_write_u64(w, "tokens_after", s->tokens_after);
	json_write_i64(w, "tokens_saved", (int64_t)s->tokens_before - (int64_t)s->tokens_after);
	json_write_fixed(w, "cost_usd", (double)s->cost_nano / USD_NANO, 6);
	json_write_fixed(w, "saved_usd", (double)s->saved_nano / USD_NANO, 6);
}

static void add_all(void *self, str key, const struct ledger_sum *s)
{
	(void)key;
	write_sums(self, s);
}

static void add_model(void *self, str key, const struct ledger_sum *s)
{
	struct json_writer *w = self;

	json_write_object(w, NULL);
	json_write_str(w, "model", key);
	write_sums(w, s);
	json_write_end(w);
}

static enum err write_stats(
	struct store *s, int64_t from_ms, struct json_writer *w, struct errctx *cx)
{
	const struct ledger_query all = {.from_ms = from_ms, .group = LEDGER_ALL};
	const struct ledger_query models = {
		.from_ms = from_ms, .group = LEDGER_BY_MODEL, .limit = MODELS_MAX};
	struct store_stats stats;
	char since[CLOCK_TIME_LEN + 1];

	json_write_object(w, NULL);
	if (from_ms) {
		clock_format(from_ms, since);
		json_write_c(w, "since", since);
	}
	TRY(ledger_sums(s, &all, add_all, w, cx));
	json_write_array(w, "models");
	TRY(ledger_sums(s, &models, add_model, w, cx));
	json_write_end(w);
	store_get_stats(s, &stats);
	json_write_u64(w, "originals", stats.originals_n);
	json_write_u64(w, "original_bytes", stats.original_bytes);
	json_write_end(w);
	return E_OK;
}

enum err mcp_tool_stats(void *self, struct mcp_call *c, struct errctx *cx)
{
	struct mcp_tools *tools = self;
	struct json_writer w;
	struct buf text;
	struct store *s;
	uint64_t days = 0;
	int64_t from_ms = 0;
	enum err e;

	TRY(mcp_arg_u64(c, "days", &days, cx));
	if (days > DAYS_MAX)
		FAIL(cx, E_USAGE, "days: at most %d", DAYS_MAX);
	if (days)
		from_ms = clock_wall_ms(tools->conf.clock) - (int64_t)days * DAY_MS;
	TRY(mcp_tools_store(tools, &s, cx));
	buf_init(&text, ANSWER_MAX);
	json_write_init(&w, &text, false);
	e = write_stats(s, from_ms, &w, cx);
	if (!e && text.err)
		e = err_set(cx, text.err, "the figures: %s", err_text(text.err));
	if (!e) {
		mcp_call_add_text(c, buf_str(&text));
		mcp_call_set_structured(c, buf_str(&text));
	}
	buf_release(&text);
	return e;
}
