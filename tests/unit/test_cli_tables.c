/* The option tables of the commands keep the rules that parser, help, man pages and completions rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "cli/cli.h"
#include "cli/cmds.h"
#include "cli/doc.h"
#include "core/base/opt_value.h"

enum { HELP_MAX = 52, SUMMARY_MAX = 52 }; /* what fits the lines of -h */

/* Every command, hidden ones too. */
struct tables {
	struct arena a;
	struct cmd_ref *v;
	size_t n;
};

static int setup(void **state)
{
	static struct tables t; /* tests only read it */
	size_t n;
	struct cmd_ref *all = cmd_all(&t.a, &n);

	t.v = arena_array(&t.a, struct cmd_ref, n + 1);
	memcpy(t.v, all, n * sizeof *all);
	t.n = n;
	t.v[t.n++] = (struct cmd_ref){NULL, &cmd_gen};
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	arena_release(&((struct tables *)*state)->a);
	return 0;
}

static void for_each_option(const struct tables *t, void (*check)(const struct opt *o))
{
	for (size_t i = 0; i < cli_globals_n; i++)
		check(&cli_globals[i]);
	for (size_t c = 0; c < t->n; c++)
		for (size_t i = 0; i < t->v[c].cmd->opt_n; i++)
			check(&t->v[c].cmd->opts[i]);
}

#define CHECK(o, x)                                                               \
	do {                                                                      \
		if (!(x))                                                         \
			fail_msg("--%s: not %s", (o)->name ? (o)->name : "", #x); \
	} while (0)

static void check_row(const struct opt *o)
{
	CHECK(o, o->name || o->letter);
	CHECK(o, o->name || !o->key);
	CHECK(o, !(o->flags & OPT_NEGATABLE) || (o->type == OPT_FLAG && o->name));
	CHECK(o, (o->type == OPT_ENUM) == (o->choices != NULL));
	CHECK(o, !opt_has_range(o) || o->flags & OPT_PLANNED || o->min < o->max);
	if (o->flags & OPT_PLANNED) {
		/* Asking for it is refused wherever it is written; a default is what asks for nothing. */
		CHECK(o, !o->key || strncmp(o->key, "proxy.", 6) == 0);
		CHECK(o, !o->def || o->type == OPT_FLAG || o->metavar);
		return;
	}
	CHECK(o, o->help && strlen(o->help) <= HELP_MAX && o->help[strlen(o->help) - 1] == '.');
	CHECK(o, !o->more || o->more[strlen(o->more) - 1] == '.');
	CHECK(o, !doc_takes_value(o) || o->metavar || o->choices);
	CHECK(o, !doc_takes_value(o) || o->metavar);
	CHECK(o, !(o->flags & OPT_SAFE) || (o->key && o->type != OPT_PATH));
}

static void rows_are_complete(void **state)
{
	for_each_option(*state, check_row);
}

/* --proxy-token-file is proxy.token_file. */
static bool is_whole_key(const char *key, const char *name)
{
	for (; *key && *name; key++, name++)
		if (*key != *name && (*key != '.' || *name != '_'))
			return false;
	return *key == *name;
}

/* --max-body, HEADROOM_MAX_BODY and compress.max_body name the same. */
static void check_names(const struct opt *o)
{
	char name[64] = "";
	const char *leaf = o->key ? strrchr(o->key, '.') : NULL;

	if (!o->name)
		return;
	CHECK(o, strlen(o->name) < sizeof name);
	for (size_t i = 0; o->name[i]; i++) {
		CHECK(o, (o->name[i] >= 'a' && o->name[i] <= 'z') || o->name[i] == '-' ||
				 (o->name[i] >= '0' && o->name[i] <= '9'));
		name[i] = (char)(o->name[i] == '-' ? '_' : o->name[i]);
	}
	CHECK(o, !o->key || leaf);
	CHECK(o, !leaf || strcmp(leaf + 1, name) == 0 || strcmp(o->key, "store.file") == 0 ||
			 is_whole_key(o->key, name));
	/* Variables that clients of the reference set have their old names. */
	CHECK(o, !o->env || strncmp(o->env, "HEADROOM_", 9) == 0 ||
			 strstr(o->env, "_TARGET_API_URL"));
}

static void option_variable_and_key_have_one_name(void **state)
{
	for_each_option(*state, check_names);
}

static void check_unique(const struct opt *a, size_t a_n, const struct opt *b, size_t b_n)
{
	for (size_t i = 0; i < a_n; i++) {
		for (size_t j = 0; j < b_n; j++) {
			const struct opt *x = &a[i], *y = &b[j];

			if (x == y)
				continue;
			CHECK(x, !x->letter || x->letter != y->letter);
			CHECK(x, !x->name || !y->name || strcmp(x->name, y->name) != 0);
			CHECK(x, !x->key || !y->key || strcmp(x->key, y->key) != 0);
		}
	}
}

static void no_two_options_of_a_command_share_a_name(void **state)
{
	const struct tables *t = *state;

	check_unique(cli_globals, cli_globals_n, cli_globals, cli_globals_n);
	for (size_t c = 0; c < t->n; c++) {
		const struct cmd *cmd = t->v[c].cmd;

		check_unique(cmd->opts, cmd->opt_n, cmd->opts, cmd->opt_n);
		check_unique(cmd->opts, cmd->opt_n, cli_globals, cli_globals_n);
	}
}

static void check_same(const struct opt *a, const struct opt *b)
{
	if (!a->key || !b->key || strcmp(a->key, b->key) != 0)
		return;
	CHECK(a, a->type == b->type);
	CHECK(a, !a->def == !b->def && (!a->def || strcmp(a->def, b->def) == 0));
	CHECK(a, !a->env == !b->env && (!a->env || strcmp(a->env, b->env) == 0));
	CHECK(a, a->choices == b->choices);
	CHECK(a, a->flags == b->flags);
	CHECK(a, !(a->max < b->max) && !(a->max > b->max));
	/* What becomes smaller is chosen in the same words everywhere: cli/opts_compress.h. */
	if (strncmp(a->key, "compress.", 9) == 0) {
		CHECK(a, strcmp(a->help, b->help) == 0);
		CHECK(a, !a->more == !b->more && (!a->more || strcmp(a->more, b->more) == 0));
		CHECK(a, !a->metavar == !b->metavar &&
				 (!a->metavar || strcmp(a->metavar, b->metavar) == 0));
	}
}

/* A line of the configuration file means the same to every command that reads it. */
static void options_of_one_key_are_the_same(void **state)
{
	const struct tables *t = *state;

	for (size_t c = 0; c < t->n; c++)
		for (size_t d = c + 1; d < t->n; d++)
			for (size_t i = 0; i < t->v[c].cmd->opt_n; i++)
				for (size_t j = 0; j < t->v[d].cmd->opt_n; j++)
					check_same(&t->v[c].cmd->opts[i], &t->v[d].cmd->opts[j]);
}

/* The same letter takes a value everywhere or nowhere: the completions walk over a line with that. */
static void a_letter_takes_a_value_everywhere_or_nowhere(void **state)
{
	const struct tables *t = *state;
	char takes[256] = {0};

	for (size_t c = 0; c < t->n; c++) {
		for (size_t i = 0; i < t->v[c].cmd->opt_n; i++) {
			const struct opt *o = &t->v[c].cmd->opts[i];
			char want = (char)(doc_takes_value(o) ? 'y' : 'n');
			char *known = &takes[(unsigned char)o->letter];

			if (!o->letter)
				continue;
			CHECK(o, !*known || *known == want);
			*known = want;
		}
	}
}

static void commands_have_their_words(void **state)
{
	const struct tables *t = *state;

	for (size_t c = 0; c < t->n; c++) {
		const struct cmd *cmd = t->v[c].cmd;

		assert_non_null(cmd->summary);
		CHECK(cmd, strlen(cmd->summary) <= SUMMARY_MAX);
		CHECK(cmd, *cmd->summary >= 'a' && *cmd->summary <= 'z');
		CHECK(cmd, cmd->summary[strlen(cmd->summary) - 1] != '.');
		CHECK(cmd, cmd->about && *cmd->about);
		CHECK(cmd, cmd->run || cmd->subs);
		CHECK(cmd, !cmd->subs || !cmd->operand_max);
		CHECK(cmd, !cmd->operands == !cmd->operand_max);
		CHECK(cmd, (cmd->complete == COMPLETE_WORDS) == (cmd->words != NULL));
		CHECK(cmd, cmd->example_n || cmd->subs || cmd->flags & CMD_HIDDEN);
		CHECK(cmd, !cmd->opt_n || cmd->args_size);
		for (size_t i = 0; i < cmd->example_n; i++)
			CHECK(cmd, strstr(cmd->examples[i].line, "headroom ") &&
					   cmd->examples[i].what);
	}
}

/* Aborts when one does not. */
static void defaults_parse(void **state)
{
	struct tables *t = *state;

	for (size_t c = 0; c < t->n; c++) {
		const struct cmd *cmd = t->v[c].cmd;
		struct opt_group g;

		opt_group_init(&g, &t->a, cmd->opts, cmd->opt_n,
			arena_zalloc(&t->a, cmd->args_size, alignof(max_align_t)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(option_variable_and_key_have_one_name),
		cmocka_unit_test(no_two_options_of_a_command_share_a_name),
		cmocka_unit_test(options_of_one_key_are_the_same),
		cmocka_unit_test(a_letter_takes_a_value_everywhere_or_nowhere),
		cmocka_unit_test(commands_have_their_words),
		cmocka_unit_test(defaults_parse),
	};

	return cmocka_run_group_tests_name("cli_tables", tests, setup, teardown);
}
