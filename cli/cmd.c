#include "cli/cmd.h"

#include "cli/cmds.h"
#include "core/base/suggest.h"

const struct cmd *const cmd_table[] = {
	&cmd_wrap,
	&cmd_unwrap,
	&cmd_proxy,
	&cmd_compress,
	&cmd_replay,
	&cmd_retrieve,
	&cmd_tokens,
	&cmd_stats,
	&cmd_dashboard,
	&cmd_savings,
	&cmd_perf,
	&cmd_doctor,
	&cmd_init,
	&cmd_install,
	&cmd_mcp,
	&cmd_kompress,
	&cmd_memory,
	&cmd_learn,
	&cmd_audit,
	&cmd_config,
	&cmd_completions,
	&cmd_help,
	&cmd_version,
	&cmd_gen,
	NULL,
};

/* Commands that the design has and this version does not, so that nobody takes their absence for a mistyped
 * word. A name leaves this list when its command enters the table. */
static const char *const planned[] = {"auth", NULL};

const struct cmd *cmd_find(const struct cmd *const *list, str name)
{
	for (; *list; list++)
		if (str_eq_c(name, (*list)->name))
			return *list;
	return NULL;
}

enum err cmd_unknown(const struct cmd *const *list, str name, struct errctx *cx)
{
	struct suggest s = suggest_for(name);

	for (size_t i = 0; list == cmd_table && planned[i]; i++)
		if (str_eq_c(name, planned[i]))
			return err_set(cx, E_UNSUPPORTED, "'%s' is not built yet", planned[i]);
	for (; *list; list++)
		if (!((*list)->flags & CMD_HIDDEN))
			suggest_offer(&s, str_from((*list)->name));
	if (s.best.n)
		return err_set(cx, E_USAGE,
			"unknown command '" STR_FMT "' (did you mean '" STR_FMT "'?)",
			STR_ARG(name), STR_ARG(s.best));
	return err_set(cx, E_USAGE, "unknown command '" STR_FMT "'", STR_ARG(name));
}

struct cmd_ref *cmd_all(struct arena *a, size_t *n)
{
	VEC(struct cmd_ref) all = {0};

	for (const struct cmd *const *c = cmd_table; *c; c++) {
		if ((*c)->flags & CMD_HIDDEN)
			continue;
		*vec_push(&all, a) = (struct cmd_ref){NULL, *c};
		for (const struct cmd *const *sub = (*c)->subs; sub && *sub; sub++)
			*vec_push(&all, a) = (struct cmd_ref){*c, *sub};
	}
	*n = all.n;
	return all.v;
}

void cmd_add_name(struct buf *b, struct cmd_ref ref)
{
	buf_add_c(b, "headroom");
	for (int i = 0; i < 2; i++) {
		const struct cmd *c = i ? ref.cmd : ref.parent;

		if (c) {
			buf_add_byte(b, ' ');
			buf_add_c(b, c->name);
		}
	}
}
