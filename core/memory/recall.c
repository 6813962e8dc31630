#include "core/memory/recall.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/thread.h"
#include "core/memory/keep.h"
#include "core/memory/recall_far.h"
#include "core/memory/recall_keep.h"
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
	struct memory_finder *finder; /* of store */
	/* recall.lock: */
	unsigned users_n;
	uint64_t used;
};

struct recall {
	const struct clock *clock;
	struct recall_far *far; /* NULL: only what is built in */
	struct recall_keep *keep;
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
	return recall_keep_new(clock, &r->keep, cx);
}

void recall_index_from(struct recall *r, size_t least)
{
	recall_keep_from(r->keep, least);
}

void recall_settle(struct recall *r)
{
	recall_keep_settle(r->keep);
}

enum err recall_use(struct recall *r, const struct embedder *e, struct errctx *cx)
{
	return recall_far_new(e, r->clock, &r->far, cx);
}

/* What was read of a file, and the file. */
static void forget(struct place *p)
{
	memory_finder_free(p->finder);
	p->finder = NULL;
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
	recall_far_free(r->far);
	recall_keep_free(r->keep);
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

static struct place *place_new(const struct recall_scope *s)
{
	struct place *p = mem_zalloc(sizeof *p);

	if (!p)
		return NULL;
	ASSERT(pthread_mutex_init(&p->lock, NULL) == 0);
	p->file = mem_text(str_from(s->file));
	p->user = mem_text(s->user);
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

/* Opens the file that is there now. */
static enum err open_place(
	const struct recall *r, struct place *p, const struct stat *st, struct errctx *cx)
{
	TRY(memory_open_indexed(p->file, r->clock, &p->store, cx));
	p->dev = st->st_dev;
	p->ino = st->st_ino;
	TRY(memory_store_version(p->store, &p->version, cx));
	TRY(memory_finder_new(p->store, &p->finder, cx));
	memory_finder_use(p->finder, recall_far_name(r->far));
	recall_far_want(r->far, p->file);
	return E_OK;
}

/* Opens the file, or another one that has come in its place. E_NOT_FOUND: there is no file. */
static enum err refresh(const struct recall *r, struct place *p, struct errctx *cx)
{
	int64_t version;
	struct stat st;
	enum err e;

	if (stat(p->file, &st) != 0) {
		forget(p);
		FAIL(cx, E_NOT_FOUND, "there is no %s", p->file);
	}
	if (p->store && (st.st_dev != p->dev || st.st_ino != p->ino || memory_is_frozen(p->store)))
		forget(p);
	if (p->store) {
		TRY(memory_store_version(p->store, &version, cx));
		/* A file of another program may be ours meanwhile. */
		if (version != p->version && !memory_is_indexed(p->store))
			forget(p);
		if (version != p->version)
			recall_far_want(r->far, p->file);
		p->version = version;
	}
	if (p->store)
		return E_OK;
	e = open_place(r, p, &st, cx);
	if (e) /* a store without finder would pass for one that is ready */
		forget(p);
	return e;
}

/* ---- search ------------------------------------------------------------------------------------------------ */

static void add_hit(struct recall_found *out, const struct memory *m, double score, double coverage)
{
	struct recall_hit *hit = &out->v[out->n++];

	*hit = (struct recall_hit){*m, score, coverage};
	for (size_t i = 0; i < MEMORY_TEXTS_N; i++)
		hit->memory.text[i] = arena_str(&out->arena, m->text[i]);
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

static enum err newest(struct place *p, size_t limit, struct memory_answer *answer,
	struct recall_found *out, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();

	f.user = str_from(p->user);
	f.limit = limit;
	TRY(memory_list(p->store, &f, &answer->set, cx));
	for (size_t i = 0; i < answer->set.n; i++)
		add_hit(out, &answer->set.v[i], 1, 1);
	return E_OK;
}

static enum err search(struct place *p, const struct recall_query *q, str asked_far, int64_t now_ms,
	struct memory_answer *answer, struct recall_found *out, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();
	struct memory_search s = {
		.query = {.text = q->text,
			.now_ms = now_ms,
			.limit = q->limit < RECALL_LIMIT_MAX ? q->limit : RECALL_LIMIT_MAX},
		.asked_far = asked_far};
	struct word_set asked = {.n = 0};

	out->v = arena_array(&out->arena, struct recall_hit, s.query.limit + 1);
	if (!str_trim(q->text).n)
		return s.query.limit ? newest(p, s.query.limit, answer, out, cx) : E_OK;
	f.user = str_from(p->user);
	TRY(memory_find_answers(p->finder, &f, &s, &out->arena, answer, cx));
	read_words(q->text, &asked);
	for (size_t i = 0; i < answer->n; i++) {
		const struct memory_found *hit = &answer->v[i];

		if (!q->is_sure || says_enough(&asked, hit->memory))
			add_hit(out, hit->memory, hit->score, hit->coverage);
	}
	return E_OK;
}

static enum err search_place(const struct recall *r, struct place *p, const struct recall_query *q,
	str asked_far, struct recall_found *out, struct errctx *cx)
{
	struct memory_answer answer = {.n = 0};
	enum err err;

	TRY(refresh(r, p, cx));
	if (arena_recover(&out->arena))
		err = err_set(cx, E_NOMEM, "no memory to search in memories");
	else
		err = search(p, q, asked_far, clock_wall_ms(r->clock), &answer, out, cx);
	arena_end_recover(&out->arena);
	memory_set_free(&answer.set);
	if (!err && memory_finder_is_behind(p->finder, recall_keep_least(r->keep)))
		recall_keep_want(r->keep, p->file);
	return err;
}

/* What an embedder elsewhere makes of a question; empty: nothing in time. Nobody is asked where nothing is remembered. */
static str ask_far(const struct recall *r, const struct recall_scope *s,
	const struct recall_query *q, struct arena *a)
{
	str vector;

	if (!r->far || access(s->file, F_OK) != 0)
		return STR_NULL;
	if (arena_recover(a)) {
		arena_end_recover(a);
		return STR_NULL;
	}
	vector = recall_far_ask(r->far, q->text, RECALL_WAIT_MS, a);
	arena_end_recover(a);
	return vector;
}

/* By the clock that nobody sets. ThreadSanitizer does not see pthread_mutex_clocklock() lock anything. */
static bool lock_soon(pthread_mutex_t *lock, int64_t wait_ms)
{
#ifdef __SANITIZE_THREAD__
	struct timespec until = thread_deadline_by(CLOCK_REALTIME, wait_ms);

	return pthread_mutex_timedlock(lock, &until) == 0;
#else
	struct timespec until = thread_deadline(wait_ms);

	return pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &until) == 0;
#endif
}

enum err recall_search(struct recall *r, const struct recall_scope *s, const struct recall_query *q,
	struct recall_found *out, struct errctx *cx)
{
	int64_t until_ms = clock_monotonic_ns(NULL) / 1000000 + RECALL_WAIT_MS, left_ms;
	struct arena asking = ARENA_INIT;
	str asked_far;
	struct place *p;
	enum err err;

	*out = (struct recall_found){.n = 0};
	if (!s->file || !s->user.n)
		return E_OK;
	p = take(r, s);
	if (!p)
		FAIL(cx, E_NOMEM, "no memory for memories");
	asked_far = ask_far(r, s, q, &asking);
	left_ms = until_ms - clock_monotonic_ns(NULL) / 1000000;
	if (lock_soon(&p->lock, left_ms > 0 ? left_ms : 0)) {
		err = search_place(r, p, q, asked_far, out, cx);
		(void)pthread_mutex_unlock(&p->lock);
	} else {
		err = err_set(cx, E_TIMEOUT, "others search in %s for too long", s->file);
	}
	give_back(r, p);
	arena_release(&asking);
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
