#include "wrap/edit/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
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

/* ---- names ---- */

static const char *dir_of(struct arena *a, const char *path)
{
	str s = str_from(path);
	size_t slash = str_rfind_byte(s, '/');

	return slash == 0 || slash == STR_NONE ? "/" : arena_cstr(a, str_sub(s, 0, slash));
}

enum err session_real_path(
	struct session *s, const char *path, const char **real, struct errctx *cx)
{
	char resolved[PATH_MAX];
	const char *dir, *name;
	struct stat st;

	if (path[0] != '/' || path[1] == '\0')
		FAIL(cx, E_CONFIG, "%s: not an absolute path of a file", path);
	if (realpath(path, resolved)) {
		*real = arena_cstr(&s->arena, str_from(resolved));
		return E_OK;
	}
	if (errno != ENOENT)
		FAIL(cx, file_err(errno), "cannot open %s: %s", path,
			file_err_text(errno, resolved));
	if (lstat(path, &st) == 0)
		FAIL(cx, E_CONFIG, "%s: a link to something that is not there", path);
	dir = dir_of(&s->arena, path);
	name = path + str_rfind_byte(str_from(path), '/') + 1;
	if (realpath(dir, resolved))
		dir = arena_cstr(&s->arena, str_from(resolved));
	*real = arena_cstr(&s->arena,
		arena_printf(&s->arena, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name));
	return E_OK;
}

uint64_t session_missing_dirs(struct session *s, const char *real)
{
	const char *dir = dir_of(&s->arena, real);
	struct stat st;
	uint64_t n = 0;

	for (; stat(dir, &st) != 0 && strcmp(dir, "/") != 0; n++)
		dir = dir_of(&s->arena, dir);
	return n;
}

/* ---- files ---- */

enum err session_read(
	struct session *s, const char *real, struct edit_bytes *out, struct errctx *cx)
{
	struct stat st;
	enum err e;

	*out = (struct edit_bytes){.text = STR("")};
	if (stat(real, &st) == 0 && !S_ISREG(st.st_mode))
		FAIL(cx, E_CONFIG, "%s: not a regular file", real);
	e = journal_read_file(&s->journal, real, LIMIT_CONFIG_FILE, &out->text, cx);
	if (e == E_NOT_FOUND)
		return E_OK;
	TRY(e);
	/* The superuser could write it, and the rename would succeed for others too; who took the permission away meant it. */
	if ((st.st_mode & 0222) == 0 || access(real, W_OK) != 0)
		FAIL(cx, E_PERMISSION, "%s: the file is read-only", real);
	out->is_there = true;
	return E_OK;
}

/* Allocates from the heap alone: it is called with the temporary file open, which a jump would leave behind. */
static enum err check_unchanged(struct session *s, const struct session_write *w, struct errctx *cx)
{
	struct buf *b = &s->journal.scratch;
	struct errctx read_cx = {0};
	enum err e;

	buf_reset(b);
	e = file_read(w->real, b, &read_cx);
	if (e && e != E_NOT_FOUND)
		FAIL(cx, e, "%s", read_cx.text);
	if ((e == E_OK) != w->from.is_there || !str_eq(buf_str(b), w->from.text))
		FAIL(cx, E_BUSY, "%s: something else has changed it just now, try again", w->real);
	return E_OK;
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

/* Takes away the directories that were made for the file, unless there is something in them. */
static void remove_dirs(struct session *s, const struct edit_entry *e)
{
	const char *dir = arena_cstr(&s->arena, e->file);

	for (uint64_t i = 0; i < e->dirs_made; i++) {
		dir = dir_of(&s->arena, dir);
		if (rmdir(dir) != 0 && errno != ENOENT)
			return;
	}
}

static enum err remove_file(struct session *s, const struct session_write *w, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];

	TRY(check_unchanged(s, w, cx));
	if (unlink(w->real) != 0 && errno != ENOENT)
		FAIL(cx, file_err(errno), "cannot remove %s: %s", w->real,
			file_err_text(errno, text));
	sync_dir(dir_of(&s->arena, w->real));
	session_step(s, EDIT_STEP_FILE);
	remove_dirs(s, w->entry);
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
		TRY(file_mkdirs(
			dir_of(&s->arena, w->real), 0700 | (mode & 044) | (mode & 044) >> 2, cx));
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
		remove_dirs(s, e);
}
