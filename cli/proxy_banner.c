#include "cli/proxy_banner.h"

#include <unistd.h>

#include "cli/args_proxy.h"
#include "cli/out.h"
#include "cli/proxy_conf.h"
#include "core/provider/provider.h"
#include "proxy/route.h"

void proxy_banner_add_client_url(struct buf *b, const char *url)
{
	static const char *const all[] = {"http://0.0.0.0:", "http://[::]:"};

	for (size_t i = 0; i < ARRAY_N(all); i++) {
		str rest = str_from(url);

		if (!str_take(&rest, str_from(all[i])))
			continue;
		buf_add_c(b, "http://127.0.0.1:");
		buf_add(b, rest);
		return;
	}
	buf_add_c(b, url);
}

/* ---- on and off ------------------------------------------------------------------------------- */

/* A list of words behind a title; nothing when there is none. */
struct words {
	struct buf *b;
	const char *title;
	bool has_any;
};

static void add_word(struct words *w, const char *word)
{
	if (w->has_any)
		buf_add_c(w->b, ", ");
	else
		buf_printf(w->b, "  %-9s ", w->title);
	w->has_any = true;
	buf_add_c(w->b, word);
}

static void end_words(struct words *w)
{
	if (w->has_any)
		buf_add_byte(w->b, '\n');
}

struct feature {
	const char *name;
	bool is_on;
	bool is_extra; /* worth a word only when it is on */
};

static void add_features(struct buf *b, const struct proxy_conf *c)
{
	const struct feature features[] = {
		{c->compress.mode == COMPRESS_CACHE ? "compression (mode cache)"
						    : "compression (mode token)",
			c->is_optimizing, false},
		{"lossless only", c->is_optimizing && c->compress.is_lossless, true},
		{"outlines of code",
			c->is_optimizing &&
				(c->compress.outlines_code || c->compress.outlines_reads),
			true},
		{"output shaper", c->is_optimizing && c->compress.shapes_output, true},
		{"effort routing", c->is_optimizing && c->compress.routes_effort, true},
		{"response cache", c->has_response_cache, false},
		{"token", c->token.n > 0, false},
		{"named tokens", c->tokens_file != NULL, true},
		{"confinement", c->confine != CONFINE_OFF, true},
		{"shared store", c->share.is_on, true},
		{"log file", c->log_file != NULL, false},
		{"messages in the log file", c->log_file && c->logs_messages, true},
		{"store", c->store_file != NULL, false},
		{"telemetry (kept here)", c->has_telemetry, true},
		{"WebSocket tunnel", c->websocket == WEBSOCKET_TUNNEL, true},
		{"HTTP/2 to upstreams", c->has_http2, false},
		{"tool headroom_retrieve",
			c->is_optimizing && c->compress.elides && c->compress.offers_retrieve,
			false},
	};
	struct words on = {.b = b, .title = "on"}, off = {.b = b, .title = "off"};

	for (size_t i = 0; i < ARRAY_N(features); i++)
		if (features[i].is_on)
			add_word(&on, features[i].name);
	end_words(&on);
	for (size_t i = 0; i < ARRAY_N(features); i++)
		if (!features[i].is_on && !features[i].is_extra)
			add_word(&off, features[i].name);
	end_words(&off);
}

/* ---- limits, places --------------------------------------------------------------------------- */

static void add_limits(struct buf *b, const struct proxy_limits *l)
{
	static const char *const periods[] = {"an hour", "a day", "a month"};

	buf_printf(b, "  %-9s ", "limits");
	if (l->rpm) {
		out_add_count(b, (uint64_t)l->rpm);
		buf_add_c(b, " requests and ");
		out_add_count(b, (uint64_t)l->tpm);
		buf_add_c(b, " tokens a minute");
	} else {
		buf_add_c(b, "no rate limit");
	}
	buf_add_c(b, ", ");
	out_add_count(b, (uint64_t)l->concurrency);
	buf_add_c(b, " requests at a time, ");
	if (l->has_budget)
		buf_printf(b, "budget $%.2f %s\n", l->budget_usd, periods[l->budget_period]);
	else
		buf_add_c(b, "no budget\n");
}

static const struct opt *upstream_opt(size_t u)
{
	size_t off = offsetof(struct proxy_args, upstreams) + u * sizeof(str);

	for (size_t i = 0; i < PROXY_OPTS_N; i++)
		if (!(proxy_opts[i].flags & OPT_PLANNED) && proxy_opts[i].off == off)
			return &proxy_opts[i];
	return NULL;
}

/* Who says which sentences of prose matter, where some may go. */
static void add_kompress(struct buf *b, const struct proxy_conf *c)
{
	if (!c->is_optimizing || !c->compress.elides)
		return;
	buf_printf(b, "  %-9s ", "prose");
	if (c->compress.no_prose)
		buf_add_c(b, "stays whole\n");
	else if (c->compress.kompress)
		buf_printf(b, "by the model in %s (%s)\n", c->kompress_dir,
			kompress_blas(c->compress.kompress));
	else
		buf_add_c(b, "by the built-in engine; --kompress-model names a model\n");
}

static void add_places(struct buf *b, const struct proxy_conf *c)
{
	for (size_t u = 0; u < PROXY_UPSTREAMS; u++) {
		const struct opt *o = upstream_opt(u);
		str name = str_from(o ? o->name : "");

		if (o && c->upstreams[u].n && !str_eq_c(c->upstreams[u], o->def))
			buf_printf(b, "  %-9s " STR_FMT " at " STR_FMT "\n", "upstream",
				(int)(name.n - strlen("-api-url")), name.p,
				STR_ARG(c->upstreams[u]));
	}
	if (c->backend.provider)
		buf_printf(b, "  %-9s %s at " STR_FMT "\n", "backend", c->backend.provider->name,
			STR_ARG(c->upstreams[UPSTREAM_BACKEND]));
	if (c->log_file)
		buf_printf(b, "  %-9s %s\n", "log", c->log_file);
	if (c->store_file)
		buf_printf(b, "  %-9s %s\n", "store", c->store_file);
	if (c->has_memory)
		buf_printf(b, "  %-9s %s%s\n", "memory", c->memory.place.file,
			c->memory.place.storage == MEMORY_IN_PROJECT
				? ", one for each project beside it"
			: c->memory.place.storage == MEMORY_OF_USER
				? ", one for each user beside it"
				: "");
	if (c->graph_root)
		buf_printf(b, "  %-9s of %s, in %s\n", "graph", c->graph_root, c->graph_file);
}

void proxy_banner_add(struct buf *b, const struct proxy_conf *conf, const char *url)
{
	buf_printf(b, "headroom %s at %s (stop it with Ctrl-C or 'headroom proxy stop')\n",
		conf->version, url);
	buf_printf(b, "  %-9s ANTHROPIC_BASE_URL=", "Anthropic");
	proxy_banner_add_client_url(b, url);
	buf_printf(b, " claude\n  %-9s OPENAI_BASE_URL=", "OpenAI");
	proxy_banner_add_client_url(b, url);
	buf_add_c(b, "/v1 your-app\n");
	add_features(b, conf);
	add_kompress(b, conf);
	add_limits(b, &conf->limits);
	if (conf->user)
		buf_printf(b, "  %-9s %s\n", "user", conf->user);
	add_places(b, conf);
}

const char *proxy_banner_open(const struct proxy_conf *conf)
{
	if (conf->token.n || proxy_conf_is_loopback(str_from(conf->host)))
		return NULL;
	return "other machines can reach this address, and every request of theirs is served: set "
	       "HEADROOM_PROXY_TOKEN to a secret that clients must show";
}

const char *proxy_banner_root(const struct proxy_conf *conf)
{
	if (geteuid() != 0 || proxy_conf_is_loopback(str_from(conf->host)))
		return NULL;
	return "it runs as root, where other machines can reach it: --user NAME (HEADROOM_USER) "
	       "gives "
	       "that up once the port is open";
}
