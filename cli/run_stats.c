#include <stdio.h>
#include <unistd.h>

#include "cli/args_live.h"
#include "cli/live.h"
#include "cli/proxy_conf.h"
#include "cli/stats_text.h"
#include "core/json/scan.h"
#include "core/json/write.h"
#include "proxy/ask.h"

enum {
	ASK_MS = 30000,     /* a long ledger is walked over */
	SILENCE_MS = 60000, /* a proxy says something every 15 seconds */
	TEXT_MAX = 64 << 10,
};

struct watch {
	struct cli *cli;
	const struct stats_args *args;
	const char *url;
	struct buf event; /* what came of the present one */
	struct buf out;
	size_t drawn_n; /* lines on the terminal */
	enum err err;
	struct errctx *cx;
};

/* ---- one state --------------------------------------------------------------------------------------- */

/* The members as they came, but for the schema. */
static enum err add_json(struct watch *w, str state, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct json_writer out;
	struct json_tape t;
	enum err err;

	if (arena_recover(&a)) {
		arena_release(&a);
		FAIL(cx, E_NOMEM, "no memory for the answer");
	}
	err = json_scan(&a, state, &t, cx);
	json_write_init(&out, &w->out, false);
	json_write_object(&out, NULL);
	json_write_c(&out, "schema", "headroom.stats/1");
	json_write_c(&out, "url", w->url);
	for (struct json_iter it = json_iter(&t, 0); !err && json_next(&it);) {
		str key;

		if (json_string_is(&t, it.key, "schema") || !json_string(&t, it.key, &a, &key))
			continue;
		json_write_key(&out, key);
		json_write_raw(&out, NULL, json_text(&t, it.value));
	}
	json_write_end(&out);
	buf_add_byte(&w->out, '\n');
	arena_release(&a);
	return err;
}

static size_t count_lines(str text)
{
	size_t n = 0;
	str line;

	while (str_next_line(&text, &line, NULL))
		n++;
	return n;
}

/* Over what was drawn before: cursor up, and clear to the end of the screen (ECMA-48, CUU and ED). */
static void add_table(struct watch *w, const struct json_value *state)
{
	size_t begin;

	if (w->drawn_n)
		buf_printf(&w->out, "\x1b[%zuA\x1b[J", w->drawn_n);
	begin = w->out.n;
	stats_text_table(&w->out, w->url, state);
	w->drawn_n = count_lines(str_sub(buf_str(&w->out), begin, w->out.n));
}

static enum err add_text(struct watch *w, str state, struct errctx *cx)
{
	struct json_doc *doc = NULL;

	TRY(json_doc_parse(state, &doc, cx));
	if (w->args->is_watching && !out_is_tty(STDOUT_FILENO))
		stats_text_line(&w->out, json_doc_root(doc));
	else
		add_table(w, json_doc_root(doc));
	json_doc_free(doc);
	return E_OK;
}

static enum err print_state(struct watch *w, str state, struct errctx *cx)
{
	enum err err = w->args->is_json ? add_json(w, state, cx) : add_text(w, state, cx);

	if (!err)
		err = w->out.err ? err_set(cx, w->out.err, "the answer is too long")
				 : out_print(buf_str(&w->out), cx);
	buf_reset(&w->out);
	return err;
}

/* ---- asking ------------------------------------------------------------------------------------------ */

static enum err check_status(int status, struct errctx *cx)
{
	if (status == 200)
		return E_OK;
	if (status == 401)
		FAIL(cx, E_PERMISSION,
			"the proxy wants its token: set HEADROOM_PROXY_TOKEN, or "
			"--proxy-token-file");
	if (status == 404)
		FAIL(cx, E_UNSUPPORTED, "this proxy is older than 'headroom stats'");
	FAIL(cx, E_UNAVAILABLE, "the proxy answered with status %d", status);
}

static struct ask ask_for(struct watch *w, const char *path, str token, int64_t timeout_ms)
{
	return (struct ask){.url = arena_cstr(&w->cli->arena,
				    arena_printf(&w->cli->arena, "%s%s", w->url, path)),
		.token = token,
		.timeout_ms = timeout_ms};
}

static enum err show_once(struct watch *w, str token, struct errctx *cx)
{
	struct ask ask = ask_for(w, "/v1/dashboard/state", token, ASK_MS);
	int status;

	if (ask_loopback(&ask, &status, &w->event, cx) != E_OK)
		return err_set(cx, E_UNAVAILABLE, "%s: %s", w->url, cx->text);
	TRY(check_status(status, cx));
	return print_state(w, buf_str(&w->event), cx);
}

/* An event of an event stream, without its end. */
static enum err take_event(struct watch *w, str event)
{
	str line;

	while (str_next_line(&event, &line, NULL))
		if (str_take(&line, STR("data: ")))
			TRY(print_state(w, line, w->cx));
	return E_OK;
}

static bool take_piece(void *self, str piece)
{
	struct watch *w = self;
	size_t end;

	buf_add(&w->event, piece);
	w->err = w->event.err;
	while (!w->err && (end = str_find(buf_str(&w->event), STR("\n\n"))) != STR_NONE) {
		size_t left = w->event.n - end - 2;

		w->err = take_event(w, str_sub(buf_str(&w->event), 0, end));
		memmove(w->event.p, w->event.p + end + 2, left);
		w->event.n = left;
	}
	return !w->err;
}

static enum err show_all(struct watch *w, str token, struct errctx *cx)
{
	struct ask ask = ask_for(w, "/v1/dashboard/events", token, SILENCE_MS);
	int status;

	w->cx = cx;
	if (ask_stream(&ask, &status, take_piece, w, cx) != E_OK && !w->err)
		return err_set(cx, E_UNAVAILABLE, "%s: %s", w->url, cx->text);
	TRY(w->err);
	TRY(check_status(status, cx));
	FAIL(cx, E_UNAVAILABLE, "the proxy has ended");
}

enum err run_stats(struct cli *cli, const void *args, struct errctx *cx)
{
	struct watch w = {.cli = cli, .args = args};
	struct control_health health;
	enum err err;
	str token;

	TRY(proxy_conf_token(cli, w.args->token_file, &token, cx));
	TRY(live_find(w.args->port, &health, cx));
	w.url = health.url;
	buf_init(&w.event, LIMIT_SSE_EVENT);
	buf_init(&w.out, LIMIT_SSE_EVENT);
	err = w.args->is_watching ? show_all(&w, token, cx) : show_once(&w, token, cx);
	buf_release(&w.event);
	buf_release(&w.out);
	return err;
}
