#include "learn/seen.h"

#include "core/base/mem.h"

enum { FIRST_CAP = 1024 };

static bool has(const uint64_t *v, size_t cap, uint64_t hash, size_t *at)
{
	size_t i = hash & (cap - 1);

	while (v[i] && v[i] != hash)
		i = (i + 1) & (cap - 1);
	*at = i;
	return v[i] == hash;
}

static bool grow(struct seen *s)
{
	size_t cap = s->now_cap ? s->now_cap * 2 : FIRST_CAP, at;
	uint64_t *v = mem_zalloc(cap * sizeof *v);

	if (!v)
		return false;
	for (size_t i = 0; i < s->now_cap; i++)
		if (s->now[i]) {
			(void)has(v, cap, s->now[i], &at);
			v[at] = s->now[i];
		}
	mem_free(s->now);
	s->now = v;
	s->now_cap = cap;
	return true;
}

bool seen_add(struct seen *s, uint64_t hash)
{
	size_t at;

	hash = hash ? hash : 1;
	if (s->now_n >= SEEN_MAX) {
		mem_free(s->before);
		s->before = s->now;
		s->before_cap = s->now_cap;
		s->now = NULL;
		s->now_n = s->now_cap = 0;
	}
	if (s->now_n * 2 >= s->now_cap && !grow(s))
		return false;
	if (has(s->now, s->now_cap, hash, &at))
		return true;
	s->now[at] = hash;
	s->now_n++;
	return s->before && has(s->before, s->before_cap, hash, &at);
}

void seen_release(struct seen *s)
{
	mem_free(s->now);
	mem_free(s->before);
	*s = (struct seen){0};
}
