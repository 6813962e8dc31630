/* Sub-agents that cost much, by their kind. */
#include "learn/pattern.h"

enum { TOKENS_MIN = 200000, NAME_MAX_BYTES = 60 };

void pattern_subagent(const struct look *l)
{
	struct sighting x = {.kind = RULE_SUBAGENT, .evidence_min = 2, .sessions_min = 1};
	struct buf b;

	if (l->c->kind != CALL_AGENT || !l->c->arg.n || l->c->subagent_tokens < TOKENS_MIN)
		return;
	x.key = pattern_key(l->scratch, "subagent", l->c->arg, STR_NULL);
	x.tokens = l->c->subagent_tokens - TOKENS_MIN;
	x.amount = l->c->subagent_tokens;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	buf_add_c(&b, "Sub-agents of kind ");
	if (!text_add_code(&b, l->c->arg, NAME_MAX_BYTES))
		return;
	buf_add_c(&b, " took up to %N tokens: give each one narrow task, and name the files that "
		      "matter.");
	look_see(l, &x, &b);
}
