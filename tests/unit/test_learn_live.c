/* What is learned while requests pass: what counts once, over runs too; what becomes a memory and what is let alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

static void tell_body(struct learn_live *live, str body, const char *name)
{
	const struct learn_live_request r = {
		.body = body, .session = str_from(name), .at_ms = 1790000000000};

	assert_true(learn_live_tell(live, &r));
	learn_live_wait(live);
}

static void tell(struct place *p, const char *session, unsigned n)
{
	tell_body(p->live, history(p, session, n), session);
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

/* One that was taken up again has the same calls, and another name. */
static void it_counts_once_under_another_name_too(void **state)
{
	struct place *p = *state;

	tell(p, "one", 2);
	tell_body(p->live, history(p, "one", 2), "resumed");
	expect(p, "");
	begin_again(p);
	tell_body(p->live, history(p, "one", 2), "resumed later");
	tell_body(p->live, history(p, "one", 2), "by another agent");
	expect(p, "");
	begin_again(p);
	tell_body(p->live, history(p, "one", 3), "and went on");
	expect(p, LEARNED "|3\n");
}

/* Ids that no other call has are enough, whatever a client has made of what came before. */
static void ids_that_are_unique_tell_calls_apart(void **state)
{
	struct place *p = *state;
	char *body, *at;

	tell(p, "toolu_01AbCdEfGhIjKlMn", 2);
	body = arena_cstr(&p->arena, history(p, "toolu_01AbCdEfGhIjKlMn", 2));
	at = strstr(body, "Run toolu");
	assert_non_null(at);
	memcpy(at, "Sum", 3); /* it was compacted */
	begin_again(p);
	tell_body(p->live, str_from(body), "two");
	expect(p, "");
	tell(p, "one", 1);
	expect(p, LEARNED "|3\n");
}

static void two_proxies_count_together(void **state)
{
	struct learn_live *beside;
	struct place *p = *state;

	assert_int_equal(learn_live_start(&p->conf, &beside, NULL), E_OK);
	tell(p, "one", 1);
	tell_body(beside, history(p, "one", 1), "one");
	tell_body(beside, history(p, "two", 1), "two");
	expect(p, "");
	tell(p, "three", 1);
	expect(p, LEARNED "|3\n");
	tell_body(beside, history(p, "four", 1), "four");
	expect(p, LEARNED "|4\n");
	learn_live_stop(beside);
	begin_again(p);
	tell(p, "five", 1);
	expect(p, LEARNED "|5\n");
}

/* Python is there by now. */
static void refute(struct place *p)
{
	struct buf b;

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
	tell_body(p->live, buf_str(&b), "new");
}

static void what_is_refuted_is_taken_out(void **state)
{
	struct place *p = *state;

	tell(p, "one", 3);
	expect(p, LEARNED "|3\n");
	refute(p);
	expect(p, "");
	/* The old history says nothing for it, in a new run, too; a new one does. */
	begin_again(p);
	tell_body(p->live, history(p, "one", 3), "resumed");
	expect(p, "");
	tell(p, "two", 2);
	expect(p, "");
	tell(p, "three", 1);
	expect(p, LEARNED "|3\n");
}

/* The store in which /w's memories are. */
static struct memory_store *open_memories(struct place *p)
{
	struct memory_place_conf conf = p->conf.place;
	struct memory_place place;
	struct memory_store *s;

	conf.project_dir = STR("/w");
	assert_int_equal(memory_place_find(&conf, &p->arena, &place, NULL), E_OK);
	assert_int_equal(memory_store_open(place.file, MEMORY_WRITE, NULL, &s, NULL), E_OK);
	return s;
}

static void what_somebody_changes_stays_so(void **state)
{
	struct memory_change change = {.content = STR("Python is named `python3`."),
		.importance = 0.9,
		.by = STR("ann"),
		.is_in_place = true};
	struct memory_added added;
	struct memory_set set = {0};
	struct memory_store *s;
	struct place *p = *state;

	tell(p, "one", 3);
	s = open_memories(p);
	assert_int_equal(memory_find(s, STR("learned-"), &set, NULL), E_OK);
	assert_int_equal(memory_edit(s, set.v[0].text[MEMORY_ID], &change, &added, NULL), E_OK);
	memory_set_free(&set);
	memory_store_close(s);
	tell(p, "two", 1);
	expect(p, "Python is named `python3`.|3\n");
	refute(p);
	expect(p, "Python is named `python3`.|3\n");
	s = open_memories(p);
	assert_int_equal(memory_find(s, STR("learned-"), &set, NULL), E_OK);
	assert_true(set.v[0].importance > 0.89);
	memory_set_free(&set);
	memory_store_close(s);
}

static void what_somebody_deletes_stays_away(void **state)
{
	struct place *p = *state;
	struct memory_set set = {0};
	struct memory_store *s;

	tell(p, "one", 3);
	s = open_memories(p);
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

/* The file could not be written before the proxy ended; what it knows is sent again by nobody. */
static void what_could_not_be_written_is_written_by_the_next_run(void **state)
{
	struct place *p = *state;
	struct memory_place_conf conf = p->conf.place;
	struct memory_place place;

	conf.project_dir = STR("/w");
	assert_int_equal(memory_place_find(&conf, &p->arena, &place, NULL), E_OK);
	assert_int_equal(file_mkdirs(place.file, 0700, NULL), E_OK);
	tell(p, "one", 3);
	learn_live_stop(p->live);
	assert_int_equal(rmdir(place.file), 0);
	start(p);
	tell_body(p->live, STR("{}"), "two");
	expect(p, LEARNED "|3\n");
}

static void see(struct live_known *k, struct arena *a, unsigned number, int64_t at_ms)
{
	struct rule rule = {.kind = RULE_PATH,
		.text = STR("x"),
		.evidence = 1,
		.first_ms = at_ms,
		.last_ms = at_ms};
	struct learn_result result = {0};
	struct rule_set set = {.project = STR("/w"), .left_out = 1};

	(void)snprintf(rule.key, sizeof rule.key, "%016x", number);
	*vec_push(&rule.sightings, a) = (struct rule_sighting){number + 1, 1};
	*vec_push(&set.rules, a) = rule;
	*vec_push(&result.projects, a) = set;
	live_known_update(k, &result);
}

static bool is_known(const struct live_known *k, unsigned number)
{
	char key[RULE_KEY_LEN + 1];

	(void)snprintf(key, sizeof key, "%016x", number);
	for (size_t i = 0; i < k->by_name.n; i++)
		if (strcmp(((struct live_rule *)k->by_name.entries[i].value)->key, key) == 0)
			return true;
	return false;
}

static void the_oldest_rules_give_way(void **state)
{
	struct place *p = *state;
	struct live_known k;

	live_known_init(&k);
	for (unsigned i = 0; i <= LEARN_LIVE_RULES_MAX; i++)
		see(&k, &p->arena, i, 1000 + i);
	assert_false(is_known(&k, 0));
	assert_true(is_known(&k, LEARN_LIVE_RULES_MAX));
	assert_true(is_known(&k, LEARN_LIVE_RULES_MAX - 1));
	assert_int_equal(k.by_name.n, LEARN_LIVE_RULES_MAX - LEARN_LIVE_RULES_MAX / 4 + 1);
	/* The learner goes on telling of them. */
	see(&k, &p->arena, 0, 1000);
	assert_false(is_known(&k, 0));
	see(&k, &p->arena, 0, 9000);
	assert_true(is_known(&k, 0));
	live_known_release(&k);
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

	*vec_push(&rule.sightings, &p->arena) = (struct rule_sighting){1, 2};
	*vec_push(&set.rules, &p->arena) = rule;
	*vec_push(&result.projects, &p->arena) = set;
	live_known_init(&k);
	live_known_update(&k, &result);
	before = k.arena.used_bytes;
	for (int i = 0; i < 100; i++)
		live_known_update(&k, &result);
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
		T(it_counts_once_under_another_name_too),
		T(ids_that_are_unique_tell_calls_apart),
		T(two_proxies_count_together),
		T(what_is_refuted_is_taken_out),
		T(what_somebody_changes_stays_so),
		T(what_somebody_deletes_stays_away),
		T(a_named_project_is_where_its_client_says),
		T(what_does_not_fit_and_what_is_none_is_passed_over),
		T(what_cannot_be_read_is_not_written_over),
		T(a_project_is_tried_once),
		T(what_could_not_be_written_is_written_by_the_next_run),
		T(the_oldest_rules_give_way),
		T(what_is_known_already_takes_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
