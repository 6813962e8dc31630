#include "cli/cmds.h"

#include "cli/doc.h"
#include "cli/settings.h"
#include "core/base/file.h"
#include "core/base/opt_value.h"

enum { TEXT_MAX = 1 << 20, FILE_MODE = 0600, DIR_MODE = 0700 };

struct config_args {
	bool is_json, project;
};

/* A key with the value that this run would use, and where it comes from. */
struct setting {
	struct settings_key key;
	const void *field;
	struct opt_origin origin;
};

/* Binds the table that key's option is in to a struct of its own. */
static struct opt_group *bind_owner(struct cli *cli, const struct settings_key *key)
{
	const struct cmd *c = key->owner.cmd;
	struct opt_group *g = arena_new(&cli->arena, struct opt_group);
	size_t size = c ? c->args_size : sizeof(struct globals);
	void *args = arena_zalloc(&cli->arena, size, alignof(max_align_t));

	opt_group_init(
		g, &cli->arena, c ? c->opts : cli_globals, c ? c->opt_n : cli_globals_n, args);
	return g;
}

static struct setting setting_in(const struct opt_group *g, const struct settings_key *key)
{
	return (struct setting){*key, opt_field(g, key->opt), g->origins[key->opt - g->opts]};
}

/* The value of key when everything but the command line is asked. */
static enum err find_setting(struct cli *cli, const struct settings_key *key,
	const struct settings_file *files, size_t file_n, struct setting *out, struct errctx *cx)
{
	struct opt_group *g = bind_owner(cli, key);
	struct opt_reader r = {
		.arena = &cli->arena, .groups = g, .group_n = 1, .skips_planned = true};

	TRY(opt_read_env(&r, cli->envp, cx));
	for (size_t i = 0; i < file_n; i++)
		TRY(opt_read_config(&r, &files[i].doc, files[i].path, files[i].source, cx));
	settings_print_notes(cli, &r);
	*out = setting_in(g, key);
	return E_OK;
}

/* Has a value: a number without a default has none until somebody gives it one. */
static bool is_set(const struct setting *s)
{
	const struct opt *o = s->key.opt;
	bool is_number = o->type == OPT_INT || o->type == OPT_DOUBLE || o->type == OPT_SIZE ||
			 o->type == OPT_DURATION;

	if (is_number && !o->def && s->origin.source == OPT_FROM_DEFAULT)
		return false;
	return opt_value_is_set(o, s->field);
}

/* ---- list, get -------------------------------------------------------------------------------- */

static void add_origin(struct buf *b, const struct opt_origin *from)
{
	buf_add_c(b, from->name ? from->name : "default");
	if (from->line)
		buf_printf(b, ":%u", from->line);
}

static void add_text_row(struct cli *cli, struct buf *b, const struct setting *s)
{
	bool has_value = is_set(s);
	struct buf left;

	buf_init_arena(&left, &cli->arena, TEXT_MAX);
	buf_printf(&left, "%s%s", has_value ? "" : "# ", s->key.opt->key);
	if (has_value) {
		buf_add_c(&left, " = ");
		opt_value_literal(s->key.opt, s->field, &left);
	}
	buf_printf(b, "%-40.*s # ", STR_ARG(buf_str(&left)));
	if (has_value)
		add_origin(b, &s->origin);
	else
		buf_add_c(b, "not set");
	buf_add_byte(b, '\n');
}

static void add_json_row(struct buf *b, const struct setting *s)
{
	static const char *const sources[] = {"default", "user", "project", "environment", "line"};

	buf_add_c(b, "{\"key\":");
	buf_add_json_string(b, str_from(s->key.opt->key));
	buf_add_c(b, ",\"value\":");
	if (is_set(s))
		opt_value_literal(s->key.opt, s->field, b); /* what TOML and JSON spell alike */
	else
		buf_add_c(b, "null");
	buf_printf(b, ",\"source\":\"%s\",\"where\":", sources[s->origin.source]);
	if (s->origin.name)
		buf_add_json_string(b, str_from(s->origin.name));
	else
		buf_add_c(b, "null");
	buf_printf(b, ",\"line\":%u}", s->origin.line);
}

static enum err run_list(struct cli *cli, const void *args, struct errctx *cx)
{
	bool is_json = ((const struct config_args *)args)->is_json;
	struct settings_file files[SETTINGS_FILES];
	size_t n, file_n;
	struct settings_key *keys = settings_keys(&cli->arena, &n);
	struct buf b;

	TRY(settings_read_files(cli, files, &file_n, cx));
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	if (is_json)
		buf_add_c(&b, "{\"schema\":\"headroom.config/1\",\"keys\":[");
	for (size_t i = 0; i < n; i++) {
		struct setting s;

		TRY(find_setting(cli, &keys[i], files, file_n, &s, cx));
		if (is_json) {
			buf_add_c(&b, i ? "," : "");
			add_json_row(&b, &s);
		} else {
			add_text_row(cli, &b, &s);
		}
	}
	buf_add_c(&b, is_json ? "]}\n" : "");
	return b.err ? err_set(cx, b.err, "the list is too long") : out_print(buf_str(&b), cx);
}

static enum err run_get(struct cli *cli, const void *args, struct errctx *cx)
{
	struct settings_file files[SETTINGS_FILES];
	size_t file_n;
	struct settings_key key;
	struct setting s;
	struct buf b;

	(void)args;
	TRY(settings_find_key(cli, str_from(cli->operands[0]), &key, cx));
	TRY(settings_read_files(cli, files, &file_n, cx));
	TRY(find_setting(cli, &key, files, file_n, &s, cx));
	if (!is_set(&s))
		return err_set(cx, E_NOT_FOUND, "%s is not set", key.opt->key);
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	opt_value_write(key.opt, s.field, &b);
	buf_add_byte(&b, '\n');
	return out_print(buf_str(&b), cx);
}

/* ---- path, set, unset ------------------------------------------------------------------------- */

/* The file that --project or its absence means. */
static enum err target_path(
	struct cli *cli, const struct config_args *a, const char **out, struct errctx *cx)
{
	if (!a->project)
		return settings_user_path(cli, out, cx);
	*out = SETTINGS_PROJECT_FILE;
	return E_OK;
}

static enum err run_path(struct cli *cli, const void *args, struct errctx *cx)
{
	const char *path;

	TRY(target_path(cli, args, &path, cx));
	return out_print(arena_printf(&cli->arena, "%s\n", path), cx);
}

static enum err open_target(
	struct cli *cli, const struct config_args *a, struct settings_file *out, struct errctx *cx)
{
	const char *path;

	TRY(target_path(cli, a, &path, cx));
	return settings_read_file(
		cli, path, a->project ? OPT_FROM_PROJECT : OPT_FROM_USER, out, cx);
}

static enum err write_target(
	struct cli *cli, const struct settings_file *f, str text, struct errctx *cx)
{
	str path = str_from(f->path);
	size_t slash = str_rfind_byte(path, '/');

	if (slash != STR_NONE && slash > 0)
		TRY(file_mkdirs(arena_cstr(&cli->arena, str_sub(path, 0, slash)), DIR_MODE, cx));
	return file_write_atomic(f->path, text, FILE_MODE, cx);
}

static enum err run_set(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct config_args *a = args;
	struct settings_file f;
	struct settings_key key;
	struct opt_group *g;
	struct buf literal, text;
	void *field;

	TRY(settings_find_key(cli, str_from(cli->operands[0]), &key, cx));
	if (a->project && !(key.opt->flags & OPT_SAFE))
		return err_set(cx, E_USAGE, "%s cannot be set by a project", key.opt->key);
	g = bind_owner(cli, &key);
	field = opt_field(g, key.opt);
	opt_value_clear(key.opt, field);
	TRY(opt_value_parse(
		&cli->arena, key.opt, key.opt->key, str_from(cli->operands[1]), field, cx));
	buf_init_arena(&literal, &cli->arena, TEXT_MAX);
	opt_value_literal(key.opt, field, &literal);
	TRY(open_target(cli, a, &f, cx));
	buf_init_arena(&text, &cli->arena, LIMIT_CONFIG_FILE);
	if (toml_set(&cli->arena, &f.doc, str_from(key.opt->key), buf_str(&literal), &text, cx))
		return err_prefix(cx, "%s", f.path);
	return write_target(cli, &f, buf_str(&text), cx);
}

static enum err run_unset(struct cli *cli, const void *args, struct errctx *cx)
{
	struct settings_file f;
	struct buf text;

	TRY(open_target(cli, args, &f, cx));
	buf_init_arena(&text, &cli->arena, LIMIT_CONFIG_FILE);
	if (toml_unset(&cli->arena, &f.doc, str_from(cli->operands[0]), &text, cx))
		return err_prefix(cx, "%s", f.path);
	return write_target(cli, &f, buf_str(&text), cx);
}

/* ---- explain ---------------------------------------------------------------------------------- */

/* One source of a value by itself. */
static enum err add_layer(struct cli *cli, struct buf *b, const struct settings_key *key,
	const struct settings_file *f, const char *title, struct errctx *cx)
{
	struct opt_group *g = bind_owner(cli, key);
	struct opt_reader r = {
		.arena = &cli->arena, .groups = g, .group_n = 1, .skips_planned = true};
	struct setting s;

	if (f)
		TRY(opt_read_config(&r, &f->doc, f->path, f->source, cx));
	else
		TRY(opt_read_env(&r, cli->envp, cx));
	s = setting_in(g, key);
	buf_printf(b, "  %-12s", title);
	if (s.origin.source == OPT_FROM_DEFAULT) {
		buf_printf(b, "not set%s%s\n", f ? " in " : "", f ? f->path : "");
		return E_OK;
	}
	opt_value_literal(key->opt, s.field, b);
	buf_add_c(b, " (");
	add_origin(b, &s.origin);
	buf_add_c(b, ")\n");
	return E_OK;
}

static void add_default(struct cli *cli, struct buf *b, const struct settings_key *key)
{
	struct setting s = setting_in(bind_owner(cli, key), key);

	buf_add_c(b, "  default     ");
	if (is_set(&s))
		opt_value_literal(key->opt, s.field, b);
	else
		buf_add_c(b, "none");
	buf_add_byte(b, '\n');
}

static enum err run_explain(struct cli *cli, const void *args, struct errctx *cx)
{
	static const char *const titles[SETTINGS_FILES] = {"project", "user"};
	struct settings_file files[SETTINGS_FILES];
	struct settings_key key;
	struct setting s;
	struct buf b, facts;
	size_t file_n;

	(void)args;
	TRY(settings_find_key(cli, str_from(cli->operands[0]), &key, cx));
	TRY(settings_read_files(cli, files, &file_n, cx));
	TRY(find_setting(cli, &key, files, file_n, &s, cx));
	buf_init_arena(&facts, &cli->arena, TEXT_MAX);
	buf_printf(&facts, "%s %s", key.opt->help, key.opt->more ? key.opt->more : "");
	doc_add_facts(&facts, key.opt);
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	buf_printf(&b, "%s: option --%s of ", key.opt->key, key.opt->name);
	cmd_add_name(&b, key.owner);
	buf_add_byte(&b, '\n');
	out_add_folded(&b, buf_str(&facts), 2, 80);
	buf_add_c(&b, "\nFrom the strongest source to the weakest, after the command line:\n");
	TRY(add_layer(cli, &b, &key, NULL, "environment", cx));
	for (size_t i = 0; i < file_n && i < SETTINGS_FILES; i++)
		TRY(add_layer(cli, &b, &key, &files[i], titles[i], cx));
	add_default(cli, &b, &key);
	buf_add_c(&b, "In effect: ");
	if (is_set(&s))
		opt_value_literal(key.opt, s.field, &b);
	else
		buf_add_c(&b, "nothing");
	buf_add_c(&b, ", from ");
	add_origin(&b, &s.origin);
	buf_add_byte(&b, '\n');
	return out_print(buf_str(&b), cx);
}

/* ---- tables ----------------------------------------------------------------------------------- */

static const struct opt list_opts[] = {
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.config/1.",
		.off = offsetof(struct config_args, is_json)},
};

static const struct opt file_opts[] = {
	{.name = "project",
		.type = OPT_FLAG,
		.help = "The project's file in place of the user's.",
		.more = "It is " SETTINGS_PROJECT_FILE " in the present directory.",
		.off = offsetof(struct config_args, project)},
};

static const struct cmd_example list_examples[] = {
	{.line = "headroom config list",
		.what = "Every key with its value and the place that the value comes from."},
	{.line = "headroom config list --json", .what = "The same for a program."},
};
static const struct cmd_example get_examples[] = {
	{.line = "headroom config get cli.color", .what = "The bare value, for use in a script."},
};
static const struct cmd_example set_examples[] = {
	{.line = "headroom config set cli.color never",
		.what = "No more colours; the file is made when it is not there."},
	{.line = "headroom config set --project cli.color always",
		.what = "The same for whoever works in this directory."},
};
static const struct cmd_example unset_examples[] = {
	{.line = "headroom config unset cli.color",
		.what = "Back to the default.",
		.setup = "headroom config set cli.color never"},
};
static const struct cmd_example path_examples[] = {
	{.line = "headroom config path", .what = "Where the user's file is, or would be."},
};
static const struct cmd_example explain_examples[] = {
	{.line = "headroom config explain cli.color",
		.what = "What the key means, what each source says, and which one wins."},
};

#define CONFIG_CMD(word)                                                                       \
	.name = #word, .args_size = sizeof(struct config_args), CMD_EXAMPLES(word##_examples), \
	.flags = CMD_NO_SETTINGS, .run = run_##word
#define ONE_KEY .operands = "KEY", .operand_min = 1, .operand_max = 1, .complete = COMPLETE_KEY

static const struct cmd cmd_list = {
	CONFIG_CMD(list),
	.summary = "list all keys with their values and origins",
	.about = "Prints every key in the spelling of the file, so that the output can be pasted "
		 "there; the comment "
		 "behind it says where the value comes from.",
	CMD_OPTS(list_opts),
};
static const struct cmd cmd_get = {
	CONFIG_CMD(get),
	ONE_KEY,
	.summary = "print the value of a key",
	.about = "Exit status 3 when the key has no value.",
};
static const struct cmd cmd_set = {
	CONFIG_CMD(set),
	.operands = "KEY VALUE",
	.operand_min = 2,
	.operand_max = 2,
	.complete = COMPLETE_KEY,
	.summary = "set a key in the file",
	.about = "The value is checked as it would be on the command line. The rest of the file "
		 "stays as it is, "
		 "comments and order too.",
	CMD_OPTS(file_opts),
};
static const struct cmd cmd_unset = {
	CONFIG_CMD(unset),
	ONE_KEY,
	.summary = "take a key out of the file",
	.about = "Its line goes, with the comment on it. Works for keys that nobody knows, too. "
		 "Exit status 3 when "
		 "the file does not have the key.",
	CMD_OPTS(file_opts),
};
static const struct cmd cmd_path = {
	CONFIG_CMD(path),
	.summary = "print the name of the file",
	.about = "The file need not exist.",
	CMD_OPTS(file_opts),
};
static const struct cmd cmd_explain = {
	CONFIG_CMD(explain),
	ONE_KEY,
	.summary = "say what a key means and where its value comes from",
	.about = "Shows what the environment and each file say about the key.",
};

static const struct cmd *const subs[] = {
	&cmd_list, &cmd_get, &cmd_set, &cmd_unset, &cmd_path, &cmd_explain, NULL};

const struct cmd cmd_config = {
	.name = "config",
	.summary = "show and change the configuration",
	.about = "Options can be given on the command line, by environment variables, in a "
		 "project's file " SETTINGS_PROJECT_FILE
		 ", and in the user's file; the first of these that has a value wins. A "
		 "project's file can set only what cannot do harm: no places of files.",
	.subs = subs,
};
