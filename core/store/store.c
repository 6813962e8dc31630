#include "core/store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/attr.h"
#include "core/base/check.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/thread.h"
#include "core/store/ledger_batch.h"
#include "core/store/schema.h"
#include "core/store/store_internal.h"

static enum err fail_path(struct errctx *cx, const char *what, const char *path)
{
	char text[FILE_ERRNO_TEXT];
	int errnum = errno;

	return err_set(
		cx, file_err(errnum), "cannot %s %s: %s", what, path, file_err_text(errnum, text));
}

static enum err make_parent(char *path, struct errctx *cx)
{
	size_t slash = str_rfind_byte(str_from(path), '/');
	enum err e;

	if (slash == STR_NONE || slash == 0)
		return E_OK;
	path[slash] = '\0';
	e = file_mkdirs(path, 0700, cx);
	path[slash] = '/';
	return e;
}

/* SQLite gives the files beside the database (-wal, -shm) the mode of the database. The file is
 * never opened here: closing a descriptor would drop the locks that another handle of this
 * process has on it. */
static enum err make_private_file(struct store *s, struct errctx *cx)
{
	const char *path = s->path;
	struct stat st;

	if (mknod(path, S_IFREG | 0600, 0) != 0 && errno != EEXIST)
		return fail_path(cx, "create", path);
	if (stat(path, &st) != 0)
		return fail_path(cx, "open", path);
	if ((st.st_mode & 0777) != 0600 && chmod(path, 0600) != 0)
		return fail_path(cx, "make private", path);
	if (access(path, R_OK | W_OK) != 0) /* SQLite would only say that it cannot open it */
		return fail_path(cx, "open", path);
	s->device = st.st_dev;
	s->inode = st.st_ino;
	return E_OK;
}

static enum err load_totals(struct store *s, struct db *db, struct errctx *cx)
{
	static const char *const sql[TOTAL_N][2] = {
		{"SELECT rows_n FROM total WHERE name = 'original'",
			"SELECT bytes FROM total WHERE name = 'original'"},
		{"SELECT rows_n FROM total WHERE name = 'rendering'",
			"SELECT bytes FROM total WHERE name = 'rendering'"},
		{"SELECT rows_n FROM total WHERE name = 'ledger'",
			"SELECT bytes FROM total WHERE name = 'ledger'"},
	};

	for (enum store_total kind = 0; kind < TOTAL_N; kind++) {
		int64_t rows_n, bytes;

		TRY(db_query_i64(db, sql[kind][0], &rows_n, cx));
		TRY(db_query_i64(db, sql[kind][1], &bytes, cx));
		atomic_store(&s->rows_n[kind], (uint64_t)rows_n);
		atomic_store(&s->bytes[kind], (uint64_t)bytes);
	}
	return E_OK;
}

static enum err open_writer(struct store *s, struct errctx *cx)
{
	enum db_mode mode = s->conf.is_power_safe ? DB_WRITE_POWER_SAFE : DB_WRITE;

	if (!s->conf.is_in_memory) {
		TRY(make_parent(s->path, cx));
		TRY(make_private_file(s, cx));
	}
	TRY(db_open(s->path, mode, s->conf.busy_ms, &s->db, cx));
	TRY(schema_migrate(&s->db, cx));
	TRY(load_totals(s, &s->db, cx));
	TRY(ledger_batch_open(s, cx));
	return writer_start(s, cx);
}

static enum err open_reader(struct store *s, struct errctx *cx)
{
	struct reader *r;
	enum err e;

	if (s->conf.is_in_memory)
		FAIL(cx, E_CONFIG, "a store in memory has nothing to read: open it for writing");
	if (access(s->path, R_OK) != 0)
		return fail_path(cx, "open", s->path);
	r = reader_take(s, &e, cx);
	if (!r)
		return e;
	e = schema_check(&r->db, cx);
	if (!e)
		e = load_totals(s, &r->db, cx);
	reader_give(s, r);
	return e;
}

static void fill_conf(struct store *s, const struct store_conf *conf)
{
	struct store_conf *c = &s->conf;

	*c = *conf;
	c->path = s->path;
	if (!c->original_bytes_max)
		c->original_bytes_max =
			c->is_in_memory ? STORE_MEMORY_ORIGINAL_BYTES : STORE_ORIGINAL_BYTES;
	if (!c->rendering_bytes_max)
		c->rendering_bytes_max =
			c->is_in_memory ? STORE_MEMORY_RENDERING_BYTES : STORE_RENDERING_BYTES;
	if (!c->ledger_rows_max)
		c->ledger_rows_max = c->is_in_memory ? STORE_MEMORY_LEDGER_ROWS : STORE_LEDGER_ROWS;
	if (!c->ledger_keep_ms)
		c->ledger_keep_ms = STORE_LEDGER_KEEP_MS;
	if (!c->cache_bytes_max)
		c->cache_bytes_max = STORE_CACHE_BYTES;
	if (!c->lease_ms)
		c->lease_ms = STORE_LEASE_MS;
	if (!c->keep_ms)
		c->keep_ms = STORE_KEEP_MS;
	if (c->keep_ms >= 0 && c->keep_ms < c->lease_ms)
		c->keep_ms = c->lease_ms;
	if (!c->busy_ms)
		c->busy_ms = STORE_BUSY_MS;
	if (!c->decision_ms)
		c->decision_ms = STORE_DECISION_MS;
	s->touch_ms = c->lease_ms / STORE_TOUCHES_PER_LEASE;
}

/* An absolute path on the heap, also because the process may change its directory, and because
 * SQLite takes "file:..." for a URI and ":memory:" for no file at all.
 * NULL when memory is short. */
static char *absolute_path(const char *path)
{
	char dir[PATH_MAX] = "";
	size_t n;
	char *out;

	if (path[0] != '/' && !getcwd(dir, sizeof dir))
		(void)snprintf(
			dir, sizeof dir, "."); /* a directory that is gone: opening will fail */
	n = strlen(dir) + strlen(path) + 2;
	out = mem_alloc(n);
	if (out)
		(void)snprintf(out, n, "%s%s%s", dir, *dir ? "/" : "", path);
	return out;
}

/* A name that no other handle of this process has: the address is this handle's alone while it
 * lives. NULL when memory is short. */
static char *memory_name(const struct store *s)
{
	size_t cap = sizeof DB_MEMORY_PREFIX + 2 * sizeof(void *) + sizeof DB_MEMORY_SUFFIX;
	char *out = mem_alloc(cap);

	if (out)
		(void)snprintf(
			out, cap, DB_MEMORY_PREFIX "%" PRIxPTR DB_MEMORY_SUFFIX, (uintptr_t)s);
	return out;
}

static void init_locks(struct store *s)
{
	pthread_rwlockattr_t writer_first;

	ASSERT(pthread_mutex_init(&s->lock, NULL) == 0);
	thread_cond_init(&s->has_work);
	thread_cond_init(&s->is_done);
	ASSERT(pthread_rwlockattr_init(&writer_first) == 0);
	/* Readers that overlap without end would starve the writer. */
	ASSERT(pthread_rwlockattr_setkind_np(
		       &writer_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
	ASSERT(pthread_rwlock_init(&s->memory_lock, &writer_first) == 0);
	pthread_rwlockattr_destroy(&writer_first);
}

static struct store *store_new(const struct store_conf *conf)
{
	struct store *s = mem_zalloc(sizeof *s);

	if (!s)
		return NULL;
	s->path = conf->is_in_memory ? memory_name(s) : absolute_path(conf->path);
	if (!s->path) {
		mem_free(s);
		return NULL;
	}
	fill_conf(s, conf);
	s->queue.last = &s->queue.first;
	s->told.last = &s->told.first;
	s->inflight.last = &s->inflight.first;
	rendering_cache_init(&s->cache, s->conf.cache_bytes_max);
	buf_init(&s->peer.to_say, STORE_SAY_BYTES);
	init_locks(s);
	return s;
}

enum err store_open(const struct store_conf *conf, struct store **out, struct errctx *cx)
{
	struct store *s = store_new(conf);
	enum err e;

	*out = NULL;
	if (!s)
		FAIL(cx, E_NOMEM, "no memory for the store");
	e = conf->is_read_only ? open_reader(s, cx) : open_writer(s, cx);
	if (e) {
		store_close(s);
		return e;
	}
	*out = s;
	return E_OK;
}

static void reader_free(struct reader *r)
{
	db_close(&r->db);
	unpacker_release(&r->unpacker);
	mem_free(r);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	writer_stop(s);
	while (s->idle_readers) {
		struct reader *r = s->idle_readers;

		s->idle_readers = r->next;
		reader_free(r);
	}
	db_close(&s->db); /* last: then SQLite folds the WAL back into the file */
	packer_release(&s->packer);
	unpacker_release(&s->unpacker);
	rendering_cache_release(&s->cache);
	pthread_cond_destroy(&s->is_done);
	pthread_cond_destroy(&s->has_work);
	pthread_mutex_destroy(&s->lock);
	pthread_rwlock_destroy(&s->memory_lock);
	buf_release(&s->peer.to_say);
	mem_free(s->path);
	mem_free(s);
}

enum err store_flush(struct store *s, struct errctx *cx)
{
	return store_wait(s, STORE_PATIENT, cx);
}

static void lock_for_reading(struct store *s)
{
	if (s->conf.is_in_memory)
		ASSERT(pthread_rwlock_rdlock(&s->memory_lock) == 0);
}

void store_lock_memory(struct store *s)
{
	if (s->conf.is_in_memory)
		ASSERT(pthread_rwlock_wrlock(&s->memory_lock) == 0);
}

void store_unlock_memory(struct store *s)
{
	if (s->conf.is_in_memory)
		ASSERT(pthread_rwlock_unlock(&s->memory_lock) == 0);
}

/* Beside a writer the reader serves requests; alone it is all that its caller came for. */
static int reader_busy_ms(const struct store *s)
{
	bool is_patient = s->conf.is_read_only || s->conf.busy_ms < s->conf.decision_ms;

	return is_patient ? s->conf.busy_ms : s->conf.decision_ms;
}

struct reader *reader_take(struct store *s, enum err *e, struct errctx *cx)
{
	struct reader *r;

	*e = E_OK;
	lock_for_reading(s);
	pthread_mutex_lock(&s->lock);
	r = s->idle_readers;
	if (r) {
		s->idle_readers = r->next;
		s->idle_readers_n--;
	}
	pthread_mutex_unlock(&s->lock);
	if (r)
		return r;
	r = mem_zalloc(sizeof *r);
	*e = r ? db_open(s->path, DB_READ, reader_busy_ms(s), &r->db, cx)
	       : err_set(cx, E_NOMEM, "no memory to read the store");
	if (!*e)
		return r;
	mem_free(r);
	store_unlock_memory(s);
	return NULL;
}

void reader_give(struct store *s, struct reader *r)
{
	bool is_kept;

	pthread_mutex_lock(&s->lock);
	is_kept = s->idle_readers_n < STORE_IDLE_READERS;
	if (is_kept) {
		r->next = s->idle_readers;
		s->idle_readers = r;
		s->idle_readers_n++;
	}
	pthread_mutex_unlock(&s->lock);
	if (!is_kept)
		reader_free(r);
	store_unlock_memory(s);
}

int64_t store_touch_every_ms(const struct store *s)
{
	return s->touch_ms;
}

void store_get_stats(struct store *s, struct store_stats *out)
{
	*out = (struct store_stats){
		.originals_n = atomic_load(&s->rows_n[TOTAL_ORIGINAL]),
		.original_bytes = atomic_load(&s->bytes[TOTAL_ORIGINAL]),
		.renderings_n = atomic_load(&s->rows_n[TOTAL_RENDERING]),
		.rendering_bytes = atomic_load(&s->bytes[TOTAL_RENDERING]),
		.ledger_n = atomic_load(&s->rows_n[TOTAL_LEDGER]),
		.cache_hits = atomic_load(&s->hits),
		.cache_misses = atomic_load(&s->misses),
		.lost_n = atomic_load(&s->lost_n),
		.evicted_n = atomic_load(&s->evicted_n),
		.write_errors = atomic_load(&s->write_errors),
	};
	pthread_mutex_lock(&s->lock);
	out->queued_n = s->queued_seq - s->done_seq;
	pthread_mutex_unlock(&s->lock);
}
