#include "core/trial/returns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* What went as it came, and what the ledger has no room to name. */
static bool is_encoder(str encoders)
{
	return !str_eq_c(encoders, "-") && !str_eq_c(encoders, LEDGER_OTHER);
}

void returns_init(struct returns *r)
{
	*r = (struct returns){0};
}

void returns_release(struct returns *r)
{
	mem_free(r->v);
	returns_init(r);
}

static str encoders_of(const struct returns_cell *c)
{
	return (str){c->name, c->encoders_n};
}

static str name_of(const struct returns_cell *c)
{
	return (str){c->name, c->name_n};
}

static bool is_same_tool(const struct returns_cell *a, const struct returns_cell *b)
{
	return str_eq(str_sub(name_of(a), a->encoders_n, a->name_n),
		str_sub(name_of(b), b->encoders_n, b->name_n));
}

static bool grow(struct returns *r)
{
	size_t cap = r->cap ? 2 * r->cap : 32;
	struct returns_cell *v = mem_realloc(r->v, cap * sizeof *v);

	if (!v)
		return false;
	r->v = v;
	r->cap = cap;
	return true;
}

/* That of a name, which is the last one's or a new one; NULL: there is no room. */
static struct returns_cell *cell_of(struct returns *r, str name, size_t encoders_n)
{
	struct returns_cell *c = r->n ? &r->v[r->n - 1] : NULL;

	if (c && str_eq(name_of(c), name))
		return c;
	if (r->n == RETURNS_CELLS_MAX)
		return NULL;
	if ((!r->v || r->n == r->cap) && !grow(r)) {
		r->is_short = true;
		return NULL;
	}
	c = &r->v[r->n++];
	*c = (struct returns_cell){.encoders_n = (uint8_t)encoders_n, .name_n = (uint8_t)name.n};
	memcpy(c->name, name.p, name.n);
	return c;
}

void returns_add(struct returns *r, const struct ledger_part *part)
{
	str name = str_sub(
		part->name, 0, part->name.n < LEDGER_NAME_MAX ? part->name.n : LEDGER_NAME_MAX);
	size_t blank = str_find_byte(name, ' ');
	uint64_t back = part->saved > 0 ? (uint64_t)part->saved : 0;
	struct returns_cell *c;

	if (blank == STR_NONE) /* "(other)" */
		return;
	c = cell_of(r, name, blank);
	if (!c)
		return;
	if (part->kind == LEDGER_PART_AGAIN) {
		c->shown += part->results;
		c->again += back;
	} else if (part->kind == LEDGER_PART_RETRIEVED) {
		c->retrieved += back;
	}
}

/* A result comes back or not; one that comes back twice counts once. */
static double back_of(const struct returns_cell *c)
{
	uint64_t back = c->again + c->retrieved;

	return (double)(back < c->shown ? back : c->shown);
}

struct sums {
	double shown, others; /* results, of tools that have both */
	double null,
		variance; /* that come back if there is no difference, and the square of how far chance moves it */
	double mine, theirs; /* weighted, as the ratio of Mantel and Haenszel has them */
};

/* The encoder's results of one tool against all others of that tool. */
static void add_tool(const struct returns *r, const struct returns_cell *mine,
	struct returns_of *out, struct sums *s)
{
	double n1 = (double)mine->shown, a = back_of(mine), n0 = 0, b = 0, n, m;

	for (size_t i = 0; i < r->n; i++) {
		const struct returns_cell *c = &r->v[i];

		if (c == mine || !is_same_tool(c, mine))
			continue;
		n0 += (double)c->shown;
		b += back_of(c);
	}
	n = n1 + n0;
	m = a + b;
	if (!(n1 > 0) || !(n0 > 0))
		return;
	out->back += a;
	out->expected += n1 * b / n0;
	s->null += n1 * m / n;
	s->shown += n1;
	s->others += n0;
	s->variance += n1 * n0 * m * (n - m) / (n * n * (n - 1));
	s->mine += a * n0 / n;
	s->theirs += b * n1 / n;
}

static void judge(struct returns_of *out, const struct sums *s)
{
	/* Half a result is taken off, since they are counted in whole ones. */
	if (s->variance > 0)
		out->normal = (out->back - s->null - 0.5) / sqrt(s->variance);
	/* Where none of the others came back, as if half a one had. */
	if (s->shown > 0)
		out->ratio = s->mine /
			     (s->theirs > 0 ? s->theirs : 0.5 * s->shown / (s->shown + s->others));
	out->hurts = s->shown >= RETURNS_SHOWN_MIN && s->others >= RETURNS_SHOWN_MIN &&
		     out->back >= RETURNS_BACK_MIN && out->ratio >= RETURNS_RATIO_MIN &&
		     out->normal >= RETURNS_NORMAL_MIN;
}

struct returns_of returns_of(const struct returns *r, str encoders)
{
	struct returns_of out = {.encoders = encoders};
	struct sums s = {0};

	for (size_t i = 0; i < r->n; i++) {
		const struct returns_cell *c = &r->v[i];

		if (!str_eq(encoders_of(c), encoders))
			continue;
		out.encoders = encoders_of(c);
		out.shown += c->shown;
		out.again += c->again;
		out.retrieved += c->retrieved;
		if (is_encoder(encoders))
			add_tool(r, c, &out, &s);
	}
	judge(&out, &s);
	return out;
}

static int most_shown_first(const void *a, const void *b)
{
	const struct returns_of *x = a, *y = b;

	if (x->shown != y->shown)
		return x->shown > y->shown ? -1 : 1;
	return str_cmp(x->encoders, y->encoders);
}

struct returns_of *returns_all(const struct returns *r, size_t *n)
{
	struct returns_of *out = r->n ? mem_alloc(r->n * sizeof *out) : NULL;

	*n = 0;
	if (!out)
		return NULL;
	/* Cells of one encoder stand together. */
	for (size_t i = 0; i < r->n; i++)
		if (!i || !str_eq(encoders_of(&r->v[i - 1]), encoders_of(&r->v[i])))
			out[(*n)++] = returns_of(r, encoders_of(&r->v[i]));
	qsort(out, *n, sizeof *out, most_shown_first);
	return out;
}

static void take(void *self, const struct ledger_part *part)
{
	returns_add(self, part);
}

enum err returns_read(
	struct store *s, const struct ledger_query *q, struct returns *out, struct errctx *cx)
{
	TRY(ledger_returns(s, q, take, out, cx));
	if (out->is_short)
		FAIL(cx, E_NOMEM, "no memory for what became of results");
	return E_OK;
}
