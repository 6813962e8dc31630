#include "learn/live.h"

#include <stdatomic.h>
#include <stdio.h>

#include "core/base/file.h"
#include "core/base/file_edit.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/pool.h"
#include "core/json/write.h"
#include "core/store/memory.h"
#include "learn/live_known.h"

#define BY        "headroom learn"
#define ID_PREFIX "learned-"

struct learn_live {
	struct learn_live_conf conf;
	struct pool *pool; /* of one thread, which alone touches what follows */
	struct learner *learner;
	struct live_known known;
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

static str metadata_of(struct learn_live *l, const struct live_rule *r)
{
	struct json_writer w;

	buf_reset(&l->text);
	json_write_init(&w, &l->text, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "source", "traffic_learner"); /* as in the Python program's files */
	json_write_c(&w, "category", rule_kind_name(r->kind));
	json_write_u64(&w, "evidence_count", live_rule_evidence(r));
	json_write_u64(&w, "session_count", live_rule_sessions(r));
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

/* What a person has deleted, or put something else in the place of, is not brought back. */
static bool is_of_others(const struct memory *m)
{
	return m->at[MEMORY_DELETED] != MEMORY_NO_TIME || m->text[MEMORY_SUPERSEDED_BY].n;
}

static enum err keep_rule(struct learn_live *l, struct memory_store *s,
	const struct memory_set *set, struct live_rule *r, struct errctx *cx)
{
	char text[sizeof ID_PREFIX + RULE_KEY_LEN];
	const struct memory *there;
	struct memory m;
	bool is_new;
	str id;

	(void)snprintf(text, sizeof text, ID_PREFIX "%s", r->key);
	id = str_from(text);
	there = find_id(set, id);
	m = there ? *there : memory_blank();
	if (there && is_of_others(there))
		return E_OK;
	if (live_rule_evidence(r) < l->conf.min_evidence) {
		/* Few sightings say nothing; that it is refuted says that it is no fact. */
		if (there && r->is_refuted)
			return memory_delete(s, id, STR(BY), STR("refuted"), cx);
		return E_OK;
	}
	m.text[MEMORY_ID] = id;
	m.text[MEMORY_CONTENT] = r->text;
	m.text[MEMORY_USER] = l->conf.place.user;
	m.text[MEMORY_CATEGORY] = str_from(rule_kind_name(r->kind));
	m.text[MEMORY_METADATA] = metadata_of(l, r);
	m.importance = 0.5 + r->confidence / 4;
	if (!there)
		m.at[MEMORY_CREATED] = m.at[MEMORY_VALID_FROM] = clock_wall_ms(l->conf.clock);
	return memory_put(s, &m, &is_new, cx);
}

static bool is_worth_a_file(const struct learn_live *l, const struct live_known *k, str project)
{
	for (size_t i = 0; i < k->by_name.n; i++) {
		const struct live_rule *r = k->by_name.entries[i].value;

		if (r->is_dirty && str_eq(r->project, project) &&
			(r->is_refuted || live_rule_evidence(r) >= l->conf.min_evidence))
			return true;
	}
	return false;
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

static enum err write_state(struct learn_live *l, struct errctx *cx)
{
	buf_reset(&l->text);
	live_known_print(&l->known, &l->text);
	if (l->text.err)
		FAIL(cx, l->text.err, "%s: %s", l->conf.file, err_text(l->text.err));
	TRY(file_mkdirs(file_edit_dir(&l->scratch, l->conf.file), 0700, cx));
	TRY(file_write_atomic(l->conf.file, buf_str(&l->text), 0600, cx));
	l->known.is_dirty = false;
	return E_OK;
}

static void warn(const struct learn_live *l, const struct errctx *cx)
{
	if (l->conf.log)
		LOG(l->conf.log, LOG_LEVEL_WARN, "learn", log_s("error", str_from(cx->text)));
}

/* What cannot be written now is tried again with the next change, a project once: to wait for a file takes seconds. */
static void flush(struct learn_live *l)
{
	const struct map *rules = &l->known.by_name;
	struct errctx cx = {0};
	struct map tried;

	if (!l->known.is_dirty)
		return;
	map_init(&tried, &l->scratch);
	for (size_t i = 0; i < rules->n; i++) {
		struct live_rule *r = rules->entries[i].value;

		if (!r->is_dirty || map_find(&tried, r->project))
			continue;
		*map_at(&tried, r->project) = r;
		if (is_worth_a_file(l, &l->known, r->project) && open_and_keep(l, r->project, &cx))
			warn(l, &cx);
	}
	if (write_state(l, &cx))
		warn(l, &cx);
}

/* ---- the thread ---------------------------------------------------------------------------------- */

static void read_request(struct learn_live *l, const struct learn_request *r)
{
	struct learn_result result;

	learner_request(l->learner, r);
	if (!arena_recover(&l->scratch) && !arena_recover(&l->known.arena)) {
		learner_result(l->learner, &l->scratch, &result);
		live_known_update(&l->known, &result, r->session);
		flush(l);
	}
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
	enum err e = file_read(l->conf.file, &l->text, cx);

	if (e == E_NOT_FOUND)
		return E_OK;
	TRY(e);
	if (arena_recover(&l->known.arena))
		FAIL(cx, E_NOMEM, "out of memory");
	e = live_known_parse(&l->known, buf_str(&l->text), cx);
	arena_end_recover(&l->known.arena);
	return e ? err_prefix(cx, "%s", l->conf.file) : E_OK;
}

static enum err start(struct learn_live *l, struct errctx *cx)
{
	/* What is enough is decided here, over all runs. */
	const struct learn_conf conf = {.min_evidence = 1, .with_subagents = true};

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
	live_known_init(&l->known);
	arena_init(&l->scratch);
	buf_init(&l->text, LIMIT_CONFIG_FILE);
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
	arena_release(&l->scratch);
	buf_release(&l->text);
	mem_free(l);
}
