/* own_help: what the tests of tools of ours share: a conversation in one of four dialects, on a store, by an engine that
 * may end and come back, in which a search printed more than was sent. */
#ifndef TESTS_UNIT_OWN_HELP_H
#define TESTS_UNIT_OWN_HELP_H

#include "tests/unit/store_fixture.h"
#include "tests/unit/wire_help.h"

#include "core/engine/engine.h"

/* Templates: ' is ", each % the next text as a literal; @ the id of a call. */
static const struct dialect {
	const char *head, *tail;   /* of a body */
	const char *ours, *theirs; /* tools; theirs has a retrieve tool */
	const char *user, *said;
	const char *call;   /* with the name of the tool and its input */
	const char *result; /* with the name of the tool */
} DIALECTS[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] = {"{'model':'claude-opus-4','tools':[", "]}",
		"{'name':'Bash','input_schema':{}}],'messages':[",
		"{'name':'mcp__headroom__headroom_retrieve'},{'name':'Bash'}],'messages':[",
		"{'role':'user','content':%}", "{'role':'assistant','content':%}",
		"{'role':'assistant','content':[{'type':'tool_use','id':'@','name':'^','input':~}]"
		"}",
		"{'role':'user','content':[{'type':'tool_result','tool_use_id':'@','content':%}]}"},
	[WIRE_OPENAI_CHAT] = {"{'model':'gpt-5','tools':[", "]}",
		"{'type':'function','function':{'name':'Bash'}}],'messages':[",
		"{'type':'function','function':{'name':'mcp__headroom__headroom_retrieve'}}],'"
		"messages':[",
		"{'role':'user','content':%}", "{'role':'assistant','content':%}",
		"{'role':'assistant','tool_calls':[{'id':'@','type':'function','function':{'name':'"
		"^','arguments':`}}]}",
		"{'role':'tool','tool_call_id':'@','content':%}"},
	[WIRE_OPENAI_RESPONSES] = {"{'model':'gpt-5','store':false,'tools':[", "]}",
		"{'type':'function','name':'Bash'}],'input':[",
		"{'type':'function','name':'mcp__headroom__headroom_retrieve'}],'input':[",
		"{'role':'user','content':[{'type':'input_text','text':%}]}",
		"{'type':'message','role':'assistant','content':[{'type':'output_text','text':%}]}",
		"{'type':'function_call','call_id':'@','name':'^','arguments':`}",
		"{'type':'function_call_output','call_id':'@','output':%}"},
	[WIRE_GEMINI] = {"{'model':'m','request':{'tools':[{'functionDeclarations':[", "]}}",
		"{'name':'Bash'}]}],'contents':[",
		"{'name':'mcp__headroom__headroom_retrieve'}]}],'contents':[",
		"{'role':'user','parts':[{'text':%}]}", "{'role':'model','parts':[{'text':%}]}",
		"{'role':'model','parts':[{'functionCall':{'id':'@','name':'^','args':~}}]}",
		"{'role':'user','parts':[{'functionResponse':{'id':'@','name':'^','response':{'"
		"output':%}}}]}"},
};

struct talk {
	struct fixture *f;
	struct arena arena;
	struct store *store;
	struct engine *engine;
	enum wire_format format;
	const struct dialect *d;
	struct compress_conf conf;
	bool has_their_tool;
	struct buf messages;
	/* of the last request */
	struct hash128 chain;
	uint32_t expansions_n, memories_n, turns_n, own_tokens;
	unsigned own;
	str body; /* as the client sent it */
	size_t tokens_before, tokens_after;
};

/* What a search prints: long, and alike enough that most of it is left out. No two lines are the same;
 * of two seeds the files differ. */
static inline str search_hits(struct arena *a, unsigned seed, unsigned n)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b,
			"src/mod_%u_%u.c:%u:\tif (queue_length(q_%u) > limit_%u) return "
			"fail(ctx);\n",
			seed, i / 9, 10 + i % 9 * 13, i % 7, (i * 7919 + 1) % 10007);
	return buf_str(&b);
}

static inline void talk_start(struct talk *t)
{
	t->store = open_default(t->f);
	assert_int_equal(
		engine_new(&(struct engine_conf){.store = t->store}, &t->engine, NULL), E_OK);
}

static inline void talk_stop(struct talk *t)
{
	engine_free(t->engine);
	store_close(t->store);
}

static inline void talk_begin(
	struct talk *t, struct fixture *f, enum wire_format format, bool has_their_tool)
{
	*t = (struct talk){.f = f,
		.arena = ARENA_INIT,
		.format = format,
		.d = &DIALECTS[format],
		.has_their_tool = has_their_tool,
		.conf = {.keeps_originals = true,
			.elides = true,
			.retrieves_by_tool = true,
			.offers_retrieve = true,
			.expands = true}};
	buf_init_arena(&t->messages, &t->arena, LIMIT_INPUT);
	talk_start(t);
}

static inline void talk_end(struct talk *t)
{
	talk_stop(t);
	arena_release(&t->arena);
}

static inline void talk_add_raw(struct talk *t, str message)
{
	if (t->messages.n)
		buf_add_byte(&t->messages, ',');
	buf_add(&t->messages, message);
}

/* % text as a literal, ~ raw, ` raw as a literal, @ id, ^ name. */
static inline str talk_filled(
	struct talk *t, const char *template, const char *id, const char *name, str text)
{
	struct buf b;

	buf_init_arena(&b, &t->arena, LIMIT_INPUT);
	for (; *template; template ++) {
		if (*template == '%' || *template == '`')
			buf_add_json_string(&b, text);
		else if (*template == '~')
			buf_add(&b, text);
		else if (*template == '@' || *template == '^')
			buf_add_c(&b, *template == '@' ? id : name);
		else
			buf_add_byte(&b, *template == '\'' ? '"' : *template);
	}
	return buf_str(&b);
}

static inline void talk_user(struct talk *t, const char *text)
{
	talk_add_raw(t, talk_filled(t, t->d->user, "", "", str_from(text)));
}

static inline void talk_said(struct talk *t, const char *text)
{
	talk_add_raw(t, talk_filled(t, t->d->said, "", "", str_from(text)));
}

/* A call and what came of it. */
static inline void talk_step(
	struct talk *t, const char *id, const char *name, const char *input, str output)
{
	talk_add_raw(t, talk_filled(t, t->d->call, id, name, quoted(&t->arena, input)));
	talk_add_raw(t, talk_filled(t, t->d->result, id, name, output));
}

/* What is forwarded, which lives until the test is over. */
static inline str talk_ask(struct talk *t)
{
	struct compress_result r;
	struct errctx cx = {0};
	struct buf body;
	str sent;

	buf_init_arena(&body, &t->arena, LIMIT_INPUT);
	buf_add(&body, quoted(&t->arena, t->d->head));
	buf_add(&body, quoted(&t->arena, t->has_their_tool ? t->d->theirs : t->d->ours));
	buf_add(&body, buf_str(&t->messages));
	buf_add(&body, quoted(&t->arena, t->d->tail));
	if (compress_request(t->engine, buf_str(&body), t->format, &t->conf, &r, &cx))
		fail_msg("%s: " STR_FMT, cx.text, STR_ARG(buf_str(&body)));
	t->chain = r.chain;
	t->body = buf_str(&body);
	t->own = r.own;
	t->memories_n = r.memories_n;
	t->expansions_n = r.expansions_n;
	t->turns_n = r.turns_n;
	t->own_tokens = r.own_tokens;
	t->tokens_before = r.tokens_before;
	t->tokens_after = r.tokens_after;
	sent = arena_str(&t->arena, r.body);
	compress_result_release(&r);
	(void)scanned(&t->arena, sent);
	return sent;
}

/* The same request of a process that comes later. */
static inline str talk_ask_again(struct talk *t)
{
	talk_stop(t);
	talk_start(t);
	return talk_ask(t);
}

static inline size_t count_of(str text, const char *what)
{
	str s = str_from(what);
	size_t n = 0, at;

	for (; (at = str_find(text, s)) != STR_NONE; n++)
		text = str_sub(text, at + s.n, text.n);
	return n;
}

#endif
