#include "core/compress/log/layout.h"

enum {
	/* Bytes that a row of it costs besides its times and the rest. */
	ROW_BYTES = 6,
	/* Bytes that a lead must save, and patterns that begin so: one of a few is told by these. */
	GAIN_LEAST = 200,
	PATTERNS_LEAST = 3,
};

/* How many time stamps stand before all else that varies. */
static uint32_t leading_stamps(const struct log_pattern *p)
{
	uint32_t n = 0;

	while (n < p->slots_n && p->slots[n].stamp)
		n++;
	return n;
}

static bool is_alike(const struct log_lead *k, const struct log_lead *other)
{
	const struct log_pattern *p = &other->p;

	if (k->stamps != other->stamps || k->is_error != other->is_error)
		return false;
	for (uint32_t i = 0; i < k->stamps; i++)
		if (!str_eq(k->p.between[i], p->between[i]))
			return false;
	return true;
}

/* The one that is alike, of which other need have no slots; a new one when there is none, NULL when there are too many. */
static struct log_lead *find_lead(struct log_layout *l, const struct log_lead *other)
{
	const struct log_pattern *p = &other->p;
	uint32_t stamps = other->stamps;
	struct log_lead *k;

	for (uint32_t i = 0; i < l->leads_n; i++)
		if (is_alike(&l->leads[i], other))
			return &l->leads[i];
	if (l->leads_n == LOG_STAMPED_MAX)
		return NULL;
	k = &l->leads[l->leads_n++];
	*k = (struct log_lead){.stamps = stamps,
		.is_error = other->is_error,
		.p = {.shape = p->shape, .slots_n = stamps + 1}};
	k->p.slots = arena_array(l->arena, struct log_slot, stamps + 1);
	k->p.between = arena_array(l->arena, str, stamps + 2);
	for (uint32_t i = 0; i < stamps; i++) {
		k->p.slots[i] = p->slots[i];
		k->p.between[i] = p->between[i];
	}
	k->p.slots[stamps].is_rest = true;
	k->p.between[stamps] = p->between[stamps];
	return k;
}

static void add_pattern(
	struct log_layout *l, const struct log_pattern *p, uint32_t lines, bool is_split)
{
	struct log_lead like = {.p = *p,
		.stamps = leading_stamps(p),
		.is_error = is_split && p->error == LOG_ERROR};
	struct log_lead *k = like.stamps ? find_lead(l, &like) : NULL;
	str *tail;

	if (!k)
		return;
	k->lines += lines;
	k->patterns++;
	tail = &k->p.between[k->stamps];
	tail->n = str_common_prefix(*tail, p->between[k->stamps]);
}

/* The second time is said by the first. */
static bool has_clock(const struct log_lead *k)
{
	const struct log_pattern *p = &k->p;
	str values[LOG_STAMPS_MAX + 1];

	return k->stamps == 2 && log_pattern_match(p, p->shape->line, values) && values[1].n &&
	       str_eq(values[1], log_time_clock(values[0]));
}

static bool spell(struct log_layout *l, struct log_lead *k)
{
	bool clock = has_clock(k);
	struct buf b;

	buf_init_arena(&b, l->arena, SIZE_MAX);
	for (uint32_t i = 0; i <= k->stamps; i++) {
		buf_add(&b, k->p.between[i]);
		buf_add_c(&b, i == k->stamps ? LOG_REST : i && clock ? LOG_CLOCK : LOG_TIME);
	}
	k->text = buf_str(&b);
	return log_spelled_parse(&l->rows, k->text, &k->spelled) &&
	       k->spelled.places_n == k->p.slots_n;
}

static long gain_of(struct log_lead *k)
{
	str *tail = &k->p.between[k->stamps];
	long n = -ROW_BYTES;

	/* whole words */
	while (tail->n && tail->p[tail->n - 1] != ' ')
		tail->n--;
	for (uint32_t i = 0; i <= k->stamps; i++)
		n += (long)k->p.between[i].n;
	/* of times the date, and of a second one all */
	for (uint32_t i = 0; i < k->stamps; i++)
		n += (long)k->p.shape->w[k->p.slots[i].word].n / 2;
	return n * (long)k->lines;
}

/* Leads of lines of an error's level are others when is_split: they go on with it. */
static long find_leads(struct log_layout *l, const uint32_t *plain, bool is_split)
{
	uint32_t n = 0;
	long sum = 0;

	l->leads_n = 0;
	for (size_t i = 0; i < l->m->patterns.n; i++)
		if (plain[i])
			add_pattern(l, &l->m->patterns.v[i], plain[i], is_split);
	for (uint32_t i = 0; i < l->leads_n; i++) {
		long gain = gain_of(&l->leads[i]);

		if (l->leads[i].patterns < PATTERNS_LEAST || gain < GAIN_LEAST ||
			!spell(l, &l->leads[i]))
			continue;
		l->leads[n++] = l->leads[i];
		sum += gain;
	}
	l->leads_n = n;
	return sum;
}

long log_layout_find_leads(struct log_layout *l, const uint32_t *plain)
{
	long joint = find_leads(l, plain, false), split = find_leads(l, plain, true);

	return split > joint ? split : find_leads(l, plain, false);
}

struct log_lead *log_layout_lead(struct log_layout *l, str line)
{
	for (uint32_t i = 0; i < l->leads_n; i++)
		if (log_pattern_match(&l->leads[i].p, line, l->values))
			return &l->leads[i];
	return NULL;
}

/* ---- of words ---- */

static bool spell_begin(struct log_layout *l, struct log_lead *k)
{
	const struct log_pattern *p = &k->p;
	struct buf b;

	buf_init_arena(&b, l->arena, SIZE_MAX);
	for (uint32_t i = 0; i < p->slots_n; i++) {
		buf_add(&b, p->between[i]);
		buf_add_c(&b, p->slots[i].is_rest ? LOG_REST : LOG_ANY);
	}
	k->text = buf_str(&b);
	return log_spelled_parse(&l->rows, k->text, &k->spelled) &&
	       k->spelled.places_n == p->slots_n;
}

void log_layout_add_begins(struct log_layout *l, const struct log_begin *begins, uint32_t n)
{
	for (uint32_t i = 0; i < n && l->leads_n < LOG_LEADS_MAX; i++) {
		struct log_lead *k = &l->leads[l->leads_n];

		*k = (struct log_lead){.p = begins[i].p, .lines = begins[i].lines};
		l->leads_n += spell_begin(l, k);
	}
}
