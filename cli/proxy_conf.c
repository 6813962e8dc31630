#include "cli/proxy_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/backend_conf.h"
#include "cli/memory.h"
#include "cli/proxy_url.h"
#include "cli/secret_file.h"
#include "cli/settings.h"
#include "cli/share_conf.h"
#include "core/base/file.h"
#include "core/base/opt_value.h"
#include "core/graph/graph.h"
#include "core/lease/record.h"
#include "version.h"

enum {
	TOKEN_FILE_MAX = 4096,
	TOKEN_MAX = 1024, /* of a line of a header that everybody can send */
	MS_PER_S = 1000,
};

static const struct opt *find_opt(const struct opt_group *g, const char *name)
{
	return &g->opts[opt_origin_of(g, name) - g->origins];
}

static bool is_given(const struct opt_group *g, const char *name)
{
	return opt_origin_of(g, name)->source != OPT_FROM_DEFAULT;
}

const char *proxy_conf_label(struct cli *cli, const struct opt_group *group, const char *option)
{
	const struct opt_origin *from = opt_origin_of(group, option);

	switch (from->source) {
	case OPT_FROM_DEFAULT:
		break;
	case OPT_FROM_USER:
	case OPT_FROM_PROJECT:
		return arena_printf(&cli->arena, "%s:%u: %s", from->name, from->line,
			find_opt(group, option)->key)
			.p;
	case OPT_FROM_ENV:
	case OPT_FROM_LINE:
		return from->name;
	}
	return arena_printf(&cli->arena, "--%s", option).p;
}

bool proxy_conf_is_loopback(str host)
{
	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		host = str_sub(host, 1, host.n - 1);
	(void)str_take(&host, STR("::ffff:"));
	if (str_eq_nocase(host, STR("localhost")) || str_eq_c(host, "::1"))
		return true;
	for (size_t i = 0; i < host.n; i++)
		if (host.p[i] != '.' && (host.p[i] < '0' || host.p[i] > '9'))
			return false;
	return str_starts(host, STR("127."));
}

/* ---- parts ------------------------------------------------------------------------------------ */

/* The code of an error that is in cx, by where the value is written. */
static enum err wrong_value(const struct opt_group *g, const char *option, struct errctx *cx)
{
	return cx->code = opt_origin_of(g, option)->source == OPT_FROM_LINE ? E_USAGE : E_CONFIG;
}

static enum err fill_upstreams(struct cli *cli, const struct opt_group *g,
	const struct proxy_args *a, struct proxy_conf *out, struct errctx *cx)
{
	static const char *const names[] = {"anthropic-api-url", "openai-api-url", "gemini-api-url",
		"cloudcode-api-url", "chatgpt-api-url", "vertex-api-url", "bedrock-api-url"};

	for (size_t i = 0; i < ARRAY_N(names); i++) {
		const char *label = proxy_conf_label(cli, g, names[i]);
		struct proxy_url url;

		if (!a->upstreams[i].n)
			continue; /* that of Bedrock depends on the region */
		if (proxy_url_check(&cli->arena, label, a->upstreams[i], &url, cx))
			return wrong_value(g, names[i], cx);
		if (out->port && url.port == out->port &&
			(proxy_conf_is_loopback(url.host) || str_eq_c(url.host, out->host))) {
			(void)err_set(cx, E_USAGE, "%s: '" STR_FMT "' is this proxy itself", label,
				STR_ARG(a->upstreams[i]));
			return wrong_value(g, names[i], cx);
		}
		out->upstreams[i] = url.base;
	}
	return E_OK;
}

static enum err check_token(const char *label, str token, struct errctx *cx)
{
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] <= ' ' || token.p[i] > '~')
			FAIL(cx, E_CONFIG, "%s: a token cannot hold blanks or control characters",
				label);
	if (token.n > TOKEN_MAX)
		FAIL(cx, E_CONFIG, "%s: a token of more than %d bytes", label, TOKEN_MAX);
	return E_OK;
}

static enum err read_token_file(struct cli *cli, const char *file, str *out, struct errctx *cx)
{
	str token;

	TRY(secret_file_read(cli, file, "token", TOKEN_FILE_MAX, &token, cx));
	*out = token;
	return check_token(file, token, cx);
}

enum err proxy_conf_token(struct cli *cli, const char *file, str *out, struct errctx *cx)
{
	const char *variable = cli_env(cli, "HEADROOM_PROXY_TOKEN");

	*out = STR("");
	if (variable && *variable) {
		*out = str_from(variable);
		return check_token("HEADROOM_PROXY_TOKEN", *out, cx);
	}
	return file ? read_token_file(cli, file, out, cx) : E_OK;
}

/* The first of these variables that is set and not empty; NULL when none is. */
static const char *variable_of(const struct cli *cli, const char *const *names)
{
	for (; *names; names++) {
		const char *value = cli_env(cli, *names);

		if (value && *value)
			return value;
	}
	return NULL;
}

#define VARIABLE(cli, ...) variable_of((cli), (const char *const[]){__VA_ARGS__, NULL})

/* The names and their order are those of curl(1); NODE_EXTRA_CA_CERTS is that of node, which most clients run on. */
static enum err fill_network(struct cli *cli, struct proxy_conf *out, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];

	out->ca_file = VARIABLE(cli, "SSL_CERT_FILE");
	if (out->ca_file && access(out->ca_file, R_OK) != 0)
		FAIL(cx, E_CONFIG, "SSL_CERT_FILE: %s: %s", out->ca_file,
			file_err_text(errno, why));
	out->ca_extra = VARIABLE(cli, "NODE_EXTRA_CA_CERTS");
	if (out->ca_extra && access(out->ca_extra, R_OK) != 0) {
		cli_warn(cli, "NODE_EXTRA_CA_CERTS: %s: %s; ignored", out->ca_extra,
			file_err_text(errno, why));
		out->ca_extra = NULL;
	}
	out->https_proxy = VARIABLE(cli, "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY");
	out->http_proxy = VARIABLE(cli, "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY");
	out->no_proxy = VARIABLE(cli, "no_proxy", "NO_PROXY");
	out->notify_socket = VARIABLE(cli, "NOTIFY_SOCKET");
	return E_OK;
}

static enum err fill_files(
	struct cli *cli, const struct proxy_args *a, struct proxy_conf *out, struct errctx *cx)
{
	struct places places;

	out->is_stateless = a->is_stateless;
	out->logs_messages = a->logs_messages;
	if (a->is_stateless) {
		if (a->log_file)
			cli_warn(cli, "--stateless writes no file: --log-file %s is not written",
				a->log_file);
		if (a->store)
			cli_warn(cli, "--stateless writes no file: --store %s is not used",
				a->store);
		return E_OK;
	}
	out->log_file = a->log_file;
	out->store_file = a->store;
	if (!out->store_file) {
		TRY(cli_places(cli, &places, cx));
		out->store_file = places.store_file;
	}
	return E_OK;
}

/* An open descriptor that who starts us has named; -1: none. */
static enum err fill_fd(
	const struct opt_group *g, const char *option, int64_t value, int *out, struct errctx *cx)
{
	*out = -1;
	if (!is_given(g, option))
		return E_OK;
	*out = (int)value;
	if (fcntl(*out, F_GETFD) < 0)
		FAIL(cx, E_USAGE, "--%s: file descriptor %d is not open", option, *out);
	return E_OK;
}

/* What is nobody's business but of who starts it, or is in the digest (proxy/lease.h). */
static bool is_own_affair(const struct opt *o)
{
	static const char *const names[] = {"port", "host", "idle-exit", "ready-fd", "control-fd",
		"print-config", "log-format", "proxy-token-file", "store-password-file"};

	for (size_t i = 0; i < ARRAY_N(names); i++)
		if (str_eq_c(str_from(o->name), names[i]))
			return true;
	return o->flags & OPT_PLANNED || str_ends(str_from(o->name), STR("-api-url"));
}

static void fill_settings(struct cli *cli, const struct opt_group *g, struct proxy_conf *out)
{
	struct lease_setting *v = arena_array(&cli->arena, struct lease_setting, g->n);
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct opt *o = &g->opts[i];
		struct buf b;

		if (is_own_affair(o))
			continue;
		buf_init_arena(&b, &cli->arena, LEASE_RECORD_MAX);
		/* A budget of 0 is another thing than none. */
		if (opt_value_is_set(o, opt_field(g, o)) &&
			(o->type == OPT_FLAG || o->def || is_given(g, o->name)))
			opt_value_write(o, opt_field(g, o), &b);
		v[n++] = (struct lease_setting){.name = str_from(o->name),
			.value = b.n ? buf_str(&b) : STR(""),
			.is_given = g->origins[i].source >= OPT_FROM_ENV};
	}
	out->settings = v;
	out->settings_n = n;
}

/* Where 'headroom wrap' finds it: in no place when it may write nothing. */
static void fill_workspace(struct cli *cli, struct proxy_conf *out)
{
	struct places places;
	struct errctx ignored;

	if (!out->is_stateless && cli_places(cli, &places, &ignored) == E_OK)
		out->workspace = places.workspace;
}

void proxy_conf_limits(
	const struct opt_group *group, const struct proxy_args *a, struct proxy_limits *out)
{
	*out = (struct proxy_limits){.rpm = a->has_rate_limit ? a->rpm : 0,
		.tpm = a->has_rate_limit ? a->tpm : 0,
		.has_budget = is_given(group, "budget"),
		.budget_usd = a->budget,
		.budget_period = a->budget_period,
		.concurrency = a->limit_concurrency,
		.price_file = a->price_file};
}

/* ---- what does nothing beside another option -------------------------------------------------- */

/* By whom starts it. A line in a file that is for many runs is no reason to warn in each of them. */
static bool is_asked(const struct opt_group *g, const char *name)
{
	return opt_origin_of(g, name)->source >= OPT_FROM_ENV;
}

/* What is learned becomes memories: who wants none gets none, whoever asks for the other. */
static bool forbids_memory(const struct opt_group *g, const struct proxy_args *a)
{
	return !a->has_memory && opt_origin_of(g, "memory")->source != OPT_FROM_DEFAULT;
}

#define LIMITS "rpm tpm"
#define RENDERINGS                                                                    \
	"target-ratio lossless disable-kompress kompress-model protect-recent "       \
	"protect-tool-results trim-tools output-shaper effort-routing exclude-tools " \
	"tool-profile min-tokens savings-profile protect-analysis-context ccr "       \
	"no-read-lifecycle intercept-tool-results code-aware holdout"
#define ELISIONS "no-ccr-inject-tool no-ccr-marker no-ccr-proactive-expansion code-aware"
#define MEMORIES                                                                          \
	"memory-storage memory-db-path memory-project-root memory-top-k no-memory-tools " \
	"no-memory-context memory-native-tool memory-embedder memory-embedder-model"

struct useless {
	const char *options; /* words between blanks */
	const char *why;
	bool is_so;
	bool is_of_files; /* told of a line in a file, too */
};

static void tell_useless(struct cli *cli, const struct opt_group *g, const struct useless *u)
{
	str rest = str_from(u->options), word;

	while (u->is_so && str_split(&rest, ' ', &word)) {
		const char *option = arena_cstr(&cli->arena, word);

		if (u->is_of_files || is_asked(g, option))
			cli_warn(cli, "%s has no effect %s", proxy_conf_label(cli, g, option),
				u->why);
	}
}

static void warn_useless(struct cli *cli, const struct opt_group *g, const struct proxy_args *a)
{
	bool has_memory = a->has_memory || a->learns;
	const struct useless rows[] = {
		{LIMITS, "with --no-rate-limit", !a->has_rate_limit, false},
		{RENDERINGS, "with --no-optimize", !a->is_optimizing, false},
		{"intercept-tool-results", "with --lossless", a->intercepts && a->is_lossless,
			true},
		{ELISIONS, "with --ccr off", !a->ccr, false},
		{"kompress-model", "where nothing of prose is left out",
			a->is_optimizing && (a->is_lossless || a->no_prose || !a->ccr), false},
		{"ccr", "with --lossless", a->ccr && a->is_lossless, false},
		{"budget-period", "without --budget", !is_given(g, "budget"), false},
		{"verbosity-level", "without --output-shaper", !a->shapes_output, false},
		{"code-graph", "with --stateless", a->has_graph && a->is_stateless, true},
		{"code-graph-dir", "without --code-graph", !a->has_graph, false},
		{MEMORIES, "with --stateless", a->is_stateless, false},
		{MEMORIES, "without --memory", !has_memory && !a->is_stateless, false},
		{"memory", "with --stateless", a->has_memory && a->is_stateless, false},
		{"learn", "with --stateless", a->learns && a->is_stateless, false},
		{"learn", "with --no-memory", a->learns && !a->is_stateless && forbids_memory(g, a),
			false},
		{"min-evidence", "without --learn", !a->learns, false},
		{"log-messages", "without a --log-file that is written",
			a->logs_messages && (!a->log_file || a->is_stateless), true},
	};

	for (size_t i = 0; i < ARRAY_N(rows); i++)
		tell_useless(cli, g, &rows[i]);
}

/* ---- the whole -------------------------------------------------------------------------------- */

static void fill_plain(const struct proxy_args *a, struct proxy_conf *out)
{
	*out = (struct proxy_conf){.port = (uint16_t)a->port,
		.workers = (unsigned)a->workers,
		.compress = {.mode = (enum compress_mode)a->mode,
			.is_lossless = a->is_lossless,
			.is_off = !a->is_optimizing,
			.no_prose = a->no_prose,
			.elides = a->ccr && !a->no_marker && !a->is_lossless,
			.offers_retrieve = !a->no_tool,
			.expands = !a->no_expansion,
			.retrieves_by_tool = true,
			.whole_reads = a->no_lifecycle,
			.outlines_code = a->is_code_aware,
			.outlines_reads = a->intercepts,
			.learns = !a->is_stateless,
			.trims_tools = a->trims_tools,
			.shapes_output = a->shapes_output,
			.verbosity_level = (unsigned)a->verbosity_level,
			.routes_effort = a->routes_effort,
			.holdout = a->holdout,
			.target_ratio = a->target_ratio,
			.protect_recent = (uint32_t)a->protect_recent,
			.protect_tools = a->protect_tools.v,
			.protect_tools_n = a->protect_tools.n},
		.kompress_dir = a->is_optimizing && !a->is_lossless && !a->no_prose
					? a->kompress_model
					: NULL,
		.is_optimizing = a->is_optimizing,
		.has_response_cache = a->has_cache,
		.has_telemetry = a->has_telemetry,
		.max_connections = a->max_connections,
		.max_keepalive = a->max_keepalive,
		.request_timeout_ms = a->request_timeout_s * MS_PER_S,
		.connect_timeout_ms = a->connect_timeout_s * MS_PER_S,
		.keepalive_expiry_ms = (int64_t)(a->keepalive_expiry_s * MS_PER_S),
		.drain_ms = a->drain_ms,
		.idle_exit_ms = a->idle_exit_ms,
		.retry_max_attempts = (int)a->retry_max_attempts,
		.has_http2 = a->has_http2,
		.allowed_hosts = a->allowed_hosts.v,
		.allowed_hosts_n = a->allowed_hosts.n,
		.allowed_origins = a->cors_origins.v,
		.allowed_origins_n = a->cors_origins.n,
		.websocket = (enum proxy_websocket)a->websocket,
		.confine = (enum proxy_confinement)a->confine,
		.body_max = (size_t)a->max_body,
		.version = HEADROOM_VERSION};
}

static enum err fill_graph(
	struct cli *cli, const struct proxy_args *a, struct proxy_conf *out, struct errctx *cx)
{
	const char *dir = a->graph_dir ? a->graph_dir : ".";
	char root[PATH_MAX], workspace[PATH_MAX], why[FILE_ERRNO_TEXT];

	if (!out->workspace)
		return E_OK; /* nothing is written */
	if (!realpath(dir, root))
		FAIL(cx, E_CONFIG, "--code-graph-dir: %s: %s", dir, file_err_text(errno, why));
	/* where headroom wrap starts it, there is nobody's code */
	if (!a->graph_dir && realpath(out->workspace, workspace) && strcmp(root, workspace) == 0) {
		cli_warn(cli,
			"--code-graph has no effect in %s; headroom wrap --code-graph is of the "
			"directory that it is called in",
			root);
		return E_OK;
	}
	out->graph_root = arena_cstr(&cli->arena, str_from(root));
	out->graph_file = graph_file_of(out->workspace, root, &cli->arena);
	return E_OK;
}

/* Where 'headroom memory' has them, too. Nothing is remembered by who may write nothing. */
static enum err fill_memory(struct cli *cli, const struct opt_group *g, const struct proxy_args *a,
	struct proxy_conf *out, struct errctx *cx)
{
	bool learns = a->learns && !out->is_stateless && !forbids_memory(g, a);
	struct compress_memory *m = &out->memory;
	struct places places;
	enum err err;

	out->has_memory = (a->has_memory || learns) && !out->is_stateless;
	out->learn_evidence = (uint32_t)a->min_evidence;
	*m = (struct compress_memory){.shows = !a->no_memory_context,
		.offers = !a->no_memory_tools,
		.top_k = (size_t)a->memory_top_k,
		.answers_files = a->answers_memory_files};
	m->place = (struct memory_place_conf){.storage = (enum memory_storage)a->memory_storage,
		.file = a->memory_file,
		.user = memory_default_user(cli),
		.project_root = str_from(a->memory_root)};
	if (memory_embedder_conf(cli, proxy_conf_label(cli, g, "memory-embedder"),
		    a->memory_embedder, a->memory_embedder_model, &out->embedder, cx))
		return wrong_value(g, "memory-embedder", cx);
	if (m->place.file && !learns)
		return E_OK;
	err = cli_places(cli, &places, cx);
	if (!err && learns)
		out->learn_file =
			arena_printf(&cli->arena, "%s/learn/live.jsonl%c", places.workspace, 0).p;
	if (!err && !m->place.file)
		m->place.file = arena_printf(&cli->arena, "%s/memory.db%c", places.workspace, 0).p;
	return out->has_memory ? err : E_OK;
}

enum err proxy_conf_fill(struct cli *cli, const struct opt_group *group, const struct proxy_args *a,
	struct proxy_conf *out, struct errctx *cx)
{
	fill_plain(a, out);
	out->user = a->user.n ? arena_cstr(&cli->arena, a->user) : NULL;
	if (protections_fill(&a->protections, proxy_conf_label(cli, group, "tool-profile"),
		    &out->compress, cx))
		return wrong_value(group, "tool-profile", cx);
	proxy_conf_limits(group, a, &out->limits);
	if (!a->host.n)
		FAIL(cx, E_USAGE, "%s: the address is empty", proxy_conf_label(cli, group, "host"));
	out->host = arena_cstr(&cli->arena, a->host);
	TRY(fill_upstreams(cli, group, a, out, cx));
	TRY(backend_conf_fill(cli, group, a, out, cx));
	TRY(fill_fd(group, "ready-fd", a->ready_fd, &out->ready_fd, cx));
	TRY(fill_fd(group, "control-fd", a->control_fd, &out->control_fd, cx));
	TRY(fill_files(cli, a, out, cx));
	TRY(share_conf_fill(cli, group, a, out, cx));
	fill_workspace(cli, out);
	if (a->has_graph)
		TRY(fill_graph(cli, a, out, cx));
	TRY(fill_memory(cli, group, a, out, cx));
	fill_settings(cli, group, out);
	TRY(proxy_conf_token(cli, a->token_file, &out->token, cx));
	out->tokens_file = a->tokens_file;
	TRY(fill_network(cli, out, cx));
	warn_useless(cli, group, a);
	return E_OK;
}

enum err proxy_conf_read(
	struct cli *cli, struct proxy_args *out, struct opt_group *g, struct errctx *cx)
{
	struct opt_reader r = {
		.arena = &cli->arena, .groups = g, .group_n = 1, .skips_planned = true};
	struct settings_file files[SETTINGS_FILES];
	size_t n;

	opt_group_init(g, &cli->arena, proxy_opts, PROXY_OPTS_N, out);
	TRY(opt_read_env(&r, cli->envp, cx));
	TRY(settings_read_files(cli, files, &n, cx));
	for (size_t i = 0; i < n; i++)
		TRY(opt_read_config(&r, &files[i].doc, files[i].path, files[i].source, cx));
	return E_OK;
}
