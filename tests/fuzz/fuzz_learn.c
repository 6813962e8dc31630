/* Any bytes as what tools are given, return, and users say: a line each, by its first byte. What comes of it are rules that may stand
 * in a file of an agent, whatever was seen. */
#include "core/base/check.h"
#include "core/base/utf8.h"
#include "learn/learner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_rule(const struct rule *r)
{
	ASSERT(r->text.n && r->text.n <= RULE_TEXT_MAX + 64 && utf8_valid_n(r->text) == r->text.n);
	ASSERT(str_find_byte(r->text, '\n') == STR_NONE &&
		str_find(r->text, STR("<!--")) == STR_NONE &&
		str_find(r->text, STR("-->")) == STR_NONE);
	ASSERT(r->evidence && r->sessions && r->sessions <= r->evidence);
	ASSERT(r->confidence > 0.6 && r->confidence <= 1);
	ASSERT(strlen(r->key) == RULE_KEY_LEN);
}

/* "cTOOL ARGUMENTS", "rRESULT", "eERROR", "uTEXT", "s" a new session, else a request. */
static void feed(struct learner *l, struct session *s, str line)
{
	char what = line.n ? line.p[0] : 0;
	str rest = line.n ? str_sub(line, 1, line.n) : line, tool;

	if (what == 'c') {
		(void)str_split(&rest, ' ', &tool);
		session_call(s, STR_NULL, tool, rest, &l->scratch);
	} else if (what == 'r' || what == 'e') {
		session_answer(s,
			&(struct answer){.text = rest, .is_error = what == 'e', .at_ms = 5},
			&l->scratch);
	} else if (what == 'u') {
		session_said(s, rest, 5, &l->scratch);
	} else if (what == 's') {
		session_begin(s, s->key + 1, s->hash + 1, s->project);
	} else {
		learner_request(l, &(struct learn_request){.body = line, .at_ms = 5});
	}
	arena_reset(&l->scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct session session;
	const struct learn_conf conf = {.min_evidence = 1};
	struct project project = {.dir = STR("/w"), .first_ms = -1, .last_ms = -1};
	struct arena a = ARENA_INIT;
	struct rule_set set;
	struct learner *l;
	str rest = {(const char *)data, n}, line;

	if (learner_new(&conf, &l, NULL) != E_OK)
		return 0;
	project.arena = &a;
	session_begin(&session, 1, 1, &project);
	while (str_next_line(&rest, &line, NULL))
		feed(l, &session, line);
	project_rules(&project, &conf, &a, &set);
	for (size_t i = 0; i < set.rules.n; i++)
		check_rule(&set.rules.v[i]);
	learner_free(l);
	arena_release(&a);
	return 0;
}
