#include "core/base/mem.h"
#include "core/json/patch.h"
#include "core/json/scan.h"
#include "core/wire/own_tool.h"
#include "proxy/exchange.h"
#include "proxy/rounds_internal.h"

static struct own_result *answer_all(struct exchange *x, size_t *n)
{
	static const char refused[] =
		"no more calls of this tool are answered now: end your answer with what you have";
	struct rounds *r = x->rounds;
	const struct own_call *calls = answer_splice_calls(r->splice, n);
	struct own_result *out = arena_array(&r->arena, struct own_result, *n ? *n : 1);

	for (size_t i = 0; i < *n; i++) {
		const struct rounds_tool *tool = rounds_tool_of(x->own, calls[i].name);

		out[i].call = calls[i];
		out[i].text = STR(refused);
		out[i].is_error = r->is_last || !tool || !tool->answer(x, &calls[i], &out[i].text);
	}
	retrieval_release(&r->retrieval);
	return out;
}

/* The body that was sent with messages behind its history. */
static bool extend(struct rounds *r, str body, enum wire_format f, str messages)
{
	struct json_tape tape;
	struct wire_doc doc = {0};
	struct patch_edit edit;

	return json_scan(&r->arena, body, &tape, NULL) == E_OK &&
	       wire_walk(&r->arena, &tape, f, &doc, NULL) == E_OK &&
	       own_tool_append(&doc, messages, &r->arena, &edit) &&
	       patch_apply(body, &edit, 1, &r->body) == E_OK && !r->body.err;
}

static void say(struct rounds *r, str messages)
{
	if (r->said.n)
		buf_add_byte(&r->said, ',');
	buf_add(&r->said, messages);
}

static void go_on(struct exchange *x, str message)
{
	struct rounds *r = x->rounds;
	struct own_result *results;
	struct buf news;
	size_t n;

	results = answer_all(x, &n);
	buf_init_arena(&news, &r->arena, LIMIT_INPUT);
	buf_add(&news, message);
	buf_add_byte(&news, ',');
	own_tool_write_results(x->route.format, results, n, &news);
	say(r, buf_str(&news));
	if (news.err ||
		!extend(r, (str){x->changed, x->changed_n}, x->route.format, buf_str(&news)))
		r->failed = "the next request could not be made";
}

static void keep(struct exchange *x, str message)
{
	struct rounds *r = x->rounds;
	struct engine_turn turn = {.chain = x->chain,
		.format = x->route.format,
		.visible = answer_splice_visible(r->splice)};
	struct own_result *results;
	struct buf blocks;
	enum err err;
	size_t n;

	buf_init_arena(&blocks, &r->arena, LIMIT_INPUT);
	if (r->end == ROUND_MIXED) {
		results = answer_all(x, &n);
		own_tool_write_result_blocks(x->route.format, results, n, &blocks);
		turn.results = buf_str(&blocks);
	}
	say(r, message);
	turn.messages = buf_str(&r->said);
	err = r->said.err ? r->said.err : blocks.err;
	if (!err)
		err = engine_keep_turn(x->server->engine, &turn, NULL);
	if (err)
		r->failed = err_text(err);
}

static void work(struct exchange *x)
{
	struct rounds *r = x->rounds;
	str message = answer_splice_message(r->splice);

	if (!message.n)
		r->failed = "what the model said could not be put together";
	else if (r->end == ROUND_CONTINUE)
		go_on(x, message);
	else
		keep(x, message);
}

static void work_safely(struct exchange *x)
{
	struct rounds *r = x->rounds;

	if (arena_recover(&r->arena))
		r->failed = "out of memory";
	else
		work(x);
	arena_end_recover(&r->arena);
	arena_reset(&r->arena);
}

static void open_mail(struct worker_mail *m)
{
	struct exchange *x =
		(struct exchange *)(void *)((char *)m - offsetof(struct exchange, mail));

	x->is_in_pool = false;
	if (!x->conn)
		exchange_end(x);
	else
		rounds_go_on(x);
}

static void run_in_pool(void *arg, bool is_cancelled)
{
	struct exchange *x = arg;

	if (is_cancelled)
		x->rounds->failed = "the proxy is shutting down";
	else
		work_safely(x);
	worker_post(x->w, &x->mail);
}

void rounds_work(struct exchange *x, enum round_end end)
{
	x->rounds->end = end;
	x->is_in_pool = true;
	x->mail = (struct worker_mail){.open = open_mail};
	if (pool_submit(x->server->pool, run_in_pool, x) == E_OK)
		return;
	x->is_in_pool = false; /* all threads are busy, and many wait: here, then */
	work_safely(x);
	rounds_go_on(x);
}
