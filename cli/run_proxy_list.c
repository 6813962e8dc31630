#include <stdio.h>
#include <unistd.h>

#include "cli/args_proxy.h"
#include "cli/cli.h"
#include "core/json/write.h"
#include "core/lease/meet.h"

enum { PROXIES_MAX = 1024, TEXT_MAX = 1 << 20, MS_PER_S = 1000 };

struct row {
	struct lease_record record;
	bool is_answering;
};

/* Those that are there; *n of them, in the arena. */
static struct row *find_all(struct cli *cli, const struct run_dir *dir, struct buf *text, size_t *n)
{
	uint16_t *ports = arena_array(&cli->arena, uint16_t, PROXIES_MAX);
	size_t ports_n = run_dir_ports(dir, RUN_JSON, ports, PROXIES_MAX);
	struct row *rows = arena_array(&cli->arena, struct row, ports_n + 1);

	*n = 0;
	for (size_t i = 0; i < ports_n; i++) {
		struct row *r = &rows[*n];
		int fd;
		enum err err = lease_meet(dir, ports[i], text, &cli->arena, &fd, &r->record);

		if (err == E_NOT_FOUND)
			continue;
		r->is_answering = err == E_OK;
		if (fd >= 0)
			(void)close(fd);
		if (r->is_answering)
			r->record.leases--; /* that was ours */
		(*n)++;
	}
	return rows;
}

static str mode_of(const struct lease_record *r)
{
	str mode = STR("");

	for (size_t i = 0; i < r->settings_n; i++) {
		if (str_eq_c(r->settings[i].name, "mode") && !mode.n)
			mode = r->settings[i].value;
		if (str_eq_c(r->settings[i].name, "optimize") &&
			str_eq_c(r->settings[i].value, "false"))
			return STR("off");
	}
	return mode;
}

static void add_json(struct buf *b, const struct row *rows, size_t n)
{
	struct json_writer w;

	json_write_init(&w, b, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.proxy-list/1");
	json_write_array(&w, "proxies");
	for (size_t i = 0; i < n; i++) {
		const struct lease_record *r = &rows[i].record;

		json_write_object(&w, NULL);
		json_write_str(&w, "url", r->url);
		json_write_i64(&w, "pid", r->pid);
		json_write_str(&w, "version", r->version);
		json_write_str(&w, "mode", mode_of(r));
		json_write_i64(&w, "leases", r->leases);
		if (r->idle_exit_ms)
			json_write_f64(&w, "idle_exit_seconds", (double)r->idle_exit_ms / MS_PER_S);
		else
			json_write_null(&w, "idle_exit_seconds");
		json_write_bool(&w, "answering", rows[i].is_answering);
		json_write_end(&w);
	}
	json_write_end(&w);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

static void add_text(struct buf *b, const struct row *rows, size_t n)
{
	if (n)
		buf_printf(b, "%-24s %8s %6s %9s  %-6s %s\n", "url", "pid", "users", "idle-exit",
			"mode", "version");
	for (size_t i = 0; i < n; i++) {
		const struct lease_record *r = &rows[i].record;
		char idle[32] = "never";

		if (r->idle_exit_ms)
			(void)snprintf(
				idle, sizeof idle, "%g s", (double)r->idle_exit_ms / MS_PER_S);
		buf_printf(b, "%-24.*s %8lld %6lld %9s  %-6.*s " STR_FMT "%s\n", STR_ARG(r->url),
			(long long)r->pid, (long long)r->leases, idle, STR_ARG(mode_of(r)),
			STR_ARG(r->version), rows[i].is_answering ? "" : " (does not answer)");
	}
}

enum err run_proxy_list(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct proxy_control_args *a = args;
	struct places places;
	struct run_dir dir = {.path = ""};
	struct row *rows;
	struct buf text, out;
	size_t n;

	TRY(cli_places(cli, &places, cx));
	if (!run_dir_name(places.workspace, &dir))
		FAIL(cx, E_CONFIG, "the path of the workspace is too long");
	buf_init_arena(&text, &cli->arena, LEASE_RECORD_MAX);
	rows = find_all(cli, &dir, &text, &n);
	buf_init_arena(&out, &cli->arena, TEXT_MAX);
	if (a->is_json)
		add_json(&out, rows, n);
	else
		add_text(&out, rows, n);
	return out_print(buf_str(&out), cx);
}
