/* The files of an agent: read where they are, changed when the store is written, and not when somebody else was there first. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/file_edit.h"
#include "core/memory/sync_internal.h"

#define HEADING "## Headroom Shared Memory"

enum err sync_find_root(struct sync *s, struct errctx *cx)
{
	const char *dir = file_edit_dir(s->arena, s->conf->path);
	char resolved[PATH_MAX];

	if (*s->conf->path != '/')
		FAIL(cx, E_CONFIG, "%s: not an absolute path", s->conf->path);
	s->root = realpath(dir, resolved) ? arena_cstr(s->arena, str_from(resolved)) : dir;
	return E_OK;
}

/* The name of a file of the directory with links followed. What comes with a repository is not to lead to other files. */
static enum err find_inside(
	const struct sync *s, const char *path, const char **real, struct errctx *cx)
{
	str rest;

	TRY(file_edit_real(s->arena, path, real, cx));
	rest = str_from(*real);
	if (!str_take(&rest, str_from(s->root)) || !str_starts(rest, STR("/")))
		FAIL(cx, E_CONFIG, "%s: a link out of its directory, to %s", path, *real);
	return E_OK;
}

/* Of a regular file alone: to open a pipe would wait for somebody to write to it. */
static enum err read_regular(const char *real, struct buf *out, struct errctx *cx)
{
	int fd = open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char text[FILE_ERRNO_TEXT];
	struct stat st;
	enum err e;

	if (fd < 0)
		FAIL(cx, file_err(errno), "cannot open %s: %s", real, file_err_text(errno, text));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		e = err_set(cx, E_CONFIG, "%s: not a regular file", real);
	else
		e = file_read_fd(fd, real, out, cx);
	(void)close(fd);
	return e;
}

enum err sync_load(struct sync *s, const char *path, str *out, bool *is_there, struct errctx *cx)
{
	const char *real;
	struct buf in;
	enum err e;

	*out = STR("");
	TRY(find_inside(s, path, &real, cx));
	buf_init(&in, SYNC_FILE_MAX);
	e = read_regular(real, &in, cx);
	*is_there = e == E_OK;
	if (!e)
		*out = arena_str(s->arena, buf_str(&in));
	buf_release(&in);
	return e == E_NOT_FOUND ? E_OK : e;
}

void sync_plan(struct sync *s, const struct sync_change *change)
{
	if (change->is_removed || !str_eq(change->was, change->text))
		*vec_push(&s->changes, s->arena) = *change;
}

static enum err apply_one(
	const struct sync *s, const struct sync_change *c, struct buf *scratch, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];
	const char *real;

	TRY(find_inside(s, c->path, &real, cx));
	TRY(file_edit_same(real, c->was_there, c->was, scratch, cx));
	if (!c->is_removed) {
		TRY(file_mkdirs(file_edit_dir(s->arena, real), 0700, cx));
		return file_write_atomic(real, c->text, 0600, cx);
	}
	if (unlink(c->path) != 0 && errno != ENOENT)
		FAIL(cx, file_err(errno), "cannot remove %s: %s", c->path,
			file_err_text(errno, text));
	return E_OK;
}

enum err sync_apply(struct sync *s, struct errctx *cx)
{
	enum err e = E_OK;

	for (size_t i = 0; i < s->changes.n && !e; i++) {
		struct errctx why = {0};
		struct buf scratch;

		buf_init(&scratch, SYNC_FILE_MAX);
		e = apply_one(s, &s->changes.v[i], &scratch, &why);
		buf_release(&scratch);
		if (e == E_BUSY || e == E_TOO_BIG) { /* the next time */
			s->counts->busy++;
			e = E_OK;
		}
		if (e)
			e = err_set(cx, e, "%s", why.text);
	}
	return e;
}

/* ---- blocks ---- */

struct block {
	size_t from, lines, end,
		until; /* of the first comment, behind it, of the last, behind it */
};

static bool find(str text, struct block *out)
{
	size_t from = str_find(text, STR(SYNC_START)), end;

	if (from == STR_NONE)
		return false;
	out->from = from;
	out->lines = from + strlen(SYNC_START);
	end = str_find(str_sub(text, out->lines, text.n), STR(SYNC_END));
	out->end = end == STR_NONE ? STR_NONE : out->lines + end;
	out->until = end == STR_NONE ? STR_NONE : out->end + strlen(SYNC_END);
	return true;
}

enum err sync_block_find(const char *path, str text, str *lines, bool *has, struct errctx *cx)
{
	struct block b;

	*lines = STR_NULL;
	*has = find(text, &b);
	if (!*has)
		return E_OK;
	if (b.end == STR_NONE)
		FAIL(cx, E_CONFIG,
			"%s: " SYNC_START " without " SYNC_END " behind it: put it there, or take "
			"the rest of the block away",
			path);
	*lines = str_sub(text, b.lines, b.end);
	return E_OK;
}

/* Without the block, and what was put around it. */
static str cut(struct sync *s, str text, struct block b)
{
	struct buf out;

	b.until += b.until < text.n && text.p[b.until] == '\n';
	b.from -= b.from >= 2 && text.p[b.from - 1] == '\n' && text.p[b.from - 2] == '\n';
	buf_init_arena(&out, s->arena, LIMIT_INPUT);
	buf_add(&out, str_sub(text, 0, b.from));
	buf_add(&out, str_sub(text, b.until, text.n));
	return buf_str(&out);
}

static str put(struct sync *s, str text, str lines)
{
	struct block old = {.from = text.n, .until = text.n}, other;
	bool has = find(text, &old);
	struct buf b;

	if (!has && !lines.n)
		return text;
	if (!lines.n) {
		str without = cut(s, text, old);

		/* Another beginning, somebody's own, would count for ours the next time. */
		if (!find(without, &other))
			return without;
	}
	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_add(&b, str_sub(text, 0, old.from));
	if (!has && text.n)
		buf_add_c(&b, str_ends(text, STR("\n")) ? "\n" : "\n\n");
	buf_printf(&b, SYNC_START "\n" HEADING "\n" STR_FMT SYNC_END, STR_ARG(lines));
	if (!has)
		buf_add_byte(&b, '\n');
	buf_add(&b, str_sub(text, old.until, text.n));
	return buf_str(&b);
}

enum err sync_block_plan(struct sync *s, struct sync_change *change, str lines, struct errctx *cx)
{
	change->text = put(s, change->was, lines);
	if (change->text.n > SYNC_FILE_MAX)
		FAIL(cx, E_TOO_BIG, "%s: with a block of memories larger than %d KB", change->path,
			SYNC_FILE_MAX >> 10);
	sync_plan(s, change);
	return E_OK;
}
