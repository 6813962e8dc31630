/* admin: what changes the running proxy, or shows where it leads. own.c writes a line of the log for each. */
#include "proxy/own/own.h"

void own_cache_clear(struct own_call *c)
{
	struct json_writer w;

	if (c->server->cache)
		response_cache_clear(c->server->cache);
	own_begin(c, &w);
	json_write_c(&w, "status", c->server->cache ? "cleared" : "cache disabled");
	own_end(c, &w);
}

void own_admin_upstream(struct own_call *c)
{
	struct json_writer w;

	own_begin(c, &w);
	own_write_upstreams(&w, c->server);
	own_end(c, &w);
}
