/* Where searches find nothing, and where the same search did. */
#include "learn/pattern.h"

enum { SHOWN_MAX = 80 };

static bool is_search(const struct call *c)
{
	return c->kind == CALL_GLOB || c->kind == CALL_GREP;
}

/* The directory of a search; empty: that of the project. */
static str directory_of(const struct look *l, const struct call *c)
{
	str dir = look_path(l, c, c->path);

	return dir.n ? dir : l->s->project->dir;
}

static bool found_nothing(const struct look *l, const struct call *failed, void *self)
{
	(void)self;
	return failed->kind == l->c->kind && failed->failure == FAILURE_NO_MATCH && failed->arg.n &&
	       str_eq(failed->arg, l->c->arg) &&
	       !str_eq(directory_of(l, failed), directory_of(l, l->c));
}

void pattern_search(const struct look *l)
{
	str right = directory_of(l, l->c), wrong;
	struct sighting x = {.kind = RULE_SEARCH, .evidence_min = 2, .sessions_min = 1};
	struct call *failed;
	struct buf b;

	if (!is_search(l->c) || (call_failed(l->c) && l->c->failure != FAILURE_NO_MATCH))
		return;
	if (right.n)
		project_note_outcome(
			l->s->project, outcome_of("search", right), !call_failed(l->c));
	failed = call_failed(l->c) ? NULL : look_failed(l, found_nothing, NULL);
	if (!failed)
		return;
	failed->is_fixed = true;
	wrong = directory_of(l, failed);
	if (!wrong.n || !right.n || text_is_passing(wrong) || text_is_passing(right))
		return;
	x.key = pattern_key(l->scratch, "search", look_shown(l, wrong), look_shown(l, right));
	x.topic = x.wrong = outcome_of("search", wrong);
	x.tokens = call_tokens(failed);
	x.path = text_is_absolute(right) ? right : STR_NULL;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	buf_add_c(&b, "Searches in ");
	if (!text_add_code(&b, look_shown(l, wrong), SHOWN_MAX))
		return;
	buf_add_c(&b, " find nothing: search in ");
	if (!text_add_code(&b, look_shown(l, right), SHOWN_MAX))
		return;
	buf_add_byte(&b, '.');
	look_see(l, &x, &b);
}
