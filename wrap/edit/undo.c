#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "wrap/edit/session.h"

/* The entries of one file, oldest first, and the one of them that is to go. */
struct chain {
	size_t *at; /* indices in the journal */
	size_t n, gone;
	const char *real;
	struct edit_bytes text; /* what is there now */
};

struct undo {
	const struct edit_filter *filter;
	enum err first; /* error of an entry that could not be undone */
	struct errctx first_cx;
};

static struct edit_entry *link_of(struct session *s, const struct chain *c, size_t i)
{
	return &s->journal.list.v[c->at[i]];
}

static enum err load_chain(struct session *s, size_t entry, struct chain *c, struct errctx *cx)
{
	const struct journal *j = &s->journal;

	*c = (struct chain){.at = arena_array(&s->arena, size_t, j->list.n)};
	c->real = arena_cstr(&s->arena, j->list.v[entry].file);
	for (size_t i = 0; i < j->list.n; i++) {
		if (j->list.v[i].raw.n || !str_eq(j->list.v[i].file, j->list.v[entry].file))
			continue;
		if (i == entry)
			c->gone = c->n;
		c->at[c->n++] = i;
	}
	return session_read(s, c->real, &c->text, cx);
}

/* ---- entries that never reached the file ---- */

/* How many links of the chain, from its newest end, are not in the file: a process was killed between journal and file, or
 * the user has put the file back. Only when the links are unbroken: else the bytes of a state prove nothing about those
 * behind it. */
static size_t count_unmade(struct session *s, const struct chain *c)
{
	str now = edit_bytes_hash(&s->arena, c->text);
	size_t i = c->n;

	if (i && str_eq(link_of(s, c, i - 1)->after, now))
		return 0;
	while (i-- > 0) {
		if (str_eq(link_of(s, c, i)->before, now))
			return c->n - i;
		if (i > 0 && !str_eq(link_of(s, c, i)->before, link_of(s, c, i - 1)->after))
			return 0;
	}
	return 0;
}

static enum err drop_unmade(struct session *s, const struct chain *c, size_t n)
{
	for (size_t i = c->n; i-- > c->n - n;) {
		session_sweep(s, link_of(s, c, i));
		session_tell(s, EDIT_GONE, link_of(s, c, i), NULL);
		journal_remove(&s->journal, c->at[i]);
	}
	return journal_save(&s->journal, s->cx);
}

/* ---- by value ---- */

/* The file without entry e, which somebody has changed since. */
static enum err undo_value(struct session *s, const struct edit_entry *e, struct edit_bytes now,
	struct edit_bytes *out, enum edit_result *result, struct errctx *cx)
{
	struct arena *a = &s->arena;
	struct edit_set set = {
		.format = e->format, .path = e->path, .literal = e->old, .is_exact = true};
	struct edit_change change;
	enum err err;
	str value;

	*out = now;
	*result = EDIT_GONE;
	err = now.is_there ? edit_get(a, e->format, now.text, e->path, &value, cx) : E_NOT_FOUND;
	if (err == E_NOT_FOUND)
		return E_OK;
	TRY(err);
	if (!edit_same_value(a, e->format, value, e->new)) {
		if (!e->has_old || !edit_same_value(a, e->format, value, e->old))
			*result = EDIT_CHANGED;
		return E_OK;
	}
	*result = EDIT_UNDONE;
	if (e->has_old) {
		TRY(edit_set(a, now.text, &set, &change, cx));
		out->text = change.text;
		return E_OK;
	}
	if (e->path.n == 0) { /* a whole file of ours */
		*out = (struct edit_bytes){false, STR("")};
		return E_OK;
	}
	TRY(edit_remove(a, e->format, now.text, e->path, e->kept, &out->text, cx));
	if (e->is_file_made && edit_is_empty(a, e->format, out->text))
		*out = (struct edit_bytes){false, STR("")};
	return E_OK;
}

/* What entry gone has made goes over to those that still use it: containers, the file, directories. */
static void bequeath(struct session *s, const struct chain *c)
{
	const struct edit_entry *e = link_of(s, c, c->gone);

	for (size_t i = 0; i < c->n; i++) {
		struct edit_entry *other = link_of(s, c, i);
		size_t same = 0;

		if (i == c->gone)
			continue;
		while (same < e->path.n && same < other->path.n && e->format == other->format &&
			str_eq(e->path.part[same], other->path.part[same]))
			same++;
		if (same > e->kept && other->kept > e->kept)
			other->kept = e->kept;
		if (e->is_file_made) {
			other->is_file_made = true;
			other->dirs_made = e->dirs_made;
		}
	}
}

/* The next newer entry of the same key; c->n when there is none. */
static size_t find_heir(struct session *s, const struct chain *c)
{
	const struct edit_entry *e = link_of(s, c, c->gone);
	size_t i = c->gone + 1;

	while (i < c->n && !edit_entry_has_key(link_of(s, c, i), e->file, e->format, e->path))
		i++;
	return i;
}

/* ---- exactly ---- */

/* What the file was directly after entry gone, by taking the newer ones back. False when it has been changed since. */
static bool unwind(struct session *s, const struct chain *c, struct edit_bytes *out)
{
	*out = c->text;
	for (size_t i = c->n; i-- > c->gone + 1;)
		if (!edit_entry_reverse(&s->arena, link_of(s, c, i), *out, out))
			return false;
	return true;
}

/* An entry made anew on other bytes. */
static enum err make_again(struct session *s, const struct edit_entry *e, struct edit_bytes *now,
	struct edit_entry *out, struct errctx *cx)
{
	struct arena *a = &s->arena;
	struct edit_set set = {
		.format = e->format, .path = e->path, .literal = e->new, .is_exact = true};
	struct edit_change change;
	struct edit_bytes next;

	*out = *e;
	out->has_old =
		now->is_there && edit_get(a, e->format, now->text, e->path, &out->old, cx) == E_OK;
	if (!out->has_old)
		out->old = STR("");
	if (out->has_old && str_eq(out->old, e->new)) {
		out->kept = e->path.n;
		next = *now;
	} else {
		TRY(edit_set(a, now->text, &set, &change, cx));
		out->kept = change.kept;
		next = (struct edit_bytes){true, change.text};
	}
	out->is_file_made = !now->is_there;
	TRY(edit_entry_set_diff(a, out, *now, next, cx));
	*now = next;
	return E_OK;
}

/* Puts the entries behind gone on `below` instead, gone itself on top of them as the bare difference to what is in the file:
 * the journal is true before and after, and gone is the newest then. False when that cannot be. */
static bool commute(struct session *s, struct chain *c, struct edit_bytes below)
{
	struct edit_entry *v = arena_array(&s->arena, struct edit_entry, c->n);
	struct edit_entry gone = *link_of(s, c, c->gone);
	struct errctx cx = {0};
	size_t n = 0;

	for (size_t i = c->gone + 1; i < c->n; i++, n++) {
		if (make_again(s, link_of(s, c, i), &below, &v[n], &cx))
			return false;
		if (gone.is_file_made && n == 0)
			v[n].dirs_made = gone.dirs_made;
	}
	if (edit_entry_set_diff(&s->arena, &gone, below, c->text, &cx))
		return false;
	for (size_t i = 0; i < n; i++)
		*link_of(s, c, c->gone + i) = v[i];
	*link_of(s, c, c->n - 1) = gone;
	c->gone = c->n - 1;
	return true;
}

static enum err remove_entry(
	struct session *s, const struct chain *c, enum edit_result result, struct errctx *cx)
{
	struct edit_entry e = *link_of(s, c, c->gone);

	session_sweep(s, &e);
	journal_remove(&s->journal, c->at[c->gone]);
	TRY(journal_save(&s->journal, cx));
	session_step(s, EDIT_STEP_JOURNAL);
	session_tell(s, result, &e, NULL);
	return E_OK;
}

static enum err write_and_remove(
	struct session *s, const struct chain *c, struct edit_bytes to, struct errctx *cx)
{
	struct edit_entry e = *link_of(s, c, c->gone);
	struct session_write w = {.real = c->real, .entry = &e, .from = c->text, .to = to};

	TRY(session_write(s, &w, cx));
	return remove_entry(s, c, EDIT_UNDONE, cx);
}

/* The file has been changed since: no entry but this one is touched. */
static enum err undo_in_changed_file(struct session *s, const struct chain *c, struct errctx *cx)
{
	const struct edit_entry *e = link_of(s, c, c->gone);
	size_t heir = find_heir(s, c);
	enum edit_result result;
	struct edit_bytes to;

	if (heir < c->n) {
		struct edit_entry *h = link_of(s, c, heir);

		h->has_old = e->has_old;
		h->old = e->old;
		bequeath(s, c);
		h->kept = e->kept;
		return remove_entry(s, c, EDIT_SHARED, cx);
	}
	TRY(undo_value(s, e, c->text, &to, &result, cx));
	bequeath(s, c);
	if (result != EDIT_UNDONE)
		return remove_entry(s, c, result, cx);
	return write_and_remove(s, c, to, cx);
}

static enum err undo_entry(struct session *s, size_t entry, struct errctx *cx)
{
	struct edit_bytes base, to;
	enum edit_result result = EDIT_UNDONE;
	struct chain c;
	size_t unmade;

	TRY(load_chain(s, entry, &c, cx));
	unmade = count_unmade(s, &c);
	if (unmade) {
		bool is_done = c.gone >= c.n - unmade;

		TRY(drop_unmade(s, &c, unmade));
		if (is_done)
			return E_OK;
		TRY(load_chain(s, entry, &c, cx));
	}
	if (!unwind(s, &c, &base))
		return undo_in_changed_file(s, &c, cx);
	if (!edit_entry_reverse(&s->arena, link_of(s, &c, c.gone), base, &to))
		TRY(undo_value(s, link_of(s, &c, c.gone), base, &to, &result, cx));
	if (result != EDIT_UNDONE) {
		bequeath(s, &c);
		return remove_entry(s, &c, result, cx);
	}
	if (c.gone + 1 < c.n) {
		if (!commute(s, &c, to))
			return undo_in_changed_file(s, &c, cx);
		TRY(journal_save(&s->journal, cx));
		session_step(s, EDIT_STEP_JOURNAL);
		if (!edit_entry_reverse(&s->arena, link_of(s, &c, c.gone), c.text, &to))
			FAIL(cx, E_INTERNAL, "%s: the journal does not lead back", c.real);
	}
	return write_and_remove(s, &c, to, cx);
}

/* ---- which ---- */

static bool is_wanted(const struct edit_filter *f, const struct edit_entry *e)
{
	if (e->raw.n || (f->agent.n && !str_eq(f->agent, e->agent)) ||
		(f->scope.n && !str_eq(f->scope, e->scope)) || (f->id.n && !str_eq(f->id, e->id)))
		return false;
	if (f->owner && !edit_owner_eq(*f->owner, e->owner))
		return false;
	return !f->only_stale || !edit_owner_is_alive(e->owner);
}

/* The entry of this id; STR_NONE when it has gone with another. */
static size_t find_id(const struct journal *j, str id)
{
	for (size_t i = 0; i < j->list.n; i++)
		if (!j->list.v[i].raw.n && str_eq(j->list.v[i].id, id))
			return i;
	return STR_NONE;
}

static void undo_id(struct session *s, str id)
{
	struct undo *u = s->arg;
	struct errctx cx = {0};
	size_t i = find_id(&s->journal, id);

	if (i == STR_NONE || undo_entry(s, i, &cx) == E_OK)
		return;
	i = find_id(&s->journal, id);
	if (i != STR_NONE) {
		const char *file = arena_cstr(&s->arena, s->journal.list.v[i].file);

		if (!strstr(cx.text, file))
			(void)err_prefix(&cx, "%s", file);
		session_tell(s, EDIT_FAILED, &s->journal.list.v[i], cx.text);
	}
	if (!u->first) {
		u->first = cx.code;
		u->first_cx = cx;
	}
}

static enum err undo_all(struct session *s)
{
	struct undo *u = s->arg;
	VEC(str) ids = {0};

	for (size_t i = s->journal.list.n; i-- > 0;)
		if (is_wanted(u->filter, &s->journal.list.v[i]))
			*vec_push(&ids, &s->arena) = s->journal.list.v[i].id;
	for (size_t i = 0; i < ids.n; i++)
		undo_id(s, ids.v[i]);
	if (u->first)
		FAIL(s->cx, u->first, "%s", u->first_cx.text);
	return E_OK;
}

/* Without one there is nothing to undo, and no reason to make a directory for the lock. */
static bool has_journal(const struct edit_env *env)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/state/edits.jsonl", env->workspace);

	return n < 0 || (size_t)n >= sizeof path || access(path, F_OK) == 0;
}

enum err edit_undo(const struct edit_env *env, const struct edit_filter *filter,
	struct edit_listener listener, struct errctx *cx)
{
	struct undo u = {.filter = filter};
	struct errctx own = {0};
	struct session s = {.env = env, .listener = listener, .cx = cx ? cx : &own, .arg = &u};

	return session_run(&s, true, undo_all);
}

enum err edit_recover(const struct edit_env *env, struct edit_listener listener, struct errctx *cx)
{
	const struct edit_filter stale = {.only_stale = true};

	return edit_undo(env, &stale, listener, cx);
}

static enum err list_all(struct session *s)
{
	for (size_t i = 0; i < s->journal.list.n; i++) {
		const struct edit_entry *e = &s->journal.list.v[i];

		if (e->raw.n)
			continue;
		if (edit_owner_is_alive(e->owner))
			session_tell(s, EDIT_MADE, e, NULL);
		else
			session_tell(s, EDIT_FAILED, e, "whoever made it has ended");
	}
	return E_OK;
}

enum err edit_list(const struct edit_env *env, struct edit_listener listener, struct errctx *cx)
{
	struct errctx own = {0};
	struct session s = {.env = env, .listener = listener, .cx = cx ? cx : &own};

	return has_journal(env) ? session_run(&s, true, list_all) : E_OK;
}
