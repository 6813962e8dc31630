/* What is not allowed here: by the agent's rules, by the system, or because the user turns it down. */
#include "learn/pattern.h"

enum { COMMAND_MAX = 80 };

/* "git push" of "git push origin main": the program with its verb. */
static str verb_of(const struct look *l)
{
	const struct command_part *p = command_main(l->command);
	str verb = p->words_n > 1 ? p->words[1] : STR_NULL;

	for (size_t i = 0; i < verb.n; i++)
		if (!text_is_word(verb.p[i]) && verb.p[i] != '-' && verb.p[i] != ':')
			return p->words[0];
	if (!verb.n || verb.p[0] == '-')
		return p->words[0];
	return arena_printf(l->scratch, STR_FMT " " STR_FMT, STR_ARG(p->words[0]), STR_ARG(verb));
}

static const struct {
	enum failure failure;
	uint32_t evidence_min;
	const char *what;
} ROWS[] = {
	{FAILURE_DENIED, 2, " is not allowed here: ask the user to run it."},
	{FAILURE_REJECTED, 3, " is turned down by the user: show the command, do not run it."},
	{FAILURE_PERMISSION, 2, " is not permitted here: do not try it without asking."},
};

void pattern_permission(const struct look *l)
{
	struct sighting x = {.kind = RULE_PERMISSION, .sessions_min = 1};
	const char *what = NULL;
	struct buf b;
	str verb;

	if (!l->command)
		return;
	verb = verb_of(l);
	if (!call_failed(l->c))
		project_note_outcome(l->s->project, outcome_of("allowed", verb), true);
	for (size_t i = 0; i < ARRAY_N(ROWS); i++)
		if (ROWS[i].failure == l->c->failure) {
			what = ROWS[i].what;
			x.evidence_min = ROWS[i].evidence_min;
		}
	/* What a script of the project prints is not said of the command; nor does a long line say which part it was. */
	if (!what || (l->c->failure == FAILURE_PERMISSION && !l->command->is_plain))
		return;
	project_note_outcome(l->s->project, outcome_of("allowed", verb), false);
	x.key = pattern_key(l->scratch, failure_text(l->c->failure), verb, STR_NULL);
	x.wrong = outcome_of("allowed", verb);
	x.tokens = call_tokens(l->c);
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, verb, COMMAND_MAX))
		return;
	buf_add_c(&b, what);
	look_see(l, &x, &b);
}
