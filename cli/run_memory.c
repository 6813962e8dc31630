/* memory list, search, show, stats and export. */
#include "cli/memory.h"
#include "core/base/file.h"
#include "core/memory/exchange.h"
#include "core/memory/keep.h"

/* ---- list ---------------------------------------------------------------------------------------------- */

static enum err list(struct memory_run *r, struct errctx *cx)
{
	struct memory_filter f;

	TRY(memory_filter_of(r, &f, cx));
	f.limit = (size_t)r->args->limit;
	TRY(memory_read_rows(r, &f, cx));
	if (r->args->is_json) {
		memory_json(r, "headroom.memory-list/1");
		json_write_array(&r->json, "memories");
		for (size_t i = 0; i < r->set.n; i++) {
			json_write_object(&r->json, NULL);
			memory_write_members(&r->json, &r->set.v[i]);
			json_write_end(&r->json);
		}
		json_write_end(&r->json);
		json_write_end(&r->json);
		buf_add_byte(&r->out, '\n');
		return E_OK;
	}
	if (!r->set.n)
		cli_info(r->cli, "no memories");
	for (size_t i = 0; i < r->set.n; i++)
		memory_add_line(r, &r->set.v[i]);
	return E_OK;
}

enum err run_memory_list(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	enum err e = memory_begin_run(&r, cli, args, MEMORY_READ, cx);

	e = e ? e : list(&r, cx);
	return memory_end_run(&r, e, cx);
}

/* ---- search -------------------------------------------------------------------------------------------- */

static str question_of(struct cli *cli)
{
	struct buf b;

	buf_init_arena(&b, &cli->arena, LIMIT_INPUT);
	for (size_t i = 0; i < cli->operand_n; i++) {
		if (i)
			buf_add_byte(&b, ' ');
		buf_add_c(&b, cli->operands[i]);
	}
	return buf_str(&b);
}

static void add_found(struct memory_run *r, const struct memory_found *v, size_t n)
{
	if (!r->args->is_json) {
		for (size_t i = 0; i < n; i++)
			memory_add_line(r, v[i].memory);
		return;
	}
	memory_json(r, "headroom.memory-search/1");
	json_write_array(&r->json, "memories");
	for (size_t i = 0; i < n; i++) {
		json_write_object(&r->json, NULL);
		json_write_fixed(&r->json, "score", v[i].score, 4);
		json_write_fixed(&r->json, "coverage", v[i].coverage, 4);
		json_write_u64(&r->json, "tokens", v[i].tokens);
		memory_write_members(&r->json, v[i].memory);
		json_write_end(&r->json);
	}
	json_write_end(&r->json);
	json_write_end(&r->json);
	buf_add_byte(&r->out, '\n');
}

/* What the embedder makes of memories that it has not seen, and of the question; what it does not make is done without, and said. */
static str ask_embedder(struct memory_run *r, str question)
{
	enum { BATCH_MS = 60000, ASK_MS = 10000 }; /* a person waits, and sees why */
	const struct embedder *e = r->embedder ? proxy_embedder_of(r->embedder) : NULL;
	struct memory_store *s = NULL;
	struct errctx cx = {0};
	str vector = STR_NULL;
	size_t n;
	enum err err;

	if (!e)
		return STR_NULL;
	err = memory_store_open(r->place.file, MEMORY_WRITE, NULL, &s, &cx);
	err = err ? err : memory_index_store(s, &cx);
	err = err ? err : embedder_fill(s, e, BATCH_MS, NULL, NULL, &n, &cx);
	err = err ? err : e->ask(e->self, &question, 1, ASK_MS, &r->cli->arena, &vector, &cx);
	memory_store_close(s);
	if (err)
		cli_warn(r->cli, "%.*s is not asked, what is built in counts: %s", (int)e->name.n,
			e->name.p, cx.text);
	return err ? STR_NULL : vector;
}

static enum err search(struct memory_run *r, struct memory_finder **finder,
	struct memory_answer *answer, struct errctx *cx)
{
	struct memory_search s = {.query = {.text = question_of(r->cli),
					  .now_ms = clock_wall_ms(NULL),
					  .limit = (size_t)r->args->limit},
		.tokens_max = (size_t)r->args->budget};
	struct memory_filter f;

	TRY(memory_filter_of(r, &f, cx));
	if (r->store) {
		memory_store_close(r->store);
		r->store = NULL;
		s.asked_far = ask_embedder(r, s.query.text);
		TRY(memory_open_indexed(r->place.file, NULL, &r->store, cx));
		TRY(memory_finder_new(r->store, finder, cx));
		if (r->embedder)
			memory_finder_use(*finder, proxy_embedder_of(r->embedder)->name);
		TRY(memory_find_answers(*finder, &f, &s, &r->cli->arena, answer, cx));
	}
	add_found(r, answer->v, answer->n);
	if (answer->n)
		return E_OK;
	if (!r->args->is_json && r->store)
		FAIL(cx, E_NOT_FOUND, "nothing in %s is about that", r->place.file);
	if (!r->args->is_json)
		FAIL(cx, E_NOT_FOUND, "nothing is remembered yet: there is no %s", r->place.file);
	r->cli->status = err_exit(E_NOT_FOUND);
	return E_OK;
}

enum err run_memory_search(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_finder *finder = NULL;
	struct memory_answer answer = {.n = 0};
	bool is_behind = false;
	struct memory_run r;
	enum err e = memory_begin_run(&r, cli, args, MEMORY_READ, cx);

	e = e ? e : memory_use_embedder(&r, cx);
	e = e ? e : search(&r, &finder, &answer, cx);
	memory_set_free(&answer.set);
	is_behind = finder && memory_finder_is_behind(finder, KEEP_LEAST);
	memory_finder_free(finder); /* before the name of the embedder */
	e = memory_end_run(&r, e, cx);
	if (is_behind)
		memory_keep_index(&r);
	return e;
}

/* ---- show ---------------------------------------------------------------------------------------------- */

static void add_edit_json(void *self, const struct memory_edit_row *e)
{
	struct json_writer *w = self;
	char at[CLOCK_TIME_LEN + 1];

	clock_format(e->at_ms, at);
	json_write_object(w, NULL);
	json_write_c(w, "at", at);
	json_write_str(w, "action", e->action);
	json_write_str(w, "by", e->by);
	json_write_str(w, "reason", e->reason);
	json_write_str(w, "previous_content", e->content);
	json_write_end(w);
}

static void add_edit(void *self, const struct memory_edit_row *e)
{
	struct buf *b = self;
	char at[CLOCK_TIME_LEN + 1];

	clock_format(e->at_ms, at);
	buf_printf(b, "  %s  " STR_FMT "%s" STR_FMT "%s" STR_FMT "\n", at, STR_ARG(e->action),
		e->by.n ? " by " : "", STR_ARG(e->by), e->reason.n ? ": " : "", STR_ARG(e->reason));
}

static void add_fields(struct buf *b, const struct memory *m)
{
	for (int i = 0; i < MEMORY_TEXTS_N; i++) {
		str s = m->text[i];

		if (i != MEMORY_CONTENT && s.n && !str_eq_c(s, "[]") && !str_eq_c(s, "{}"))
			buf_printf(b, "%-16s " STR_FMT "\n", memory_text_name((enum memory_text)i),
				STR_ARG(s));
	}
	buf_printf(b, "%-16s %s\n", "scope", memory_scope_name(memory_scope_of(m)));
	for (int i = 0; i < MEMORY_TIMES_N; i++) {
		char at[CLOCK_TIME_LEN + 1];

		if (m->at[i] == MEMORY_NO_TIME)
			continue;
		clock_format(m->at[i], at);
		buf_printf(b, "%-16s %s\n", memory_time_name((enum memory_time)i), at);
	}
	buf_printf(b, "%-16s %.2f\n%-16s %lld\n", "importance", m->importance, "access_count",
		(long long)m->used_n);
}

/* Versions before this one, the next older first; what is not there any more ends it. */
static enum err add_history(struct memory_run *r, str before, struct errctx *cx)
{
	enum { VERSIONS_MAX = 1000 }; /* a file that somebody damaged may have a circle */

	for (int i = 0; before.n && i < VERSIONS_MAX; i++) {
		struct memory_set one = {0};
		enum err e = memory_find(r->store, before, &one, cx);

		if (e == E_NOT_FOUND)
			return E_OK;
		TRY(e);
		if (r->args->is_json) {
			json_write_object(&r->json, NULL);
			memory_write_members(&r->json, &one.v[0]);
			json_write_end(&r->json);
		} else {
			if (!i)
				buf_add_c(&r->out, "\nearlier versions:\n");
			memory_add_line(r, &one.v[0]);
		}
		before = arena_str(&r->cli->arena, one.v[0].text[MEMORY_SUPERSEDES]);
		memory_set_free(&one);
	}
	return E_OK;
}

static enum err show_json(struct memory_run *r, const struct memory *m, struct errctx *cx)
{
	memory_json(r, "headroom.memory/1");
	json_write_object(&r->json, "memory");
	memory_write_members(&r->json, m);
	json_write_end(&r->json);
	json_write_array(&r->json, "earlier");
	TRY(add_history(r, m->text[MEMORY_SUPERSEDES], cx));
	json_write_end(&r->json);
	json_write_array(&r->json, "edits");
	TRY(memory_edits(r->store, m->text[MEMORY_ID], add_edit_json, &r->json, cx));
	json_write_end(&r->json);
	json_write_end(&r->json);
	buf_add_byte(&r->out, '\n');
	return E_OK;
}

static enum err show(struct memory_run *r, struct errctx *cx)
{
	const struct memory *m;
	struct buf edits;

	TRY(memory_read_one(r, r->cli->operands[0], cx));
	m = &r->set.v[0];
	if (r->args->is_json)
		return show_json(r, m, cx);
	add_fields(&r->out, m);
	buf_printf(&r->out, "\n" STR_FMT "\n", STR_ARG(m->text[MEMORY_CONTENT]));
	TRY(add_history(r, m->text[MEMORY_SUPERSEDES], cx));
	buf_init_arena(&edits, &r->cli->arena, LIMIT_INPUT);
	TRY(memory_edits(r->store, m->text[MEMORY_ID], add_edit, &edits, cx));
	if (edits.n) {
		buf_add_c(&r->out, "\nchanges:\n");
		buf_add(&r->out, buf_str(&edits));
	}
	return E_OK;
}

enum err run_memory_show(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	enum err e = memory_begin_run(&r, cli, args, MEMORY_READ, cx);

	e = e ? e : show(&r, cx);
	return memory_end_run(&r, e, cx);
}

/* ---- export -------------------------------------------------------------------------------------------- */

static enum err export(struct memory_run *r, struct errctx *cx) {
	struct memory_filter f = memory_filter_all();
	enum memory_format format = (enum memory_format)r->args->format;

	if (r->args->user.n) f.user = r->user;
	f.with_superseded = format != MEMORY_AS_MARKDOWN;
	f.is_oldest_first = true;
	TRY(memory_read_rows(r, &f, cx));
	TRY(memory_write_all(format, r->set.v, r->set.n, &r->out, cx));
	if (!r->args->output || str_eq_c(str_from(r->args->output), "-")) return E_OK;
	TRY(file_write_atomic(r->args->output, buf_str(&r->out), 0600, cx));
	buf_reset(&r->out);
	return E_OK;
}

enum err run_memory_export(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	enum err e = memory_begin_run(&r, cli, args, MEMORY_READ, cx);

	e = e ? e : export(&r, cx);
	return memory_end_run(&r, e, cx);
}
