/* lease: the hold that one `headroom wrap` has on a proxy. The first asks for one is started, the others join it; who
 * holds it is the kernel's knowledge: a lease is an open connection to the proxy's control socket (core/lease/record.h),
 * gone with the process however that ends. A proxy that a wrap has started ends by itself when nobody holds it any
 * more (--idle-exit).
 *
 * Whose a proxy is: its control socket stands in a directory of this user alone, its peer is this user (SO_PEERCRED), and
 * it says the nonce that stands in its file. Nothing is ever sent to the TCP port, which may be anybody's, and no
 * process is ever sent a signal.
 *
 * Which one may be shared: one with the same digest (upstreams, token, certificates and HTTP proxies for upstreams, the
 * very options that the request names). Both sides get theirs from `EXE proxy ARGS --print-config`, thus from the same
 * code, the same environment and the same files. Proxies are started in the workspace directory: a project's configuration
 * file speaks for this project only, so what it says has to be in proxy_args.
 *
 * Owns: the connection and all texts. Free: lease_release. Thread: one at a time. */
#ifndef WRAP_LEASE_H
#define WRAP_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/log.h"

/* All of it is borrowed until lease_release. */
struct lease_request {
	const char *workspace; /* directory; made when it is not there */
	const char *exe;       /* absolute path of headroom */
	uint16_t port;         /* wanted */
	bool is_port_given;    /* by the user: then no other will do */
	bool is_private;       /* one of its own, at any free port */
	bool must_exist;       /* --no-proxy: join, never start */
	bool replaces; /* --replace: one at the port that cannot be shared and that nobody holds makes way */
	/* What the agent would have asked without us, by the variable that tells a proxy so: ANTHROPIC_TARGET_API_URL. */
	const struct lease_upstream {
		const char *variable, *url;
	} * upstreams;
	size_t upstreams_n;
	const char *const *
		proxy_args; /* options of `headroom proxy`, each with its value behind '=' or as the next */
	size_t proxy_args_n;
	char *const *envp; /* of the proxy; HEADROOM_PROXY_TOKEN passes with the rest */
	const char *
		log_file; /* what the proxy writes to its standard error; appended; a new one from 5 MB on */
	int64_t idle_exit_ms; /* of a proxy that is started here; 0: never */
	int64_t start_ms;     /* the most that a proxy may take until it listens */
	const struct log *log;
};

struct lease;

/* Joins a proxy that may be shared, or starts one. Blocks: a few milliseconds, at the worst start_ms for each wrap that
 * is before this one at the same port. Where the workspace cannot be written to, the proxy is a private one with
 * --stateless, and lease_notice says so.
 * E_UNAVAILABLE: the port belongs to something else (the text says to whom), the proxy did not start (with the last
 * lines of its log), there is none (must_exist). E_BUSY: --replace, but others hold it. E_USAGE, E_CONFIG: proxy_args or the
 * environment, as the proxy sees them. */
enum err lease_take(
	const struct lease_request *r, struct lease **out, struct errctx *cx) MUST_CHECK;
/* Lets go; NULL is fine. */
void lease_release(struct lease *l);

const char *lease_url(const struct lease *l); /* "http://127.0.0.1:8787" */
uint16_t lease_port(const struct lease *l);
bool lease_is_new(const struct lease *l); /* started by this lease */
/* A sentence for the user where it is not what was asked for (another port, and why), without a full stop; NULL: all as
 * asked. */
const char *lease_notice(const struct lease *l);

/* Becomes readable when the proxy ends or takes no more requests: then lease_revive. Another one after each success; -1 after
 * a failure, until the next success. */
int lease_fd(const struct lease *l);

/* Another one at the same port with the same arguments, joined when another wrap was faster. At most 5 are started in
 * a minute, with 50 ms .. 2 s between attempts: not to be called before lease_next_try_ms is 0. Blocks like lease_take but
 * not for another wrap.
 * E_BUSY: somebody else is at it, or the old one still has the port. E_UNAVAILABLE: it did not start, or the port
 * belongs to something else now. After both lease_next_try_ms says when to try again. */
enum err lease_revive(struct lease *l, struct errctx *cx) MUST_CHECK;
/* Milliseconds from now until lease_revive may be called, for poll(2); 0: now. */
int64_t lease_next_try_ms(const struct lease *l);

#endif
