/* link_internal: what the files of the link share. Not for others. */
#ifndef CORE_SHARE_LINK_INTERNAL_H
#define CORE_SHARE_LINK_INTERNAL_H

#include <hiredis/hiredis.h>
#include <pthread.h>

#include "core/share/link.h"

/* Commands and their answers. Owned by who made it until share_batch_free; from share_submit on by the link, too. */
struct share_batch {
	struct buf text; /* as it goes out */
	uint32_t n, done_n;
	bool is_submitted, is_abandoned, has_failed;
	redisReply **replies; /* n of them */
};

/* An answer that will come. batch NULL: the link's own look whether the data is there. */
struct expected {
	struct share_batch *batch;
	uint32_t command;
	int64_t sent_ns;
};

enum { SHARE_ID_LEN = 26 };

struct share {
	char *host, *user, *password; /* user, password: NULL when there is none */
	uint16_t port;
	uint32_t db;
	char prefix[SHARE_PREFIX_MAX];
	int wait_ms;
	const struct clock *clock;
	void (*event)(void *self, enum share_event what, const char *why);
	void *self;
	pthread_t thread;
	bool has_thread;
	int wake_fd;

	pthread_mutex_t lock; /* guards all of this block */
	pthread_cond_t changed;
	struct buf out;            /* to be sent */
	struct expected *expected; /* a ring of SHARE_EXPECTED */
	size_t first, expected_n;
	bool is_up, is_slow, is_closing;
	bool was_tried; /* the first attempt is over, with: */
	struct errctx first_try;
	struct share_stats stats; /* counts and error */

	/* The thread's own. */
	redisContext *c;
	struct buf sending;
	size_t sent_n;
	char born[SHARE_ID_LEN +
		  1]; /* what the server's mark was when it was last seen; "" never */
	char next_mark[SHARE_ID_LEN + 1]; /* what it will be when there is none */
	char refused_kind[32];            /* of the last error that was told */
	int64_t upkeep_ns;
};

/* link_io.c */
void *share_main(void *arg);

/* link.c: under the lock. */
void share_batch_release(struct share_batch *b);

/* handshake.c, on the link's thread: s->c. E_CONFIG: trying again would not help. */
enum err share_connect(struct share *s, bool *is_emptied, struct errctx *cx) MUST_CHECK;
/* The command that makes or reads the server's mark. */
void share_mark_parts(struct share *s, const char *id, char key[SHARE_KEY_MAX], str parts[7]);
/* An error's text without what may be long or secret: the first word and what follows, one line. */
void share_error_copy(char *out, size_t cap, str text);

#endif
