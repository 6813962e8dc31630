/* mcp install, uninstall and status. */
#include <unistd.h>

#include "cli/args_mcp.h"
#include "cli/cli.h"
#include "cli/wrap_conf.h"
#include "core/json/write.h"
#include "wrap/find.h"
#include "wrap/mcp_entry.h"
#include "wrap/run.h"

enum { WAIT_MS = 5000, TEXT_MAX = 8 << 20, DEGRADED = 1, NAME_WIDTH = 10 };

struct mcp_run {
	struct cli *cli;
	const struct mcp_args *args;
	struct wrap_conf conf;
	struct mcp_where where;
	struct buf out;
	struct json_writer w;
	str agent; /* whose edits are being told */
	size_t told, done_n;
};

/* ---- which agents -------------------------------------------------------------------------------------- */

static bool is_detected(const struct mcp_run *r, const struct agent *a)
{
	const char *named = *a->bin_variable ? cli_env(r->cli, a->bin_variable) : NULL;
	struct found_program f = find_agent(
		&r->cli->arena, a, NULL, named && *named ? named : NULL, cli_env(r->cli, "PATH"));

	return f.path && !f.is_denied;
}

static enum err check_agents(const struct cli *cli, struct errctx *cx)
{
	for (size_t i = 0; i < cli->operand_n; i++) {
		const struct agent *a = agent_find(str_from(cli->operands[i]));

		if (!a)
			return agent_unknown(str_from(cli->operands[i]), cx);
		if (!mcp_row_find(a->name))
			FAIL(cx, E_UNSUPPORTED, "%s starts no MCP servers", a->title);
	}
	return E_OK;
}

static bool is_named(const struct cli *cli, const char *agent)
{
	for (size_t i = 0; i < cli->operand_n; i++)
		if (strcmp(cli->operands[i], agent) == 0)
			return true;
	return false;
}

static enum err begin(
	struct mcp_run *r, struct cli *cli, const void *args, const char *schema, struct errctx *cx)
{
	*r = (struct mcp_run){.cli = cli, .args = args};
	TRY(check_agents(cli, cx));
	TRY(wrap_conf_fill(cli, &r->conf, cx));
	r->where = (struct mcp_where){.arena = &cli->arena,
		.envp = cli->envp,
		.cwd = r->conf.cwd,
		.home = r->conf.home,
		.exe = r->conf.exe,
		.is_project = r->args->scope == MCP_AT_PROJECT};
	buf_init_arena(&r->out, &cli->arena, TEXT_MAX);
	json_write_init(&r->w, &r->out, true);
	if (r->args->is_json) {
		json_write_object(&r->w, NULL);
		json_write_c(&r->w, "schema", schema);
		json_write_array(&r->w, "agents");
	}
	return E_OK;
}

static enum err end(struct mcp_run *r, struct errctx *cx)
{
	if (r->args->is_json) {
		json_write_end(&r->w);
		json_write_end(&r->w);
		buf_add_byte(&r->out, '\n');
	}
	return r->out.n ? out_print(buf_str(&r->out), cx) : E_OK;
}

static struct edit_env edit_env(const struct mcp_run *r)
{
	return (struct edit_env){.workspace = r->conf.workspace, .wait_ms = WAIT_MS};
}

/* ---- what is told -------------------------------------------------------------------------------------- */

/* One line, or one object, of an agent. */
static void say(
	struct mcp_run *r, const char *agent, const char *file, const char *result, str text)
{
	r->told++;
	if (r->args->is_json) {
		json_write_object(&r->w, NULL);
		json_write_c(&r->w, "agent", agent);
		json_write_c(&r->w, "file", file);
		json_write_c(&r->w, "result", result);
		json_write_str(&r->w, "text", text);
		json_write_end(&r->w);
		return;
	}
	buf_printf(&r->out, "%-*s %s", NAME_WIDTH, agent, result);
	if (file)
		buf_printf(&r->out, ": %s", file);
	if (text.n) {
		buf_add_c(&r->out, str_find_byte(text, '\n') == STR_NONE ? ": " : ":\n");
		buf_add(&r->out, text);
	}
	buf_add_byte(&r->out, '\n');
}

/* ---- install ------------------------------------------------------------------------------------------- */

/* The lines that would change. The buffer of edit_show is to be on the heap. */
static enum err show(struct mcp_run *r, const struct mcp_entry *e, const struct edit *edits,
	size_t n, struct errctx *cx)
{
	struct edit_env env = edit_env(r);
	struct buf lines;
	enum err err;

	buf_init(&lines, TEXT_MAX);
	err = edit_show(&env, edits, n, &lines, cx);
	if (!err)
		say(r, e->row->agent, e->file, "would be changed", str_trim(buf_str(&lines)));
	buf_release(&lines);
	return err;
}

static enum err write_entry(struct mcp_run *r, const struct mcp_entry *e, struct errctx *cx)
{
	const struct edit_owner nobody = {.pid = 0};
	struct edit_env env = edit_env(r);
	struct edit *edits;
	size_t n;

	edits = mcp_entry_edits(&r->where, e, &n);
	if (r->args->is_dry)
		return show(r, e, edits, n, cx);
	TRY(edit_apply(&env, nobody, edits, n, (struct edit_listener){NULL, NULL}, cx));
	say(r, e->row->agent, e->file, "registered", STR(""));
	return E_OK;
}

/* What one agent says does not keep the others from being written. */
static void install_agent(struct mcp_run *r, const struct mcp_row *row)
{
	struct mcp_entry e;
	struct errctx why = {0};
	str text;

	mcp_entry_look(&r->where, row, &e);
	if (e.state == MCP_OURS) {
		say(r, row->agent, e.file, "there already", STR(""));
		r->done_n++;
	} else if (e.state == MCP_OTHER && !r->args->is_forced) {
		say(r, row->agent, e.file, "left as it is",
			STR("another entry is named headroom; --force replaces it"));
	} else if (e.state == MCP_BY_HAND) {
		text = mcp_by_hand(&r->where, row);
		say(r, row->agent, NULL, e.why, row->format ? STR("") : text);
	} else if (e.state == MCP_UNREAD || write_entry(r, &e, &why)) {
		text = mcp_by_hand(&r->where, row);
		say(r, row->agent, e.file, "failed",
			arena_printf(&r->cli->arena, "%s%s" STR_FMT,
				e.state == MCP_UNREAD ? e.why : why.text,
				text.n ? "; instead: " : "", STR_ARG(text)));
	} else {
		r->done_n++;
	}
}

enum err run_mcp_install(struct cli *cli, const void *args, struct errctx *cx)
{
	struct mcp_run r;

	TRY(begin(&r, cli, args, "headroom.mcp-install/1", cx));
	for (const struct mcp_row *row = mcp_rows; row->agent; row++)
		if (is_named(cli, row->agent) ||
			(!cli->operand_n && is_detected(&r, agent_find(str_from(row->agent)))))
			install_agent(&r, row);
	if (!r.told)
		FAIL(cx, E_FAILED, "none of the agents is on PATH: name one");
	if (!r.done_n)
		cli->status = DEGRADED;
	return end(&r, cx);
}

/* ---- uninstall ----------------------------------------------------------------------------------------- */

static void tell_undone(void *self, const struct edit_outcome *o)
{
	struct mcp_run *r = self;
	struct arena *a = &r->cli->arena;

	if (o->result == EDIT_GONE)
		return;
	say(r, arena_cstr(a, o->agent), arena_cstr(a, o->file), edit_result_text(o->result),
		o->result == EDIT_FAILED ? arena_str(a, str_from(o->text)) : arena_str(a, o->key));
}

static void tell_listed(void *self, const struct edit_outcome *o)
{
	struct mcp_run *r = self;
	struct arena *a = &r->cli->arena;

	if ((!str_eq(o->scope, STR(MCP_SCOPE_USER)) && !str_eq(o->scope, STR(MCP_SCOPE_PROJECT))) ||
		(r->agent.n && !str_eq(o->agent, r->agent)))
		return;
	say(r, arena_cstr(a, o->agent), arena_cstr(a, o->file), "would be taken back",
		arena_str(a, o->key));
}

/* Of one agent; empty: of all. */
static enum err undo(struct mcp_run *r, const char *agent, struct errctx *cx)
{
	static const str scopes[] = {
		{MCP_SCOPE_USER, sizeof MCP_SCOPE_USER - 1},
		{MCP_SCOPE_PROJECT, sizeof MCP_SCOPE_PROJECT - 1},
	};
	struct edit_env env = edit_env(r);
	enum err first = E_OK;

	r->agent = str_from(agent);
	if (r->args->is_dry)
		return edit_list(&env, (struct edit_listener){tell_listed, r}, cx);
	for (size_t i = 0; i < ARRAY_N(scopes); i++) {
		const struct edit_filter filter = {.agent = r->agent, .scope = scopes[i]};
		enum err e = edit_undo(
			&env, &filter, (struct edit_listener){tell_undone, r}, first ? NULL : cx);

		first = first ? first : e;
	}
	return first;
}

enum err run_mcp_uninstall(struct cli *cli, const void *args, struct errctx *cx)
{
	struct mcp_run r;
	const char *journal;
	enum err e = E_OK;

	TRY(begin(&r, cli, args, "headroom.mcp-uninstall/1", cx));
	journal = arena_printf(&cli->arena, "%s/state/edits.jsonl", r.conf.workspace).p;
	/* to read the journal makes its directory */
	if (access(journal, F_OK) == 0) {
		for (size_t i = 0; !e && i < cli->operand_n; i++)
			e = undo(&r, cli->operands[i], cx);
		if (!cli->operand_n)
			e = undo(&r, "", cx);
	}
	if (!r.told && !r.args->is_json)
		buf_add_c(&r.out, "nothing to take back\n");
	TRY(end(&r, cx));
	return e;
}

/* ---- status -------------------------------------------------------------------------------------------- */

static void add_json(struct mcp_run *r, const struct mcp_entry *e, bool is_seen, bool is_there)
{
	json_write_object(&r->w, NULL);
	json_write_c(&r->w, "agent", e->row->agent);
	json_write_bool(&r->w, "detected", is_seen);
	json_write_c(&r->w, "state", mcp_state_name(e->state));
	json_write_c(&r->w, "file", e->file);
	if (e->command.n)
		json_write_str(&r->w, "command", e->command);
	else
		json_write_null(&r->w, "command");
	json_write_bool(&r->w, "command_ok", is_there);
	json_write_c(&r->w, "why", e->why);
	json_write_end(&r->w);
}

static void add_line(struct mcp_run *r, const struct mcp_entry *e, bool is_seen, bool is_there)
{
	buf_printf(&r->out, "%-*s %s", NAME_WIDTH, e->row->agent, mcp_state_name(e->state));
	if (e->why)
		buf_printf(&r->out, ": %s", e->why);
	else if (e->file && e->state != MCP_ABSENT)
		buf_printf(&r->out, ": %s", e->file);
	if (e->command.n && !is_there)
		buf_printf(&r->out, "; its program is not there: " STR_FMT, STR_ARG(e->command));
	buf_add_c(&r->out, is_seen ? "\n" : " (not on PATH)\n");
}

enum err run_mcp_status(struct cli *cli, const void *args, struct errctx *cx)
{
	struct mcp_run r;

	TRY(begin(&r, cli, args, "headroom.mcp-status/1", cx));
	for (const struct mcp_row *row = mcp_rows; row->agent; row++) {
		bool is_seen = is_detected(&r, agent_find(str_from(row->agent)));
		struct mcp_entry e;
		bool is_there;

		if (cli->operand_n && !is_named(cli, row->agent))
			continue;
		mcp_entry_look(&r.where, row, &e);
		is_there = mcp_command_is_there(&r.where, e.command);
		if ((e.state == MCP_OURS || e.state == MCP_OTHER) && e.command.n && !is_there)
			cli->status = DEGRADED;
		if (r.args->is_json)
			add_json(&r, &e, is_seen, is_there);
		else
			add_line(&r, &e, is_seen, is_there);
	}
	return end(&r, cx);
}
