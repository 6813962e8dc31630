#include "proxy/tenant.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"

/* A token of the file as it is now. */
struct row {
	unsigned char sha[SHA256_BYTES];
	struct tenant *tenant;
	bool is_admin;
	char project[TENANT_PROJECT_MAX + 1];
};

/* Which file it was. */
struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed, written;
};

struct tenants {
	const char *file;
	const struct clock *clock;
	struct stamp seen;     /* of the thread that reloads */
	pthread_rwlock_t lock; /* of all below */
	struct row *rows;
	size_t rows_n, names_n;
	struct tenant *ever[TENANTS_EVER_MAX]; /* never taken away, so that readers need no count */
	size_t ever_n;
};

/* ---- the file ----------------------------------------------------------------------------------------- */

static struct stamp stamp_of(const struct stat *st)
{
	return (struct stamp){st->st_dev, st->st_ino, st->st_size, st->st_ctim, st->st_mtim};
}

static bool time_eq(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool tenants_is_changed(struct tenants *t)
{
	struct stat st;
	struct stamp now = {0};

	if (stat(t->file, &st) == 0)
		now = stamp_of(&st);
	return now.dev != t->seen.dev || now.ino != t->seen.ino || now.size != t->seen.size ||
	       !time_eq(now.changed, t->seen.changed) || !time_eq(now.written, t->seen.written);
}

static enum err check_mode(
	const struct tenants *t, bool has_secrets, const struct stat *st, struct errctx *cx)
{
	if (!S_ISREG(st->st_mode))
		FAIL(cx, E_CONFIG, "%s is no regular file", t->file);
	if (st->st_uid != geteuid() && st->st_uid != 0)
		FAIL(cx, E_CONFIG, "%s belongs to another user: chown it to who runs the proxy",
			t->file);
	if (st->st_mode & 0022)
		FAIL(cx, E_CONFIG, "%s can be written by other users: chmod 600 %s", t->file,
			t->file);
	if (has_secrets && st->st_mode & 0044)
		FAIL(cx, E_CONFIG,
			"%s can be read by other users, and holds tokens: chmod 600 %s, or write "
			"sha256 = \"...\" in place of each token",
			t->file, t->file);
	return E_OK;
}

/* The bytes of the file that is open, and what it was. */
static enum err read_open(
	struct tenants *t, int fd, struct buf *text, struct stat *st, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];

	if (fstat(fd, st) < 0)
		FAIL(cx, E_CONFIG, "%s: %s", t->file, file_err_text(errno, why));
	t->seen = stamp_of(st);
	TRY(check_mode(t, false, st, cx));
	return file_read_fd(fd, t->file, text, cx);
}

static enum err read_file(struct tenants *t, struct buf *text, struct stat *st, struct errctx *cx)
{
	/* A pipe in its place must not hold the proxy up. */
	int fd = open(t->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char why[FILE_ERRNO_TEXT];
	enum err err;

	if (fd < 0) {
		t->seen = (struct stamp){0};
		FAIL(cx, E_CONFIG, "%s: %s", t->file, file_err_text(errno, why));
	}
	err = read_open(t, fd, text, st, cx);
	(void)close(fd);
	return err;
}

/* ---- names -------------------------------------------------------------------------------------------- */

static struct tenant *tenant_new(
	const struct tenants *t, const struct tenant_row *row, struct errctx *cx)
{
	struct tenant *n = mem_zalloc(sizeof *n);

	if (n) {
		memcpy(n->name, row->name.p, row->name.n);
		n->key = hash128_chain(hash128(STR("proxy token")), hash128(row->name));
		n->limit = limit_new(&row->limit, 1, t->clock);
		n->budget = budget_new(&row->budget, t->clock);
	}
	if (n && n->limit && n->budget)
		return n;
	if (n) {
		limit_free(n->limit);
		budget_free(n->budget);
	}
	mem_free(n);
	(void)err_set(cx, E_NOMEM, "no memory for the tokens");
	return NULL;
}

static void tenant_free(struct tenant *n)
{
	limit_free(n->limit);
	budget_free(n->budget);
	mem_free(n);
}

static struct tenant *find_name(const struct tenants *t, str name)
{
	for (size_t i = 0; i < t->ever_n; i++)
		if (str_eq_c(name, t->ever[i]->name))
			return t->ever[i];
	return NULL;
}

/* The names of the rows, those that are new at the end of the list and not yet counted in ever_n. */
static enum err find_names(struct tenants *t, const struct tenant_rows *rows, struct tenant **names,
	size_t *new_n, struct errctx *cx)
{
	*new_n = 0;
	for (size_t i = 0; i < rows->n; i++) {
		names[i] = find_name(t, rows->v[i].name);
		if (names[i])
			continue;
		if (t->ever_n + *new_n == TENANTS_EVER_MAX)
			FAIL(cx, E_CONFIG, "more than %d names since the start: restart the proxy",
				(int)TENANTS_EVER_MAX);
		names[i] = tenant_new(t, &rows->v[i], cx);
		if (!names[i])
			return E_NOMEM;
		t->ever[t->ever_n + (*new_n)++] = names[i];
	}
	return E_OK;
}

static size_t tokens_of(const struct tenant_rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		n += rows->v[i].tokens_n;
	return n;
}

static void fill_rows(const struct tenant_rows *rows, struct tenant *const *names, struct row *out)
{
	for (size_t i = 0; i < rows->n; i++)
		for (size_t k = 0; k < rows->v[i].tokens_n; k++, out++) {
			memcpy(out->sha, rows->v[i].tokens[k], SHA256_BYTES);
			out->tenant = names[i];
			out->is_admin = rows->v[i].is_admin;
			if (rows->v[i].project.n)
				memcpy(out->project, rows->v[i].project.p, rows->v[i].project.n);
		}
}

/* From here on the new file counts. */
static void put_in_force(struct tenants *t, const struct tenant_rows *rows,
	struct tenant *const *names, size_t new_n, struct row *tokens)
{
	struct row *old;

	(void)pthread_rwlock_wrlock(&t->lock);
	old = t->rows;
	t->rows = tokens;
	t->rows_n = tokens_of(rows);
	t->names_n = rows->n;
	t->ever_n += new_n;
	(void)pthread_rwlock_unlock(&t->lock);
	if (old)
		mem_free(old);
	for (size_t i = 0; i < t->ever_n; i++)
		atomic_store(&t->ever[i]->is_there, false);
	for (size_t i = 0; i < rows->n; i++) {
		atomic_store(&names[i]->is_there, true);
		atomic_store(&names[i]->has_budget, rows->v[i].budget.is_on);
		limit_configure(names[i]->limit, &rows->v[i].limit);
		budget_configure(names[i]->budget, &rows->v[i].budget);
	}
}

static enum err use_rows(
	struct tenants *t, struct arena *a, const struct tenant_rows *rows, struct errctx *cx)
{
	struct tenant **names = arena_array(a, struct tenant *, rows->n);
	struct row *tokens = mem_zalloc(tokens_of(rows) * sizeof *tokens);
	size_t new_n = 0;
	enum err err = E_NOMEM;

	if (tokens)
		err = find_names(t, rows, names, &new_n, cx);
	else
		(void)err_set(cx, err, "no memory for the tokens");
	if (err) {
		for (size_t i = 0; i < new_n; i++)
			tenant_free(t->ever[t->ever_n + i]);
		mem_free(tokens);
		return err;
	}
	fill_rows(rows, names, tokens);
	put_in_force(t, rows, names, new_n, tokens);
	return E_OK;
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static enum err use_text(
	struct tenants *t, struct arena *a, str text, const struct stat *st, struct errctx *cx)
{
	struct tenant_rows rows;

	if (tenant_rows_read(a, text, &rows, cx))
		return err_prefix(cx, "%s", t->file);
	TRY(check_mode(t, rows.has_secrets, st, cx));
	return use_rows(t, a, &rows, cx);
}

/* Apart, because running out of arena memory jumps back here. */
static enum err use_safely(struct tenants *t, str text, const struct stat *st, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	enum err err;

	if (arena_recover(&a))
		err = err_set(cx, E_NOMEM, "no memory for the tokens");
	else
		err = use_text(t, &a, text, st, cx);
	arena_end_recover(&a);
	arena_wipe(&a); /* values of the file are there, too */
	arena_release(&a);
	return err;
}

enum err tenants_reload(struct tenants *t, struct errctx *cx)
{
	struct buf text;
	struct stat st;
	enum err err;

	buf_init(&text, TENANTS_FILE_MAX);
	err = read_file(t, &text, &st, cx);
	if (!err)
		err = use_safely(t, buf_str(&text), &st, cx);
	else if (err != E_NOMEM)
		err = cx->code = E_CONFIG;
	buf_wipe(&text);
	return err;
}

enum err tenants_open(
	const char *file, const struct clock *clock, struct tenants **out, struct errctx *cx)
{
	struct tenants *t = mem_zalloc(sizeof *t);
	enum err err;

	*out = NULL;
	if (!t)
		FAIL(cx, E_NOMEM, "no memory for the tokens");
	t->file = file;
	t->clock = clock;
	(void)pthread_rwlock_init(&t->lock, NULL);
	err = tenants_reload(t, cx);
	if (err) {
		(void)err_prefix(cx, "--tokens-file");
		tenants_free(t);
		return err;
	}
	*out = t;
	return E_OK;
}

void tenants_free(struct tenants *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->ever_n; i++)
		tenant_free(t->ever[i]);
	mem_free(t->rows);
	(void)pthread_rwlock_destroy(&t->lock);
	mem_free(t);
}

/* ---- asking ------------------------------------------------------------------------------------------- */

/* All ones when they are the same, else 0; no branch depends on a byte of either. */
static size_t mask_of(const unsigned char *a, const unsigned char *b)
{
	unsigned differs = 0;

	for (size_t i = 0; i < SHA256_BYTES; i++)
		differs |= (unsigned)(a[i] ^ b[i]);
	return (size_t)0 - ((differs - 1U) >> (sizeof differs * 8 - 1));
}

struct tenant_pass tenants_find(
	struct tenants *t, const unsigned char sha[SHA256_BYTES], struct arena *a)
{
	struct tenant_pass pass = {0};
	size_t found = 0; /* index + 1 */
	char *project;

	if (!t)
		return pass;
	project = arena_alloc(
		a, TENANT_PROJECT_MAX + 1, 1); /* not under the lock: it may not return */
	(void)pthread_rwlock_rdlock(&t->lock);
	for (size_t i = 0; i < t->rows_n; i++)
		found |= (i + 1) & mask_of(t->rows[i].sha, sha);
	if (found) {
		const struct row *row = &t->rows[found - 1];

		memcpy(project, row->project, sizeof row->project);
		pass = (struct tenant_pass){row->tenant, row->is_admin, str_from(project)};
	}
	(void)pthread_rwlock_unlock(&t->lock);
	return pass;
}

static struct tenant *at(struct tenants *t, size_t i)
{
	struct tenant *found;

	(void)pthread_rwlock_rdlock(&t->lock);
	found = i < t->ever_n ? t->ever[i] : NULL;
	(void)pthread_rwlock_unlock(&t->lock);
	return found;
}

void tenants_each(struct tenants *t, tenant_fn *fn, void *self)
{
	struct tenant *one;

	for (size_t i = 0; t && (one = at(t, i)) != NULL; i++)
		fn(self, one);
}

size_t tenants_n(struct tenants *t)
{
	size_t n;

	if (!t)
		return 0;
	(void)pthread_rwlock_rdlock(&t->lock);
	n = t->names_n;
	(void)pthread_rwlock_unlock(&t->lock);
	return n;
}

/* ---- what was spent ----------------------------------------------------------------------------------- */

struct sync {
	struct tenants *t;
	enum budget_period period;
	bool is_needed;
	int64_t since_ms;
};

static void look_at(void *self, struct tenant *t)
{
	struct sync *y = self;

	if (!atomic_load(&t->has_budget) || budget_check(t->budget).period != y->period)
		return;
	y->since_ms = budget_period_since_ms(t->budget);
	y->is_needed = true;
}

static void take_sum(void *self, str key, const struct ledger_sum *sum)
{
	const struct sync *y = self;
	struct tenant *found;

	(void)pthread_rwlock_rdlock(&y->t->lock);
	found = key.n ? find_name(y->t, key) : NULL;
	(void)pthread_rwlock_unlock(&y->t->lock);
	if (found && budget_check(found->budget).period == y->period)
		budget_sync(found->budget, y->since_ms, sum->cost_nano);
}

void tenants_sync(struct tenants *t, struct store *s)
{
	for (int p = 0; p < BUDGET_PERIOD_N; p++) {
		struct sync y = {.t = t, .period = (enum budget_period)p};
		struct ledger_query q = {.group = LEDGER_BY_TOKEN};

		tenants_each(t, look_at, &y);
		q.from_ms = y.since_ms;
		if (y.is_needed)
			(void)!ledger_sums(s, &q, take_sum, &y, NULL);
	}
}

static void add_u(_Atomic uint64_t *to, uint64_t n)
{
	(void)atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static void add_i(_Atomic int64_t *to, int64_t n)
{
	(void)atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

void tenant_count(struct tenant *t, const struct ledger_row *row)
{
	struct tenant_counts *c = &t->counts;

	add_u(&c->requests, 1);
	add_u(&c->refused, row->status == 429 && !row->attempts);
	add_u(&c->tokens_in,
		row->input + row->cache_read + row->cache_write_5m + row->cache_write_1h);
	add_u(&c->tokens_out, row->output);
	add_i(&c->tokens_saved, (int64_t)row->tokens_before - (int64_t)row->tokens_after);
	if (row->cost_nano > 0)
		add_i(&c->cost_nano, row->cost_nano);
	if (row->has_saved)
		add_i(&c->saved_nano, row->saved_nano);
}
