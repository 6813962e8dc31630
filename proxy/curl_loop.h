/* curl_loop: libcurl's multi handle on a libevent loop. Sockets of kept connections stay registered between
 * requests, so that a request on a kept connection costs no epoll_ctl.
 * Owns: the multi handle and the events. Thread: the loop's. */
#ifndef PROXY_CURL_LOOP_H
#define PROXY_CURL_LOOP_H

#include <curl/curl.h>
#include <event2/event.h>

#include "core/base/err.h"

struct curl_loop;

struct curl_loop_conf {
	struct event_base *base;
	void (*done)(void *self, CURL *easy, CURLcode code); /* a transfer has ended */
	void *done_self;
	void (*turn_over)(void *self); /* after a turn's callbacks */
	void *self;
};

enum err curl_loop_new(
	const struct curl_loop_conf *conf, struct curl_loop **out, struct errctx *cx) MUST_CHECK;
void curl_loop_free(struct curl_loop *l);
CURLM *curl_loop_multi(struct curl_loop *l);
/* Sets what an easy handle needs so that its sockets are known here. */
void curl_loop_adopt(struct curl_loop *l, CURL *easy);
size_t curl_loop_sockets_n(const struct curl_loop *l);

#endif
