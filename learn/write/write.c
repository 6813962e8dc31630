#include "learn/write/write.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/file_edit.h"
#include "core/base/limits.h"
#include "core/base/lines.h"
#include "core/base/udiff.h"

/* A memory file of a project is read by whoever has the project; the agent's own is in a directory of mode 0700. */
enum { FILE_MODE = 0644, DIR_MODE = 0755 };

void write_init(struct write_job *j)
{
	arena_init(&j->arena);
	buf_init(&j->scratch, LIMIT_CONFIG_FILE);
}

void write_release(struct write_job *j)
{
	arena_release(&j->arena);
	buf_release(&j->scratch);
}

/* ---- the text ------------------------------------------------------------------------------------ */

static enum err read_text(struct write_job *j, struct write_file *f, struct errctx *cx)
{
	enum err e;

	f->before = STR("");
	TRY(file_edit_real(&j->arena, f->target.path, &f->real, cx));
	TRY(file_edit_check(f->real, &f->was_there, cx));
	buf_reset(&j->scratch);
	e = file_read(f->real, &j->scratch, cx);
	f->was_there = e == E_OK;
	if (e == E_NOT_FOUND)
		e = E_OK;
	if (!e && f->was_there)
		f->before = arena_str(&j->arena, buf_str(&j->scratch));
	f->after = f->before;
	f->is_there = f->was_there;
	return e;
}

enum err write_read(
	struct write_job *j, const struct target *target, struct write_file *out, struct errctx *cx)
{
	*out = (struct write_file){.target = *target};
	TRY(read_text(j, out, cx));
	if (block_parse(&j->arena, out->before, &out->block, cx))
		return err_prefix(cx, "%s", out->real);
	return E_OK;
}

static bool ends_with_blank_line(str text)
{
	size_t last;

	if (text.n <= lines_bom(text))
		return true;
	if (text.p[text.n - 1] != '\n')
		return false;
	last = lines_start(text, text.n - 1);
	return lines_end(text, last) == last;
}

/* Behind what is there, with a blank line between. */
static void append(struct write_job *j, struct write_file *f, struct buf *out)
{
	str text = f->was_there ? f->before : f->target.preamble;
	str eol = lines_eol(text, text.n);
	struct block *b = &f->block;

	if (!f->was_there) {
		uint64_t dirs = file_edit_missing_dirs(&j->arena, f->real);

		b->is_file_made = true;
		b->dirs_made = dirs > BLOCK_DIRS_MAX ? BLOCK_DIRS_MAX : (unsigned)dirs;
	}
	b->joined = 0;
	if (!ends_with_blank_line(text))
		b->joined = text.p[text.n - 1] == '\n' ? 1 : 2;
	buf_add(out, text);
	for (unsigned i = 0; i < b->joined; i++)
		buf_add(out, eol);
	block_print(b, eol, out);
	buf_add(out, eol);
}

static enum err make_text(struct write_job *j, struct write_file *f, struct errctx *cx)
{
	struct buf b;

	buf_init_arena(&b, &j->arena, LIMIT_CONFIG_FILE);
	if (f->block.is_there) {
		buf_add(&b, str_sub(f->before, 0, f->block.start));
		block_print(&f->block, lines_eol(f->before, f->block.start), &b);
		buf_add(&b, str_sub(f->before, f->block.end, f->before.n));
	} else {
		append(j, f, &b);
	}
	if (b.err)
		FAIL(cx, b.err, "%s: %s", f->real, err_text(b.err));
	f->after = buf_str(&b);
	f->is_there = true;
	return E_OK;
}

static bool has_something(const struct block *b)
{
	for (size_t i = 0; i < b->sections.n; i++)
		if (b->sections.v[i].lines.n)
			return true;
	return b->gone.n != 0;
}

/* Takes the block out of the text, with what was put in front of it when nothing stands behind. */
static void take_out(struct write_job *j, struct write_file *f)
{
	size_t start = f->block.start, end = lines_next(f->before, f->block.end);
	struct buf b;

	if (end == f->before.n)
		for (unsigned i = 0; i < f->block.joined && start; i++) {
			if (f->before.p[start - 1] != '\n')
				break;
			start -= start > 1 && f->before.p[start - 2] == '\r' ? 2 : 1;
		}
	buf_init_arena(&b, &j->arena, LIMIT_CONFIG_FILE);
	buf_add(&b, str_sub(f->before, 0, start));
	buf_add(&b, str_sub(f->before, end, f->before.n));
	f->after = b.n ? buf_str(&b) : STR("");
	f->is_there = !f->block.is_file_made || (!str_eq(str_trim(f->after), STR("")) &&
							!str_eq(f->after, f->target.preamble));
	if (!f->is_there)
		f->after = STR("");
}

/* ---- plans --------------------------------------------------------------------------------------- */

enum err write_plan_removal(
	struct write_job *j, const struct target *target, struct write_file *out, struct errctx *cx)
{
	TRY(write_read(j, target, out, cx));
	if (out->block.is_there)
		take_out(j, out);
	return E_OK;
}

enum err write_plan_reset(
	struct write_job *j, const struct target *target, struct write_file *out, struct errctx *cx)
{
	TRY(write_read(j, target, out, cx));
	if (!out->block.gone.n)
		return E_OK;
	out->block.gone.n = 0;
	if (has_something(&out->block))
		return make_text(j, out, cx);
	take_out(j, out);
	return E_OK;
}

/* A block of older versions moves once, with all that is in it, when there is none here yet. */
static enum err take_legacy(
	struct write_job *j, const struct target *legacy, struct write_file *out, struct errctx *cx)
{
	struct write_file *old;

	if (!legacy->path || out->block.is_there)
		return E_OK;
	old = arena_new(&j->arena, struct write_file);
	TRY(write_plan_removal(j, legacy, old, cx));
	if (!old->block.is_there || strcmp(old->real, out->real) == 0)
		return E_OK;
	out->moved = old;
	out->block.sections = old->block.sections;
	out->block.gone = old->block.gone;
	return E_OK;
}

enum err write_plan(struct write_job *j, const struct write_conf *conf, const struct target *target,
	const struct rule *rules, size_t n, struct write_file *out, struct errctx *cx)
{
	struct merge_conf merge = {conf->now_ms, conf->with_context, conf->with_habits};

	TRY(write_read(j, target, out, cx));
	TRY(take_legacy(j, &conf->legacy, out, cx));
	merge_rules(&j->arena, &merge, rules, n, &out->block, &out->merge);
	if (has_something(&out->block))
		return make_text(j, out, cx);
	if (out->block.is_there)
		take_out(j, out);
	return E_OK;
}

/* ---- out ----------------------------------------------------------------------------------------- */

bool write_is_change(const struct write_file *f)
{
	return f->was_there != f->is_there || !str_eq(f->before, f->after) ||
	       (f->moved && write_is_change(f->moved));
}

void write_show(struct write_job *j, const struct write_file *f, struct buf *out)
{
	struct udiff d = {.old_name = f->was_there ? str_from(f->real) : STR("/dev/null"),
		.new_name = f->is_there ? str_from(f->real) : STR("/dev/null"),
		.before = f->before,
		.after = f->after};

	if (f->moved)
		write_show(j, f->moved, out);
	udiff_add(&j->arena, &d, out);
}

static enum err remove_file(struct write_job *j, const struct write_file *f, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];

	TRY(file_edit_same(f->real, true, f->before, &j->scratch, cx));
	if (unlink(f->real) != 0 && errno != ENOENT)
		FAIL(cx, file_err(errno), "cannot remove %s: %s", f->real,
			file_err_text(errno, text));
	file_edit_remove_dirs(&j->arena, f->real, f->block.dirs_made);
	return E_OK;
}

static enum err replace_file(struct write_job *j, const struct write_file *f, struct errctx *cx)
{
	struct file_replace r;
	enum err e;

	if (!f->was_there)
		TRY(file_mkdirs(file_edit_dir(&j->arena, f->real),
			f->target.kind == TARGET_MEMORY ? 0700 : DIR_MODE, cx));
	TRY(file_replace_open(&r, f->real, cx));
	e = file_replace_write(&r, f->after, cx);
	if (!e)
		e = file_edit_same(f->real, f->was_there, f->before, &j->scratch, cx);
	if (e) {
		file_replace_abort(&r);
		return e;
	}
	return file_replace_commit(&r, FILE_MODE, cx);
}

enum err write_apply(struct write_job *j, const struct write_file *f, struct errctx *cx)
{
	/* The new place first: should the second write fail, the lines are there twice and not gone. */
	if (f->is_there && (!f->was_there || !str_eq(f->before, f->after)))
		TRY(replace_file(j, f, cx));
	if (!f->is_there && f->was_there)
		TRY(remove_file(j, f, cx));
	return f->moved ? write_apply(j, f->moved, cx) : E_OK;
}
