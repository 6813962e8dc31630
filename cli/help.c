#include "cli/help.h"

#include <unistd.h>

#include "cli/doc.h"

enum {
	TEXT_MAX = 1 << 20,
	COLUMN = 28, /* where the second column of a list begins */
	WIDTH_SHORT = 80,
	INDENT = 6,
	SHORT_FRAME = 4, /* lines of a short help around its rows */
};

static const char program_summary[] = "make the context of AI agents smaller, at no loss";

void help_add_synopsis(struct buf *b, struct cmd_ref ref)
{
	cmd_add_name(b, ref);
	if (!ref.cmd) {
		buf_add_c(b, " [OPTION...] COMMAND [ARGUMENT...]");
		return;
	}
	if (ref.cmd->subs)
		buf_add_c(b, " COMMAND");
	buf_add_c(b, " [OPTION...]");
	if (ref.cmd->operands) {
		buf_add_byte(b, ' ');
		buf_add_c(b, ref.cmd->operands);
	}
}

const char *help_sub_names(struct cli *cli, const struct cmd *const *list)
{
	struct buf b;

	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	for (; *list; list++) {
		if ((*list)->flags & CMD_HIDDEN)
			continue;
		buf_add_c(&b, b.n ? ", " : "");
		buf_add_c(&b, (*list)->name);
	}
	buf_add_byte(&b, '\0');
	return b.p;
}

/* A line of two columns; the second is cut at the width. */
static void add_row(struct buf *b, str left, const char *right)
{
	size_t start = b->n, width;

	buf_add_c(b, "  ");
	buf_add(b, left);
	do
		buf_add_byte(b, ' ');
	while (b->n - start < COLUMN);
	width = b->n - start < WIDTH_SHORT ? WIDTH_SHORT - (b->n - start) : 0;
	buf_add(b, strlen(right) > width ? (str){right, width} : str_from(right));
	buf_add_byte(b, '\n');
}

static void add_option_row(struct cli *cli, struct buf *b, const struct opt *o)
{
	struct buf left;

	buf_init_arena(&left, &cli->arena, TEXT_MAX);
	doc_add_spelling(&left, o);
	add_row(b, buf_str(&left), o->help);
}

static size_t count_commands(const struct cmd *const *list)
{
	size_t n = 0;

	for (; *list; list++)
		n += !((*list)->flags & CMD_HIDDEN);
	return n;
}

static void add_command_rows(struct buf *b, const struct cmd *const *list)
{
	for (; *list; list++)
		if (!((*list)->flags & CMD_HIDDEN))
			add_row(b, str_from((*list)->name), (*list)->summary);
}

/* As many rows as keep the whole within HELP_SHORT_LINES, then how many are left. */
static void add_option_rows(
	struct cli *cli, struct buf *b, const struct opt *opts, size_t n, size_t room)
{
	size_t listed = 0, shown = 0;

	for (size_t i = 0; i < n; i++)
		listed += doc_is_listed(&opts[i]);
	if (listed > room)
		room--;
	for (size_t i = 0; i < n && shown < room; i++) {
		if (!doc_is_listed(&opts[i]))
			continue;
		add_option_row(cli, b, &opts[i]);
		shown++;
	}
	if (shown < listed)
		buf_printf(b, "  and %zu more\n", listed - shown);
}

static void add_sentence(struct buf *b, const char *text)
{
	buf_add_byte(b, (char)(*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text));
	buf_add_c(b, text + 1);
	buf_add_c(b, ".\n");
}

static void short_help(struct cli *cli, struct cmd_ref ref, struct buf *b)
{
	const struct cmd *c = ref.cmd;
	const struct cmd *const *subs = c ? c->subs : cmd_table;
	size_t used;

	buf_add_c(b, "Usage: ");
	help_add_synopsis(b, ref);
	buf_add_byte(b, '\n');
	add_sentence(b, c ? c->summary : program_summary);
	buf_add_byte(b, '\n');
	used = SHORT_FRAME + (subs ? count_commands(subs) : 0);
	if (subs && used <= HELP_SHORT_LINES)
		add_command_rows(b, subs);
	else if (subs)
		out_add_folded(b, str_from(help_sub_names(cli, subs)), 2, WIDTH_SHORT);
	if (!subs)
		add_option_rows(cli, b, c->opts, c->opt_n, HELP_SHORT_LINES - used);
	else if (!c && used + 2 <= HELP_SHORT_LINES)
		add_option_rows(cli, b, cli_globals, cli_globals_n, HELP_SHORT_LINES - used);
	buf_add_c(b, "More: ");
	cmd_add_name(b, ref);
	buf_add_c(b, " --help\n");
}

/* ---- the whole help --------------------------------------------------------------------------- */

static void add_about(struct buf *b, const char *about, unsigned width)
{
	str rest = str_from(about);
	struct doc_part part;

	while (doc_next_part(&rest, &part)) {
		buf_add_byte(b, '\n');
		if (part.is_literal) {
			buf_add(b, part.text);
			buf_add_byte(b, '\n');
			continue;
		}
		for (str line; str_next_line(&part.text, &line, NULL);)
			out_add_folded(b, line, 0, width);
	}
}

static void add_options(struct cli *cli, struct buf *b, const char *title, const struct opt *opts,
	size_t n, unsigned width)
{
	bool has_title = false;

	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &opts[i];
		struct buf text;

		if (!doc_is_listed(o))
			continue;
		if (!has_title)
			buf_printf(b, "\n%s:\n", title);
		has_title = true;
		buf_add_c(b, "  ");
		doc_add_spelling(b, o);
		buf_add_byte(b, '\n');
		buf_init_arena(&text, &cli->arena, TEXT_MAX);
		buf_add_c(&text, o->help);
		if (o->more)
			buf_printf(&text, " %s", o->more);
		doc_add_facts(&text, o);
		out_add_folded(b, buf_str(&text), INDENT, width);
	}
}

static void add_examples(struct buf *b, const struct cmd *c, unsigned width)
{
	for (size_t i = 0; i < c->example_n; i++) {
		buf_add_c(b, i ? "" : "\nExamples:\n");
		buf_printf(b, "  %s\n", c->examples[i].line);
		out_add_folded(b, str_from(c->examples[i].what), INDENT, width);
	}
}

static void add_status(void *to, const char *status, str text)
{
	struct buf *b = to;

	buf_printf(b, "  %-6s %.*s\n", status, STR_ARG(text));
}

static void full_help(struct cli *cli, struct cmd_ref ref, struct buf *b, unsigned width)
{
	const struct cmd *c = ref.cmd;

	cmd_add_name(b, ref);
	buf_printf(b, ": %s\n\nUsage: ", c ? c->summary : program_summary);
	help_add_synopsis(b, ref);
	buf_add_byte(b, '\n');
	if (!c || c->subs) {
		buf_add_c(b, "\nCommands:\n");
		add_command_rows(b, c ? c->subs : cmd_table);
	}
	if (c) {
		add_about(b, c->about, width);
		add_options(cli, b, "Options", c->opts, c->opt_n, width);
		add_examples(b, c, width);
	}
	add_options(cli, b, "Global options", cli_globals, cli_globals_n, width);
	if (!c) {
		buf_add_c(b, "\nExit status:\n");
		doc_each_status(&cli->arena, add_status, b);
	}
}

enum err help_print(struct cli *cli, struct cmd_ref ref, bool is_full, struct errctx *cx)
{
	const struct out_env env = {.columns = cli_env(cli, "COLUMNS")};
	unsigned width = out_width(STDOUT_FILENO, &env);
	struct buf b;

	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	if (is_full)
		full_help(cli, ref, &b, width < 100 ? width : 100);
	else
		short_help(cli, ref, &b);
	if (b.err)
		return err_set(cx, b.err, "help");
	return is_full ? out_page(buf_str(&b), cli_env(cli, "PAGER"), cx)
		       : out_print(buf_str(&b), cx);
}
