#include "cli/learn_files.h"

#include <sys/stat.h>

#include "cli/learn_seen.h"
#include "core/base/clock.h"
#include "learn/write/write.h"

struct files {
	struct cli *cli;
	const struct learn_args *args;
	struct learn_env env;
	struct write_job job;
	struct buf *out;       /* for people; NULL */
	struct json_writer *w; /* for scripts; NULL */
	/* Where out and w lead when nobody else has them. */
	struct buf text;
	struct json_writer json;
	int64_t now_ms;
	size_t changed, done;
	struct errctx *cx;
	enum err err; /* the first */
};

typedef enum err plan_fn(struct files *f, const struct target *t, const struct rule_set *set,
	struct write_file *out, struct errctx *cx);

static void files_init(struct files *f, struct cli *cli, const struct learn_args *args)
{
	*f = (struct files){
		.cli = cli, .args = args, .env = learn_cli_env(cli), .now_ms = clock_wall_ms(NULL)};
	write_init(&f->job);
}

/* ---- where to ------------------------------------------------------------------------------------ */

struct targets {
	VEC(struct target) v;
};

static void add_target(struct files *f, struct targets *list, const struct target *t)
{
	for (size_t i = 0; i < list->v.n; i++)
		if (strcmp(list->v.v[i].path, t->path) == 0)
			return;
	*vec_push(&list->v, &f->job.arena) = *t;
}

static enum err named_targets(struct files *f, str project, struct targets *out, struct errctx *cx)
{
	struct target t;

	for (size_t i = 0; i < f->args->targets.n; i++) {
		TRY(target_parse(&f->env, project, f->args->targets.v[i], &f->job.arena, &t, cx));
		add_target(f, out, &t);
	}
	return E_OK;
}

enum err learn_check_targets(struct cli *cli, const struct learn_args *args, struct errctx *cx)
{
	struct files f;
	struct targets unused = {0};
	enum err e;

	files_init(&f, cli, args);
	e = named_targets(&f, STR("/"), &unused, cx);
	write_release(&f.job);
	return e;
}

static enum err find_targets(
	struct files *f, const struct rule_set *set, struct targets *out, struct errctx *cx)
{
	struct target t;

	*out = (struct targets){0};
	if (f->args->targets.n)
		return named_targets(f, set->project, out, cx);
	for (enum learn_agent g = 0; g < AGENT_N; g++) {
		if (!(set->agents & 1u << g))
			continue;
		TRY(target_at(&f->env, set->project, target_of_agent(g), &f->job.arena, &t, cx));
		add_target(f, out, &t);
	}
	return E_OK;
}

/* All that there may be, for what takes away or tells. */
static enum err all_targets(struct files *f, str project, struct targets *out, struct errctx *cx)
{
	struct errctx no_home = {0};
	struct target t;

	*out = (struct targets){0};
	if (f->args->targets.n)
		return named_targets(f, project, out, cx);
	for (enum target_kind k = 0; k < TARGET_KIND_N; k++)
		if (target_at(&f->env, project, k, &f->job.arena, &t, &no_home) == E_OK)
			add_target(f, out, &t);
	return E_OK;
}

/* The agent's own memory of a project takes what is about how to work in it, when there is another file for the rest. */
static bool has_kind(const struct targets *list, enum target_kind kind)
{
	for (size_t i = 0; i < list->v.n; i++)
		if (list->v.v[i].kind == kind)
			return true;
	return false;
}

/* ---- telling ------------------------------------------------------------------------------------- */

static void add_plural(struct buf *b, size_t n, const char *what)
{
	buf_printf(b, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static void tell_notes(struct files *f, const struct write_file *file)
{
	for (size_t i = 0; i < file->merge.notes.n; i++) {
		const struct merge_note *n = &file->merge.notes.v[i];

		buf_printf(f->out, "left out, for %s: " STR_FMT "\n", n->why, STR_ARG(n->text));
	}
}

static void tell(struct files *f, const struct write_file *file)
{
	if (!f->out)
		return;
	if (!write_is_change(file)) {
		if (file->was_there && file->block.is_there)
			buf_printf(f->out, "%s: nothing new\n", file->real);
	} else if (!f->args->applies) {
		write_show(&f->job, file, f->out);
	} else if (!file->is_there) {
		buf_printf(f->out, "%s: removed\n", file->real);
	} else if (file->merge.kept) {
		buf_printf(f->out, "%s: ", file->real);
		add_plural(f->out, file->merge.kept, "line");
		buf_printf(f->out, ", %zu new, %zu counted up\n", file->merge.added,
			file->merge.updated);
	} else {
		buf_printf(f->out, "%s: changed\n", file->real);
	}
	tell_notes(f, file);
}

static void write_notes(struct json_writer *w, const struct write_file *file)
{
	json_write_array(w, "left_out");
	for (size_t i = 0; i < file->merge.notes.n; i++) {
		json_write_object(w, NULL);
		json_write_str(w, "text", file->merge.notes.v[i].text);
		json_write_c(w, "why", file->merge.notes.v[i].why);
		json_write_end(w);
	}
	json_write_end(w);
}

static void write_file_json(struct files *f, const struct write_file *file, bool is_written)
{
	struct buf diff;

	if (!f->w)
		return;
	buf_init_arena(&diff, &f->job.arena, LIMIT_INPUT);
	write_show(&f->job, file, &diff);
	json_write_object(f->w, NULL);
	json_write_c(f->w, "target", target_name(file->target.kind));
	json_write_c(f->w, "path", file->real);
	json_write_bool(f->w, "changes", write_is_change(file));
	json_write_bool(f->w, "written", is_written);
	json_write_u64(f->w, "lines", file->merge.kept);
	json_write_u64(f->w, "added", file->merge.added);
	json_write_u64(f->w, "updated", file->merge.updated);
	write_notes(f->w, file);
	json_write_str(f->w, "diff", buf_str(&diff));
	json_write_end(f->w);
}

/* ---- one file ------------------------------------------------------------------------------------ */

static void fail(struct files *f, enum err e, const struct errctx *why)
{
	cli_warn(f->cli, "%s", why->text);
	if (f->err)
		return;
	f->err = e;
	*f->cx = *why;
}

static void do_file(
	struct files *f, const struct target *t, const struct rule_set *set, plan_fn *plan)
{
	struct errctx why = {0};
	struct write_file file;
	bool is_change;
	enum err e = plan(f, t, set, &file, &why);

	if (e) {
		fail(f, e, &why);
		return;
	}
	is_change = write_is_change(&file);
	f->changed += is_change;
	if (is_change && f->args->applies) {
		e = write_apply(&f->job, &file, &why);
		if (e) {
			fail(f, e, &why);
			return;
		}
		f->done++;
	}
	tell(f, &file);
	write_file_json(f, &file, is_change && f->args->applies);
}

static void hint(const struct files *f)
{
	if (f->out && f->changed && !f->args->applies)
		buf_add_c(f->out, "\nnothing was written; --apply writes it\n");
}

/* ---- rules --------------------------------------------------------------------------------------- */

static enum err plan_rules(struct files *f, const struct target *t, const struct rule_set *set,
	struct write_file *out, struct errctx *cx)
{
	struct targets list;
	struct write_conf conf = {.now_ms = f->now_ms, .with_context = true, .with_habits = true};

	TRY(find_targets(f, set, &list, cx));
	if (list.v.n > 1 && has_kind(&list, TARGET_MEMORY)) {
		conf.with_context = t->kind != TARGET_MEMORY;
		conf.with_habits = t->kind == TARGET_MEMORY;
	}
	if (t->kind == TARGET_CLAUDE_LOCAL && !f->args->targets.n)
		TRY(target_at(
			&f->env, set->project, TARGET_CLAUDE, &f->job.arena, &conf.legacy, cx));
	return write_plan(&f->job, &conf, t, set->rules.v, set->rules.n, out, cx);
}

/* Where the sessions were is not there, or is not known: then there is no file to write to. */
static bool is_here(struct files *f, const struct rule_set *set)
{
	struct stat st;

	if (!set->project.n || set->project.p[0] != '/')
		return false;
	if (stat(arena_cstr(&f->job.arena, set->project), &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	cli_info(f->cli, STR_FMT ": the directory is not there", STR_ARG(set->project));
	return false;
}

static enum err write_all(struct files *f, struct learn_run *r, struct errctx *cx)
{
	f->cx = cx;
	for (size_t i = 0; i < r->result.projects.n; i++) {
		const struct rule_set *set = &r->result.projects.v[i];
		struct targets list;

		if (!is_here(f, set))
			continue;
		TRY(find_targets(f, set, &list, cx));
		for (size_t k = 0; k < list.v.n; k++)
			do_file(f, &list.v.v[k], set, plan_rules);
	}
	hint(f);
	return f->err;
}

enum err learn_write(struct learn_run *r, struct buf *out, struct errctx *cx)
{
	struct files f;
	enum err e;

	files_init(&f, r->cli, r->args);
	f.out = out;
	e = write_all(&f, r, cx);
	write_release(&f.job);
	return e;
}

enum err learn_write_json(struct learn_run *r, struct json_writer *w, struct errctx *cx)
{
	struct files f;
	enum err e;

	files_init(&f, r->cli, r->args);
	f.w = w;
	json_write_array(w, "memory_files");
	e = write_all(&f, r, cx);
	json_write_end(w);
	write_release(&f.job);
	return e;
}

/* ---- out again, and reset ------------------------------------------------------------------------ */

static enum err plan_removal(struct files *f, const struct target *t, const struct rule_set *set,
	struct write_file *out, struct errctx *cx)
{
	(void)set;
	return write_plan_removal(&f->job, t, out, cx);
}

static enum err plan_reset(struct files *f, const struct target *t, const struct rule_set *set,
	struct write_file *out, struct errctx *cx)
{
	(void)set;
	return write_plan_reset(&f->job, t, out, cx);
}

static enum err change_blocks(
	struct files *f, plan_fn *plan, const char *nothing, struct errctx *cx)
{
	struct targets list;
	str project;

	f->cx = cx;
	buf_init_arena(&f->text, &f->cli->arena, LIMIT_INPUT);
	f->out = &f->text;
	TRY(learn_project(f->cli, f->args, &project, cx));
	TRY(all_targets(f, project, &list, cx));
	for (size_t i = 0; i < list.v.n; i++)
		do_file(f, &list.v.v[i], NULL, plan);
	hint(f);
	if (!f->changed && !f->err)
		buf_printf(f->out, "%s\n", nothing);
	TRY(out_print(buf_str(f->out), cx));
	return f->err;
}

static enum err change(struct cli *cli, const struct learn_args *args, plan_fn *plan,
	const char *nothing, struct errctx *cx)
{
	struct files f;
	enum err e;

	files_init(&f, cli, args);
	e = change_blocks(&f, plan, nothing, cx);
	write_release(&f.job);
	return e;
}

enum err learn_remove(struct cli *cli, const struct learn_args *args, struct errctx *cx)
{
	return change(
		cli, args, plan_removal, "nothing that was learned stands in a file here", cx);
}

enum err run_learn_reset(struct cli *cli, const void *args, struct errctx *cx)
{
	return change(cli, args, plan_reset, "no line was deleted here", cx);
}

/* ---- status -------------------------------------------------------------------------------------- */

struct summary {
	size_t lines, others;
	int64_t last_ms;
};

static struct summary summarize(const struct block *b)
{
	struct summary s = {.last_ms = -1};

	for (size_t i = 0; i < b->sections.n; i++)
		for (size_t k = 0; k < b->sections.v[i].lines.n; k++) {
			const struct block_line *l = &b->sections.v[i].lines.v[k];

			s.lines += l->is_ours;
			s.others += !l->is_ours && l->text.n;
			if (l->last_ms > s.last_ms)
				s.last_ms = l->last_ms;
		}
	return s;
}

static void tell_status(struct files *f, const struct write_file *file)
{
	enum { DATE_LEN = 10 };
	struct summary s = summarize(&file->block);
	char date[CLOCK_TIME_LEN + 1] = "";

	if (s.last_ms >= 0)
		clock_format(s.last_ms, date);
	if (f->w) {
		json_write_object(f->w, NULL);
		json_write_c(f->w, "target", target_name(file->target.kind));
		json_write_c(f->w, "path", file->real);
		json_write_u64(f->w, "lines", s.lines);
		json_write_u64(f->w, "lines_of_others", s.others);
		json_write_u64(f->w, "deleted", file->block.gone.n);
		json_write_u64(f->w, "bytes", file->block.end - file->block.start);
		json_write_c(f->w, "last_seen", s.last_ms >= 0 ? date : NULL);
		json_write_end(f->w);
		return;
	}
	buf_printf(f->out, "%s\n  read by %s\n  ", file->real, target_who(file->target.kind));
	add_plural(f->out, s.lines, "line");
	buf_printf(f->out, ", %zu of yours, %zu deleted, %zu bytes", s.others, file->block.gone.n,
		file->block.end - file->block.start);
	if (s.last_ms >= 0)
		buf_printf(f->out, ", last seen %.*s", DATE_LEN, date);
	buf_add_c(f->out, "\n");
}

static enum err status_of(struct files *f, struct errctx *cx)
{
	struct targets list;
	str project;

	f->cx = cx;
	TRY(learn_project(f->cli, f->args, &project, cx));
	TRY(all_targets(f, project, &list, cx));
	for (size_t i = 0; i < list.v.n; i++) {
		struct errctx why = {0};
		struct write_file file;
		enum err e = write_read(&f->job, &list.v.v[i], &file, &why);

		if (e)
			fail(f, e, &why);
		else if (file.block.is_there)
			tell_status(f, &file);
		f->done += !e && file.block.is_there;
	}
	return f->err;
}

/* What the proxy has seen stands beside the files; an error of theirs goes first. */
static void add_seen(struct files *f, enum err *e, struct errctx *cx)
{
	struct errctx why = {0};
	enum err seen;
	str project;

	if (learn_project(f->cli, f->args, &project, &why))
		return; /* said already */
	seen = learn_seen_tell(f->cli, project, f->out, f->w, &why);
	if (!seen || *e)
		return;
	*e = seen;
	*cx = why;
}

static enum err print_status(struct files *f, struct errctx *cx)
{
	enum err e;

	buf_init_arena(&f->text, &f->cli->arena, LIMIT_INPUT);
	f->out = &f->text;
	if (f->args->is_json) {
		f->w = &f->json;
		json_write_init(f->w, f->out, true);
		json_write_object(f->w, NULL);
		json_write_c(f->w, "schema", "headroom.learn-status/1");
		json_write_array(f->w, "files");
	}
	e = status_of(f, cx);
	if (f->args->is_json)
		json_write_end(f->w);
	else if (!f->done && !e)
		buf_add_c(f->out, "nothing that was learned stands in a file here\n");
	if (!f->args->targets.n)
		add_seen(f, &e, cx);
	if (f->args->is_json) {
		json_write_end(f->w);
		buf_add_byte(f->out, '\n');
	}
	TRY(out_print(buf_str(f->out), cx));
	return e;
}

enum err run_learn_status(struct cli *cli, const void *args, struct errctx *cx)
{
	struct files f;
	enum err e;

	files_init(&f, cli, args);
	e = print_status(&f, cx);
	write_release(&f.job);
	return e;
}
