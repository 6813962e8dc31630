/* memory sync. */
#include <stdlib.h>

#include "cli/learn.h"
#include "cli/memory.h"
#include "core/memory/sync.h"
#include "learn/write/target.h"

static const enum target_kind FILES[] = {
	[SYNC_CLAUDE] = TARGET_MEMORY, [SYNC_CODEX] = TARGET_AGENTS};

static enum err find_file(struct memory_run *r, struct sync_conf *conf, struct errctx *cx)
{
	const struct learn_env env = learn_cli_env(r->cli);
	struct target target;
	char real[4096]; /* PATH_MAX */

	if (!realpath(r->args->project ? r->args->project : ".", real))
		FAIL(cx, E_NOT_FOUND, "%s: %m",
			r->args->project ? r->args->project : "the present directory");
	TRY(target_at(&env, str_from(real), FILES[conf->agent], &r->cli->arena, &target, cx));
	conf->path = target.path;
	return E_OK;
}

static void tell(struct memory_run *r, const struct sync_conf *conf, const struct sync_counts *n)
{
	enum { ALWAYS = 5 };
	const struct {
		const char *name;
		uint64_t n;
	} rows[] = {{"imported", n->imported}, {"updated", n->updated}, {"exported", n->exported},
		{"removed", n->removed}, {"refused", n->refused}, {"changed meanwhile", n->busy}};

	if (r->args->is_json) {
		memory_json(r, "headroom.memory-sync/1");
		json_write_c(&r->json, "with", conf->path);
		for (size_t i = 0; i < ALWAYS; i++)
			json_write_u64(&r->json, rows[i].name, rows[i].n);
		json_write_u64(&r->json, "busy", n->busy);
		json_write_bool(&r->json, "dry_run", conf->is_dry);
		json_write_end(&r->json);
	} else {
		for (size_t i = 0; i < ALWAYS + (n->busy > 0); i++)
			buf_printf(&r->out, "%s%s %llu",
				i              ? ", "
				: conf->is_dry ? "would be: "
					       : "",
				rows[i].name, (unsigned long long)rows[i].n);
	}
	buf_add_byte(&r->out, '\n');
}

enum err run_memory_sync(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	struct sync_conf conf;
	struct sync_counts n;
	enum err e = memory_begin_run(&r, cli, args, MEMORY_WRITE, cx);

	conf = (struct sync_conf){
		.agent = (enum sync_agent)r.args->agent, .user = r.user, .is_dry = r.args->is_dry};
	e = e ? e : find_file(&r, &conf, cx);
	e = e ? e : memory_sync(r.store, &conf, &n, cx);
	if (!e)
		tell(&r, &conf, &n);
	return memory_end_run(&r, e, cx);
}
