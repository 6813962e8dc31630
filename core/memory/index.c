#include "core/memory/index.h"

#include "core/base/attr.h"
#include "core/base/hash.h"
#include "core/memory/embed.h"

struct term {
	VEC(struct score_posting) postings;
};

struct memory_index {
	struct arena *arena;
	struct map terms; /* word -> struct term */
	VEC(struct score_doc) docs;
	struct score_sums sums;
	VEC(uint64_t) names;
	struct near_set near;
};

struct memory_index *memory_index_new(struct arena *a)
{
	struct memory_index *x = arena_zalloc(a, sizeof *x, alignof(struct memory_index));

	x->arena = a;
	x->near = (struct near_set){.dims = EMBED_DIMS, .arena = a};
	map_init(&x->terms, a);
	return x;
}

size_t memory_index_n(const struct memory_index *x)
{
	return x->docs.n;
}

static void add_postings(struct memory_index *x, uint32_t doc, const struct score_words *w)
{
	for (size_t i = 0; i < w->counts.n; i++) {
		const struct map_entry *e = &w->counts.entries[i];
		const struct score_posting *p = e->value;
		void **at = map_at(&x->terms, e->key);
		struct term *t = *at;

		if (!t)
			*at = t = arena_zalloc(x->arena, sizeof *t, alignof(struct term));
		*vec_push(&t->postings, x->arena) = (struct score_posting){doc, p->n};
	}
}

static uint16_t add_names(struct memory_index *x, str text)
{
	uint64_t names[SCORE_NAMES_MAX];
	size_t n = score_names(text, names, SCORE_NAMES_MAX);

	for (size_t i = 0; i < n; i++)
		*vec_push(&x->names, x->arena) = names[i];
	return (uint16_t)n;
}

void memory_index_add(struct memory_index *x, const struct memory_index_doc *m)
{
	const struct score_text text = {m->content, m->speaker, m->entities, m->created_ms};
	uint32_t doc = (uint32_t)x->docs.n;
	char vector[EMBED_BYTES];
	struct score_words w;
	struct score_doc d;

	score_words_of(&text, x->arena, &w);
	d = (struct score_doc){.words = w.hash,
		.session = m->session.n ? hash64(m->session) | 1 : 0,
		.before = SCORE_NONE,
		.behind = SCORE_NONE,
		.length = w.length,
		.importance = (float)m->importance,
		.passes = true,
		.created_ms = m->created_ms};
	d.names = (uint32_t)x->names.n;
	d.speaker_n = add_names(x, m->speaker);
	d.entities_n = add_names(x, m->entities);
	*vec_push(&x->docs, x->arena) = d;
	add_postings(x, doc, &w);
	(void)!near_put(
		&x->near, doc, (str){vector, embed_text(m->content, vector) ? EMBED_BYTES : 0});
}

void memory_index_seal(struct memory_index *x)
{
	struct score_doc *v = x->docs.v;

	for (uint32_t i = 1; i < x->docs.n; i++) {
		if (!v[i].session || v[i].session != v[i - 1].session)
			continue;
		v[i].before = i - 1;
		v[i - 1].behind = i;
	}
	x->sums = score_sums_of(
		v, x->docs.n, x->names.v, arena_array(x->arena, uint32_t, x->docs.n + 1));
}

static size_t with(void *self, str word, const struct score_posting **out)
{
	const struct memory_index *x = self;
	const struct term *t = map_find(&x->terms, word);

	*out = t ? t->postings.v : NULL;
	return t ? t->postings.n : 0;
}

size_t memory_index_search(struct memory_index *x, const struct memory_query *q,
	struct arena *scratch, struct memory_hit *hits)
{
	char asked[EMBED_BYTES];
	struct score_docs docs = {.v = x->docs.v,
		.n = x->docs.n,
		.sums = x->sums,
		.names = x->names.v,
		.with = with,
		.self = x,
		.near = &x->near};

	if (embed_text(q->text, asked))
		docs.asked = (str){asked, EMBED_BYTES};

	return score_search(&docs, q, scratch, hits);
}
