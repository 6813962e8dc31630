#include "cli/secret_file.h"

#include <sys/stat.h>

#include "core/base/file.h"

enum { READABLE_BY_OTHERS = 0077 };

enum err secret_file_read(struct cli *cli, const char *file, const char *what, size_t max, str *out,
	struct errctx *cx)
{
	struct stat st;
	struct buf text;
	str rest;
	enum err err;

	buf_init(&text, max);
	err = file_read(file, &text, cx);
	rest = err ? STR("") : arena_str(&cli->arena, str_trim(buf_str(&text)));
	buf_wipe(&text);
	if (err)
		return cx->code = E_CONFIG;
	if (!rest.n)
		FAIL(cx, E_CONFIG, "%s: holds no %s", file, what);
	if (stat(file, &st) == 0 && st.st_mode & READABLE_BY_OTHERS)
		cli_warn(cli, "%s can be read by other users; chmod 600 keeps it to you", file);
	*out = rest;
	return E_OK;
}
