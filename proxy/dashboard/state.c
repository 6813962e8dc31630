#include "proxy/dashboard/state.h"

#include "proxy/own/stats.h"

enum { RECENT_ROWS = 40 }; /* a screen or two */

static void write_limits(struct json_writer *w, struct server *s)
{
	json_write_object(w, "limits");
	json_write_i64(w, "concurrency", atomic_load(&s->concurrency_max));
	json_write_i64(w, "active", atomic_load(&s->active_n));
	json_write_end(w);
}

static enum err write_stats(
	struct own_call *c, struct json_writer *w, uint64_t run, struct errctx *cx)
{
	enum err err;

	json_write_object(w, "stats");
	err = stats_write(c, w, run, RECENT_ROWS, cx);
	json_write_end(w);
	return err;
}

enum err dashboard_state(struct own_call *c, struct errctx *cx)
{
	struct server *s = c->server;
	uint64_t run = atomic_load(&s->run);
	struct json_writer w;

	/* What cannot be written now is missing from the figures; "health" says so. */
	(void)!store_flush(s->store, NULL);
	own_begin(c, &w);
	json_write_c(&w, "schema", "headroom.dashboard-state/1");
	TRY(write_stats(c, &w, run, cx));
	own_write_health(c, &w, "health");
	write_limits(&w, s);
	if (c->is_local) {
		struct stats st = {.c = c, .w = &w, .proxy_run = run, .from_ms = stats_from_ms(s)};

		TRY(stats_write_clients(&st, "clients", cx));
	}
	own_end(c, &w);
	return E_OK;
}

enum err dashboard_event(struct own_call *c, struct errctx *cx)
{
	buf_add_c(&c->out, "event: state\ndata: ");
	TRY(dashboard_state(c, cx));
	buf_add_byte(&c->out, '\n');
	return E_OK;
}

void own_dashboard_state(struct own_call *c)
{
	struct errctx cx = {0};
	enum err err = dashboard_state(c, &cx);

	if (err)
		own_fail_err(c, err, &cx);
}

/* What a listener hears first; the rest comes by proxy/dashboard/feed.h. */
void own_dashboard_events(struct own_call *c)
{
	struct errctx cx = {0};
	enum err err;

	c->type = "text/event-stream";
	err = dashboard_event(c, &cx);
	if (err)
		own_fail_err(c, err, &cx);
}
