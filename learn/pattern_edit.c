/* Edits that were refused, because the file was not read, or is not as it was. */
#include "learn/pattern.h"

static const struct {
	const char *words, *text;
} ROWS[] = {
	{"has not been read yet", "A file that is there must be read before it is written or "
				  "edited (refused up to %N times a session)."},
	{"has been modified since read",
		"Files change between reading and editing, as by a formatter: read them again "
		"first (refused up to %N times a session)."},
	{"string to replace not found",
		"The text that an edit replaces must be in the file as given: read the lines again "
		"first (failed up to %N times a session)."},
	{"could not find the exact text",
		"The text that an edit replaces must be in the file as given: read the lines again "
		"first (failed up to %N times a session)."},
};

void pattern_edit(const struct look *l)
{
	struct sighting x = {.kind = RULE_COMMAND, .evidence_min = 3, .sessions_min = 1};
	struct repeat *r;

	if (l->c->kind != CALL_CHANGE || l->c->failure != FAILURE_NOT_READ)
		return;
	for (size_t i = 0; i < ARRAY_N(ROWS); i++) {
		if (!text_has_nocase(l->c->head, ROWS[i].words))
			continue;
		x.key = x.text = str_from(ROWS[i].text);
		x.tokens = call_tokens(l->c);
		r = session_repeat(l->s, outcome_of("edit", x.key));
		r->at = l->c->answered;
		x.amount = ++r->n;
		x.seen = session_sighting_call(l->s, l->c);
		project_see(l->s->project, &x, l->s->hash, l->c->at_ms);
		return;
	}
}
