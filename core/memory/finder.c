#include "core/memory/finder.h"

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/memory/embed.h"
#include "core/memory/finder_internal.h"
#include "core/memory/words.h"

enum err memory_finder_new(struct memory_store *s, struct memory_finder **out, struct errctx *cx)
{
	*out = mem_zalloc(sizeof **out);
	if (!*out)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	(*out)->store = s;
	(*out)->log_n = -1;
	(*out)->near.dims = EMBED_DIMS;
	return E_OK;
}

void memory_finder_use(struct memory_finder *f, str name)
{
	f->far_name = name;
}

void finder_drop_postings(struct memory_finder *f)
{
	for (size_t i = 0; i < f->cached_n; i++)
		mem_free(f->cached[i].v);
	f->cached_n = f->postings_n = 0;
}

void memory_finder_free(struct memory_finder *f)
{
	if (!f)
		return;
	finder_drop_postings(f);
	mem_free(f->docs);
	mem_free(f->more);
	mem_free(f->names);
	near_free(&f->near);
	near_free(&f->far);
	mem_free(f->lengths);
	mem_free(f->touched);
	mem_free(f->dirty);
	ivf_free(&f->lists);
	mem_free(f);
}

/* ---- postings ------------------------------------------------------------------------------------------ */

struct filling {
	struct memory_finder *f;
	struct cached *c;
	size_t at; /* of the posting that the next repeat is looked for from */
	uint32_t repeat;
	bool has_any;
};

static void add_posting(void *self, int64_t number)
{
	struct filling *to = self;
	const struct memory_finder *f = to->f;
	struct cached *c = to->c;
	size_t at;

	if (!finder_find(f, number, &at)) /* came since */
		return;
	if (!finder_has_room((void **)&c->v, c->n, &c->cap, sizeof *c->v)) {
		to->f->failed = E_NOMEM;
		return;
	}
	c->v[c->n++] = (struct score_posting){(uint32_t)at, 1};
}

static void add_repeat(void *self, int64_t number)
{
	struct filling *to = self;
	struct cached *c = to->c;
	size_t at;
	bool is_known = finder_find(to->f, number, &at);

	to->has_any = true;
	while (to->at < c->n && c->v[to->at].doc < at)
		to->at++;
	if (to->at < c->n && c->v[to->at].doc == at && is_known)
		c->v[to->at].n = to->repeat;
}

static enum err fill(struct memory_finder *f, struct cached *c, str word)
{
	struct filling to = {.f = f, .c = c};
	size_t from = c->n;
	int64_t until = f->n ? f->more[f->n - 1].number : 0;

	if (c->until >= until)
		return E_OK;
	TRY(memory_docs_with(f->store, word, c->until, add_posting, &to, NULL));
	f->postings_n += c->n - from;
	to.has_any = c->n > from;
	for (to.repeat = 2; to.repeat <= SCORE_REPEATS_MAX && to.has_any; to.repeat++) {
		char text[MEMORY_WORD_MAX + 8];
		struct buf b = {.p = text, .cap = sizeof text, .max = sizeof text};

		buf_printf(&b, STR_FMT ".%u", STR_ARG(word), to.repeat);
		to.at = from;
		to.has_any = false;
		TRY(memory_docs_with(f->store, buf_str(&b), c->until, add_repeat, &to, NULL));
	}
	c->until = until;
	return E_OK;
}

/* The word that was not asked for for longest goes, and others until there is room. */
static void make_room(struct memory_finder *f)
{
	size_t most = f->n * CACHED_OF_EACH;

	most = most > CACHED_POSTINGS ? most : CACHED_POSTINGS;
	while (f->cached_n == CACHED_WORDS || (f->cached_n && f->postings_n > most)) {
		size_t oldest = 0;

		for (size_t i = 1; i < f->cached_n; i++)
			if (f->cached[i].asked < f->cached[oldest].asked)
				oldest = i;
		f->postings_n -= f->cached[oldest].n;
		mem_free(f->cached[oldest].v);
		f->cached[oldest] = f->cached[--f->cached_n];
	}
}

static size_t with(void *self, str word, const struct score_posting **out)
{
	struct memory_finder *f = self;
	uint64_t hash = hash64(word);
	size_t i = 0;
	enum err e;

	while (i < f->cached_n && f->cached[i].word != hash)
		i++;
	if (i == f->cached_n) {
		make_room(f);
		i = f->cached_n++;
		f->cached[i] = (struct cached){.word = hash};
	}
	f->cached[i].asked = ++f->asked;
	e = fill(f, &f->cached[i], word);
	if (e)
		f->failed = e;
	*out = f->cached[i].v;
	return f->cached[i].n;
}

/* ---- searching ----------------------------------------------------------------------------------------- */

static enum err search_docs(struct memory_finder *f, const struct memory_search *s, struct arena *a,
	struct memory_answer *out, struct errctx *cx)
{
	char asked[EMBED_BYTES];
	struct score_docs docs = {.v = f->docs,
		.n = f->n,
		.sums = f->sums,
		.names = f->names,
		.with = with,
		.self = f,
		.near = &f->near,
		.far = &f->far,
		.asked_far = s->asked_far};
	struct memory_query q = s->query;
	struct memory_hit *hits;
	size_t n;

	q.limit = q.limit < MEMORY_HITS_MAX ? q.limit : MEMORY_HITS_MAX;
	hits = arena_array(a, struct memory_hit, q.limit + 1);
	f->failed = E_OK;
	if (embed_text(q.text, asked))
		docs.asked = (str){asked, EMBED_BYTES};
	n = score_search(&docs, &q, a, hits);
	if (f->failed) {
		finder_drop_postings(f);
		FAIL(cx, f->failed, "the index of the memories cannot be read: %s",
			err_text(f->failed));
	}
	out->v = arena_array(a, struct memory_found, n + 1);
	for (size_t i = 0; i < n; i++) {
		size_t had = out->set.n;

		TRY(memory_of_doc(f->store, f->more[hits[i].doc].number, &out->set, cx));
		if (out->set.n > had) /* else it went since */
			out->v[had] =
				(struct memory_found){NULL, hits[i].score, hits[i].coverage, 0};
	}
	for (size_t i = 0; i < out->set.n; i++) /* now they stay where they are */
		out->v[i].memory = &out->set.v[i];
	out->n = memory_found_fit(out->v, out->set.n, s->tokens_max);
	return E_OK;
}

static enum err search_rows(struct memory_finder *f, const struct memory_filter *filter,
	const struct memory_search *s, struct arena *a, struct memory_answer *out,
	struct errctx *cx)
{
	struct memory_filter all = *filter;

	all.limit = 0;
	TRY(memory_list(f->store, &all, &out->set, cx));
	out->n = memory_search(&out->set, s, a, &out->v);
	return E_OK;
}

/* What an index had may go while it is looked at: another process has made a new one. */
static enum err find_answers(struct memory_finder *f, const struct memory_filter *filter,
	const struct memory_search *s, struct arena *a, struct memory_answer *out,
	struct errctx *cx)
{
	enum { TRIES = 3 };
	enum err e = E_OK;

	for (unsigned i = 0; i < TRIES && !e; i++) {
		f->reads_all |= i + 1 == TRIES;
		e = finder_refresh(f, cx);
		e = e ? e : finder_choose(f, filter, a, cx);
		e = e ? e : search_docs(f, s, a, out, cx);
		if (e || !f->is_lost)
			return e;
		memory_set_free(&out->set);
		finder_forget(f);
	}
	return e;
}

enum err memory_find_answers(struct memory_finder *f, const struct memory_filter *filter,
	const struct memory_search *s, struct arena *a, struct memory_answer *out,
	struct errctx *cx)
{
	enum err e;

	*out = (struct memory_answer){.n = 0};
	if (memory_is_writable(f->store))
		TRY(memory_index_store(f->store, cx));
	if (memory_is_indexed(f->store))
		e = find_answers(f, filter, s, a, out, cx);
	else
		e = search_rows(f, filter, s, a, out, cx);
	if (e)
		memory_set_free(&out->set);
	return e;
}
