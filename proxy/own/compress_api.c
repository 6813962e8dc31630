/* compress_api: POST /v1/compress: what the proxy would send for a body, without sending it. The body is that of a
 * request in any of the four formats; two members of it are ours: token_budget and config. The answer has the member
 * that holds the conversation, under its own name, or with ?body=1 the whole body. It is spliced, never printed anew:
 * what is not changed comes back as it was spelled. */
#include "core/base/mem.h"
#include "core/json/scan.h"
#include "proxy/own/own.h"
#include "proxy/path.h"

enum {
	NAMES_MAX = 32,      /* encoders, reasons */
	BYTES_PER_TOKEN = 4, /* of what the engine does not count; as in prepare.c */
};

struct job {
	struct own_call *c;
	struct json_tape t;
	const char *member; /* that holds the conversation: "messages", "input", "contents" */
	uint32_t list;
	enum wire_format format;
	struct compress_conf conf;
	bool has_budget;
	uint64_t budget;
	const char *warnings[4];
	size_t warnings_n;
};

/* ---- what is asked for ------------------------------------------------------------------------------- */

/* False: answered. */
static bool decode(struct own_call *c)
{
	struct exchange *x = c->x;
	enum coding coding = x->info.has_many_encodings ? CODING_UNKNOWN
							: coding_parse(x->info.content_encoding);
	size_t max = x->server->conf->body_max;
	struct errctx cx = {0};
	struct buf out;
	enum err err;

	if (coding == CODING_IDENTITY)
		return true;
	if (coding == CODING_UNKNOWN) {
		own_fail(c, 415, "this content-encoding is not known here");
		return false;
	}
	buf_init(&out, max);
	err = coding_decode(coding, c->body, max, &out, &cx);
	if (err) {
		buf_release(&out);
		own_fail(c, err == E_MALFORMED ? 400 : err_http(err), "%s", cx.text);
		return false;
	}
	x->decoded = out.p; /* the exchange's to free */
	x->decoded_n = out.n;
	c->body = buf_str(&out);
	return true;
}

static bool find_list(struct job *j)
{
	static const char *const members[] = {"messages", "input", "contents"};

	for (size_t i = 0; i < ARRAY_N(members); i++) {
		j->list = json_member(&j->t, 0, members[i]);
		if (j->list == JSON_ABSENT)
			continue;
		j->member = members[i];
		if (json_is(&j->t, j->list, JSON_ARRAY) ||
			(i == 1 && json_is(&j->t, j->list, JSON_STRING)))
			return true;
		own_fail(j->c, 400, "%s must be an array", members[i]);
		return false;
	}
	own_fail(j->c, 400, "Missing required field: messages");
	return false;
}

static void warn(struct job *j, const char *text)
{
	if (j->warnings_n < ARRAY_N(j->warnings))
		j->warnings[j->warnings_n++] = text;
}

/* "ccr": whoever asks gives the model a tool by that name, and answers its calls from /v1/retrieve, as LiteLLM's guardrail does:
 * the way to originals is there, though the body does not show it. Without --ccr nothing is left out even so. */
static void read_mode(struct job *j, uint32_t value)
{
	if (!json_string_is(&j->t, value, "ccr")) {
		warn(j, "config.mode: only ccr means something here");
		return;
	}
	j->conf.retrieves_by_tool = false;
	j->conf.retrieve = STR("headroom_retrieve");
	j->conf.expands = false;
	if (!j->conf.elides)
		warn(j, "config.mode: this proxy leaves nothing out (--ccr, --lossless)");
}

/* False: answered. */
static bool read_config_member(struct job *j, uint32_t key, uint32_t value)
{
	const struct json_tape *t = &j->t;
	bool is_true = json_is(t, value, JSON_TRUE);
	double ratio;
	uint64_t n;

	if (json_is(t, value, JSON_NULL))
		return true;
	if (json_string_is(t, key, "target_ratio")) {
		if (!json_f64(t, value, &ratio) || ratio <= 0 || ratio > 1) {
			own_fail(j->c, 400,
				"config.target_ratio: expected a number above 0, at most 1");
			return false;
		}
		j->conf.target_ratio = ratio;
	} else if (json_string_is(t, key, "protect_recent")) {
		if (!json_u64(t, value, &n) || n > UINT32_MAX) {
			own_fail(j->c, 400, "config.protect_recent: expected a number of messages");
			return false;
		}
		j->conf.protect_recent = (uint32_t)n;
	} else if (json_string_is(t, key, "mode")) {
		read_mode(j, value);
	} else if (json_string_is(t, key, "lossless")) {
		j->conf.is_lossless = is_true;
	} else if (json_string_is(t, key, "compress_user_messages")) {
		if (is_true)
			warn(j, "config.compress_user_messages: only results of tools are made "
				"smaller");
	} else if (json_string_is(t, key, "protect_analysis_context")) {
		j->conf.protects_analysis = is_true;
	} else {
		warn(j, "config has a member that is not known here");
	}
	return true;
}

static bool read_config(struct job *j)
{
	uint32_t config = json_member(&j->t, 0, "config");
	uint32_t budget = json_member(&j->t, 0, "token_budget");

	if (budget != JSON_ABSENT && !json_is(&j->t, budget, JSON_NULL)) {
		j->has_budget = json_u64(&j->t, budget, &j->budget);
		if (!j->has_budget) {
			own_fail(j->c, 400, "token_budget: expected a number of tokens");
			return false;
		}
	}
	if (config == JSON_ABSENT || json_is(&j->t, config, JSON_NULL))
		return true;
	if (!json_is(&j->t, config, JSON_OBJECT)) {
		own_fail(j->c, 400, "config must be an object");
		return false;
	}
	for (struct json_iter it = json_iter(&j->t, config); json_next(&it);)
		if (!read_config_member(j, it.key, it.value))
			return false;
	return true;
}

static bool read_job(struct job *j)
{
	if (!own_scan(j->c, &j->t))
		return false;
	if (!json_is(&j->t, 0, JSON_OBJECT)) {
		own_fail(j->c, 400, "the body must be an object");
		return false;
	}
	/* Gemini's bodies have no model: it is in the path there. */
	if (!find_list(j) || !read_config(j))
		return false;
	if (strcmp(j->member, "messages") == 0 && json_member(&j->t, 0, "model") == JSON_ABSENT) {
		own_fail(j->c, 400, "Missing required field: model");
		return false;
	}
	j->format = wire_detect(&j->t);
	if (j->format == WIRE_NONE && strcmp(j->member, "messages") == 0)
		j->format = WIRE_OPENAI_CHAT;
	return true;
}

/* ---- the answer -------------------------------------------------------------------------------------- */

struct names {
	struct {
		str name;
		uint64_t n;
	} v[NAMES_MAX];
	size_t n;
};

static void count_name(struct names *names, str name)
{
	size_t i = 0;

	while (i < names->n && !str_eq(names->v[i].name, name))
		i++;
	if (i == NAMES_MAX)
		return;
	if (i == names->n) {
		names->v[names->n].name = name;
		names->v[names->n++].n = 0;
	}
	names->v[i].n++;
}

static void write_names(struct json_writer *w, const char *key, const struct names *names)
{
	json_write_object(w, key);
	for (size_t i = 0; i < names->n; i++) {
		json_write_key(w, names->v[i].name);
		json_write_u64(w, NULL, names->v[i].n);
	}
	json_write_end(w);
}

static void write_transforms(struct json_writer *w, const struct compress_result *r)
{
	struct names encoders = {.n = 0}, reasons = {.n = 0};

	for (uint32_t i = 0; i < r->blocks_n; i++) {
		str rest = r->blocks[i].encoders, name;

		if (r->blocks[i].kind != WIRE_TOOL_RESULT)
			continue;
		while (rest.n && str_split(&rest, '+', &name))
			count_name(&encoders, name);
		if (!r->blocks[i].encoders.n)
			count_name(&reasons, str_from(r->blocks[i].reason));
	}
	json_write_array(w, "transforms_applied");
	for (size_t i = 0; i < encoders.n; i++)
		json_write_str(w, NULL, encoders.v[i].name);
	json_write_end(w);
	write_names(w, "transforms_summary", &encoders);
	write_names(w, "unchanged_reasons", &reasons);
	json_write_array(w, "ccr_hashes");
	for (uint32_t i = 0; i < r->blocks_n; i++)
		if (r->blocks[i].original.n)
			json_write_str(w, NULL, r->blocks[i].original);
	json_write_end(w);
}

static void write_warnings(struct json_writer *w, const struct job *j)
{
	if (!j->warnings_n)
		return;
	json_write_array(w, "warnings");
	for (size_t i = 0; i < j->warnings_n; i++)
		json_write_c(w, NULL, j->warnings[i]);
	json_write_end(w);
}

static void scan_for(struct arena *a, str body, const char *name, str *out)
{
	struct json_tape t;
	uint32_t node;

	if (json_scan(a, body, &t, NULL) != E_OK)
		return;
	node = json_member(&t, 0, name);
	if (node != JSON_ABSENT)
		*out = json_text(&t, node);
}

/* Where a member of the outermost object stands in a body that was changed; false when memory is short. */
static bool find_member(str body, const char *name, str *out)
{
	struct arena a = ARENA_INIT;

	*out = STR_NULL;
	if (!arena_recover(&a))
		scan_for(&a, body, name, out);
	arena_release(&a);
	return out->p != NULL;
}

static void write_counts(
	struct json_writer *w, const struct job *j, uint64_t before, uint64_t after)
{
	json_write_u64(w, "tokens_before", before);
	json_write_u64(w, "tokens_after", after);
	json_write_i64(w, "tokens_saved", (int64_t)before - (int64_t)after);
	json_write_fixed(w, "compression_ratio", before ? (double)after / (double)before : 1, 4);
	if (j->has_budget) {
		json_write_u64(w, "token_budget", j->budget);
		json_write_bool(w, "is_within_budget", after <= j->budget);
	}
}

static void write_result(struct job *j, const struct compress_result *r)
{
	uint64_t more = r->uncounted_bytes / BYTES_PER_TOKEN;
	struct own_call *c = j->c;
	struct json_writer w;
	str list;

	if (!find_member(r->body, j->member, &list)) {
		own_fail(c, 503, "out of memory");
		return;
	}
	own_begin(c, &w);
	if (str_eq_c(query_find(c->query, STR("body")), "1"))
		json_write_raw(&w, "body", r->body);
	else
		json_write_raw(&w, j->member, list);
	json_write_c(&w, "format", wire_format_name(r->format));
	write_counts(&w, j, r->tokens_before + more, r->tokens_after + more);
	write_transforms(&w, r);
	write_warnings(&w, j);
	own_end(c, &w);
}

/* x-headroom-bypass, and a conversation of nothing. */
static void echo(struct job *j)
{
	struct own_call *c = j->c;
	struct json_writer w;

	own_begin(c, &w);
	json_write_raw(&w, j->member, json_text(&j->t, j->list));
	write_counts(&w, j, 0, 0);
	write_transforms(&w, &(struct compress_result){.blocks_n = 0});
	own_end(c, &w);
}

void own_compress(struct own_call *c)
{
	struct job j = {.c = c, .conf = c->server->conf->compress};
	struct compress_result r;
	struct errctx cx = {0};
	enum err err;

	if (!decode(c) || !read_job(&j))
		return;
	j.conf.tenant = exchange_tenant(c->x);
	j.conf.is_off = false;
	j.conf.counts_all = true;
	if (c->x->info.is_bypass || (json_is(&j.t, j.list, JSON_ARRAY) && !j.t.v[j.list].n)) {
		echo(&j);
		return;
	}
	err = compress_request(c->server->engine, c->body, j.format, &j.conf, &r, &cx);
	if (err)
		own_fail(c, err_http(err), "%s", cx.text);
	else
		write_result(&j, &r);
	compress_result_release(&r);
}
