#include "wrap/edit/plan.h"

static enum err find_file(
	struct session *s, struct plan *p, const struct edit *edit, struct plan_file **out)
{
	struct plan_file f = {.mode = edit->mode, .last_entry = STR_NONE};

	TRY(session_real_path(s, edit->file, &f.real, s->cx));
	for (size_t i = 0; i < p->files.n; i++) {
		*out = &p->files.v[i];
		if (strcmp((*out)->real, f.real) == 0)
			return E_OK;
	}
	TRY(session_read(s, f.real, &f.before, s->cx));
	f.now = f.before;
	*out = vec_push(&p->files, &s->arena);
	**out = f;
	return E_OK;
}

static void name_entry(struct session *s, struct edit_entry *e)
{
	char id[CLOCK_ID_LEN + 1], time[CLOCK_TIME_LEN + 1];

	clock_id(s->env->clock, id);
	clock_format(clock_wall_ms(s->env->clock), time);
	e->id = arena_str(&s->arena, str_from(id));
	e->time = arena_str(&s->arena, str_from(time));
}

/* The present value is the wanted one. With an entry of ours for it, one more owner waits for its end. */
static bool is_joined(struct session *s, const struct edit_entry *e)
{
	bool is_ours = false;

	for (size_t i = 0; i < s->journal.list.n; i++) {
		const struct edit_entry *other = &s->journal.list.v[i];

		if (!edit_entry_has_key(other, e->file, e->format, e->path))
			continue;
		if (edit_owner_eq(other->owner, e->owner) && str_eq(other->agent, e->agent) &&
			str_eq(other->scope, e->scope))
			return false; /* it waits already */
		is_ours = true;
	}
	return is_ours;
}

static enum err add_entry(
	struct session *s, struct plan_file *f, struct edit_entry *e, struct edit_bytes now)
{
	e->is_file_made = !f->now.is_there;
	if (e->is_file_made)
		e->dirs_made = session_missing_dirs(s, f->real);
	TRY(edit_entry_set_diff(&s->arena, e, f->now, now, s->cx));
	name_entry(s, e);
	f->now = now;
	f->last_entry = s->journal.list.n;
	(void)journal_add(&s->journal, e);
	return E_OK;
}

static enum err check_new_text(
	const struct plan_file *f, const struct edit *edit, struct errctx *cx)
{
	if (edit->format == &edit_format_text && f->now.is_there &&
		!str_eq(f->now.text, edit->literal))
		FAIL(cx, E_CONFIG, "%s: is there already, with something else in it", f->real);
	return E_OK;
}

static enum err make_edit(struct session *s, struct plan *p, const struct edit *edit,
	struct plan_file *f, struct errctx *cx)
{
	struct edit_set set = {
		.format = edit->format, .path = edit->path, .literal = edit->literal};
	struct edit_entry e = {.agent = edit->agent,
		.scope = edit->scope,
		.file = str_from(f->real),
		.format = edit->format,
		.path = edit->path,
		.owner = p->owner};
	struct edit_change c;
	enum err old;

	TRY(check_new_text(f, edit, cx));
	TRY(edit_set(&s->arena, f->now.text, &set, &c, cx));
	e.new = c.literal;
	e.kept = c.kept;
	old = edit_get(&s->arena, edit->format, f->now.text, edit->path, &e.old, cx);
	e.has_old = f->now.is_there && old == E_OK;
	if (!e.has_old)
		e.old = STR("");
	if (old && old != E_NOT_FOUND)
		return old;
	if (e.has_old && edit_same_value(&s->arena, e.format, e.old, e.new)) {
		e.new = e.old;
		e.kept = e.path.n;
		if (!is_joined(s, &e)) {
			session_tell(s, EDIT_THERE, &e, NULL);
			return E_OK;
		}
		session_tell(s, EDIT_JOINED, &e, NULL);
		return add_entry(s, f, &e, f->now);
	}
	return add_entry(s, f, &e, (struct edit_bytes){true, c.text});
}

enum err plan_make(struct session *s, struct plan *p)
{
	p->entries_before = s->journal.list.n;
	for (size_t i = 0; i < p->n; i++) {
		struct errctx cx = {0};
		struct plan_file *f;

		TRY(find_file(s, p, &p->edits[i], &f));
		if (make_edit(s, p, &p->edits[i], f, &cx)) {
			if (!str_starts(str_from(cx.text), str_from(f->real)))
				(void)err_prefix(&cx, "%s", f->real);
			return err_set(s->cx, cx.code, "%s", cx.text);
		}
	}
	return E_OK;
}
