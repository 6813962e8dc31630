#include "core/memory/finder.h"

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/memory/embed.h"
#include "core/memory/words.h"
#include "core/store/memory_far.h"

enum {
	CACHED_WORDS = 256, /* with postings in memory */
	/* Postings of all of them, 8 bytes each: 4 MB, or so many for each memory. */
	CACHED_POSTINGS = 1 << 19,
	CACHED_OF_EACH = 8,
};

struct finder_doc {
	int64_t number;
	uint64_t user; /* a hash */
	bool is_current;
};

struct cached {
	uint64_t word; /* a hash */
	struct score_posting *v;
	size_t n, cap;
	int64_t until;  /* docs behind that number are not in it yet */
	uint64_t asked; /* when it was last asked for, by memory_finder.asked */
};

struct memory_finder {
	struct memory_store *store;
	struct score_doc *docs; /* by number, as are the others */
	struct finder_doc *more;
	uint32_t *lengths; /* of sums */
	size_t lengths_cap;
	size_t n, cap;
	struct score_sums sums; /* for those that pass now */
	struct near_set near, far;
	str far_name; /* empty: there are none */
	uint64_t *names;
	size_t names_n, names_cap;
	int64_t log_n;  /* up to there it was read */
	bool is_linked; /* the docs of sessions, for those that pass now */
	uint64_t linked_user;
	struct cached cached[CACHED_WORDS];
	size_t cached_n, postings_n;
	uint64_t asked;  /* words since it began */
	enum err failed; /* in a callback */
};

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

static void drop_postings(struct memory_finder *f)
{
	for (size_t i = 0; i < f->cached_n; i++)
		mem_free(f->cached[i].v);
	f->cached_n = f->postings_n = 0;
}

void memory_finder_free(struct memory_finder *f)
{
	if (!f)
		return;
	drop_postings(f);
	mem_free(f->docs);
	mem_free(f->more);
	mem_free(f->names);
	near_free(&f->near);
	near_free(&f->far);
	mem_free(f->lengths);
	mem_free(f);
}

/* ---- what is kept of each doc -------------------------------------------------------------------------- */

/* Room for one more in an array; false when there is no memory. */
static bool has_room(void **v, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 64;
	void *p;

	if (n < *cap)
		return true;
	p = mem_realloc(*v, more * size);
	if (!p)
		return false;
	*v = p;
	*cap = more;
	return true;
}

/* None has gone, so that a number says where its doc is without a look at it. */
static bool is_dense(const struct memory_finder *f)
{
	return f->n && f->more[f->n - 1].number - f->more[0].number == (int64_t)f->n - 1;
}

/* Where a doc is, or would be. Returns whether it is there. */
static bool find_doc(const struct memory_finder *f, int64_t number, size_t *at)
{
	size_t from = 0, to = f->n;
	int64_t guess = f->n ? number - f->more[0].number : 0;

	*at = f->n;
	if (!f->n || f->more[f->n - 1].number < number)
		return false;
	if (guess >= 0 && is_dense(f)) {
		*at = (size_t)guess;
		return true;
	}
	to = guess >= 0 && (size_t)guess < to ? (size_t)guess + 1 : to;
	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (f->more[mid].number < number)
			from = mid + 1;
		else
			to = mid;
	}
	*at = from;
	return f->more[from].number == number;
}

static bool add_names(struct memory_finder *f, str text, uint16_t *n)
{
	uint64_t names[SCORE_NAMES_MAX];

	*n = (uint16_t)score_names(text, names, SCORE_NAMES_MAX);
	for (size_t i = 0; i < *n; i++) {
		if (!has_room((void **)&f->names, f->names_n, &f->names_cap, sizeof *f->names))
			return false;
		f->names[f->names_n++] = names[i];
	}
	return true;
}

static bool grow(struct memory_finder *f)
{
	size_t cap = f->cap; /* both have the same */

	if (!has_room((void **)&f->docs, f->n, &cap, sizeof *f->docs) ||
		!has_room((void **)&f->lengths, f->n, &f->lengths_cap, sizeof *f->lengths))
		return false;
	return has_room((void **)&f->more, f->n, &f->cap, sizeof *f->more);
}

static void keep_doc(void *self, const struct memory_doc_row *row)
{
	struct memory_finder *f = self;
	struct score_doc *d;
	size_t at;
	bool is_known = find_doc(f, row->number, &at);

	if (at == f->n && !grow(f)) {
		f->failed = E_NOMEM;
		return;
	}
	d = &f->docs[at];
	if (!is_known) { /* numbers only grow, so it is the last */
		*d = (struct score_doc){.words = row->doc.hash,
			.created_ms = row->created_ms,
			.length = row->doc.length,
			.names = (uint32_t)f->names_n};
		if (!add_names(f, row->speaker, &d->speaker_n) ||
			!add_names(f, row->entities, &d->entities_n)) {
			f->failed = E_NOMEM;
			return;
		}
		f->n++;
	}
	d->session = row->session.n ? hash64(row->session) | 1 : 0;
	d->importance = (float)row->importance;
	if (!near_put(&f->near, at, row->vector) ||
		(f->far_name.n && !near_put(&f->far, at, STR_NULL))) {
		f->failed = E_NOMEM;
		f->n -= at + 1 == f->n;
		return;
	}
	f->more[at] = (struct finder_doc){row->number, hash64(row->user), row->is_current};
	f->is_linked = false;
}

/* The first one says how many dimensions they have. */
static void keep_far(void *self, int64_t number, str vector)
{
	struct memory_finder *f = self;
	size_t at;

	if (!vector_dims(vector))
		return;
	if (!f->far.dims) {
		near_free(&f->far);
		f->far.dims = vector_dims(vector);
		for (size_t i = 0; i < f->n && !f->failed; i++)
			if (!near_put(&f->far, i, STR_NULL))
				f->failed = E_NOMEM;
	}
	if (!f->failed && find_doc(f, number, &at) && !near_put(&f->far, at, vector))
		f->failed = E_NOMEM;
}

/* number 0: of all. */
static enum err read_far(struct memory_finder *f, int64_t number, struct errctx *cx)
{
	if (!f->far_name.n || !memory_far_is_there(f->store))
		return E_OK;
	return memory_far_read(f->store, number, f->far_name, keep_far, f, cx);
}

struct changed {
	struct memory_finder *f;
	struct errctx *cx;
};

static void read_again(void *self, int64_t number)
{
	struct changed *c = self;
	struct memory_finder *f = c->f;
	size_t at;
	enum err e;

	if (f->failed)
		return;
	if (find_doc(f, number, &at)) /* when it is gone there is no row */
		f->more[at].is_current = false;
	f->is_linked = false;
	e = memory_docs(f->store, number, STR(EMBED_NAME), keep_doc, f, c->cx);
	e = e ? e : read_far(f, number, c->cx);
	f->failed = f->failed ? f->failed : e;
}

static enum err read_all(struct memory_finder *f, struct errctx *cx)
{
	drop_postings(f);
	f->n = f->names_n = f->near.n = f->far.n = f->far.dims = 0;
	f->is_linked = false;
	TRY(memory_docs(f->store, 0, STR(EMBED_NAME), keep_doc, f, cx));
	return read_far(f, 0, cx);
}

static enum err read_changes(struct memory_finder *f, struct errctx *cx)
{
	struct changed changed = {f, cx};
	int64_t first, last;
	enum err e = E_OK;

	TRY(memory_log_ends(f->store, &first, &last, cx));
	if (last == f->log_n)
		return E_OK;
	f->failed = E_OK;
	if (f->log_n < 0 || f->log_n > last || f->log_n + 1 < first)
		e = read_all(f, cx);
	else
		e = memory_log_read(f->store, f->log_n, read_again, &changed, cx);
	if (!e && f->failed)
		e = err_set(cx, f->failed, "%s", err_text(f->failed));
	f->log_n = e ? -1 : last; /* what came since is in the log, and read once more */
	return e;
}

/* ---- who passes ---------------------------------------------------------------------------------------- */

/* Current memories of one user, which is what is asked for all day. */
static bool is_plain(const struct memory_filter *f)
{
	return f->user.n && !f->session.n && !f->category.n && !f->entity.n && !f->id.n &&
	       !f->contains.n && f->scope == MEMORY_ALL_SCOPES && f->from_ms == MEMORY_NO_TIME &&
	       f->until_ms == MEMORY_NO_TIME && f->at_ms == MEMORY_NO_TIME &&
	       f->importance_min <= 0 && f->importance_max >= 1 && !f->with_superseded &&
	       !f->with_deleted;
}

static void let_pass(void *self, int64_t number)
{
	struct memory_finder *f = self;
	size_t at;

	if (find_doc(f, number, &at))
		f->docs[at].passes = true;
}

static enum err choose(struct memory_finder *f, const struct memory_filter *filter,
	struct arena *scratch, struct errctx *cx)
{
	uint64_t user = hash64(filter->user);
	bool plain = is_plain(filter);

	if (plain && f->is_linked && f->linked_user == user)
		return E_OK;
	for (size_t i = 0; i < f->n; i++)
		f->docs[i].passes = plain && f->more[i].is_current && f->more[i].user == user;
	f->is_linked = false;
	if (!plain)
		TRY(memory_docs_passing(f->store, filter, let_pass, f, cx));
	score_link(f->docs, f->n, scratch);
	f->sums = score_sums_of(f->docs, f->n, f->names, f->lengths);
	f->is_linked = plain;
	f->linked_user = user;
	return E_OK;
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

	if (!find_doc(f, number, &at)) /* came since */
		return;
	if (!has_room((void **)&c->v, c->n, &c->cap, sizeof *c->v)) {
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
	bool is_known = find_doc(to->f, number, &at);

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
		drop_postings(f);
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

enum err memory_find_answers(struct memory_finder *f, const struct memory_filter *filter,
	const struct memory_search *s, struct arena *a, struct memory_answer *out,
	struct errctx *cx)
{
	enum err e;

	*out = (struct memory_answer){.n = 0};
	if (memory_is_writable(f->store))
		TRY(memory_index_store(f->store, cx));
	if (!memory_is_indexed(f->store)) {
		e = search_rows(f, filter, s, a, out, cx);
	} else {
		e = read_changes(f, cx);
		e = e ? e : choose(f, filter, a, cx);
		e = e ? e : search_docs(f, s, a, out, cx);
	}
	if (e)
		memory_set_free(&out->set);
	return e;
}
