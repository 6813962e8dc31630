#include "learn/live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/file_edit.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/pool.h"
#include "core/json/write.h"
#include "core/store/memory.h"
#include "learn/live_known.h"

#define BY          "headroom learn"
#define ID_PREFIX   "learned-"
#define LOCK_SUFFIX ".lock"

struct learn_live {
	struct learn_live_conf conf;
	struct pool *pool; /* of one thread, which alone touches what follows */
	struct learner *learner;
	struct live_known known, others; /* others: what is in the file, while it is put together */
	int lock;                        /* on LOCK_SUFFIX beside the file; -1 */
	struct arena scratch;
	struct buf text; /* of the file */
	_Atomic size_t waiting_bytes;
};

/* A request on its way, with its texts behind it. */
struct job {
	struct learn_live *live;
	size_t bytes;
	struct learn_request r;
	char text[];
};

/* ---- memories ------------------------------------------------------------------------------------ */

#define PROJECT_ID "id:"

/* A project that a client names, and does not say where it is, has a name that is no directory. */
static enum err place_of(
	struct learn_live *l, str project, struct memory_place *out, struct errctx *cx)
{
	struct memory_place_conf conf = l->conf.place;

	if (str_take(&project, STR(PROJECT_ID)))
		conf.project_id = project;
	else
		conf.project_dir = project;
	return memory_place_find(&conf, &l->scratch, out, cx);
}

#define WRITTEN "\"written\":\""

/* Of what a person may change: a memory that says something else than its metadata was changed. */
static void write_hash(const struct memory *m, char out[static RULE_KEY_LEN + 1])
{
	uint64_t h = hash64_seed(m->text[MEMORY_CONTENT], (uint64_t)(m->importance * 1000 + 0.5));

	(void)snprintf(out, RULE_KEY_LEN + 1, "%016llx",
		(unsigned long long)hash64_seed(m->text[MEMORY_CATEGORY], h));
}

static bool is_as_written(const struct memory *m)
{
	str metadata = m->text[MEMORY_METADATA];
	size_t at = str_find(metadata, STR(WRITTEN));
	char hash[RULE_KEY_LEN + 1];

	write_hash(m, hash);
	return at != STR_NONE &&
	       str_starts(str_sub(metadata, at + strlen(WRITTEN), metadata.n), str_from(hash));
}

static str metadata_of(struct learn_live *l, const struct live_rule *r, const struct memory *m)
{
	char hash[RULE_KEY_LEN + 1];
	struct json_writer w;

	write_hash(m, hash);
	buf_reset(&l->text);
	json_write_init(&w, &l->text, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "source", "traffic_learner"); /* as in the Python program's files */
	json_write_c(&w, "category", rule_kind_name(r->kind));
	json_write_u64(&w, "evidence_count", live_rule_evidence(r));
	json_write_u64(&w, "session_count", live_rule_sessions(r));
	json_write_c(&w, "written", hash);
	json_write_end(&w);
	return buf_str(&l->text);
}

static const struct memory *find_id(const struct memory_set *set, str id)
{
	for (size_t i = 0; i < set->n; i++)
		if (str_eq(set->v[i].text[MEMORY_ID], id))
			return &set->v[i];
	return NULL;
}

static void note_deletion(void *self, const struct memory_edit_row *row)
{
	if (str_eq_c(row->action, "delete"))
		*(bool *)self = str_eq(row->by, STR(BY));
}

/* What a person has changed, deleted, or put something else in the place of, is left so. */
static enum err is_of_others(
	struct memory_store *s, const struct memory *m, bool *out, struct errctx *cx)
{
	bool is_ours = false;

	*out = m->text[MEMORY_SUPERSEDED_BY].n || !is_as_written(m);
	if (*out || m->at[MEMORY_DELETED] == MEMORY_NO_TIME)
		return E_OK;
	TRY(memory_edits(s, m->text[MEMORY_ID], note_deletion, &is_ours, cx));
	*out = !is_ours;
	return E_OK;
}

static bool is_enough(const struct learn_live *l, const struct live_rule *r)
{
	uint32_t min = l->conf.min_evidence;

	return live_rule_evidence(r) >=
	       (min < LEARN_LIVE_SIGHTINGS_MAX ? min : LEARN_LIVE_SIGHTINGS_MAX);
}

static enum err keep_rule(struct learn_live *l, struct memory_store *s,
	const struct memory_set *set, struct live_rule *r, struct errctx *cx)
{
	char text[sizeof ID_PREFIX + RULE_KEY_LEN];
	const struct memory *there;
	struct memory m;
	bool is_theirs = false, is_new;
	str id;

	(void)snprintf(text, sizeof text, ID_PREFIX "%s", r->key);
	id = str_from(text);
	there = find_id(set, id);
	if (there)
		TRY(is_of_others(s, there, &is_theirs, cx));
	if (is_theirs)
		return E_OK;
	if (!is_enough(l, r)) {
		/* Few sightings say nothing; that it is refuted says that it is no fact. */
		if (there && r->is_refuted && there->at[MEMORY_DELETED] == MEMORY_NO_TIME)
			return memory_delete(s, id, STR(BY), STR("refuted"), cx);
		return E_OK;
	}
	m = there ? *there : memory_blank();
	m.text[MEMORY_ID] = id;
	m.text[MEMORY_CONTENT] = r->text;
	m.text[MEMORY_USER] = l->conf.place.user;
	m.text[MEMORY_CATEGORY] = str_from(rule_kind_name(r->kind));
	m.importance = 0.5 + r->confidence / 4;
	m.text[MEMORY_METADATA] = metadata_of(l, r, &m);
	m.at[MEMORY_DELETED] = MEMORY_NO_TIME; /* it was we who took it out */
	if (!there)
		m.at[MEMORY_CREATED] = m.at[MEMORY_VALID_FROM] = clock_wall_ms(l->conf.clock);
	return memory_put(s, &m, &is_new, cx);
}

/* All rules of a project that have changed. Uses no arena while the file is open. */
static enum err keep_project(
	struct learn_live *l, struct memory_store *s, str project, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();
	struct memory_set set = {0};
	enum err e;

	f.user = l->conf.place.user;
	f.with_deleted = f.with_superseded = true;
	e = memory_list(s, &f, &set, cx);
	for (size_t i = 0; i < l->known.by_name.n && !e; i++) {
		struct live_rule *r = l->known.by_name.entries[i].value;

		if (!r->is_dirty || !str_eq(r->project, project))
			continue;
		e = keep_rule(l, s, &set, r, cx);
		r->is_dirty = e != E_OK;
	}
	memory_set_free(&set);
	return e;
}

static enum err open_and_keep(struct learn_live *l, str project, struct errctx *cx)
{
	struct memory_store *s = NULL;
	struct memory_place place;
	enum err e;

	TRY(place_of(l, project, &place, cx));
	if (!place.file)
		return E_OK; /* nobody knows where */
	TRY(memory_store_open(place.file, MEMORY_WRITE, l->conf.clock, &s, cx));
	e = keep_project(l, s, project, cx);
	memory_store_close(s);
	return e;
}

/* ---- the file ------------------------------------------------------------------------------------ */

static enum err read_known(struct learn_live *l, struct live_known *known, struct errctx *cx)
{
	enum err e = file_read(l->conf.file, &l->text, cx);

	if (e == E_NOT_FOUND)
		return E_OK;
	TRY(e);
	e = live_known_parse(known, buf_str(&l->text), cx);
	return e ? err_prefix(cx, "%s", l->conf.file) : E_OK;
}

static void unlock(struct learn_live *l)
{
	if (l->lock >= 0)
		(void)close(l->lock);
	l->lock = -1;
	live_known_release(&l->others);
	live_known_init(&l->others);
}

/* Until unlock no other proxy writes the file; what one has written is known here, too. */
static enum err lock_and_merge(struct learn_live *l, struct errctx *cx)
{
	const char *path =
		arena_cstr(&l->scratch, arena_printf(&l->scratch, "%s" LOCK_SUFFIX, l->conf.file));
	int e;

	TRY(file_mkdirs(file_edit_dir(&l->scratch, l->conf.file), 0700, cx));
	l->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	do
		e = l->lock >= 0 && flock(l->lock, LOCK_EX) == 0 ? 0 : errno;
	while (e == EINTR && l->lock >= 0);
	if (e)
		return err_set(cx, file_err(e), "cannot lock %s: %m", path);
	TRY(read_known(l, &l->others, cx));
	live_known_merge(&l->known, &l->others);
	return E_OK;
}

static enum err write_state(struct learn_live *l, struct errctx *cx)
{
	buf_reset(&l->text);
	live_known_print(&l->known, &l->text);
	if (l->text.err)
		FAIL(cx, l->text.err, "%s: %s", l->conf.file, err_text(l->text.err));
	TRY(file_write_atomic(l->conf.file, buf_str(&l->text), 0600, cx));
	l->known.is_dirty = false;
	return E_OK;
}

static void warn(const struct learn_live *l, const struct errctx *cx)
{
	if (l->conf.log)
		LOG(l->conf.log, LOG_LEVEL_WARN, "learn", log_s("error", str_from(cx->text)));
}

/* A project once: to wait for a file takes seconds. */
static void keep_projects(struct learn_live *l)
{
	const struct map *rules = &l->known.by_name;
	struct errctx cx = {0};
	struct map tried;

	map_init(&tried, &l->scratch);
	for (size_t i = 0; i < rules->n; i++) {
		struct live_rule *r = rules->entries[i].value;

		/* Few sightings have no memory to be changed, and make no file. */
		r->is_dirty = r->is_dirty && (r->is_refuted || is_enough(l, r));
		if (!r->is_dirty || map_find(&tried, r->project))
			continue;
		*map_at(&tried, r->project) = r;
		if (open_and_keep(l, r->project, &cx))
			warn(l, &cx);
	}
}

/* What cannot be written now is tried again with the next change, or by the next run. */
static void flush(struct learn_live *l)
{
	struct errctx cx = {0};
	enum err e;

	if (!l->known.is_dirty)
		return;
	e = lock_and_merge(l, &cx);
	if (!e) {
		keep_projects(l);
		e = write_state(l, &cx);
	}
	if (e)
		warn(l, &cx);
	unlock(l);
}

/* ---- the thread ---------------------------------------------------------------------------------- */

static void read_request(struct learn_live *l, const struct learn_request *r)
{
	struct learn_result result;

	learner_request(l->learner, r);
	if (!arena_recover(&l->scratch) && !arena_recover(&l->known.arena)) {
		learner_result(l->learner, &l->scratch, &result);
		live_known_update(&l->known, &result);
		if (!arena_recover(&l->others.arena))
			flush(l);
	}
	arena_end_recover(&l->others.arena);
	unlock(l); /* also where memory ran out on the way */
	arena_end_recover(&l->known.arena);
	arena_end_recover(&l->scratch);
	arena_reset(&l->scratch);
}

static void run(void *arg, bool is_cancelled)
{
	struct job *j = arg;

	if (!is_cancelled)
		read_request(j->live, &j->r);
	atomic_fetch_sub(&j->live->waiting_bytes, j->bytes);
	mem_free(j);
}

static str put_text(char **at, str s)
{
	str copy = {*at, s.n};

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

bool learn_live_tell(struct learn_live *l, const struct learn_live_request *r)
{
	bool has_id = r->project_id.n != 0;
	str project = has_id ? r->project_id : r->project_dir;
	size_t n = sizeof(struct job) + r->body.n + r->session.n + project.n + sizeof PROJECT_ID;
	struct job *j;
	char *at;

	if (atomic_fetch_add(&l->waiting_bytes, n) + n > LEARN_LIVE_BYTES_MAX ||
		!(j = mem_alloc(n))) {
		atomic_fetch_sub(&l->waiting_bytes, n);
		return false;
	}
	*j = (struct job){.live = l, .bytes = n, .r = {.agent = AGENT_PROXY, .at_ms = r->at_ms}};
	at = j->text;
	j->r.body = put_text(&at, r->body);
	j->r.session = put_text(&at, r->session);
	j->r.project = put_text(&at, has_id ? STR(PROJECT_ID) : STR(""));
	j->r.project.n += put_text(&at, project).n;
	if (pool_submit(l->pool, run, j) == E_OK)
		return true;
	atomic_fetch_sub(&l->waiting_bytes, n);
	mem_free(j);
	return false;
}

/* ---- beginning and end --------------------------------------------------------------------------- */

static enum err read_state(struct learn_live *l, struct errctx *cx)
{
	enum err e;

	if (arena_recover(&l->known.arena))
		FAIL(cx, E_NOMEM, "out of memory");
	e = read_known(l, &l->known, cx);
	arena_end_recover(&l->known.arena);
	return e;
}

static enum err start(struct learn_live *l, struct errctx *cx)
{
	/* What is enough is decided here, over all runs. */
	const struct learn_conf conf = {
		.min_evidence = 1, .with_subagents = true, .is_by_content = true};

	TRY(read_state(l, cx));
	TRY(learner_new(&conf, &l->learner, cx));
	return pool_new(1, LEARN_LIVE_QUEUE, &l->pool, cx);
}

enum err learn_live_start(
	const struct learn_live_conf *conf, struct learn_live **out, struct errctx *cx)
{
	struct learn_live *l = mem_zalloc(sizeof *l);
	enum err e;

	*out = NULL;
	if (!l)
		FAIL(cx, E_NOMEM, "out of memory");
	l->conf = *conf;
	l->lock = -1;
	live_known_init(&l->known);
	live_known_init(&l->others);
	arena_init(&l->scratch);
	buf_init(&l->text, LIMIT_INPUT);
	e = start(l, cx);
	if (e) {
		learn_live_stop(l);
		return e;
	}
	*out = l;
	return E_OK;
}

void learn_live_wait(struct learn_live *l)
{
	pool_wait(l->pool);
}

void learn_live_stop(struct learn_live *l)
{
	if (!l)
		return;
	if (l->pool)
		pool_wait(l->pool);
	pool_free(l->pool);
	learner_free(l->learner);
	live_known_release(&l->known);
	live_known_release(&l->others);
	arena_release(&l->scratch);
	buf_release(&l->text);
	mem_free(l);
}
