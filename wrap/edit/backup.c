#include "wrap/edit/backup.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/hash.h"

enum { NAME_HEX = 8, DATE_LEN = 10, NAME_BYTES_MAX = 200 };
#define DAY_MS INT64_C(86400000)

static void format_date(int64_t ms, char out[CLOCK_TIME_LEN + 1])
{
	clock_format(ms, out);
	out[DATE_LEN] = '\0';
}

/* Whether name ends in a date before limit; dates of this form sort as text. */
static bool is_older(str name, const char *limit)
{
	str date;
	int64_t ms;
	char whole[CLOCK_TIME_LEN + 1] = "0000-00-00T00:00:00.000Z";

	if (name.n < DATE_LEN + 1 || name.p[name.n - DATE_LEN - 1] != '.')
		return false;
	date = str_sub(name, name.n - DATE_LEN, name.n);
	memcpy(whole, date.p, DATE_LEN);
	return clock_parse(str_from(whole), &ms) && str_cmp(date, str_from(limit)) < 0;
}

static void prune_dir(int fd, const char *limit)
{
	DIR *d = fdopendir(fd);
	const struct dirent *e;

	if (!d) {
		(void)close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (is_older(str_from(e->d_name), limit))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
}

/* In the directories of all files; those that are empty then go as well. */
static void prune(const char *root, int64_t now_ms)
{
	char limit[CLOCK_TIME_LEN + 1];
	DIR *d = opendir(root);
	const struct dirent *e;

	if (!d)
		return;
	format_date(now_ms - BACKUP_DAYS * DAY_MS, limit);
	while ((e = readdir(d)) != NULL) {
		int fd;

		if (strlen(e->d_name) != NAME_HEX)
			continue;
		fd = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		prune_dir(fd, limit);
		(void)unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
	(void)closedir(d);
}

/* The last part of a file's name, cut so that a date fits behind it. */
static str last_name(str file)
{
	size_t slash = str_rfind_byte(file, '/');
	str name = str_sub(file, slash == STR_NONE ? 0 : slash + 1, file.n);

	return str_sub(name, 0, name.n < NAME_BYTES_MAX ? name.n : NAME_BYTES_MAX);
}

enum err backup_keep(struct arena *a, const char *workspace, str file, str text, int64_t now_ms,
	struct errctx *cx)
{
	char hex[SHA256_HEX + 1], date[CLOCK_TIME_LEN + 1];
	const char *root = arena_cstr(a, arena_printf(a, "%s/backups", workspace)), *dir, *path;

	sha256_hex(file, hex);
	format_date(now_ms, date);
	dir = arena_cstr(a, arena_printf(a, "%s/%.*s", root, NAME_HEX, hex));
	path = arena_cstr(
		a, arena_printf(a, "%s/" STR_FMT ".%s", dir, STR_ARG(last_name(file)), date));
	if (access(path, F_OK) == 0)
		return E_OK;
	prune(root, now_ms);
	TRY(file_mkdirs(dir, 0700, cx));
	return file_write_atomic(path, text, 0600, cx);
}
