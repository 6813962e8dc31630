/* exchange: one request on its way through the proxy, from its head to its row in the ledger. The steps are in files
 * of their own, in this order:
 *	exchange.c   the head comes, is admitted, the body comes; the end
 *	prepare.c    (and prepare_*.c) limits, response cache, compression: what is to be sent (on the pool when it is work)
 *	forward.c    to the provider, again where that is safe
 *	relay.c      the answer to the client as it comes, read on the side
 *	translate.c  between these two and the provider, where the backend speaks another dialect
 *	rounds.c     in its place where the answer may have calls of our tool: more requests, one answer
 *	account.c    ledger, metrics, log line; parts.c what was saved where
 * Owns: itself, its arena, what it took from the connection. Thread: its worker's; while is_in_pool is set, the pool's
 * thread has what prepare.c works on. */
#ifndef PROXY_EXCHANGE_H
#define PROXY_EXCHANGE_H

#include "core/engine/engine.h"
#include "core/store/ledger.h"
#include "core/wire/usage.h"
#include "proxy/coding.h"
#include "proxy/header.h"
#include "proxy/rounds.h"
#include "proxy/route.h"
#include "proxy/translate.h"
#include "proxy/worker.h"

enum exchange_state {
	EXCHANGE_BODY,    /* the body comes */
	EXCHANGE_PREPARE, /* on its way through prepare.c */
	EXCHANGE_WAIT,    /* for a repetition */
	EXCHANGE_SENT,    /* at the provider, no answer yet */
	EXCHANGE_RELAY,   /* the answer comes */
	EXCHANGE_END,
};

/* What prepare.c has come to. */
enum prepared {
	PREPARED_SEND,
	PREPARED_ANSWER, /* struct answer: refused here */
	PREPARED_CACHED, /* answered from the response cache */
};

struct backend_answer;
struct backend_frame;

struct exchange {
	struct worker *w;
	struct server *server;
	struct exchange *next, **at;
	struct http_conn *conn; /* NULL: the client is gone */
	struct arena arena;
	enum exchange_state state;
	bool is_counted_active;

	/* The request. */
	char id[CLOCK_ID_LEN + 1];
	int64_t at_ms, start_ns, sent_ns, first_byte_ns, progress_ns;
	struct http_kept kept;
	const struct http_head *head; /* a copy in the arena, of kept bytes */
	struct route route;
	struct request_info info;
	enum guard_verdict guarded;
	/* Whose token it came with: all that is kept of it or for it, here or anywhere, is told apart by his name. NULL: the
	 * operator's, or none is needed. */
	struct tenant *tenant;
	bool is_operator; /* see struct guard_who */
	bool token_in_authorization, is_head_method;
	bool is_unknown; /* refused before anybody knew who it was: the ledger has no row for it */
	str raw;         /* the body as it came */
	size_t raw_n;

	/* prepare.c. The pool's while is_in_pool. */
	struct worker_mail mail;
	bool is_in_pool;
	struct hash128 limit_keys[CREDENTIAL_N];
	size_t limit_keys_n;
	enum prepared prepared;
	int answer_status;
	str answer_text;
	int64_t answer_retry_after_s;       /* -1: none */
	struct compress_result *compressed; /* NULL, or what is not released yet */
	char *decoded;                      /* body without its coding, on the heap; or NULL */
	char *changed; /* the new body, on the heap; NULL: it goes as it came */
	size_t decoded_n, changed_n;
	str model_name;
	struct model model;
	bool is_stream, has_cache_key;
	struct response_cache_key cache_key;
	const struct cached_response *cached;
	int64_t cached_age_ms;
	uint64_t counted_before, counted_after; /* before calibration */
	uint64_t results_n, results_changed_n;
	int64_t saved_old, saved_fresh; /* tokens, before calibration */
	struct ledger_part *parts;      /* of what was saved, before calibration; in the arena */
	size_t parts_n;
	const char *reason; /* static */
	str transforms;
	struct hash128 chain;     /* of the conversation up to here (core/engine/engine.h) */
	struct trail_break broke; /* what has broken the provider's prompt cache */
	struct hash128 conversation;
	enum ledger_arm arm;
	uint64_t again_n,
		retrieved_n; /* what the model has asked for again in its newest turn; originals among it apart */
	bool has_efforts; /* messages that set the effort stand in the body that was changed */
	unsigned own; /* OWN_TOOL_RETRIEVE, ...: our tools in it, whose calls are answered here */
	struct recall_scope memory; /* where those of memories save */
	double scale;               /* of counts, for this model */
	uint64_t limited_tokens;
	int64_t reserved_nano, tenant_reserved_nano;
	bool has_limit, has_reservation;
	/* With other proxies: proxy/shared.h. */
	bool is_limit_shared, is_tenant_limit_shared, is_spend_shared, is_tenant_spend_shared;
	int64_t spend_reserved_nano, tenant_spend_reserved_nano;

	/* dashboard/feed.h */
	enum {
		LISTENER_NONE,
		LISTENER_ENTERS, /* has a place, hears nothing yet */
		LISTENER_REMOTE,
		LISTENER_LOCAL,
	} listener;
	uint64_t heard; /* the state that was told last */

	/* forward.c */
	struct transfer *transfer;
	struct event *retry;
	unsigned attempts, attempts_before; /* in all rounds; in those before this one */
	uint64_t sent_before;               /* bytes of the bodies of those rounds */
	const char *url;
	char *sent; /* the body as a cloud wants it, on the heap; NULL: what went in is what went out */
	char *start_error; /* why no attempt could begin; in the arena; NULL: memory ran out */
	int start_status;  /* what the client is told then */
	struct http_header *headers;
	uint32_t headers_n;
	struct evbuffer *upload; /* a body that is passed on in pieces */
	bool is_pulled, is_upload_done, is_upload_full, is_pull_waiting;
	int64_t retry_after_ms; /* of the answer that was refused; -1: none */
	bool wants_retry;

	struct tunnel *tunnel; /* tunnel.c; in place of transfer */
	struct rounds *rounds; /* rounds.c; NULL: the answer passes as it is */
	struct translation
		*translation; /* translate.c; NULL: the backend speaks the client's dialect */

	/* Of Bedrock: as Anthropic's API would answer; NULL: it does so itself, or the answer stays as it is. */
	struct backend_answer *backend_answer;
	struct backend_answer
		*tap_answer;         /* the same for what reads along, of one that stays as it is */
	struct backend_frame *frame; /* makes it Bedrock's again, for a client of Bedrock's */
	bool is_frame_lost;          /* memory ran out for it */

	/* relay.c */
	int status; /* that went to the client; 0: none */
	struct usage_reader *usage_reader;
	struct decoder *decoder;
	bool is_read_along; /* the text of the answer goes to usage_reader and log_answer */
	struct cached_builder *builder;
	const struct usage *usage; /* at the end */
	struct buf log_answer;     /* decoded answer or its beginning, for --log-messages */
	uint64_t answer_n;         /* bytes of it that were decoded */
	uint64_t bytes_out;
	bool is_client_gone, is_complete;
	str error; /* short, for the ledger */
};

/* The callbacks of the worker's HTTP server and upstreams; self is the worker, user the exchange. */
extern const struct http_events exchange_http_events;
extern const struct upstream_events exchange_upstream_events;

/* Answers with an error in the provider's words, and ends the exchange. Where the answer is open already (rounds.h), it
 * ends with a note. */
void exchange_refuse(struct exchange *x, int status, str message, int64_t retry_after_s);
/* Accounts, gives everything back. The answer must be complete, broken off, or the client gone. */
void exchange_end(struct exchange *x);
/* Ends an exchange whose client cannot be served any more: breaks the connection. */
void exchange_break(struct exchange *x, str error);
/* The name of its tenant: of what is kept; empty: the operator's. As long as the server. */
static inline str exchange_tenant(const struct exchange *x)
{
	return x->tenant ? str_from(x->tenant->name) : STR("");
}
/* Who answers it: a provider's name; static. */
const char *exchange_provider(const struct exchange *x);
void exchanges_tick(struct worker *w, int64_t now_ns);
void exchange_free_spare(struct worker *w);

/* prepare.c: what is to become of a request whose body is there. Ends in exchange_prepared. */
void exchange_prepare(struct exchange *x);
void exchange_prepared(struct exchange *x);

/* forward.c */
void exchange_forward(struct exchange *x);
/* Sends the request once more with another body, which is taken out of *body (on the heap). */
void exchange_send_again(struct exchange *x, struct buf *body);
void exchange_upload(struct exchange *x, str piece, bool is_last);
bool exchange_on_head(void *user, const struct upstream_head *h);
size_t exchange_on_pull(void *user, char *p, size_t n, bool *is_last);
void exchange_on_done(void *user, const struct upstream_end *end);

/* relay.c */
/* False: memory ran out, the answer cannot be relayed. */
bool exchange_relay_head(struct exchange *x, const struct upstream_head *h);
enum upstream_take exchange_on_body(void *user, str piece);
/* Bytes for the client. */
void exchange_relay_text(struct exchange *x, str text);
/* What is left of an answer that was Bedrock's goes on; returns whether it was complete. */
bool exchange_end_backend(struct exchange *x, bool is_complete);
void exchange_relay_end(struct exchange *x, bool is_complete);
void exchange_send_cached(struct exchange *x);
/* Appends our own response headers. */
void exchange_own_headers(struct exchange *x, struct http_header *out, uint32_t *n);
enum { EXCHANGE_OWN_HEADERS = 11 };

/* parts.c: what a block saved goes to the parts; they, calibrated (what rounding leaves is LEDGER_REST), as the ledger has them. */
void exchange_add_parts(struct exchange *x, const struct compress_block *b, int64_t saved);
void exchange_add_again(struct exchange *x, const struct compress_again *a);
void exchange_write_parts(const struct exchange *x, struct buf *out);

/* account.c */
void exchange_account(struct exchange *x);

/* own/own.c: an endpoint of our own; body is whole. Ends the exchange. */
void own_answer(struct exchange *x, str body);

#endif
