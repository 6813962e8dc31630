#include "core/compress/table/contract.h"

#include "core/base/map.h"
#include "core/compress/table/alarm.h"
#include "core/compress/table/gist.h"

struct check {
	const struct json_tape *original, *shown;
	const struct read_out *gaps;
	struct alarm alarm;
	size_t gap;              /* the next one */
	struct map said;         /* messages that tell of errors and are shown */
	struct gist_proof *gist; /* NULL: no string may be */
};

static bool say(str text, void *user)
{
	struct check *k = user;

	*map_at(&k->said, text) = k;
	return false;
}

static bool is_unsaid(str text, void *user)
{
	struct check *k = user;

	return !map_find(&k->said, text);
}

/* Whether a row may be left out: it is no alarm, and what it says of errors is said by another. */
static bool may_go(struct check *k, uint32_t row)
{
	return !alarm_is_row(&k->alarm, k->original, row) &&
	       !alarm_told(k->original, row, is_unsaid, k);
}

static bool is_container(const struct json_tape *t, uint32_t node)
{
	return t->v[node].type <= JSON_ARRAY;
}

/* Passes over children that are left out where the shown document is at that byte. */
static bool skip_gaps(struct check *k, size_t at, struct json_iter *it, uint32_t *left)
{
	for (; k->gap < k->gaps->gaps_n && k->gaps->gaps[k->gap].at == at; k->gap++) {
		for (uint32_t n = k->gaps->gaps[k->gap].n; n; n--) {
			if (!json_next(it) || !may_go(k, it->value))
				return false;
			--*left;
		}
	}
	return true;
}

/* A value that is no container. */
static bool is_value(struct check *k, uint32_t original, uint32_t shown)
{
	str was = json_text(k->original, original), is = json_text(k->shown, shown);

	return str_eq(was, is) || (k->gist && json_is(k->original, original, JSON_STRING) &&
					  gist_is_proven(k->gist, was, is));
}

/* Recursion is bounded by the depth that json_scan takes. */
static bool is_shown(struct check *k, uint32_t original, uint32_t shown)
{
	struct json_iter a = json_iter(k->original, original), b = json_iter(k->shown, shown);
	uint32_t left = k->original->v[original].n;
	size_t at = k->shown->v[shown].start + 1;

	if (k->original->v[original].type != k->shown->v[shown].type)
		return false;
	if (!is_container(k->original, original))
		return is_value(k, original, shown);
	while (json_next(&b)) {
		if (!skip_gaps(k, at, &a, &left) || !json_next(&a) || !left)
			return false;
		left--;
		if (a.is_object &&
			!str_eq(json_text(k->original, a.key), json_text(k->shown, b.key)))
			return false;
		if (!is_shown(k, a.value, b.value))
			return false;
		at = k->shown->v[b.value].end;
	}
	return skip_gaps(k, at, &a, &left) && !left;
}

bool contract_holds(const struct json_tape *original, const struct json_tape *shown,
	const struct read_out *gaps, struct gist_proof *gist, struct arena *a)
{
	struct check k = {.original = original, .shown = shown, .gaps = gaps, .gist = gist};

	alarm_init(&k.alarm);
	map_init(&k.said, a);
	(void)alarm_told(shown, 0, say, &k);
	return is_shown(&k, 0, 0) && k.gap == gaps->gaps_n;
}
