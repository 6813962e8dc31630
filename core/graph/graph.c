#include "core/graph/graph.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/compress/code/symbols.h"
#include "core/graph/ignore.h"

enum {
	/* Directories within directories: a source tree has a dozen. */
	DEPTH_MAX = 64,
	/* Larger sources are generated; so are they where there are more of them. */
	FILE_BYTES_MAX = 1 << 20,
	FILES_MAX = 200000,
	/* Files between two commits: others may write, too. */
	BATCH = 256,
	ROOT_MAX = 4096,
};

struct graph {
	char root[ROOT_MAX];
	struct graph_db *db;
	pthread_mutex_t lock;
	atomic_bool is_interrupted;
};

/* One look at all files. */
struct scan {
	struct graph *g;
	struct arena *arena;   /* as long as the scan */
	struct arena *scratch; /* a file */
	struct buf text, names;
	struct map known; /* path -> struct known */
	struct graph_counts counts;
	graph_each_dir *each; /* may be NULL */
	void *self;
	uint32_t open; /* changes since the last commit; 0: no transaction */
};

struct known {
	int64_t bytes, changed_ns;
	bool is_seen;
};

enum err graph_open(const char *root, const char *db_file, struct graph **out, struct errctx *cx)
{
	struct graph *g = mem_zalloc(sizeof *g);
	size_t n = strlen(root);
	enum err e;

	*out = NULL;
	if (!g)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	if (n >= sizeof g->root) {
		mem_free(g);
		FAIL(cx, E_TOO_BIG, "the name of the directory is too long");
	}
	memcpy(g->root, root, n + 1);
	e = graph_db_open(db_file, &g->db, cx);
	if (e) {
		mem_free(g);
		return e;
	}
	(void)pthread_mutex_init(&g->lock, NULL);
	*out = g;
	return E_OK;
}

void graph_close(struct graph *g)
{
	if (!g)
		return;
	graph_db_close(g->db);
	(void)pthread_mutex_destroy(&g->lock);
	mem_free(g);
}

const char *graph_file_of(const char *workspace, const char *root, struct arena *a)
{
	char hex[SHA256_HEX + 1];

	sha256_hex(str_from(root), hex);
	return arena_cstr(a, arena_printf(a, "%s/graph/%.16s.db", workspace, hex));
}

/* ---- changes ---- */

static enum err change(struct scan *s, struct errctx *cx)
{
	if (s->open == BATCH) {
		TRY(graph_db_commit(s->g->db, cx));
		s->open = 0;
	}
	if (!s->open)
		TRY(graph_db_begin(s->g->db, cx));
	s->open++;
	return E_OK;
}

static const char *full_path(const struct scan *s, str path, struct arena *a)
{
	return arena_cstr(
		a, arena_printf(a, "%s%s" STR_FMT, s->g->root, path.n ? "/" : "", STR_ARG(path)));
}

static enum err put_file(struct scan *s, const struct graph_file *file,
	const struct code_language *language, struct errctx *cx)
{
	static const enum graph_kind kinds[] = {[CODE_SYMBOL_DEFINITION] = GRAPH_DEFINITION,
		[CODE_SYMBOL_TYPE] = GRAPH_TYPE,
		[CODE_SYMBOL_CALL] = GRAPH_CALL,
		[CODE_SYMBOL_IMPORT] = GRAPH_IMPORT,
		[CODE_SYMBOL_MACRO] = GRAPH_MACRO};
	struct arena *a = s->scratch;
	struct code_symbols symbols = {0};
	struct graph_row *rows;

	buf_reset(&s->text);
	if (file_read(full_path(s, file->path, a), &s->text, NULL) != E_OK)
		return E_OK;
	/* of what cannot be parsed nothing is known; that it was read is */
	if (!code_symbols(language, buf_str(&s->text), a, &symbols))
		symbols.n = 0;
	rows = arena_array(a, struct graph_row, symbols.n + 1);
	for (uint32_t i = 0; i < symbols.n; i++)
		rows[i] = (struct graph_row){kinds[symbols.v[i].kind], symbols.v[i].first,
			symbols.v[i].last, symbols.v[i].name,
			symbols.v[i].within.n ? symbols.v[i].within : STR("")};
	TRY(change(s, cx));
	s->counts.read++;
	return graph_db_put(s->g->db, file, rows, symbols.n, cx);
}

/* ---- the walk ---- */

static enum err see_file(struct scan *s, str path, const struct stat *st, struct errctx *cx)
{
	const struct code_language *language = code_language_of(path, STR_NULL);
	struct graph_file file = {
		path, st->st_size, (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec};
	struct known *known;
	enum err e;

	if (!language || st->st_size > FILE_BYTES_MAX || s->counts.files == FILES_MAX)
		return E_OK;
	s->counts.files++;
	known = map_find(&s->known, path);
	if (known)
		known->is_seen = true;
	if (known && known->bytes == file.bytes && known->changed_ns == file.changed_ns)
		return E_OK;
	e = put_file(s, &file, language, cx);
	arena_reset(s->scratch);
	return e;
}

/* The names in a directory, each with a NUL behind it; empty when it cannot be read. */
static str names_in(struct scan *s, const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *x;

	buf_reset(&s->names);
	while (d && (x = readdir(d))) {
		buf_add_c(&s->names, x->d_name);
		buf_add_byte(&s->names, '\0');
	}
	if (d)
		(void)closedir(d);
	return s->names.err ? STR_NULL : arena_str(s->arena, buf_str(&s->names));
}

static const struct ignore *ignored_in(struct scan *s, str dir, const struct ignore *up)
{
	str file = dir.n ? arena_printf(s->arena, STR_FMT "/.gitignore", STR_ARG(dir))
			 : STR(".gitignore");

	buf_reset(&s->text);
	if (file_read(full_path(s, file, s->arena), &s->text, NULL) != E_OK)
		return up;
	return ignore_read(buf_str(&s->text), dir, up, s->arena);
}

/* A directory whose files are being looked at. */
struct level {
	str dir, names;
	const struct ignore *ignored;
};

static void enter(struct scan *s, struct level *l, str dir, const struct ignore *up)
{
	const char *path;

	l->dir = dir;
	l->ignored = ignored_in(s, dir, up);
	path = full_path(s, dir, s->arena);
	if (s->each)
		s->each(s->self, path);
	l->names = names_in(s, path);
}

static enum err walk(struct scan *s, struct errctx *cx)
{
	struct level *levels = arena_array(s->arena, struct level, DEPTH_MAX);
	uint32_t depth = 1;

	enter(s, &levels[0], STR_NULL, NULL);
	while (depth) {
		struct level *l = &levels[depth - 1];
		struct stat st;
		str name, path;
		bool is_dir;

		if (atomic_load_explicit(&s->g->is_interrupted, memory_order_relaxed))
			FAIL(cx, E_BUSY, "sources are no longer read");
		if (!str_split(&l->names, '\0', &name)) {
			depth--;
			continue;
		}
		if (!name.n || *name.p == '.' || str_eq_c(name, "node_modules"))
			continue;
		path = l->dir.n ? arena_printf(s->arena, STR_FMT "/" STR_FMT, STR_ARG(l->dir),
					  STR_ARG(name))
				: name;
		if (lstat(full_path(s, path, s->arena), &st) != 0)
			continue;
		is_dir = S_ISDIR(st.st_mode);
		if (ignore_has(l->ignored, path, is_dir))
			continue;
		if (is_dir && depth < DEPTH_MAX)
			enter(s, &levels[depth++], path, l->ignored);
		else if (S_ISREG(st.st_mode))
			TRY(see_file(s, path, &st, cx));
	}
	return E_OK;
}

static void add_known(void *self, const struct graph_file *file)
{
	struct scan *s = self;
	struct known *k = arena_new(s->arena, struct known);

	*k = (struct known){file->bytes, file->changed_ns, false};
	*map_at(&s->known, arena_str(s->arena, file->path)) = k;
}

static enum err drop_gone(struct scan *s, struct errctx *cx)
{
	for (size_t i = 0; i < s->known.n; i++) {
		const struct known *k = s->known.entries[i].value;

		if (k->is_seen)
			continue;
		TRY(change(s, cx));
		TRY(graph_db_drop(s->g->db, s->known.entries[i].key, cx));
		s->counts.dropped++;
	}
	return E_OK;
}

static enum err run_scan(struct scan *s, struct errctx *cx)
{
	map_init(&s->known, s->arena);
	TRY(graph_db_files(s->g->db, add_known, s, cx));
	TRY(walk(s, cx));
	TRY(drop_gone(s, cx));
	if (s->open)
		TRY(graph_db_commit(s->g->db, cx));
	s->open = 0;
	return E_OK;
}

enum err graph_update_watched(struct graph *g, graph_each_dir *each, void *self,
	struct graph_counts *out, struct errctx *cx)
{
	struct arena all = ARENA_INIT, scratch = ARENA_INIT;
	struct scan s = {.g = g, .arena = &all, .scratch = &scratch, .each = each, .self = self};
	enum err e;

	buf_init(&s.text, LIMIT_INPUT);
	buf_init(&s.names, LIMIT_INPUT);
	pthread_mutex_lock(&g->lock);
	if (arena_recover(&all) || arena_recover(&scratch))
		e = err_set(cx, E_NOMEM, "memory ran out while sources were read");
	else
		e = run_scan(&s, cx);
	if (e)
		graph_db_rollback(g->db);
	pthread_mutex_unlock(&g->lock);
	*out = s.counts;
	arena_release(&all);
	arena_release(&scratch);
	buf_release(&s.text);
	buf_release(&s.names);
	return e;
}

enum err graph_update(struct graph *g, struct graph_counts *out, struct errctx *cx)
{
	return graph_update_watched(g, NULL, NULL, out, cx);
}

void graph_interrupt(struct graph *g, bool is_interrupted)
{
	atomic_store_explicit(&g->is_interrupted, is_interrupted, memory_order_relaxed);
}

/* ---- uses ---- */

struct use_scan {
	struct graph *g;
	str name;
	graph_each_row *each;
	void *self;
	struct arena *arena;   /* as long as the scan */
	struct arena *scratch; /* a file */
	struct buf text;
	VEC(str) paths;
};

static void add_path(void *self, const struct graph_file *file)
{
	struct use_scan *s = self;

	*vec_push(&s->paths, s->arena) = arena_str(s->arena, file->path);
}

static bool is_in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* True when the name stands there, be it in a comment: a file that has it as a part of longer ones need not be parsed. */
static bool has_name(str text, str name)
{
	for (size_t at, from = 0;; from += at + 1) {
		at = str_find(str_sub(text, from, text.n), name);
		if (at == STR_NONE)
			return false;
		if ((from + at == 0 || !is_in_name(text.p[from + at - 1])) &&
			(from + at + name.n >= text.n || !is_in_name(text.p[from + at + name.n])))
			return true;
	}
}

/* Rows of one file, limit at most; how many are told. */
static uint32_t tell_uses(struct use_scan *s, str path, uint32_t limit)
{
	const struct code_language *language = code_language_of(path, STR_NULL);
	struct scan of = {.g = s->g};
	struct code_symbols found;
	uint32_t n = 0;

	buf_reset(&s->text);
	if (!language || file_read(full_path(&of, path, s->scratch), &s->text, NULL) != E_OK ||
		!has_name(buf_str(&s->text), s->name) ||
		!code_mentions(language, buf_str(&s->text), s->name, s->scratch, &found))
		return 0;
	for (; n < found.n && n < limit; n++)
		s->each(s->self, path,
			&(struct graph_row){GRAPH_CALL, found.v[n].first, found.v[n].last,
				found.v[n].name,
				found.v[n].within.n ? found.v[n].within : STR("")});
	return n;
}

static enum err tell_all_uses(struct use_scan *s, uint32_t limit, struct errctx *cx)
{
	TRY(graph_db_files(s->g->db, add_path, s, cx));
	for (size_t i = 0; i < s->paths.n && limit; i++) {
		limit -= tell_uses(s, s->paths.v[i], limit);
		arena_reset(s->scratch);
	}
	return E_OK;
}

static enum err find_uses(struct graph *g, str name, uint32_t limit, graph_each_row *each,
	void *self, struct errctx *cx)
{
	struct arena all = ARENA_INIT, scratch = ARENA_INIT;
	struct use_scan s = {.g = g,
		.name = name,
		.each = each,
		.self = self,
		.arena = &all,
		.scratch = &scratch};
	enum err e;

	buf_init(&s.text, LIMIT_INPUT);
	if (arena_recover(&all) || arena_recover(&scratch))
		e = err_set(cx, E_NOMEM, "memory ran out while sources were read");
	else
		e = tell_all_uses(&s, limit, cx);
	arena_release(&all);
	arena_release(&scratch);
	buf_release(&s.text);
	return e;
}

enum err graph_ask(struct graph *g, enum graph_question question, str what, uint32_t limit,
	graph_each_row *each, void *self, struct errctx *cx)
{
	enum err e;

	pthread_mutex_lock(&g->lock);
	e = question == GRAPH_USES ? find_uses(g, what, limit, each, self, cx)
				   : graph_db_ask(g->db, question, what, limit, each, self, cx);
	pthread_mutex_unlock(&g->lock);
	return e;
}
