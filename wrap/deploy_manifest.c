/* The manifest of wrap/deploy.h: read, written with its unknown members as they were, listed. */
#include <dirent.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/json/doc.h"
#include "wrap/deploy_internal.h"

enum { PATH_BYTES = 4096, FILE_MODE = 0600, DIR_MODE = 0700 };

static const char *manifest_path(const struct deploy *d)
{
	return arena_printf(d->arena, "%s/manifest.json", deploy_dir(d)).p;
}

/* E_NOT_FOUND; E_CONFIG with the name of the file. *out is to be freed. */
static enum err read_manifest(const struct deploy *d, struct json_doc **out, struct errctx *cx)
{
	const char *path = manifest_path(d);
	struct buf b;
	enum err e;

	*out = NULL;
	buf_init(&b, LIMIT_CONFIG_FILE);
	e = file_read(path, &b, cx);
	if (!e && json_doc_parse(buf_str(&b), out, cx)) {
		(void)err_prefix(cx, "%s", path);
		e = cx->code = E_CONFIG;
	}
	buf_release(&b);
	return e;
}

static enum err take_members(struct deploy *d, const struct json_value *root, struct errctx *cx)
{
	str kind = STR("");
	int64_t port = 0;

	if (!json_value_str(json_value_get(root, "supervisor"), &kind) ||
		!service_kind_find(kind, &d->kind) ||
		!json_value_i64(json_value_get(root, "port"), &port) || port <= 0 ||
		port > UINT16_MAX)
		FAIL(cx, E_CONFIG, "%s: without supervisor or port", manifest_path(d));
	d->port = (uint16_t)port;
	d->url = arena_printf(d->arena, "http://127.0.0.1:%u", d->port).p;
	(void)!json_value_bool(json_value_get(root, "shell"), &d->has_shell);
	return E_OK;
}

enum err deploy_load(struct deploy *d, struct errctx *cx)
{
	struct json_doc *doc;
	enum err e = read_manifest(d, &doc, cx);

	if (e == E_NOT_FOUND)
		FAIL(cx, E_NOT_FOUND, "no profile '%s' is installed", d->profile);
	if (!e)
		e = take_members(d, json_doc_root(doc), cx);
	json_doc_free(doc);
	return e;
}

static void set(struct json_doc *doc, struct json_value *root, const char *key, const char *value)
{
	json_doc_set_str(doc, root, key, str_from(value));
}

static void fill(const struct deploy *d, struct json_doc *doc, struct json_value *root)
{
	char now[CLOCK_TIME_LEN + 1];
	struct json_value *list;

	clock_format(clock_wall_ms(NULL), now);
	set(doc, root, "schema", "headroom.deploy/1");
	set(doc, root, "profile", d->profile);
	set(doc, root, "supervisor", service_kind_name(d->kind));
	set(doc, root, "supervisor_kind", d->kind == SERVICE_CRON ? "task" : "service");
	set(doc, root, "scope", "user");
	set(doc, root, "service_name", deploy_unit(d));
	set(doc, root, "host", "127.0.0.1");
	json_doc_set_f64(doc, root, "port", d->port);
	set(doc, root, "health_url", arena_printf(d->arena, "%s/readyz", d->url).p);
	json_doc_set_bool(doc, root, "shell", d->has_shell);
	list = json_doc_set_array(doc, root, "proxy_args");
	for (size_t i = 0; i < d->args_n; i++)
		set(doc, list, NULL, d->args[i]);
	if (!json_value_get(root, "created_at"))
		set(doc, root, "created_at", now);
	set(doc, root, "updated_at", now);
}

static enum err print(const struct json_doc *doc, const char *path, struct errctx *cx)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_CONFIG_FILE);
	e = json_doc_print(doc, true, &b);
	buf_add_byte(&b, '\n');
	if (!e)
		e = b.err;
	e = e ? err_set(cx, e, "%s: %s", path, err_text(e))
	      : file_write_atomic(path, buf_str(&b), FILE_MODE, cx);
	buf_release(&b);
	return e;
}

enum err deploy_save(const struct deploy *d, struct errctx *cx)
{
	struct json_doc *doc;
	enum err e = read_manifest(d, &doc, cx);

	if (e && e != E_NOT_FOUND)
		return e;
	if (!doc)
		doc = json_doc_new(JSON_OBJECT);
	if (!doc)
		FAIL(cx, E_NOMEM, "out of memory");
	fill(d, doc, json_doc_root(doc));
	e = file_mkdirs(deploy_dir(d), DIR_MODE, cx);
	if (!e)
		e = print(doc, manifest_path(d), cx);
	json_doc_free(doc);
	return e;
}

/* ---- list ------------------------------------------------------------------------------------- */

static int compare(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* Names up to a fixed number of bytes, so that no memory of the arena is asked for while the directory is open. */
static size_t read_names(const char *path, char *names, size_t cap)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name) + 1;

		if (!service_profile_is_valid(str_from(entry->d_name)) || n + len > cap)
			continue;
		memcpy(names + n, entry->d_name, len);
		n += len;
	}
	if (dir)
		(void)closedir(dir);
	return n;
}

void deploy_list(struct arena *a, const char *workspace, struct deploy_names *out)
{
	const char *dir = arena_printf(a, "%s/deploy", workspace).p;
	char *names = arena_alloc(a, LIMIT_CONFIG_FILE / 64, 1);
	size_t n = read_names(dir, names, LIMIT_CONFIG_FILE / 64);

	*out = (struct deploy_names){.list = {NULL, 0, 0}};
	for (size_t at = 0; at < n; at += strlen(names + at) + 1) {
		struct deploy d = {.arena = a, .workspace = workspace, .profile = names + at};
		struct errctx ignored = {0};
		struct json_doc *doc;

		if (read_manifest(&d, &doc, &ignored) != E_NOT_FOUND)
			*vec_push(&out->list, a) = names + at;
		json_doc_free(doc);
	}
	if (out->list.n)
		qsort(out->list.v, out->list.n, sizeof *out->list.v, compare);
}
