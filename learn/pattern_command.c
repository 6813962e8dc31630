/* Commands that were called wrongly, and how they work: other options, another script, another directory; and those that do not
 * come to an end. A test that fails and passes after an edit is none of these. */
#include "learn/pattern.h"

enum { COMMAND_MAX = 80, OPTION_MAX = 32 };

/* Failures that a wrong call has, and not a wrong program. */
static bool is_of_call(enum failure f)
{
	return f == FAILURE_USAGE || f == FAILURE_NO_SCRIPT || f == FAILURE_SHELL ||
	       f == FAILURE_NO_FILE;
}

static bool was_called_wrongly(const struct look *l, const struct call *failed, void *self)
{
	struct command *before = self;

	return failed->kind == CALL_SHELL && failed->arg.n && is_of_call(failed->failure) &&
	       failed->turn == l->c->turn && failed->answered > l->s->changed_at &&
	       command_parse(failed->arg, l->scratch, before) &&
	       command_is_related(before, l->command);
}

/* The option that a program says it does not know: "invalid option -- 'P'", "unknown option: --foo". */
static str refused_option(const struct call *c)
{
	static const char *const WORDS[] = {"unknown option", "unrecognized option",
		"unrecognised option", "invalid option", "illegal option", "unknown flag",
		"unexpected argument", "unrecognized arguments", "unknown predicate",
		"not defined"};
	str texts[] = {c->head, c->tail};

	for (size_t k = 0; k < ARRAY_N(texts); k++)
		for (size_t i = 0; i < ARRAY_N(WORDS); i++) {
			size_t at = text_find_nocase(texts[k], WORDS[i]);
			str s;
			size_t n = 0;
			bool is_letter;

			if (at == STR_NONE)
				continue;
			s = str_sub(texts[k], at + strlen(WORDS[i]), texts[k].n);
			is_letter = str_take(&s, STR(" -- "));
			while (s.n && (strchr(" :'\"`", s.p[0]) || (unsigned char)s.p[0] >= 0x80))
				s = str_sub(s, 1, s.n);
			while (n < s.n && (text_is_word(s.p[n]) || s.p[n] == '-'))
				n++;
			if (!n || n > OPTION_MAX || (!is_letter && s.p[0] != '-'))
				return STR_NULL;
			/* A letter alone stands for the option; the text of the call says with which dash. */
			return is_letter ? (str){s.p, 1} : str_sub(s, 0, n);
		}
	return STR_NULL;
}

static void see(
	const struct look *l, const struct call *failed, struct sighting *x, const struct buf *b)
{
	x->kind = RULE_COMMAND;
	x->evidence_min = 2;
	x->sessions_min = 1;
	x->tokens = call_tokens(failed);
	look_see(l, x, b);
}

/* The same command, there in another directory. */
static bool see_directory(
	const struct look *l, const struct call *failed, const struct command *before)
{
	str here = look_path(l, l->c, l->command->dir), there = look_path(l, failed, before->dir);
	struct sighting x = {0};
	struct buf b;

	if (!str_eq(before->core, l->command->core))
		return false;
	if (!l->command->dir.n || str_eq(here, there) || !text_is_absolute(here) ||
		text_is_passing(here))
		return true; /* not a matter of words */
	x.key = pattern_key(l->scratch, "in", before->core, look_shown(l, here));
	x.topic = outcome_of("in", before->core);
	x.path = here;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, before->core, COMMAND_MAX))
		return true;
	buf_add_c(&b, " is run in ");
	if (!text_add_code(&b, look_shown(l, here), COMMAND_MAX))
		return true;
	buf_add_byte(&b, '.');
	see(l, failed, &x, &b);
	return true;
}

static bool see_option(
	const struct look *l, const struct call *failed, const struct command *before)
{
	str option = refused_option(failed), program = text_base(command_program(before));
	struct sighting x = {0};
	struct buf b;

	if (failed->failure != FAILURE_USAGE || !option.n ||
		!str_eq(program, text_base(command_program(l->command))))
		return false;
	if (option.p[0] != '-')
		option = arena_printf(l->scratch, "-" STR_FMT, STR_ARG(option));
	x.key = pattern_key(l->scratch, "option", program, option);
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, program, OPTION_MAX))
		return true;
	buf_add_c(&b, " here has no option ");
	if (!text_add_code(&b, option, OPTION_MAX))
		return true;
	buf_add_c(&b, "; this works: ");
	if (!text_add_code(&b, l->command->core, COMMAND_MAX))
		return true;
	buf_add_byte(&b, '.');
	see(l, failed, &x, &b);
	return true;
}

static void see_pair(const struct look *l, const struct call *failed, const struct command *before)
{
	struct sighting x = {.wrong = outcome_of("command", before->core),
		.right = outcome_of("command", l->command->core),
		.topic = outcome_of("instead", before->core)};
	struct buf b;

	/* A file that is not there is a matter of paths, unless the program stays without any. */
	if (failed->failure == FAILURE_NO_FILE || !before->is_plain || !l->command->is_plain ||
		text_is_passing(before->core) || text_is_passing(l->command->core))
		return;
	x.key = pattern_key(l->scratch, "instead", before->core, l->command->core);
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, before->core, COMMAND_MAX))
		return;
	buf_printf(&b, " %s: use ", failure_text(failed->failure));
	if (!text_add_code(&b, l->command->core, COMMAND_MAX))
		return;
	buf_add_byte(&b, '.');
	see(l, failed, &x, &b);
}

static void see_endless(const struct look *l)
{
	struct sighting x = {.key = pattern_key(l->scratch, "endless", l->command->core, STR_NULL),
		.wrong = outcome_of("command", l->command->core)};
	struct buf b;

	if (!l->command->is_plain || text_is_passing(l->command->core))
		return;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, l->command->core, COMMAND_MAX))
		return;
	buf_add_c(&b, " does not end within the time limit: run it in the background, or on less.");
	see(l, l->c, &x, &b);
}

/* Lines with substitutions, several lines: what the shell of the agent makes of them. */
static void see_refused(const struct look *l)
{
	struct sighting x = {.key = STR("shell")};
	struct buf b;

	if (!text_has_nocase(l->c->head, "parse error near") &&
		!text_has_nocase(l->c->head, "unexpected token"))
		return;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	buf_add_c(&b, "The shell of the tool refuses long lines with substitutions (parse error): "
		      "run their parts one by "
		      "one, or write a script.");
	see(l, l->c, &x, &b);
}

void pattern_command(const struct look *l)
{
	struct command *before;
	struct call *failed;

	if (l->c->kind == CALL_SHELL && l->c->failure == FAILURE_SHELL)
		see_refused(l);
	if (!l->command)
		return;
	if (l->c->failure == FAILURE_NONE || is_of_call(l->c->failure) ||
		l->c->failure == FAILURE_TIMEOUT)
		project_note_outcome(
			l->s->project, outcome_of("command", l->command->core), !call_failed(l->c));
	if (l->c->failure == FAILURE_TIMEOUT)
		see_endless(l);
	if (call_failed(l->c))
		return;
	before = arena_alloc(l->scratch, sizeof *before, alignof(struct command));
	failed = look_failed(l, was_called_wrongly, before);
	if (!failed || !command_parse(failed->arg, l->scratch, before))
		return;
	failed->is_fixed = true;
	if (!see_directory(l, failed, before) && !see_option(l, failed, before))
		see_pair(l, failed, before);
}
