#include "cli/doc.h"
#include "cli/gen.h"
#include "cli/settings.h"
#include "version.h"

/* The date in the pages: when their words last changed in a way that a reader should know of. */
#define MAN_DATE "November 21, 2026"

enum { LINE_WIDTH = 76 };

/* ---- mdoc(7) ---------------------------------------------------------------------------------- */

/* A word of running text, or an argument of a macro: nothing in it may be taken for markup. */
static void add_word(struct buf *b, str word, bool is_line_start)
{
	bool has_dash = word.n && *word.p == '-';

	if (is_line_start && word.n && (*word.p == '.' || *word.p == '\''))
		buf_add_c(b, "\\&");
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];

		if (c == '\\')
			buf_add_c(b, "\\e");
		else if (c == '-' && has_dash)
			buf_add_c(b, "\\-");
		else
			buf_add_byte(b, c);
	}
}

static bool ends_sentence(str word)
{
	while (word.n && strchr(")\"'", word.p[word.n - 1]))
		word.n--;
	return word.n && strchr(".!?", word.p[word.n - 1]);
}

/* Running text: every sentence begins a line, as mdoc wants it. */
static void add_text(struct buf *b, str text)
{
	size_t at = 0;
	bool is_break = false;

	for (size_t i = 0; i < text.n;) {
		size_t end = i;
		str word;

		while (end < text.n && text.p[end] != ' ' && text.p[end] != '\n')
			end++;
		word = str_sub(text, i, end);
		i = end + 1;
		if (!word.n)
			continue;
		is_break |= at && at + 1 + word.n > LINE_WIDTH;
		if (at)
			buf_add_byte(b, is_break ? '\n' : ' ');
		if (is_break)
			at = 0;
		add_word(b, word, at == 0);
		at += word.n + 1;
		is_break = ends_sentence(word);
	}
	buf_add_byte(b, '\n');
}

static void add_literal(struct buf *b, str text)
{
	buf_add_c(b, ".Bd -literal -offset indent\n");
	for (str line; str_next_line(&text, &line, NULL);) {
		while (line.n && *line.p == ' ')
			line = str_sub(line, 1, line.n);
		if (line.n && (*line.p == '.' || *line.p == '\''))
			buf_add_c(b, "\\&");
		for (size_t i = 0; i < line.n; i++) {
			if (line.p[i] == '\\' || line.p[i] == '-')
				buf_add_c(b, line.p[i] == '-' ? "\\-" : "\\e");
			else
				buf_add_byte(b, line.p[i]);
		}
		buf_add_byte(b, '\n');
	}
	buf_add_c(b, ".Ed\n");
}

static void add_about(struct buf *b, const char *about, bool has_text_before)
{
	str rest = str_from(about);
	struct doc_part part;

	while (doc_next_part(&rest, &part)) {
		if (part.is_literal) {
			add_literal(b, part.text);
			continue;
		}
		if (has_text_before)
			buf_add_c(b, ".Pp\n");
		add_text(b, part.text);
		has_text_before = true;
	}
}

/* " Fl m , Fl \-mode Ar MODE" */
static void add_option_macros(struct buf *b, const struct opt *o, const char *between)
{
	if (o->letter)
		buf_printf(b, " Fl %c", o->letter);
	if (o->name) {
		if (o->letter)
			buf_add_c(b, between);
		buf_add_c(b, " Fl ");
		add_word(b, STR("-"), false);
		for (const char *p = o->flags & OPT_NEGATABLE ? "[no-]" : ""; *p; p++)
			buf_add_c(b, *p == '-' ? "\\-" : (char[]){*p, 0});
		for (const char *p = o->name; *p; p++)
			buf_add_c(b, *p == '-' ? "\\-" : (char[]){*p, 0});
	}
	if (doc_takes_value(o))
		buf_printf(b, " Ar %s", o->metavar);
}

static void add_operands(struct buf *b, const char *operands)
{
	str rest = str_from(operands), word;

	while (str_split(&rest, ' ', &word)) {
		bool is_optional = str_starts(word, STR("[")), is_repeated;

		if (is_optional)
			word = str_sub(word, 1, word.n - 1);
		is_repeated = str_ends(word, STR("..."));
		if (is_repeated)
			word.n -= 3;
		buf_printf(b, "%s " STR_FMT "%s\n", is_optional ? ".Op Ar" : ".Ar", STR_ARG(word),
			is_repeated ? " ..." : "");
	}
}

static void add_synopsis(struct buf *b, struct cmd_ref ref)
{
	buf_add_c(b, ".Nm headroom\n");
	buf_printf(b, ".Cm %s%s%s\n", ref.parent ? ref.parent->name : "", ref.parent ? " " : "",
		ref.cmd->name);
	for (size_t i = 0; i < ref.cmd->opt_n; i++) {
		const struct opt *o = &ref.cmd->opts[i];
		struct opt one = *o;

		if (!doc_is_listed(o))
			continue;
		if (one.letter)
			one.name = NULL;
		buf_add_c(b, ".Op");
		add_option_macros(b, &one, "");
		buf_add_byte(b, '\n');
	}
	if (ref.cmd->operands)
		add_operands(b, ref.cmd->operands);
}

static void add_options(struct cli *cli, struct buf *b, const struct opt *opts, size_t n)
{
	buf_add_c(b, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &opts[i];
		struct buf text;

		if (!doc_is_listed(o))
			continue;
		buf_add_c(b, ".It");
		add_option_macros(b, o, " ,");
		buf_add_byte(b, '\n');
		buf_init_arena(&text, &cli->arena, GEN_FILE_MAX);
		buf_printf(&text, "%s %s", o->help, o->more ? o->more : "");
		doc_add_facts(&text, o);
		add_text(b, buf_str(&text));
	}
	buf_add_c(b, ".El\n");
}

static void add_examples(struct buf *b, const struct cmd *c)
{
	for (size_t i = 0; i < c->example_n; i++) {
		if (i)
			buf_add_c(b, ".Pp\n");
		add_text(b, str_from(c->examples[i].what));
		add_literal(b, str_from(c->examples[i].line));
	}
}

static void add_head(struct buf *b, const char *title, const char *section, const char *summary)
{
	buf_add_c(b, ".\\\" generated by headroom gen, do not edit\n");
	buf_printf(b, ".Dd %s\n.Dt ", MAN_DATE);
	for (const char *p = title; *p; p++)
		buf_add_byte(b, (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
	buf_printf(b, " %s\n.Os headroom " HEADROOM_VERSION "\n", section);
	buf_printf(b, ".Sh NAME\n.Nm %s\n.Nd %s\n", title, summary);
}

static void add_see_also(struct buf *b, const char *const *pages)
{
	buf_add_c(b, ".Sh SEE ALSO\n");
	for (; *pages; pages++)
		buf_printf(b, ".Xr %s%s\n", *pages, pages[1] ? " ," : "");
}

/* ---- pages ------------------------------------------------------------------------------------ */

static bool has_options(const struct cmd *c)
{
	for (size_t i = 0; i < c->opt_n; i++)
		if (doc_is_listed(&c->opts[i]))
			return true;
	return false;
}

static void add_subcommand(struct cli *cli, struct buf *b, const struct cmd *c)
{
	buf_printf(b, ".Ss %s\n", c->name);
	add_text(b, arena_printf(&cli->arena, "%c%s.", *c->summary - 'a' + 'A', c->summary + 1));
	add_about(b, c->about, true);
	if (has_options(c))
		add_options(cli, b, c->opts, c->opt_n);
}

static enum err write_command(
	struct cli *cli, const char *dir, const struct cmd *c, struct errctx *cx)
{
	static const char *const see[] = {"headroom 1", "headroom.conf 5", NULL};
	const char *title = arena_printf(&cli->arena, "headroom-%s", c->name).p;
	struct buf b;

	buf_init_arena(&b, &cli->arena, GEN_FILE_MAX);
	add_head(&b, title, "1", c->summary);
	buf_add_c(&b, ".Sh SYNOPSIS\n");
	if (c->run)
		add_synopsis(&b, (struct cmd_ref){NULL, c});
	for (const struct cmd *const *sub = c->subs; sub && *sub; sub++)
		add_synopsis(&b, (struct cmd_ref){c, *sub});
	buf_add_c(&b, ".Sh DESCRIPTION\n");
	add_about(&b, c->about, false);
	if (has_options(c)) {
		buf_add_c(&b, ".Pp\nThe options are as follows; for global options see\n.Xr "
			      "headroom 1 .\n");
		add_options(cli, &b, c->opts, c->opt_n);
	}
	for (const struct cmd *const *sub = c->subs; sub && *sub; sub++)
		add_subcommand(cli, &b, *sub);
	buf_add_c(&b, ".Sh EXIT STATUS\nSee\n.Xr headroom 1 .\n");
	buf_add_c(&b, ".Sh EXAMPLES\n");
	add_examples(&b, c);
	for (const struct cmd *const *sub = c->subs; sub && *sub; sub++) {
		if (sub != c->subs)
			buf_add_c(&b, ".Pp\n");
		add_examples(&b, *sub);
	}
	add_see_also(&b, see);
	return gen_write(cli, dir, arena_printf(&cli->arena, "%s.1", title).p, &b, cx);
}

static void add_status(void *to, const char *status, str text)
{
	struct buf *b = to;

	buf_printf(b, ".It %s\n", status);
	add_text(b, text);
}

static void add_variables(struct buf *b)
{
	static const struct settings_variable common[] = {
		{"NO_COLOR", "Not empty: no colour where --color is auto."},
		{"CLICOLOR_FORCE",
			"Not empty and not 0: colour into a pipe, too, where --color is auto."},
		{"PAGER", "Shows long help on a terminal."},
		{NULL, NULL},
	};
	const struct settings_variable *const lists[] = {settings_variables, common};

	buf_add_c(b, ".Sh ENVIRONMENT\n"
		     "Options name their variables; an empty variable counts as not set.\n"
		     "A variable of which the name begins with HEADROOM_\nand that nobody knows "
		     "gets a warning.\n"
		     "Besides:\n.Bl -tag -width Ds\n");
	for (size_t l = 0; l < ARRAY_N(lists); l++) {
		for (const struct settings_variable *v = lists[l]; v->name; v++) {
			buf_printf(b, ".It Ev %s\n", v->name);
			add_text(b, str_from(v->help));
		}
	}
	buf_add_c(b, ".El\n");
}

static enum err write_main(struct cli *cli, const char *dir, struct errctx *cx)
{
	struct buf b;

	buf_init_arena(&b, &cli->arena, GEN_FILE_MAX);
	add_head(&b, "headroom", "1", "make the context of AI agents smaller, at no loss");
	buf_add_c(&b, ".Sh SYNOPSIS\n.Nm\n.Op Ar OPTION ...\n.Ar COMMAND\n.Op Ar ARGUMENT ...\n"
		      ".Sh DESCRIPTION\nThe commands are:\n.Bl -tag -width Ds\n");
	for (const struct cmd *const *c = cmd_table; *c; c++) {
		if ((*c)->flags & CMD_HIDDEN)
			continue;
		buf_printf(&b, ".It Xr headroom-%s 1\n", (*c)->name);
		add_text(&b, str_from((*c)->summary));
	}
	buf_add_c(&b, ".El\n.Pp\nThese options are understood before and after the command:\n");
	add_options(cli, &b, cli_globals, cli_globals_n);
	buf_add_c(&b, ".Pp\nLong options cannot be shortened.\n"
		      "A value follows as an argument of its own or behind an equals sign.\n");
	add_variables(&b);
	buf_add_c(&b, ".Sh FILES\nSee\n.Xr headroom.conf 5 .\n"
		      ".Sh EXIT STATUS\n.Bl -tag -width 128+n -compact\n");
	doc_each_status(&cli->arena, add_status, &b);
	buf_add_c(&b, ".El\n.Sh SEE ALSO\n.Xr headroom.conf 5\n");
	return gen_write(cli, dir, "headroom.1", &b, cx);
}

static void add_keys(struct cli *cli, struct buf *b)
{
	size_t n;
	struct settings_key *keys = settings_keys(&cli->arena, &n);

	buf_add_c(b, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < n; i++) {
		struct buf text;

		buf_printf(b, ".It Cm %s\n", keys[i].opt->key);
		buf_init_arena(&text, &cli->arena, GEN_FILE_MAX);
		buf_printf(&text, "%s %s", keys[i].opt->help,
			keys[i].opt->more ? keys[i].opt->more : "");
		doc_add_facts(&text, keys[i].opt);
		add_text(b, buf_str(&text));
	}
	buf_add_c(b, ".El\n");
}

static const char conf_text[] =
	"Options that are not on the command line are looked for in the environment, then in the "
	"project's file, "
	"then in the user's file. The files are TOML: tables, strings on one line, numbers, "
	"booleans and arrays of "
	"these; what else TOML has is refused with its line and column.\n"
	"\n"
	"The project's file can set only what cannot do harm, so that a directory from elsewhere "
	"can be entered "
	"without care. A key that nobody knows gets a warning.\n"
	"\n"
	"headroom config shows, explains and changes keys; comments and order of the file stay.";

static const char conf_example[] = "  [cli]\n"
				   "  color = \"never\"  # the same as --color never\n";

static enum err write_conf(struct cli *cli, const char *dir, struct errctx *cx)
{
	static const char *const see[] = {"headroom 1", "headroom-config 1", NULL};
	struct buf b;

	buf_init_arena(&b, &cli->arena, GEN_FILE_MAX);
	add_head(&b, "headroom.conf", "5", "configuration file and directories of headroom");
	buf_add_c(&b, ".Sh DESCRIPTION\n");
	add_about(&b, conf_text, false);
	buf_add_c(&b, ".Pp\nThe keys are:\n");
	add_keys(cli, &b);
	buf_add_c(&b,
		".Sh FILES\n.Bl -tag -width Ds\n"
		".It Pa ~/.headroom\n"
		"The workspace: everything that headroom keeps.\n"
		"Another place:\n.Fl \\-home ,\n.Ev HEADROOM_WORKSPACE_DIR .\n"
		".It Pa WORKSPACE/config/config.toml\n"
		"The user's file.\n"
		"Another place:\n.Fl \\-config ,\n.Ev HEADROOM_CONFIG_DIR .\n"
		".It Pa .headroom/config.toml\n"
		"The project's file, in the present directory.\n"
		".It Pa WORKSPACE/store.db\n"
		"Originals of what was made smaller, and decisions.\n"
		".El\n"
		".Pp\nWith\n.Ev HEADROOM_XDG\nset to 1 and no workspace named, the workspace is\n"
		".Pa $XDG_STATE_HOME/headroom\nand the user's file is in\n.Pa "
		"$XDG_CONFIG_HOME/headroom .\n"
		".Sh EXAMPLES\n");
	add_about(&b, conf_example, false);
	add_see_also(&b, see);
	return gen_write(cli, dir, "headroom.conf.5", &b, cx);
}

enum err gen_man(struct cli *cli, const char *dir, struct errctx *cx)
{
	TRY(write_main(cli, dir, cx));
	TRY(write_conf(cli, dir, cx));
	for (const struct cmd *const *c = cmd_table; *c; c++)
		if (!((*c)->flags & CMD_HIDDEN))
			TRY(write_command(cli, dir, *c, cx));
	return E_OK;
}
