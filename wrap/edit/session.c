#include "wrap/edit/session.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/file_edit.h"
#include "core/base/limits.h"

/* Apart from session_run, so that nothing it needs afterwards lives in the frame that is jumped into. */
static enum err run_in_arena(struct session *s, bool is_locked, enum err (*run)(struct session *s))
{
	if (arena_recover(&s->arena))
		FAIL(s->cx, E_NOMEM, "out of memory");
	if (is_locked)
		TRY(journal_open(
			&s->journal, &s->arena, s->env->workspace, s->env->wait_ms, s->cx));
	s->journal.arena = &s->arena;
	session_step(s, EDIT_STEP_LOCKED);
	TRY(run(s));
	session_step(s, EDIT_STEP_DONE);
	return E_OK;
}

enum err session_run(struct session *s, bool is_locked, enum err (*run)(struct session *s))
{
	enum err e;

	arena_init(&s->arena);
	journal_init(&s->journal);
	e = run_in_arena(s, is_locked, run);
	arena_end_recover(&s->arena);
	journal_close(&s->journal);
	arena_release(&s->arena);
	return e;
}

void session_step(const struct session *s, enum edit_step step)
{
	if (s->env->at_step)
		s->env->at_step(s->env->self, step);
}

void session_tell(
	struct session *s, enum edit_result result, const struct edit_entry *e, const char *text)
{
	struct edit_outcome o = {.result = result,
		.agent = e->agent,
		.scope = e->scope,
		.file = e->file,
		.key = edit_path_text(&s->arena, e->path),
		.text = text};

	if (s->listener.tell)
		s->listener.tell(s->listener.self, &o);
}

/* ---- files ---- */

enum err session_real_path(
	struct session *s, const char *path, const char **real, struct errctx *cx)
{
	return file_edit_real(&s->arena, path, real, cx);
}

uint64_t session_missing_dirs(struct session *s, const char *real)
{
	return file_edit_missing_dirs(&s->arena, real);
}

enum err session_read(
	struct session *s, const char *real, struct edit_bytes *out, struct errctx *cx)
{
	enum err e;

	*out = (struct edit_bytes){.text = STR("")};
	TRY(file_edit_check(real, &out->is_there, cx));
	e = journal_read_file(&s->journal, real, LIMIT_CONFIG_FILE, &out->text, cx);
	out->is_there = e == E_OK;
	return e == E_NOT_FOUND ? E_OK : e;
}

static enum err check_unchanged(struct session *s, const struct session_write *w, struct errctx *cx)
{
	return file_edit_same(w->real, w->from.is_there, w->from.text, &s->journal.scratch, cx);
}

static void sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(
		fd); /* an undo that a power cut takes back is done again by the next recovery */
	(void)close(fd);
}

static enum err remove_file(struct session *s, const struct session_write *w, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];

	TRY(check_unchanged(s, w, cx));
	if (unlink(w->real) != 0 && errno != ENOENT)
		FAIL(cx, file_err(errno), "cannot remove %s: %s", w->real,
			file_err_text(errno, text));
	sync_dir(file_edit_dir(&s->arena, w->real));
	session_step(s, EDIT_STEP_FILE);
	file_edit_remove_dirs(&s->arena, w->real, w->entry->dirs_made);
	return E_OK;
}

enum err session_write(struct session *s, const struct session_write *w, struct errctx *cx)
{
	const char *suffix = edit_temp_suffix(&s->arena, w->entry->id);
	mode_t mode = w->mode ? w->mode : 0600;
	struct file_replace r;
	enum err e;

	if (edit_bytes_eq(w->from, w->to))
		return E_OK;
	if (!w->to.is_there)
		return remove_file(s, w, cx);
	if (w->entry->dirs_made)
		TRY(file_mkdirs(file_edit_dir(&s->arena, w->real),
			0700 | (mode & 044) | (mode & 044) >> 2, cx));
	TRY(file_replace_open_as(&r, w->real, suffix, cx));
	e = file_replace_write(&r, w->to.text, cx);
	session_step(s, EDIT_STEP_TEMP);
	if (!e)
		e = check_unchanged(s, w, cx);
	if (e) {
		file_replace_abort(&r);
		return e;
	}
	TRY(file_replace_commit(&r, mode, cx));
	session_step(s, EDIT_STEP_FILE);
	return E_OK;
}

void session_sweep(struct session *s, const struct edit_entry *e)
{
	const char *suffix = edit_temp_suffix(&s->arena, e->id);
	const char *temp = arena_cstr(
		&s->arena, arena_printf(&s->arena, STR_FMT "%s", STR_ARG(e->file), suffix));

	(void)unlink(temp);
	if (access(arena_cstr(&s->arena, e->file), F_OK) != 0)
		file_edit_remove_dirs(&s->arena, arena_cstr(&s->arena, e->file), e->dirs_made);
}
