#include "proxy/prepare.h"

#include <stdio.h>

static str or_else(str named, str usual)
{
	return str_trim(named).n ? str_trim(named) : usual;
}

/* All memories of a tenant are below a directory of his own, whatever the headers say; his name is a part of a path as it is. */
static const char *tenant_file(struct exchange *x, const char *file)
{
	const char *slash = strrchr(file, '/');
	str dir = {file, slash ? (size_t)(slash - file) + 1 : 0};

	return arena_printf(
		&x->arena, STR_FMT "tokens/%s/memory.db%c", STR_ARG(dir), x->tenant->name, 0)
		.p;
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
	if (x->tenant)
		m->place.file = tenant_file(x, m->place.file);
	m->place.user = or_else(x->info.user, m->place.user);
	m->place.project_id = or_else(x->info.project_id, m->place.project_id);
	m->place.project_dir = or_else(x->info.cwd, m->place.project_dir);
	return m;
}

/* What is learned from whom goes to his own memories: requests of other users are passed over, and those of tenants. */
void prepare_tell(struct exchange *x, str body)
{
	const struct proxy_conf *conf = x->server->conf;
	str user = str_trim(x->info.user);
	char session[sizeof "0123456789abcdef"];
	struct proxy_seen s = {.body = body,
		.project_id = str_trim(x->info.project_id),
		.project_dir = str_trim(x->info.cwd),
		.at_ms = clock_wall_ms(conf->clock)};

	if (!conf->watch.tell || x->tenant || x->route.kind != ROUTE_LLM ||
		(user.n && !str_eq(user, conf->memory.place.user)))
		return;
	(void)snprintf(session, sizeof session, "%016llx", (unsigned long long)x->conversation.lo);
	s.session = str_from(session);
	conf->watch.tell(conf->watch.self, &s);
}
