/* handshake: from a host's name to a connection that commands may be sent on. */
#include <fcntl.h>
#include <stdio.h>

#include "core/base/check.h"
#include "core/share/link_internal.h"

/* The mark stays for so long without anybody; when it has gone, all looks whether what it has is there, no more. */
#define MARK_TTL_S "2592000"

void share_error_copy(char *out, size_t cap, str text)
{
	size_t n = 0;

	while (n < text.n && n + 1 < cap && text.p[n] >= ' ' && text.p[n] <= '~') {
		out[n] = text.p[n];
		n++;
	}
	out[n] = '\0';
}

void share_mark_parts(struct share *s, const char *id, char key[SHARE_KEY_MAX], str parts[7])
{
	parts[0] = STR("SET");
	parts[1] = share_key(s, "mark", STR_NULL, key);
	parts[2] = str_from(id);
	parts[3] = STR("NX");
	parts[4] = STR("GET");
	parts[5] = STR("EX");
	parts[6] = STR(MARK_TTL_S);
}

/* Errors that stay until somebody changes something, and what that is. */
static const struct remedy {
	const char *begin, *remedy;
} remedies[] = {
	{"NOAUTH", "it wants a password: HEADROOM_STORE_PASSWORD or --store-password-file"},
	{"WRONGPASS", "user or password are wrong"},
	{"ERR invalid password", "the password is wrong"},
	{"ERR AUTH", "it has no password for this user: leave the password away"},
	{"ERR Client sent AUTH", "it has no password: leave the password away"},
	{"ERR DB index", "it has no database of that number"},
	{"ERR invalid DB", "it has no database of that number"},
	{"ERR SELECT is not allowed", "a cluster cannot be used: name a single server"},
	{"MOVED", "a cluster cannot be used: name a single server"},
	{"READONLY", "it is a read-only replica: name the primary"},
	{"NOPERM", "the user may not do that: it needs +@all ~headroom1:*, or at least what "
		   "docs/shared-store.md lists"},
	{"WRONGTYPE", "another program has a key of that name: give another --store-namespace"},
	{"ERR syntax", "it is too old: Redis 7.0 or Valkey"},
};

static enum err fail_reply(const char *command, const redisReply *r, struct errctx *cx)
{
	char text[SHARE_ERROR_MAX];

	share_error_copy(text, sizeof text, (str){r->str, r->len});
	for (size_t i = 0; i < ARRAY_N(remedies); i++)
		if (str_starts(str_from(text), str_from(remedies[i].begin)))
			FAIL(cx, E_CONFIG, "%s (%s: %s)", remedies[i].remedy, command, text);
	FAIL(cx, E_UNAVAILABLE, "%s: %s", command, text);
}

/* Sends a command and waits; *out is to be freed, also after an answer that is an error. */
static enum err ask(
	struct share *s, const str *parts, size_t n, redisReply **out, struct errctx *cx)
{
	const char *argv[8];
	size_t lens[8];
	void *reply;

	ASSERT(n <= ARRAY_N(argv));
	for (size_t i = 0; i < n; i++) {
		argv[i] = parts[i].n ? parts[i].p : "";
		lens[i] = parts[i].n;
	}
	reply = redisCommandArgv(s->c, (int)n, argv, lens);
	*out = reply;
	if (!reply)
		FAIL(cx, E_UNAVAILABLE, "no answer (%s)", s->c->errstr);
	if ((*out)->type == REDIS_REPLY_ERROR)
		return fail_reply(parts[0].p, *out, cx);
	return E_OK;
}

/* For commands whose answer tells nothing more. */
static enum err command(struct share *s, const str *parts, size_t n, struct errctx *cx)
{
	redisReply *r;
	enum err err = ask(s, parts, n, &r, cx);

	freeReplyObject(r);
	return err;
}

static enum err authenticate(struct share *s, struct errctx *cx)
{
	str parts[3] = {STR("AUTH")};
	size_t n = 1;

	if (!s->password)
		return E_OK;
	if (s->user)
		parts[n++] = str_from(s->user);
	parts[n++] = str_from(s->password);
	return command(s, parts, n, cx);
}

static enum err select_db(struct share *s, struct errctx *cx)
{
	char number[16];

	if (!s->db)
		return E_OK;
	(void)snprintf(number, sizeof number, "%u", s->db);
	return command(s, (str[]){STR("SELECT"), str_from(number)}, 2, cx);
}

/* Users that may not ask are believed. */
static enum err check_version(struct share *s, struct errctx *cx)
{
	const str parts[] = {STR("INFO"), STR("server")};
	redisReply *r;
	struct errctx why = {0};
	enum err err = ask(s, parts, 2, &r, &why);
	uint64_t major = SHARE_VERSION_MIN;
	str text;
	size_t at;

	if (err && r && r->type == REDIS_REPLY_ERROR && strncmp(r->str, "NOPERM", 6) == 0) {
		freeReplyObject(r);
		return E_OK;
	}
	if (!err && r->type == REDIS_REPLY_STRING) {
		text = (str){r->str, r->len};
		at = str_find(text, STR("redis_version:"));
		if (at != STR_NONE) {
			text = str_sub(text, at + 14, text.n);
			at = str_find_byte(text, '.');
			if (at == STR_NONE || !str_u64(str_sub(text, 0, at), &major))
				major = SHARE_VERSION_MIN;
		}
	}
	freeReplyObject(r);
	if (err)
		return err_set(cx, err, "%s", why.text);
	if (major < SHARE_VERSION_MIN)
		FAIL(cx, E_CONFIG, "it is Redis %llu, too old: 7.0 or newer, or Valkey",
			(unsigned long long)major);
	return E_OK;
}

/* Finds out whether what was kept there before is still there. Memory that is full is no reason not to begin. */
static enum err read_mark(struct share *s, bool *is_emptied, struct errctx *cx)
{
	char key[SHARE_KEY_MAX];
	str parts[7];
	redisReply *r;
	enum err err;

	clock_id(s->clock, s->next_mark);
	share_mark_parts(s, s->next_mark, key, parts);
	err = ask(s, parts, ARRAY_N(parts), &r, cx);
	if (err && r && r->type == REDIS_REPLY_ERROR && strncmp(r->str, "OOM", 3) == 0) {
		*is_emptied = false;
		err = E_OK;
	} else if (!err) {
		str is = r->type == REDIS_REPLY_STRING ? (str){r->str, r->len}
						       : str_from(s->next_mark);

		*is_emptied = !str_eq(is, str_from(s->born));
		share_error_copy(s->born, sizeof s->born, is);
		clock_id(s->clock, s->next_mark);
	}
	freeReplyObject(r);
	return err;
}

static enum err greet(struct share *s, bool *is_emptied, struct errctx *cx)
{
	TRY(authenticate(s, cx));
	TRY(select_db(s, cx));
	TRY(check_version(s, cx));
	return read_mark(s, is_emptied, cx);
}

enum err share_connect(struct share *s, bool *is_emptied, struct errctx *cx)
{
	static const struct timeval wait = {
		SHARE_CONNECT_MS / 1000, SHARE_CONNECT_MS % 1000 * 1000};
	enum err err;
	int flags;

	s->c = redisConnectWithTimeout(s->host, s->port, wait);
	if (!s->c)
		FAIL(cx, E_NOMEM, "no memory for a connection");
	if (s->c->err) {
		err = err_set(cx, E_UNAVAILABLE, "%s", s->c->errstr);
	} else {
		(void)redisSetTimeout(s->c, wait);
		(void)redisEnableKeepAlive(s->c);
		err = greet(s, is_emptied, cx);
	}
	flags = err ? 0 : fcntl(s->c->fd, F_GETFL);
	if (!err && (flags < 0 || fcntl(s->c->fd, F_SETFL, flags | O_NONBLOCK) < 0))
		err = err_set(cx, E_UNAVAILABLE, "the connection cannot be made non-blocking");
	if (err) {
		redisFree(s->c);
		s->c = NULL;
		return err;
	}
	s->c->flags &= ~REDIS_BLOCK; /* so that reading it returns when there is nothing */
	return E_OK;
}
