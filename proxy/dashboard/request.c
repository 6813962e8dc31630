/* request: /v1/dashboard/requests/ID: what was changed in one request, as the request log with its messages has it. For
 * callers on this machine only. */
#include "core/base/utf8.h"
#include "proxy/dashboard/change.h"
#include "proxy/dashboard/log_find.h"
#include "proxy/own/own.h"

/* For people to look at: more than that is a file to be opened. */
enum { CHANGES_MAX = 200, TEXT_MAX = 64 << 10, ALL_MAX = 4 << 20 };

static str cut(str text)
{
	size_t n = text.n < TEXT_MAX ? text.n : TEXT_MAX;

	while (n < text.n && n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return str_sub(text, 0, n);
}

static void write_change(struct json_writer *w, const struct change *c)
{
	str before = cut(c->before), after = cut(c->after);

	json_write_object(w, NULL);
	json_write_c(w, "role", c->role);
	json_write_c(w, "kind", c->kind);
	json_write_str(w, "tool", c->tool);
	json_write_str(w, "path", c->path);
	if (c->before.p)
		json_write_str(w, "before", before);
	else
		json_write_null(w, "before");
	json_write_str(w, "after", after);
	json_write_u64(w, "before_bytes", c->before.n);
	json_write_u64(w, "after_bytes", c->after.n);
	json_write_bool(w, "is_cut", before.n < c->before.n || after.n < c->after.n);
	json_write_end(w);
}

/* The newest first: in a conversation that is what this request brought. */
static void write_changes(struct json_writer *w, const struct changes *all)
{
	size_t shown = 0, bytes = 0;

	json_write_array(w, "changes");
	while (shown < all->n && shown < CHANGES_MAX && bytes < ALL_MAX) {
		const struct change *c = &all->v[all->n - 1 - shown];

		write_change(w, c);
		bytes += cut(c->before).n + cut(c->after).n;
		shown++;
	}
	json_write_end(w);
	json_write_u64(w, "changes_total", all->n);
	json_write_u64(w, "changes_left_out", all->n - shown);
}

static str member_text(const struct json_tape *t, const char *key)
{
	uint32_t node = json_member(t, 0, key);

	return node == JSON_ABSENT || json_is(t, node, JSON_NULL) ? STR_NULL : json_text(t, node);
}

/* Why there is nothing to be seen, or NULL. */
static const char *read_changes(struct own_call *c, const struct json_tape *t, struct changes *out)
{
	struct arena *a = &c->x->arena;
	str before = member_text(t, "request"), after = member_text(t, "sent"), name;
	uint32_t format = json_member(t, 0, "format");
	enum wire_format f;

	if (!before.n)
		return "its body is not in the log: it is too long, or was logged without "
		       "--log-messages";
	if (!after.n)
		return json_member(t, 0, "sent_omitted_bytes") == JSON_ABSENT
			       ? "it was sent as it came"
			       : "what was sent is not in the log: it is too long";
	if (format == JSON_ABSENT || !json_string(t, format, a, &name) ||
		!wire_format_parse(name, &f) || f == WIRE_NONE ||
		changes_find(a, f, before, after, out, NULL) != E_OK)
		return "its body is not of a format whose blocks can be shown";
	return NULL;
}

static void answer(struct own_call *c, const struct json_tape *t, str id)
{
	struct changes changes = {0};
	const char *why = read_changes(c, t, &changes);
	struct json_writer w;

	own_begin(c, &w);
	json_write_c(&w, "schema", "headroom.dashboard-request/1");
	json_write_str(&w, "request_id", id);
	json_write_c(&w, "note", why);
	write_changes(&w, &changes);
	own_end(c, &w);
}

void own_dashboard_request(struct own_call *c)
{
	const struct proxy_conf *conf = c->server->conf;
	struct arena *a = &c->x->arena;
	struct errctx cx = {0};
	struct json_tape t;
	enum err err;
	str line;

	if (!c->server->request_log || !conf->logs_messages) {
		own_fail(c, 404,
			"messages are not logged: start the proxy with --log-file FILE "
			"--log-messages");
		return;
	}
	request_log_flush(c->server->request_log);
	err = log_find(conf->log_file, c->x->route.own_arg, a, &line, &cx);
	if (!err)
		err = json_scan(a, line, &t, &cx);
	if (err)
		own_fail_err(c, err, &cx);
	else
		answer(c, &t, c->x->route.own_arg);
}
