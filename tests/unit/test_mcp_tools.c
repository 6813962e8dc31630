#include "core/mcp/tools.h"

#include <unistd.h>

#include "core/retrieve/retrieve.h"
#include "core/store/ledger.h"
#include "core/store/original.h"
#include "tests/unit/store_fixture.h"

/* The tools over a store file of the fixture, asked as a client would. */
struct asked {
	struct fixture *f;
	struct mcp_tools *tools;
	struct mcp_server *m;
	struct buf out;
};

static enum err keep(void *self, str line, struct errctx *cx)
{
	struct asked *q = self;

	(void)cx;
	buf_add(&q->out, line);
	return E_OK;
}

static void begin(struct asked *q, struct fixture *f, const char *file, bool is_lossless)
{
	const struct mcp_tools_conf tools = {.store_file = file, .is_lossless = is_lossless};
	struct mcp_conf conf = {.tools = mcp_tool_table,
		.tools_n = mcp_tool_table_n,
		.name = "test",
		.title = "Test",
		.version = "1",
		.write = keep,
		.self = q};

	*q = (struct asked){.f = f};
	buf_init(&q->out, 64 << 20);
	assert_int_equal(mcp_tools_new(&tools, &q->tools, &f->cx), E_OK);
	conf.tools_self = q->tools;
	assert_int_equal(mcp_new(&conf, &q->m, &f->cx), E_OK);
	assert_int_equal(
		mcp_feed(q->m,
			STR("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
			    "\"protocolVersion\":\"2025-06-18\"}}\n"),
			&f->cx),
		E_OK);
}

static void end(struct asked *q)
{
	mcp_free(q->m);
	mcp_tools_free(q->tools);
	buf_release(&q->out);
}

/* The line that answers a call; args is JSON. */
static str call(struct asked *q, const char *tool, str args)
{
	struct buf line;

	buf_init(&line, 64 << 20);
	buf_printf(&line,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
		"call\",\"params\":{\"name\":\"%s\","
		"\"arguments\":",
		tool);
	buf_add(&line, args);
	buf_add_c(&line, "}}\n");
	buf_reset(&q->out);
	assert_int_equal(mcp_feed(q->m, buf_str(&line), &q->f->cx), E_OK);
	assert_int_equal(mcp_finish(q->m, &q->f->cx), E_OK);
	buf_release(&line);
	return buf_str(&q->out);
}

static void has(str text, const char *part)
{
	if (str_find(text, str_from(part)) == STR_NONE)
		fail_msg("no %s in %.*s", part, text.n > 2000 ? 2000 : (int)text.n, text.p);
}

static void has_not(str text, const char *part)
{
	if (str_find(text, str_from(part)) != STR_NONE)
		fail_msg("%s in %.*s", part, text.n > 2000 ? 2000 : (int)text.n, text.p);
}

/* {"text": a log of n lines, and more. */
static void add_log(struct buf *args, int n, const char *more)
{
	struct buf text;

	buf_init(&text, 16 << 20);
	for (int i = 0; i < n; i++)
		buf_printf(&text, "2026-01-01T00:00:00Z INFO server request %d took 3 ms\n", i);
	buf_init(args, 32 << 20);
	buf_add_c(args, "{\"text\":");
	buf_add_json_string(args, buf_str(&text));
	buf_add_c(args, more);
	buf_add_byte(args, '}');
	buf_release(&text);
}

/* ---- compress and retrieve ----------------------------------------------------------------------------- */

static void what_is_kept_comes_back_here_and_in_another_process(void **state)
{
	struct fixture *f = *state;
	struct asked q;
	struct buf args;
	char want[160], hash[ORIGINAL_KEY_LEN + 1] = "";
	size_t at;
	str out;

	begin(&q, f, f->path, false);
	add_log(&args, 600, ",\"keep\":true");
	out = call(&q, "headroom_compress", buf_str(&args));
	has(out, "\\\"encoders\\\":\\\"log\\\"");
	/* the model is told the way that it has */
	has(out, "original: headroom_retrieve ");
	at = str_find(out, STR("\\\"hash\\\":\\\"")) + strlen("\\\"hash\\\":\\\"");
	assert_true(at < out.n);
	memcpy(hash, out.p + at, ORIGINAL_KEY_LEN);
	(void)snprintf(want, sizeof want, "original: headroom_retrieve %s", hash);
	has(out, want);
	(void)snprintf(want, sizeof want, "{\"hash\":\"%s\",\"lines\":\"600\"}", hash);
	out = call(&q, retrieve_tool_name, str_from(want));
	has(out, "600 lines, ");
	has(out, "request 599 took");
	has_not(out, "request 598 took");
	end(&q);
	begin(&q, f, f->path, false);
	out = call(&q, retrieve_tool_name, str_from(want));
	has(out, "request 599 took");
	end(&q);
	buf_release(&args);
}

static void without_keep_nothing_is_left_out_and_no_file_is_made(void **state)
{
	struct fixture *f = *state;
	struct asked q;
	struct buf args;
	str out;

	begin(&q, f, f->path, false);
	add_log(&args, 600, "");
	out = call(&q, "headroom_compress", buf_str(&args));
	has(out, "\\\"encoders\\\":");
	has_not(out, "original: ");
	has_not(out, "\\\"hash\\\"");
	has_not(out, "left out");
	has_not(out, "more like this");
	assert_int_equal(access(f->path, F_OK), -1);
	end(&q);
	buf_release(&args);
}

static void lossless_leaves_nothing_out_even_when_it_is_kept(void **state)
{
	struct fixture *f = *state;
	struct asked q;
	struct buf args;
	str out;

	begin(&q, f, f->path, true);
	add_log(&args, 600, ",\"keep\":true");
	out = call(&q, "headroom_compress", buf_str(&args));
	has_not(out, "original: ");
	has(out, "\\\"hash\\\":");
	end(&q);
	buf_release(&args);
}

static void a_short_text_stays_and_says_why(void **state)
{
	struct fixture *f = *state;
	struct asked q;
	str out;

	begin(&q, f, f->path, false);
	out = call(&q, "headroom_compress", STR("{\"content\":\"hello\\nworld\"}"));
	has(out, "\\\"unchanged\\\":\\\"");
	has(out, "{\"type\":\"text\",\"text\":\"hello\\nworld\"}],\"isError\":false");
	end(&q);
}

static void the_results_in_messages_are_made_smaller(void **state)
{
	static const char head[] = "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":"
				   "\"tool_use\",\"id\":\"t1\","
				   "\"name\":\"Bash\",\"input\":{\"command\":\"cat "
				   "log\"}}]},{\"role\":\"user\",\"content\":[{"
				   "\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":";
	struct fixture *f = *state;
	struct asked q;
	struct buf text, args;
	str out;

	buf_init(&text, 1 << 20);
	buf_init(&args, 2 << 20);
	for (int i = 0; i < 400; i++)
		buf_add_c(&text, "the same line again and again\n");
	buf_add_c(&args, head);
	buf_add_json_string(&args, buf_str(&text));
	buf_add_c(&args, "}]}]}");
	begin(&q, f, f->path, false);
	out = call(&q, "headroom_compress", buf_str(&args));
	has(out, "\\\"results\\\":1,\\\"changed\\\":1");
	has(out, "\"text\":\"[{\\\"role\\\":\\\"assistant\\\"");
	/* of 12,000 */
	assert_true(out.n < 5000);
	out = call(&q, "headroom_compress",
		STR("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"));
	has(out, "\"text\":\"[{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"hi\\\"}]\"");
	end(&q);
	buf_release(&text);
	buf_release(&args);
}

static void wrong_arguments_are_told(void **state)
{
	static const struct {
		const char *tool, *args, *want;
	} rows[] = {
		{"headroom_compress", "{}", "either text or messages"},
		{"headroom_compress", "{\"text\":\"a\",\"messages\":[]}",
			"either text or messages"},
		{"headroom_compress", "{\"text\":7}", "text must be a string"},
		{"headroom_compress", "{\"messages\":7}", "messages must be an array"},
		{"headroom_compress", "{\"text\":\"a\",\"keep\":1}", "keep must be true or false"},
		{"headroom_compress", "{\"text\":\"\\ud800\"}", "text must be a string"},
		{"headroom_retrieve", "{}", "hash is missing"},
		{"headroom_retrieve", "null", "hash is missing"},
		{"headroom_retrieve", "{\"hash\":[]}", "hash must be a string"},
		{"headroom_retrieve", "{\"hash\":\"xyz\"}", "\"isError\":true"},
		{"headroom_retrieve", "{\"hash\":\"0123456789ab\"}", "run the command again"},
		{"headroom_stats", "{\"days\":-1}", "days must be a whole number"},
		{"headroom_stats", "{\"days\":99999999}", "days: at most"},
	};
	struct fixture *f = *state;
	struct asked q;

	begin(&q, f, f->path, false);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		str out = call(&q, rows[i].tool, str_from(rows[i].args));

		has(out, rows[i].want);
		has(out, "\"isError\":true");
	}
	end(&q);
}

static void a_store_that_cannot_be_opened_is_an_answer(void **state)
{
	struct fixture *f = *state;
	struct asked q;
	str out;

	begin(&q, f, "/proc/none/store.db", false);
	out = call(&q, retrieve_tool_name, STR("{\"hash\":\"0123456789ab\"}"));
	has(out, "\"isError\":true");
	/* what needs no store works */
	out = call(&q, "headroom_compress", STR("{\"text\":\"hello\"}"));
	has(out, "\"isError\":false");
	end(&q);
}

/* ---- stats --------------------------------------------------------------------------------------------- */

static void add_row(
	struct fixture *f, struct store *s, const char *model, uint64_t n, int64_t at_ms)
{
	struct ledger_row row = {.at_ms = at_ms,
		.model = str_from(model),
		.status = 200,
		.tokens_before = n,
		.tokens_after = n / 4,
		.cost_nano = 2000000,
		.has_saved = true,
		.has_usage = true,
		.saved_nano = 1500000};

	clock_id(NULL, row.id);
	assert_int_equal(ledger_add(s, &row, &f->cx), E_OK);
}

static void stats_are_the_sums_of_the_ledger(void **state)
{
	struct fixture *f = *state;
	const struct store_conf conf = {.path = f->path};
	int64_t now = clock_wall_ms(NULL), old = now - (int64_t)10 * 24 * 3600 * 1000;
	struct asked q;
	struct store *s;
	str out;

	assert_int_equal(store_open(&conf, &s, &f->cx), E_OK);
	add_row(f, s, "m1", 1000, now);
	add_row(f, s, "m1", 2000, now);
	add_row(f, s, "m2", 400, old);
	assert_int_equal(store_flush(s, &f->cx), E_OK);
	begin(&q, f, f->path, false);
	out = call(&q, "headroom_stats", STR("{}"));
	has(out,
		"\"structuredContent\":{\"requests\":3,\"tokens_before\":3400,\"tokens_after\":850,"
		"\"tokens_saved\":2550,\"cost_usd\":0.006000,\"saved_usd\":0.004500,\"models\":["
		"{\"model\":\"m1\",\"requests\":2,\"tokens_before\":3000,");
	out = call(&q, "headroom_stats", STR("{\"days\":2}"));
	has(out, "\"requests\":2,\"tokens_before\":3000,");
	has(out, "\"structuredContent\":{\"since\":\"20");
	has_not(out, "m2");
	end(&q);
	store_close(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(what_is_kept_comes_back_here_and_in_another_process),
		T(without_keep_nothing_is_left_out_and_no_file_is_made),
		T(lossless_leaves_nothing_out_even_when_it_is_kept),
		T(a_short_text_stays_and_says_why),
		T(the_results_in_messages_are_made_smaller),
		T(wrong_arguments_are_told),
		T(a_store_that_cannot_be_opened_is_an_answer),
		T(stats_are_the_sums_of_the_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
