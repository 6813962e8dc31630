#include "learn/live_known.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/limits.h"
#include "core/json/scan.h"
#include "core/json/write.h"

void live_known_init(struct live_known *k)
{
	*k = (struct live_known){.is_dirty = false};
	arena_init(&k->arena);
	map_init(&k->by_name, &k->arena);
	buf_init(&k->name, LIMIT_CONFIG_FILE);
	buf_init(&k->text, LIMIT_INPUT);
}

void live_known_release(struct live_known *k)
{
	arena_release(&k->arena);
	buf_release(&k->name);
	buf_release(&k->text);
}

/* ---- counting ------------------------------------------------------------------------------------ */

uint32_t live_rule_evidence(const struct live_rule *r)
{
	uint32_t n = 0;

	for (size_t i = 0; i < r->sightings.n; i++)
		n += !r->sightings.v[i].is_spent;
	return n;
}

uint32_t live_rule_sessions(const struct live_rule *r)
{
	const struct live_sighting *v = r->sightings.v;
	uint32_t n = 0;

	for (size_t i = 0; i < r->sightings.n; i++) {
		bool is_first = !v[i].is_spent;

		for (size_t k = 0; k < i && is_first; k++)
			is_first = v[k].is_spent || v[k].of.conversation != v[i].of.conversation;
		n += is_first;
	}
	return n;
}

static struct live_sighting *find_sighting(const struct live_rule *r, uint64_t id)
{
	for (size_t i = 0; i < r->sightings.n; i++)
		if (r->sightings.v[i].of.id == id)
			return &r->sightings.v[i];
	return NULL;
}

/* Where all places are taken, that of one that says nothing any more. True when there is more evidence now. */
static bool add_sighting(struct live_known *k, struct live_rule *r, struct live_sighting s)
{
	struct live_sighting *there = find_sighting(r, s.of.id);

	if (there) {
		there->is_spent |= s.is_spent;
		return false;
	}
	if (r->sightings.n < LEARN_LIVE_SIGHTINGS_MAX) {
		*vec_push(&r->sightings, &k->arena) = s;
		return true;
	}
	for (size_t i = 0; i < r->sightings.n && !s.is_spent; i++)
		if (r->sightings.v[i].is_spent) {
			r->sightings.v[i] = s;
			return true;
		}
	return false;
}

static void name_rule(struct live_known *k, str project, const char *key)
{
	buf_reset(&k->name); /* looked for with each request, so not in the arena */
	buf_add(&k->name, project);
	buf_add_byte(&k->name, '\0');
	buf_add_c(&k->name, key);
}

/* Those that say nothing any more first, then the one that was not seen for longest. */
static int cmp_newest(const void *a, const void *b)
{
	const struct live_rule *x = *(struct live_rule *const *)a,
			       *y = *(struct live_rule *const *)b;
	bool has_x = live_rule_evidence(x) != 0, has_y = live_rule_evidence(y) != 0;

	if (has_x != has_y)
		return has_x ? -1 : 1;
	if (x->last_ms != y->last_ms)
		return x->last_ms > y->last_ms ? -1 : 1;
	return strcmp(x->key, y->key);
}

/* NULL: there is no room for another one. */
static struct live_rule *rule_at(struct live_known *k, str project, const char *key)
{
	struct live_rule *r;

	name_rule(k, project, key);
	if (k->name.err)
		return NULL;
	r = map_find(&k->by_name, buf_str(&k->name));
	if (r || k->by_name.n >= LEARN_LIVE_RULES_MAX)
		return r;
	r = arena_new(&k->arena, struct live_rule);
	r->project = arena_str(&k->arena, project);
	memcpy(r->key, key, RULE_KEY_LEN);
	*map_at(&k->by_name, arena_str(&k->arena, buf_str(&k->name))) = r;
	return r;
}

static void print_rule(const struct live_rule *r, struct buf *out);

/* A quarter of the rules gives way, and with them the memory that they took. */
static void forget_oldest(struct live_known *k)
{
	enum { KEPT = LEARN_LIVE_RULES_MAX - LEARN_LIVE_RULES_MAX / 4 };
	size_t n = k->by_name.n, kept = n < KEPT ? n : KEPT;
	struct live_rule **v = arena_array(&k->arena, struct live_rule *, n);

	for (size_t i = 0; i < n; i++)
		v[i] = k->by_name.entries[i].value;
	qsort(v, n, sizeof *v, cmp_newest);
	for (size_t i = kept; i < n; i++)
		if (live_rule_evidence(v[i]) && v[i]->last_ms > k->forgotten_ms)
			k->forgotten_ms = v[i]->last_ms;
	buf_reset(&k->text);
	for (size_t i = 0; i < kept; i++)
		print_rule(v[i], &k->text);
	if (k->text.err)
		return;
	arena_reset(&k->arena);
	map_init(&k->by_name, &k->arena);
	(void)!live_known_parse(k, buf_str(&k->text), NULL);
	k->is_dirty = true;
}

/* A new rule takes the place of what was not seen for longer. NULL: it is itself what is not kept. */
static struct live_rule *rule_for(
	struct live_known *k, str project, const char *key, int64_t last_ms)
{
	name_rule(k, project, key);
	if (!k->name.err && !map_find(&k->by_name, buf_str(&k->name))) {
		if (k->by_name.n >= LEARN_LIVE_RULES_MAX && last_ms > k->forgotten_ms)
			forget_oldest(k);
		if (k->forgotten_ms && last_ms <= k->forgotten_ms)
			return NULL;
	}
	return rule_at(k, project, key);
}

static void note_times(struct live_rule *r, int64_t first_ms, int64_t last_ms)
{
	if (r->first_ms <= 0 || (first_ms > 0 && first_ms < r->first_ms))
		r->first_ms = first_ms;
	if (last_ms > r->last_ms)
		r->last_ms = last_ms;
}

static void update(struct live_known *k, const struct rule *seen, str project)
{
	struct live_rule *r = rule_for(k, project, seen->key, seen->last_ms);
	bool is_more = false;

	if (!r)
		return;
	r->is_of_run = r->is_told = true;
	r->is_refuted = false;
	for (size_t i = 0; i < seen->sightings.n; i++)
		is_more |= add_sighting(k, r, (struct live_sighting){seen->sightings.v[i], false});
	r->kind = seen->kind;
	r->confidence = seen->confidence;
	if (!is_more && str_eq(r->text, seen->text))
		return;
	if (!str_eq(r->text, seen->text))
		r->text = arena_str(&k->arena, seen->text);
	note_times(r, seen->first_ms, seen->last_ms);
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

void live_known_update(struct live_known *k, const struct learn_result *result)
{
	for (size_t i = 0; i < k->by_name.n; i++)
		((struct live_rule *)k->by_name.entries[i].value)->is_told = false;
	for (size_t i = 0; i < result->projects.n; i++) {
		const struct rule_set *set = &result->projects.v[i];

		for (size_t n = 0; n < set->rules.n; n++)
			update(k, &set->rules.v[n], set->project);
	}
	/* What the learner had and has no more is refuted by what came since. */
	for (size_t i = 0; i < k->by_name.n; i++) {
		struct live_rule *r = k->by_name.entries[i].value;

		if (r->is_told || !r->is_of_run || !is_told_whole(result, r->project))
			continue;
		for (size_t n = 0; n < r->sightings.n; n++)
			r->sightings.v[n].is_spent = true;
		r->is_of_run = false;
		r->is_refuted = r->is_dirty = k->is_dirty = true;
	}
}

void live_known_merge(struct live_known *k, const struct live_known *other)
{
	for (size_t i = 0; i < other->by_name.n; i++) {
		const struct live_rule *theirs = other->by_name.entries[i].value;
		struct live_rule *r = rule_for(k, theirs->project, theirs->key, theirs->last_ms);

		if (!r)
			continue;
		if (!r->text.n) {
			r->kind = theirs->kind;
			r->text = arena_str(&k->arena, theirs->text);
			r->confidence = theirs->confidence;
		}
		for (size_t n = 0; n < theirs->sightings.n; n++)
			(void)add_sighting(k, r, theirs->sightings.v[n]);
		note_times(r, theirs->first_ms, theirs->last_ms);
		r->is_dirty |= theirs->is_dirty;
		r->is_refuted |= theirs->is_refuted && !live_rule_evidence(r);
	}
}

/* ---- as text ------------------------------------------------------------------------------------- */

static const char HEX[] = "0123456789abcdef", SEEN[] = "seen", SPENT[] = "seen_before_refuted";
enum { HEX_N = 16 };

static str text_of(const struct json_tape *t, uint32_t object, const char *key, struct arena *a)
{
	uint32_t node = json_member(t, object, key);
	str s;

	return node != JSON_ABSENT && json_string(t, node, a, &s) ? s : STR_NULL;
}

static uint64_t number_of(const struct json_tape *t, const char *key)
{
	uint32_t node = json_member(t, 0, key);
	uint64_t n;

	return node != JSON_ABSENT && json_u64(t, node, &n) ? n : 0;
}

static int64_t time_of(const struct json_tape *t, const char *key)
{
	uint64_t n = number_of(t, key);

	return n > INT64_MAX ? 0 : (int64_t)n;
}

static bool is_hex(str s, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(HEX, s.p[i]) : NULL;

		if (!at)
			return false;
		*out = *out << 4 | (uint64_t)(at - HEX);
	}
	return s.n == HEX_N;
}

/* {"id":"conversation",...} */
static bool parse_sightings(
	struct live_known *k, struct live_rule *r, const struct json_tape *t, const char *key)
{
	uint32_t list = json_member(t, 0, key);
	bool is_spent = strcmp(key, SPENT) == 0;

	if (list == JSON_ABSENT)
		return is_spent;
	if (!json_is(t, list, JSON_OBJECT))
		return false;
	for (struct json_iter it = json_iter(t, list); json_next(&it);) {
		struct live_sighting s = {.is_spent = is_spent};
		str id, conversation;

		if (!json_string(t, it.key, &k->arena, &id) || !is_hex(id, &s.of.id) ||
			!json_string(t, it.value, &k->arena, &conversation) ||
			!is_hex(conversation, &s.of.conversation))
			return false;
		(void)add_sighting(k, r, s);
	}
	return true;
}

/* Versions before wrote how often a thing was seen in a conversation, {"hash":2}: as many sightings. */
static bool parse_sessions(struct live_known *k, struct live_rule *r, const struct json_tape *t)
{
	uint32_t list = json_member(t, 0, "sessions");

	if (list == JSON_ABSENT || !json_is(t, list, JSON_OBJECT))
		return false;
	for (struct json_iter it = json_iter(t, list); json_next(&it);) {
		struct live_sighting s = {.is_spent = false};
		uint64_t n;
		str name;

		if (!json_string(t, it.key, &k->arena, &name) ||
			!str_u64(name, &s.of.conversation) || !json_u64(t, it.value, &n))
			return false;
		for (uint64_t i = 0; i < n && i < LEARN_LIVE_SIGHTINGS_MAX; i++) {
			s.of.id = s.of.conversation + i;
			(void)add_sighting(k, r, s);
		}
	}
	return true;
}

static bool flag_of(const struct json_tape *t, const char *key)
{
	uint32_t node = json_member(t, 0, key);

	return node != JSON_ABSENT && json_is(t, node, JSON_TRUE);
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
	if (!r)
		return k->by_name.n >= LEARN_LIVE_RULES_MAX;
	if (!rule_kind_parse(kind, &r->kind))
		return false;
	r->text = arena_str(&k->arena, text);
	r->first_ms = time_of(&t, "first_ms");
	r->last_ms = time_of(&t, "last_ms");
	r->confidence = 1;
	if (json_member(&t, 0, "confidence_percent") != JSON_ABSENT)
		r->confidence = (double)number_of(&t, "confidence_percent") / 100;
	r->is_refuted = flag_of(&t, "is_refuted");
	r->is_dirty = flag_of(&t, "is_unwritten");
	k->is_dirty |= r->is_dirty;
	if (json_member(&t, 0, SEEN) == JSON_ABSENT)
		return parse_sessions(k, r, &t);
	return parse_sightings(k, r, &t, SEEN) && parse_sightings(k, r, &t, SPENT);
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

static void print_sightings(const struct live_rule *r, bool is_spent, struct json_writer *w)
{
	json_write_object(w, is_spent ? SPENT : SEEN);
	for (size_t i = 0; i < r->sightings.n; i++) {
		const struct live_sighting *s = &r->sightings.v[i];
		char id[HEX_N + 1], conversation[HEX_N + 1];

		if (s->is_spent != is_spent)
			continue;
		(void)snprintf(id, sizeof id, "%016" PRIx64, s->of.id);
		(void)snprintf(
			conversation, sizeof conversation, "%016" PRIx64, s->of.conversation);
		json_write_c(w, id, conversation);
	}
	json_write_end(w);
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
	json_write_u64(&w, "confidence_percent", (uint64_t)(r->confidence * 100));
	if (r->is_refuted)
		json_write_bool(&w, "is_refuted", true);
	if (r->is_dirty)
		json_write_bool(&w, "is_unwritten", true);
	print_sightings(r, false, &w);
	if (live_rule_evidence(r) < r->sightings.n)
		print_sightings(r, true, &w);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

void live_known_print(const struct live_known *k, struct buf *out)
{
	for (size_t i = 0; i < k->by_name.n; i++) {
		const struct live_rule *r = k->by_name.entries[i].value;

		if (r->sightings.n)
			print_rule(r, out);
	}
}
