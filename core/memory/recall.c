#include "core/memory/recall.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/memory/index.h"
#include "core/memory/words.h"

enum { ASKED_WORDS = 64 }; /* of a text that count */

/* One file and one user in it. */
struct place {
	pthread_mutex_t lock; /* all below, but for what recall.lock has */
	char *file, *user;    /* never change */
	struct memory_store *store;
	dev_t dev;
	ino_t ino;
	int64_t version;
	bool is_ready;         /* set and index are those of version */
	struct memory_set set; /* oldest first within a session */
	struct arena arena;    /* of index */
	struct memory_index *index;
	/* recall.lock: */
	unsigned users_n;
	uint64_t used;
};

struct recall {
	const struct clock *clock;
	pthread_mutex_t lock;
	struct place *places[RECALL_PLACES_MAX];
	uint64_t used;
};

/* ---- making and unmaking -------------------------------------------------------------------------------- */

enum err recall_new(const struct clock *clock, struct recall **out, struct errctx *cx)
{
	struct recall *r = mem_zalloc(sizeof *r);

	*out = r;
	if (!r)
		FAIL(cx, E_NOMEM, "no memory for memories");
	r->clock = clock;
	ASSERT(pthread_mutex_init(&r->lock, NULL) == 0);
	return E_OK;
}

/* What was read of a file, and the file. */
static void forget(struct place *p)
{
	memory_set_free(&p->set);
	arena_release(&p->arena);
	p->is_ready = false;
	memory_store_close(p->store);
	p->store = NULL;
}

static void place_free(struct place *p)
{
	if (!p)
		return;
	forget(p);
	(void)pthread_mutex_destroy(&p->lock);
	mem_free(p->file);
	mem_free(p->user);
	mem_free(p);
}

void recall_free(struct recall *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < RECALL_PLACES_MAX; i++)
		place_free(r->places[i]);
	(void)pthread_mutex_destroy(&r->lock);
	mem_free(r);
}

void recall_found_release(struct recall_found *f)
{
	arena_release(&f->arena);
	*f = (struct recall_found){.n = 0};
}

/* ---- places ---------------------------------------------------------------------------------------------- */

static char *copy(str s)
{
	char *p = mem_alloc(s.n + 1);

	if (!p)
		return NULL;
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

static struct place *place_new(const struct recall_scope *s)
{
	struct place *p = mem_zalloc(sizeof *p);

	if (!p)
		return NULL;
	ASSERT(pthread_mutex_init(&p->lock, NULL) == 0);
	p->file = copy(str_from(s->file));
	p->user = copy(s->user);
	if (p->file && p->user)
		return p;
	place_free(p);
	return NULL;
}

static bool is_of(const struct place *p, const struct recall_scope *s)
{
	return strcmp(p->file, s->file) == 0 && str_eq_c(s->user, p->user);
}

/* Where a place for s is or may be: its own, an empty one, or that which was not used for longest. RECALL_PLACES_MAX: all are in use. */
static size_t slot_of(const struct recall *r, const struct recall_scope *s)
{
	size_t best = RECALL_PLACES_MAX;

	for (size_t i = 0; i < RECALL_PLACES_MAX; i++) {
		const struct place *p = r->places[i];

		if (p && is_of(p, s))
			return i;
		if (p && p->users_n)
			continue;
		if (best == RECALL_PLACES_MAX || (!p && r->places[best]) ||
			(p && r->places[best] && p->used < r->places[best]->used))
			best = i;
	}
	return best;
}

/* To be given back. NULL: out of memory. */
static struct place *take(struct recall *r, const struct recall_scope *s)
{
	struct place *p = NULL, *old = NULL;
	size_t i;

	(void)pthread_mutex_lock(&r->lock);
	i = slot_of(r, s);
	if (i < RECALL_PLACES_MAX && r->places[i] && is_of(r->places[i], s)) {
		p = r->places[i];
	} else {
		p = place_new(s);
		if (p && i < RECALL_PLACES_MAX) {
			old = r->places[i];
			r->places[i] = p;
		}
	}
	if (p) {
		p->users_n++;
		p->used = ++r->used;
	}
	(void)pthread_mutex_unlock(&r->lock);
	place_free(old);
	return p;
}

static void give_back(struct recall *r, struct place *p)
{
	bool is_kept = false;

	(void)pthread_mutex_lock(&r->lock);
	p->users_n--;
	for (size_t i = 0; i < RECALL_PLACES_MAX; i++)
		is_kept |= r->places[i] == p;
	(void)pthread_mutex_unlock(&r->lock);
	if (!is_kept)
		place_free(p);
}

/* ---- what is in a file ------------------------------------------------------------------------------------ */

/* Neighbours in a session are told by their places. */
static int by_session_and_time(const void *a, const void *b)
{
	const struct memory *x = a, *y = b;
	int order = str_cmp(x->text[MEMORY_SESSION], y->text[MEMORY_SESSION]);

	if (order)
		return order;
	if (x->at[MEMORY_CREATED] != y->at[MEMORY_CREATED])
		return x->at[MEMORY_CREATED] < y->at[MEMORY_CREATED] ? -1 : 1;
	return str_cmp(x->text[MEMORY_ID], y->text[MEMORY_ID]);
}

static void build(struct place *p)
{
	p->index = memory_index_new(&p->arena);
	for (size_t i = 0; i < p->set.n; i++) {
		const struct memory *m = &p->set.v[i];
		struct memory_index_doc d = {.content = m->text[MEMORY_CONTENT],
			.session = m->text[MEMORY_SESSION],
			.speaker = m->text[MEMORY_SPEAKER],
			.entities = m->text[MEMORY_ENTITIES],
			.importance = m->importance};

		if (m->at[MEMORY_CREATED] != MEMORY_NO_TIME)
			d.created_ms = m->at[MEMORY_CREATED];
		memory_index_add(p->index, &d);
	}
	memory_index_seal(p->index);
}

static enum err read_all(struct place *p, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();
	enum err err = E_OK;

	memory_set_free(&p->set);
	arena_release(&p->arena);
	p->is_ready = false;
	f.user = str_from(p->user);
	TRY(memory_list(p->store, &f, &p->set, cx));
	if (p->set.n)
		qsort(p->set.v, p->set.n, sizeof *p->set.v, by_session_and_time);
	if (arena_recover(&p->arena))
		err = err_set(cx, E_NOMEM, "no memory to search in memories");
	else
		build(p);
	arena_end_recover(&p->arena);
	p->is_ready = !err;
	return err;
}

/* Opens the file, or another one that has come in its place, and reads what is not known of it. E_NOT_FOUND: there is no
 * file. */
static enum err refresh(struct place *p, const struct clock *clock, struct errctx *cx)
{
	int64_t version;
	struct stat st;

	if (stat(p->file, &st) != 0) {
		forget(p);
		FAIL(cx, E_NOT_FOUND, "there is no %s", p->file);
	}
	if (p->store && (st.st_dev != p->dev || st.st_ino != p->ino))
		forget(p);
	if (!p->store) {
		TRY(memory_store_open(p->file, MEMORY_READ, clock, &p->store, cx));
		p->dev = st.st_dev;
		p->ino = st.st_ino;
	}
	TRY(memory_store_version(p->store, &version, cx));
	if (p->is_ready && version == p->version)
		return E_OK;
	p->version = version;
	return read_all(p, cx);
}

/* ---- search ------------------------------------------------------------------------------------------------ */

static void add_hit(struct recall_found *out, const struct memory *m, double score, double coverage)
{
	struct recall_hit *hit = &out->v[out->n++];

	*hit = (struct recall_hit){*m, score, coverage};
	for (size_t i = 0; i < MEMORY_TEXTS_N; i++)
		hit->memory.text[i] = arena_str(&out->arena, m->text[i]);
}

/* From the newest on, which may stand anywhere. */
static void add_newest(const struct place *p, size_t limit, struct recall_found *out)
{
	int64_t below = INT64_MAX;

	while (out->n < limit) {
		int64_t at = INT64_MIN;
		size_t n = 0;

		for (size_t i = 0; i < p->set.n; i++) {
			int64_t t = p->set.v[i].at[MEMORY_CREATED];

			at = t < below && t > at ? t : at;
		}
		for (size_t i = p->set.n; i-- > 0 && out->n < limit;)
			if (at != INT64_MIN && p->set.v[i].at[MEMORY_CREATED] == at) {
				add_hit(out, &p->set.v[i], 1, 1);
				n++;
			}
		if (!n)
			return;
		below = at;
	}
}

/* The distinct words of a text. */
struct word_set {
	struct memory_word v[ASKED_WORDS];
	size_t n;
};

static size_t find_word(const struct word_set *w, str word)
{
	size_t i = 0;

	while (i < w->n && !str_eq(memory_word_str(&w->v[i]), word))
		i++;
	return i;
}

static void read_words(str text, struct word_set *out)
{
	struct memory_word w;

	while (out->n < ASKED_WORDS && memory_word_next(&text, &w))
		if (find_word(out, memory_word_str(&w)) == out->n)
			out->v[out->n++] = w;
}

static void mark_said(const struct word_set *asked, str text, bool *said)
{
	struct memory_word w;
	size_t i;

	while (memory_word_next(&text, &w)) {
		i = find_word(asked, memory_word_str(&w));
		if (i < asked->n)
			said[i] = true;
	}
}

static bool says_enough(const struct word_set *asked, const struct memory *m)
{
	size_t need = asked->n <= 3 ? 1 : asked->n <= 10 ? 2 : asked->n <= 30 ? 3 : 4, n = 0;
	bool said[ASKED_WORDS] = {false};

	mark_said(asked, m->text[MEMORY_CONTENT], said);
	mark_said(asked, m->text[MEMORY_ENTITIES], said);
	mark_said(asked, m->text[MEMORY_SPEAKER], said);
	for (size_t i = 0; i < asked->n; i++)
		n += said[i];
	return n >= need;
}

static void search(const struct place *p, const struct recall_query *q, int64_t now_ms,
	struct recall_found *out)
{
	struct memory_query query = {.text = q->text,
		.now_ms = now_ms,
		.limit = q->limit < RECALL_LIMIT_MAX ? q->limit : RECALL_LIMIT_MAX};
	struct memory_hit hits[RECALL_LIMIT_MAX];
	struct word_set asked = {.n = 0};
	size_t n;

	out->v = arena_array(&out->arena, struct recall_hit, query.limit + 1);
	if (!str_trim(q->text).n) {
		add_newest(p, query.limit, out);
		return;
	}
	n = memory_index_search(p->index, &query, &out->arena, hits);
	read_words(q->text, &asked);
	for (size_t i = 0; i < n; i++) {
		const struct memory *m = &p->set.v[hits[i].doc];

		if (!q->is_sure || says_enough(&asked, m))
			add_hit(out, m, hits[i].score, hits[i].coverage);
	}
}

static enum err search_place(const struct recall *r, struct place *p, const struct recall_query *q,
	struct recall_found *out, struct errctx *cx)
{
	enum err err = refresh(p, r->clock, cx);

	if (err)
		return err;
	if (arena_recover(&out->arena))
		err = err_set(cx, E_NOMEM, "no memory to search in memories");
	else
		search(p, q, clock_wall_ms(r->clock), out);
	arena_end_recover(&out->arena);
	return err;
}

static bool lock_soon(pthread_mutex_t *lock)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += RECALL_WAIT_MS / 1000;
	return pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &until) == 0;
}

enum err recall_search(struct recall *r, const struct recall_scope *s, const struct recall_query *q,
	struct recall_found *out, struct errctx *cx)
{
	struct place *p;
	enum err err;

	*out = (struct recall_found){.n = 0};
	if (!s->file || !s->user.n)
		return E_OK;
	p = take(r, s);
	if (!p)
		FAIL(cx, E_NOMEM, "no memory for memories");
	if (lock_soon(&p->lock)) {
		err = search_place(r, p, q, out, cx);
		(void)pthread_mutex_unlock(&p->lock);
	} else {
		err = err_set(cx, E_TIMEOUT, "others search in %s for too long", s->file);
	}
	give_back(r, p);
	if (err)
		recall_found_release(out);
	return err == E_NOT_FOUND ? E_OK : err;
}

enum err recall_open(struct recall *r, const struct recall_scope *s, bool makes,
	struct memory_store **out, struct errctx *cx)
{
	*out = NULL;
	if (!s->file || !s->user.n)
		FAIL(cx, E_CONFIG,
			"nothing is remembered here: it is not known which project this is");
	if (!makes && access(s->file, F_OK) != 0)
		FAIL(cx, E_NOT_FOUND, "nothing is remembered yet");
	return memory_store_open(s->file, MEMORY_WRITE, r->clock, out, cx);
}
