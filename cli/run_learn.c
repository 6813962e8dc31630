/* learn: prints the rules. */
#include "cli/learn_files.h"
#include "cli/learn_model.h"
#include "core/base/clock.h"
#include "core/json/write.h"

/* ---- for people --------------------------------------------------------------------------------------------- */

static void add_agents(struct buf *b, unsigned agents)
{
	bool is_first = true;

	for (enum learn_agent g = 0; g < AGENT_N; g++) {
		if (!(agents & 1u << g))
			continue;
		buf_add_c(b, is_first ? "" : ", ");
		buf_add_c(b, learn_agent_title(g));
		is_first = false;
	}
}

static void add_count(struct buf *b, uint64_t n, const char *one, const char *many)
{
	out_add_count(b, n);
	buf_add_byte(b, ' ');
	buf_add_c(b, n == 1 ? one : many);
}

static void add_day(struct buf *b, int64_t ms)
{
	enum { DAY = 10 };
	char at[CLOCK_TIME_LEN + 1];

	clock_format(ms, at);
	buf_add(b, (str){at, DAY});
}

static void add_rule(struct buf *b, const struct rule *r)
{
	buf_printf(b, "- " STR_FMT " (seen ", STR_ARG(r->text));
	add_count(b, r->evidence, "time", "times");
	buf_add_c(b, " in ");
	add_count(b, r->sessions, "session", "sessions");
	if (r->last_ms >= 0) {
		buf_add_c(b, ", last ");
		add_day(b, r->last_ms);
	}
	if (r->tokens_saved) {
		buf_add_c(b, ", ~");
		add_count(b, r->tokens_saved, "token", "tokens");
		buf_add_c(b, " a session");
	}
	buf_add_c(b, ")\n");
}

static void add_project(struct buf *b, const struct rule_set *set)
{
	buf_printf(b, STR_FMT " (",
		STR_ARG(set->project.n ? set->project : STR("no directory named")));
	add_agents(b, set->agents);
	buf_add_c(b, ")\n");
	add_count(b, set->sessions, "session", "sessions");
	buf_add_c(b, ", ");
	add_count(b, set->calls, "call", "calls");
	buf_add_c(b, ", ");
	out_add_count(b, set->failed);
	buf_add_c(b, " failed\n");
	for (size_t i = 0; i < set->rules.n; i++) {
		if (!i || set->rules.v[i].kind != set->rules.v[i - 1].kind)
			buf_printf(b, "\n%s\n", rule_kind_section(set->rules.v[i].kind));
		add_rule(b, &set->rules.v[i]);
	}
	if (!set->rules.n)
		buf_add_c(b, "\nnothing was seen often enough to be a rule\n");
}

static void add_text(struct buf *b, const struct learn_result *result)
{
	for (size_t i = 0; i < result->projects.n; i++) {
		if (i)
			buf_add_byte(b, '\n');
		add_project(b, &result->projects.v[i]);
	}
}

/* ---- for scripts ---------------------------------------------------------------------------------------------- */

static void write_time(struct json_writer *w, const char *key, int64_t ms)
{
	char at[CLOCK_TIME_LEN + 1];

	if (ms >= 0)
		clock_format(ms, at);
	json_write_c(w, key, ms >= 0 ? at : NULL);
}

static void write_rule(struct json_writer *w, const struct rule *r)
{
	json_write_object(w, NULL);
	json_write_c(w, "key", r->key);
	json_write_c(w, "kind", rule_kind_name(r->kind));
	json_write_c(w, "section", rule_kind_section(r->kind));
	json_write_str(w, "text", r->text);
	json_write_u64(w, "evidence", r->evidence);
	json_write_u64(w, "sessions", r->sessions);
	json_write_u64(w, "confirmed", r->confirmed);
	json_write_u64(w, "refuted", r->refuted);
	json_write_fixed(w, "confidence", r->confidence, 3);
	json_write_u64(w, "tokens_saved", r->tokens_saved);
	write_time(w, "first_seen", r->first_ms);
	write_time(w, "last_seen", r->last_ms);
	json_write_end(w);
}

static void write_project(struct json_writer *w, const struct rule_set *set)
{
	json_write_object(w, NULL);
	json_write_str(w, "project", set->project);
	json_write_array(w, "agents");
	for (enum learn_agent g = 0; g < AGENT_N; g++)
		if (set->agents & 1u << g)
			json_write_c(w, NULL, learn_agent_name(g));
	json_write_end(w);
	json_write_u64(w, "sessions", set->sessions);
	json_write_u64(w, "calls", set->calls);
	json_write_u64(w, "failed", set->failed);
	write_time(w, "first", set->first_ms);
	write_time(w, "last", set->last_ms);
	json_write_array(w, "rules");
	for (size_t i = 0; i < set->rules.n; i++)
		write_rule(w, &set->rules.v[i]);
	json_write_end(w);
	json_write_end(w);
}

static enum err write_json(struct learn_run *r, struct buf *out, struct errctx *cx)
{
	struct json_writer w;
	enum err e;

	json_write_init(&w, out, true);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.learn/1");
	json_write_u64(&w, "files", r->files.v.n);
	json_write_u64(&w, "unread", r->unread);
	json_write_u64(&w, "bytes", r->bytes);
	json_write_u64(&w, "bad_lines", r->result.bad_lines);
	json_write_u64(&w, "dropped", r->result.dropped);
	json_write_array(&w, "projects");
	for (size_t i = 0; i < r->result.projects.n; i++)
		write_project(&w, &r->result.projects.v[i]);
	json_write_end(&w);
	e = learn_write_json(r, &w, cx);
	json_write_end(&w);
	buf_add_byte(out, '\n');
	return e;
}

static enum err check(const struct learn_run *r, struct errctx *cx)
{
	if (r->result.bad_lines)
		cli_warn(r->cli, "%llu lines are no JSON and were passed over",
			(unsigned long long)r->result.bad_lines);
	if (r->unread)
		cli_info(r->cli, "%llu files are no recordings", (unsigned long long)r->unread);
	if (r->result.dropped)
		cli_warn(r->cli, "%llu things were not kept, for there were too many",
			(unsigned long long)r->result.dropped);
	if (r->result.projects.n)
		return E_OK;
	if (r->project.n)
		FAIL(cx, E_NOT_FOUND,
			"no recorded session is of " STR_FMT "; --all takes all projects",
			STR_ARG(r->project));
	FAIL(cx, E_NOT_FOUND, "no recorded session could be read");
}

static enum err add_all(struct learn_run *r, struct buf *out, struct errctx *cx)
{
	if (r->args->is_json)
		return write_json(r, out, cx);
	add_text(out, &r->result);
	buf_add_byte(out, '\n');
	return learn_write(r, out, cx);
}

enum err run_learn(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct learn_args *a = args;
	struct learn_provider provider;
	struct learn_run r;
	struct buf out;
	enum err e;

	if (a->removes)
		return learn_remove(cli, a, cx);
	TRY(learn_check_targets(cli, a, cx));
	TRY(learn_model_find(cli, a, &provider, cx));
	TRY(learn_gather(&r, cli, args, cx));
	TRY(check(&r, cx));
	if (a->model.n)
		learn_ask_model(&r, &provider);
	buf_init_arena(&out, &cli->arena, LIMIT_INPUT);
	e = add_all(&r, &out, cx);
	if (out.err)
		FAIL(cx, out.err, "no room for the output");
	TRY(out_print(buf_str(&out), cx)); /* also what went well, when something did not */
	return e;
}
