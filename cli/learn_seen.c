#include "cli/learn_seen.h"

#include "core/base/clock.h"
#include "core/base/file.h"
#include "learn/live_known.h"

static bool is_of(const struct live_rule *r, str project)
{
	str rest = r->project;

	return live_rule_evidence(r) && str_take(&rest, project) && (!rest.n || *rest.p == '/');
}

static void write_rule(struct json_writer *w, const struct live_rule *r)
{
	char at[CLOCK_TIME_LEN + 1];

	if (r->last_ms > 0)
		clock_format(r->last_ms, at);
	json_write_object(w, NULL);
	json_write_str(w, "project", r->project);
	json_write_c(w, "key", r->key);
	json_write_c(w, "kind", rule_kind_name(r->kind));
	json_write_str(w, "text", r->text);
	json_write_u64(w, "evidence", live_rule_evidence(r));
	json_write_u64(w, "conversations", live_rule_sessions(r));
	json_write_c(w, "last_seen", r->last_ms > 0 ? at : NULL);
	json_write_end(w);
}

static void add_rule(struct buf *b, const struct live_rule *r)
{
	uint32_t n = live_rule_evidence(r);

	buf_printf(b, "  - " STR_FMT " (seen %u time%s)\n", STR_ARG(r->text), n, n == 1 ? "" : "s");
}

static void tell(const struct live_known *k, str project, const char *path, struct buf *out,
	struct json_writer *w)
{
	bool is_first = true;

	if (w)
		json_write_array(w, "live");
	for (size_t i = 0; i < k->by_name.n; i++) {
		const struct live_rule *r = k->by_name.entries[i].value;

		if (!is_of(r, project))
			continue;
		if (w) {
			write_rule(w, r);
			continue;
		}
		if (is_first)
			buf_printf(out, "%s\n  seen by headroom proxy --learn\n", path);
		is_first = false;
		add_rule(out, r);
	}
	if (w)
		json_write_end(w);
}

static enum err load(struct live_known *k, const char *path, struct errctx *cx)
{
	struct errctx why = {0};
	struct buf text;
	enum err e;

	buf_init(&text, LIMIT_INPUT);
	e = file_read(path, &text, &why);
	if (!e)
		e = live_known_parse(k, buf_str(&text), &why);
	buf_release(&text);
	if (e == E_CONFIG)
		return err_set(cx, e, "%s: %s", path, why.text);
	return e && e != E_NOT_FOUND ? err_set(cx, e, "%s", why.text) : E_OK;
}

enum err learn_seen_tell(
	struct cli *cli, str project, struct buf *out, struct json_writer *w, struct errctx *cx)
{
	struct live_known known;
	struct places places;
	const char *path;
	enum err e;

	TRY(cli_places(cli, &places, cx));
	path = arena_printf(&cli->arena, "%s/learn/live.jsonl%c", places.workspace, 0).p;
	live_known_init(&known);
	e = load(&known, path, cx);
	tell(&known, project, path, out, w);
	live_known_release(&known);
	return e;
}
