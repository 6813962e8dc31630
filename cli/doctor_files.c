/* Checks of doctor: our own files, the disk and the machine. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/store/store_check.h"

enum {
	OTHERS = 0077, /* any right of other users */
	DIR_MODE = 0700,
	FILE_MODE = 0600,
	MB = 1 << 20,
	LOGS_MAX_MB = 200, /* far above what a year of one person's requests takes */
	DISK_LOW_MB = 500, /* a store grows to 1.5 GB at most */
	DISK_OUT_MB = 20,
	STORE_MS = 300,
	SKEW_S = 300, /* file servers differ from us by seconds */
};

/* ---- rights ----------------------------------------------------------------------------------- */

void doctor_look_workspace(struct doctor *d)
{
	const char *path = d->places.workspace;
	char why[FILE_ERRNO_TEXT];
	struct stat st;

	if (stat(path, &st) != 0 && errno == ENOENT) {
		doctor_say(d, DOCTOR_INFO, "%s is made when it is needed", path);
	} else if (stat(path, &st) != 0) {
		doctor_say(d, DOCTOR_FAIL, "%s: %s", path, file_err_text(errno, why));
	} else if (!S_ISDIR(st.st_mode)) {
		doctor_say(d, DOCTOR_FAIL, "%s is no directory", path);
	} else if (st.st_uid != geteuid()) {
		doctor_say(d, DOCTOR_WARN, "%s belongs to another user", path);
		doctor_advise(d, false, "chown it, or set HEADROOM_WORKSPACE_DIR");
	} else if (access(path, R_OK | W_OK | X_OK) != 0) {
		doctor_say(d, DOCTOR_WARN, "%s: %s", path, file_err_text(errno, why));
		doctor_advise(d, false, "chmod 700 %s", path);
	} else if (st.st_mode & OTHERS) {
		doctor_say(d, DOCTOR_WARN, "%s is open to other users (mode %03o)", path,
			st.st_mode & 0777);
		doctor_advise(d, true, "chmod 700 %s", path);
	} else {
		doctor_say(d, DOCTOR_PASS, "%s is for you alone", path);
	}
}

static enum err set_mode(const char *path, mode_t mode, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];

	if (chmod(path, mode) != 0)
		FAIL(cx, file_err(errno), "%s: %s", path, file_err_text(errno, why));
	return E_OK;
}

enum err doctor_repair_workspace(struct doctor *d, struct errctx *cx)
{
	return set_mode(d->places.workspace, DIR_MODE, cx);
}

/* Files that hold keys, or what people and models said to each other. NULL-terminated, in the arena. */
static const char *const *list_secrets(struct doctor *d)
{
	static const char *const names[] = {
		"store.db", "store.db-wal", "state/edits.jsonl", "logs/proxy-stdio.log"};
	VEC(const char *) list = {0};

	for (size_t i = 0; i < ARRAY_N(names); i++)
		*vec_push(&list, d->arena) = doctor_path(d, d->places.workspace, names[i]);
	*vec_push(&list, d->arena) = doctor_path(d, d->places.config, "proxy.env");
	*vec_push(&list, d->arena) = d->places.config_file;
	if (d->options && d->options->token_file)
		*vec_push(&list, d->arena) = d->options->token_file;
	if (d->options && d->options->log_file)
		*vec_push(&list, d->arena) = d->options->log_file;
	*vec_push(&list, d->arena) = NULL;
	return list.v;
}

static bool is_readable_by_others(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & OTHERS);
}

void doctor_look_secrets(struct doctor *d)
{
	const char *const *list = list_secrets(d);
	size_t before = d->found.n;

	for (; *list; list++) {
		if (!is_readable_by_others(*list))
			continue;
		doctor_say(d, DOCTOR_FAIL, "other users have rights to %s", *list);
		doctor_advise(d, true, "chmod 600 %s", *list);
	}
	if (d->found.n == before)
		doctor_say(d, DOCTOR_PASS, "files with secrets are for you alone");
}

enum err doctor_repair_secrets(struct doctor *d, struct errctx *cx)
{
	for (const char *const *list = list_secrets(d); *list; list++)
		if (is_readable_by_others(*list))
			TRY(set_mode(*list, FILE_MODE, cx));
	return E_OK;
}

/* ---- the store -------------------------------------------------------------------------------- */

static const char *store_path(const struct doctor *d)
{
	return d->options && d->options->store ? d->options->store : d->places.store_file;
}

void doctor_look_store(struct doctor *d)
{
	const char *path = store_path(d);
	struct errctx cx = {0};
	enum err e = store_check(path, STORE_MS, &cx);

	if (e == E_OK) {
		doctor_say(d, DOCTOR_PASS, "%s is sound", path);
	} else if (e == E_NOT_FOUND) {
		doctor_say(d, DOCTOR_INFO, "%s is made when it is needed", path);
	} else if (e == E_TIMEOUT) {
		doctor_say(d, DOCTOR_INFO, "%s is sound as far as it was read in %d ms", path,
			STORE_MS);
	} else if (e == E_BUSY) {
		doctor_say(d, DOCTOR_WARN, "%s", cx.text);
		doctor_advise(d, false, "try again");
	} else {
		doctor_say(d, DOCTOR_FAIL, "%s", cx.text);
		doctor_advise(d, false,
			"stop the proxy and move %s away: a new one is made, and what was "
			"replaced in old conversations cannot be got back",
			path);
	}
}

/* ---- space ------------------------------------------------------------------------------------ */

static uint64_t dir_bytes(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	uint64_t total = 0;
	struct stat st;

	while (dir && (entry = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode))
			total += (uint64_t)st.st_size;
	if (dir)
		(void)closedir(dir);
	return total;
}

void doctor_look_logs(struct doctor *d)
{
	const char *dir = doctor_path(d, d->places.workspace, "logs");
	const char *file = d->options ? d->options->log_file : NULL;
	uint64_t bytes = dir_bytes(dir);
	struct stat st;

	if (file && stat(file, &st) == 0 && !str_starts(str_from(file), str_from(dir)))
		bytes += (uint64_t)st.st_size;
	if (bytes / MB > LOGS_MAX_MB) {
		doctor_say(d, DOCTOR_WARN, "logs take %llu MB", (unsigned long long)(bytes / MB));
		doctor_advise(
			d, false, "look into %s%s%s", dir, file ? " and " : "", file ? file : "");
	} else {
		doctor_say(d, DOCTOR_PASS, "logs take %llu MB", (unsigned long long)(bytes / MB));
	}
}

void doctor_look_disk(struct doctor *d)
{
	char why[FILE_ERRNO_TEXT];
	struct statvfs fs;
	const char *path = d->places.workspace;
	unsigned long long free_mb;

	if (statvfs(path, &fs) != 0 && (!d->home || statvfs(path = d->home, &fs) != 0)) {
		doctor_say(d, DOCTOR_SKIP, "%s: %s", path, file_err_text(errno, why));
		return;
	}
	free_mb = (unsigned long long)fs.f_bavail * fs.f_frsize / MB;
	if (free_mb < DISK_LOW_MB) {
		doctor_say(d, free_mb < DISK_OUT_MB ? DOCTOR_FAIL : DOCTOR_WARN,
			"%llu MB are free below %s", free_mb, path);
		doctor_advise(d, false,
			"make room: what cannot be stored cannot be got back, and stays as it is");
	} else {
		doctor_say(d, DOCTOR_PASS, "%llu MB are free below %s", free_mb, path);
	}
}

/* ---- the machine ------------------------------------------------------------------------------ */

/* Where systems keep the certificates of authorities, as the proxy looks for them. */
static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"};

void doctor_look_certificates(struct doctor *d)
{
	const char *file = doctor_env(d, "SSL_CERT_FILE"), *extra;
	char why[FILE_ERRNO_TEXT];

	for (size_t i = 0; i < ARRAY_N(bundles) && !file; i++)
		if (access(bundles[i], R_OK) == 0)
			file = bundles[i];
	extra = doctor_env(d, "NODE_EXTRA_CA_CERTS");
	if (!file) {
		doctor_say(d, DOCTOR_FAIL, "the certificates of authorities are not there");
		doctor_advise(d, false, "install the package ca-certificates");
	} else if (access(file, R_OK) != 0) {
		doctor_say(
			d, DOCTOR_FAIL, "SSL_CERT_FILE: %s: %s", file, file_err_text(errno, why));
		doctor_advise(d, false, "correct or unset SSL_CERT_FILE");
	} else if (extra && access(extra, R_OK) != 0) {
		doctor_say(d, DOCTOR_WARN, "NODE_EXTRA_CA_CERTS: %s: %s", extra,
			file_err_text(errno, why));
		doctor_advise(d, false, "correct or unset NODE_EXTRA_CA_CERTS");
	} else {
		doctor_say(
			d, DOCTOR_PASS, "%s%s%s", file, extra ? " and " : "", extra ? extra : "");
	}
}

/* Leases and budgets go by the clock. */
void doctor_look_clock(struct doctor *d)
{
	const char *files[] = {store_path(d),
		doctor_path(d, d->places.workspace, "state/edits.jsonl"),
		doctor_path(d, d->places.workspace, "store.db-wal")};
	int64_t now_s = clock_wall_ms(NULL) / 1000;
	struct stat st;

	for (size_t i = 0; i < ARRAY_N(files); i++) {
		if (stat(files[i], &st) != 0 || st.st_mtime <= now_s + SKEW_S)
			continue;
		doctor_say(d, DOCTOR_WARN, "%s was written %lld s in the future", files[i],
			(long long)(st.st_mtime - now_s));
		doctor_advise(d, false, "set the clock of this machine");
		return;
	}
	doctor_say(d, DOCTOR_PASS, "no file of ours is from the future");
}

void doctor_look_completions(struct doctor *d)
{
	static const char *const system[] = {
		"/usr/local/share/bash-completion/completions/headroom",
		"/usr/share/bash-completion/completions/headroom",
		"/usr/local/share/zsh/site-functions/_headroom",
		"/usr/share/zsh/site-functions/_headroom",
		"/usr/local/share/fish/vendor_completions.d/headroom.fish",
		"/usr/share/fish/vendor_completions.d/headroom.fish"};
	static const char *const below_home[] = {
		".local/share/bash-completion/completions/headroom",
		".config/fish/completions/headroom.fish", ".zfunc/_headroom"};
	const char *found = NULL;

	for (size_t i = 0; i < ARRAY_N(system) && !found; i++)
		if (access(system[i], R_OK) == 0)
			found = system[i];
	for (size_t i = 0; i < ARRAY_N(below_home) && d->home && !found; i++) {
		const char *path = doctor_path(d, d->home, below_home[i]);

		if (access(path, R_OK) == 0)
			found = path;
	}
	if (found)
		doctor_say(d, DOCTOR_INFO, "%s", found);
	else
		doctor_say(
			d, DOCTOR_INFO, "not installed; 'headroom completions bash' prints them");
}
