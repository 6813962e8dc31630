/* memory stats. */
#include <sys/stat.h>

#include "cli/memory.h"
#include "core/base/map.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

enum { SCOPES = MEMORY_SCOPE_TURN + 1, AGES = 4 };

static const struct {
	const char *name;
	int64_t below_ms;
} AGE[AGES] = {{"under_1d", DAY_MS}, {"1d_to_7d", 7 * DAY_MS}, {"7d_to_30d", 30 * DAY_MS},
	{"over_30d", INT64_MAX}};

struct counts {
	uint64_t current, superseded, deleted, scopes[SCOPES], ages[AGES];
	struct map categories; /* name -> uint64_t */
	double importance_sum;
	int64_t oldest_ms;
};

static void count_current(struct memory_run *r, struct counts *c, const struct memory *m)
{
	str category = m->text[MEMORY_CATEGORY];
	int64_t age = clock_wall_ms(NULL) - m->at[MEMORY_CREATED];
	void **n = map_at(&c->categories, category.n ? category : STR("(none)"));
	int i = 0;

	if (!*n)
		*n = arena_zalloc(&r->cli->arena, sizeof(uint64_t), alignof(uint64_t));
	++*(uint64_t *)*n;
	while (i < AGES - 1 && age >= AGE[i].below_ms)
		i++;
	c->ages[i]++;
	c->scopes[memory_scope_of(m)]++;
	c->importance_sum += m->importance;
	if (!c->current++ || m->at[MEMORY_CREATED] < c->oldest_ms)
		c->oldest_ms = m->at[MEMORY_CREATED];
}

static void count_rows(struct memory_run *r, struct counts *c)
{
	map_init(&c->categories, &r->cli->arena);
	for (size_t i = 0; i < r->set.n; i++) {
		const struct memory *m = &r->set.v[i];

		if (m->at[MEMORY_DELETED] != MEMORY_NO_TIME)
			c->deleted++;
		else if (m->at[MEMORY_VALID_UNTIL] != MEMORY_NO_TIME)
			c->superseded++;
		else
			count_current(r, c, m);
	}
}

static void add_json(struct memory_run *r, const struct counts *c, uint64_t bytes)
{
	struct json_writer *w = &r->json;

	memory_json(r, "headroom.memory-stats/1");
	json_write_u64(w, "bytes", bytes);
	json_write_u64(w, "memories", c->current);
	json_write_u64(w, "superseded", c->superseded);
	json_write_u64(w, "deleted", c->deleted);
	json_write_fixed(
		w, "importance", c->current ? c->importance_sum / (double)c->current : 0, 2);
	json_write_object(w, "scopes");
	for (int i = 0; i < SCOPES; i++)
		json_write_u64(w, memory_scope_name((enum memory_scope)i), c->scopes[i]);
	json_write_end(w);
	json_write_object(w, "categories");
	for (size_t i = 0; i < c->categories.n; i++) {
		json_write_key(w, c->categories.entries[i].key);
		json_write_u64(w, NULL, *(const uint64_t *)c->categories.entries[i].value);
	}
	json_write_end(w);
	json_write_object(w, "ages");
	for (int i = 0; i < AGES; i++)
		json_write_u64(w, AGE[i].name, c->ages[i]);
	json_write_end(w);
	json_write_end(w);
	buf_add_byte(&r->out, '\n');
}

static void add_row(struct buf *b, const char *name, uint64_t n)
{
	buf_printf(b, "%-20s ", name);
	out_add_count(b, n);
	buf_add_byte(b, '\n');
}

static void add_text(struct memory_run *r, const struct counts *c, uint64_t bytes)
{
	struct buf *b = &r->out;

	buf_printf(b, "%-20s %s\n%-20s " STR_FMT "\n", "file", r->place.file, "user",
		STR_ARG(r->user));
	add_row(b, "bytes", bytes);
	add_row(b, "memories", c->current);
	add_row(b, "superseded", c->superseded);
	add_row(b, "deleted", c->deleted);
	if (!c->current)
		return;
	for (int i = 0; i < SCOPES; i++)
		if (c->scopes[i])
			buf_printf(b, "  scope %-12s %llu\n",
				memory_scope_name((enum memory_scope)i),
				(unsigned long long)c->scopes[i]);
	for (size_t i = 0; i < c->categories.n; i++)
		buf_printf(b, "  category " STR_FMT ": %llu\n",
			STR_ARG(c->categories.entries[i].key),
			(unsigned long long)*(const uint64_t *)c->categories.entries[i].value);
	buf_printf(b, "%-20s %.2f\n%-20s %.1f days\n", "importance",
		c->importance_sum / (double)c->current, "oldest",
		(double)(clock_wall_ms(NULL) - c->oldest_ms) / (double)DAY_MS);
	if (c->ages[AGES - 1])
		buf_printf(b,
			"\n%llu are older than 30 days: 'headroom memory prune --older-than 30d "
			"--dry-run' shows them.\n",
			(unsigned long long)c->ages[AGES - 1]);
}

static enum err stats(struct memory_run *r, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();
	struct counts c = {0};
	struct stat st = {0};

	f.user = r->user;
	f.with_superseded = f.with_deleted = true;
	TRY(memory_read_rows(r, &f, cx));
	count_rows(r, &c);
	if (r->store && stat(r->place.file, &st) != 0)
		st.st_size = 0;
	if (r->args->is_json)
		add_json(r, &c, (uint64_t)st.st_size);
	else
		add_text(r, &c, (uint64_t)st.st_size);
	return E_OK;
}

enum err run_memory_stats(struct cli *cli, const void *args, struct errctx *cx)
{
	struct memory_run r;
	enum err e = memory_begin_run(&r, cli, args, MEMORY_READ, cx);

	e = e ? e : stats(&r, cx);
	return memory_end_run(&r, e, cx);
}
