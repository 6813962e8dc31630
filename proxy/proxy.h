/* proxy: the server as one call, and all that it can be told. The struct is filled by cli/run_proxy.c from the
 * option table and borrowed for the whole run; nothing in it is changed. What is off is off here: proxy_run reads
 * no environment, no configuration and no command line by itself.
 * Owns: nothing. Thread: proxy_run belongs to the main thread and starts the others. */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include "core/base/log.h"
#include "core/engine/engine.h"
#include "core/share/target.h"
#include "proxy/embedder.h"

/* What becomes of a request for a WebSocket. */
enum proxy_websocket {
	WEBSOCKET_REFUSE, /* 426, upon which Codex turns to HTTP at once */
	WEBSOCKET_TUNNEL, /* relayed frame by frame, nothing changed and nothing counted */
};

/* What becomes of the process's own rights (proxy/confine.h). */
enum proxy_confinement { CONFINE_OFF, CONFINE_AUTO, CONFINE_ON };

/* What SIGHUP may change while requests run. */
struct proxy_limits {
	int64_t rpm, tpm; /* requests and tokens per minute; 0: no limit */
	bool has_budget;
	double budget_usd; /* 0 is a budget, too: nothing may be spent */
	int budget_period; /* enum budget_period of proxy/budget.h: 0 hourly, 1 daily, 2 monthly */
	int64_t concurrency;    /* open requests; above it 503 */
	const char *price_file; /* prices that override the built-in ones; NULL: none */
};

enum { PROXY_UPSTREAMS = 8 };

struct lease_setting;
struct listeners;
struct provider_row;

/* --store-url: the Redis that several proxies share; docs/shared-store.md. */
struct proxy_share_conf {
	bool is_on;
	struct share_target target; /* its password is a secret */
	str space;                  /* --store-namespace */
	bool is_fail_closed;
	int wait_ms; /* --store-wait */
};

/* --backend: who answers in place of the provider that a client means. */
struct backend_conf {
	const struct provider_row *provider; /* NULL: nobody */
	str messages; /* base of its Anthropic Messages; that of all else is in struct proxy_conf.upstreams */
	str key;         /* a secret; empty: none is needed, or AWS or Google has it */
	str api_version; /* Azure; empty: its unversioned paths */
	str region, project, profile;
	char *const *envp; /* credentials of AWS and Google are looked for there, */
	const char *home;  /* and in files below it */
};

/* A request for a model that was understood, as its client sent it. */
struct proxy_seen {
	str body;
	str session;                 /* its conversation */
	str project_id, project_dir; /* what its headers say; may be empty */
	int64_t at_ms;
};
/* Who is told of each: by any thread, on the way of the request, so that it must return at once; nothing of it outlives the call. */
struct proxy_watch {
	void (*tell)(void *self, const struct proxy_seen *s); /* NULL: nobody */
	void *self;
};

struct proxy_conf {
	const char *host;
	uint16_t port; /* 0: any free one */
	struct listeners *
		listeners; /* opened already (proxy/listen.h), of host and port; NULL: proxy_run opens them */
	/* Where it can be found by `headroom wrap` (core/lease/run_dir.h); NULL: nowhere. */
	const char *workspace;
	/* The code graph that is kept fresh while it serves, by the caller: of which directory, and where. NULL: none. */
	const char *graph_root, *graph_file;
	/* What is learned from requests, by the caller, too: how often it was seen is kept there. NULL: nothing. */
	const char *learn_file;
	uint32_t learn_evidence; /* how often is often enough */
	struct proxy_watch watch;
	int control_fd;       /* the lease of who started it (core/lease/record.h); -1: none */
	int64_t idle_exit_ms; /* ends after so long without lease or request; 0: never */
	const struct lease_setting
		*settings; /* the options, for those who look for a proxy to share */
	size_t settings_n;
	int ready_fd; /* gets the URL and a newline once it listens, then is closed; -1: none */
	unsigned workers;
	struct compress_conf compress;
	const char *kompress_dir; /* where compress.kompress is from; NULL: none is wanted */
	bool is_optimizing;       /* false: requests pass bit for bit */
	bool has_response_cache;
	/* Memories of earlier sessions: what the engine is told of them, but for recall, which is the server's, and what the
	 * headers of a request say. */
	bool has_memory;
	struct compress_memory memory;
	struct proxy_embedder_conf embedder; /* but for log; url empty: only what is built in */
	bool is_stateless; /* nothing is written to any file; log_file and store_file are NULL then */
	/* Figures by client and kind of content: the block "telemetry" of /stats and its metrics. Kept in
	 * this process, sent nowhere. */
	bool has_telemetry;
	struct proxy_limits limits;
	/* Base URLs by enum upstream of proxy/route.h: anthropic, openai, gemini, cloudcode, chatgpt, vertex, bedrock,
	 * backend. Checked, without a trailing slash and, but for the last, without a trailing /v1. The last two may be empty. */
	str upstreams[PROXY_UPSTREAMS];
	struct backend_conf backend;
	int64_t max_connections, max_keepalive; /* to upstreams, over all workers */
	int64_t request_timeout_ms;             /* between two bytes, never over a whole stream */
	int64_t connect_timeout_ms, keepalive_expiry_ms;
	int64_t drain_ms;       /* from SIGTERM on, for requests that are under way */
	int retry_max_attempts; /* attempts, not repetitions: 1 is none */
	bool has_http2;         /* to upstreams */
	const char *log_file;   /* JSON lines, one per request; NULL: none */
	bool logs_messages;     /* with bodies */
	const char *store_file; /* NULL: nothing outlives the process */
	struct proxy_share_conf share;
	str token;               /* what clients must show; .n is 0: nothing */
	const char *tokens_file; /* further tokens, with names (proxy/tenant.h); NULL: none */
	/* Names that Host may have beside loopback and the bound address, and origins that a browser's page may
	 * have. "*" is any. */
	const str *allowed_hosts, *allowed_origins;
	size_t allowed_hosts_n, allowed_origins_n;
	enum proxy_websocket websocket;
	enum proxy_confinement confine;
	const char *user;        /* whom the process became (proxy/user.h); NULL: nobody */
	const char *config_file; /* that reload() reads; NULL: none */
	size_t body_max;         /* bytes of a request, as it is sent and decoded */
	/* For upstreams; NULL: not set. ca_file takes the place of the system's store, ca_extra is added. The
	 * proxies and no_proxy are what curl calls them. */
	const char *ca_file, *ca_extra, *http_proxy, *https_proxy, *no_proxy;
	const char *notify_socket; /* $NOTIFY_SOCKET; NULL: not run by systemd */
	const char *version;
	const struct log *log;
	const struct clock *clock; /* NULL: the system's */
	/* SIGHUP, called on the main thread: the configuration read anew. Upon an error the limits stay as
	 * they were and the error is logged. Strings in *out stay valid until the next call but one that succeeds. */
	enum err (*reload)(void *self, struct proxy_limits *out, struct errctx *cx);
	void *reload_self;
	/* After bind and before the first accept. url has the real port. May be NULL. */
	void (*listening)(void *self, const char *url);
	void *listening_self;
};

/* Serves until SIGTERM, SIGINT or the end of --idle-exit, and then until what is under way has ended, drain_ms has passed or the signal came
 * again. Handles SIGTERM, SIGINT and SIGHUP itself. E_BUSY: the port is taken, the text says by whom;
 * E_PERMISSION, E_CONFIG (an address that is none, a file of certificates that cannot be read), E_NOMEM, E_IO. */
enum err proxy_run(const struct proxy_conf *conf, struct errctx *cx) MUST_CHECK;

#endif
