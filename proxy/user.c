/* Sources: setresuid(2) (all three, or one of them leads back), initgroups(3), credentials(7), capabilities(7) ("Effect of user ID changes on
 * capabilities"), prctl(2) (PR_SET_DUMPABLE, which a change of user resets). */
#include "proxy/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/file.h"

enum { PASSWD_BYTES = 16 << 10 }; /* a row of the user database: names, a home, a shell */

struct identity {
	uid_t uid;
	gid_t gid;
};

static enum err find(const char *name, struct identity *out, struct errctx *cx)
{
	char bytes[PASSWD_BYTES];
	struct passwd row, *found = NULL;
	int e = getpwnam_r(name, &row, bytes, sizeof bytes, &found);
	char why[FILE_ERRNO_TEXT];

	if (e)
		FAIL(cx, E_UNAVAILABLE, "--user %s: %s", name, file_err_text(e, why));
	if (!found)
		FAIL(cx, E_CONFIG, "--user %s: there is no such user here (useradd --system %s)",
			name, name);
	if (row.pw_uid == 0)
		FAIL(cx, E_CONFIG, "--user %s: that is root: name one who may do less", name);
	*out = (struct identity){row.pw_uid, row.pw_gid};
	return E_OK;
}

static bool is_all(const struct identity *id)
{
	struct identity real = {0}, effective = {0}, saved = {0};

	return getresuid(&real.uid, &effective.uid, &saved.uid) == 0 &&
	       getresgid(&real.gid, &effective.gid, &saved.gid) == 0 && real.uid == id->uid &&
	       effective.uid == id->uid && saved.uid == id->uid && real.gid == id->gid &&
	       effective.gid == id->gid && saved.gid == id->gid;
}

static enum err change(const char *name, const struct identity *id, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];

	if (initgroups(name, id->gid) != 0 || setresgid(id->gid, id->gid, id->gid) != 0 ||
		setresuid(id->uid, id->uid, id->uid) != 0)
		FAIL(cx, E_UNAVAILABLE, "--user %s: %s", name, file_err_text(errno, why));
	/* No program that is started from here may give it back, and what was given up cannot be taken again. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !is_all(id) ||
		setresuid((uid_t)-1, 0, (uid_t)-1) == 0 || setresgid((gid_t)-1, 0, (gid_t)-1) == 0)
		FAIL(cx, E_UNAVAILABLE, "--user %s: the system does not give up root for good",
			name);
	/* So that `headroom proxy stop` of the same user sees that it holds the port (proxy/confine.c); the limit of core dumps is there. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return E_OK;
}

/* Now, and not at a reload in a month. */
static enum err check_places(const struct proxy_conf *c, struct errctx *cx)
{
	const char *const read[] = {c->config_file, c->tokens_file, c->limits.price_file};
	char why[FILE_ERRNO_TEXT];

	for (size_t i = 0; i < ARRAY_N(read); i++)
		if (read[i] && access(read[i], R_OK) != 0 && errno != ENOENT)
			FAIL(cx, E_CONFIG, "--user %s may not read %s, as a reload does: %s",
				c->user, read[i], file_err_text(errno, why));
	if (!c->workspace || c->is_stateless)
		return E_OK;
	if (file_mkdirs(c->workspace, 0700, NULL) || access(c->workspace, W_OK | X_OK) != 0)
		FAIL(cx, E_CONFIG,
			"--user %s may not write %s: give it a directory of its own by --home",
			c->user, c->workspace);
	return E_OK;
}

enum err proxy_become_user(const struct proxy_conf *c, struct errctx *cx)
{
	struct identity id;

	TRY(find(c->user, &id, cx));
	if (geteuid() != 0) {
		if (geteuid() != id.uid)
			FAIL(cx, E_PERMISSION,
				"--user %s: only root can become another user: start it as root, "
				"or as %s",
				c->user, c->user);
		return check_places(c, cx);
	}
	TRY(change(c->user, &id, cx));
	return check_places(c, cx);
}
