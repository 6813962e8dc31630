#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/pool.h"
#include "core/json/scan.h"
#include "proxy/response_cache.h"

static int64_t ms_now;

static int64_t monotonic(void *self)
{
	(void)self;
	return __atomic_load_n(&ms_now, __ATOMIC_RELAXED) * 1000000;
}

static const struct clock fake = {.monotonic_ns = monotonic};

/* ---- keys ---- */

static const struct cache_scope here = {
	.upstream = {"https://a", 9}, .path = {"/v1/messages", 12}, .credential = {"secret", 6}};

/* JSON with ' for ". */
static bool key_in(enum wire_format f, bool is_embeddings, const char *json,
	const struct cache_scope *scope, struct response_cache_key *out)
{
	struct arena a = ARENA_INIT;
	char *text = arena_cstr(&a, str_from(json));
	struct json_tape t;
	bool is_ok;

	for (char *p = text; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	assert_int_equal(json_scan(&a, str_from(text), &t, NULL), E_OK);
	is_ok = response_cache_key_of(f, is_embeddings, &t, scope, out);
	arena_release(&a);
	return is_ok;
}

static bool is_cacheable(enum wire_format f, const char *json)
{
	struct response_cache_key key;

	return key_in(f, false, json, &here, &key);
}

static void only_deterministic_requests_have_a_key(void **state)
{
	static const struct {
		enum wire_format format;
		bool is_ok;
		const char *json;
	} CASES[] = {
		{WIRE_ANTHROPIC, true, "{'temperature':0,'messages':[]}"},
		{WIRE_ANTHROPIC, true, "{'temperature':0.0}"},
		{WIRE_ANTHROPIC, true, "{'temperature':0e5,'stream':true}"},
		{WIRE_ANTHROPIC, false, "{'messages':[]}"},
		{WIRE_ANTHROPIC, false, "{'temperature':null}"},
		{WIRE_ANTHROPIC, false, "{'temperature':'0'}"},
		{WIRE_ANTHROPIC, false, "{'temperature':0.1}"},
		{WIRE_ANTHROPIC, false, "{'temperature':-1}"},
		{WIRE_ANTHROPIC, false, "[]"},
		{WIRE_ANTHROPIC, false, "{'temperature':0,'container':'c'}"},
		{WIRE_ANTHROPIC, true, "{'temperature':0,'container':null}"},
		{WIRE_ANTHROPIC, false, "{'temperature':0,'mcp_servers':[]}"},
		{WIRE_ANTHROPIC, true,
			"{'temperature':0,'tools':[{'name':'x','input_schema':{}}]}"},
		{WIRE_ANTHROPIC, true, "{'temperature':0,'tools':[{'type':'custom'}]}"},
		{WIRE_ANTHROPIC, true, "{'temperature':0,'tools':[{'type':'bash_20250124'}]}"},
		{WIRE_ANTHROPIC, false,
			"{'temperature':0,'tools':[{},{'type':'web_search_20250305'}]}"},
		{WIRE_ANTHROPIC, false,
			"{'temperature':0,'tools':[{'type':'code_execution_20250522'}]}"},
		{WIRE_ANTHROPIC, false, "{'temperature':0,'tools':[{'type':7}]}"},
		{WIRE_ANTHROPIC, false, "{'temperature':0,'tools':['x']}"},
		{WIRE_ANTHROPIC, false, "{'temperature':0,'tools':{}}"},
		{WIRE_OPENAI_CHAT, true, "{'temperature':0,'n':1}"},
		{WIRE_OPENAI_CHAT, false, "{'temperature':0,'n':2}"},
		{WIRE_OPENAI_CHAT, false, "{'temperature':1}"},
		{WIRE_OPENAI_CHAT, true, "{'temperature':0,'store':false}"},
		{WIRE_OPENAI_CHAT, false, "{'temperature':0,'store':true}"},
		{WIRE_OPENAI_CHAT, true, "{'temperature':0,'tools':[{'type':'function'}]}"},
		{WIRE_OPENAI_CHAT, false, "{'temperature':0,'tools':[{}]}"},
		{WIRE_OPENAI_CHAT, false, "{'temperature':0,'web_search_options':{}}"},
		{WIRE_OPENAI_RESPONSES, true, "{'temperature':0,'store':false}"},
		{WIRE_OPENAI_RESPONSES, false, "{'temperature':0}"},
		{WIRE_OPENAI_RESPONSES, false, "{'temperature':0,'store':true}"},
		{WIRE_OPENAI_RESPONSES, false, "{'temperature':0,'store':false,'background':true}"},
		{WIRE_OPENAI_RESPONSES, true, "{'temperature':0,'store':false,'background':false}"},
		{WIRE_OPENAI_RESPONSES, false,
			"{'temperature':0,'store':false,'previous_response_id':'r'}"},
		{WIRE_OPENAI_RESPONSES, true,
			"{'temperature':0,'store':false,'previous_response_id':null}"},
		{WIRE_OPENAI_RESPONSES, false,
			"{'temperature':0,'store':false,'tools':[{'type':'web_search'}]}"},
		{WIRE_GEMINI, true, "{'contents':[],'generationConfig':{'temperature':0}}"},
		{WIRE_GEMINI, true, "{'contents':[],'generation_config':{'temperature':0}}"},
		{WIRE_GEMINI, true, "{'request':{'generationConfig':{'temperature':0}}}"},
		{WIRE_GEMINI, false, "{'contents':[],'temperature':0}"},
		{WIRE_GEMINI, false, "{'temperature':0}"},
		{WIRE_GEMINI, false,
			"{'contents':[],'generationConfig':{'temperature':0,'candidateCount':2}}"},
		{WIRE_GEMINI, false,
			"{'contents':[],'generationConfig':{'temperature':0},'cachedContent':'c'}"},
		{WIRE_GEMINI, true,
			"{'contents':[],'generationConfig':{'temperature':0},"
			"'tools':[{'functionDeclarations':[]}]}"},
		{WIRE_GEMINI, false,
			"{'contents':[],'generationConfig':{'temperature':0},"
			"'tools':[{'functionDeclarations':[],'googleSearch':{}}]}"},
		{WIRE_NONE, false, "{'temperature':0}"},
		/* not one thing only */
		{WIRE_ANTHROPIC, false, "{'temperature':0,'temperature':0}"},
		{WIRE_ANTHROPIC, false, "{'temperature':0,'x':[{'a':1,'\\u0061':2}]}"},
		{WIRE_ANTHROPIC, false, "{'temperature':0,'x':'\\ud800'}"},
		{WIRE_ANTHROPIC, false, "{'temperature':0,'x':'\xff'}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++)
		if (is_cacheable(CASES[i].format, CASES[i].json) != CASES[i].is_ok)
			fail_msg("%s", CASES[i].json);
}

static void an_embedding_needs_no_temperature(void **state)
{
	struct response_cache_key a, b;

	(void)state;
	assert_true(key_in(WIRE_NONE, true, "{'input':'x','model':'m'}", &here, &a));
	assert_true(key_in(WIRE_NONE, true, "{'input':'y','model':'m'}", &here, &b));
	assert_memory_not_equal(a.b, b.b, sizeof a.b);
	assert_false(key_in(WIRE_NONE, true, "{'input':'x','input':'y'}", &here, &a));
}

static void what_means_the_same_has_the_same_key(void **state)
{
	static const struct {
		bool is_same;
		const char *a, *b;
	} CASES[] = {
		{true, "{'temperature':0,'x':1}", " { 'x' : 1 ,\n'temperature':0 }"},
		{true, "{'temperature':0,'x':'a/\\u0062'}", "{'temperature':0,'x':'a\\/b'}"},
		{true, "{'temperature':0,'a':{'b':{},'c':[]}}",
			"{'temperature':0,'a':{'c':[],'b':{}}}"},
		{false, "{'temperature':0,'x':1}", "{'temperature':0,'x':1.0}"},
		{false, "{'temperature':0,'x':1}", "{'temperature':0,'x':'1'}"},
		{false, "{'temperature':0,'x':[1,2]}", "{'temperature':0,'x':[2,1]}"},
		{false, "{'temperature':0,'x':[[],1]}", "{'temperature':0,'x':[[1]]}"},
		{false, "{'temperature':0,'x':{'a':{}},'y':1}",
			"{'temperature':0,'x':{'a':{},'y':1}}"},
		{false, "{'temperature':0,'x':null}", "{'temperature':0}"},
		{false, "{'temperature':0,'stream':true}", "{'temperature':0}"},
		{false, "{'temperature':0,'max_tokens':1}", "{'temperature':0,'max_tokens':2}"},
		{false, "{'temperature':0,'ab':'c'}", "{'temperature':0,'a':'bc'}"},
		/* marks of the prompt cache move from turn to turn */
		{true, "{'temperature':0,'m':[{'t':'x','cache_control':{'type':'ephemeral'}}]}",
			"{'temperature':0,'m':[{'t':'x'}]}"},
		{true, "{'temperature':0,'cache_control':{'type':'ephemeral','ttl':'1h'}}",
			"{'temperature':0}"},
		{true, "{'temperature':0,'m':[{'t':'x','cache_control':null}]}",
			"{'temperature':0,'m':[{'t':'x'}]}"},
		/* ... but a tool may have a parameter of that name */
		{false, "{'temperature':0,'m':{'input':{'cache_control':{'type':'ephemeral'}}}}",
			"{'temperature':0,'m':{'input':{}}}"},
		{false,
			"{'temperature':0,'t':[{'input_schema':{'properties':"
			"{'cache_control':{'type':'string'}}}}]}",
			"{'temperature':0,'t':[{'input_schema':{'properties':{}}}]}"},
		{true, "{'temperature':0,'input':[{'a':1,'cache_control':{'type':'ephemeral'}}]}",
			"{'temperature':0,'input':[{'a':1}]}"},
		/* who asks */
		{true, "{'temperature':0,'metadata':{'user_id':'1'},'user':'u'}",
			"{'temperature':0,'safety_identifier':'s','prompt_cache_key':'k'}"},
		{false, "{'temperature':0,'m':{'user':'1'}}", "{'temperature':0,'m':{'user':'2'}}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct response_cache_key a, b;

		assert_true(key_in(WIRE_ANTHROPIC, false, CASES[i].a, &here, &a));
		assert_true(key_in(WIRE_ANTHROPIC, false, CASES[i].b, &here, &b));
		if ((memcmp(a.b, b.b, sizeof a.b) == 0) != CASES[i].is_same)
			fail_msg("%s\n%s", CASES[i].a, CASES[i].b);
	}
}

static void every_part_of_the_scope_counts(void **state)
{
	struct response_cache_key first, other;
	struct cache_scope scope = here;
	str *parts = &scope.upstream; /* they are all alike */

	(void)state;
	assert_true(key_in(WIRE_ANTHROPIC, false, "{'temperature':0}", &here, &first));
	for (size_t i = 0; i < sizeof scope / sizeof(str); i++) {
		scope = here;
		parts[i] = STR("other");
		assert_true(key_in(WIRE_ANTHROPIC, false, "{'temperature':0}", &scope, &other));
		assert_memory_not_equal(first.b, other.b, sizeof first.b);
	}
}

static void a_deep_and_a_large_body_have_keys(void **state)
{
	struct buf deep;
	struct response_cache_key a, b;

	(void)state;
	buf_init(&deep, 1 << 20);
	buf_add_c(&deep, "{'temperature':0,'x':");
	for (int i = 0; i < 500; i++)
		buf_add_c(&deep, "[{'a':");
	for (int i = 0; i < 20000; i++)
		buf_add_c(&deep, i ? "x" : "'");
	buf_add_byte(&deep, '\'');
	for (int i = 0; i < 500; i++)
		buf_add_c(&deep, "}]");
	buf_add(&deep, (str){"}", 2});
	assert_true(key_in(WIRE_ANTHROPIC, false, deep.p, &here, &a));
	assert_true(key_in(WIRE_ANTHROPIC, false, deep.p, &here, &b));
	assert_memory_equal(a.b, b.b, sizeof a.b);
	mem_fail_after(1);
	assert_false(response_cache_key_of(WIRE_ANTHROPIC, true,
		&(struct json_tape){.doc = {"{}", 2},
			.v = &(struct json_node){0, 2, 1, 0, JSON_OBJECT},
			.n = 1},
		&here, &b));
	mem_fail_after(0);
	buf_release(&deep);
}

/* ---- the cache ---- */

static struct response_cache_key key_of(uint64_t n)
{
	struct response_cache_key key;

	sha256((str){(const char *)&n, sizeof n}, key.b);
	return key;
}

static struct response_cache *new_cache(size_t bytes_max, size_t entry_max)
{
	struct response_cache_conf conf = {bytes_max, entry_max, 1000};
	struct response_cache *c = response_cache_new(&conf, &fake);

	assert_non_null(c);
	return c;
}

static void store(struct response_cache *c, uint64_t n, const char *body)
{
	struct response_cache_key key = key_of(n);
	struct cached_builder *b =
		response_cache_begin(c, &key, 200, STR("text/event-stream"), STR("gzip"));

	cached_builder_add(b, str_from(body));
	cached_builder_commit(b);
}

static const struct cached_response *get(struct response_cache *c, uint64_t n)
{
	struct response_cache_key key = key_of(n);
	int64_t age;

	return response_cache_get(c, &key, &age);
}

static bool has(struct response_cache *c, uint64_t n)
{
	const struct cached_response *r = get(c, n);

	cached_response_release(r);
	return r != NULL;
}

static void an_answer_comes_back_in_its_pieces(void **state)
{
	struct response_cache *c = new_cache(1 << 20, 1 << 16);
	struct response_cache_key key = key_of(1);
	struct cached_builder *b =
		response_cache_begin(c, &key, 200, STR("text/event-stream"), STR(""));
	const struct cached_response *r;
	int64_t age = -1;

	(void)state;
	assert_null(get(c, 1));
	cached_builder_add(b, STR("event: a\n\n"));
	cached_builder_add(b, STR(""));
	cached_builder_add(b, STR("event: b\n\n"));
	assert_null(get(c, 1)); /* not before it is complete */
	cached_builder_commit(b);
	ms_now += 7;
	r = response_cache_get(c, &key, &age);
	assert_non_null(r);
	assert_int_equal(age, 7);
	assert_int_equal(r->status, 200);
	assert_true(str_eq(r->content_type, STR("text/event-stream")));
	assert_int_equal(r->content_encoding.n, 0);
	assert_true(str_eq(r->body, STR("event: a\n\nevent: b\n\n")));
	assert_int_equal(r->ends_n, 2);
	assert_int_equal(r->ends[0], 10);
	assert_int_equal(r->ends[1], 20);
	cached_response_release(r);
	response_cache_free(c);
}

static void an_answer_is_kept_for_its_time_only(void **state)
{
	struct response_cache *c = new_cache(1 << 20, 1 << 16);
	struct response_cache_stats s;

	(void)state;
	store(c, 1, "x");
	ms_now += 999;
	assert_true(has(c, 1));
	ms_now += 1; /* being asked for does not make it younger */
	assert_false(has(c, 1));
	response_cache_get_stats(c, &s);
	assert_int_equal(s.expired_n, 1);
	assert_int_equal(s.entries_n, 0);
	assert_int_equal(s.bytes, 0);
	assert_int_equal(s.hits_n, 1);
	assert_int_equal(s.misses_n, 1);
	response_cache_free(c);
}

static void a_holder_keeps_what_the_cache_gave_up(void **state)
{
	struct response_cache *c = new_cache(1 << 20, 1 << 16);
	const struct cached_response *old, *new;

	(void)state;
	store(c, 1, "old");
	old = get(c, 1);
	store(c, 1, "new");
	new = get(c, 1);
	response_cache_clear(c);
	assert_false(has(c, 1));
	response_cache_free(c);
	assert_true(str_eq(old->body, STR("old")));
	assert_true(str_eq(new->body, STR("new")));
	cached_response_release(old);
	cached_response_release(new);
}

static void the_least_recently_used_go_first(void **state)
{
	struct response_cache *c = new_cache(4000, 2000);
	struct response_cache_stats s;
	uint64_t n;

	(void)state;
	for (n = 0;; n++) {
		store(c, n, "0123456789012345678901234567890123456789");
		response_cache_get_stats(c, &s);
		assert_in_range(s.bytes, 1, 4000);
		if (s.evicted_n)
			break;
		assert_true(has(c, 0)); /* used again and again */
	}
	assert_true(n > 3);
	assert_true(has(c, 0) && has(c, n) && has(c, 2));
	assert_false(has(c, 1));
	assert_int_equal(s.entries_n, n);
	response_cache_free(c);
}

static void what_is_too_large_is_not_kept(void **state)
{
	struct response_cache *c = new_cache(1 << 20, 1000), *off = new_cache(0, 1000);
	struct response_cache_key key = key_of(1);
	struct cached_builder *b = response_cache_begin(c, &key, 200, STR("a"), STR("b"));
	char piece[300] = {0};

	(void)state;
	for (int i = 0; i < 5; i++)
		cached_builder_add(b, (str){piece, sizeof piece});
	cached_builder_commit(b);
	assert_false(has(c, 1));
	b = response_cache_begin(c, &key, 200, STR("a"), STR("b"));
	for (int i = 0; i < 500; i++) /* what the ends need counts as well */
		cached_builder_add(b, (str){piece, 1});
	cached_builder_commit(b);
	assert_false(has(c, 1));
	store(off, 1, "x");
	assert_false(has(off, 1));
	response_cache_free(c);
	response_cache_free(off);
}

static void only_a_committed_success_is_kept(void **state)
{
	struct response_cache *c = new_cache(1 << 20, 1000);
	struct response_cache_key key = key_of(1);
	struct cached_builder *b = response_cache_begin(c, &key, 200, STR("a"), STR("b"));
	int64_t age;

	(void)state;
	cached_builder_add(b, STR("x"));
	cached_builder_abort(b);
	assert_false(has(c, 1));
	assert_null(response_cache_begin(c, &key, 500, STR("a"), STR("b")));
	assert_null(response_cache_begin(NULL, &key, 200, STR("a"), STR("b")));
	assert_null(response_cache_get(NULL, &key, &age));
	cached_builder_add(NULL, STR("x"));
	cached_builder_commit(NULL);
	cached_builder_abort(NULL);
	cached_response_release(NULL);
	response_cache_free(c);
	response_cache_free(NULL);
}

static void short_memory_caches_nothing(void **state)
{
	struct response_cache *c = new_cache(1 << 20, 1 << 16);
	size_t n = 1;

	(void)state;
	do {
		mem_fail_after(n++);
		store(c, 1, "x");
	} while (mem_failed() && !has(c, 1));
	mem_fail_after(0);
	assert_true(n > 4);
	assert_true(has(c, 1));
	response_cache_free(c);
	mem_fail_after(1);
	assert_null(response_cache_new(&RESPONSE_CACHE_DEFAULTS, NULL));
	mem_fail_after(0);
}

static void store_and_get(void *arg, bool is_cancelled)
{
	(void)is_cancelled;
	for (uint64_t i = 0; i < 1000; i++) {
		const struct cached_response *r = get(arg, i % 20);

		if (r && (r->body.n != 3 || r->body.p[0] != 'x'))
			fail();
		if (!r || i % 7 == 0)
			store(arg, i % 20, "xyz");
		cached_response_release(r);
		if (i % 100 == 0)
			response_cache_clear(arg);
		__atomic_fetch_add(&ms_now, 1, __ATOMIC_RELAXED);
	}
}

static void threads_share_a_cache(void **state)
{
	struct response_cache *c = new_cache(3000, 1000);
	struct response_cache_stats s;
	struct pool *p;

	(void)state;
	assert_int_equal(pool_new(4, 8, &p, NULL), E_OK);
	for (int i = 0; i < 8; i++)
		assert_int_equal(pool_submit(p, store_and_get, c), E_OK);
	pool_wait(p);
	pool_free(p);
	response_cache_get_stats(c, &s);
	assert_int_equal(s.hits_n + s.misses_n, 8000);
	assert_in_range(s.bytes, 0, 3000);
	response_cache_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_deterministic_requests_have_a_key),
		cmocka_unit_test(an_embedding_needs_no_temperature),
		cmocka_unit_test(what_means_the_same_has_the_same_key),
		cmocka_unit_test(every_part_of_the_scope_counts),
		cmocka_unit_test(a_deep_and_a_large_body_have_keys),
		cmocka_unit_test(an_answer_comes_back_in_its_pieces),
		cmocka_unit_test(an_answer_is_kept_for_its_time_only),
		cmocka_unit_test(a_holder_keeps_what_the_cache_gave_up),
		cmocka_unit_test(the_least_recently_used_go_first),
		cmocka_unit_test(what_is_too_large_is_not_kept),
		cmocka_unit_test(only_a_committed_success_is_kept),
		cmocka_unit_test(short_memory_caches_nothing),
		cmocka_unit_test(threads_share_a_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
