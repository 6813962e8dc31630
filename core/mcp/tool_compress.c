/* headroom_compress: a text, or the tool results in a list of messages. The answer has two texts: one line of JSON that
 * says what was done, and the result as it is, so that no line end of it is escaped. */
#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/mcp/tools_internal.h"
#include "core/retrieve/retrieve.h"
#include "core/store/ledger.h"

struct job {
	struct mcp_tools *tools;
	struct mcp_call *call;
	struct compress_conf conf;
	bool keeps;
	str text, command;
	uint32_t messages; /* JSON_ABSENT: text */
};

/* ---- what is asked for --------------------------------------------------------------------------------- */

static enum err read_job(struct job *j, struct errctx *cx)
{
	struct mcp_call *c = j->call;

	TRY(mcp_arg_str(c, "text", &j->text, cx));
	/* as the reference product calls it */
	if (!j->text.p)
		TRY(mcp_arg_str(c, "content", &j->text, cx));
	TRY(mcp_arg_str(c, "command", &j->command, cx));
	TRY(mcp_arg_bool(c, "keep", &j->keeps, cx));
	j->messages = mcp_arg(c, "messages");
	if (j->messages != JSON_ABSENT && !json_is(mcp_call_tape(c), j->messages, JSON_ARRAY))
		FAIL(cx, E_MALFORMED, "messages must be an array");
	if ((j->messages == JSON_ABSENT) == !j->text.p)
		FAIL(cx, E_MALFORMED, "either text or messages");
	j->conf = (struct compress_conf){.is_lossless = j->tools->conf.is_lossless,
		.keeps_originals = j->keeps,
		.elides = j->keeps && !j->tools->conf.is_lossless,
		.learns = j->keeps,
		.retrieve = str_from(retrieve_tool_name)};
	return E_OK;
}

/* ---- what was done ------------------------------------------------------------------------------------- */

static void write_blocks(struct json_writer *w, const struct compress_result *r)
{
	json_write_array(w, "hashes");
	for (uint32_t i = 0; i < r->blocks_n; i++)
		if (r->blocks[i].original.n)
			json_write_str(w, NULL, r->blocks[i].original);
	json_write_end(w);
}

/* Of one text: how, or why not. */
static void write_block(struct json_writer *w, const struct compress_block *b)
{
	if (b->encoders.n)
		json_write_str(w, "encoders", b->encoders);
	else
		json_write_c(w, "unchanged", b->reason);
	if (b->original.n)
		json_write_str(w, "hash", b->original);
}

static void add_report(struct job *j, const struct compress_result *r)
{
	struct json_writer w;
	struct buf line;

	mcp_tools_note(j->tools, LEDGER_MCP_COMPRESS, r->changed_n ? "changed" : "unchanged",
		r->tokens_before, r->tokens_after);

	buf_init(&line, LIMIT_INPUT);
	json_write_init(&w, &line, false);
	json_write_object(&w, NULL);
	json_write_u64(&w, "tokens_before", r->tokens_before);
	json_write_u64(&w, "tokens_after", r->tokens_after);
	if (j->messages != JSON_ABSENT) {
		json_write_u64(&w, "results", r->results_n);
		json_write_u64(&w, "changed", r->changed_n);
		if (j->keeps)
			write_blocks(&w, r);
	} else if (r->blocks_n) {
		write_block(&w, &r->blocks[0]);
	}
	json_write_end(&w);
	mcp_call_add_text(j->call, buf_str(&line));
	buf_release(&line);
}

/* ---- doing it ------------------------------------------------------------------------------------------ */

static enum err flush(struct job *j, struct errctx *cx)
{
	struct store *s;

	if (!j->keeps)
		return E_OK;
	/* other processes are to find what the answer names */
	TRY(mcp_tools_store(j->tools, &s, cx));
	return store_flush(s, cx);
}

static enum err compress_one(struct job *j, struct engine *e, struct errctx *cx)
{
	struct compress_result r;
	enum err err = compress_text(e, j->text, STR_NULL, j->command, &j->conf, &r, cx);

	if (!err)
		err = flush(j, cx);
	if (!err) {
		add_report(j, &r);
		mcp_call_add_text(j->call, r.body);
	}
	compress_result_release(&r);
	return err;
}

static enum err scan_list(struct job *j, struct arena *a, str body, struct errctx *cx)
{
	struct json_tape t;
	uint32_t node;

	TRY(json_scan(a, body, &t, cx));
	node = json_member(&t, 0, "messages");
	if (node == JSON_ABSENT)
		FAIL(cx, E_INTERNAL, "the messages are gone");
	mcp_call_add_text(j->call, json_text(&t, node));
	return E_OK;
}

/* The list out of a body, as it is spelled there. */
static enum err add_list(struct job *j, str body, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	enum err e;

	if (arena_recover(&a))
		e = err_set(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	else
		e = scan_list(j, &a, body, cx);
	arena_release(&a);
	return e;
}

/* A list without tool calls may be of either provider, and has nothing to change. */
static enum err compress_body(struct job *j, struct engine *e, str body, struct errctx *cx)
{
	struct compress_result r;
	struct errctx why = {0};
	enum err err = compress_request(e, body, WIRE_NONE, &j->conf, &r, &why);

	if (err == E_MALFORMED) {
		compress_result_release(&r);
		err = compress_request(e, body, WIRE_OPENAI_CHAT, &j->conf, &r, &why);
	}
	if (err)
		err = err_set(cx, err, "messages: %s", why.text);
	if (!err)
		err = flush(j, cx);
	if (!err) {
		add_report(j, &r);
		err = add_list(j, r.body, cx);
	}
	compress_result_release(&r);
	return err;
}

static enum err compress_list(struct job *j, struct engine *e, struct errctx *cx)
{
	struct buf body;
	enum err err;

	buf_init(&body, LIMIT_INPUT);
	buf_add_c(&body, "{\"messages\":");
	buf_add(&body, json_text(mcp_call_tape(j->call), j->messages));
	buf_add_byte(&body, '}');
	err = body.err ? err_set(cx, body.err, "%s", err_text(body.err))
		       : compress_body(j, e, buf_str(&body), cx);
	buf_release(&body);
	return err;
}

enum err mcp_tool_compress(void *self, struct mcp_call *c, struct errctx *cx)
{
	struct job j = {.tools = self, .call = c, .messages = JSON_ABSENT};
	struct engine *e;

	TRY(read_job(&j, cx));
	TRY(mcp_tools_engine(j.tools, j.keeps, &e, cx));
	return j.messages == JSON_ABSENT ? compress_one(&j, e, cx) : compress_list(&j, e, cx);
}
