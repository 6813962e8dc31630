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
	struct known {
		uint64_t name;
		int64_t read_ms; /* 0: never */
		double scale;
		struct model model; /* all but its name */
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

static struct known find(struct scales *s, str name, uint64_t hash)
{
	struct known k = {.name = hash, .scale = 1, .model = model_find(name)};

	if (!calibration_get(s->store, name, &k.scale, NULL))
		k.scale = 1;
	k.read_ms = clock_monotonic_ns(s->clock) / 1000000;
	if (!k.read_ms)
		k.read_ms = 1;
	return k;
}

double scales_get(struct scales *s, str name, struct model *out)
{
	uint64_t hash = hash64(name);
	size_t at = hash % MODELS;
	int64_t now_ms = clock_monotonic_ns(s->clock) / 1000000;
	struct known k;

	if (!name.n) {
		*out = model_find(name);
		return 1;
	}
	(void)pthread_mutex_lock(&s->lock);
	k = s->models[at];
	(void)pthread_mutex_unlock(&s->lock);
	if (k.name != hash || !k.read_ms || now_ms - k.read_ms >= MAX_AGE_MS) {
		k = find(s, name, hash);
		(void)pthread_mutex_lock(&s->lock);
		s->models[at] = k;
		(void)pthread_mutex_unlock(&s->lock);
	}
	*out = k.model;
	out->name = name;
	return k.scale;
}

void scales_add(struct scales *s, str model, uint64_t counted, uint64_t reported)
{
	/* One that is lost changes nothing that anybody would see. */
	if (model.n && counted && reported &&
		calibration_add(s->store, model, counted, reported, NULL) != E_OK)
		return;
}
