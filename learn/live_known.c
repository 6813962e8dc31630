#include "learn/live_known.h"

#include <stdio.h>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/json/scan.h"
#include "core/json/write.h"

void live_known_init(struct live_known *k)
{
	*k = (struct live_known){.is_dirty = false};
	arena_init(&k->arena);
	map_init(&k->by_name, &k->arena);
	buf_init(&k->name, LIMIT_CONFIG_FILE);
}

void live_known_release(struct live_known *k)
{
	arena_release(&k->arena);
	buf_release(&k->name);
}

/* ---- counting ------------------------------------------------------------------------------------ */

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

uint32_t live_rule_evidence(const struct live_rule *r)
{
	uint32_t n = r->older;

	for (size_t i = 0; i < r->sessions.n; i++)
		n += larger(r->sessions.v[i].before, r->sessions.v[i].run);
	return n;
}

uint32_t live_rule_sessions(const struct live_rule *r)
{
	return (uint32_t)r->sessions.n + (r->older != 0);
}

/* NULL: there is no room for another rule. */
static struct live_rule *rule_at(struct live_known *k, str project, const char *key)
{
	struct live_rule *r;

	buf_reset(&k->name); /* looked for with each request, so not in the arena */
	buf_add(&k->name, project);
	buf_add_byte(&k->name, '\0');
	buf_add_c(&k->name, key);
	if (k->name.err)
		return NULL;
	r = map_find(&k->by_name, buf_str(&k->name));
	if (r || k->by_name.n == LEARN_LIVE_RULES_MAX)
		return r;
	r = arena_new(&k->arena, struct live_rule);
	r->project = arena_str(&k->arena, project);
	memcpy(r->key, key, RULE_KEY_LEN);
	*map_at(&k->by_name, arena_str(&k->arena, buf_str(&k->name))) = r;
	return r;
}

static struct live_session *session_at(struct live_known *k, struct live_rule *r, uint64_t hash)
{
	for (size_t i = 0; i < r->sessions.n; i++)
		if (r->sessions.v[i].hash == hash)
			return &r->sessions.v[i];
	if (r->sessions.n == LEARN_LIVE_SESSIONS_MAX) {
		r->older += larger(r->sessions.v[0].before, r->sessions.v[0].run);
		r->sessions.n--;
		memmove(r->sessions.v, r->sessions.v + 1, r->sessions.n * sizeof *r->sessions.v);
	}
	*vec_push(&r->sessions, &k->arena) = (struct live_session){.hash = hash};
	return &r->sessions.v[r->sessions.n - 1];
}

static void update(struct live_known *k, const struct rule *seen, str project, uint64_t session)
{
	struct live_rule *r = rule_at(k, project, seen->key);
	uint32_t before;

	if (!r)
		return;
	before = live_rule_evidence(r);
	r->is_seen = true;
	r->is_refuted = false;
	if (seen->evidence > r->run_evidence)
		session_at(k, r, session)->run += seen->evidence - r->run_evidence;
	r->run_evidence = seen->evidence;
	if (live_rule_evidence(r) == before && str_eq(r->text, seen->text))
		return;
	r->kind = seen->kind;
	r->confidence = seen->confidence;
	if (!str_eq(r->text, seen->text))
		r->text = arena_str(&k->arena, seen->text);
	if (r->first_ms <= 0 || (seen->first_ms >= 0 && seen->first_ms < r->first_ms))
		r->first_ms = seen->first_ms;
	if (seen->last_ms > r->last_ms)
		r->last_ms = seen->last_ms;
	r->is_dirty = k->is_dirty = true;
}

/* Of a project with more rules than are told, what is not told may still be true. */
static bool is_told_whole(const struct learn_result *result, str project)
{
	for (size_t i = 0; i < result->projects.n; i++)
		if (str_eq(result->projects.v[i].project, project))
			return !result->projects.v[i].left_out;
	return false;
}

void live_known_update(struct live_known *k, const struct learn_result *result, str session)
{
	for (size_t i = 0; i < k->by_name.n; i++)
		((struct live_rule *)k->by_name.entries[i].value)->is_seen = false;
	for (size_t i = 0; i < result->projects.n; i++) {
		const struct rule_set *set = &result->projects.v[i];

		for (size_t n = 0; n < set->rules.n; n++)
			update(k, &set->rules.v[n], set->project, hash64(session));
	}
	/* What the learner had and has no more is refuted by what came since. */
	for (size_t i = 0; i < k->by_name.n; i++) {
		struct live_rule *r = k->by_name.entries[i].value;

		if (r->is_seen || !r->run_evidence || !is_told_whole(result, r->project))
			continue;
		r->run_evidence = r->older = 0;
		r->sessions.n = 0;
		r->is_refuted = r->is_dirty = k->is_dirty = true;
	}
}

/* ---- as text ------------------------------------------------------------------------------------- */

static str text_of(const struct json_tape *t, uint32_t object, const char *key, struct arena *a)
{
	uint32_t node = json_member(t, object, key);
	str s;

	return node != JSON_ABSENT && json_string(t, node, a, &s) ? s : STR_NULL;
}

static uint64_t number_of(const struct json_tape *t, uint32_t object, const char *key)
{
	uint32_t node = json_member(t, object, key);
	uint64_t n;

	return node != JSON_ABSENT && json_u64(t, node, &n) ? n : 0;
}

static bool parse_sessions(struct live_known *k, struct live_rule *r, const struct json_tape *t)
{
	uint32_t list = json_member(t, 0, "sessions");

	if (list == JSON_ABSENT || !json_is(t, list, JSON_OBJECT))
		return false;
	for (struct json_iter it = json_iter(t, list); json_next(&it);) {
		uint64_t hash, n;
		str name;

		if (!json_string(t, it.key, &k->arena, &name) || !str_u64(name, &hash) ||
			!json_u64(t, it.value, &n) || n > UINT32_MAX)
			return false;
		session_at(k, r, hash)->before = (uint32_t)n;
	}
	return true;
}

static bool parse_line(struct live_known *k, str line)
{
	struct live_rule *r;
	struct json_tape t;
	str project, key, kind, text;

	if (json_scan(&k->arena, line, &t, NULL) || !json_is(&t, 0, JSON_OBJECT))
		return false;
	project = text_of(&t, 0, "project", &k->arena);
	key = text_of(&t, 0, "key", &k->arena);
	kind = text_of(&t, 0, "kind", &k->arena);
	text = text_of(&t, 0, "text", &k->arena);
	if (!project.p || key.n != RULE_KEY_LEN || !text.n || text.n > RULE_TEXT_MAX)
		return false;
	r = rule_at(k, project, arena_cstr(&k->arena, key));
	if (!r || !rule_kind_parse(kind, &r->kind))
		return false;
	r->text = arena_str(&k->arena, text);
	r->older = (uint32_t)number_of(&t, 0, "older");
	r->first_ms = (int64_t)number_of(&t, 0, "first_ms");
	r->last_ms = (int64_t)number_of(&t, 0, "last_ms");
	return parse_sessions(k, r, &t);
}

enum err live_known_parse(struct live_known *k, str text, struct errctx *cx)
{
	unsigned number = 0;
	str line;

	while (str_next_line(&text, &line, NULL)) {
		number++;
		if (!parse_line(k, line))
			FAIL(cx, E_CONFIG, "line %u: not what --learn has written", number);
	}
	return E_OK;
}

static void print_rule(const struct live_rule *r, struct buf *out)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_str(&w, "project", r->project);
	json_write_c(&w, "key", r->key);
	json_write_c(&w, "kind", rule_kind_name(r->kind));
	json_write_str(&w, "text", r->text);
	json_write_u64(&w, "first_ms", r->first_ms > 0 ? (uint64_t)r->first_ms : 0);
	json_write_u64(&w, "last_ms", r->last_ms > 0 ? (uint64_t)r->last_ms : 0);
	json_write_u64(&w, "older", r->older);
	json_write_object(&w, "sessions");
	for (size_t i = 0; i < r->sessions.n; i++) {
		const struct live_session *s = &r->sessions.v[i];
		char name[24];

		(void)snprintf(name, sizeof name, "%llu", (unsigned long long)s->hash);
		json_write_u64(&w, name, larger(s->before, s->run));
	}
	json_write_end(&w);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

void live_known_print(const struct live_known *k, struct buf *out)
{
	for (size_t i = 0; i < k->by_name.n; i++) {
		const struct live_rule *r = k->by_name.entries[i].value;

		if (live_rule_evidence(r))
			print_rule(r, out);
	}
}
