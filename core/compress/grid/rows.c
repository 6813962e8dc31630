#include "core/compress/grid/rows.h"

#include "core/base/map.h"
#include "core/compress/grid/objects.h"
#include "core/compress/table/alarm.h"
#include "core/compress/table/pick.h"

enum { SUMMARY_MAX = 16 << 10 /* bytes: of some columns, a few values each */ };

/* Columns of ps, kubectl, docker and systemctl whose cells are states, perhaps of several words. */
static const str state_names[] = {LIT("status"), LIT("state"), LIT("reason"), LIT("type"),
	LIT("active"), LIT("sub"), LIT("result"), LIT("level"), LIT("health"), LIT("conclusion")};

/* Words of such a cell that say that something went wrong. */
static const str bad_words[] = {LIT("error"), LIT("failed"), LIT("failure"), LIT("fatal"),
	LIT("warning"), LIT("critical"), LIT("crashloopbackoff"), LIT("imagepullbackoff"),
	LIT("errimagepull"), LIT("backoff"), LIT("oomkilled"), LIT("evicted"), LIT("unhealthy"),
	LIT("dead"), LIT("timeout"), LIT("denied"), LIT("refused"), LIT("aborted"), LIT("degraded"),
	LIT("unavailable"), LIT("notready")};

/* "Exited (137) 2 hours ago" of docker ps. */
static bool is_exit(str s)
{
	return str_take(&s, STR("Exited (")) && !str_starts(s, STR("0)"));
}

static bool is_bad_state(str cell)
{
	size_t from = 0;

	for (size_t i = 0; i <= cell.n; i++) {
		str word;

		if (i < cell.n && (cell.p[i] | 0x20) >= 'a' && (cell.p[i] | 0x20) <= 'z')
			continue;
		word = str_sub(cell, from, i);
		from = i + 1;
		for (size_t k = 0; word.n > 3 && k < ARRAY_N(bad_words); k++)
			if (str_eq_nocase(word, bad_words[k]))
				return true;
	}
	return is_exit(cell);
}

/* "0/1": fewer than there should be. */
static bool is_unready(str cell)
{
	size_t slash = str_find_byte(cell, '/');
	uint64_t ready, all;

	return slash != STR_NONE && str_u64(str_sub(cell, 0, slash), &ready) &&
	       str_u64(str_sub(cell, slash + 1, cell.n), &all) && ready < all;
}

static bool is_state(str name)
{
	for (size_t i = 0; i < ARRAY_N(state_names); i++)
		if (str_eq_nocase(name, state_names[i]))
			return true;
	return false;
}

/* Adds the rows whose state tells of an alarm. */
static void add_states(const struct grid *g, bool *v)
{
	for (uint32_t c = 0; c < g->layout.cols_n; c++) {
		bool has_states = is_state(g->names[c]),
		     is_ready = str_eq_nocase(g->names[c], STR("ready"));

		for (uint32_t i = 0; (has_states || is_ready) && i < g->rows_n; i++) {
			str cell = g->cells[c * g->stride + i];

			v[i] |= is_ready ? is_unready(cell) : is_bad_state(cell);
		}
	}
}

static bool say(str text, void *user)
{
	*map_at(user, text) = user;
	return false;
}

static bool is_unsaid(str text, void *user)
{
	return !map_find(user, text);
}

static bool may_hide(const struct grid *g, const bool *is_shown, struct arena *a)
{
	bool *is_bad = arena_array(a, bool, g->rows_n);
	struct alarm alarm;
	struct json_tape t;
	struct map said;
	uint32_t r = 0;

	if (!objects_write(g, g->rows_n, true, a, &t))
		return false;
	alarm_init(&alarm);
	map_init(&said, a);
	add_states(g, is_bad);
	for (struct json_iter it = json_iter(&t, 0); json_next(&it); r++)
		if (is_shown[r])
			(void)alarm_told(&t, it.value, say, &said);
	r = 0;
	for (struct json_iter it = json_iter(&t, 0); json_next(&it); r++)
		if (!is_shown[r] && (is_bad[r] || alarm_is_row(&alarm, &t, it.value) ||
					    alarm_told(&t, it.value, is_unsaid, &said)))
			return false;
	return true;
}

bool grid_may_hide(const struct grid *g, const bool *is_shown, struct arena *a)
{
	struct arena_mark mark = arena_mark(a);
	bool may = may_hide(g, is_shown, a);

	arena_rewind(a, mark);
	return may;
}

/* Keys and values: each row says something of its own, and none goes for another. */
static bool has_keys(const struct grid *g)
{
	uint32_t n = 0;

	for (uint32_t r = 0; r < g->rows_n; r++)
		n += str_ends(g->cells[r], STR(":"));
	return str_ends(g->names[0], STR(":")) && n > g->rows_n / 2;
}

static bool pick(
	const struct grid *g, const struct codec_in *in, struct arena *a, struct picked *out)
{
	struct json_tape t;
	struct facts facts;
	struct pick pick;
	const struct picked *p;

	if (!objects_write(g, g->rows_n, true, a, &t))
		return false;
	facts_measure(&facts, t, a);
	if (!pick_rows(&facts, in->query, in->is_gentle, a, &pick))
		return false;
	p = pick_of(&pick, 0);
	if (p)
		*out = *p;
	return p != NULL;
}

bool grid_pick(
	const struct grid *g, const struct codec_in *in, struct arena *a, struct grid_rows *out)
{
	struct picked p;
	struct arena_mark mark;
	bool *is_shown;
	char *summary;

	if (!g->has_names || has_keys(g))
		return false;
	/* What is told of the rows stays; what tells it is several times the text, and given back. */
	is_shown = arena_array(a, bool, g->rows_n);
	summary = arena_alloc(a, SUMMARY_MAX, 1);
	mark = arena_mark(a);
	if (!pick(g, in, a, &p)) {
		arena_rewind(a, mark);
		return false;
	}
	memcpy(is_shown, p.is_shown, g->rows_n * sizeof *is_shown);
	/* pick_rows() shows those that are alarms by their cells' names. */
	add_states(g, is_shown);
	*out = (struct grid_rows){is_shown, p.summary};
	if (p.summary.n > SUMMARY_MAX)
		return true;
	if (p.summary.n)
		memcpy(summary, p.summary.p, p.summary.n);
	out->summary = (str){summary, p.summary.n};
	arena_rewind(a, mark);
	return true;
}
