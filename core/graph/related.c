#include "core/graph/related.h"

#include <pthread.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/store/graph.h"

enum {
	ROOT_MAX = 4096,
	/* Names that are looked up: a question has one or two, a trace some dozen. */
	WORDS_MAX = 32,
	/* A name that is called from more places says nothing about any of them; nor does a definition that calls so much. */
	ROWS_MAX = 48,
	DEFINITIONS_MAX = 4096,
	/* What stays whole for one file, at most: so many definitions of so many lines. */
	NAMES_MAX = 12,
	LINES_MAX = 120,
	NAME_BYTES_MAX = 128, /* longer ones are nobody's */
};

struct graph_related {
	char root[ROOT_MAX];
	size_t root_n;
	struct graph_db *db;
	pthread_mutex_t lock;
};

enum err graph_related_open(
	const char *root, const char *db_file, struct graph_related **out, struct errctx *cx)
{
	struct graph_related *r = mem_zalloc(sizeof *r);
	enum err e;

	*out = NULL;
	if (!r)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	r->root_n = strlen(root);
	if (r->root_n >= sizeof r->root) {
		mem_free(r);
		FAIL(cx, E_TOO_BIG, "the name of the directory is too long");
	}
	memcpy(r->root, root, r->root_n + 1);
	e = graph_db_open(db_file, &r->db, cx);
	if (e) {
		mem_free(r);
		return e;
	}
	(void)pthread_mutex_init(&r->lock, NULL);
	*out = r;
	return E_OK;
}

void graph_related_close(struct graph_related *r)
{
	if (!r)
		return;
	graph_db_close(r->db);
	(void)pthread_mutex_destroy(&r->lock);
	mem_free(r);
}

/* One question about a file. */
struct asking {
	struct arena *arena;
	str path;          /* below the root */
	struct map theirs; /* names that the file defines -> anything */
	struct map
		found; /* those that are related -> anything, in the order in which they were found */
	struct map rows; /* of the answer in hand: names */
	uint32_t rows_n;
};

static void add_name(struct map *m, str name, struct arena *a)
{
	if (name.n <= NAME_BYTES_MAX && !map_find(m, name))
		*map_at(m, arena_str(a, name)) = m;
}

static void add_definition(void *self, str path, const struct graph_row *row)
{
	struct asking *q = self;

	if (str_eq(path, q->path) && row->kind != GRAPH_TYPE && row->last - row->first < LINES_MAX)
		add_name(&q->theirs, row->name, q->arena);
}

static void add_caller(void *self, str path, const struct graph_row *row)
{
	struct asking *q = self;

	q->rows_n++;
	if (str_eq(path, q->path) && row->within.n)
		add_name(&q->rows, row->within, q->arena);
}

static void add_called(void *self, str path, const struct graph_row *row)
{
	struct asking *q = self;

	(void)path;
	q->rows_n++;
	add_name(&q->rows, row->name, q->arena);
}

static enum err ask(struct graph_related *r, struct asking *q, enum graph_question question,
	str word, graph_each_row *each)
{
	struct errctx cx = {0};

	map_init(&q->rows, q->arena);
	q->rows_n = 0;
	TRY(graph_db_ask(r->db, question, word, ROWS_MAX + 1, each, q, &cx));
	for (size_t i = 0; q->rows_n <= ROWS_MAX && i < q->rows.n; i++)
		if (q->found.n < NAMES_MAX && map_find(&q->theirs, q->rows.entries[i].key))
			add_name(&q->found, q->rows.entries[i].key, q->arena);
	return E_OK;
}

/* Whether the file is below the root; *path becomes what it is there. */
static bool is_below(const struct graph_related *r, str *path)
{
	str root = {r->root, r->root_n};

	if (path->n && *path->p != '/') {
		(void)str_take(path, STR("./"));
		return true;
	}
	return str_take(path, root) && str_take(path, STR("/"));
}

/* A database that cannot be read says nothing. */
static enum err find_names(struct graph_related *r, struct asking *q, str words)
{
	struct errctx cx = {0};
	str word;

	TRY(graph_db_ask(r->db, GRAPH_OUTLINE, q->path, DEFINITIONS_MAX, add_definition, q, &cx));
	if (!q->theirs.n)
		return E_OK;
	for (unsigned n = 0; n < WORDS_MAX && str_split(&words, ' ', &word);) {
		if (!word.n)
			continue;
		n++;
		TRY(ask(r, q, GRAPH_CALLERS, word, add_caller));
		TRY(ask(r, q, GRAPH_CALLS, word, add_called));
	}
	return E_OK;
}

/* Memory that runs out while the lock is held must not leave it so: what is needed meanwhile is taken from an arena of its own. */
static void find_locked(struct graph_related *r, struct asking *q, str words)
{
	(void)pthread_mutex_lock(&r->lock);
	if (arena_recover(q->arena)) {
		q->found.n = 0;
	} else {
		map_init(&q->theirs, q->arena);
		map_init(&q->found, q->arena);
		if (find_names(r, q, words) != E_OK)
			q->found.n = 0;
	}
	arena_end_recover(q->arena);
	(void)pthread_mutex_unlock(&r->lock);
}

static void find(void *self, str path, str words, struct buf *names)
{
	struct arena a = ARENA_INIT;
	struct graph_related *r = self;
	struct asking q = {.arena = &a, .path = path};

	/* with room for all that may be said, the caller's memory cannot run out while there is some here */
	if (!words.n || !is_below(r, &q.path) ||
		!buf_reserve(names, (size_t)NAMES_MAX * (NAME_BYTES_MAX + 1)))
		return;
	find_locked(r, &q, words);
	for (size_t i = 0; i < q.found.n; i++) {
		buf_add_byte(names, ' ');
		buf_add(names, q.found.entries[i].key);
	}
	arena_release(&a);
}

struct code_related graph_related_of(struct graph_related *r)
{
	return (struct code_related){find, r};
}
