/* What is learned while requests pass: what counts once, over runs too; what becomes a memory and what is let alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/store/memory.h"
#include "learn/live_known.h"

#define LEARNED "`python` is not found here: use `python3`."

struct place {
	struct arena arena;
	char dir[64];
	struct learn_live_conf conf;
	struct learn_live *live;
};

static void start(struct place *p)
{
	assert_int_equal(learn_live_start(&p->conf, &p->live, NULL), E_OK);
}

static int setup(void **state)
{
	struct place *p = test_calloc(1, sizeof *p);

	strcpy(p->dir, "/tmp/headroom-live-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	arena_init(&p->arena);
	p->conf = (struct learn_live_conf){.min_evidence = 3,
		.file = arena_printf(&p->arena, "%s/learn/live.jsonl%c", p->dir, 0).p,
		.place = {.file = arena_printf(&p->arena, "%s/memory.db%c", p->dir, 0).p,
			.user = STR("ann")}};
	start(p);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	char line[128];

	learn_live_stop(p->live);
	(void)snprintf(line, sizeof line, "rm -r %s", p->dir);
	assert_int_equal(system(line), 0);
	arena_release(&p->arena);
	test_free(p);
	return 0;
}

static void begin_again(struct place *p)
{
	learn_live_stop(p->live);
	start(p);
}

/* A conversation of project /w in which python is not there and python3 is, n times. */
static str history(struct place *p, const char *session, unsigned n)
{
	struct buf b;

	buf_init_arena(&b, &p->arena, LIMIT_INPUT);
	buf_printf(&b,
		"{\"model\":\"claude-x\",\"max_tokens\":1,\"system\":\"Working directory: /w\","
		"\"messages\":[{\"role\":\"user\",\"content\":\"<system-reminder>Never use tabs in "
		"this "
		"project.</system-reminder>Run %s.\"}",
		session);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b,
			",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"%sa%"
			"u\","
			"\"name\":\"Bash\",\"input\":{\"command\":\"python "
			"%u.py\"}}]},{\"role\":\"user\","
			"\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"%sa%u\",\"is_"
			"error\":true,"
			"\"content\":\"Exit code 127\\nbash: python: command not "
			"found\"}]},{\"role\":"
			"\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"%sb%u\","
			"\"name\":\"Bash\","
			"\"input\":{\"command\":\"python3 "
			"%u.py\"}}]},{\"role\":\"user\",\"content\":[{"
			"\"type\":\"tool_result\",\"tool_use_id\":\"%sb%u\",\"content\":\"fine\"}]"
			"}",
			session, i, i, session, i, session, i, i, session, i);
	buf_add_c(&b, "]}");
	return buf_str(&b);
}

static void tell(struct place *p, const char *session, unsigned n)
{
	const struct learn_live_request r = {.body = history(p, session, n),
		.session = str_from(session),
		.at_ms = 1790000000000};

	assert_true(learn_live_tell(p->live, &r));
	learn_live_wait(p->live);
}

/* The memories of /w, as "text|evidence" lines; with those that were deleted. */
static str memories(struct place *p)
{
	struct memory_filter f = memory_filter_all();
	struct memory_place_conf conf = p->conf.place;
	struct memory_set set = {0};
	struct memory_store *s;
	struct memory_place place;
	struct buf b;

	conf.project_dir = STR("/w");
	assert_int_equal(memory_place_find(&conf, &p->arena, &place, NULL), E_OK);
	if (memory_store_open(place.file, MEMORY_READ, NULL, &s, NULL))
		return STR("");
	assert_int_equal(memory_list(s, &f, &set, NULL), E_OK);
	buf_init_arena(&b, &p->arena, LIMIT_INPUT);
	for (size_t i = 0; i < set.n; i++) {
		str evidence = set.v[i].text[MEMORY_METADATA];
		size_t at = str_find(evidence, STR("evidence_count\":"));

		assert_true(at != STR_NONE);
		buf_printf(&b, STR_FMT "|%c\n", STR_ARG(set.v[i].text[MEMORY_CONTENT]),
			evidence.p[at + strlen("evidence_count\":")]);
	}
	memory_set_free(&set);
	memory_store_close(s);
	return b.n ? buf_str(&b) : STR("");
}

static void expect(struct place *p, const char *wanted)
{
	str is = memories(p);

	if (!str_eq_c(is, wanted))
		print_message("is: " STR_FMT "wanted: %s", STR_ARG(is), wanted);
	assert_true(str_eq_c(is, wanted));
}

static void a_history_that_is_sent_again_counts_once(void **state)
{
	struct place *p = *state;

	for (int i = 0; i < 20; i++)
		tell(p, "one", 1);
	tell(p, "two", 1);
	expect(p, "");
	tell(p, "three", 1);
	expect(p, LEARNED "|3\n");
	tell(p, "three", 2);
	expect(p, LEARNED "|4\n");
}

static void it_counts_once_over_runs_too(void **state)
{
	struct place *p = *state;

	tell(p, "one", 2);
	for (int i = 0; i < 3; i++) {
		begin_again(p);
		tell(p, "one", 2);
	}
	expect(p, "");
	begin_again(p);
	tell(p, "one", 3);
	expect(p, LEARNED "|3\n");
	begin_again(p);
	tell(p, "two", 1); /* without the first one, which is remembered all the same */
	expect(p, LEARNED "|4\n");
	begin_again(p);
	tell(p, "two", 1);
	tell(p, "one", 3);
	expect(p, LEARNED "|4\n");
}

/* Python is there by now. */
static void what_is_refuted_is_taken_out(void **state)
{
	struct place *p = *state;
	struct learn_live_request r = {.session = STR("new"), .at_ms = 1790000000000};
	struct buf b;

	tell(p, "one", 3);
	expect(p, LEARNED "|3\n");
	buf_init_arena(&b, &p->arena, LIMIT_INPUT);
	buf_add_c(&b,
		"{\"model\":\"claude-x\",\"max_tokens\":1,\"system\":\"Working directory: /w\","
		"\"messages\":[{\"role\":\"user\",\"content\":\"Go.\"}");
	for (unsigned i = 0; i < 6; i++)
		buf_printf(&b,
			",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"n%"
			"u\","
			"\"name\":\"Bash\",\"input\":{\"command\":\"python "
			"%u.py\"}}]},{\"role\":\"user\","
			"\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"n%u\","
			"\"content\":"
			"\"fine\"}]}",
			i, i, i);
	buf_add_c(&b, "]}");
	r.body = buf_str(&b);
	assert_true(learn_live_tell(p->live, &r));
	learn_live_wait(p->live);
	expect(p, "");
}

static void what_somebody_deletes_stays_away(void **state)
{
	struct memory_place_conf conf;
	struct place *p = *state;
	struct memory_place place;
	struct memory_set set = {0};
	struct memory_store *s;

	tell(p, "one", 3);
	conf = p->conf.place;
	conf.project_dir = STR("/w");
	assert_int_equal(memory_place_find(&conf, &p->arena, &place, NULL), E_OK);
	assert_int_equal(memory_store_open(place.file, MEMORY_WRITE, NULL, &s, NULL), E_OK);
	assert_int_equal(memory_find(s, STR("learned-"), &set, NULL), E_OK);
	assert_int_equal(
		memory_delete(s, set.v[0].text[MEMORY_ID], STR("ann"), STR(""), NULL), E_OK);
	memory_set_free(&set);
	memory_store_close(s);
	tell(p, "one", 4);
	tell(p, "two", 4);
	begin_again(p);
	tell(p, "three", 4);
	expect(p, "");
}

static void a_named_project_is_where_its_client_says(void **state)
{
	struct place *p = *state;
	struct learn_live_request r = {
		.body = history(p, "one", 3), .session = STR("one"), .project_id = STR("shop")};
	struct memory_place_conf conf = p->conf.place;
	struct memory_place place;
	struct memory_store *s;

	assert_true(learn_live_tell(p->live, &r));
	learn_live_wait(p->live);
	conf.project_id = STR("shop");
	assert_int_equal(memory_place_find(&conf, &p->arena, &place, NULL), E_OK);
	assert_int_equal(memory_store_open(place.file, MEMORY_READ, NULL, &s, NULL), E_OK);
	memory_store_close(s);
	expect(p, "");
}

static void what_does_not_fit_and_what_is_none_is_passed_over(void **state)
{
	struct place *p = *state;
	char *large = mem_zalloc(LEARN_LIVE_BYTES_MAX);
	struct learn_live_request r = {
		.body = {large, LEARN_LIVE_BYTES_MAX}, .session = STR("one"), .at_ms = -1};

	assert_non_null(large);
	assert_false(learn_live_tell(p->live, &r));
	mem_free(large);
	r.body = STR("no JSON");
	assert_true(learn_live_tell(p->live, &r));
	tell(p, "one", 3);
	expect(p, LEARNED "|3\n");
}

static void what_cannot_be_read_is_not_written_over(void **state)
{
	static const char *const texts[] = {"{", "[]\n", "{\"project\":\"/w\"}\n",
		"{\"project\":\"\",\"key\":\"0123456789abcdef\",\"kind\":\"none\",\"text\":\"x\","
		"\"sessions\":{}}\n",
		"{\"project\":\"\",\"key\":\"0123456789abcdef\",\"kind\":\"path\",\"text\":\"x\","
		"\"sessions\":{\"a\":1}}\n"};
	struct place *p = *state;
	struct learn_live *live;
	struct errctx cx = {0};

	assert_int_equal(
		file_mkdirs(arena_printf(&p->arena, "%s/learn%c", p->dir, 0).p, 0700, NULL), E_OK);
	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		assert_int_equal(
			file_write_atomic(p->conf.file, str_from(texts[i]), 0600, NULL), E_OK);
		assert_int_equal(learn_live_start(&p->conf, &live, &cx), E_CONFIG);
		assert_true(str_find(str_from(cx.text), STR("live.jsonl: line 1")) != STR_NONE);
	}
}

static void count_line(void *self, enum log_level level, str line)
{
	(void)level;
	(void)line;
	++*(unsigned *)self;
}

/* Two rules wait for a file that cannot be opened. */
static void a_project_is_tried_once(void **state)
{
	struct place *p = *state;
	unsigned warnings = 0;
	const struct log log = {.level = LOG_LEVEL_WARN, .sink = count_line, .self = &warnings};
	struct learn_live_request r = {.session = STR("two"), .at_ms = 1790000000000};
	struct memory_place_conf conf = p->conf.place;
	struct memory_place place;
	char *body;

	learn_live_stop(p->live);
	p->conf.log = &log;
	start(p);
	conf.project_dir = STR("/w");
	assert_int_equal(memory_place_find(&conf, &p->arena, &place, NULL), E_OK);
	assert_int_equal(file_mkdirs(place.file, 0700, NULL), E_OK);
	tell(p, "one", 3);
	assert_int_equal(warnings, 1);
	body = arena_cstr(&p->arena, history(p, "two", 3));
	for (char *at = body; (at = strstr(at, "python")) != NULL;)
		memcpy(at, "rustup", strlen("rustup"));
	r.body = str_from(body);
	assert_true(learn_live_tell(p->live, &r));
	learn_live_wait(p->live);
	assert_int_equal(warnings, 2);
}

/* A server runs for weeks. */
static void what_is_known_already_takes_no_memory(void **state)
{
	struct rule rule = {.kind = RULE_ENVIRONMENT,
		.key = "0123456789abcdef",
		.text = STR(LEARNED),
		.evidence = 1};
	struct learn_result result = {0};
	struct rule_set set = {.project = STR("/w")};
	struct live_known k;
	struct place *p = *state;
	size_t before;

	*vec_push(&set.rules, &p->arena) = rule;
	*vec_push(&result.projects, &p->arena) = set;
	live_known_init(&k);
	live_known_update(&k, &result, STR("one"));
	before = k.arena.used_bytes;
	for (int i = 0; i < 100; i++)
		live_known_update(&k, &result, STR("one"));
	assert_int_equal(k.arena.used_bytes, before);
	assert_int_equal(k.by_name.n, 1);
	live_known_release(&k);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_history_that_is_sent_again_counts_once),
		T(it_counts_once_over_runs_too),
		T(what_is_refuted_is_taken_out),
		T(what_somebody_deletes_stays_away),
		T(a_named_project_is_where_its_client_says),
		T(what_does_not_fit_and_what_is_none_is_passed_over),
		T(what_cannot_be_read_is_not_written_over),
		T(a_project_is_tried_once),
		T(what_is_known_already_takes_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
