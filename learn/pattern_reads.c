/* Files that are read whole again and again though they stay the same. */
#include "learn/pattern.h"

enum { READS_MIN = 4, SHOWN_MAX = 100 };

void pattern_reads(const struct look *l)
{
	struct sighting x = {.kind = RULE_REPEATED_READ, .evidence_min = 2, .sessions_min = 2};
	str path = look_path(l, l->c, l->c->path);
	struct repeat *r;
	struct buf b;

	if (l->c->kind != CALL_READ || l->c->is_part || call_failed(l->c) || !path.n ||
		text_is_passing(path))
		return;
	r = session_repeat(l->s, outcome_of("read", path));
	if (r->output_hash != l->c->output_hash)
		r->n = 0, r->wasted = 0;
	r->output_hash = l->c->output_hash;
	r->at = l->c->answered;
	r->wasted += r->n++ ? call_tokens(l->c) : 0;
	if (r->n < READS_MIN)
		return;
	x.key = pattern_key(l->scratch, "read", look_shown(l, path), STR_NULL);
	x.tokens = r->n == READS_MIN ? r->wasted : call_tokens(l->c);
	x.amount = r->n;
	x.is_more = r->n > READS_MIN;
	x.path = text_is_absolute(path) ? path : STR_NULL;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, look_shown(l, path), SHOWN_MAX))
		return;
	buf_add_c(&b, " was read up to %N times a session without a change: one read is enough.");
	look_see(l, &x, &b);
}
