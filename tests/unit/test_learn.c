/* Labelled cases: what sessions should teach, and what not. Prints precision and recall. */
#include <dirent.h>

#include "tests/unit/learn_help.h"

static const char DIRECTORY[] = "tests/learn/cases";

struct score {
	size_t cases, wanted, hits, false_alarms;
};

static bool is_wanted(const struct script *s, const struct rule *r)
{
	for (size_t i = 0; i < s->wants.n; i++)
		if (str_eq_c(s->wants.v[i].kind, rule_kind_name(r->kind)) &&
			str_eq(s->wants.v[i].text, r->text))
			return true;
	return false;
}

static bool has_come(const struct learn_result *got, const struct want *w)
{
	for (size_t p = 0; p < got->projects.n; p++)
		for (size_t i = 0; i < got->projects.v[p].rules.n; i++) {
			const struct rule *r = &got->projects.v[p].rules.v[i];

			if (str_eq_c(w->kind, rule_kind_name(r->kind)) && str_eq(w->text, r->text))
				return true;
		}
	return false;
}

static void count(struct score *score, const char *name, const struct script *s,
	const struct learn_result *got, bool without_subagents)
{
	score->cases++;
	for (size_t i = 0; i < s->wants.n; i++) {
		/* How much a sub-agent took stands in no request. */
		if (without_subagents && str_eq_c(s->wants.v[i].kind, "subagent"))
			continue;
		score->wanted++;
		if (has_come(got, &s->wants.v[i]))
			score->hits++;
		else
			print_message(
				"%s: missing: " STR_FMT "\n", name, STR_ARG(s->wants.v[i].text));
	}
	for (size_t p = 0; p < got->projects.n; p++)
		for (size_t i = 0; i < got->projects.v[p].rules.n; i++) {
			const struct rule *r = &got->projects.v[p].rules.v[i];

			if (is_wanted(s, r))
				continue;
			score->false_alarms++;
			print_message("%s: not wanted: %s: " STR_FMT "\n", name,
				rule_kind_name(r->kind), STR_ARG(r->text));
		}
}

static void run_case(const char *name, str text, bool as_requests, struct score *score)
{
	const struct learn_conf conf = {.with_subagents = true};
	struct arena a = ARENA_INIT;
	struct learn_result got;
	struct learner *l;
	struct script s;
	struct buf lines;

	assert_int_equal(learner_new(&conf, &l, NULL), E_OK);
	script_parse(&s, &a, text);
	if (as_requests) {
		script_requests(&s, l);
	} else {
		buf_init_arena(&lines, &a, LIMIT_INPUT);
		script_claude(&s, &lines);
		learn_read_text(l, buf_str(&lines), E_OK);
	}
	learner_result(l, &a, &got);
	count(score, name, &s, &got, as_requests);
	learner_free(l);
	arena_release(&a);
}

static void run_all(bool as_requests)
{
	struct score score = {0};
	DIR *dir = opendir(DIRECTORY);
	struct dirent *e;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		char path[512];
		struct buf text;

		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", DIRECTORY, e->d_name);
		buf_init(&text, LIMIT_CONFIG_FILE);
		assert_int_equal(file_read(path, &text, NULL), E_OK);
		run_case(e->d_name, buf_str(&text), as_requests, &score);
		buf_release(&text);
	}
	(void)closedir(dir);
	print_message("%zu cases as %s: %zu of %zu wanted rules, %zu others; precision %.3f, "
		      "recall %.3f\n",
		score.cases, as_requests ? "requests" : "a recording", score.hits, score.wanted,
		score.false_alarms, (double)score.hits / (double)(score.hits + score.false_alarms),
		(double)score.hits / (double)score.wanted);
	assert_true(score.wanted > 20);
	assert_int_equal(score.hits, score.wanted);
	assert_int_equal(score.false_alarms, 0);
}

static void a_recording_teaches_what_it_should(void **state)
{
	(void)state;
	run_all(false);
}

static void requests_that_repeat_the_history_teach_the_same(void **state)
{
	(void)state;
	run_all(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recording_teaches_what_it_should),
		cmocka_unit_test(requests_that_repeat_the_history_teach_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
