#include "core/compress/table/lists.h"

#include "core/compress/table/plan.h"

enum { COLUMNS_MAX = 64 /* of arrays: nobody can count more */ };

bool lists_is_flat(const struct facts *f, uint32_t container)
{
	const struct json_node *v = &f->t.v[container];
	uint32_t inside = v->next - container - 1;

	return (v->type == JSON_ARRAY && inside == v->n) ||
	       (v->type == JSON_OBJECT && inside == 2 * v->n);
}

static bool is_row(const struct facts *f, uint32_t node, uint32_t columns)
{
	return json_is(&f->t, node, JSON_ARRAY) && f->t.v[node].n == columns &&
	       lists_is_flat(f, node);
}

/* The one that most of them have, if there is such a one. */
static uint32_t usual_length(const struct facts *f, const uint32_t *nodes, uint32_t n)
{
	uint32_t length = 0, votes = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t here = json_is(&f->t, nodes[i], JSON_ARRAY) ? f->t.v[nodes[i]].n : 0;

		if (!votes)
			length = here;
		votes += here == length ? 1 : -1;
	}
	return length;
}

struct shape *lists_find(const struct facts *f, const uint32_t *nodes, uint32_t n, uint32_t least,
	uint32_t *rows, unsigned depth, struct arena *a)
{
	uint32_t columns = usual_length(f, nodes, n), taken = 0;
	struct plan_seen *seen;
	struct shape *out;

	if (!columns || columns > COLUMNS_MAX)
		return NULL;
	for (uint32_t i = 0; i < n; i++)
		rows[i] = is_row(f, nodes[i], columns) ? taken++ : JSON_ABSENT;
	if (taken < 2 || (taken < least))
		return NULL;
	out = shape_new(SHAPE_LISTS, taken, columns, a);
	seen = arena_array(a, struct plan_seen, columns);
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t c = 0; rows[i] != JSON_ABSENT && c < columns; c++) {
			uint32_t *cells = out->fields[c].nodes;

			cells[rows[i]] = nodes[i] + 1 + c;
			plan_look(f, cells[0], cells[rows[i]], &seen[c]);
		}
	}
	for (uint32_t c = 0; c < columns; c++)
		plan_field(f, &out->fields[c], taken, &seen[c], depth, a);
	return out;
}

static struct shape *make_column(
	const struct facts *f, const uint32_t *nodes, uint32_t n, struct arena *a)
{
	struct shape *out = shape_new(SHAPE_VALUES, n, 1, a);
	struct plan_seen seen = {.absent = 0};

	memcpy(out->fields->nodes, nodes, n * sizeof *nodes);
	for (uint32_t i = 0; i < n; i++)
		plan_look(f, nodes[0], nodes[i], &seen);
	plan_field(f, out->fields, n, &seen, 0, a);
	return out;
}

struct shape *lists_find_values(
	const struct facts *f, const uint32_t *nodes, uint32_t n, uint32_t *rows, struct arena *a)
{
	for (uint32_t i = 0; i < n; i++)
		rows[i] = i;
	return make_column(f, nodes, n, a);
}

struct shape *shape_of_keys(
	const struct facts *f, const uint32_t *keys, uint32_t n, struct arena *a)
{
	struct shape *s = n > 1 ? make_column(f, keys, n, a) : NULL;
	struct field *d = s ? s->fields : NULL;

	/* A row is looked up by its key: no distances. */
	if (s && (d->timing.how == TIMING_BASE || d->timing.how == TIMING_ABOVE))
		d->timing.how = d->timing.base.is_digits ? TIMING_NONE : TIMING_SHORT;
	if (!s || !(d->is_affix || d->timing.how))
		return NULL;
	/* A key is never named: it is written here and nowhere else. */
	d->is_small = true;
	d->is_text = !d->timing.how;
	return s;
}

bool lists_has_head(const struct shape *s)
{
	for (uint32_t i = 0; i < s->fields_n; i++)
		if (s->fields[i].is_affix || s->fields[i].is_text || s->fields[i].timing.how ||
			s->fields[i].column.kind != COLUMN_CELLS)
			return true;
	return false;
}
