#include "cli/mcp_pipe.h"

#include <errno.h>
#include <unistd.h>

#include "cli/out.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "version.h"

/* One read: an answer of 64 KB in one go, and what a pipe holds on Linux (pipe(7)). */
enum { READ_BYTES = 64 << 10 };

static enum err write_line(void *self, str line, struct errctx *cx)
{
	(void)self;
	return out_print(line, cx);
}

/* Up to the end of standard input. */
static enum err pump(struct mcp_server *m, char *bytes, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];

	for (;;) {
		ssize_t n = read(STDIN_FILENO, bytes, READ_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			FAIL(cx, E_IO, "standard input: %s", file_err_text(errno, why));
		if (n == 0)
			return mcp_finish(m, cx);
		TRY(mcp_feed(m, (str){bytes, (size_t)n}, cx));
	}
}

enum err mcp_pipe_serve(const struct mcp_conf *conf, struct errctx *cx)
{
	struct mcp_conf all = *conf;
	struct mcp_server *m;
	char *bytes = mem_alloc(READ_BYTES);
	enum err e;

	if (!bytes)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	all.version = HEADROOM_VERSION;
	all.write = write_line;
	e = mcp_new(&all, &m, cx);
	if (!e)
		e = pump(m, bytes, cx);
	mcp_free(m);
	mem_free(bytes);
	return e;
}
