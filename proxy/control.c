#include "proxy/control.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/json/doc.h"
#include "core/lease/port_owner.h"
#include "proxy/ask.h"

enum {
	BODY_MAX = 256 << 10, /* a health report is a few KB */
	FORCED_MS = 5000,     /* to end without regard for open requests */
	ASK_MS = 2000,        /* stop: before anything is done */
};

/* ---- the answer ------------------------------------------------------------------------------- */

/* A copy that is cut at the end, with '?' for what does not print. */
static void copy_text(char out[CONTROL_TEXT], const struct json_value *v)
{
	str text = STR_NULL;
	size_t n;

	if (!json_value_str(v, &text))
		text = STR("");
	n = text.n < CONTROL_TEXT ? text.n : CONTROL_TEXT - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(text.p[i] > ' ' && text.p[i] <= '~' ? text.p[i] : '?');
	out[n] = '\0';
}

static void read_health(const struct json_value *root, struct control_health *out)
{
	const struct json_value *config = json_value_get(root, "config"),
				*stats = json_value_get(root, "stats");
	bool is_optimizing = true;
	int64_t pid = 0;

	copy_text(out->version, json_value_get(root, "version"));
	copy_text(out->mode, json_value_get(config, "mode"));
	if (json_value_bool(json_value_get(config, "optimize"), &is_optimizing) && !is_optimizing)
		memcpy(out->mode, "off", sizeof "off");
	/* kill(2) takes 0 and below for groups of processes. */
	if (json_value_i64(json_value_get(config, "pid"), &pid) && pid > 0 && pid <= INT32_MAX)
		out->pid = (pid_t)pid;
	(void)!json_value_bool(json_value_get(root, "ready"), &out->is_ready);
	(void)!json_value_f64(json_value_get(root, "uptime_seconds"), &out->uptime_s);
	(void)!json_value_i64(json_value_get(stats, "requests"), &out->requests);
	(void)!json_value_i64(json_value_get(stats, "tokens_saved"), &out->tokens_saved);
}

enum err control_parse(str body, struct control_health *out, struct errctx *cx)
{
	const struct json_value *root;
	struct json_doc *doc = NULL;
	str service = STR_NULL;
	bool is_ours;

	out->requests = out->tokens_saved = -1;
	if (json_doc_parse(body, &doc, NULL) != E_OK)
		FAIL(cx, E_FAILED, "the answer is no headroom's");
	root = json_doc_root(doc);
	is_ours = json_value_str(json_value_get(root, "service"), &service) &&
		  str_eq_c(service, "headroom-proxy");
	if (is_ours)
		read_health(root, out);
	json_doc_free(doc);
	if (!is_ours)
		FAIL(cx, E_FAILED, "the answer is no headroom's");
	return E_OK;
}

enum err control_health(
	uint16_t port, int64_t timeout_ms, struct control_health *out, struct errctx *cx)
{
	static const char *const hosts[] = {"127.0.0.1", "[::1]"};
	enum err asked = E_NOT_FOUND, err = E_NOT_FOUND;
	int status;

	for (size_t h = 0; h < ARRAY_N(hosts) && asked == E_NOT_FOUND; h++) {
		char url[2 * CONTROL_TEXT];
		struct buf body;

		*out = (struct control_health){.pid = 0};
		(void)snprintf(out->url, sizeof out->url, "http://%s:%u", hosts[h], port);
		(void)snprintf(url, sizeof url, "%s/health", out->url);
		buf_init(&body, BODY_MAX);
		asked = ask_loopback(
			&(struct ask){.url = url, .timeout_ms = timeout_ms}, &status, &body, NULL);
		if (!asked)
			err = control_parse(buf_str(&body), out, NULL);
		buf_release(&body);
	}
	if (asked == E_NOT_FOUND)
		FAIL(cx, E_NOT_FOUND, "nothing listens at port %u", port);
	if (asked == E_TIMEOUT)
		FAIL(cx, E_FAILED, "what listens at port %u does not answer", port);
	if (err)
		FAIL(cx, E_FAILED, "what listens at port %u is no headroom", port);
	return E_OK;
}

/* ---- stopping --------------------------------------------------------------------------------- */

/* True when the process has ended within that time. */
static bool wait_end(int pidfd, int64_t timeout_ms)
{
	int64_t end = clock_monotonic_ns(NULL) / 1000000 + timeout_ms;

	for (;;) {
		int64_t left = end - clock_monotonic_ns(NULL) / 1000000;
		struct pollfd p = {.fd = pidfd, .events = POLLIN};
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0 || (n < 0 && errno != EINTR))
			return n > 0;
		if (left <= 0)
			return false;
	}
}

static enum err end_process(int pidfd, const struct control_stop *stop, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];

	if (pidfd_send_signal(pidfd, SIGTERM, NULL, 0) != 0) {
		if (errno == ESRCH)
			return E_OK;
		FAIL(cx, E_PERMISSION, "cannot stop it: %s", file_err_text(errno, why));
	}
	if (wait_end(pidfd, stop->timeout_ms))
		return E_OK;
	if (!stop->is_forced)
		FAIL(cx, E_TIMEOUT,
			"it takes no more requests, but still works on some; --force "
			"ends those");
	/* The second one does not wait for anybody. */
	if (pidfd_send_signal(pidfd, SIGTERM, NULL, 0) != 0 && errno != ESRCH)
		FAIL(cx, E_PERMISSION, "cannot stop it: %s", file_err_text(errno, why));
	if (!wait_end(pidfd, FORCED_MS))
		FAIL(cx, E_TIMEOUT, "it does not end");
	return E_OK;
}

enum err control_stop(
	const struct control_stop *stop, struct control_health *health, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];
	struct port_owner owner;
	enum err err;
	int pidfd;

	TRY(control_health(stop->port, ASK_MS, health, cx));
	if (!health->pid)
		FAIL(cx, E_PERMISSION, "the headroom at port %u does not say its process id",
			stop->port);
	/* Open before the look: from here on the number cannot become another process's. */
	pidfd = pidfd_open(health->pid, 0);
	if (pidfd < 0 || !port_owner_find(stop->port, health->pid, &owner)) {
		int code = pidfd < 0 ? errno : EPERM;

		if (pidfd >= 0)
			(void)close(pidfd);
		FAIL(cx, E_PERMISSION,
			"process %lld does not hold port %u here, or is another user's (%s); in a "
			"container?",
			(long long)health->pid, stop->port, file_err_text(code, why));
	}
	err = end_process(pidfd, stop, cx);
	(void)close(pidfd);
	return err;
}
