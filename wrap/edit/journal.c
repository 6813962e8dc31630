#include "wrap/edit/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "wrap/edit/journal_line.h"

enum { LOCK_STEP_MS = 5 };

/* ---- owners ---- */

/* Field 22 of the line; the name in field 2 may hold anything, so fields are counted from its last ')'. */
static uint64_t parse_start(str line)
{
	size_t close = str_rfind_byte(line, ')');
	str rest, part;
	uint64_t start = 0;

	if (close == STR_NONE || close + 2 > line.n)
		return 0;
	rest = str_sub(line, close + 2, line.n);
	for (int field = 3; str_split(&rest, ' ', &part); field++)
		if (field == 22)
			return str_u64(part, &start) ? start : 0;
	return 0;
}

/* 48 bits: a number of JSON that every reader holds exactly. */
static uint64_t place_here(void)
{
	struct utsname name;
	char text[sizeof name.nodename + 32];
	struct stat st;
	int n;

	if (uname(&name) != 0 || stat("/proc/self/ns/pid", &st) != 0)
		return 0;
	n = snprintf(text, sizeof text, "%s/%ju", name.nodename, (uintmax_t)st.st_ino);
	return hash64((str){text, (size_t)n}) >> 16;
}

struct edit_owner edit_owner_of(int64_t pid)
{
	struct edit_owner o = {.pid = pid, .place = place_here()};
	char path[64], line[1024]; /* the line has 52 numbers and a name of 64 bytes at most */
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return o;
	do
		n = read(fd, line, sizeof line);
	while (n < 0 && errno == EINTR);
	(void)close(fd);
	if (n > 0)
		o.start = parse_start((str){line, (size_t)n});
	return o;
}

bool edit_owner_is_alive(struct edit_owner o)
{
	struct edit_owner now;

	if (o.pid == 0 || (o.place != 0 && o.place != place_here()))
		return true;
	if (o.pid < 0 || (pid_t)o.pid != o.pid || (kill((pid_t)o.pid, 0) != 0 && errno == ESRCH))
		return false;
	now = edit_owner_of(o.pid);
	return now.start == 0 || o.start == 0 || now.start == o.start;
}

/* ---- differences ---- */

str edit_bytes_hash(struct arena *a, struct edit_bytes b)
{
	char hex[SHA256_HEX + 1];

	if (!b.is_there)
		return STR("");
	sha256_hex(b.text, hex);
	return arena_str(a, (str){hex, SHA256_HEX});
}

bool edit_bytes_eq(struct edit_bytes x, struct edit_bytes y)
{
	return x.is_there == y.is_there && str_eq(x.text, y.text);
}

static bool is_continuation(str s, size_t i)
{
	return i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80;
}

enum err edit_entry_set_diff(struct arena *a, struct edit_entry *e, struct edit_bytes before,
	struct edit_bytes after, struct errctx *cx)
{
	str x = before.text, y = after.text;
	size_t head = str_common_prefix(x, y), tail;

	while (head > 0 && (is_continuation(x, head) || is_continuation(y, head)))
		head--;
	tail = str_common_suffix(str_sub(x, head, x.n), str_sub(y, head, y.n));
	while (tail > 0 && is_continuation(x, x.n - tail))
		tail--;
	e->at = head;
	e->cut = arena_str(a, str_sub(x, head, x.n - tail));
	e->paste = arena_str(a, str_sub(y, head, y.n - tail));
	e->before = edit_bytes_hash(a, before);
	e->after = edit_bytes_hash(a, after);
	if (utf8_valid_n(e->cut) < e->cut.n || utf8_valid_n(e->paste) < e->paste.n)
		FAIL(cx, E_UNSUPPORTED, STR_FMT ": not UTF-8 where it would be changed",
			STR_ARG(e->file));
	return E_OK;
}

bool edit_entry_reverse(
	struct arena *a, const struct edit_entry *e, struct edit_bytes now, struct edit_bytes *out)
{
	struct buf b;
	size_t end;

	if (!str_eq(edit_bytes_hash(a, now), e->after) || e->at > now.text.n ||
		e->paste.n > now.text.n - e->at)
		return false;
	end = e->at + e->paste.n;
	buf_init_arena(&b, a, now.text.n + e->cut.n);
	buf_add(&b, str_sub(now.text, 0, e->at));
	buf_add(&b, e->cut);
	buf_add(&b, str_sub(now.text, end, now.text.n));
	out->is_there = e->before.n > 0;
	out->text = b.n ? buf_str(&b) : STR("");
	return str_eq(edit_bytes_hash(a, *out), e->before);
}

/* ---- entries ---- */

const char *edit_entry_op(const struct edit_entry *e)
{
	if (e->format == &edit_format_text)
		return "create";
	return e->format == &edit_format_shell || e->format == &edit_format_markdown
		       ? "insert_block"
		       : "set";
}

bool edit_entry_has_key(
	const struct edit_entry *e, str file, const struct edit_format *f, struct edit_path path)
{
	if (e->format != f || !str_eq(e->file, file) || e->path.n != path.n)
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (!str_eq(e->path.part[i], path.part[i]))
			return false;
	return true;
}

const char *edit_temp_suffix(struct arena *a, str id)
{
	return arena_cstr(a, arena_printf(a, ".headroom-" STR_FMT ".tmp", STR_ARG(id)));
}

struct edit_entry *journal_add(struct journal *j, const struct edit_entry *e)
{
	struct edit_entry *out = vec_push(&j->list, j->arena);

	*out = *e;
	return out;
}

void journal_remove(struct journal *j, size_t i)
{
	memmove(&j->list.v[i], &j->list.v[i + 1], (j->list.n - i - 1) * sizeof *j->list.v);
	j->list.n--;
}

/* ---- the lock ---- */

static enum err take_lock(const char *path, unsigned wait_ms, int *out, struct errctx *cx)
{
	const struct timespec step = {0, LOCK_STEP_MS * 1000000L};
	char text[FILE_ERRNO_TEXT];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		FAIL(cx, file_err(errno), "cannot open %s: %s", path, file_err_text(errno, text));
	for (unsigned waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			int errnum = errno;

			(void)close(fd);
			FAIL(cx, file_err(errnum), "cannot lock %s: %s", path,
				file_err_text(errnum, text));
		}
		if (waited >= wait_ms) {
			(void)close(fd);
			FAIL(cx, E_BUSY, "another headroom is editing files (%s is locked)", path);
		}
		(void)nanosleep(&step, NULL);
	}
	*out = fd;
	return E_OK;
}

void journal_init(struct journal *j)
{
	*j = (struct journal){.lock = -1};
	buf_init(&j->scratch, JOURNAL_BYTES_MAX);
}

void journal_close(struct journal *j)
{
	if (j->lock >= 0)
		(void)close(j->lock); /* and with it the lock */
	j->lock = -1;
	buf_release(&j->scratch);
}

enum err journal_read_file(
	struct journal *j, const char *path, size_t max, str *out, struct errctx *cx)
{
	j->scratch.max = max;
	buf_release(&j->scratch);
	TRY(file_read(path, &j->scratch, cx));
	*out = arena_str(j->arena, buf_str(&j->scratch));
	return E_OK;
}

enum err journal_open(struct journal *j, struct arena *a, const char *workspace, unsigned wait_ms,
	struct errctx *cx)
{
	enum err e;
	str text;

	j->arena = a;
	j->dir = arena_cstr(a, arena_printf(a, "%s/state", workspace));
	j->path = arena_cstr(a, arena_printf(a, "%s/edits.jsonl", j->dir));
	TRY(file_mkdirs(j->dir, 0700, cx));
	TRY(take_lock(
		arena_cstr(a, arena_printf(a, "%s/edits.lock", j->dir)), wait_ms, &j->lock, cx));
	e = journal_read_file(j, j->path, JOURNAL_BYTES_MAX, &text, cx);
	if (e == E_NOT_FOUND)
		return E_OK;
	TRY(e);
	return journal_parse(j, text, cx);
}

static enum err remove_file(const struct journal *j, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];
	int fd;

	if (unlink(j->path) != 0 && errno != ENOENT)
		FAIL(cx, file_err(errno), "cannot remove %s: %s", j->path,
			file_err_text(errno, text));
	fd = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	return E_OK;
}

enum err journal_save(const struct journal *j, struct errctx *cx)
{
	struct file_replace r;
	struct buf b;
	enum err e;

	if (!j->list.n)
		return remove_file(j, cx);
	buf_init_arena(&b, j->arena, JOURNAL_BYTES_MAX);
	for (size_t i = 0; i < j->list.n; i++)
		journal_add_line(&b, &j->list.v[i]);
	if (b.err)
		FAIL(cx, b.err, "%s: %s", j->path, err_text(b.err));
	/* A name of its own: what a killed process left is written over by the next one. */
	TRY(file_replace_open_as(&r, j->path, ".tmp", cx));
	e = file_replace_write(&r, buf_str(&b), cx);
	if (e) {
		file_replace_abort(&r);
		return e;
	}
	return file_replace_commit(&r, 0600, cx);
}
