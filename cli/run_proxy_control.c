#include <stdio.h>

#include "cli/args_proxy.h"
#include "cli/cli.h"
#include "core/json/write.h"
#include "proxy/control.h"

enum { TEXT_MAX = 4096, ASK_MS = 2000, SECONDS_PER_MINUTE = 60 };

/* "3 d 4 h", "12 min", "7 s": the two largest units that are not 0. */
static void add_uptime(struct buf *b, double seconds)
{
	static const struct {
		const char *name;
		int64_t s;
	} units[] = {{"d", 86400}, {"h", 3600}, {"min", SECONDS_PER_MINUTE}, {"s", 1}};
	int64_t left = seconds > 0 && seconds < 1e12 ? (int64_t)seconds : 0;
	int shown = 0;

	for (size_t i = 0; i < ARRAY_N(units) && shown < 2; i++) {
		if (left < units[i].s && !(i + 1 == ARRAY_N(units) && !shown))
			continue;
		buf_printf(b, "%s%lld %s", shown ? " " : "", (long long)(left / units[i].s),
			units[i].name);
		left %= units[i].s;
		shown++;
	}
}

static void add_count_row(struct buf *b, const char *title, int64_t n)
{
	if (n < 0)
		return;
	buf_printf(b, "%-12s ", title);
	out_add_count(b, (uint64_t)n);
	buf_add_byte(b, '\n');
}

static void add_text(struct buf *b, const struct control_health *h)
{
	buf_printf(b, "%-12s %s\n", "url", h->url);
	if (h->pid)
		buf_printf(b, "%-12s %lld\n", "pid", (long long)h->pid);
	buf_printf(b, "%-12s %s\n", "version", h->version);
	buf_printf(b, "%-12s %s\n", "ready", h->is_ready ? "yes" : "no");
	buf_printf(b, "%-12s ", "up");
	add_uptime(b, h->uptime_s);
	buf_add_byte(b, '\n');
	if (*h->mode)
		buf_printf(b, "%-12s %s\n", "mode", h->mode);
	add_count_row(b, "requests", h->requests);
	/* Markers cost, too: it may be less than nothing. */
	if (h->tokens_saved < 0 && h->requests >= 0)
		buf_printf(b, "%-12s %lld\n", "tokens saved", (long long)h->tokens_saved);
	else
		add_count_row(b, "tokens saved", h->tokens_saved);
}

static void add_json_count(struct json_writer *w, const char *key, bool is_known, int64_t n)
{
	if (is_known)
		json_write_i64(w, key, n);
	else
		json_write_null(w, key);
}

static void add_json(struct buf *b, const struct control_health *h)
{
	struct json_writer w;

	json_write_init(&w, b, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.proxy-status/1");
	json_write_c(&w, "url", h->url);
	add_json_count(&w, "pid", h->pid != 0, h->pid);
	json_write_c(&w, "version", h->version);
	json_write_bool(&w, "ready", h->is_ready);
	json_write_fixed(&w, "uptime_seconds", h->uptime_s, 1);
	json_write_c(&w, "mode", *h->mode ? h->mode : NULL);
	add_json_count(&w, "requests", h->requests >= 0, h->requests);
	add_json_count(&w, "tokens_saved", h->requests >= 0, h->tokens_saved);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

enum err run_proxy_status(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct proxy_control_args *a = args;
	struct control_health health;
	struct buf b;

	TRY(control_health((uint16_t)a->port, ASK_MS, &health, cx));
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	if (a->is_json)
		add_json(&b, &health);
	else
		add_text(&b, &health);
	return out_print(buf_str(&b), cx);
}

enum err run_proxy_stop(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct proxy_control_args *a = args;
	struct control_stop stop = {
		.port = (uint16_t)a->port, .timeout_ms = a->timeout_ms, .is_forced = a->is_forced};
	struct control_health health;

	TRY(control_stop(&stop, &health, cx));
	cli_info(cli, "process %lld has ended", (long long)health.pid);
	return E_OK;
}
