/* Checks of doctor: does a conversation become smaller, and nothing but the results of tools change? */
#include <stdio.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/doctor_live.h"
#include "core/json/doc.h"
#include "core/json/scan.h"
#include "core/lease/port_owner.h"
#include "proxy/ask.h"

enum {
	LINES = 120,
	TEXT_MAX = 64 << 10,
	ANSWER_MAX = 1 << 20,
	ASK_MS = 500,
	STEP_MS = 5000, /* until a new process listens, on a machine that is busy */
	URL_MAX = 128,
	PATH_BYTES = 4096,
};

/* A request in which a file is read twice, by Claude Code's tool, with its numbered lines. */
struct sample {
	str head, middle, tail; /* around the two results */
	str result;             /* the JSON string that both are */
	str whole;
};

static const char answer[] =
	"{\"id\":\"msg_doctor\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-"
	"sonnet-4-5\","
	"\"content\":[{\"type\":\"text\",\"text\":\"well\"}],\"stop_reason\":\"end_turn\","
	"\"stop_sequence\":null,\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}";

static str make_result(struct arena *a)
{
	struct buf text, literal;

	buf_init_arena(&text, a, TEXT_MAX);
	for (int i = 1; i <= LINES; i++)
		buf_printf(&text,
			"%6d\t\tvalue_%d = check(input[%d], \"sample %d of the doctor\");\n", i, i,
			i * 7 % LINES, i * i);
	buf_init_arena(&literal, a, TEXT_MAX);
	buf_add_json_string(&literal, buf_str(&text));
	return buf_str(&literal);
}

static struct sample make_sample(struct arena *a)
{
	struct sample s = {
		.head = STR(
			"{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":16,\"tools\":[{"
			"\"name\":\"Read\",\"input_schema\":{\"type\":\"object\"}}],\"messages\":["
			"{\"role\":\"user\",\"content\":\"Is this fine? 1.0, 1e2, \\u00e9\"},"
			"{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
			"\"toolu_1\","
			"\"name\":\"Read\",\"input\":{\"file_path\":\"/tmp/doctor.c\"}}]},"
			"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
			"\"tool_use_id\":\"toolu_1\",\"content\":"),
		.middle = STR("}]},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
			      "\"id\":\"toolu_2\",\"name\":\"Read\",\"input\":{\"file_path\":"
			      "\"/tmp/doctor.c\"}}]},{\"role\":\"user\",\"content\":[{\"type\":"
			      "\"tool_result\",\"tool_use_id\":\"toolu_2\",\"content\":"),
		.tail = STR("}]}]}"),
		.result = make_result(a),
	};

	s.whole = arena_printf(a, STR_FMT STR_FMT STR_FMT STR_FMT STR_FMT, STR_ARG(s.head),
		STR_ARG(s.result), STR_ARG(s.middle), STR_ARG(s.result), STR_ARG(s.tail));
	return s;
}

static bool is_json(struct arena *a, str text)
{
	struct json_tape t;

	return json_scan(a, text, &t, NULL) == E_OK;
}

/* Whether body is the sample with other results. */
static bool has_frame(struct arena *a, const struct sample *s, str body)
{
	size_t at;

	if (!str_starts(body, s->head) || !str_ends(body, s->tail) ||
		body.n < s->head.n + s->middle.n + s->tail.n)
		return false;
	body = str_sub(body, s->head.n, body.n - s->tail.n);
	at = str_find(body, s->middle);
	return at != STR_NONE && is_json(a, str_sub(body, 0, at)) &&
	       is_json(a, str_sub(body, at + s->middle.n, body.n));
}

/* ---- the whole path --------------------------------------------------------------------------- */

static bool find_exe(char out[PATH_BYTES])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_BYTES - 1);

	if (n <= 0)
		return false;
	out[n] = '\0';
	return true;
}

/* The global options of this run, which say where the settings are. */
static char *const *with_globals(struct doctor *d)
{
	const struct globals *g = &d->cli->globals;
	VEC(char *) env = {0};

	for (char *const *e = d->cli->envp; *e; e++)
		if (!g->home || (!str_starts(str_from(*e), STR("HEADROOM_WORKSPACE_DIR=")) &&
					!str_starts(str_from(*e), STR("HEADROOM_HOME="))))
			*vec_push(&env, d->arena) = *e;
	if (g->home)
		*vec_push(&env, d->arena) = arena_cstr(
			d->arena, arena_printf(d->arena, "HEADROOM_WORKSPACE_DIR=%s", g->home));
	*vec_push(&env, d->arena) = NULL;
	return env.v;
}

static const char *const *settings_args(const struct doctor *d)
{
	const struct globals *g = &d->cli->globals;
	VEC(const char *) args = {0};

	if (g->no_config)
		*vec_push(&args, d->arena) = "--no-config";
	if (g->config) {
		*vec_push(&args, d->arena) = "--config";
		*vec_push(&args, d->arena) = g->config;
	}
	*vec_push(&args, d->arena) = NULL;
	return args.v;
}

static void judge(struct doctor *d, const struct sample *s, str arrived, str came_back)
{
	if (!has_frame(d->arena, s, arrived)) {
		doctor_say(d, DOCTOR_FAIL,
			"what arrived at the provider differs outside of the results of tools");
		doctor_advise(d, false, "please report it; --no-optimize passes all bytes");
	} else if (!str_eq_c(came_back, answer)) {
		doctor_say(d, DOCTOR_FAIL, "the provider's answer came back changed");
		doctor_advise(d, false, "please report it");
	} else if (arrived.n >= s->whole.n && d->options && !d->options->is_optimizing) {
		doctor_say(d, DOCTOR_WARN, "all bytes pass, and none is saved: --no-optimize");
		doctor_advise(d, false, "headroom config unset proxy.optimize");
	} else if (arrived.n >= s->whole.n) {
		doctor_say(d, DOCTOR_FAIL, "%zu bytes were sent and %zu arrived: none saved",
			s->whole.n, arrived.n);
		doctor_advise(d, false, "headroom config list shows what is set");
	} else {
		doctor_say(d, DOCTOR_PASS,
			"%zu bytes were sent, %zu arrived at the provider, all else was the same",
			s->whole.n, arrived.n);
	}
}

void doctor_look_path(struct doctor *d)
{
	struct sample s = make_sample(d->arena);
	struct doctor_live live = {.envp = with_globals(d),
		.args = settings_args(d),
		.token = d->token,
		.request = s.whole,
		.answer = STR(answer),
		.timeout_ms = STEP_MS};
	struct errctx cx = {0};
	char exe[PATH_BYTES];
	str arrived, came_back;

	if (!d->options) {
		doctor_say(d, DOCTOR_SKIP, "the configuration cannot be read");
		return;
	}
	if (!find_exe(exe)) {
		doctor_say(d, DOCTOR_SKIP, "/proc is not there");
		return;
	}
	live.exe = exe;
	if (doctor_live_send(d->arena, &live, &arrived, &came_back, &cx))
		doctor_say(d, DOCTOR_FAIL, "%s", cx.text);
	else
		judge(d, &s, arrived, came_back);
}

/* ---- the proxy that runs ----------------------------------------------------------------------- */

static void judge_counts(struct doctor *d, const struct json_value *root)
{
	int64_t before, after;

	if (!json_value_i64(json_value_get(root, "tokens_before"), &before) ||
		!json_value_i64(json_value_get(root, "tokens_after"), &after)) {
		doctor_say(d, DOCTOR_FAIL, "the proxy's answer does not say what it saved");
	} else if (after >= before) {
		doctor_say(d, DOCTOR_FAIL, "the proxy saves nothing: %lld tokens of %lld",
			(long long)after, (long long)before);
		doctor_advise(d, false, "GET %s/health shows its options", d->health.url);
	} else if (strcmp(d->health.mode, "off") == 0) {
		doctor_say(
			d, DOCTOR_WARN, "the proxy could save, but was started with --no-optimize");
		doctor_advise(d, false, "start it without --no-optimize");
	} else {
		doctor_say(d, DOCTOR_PASS, "the proxy makes %lld tokens of %lld", (long long)after,
			(long long)before);
	}
}

static void judge_answer(struct doctor *d, int status, str body)
{
	struct json_doc *doc = NULL;

	if (status == 401) {
		doctor_say(d, DOCTOR_WARN, "the proxy asks for a token");
		doctor_advise(d, false, "set HEADROOM_PROXY_TOKEN, or --proxy-token-file");
	} else if (status != 200) {
		doctor_say(d, DOCTOR_FAIL, "the proxy answers %d", status);
	} else if (json_doc_parse(body, &doc, NULL)) {
		doctor_say(d, DOCTOR_FAIL, "the proxy's answer cannot be read");
	} else {
		judge_counts(d, json_doc_root(doc));
	}
	json_doc_free(doc);
}

/* Any process may listen at the port and say that it is a headroom. Only one of this user, who can read the token where it
 * stands, is shown it. */
void doctor_look_compression(struct doctor *d)
{
	bool is_ours = port_owner_is_user(d->port, geteuid());
	struct ask ask = {.token = is_ours ? d->token : STR(""), .timeout_ms = ASK_MS};
	struct errctx cx = {0};
	char url[URL_MAX];
	struct buf b;
	int status;
	str body;
	enum err e;

	if (d->asked) {
		doctor_say(d, DOCTOR_SKIP, "no proxy to ask");
		return;
	}
	(void)snprintf(url, sizeof url, "%s/v1/compress", d->health.url);
	ask.url = url;
	ask.body = make_sample(d->arena).whole;
	buf_init(&b, ANSWER_MAX);
	e = ask_loopback(&ask, &status, &b, &cx);
	body = e ? STR("") : arena_str(d->arena, buf_str(&b));
	buf_release(&b);
	if (e)
		doctor_say(d, DOCTOR_FAIL, "the proxy: %s", cx.text);
	else if (status == 401 && d->token.n && !is_ours)
		doctor_say(d, DOCTOR_INFO,
			"the proxy is another user's, who is not shown the token that it asks for");
	else
		judge_answer(d, status, body);
}
