#include "proxy/own/snapshot.h"

#include <pthread.h>

#include "core/base/mem.h"

struct snapshots {
	pthread_mutex_t lock;
	struct {
		char *p;
		size_t n;
		int64_t until_ns;
	} of[2];
};

struct snapshots *snapshots_new(void)
{
	struct snapshots *s = mem_zalloc(sizeof *s);

	if (s)
		(void)pthread_mutex_init(&s->lock, NULL);
	return s;
}

void snapshots_free(struct snapshots *s)
{
	if (!s)
		return;
	snapshots_forget(s);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

bool snapshot_get(struct snapshots *s, bool is_local, int64_t now_ns, struct buf *out)
{
	bool is_good;

	(void)pthread_mutex_lock(&s->lock);
	is_good = s->of[is_local].p && now_ns <= s->of[is_local].until_ns;
	if (is_good)
		buf_add(out, (str){s->of[is_local].p, s->of[is_local].n});
	(void)pthread_mutex_unlock(&s->lock);
	return is_good;
}

void snapshot_put(struct snapshots *s, bool is_local, int64_t now_ns, int64_t good_ns, str text)
{
	char *copy = mem_alloc(text.n);
	char *old;

	if (!copy)
		return;
	memcpy(copy, text.p, text.n);
	(void)pthread_mutex_lock(&s->lock);
	old = s->of[is_local].p;
	s->of[is_local].p = copy;
	s->of[is_local].n = text.n;
	s->of[is_local].until_ns = now_ns + good_ns;
	(void)pthread_mutex_unlock(&s->lock);
	mem_free(old);
}

void snapshots_forget(struct snapshots *s)
{
	(void)pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < 2; i++) {
		mem_free(s->of[i].p);
		s->of[i].p = NULL;
	}
	(void)pthread_mutex_unlock(&s->lock);
}
