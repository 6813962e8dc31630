/* out: the terminal and the standard streams. Data goes to standard output in one piece or in a stream of
 * writes; everything else to standard error. When the reader of standard output is gone the process
 * dies of SIGPIPE, as a filter should. Thread: the main thread. */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include "core/base/buf.h"

enum out_color { OUT_COLOR_AUTO, OUT_COLOR_ALWAYS, OUT_COLOR_NEVER };

/* What decides about colour and width besides the stream itself; NULL: the variable is not set. */
struct out_env {
	const char *no_color; /* NO_COLOR: not empty: no colour (https://no-color.org) */
	const char
		*clicolor_force; /* CLICOLOR_FORCE: not empty and not 0: colour also into a pipe */
	const char *term;        /* TERM: "dumb" or empty: no colour */
	const char *columns;     /* COLUMNS: the width, when the terminal does not tell */
};

#define OUT_PLAIN  "\x1b[0m"
#define OUT_BOLD   "\x1b[1m"
#define OUT_RED    "\x1b[31m"
#define OUT_YELLOW "\x1b[33m"

bool out_is_tty(int fd);
/* Columns of the terminal at fd, between 40 and 200; 80 when there is none. */
unsigned out_width(int fd, const struct out_env *env);
bool out_use_color(int fd, enum out_color when, const struct out_env *env);

/* SIGPIPE kills again, whatever the parent process has set. */
void out_restore_sigpipe(void);

/* All of data to fd. E_IO, naming the stream. */
enum err out_write(int fd, str data, struct errctx *cx) MUST_CHECK;
/* The same for standard output. */
enum err out_print(str data, struct errctx *cx) MUST_CHECK;
/* To standard error; when that fails there is nobody left to tell. */
void out_message(str text);
/* Through $PAGER when standard output is a terminal and text has more lines than it; else as out_print. */
enum err out_page(str text, const char *pager, struct errctx *cx) MUST_CHECK;

/* 1234567 as 1,234,567. */
void out_add_count(struct buf *b, uint64_t n);
/* The same at the right of a column of so many characters. */
void out_add_count_right(struct buf *b, uint64_t n, int width);
/* A field of CSV, in quotes where it needs them (RFC 4180 section 2). */
void out_add_csv(struct buf *b, str field);
/* Text folded at spaces to width columns, every line after indent blanks, a newline at the end. Bytes of UTF-8
 * characters count once. */
void out_add_folded(struct buf *b, str text, unsigned indent, unsigned width);

/* A line of progress on standard error that overwrites itself, at most ten times a second; nothing when it is
 * not shown (no terminal, --quiet). Zero-initialise with is_shown set by the owner. */
struct out_progress {
	bool is_shown;
	bool is_drawn;
	int64_t last_ns;
};
/* total: 0 when not known. what: "lines", "bytes" behind the number. */
void out_progress(
	struct out_progress *p, const char *label, uint64_t done, uint64_t total, const char *what);
void out_progress_end(struct out_progress *p); /* wipes the line */

#endif
