#include "learn/learner.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/memory/clean.h"
#include "core/memory/place.h"
#include "learn/text.h"

enum err learner_new(const struct learn_conf *conf, struct learner **out, struct errctx *cx)
{
	struct learner *l = mem_zalloc(sizeof *l);

	*out = NULL;
	if (!l)
		FAIL(cx, E_NOMEM, "no memory to learn");
	if (arena_recover(&l->arena)) {
		learner_free(l);
		FAIL(cx, E_NOMEM, "no memory to learn");
	}
	l->conf = *conf;
	l->conf.project = arena_str(&l->arena, conf->project);
	map_init(&l->projects, &l->arena);
	arena_end_recover(&l->arena);
	*out = l;
	return E_OK;
}

void learner_close_sessions(struct learner *l)
{
	for (size_t i = 0; i < l->open_n; i++)
		mem_free(l->open[i]);
	l->open_n = 0;
}

void learner_free(struct learner *l)
{
	if (!l)
		return;
	learner_close_sessions(l);
	seen_release(&l->seen);
	arena_release(&l->scratch);
	arena_release(&l->arena);
	mem_free(l);
}

/* ---- projects and sessions ------------------------------------------------------------------------------ */

/* Within the one that is asked for, all is of that one. */
static str project_name(const struct learner *l, str dir)
{
	str wanted = l->conf.project, rest = dir;

	while (dir.n > 1 && dir.p[dir.n - 1] == '/')
		dir.n--;
	if (wanted.n && str_take(&rest, wanted) && (!rest.n || rest.p[0] == '/'))
		return wanted;
	return dir;
}

static struct project *project_of(struct learner *l, str dir)
{
	struct project *p = map_find(&l->projects, dir);

	if (p)
		return p;
	dir = arena_str(&l->arena, dir); /* the map keeps it */
	p = arena_new(&l->arena, struct project);
	p->arena = &l->arena;
	p->dir = dir;
	p->first_ms = p->last_ms = -1;
	*map_at(&l->projects, dir) = p;
	return p;
}

/* May the file that is being read be taken for that project? */
static bool may_take(struct learner *l, struct project *p, const struct spot *spot)
{
	if (l->conf.project.n && !str_eq(p->dir, l->conf.project)) {
		l->is_skipped = spot->is_one_project;
		return false;
	}
	if (l->file_project)
		return true;
	l->file_project = p;
	if (spot->is_one_project && l->conf.files_max && p->files >= l->conf.files_max) {
		l->is_skipped = true;
		return false;
	}
	p->files++;
	return true;
}

static struct session *session_place(struct learner *l)
{
	struct session *s = NULL;

	if (l->open_n < LEARNER_SESSIONS) {
		s = mem_alloc(sizeof *s);
		if (!s)
			arena_fail(&l->arena);
		l->open[l->open_n++] = s;
		return s;
	}
	s = l->open[0];
	for (size_t i = 1; i < l->open_n; i++)
		if (l->open[i]->used_at < s->used_at)
			s = l->open[i];
	return s;
}

struct session *learner_session(struct learner *l, const struct spot *spot)
{
	uint64_t key = hash64(spot->session), hash;
	size_t slash = str_find_byte(spot->session, '/');
	struct project *p;
	struct session *s;

	for (size_t i = 0; i < l->open_n; i++)
		if (l->open[i]->key == key) {
			l->open[i]->used_at = l->count;
			return l->open[i];
		}
	p = project_of(l, project_name(l, spot->project));
	if (!may_take(l, p, spot))
		return NULL;
	hash = spot->is_subagent && slash != STR_NONE ? hash64(str_sub(spot->session, 0, slash))
						      : key;
	s = session_place(l);
	session_begin(s, key, hash, p);
	s->is_subagent = spot->is_subagent;
	s->beginning = spot->beginning;
	s->used_at = l->count;
	p->agents |= 1u << spot->agent;
	/* One that is taken up again in another file, or was closed here, is the same. */
	p->sessions += !seen_add(&l->seen, hash64_seed(STR("session"), hash));
	return s;
}

/* ---- blocks -------------------------------------------------------------------------------------------------- */

/* The same in two places, unless it is said again later. */
static bool is_new(struct learner *l, const struct spot *spot, const struct session *s,
	const struct wire_block *b)
{
	struct {
		struct hash128 block;
		uint64_t where;
		uint64_t part;
	} key = {.block = b->hash};

	if (spot->at_ms >= 0 && spot->line) {
		key.where = (uint64_t)spot->at_ms;
		key.part = (uint64_t)b->part << 32 | b->sub;
	} else {
		key.where = s->key;
		key.part = b->call_id.n ? 0 : spot->line ? spot->line : (uint64_t)b->message + 1;
	}
	return !seen_add(&l->seen, hash64((str){(const char *)&key, sizeof key}));
}

static str text_of(struct learner *l, const struct wire_doc *doc, const struct wire_block *b)
{
	str s;

	return json_string(&doc->tape, b->node, &l->scratch, &s) ? s : STR_NULL;
}

/* All parts of the result that begins at block i, in *text; returns how many blocks they are. */
static uint32_t result_text(struct learner *l, const struct wire_doc *doc, uint32_t i, str *text)
{
	const struct wire_block *first = &doc->blocks[i];
	struct buf b;
	uint32_t n = 1;

	*text = text_of(l, doc, first);
	while (i + n < doc->n && doc->blocks[i + n].kind == WIRE_TOOL_RESULT && first->call_id.n &&
		str_eq(doc->blocks[i + n].call_id, first->call_id))
		n++;
	if (n == 1)
		return 1;
	buf_init_arena(&b, &l->scratch, LIMIT_INPUT);
	for (uint32_t k = 0; k < n; k++) {
		if (k)
			buf_add_byte(&b, '\n');
		buf_add(&b, text_of(l, doc, &doc->blocks[i + k]));
	}
	*text = buf_str(&b);
	return n;
}

void learner_blocks(struct learner *l, const struct spot *spot, const struct wire_doc *doc)
{
	struct session *s = NULL;
	uint32_t n = 1;

	for (uint32_t i = 0; i < doc->n; i += n) {
		const struct wire_block *b = &doc->blocks[i];
		struct answer answer = {.id = b->call_id,
			.tool = b->tool,
			.is_error = b->is_error,
			.subagent_tokens = spot->subagent_tokens,
			.at_ms = spot->at_ms};

		n = 1;
		s = s ? s : learner_session(l, spot);
		if (!s)
			return;
		if (b->kind == WIRE_TOOL_RESULT)
			n = result_text(l, doc, i, &answer.text);
		if (!is_new(l, spot, s, b))
			continue;
		project_note_time(s->project, spot->at_ms);
		if (b->kind == WIRE_TOOL_CALL)
			session_call(s, b->call_id, b->tool, span_str(doc->tape.doc, b->at),
				&l->scratch);
		else if (b->kind == WIRE_TOOL_RESULT)
			session_answer(s, &answer, &l->scratch);
		else if (b->kind == WIRE_TEXT && b->role == WIRE_USER && !spot->is_meta)
			session_said(s, text_of(l, doc, b), spot->at_ms, &l->scratch);
	}
}

/* ---- requests --------------------------------------------------------------------------------------------------- */

/* The directory that the system prompt or the first words name. */
static str project_in(struct learner *l, const struct wire_doc *doc)
{
	for (uint32_t i = 0; i < doc->n; i++) {
		const struct wire_block *b = &doc->blocks[i];
		str dir;

		if (b->role != WIRE_SYSTEM && b->role != WIRE_USER)
			break;
		dir = b->kind == WIRE_TEXT ? memory_place_in_prompt(text_of(l, doc, b)) : STR_NULL;
		if (text_is_absolute(dir))
			return dir;
	}
	return STR_NULL;
}

/* The first words of the user's, without what programs put before them; where there are none, the name. */
static uint64_t beginning_of(struct learner *l, const struct wire_doc *doc, str name)
{
	struct buf b;

	for (uint32_t i = 0; i < doc->n; i++) {
		if (doc->blocks[i].role != WIRE_USER || doc->blocks[i].kind != WIRE_TEXT)
			continue;
		buf_init_arena(&b, &l->scratch, LIMIT_INPUT);
		(void)memory_strip(text_of(l, doc, &doc->blocks[i]), &b);
		if (str_trim(buf_str(&b)).n)
			return hash64(str_trim(buf_str(&b))) | 1;
	}
	return hash64(name) | 1;
}

/* Requests without the name of a session: those that begin alike are one. */
static str name_by_content(struct learner *l, const struct wire_doc *doc)
{
	struct hash128 h = {0, 0};

	for (uint32_t i = 0; i < doc->n; i++) {
		if (doc->blocks[i].message != WIRE_NO_MESSAGE && doc->blocks[i].message > 0)
			break;
		h = hash128_chain(h, doc->blocks[i].hash);
	}
	return arena_printf(&l->scratch, "%016llx", (unsigned long long)h.lo);
}

bool learner_body(struct learner *l, struct spot *spot, str body)
{
	struct json_tape t;
	struct wire_doc doc;
	enum wire_format f;

	if (json_scan(&l->scratch, body, &t, NULL) != E_OK)
		return false;
	f = wire_detect(&t);
	if (f == WIRE_NONE || wire_walk(&l->scratch, &t, f, &doc, NULL) != E_OK)
		return false;
	if (!spot->session.n)
		spot->session = name_by_content(l, &doc);
	if (!spot->project.n)
		spot->project = project_in(l, &doc);
	spot->line = 0;
	spot->beginning = beginning_of(l, &doc, spot->session);
	if (!l->conf.is_by_content)
		spot->beginning ^= hash64(spot->session) << 1;
	learner_blocks(l, spot, &doc);
	return true;
}

void learner_request(struct learner *l, const struct learn_request *r)
{
	struct spot spot = {
		.session = r->session, .project = r->project, .agent = r->agent, .at_ms = r->at_ms};

	if (!arena_recover(&l->arena) && !arena_recover(&l->scratch)) {
		l->count++;
		l->file_project = NULL;
		(void)learner_body(l, &spot, r->body);
	}
	arena_end_recover(&l->arena);
	arena_end_recover(&l->scratch);
	arena_reset(&l->scratch);
}

/* ---- what was learned ------------------------------------------------------------------------------------------- */

static int cmp_set(const void *a, const void *b)
{
	const struct rule_set *x = a, *y = b;

	return str_cmp(x->project, y->project);
}

void learner_result(struct learner *l, struct arena *a, struct learn_result *out)
{
	*out = (struct learn_result){.bad_lines = l->bad_lines};
	for (size_t i = 0; i < l->projects.n; i++) {
		const struct project *p = l->projects.entries[i].value;

		out->dropped += p->dropped;
		if (p->sessions)
			project_rules(p, &l->conf, a, vec_push(&out->projects, a));
	}
	if (out->projects.n)
		qsort(out->projects.v, out->projects.n, sizeof *out->projects.v, cmp_set);
}
