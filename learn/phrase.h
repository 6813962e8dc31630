/* phrase: rules in better words, by a model that somebody asks (cli/learn_model.h). What it may do is little: say a rule more clearly, and
 * say several as one. It cannot add a rule, nor a command, path or name that no rule has: an answer that does so is not taken. What it does
 * not mention stays as it is.
 * Owns: nothing; results live in the arena. Thread: any. */
#ifndef LEARN_PHRASE_H
#define LEARN_PHRASE_H

#include "core/base/buf.h"
#include "learn/rule.h"

/* Appends the prompt. The rules, which hold words of the user and of programs, stand in it as JSON, which it calls data. */
void phrase_prompt(const struct rule_set *set, struct buf *out);
/* What the model answered: anything with one JSON object in it, {"rules":[{"keys":["KEY",...],"text":"..."}]}. *out is set with the
 * rules changed so; *taken how many of its rules were taken, *refused how many were not. E_MALFORMED: there is no such object. */
enum err phrase_answer(struct arena *a, const struct rule_set *set, str answer,
	struct rule_set *out, unsigned *taken, unsigned *refused, struct errctx *cx) MUST_CHECK;

#endif
