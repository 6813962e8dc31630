#include "learn/project.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "learn/text.h"

/* ---- counting ------------------------------------------------------------------------------------------ */

uint64_t outcome_of(const char *what, str name)
{
	uint64_t h = hash64_seed(name, hash64(str_from(what)));

	return h ? h : 1;
}

void project_note_time(struct project *p, int64_t at_ms)
{
	if (at_ms < 0)
		return;
	if (p->first_ms < 0 || at_ms < p->first_ms)
		p->first_ms = at_ms;
	if (at_ms > p->last_ms)
		p->last_ms = at_ms;
}

/* The place of that outcome, or the free one where it would be. The table is never full. */
static struct outcome *outcome_at(struct outcome *v, size_t cap, uint64_t of)
{
	size_t i = of & (cap - 1);

	while (v[i].of && v[i].of != of)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static void grow_outcomes(struct project *p)
{
	size_t cap = p->outcomes_cap ? p->outcomes_cap * 2 : 256;
	struct outcome *v = arena_array(p->arena, struct outcome, cap);

	for (size_t i = 0; i < p->outcomes_cap; i++)
		if (p->outcomes[i].of)
			*outcome_at(v, cap, p->outcomes[i].of) = p->outcomes[i];
	p->outcomes = v;
	p->outcomes_cap = cap;
}

void project_note_outcome(struct project *p, uint64_t of, bool ok)
{
	struct outcome *o;

	if (p->outcomes_n * 2 >= p->outcomes_cap && p->outcomes_n < PROJECT_OUTCOMES_MAX)
		grow_outcomes(p);
	o = outcome_at(p->outcomes, p->outcomes_cap, of);
	if (!o->of) {
		if (p->outcomes_n >= PROJECT_OUTCOMES_MAX) {
			p->dropped++;
			return;
		}
		o->of = of;
		p->outcomes_n++;
	}
	o->ok += ok;
	o->failed += !ok;
}

static const struct outcome *find_outcome(const struct project *p, uint64_t of)
{
	static const struct outcome NEVER = {0};

	return of && p->outcomes_cap ? outcome_at(p->outcomes, p->outcomes_cap, of) : &NEVER;
}

static struct candidate *candidate_at(struct candidate *v, size_t cap, uint64_t key)
{
	size_t i = key & (cap - 1);

	while (v[i].key && v[i].key != key)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static void grow_candidates(struct project *p)
{
	size_t cap = p->candidates_cap ? p->candidates_cap * 2 : 64;
	struct candidate *v = arena_array(p->arena, struct candidate, cap);

	for (size_t i = 0; i < p->candidates_cap; i++)
		if (p->candidates[i].key)
			*candidate_at(v, cap, p->candidates[i].key) = p->candidates[i];
	p->candidates = v;
	p->candidates_cap = cap;
}

/* Of two ways to say the same, the same one whichever came first. */
static bool is_better_text(str a, str b)
{
	return a.n != b.n ? a.n < b.n : str_cmp(a, b) < 0;
}

/* True when it is another one than those before. */
static bool note_session(struct candidate *c, uint64_t session)
{
	uint32_t kept = c->sessions < CANDIDATE_SESSIONS ? c->sessions : CANDIDATE_SESSIONS;

	for (uint32_t i = 0; i < kept; i++)
		if (c->seen_in[i] == session)
			return false;
	c->seen_in[c->sessions++ % CANDIDATE_SESSIONS] = session;
	return true;
}

/* False: it is known. */
static bool note_sighting(struct project *p, struct candidate *c, struct rule_sighting seen)
{
	for (size_t i = 0; i < c->sightings.n && seen.id; i++)
		if (c->sightings.v[i].id == seen.id)
			return false;
	if (seen.id && c->sightings.n < RULE_SIGHTINGS_MAX)
		*vec_push(&c->sightings, p->arena) = seen;
	return true;
}

static struct candidate *new_candidate(
	struct project *p, struct candidate *c, uint64_t key, const struct sighting *s)
{
	*c = (struct candidate){.key = key,
		.kind = s->kind,
		.text = arena_str(p->arena, s->text),
		.path = arena_str(p->arena, s->path),
		.absent = arena_str(p->arena, s->absent),
		.topic = s->topic,
		.rank = s->rank,
		.wrong = s->wrong,
		.right = s->right,
		.evidence_min = s->evidence_min,
		.sessions_min = s->sessions_min,
		.first_ms = -1,
		.last_ms = -1};
	p->candidates_n++;
	return c;
}

void project_see(struct project *p, const struct sighting *s, uint64_t session, int64_t at_ms)
{
	uint64_t key = outcome_of(rule_kind_name(s->kind), s->key);
	struct candidate *c;

	if (p->candidates_n * 2 >= p->candidates_cap && p->candidates_n < PROJECT_CANDIDATES_MAX)
		grow_candidates(p);
	c = candidate_at(p->candidates, p->candidates_cap, key);
	if (!c->key) {
		if (s->is_more || s->text.n > RULE_TEXT_MAX || text_has_secret(s->text))
			return;
		if (p->candidates_n >= PROJECT_CANDIDATES_MAX) {
			p->dropped++;
			return;
		}
		c = new_candidate(p, c, key, s);
	} else if (is_better_text(s->text, c->text) && !text_has_secret(s->text)) {
		c->text = arena_str(p->arena, s->text);
	}
	if (!s->is_more && !note_sighting(p, c, s->seen))
		return;
	c->tokens += s->tokens;
	if (s->amount > c->amount)
		c->amount = s->amount;
	if (s->is_more)
		return;
	c->evidence++;
	if (s->evidence_min < c->evidence_min)
		c->evidence_min = s->evidence_min;
	if (note_session(c, session) && c->sessions > 1 && s->message)
		c->is_template |= c->message == s->message;
	c->message = s->message;
	if (at_ms >= 0 && (c->first_ms < 0 || at_ms < c->first_ms))
		c->first_ms = at_ms;
	if (at_ms > c->last_ms)
		c->last_ms = at_ms;
}

/* ---- from what was seen to rules ------------------------------------------------------------------------ */

static const double CONFIDENCE_MIN = 2.0 / 3; /* it holds twice as often as it does not */

enum {
	SECTION_MAX = 8,
	RULES_MAX = 40
}; /* what an agent is to read in every session stays short */

struct scored {
	const struct candidate *c;
	struct rule rule;
};

static str text_of(const struct candidate *c, struct arena *a)
{
	size_t at = str_find(c->text, STR("%N"));
	struct buf digits, b;

	if (at == STR_NONE)
		return arena_str(a, c->text);
	buf_init_arena(&digits, a, 64);
	buf_add_u64(&digits, c->amount);
	buf_init_arena(&b, a, c->text.n + 64);
	buf_add(&b, str_sub(c->text, 0, at));
	for (size_t i = 0; i < digits.n; i++) {
		if (i && (digits.n - i) % 3 == 0)
			buf_add_byte(&b, ',');
		buf_add_byte(&b, digits.p[i]);
	}
	buf_add(&b, str_sub(c->text, at + 2, c->text.n));
	return buf_str(&b);
}

static struct rule rule_of(const struct project *p, const struct candidate *c, struct arena *a)
{
	static const char HEX[] = "0123456789abcdef";
	const struct outcome *wrong = find_outcome(p, c->wrong), *right = find_outcome(p, c->right);
	struct rule r = {.kind = c->kind,
		.text = text_of(c, a),
		.evidence = c->evidence,
		.sessions = c->sessions,
		.first_ms = c->first_ms,
		.last_ms = c->last_ms,
		.tokens_saved = c->tokens / c->sessions};

	for (int i = 0; i < RULE_KEY_LEN; i++)
		r.key[i] = HEX[c->key >> (60 - 4 * i) & 15];
	r.confirmed = c->evidence > wrong->failed ? c->evidence : wrong->failed;
	r.refuted = wrong->ok + right->failed;
	r.confidence = (double)r.confirmed / ((double)r.confirmed + r.refuted);
	return r;
}

static bool is_rule(const struct project *p, const struct candidate *c, const struct rule *r,
	const struct learn_conf *conf, struct arena *a)
{
	uint32_t evidence_min = conf->min_evidence ? conf->min_evidence : c->evidence_min;
	uint32_t sessions_min = conf->min_evidence ? 1 : c->sessions_min;

	if (c->is_template || c->evidence < evidence_min || c->sessions < sessions_min ||
		r->confidence < CONFIDENCE_MIN)
		return false;
	/* Of a project that is not here itself nothing can be said. */
	if (!conf->has_path || !conf->has_path(conf->self, arena_cstr(a, p->dir)))
		return true;
	return (!c->path.n || conf->has_path(conf->self, arena_cstr(a, c->path))) &&
	       (!c->absent.n || !conf->has_path(conf->self, arena_cstr(a, c->absent)));
}

/* Rules of one topic stand together, the best first. */
static int cmp_topic(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->c->topic != y->c->topic)
		return x->c->topic < y->c->topic ? -1 : 1;
	if (x->c->rank != y->c->rank)
		return x->c->rank > y->c->rank ? -1 : 1;
	if (x->rule.evidence != y->rule.evidence)
		return x->rule.evidence > y->rule.evidence ? -1 : 1;
	return strcmp(x->rule.key, y->rule.key);
}

/* Of the rules [i, end) of one topic the first that is better than others of its rank; end: none is. */
static size_t best_of(const struct scored *v, size_t i, size_t end)
{
	while (i + 1 < end && v[i + 1].c->rank == v[i].c->rank &&
		v[i + 1].rule.evidence == v[i].rule.evidence) {
		uint32_t rank = v[i].c->rank;

		while (i < end && v[i].c->rank == rank)
			i++;
	}
	return i;
}

/* One of each topic at most. Returns how many. */
static size_t pick(const struct scored *v, size_t n, struct rule *out)
{
	size_t out_n = 0, end;

	for (size_t i = 0; i < n; i = end) {
		size_t best;

		for (end = i + 1; end < n && v[i].c->topic && v[end].c->topic == v[i].c->topic;)
			end++;
		best = best_of(v, i, end);
		if (best < end)
			out[out_n++] = v[best].rule;
	}
	return out_n;
}

/* So many of each section that all together are not too many. */
static size_t section_max(const struct rule *v, size_t n)
{
	size_t max = SECTION_MAX + 1, total = RULES_MAX + 1;

	while (total > RULES_MAX && max-- > 1) {
		unsigned in_section[RULE_KIND_N] = {0};

		total = 0;
		for (size_t i = 0; i < n; i++)
			total += in_section[v[i].kind]++ < max;
	}
	return max;
}

void project_rules(const struct project *p, const struct learn_conf *conf, struct arena *a,
	struct rule_set *out)
{
	VEC(struct scored) all = {0};
	unsigned in_section[RULE_KIND_N] = {0};
	struct rule *sorted;
	size_t n, max;

	*out = (struct rule_set){.project = arena_str(a, p->dir),
		.agents = p->agents,
		.sessions = p->sessions,
		.calls = p->calls,
		.failed = p->failed,
		.first_ms = p->first_ms,
		.last_ms = p->last_ms};
	for (size_t i = 0; i < p->candidates_cap; i++) {
		struct scored s = {.c = &p->candidates[i]};

		if (!s.c->key)
			continue;
		s.rule = rule_of(p, s.c, a);
		if (!is_rule(p, s.c, &s.rule, conf, a))
			continue;
		for (size_t k = 0; k < s.c->sightings.n; k++)
			*vec_push(&s.rule.sightings, a) = s.c->sightings.v[k];
		*vec_push(&all, a) = s;
	}
	if (!all.n)
		return;
	qsort(all.v, all.n, sizeof *all.v, cmp_topic);
	sorted = arena_array(a, struct rule, all.n);
	n = pick(all.v, all.n, sorted);
	qsort(sorted, n, sizeof *sorted, rule_cmp);
	max = section_max(sorted, n);
	for (size_t i = 0; i < n; i++)
		if (in_section[sorted[i].kind]++ < max)
			*vec_push(&out->rules, a) = sorted[i];
	out->left_out = n - out->rules.n;
}
