/* A whole request: bytes as they are, or a body made of texts as tool results. Never a crash; when something
 * is changed it verifies, comes out the same a second time, and is left alone when compressed again. */
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/engine/verify.h"
#include "tests/fuzz/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Calls and results of one conversation, in the format of Chat; a text's first byte chooses the tool. */
static void add_result(struct buf *b, str text, unsigned i)
{
	static const char *const calls[] = {
		"\"Read\",\"arguments\":\"{\\\"file_path\\\":\\\"/src/main.c\\\"}\"",
		"\"Bash\",\"arguments\":\"{\\\"command\\\":\\\"make\\\"}\"",
		"\"Bash\",\"arguments\":\"{\\\"command\\\":\\\"cat -n a\\\"}\"",
		"\"other\",\"arguments\":"};
	uint8_t c = text.n ? (uint8_t)*text.p : 0;

	text = str_sub(text, text.n > 0, text.n);
	buf_printf(b,
		",{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"%u\",\"function\":{\"name\":%s",
		i, calls[c % ARRAY_N(calls)]);
	if (c % ARRAY_N(calls) == 3)
		buf_add_json_string(b, text);
	buf_printf(b, "}}]},{\"role\":\"tool\",\"tool_call_id\":\"%u\",\"content\":", i);
	buf_add_json_string(b, text);
	buf_add_byte(b, '}');
}

static void make_body(struct buf *b, str rest)
{
	unsigned i = 0;

	buf_add_c(b, "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"\"}");
	for (str text; texts_next(&rest, &text);)
		add_result(b, text, i++);
	add_result(b, rest, i);
	buf_add_c(b, "]}");
}

static void check_changed(struct engine *e, str body, const struct compress_conf *conf,
	const struct compress_result *r)
{
	struct verify_report report;
	struct compress_result again;

	ASSERT(r->tokens_after < r->tokens_before);
	ASSERT(compress_verify(body, r->body, r->format, NULL, &report, NULL) == E_OK);
	ASSERT(report.decoded_n + report.format_n == r->changed_n);
	ASSERT(compress_request(e, body, r->format, conf, &again, NULL) == E_OK);
	ASSERT(str_eq(again.body, r->body));
	compress_result_release(&again);
	ASSERT(compress_request(e, r->body, r->format, conf, &again, NULL) == E_OK);
	ASSERT(!again.is_changed);
	compress_result_release(&again);
}

static void check_body(str body, enum wire_format format, const struct compress_conf *conf)
{
	struct compress_result r;
	struct engine *e;

	ASSERT(engine_new(&(struct engine_conf){0}, &e, NULL) == E_OK);
	if (compress_request(e, body, format, conf, &r, NULL) != E_OK)
		ASSERT(r.body.p == body.p && r.body.n == body.n && !r.is_changed);
	else if (r.is_changed)
		check_changed(e, body, conf, &r);
	else
		ASSERT(r.body.p == body.p && r.body.n == body.n);
	compress_result_release(&r);
	engine_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct compress_conf conf = {0};
	struct buf body;
	str rest;

	if (!n)
		return 0;
	rest = (str){(const char *)data + 1, n - 1};
	conf.is_lossless = (*data & 1) != 0;
	conf.counts_all = (*data & 2) != 0;
	if (*data & 4) {
		buf_init_arena(&body, &a, LIMIT_INPUT);
		make_body(&body, rest);
		check_body(buf_str(&body), WIRE_OPENAI_CHAT, &conf);
	} else {
		check_body(rest, (enum wire_format)((*data >> 4) % WIRE_FORMAT_N), &conf);
	}
	arena_release(&a);
	return 0;
}
