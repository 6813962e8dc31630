#include "cli/doc.h"
#include "cli/gen.h"
#include "cli/settings.h"

/* Text within '...' and within the [...] or :...: of a specification of _arguments. */
static void add_quoted(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_add_c(b, "'\\''");
		else if (strchr("[]:\\", *text))
			buf_printf(b, "\\%c", *text);
		else
			buf_add_byte(b, *text);
	}
}

/* ":MODE:(token cache)" behind an option that takes a value. */
static void add_value(struct buf *b, const struct opt *o)
{
	if (!doc_takes_value(o))
		return;
	buf_add_byte(b, ':');
	add_quoted(b, o->metavar);
	buf_add_byte(b, ':');
	if (o->type == OPT_ENUM) {
		buf_add_byte(b, '(');
		doc_add_choices(b, o, " ");
		buf_add_byte(b, ')');
	} else if (o->type == OPT_PATH) {
		buf_add_c(b, strcmp(o->metavar, "DIR") == 0 ? "_files -/" : "_files");
	} else {
		buf_add_byte(b, ' ');
	}
}

/* One specification; what excludes it stands in front. */
static void add_spec(struct buf *b, const struct opt *o, const char *spelling)
{
	bool is_repeatable = o->type == OPT_LIST || o->type == OPT_COUNT;

	buf_add_c(b, "\t\t'");
	if (is_repeatable) {
		buf_add_byte(b, '*');
	} else if (o->letter && o->name) {
		buf_printf(b, "(-%c --%s)", o->letter, o->name);
	} else if (o->flags & OPT_NEGATABLE) {
		buf_printf(b, "(--%s --no-%s)", o->name, o->name);
	}
	buf_add_c(b, spelling);
	buf_add_byte(b, '[');
	add_quoted(b, o->help);
	buf_add_byte(b, ']');
	add_value(b, o);
	buf_add_c(b, "'\n");
}

static void add_specs(struct cli *cli, struct buf *b, const struct opt *opts, size_t n)
{
	struct arena *a = &cli->arena;

	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &opts[i];

		if (!doc_is_listed(o))
			continue;
		if (o->letter)
			add_spec(b, o,
				arena_printf(a, "-%c%s", o->letter, doc_takes_value(o) ? "+" : "")
					.p);
		if (o->name)
			add_spec(b, o,
				arena_printf(a, "--%s%s", o->name, doc_takes_value(o) ? "=" : "")
					.p);
		if (o->flags & OPT_NEGATABLE)
			add_spec(b, o, arena_printf(a, "--no-%s", o->name).p);
	}
}

static void add_operand(struct cli *cli, struct buf *b, const struct cmd *c)
{
	size_t n;
	struct settings_key *keys;

	switch (c->complete) {
	case COMPLETE_NOTHING:
		break;
	case COMPLETE_FILE:
		buf_add_c(b, "\t\t'*:file:_files'\n");
		break;
	case COMPLETE_WORDS:
		buf_add_c(b, "\t\t'1:word:(");
		for (const char *const *w = c->words; *w; w++)
			buf_printf(b, "%s%s", w == c->words ? "" : " ", *w);
		buf_add_c(b, ")'\n");
		break;
	case COMPLETE_COMMAND:
		buf_add_c(b, "\t\t'1:command:_headroom_commands'\n");
		break;
	case COMPLETE_KEY:
		keys = settings_keys(&cli->arena, &n);
		buf_add_c(b, "\t\t'1:key:(");
		for (size_t i = 0; i < n; i++)
			buf_printf(b, "%s%s", i ? " " : "", keys[i].opt->key);
		buf_add_c(b, ")'\n");
		break;
	}
}

/* "_headroom_config_set"; a '-' of a name becomes '_'. */
static void add_function(struct buf *b, struct cmd_ref ref)
{
	size_t start = b->n;

	buf_add_c(b, "_headroom");
	if (ref.parent)
		buf_printf(b, "_%s", ref.parent->name);
	if (ref.cmd)
		buf_printf(b, "_%s", ref.cmd->name);
	for (size_t i = start; i < b->n; i++)
		if (b->p[i] == '-')
			b->p[i] = '_';
}

/* A function that describes a list of commands. */
static void add_describe(struct buf *b, struct cmd_ref ref, const struct cmd *const *list)
{
	add_function(b, ref);
	buf_add_c(b, "_commands() {\n\tlocal -a commands=(\n");
	for (; *list; list++) {
		if ((*list)->flags & CMD_HIDDEN)
			continue;
		buf_printf(b, "\t\t'%s:", (*list)->name);
		add_quoted(b, (*list)->summary);
		buf_add_c(b, "'\n");
	}
	buf_add_c(b, "\t)\n\t_describe -t commands command commands\n}\n\n");
}

/* A function that goes on with the subcommand that the line names. */
static void add_dispatch(
	struct cli *cli, struct buf *b, struct cmd_ref ref, const struct cmd *const *list)
{
	add_describe(b, ref, list);
	add_function(b, ref);
	buf_add_c(b, "() {\n\tlocal curcontext=$curcontext state line\n\tlocal -A opt_args\n");
	if (ref.cmd && ref.cmd->run) {
		buf_add_c(b, "\tlocal -a specs=(\n");
		add_specs(cli, b, ref.cmd->opts, ref.cmd->opt_n);
		buf_add_c(b, "\t)\n");
	}
	buf_printf(b, "\t_arguments -C -s -S $_headroom_globals%s \\\n\t\t'1:command:",
		ref.cmd && ref.cmd->run ? " $specs" : "");
	add_function(b, ref);
	buf_add_c(b, "_commands' \\\n\t\t'*::argument:->rest'\n\t[[ $state == rest ]] || return\n"
		     "\tcase $line[1] in\n");
	for (; *list; list++) {
		if ((*list)->flags & CMD_HIDDEN)
			continue;
		buf_printf(b, "\t%s) ", (*list)->name);
		add_function(b, (struct cmd_ref){ref.cmd, *list});
		buf_add_c(b, " ;;\n");
	}
	buf_add_c(b, "\tesac\n}\n\n");
}

static void add_leaf(struct cli *cli, struct buf *b, struct cmd_ref ref)
{
	add_function(b, ref);
	buf_add_c(b, "() {\n\tlocal -a specs=(\n");
	add_specs(cli, b, ref.cmd->opts, ref.cmd->opt_n);
	add_operand(cli, b, ref.cmd);
	buf_add_c(b, "\t)\n\t_arguments -s -S $_headroom_globals $specs\n}\n\n");
}

void gen_add_zsh(struct cli *cli, struct buf *b)
{
	size_t n;
	struct cmd_ref *all = cmd_all(&cli->arena, &n);

	buf_add_c(b, "#compdef headroom\n# generated by headroom gen, do not edit\n\n");
	for (size_t i = 0; i < n; i++) {
		if (all[i].cmd->subs)
			add_dispatch(cli, b, all[i], all[i].cmd->subs);
		else
			add_leaf(cli, b, all[i]);
	}
	add_dispatch(cli, b, (struct cmd_ref){NULL, NULL}, cmd_table);
	buf_add_c(b, "typeset -ga _headroom_globals=(\n");
	add_specs(cli, b, cli_globals, cli_globals_n);
	buf_add_c(b, ")\n\n_headroom \"$@\"\n");
}

enum err gen_zsh(struct cli *cli, const char *dir, struct errctx *cx)
{
	struct buf b;

	buf_init_arena(&b, &cli->arena, GEN_FILE_MAX);
	gen_add_zsh(cli, &b);
	return gen_write(cli, dir, "_headroom", &b, cx);
}
