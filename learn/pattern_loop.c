/* The same command again and again, with the same outcome and nothing changed in between; or its output fetched piece by piece. */
#include "core/base/hash.h"
#include "learn/pattern.h"

enum {
	LOOP_MIN = 3,
	GAP_MAX = 15, /* calls; one that comes back after more is no loop */
	COMMAND_MAX = 90,
	WASTE_MIN = 50, /* tokens; less is not worth a line */
};

/* What one asks again because it changes by itself. */
static bool is_polling(const struct command *c)
{
	static const char *const WORDS[] = {"sleep", "watch", "curl", "ps", "pgrep", "jobs", "wait",
		"kubectl", "docker", "docker-compose", "gh", "git", "ls", "cat", "sed", "head",
		"tail", "date", "echo", "lsof", "nc"};

	for (uint32_t i = 0; i < c->parts_n; i++)
		for (size_t k = 0; k < ARRAY_N(WORDS); k++)
			if (c->parts[i].words_n &&
				str_eq_c(text_base(c->parts[i].words[0]), WORDS[k]))
				return i <= c->main;
	return false;
}

static void see(const struct look *l, struct repeat *r, bool is_error)
{
	struct sighting x = {.kind = RULE_LOOP,
		.key = pattern_key(
			l->scratch, is_error ? "error" : "fetch", l->command->core, STR_NULL),
		.evidence_min = 2,
		.sessions_min = 1,
		.tokens = r->is_told ? call_tokens(l->c) : r->wasted,
		.amount = r->n,
		.is_more = r->is_told};
	struct buf b;

	r->is_told = true;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, l->command->core, COMMAND_MAX))
		return;
	buf_add_c(&b, is_error ? " was run up to %N times with the same error and no change in "
				 "between: change something first."
			       : " was run up to %N times for parts of the same output: write it "
				 "to a file, and search there.");
	look_see(l, &x, &b);
}

void pattern_loop(const struct look *l)
{
	struct repeat *r;
	bool is_same;

	if (!l->command || !l->command->is_plain || is_polling(l->command) ||
		l->c->failure == FAILURE_REJECTED || l->c->failure == FAILURE_DENIED ||
		l->c->failure == FAILURE_SIBLING)
		return;
	r = session_repeat(l->s, outcome_of("loop", l->command->core));
	is_same =
		r->n && r->at + 2 * GAP_MAX >= l->c->answered && r->changed_at == l->s->changed_at;
	if (!is_same)
		r->n = r->others = 0, r->wasted = 0, r->is_told = false;
	r->others += r->n && r->output_hash != hash64(l->c->arg);
	r->output_hash = hash64(l->c->arg);
	r->n++;
	r->wasted += r->n > 1 ? call_tokens(l->c) : 0;
	r->at = l->c->answered;
	r->changed_at = l->s->changed_at;
	/* What works may be run again; each time with another "| head -N" it is read in pieces. */
	if (r->n >= LOOP_MIN && r->wasted >= WASTE_MIN &&
		(call_failed(l->c) || r->others + 1 >= LOOP_MIN))
		see(l, r, call_failed(l->c));
}
