/* Paths that were not there, and the one that was meant: read by a tool or by a command that prints a file. */
#include "learn/pattern.h"

enum { SHOWN_MAX = 90, GUESSES_MIN = 3 };

/* The one file that a command prints; empty when it prints none or several. */
static str printed_file(const struct command *c)
{
	static const char *const PROGRAMS[] = {
		"cat", "head", "tail", "sed", "nl", "less", "more", "bat"};
	const struct command_part *p = command_main(c);
	str file = STR_NULL;
	bool prints = false;

	for (size_t i = 0; i < ARRAY_N(PROGRAMS); i++)
		prints |= str_eq_c(p->words[0], PROGRAMS[i]);
	if (!prints || c->parts_n > c->main + 2 || !c->core.n)
		return STR_NULL;
	for (uint32_t i = 1; i < p->words_n; i++) {
		str w = p->words[i];

		/* What has neither a slash nor a dot is an argument: 1,200p. */
		if (w.p[0] == '-' ||
			(str_find_byte(w, '/') == STR_NONE && str_find_byte(w, '.') == STR_NONE))
			continue;
		for (size_t k = 0; k < w.n; k++)
			if (!text_is_word(w.p[k]) && !strchr("/.-+@~", w.p[k]))
				return STR_NULL;
		if (file.n)
			return STR_NULL;
		file = w;
	}
	return file;
}

/* Absolute where that can be told; empty for a call that names none. */
static str file_of(const struct look *l, const struct call *c)
{
	struct command *command;
	str file;

	if (c->kind == CALL_READ)
		return look_path(l, c, c->path);
	if (c->kind != CALL_SHELL || !c->arg.n)
		return STR_NULL;
	command = arena_alloc(l->scratch, sizeof *command, alignof(struct command));
	if (!command_parse(c->arg, l->scratch, command))
		return STR_NULL;
	file = printed_file(command);
	if (file.n && command->dir.n && !text_is_absolute(file))
		file = text_join(l->scratch, look_path(l, c, command->dir), file);
	return look_path(l, c, file);
}

static str stem_of(str base)
{
	size_t dot = str_rfind_byte(base, '.');

	return dot == STR_NONE || !dot ? base : str_sub(base, 0, dot);
}

/* The same name elsewhere, or nearly the same name in the same place. */
static bool is_meant(str wrong, str right)
{
	str a = text_base(wrong), b = text_base(right);
	size_t longer, limit;

	if (str_eq(wrong, right) || !a.n || !b.n)
		return false;
	if (str_eq(a, b))
		return true;
	a = stem_of(a);
	b = stem_of(b);
	longer = a.n > b.n ? a.n : b.n;
	limit = longer / 3 < 2 ? longer / 3 : 2;
	return str_eq(text_dir(wrong), text_dir(right)) && text_distance(a, b) <= limit;
}

static bool missed(const struct look *l, const struct call *failed, void *self)
{
	const str *right = self;
	str wrong;

	if (failed->failure != FAILURE_NO_FILE ||
		(failed->kind != CALL_READ && failed->kind != CALL_SHELL))
		return false;
	wrong = file_of(l, failed);
	return wrong.n && is_meant(wrong, *right);
}

/* Was it made meanwhile, by a tool? Then it was rightly missing. */
static bool was_made(const struct look *l, const struct call *failed, str right)
{
	for (int i = 0; i < SESSION_CALLS; i++) {
		const struct call *c = &l->s->slots[i];

		if (c->kind == CALL_CHANGE && c->answered > failed->answered &&
			str_eq(text_base(c->path), text_base(right)))
			return true;
	}
	return false;
}

static void see(
	const struct look *l, const struct call *failed, str wrong, str right, uint32_t guesses)
{
	struct sighting x = {.kind = RULE_PATH,
		.key = pattern_key(l->scratch, "path", look_shown(l, wrong), look_shown(l, right)),
		.topic = outcome_of("path", wrong),
		.rank = 1,
		.wrong = outcome_of("path", wrong),
		.right = outcome_of("path", right),
		.evidence_min = guesses >= GUESSES_MIN ? 1 : 2,
		.sessions_min = 1,
		.tokens = call_tokens(failed) * guesses,
		.path = text_is_absolute(right) ? right : STR_NULL,
		.absent = text_is_absolute(wrong) ? wrong : STR_NULL};
	struct buf b;

	if (text_is_passing(wrong) || text_is_passing(right))
		return;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, look_shown(l, wrong), SHOWN_MAX))
		return;
	buf_add_c(&b, " does not exist: it is ");
	if (!text_add_code(&b, look_shown(l, right), SHOWN_MAX))
		return;
	buf_add_byte(&b, '.');
	look_see(l, &x, &b);
}

/* What is so of one path. */
static void say(const struct look *l, struct sighting *x, str path, const char *what)
{
	struct buf b;

	if (text_is_passing(path))
		return;
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	if (!text_add_code(&b, look_shown(l, path), SHOWN_MAX))
		return;
	buf_add_c(&b, what);
	look_see(l, x, &b);
}

/* One that is looked for in several sessions, and is not there. */
static void see_missing(const struct look *l, str file)
{
	struct sighting x = {.kind = RULE_PATH,
		.key = pattern_key(l->scratch, "none", look_shown(l, file), STR_NULL),
		.topic = outcome_of("path", file),
		.wrong = outcome_of("path", file),
		.evidence_min = 2,
		.sessions_min = 2,
		.tokens = call_tokens(l->c),
		.absent = text_is_absolute(file) ? file : STR_NULL};

	say(l, &x, file, " does not exist.");
}

static void see_directory(const struct look *l, str path)
{
	struct sighting x = {.kind = RULE_PATH,
		.key = pattern_key(l->scratch, "directory", look_shown(l, path), STR_NULL),
		.evidence_min = 2,
		.sessions_min = 1,
		.tokens = call_tokens(l->c)};

	say(l, &x, path, " is a directory: list it, do not read it.");
}

static void look_for_meant(const struct look *l, str file)
{
	struct call *failed, *last = NULL;
	uint32_t guesses = 0;

	while ((failed = look_failed(l, missed, &file)) != NULL) {
		failed->is_fixed = true;
		last = last ? last : failed;
		guesses++;
	}
	if (last && !was_made(l, last, file))
		see(l, last, file_of(l, last), file, guesses);
}

void pattern_path(const struct look *l)
{
	str file = file_of(l, l->c);

	if (l->c->kind == CALL_CHANGE && !call_failed(l->c) && l->c->path.n)
		project_note_outcome(
			l->s->project, outcome_of("path", look_path(l, l->c, l->c->path)), true);
	if (!file.n)
		return;
	if (l->c->failure == FAILURE_NONE || l->c->failure == FAILURE_NO_FILE)
		project_note_outcome(l->s->project, outcome_of("path", file), !call_failed(l->c));
	if (l->c->failure == FAILURE_NO_FILE)
		see_missing(l, file);
	else if (l->c->failure == FAILURE_DIRECTORY && l->c->kind == CALL_READ)
		see_directory(l, file);
	else if (!call_failed(l->c))
		look_for_meant(l, file);
}
