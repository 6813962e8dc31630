/* curl_loop: libcurl's multi handle on a libevent loop. Sockets of kept connections stay registered between
 * requests, so that a request on a kept connection costs no epoll_ctl.
 * Owns: the multi handle and the events. Thread: the loop's. */
#ifndef PROXY_CURL_LOOP_H
#define PROXY_CURL_LOOP_H

#include <curl/curl.h>
#include <event2/event.h>
#include <stdbool.h>

#include "core/base/err.h"

struct curl_loop;

/* Whose an easy handle is: the first member of what has one. */
struct curl_owner {
	void (*done)(struct curl_owner *o, CURLcode code); /* the transfer has ended */
};

struct curl_loop_conf {
	struct event_base *base;
	void (*turn_over)(void *self); /* after a turn's callbacks */
	void *self;
};

enum err curl_loop_new(
	const struct curl_loop_conf *conf, struct curl_loop **out, struct errctx *cx) MUST_CHECK;
void curl_loop_free(struct curl_loop *l);
/* Closes all connections, by another multi handle: curl looks at those that are idle only when it has something to do.
 * No transfer may be under way. False: no memory, all is as it was. */
bool curl_loop_renew(struct curl_loop *l) MUST_CHECK;
CURLM *curl_loop_multi(struct curl_loop *l);
/* Sets what an easy handle needs so that its sockets and its end are known here (CURLOPT_PRIVATE is taken). */
void curl_loop_adopt(struct curl_loop *l, CURL *easy, struct curl_owner *owner);
struct event_base *curl_loop_base(struct curl_loop *l);
void curl_loop_turn_over(struct curl_loop *l);
/* Somebody else watches this socket from now on; its closing still comes through here. */
void curl_loop_hand_over(struct curl_loop *l, curl_socket_t fd);
size_t curl_loop_sockets_n(const struct curl_loop *l);

#endif
