/* What is installed here, and under which name: commands and modules that were not found, what worked in their place, and what had
 * to be installed first. */
#include "learn/pattern.h"

enum { NAME_MAX_BYTES = 40, RIGHT_MAX = 80 };

/* ---- which one is missing ------------------------------------------------------------------------------- */

static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!text_is_word(s.p[i]) && !(s.p[i] == '-' && i) && s.p[i] != '.' &&
			s.p[i] != '+' && !(s.p[i] == '@' && !i) && s.p[i] != '/')
			return false;
	return s.n && s.n <= NAME_MAX_BYTES && s.p[0] != '.' && s.p[0] != '/';
}

static str first_word(str s)
{
	size_t n = 0;

	s = str_trim(s);
	while (n < s.n && !text_is_space(s.p[n]) && s.p[n] != ';')
		n++;
	return str_sub(s, 0, n);
}

/* "bash: line 1: tree: command not found", "(eval):1: command not found: tree", "sh: 1: tree: not found". */
static str missing_in_line(str line)
{
	static const char *const BEHIND[] = {"command not found: "};
	static const char *const BEFORE[] = {": command not found", ": not found"};
	size_t at;

	for (size_t i = 0; i < ARRAY_N(BEHIND); i++) {
		at = text_find_nocase(line, BEHIND[i]);
		if (at != STR_NONE)
			return first_word(str_sub(line, at + strlen(BEHIND[i]), line.n));
	}
	for (size_t i = 0; i < ARRAY_N(BEFORE); i++) {
		str before;

		at = text_find_nocase(line, BEFORE[i]);
		if (at == STR_NONE)
			continue;
		before = str_sub(line, 0, at);
		/* Only a shell says the second. */
		if (i == 1 && text_find_nocase(before, "sh: ") == STR_NONE)
			continue;
		at = str_rfind_byte(before, ' ');
		return at == STR_NONE ? before : str_sub(before, at + 1, before.n);
	}
	return STR_NULL;
}

/* The program of the command itself that a shell did not find: one that a script of it needs may be there by the next time. */
static str missing_program(const struct call *c, const struct command *command)
{
	str texts[] = {c->head, c->tail}, line;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		while (str_next_line(&texts[i], &line, NULL)) {
			str name = missing_in_line(line);

			if (is_name(name) && command_runs(command, text_base(name)))
				return name;
		}
	return STR_NULL;
}

static str quoted(str s)
{
	char q = s.n ? s.p[0] : 0;
	size_t n = 1;

	if (q != '\'' && q != '"')
		return first_word(s);
	while (n < s.n && s.p[n] != q)
		n++;
	return str_sub(s, 1, n);
}

/* The package, not the module within it; nothing for a file of the project. */
static str missing_module(const struct call *c)
{
	static const char *const WORDS[] = {
		"no module named ", "cannot find module ", "cannot find package "};
	str texts[] = {c->tail, c->head};

	for (size_t k = 0; k < ARRAY_N(texts); k++)
		for (size_t i = 0; i < ARRAY_N(WORDS); i++) {
			size_t at = text_find_nocase(texts[k], WORDS[i]);
			str name;

			if (at == STR_NONE)
				continue;
			name = quoted(str_sub(texts[k], at + strlen(WORDS[i]), texts[k].n));
			if (i == 0 && str_find_byte(name, '.') != STR_NONE)
				name = str_sub(name, 0, str_find_byte(name, '.'));
			return is_name(name) ? name : STR_NULL;
		}
	return STR_NULL;
}

/* ---- what is said of it ------------------------------------------------------------------------------------- */

static void see_missing(const struct look *l, str name)
{
	struct sighting x = {.kind = RULE_ENVIRONMENT,
		.key = pattern_key(l->scratch, "missing", name, STR_NULL),
		.topic = outcome_of("missing", name),
		.wrong = outcome_of("program", name),
		.evidence_min = 2,
		.sessions_min = 1,
		.tokens = call_tokens(l->c)};
	struct buf b;

	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, name, NAME_MAX_BYTES))
		return;
	buf_add_c(&b, " is not installed here.");
	look_see(l, &x, &b);
}

/* The module is what lacked, or empty: then the program itself. */
static void see_replacement(
	const struct look *l, const struct call *failed, str wrong, str right, str module)
{
	struct sighting x = {.kind = RULE_ENVIRONMENT,
		.key = pattern_key(l->scratch, "use", module.n ? module : wrong, right),
		.topic = outcome_of(module.n ? "module" : "missing", module.n ? module : wrong),
		.rank = 2,
		.wrong = module.n ? 0 : outcome_of("program", wrong),
		.right = outcome_of("program", first_word(right)),
		.evidence_min = 2,
		.sessions_min = 1,
		.tokens = call_tokens(failed)};
	struct buf b;

	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, wrong, RIGHT_MAX))
		return;
	buf_add_c(&b, module.n ? " lacks " : " is not found here: use ");
	if (module.n && !text_add_code(&b, module, NAME_MAX_BYTES))
		return;
	buf_add_c(&b, module.n ? " here: use " : "");
	if (!text_add_code(&b, right, RIGHT_MAX))
		return;
	buf_add_byte(&b, '.');
	look_see(l, &x, &b);
}

static void see_preparation(
	const struct look *l, const struct call *failed, str missing, str by, const char *what)
{
	struct sighting x = {.kind = RULE_ENVIRONMENT,
		.key = pattern_key(l->scratch, what, missing, by),
		.topic = outcome_of("missing", missing),
		.rank = 1,
		.evidence_min = 2,
		.sessions_min =
			2, /* once installed it stays, unless each session starts from nothing */
		.tokens = call_tokens(failed)};
	struct buf b;

	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, missing, NAME_MAX_BYTES))
		return;
	buf_add_c(&b, " is missing at first: run ");
	if (!text_add_code(&b, by, RIGHT_MAX))
		return;
	buf_add_c(&b, " before it is needed.");
	look_see(l, &x, &b);
}

/* ---- what worked then ------------------------------------------------------------------------------------------ */

static bool lacked_something(const struct look *l, const struct call *failed, void *self)
{
	(void)l, (void)self;
	return failed->kind == CALL_SHELL && failed->arg.n &&
	       (failed->failure == FAILURE_NO_COMMAND || failed->failure == FAILURE_NO_MODULE);
}

static bool installs(const struct command *c)
{
	static const char *const PROGRAMS[] = {"pip", "pip3", "uv", "poetry", "npm", "pnpm", "yarn",
		"bun", "bundle", "composer", "go", "apt-get", "apt", "brew", "apk", "dnf"};
	static const char *const VERBS[] = {"install", "add", "sync", "ci", "i"};
	const struct command_part *p = command_main(c);
	bool is_manager = false, is_verb = false;

	for (uint32_t i = 0; i < p->words_n && i < 5; i++) {
		for (size_t k = 0; k < ARRAY_N(PROGRAMS); k++)
			is_manager |= str_eq_c(text_base(p->words[i]), PROGRAMS[k]);
		for (size_t k = 0; k < ARRAY_N(VERBS); k++)
			is_verb |= i && str_eq_c(p->words[i], VERBS[k]);
	}
	return is_manager && is_verb;
}

static void look_for_remedy(const struct look *l)
{
	struct call *failed = look_failed(l, lacked_something, NULL);
	struct command *before;
	str missing, module, wrong, right;

	if (!failed)
		return;
	before = arena_alloc(l->scratch, sizeof *before, alignof(struct command));
	if (!command_parse(failed->arg, l->scratch, before))
		return;
	module = failed->failure == FAILURE_NO_MODULE ? missing_module(failed) : STR_NULL;
	missing = module.n ? module : missing_program(failed, before);
	if (!missing.n)
		return;
	if (installs(l->command) && l->command->is_plain) {
		see_preparation(l, failed, missing, l->command->core, "install");
	} else if (command_replacement(before, l->command, &wrong, &right)) {
		if (!module.n && !str_eq(text_base(wrong), text_base(missing)))
			return;
		see_replacement(l, failed, wrong, right, module);
	} else if (l->command->activate.n && !before->activate.n &&
		   command_is_related(before, l->command)) {
		see_preparation(l, failed, missing, l->command->activate, "activate");
	} else {
		return;
	}
	failed->is_fixed = true;
}

static void note_programs(const struct look *l, str missing)
{
	const struct command *c = l->command;
	const struct call *call = l->c;

	if (missing.n)
		project_note_outcome(l->s->project, outcome_of("program", missing), false);
	if (call->failure == FAILURE_REJECTED || call->failure == FAILURE_DENIED ||
		call->failure == FAILURE_SIBLING)
		return;
	/* Of one that failed only what it is about was surely run. */
	for (uint32_t i = 0; i < c->parts_n; i++) {
		str program = c->parts[i].words_n ? c->parts[i].words[0] : STR_NULL;

		if (!program.n || (call_failed(call) && i != c->main) || str_eq(program, missing))
			continue;
		if (call->failure != FAILURE_NO_COMMAND)
			project_note_outcome(l->s->project, outcome_of("program", program), true);
	}
}

void pattern_environment(const struct look *l)
{
	str missing = STR_NULL;

	if (!l->command)
		return;
	if (l->c->failure == FAILURE_NO_COMMAND)
		missing = missing_program(l->c, l->command);
	note_programs(l, missing);
	if (missing.n)
		see_missing(l, missing);
	if (!call_failed(l->c))
		look_for_remedy(l);
}
