/* Sessions of all dialects with calls of ours at random places, by engines that end now and then, on one store: what
 * is sent begins, byte for byte, with what was sent and said before. HEADROOM_SEEDS=2000 makes it a longer run. */
#include "tests/unit/random_text.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/wire_help.h"
#include "tests/unit/seeds.h"

#include "core/engine/engine.h"
#include "core/wire/own_tool.h"

static const struct compress_conf offering = {.keeps_originals = true,
	.elides = true,
	.retrieves_by_tool = true,
	.offers_retrieve = true,
	.watches = true,
	.expands = true};

/* ---- a session --------------------------------------------------------------------------------------------- */

enum { SEEDS = 32, TURNS = 9, ROUNDS_MAX = 2 };

/* One dialect, as templates: a % is the next argument, and ' is ". */
static const struct dialect {
	const char *head, *tail; /* of a body */
	const char *user;
	const char *said,
		*said_tail; /* around the parts of the assistant, of which none for Responses */
	const char *text, *thought, *call;
	const char *result; /* id, name, text: a message of the client's with one result */
} DIALECTS[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] = {"{'model':'claude-opus-4','tools':[{'name':'Bash','input_schema':{}}],'"
			    "messages':[",
		"]}", "{'role':'user','content':[{'type':'text','text':%}]}",
		"{'role':'assistant','content':[", "]}", "{'type':'text','text':%}",
		"{'type':'thinking','thinking':'hm','signature':'c2ln'}",
		"{'type':'tool_use','id':'%','name':'%','input':%}",
		"{'role':'user','content':[{'type':'tool_result','tool_use_id':'%','content':%},{'"
		"type':"
		"'text','text':'go on'}]}"},
	[WIRE_OPENAI_CHAT] =
		{"{'model':'gpt-5','tools':[{'type':'function','function':{'name':'Bash'}}],"
		 "'messages':[",
			"]}", "{'role':'user','content':%}", NULL, NULL, NULL, NULL,
			"{'id':'%','type':'function','function':{'name':'%','arguments':'%'}}",
			"{'role':'tool','tool_call_id':'%','content':%}"},
	[WIRE_OPENAI_RESPONSES] = {"{'model':'gpt-5','store':false,"
				   "'tools':[{'type':'function','name':'Bash'}],'input':[",
		"]}", "{'role':'user','content':%}", "", "",
		"{'type':'message','role':'assistant','content':[{'type':'output_text','text':%}]}",
		"{'type':'reasoning','encrypted_content':'c2ln','summary':[]}",
		"{'type':'function_call','call_id':'%','name':'%','arguments':'%'}",
		"{'type':'function_call_output','call_id':'%','output':%}"},
	[WIRE_GEMINI] =
		{"{'model':'m','request':{'tools':[{'functionDeclarations':[{'name':'Bash'}]}],"
		 "'contents':[",
			"]}}", "{'role':'user','parts':[{'text':%}]}", "{'role':'model','parts':[",
			"]}", "{'text':%}", "{'text':'hm','thought':true}",
			"{'functionCall':{'id':'%','name':'%','args':%}}",
			"{'role':'user','parts':[{'functionResponse':{'id':'%','name':'Bash','"
			"response':{'output':"
			"%}}}]}"},
};

struct talk {
	struct arena arena;
	struct store *store;
	struct engine *engine; /* ends now and then */
	struct rng rng;
	enum wire_format format;
	const struct dialect *d;
	struct buf history; /* the client's */
	struct buf sent;    /* all that the provider has seen and said, without the body's tail */
	str pending;        /* results of ours that the next request must have */
	uint32_t ids, turns_kept, asked_n;
	uint32_t item;       /* that a log has told of */
	uint32_t expanded_n; /* questions behind which lines are shown */
	bool is_users_turn;
	bool marks_last; /* a breakpoint that moves, and is no part of the comparison */
	bool elided;
};

static str made(struct talk *t, const char *template, const char *first, const char *second,
	const char *third)
{
	const char *const args[] = {first, second, third};
	size_t n = 0;
	struct buf b;

	buf_init_arena(&b, &t->arena, LIMIT_INPUT);
	for (const char *p = template; *p; p++) {
		if (*p == '%' && n < ARRAY_N(args))
			buf_add_c(&b, args[n++]);
		else
			buf_add_byte(&b, *p == '\'' ? '"' : *p);
	}
	return buf_str(&b);
}

static str fixed(struct talk *t, const char *template)
{
	return made(t, template, NULL, NULL, NULL);
}

static void add_element(struct buf *b, str element)
{
	if (b->n && b->p[b->n - 1] != '[')
		buf_add_byte(b, ',');
	buf_add(b, element);
}

static const char *literal(struct talk *t, str text)
{
	struct buf b;

	buf_init_arena(&b, &t->arena, LIMIT_INPUT);
	buf_add_json_string(&b, text);
	return arena_cstr(&t->arena, buf_str(&b));
}

static const char *short_text(struct talk *t, const char *what)
{
	return literal(
		t, arena_printf(&t->arena, "%s %u,\n\tas said", what, rng_below(&t->rng, 1000)));
}

/* What is between the parts of one message; a list of them, as the provider or the client has it. */
struct said {
	struct buf parts, texts, calls; /* texts, calls: for Chat */
	bool is_respelled;              /* by a client that leaves out thoughts */
};

static void said_init(struct talk *t, struct said *s, bool is_respelled)
{
	*s = (struct said){.is_respelled = is_respelled};
	buf_init_arena(&s->parts, &t->arena, LIMIT_INPUT);
	buf_init_arena(&s->texts, &t->arena, LIMIT_INPUT);
	buf_init_arena(&s->calls, &t->arena, LIMIT_INPUT);
}

static void say_thought(struct talk *t, struct said *s)
{
	if (t->d->thought && !s->is_respelled)
		add_element(&s->parts, fixed(t, t->d->thought));
}

static void say_text(struct talk *t, struct said *s, const char *text)
{
	str plain;

	assert_true(json_unescape(str_from(text), &t->arena, &plain));
	buf_add(&s->texts, plain);
	if (t->d->text)
		add_element(&s->parts, made(t, t->d->text, text, NULL, NULL));
}

static void say_call(struct talk *t, struct said *s, const char *id, const char *name)
{
	bool has_space = s->is_respelled && t->format != WIRE_OPENAI_RESPONSES;

	add_element(t->format == WIRE_OPENAI_CHAT ? &s->calls : &s->parts,
		made(t, t->d->call, id, name, has_space ? "{ }" : "{}"));
}

static str said_message(struct talk *t, struct said *s)
{
	struct buf b;

	buf_init_arena(&b, &t->arena, LIMIT_INPUT);
	if (t->format != WIRE_OPENAI_CHAT) {
		buf_add(&b, fixed(t, t->d->said));
		buf_add(&b, buf_str(&s->parts));
		buf_add(&b, fixed(t, t->d->said_tail));
		return buf_str(&b);
	}
	buf_add_c(&b, "{\"role\":\"assistant\",\"content\":");
	buf_add_json_string(&b, buf_str(&s->texts));
	if (s->calls.n) {
		buf_add_c(&b, ",\"tool_calls\":[");
		buf_add(&b, buf_str(&s->calls));
		buf_add_byte(&b, ']');
	}
	buf_add_byte(&b, '}');
	return buf_str(&b);
}

static const char *new_id(struct talk *t)
{
	return arena_cstr(&t->arena, arena_printf(&t->arena, "call_%u", t->ids++));
}

/* ---- requests ---------------------------------------------------------------------------------------------- */

static str without(struct talk *t, str text, str what)
{
	struct buf b;
	size_t at;

	buf_init_arena(&b, &t->arena, LIMIT_INPUT);
	while ((at = str_find(text, what)) != STR_NONE) {
		buf_add(&b, str_sub(text, 0, at));
		text = str_sub(text, at + what.n, text.n);
	}
	buf_add(&b, text);
	return buf_str(&b);
}

static const str MARK = {",\"cache_control\":{\"type\":\"ephemeral\"}", 37};

/* The client's history as a body; perhaps with a breakpoint on its last message, whoever wrote that. */
static str body_of(struct talk *t)
{
	str history = buf_str(&t->history), head = fixed(t, t->d->head),
	    tail = fixed(t, t->d->tail);
	struct buf b;
	size_t at = history.n;

	buf_init_arena(&b, &t->arena, LIMIT_INPUT);
	buf_add(&b, head);
	if (t->marks_last && str_ends(history, STR("}]}")))
		at -= 3;
	buf_add(&b, str_sub(history, 0, at));
	if (at < history.n)
		buf_add(&b, MARK);
	buf_add(&b, str_sub(history, at, history.n));
	buf_add(&b, tail);
	return buf_str(&b);
}

static void start(struct fixture *f, struct talk *t)
{
	t->store = open_default(f);
	assert_int_equal(
		engine_new(&(struct engine_conf){.store = t->store}, &t->engine, NULL), E_OK);
}

static void stop(struct talk *t)
{
	engine_free(t->engine);
	store_close(t->store);
}

static struct compress_result request(struct talk *t, str body)
{
	struct compress_result r;
	struct errctx cx = {0};

	if (compress_request(t->engine, body, t->format, &offering, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	if (r.broke.cause == TRAIL_OWN)
		fail_msg("the prompt cache was broken at %s", r.broke.path);
	return r;
}

/* What is sent begins with all that was sent and said. */
static void check_sent(struct talk *t, const struct compress_result *r)
{
	str sent = t->marks_last ? without(t, r->body, MARK) : r->body, was = buf_str(&t->sent);
	size_t same = str_common_prefix(sent, was);
	struct wire_doc d;
	struct json_tape tape = scanned(&t->arena, sent);

	if (same < was.n)
		fail_msg("turn %u, from %zu on:\n" STR_FMT "\nwas:\n" STR_FMT, t->turns_kept, same,
			STR_ARG(str_sub(sent, same, sent.n)), STR_ARG(str_sub(was, same, was.n)));
	assert_int_equal(wire_walk(&t->arena, &tape, t->format, &d, NULL), E_OK);
	assert_true(d.has_retrieve_tool);
	assert_int_equal(d.tool_n, 2);
	assert_true(r->is_retrieve_own);
	assert_int_equal(r->turns_n, t->turns_kept);
	assert_true(r->own_tokens > 0);
	if (t->pending.n && str_find(sent, t->pending) == STR_NONE)
		fail_msg("results of ours are not there: " STR_FMT, STR_ARG(sent));
	t->pending = STR_NULL;
	assert_true(r->expansions_n >= t->expanded_n);
	t->expanded_n = r->expansions_n;
	t->elided |= str_find(sent, STR("original: headroom_retrieve ")) != STR_NONE;
	buf_reset(&t->sent);
	buf_add(&t->sent, str_sub(sent, 0, sent.n - str_from(t->d->tail).n));
}

static void own_results(
	struct talk *t, const char *const *ids, uint32_t n, bool as_blocks, struct buf *out)
{
	struct own_result results[ROUNDS_MAX];

	for (uint32_t i = 0; i < n; i++)
		results[i] = (struct own_result){
			.call = {str_from(ids[i]), STR("headroom_retrieve"), STR("{}")},
			.text = arena_printf(&t->arena, "the original of %s", ids[i])};
	if (as_blocks)
		own_tool_write_result_blocks(t->format, results, n, out);
	else
		own_tool_write_results(t->format, results, n, out);
}

/* The provider's answer, over rounds of calls of ours, with or without the client's at the end. */
struct answer {
	struct said given, visible; /* to the client; as it sends it back */
	struct buf messages, results;
	const char *call; /* of the client's, or NULL */
	bool is_ours;
};

static void add_round(struct talk *t, struct answer *x)
{
	const char *ids[ROUNDS_MAX];
	const char *text = short_text(t, "I look it up:");
	uint32_t n = 1 + rng_below(&t->rng, ROUNDS_MAX);
	struct said real;
	struct buf results;

	said_init(t, &real, false);
	buf_init_arena(&results, &t->arena, LIMIT_INPUT);
	say_thought(t, &real);
	if (rng_below(&t->rng, 2)) {
		say_text(t, &real, text);
		say_text(t, &x->given, text);
		say_text(t, &x->visible, text);
	}
	for (uint32_t i = 0; i < n; i++) {
		ids[i] = new_id(t);
		say_call(t, &real, ids[i], "headroom_retrieve");
	}
	own_results(t, ids, n, false, &results);
	add_element(&x->messages, said_message(t, &real));
	add_element(&x->messages, buf_str(&results));
	x->is_ours = true;
}

static void add_last(struct talk *t, struct answer *x)
{
	const char *text = short_text(t, "This is so:"), *id = NULL;
	bool is_mixed = x->call && rng_below(&t->rng, 2), is_first = rng_below(&t->rng, 2);
	struct said real;

	said_init(t, &real, false);
	say_thought(t, &real);
	say_thought(t, &x->given);
	say_thought(t, &x->visible);
	say_text(t, &real, text);
	say_text(t, &x->given, text);
	say_text(t, &x->visible, text);
	if (is_mixed)
		id = new_id(t);
	if (is_mixed && is_first)
		say_call(t, &real, id, "headroom_retrieve");
	if (x->call) {
		say_call(t, &real, x->call, "Bash");
		say_call(t, &x->given, x->call, "Bash");
		say_call(t, &x->visible, x->call, "Bash");
	}
	if (is_mixed && !is_first)
		say_call(t, &real, id, "headroom_retrieve");
	if (is_mixed)
		own_results(t, &id, 1, true, &x->results);
	add_element(&x->messages, said_message(t, &real));
	x->is_ours |= is_mixed;
}

static void keep(struct talk *t, struct hash128 chain, struct answer *x)
{
	struct errctx cx = {0};
	struct engine_turn turn = {.chain = chain,
		.format = t->format,
		.visible = said_message(t, &x->given),
		.messages = buf_str(&x->messages),
		.results = buf_str(&x->results)};

	if (engine_keep_turn(t->engine, &turn, &cx) != E_OK)
		fail_msg("%s", cx.text);
	t->turns_kept++;
	t->pending = turn.results;
}

/* A log that is worth to be shortened. */
static void add_client_result(struct talk *t, const char *id)
{
	struct buf log;

	buf_init_arena(&log, &t->arena, LIMIT_INPUT);
	for (uint32_t i = 0, n = 40 + rng_below(&t->rng, 200); i < n; i++) {
		uint32_t item = rng_below(&t->rng, 90000);

		if (rng_once_in(&t->rng, 9))
			t->item = item;
		buf_printf(&log,
			"2026-11-28T10:%02u:%02uZ INFO worker-%u served /item/%u in %u ms\n",
			i / 60, i % 60, rng_below(&t->rng, 4), item, rng_below(&t->rng, 50));
	}
	add_element(&t->history, made(t, t->d->result, id, literal(t, buf_str(&log)), NULL));
}

static void answer(struct talk *t, struct hash128 chain)
{
	struct answer x = {0};

	said_init(t, &x.given, false);
	said_init(t, &x.visible, rng_below(&t->rng, 2));
	buf_init_arena(&x.messages, &t->arena, LIMIT_INPUT);
	buf_init_arena(&x.results, &t->arena, LIMIT_INPUT);
	x.call = rng_below(&t->rng, 3) ? new_id(t) : NULL;
	for (uint32_t n = rng_below(&t->rng, ROUNDS_MAX + 1); n; n--)
		add_round(t, &x);
	add_last(t, &x);
	if (x.is_ours)
		keep(t, chain, &x);
	add_element(&t->history, said_message(t, &x.visible));
	/* Of an answer that is the client's alone, what it sends back is what counts. */
	add_element(&t->sent, x.is_ours ? buf_str(&x.messages) : said_message(t, &x.visible));
	t->is_users_turn = !x.call;
	if (x.call)
		add_client_result(t, x.call);
}

static void ask(struct talk *t)
{
	bool is_plain = t->item && rng_below(&t->rng, 2);
	str words = is_plain ? arena_printf(&t->arena, "Who served /item/%u (%u)?", t->item,
				       t->asked_n++)
			     : arena_printf(&t->arena, "question %u", t->asked_n++);
	const char *text = literal(t, words);

	add_element(&t->history, made(t, t->d->user, text, NULL, NULL));
	t->is_users_turn = false;
}

struct sum {
	uint32_t kept, elided, expanded;
};

static void check_talk(struct fixture *f, uint64_t seed, struct sum *sum)
{
	struct talk t = {.format = (enum wire_format)(1 + seed % (WIRE_FORMAT_N - 1)),
		.rng = rng_new(seed),
		.asked_n = (uint32_t)seed * 100,
		.is_users_turn = true};

	t.d = &DIALECTS[t.format];
	t.marks_last = t.format == WIRE_ANTHROPIC && seed % 8 < 4;
	buf_init_arena(&t.history, &t.arena, LIMIT_INPUT);
	buf_init_arena(&t.sent, &t.arena, LIMIT_INPUT);
	start(f, &t);
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		struct compress_result r;

		if (t.is_users_turn)
			ask(&t);
		r = request(&t, body_of(&t));
		check_sent(&t, &r);
		answer(&t, r.chain);
		compress_result_release(&r);
		if (rng_once_in(&t.rng, 3)) {
			stop(&t);
			start(f, &t);
		}
	}
	stop(&t);
	sum->kept += t.turns_kept;
	sum->elided += t.elided;
	sum->expanded += t.expanded_n;
	arena_release(&t.arena);
}

static void what_was_sent_and_said_stays_in_front(void **state)
{
	struct sum sum = {0};

	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++)
		check_talk(*state, seed, &sum);
	/* The sessions are worth something. */
	assert_true(sum.kept > SEEDS * 2);
	assert_true(sum.elided > SEEDS / 4);
	assert_true(sum.expanded > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_was_sent_and_said_stays_in_front, set_up, tear_down),
	};

	return cmocka_run_group_tests_name(
		"engine: sessions with a tool of ours", tests, NULL, NULL);
}
