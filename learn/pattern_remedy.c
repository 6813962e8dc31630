/* What a program itself says when it fails: which command to run first, which paths git ignores, that there is no such tool. What a
 * program asks for is only taken up when the agent did it, and it worked: its output is not to be trusted further. */
#include "learn/pattern.h"

enum { COMMAND_MAX = 80, PATH_SHOWN_MAX = 100, MESSAGE_MAX = 200 };

static void see(
	const struct look *l, struct sighting *x, const struct call *failed, const struct buf *b)
{
	x->evidence_min = 2;
	x->sessions_min = 1;
	x->tokens = call_tokens(failed);
	look_see(l, x, b);
}

/* ---- "Run 'mix format' to fix." -------------------------------------------------------------------------------- */

/* True when the text asks for that command, in quotes behind "run". */
static bool asks_for(str text, str command)
{
	static const char *const QUOTES[] = {"run '", "run `", "run \""};

	for (size_t i = 0; i < ARRAY_N(QUOTES); i++)
		for (str rest = text; rest.n;) {
			size_t at = text_find_nocase(rest, QUOTES[i]), end;
			char q = QUOTES[i][4];
			str asked;

			if (at == STR_NONE)
				break;
			rest = str_sub(rest, at + 5, rest.n);
			end = str_find_byte(rest, q);
			asked = str_sub(rest, 0, end == STR_NONE ? rest.n : end);
			if (asked.n >= 4 && str_eq(str_trim(asked), command))
				return true;
		}
	return false;
}

static bool asked(const struct look *l, const struct call *failed, void *self)
{
	(void)self;
	return failed->kind == CALL_SHELL && failed->arg.n &&
	       (asks_for(failed->head, l->command->core) ||
		       asks_for(failed->tail, l->command->core));
}

/* The part that would fail again: a commit of "git add . && git commit", else what the line is about. */
static str verb_of(const struct look *l, const struct call *failed)
{
	struct command *c = arena_alloc(l->scratch, sizeof *c, alignof(struct command));
	const struct command_part *p;

	if (!command_parse(failed->arg, l->scratch, c))
		return STR_NULL;
	p = command_main(c);
	for (uint32_t i = c->main; i < c->parts_n; i++)
		if (c->parts[i].words_n > 1 && str_eq_c(c->parts[i].words[1], "commit"))
			p = &c->parts[i];
	if (p->words_n > 1 && p->words[1].n && p->words[1].p[0] != '-' &&
		str_find_byte(p->words[1], '/') == STR_NONE)
		return arena_printf(l->scratch, STR_FMT " " STR_FMT, STR_ARG(p->words[0]),
			STR_ARG(p->words[1]));
	return p->words[0];
}

static void look_for_asked(const struct look *l)
{
	struct call *failed = l->command->is_plain ? look_failed(l, asked, NULL) : NULL;
	struct sighting x = {.kind = RULE_COMMAND};
	struct buf b;
	str verb;

	if (!failed)
		return;
	failed->is_fixed = true;
	verb = verb_of(l, failed);
	x.key = pattern_key(l->scratch, "first", verb, l->command->core);
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	buf_add_c(&b, "Run ");
	if (!text_add_code(&b, l->command->core, COMMAND_MAX))
		return;
	buf_add_c(&b, " before ");
	if (!text_add_code(&b, verb, COMMAND_MAX))
		return;
	buf_add_c(&b, ", which fails without it.");
	see(l, &x, failed, &b);
}

/* ---- git ---------------------------------------------------------------------------------------------------------- */

static void see_ignored(const struct look *l, str path)
{
	struct sighting x = {
		.kind = RULE_COMMAND, .key = pattern_key(l->scratch, "ignored", path, STR_NULL)};
	struct buf b;

	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, path, PATH_SHOWN_MAX))
		return;
	buf_add_c(&b, " is ignored by git: do not add it.");
	see(l, &x, l->c, &b);
}

static void look_for_ignored(const struct look *l)
{
	str rest = l->c->head, line;
	size_t at = text_find_nocase(rest, "are ignored by one of your .gitignore files:");

	if (at == STR_NONE)
		return;
	rest = str_sub(rest, at, rest.n);
	(void)str_next_line(&rest, &line, NULL);
	while (str_next_line(&rest, &line, NULL) && line.n && !str_starts(line, STR("hint:")))
		see_ignored(l, str_trim(line));
}

static void look_for_upstream(const struct look *l)
{
	struct sighting x = {.kind = RULE_COMMAND, .key = STR("upstream")};
	struct buf b;

	if (!text_has_nocase(l->c->head, "has no upstream branch") ||
		!command_runs(l->command, STR("git")))
		return;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	buf_add_c(&b, "The first push of a branch is `git push --set-upstream origin BRANCH`.");
	see(l, &x, l->c, &b);
}

/* ---- tools ---------------------------------------------------------------------------------------------------------- */

static void look_for_tool(const struct look *l)
{
	str shown = str_trim(l->c->head), tool = l->c->tool;
	const str forms[] = {arena_printf(l->scratch, "Tool " STR_FMT " not found", STR_ARG(tool)),
		arena_printf(l->scratch, "No such tool available: " STR_FMT, STR_ARG(tool)),
		arena_printf(l->scratch, "unknown tool: " STR_FMT, STR_ARG(tool))};
	bool is_missing = false;
	struct sighting x = {.kind = RULE_ENVIRONMENT, .wrong = outcome_of("tool", tool)};
	struct buf b;

	for (size_t i = 0; i < ARRAY_N(forms) && tool.n; i++)
		is_missing |= str_find(shown, forms[i]) != STR_NONE;
	is_missing &= l->c->output_bytes < MESSAGE_MAX;
	project_note_outcome(l->s->project, x.wrong, !is_missing);
	if (!is_missing)
		return;
	x.key = pattern_key(l->scratch, "tool", tool, STR_NULL);
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	buf_add_c(&b, "There is no tool ");
	if (!text_add_code(&b, tool, COMMAND_MAX))
		return;
	buf_add_c(&b, " here.");
	see(l, &x, l->c, &b);
}

void pattern_remedy(const struct look *l)
{
	if (l->c->kind == CALL_OTHER)
		look_for_tool(l);
	if (!l->command)
		return;
	if (!call_failed(l->c)) {
		look_for_asked(l);
		return;
	}
	look_for_ignored(l);
	look_for_upstream(l);
}
