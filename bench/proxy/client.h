/* client: one connection of the load generator: sends one request after the other, reads the answers, checks them and
 * takes the time.
 * Owns: its socket and buffers: client_release(). Thread: one. */
#ifndef BENCH_PROXY_CLIENT_H
#define BENCH_PROXY_CLIENT_H

#include <netinet/in.h>
#include <sys/uio.h>

#include "bench/proxy/answer.h"
#include "bench/proxy/http.h"
#include "core/base/buf.h"

/* Times in microseconds. On the heap. */
struct samples {
	float *us;
	size_t n, cap;
};

struct tally {
	struct samples samples;
	uint64_t begun, requests; /* that count; begun, and answered */
	uint64_t bytes_down, errors, reconnects;
	char error[128]; /* the first one */
};

/* A request in the two pieces around the digits that make it another conversation. */
struct request_text {
	struct buf head;
	str before, after; /* of the body; point into the caller's bytes */
};

/* Behind this in the body stand so many digits. */
#define CLIENT_CONVERSATION "conversation "
enum { CLIENT_DIGITS = 10 };

/* What all connections share. */
struct client_conf {
	struct sockaddr_in to;
	int epoll;
	struct request_text request, opening; /* opening: empty without --before */
	bool is_fresh;                        /* each request is another conversation */
	bool is_counting;
	uint32_t stream_events; /* that each answer must have; 0: complete answers */
	uint64_t conversation;
	struct tally tally;
	char *read; /* NET_READ bytes */
};

struct client {
	int fd; /* -1: none */
	bool is_opening, is_watching_out, is_close;
	enum client_state { CLIENT_IDLE, CLIENT_SENDING, CLIENT_HEAD, CLIENT_BODY } state;
	struct iovec parts[4];
	size_t part_at;
	char digits[CLIENT_DIGITS + 1];
	int64_t begun_ns;
	struct buf bytes; /* of a head that came in pieces; then of the answer */
	struct http_head head;
	struct http_body body;
	char mark[ANSWER_MARK_LEN]; /* of an event, which may come in pieces */
	size_t mark_n;
	uint32_t seq;
};

/* Cuts the body at its digits; false when there are none. */
bool request_text_init(struct request_text *r, const char *path, str host, str fields, str body);

void client_init(struct client *c);
void client_release(struct client *c);

/* Sends the next request, over a new connection if there is none. */
void client_begin(struct client_conf *conf, struct client *c);

enum client_did { CLIENT_WAITS, CLIENT_ANSWERED, CLIENT_FAILED };
/* What epoll has said of its socket. CLIENT_ANSWERED, CLIENT_FAILED: it is idle and may begin again; what has gone
 * wrong is in the tally. */
enum client_did client_step(struct client_conf *conf, struct client *c, uint32_t events);

#endif
