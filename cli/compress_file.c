#include "cli/compress_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

enum { CHUNK = 256 << 10 };

/* The signal that came; set by its handler. */
static volatile sig_atomic_t signal_caught;

static void on_signal(int sig)
{
	signal_caught = sig;
}

void compress_file_catch_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction sa = {.sa_handler = on_signal}; /* no SA_RESTART: reads end */

	for (size_t i = 0; i < ARRAY_N(signals); i++) {
		struct sigaction old;

		/* a parent that ignores it (nohup) is followed */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaction(signals[i], &sa, NULL);
	}
}

int compress_file_signal(void)
{
	return signal_caught;
}

static enum err write_target(void *self, str bytes, struct errctx *cx)
{
	struct compress_file *f = self;

	switch (f->target) {
	case TARGET_STDOUT:
		return out_print(bytes, cx);
	case TARGET_FILE:
	case TARGET_IN_PLACE:
		return file_replace_write(&f->replace, bytes, cx);
	case TARGET_MEMORY:
		buf_add(&f->memory, bytes);
		if (f->memory.err)
			FAIL(cx, f->memory.err, "the result does not fit in memory for --json");
		return E_OK;
	}
	return E_INTERNAL;
}

static void show_progress(struct compress_file *f, const struct document *d, uint64_t size)
{
	if (f->progress)
		out_progress(f->progress, "compress", document_totals(d)->bytes_in, size, "bytes");
}

static enum err feed(struct compress_file *f, struct document *d, int fd, uint64_t size)
{
	char *chunk = mem_alloc(CHUNK);
	enum err err = E_OK;
	ssize_t n = 1;

	if (!chunk)
		return err_set(&f->cx, E_NOMEM, "%s: no memory", f->path);
	while (!err && n > 0 && !signal_caught) {
		n = read(fd, chunk, CHUNK);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			err = err_set(&f->cx, E_IO, "cannot read %s: %m", f->path);
		else if (n > 0)
			err = document_feed(d, (str){chunk, (size_t)n}, &f->cx);
		show_progress(f, d, size);
	}
	mem_free(chunk);
	if (!err && signal_caught)
		err = err_set(&f->cx, E_FAILED, "interrupted");
	return err ? err : document_finish(d, &f->cx);
}

static int open_input(struct compress_file *f, uint64_t *size)
{
	struct stat st;
	int fd = strcmp(f->path, "-") == 0 ? STDIN_FILENO : open(f->path, O_RDONLY | O_CLOEXEC);

	*size = 0;
	if (fd < 0)
		f->err = err_set(&f->cx, errno == ENOENT ? E_NOT_FOUND : file_err(errno),
			"cannot open %s: %m", f->path);
	else if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		*size = (uint64_t)st.st_size;
	return fd;
}

static bool writes_file(const struct compress_file *f)
{
	return f->target == TARGET_FILE || f->target == TARGET_IN_PLACE;
}

/* The result takes its place, or nothing does. */
static void finish_target(struct compress_file *f)
{
	if (!writes_file(f))
		return;
	if (f->err || (f->target == TARGET_IN_PLACE && !f->totals.changed_n))
		file_replace_abort(&f->replace);
	else
		f->err = file_replace_commit(&f->replace, 0644, &f->cx);
}

static void run_document(struct compress_file *f, int fd, uint64_t size)
{
	struct document *d;

	f->document.sink = (struct document_sink){f, write_target, report_block, &f->report};
	f->document.file_name = f->path;
	f->document.verifies = f->args->verifies;
	f->document.format = format_of(f->args->format);
	f->err = document_new(&f->document, &d, &f->cx);
	if (!f->err)
		f->err = feed(f, d, fd, size);
	if (d) {
		f->totals = *document_totals(d);
		f->totals.model = arena_str(&f->arena, f->totals.model); /* the document goes */
	}
	document_free(d);
}

void compress_file_run(struct compress_file *f)
{
	uint64_t size;
	int fd;

	report_init(&f->report, f->path);
	f->report.has_blocks = f->args->report || f->args->is_json;
	f->report.is_explained = f->args->explains;
	f->report.target_ratio = f->args->target_ratio;
	f->replace.fd = -1;
	buf_init(&f->memory, LIMIT_INPUT);
	fd = open_input(f, &size);
	if (fd < 0)
		return;
	if (writes_file(f))
		f->err = file_replace_open(
			&f->replace, f->target == TARGET_FILE ? f->output : f->path, &f->cx);
	if (!f->err)
		run_document(f, fd, size);
	if (f->progress)
		out_progress_end(f->progress);
	finish_target(f);
	if (!f->err && f->totals.unverified_n)
		f->err = err_set(&f->cx, E_VERIFY, "%s: %s", f->path, f->totals.unverified_text);
	if (fd != STDIN_FILENO)
		(void)close(fd);
}

void compress_file_release(struct compress_file *f)
{
	report_release(&f->report);
	buf_release(&f->memory);
	arena_release(&f->arena);
}
