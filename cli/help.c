#include "cli/help.h"

#include <unistd.h>

#include "cli/doc.h"

enum {
	TEXT_MAX = 1 << 20,
	COLUMN = 28, /* where the second column of a list begins */
	WIDTH_SHORT = 80,
	WIDTH_MAX = 100, /* longer lines are hard to read */
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
		buf_add_c(b, ref.cmd->run ? " [COMMAND]" : " COMMAND");
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
	if (c && c->run)
		add_option_rows(cli, b, c->opts, c->opt_n, HELP_SHORT_LINES - used);
	else if (!c && used + 2 <= HELP_SHORT_LINES)
		add_option_rows(cli, b, cli_globals, cli_globals_n, HELP_SHORT_LINES - used);
	buf_add_c(b, "More: ");
	cmd_add_name(b, ref);
	buf_add_c(b, " --help\n");
}

/* ---- the whole help --------------------------------------------------------------------------- */

struct page {
	struct cli *cli;
	struct buf b;
	unsigned width;
	const char *bold, *plain; /* what switches the terminal; empty without colour */
};

static void add_title(struct page *p, const char *title)
{
	buf_printf(&p->b, "\n%s%s:%s\n", p->bold, title, p->plain);
}

static void add_about(struct page *p, const char *about)
{
	str rest = str_from(about);
	struct doc_part part;

	while (doc_next_part(&rest, &part)) {
		buf_add_byte(&p->b, '\n');
		if (part.is_literal) {
			buf_add(&p->b, part.text);
			buf_add_byte(&p->b, '\n');
			continue;
		}
		for (str line; str_next_line(&part.text, &line, NULL);)
			out_add_folded(&p->b, line, 0, p->width);
	}
}

static void add_options(struct page *p, const char *title, const struct opt *opts, size_t n)
{
	bool has_title = false;

	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &opts[i];
		struct buf text;

		if (!doc_is_listed(o))
			continue;
		if (!has_title)
			add_title(p, title);
		has_title = true;
		buf_printf(&p->b, "  %s", p->bold);
		doc_add_spelling(&p->b, o);
		buf_printf(&p->b, "%s\n", p->plain);
		buf_init_arena(&text, &p->cli->arena, TEXT_MAX);
		buf_printf(&text, "%s %s", o->help, o->more ? o->more : "");
		doc_add_facts(&text, o);
		out_add_folded(&p->b, buf_str(&text), INDENT, p->width);
	}
}

static void add_examples(struct page *p, const struct cmd *c)
{
	if (c->example_n)
		add_title(p, "Examples");
	for (size_t i = 0; i < c->example_n; i++) {
		buf_printf(&p->b, "  %s\n", c->examples[i].line);
		out_add_folded(&p->b, str_from(c->examples[i].what), INDENT, p->width);
	}
}

static void add_status(void *to, const char *status, str text)
{
	struct page *p = to;

	buf_printf(&p->b, "  %-6s %.*s\n", status, STR_ARG(text));
}

static void full_help(struct page *p, struct cmd_ref ref)
{
	const struct cmd *c = ref.cmd;

	buf_add_c(&p->b, p->bold);
	cmd_add_name(&p->b, ref);
	buf_printf(&p->b, "%s: %s\n\nUsage: ", p->plain, c ? c->summary : program_summary);
	help_add_synopsis(&p->b, ref);
	buf_add_byte(&p->b, '\n');
	if (!c || c->subs) {
		add_title(p, "Commands");
		add_command_rows(&p->b, c ? c->subs : cmd_table);
	}
	if (c) {
		add_about(p, c->about);
		add_options(p, "Options", c->opts, c->opt_n);
		add_examples(p, c);
	}
	add_options(p, "Global options", cli_globals, cli_globals_n);
	if (!c) {
		add_title(p, "Exit status");
		doc_each_status(&p->cli->arena, add_status, p);
	}
}

enum err help_print(struct cli *cli, struct cmd_ref ref, bool is_full, struct errctx *cx)
{
	const struct out_env env = cli_out_env(cli);
	unsigned width = out_width(STDOUT_FILENO, &env);
	bool has_color = cli_use_color(cli, STDOUT_FILENO);
	struct page p = {.cli = cli,
		.width = width < WIDTH_MAX ? width : WIDTH_MAX,
		.bold = has_color ? OUT_BOLD : "",
		.plain = has_color ? OUT_PLAIN : ""};

	buf_init_arena(&p.b, &cli->arena, TEXT_MAX);
	if (is_full)
		full_help(&p, ref);
	else
		short_help(cli, ref, &p.b);
	if (p.b.err)
		return err_set(cx, p.b.err, "help");
	return is_full ? out_page(buf_str(&p.b), cli_env(cli, "PAGER"), cx)
		       : out_print(buf_str(&p.b), cx);
}
