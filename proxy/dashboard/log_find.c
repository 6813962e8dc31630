#include "proxy/dashboard/log_find.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "proxy/request_log.h"

enum {
	PIECE = 64 << 10,
	TRIES = 2, /* a file may be put away between the search and the reading */
	/* {"timestamp":"2026-01-02T03:04:05.678Z", */
	BEFORE_ID = 14 + CLOCK_TIME_LEN + 2,
	NEEDLE_MAX = 64,
};

struct place {
	char path[PATH_MAX + 8];
	off_t at;
	size_t n;
};

/* -1: there is none that can be read. What is no regular file may wait for ever. */
static int open_log(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	(void)close(fd);
	return -1;
}

/* Where line is said to begin, at what stands in a text of the file from base on. */
static bool is_line_start(int fd, off_t at)
{
	char before;

	return at == 0 || (at > 0 && pread(fd, &before, 1, at - 1) == 1 && before == '\n');
}

/* The bytes from at up to a line end; 0: there is none, the line is being written. */
static size_t line_length(int fd, off_t at)
{
	char piece[PIECE];
	size_t length = 0;

	for (;;) {
		ssize_t n = pread(fd, piece, sizeof piece, at + (off_t)length);
		size_t end;

		if (n <= 0)
			return 0;
		end = str_find_byte((str){piece, (size_t)n}, '\n');
		if (end != STR_NONE)
			return length + end;
		length += (size_t)n;
	}
}

/* Requests with such words within are no line starts: they stand in a line, whose ends no value has. */
static bool find_in(int fd, str needle, struct place *out)
{
	char piece[PIECE + NEEDLE_MAX];
	off_t base = 0; /* of the piece, in the file */
	size_t kept = 0;

	for (;;) {
		ssize_t n = pread(fd, piece + kept, PIECE, base + (off_t)kept);
		str text = {piece, kept + (n > 0 ? (size_t)n : 0)};
		size_t from = 0, at;

		if (n <= 0)
			return false;
		while ((at = str_find(str_sub(text, from, text.n), needle)) != STR_NONE) {
			out->at = base + (off_t)(from + at) - BEFORE_ID;
			if (is_line_start(fd, out->at)) {
				out->n = line_length(fd, out->at);
				return out->n > 0;
			}
			from += at + needle.n;
		}
		kept = text.n < needle.n - 1 ? text.n : needle.n - 1;
		memmove(piece, text.p + text.n - kept, kept);
		base += (off_t)(text.n - kept);
	}
}

static bool find_file(const char *path, str needle, struct place *out)
{
	char real[PATH_MAX];

	/* A link's target is what is put away. */
	if (!realpath(path, real))
		return false;
	for (int i = 0; i <= LOG_FILES_KEPT; i++) {
		bool is_found;
		int fd;

		if (i)
			(void)snprintf(out->path, sizeof out->path, "%s.%d", real, i);
		else
			(void)snprintf(out->path, sizeof out->path, "%s", real);
		fd = open_log(out->path);
		is_found = fd >= 0 && find_in(fd, needle, out);
		if (fd >= 0)
			(void)close(fd);
		if (is_found)
			return true;
	}
	return false;
}

/* False when the line is not there any more. */
static bool read_place(const struct place *p, str needle, char *to)
{
	int fd = open_log(p->path);
	size_t got = 0;

	while (fd >= 0 && got < p->n) {
		ssize_t n = pread(fd, to + got, p->n - got, p->at + (off_t)got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	if (fd >= 0)
		(void)close(fd);
	return got == p->n && p->n > BEFORE_ID &&
	       str_starts(str_sub((str){to, p->n}, BEFORE_ID, p->n), needle);
}

enum err log_find(const char *path, str id, struct arena *a, str *line, struct errctx *cx)
{
	char text[NEEDLE_MAX];
	str needle = {text, 0};
	struct place place;

	if (id.n != CLOCK_ID_LEN)
		FAIL(cx, E_NOT_FOUND, "no such request");
	needle.n =
		(size_t)snprintf(text, sizeof text, "\"request_id\":\"" STR_FMT "\"", STR_ARG(id));
	for (int i = 0; i < TRIES && find_file(path, needle, &place); i++) {
		char *to;

		if (place.n > LIMIT_JSONL_LINE)
			FAIL(cx, E_TOO_BIG, "its line in the log is too long");
		to = arena_alloc(a, place.n, 1);
		*line = (str){to, place.n};
		if (read_place(&place, needle, to))
			return E_OK;
	}
	FAIL(cx, E_NOT_FOUND, "the request log does not have this request, or not any more");
}
