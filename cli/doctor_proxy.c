/* Checks of doctor: the configuration and the proxy that runs. */
#include <stdio.h>

#include "cli/doctor.h"
#include "cli/proxy_conf.h"
#include "core/base/file.h"
#include "core/lease/port_owner.h"
#include "proxy/ask.h"
#include "version.h"

enum { ASK_MS = 300, BODY_MAX = 256 << 10, TABLE_MAX = 4 << 20, URL_MAX = 128 };

void doctor_look_config(struct doctor *d)
{
	if (d->options_why.text[0]) {
		doctor_say(d, DOCTOR_FAIL, "%s", d->options_why.text);
		doctor_advise(d, false, "correct it, or try 'headroom config list'");
		return;
	}
	doctor_say(d, DOCTOR_PASS, "the options of the proxy can be read");
}

static void say_owner(struct doctor *d, enum doctor_status status)
{
	struct port_owner owner;

	if (port_owner_find(d->port, 0, &owner))
		doctor_say(d, status, "%s: %s (process %lld)", d->health_why.text, owner.name,
			(long long)owner.pid);
	else
		doctor_say(d, status, "%s", d->health_why.text);
	doctor_advise(d, false, "end that, or give headroom another --port");
}

void doctor_look_proxy(struct doctor *d)
{
	const struct control_health *h = &d->health;
	struct port_owner owner;

	if (d->asked == E_NOT_FOUND && !d->is_port_given) {
		doctor_say(d, DOCTOR_INFO,
			"none runs at port %u; 'headroom wrap' starts one when it is needed",
			d->port);
	} else if (d->asked == E_NOT_FOUND) {
		doctor_say(d, DOCTOR_FAIL, "nothing listens at port %u", d->port);
		doctor_advise(d, false, "headroom proxy -p %u", d->port);
	} else if (d->asked) {
		say_owner(d, d->is_port_given ? DOCTOR_FAIL : DOCTOR_WARN);
	} else if (!h->is_ready) {
		doctor_say(d, DOCTOR_WARN, "%s runs, but is not ready", h->url);
		doctor_advise(d, false, "GET %s/readyz says why", h->url);
	} else if (h->pid && !port_owner_find(d->port, h->pid, &owner)) {
		doctor_say(d, DOCTOR_INFO,
			"%s runs as process %lld of another user or in a container", h->url,
			(long long)h->pid);
	} else {
		doctor_say(d, DOCTOR_PASS, "runs at %s", h->url);
	}
}

void doctor_look_version(struct doctor *d)
{
	if (d->asked) {
		doctor_say(d, DOCTOR_SKIP, "no proxy to ask");
	} else if (!*d->health.version) {
		doctor_say(d, DOCTOR_INFO, "%s; the proxy does not say its own", HEADROOM_VERSION);
	} else if (strcmp(d->health.version, HEADROOM_VERSION) != 0) {
		doctor_say(d, DOCTOR_WARN, "the proxy is version %s, this command %s",
			d->health.version, HEADROOM_VERSION);
		doctor_advise(d, false, "headroom proxy stop -p %u, and start it again", d->port);
	} else {
		doctor_say(d, DOCTOR_PASS, "%s, as the proxy", HEADROOM_VERSION);
	}
}

/* ---- who can reach it ------------------------------------------------------------------------- */

/* Whether a line of /proc/net/tcp or tcp6 is a socket that listens at port, at an address that is not loopback. Addresses are
 * four-byte words in the order of the machine (proc(5)), which is little-endian wherever this is built. */
static bool is_open_line(str line, uint16_t port)
{
	static const char *const loopbacks[] = {
		"00000000000000000000000001000000", "0000000000000000FFFF0000"};
	str rest = line, word;

	if (!port_owner_inode(line, port))
		return false;
	rest = str_trim(rest);
	if (!str_split(&rest, ' ', &word)) /* the number of the line */
		return false;
	rest = str_trim(rest);
	if (!str_split(&rest, ':', &word))
		return false;
	if (str_eq_c(word, loopbacks[0]))
		return false;
	(void)str_take(&word, str_from(loopbacks[1]));
	return !(word.n == 8 && str_ends(word, STR("7F")));
}

static bool is_open_in(const char *table, uint16_t port)
{
	bool is_open = false;
	struct buf b;
	str rest, line;

	buf_init(&b, TABLE_MAX);
	if (file_read(table, &b, NULL))
		buf_reset(&b);
	rest = buf_str(&b);
	while (!is_open && str_next_line(&rest, &line, NULL))
		is_open = is_open_line(line, port);
	buf_release(&b);
	return is_open;
}

/* Without the token. /health would not tell: it is open to all. */
static bool serves_everybody(const struct doctor *d)
{
	char url[URL_MAX];
	struct buf b;
	int status;
	enum err e;

	(void)snprintf(url, sizeof url, "%s/metrics", d->health.url);
	buf_init(&b, BODY_MAX);
	e = ask_loopback(&(struct ask){.url = url, .timeout_ms = ASK_MS}, &status, &b, NULL);
	buf_release(&b);
	return !e && status == 200;
}

static void look_at_options(struct doctor *d)
{
	if (!d->options) {
		doctor_say(d, DOCTOR_SKIP, "the configuration cannot be read");
	} else if (!d->token.n && !proxy_conf_is_loopback(d->options->host)) {
		doctor_say(d, DOCTOR_FAIL,
			"a proxy would listen at " STR_FMT
			", where other machines can use it, without a token",
			STR_ARG(d->options->host));
		doctor_advise(d, false, "set HEADROOM_PROXY_TOKEN to a secret");
	} else {
		doctor_say(d, DOCTOR_PASS, "%s",
			d->token.n ? "clients must show a token"
				   : "only this machine can reach it");
	}
}

void doctor_look_bind(struct doctor *d)
{
	if (!d->asked &&
		(is_open_in("/proc/net/tcp", d->port) || is_open_in("/proc/net/tcp6", d->port)) &&
		serves_everybody(d)) {
		doctor_say(d, DOCTOR_FAIL,
			"other machines can use the proxy at port %u, and it asks for no token",
			d->port);
		doctor_advise(d, false,
			"set HEADROOM_PROXY_TOKEN to a secret and start it again, or --host "
			"127.0.0.1");
	} else {
		look_at_options(d);
	}
}

/* ---- money ------------------------------------------------------------------------------------ */

void doctor_look_budget(struct doctor *d)
{
	static const char *const periods[] = {"an hour", "a day", "a month"};

	if (!d->options)
		doctor_say(d, DOCTOR_SKIP, "the configuration cannot be read");
	else if (opt_origin_of(d->group, "budget")->source == OPT_FROM_DEFAULT)
		doctor_say(d, DOCTOR_INFO, "none; --budget or proxy.budget sets one");
	else
		doctor_say(d, DOCTOR_INFO, "%.2f dollars %s", d->options->budget,
			periods[d->options->budget_period % (int)ARRAY_N(periods)]);
}
