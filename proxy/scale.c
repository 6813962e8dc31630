#include "proxy/scale.h"

#include <pthread.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/store/calibration.h"

enum {
	MODELS = 64, /* a proxy sees a handful; two on one place take turns */
	MAX_AGE_MS = 60 * 1000,
};

struct scales {
	struct store *store;
	const struct clock *clock;
	pthread_mutex_t lock;
	struct {
		uint64_t model;
		int64_t read_ms; /* 0: never */
		double scale;
	} models[MODELS];
};

struct scales *scales_new(struct store *store, const struct clock *clock)
{
	struct scales *s = mem_zalloc(sizeof *s);

	if (!s)
		return NULL;
	s->store = store;
	s->clock = clock;
	(void)pthread_mutex_init(&s->lock, NULL);
	return s;
}

void scales_free(struct scales *s)
{
	if (!s)
		return;
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

double scales_get(struct scales *s, str model)
{
	uint64_t hash = hash64(model);
	size_t at = hash % MODELS;
	int64_t now_ms = clock_monotonic_ns(s->clock) / 1000000;
	double scale = 1;
	bool is_fresh;

	(void)pthread_mutex_lock(&s->lock);
	is_fresh = s->models[at].model == hash && s->models[at].read_ms &&
		   now_ms - s->models[at].read_ms < MAX_AGE_MS;
	if (is_fresh)
		scale = s->models[at].scale;
	(void)pthread_mutex_unlock(&s->lock);
	if (is_fresh || !model.n)
		return scale;
	if (!calibration_get(s->store, model, &scale, NULL))
		scale = 1;
	(void)pthread_mutex_lock(&s->lock);
	s->models[at].model = hash;
	s->models[at].read_ms = now_ms ? now_ms : 1;
	s->models[at].scale = scale;
	(void)pthread_mutex_unlock(&s->lock);
	return scale;
}

void scales_add(struct scales *s, str model, uint64_t counted, uint64_t reported)
{
	/* One that is lost changes nothing that anybody would see. */
	if (model.n && counted && reported &&
		calibration_add(s->store, model, counted, reported, NULL) != E_OK)
		return;
}
