/* finder: the words and vectors that a search finds in a store are put there. */
#include "core/memory/embed.h"
#include "core/memory/finder.h"
#include "core/memory/words.h"
#include "core/store/memory_doc.h"

enum { INDEX_AT_ONCE = 256 }; /* memories that are read to be indexed before the next ones are */

static struct score_text text_of(const struct memory *m)
{
	int64_t at = m->at[MEMORY_CREATED];

	return (struct score_text){m->text[MEMORY_CONTENT], m->text[MEMORY_SPEAKER],
		m->text[MEMORY_ENTITIES], at == MEMORY_NO_TIME ? 0 : at};
}

/* Each word once; one that is there n times also as "word.2" to "word.n", so that an index without places knows how often. */
static str words_of(const struct score_words *w, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, (size_t)w->length * (MEMORY_WORD_MAX + 4) * 2 + 1);
	for (size_t i = 0; i < w->counts.n; i++) {
		const struct map_entry *e = &w->counts.entries[i];
		const struct score_posting *p = e->value;

		buf_add(&b, e->key);
		buf_add_byte(&b, ' ');
		for (uint32_t n = 2; n <= p->n; n++)
			buf_printf(&b, STR_FMT ".%u ", STR_ARG(e->key), n);
	}
	return buf_str(&b);
}

static enum err set_vector(struct memory_store *s, int64_t number, str content, struct errctx *cx)
{
	char vector[EMBED_BYTES];
	bool has = embed_text(content, vector);

	return memory_vector_set(
		s, number, STR(EMBED_NAME), (str){vector, has ? EMBED_BYTES : 0}, cx);
}

static enum err index_one(
	struct memory_store *s, const struct memory *m, struct arena *a, struct errctx *cx)
{
	struct score_text text = text_of(m);
	struct score_words w;
	int64_t number;

	score_words_of(&text, a, &w);
	TRY(memory_doc_add(s, m->text[MEMORY_ID],
		&(struct memory_doc){words_of(&w, a), w.length, w.hash}, &number, cx));
	return set_vector(s, number, m->text[MEMORY_CONTENT], cx);
}

static enum err index_some(struct memory_store *s, size_t *n, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct memory_set set = {0};
	enum err e = memory_undone(s, INDEX_AT_ONCE, &set, cx);

	*n = set.n;
	for (size_t i = 0; i < set.n && !e; i++) {
		e = index_one(s, &set.v[i], &a, cx);
		arena_reset(&a);
	}
	memory_set_free(&set);
	arena_release(&a);
	return e;
}

struct renewal {
	struct memory_store *store;
	struct errctx *cx;
	size_t n;
	enum err e;
};

static void renew_vector(void *self, int64_t number, str content)
{
	struct renewal *r = self;

	r->n++;
	if (!r->e)
		r->e = set_vector(r->store, number, content, r->cx);
}

/* Vectors of another embedder are no use any more. */
static enum err renew_vectors(struct memory_store *s, struct errctx *cx)
{
	struct renewal r = {.store = s, .cx = cx, .n = 1};

	while (r.n && !r.e) {
		r.n = 0;
		TRY(memory_vectors_old(s, STR(EMBED_NAME), INDEX_AT_ONCE, renew_vector, &r, cx));
	}
	return r.e;
}

enum err memory_index_store(struct memory_store *s, struct errctx *cx)
{
	bool is_done, is_own;
	size_t n = 1;
	enum err e = E_OK;

	TRY(memory_is_done(s, STR(EMBED_NAME), &is_done, cx));
	if (is_done)
		return E_OK;
	is_own = !memory_is_changing(s);
	if (is_own)
		TRY(memory_begin(s, cx));
	e = memory_docs_forget(s, cx);
	while (n && !e)
		e = index_some(s, &n, cx);
	e = e ? e : renew_vectors(s, cx);
	if (is_own && !e)
		e = memory_commit(s, cx);
	if (is_own && e)
		memory_rollback(s);
	return e;
}

bool memory_is_indexed(struct memory_store *s)
{
	bool is_done = false;

	return memory_has_docs(s) && !memory_is_done(s, STR(EMBED_NAME), &is_done, NULL) && is_done;
}

enum err memory_open_indexed(
	const char *path, const struct clock *clock, struct memory_store **out, struct errctx *cx)
{
	struct memory_store *s;

	TRY(memory_store_open(path, MEMORY_READ, clock, out, cx));
	if (memory_is_foreign(*out) || memory_is_indexed(*out) ||
		memory_store_open(path, MEMORY_WRITE, clock, &s, NULL))
		return E_OK;
	(void)!memory_index_store(s, NULL);
	memory_store_close(s);
	memory_store_close(*out);
	return memory_store_open(path, MEMORY_READ, clock, out, cx);
}
