/* audit reads, audit tools. */
#include <unistd.h>

#include "cli/args_audit.h"
#include "cli/learn.h"
#include "cli/recording.h"
#include "core/base/file.h"
#include "core/base/toml.h"
#include "core/json/doc.h"
#include "core/json/write.h"
#include "learn/audit.h"

struct run {
	struct cli *cli;
	const struct audit_args *args;
	struct learn_run files;
	struct audit *audit;
	uint64_t unread;
};

/* ---- recordings ---------------------------------------------------------------------------------- */

struct taking {
	struct audit *audit;
	const char *path;
};

static enum err take(void *self, str text, struct errctx *cx)
{
	struct taking *t = self;

	return audit_file(t->audit, text, str_from(t->path), cx);
}

static enum err add_file(struct run *r, const char *path, struct errctx *cx)
{
	struct taking t = {r->audit, path};
	struct errctx why = {0};
	enum err e =
		recording_read(path, (size_t)r->args->max_input, RECORDING_PIECE, take, &t, &why);

	if (e == E_NOMEM) {
		*cx = why;
		return e;
	}
	r->unread += e != E_OK;
	if (e == E_TOO_BIG)
		cli_warn(r->cli, "%s; --max-input allows more", why.text);
	else if (e)
		cli_info(r->cli, "%s", why.text);
	return E_OK;
}

static enum err add_files(struct run *r, struct errctx *cx)
{
	const struct learn_files *files = &r->files.files;
	struct out_progress progress = {
		.is_shown = !r->cli->globals.is_quiet && out_is_tty(STDERR_FILENO)};
	uint64_t done = 0;
	enum err e = E_OK;

	for (size_t i = 0; i < files->v.n && !e; i++) {
		out_progress(&progress, "audit", done, r->files.bytes, "bytes");
		e = add_file(r, files->v.v[i].path, cx);
		done += files->v.v[i].bytes;
	}
	out_progress_end(&progress);
	return e;
}

/* ---- settings of agents -------------------------------------------------------------------------- */

/* What cannot be read has no servers to tell of; the agent itself says what is wrong with its settings. */
static bool read_settings(struct run *r, const char *path, struct buf *text)
{
	struct errctx cx = {0};
	enum err e;

	buf_init(text, LIMIT_CONFIG_FILE);
	e = file_read(path, text, &cx);
	if (e && e != E_NOT_FOUND)
		cli_info(r->cli, "%s", cx.text);
	return e == E_OK;
}

static void add_members(struct run *r, const struct json_value *servers, const char *path)
{
	for (const struct json_value *v = json_value_first(servers); v; v = json_value_next(v))
		if (json_value_key(v))
			audit_server(r->audit, str_from(json_value_key(v)), str_from(path));
}

static void add_json(struct run *r, const char *path, const char *project)
{
	struct json_doc *doc = NULL;
	struct errctx cx = {0};
	struct buf text;

	if (read_settings(r, path, &text)) {
		if (json_doc_parse(buf_str(&text), &doc, &cx)) {
			cli_info(r->cli, "%s: %s", path, cx.text);
		} else {
			const struct json_value *root = json_doc_root(doc);
			const struct json_value *own =
				json_value_get(json_value_get(root, "projects"), project);

			add_members(r, json_value_get(root, "mcpServers"), path);
			add_members(r, json_value_get(own, "mcpServers"), path);
		}
	}
	json_doc_free(doc);
	buf_release(&text);
}

static void add_toml(struct run *r, const char *path)
{
	static const char prefix[] = "mcp_servers.";
	struct errctx cx = {0};
	struct toml_doc doc = {0};
	struct buf text;

	if (read_settings(r, path, &text) &&
		toml_parse(&r->cli->arena, arena_str(&r->cli->arena, buf_str(&text)), &doc, &cx))
		cli_info(r->cli, "%s: %s", path, cx.text);
	buf_release(&text);
	for (size_t i = 0; i < doc.tables_n; i++) {
		str name = doc.tables[i].path;

		if (str_take(&name, STR(prefix)) && str_find_byte(name, '.') == STR_NONE)
			audit_server(r->audit, name, str_from(path));
	}
}

static const char *join(struct run *r, const char *dir, const char *name)
{
	return arena_cstr(&r->cli->arena, arena_printf(&r->cli->arena, "%s/%s", dir, name));
}

static void add_servers(struct run *r)
{
	const char *home = cli_env(r->cli, "HOME"), *codex = cli_env(r->cli, "CODEX_HOME");
	const char *project = arena_cstr(&r->cli->arena, r->files.project);

	if (!*project)
		return;
	add_json(r, join(r, project, ".mcp.json"), "");
	if (home)
		add_json(r, join(r, home, ".claude.json"), project);
	if (codex && *codex)
		add_toml(r, join(r, codex, "config.toml"));
	else if (home)
		add_toml(r, join(r, home, ".codex/config.toml"));
}

/* ---- for people ---------------------------------------------------------------------------------- */

enum { FIGURE_WIDTH = 13 };

static void add_total(struct buf *out, uint64_t n, const char *what, bool is_first)
{
	buf_add_c(out, is_first ? "" : "  ");
	out_add_count(out, n);
	buf_printf(out, " %s%s", what, n == 1 ? "" : "s");
}

static void add_totals(struct buf *out, const struct audit_totals *t)
{
	add_total(out, t->sessions, "session", true);
	add_total(out, t->requests, "request", false);
	add_total(out, t->calls, "call", false);
	buf_add_c(out, "\nresults of tools");
	buf_add_c(out, t->declared ? ", and their definitions: " : ": ");
	add_total(out, t->tokens, "token", true);
	buf_add_c(out, ", in all requests ");
	out_add_count(out, t->sent);
	buf_add_c(out, "\n");
}

static void add_text(const struct run *r, const struct audit_result *res, struct buf *out)
{
	static const char *const columns[] = {"sent", "tokens", "times", "sessions"};
	size_t n = res->findings.n;

	add_totals(out, &res->totals);
	if (!n) {
		buf_add_c(out, "\nnothing was found that need not have been\n");
		return;
	}
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < ARRAY_N(columns); i++)
		buf_printf(out, "%*s", FIGURE_WIDTH, columns[i]);
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < n && i < (size_t)r->args->limit; i++) {
		const struct audit_finding *f = &res->findings.v[i];

		out_add_count_right(out, f->sent, FIGURE_WIDTH);
		out_add_count_right(out, f->tokens, FIGURE_WIDTH);
		out_add_count_right(out, f->times, FIGURE_WIDTH);
		out_add_count_right(out, f->sessions, FIGURE_WIDTH);
		buf_printf(out,
			"  " STR_FMT "\n      %s\n      do:   " STR_FMT "\n      undo: " STR_FMT
			"\n",
			STR_ARG(f->name), audit_kind_means(f->kind), STR_ARG(f->remedy),
			STR_ARG(f->undo));
	}
	if (n > (size_t)r->args->limit)
		buf_printf(out, "\nand %zu more; --limit shows them\n", n - (size_t)r->args->limit);
}

/* ---- for scripts --------------------------------------------------------------------------------- */

static void write_finding(struct json_writer *w, const struct audit_finding *f)
{
	json_write_object(w, NULL);
	json_write_c(w, "kind", audit_kind_name(f->kind));
	json_write_str(w, "name", f->name);
	json_write_u64(w, "times", f->times);
	json_write_u64(w, "sessions", f->sessions);
	json_write_u64(w, "tokens", f->tokens);
	json_write_u64(w, "sent", f->sent);
	json_write_str(w, "remedy", f->remedy);
	json_write_str(w, "undo", f->undo);
	json_write_end(w);
}

static void add_json_text(
	const struct run *r, const struct audit_result *res, const char *schema, struct buf *out)
{
	struct json_writer w;

	json_write_init(&w, out, true);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", schema);
	json_write_str(&w, "project", r->files.project);
	json_write_u64(&w, "files", r->files.files.v.n);
	json_write_u64(&w, "unread", r->unread);
	json_write_u64(&w, "session_n", res->totals.sessions);
	json_write_u64(&w, "requests", res->totals.requests);
	json_write_u64(&w, "requests_with_tools", res->totals.declared);
	json_write_u64(&w, "calls", res->totals.calls);
	json_write_u64(&w, "tokens", res->totals.tokens);
	json_write_u64(&w, "sent", res->totals.sent);
	json_write_array(&w, "findings");
	for (size_t i = 0; i < res->findings.n && i < (size_t)r->args->limit; i++)
		write_finding(&w, &res->findings.v[i]);
	json_write_end(&w);
	json_write_u64(&w, "finding_n", res->findings.n);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

/* ---- the commands -------------------------------------------------------------------------------- */

static enum err work(struct run *r, bool is_of_tools, struct errctx *cx)
{
	struct audit_result res;
	struct buf out;

	TRY(add_files(r, cx));
	if (is_of_tools)
		add_servers(r);
	audit_result(r->audit, is_of_tools, &r->cli->arena, &res);
	if (!res.totals.sessions && r->files.project.n)
		FAIL(cx, E_NOT_FOUND, "no recorded session is of " STR_FMT "; --all takes all",
			STR_ARG(r->files.project));
	if (!res.totals.sessions)
		FAIL(cx, E_NOT_FOUND, "no recorded session could be read");
	buf_init_arena(&out, &r->cli->arena, LIMIT_INPUT);
	if (r->args->is_json)
		add_json_text(r, &res,
			is_of_tools ? "headroom.audit-tools/1" : "headroom.audit-reads/1", &out);
	else
		add_text(r, &res, &out);
	return out.err ? err_set(cx, out.err, "no room for the output")
		       : out_print(buf_str(&out), cx);
}

static enum err run(struct cli *cli, const void *args, bool is_of_tools, struct errctx *cx)
{
	const struct audit_args *a = args;
	const struct learn_args which = {.project = a->project,
		.is_all = a->is_all,
		.agent = LEARN_ALL_AGENTS,
		.from = a->from};
	struct run r = {.cli = cli, .args = a};
	enum err e;

	TRY(learn_find_files(&r.files, cli, &which, cx));
	TRY(audit_new(r.files.project, &r.audit, cx));
	e = work(&r, is_of_tools, cx);
	audit_free(r.audit);
	return e;
}

enum err run_audit_reads(struct cli *cli, const void *args, struct errctx *cx)
{
	return run(cli, args, false, cx);
}

enum err run_audit_tools(struct cli *cli, const void *args, struct errctx *cx)
{
	return run(cli, args, true, cx);
}
