/* Files that are too large to be read whole: refused, read whole at a great cost, or read in many parts. */
#include "learn/pattern.h"

enum {
	SHOWN_MAX = 100,
	WHOLE_TOKENS =
		10000, /* of a read that cost more than most whole sessions of a small task */
	PARTS_MIN = 3,
	PARTS_TOKENS = 5000, /* all parts together; short looks at a short file are no sign */
};

static bool is_sighting(const struct look *l, str path)
{
	struct repeat *r;

	if (l->c->failure == FAILURE_TOO_LARGE)
		return true;
	if (call_failed(l->c))
		return false;
	if (!l->c->is_part)
		return l->c->output_bytes / 4 >= WHOLE_TOKENS;
	r = session_repeat(l->s, outcome_of("parts", path));
	r->at = l->c->answered;
	r->n++;
	r->wasted += l->c->output_bytes / 4;
	if (r->is_told || r->n < PARTS_MIN || r->wasted < PARTS_TOKENS)
		return false;
	r->is_told = true;
	return true;
}

void pattern_large(const struct look *l)
{
	struct sighting x = {.kind = RULE_LARGE_FILE, .evidence_min = 2, .sessions_min = 1};
	str path = look_path(l, l->c, l->c->path);
	struct buf b;

	if (l->c->kind != CALL_READ || !path.n || text_is_passing(path) || !is_sighting(l, path))
		return;
	x.key = pattern_key(l->scratch, "large", look_shown(l, path), STR_NULL);
	x.tokens = call_failed(l->c) || !l->c->is_part ? call_tokens(l->c) : 0;
	x.path = text_is_absolute(path) ? path : STR_NULL;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, look_shown(l, path), SHOWN_MAX))
		return;
	buf_add_c(&b, " is large: search in it, and read the lines that you need.");
	look_see(l, &x, &b);
}
