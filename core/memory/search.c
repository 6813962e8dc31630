#include "core/memory/search.h"

#include <stdlib.h>

#include "core/base/attr.h"
#include "core/token/model.h"
#include "core/token/token.h"

/* Neighbours in a session are found by their places, so these are told apart by time. */
static int by_session_and_time(const void *a, const void *b)
{
	const struct memory *x = *(const struct memory *const *)a,
			    *y = *(const struct memory *const *)b;
	int order = str_cmp(x->text[MEMORY_SESSION], y->text[MEMORY_SESSION]);

	order = order ? order : str_cmp(x->text[MEMORY_USER], y->text[MEMORY_USER]);
	if (order)
		return order;
	if (x->at[MEMORY_CREATED] != y->at[MEMORY_CREATED])
		return x->at[MEMORY_CREATED] < y->at[MEMORY_CREATED] ? -1 : 1;
	return str_cmp(x->text[MEMORY_ID], y->text[MEMORY_ID]);
}

/* Sessions of two users are two. */
static str session_of(const struct memory *m, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, m->text[MEMORY_USER].n + m->text[MEMORY_SESSION].n + 1);
	buf_add(&b, m->text[MEMORY_USER]);
	buf_add_byte(&b, '\0');
	buf_add(&b, m->text[MEMORY_SESSION]);
	return m->text[MEMORY_SESSION].n ? buf_str(&b) : STR_NULL;
}

static struct memory_index *build(const struct memory **v, size_t n, struct arena *a)
{
	struct memory_index *x = memory_index_new(a);

	for (size_t i = 0; i < n; i++) {
		const struct memory *m = v[i];
		struct memory_index_doc d = {.content = m->text[MEMORY_CONTENT],
			.session = session_of(m, a),
			.speaker = m->text[MEMORY_SPEAKER],
			.entities = m->text[MEMORY_ENTITIES],
			.importance = m->importance};

		if (m->at[MEMORY_CREATED] != MEMORY_NO_TIME)
			d.created_ms = m->at[MEMORY_CREATED];
		memory_index_add(x, &d);
	}
	memory_index_seal(x);
	return x;
}

size_t memory_found_fit(struct memory_found *v, size_t n, size_t tokens_max)
{
	size_t kept = 0, sum = 0;

	for (size_t i = 0; i < n; i++) {
		v[i].tokens = token_count(
			model_find(STR_NULL).encoding, v[i].memory->text[MEMORY_CONTENT], NULL);
		if (tokens_max && sum + v[i].tokens > tokens_max)
			continue; /* a shorter one may still fit */
		sum += v[i].tokens;
		v[kept++] = v[i];
	}
	return kept;
}

size_t memory_search(const struct memory_set *set, const struct memory_search *s, struct arena *a,
	struct memory_found **out)
{
	const struct memory **v = arena_calloc(a, set->n + 1, sizeof *v, alignof(struct memory *));
	struct memory_query q = s->query;
	struct memory_hit *hits;
	size_t n;

	q.limit = q.limit < MEMORY_HITS_MAX ? q.limit : MEMORY_HITS_MAX;
	for (size_t i = 0; i < set->n; i++)
		v[i] = &set->v[i];
	qsort(v, set->n, sizeof *v, by_session_and_time);
	hits = arena_array(a, struct memory_hit, q.limit + 1);
	*out = arena_array(a, struct memory_found, q.limit + 1);
	n = memory_index_search(build(v, set->n, a), &q, a, hits);
	for (size_t i = 0; i < n; i++)
		(*out)[i] =
			(struct memory_found){v[hits[i].doc], hits[i].score, hits[i].coverage, 0};
	return memory_found_fit(*out, n, s->tokens_max);
}
