#include "wrap/edit/edit.h"

#include "core/base/check.h"
#include "wrap/edit/backup.h"
#include "wrap/edit/plan.h"

const char *edit_result_text(enum edit_result r)
{
	static const char *const texts[] = {[EDIT_MADE] = "changed",
		[EDIT_THERE] = "is so already",
		[EDIT_JOINED] = "changed already, shared",
		[EDIT_UNDONE] = "undone",
		[EDIT_SHARED] = "still in use, kept",
		[EDIT_CHANGED] = "changed by you, left as it is",
		[EDIT_GONE] = "nothing left to undo",
		[EDIT_FAILED] = "cannot be undone now"};

	return texts[r];
}

static enum err keep_backups(struct session *s, const struct plan *p)
{
	for (size_t i = 0; i < p->files.n; i++) {
		const struct plan_file *f = &p->files.v[i];

		if (f->before.is_there && !edit_bytes_eq(f->before, f->now))
			TRY(backup_keep(&s->arena, s->env->workspace, str_from(f->real),
				f->before.text, clock_wall_ms(s->env->clock), s->cx));
	}
	session_step(s, EDIT_STEP_BACKUP);
	return E_OK;
}

static enum err write_file(
	struct session *s, const struct plan_file *f, bool is_back, struct errctx *cx)
{
	struct session_write w = {
		.real = f->real, .from = f->before, .to = f->now, .mode = f->mode};
	struct edit_entry e;

	if (f->last_entry == STR_NONE)
		return E_OK;
	e = s->journal.list.v[f->last_entry];
	for (size_t i = 0; i < s->journal.list.n; i++) /* the first of them made the directories */
		if (str_eq(s->journal.list.v[i].file, e.file) && s->journal.list.v[i].dirs_made)
			e.dirs_made = s->journal.list.v[i].dirs_made;
	w.entry = &e;
	if (is_back) {
		w.from = f->now;
		w.to = f->before;
	}
	return session_write(s, &w, cx);
}

/* Whether the file is as it was before the plan, or could be made so. */
static bool put_back(struct session *s, const struct plan_file *f)
{
	struct errctx ignored = {0};
	struct edit_bytes now;

	if (f->last_entry == STR_NONE)
		return true;
	if (session_read(s, f->real, &now, &ignored) == E_OK && edit_bytes_eq(now, f->before)) {
		session_sweep(s, &s->journal.list.v[f->last_entry]);
		return true;
	}
	return write_file(s, f, true, &ignored) == E_OK;
}

/* The files in their order; when one fails, all as they were, and no entries. */
static enum err write_files(struct session *s, const struct plan *p)
{
	struct errctx ignored = {0};
	enum err e = E_OK;

	for (size_t i = 0; i < p->files.n && !e; i++)
		e = write_file(s, &p->files.v[i], false, s->cx);
	if (!e)
		return E_OK;
	for (size_t i = 0; i < p->files.n; i++)
		if (!put_back(s, &p->files.v[i]))
			return e; /* its entries stay, for edit_undo */
	s->journal.list.n = p->entries_before;
	if (journal_save(&s->journal, &ignored))
		return e; /* they say nothing false: files that are as before are found out by that */
	return e;
}

static enum err apply(struct session *s)
{
	struct plan *p = s->arg;

	TRY(plan_make(s, p));
	if (s->journal.list.n == p->entries_before)
		return E_OK;
	TRY(keep_backups(s, p));
	TRY(journal_save(&s->journal, s->cx));
	session_step(s, EDIT_STEP_JOURNAL);
	TRY(write_files(s, p));
	for (size_t i = p->entries_before; i < s->journal.list.n; i++)
		if (!str_eq(s->journal.list.v[i].before, s->journal.list.v[i].after))
			session_tell(s, EDIT_MADE, &s->journal.list.v[i], NULL);
	return E_OK;
}

enum err edit_apply(const struct edit_env *env, struct edit_owner owner, const struct edit *edits,
	size_t n, struct edit_listener listener, struct errctx *cx)
{
	struct plan p = {.edits = edits, .n = n, .owner = owner};
	struct errctx own = {0};
	struct session s = {.env = env, .listener = listener, .cx = cx ? cx : &own, .arg = &p};

	return session_run(&s, true, apply);
}

/* ---- what would change ---- */

struct show {
	struct plan plan;
	struct buf *out;
};

static void add_lines(struct buf *b, char sign, str lines)
{
	bool has_eol;
	str line;

	while (str_next_line(&lines, &line, &has_eol)) {
		buf_add_byte(b, sign);
		buf_add(b, str_trim_right(line));
		buf_add_byte(b, '\n');
	}
}

static size_t count_lines(str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

/* The start of the line that byte i of s is on. */
static size_t line_of(str s, size_t i)
{
	size_t n = str_rfind_byte(str_sub(s, 0, i), '\n');

	return n == STR_NONE ? 0 : n + 1;
}

/* One run of lines: from the first that differs to the last. */
static void show_file(struct buf *b, const struct plan_file *f)
{
	str x = f->before.text, y = f->now.text;
	size_t head = line_of(x, str_common_prefix(x, y));
	size_t tail = str_common_suffix(str_sub(x, head, x.n), str_sub(y, head, y.n));
	size_t eol = str_find_byte(str_sub(x, x.n - tail, x.n), '\n');
	bool is_line_start = (x.n == tail + head || x.p[x.n - tail - 1] == '\n') &&
			     (y.n == tail + head || y.p[y.n - tail - 1] == '\n');

	/* Whole lines only. */
	if (tail && !is_line_start)
		tail -= eol == STR_NONE ? tail : eol + 1;
	buf_printf(b, "--- %s\n+++ %s\n@@ line %zu @@\n",
		f->before.is_there ? f->real : "/dev/null", f->real,
		count_lines(str_sub(x, 0, head)) + 1);
	add_lines(b, '-', str_sub(x, head, x.n - tail));
	add_lines(b, '+', str_sub(y, head, y.n - tail));
}

static enum err show(struct session *s)
{
	struct show *w = s->arg;

	TRY(plan_make(s, &w->plan));
	for (size_t i = 0; i < w->plan.files.n; i++)
		if (!edit_bytes_eq(w->plan.files.v[i].before, w->plan.files.v[i].now))
			show_file(w->out, &w->plan.files.v[i]);
	return w->out->err ? err_set(s->cx, w->out->err, "%s", err_text(w->out->err)) : E_OK;
}

enum err edit_show(const struct edit_env *env, const struct edit *edits, size_t n, struct buf *out,
	struct errctx *cx)
{
	struct show w = {.plan = {.edits = edits, .n = n}, .out = out};
	struct errctx own = {0};
	struct session s = {.env = env, .cx = cx ? cx : &own, .arg = &w};

	ASSERT(!out->arena);
	return session_run(&s, false, show);
}
