/* memory add, edit, delete, prune, purge and import. */
#include <unistd.h>

#include "cli/inputs.h"
#include "cli/memory.h"
#include "core/memory/clean.h"
#include "core/memory/exchange.h"
#include "core/memory/finder.h"
#include "core/store/memory_doc.h"

#define BY "cli"

static void end_json(struct memory_run *r)
{
	json_write_end(&r->json);
	buf_add_byte(&r->out, '\n');
}

/* What memory_begin began, when e is E_OK together with the words for the search. Returns e, or the error of that. */
static enum err end_change(struct memory_run *r, enum err e, struct errctx *cx)
{
	e = e ? e : memory_index_store(r->store, cx);
	e = e ? e : memory_commit(r->store, cx);
	if (e)
		memory_rollback(r->store);
	return e;
}

/* ---- add ----------------------------------------------------------------------------------------------- */

static enum err read_content(struct memory_run *r, const char *operand, str *out, struct errctx *cx)
{
	struct buf in, clean;
	enum err e = E_OK;

	buf_init(&in, MEMORY_CONTENT_MAX * 4);
	buf_init_arena(&clean, &r->cli->arena, MEMORY_CONTENT_MAX * 4);
	if (str_eq_c(str_from(operand), "-"))
		e = inputs_read("-", &in, cx);
	else
		buf_add_c(&in, operand);
	e = e ? e : memory_clean(buf_str(&in), &clean, cx);
	buf_release(&in);
	*out = buf_str(&clean);
	return e;
}

static str entities_json(struct memory_run *r)
{
	struct json_writer w;
	struct buf b;

	buf_init_arena(&b, &r->cli->arena, LIMIT_CONFIG_FILE);
	json_write_init(&w, &b, false);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < r->args->entities.n; i++)
		json_write_str(&w, NULL, r->args->entities.v[i]);
	json_write_end(&w);
	return buf_str(&b);
}

static enum err add(struct memory_run *r, str content, struct errctx *cx)
{
	struct memory m = memory_blank();
	struct memory_added added;

	m.text[MEMORY_CONTENT] = content;
	m.text[MEMORY_USER] = r->user;
	m.text[MEMORY_SESSION] = r->args->session;
	m.text[MEMORY_SPEAKER] = r->args->speaker;
	m.text[MEMORY_CATEGORY] = r->args->category;
	m.text[MEMORY_ENTITIES] = entities_json(r);
	m.text[MEMORY_METADATA] = STR("{\"created_via\":\"cli\"}");
	m.importance = r->args->importance;
	TRY(memory_begin(r->store, cx));
	TRY(end_change(r, memory_add(r->store, &m, &added, cx), cx));
	if (r->args->is_json) {
		memory_json(r, "headroom.memory-add/1");
		json_write_c(&r->json, "id", added.id);
		json_write_bool(&r->json, "was_there", added.was_there);
		end_json(r);
	} else {
		buf_printf(&r->out, "%s %.8s\n",
			added.was_there ? "known already:" : "remembered:", added.id);
	}
	return E_OK;
}

/* What is kept beside a text holds no secret either. */
static enum err check_rest(const struct memory_args *a, struct errctx *cx)
{
	const str v[] = {a->category, a->speaker, a->session, a->reason};

	TRY(memory_check_texts(v, ARRAY_N(v), cx));
	return memory_check_texts(a->entities.v, a->entities.n, cx);
}

enum err run_memory_add(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r = {.cli = cli};
	str content;
	enum err e;

	TRY(read_content(&r, cli->operands[0], &content, cx)); /* what is refused makes no file */
	TRY(check_rest(args, cx));
	e = memory_begin_run(&r, cli, args, MEMORY_WRITE, cx);
	e = e ? e : add(&r, content, cx);
	return memory_end_run(&r, e, cx);
}

/* ---- edit ---------------------------------------------------------------------------------------------- */

static enum err edit(struct memory_run *r, struct errctx *cx)
{
	struct memory_change c = {.importance = r->args->importance,
		.by = STR(BY),
		.reason = r->args->reason,
		.is_in_place = r->args->is_in_place};
	struct memory_added added;

	if (r->args->importance < 0 && r->args->importance > -1)
		FAIL(cx, E_USAGE, "--importance: a number from 0 to 1");
	if (!r->args->content.p && r->args->importance < 0)
		FAIL(cx, E_USAGE, "nothing to change: use --content or --importance");
	TRY(check_rest(r->args, cx));
	if (r->args->content.p)
		TRY(read_content(r, arena_cstr(&r->cli->arena, r->args->content), &c.content, cx));
	TRY(memory_read_one(r, r->cli->operands[0], cx));
	TRY(memory_begin(r->store, cx));
	TRY(end_change(r, memory_edit(r->store, r->set.v[0].text[MEMORY_ID], &c, &added, cx), cx));
	if (r->args->is_json) {
		memory_json(r, "headroom.memory-edit/1");
		json_write_c(&r->json, "id", added.id);
		json_write_str(&r->json, "was", r->set.v[0].text[MEMORY_ID]);
		end_json(r);
	} else {
		buf_printf(&r->out, "changed: %.8s\n", added.id);
	}
	return E_OK;
}

enum err run_memory_edit(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	enum err e = memory_begin_run(&r, cli, args, MEMORY_READ, cx);

	/* Only a reader is sure to make no file. */
	if (!e && !r.store)
		e = memory_read_one(&r, cli->operands[0], cx);
	if (!e) {
		memory_store_close(r.store);
		e = memory_begin_run(&r, cli, args, MEMORY_WRITE, cx);
	}
	e = e ? e : edit(&r, cx);
	return memory_end_run(&r, e, cx);
}

/* ---- delete, prune, purge ------------------------------------------------------------------------------ */

/* Reads with a store that is only read, so that nothing is made; then opens it to write. */
static enum err open_to_change(
	struct memory_run *r, struct cli *cli, const void *args, struct errctx *cx)
{
	TRY(memory_begin_run(r, cli, args, MEMORY_READ, cx));
	if (!r->store)
		return E_OK;
	memory_store_close(r->store);
	return memory_begin_run(r, cli, args, MEMORY_WRITE, cx);
}

/* Ids of what the operands mean, in the arena; each once. */
struct ids {
	VEC(str) v;
};

static void keep_id(struct memory_run *r, struct ids *ids, const struct memory *m)
{
	for (size_t i = 0; i < ids->v.n; i++)
		if (str_eq(ids->v.v[i], m->text[MEMORY_ID]))
			return;
	*vec_push(&ids->v, &r->cli->arena) = arena_str(&r->cli->arena, m->text[MEMORY_ID]);
}

typedef enum err (*take_fn)(struct memory_store *s, str id, str reason, struct errctx *cx);

static enum err take_deleted(struct memory_store *s, str id, str reason, struct errctx *cx)
{
	return memory_delete(s, id, STR(BY), reason, cx);
}

static enum err take_erased(struct memory_store *s, str id, str reason, struct errctx *cx)
{
	(void)reason;
	return memory_erase(s, id, cx);
}

/* All or none. */
static enum err take_all(
	struct memory_run *r, const struct ids *ids, take_fn take, struct errctx *cx)
{
	enum err e = E_OK;

	TRY(memory_begin(r->store, cx));
	for (size_t i = 0; i < ids->v.n && !e; i++)
		e = take(r->store, ids->v.v[i], r->args->reason, cx);
	if (!e && take == take_erased)
		e = memory_docs_tidy(r->store, cx);
	return end_change(r, e, cx);
}

static void tell_taken(struct memory_run *r, const char *schema, const char *verb, uint64_t n)
{
	if (r->args->is_json) {
		memory_json(r, schema);
		json_write_u64(&r->json, "memories", n);
		json_write_bool(&r->json, "dry_run", r->args->is_dry);
		end_json(r);
	} else {
		buf_printf(&r->out, "%s%s: %llu\n", r->args->is_dry ? "would be " : "", verb,
			(unsigned long long)n);
	}
}

/* Who deletes a version that was superseded may think that this was all of it. */
static void warn_of_newer(struct memory_run *r, const struct memory *m)
{
	str newer = m->text[MEMORY_SUPERSEDED_BY];

	if (newer.n)
		cli_warn(r->cli, "%.8s was superseded by %.8s, which stays",
			arena_cstr(&r->cli->arena, m->text[MEMORY_ID]),
			arena_cstr(&r->cli->arena, newer));
}

static enum err delete_named(struct memory_run *r, struct errctx *cx)
{
	struct ids ids = {0};
	const char *what;

	TRY(check_rest(r->args, cx));
	for (size_t i = 0; i < r->cli->operand_n; i++) {
		TRY(memory_read_one(r, r->cli->operands[i], cx));
		keep_id(r, &ids, &r->set.v[0]);
		warn_of_newer(r, &r->set.v[0]);
	}
	what = arena_printf(
		&r->cli->arena, "Delete %zu memor%s?%c", ids.v.n, ids.v.n == 1 ? "y" : "ies", 0)
		       .p;
	TRY(memory_confirm(r, what, cx));
	TRY(take_all(r, &ids, take_deleted, cx));
	tell_taken(r, "headroom.memory-delete/1", "deleted", ids.v.n);
	return E_OK;
}

enum err run_memory_delete(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	enum err e = open_to_change(&r, cli, args, cx);

	e = e ? e : delete_named(&r, cx);
	return memory_end_run(&r, e, cx);
}

static enum err prune(struct memory_run *r, struct errctx *cx)
{
	enum { SHOWN = 5 };
	const struct memory_args *a = r->args;
	struct memory_filter f = memory_filter_all();
	struct ids ids = {0};

	if (!a->older_ms && a->below < 0 && a->scope == MEMORY_ALL_SCOPES)
		FAIL(cx, E_USAGE, "say which: --older-than, --low-importance or --scope");
	f.user = r->user;
	f.scope = a->scope;
	f.session = a->session;
	f.with_superseded = true;
	f.importance_max = a->below < 0 ? 1 : a->below;
	if (a->older_ms)
		f.until_ms = clock_wall_ms(NULL) - a->older_ms;
	TRY(memory_read_rows(r, &f, cx));
	for (size_t i = 0; i < r->set.n; i++) {
		keep_id(r, &ids, &r->set.v[i]);
		if (a->is_dry && !a->is_json && i < SHOWN)
			memory_add_line(r, &r->set.v[i]);
	}
	if (ids.v.n && !a->is_dry) {
		TRY(memory_confirm(r,
			arena_printf(&r->cli->arena, "Take %zu memor%s away for good?%c", ids.v.n,
				ids.v.n == 1 ? "y" : "ies", 0)
				.p,
			cx));
		TRY(take_all(r, &ids, take_erased, cx));
	}
	tell_taken(r, "headroom.memory-prune/1", "taken away", ids.v.n);
	return E_OK;
}

enum err run_memory_prune(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	const struct memory_args *a = args;
	enum err e = a->is_dry ? memory_begin_run(&r, cli, args, MEMORY_READ, cx)
			       : open_to_change(&r, cli, args, cx);

	e = e ? e : prune(&r, cx);
	return memory_end_run(&r, e, cx);
}

static enum err purge(struct memory_run *r, struct errctx *cx)
{
	int64_t n = 0;

	TRY(memory_confirm(r,
		arena_printf(&r->cli->arena, "Take all memories in %s away for good?%c",
			r->place.file, 0)
			.p,
		cx));
	if (r->store)
		TRY(memory_erase_all(r->store, &n, cx));
	tell_taken(r, "headroom.memory-purge/1", "taken away", (uint64_t)n);
	return E_OK;
}

enum err run_memory_purge(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	enum err e = open_to_change(&r, cli, args, cx);

	e = e ? e : purge(&r, cx);
	return memory_end_run(&r, e, cx);
}

/* ---- import -------------------------------------------------------------------------------------------- */

struct counts {
	uint64_t added, replaced, known, refused;
};

static enum err import_one(
	struct memory_run *r, struct memory m, struct counts *n, struct errctx *cx)
{
	struct memory_added added;
	struct errctx why = {0};
	struct buf clean;
	bool is_new;
	enum err e;

	buf_init_arena(&clean, &r->cli->arena, LIMIT_INPUT);
	e = memory_clean(m.text[MEMORY_CONTENT], &clean, &why);
	m.text[MEMORY_CONTENT] = buf_str(&clean);
	e = e ? e : memory_check_texts(m.text, MEMORY_TEXTS_N, &why);
	if (!e && m.text[MEMORY_ID].n) {
		e = memory_put(r->store, &m, &is_new, &why);
		n->added += !e && is_new;
		n->replaced += !e && !is_new;
	} else if (!e) {
		e = memory_add(r->store, &m, &added, &why);
		n->added += !e && !added.was_there;
		n->known += !e && added.was_there;
	}
	if (e == E_MALFORMED || e == E_TOO_BIG || e == E_PERMISSION) {
		if (!n->refused++)
			cli_warn(r->cli, "passed over: %s", why.text);
		return E_OK;
	}
	return e ? err_set(cx, e, "%s", why.text) : E_OK;
}

static enum err import_all(
	struct memory_run *r, const struct memory_read *in, struct counts *n, struct errctx *cx)
{
	enum err e = memory_begin(r->store, cx);

	for (size_t i = 0; i < in->v.n && !e; i++)
		e = import_one(r, in->v.v[i], n, cx);
	return end_change(r, e, cx);
}

static enum err import(struct memory_run *r, const struct memory_read *in, struct errctx *cx)
{
	struct counts n = {.refused = in->bad_n};

	if (in->bad_n)
		cli_warn(r->cli, "passed over: " STR_FMT, STR_ARG(in->first_bad));
	TRY(import_all(r, in, &n, cx));
	if (r->args->is_json) {
		memory_json(r, "headroom.memory-import/1");
		json_write_u64(&r->json, "added", n.added);
		json_write_u64(&r->json, "replaced", n.replaced);
		json_write_u64(&r->json, "known", n.known);
		json_write_u64(&r->json, "passed_over", n.refused);
		end_json(r);
	} else {
		buf_printf(&r->out,
			"added %llu, replaced %llu, known already %llu, passed over %llu\n",
			(unsigned long long)n.added, (unsigned long long)n.replaced,
			(unsigned long long)n.known, (unsigned long long)n.refused);
	}
	return E_OK;
}

enum err run_memory_import(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	struct memory_read read_in = {.bad_n = 0};
	struct buf in;
	enum err e = memory_begin_run(&r, cli, args, MEMORY_READ, cx); /* who the user is */

	buf_init(&in, LIMIT_INPUT);
	e = e ? e : inputs_read(cli->operands[0], &in, cx);
	e = e ? e : memory_read_all(buf_str(&in), r.user, &cli->arena, &read_in, cx);
	if (!e) {
		memory_store_close(r.store);
		e = memory_begin_run(&r, cli, args, MEMORY_WRITE, cx);
	}
	e = e ? e : import(&r, &read_in, cx);
	e = memory_end_run(&r, e, cx);
	if (!e)
		memory_keep_index(&r);
	buf_release(&in);
	return e;
}
