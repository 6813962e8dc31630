/* From the command line to what the server is told. proxy_run is this file's: it writes down what it gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/args_proxy.h"
#include "cli/cli.h"
#include "cli/doc.h"
#include "cli/proxy_banner.h"
#include "cli/proxy_conf.h"
#include "core/base/file.h"
#include "proxy/listen.h"
#include "proxy/user.h"
#include "tests/unit/cli_proxy_help.h"
#include "tests/unit/cli_proxy_values.h"

enum { TEXT_MAX = 1 << 16, WORDS_MAX = 32 };

/* What the last run of the command did. */
struct seen {
	bool has_run;
	char conf[TEXT_MAX], banner[TEXT_MAX], messages[TEXT_MAX];
	/* Called within proxy_run. */
	void (*inside)(const struct proxy_conf *conf);
};
static struct seen seen;

struct place {
	char dir[64];
	int old;
};

static void add_list(struct buf *b, const char *title, const str *v, size_t n)
{
	buf_printf(b, "%s", title);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, " " STR_FMT, STR_ARG(v[i]));
	buf_add_byte(b, '\n');
}

/* Every member, so that a difference shows. */
static void add_conf(struct buf *b, const struct proxy_conf *c)
{
	buf_printf(b, "%s %u fd %d workers %u\n", c->host, c->port, c->ready_fd, c->workers);
	buf_printf(b, "control %d idle %lld workspace %s\n", c->control_fd,
		(long long)c->idle_exit_ms, c->workspace ? c->workspace : "-");
	buf_printf(b,
		"mode %d lossless %d off %d prose %d elides %d offers %d expands %d whole %d "
		"outlines %d %d ratio "
		"%g recent %u trims %d min %u analysis %d holdout %g\n",
		c->compress.mode, c->compress.is_lossless, c->compress.is_off, c->compress.no_prose,
		c->compress.elides, c->compress.offers_retrieve, c->compress.expands,
		c->compress.whole_reads, c->compress.outlines_code, c->compress.outlines_reads,
		c->compress.target_ratio, c->compress.protect_recent, c->compress.trims_tools,
		c->compress.min_tokens, c->compress.protects_analysis, c->compress.holdout);
	add_list(b, "exclude", c->compress.exclude_tools, c->compress.exclude_tools_n);
	add_list(b, "profiles", c->compress.tool_profiles, c->compress.tool_profiles_n);
	add_list(b, "protect", c->compress.protect_tools, c->compress.protect_tools_n);
	buf_printf(b, "optimize %d cache %d stateless %d telemetry %d\n", c->is_optimizing,
		c->has_response_cache, c->is_stateless, c->has_telemetry);
	add_limits(b, &c->limits);
	add_list(b, "upstreams", c->upstreams, PROXY_UPSTREAMS);
	buf_printf(b, "%d " STR_FMT " " STR_FMT "\n", c->backend.provider != NULL,
		STR_ARG(c->backend.region), STR_ARG(c->backend.profile));
	buf_printf(b,
		"connections %lld keep %lld timeout %lld connect %lld expiry %lld drain %lld\n",
		(long long)c->max_connections, (long long)c->max_keepalive,
		(long long)c->request_timeout_ms, (long long)c->connect_timeout_ms,
		(long long)c->keepalive_expiry_ms, (long long)c->drain_ms);
	buf_printf(b, "attempts %d http2 %d log %s messages %d store %s\n", c->retry_max_attempts,
		c->has_http2, c->log_file ? c->log_file : "-", c->logs_messages,
		c->store_file ? c->store_file : "-");
	buf_printf(b, "kompress %s shaper %d level %u\n", c->kompress_dir ? c->kompress_dir : "-",
		c->compress.shapes_output, c->compress.verbosity_level);
	buf_printf(b, "%d token " STR_FMT "\ntokens %s\nconfine %d user %s\n",
		c->compress.routes_effort, STR_ARG(c->token), c->tokens_file ? c->tokens_file : "-",
		c->confine, c->user ? c->user : "-");
	if (c->share.is_on)
		buf_printf(b, "share " STR_FMT " " STR_FMT ":" STR_FMT " " STR_FMT " %d %d\n",
			STR_ARG(c->share.target.shown), STR_ARG(c->share.target.user),
			STR_ARG(c->share.target.password), STR_ARG(c->share.space),
			c->share.is_fail_closed, c->share.wait_ms);
	add_list(b, "hosts", c->allowed_hosts, c->allowed_hosts_n);
	add_list(b, "origins", c->allowed_origins, c->allowed_origins_n);
	buf_printf(b, "websocket %d body %zu ca %s %s proxies %s %s %s notify %s\n", c->websocket,
		c->body_max, c->ca_file ? c->ca_file : "-", c->ca_extra ? c->ca_extra : "-",
		c->http_proxy ? c->http_proxy : "-", c->https_proxy ? c->https_proxy : "-",
		c->no_proxy ? c->no_proxy : "-", c->notify_socket ? c->notify_socket : "-");
	buf_printf(b, "embedder " STR_FMT " " STR_FMT "\n", STR_ARG(c->embedder.url),
		STR_ARG(c->embedder.model));
	buf_printf(b, "learn %s %u\n", c->learn_file ? c->learn_file : "-", c->learn_evidence);
	buf_printf(b, "memory %d %d %s " STR_FMT " %d %d %d %zu graph %s level %d format %d\n",
		c->has_memory, c->memory.place.storage, c->memory.place.file,
		STR_ARG(c->memory.place.project_root), c->memory.shows, c->memory.offers,
		c->memory.answers_files, c->memory.top_k, c->graph_file ? c->graph_file : "-",
		c->log->level, c->log->format);
}

static void keep(char out[TEXT_MAX], struct buf *b)
{
	assert_int_equal(b->err, E_OK);
	memcpy(out, b->p, b->n);
	out[b->n] = '\0';
	buf_release(b);
}

enum err proxy_run(const struct proxy_conf *conf, struct errctx *cx)
{
	struct buf b;

	(void)cx;
	seen.has_run = true;
	buf_init(&b, TEXT_MAX - 1);
	add_conf(&b, conf);
	keep(seen.conf, &b);
	buf_init(&b, TEXT_MAX - 1);
	proxy_banner_add(&b, conf, "http://127.0.0.1:8787");
	keep(seen.banner, &b);
	if (seen.inside)
		seen.inside(conf);
	return E_OK;
}

/* --user is what test_proxy_user.c is about; no port is opened here. */
enum err listeners_open(const struct proxy_conf *conf, struct listeners *out, struct errctx *cx)
{
	(void)conf;
	(void)cx;
	*out = (struct listeners){.n = 0};
	return E_OK;
}

void listeners_close(struct listeners *l)
{
	(void)l;
}

enum err proxy_become_user(const struct proxy_conf *conf, struct errctx *cx)
{
	(void)conf;
	(void)cx;
	return E_OK;
}

/* Runs "headroom proxy" and line, both split at blanks, with these variables (separated by '|'). The messages
 * on standard error are kept. */
static int run_with(const char *vars, const char *line)
{
	struct cli cli = {.status = 0};
	char *argv[WORDS_MAX] = {NULL}, *envp[WORDS_MAX] = {NULL};
	size_t argc = 0, env_n = 0;
	int saved = dup(STDERR_FILENO), fd = open("messages", O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct arena a = ARENA_INIT;
	str rest = str_from(line), one;
	char cwd[256];
	ssize_t n;
	int status;

	assert_non_null(getcwd(cwd, sizeof cwd));
	envp[env_n++] = arena_cstr(&a, arena_printf(&a, "HOME=%s", cwd));
	argv[argc++] = arena_cstr(&a, STR("headroom"));
	argv[argc++] = arena_cstr(&a, STR("proxy"));
	while (str_split(&rest, ' ', &one))
		if (one.n)
			argv[argc++] = arena_cstr(&a, one);
	for (rest = str_from(vars); str_split(&rest, '|', &one);)
		if (one.n)
			envp[env_n++] = arena_cstr(&a, one);
	cli.envp = envp;
	seen.has_run = false;
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	status = cli_main(&cli, (int)argc, argv);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	n = pread(fd, seen.messages, sizeof seen.messages - 1, 0);
	seen.messages[n > 0 ? n : 0] = '\0';
	(void)close(saved);
	(void)close(fd);
	cli_release(&cli);
	arena_release(&a);
	return status;
}

static int run(const char *line)
{
	return run_with("", line);
}

static void write_file(const char *name, const char *text)
{
	struct errctx cx = {0};

	if (file_write_atomic(name, str_from(text), 0600, &cx) != E_OK)
		fail_msg("%s", cx.text);
}

/* Of the small model: tests go elsewhere. */
static char model[PATH_MAX];

static int setup(void **state)
{
	static struct place p; /* one test runs at a time */

	p = (struct place){.dir = "/tmp/proxy.XXXXXX", .old = open(".", O_RDONLY | O_DIRECTORY)};
	seen = (struct seen){.has_run = false};
	*state = &p;
	return realpath("tests/kompress/plain", model) && mkdtemp(p.dir) && chdir(p.dir) == 0 ? 0
											      : -1;
}

/* With the workspace, where one was made. */
static int teardown(void **state)
{
	struct place *p = *state;
	char cmd[128];

	if (fchdir(p->old) != 0)
		return -1;
	(void)close(p->old);
	(void)snprintf(cmd, sizeof cmd, "rm -rf %s", p->dir);
	return system(cmd);
}

static void fails(const char *vars, const char *line, enum err e, const char *part)
{
	int status = run_with(vars, line);

	if (status != err_exit(e) || !strstr(seen.messages, part) || seen.has_run)
		fail_msg("'%s' '%s': status %d, %s", vars, line, status, seen.messages);
}

static void warns(const char *vars, const char *line, const char *part)
{
	assert_int_equal(run_with(vars, line), 0);
	assert_true(seen.has_run);
	if (part ? !strstr(seen.messages, part) : seen.messages[0] != '\0')
		fail_msg("'%s' '%s': '%s'", vars, line, seen.messages);
}

/* ---- options ---------------------------------------------------------------------------------- */

static const char *other_value(const struct opt *o)
{
	for (size_t i = 0; i < ARRAY_N(other_values); i++)
		if (strcmp(other_values[i].name, o->name) == 0)
			return other_values[i].value;
	fail_msg("no value to try for --%s", o->name);
	return NULL;
}

/* By flag, by variable and by key of the configuration file. */
static void every_option_changes_what_the_server_is_told(void **state)
{
	static char plain[TEXT_MAX], by_line[TEXT_MAX];
	char line[256], vars[256], file[512];

	(void)state;
	write_file("token", "sesame\n");
	assert_int_equal(symlinkat(model, AT_FDCWD, "model"), 0);
	for (size_t i = 0; i < PROXY_OPTS_N; i++) {
		const struct opt *o = &proxy_opts[i];
		bool is_on = o->def && strcmp(o->def, "true") == 0, is_flag = o->type == OPT_FLAG;
		const char *value, *quote, *base = "-q";

		/* Does not serve: tests/proxy/options.test.mjs. Of --backend anyllm: tests/proxy/backends.test.mjs. */
		if (o->flags & OPT_PLANNED || strcmp(o->name, "print-config") == 0 ||
			strcmp(o->name, "anyllm-provider") == 0)
			continue;
		if (strncmp(o->name, "store-", 6) == 0 && strcmp(o->name, "store-url") != 0)
			base = "-q --store-url=redis://h";
		if (strcmp(o->name, "code-graph-dir") == 0)
			base = "-q --code-graph";
		value = is_flag ? is_on ? "false" : "true" : other_value(o);
		assert_int_equal(run(base), 0);
		memcpy(plain, seen.conf, sizeof plain);
		(void)snprintf(line, sizeof line, "%s --%s%s%s%s", base,
			is_flag && is_on ? "no-" : "", o->name, is_flag ? "" : "=",
			is_flag ? "" : value);
		assert_int_equal(run(line), 0);
		if (strcmp(seen.conf, plain) == 0)
			fail_msg("%s changes nothing", line);
		memcpy(by_line, seen.conf, sizeof by_line);
		if (!o->env)
			continue;
		(void)snprintf(vars, sizeof vars, "%s=%s", o->env, value);
		assert_int_equal(run_with(vars, base), 0);
		assert_string_equal(seen.conf, by_line);
		quote = is_flag || o->type == OPT_INT || o->type == OPT_DOUBLE ? "" : "'";
		(void)snprintf(file, sizeof file, "%s = %s%s%s\n", o->key, quote, value, quote);
		write_file("f.toml", file);
		(void)snprintf(line, sizeof line, "%s --config f.toml", base);
		assert_int_equal(run(line), 0);
		assert_string_equal(seen.conf, by_line);
	}
}

static void what_is_off_by_default_may_be_said_and_what_is_useless_is_warned_of(void **state)
{
	(void)state;
	warns("HEADROOM_BACKEND=anthropic|HEADROOM_TELEMETRY=off|HEADROOM_LEARN=0",
		"--no-learn --no-code-aware --no-telemetry --region us-west-2 --no-memory", NULL);
	warns("", "--learn --no-memory", "--learn has no effect with --no-memory");
	warns("", "--min-evidence 2", "--min-evidence has no effect without --learn");
	warns("", "--learn --min-evidence 2 --memory-top-k 3", NULL);
}

static void a_store_that_is_shared_is_checked(void **state)
{
	(void)state;
	fails("HEADROOM_STORE_URL=redis://:x%zz@h", "", E_CONFIG, "HEADROOM_STORE_URL: user ");
}

static void old_names_of_modes_work(void **state)
{
	static const char *const names[][2] = {{"token_mode", "token"}, {"token_savings", "token"},
		{"token_headroom", "token"}, {"cache_mode", "cache"}, {"cost_savings", "cache"}};
	char line[64], want[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(names); i++) {
		(void)snprintf(line, sizeof line, "--mode %s", names[i][1]);
		warns("", line, NULL);
		memcpy(want, seen.conf, sizeof want);
		(void)snprintf(line, sizeof line, "HEADROOM_MODE=%s", names[i][0]);
		warns(line, "", NULL);
		assert_string_equal(seen.conf, want);
	}
}

static void options_that_do_nothing_beside_others_are_said(void **state)
{
	(void)state;
	warns("", "", NULL);
	warns("", "--no-rate-limit", NULL);
	warns("", "--no-rate-limit --rpm 5", "--rpm has no effect with --no-rate-limit");
	warns("HEADROOM_TPM=5", "--no-rate-limit", "HEADROOM_TPM has no effect");
	warns("", "--no-optimize --target-ratio 0.4", "--target-ratio has no effect");
	warns("", "--budget-period hourly", "--budget-period has no effect without --budget");
	warns("", "--budget-period hourly --budget 1", NULL);
	warns("", "--log-messages", "--log-messages has no effect without a --log-file");
	warns("", "--log-messages --log-file x", NULL);
	warns("", "--stateless --log-file x", "--log-file x is not written");
	assert_non_null(strstr(seen.conf, "log - messages 0 store -"));
	warns("", "--backend ollama --anyllm-provider x", "--anyllm-provider has no effect");
	warns("", "--bedrock-profile x", "--bedrock-profile has no effect without --backend");
	warns("", "--stateless --store x", "--store x is not used");
}

static void values_out_of_range_are_refused(void **state)
{
	static const char *const lines[] = {"--port 65536", "--port -1", "--port x", "--workers 0",
		"--rpm 0", "--tpm 0", "--budget -1", "--budget-period yearly", "--target-ratio 0",
		"--target-ratio 1.1", "--limit-concurrency 0", "--max-connections 0",
		"--max-keepalive -1", "--request-timeout-seconds 0",
		"--connect-timeout-seconds 301", "--retry-max-attempts 0",
		"--retry-max-attempts 11", "--mode fast", "--max-body 1", "--drain-timeout 2h",
		"--websocket maybe", "--ready-fd 99", "--ready-fd -1", "--openai-api-url ftp://x",
		"--host=", "--nothing", "word"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(lines); i++)
		fails("", lines[i], E_USAGE, "headroom: proxy: ");
	fails("HEADROOM_PORT=65536", "", E_CONFIG, "HEADROOM_PORT: 65536 is out of range");
	fails("OPENAI_TARGET_API_URL=x", "", E_CONFIG, "OPENAI_TARGET_API_URL: 'x' begins with");
}

static void an_upstream_that_is_the_proxy_itself_is_refused(void **state)
{
	(void)state;
	fails("", "--openai-api-url http://localhost:8787/v1", E_USAGE, "is this proxy itself");
	fails("ANTHROPIC_TARGET_API_URL=http://[::1]:9", "--port 9", E_CONFIG, "this proxy itself");
	warns("", "--openai-api-url http://localhost:8788/v1", NULL);
}

/* ---- environment ------------------------------------------------------------------------------ */

static void the_token_is_the_variable_or_in_the_file(void **state)
{
	(void)state;
	write_file("token", "  sesame\n");
	warns("", "--proxy-token-file token", NULL);
	assert_non_null(strstr(seen.conf, "token sesame\n"));
	warns("HEADROOM_PROXY_TOKEN=other", "--proxy-token-file token", NULL);
	assert_non_null(strstr(seen.conf, "token other\n"));
	assert_int_equal(chmod("token", 0644), 0);
	warns("", "--proxy-token-file token", "token can be read by other users");
	write_file("token", " \n");
	fails("", "--proxy-token-file token", E_CONFIG, "holds no token");
	fails("", "--proxy-token-file nowhere", E_CONFIG, "nowhere");
	fails("HEADROOM_PROXY_TOKEN=a b", "", E_CONFIG, "HEADROOM_PROXY_TOKEN: a token cannot");
	assert_null(strstr(seen.messages, "a b"));
	fails("", "--proxy-token sesame", E_USAGE, "unknown option");
}

static void variables_of_the_network_are_obeyed(void **state)
{
	(void)state;
	write_file("ca.pem", "");
	warns("SSL_CERT_FILE=ca.pem|NODE_EXTRA_CA_CERTS=ca.pem|HTTPS_PROXY=a|HTTP_PROXY=b|NO_PROXY="
	      "c|"
	      "NOTIFY_SOCKET=@d",
		"", NULL);
	assert_non_null(strstr(seen.conf, "ca ca.pem ca.pem proxies b a c notify @d\n"));
	warns("https_proxy=low|HTTPS_PROXY=up|ALL_PROXY=all", "", NULL);
	assert_non_null(strstr(seen.conf, "ca - - proxies all low - notify -\n"));
	warns("HTTPS_PROXY=|SSL_CERT_FILE=", "", NULL);
	assert_non_null(strstr(seen.conf, "ca - - proxies - - - notify -\n"));
	fails("SSL_CERT_FILE=nowhere", "", E_CONFIG, "SSL_CERT_FILE: nowhere");
	warns("NODE_EXTRA_CA_CERTS=nowhere", "", "NODE_EXTRA_CA_CERTS: nowhere");
}

/* ---- what is said ----------------------------------------------------------------------------- */

static void say_where(const struct proxy_conf *conf)
{
	conf->listening(conf->listening_self, "http://0.0.0.0:8787");
}

static void the_banner_says_what_is_on(void **state)
{
	(void)state;
	seen.inside = say_where;
	assert_int_equal(run(""), 0);
	assert_non_null(strstr(seen.messages, "at http://0.0.0.0:8787"));
	assert_non_null(strstr(seen.messages, "ANTHROPIC_BASE_URL=http://127.0.0.1:8787 claude"));
	assert_non_null(strstr(seen.messages, "OPENAI_BASE_URL=http://127.0.0.1:8787/v1"));
	assert_non_null(
		strstr(seen.messages, "on        compression (mode token), response cache"));
	assert_non_null(
		strstr(seen.messages, "60 requests and 100,000 tokens a minute, 1,000 req"));
	assert_non_null(strstr(seen.messages, "no budget"));
	assert_null(strstr(seen.messages, "upstream "));
	assert_int_equal(run("-q"), 0);
	assert_string_equal(seen.messages, "");
	assert_int_equal(run("--no-optimize --no-rate-limit --budget 2.5 --budget-period hourly "
			     "--openai-api-url http://x/v1 --log-file l --log-messages"),
		0);
	assert_non_null(strstr(seen.messages, "off       compression"));
	assert_non_null(strstr(seen.messages, "no rate limit"));
	assert_non_null(strstr(seen.messages, "budget $2.50 an hour"));
	assert_non_null(strstr(seen.messages, "upstream  openai at http://x\n"));
	assert_non_null(strstr(seen.messages, "log       l\n"));
	assert_int_equal(run("--log-format json"), 0);
	assert_non_null(strstr(seen.messages, "\"event\":\"listening\",\"url\":\"http://0.0.0.0"));
}

static void an_open_proxy_without_a_token_is_warned_of(void **state)
{
	(void)state;
	seen.inside = say_where;
	warns("", "--host 0.0.0.0", "warning: other machines can reach this address");
	warns("", "--host 0.0.0.0 --log-format json", "\"event\":\"open_bind\"");
	assert_int_equal(run_with("HEADROOM_PROXY_TOKEN=x", "--host 0.0.0.0"), 0);
	assert_null(strstr(seen.messages, "other machines can reach this address"));
	assert_null(strstr(seen.messages, "=x"));
	assert_int_equal(run("--host 127.0.0.2"), 0);
	assert_null(strstr(seen.messages, "warning"));
}

static void root_that_others_reach_is_warned_of(void **state)
{
	(void)state;
	seen.inside = say_where;
	if (geteuid() == 0) {
		warns("", "--host 0.0.0.0", "warning: it runs as root");
		warns("", "--host 0.0.0.0 --log-format json", "\"event\":\"runs_as_root\"");
	}
	assert_int_equal(run("--host 127.0.0.2"), 0);
	assert_null(strstr(seen.messages, "root"));
	assert_int_equal(run("--user somebody"), 0);
	assert_non_null(strstr(seen.messages, "user      somebody\n"));
}

static void addresses_of_this_machine_are_known(void **state)
{
	static const char *const near[] = {"127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost",
		"LocalHost", "::ffff:127.0.0.1"};
	static const char *const far[] = {"0.0.0.0", "::", "10.0.0.1", "localhost.evil.org",
		"1127.0.0.1", "127.evil.org", "::2", ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(near); i++)
		assert_true(proxy_conf_is_loopback(str_from(near[i])));
	for (size_t i = 0; i < ARRAY_N(far); i++)
		if (proxy_conf_is_loopback(str_from(far[i])))
			fail_msg("%s", far[i]);
}

/* ---- SIGHUP ----------------------------------------------------------------------------------- */

/* Of the last reload that was done: a server uses it until it has the next. */
static const char *last_prices;

static void check_reload(const struct proxy_conf *conf, enum err want, const char *text)
{
	struct proxy_limits limits = {.rpm = -1};
	struct errctx cx = {0};
	struct buf b;

	assert_int_equal(conf->reload(conf->reload_self, &limits, &cx), want);
	if (last_prices)
		assert_string_equal(last_prices, "prices.json");
	if (want) {
		assert_non_null(strstr(cx.text, text));
		assert_int_equal(limits.rpm, -1);
		return;
	}
	last_prices = limits.price_file;
	buf_init(&b, TEXT_MAX - 1);
	add_limits(&b, &limits);
	buf_add_byte(&b, '\0');
	assert_string_equal(b.p, text);
	buf_release(&b);
}

static void reload_some(const struct proxy_conf *conf)
{
	write_file("f.toml", "[proxy]\nrpm = 8\ntpm = 9\nbudget = 1.5\nbudget_period = 'monthly'\n"
			     "limit_concurrency = 3\nprice_file = 'prices.json'\n");
	check_reload(conf, E_OK,
		"rpm 8 tpm 4 budget 1 1.5 per 2, 3 at a time, prices prices.json\n"); /* tpm: the line's */
	write_file("f.toml", "[proxy]\nrpm = 'many'\n");
	check_reload(conf, E_CONFIG, "f.toml:2: ");
	write_file("f.toml", "[proxy]\nrpm = = 1\n");
	check_reload(conf, E_CONFIG, "f.toml: line 2");
	write_file("f.toml", "[proxy]\nrate_limit = false\n");
	check_reload(conf, E_OK, "rpm 0 tpm 0 budget 0 0 per 1, 1000 at a time, prices -\n");
	write_file("f.toml", "");
	check_reload(conf, E_OK, "rpm 60 tpm 4 budget 0 0 per 1, 1000 at a time, prices -\n");
}

static void limits_are_read_anew(void **state)
{
	(void)state;
	write_file("f.toml", "[proxy]\nrpm = 7\n");
	seen.inside = reload_some;
	assert_int_equal(run("--config f.toml --tpm 4"), 0);
	assert_non_null(strstr(seen.conf, "rpm 7 tpm 4 budget 0"));
	assert_true(seen.has_run);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_option_changes_what_the_server_is_told),
		TEST(what_is_off_by_default_may_be_said_and_what_is_useless_is_warned_of),
		TEST(a_store_that_is_shared_is_checked),
		TEST(old_names_of_modes_work),
		TEST(options_that_do_nothing_beside_others_are_said),
		TEST(values_out_of_range_are_refused),
		TEST(an_upstream_that_is_the_proxy_itself_is_refused),
		TEST(the_token_is_the_variable_or_in_the_file),
		TEST(variables_of_the_network_are_obeyed),
		TEST(the_banner_says_what_is_on),
		TEST(an_open_proxy_without_a_token_is_warned_of),
		TEST(root_that_others_reach_is_warned_of),
		TEST(addresses_of_this_machine_are_known),
		TEST(limits_are_read_anew),
	};

	return cmocka_run_group_tests_name("cli_proxy", tests, NULL, NULL);
}
