#include "core/compress/table/gist.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/table/alarm.h"
#include "core/compress/table/gist_plain.h"
#include "core/compress/table/gist_text.h"
#include "core/compress/table/nested.h"
#include "core/compress/table/escape.h"
#include "core/compress/table/pick.h"
#include "core/compress/table/term.h"
#include "core/json/scan.h"
#include "core/json/text.h"

enum {
	ABOUT_MIN = 8, /* long strings of members whose name says that they are about something */
	MANY_MIN = 30, /* of any other member: as many as rows of a table that may be left out */
	CODED_MIN =
		2000, /* bytes of a text that a codec is tried on, as of prose that is no string */
	LEFT_OUT_MIN = 2048,    /* bytes: less is not worth asking for them */
	NAMED_BYTES = 16 << 10, /* of a value that the question names with all that is in it */
	NAMED_MAX = 40,  /* values that have a word of the question: in more it says nothing */
	LABEL_MAX = 120, /* bytes of a string that may name an object */
};

/* Members of that name. */
struct member {
	uint32_t n; /* long strings */
	bool is_about;
};

/* A long string. */
struct candidate {
	uint32_t node;
	unsigned named; /* terms of the question that its object has; a set */
	struct member *member;
	struct gist gist;
	bool is_cut;   /* gist is of it */
	uint32_t less; /* bytes that it has lost with its tags */
	str plain;     /* without them, or as it is */
	str coded;     /* what the codec of its kind leaves; empty: none does */
};

struct gisting {
	const struct facts *f;
	const struct pick *pick;
	const struct codec_in *in;
	struct arena *arena;
	struct alarm alarm;
	struct terms terms;
	uint32_t term_n[TERMS_MAX]; /* values that have it */
	struct map members;         /* by key */
	VEC(struct candidate) all;
	struct gist_words words;
};

/* What is around a value. */
struct around {
	uint32_t key; /* of the nearest member; JSON_ABSENT: none */
	bool is_alarm;
	unsigned named;
};

static str inside(const struct json_tape *t, uint32_t node)
{
	str s = json_text(t, node);

	return str_sub(s, 1, s.n - 1);
}

static bool is_long(const struct json_tape *t, uint32_t node)
{
	return json_is(t, node, JSON_STRING) && t->v[node].end - t->v[node].start >= GIST_MIN + 2;
}

/* ---- which strings -------------------------------------------------------------------------------- */

/* Names of members that say what something is: their ends, without case. */
static bool is_about(str key)
{
	static const str ends[] = {LIT("description"), LIT("documentation"), LIT("summary"),
		LIT("overview"), LIT("abstract"), LIT("remarks"), LIT("details"), LIT("help"),
		LIT("docs"), LIT("doc"), LIT("docstring"), LIT("explanation"), LIT("rationale"),
		LIT("guidance"), LIT("recommendation")};

	for (size_t i = 0; i < ARRAY_N(ends); i++)
		if (key.n >= ends[i].n &&
			str_eq_nocase(str_sub(key, key.n - ends[i].n, key.n), ends[i]))
			return true;
	return false;
}

static struct member *member_of(struct gisting *g, uint32_t key)
{
	str name = key == JSON_ABSENT ? STR("") : inside(&g->f->t, key);
	void **at = map_at(&g->members, name);

	if (!*at) {
		struct member *m = arena_new(g->arena, struct member);

		m->is_about = is_about(name);
		*at = m;
	}
	return *at;
}

static void add_candidate(struct gisting *g, uint32_t node, const struct around *a)
{
	struct candidate *c = vec_push(&g->all, g->arena);

	*c = (struct candidate){.node = node, .named = a->named, .member = member_of(g, a->key)};
	c->member->n++;
}

/* Terms that name this object: by its own key, or by a short string that is a member. */
static unsigned names_of(struct gisting *g, uint32_t node, uint32_t key)
{
	unsigned named = 0;

	if (!g->terms.n || facts_size(g->f, node) > NAMED_BYTES)
		return 0;
	if (key != JSON_ABSENT)
		named |= terms_in(&g->terms, inside(&g->f->t, key));
	for (struct json_iter it = json_iter(&g->f->t, node); json_next(&it);)
		if (json_is(&g->f->t, it.value, JSON_STRING) &&
			facts_size(g->f, it.value) <= LABEL_MAX)
			named |= terms_in(&g->terms, inside(&g->f->t, it.value));
	for (size_t i = 0; i < g->terms.n; i++)
		g->term_n[i] += named >> i & 1;
	return named;
}

static bool has_alarm(const struct gisting *g, uint32_t object)
{
	for (struct json_iter it = json_iter(&g->f->t, object); json_next(&it);)
		if (g->f->t.v[it.value].type > JSON_ARRAY &&
			alarm_is_member(&g->alarm, &g->f->t, it.key, it.value))
			return true;
	return false;
}

/* Recursion is bounded by the depth that json_scan takes. */
static void find(struct gisting *g, uint32_t node, const struct around *a)
{
	const struct picked *picked;
	struct around inner = *a;
	uint32_t i = 0;

	if (is_long(&g->f->t, node) && !a->is_alarm)
		add_candidate(g, node, a);
	if (g->f->t.v[node].type > JSON_ARRAY || facts_size(g->f, node) < GIST_MIN)
		return;
	picked = json_is(&g->f->t, node, JSON_ARRAY) ? pick_of(g->pick, node) : NULL;
	if (json_is(&g->f->t, node, JSON_OBJECT)) {
		inner.named |= names_of(g, node, a->key);
		inner.is_alarm |= has_alarm(g, node);
	}
	for (struct json_iter it = json_iter(&g->f->t, node); json_next(&it); i++) {
		struct around here = inner;

		if (picked && !picked->is_shown[i])
			continue;
		if (it.is_object) {
			here.key = it.key;
			here.is_alarm |= alarm_is_member(&g->alarm, &g->f->t, it.key, it.value) &&
					 json_is(&g->f->t, it.value, JSON_ARRAY);
		}
		find(g, it.value, &here);
	}
}

/* ---- what they say -------------------------------------------------------------------------------- */

static bool is_named(const struct gisting *g, const struct candidate *c)
{
	for (size_t i = 0; i < g->terms.n; i++)
		if (c->named >> i & 1 && g->term_n[i] <= NAMED_MAX)
			return true;
	return false;
}

static bool is_one_of_many(const struct candidate *c)
{
	return c->member->n >= (c->member->is_about ? ABOUT_MIN : MANY_MIN);
}

/* By the codec of its kind. */
static bool code_candidate(const struct gisting *g, struct candidate *c, str text)
{
	struct codec_in in = *g->in;

	in.text = text;
	return text.n >= CODED_MIN && nested_elide(&in, g->arena, &c->coded);
}

/* Sentences of code are comments, which who edits it needs as they are. */
static bool is_code(const struct candidate *c, str text)
{
	return !c->member->is_about && detect_kind(text) == KIND_CODE;
}

static bool open_candidate(struct gisting *g, struct candidate *c)
{
	str text;

	if (!json_unescape(json_text(&g->f->t, c->node), g->arena, &text))
		return false;
	/* A codec shows what the question asks for. */
	if (is_one_of_many(c) && is_named(g, c))
		return false;
	if (is_one_of_many(c) && !is_code(c, text)) {
		c->plain = text;
		if (gist_plain(text, g->arena, &c->plain))
			c->less = (uint32_t)(text.n - c->plain.n);
		c->is_cut = gist_open(&c->gist, c->plain, &g->words, g->arena);
		if (c->is_cut || c->less)
			return true;
	}
	return code_candidate(g, c, text);
}

/* Those that are cut, in order. */
static void open_all(struct gisting *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->all.n; i++) {
		struct candidate c = g->all.v[i];

		if (open_candidate(g, &c))
			g->all.v[n++] = c;
	}
	g->all.n = n;
}

static void show_literal(
	struct gist_words *w, const struct json_tape *t, uint32_t node, struct arena *a)
{
	str text;

	if (json_unescape(json_text(t, node), a, &text))
		gist_words_add(w, text);
}

/* Words of all that is shown but for those strings, of which *next comes next. Recursion as in find(). */
static void show_rest(struct gisting *g, uint32_t node, size_t *next)
{
	const struct picked *picked = NULL;
	uint32_t i = 0;

	if (json_is(&g->f->t, node, JSON_STRING)) {
		if (*next < g->all.n && g->all.v[*next].node == node)
			++*next;
		else
			show_literal(&g->words, &g->f->t, node, g->arena);
		return;
	}
	if (json_is(&g->f->t, node, JSON_ARRAY))
		picked = pick_of(g->pick, node);
	for (struct json_iter it = json_iter(&g->f->t, node); json_next(&it); i++) {
		if (it.is_object)
			show_literal(&g->words, &g->f->t, it.key, g->arena);
		if (!picked || picked->is_shown[i])
			show_rest(g, it.value, next);
	}
}

/* Sentences with a word of the question that few have stay. */
static void keep_asked(struct gisting *g)
{
	uint32_t hits[TERMS_MAX] = {0};

	for (unsigned pass = 0; pass < 2 && g->terms.n; pass++) {
		for (size_t i = 0; i < g->all.n; i++) {
			struct gist *b = &g->all.v[i].gist;

			for (size_t k = 0; k < b->n; k++) {
				unsigned has = terms_in(&g->terms, b->v[k].text);

				for (size_t t = 0; has && t < g->terms.n; t++) {
					hits[t] += !pass && (has >> t & 1);
					b->v[k].is_kept |=
						pass && (has >> t & 1) && hits[t] <= NAMED_MAX;
				}
			}
		}
	}
}

/* Words of what stays of it, whatever else is shown. */
static void show_kept(struct gisting *g, const struct candidate *c)
{
	if (c->is_cut)
		gist_show(&c->gist, &g->words);
	else if (!c->coded.n)
		gist_words_add(&g->words, c->plain);
}

/* Bytes that one string is shorter. */
static size_t choose_one(struct gisting *g, struct candidate *c)
{
	if (c->coded.n)
		return facts_size(g->f, c->node) > c->coded.n
			       ? facts_size(g->f, c->node) - c->coded.n
			       : 0;
	return c->less + (c->is_cut ? gist_choose(&c->gist, &g->words) : 0);
}

static size_t choose(struct gisting *g, struct gists *out)
{
	size_t bytes = 0, n = 0;

	keep_asked(g);
	for (size_t i = 0; i < g->all.n; i++)
		show_kept(g, &g->all.v[i]);
	for (size_t i = 0; i < g->all.n; i++) {
		size_t less = choose_one(g, &g->all.v[i]);

		bytes += less;
		if (!less)
			continue;
		out->has_coded |= g->all.v[i].coded.n > 0;
		out->has_marks |= less > g->all.v[i].less && !g->all.v[i].coded.n;
		out->has_plain |= g->all.v[i].less > 0;
		g->all.v[n++] = g->all.v[i];
	}
	g->all.n = n;
	return bytes;
}

static void write_candidate(const struct candidate *c, struct buf *out)
{
	if (c->is_cut)
		gist_write(&c->gist, out);
	else
		buf_add(out, c->coded.n ? c->coded : c->plain);
}

static bool write(const struct gisting *g, struct json_tape *out)
{
	str doc = g->f->t.doc;
	struct buf b, text;
	size_t at = 0;

	buf_init_arena(&b, g->arena, LIMIT_INPUT);
	buf_init_arena(&text, g->arena, LIMIT_INPUT);
	(void)buf_reserve(&b, doc.n);
	for (size_t i = 0; i < g->all.n; i++) {
		const struct json_node *v = &g->f->t.v[g->all.v[i].node];

		buf_add(&b, str_sub(doc, at, v->start));
		buf_reset(&text);
		write_candidate(&g->all.v[i], &text);
		escape_write(g->f->escapes, buf_str(&text), &b);
		at = v->end;
	}
	buf_add(&b, str_sub(doc, at, doc.n));
	return !b.err && !text.err && json_scan(g->arena, buf_str(&b), out, NULL) == E_OK;
}

/* A glance tells of most documents that there is nothing. */
static bool has_long(const struct facts *f)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < f->t.n && bytes < LEFT_OUT_MIN; i++)
		bytes += is_long(&f->t, i) ? facts_size(f, i) : 0;
	return bytes >= LEFT_OUT_MIN;
}

bool gist_document(const struct facts *f, const struct pick *pick, const struct codec_in *in,
	struct arena *a, struct gists *out)
{
	struct gisting g = {.f = f, .pick = pick, .in = in, .arena = a};
	const struct around root = {.key = JSON_ABSENT};
	size_t next = 0;

	*out = (struct gists){.has_marks = false};
	if (!has_long(f))
		return false;
	alarm_init(&g.alarm);
	map_init(&g.members, a);
	terms_find(&g.terms, in->query);
	gist_words_init(&g.words, a);
	find(&g, 0, &root);
	open_all(&g);
	if (!g.all.n)
		return false;
	show_rest(&g, 0, &next);
	if (choose(&g, out) >= LEFT_OUT_MIN && write(&g, &out->t))
		return true;
	*out = (struct gists){.has_marks = false};
	return false;
}

/* ---- proof ---------------------------------------------------------------------------------------- */

struct gist_proof {
	struct gist_words words;
	struct arena *arena;
	struct gist_heads heads;
};

struct gist_proof *gist_prove(
	const struct json_tape *shown, struct gist_heads heads, struct arena *a)
{
	struct gist_proof *p = arena_new(a, struct gist_proof);

	*p = (struct gist_proof){.arena = a, .heads = heads};
	gist_words_init(&p->words, a);
	for (uint32_t i = 0; heads.has_marks && i < shown->n; i++)
		if (shown->v[i].type == JSON_STRING)
			show_literal(&p->words, shown, i, a);
	return p;
}

bool gist_is_proven(struct gist_proof *p, str was, str is_shown)
{
	str text, shown, plain;

	if (!json_unescape(was, p->arena, &text) || !json_unescape(is_shown, p->arena, &shown))
		return false;
	if (nested_holds(text, shown, p->arena))
		return true;
	if (p->heads.has_plain && text.n >= GIST_MIN && gist_plain(text, p->arena, &plain))
		text = plain;
	return str_eq(text, shown) || (p->heads.has_marks && gist_holds(text, shown, &p->words));
}
