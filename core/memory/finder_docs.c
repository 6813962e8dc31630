/* finder: the figures of docs: reading them, and keeping up with what changes. */
#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/memory/embed.h"
#include "core/memory/finder_internal.h"
#include "core/store/memory_far.h"

/* More sessions with changes: all are linked anew. */
enum { TOUCHED_MAX = 4096 };

bool finder_has_room(void **v, size_t n, size_t *cap, size_t size)
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

bool finder_find(const struct memory_finder *f, int64_t number, size_t *at)
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

bool finder_grow(struct memory_finder *f)
{
	size_t cap = f->cap; /* both have the same */

	if (!finder_has_room((void **)&f->docs, f->n, &cap, sizeof *f->docs) ||
		!finder_has_room((void **)&f->lengths, f->n, &f->lengths_cap, sizeof *f->lengths))
		return false;
	f->sums.lengths = f->lengths;
	if (f->is_keeper && f->n / SHEET_DOCS >= f->dirty_cap) {
		size_t had = f->dirty_cap;

		if (!finder_has_room((void **)&f->dirty, had, &f->dirty_cap, sizeof *f->dirty))
			return false;
		memset(f->dirty + had, 0, f->dirty_cap - had);
	}
	if (!finder_has_room((void **)&f->more, f->n, &f->cap, sizeof *f->more))
		return false;
	f->lengths[f->n] = 0;
	return true;
}

void finder_forget(struct memory_finder *f)
{
	finder_drop_postings(f);
	ivf_free(&f->lists);
	f->head = (struct memory_head){.generation = 0};
	f->near.n = f->near.first = f->far.n = f->far.dims = 0;
	f->near.rest = NULL;
	f->n = f->names_n = f->touched_n = 0;
	f->is_linked = f->is_chosen = f->is_lost = false;
	f->log_n = -1;
}

/* ---- sessions ------------------------------------------------------------------------------------------------ */

uint64_t finder_session(str user, str session)
{
	return session.n ? (hash64(session) ^ hash64(user) * 0x9e3779b97f4a7c15) | 1 : 0;
}

static void touch(struct memory_finder *f, uint64_t session)
{
	if (!f->is_linked || !session || (f->touched_n && f->touched[f->touched_n - 1] == session))
		return;
	if (f->touched_n == TOUCHED_MAX || !finder_has_room((void **)&f->touched, f->touched_n,
						   &f->touched_cap, sizeof *f->touched)) {
		f->is_linked = false;
		return;
	}
	f->touched[f->touched_n++] = session;
}

/* Which sessions are linked anew: all, or those that were touched. Most others are told by the bits. */
struct relinking {
	struct memory_finder *f;
	uint64_t bits[SCORE_NAME_BITS / 64];
	bool all;
};

static bool is_meant(const struct relinking *r, uint64_t session)
{
	size_t from = 0, to = r->f->touched_n;

	if (!session || r->all)
		return session != 0;
	if (!(r->bits[session % SCORE_NAME_BITS / 64] >> session % 64 & 1))
		return false;
	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (r->f->touched[mid] < session)
			from = mid + 1;
		else
			to = mid;
	}
	return from < r->f->touched_n && r->f->touched[from] == session;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void set_link(struct memory_finder *f, uint32_t at, uint32_t before, uint32_t behind)
{
	struct score_doc *d = &f->docs[at];

	if (f->is_keeper && (d->before != before || d->behind != behind))
		f->dirty[at / SHEET_DOCS] = true;
	d->before = before;
	d->behind = behind;
	f->sums.has_links |= before != SCORE_NONE;
}

static void link_places(struct memory_finder *f, const struct score_place *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool has_before = i && v[i - 1].session == v[i].session;
		bool has_behind = i + 1 < n && v[i + 1].session == v[i].session;

		set_link(f, v[i].doc, has_before ? v[i - 1].doc : SCORE_NONE,
			has_behind ? v[i + 1].doc : SCORE_NONE);
	}
}

enum err finder_link(struct memory_finder *f)
{
	struct relinking r = {.f = f, .all = !f->is_linked};
	struct score_place *places;
	size_t n = 0, k = 0;

	if (f->is_linked && !f->touched_n)
		return E_OK;
	if (f->touched_n)
		qsort(f->touched, f->touched_n, sizeof *f->touched, by_size);
	for (size_t i = 0; i < f->touched_n; i++)
		r.bits[f->touched[i] % SCORE_NAME_BITS / 64] |= 1ULL << f->touched[i] % 64;
	for (size_t i = 0; i < f->n; i++)
		n += f->more[i].is_current && is_meant(&r, f->docs[i].session);
	places = mem_alloc((n + 1) * sizeof *places);
	if (!places)
		return E_NOMEM;
	for (uint32_t i = 0; i < f->n; i++) {
		const struct score_doc *d = &f->docs[i];

		if (!r.all && !is_meant(&r, d->session))
			continue;
		if (f->more[i].is_current && d->session)
			places[k++] = (struct score_place){d->session, d->created_ms, i};
		else
			set_link(f, i, SCORE_NONE, SCORE_NONE);
	}
	score_sort_places(places, k);
	link_places(f, places, k);
	mem_free(places);
	f->touched_n = 0;
	f->is_linked = true;
	return E_OK;
}

/* ---- who passes ---------------------------------------------------------------------------------------------- */

/* Before a doc changes, and after. */
static void leave(struct memory_finder *f, size_t at)
{
	struct score_doc *d = &f->docs[at];

	touch(f, d->session);
	if (f->is_chosen && d->passes) {
		score_sums_take(&f->sums, (uint32_t)at);
		d->passes = false;
	}
	if (f->is_keeper)
		f->dirty[at / SHEET_DOCS] = true;
}

static void enter(struct memory_finder *f, size_t at)
{
	struct score_doc *d = &f->docs[at];

	touch(f, d->session);
	if (f->is_chosen && f->more[at].is_current && f->more[at].user == f->chosen) {
		d->passes = true;
		score_sums_add(&f->sums, d, f->names, (uint32_t)at);
	}
	if (f->is_keeper)
		f->dirty[at / SHEET_DOCS] = true;
}

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

	if (finder_find(f, number, &at))
		f->docs[at].passes = true;
}

static enum err choose_others(struct memory_finder *f, const struct memory_filter *filter,
	struct arena *scratch, struct errctx *cx)
{
	f->is_linked = f->is_chosen = false;
	for (size_t i = 0; i < f->n; i++)
		f->docs[i].passes = false;
	TRY(memory_docs_passing(f->store, filter, let_pass, f, cx));
	score_link(f->docs, f->n, scratch);
	f->sums = score_sums_of(f->docs, f->n, f->names, f->lengths);
	return E_OK;
}

enum err finder_choose(struct memory_finder *f, const struct memory_filter *filter,
	struct arena *scratch, struct errctx *cx)
{
	uint64_t user = hash64(filter->user);

	if (!is_plain(filter))
		return choose_others(f, filter, scratch, cx);
	if (finder_link(f))
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	if (f->is_chosen && f->chosen == user)
		return E_OK;
	for (size_t i = 0; i < f->n; i++)
		f->docs[i].passes = f->more[i].is_current && f->more[i].user == user;
	f->sums = score_sums_of(f->docs, f->n, f->names, f->lengths);
	f->is_chosen = true;
	f->chosen = user;
	return E_OK;
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

static bool add_names(struct memory_finder *f, str text, uint16_t *n)
{
	uint64_t names[SCORE_NAMES_MAX];

	*n = (uint16_t)score_names(text, names, SCORE_NAMES_MAX);
	for (size_t i = 0; i < *n; i++) {
		if (!finder_has_room(
			    (void **)&f->names, f->names_n, &f->names_cap, sizeof *f->names))
			return false;
		f->names[f->names_n++] = names[i];
	}
	return true;
}

static bool add_doc(struct memory_finder *f, const struct memory_doc_row *row)
{
	struct score_doc *d;

	if (!finder_grow(f))
		return false;
	d = &f->docs[f->n];
	*d = (struct score_doc){.words = row->doc.hash,
		.before = SCORE_NONE,
		.behind = SCORE_NONE,
		.created_ms = row->created_ms,
		.length = row->doc.length,
		.names = (uint32_t)f->names_n};
	f->more[f->n] = (struct finder_doc){.number = row->number};
	if (!add_names(f, row->speaker, &d->speaker_n) ||
		!add_names(f, row->entities, &d->entities_n) ||
		!near_put(&f->near, f->n, row->vector) ||
		(f->far_name.n && !near_put(&f->far, f->n, STR_NULL)))
		return false;
	f->n++;
	return true;
}

static void keep_doc(void *self, const struct memory_doc_row *row)
{
	struct memory_finder *f = self;
	struct score_doc *d;
	size_t at;
	bool is_known = finder_find(f, row->number, &at);

	if (f->failed)
		return;
	if (!is_known && at < f->n) { /* numbers only grow: this is another file */
		f->failed = E_INTERNAL;
		return;
	}
	if (is_known)
		leave(f, at);
	if (is_known ? !near_put(&f->near, at, row->vector) : !add_doc(f, row)) {
		f->failed = E_NOMEM;
		return;
	}
	d = &f->docs[at];
	d->session = finder_session(row->user, row->session);
	d->importance = (float)row->importance;
	f->more[at].user = hash64(row->user);
	f->more[at].is_current = row->is_current;
	enter(f, at);
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
	if (!f->failed && finder_find(f, number, &at) && !near_put(&f->far, at, vector))
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
	if (finder_find(f, number, &at)) { /* when it is gone there is no row */
		leave(f, at);
		f->more[at].is_current = false;
	}
	e = memory_docs(f->store, number, STR(EMBED_NAME), keep_doc, f, c->cx);
	e = e ? e : read_far(f, number, c->cx);
	f->failed = f->failed ? f->failed : e;
}

/* Of the index, or of all docs; what has changed since the log has. */
static enum err read_all(struct memory_finder *f, int64_t last, struct errctx *cx)
{
	bool has_index = false;

	finder_forget(f);
	if (!f->reads_all)
		TRY(finder_load(f, &has_index, cx));
	if (!has_index) {
		TRY(memory_docs(f->store, 0, STR(EMBED_NAME), keep_doc, f, cx));
		f->log_n = last;
	}
	return f->failed ? E_OK : read_far(f, 0, cx);
}

static enum err refresh(struct memory_finder *f, struct errctx *cx)
{
	struct changed changed = {f, cx};
	int64_t first, last;

	TRY(memory_log_ends(f->store, &first, &last, cx));
	if (last == f->log_n)
		return E_OK;
	if (f->log_n < 0 || f->log_n > last || f->log_n + 1 < first)
		TRY(read_all(f, last, cx));
	if (!f->failed && f->log_n < last)
		TRY(memory_log_read(f->store, f->log_n, read_again, &changed, cx));
	f->log_n = last; /* what came since is in the log, and read once more */
	return E_OK;
}

enum err finder_refresh(struct memory_finder *f, struct errctx *cx)
{
	enum err e;

	f->failed = E_OK;
	e = refresh(f, cx);
	if (!e && f->failed)
		e = err_set(cx, f->failed, "%s", err_text(f->failed));
	if (e)
		finder_forget(f);
	return e;
}
