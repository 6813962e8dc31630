#include "cli/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/inputs.h"
#include "core/base/file.h"
#include "core/transcript/transcript.h"

enum { CHUNK = 256 << 10 };

struct piece {
	const char *path;
	int fd;
	struct buf text;
	size_t size;  /* of a piece */
	size_t first; /* bytes of the first line, with its end; 0: not known yet */
	recording_fn take;
	void *self;
};

/* A part that was put away belongs to it, or it is compressed: it must be put together first. */
static bool is_plain(const char *path, struct stat *st)
{
	char part[4096]; /* PATH_MAX */
	int n = snprintf(part, sizeof part, "%s.1", path);

	return stat(path, st) == 0 && S_ISREG(st->st_mode) && n > 0 && (size_t)n < sizeof part &&
	       access(part, F_OK) != 0 && !str_ends(str_from(path), STR(".gz"));
}

/* *is_end: the file has no more. */
static enum err read_chunk(struct piece *p, bool *is_end, struct errctx *cx)
{
	ssize_t got;

	if (!buf_reserve(&p->text, CHUNK))
		return err_set(cx, p->text.err, "%s: %s", p->path, err_text(p->text.err));
	do
		got = read(p->fd, p->text.p + p->text.n, CHUNK);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(cx, E_IO, "cannot read %s: %m", p->path);
	p->text.n += (size_t)got;
	*is_end = got == 0;
	return E_OK;
}

/* All whole lines, and at the end what is there; what is left stays behind the first line. */
static enum err give(struct piece *p, bool is_end, struct errctx *cx)
{
	size_t end = is_end ? p->text.n : str_rfind_byte(buf_str(&p->text), '\n') + 1;
	size_t rest = p->text.n - end;

	if (!p->first)
		p->first = str_find_byte(buf_str(&p->text), '\n') + 1;
	if (end <= p->first && !is_end)
		FAIL(cx, E_TOO_BIG, "%s: a line of more than %zu bytes", p->path, p->size);
	if (end > p->first)
		TRY(inputs_named(p->path, p->take(p->self, (str){p->text.p, end}, cx), cx));
	memmove(p->text.p + p->first, p->text.p + end, rest);
	p->text.n = p->first + rest;
	return E_OK;
}

static enum err read_pieces(struct piece *p, struct errctx *cx)
{
	bool is_end = false;

	while (!is_end) {
		TRY(read_chunk(p, &is_end, cx));
		if (is_end || p->text.n >= p->size)
			TRY(give(p, is_end, cx));
	}
	return E_OK;
}

static enum err read_whole(
	const char *path, size_t max, recording_fn take, void *self, struct errctx *cx)
{
	struct buf text;
	enum err e;

	buf_init(&text, max);
	e = inputs_read(path, &text, cx);
	if (!e)
		e = inputs_named(path, take(self, buf_str(&text), cx), cx);
	buf_release(&text);
	return e;
}

/* The kind of its first bytes, which stay in p->text. */
static enum err detect(struct piece *p, enum transcript_kind *kind, struct errctx *cx)
{
	bool is_end;
	size_t n;

	p->fd = open(p->path, O_RDONLY | O_CLOEXEC);
	if (p->fd < 0)
		return err_set(cx, file_err(errno), "cannot open %s: %m", p->path);
	TRY(read_chunk(p, &is_end, cx));
	n = p->text.n < TRANSCRIPT_DETECT_BYTES ? p->text.n : TRANSCRIPT_DETECT_BYTES;
	*kind = transcript_detect((str){p->text.p, n}, str_from(p->path));
	if (*kind == TRANSCRIPT_NONE)
		FAIL(cx, E_MALFORMED, "%s: no recording of a session", p->path);
	return E_OK;
}

enum err recording_read(const char *path, size_t max, size_t piece, recording_fn take, void *self,
	struct errctx *cx)
{
	struct piece p = {.path = path, .fd = -1, .size = piece, .take = take, .self = self};
	enum transcript_kind kind = TRANSCRIPT_NONE;
	struct stat st;
	enum err e;

	if (!is_plain(path, &st))
		return read_whole(path, max, take, self, cx);
	buf_init(&p.text, piece + 2 * CHUNK);
	e = detect(&p, &kind, cx);
	if (!e && transcript_is_lines(kind) && (uint64_t)st.st_size > piece && max >= piece)
		e = read_pieces(&p, cx);
	else if (!e)
		e = read_whole(path, max, take, self, cx);
	buf_release(&p.text);
	if (p.fd >= 0)
		(void)close(p.fd);
	return e;
}
