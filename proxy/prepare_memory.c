#include "proxy/prepare.h"

static str or_else(str named, str usual)
{
	return str_trim(named).n ? str_trim(named) : usual;
}

const struct compress_memory *prepare_memory(struct exchange *x)
{
	struct compress_memory *m;

	if (!x->server->recall || x->route.kind != ROUTE_LLM ||
		strcmp(x->route.endpoint, "compact") == 0)
		return NULL;
	m = arena_new(&x->arena, struct compress_memory);
	*m = x->server->conf->memory;
	m->recall = x->server->recall;
	m->by = str_from(client_kind_name(x->info.client));
	m->place.user = or_else(x->info.user, m->place.user);
	m->place.project_id = or_else(x->info.project_id, m->place.project_id);
	m->place.project_dir = or_else(x->info.cwd, m->place.project_dir);
	return m;
}
