#include "core/wire/splice.h"

/* Objects and lists of them within a usage: "promptTokensDetails" has two levels. */
enum { LEVELS = 4 };

/* A count in a usage object. */
struct place {
	const struct json_tape *t;
	uint32_t node;
	str path;
};
typedef void place_fn(void *self, const struct place *p);

struct walk_counts {
	const struct json_tape *t;
	place_fn *fn;
	void *self;
	char path[SPLICE_PATH];
};

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* path + "." + text between quotes; 0 when that is too long, or has escapes. */
static size_t add_step(struct walk_counts *w, size_t n, uint32_t key)
{
	str text = json_text(w->t, key);
	size_t dot = n ? 1 : 0;

	text = str_sub(text, 1, text.n - 1);
	if (w->t->v[key].n || n + dot + text.n >= sizeof w->path)
		return 0;
	if (dot)
		w->path[n] = '.';
	memcpy(w->path + n + dot, text.p, text.n);
	return n + dot + text.n;
}

/* Elements of a list are told apart by their modality (Gemini); of other lists nothing is known to add up. */
static size_t element_path(struct walk_counts *w, size_t n, uint32_t node)
{
	uint32_t modality = json_member(w->t, node, "modality");

	if (modality == JSON_ABSENT || !json_is(w->t, modality, JSON_STRING))
		return 0;
	return add_step(w, n, modality);
}

static void walk_counts(struct walk_counts *w, uint32_t node, size_t n, unsigned level)
{
	for (struct json_iter it = json_iter(w->t, node); json_next(&it);) {
		size_t end = it.is_object ? add_step(w, n, it.key) : element_path(w, n, it.value);

		if (!end)
			continue;
		if (json_is(w->t, it.value, JSON_NUMBER))
			w->fn(w->self, &(struct place){w->t, it.value, {w->path, end}});
		else if (level)
			walk_counts(w, it.value, end, level - 1);
	}
}

static void each_count(const struct json_tape *t, uint32_t node, place_fn *fn, void *self)
{
	struct walk_counts w = {.t = t, .fn = fn, .self = self};

	if (node != JSON_ABSENT && json_is(t, node, JSON_OBJECT))
		walk_counts(&w, node, 0, LEVELS);
}

static struct splice_count *find_count(struct splice_usage *u, str path)
{
	for (size_t i = 0; i < u->n; i++)
		if (str_eq_c(path, u->v[i].path))
			return &u->v[i];
	return NULL;
}

static void note_count(void *self, const struct place *p)
{
	struct splice_usage *u = self;
	struct splice_count *c;
	uint64_t now;

	if (!json_u64(p->t, p->node, &now))
		return;
	c = find_count(u, p->path);
	if (!c && u->n < SPLICE_COUNTS_MAX && !memchr(p->path.p, 0, p->path.n)) {
		c = &u->v[u->n++];
		*c = (struct splice_count){0};
		memcpy(c->path, p->path.p, p->path.n);
	}
	if (c)
		c->now = c->last = now;
}

void splice_usage_note(struct splice_usage *u, const struct json_tape *t, uint32_t node)
{
	each_count(t, node, note_count, u);
}

/* Counts by how their names begin: Anthropic and Responses, Chat, Gemini. */
static const str INPUTS[] = {WALK_KEY("input_"), WALK_KEY("prompt_"), WALK_KEY("promptToken"),
	WALK_KEY("cache"), WALK_KEY("toolUsePrompt")};
static const str OUTPUTS[] = {WALK_KEY("output_tokens"), WALK_KEY("completion_tokens"),
	WALK_KEY("candidatesTokenCount"), WALK_KEY("thoughtsTokenCount")};
static const str TOTALS[] = {WALK_KEY("total_tokens"), WALK_KEY("totalTokenCount")};

static bool begins(str path, const str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(path, names[i]))
			return true;
	return false;
}

/* What was said in the rounds before, of which the last one's input does not know. */
static uint64_t output_before(const struct splice_usage *u)
{
	uint64_t all = 0;

	for (size_t i = 0; i < u->n; i++)
		for (size_t k = 0; k < ARRAY_N(OUTPUTS); k++)
			if (str_eq_c(OUTPUTS[k], u->v[i].path))
				all = sum(all, u->v[i].before);
	return all;
}

static uint64_t told(const struct answer_splice *s, const struct splice_count *c)
{
	str path = str_from(c->path);

	if (s->conf.told == TOLD_CONTEXT && begins(path, INPUTS, ARRAY_N(INPUTS)))
		return c->last;
	if (s->conf.told == TOLD_CONTEXT && begins(path, TOTALS, ARRAY_N(TOTALS)))
		return sum(c->last, output_before(&s->usage));
	return sum(c->before, c->now);
}

struct edit_counts {
	struct answer_splice *s;
	struct splice_edits *edits;
};

static void edit_count(void *self, const struct place *p)
{
	struct edit_counts *e = self;
	struct splice_count *c = find_count(&e->s->usage, p->path);

	if (c && c->before)
		splice_replace_u64(e->s, e->edits, splice_span(p->t, p->node), told(e->s, c));
}

/* What stands right in the usage and is not 0 of the rounds before, as members behind the last one. */
static void add_missing(struct answer_splice *s, const struct json_tape *t, uint32_t node,
	struct splice_edits *edits)
{
	bool is_empty = !t->v[node].n;
	uint32_t end = t->v[node].start + 1;
	struct buf more;

	for (struct json_iter it = json_iter(t, node); json_next(&it);)
		end = t->v[it.value].end;
	buf_init_arena(&more, &s->event, SPLICE_COUNTS_MAX * (size_t)(SPLICE_PATH + 32));
	for (size_t i = 0; i < s->usage.n; i++) {
		const struct splice_count *c = &s->usage.v[i];

		if (!c->before || strchr(c->path, '.') ||
			json_member(t, node, c->path) != JSON_ABSENT)
			continue;
		if (!is_empty || more.n)
			buf_add_byte(&more, ',');
		buf_printf(&more, "\"%s\":", c->path);
		buf_add_u64(&more, told(s, c));
	}
	if (more.n)
		splice_replace(s, edits, (struct span){end, end}, buf_str(&more));
}

void splice_usage_edit(struct answer_splice *s, const struct json_tape *t, uint32_t node,
	struct splice_edits *edits)
{
	struct edit_counts e = {s, edits};

	if (!s->round_n || node == JSON_ABSENT || !json_is(t, node, JSON_OBJECT))
		return;
	each_count(t, node, edit_count, &e);
	add_missing(s, t, node, edits);
}

void splice_usage_write(const struct answer_splice *s, struct buf *out)
{
	const struct splice_usage *u = &s->usage;
	char comma = '{';

	for (size_t i = 0; i < u->n; i++) {
		if (strchr(u->v[i].path, '.'))
			continue;
		buf_printf(out, "%c\"%s\":", comma, u->v[i].path);
		buf_add_u64(out, told(s, &u->v[i]));
		comma = ',';
	}
	buf_add_c(out, comma == '{' ? "{}" : "}");
}

void splice_usage_next_round(struct splice_usage *u)
{
	for (size_t i = 0; i < u->n; i++) {
		u->v[i].before = sum(u->v[i].before, u->v[i].now);
		u->v[i].now = 0;
	}
}
