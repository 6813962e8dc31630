#include "cli/out.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"

enum {
	WIDTH_DEFAULT = 80,
	WIDTH_MIN = 40,
	WIDTH_MAX = 200,
	PROGRESS_NS = 100000000,
	LINE_MAX_BYTES = 256
};

bool out_is_tty(int fd)
{
	return isatty(fd) == 1;
}

unsigned out_width(int fd, const struct out_env *env)
{
	struct winsize ws;
	uint64_t columns = 0;

	if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col)
		columns = ws.ws_col;
	else if (!out_is_tty(fd) || !str_u64(str_from(env->columns), &columns) || !columns)
		columns = WIDTH_DEFAULT;
	if (columns < WIDTH_MIN)
		return WIDTH_MIN;
	return columns > WIDTH_MAX ? WIDTH_MAX : (unsigned)columns;
}

bool out_use_color(int fd, enum out_color when, const struct out_env *env)
{
	const char *force = env->clicolor_force;

	if (when != OUT_COLOR_AUTO)
		return when == OUT_COLOR_ALWAYS;
	if (env->no_color && *env->no_color)
		return false;
	if (force && *force && strcmp(force, "0") != 0)
		return true;
	return out_is_tty(fd) && env->term && *env->term && strcmp(env->term, "dumb") != 0;
}

void out_restore_sigpipe(void)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

enum err out_write(int fd, str data, struct errctx *cx)
{
	while (data.n) {
		ssize_t n = write(fd, data.p, data.n);

		if (n < 0 && errno != EINTR) {
			char text[FILE_ERRNO_TEXT];
			int errnum = errno;

			return err_set(cx, E_IO, "%s: %s",
				fd == STDOUT_FILENO ? "standard output" : "output",
				file_err_text(errnum, text));
		}
		if (n > 0)
			data = str_sub(data, (size_t)n, data.n);
	}
	return E_OK;
}

enum err out_print(str data, struct errctx *cx)
{
	return out_write(STDOUT_FILENO, data, cx);
}

void out_message(str text)
{
	if (out_write(STDERR_FILENO, text, NULL))
		return;
}

static size_t count_lines(str text)
{
	size_t n = 0;
	str line;

	while (str_next_line(&text, &line, NULL))
		n++;
	return n;
}

enum err out_page(str text, const char *pager, struct errctx *cx)
{
	struct winsize ws;
	FILE *f;

	if (!pager || !*pager || !out_is_tty(STDOUT_FILENO) ||
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) || count_lines(text) < ws.ws_row)
		return out_print(text, cx);
	(void)signal(SIGPIPE, SIG_IGN); /* leaving the pager early is no error */
	f = popen(pager, "w"); /* NOLINT(cert-env33-c): $PAGER is a shell command by POSIX */
	if (!f)
		return out_print(text, cx);
	(void)fwrite(text.p, 1, text.n, f);
	(void)pclose(f);
	return E_OK;
}

enum { COUNT_TEXT = 27 }; /* 2^64 with commas, and a byte */

static str write_count(char text[COUNT_TEXT], uint64_t n)
{
	size_t i = COUNT_TEXT;
	unsigned digits = 0;

	do {
		if (digits && digits % 3 == 0)
			text[--i] = ',';
		text[--i] = (char)('0' + n % 10);
		n /= 10;
		digits++;
	} while (n);
	return (str){text + i, COUNT_TEXT - i};
}

void out_add_count(struct buf *b, uint64_t n)
{
	char text[COUNT_TEXT];

	buf_add(b, write_count(text, n));
}

void out_add_count_right(struct buf *b, uint64_t n, int width)
{
	char text[COUNT_TEXT];
	str s = write_count(text, n);

	buf_printf(b, "%*.*s", width, (int)s.n, s.p);
}

void out_add_csv(struct buf *b, str field)
{
	bool is_plain = true;

	for (size_t i = 0; i < field.n; i++)
		is_plain &= field.p[i] != '"' && field.p[i] != ',' && field.p[i] != '\n' &&
			    field.p[i] != '\r';
	if (is_plain) {
		buf_add(b, field);
		return;
	}
	buf_add_byte(b, '"');
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"')
			buf_add_byte(b, '"');
		buf_add_byte(b, field.p[i]);
	}
	buf_add_byte(b, '"');
}

static unsigned columns_of(str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

void out_add_folded(struct buf *b, str text, unsigned indent, unsigned width)
{
	unsigned at = 0;
	str word;

	while (str_split(&text, ' ', &word)) {
		unsigned n = columns_of(word);

		if (!n)
			continue;
		if (at && at + 1 + n > width) {
			buf_add_byte(b, '\n');
			at = 0;
		}
		if (at) {
			buf_add_byte(b, ' ');
			at++;
		}
		for (; at < indent; at++)
			buf_add_byte(b, ' ');
		buf_add(b, word);
		at += n;
	}
	if (at)
		buf_add_byte(b, '\n');
}

void out_progress(
	struct out_progress *p, const char *label, uint64_t done, uint64_t total, const char *what)
{
	int64_t now = p->is_shown ? clock_monotonic_ns(NULL) : 0;
	struct buf b;

	if (!p->is_shown || (p->is_drawn && now - p->last_ns < PROGRESS_NS))
		return;
	buf_init(&b, LINE_MAX_BYTES);
	buf_printf(&b, "\r%s: ", label);
	out_add_count(&b, done);
	if (total) {
		buf_add_c(&b, " of ");
		out_add_count(&b, total);
	}
	buf_printf(&b, " %s\x1b[K", what);
	out_message(buf_str(&b));
	buf_release(&b);
	p->is_drawn = true;
	p->last_ns = now;
}

void out_progress_end(struct out_progress *p)
{
	if (p->is_drawn)
		out_message(STR("\r\x1b[K"));
	p->is_drawn = false;
}
