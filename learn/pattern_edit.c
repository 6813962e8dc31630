/* Edits that were refused, because the file was not read, or is not as it was. */
#include "learn/pattern.h"

static const struct {
	const char *words, *text;
} ROWS[] = {
	{"has not been read yet", "A file that is there must be read before it is written or "
				  "edited: that was refused up to %N times a session."},
	{"has been modified since read",
		"Files change between reading and editing (a formatter, a linter): that was "
		"refused %N times; read them again first."},
	{"string to replace not found",
		"Edits failed up to %N times a session because the text was not in the "
		"file as given: read those lines again before an edit."},
	{"could not find the exact text",
		"Edits failed up to %N times a session because the text was not in the "
		"file as given: read those lines again before an edit."},
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
		project_see(l->s->project, &x, l->s->hash, l->c->at_ms);
		return;
	}
}
