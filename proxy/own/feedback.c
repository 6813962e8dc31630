/* feedback: what retrievals have taught (core/store/feedback.h): /v1/feedback, and /v1/feedback/TOOL for one tool. GET shows
 * it, DELETE forgets it. */
#include "core/store/feedback.h"
#include "proxy/own/own.h"

static void write_row(void *self, const struct feedback_row *row)
{
	struct json_writer *w = self;

	feedback_write_begin(w, row);
	own_write_time(w, "used_at", row->used_ms);
	own_write_time(w, "level_since", row->changed_ms);
	json_write_end(w);
}

static void show(struct own_call *c, str tool)
{
	struct store *s = c->server->store;
	struct errctx cx = {0};
	struct json_writer w;
	enum err err = store_flush(s, &cx);

	own_begin(c, &w);
	json_write_bool(&w, "enabled", c->server->conf->compress.learns);
	json_write_u64(&w, "samples_min", FEEDBACK_SAMPLES);
	json_write_array(&w, "feedback");
	if (!err)
		err = feedback_each(s, tool, write_row, &w, &cx);
	json_write_end(&w);
	own_end(c, &w);
	if (err)
		own_fail_err(c, err, &cx);
}

static void forget(struct own_call *c, str tool)
{
	struct store *s = c->server->store;
	struct errctx cx = {0};
	struct json_writer w;
	enum err err = feedback_reset(s, tool, &cx);

	if (!err)
		err = store_flush(s, &cx);
	if (err) {
		own_fail_err(c, err, &cx);
		return;
	}
	own_begin(c, &w);
	json_write_str(&w, "forgotten", tool.n ? tool : STR("all"));
	own_end(c, &w);
}

void own_feedback(struct own_call *c)
{
	str tool = c->x->route.own_arg;

	if (str_eq(c->x->head->method, STR("DELETE")))
		forget(c, tool);
	else
		show(c, tool);
}
