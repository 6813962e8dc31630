#include "wrap/unwrap.h"

enum { WAIT_MS = 5000 };

const char *unwrap_result_name(enum unwrap_result r)
{
	static const char *const names[] = {"restored", "removed", "kept", "failed"};

	return names[r];
}

static void tell_edit(void *self, const struct edit_outcome *o)
{
	const struct unwrap *u = self;
	enum unwrap_result r = UNWRAP_RESTORED;
	str text = o->key;

	if (o->result == EDIT_GONE)
		return; /* there is nothing of ours any more */
	if (o->result == EDIT_CHANGED) {
		r = UNWRAP_KEPT;
		text = arena_printf(u->conf->arena, STR_FMT ": changed by you", STR_ARG(o->key));
	} else if (o->result == EDIT_FAILED) {
		r = UNWRAP_FAILED;
		text = str_from(o->text);
	}
	u->tell(u->self, o->agent, o->file, r, text);
}

/* With --dry-run: what would be undone, as far as the journal tells. */
static void list_edit(void *self, const struct edit_outcome *o)
{
	const struct unwrap *u = self;

	if ((!str_eq(o->scope, STR("user")) && !str_eq(o->scope, STR("project"))) ||
		(u->agent.n && !str_eq(o->agent, u->agent)))
		return;
	u->tell(u->self, o->agent, o->file, UNWRAP_RESTORED, o->key);
}

static void tell_leftover(void *self, const char *agent, const char *file,
	enum leftover_result result, const char *text)
{
	static const enum unwrap_result results[] = {
		[LEFTOVER_CLEANED] = UNWRAP_RESTORED,
		[LEFTOVER_REMOVED] = UNWRAP_REMOVED,
		[LEFTOVER_KEPT] = UNWRAP_KEPT,
		[LEFTOVER_FAILED] = UNWRAP_FAILED,
	};
	const struct unwrap *u = self;

	u->tell(u->self, str_from(agent), str_from(file), results[result], str_from(text));
}

static bool is_ours(void *self, str url)
{
	const struct unwrap *u = self;

	return wrap_is_ours(u->conf, url);
}

/* Not those of running sessions: they end with them. */
static enum err undo_edits(const struct unwrap *u, struct errctx *cx)
{
	static const str scopes[] = {{"user", 4}, {"project", 7}};
	const struct edit_env env = {.workspace = u->conf->workspace, .wait_ms = WAIT_MS};
	struct unwrap *self = arena_new(u->conf->arena, struct unwrap);
	struct edit_listener listener = {tell_edit, self};
	enum err first = E_OK;

	*self = *u;
	if (u->is_dry) {
		listener.tell = list_edit;
		return edit_list(&env, listener, cx);
	}
	for (size_t i = 0; i < ARRAY_N(scopes); i++) {
		const struct edit_filter filter = {.agent = u->agent, .scope = scopes[i]};
		struct errctx why = {0};
		enum err e = edit_undo(&env, &filter, listener, &why);

		if (e && !first)
			first = err_set(cx, e, "%s", why.text);
	}
	return first ? first : edit_recover(&env, listener, cx);
}

enum err unwrap_run(const struct unwrap *u, struct errctx *cx)
{
	struct unwrap *self = arena_new(u->conf->arena, struct unwrap);
	const struct leftover_env env = {
		.arena = u->conf->arena,
		.envp = u->conf->envp,
		.cwd = u->conf->cwd,
		.home = u->conf->home,
		.is_dry = u->is_dry,
		.is_ours = is_ours,
		.tell = tell_leftover,
		.self = self,
	};
	struct errctx why = {0};
	enum err first, e;

	*self = *u;
	first = undo_edits(u, cx);
	e = leftover_clean(&env, u->agent, &why);
	if (e && !first)
		first = err_set(cx, e, "%s", why.text);
	return first;
}
