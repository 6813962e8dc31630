/* The index over very many memories (core/memory/keep.h): lists, who may write it, and that it is never more than a faster way. */
#include <sqlite3.h>

#include "core/memory/embed.h"
#include "core/memory/finder_internal.h"
#include "core/memory/keep.h"
#include "tests/unit/memory_help.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

enum { LEAST = 40 };

struct given {
	struct temp temp;
	struct memory_store *s, *other;
	struct memory_finder *f;
	struct arena arena;
	struct errctx cx;
	int n; /* memories that were added */
};

#define OK(call)                                            \
	do {                                                \
		if (call)                                   \
			fail_msg(#call ": %s", g->cx.text); \
	} while (0)

static int setup(void **state)
{
	struct given *g = calloc(1, sizeof *g);

	temp_make(&g->temp, "memory.db");
	OK(memory_store_open(g->temp.path, MEMORY_WRITE, &test_clock, &g->s, &g->cx));
	OK(memory_store_open(g->temp.path, MEMORY_WRITE, &test_clock, &g->other, &g->cx));
	OK(memory_finder_new(g->s, &g->f, &g->cx));
	*state = g;
	return 0;
}

static int teardown(void **state)
{
	struct given *g = *state;

	memory_finder_free(g->f);
	memory_store_close(g->s);
	memory_store_close(g->other);
	arena_release(&g->arena);
	temp_remove(&g->temp);
	free(g);
	return 0;
}

static void add(struct given *g, struct memory_store *s, int n)
{
	static const char *const about[] = {"deploy the server", "bake bread", "tune the piano",
		"train for a marathon", "plant tomatoes", "repair the bicycle"};
	struct memory m = memory_blank();
	struct memory_added added;
	char text[64];

	m.text[MEMORY_USER] = STR("ann");
	OK(memory_begin(s, &g->cx));
	for (int i = 0; i < n; i++, g->n++) {
		(void)snprintf(text, sizeof text, "%s, case%d", about[g->n % 6], g->n);
		m.text[MEMORY_CONTENT] = str_from(text);
		OK(memory_add(s, &m, &added, &g->cx));
	}
	OK(memory_index_store(s, &g->cx));
	OK(memory_commit(s, &g->cx));
}

static enum kept keep(struct given *g)
{
	enum kept kept;

	OK(memory_keep(g->other, LEAST, NULL, NULL, &kept, &g->cx));
	return kept;
}

static void run_sql(struct given *g, const char *sql)
{
	sqlite3 *db;
	char *text = NULL;

	assert_int_equal(sqlite3_open(g->temp.path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK)
		fail_msg("%s: %s", sql, text);
	sqlite3_close(db);
}

static int64_t query(struct given *g, const char *sql)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(g->temp.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

/* How many are found by a question, by a finder that begins anew. *lists: how many it has of an index. */
static size_t ask(struct given *g, const char *question, size_t *lists)
{
	struct memory_search q = {.query = {.text = str_from(question), .limit = 100}};
	struct memory_filter filter = memory_filter_all();
	struct memory_finder *f;
	struct memory_answer got;
	size_t n;

	filter.user = STR("ann");
	OK(memory_finder_new(g->s, &f, &g->cx));
	OK(memory_find_answers(f, &filter, &q, &g->arena, &got, &g->cx));
	n = got.n;
	if (lists)
		*lists = f->lists.lists;
	memory_set_free(&got.set);
	memory_finder_free(f);
	return n;
}

/* ---- lists --------------------------------------------------------------------------------------------------- */

/* Ten kinds of vectors: a list has but one kind, and a vector's nearest list is its own. */
static void lists_are_of_what_is_near(void **state)
{
	enum { KINDS = 10, N = 3000, DIMS = 24 };
	struct near_set s = {.dims = DIMS};
	struct rng r = rng_new(7);
	float middle[KINDS][DIMS];
	uint32_t *of = calloc(N, sizeof *of), nearest[3];
	unsigned kind_of_list[128] = {0};
	struct ivf x, read;
	size_t wrong = 0;

	(void)state;
	for (size_t k = 0; k < KINDS; k++)
		for (size_t d = 0; d < DIMS; d++)
			middle[k][d] = (float)rng_below(&r, 201) - 100;
	for (size_t i = 0; i < N; i++) {
		char vector[VECTOR_BYTES(DIMS)];
		float v[DIMS];

		for (size_t d = 0; d < DIMS; d++)
			v[d] = middle[i % KINDS][d] + (float)rng_below(&r, 11) - 5;
		assert_true(vector_put(v, DIMS, vector));
		assert_true(near_put(&s, i, i == 77 ? STR_NULL : (str){vector, sizeof vector}));
	}
	assert_int_equal(ivf_make(&s, 100, NULL, NULL, &x, of), E_OK);
	assert_int_equal(x.lists, 100);
	assert_true(x.groups > 0);
	assert_int_equal(of[77], IVF_NONE);
	for (size_t i = 0; i < N; i++) {
		str v = {s.rows + i * VECTOR_BYTES(DIMS), VECTOR_BYTES(DIMS)};

		if (i == 77)
			continue;
		assert_true(of[i] < 100);
		kind_of_list[of[i]] |= 1U << i % KINDS;
		assert_int_equal(ivf_nearest(&x, v, 3, nearest), 3);
		wrong += nearest[0] != of[i];
	}
	for (size_t l = 0; l < 100; l++)
		assert_int_equal(kind_of_list[l] & (kind_of_list[l] - 1), 0);
	assert_in_range(wrong, 0, N / 20); /* groups are looked into, not all lists */
	assert_int_equal(ivf_read((str){x.centroids, 100 * VECTOR_BYTES(DIMS)}, DIMS, &read), E_OK);
	assert_int_equal(ivf_nearest(&read, (str){s.rows, VECTOR_BYTES(DIMS)}, 1, nearest), 1);
	ivf_free(&read);
	assert_int_equal(
		ivf_read((str){x.centroids, VECTOR_BYTES(DIMS) + 1}, DIMS, &read), E_MALFORMED);
	ivf_free(&x);
	near_free(&s);
	free(of);
}

static bool at_once(void *self)
{
	(void)self;
	return true;
}

/* ---- making and renewing ------------------------------------------------------------------------------------- */

static void made_renewed_and_made_anew(void **state)
{
	struct given *g = *state;
	size_t lists;

	add(g, g->s, LEAST - 1);
	assert_int_equal(keep(g), KEPT_AS_IT_WAS);
	add(g, g->s, 1);
	assert_int_equal(ask(g, "deploy", &lists), 7);
	assert_int_equal(lists, 0);
	assert_int_equal(keep(g), KEPT_MADE);
	assert_int_equal(keep(g), KEPT_AS_IT_WAS);
	assert_int_equal(ask(g, "deploy", &lists), 7);
	assert_int_equal(lists, 6); /* the root of 40 */
	add(g, g->s, 5);
	assert_int_equal(ask(g, "deploy", NULL), 8);
	assert_int_equal(keep(g), KEPT_RENEWED);
	assert_int_equal(query(g, "SELECT log_n FROM headroom_index"),
		query(g, "SELECT max(n) FROM headroom_log"));
	assert_int_equal(query(g, "SELECT covered FROM headroom_index"), LEAST);
	assert_int_equal(ask(g, "deploy", &lists), 8);
	add(g, g->s, 15); /* more than an eighth */
	assert_int_equal(keep(g), KEPT_MADE);
	assert_int_equal(query(g, "SELECT covered FROM headroom_index"), LEAST + 20);
	/* Of the one before nothing is left. */
	assert_int_equal(query(g, "SELECT count(DISTINCT key >> 28) FROM headroom_part"), 1);
	assert_int_equal(ask(g, "deploy", &lists), 10);
	assert_int_equal(lists, 7);
}

/* A finder that has begun with an index goes on with the next one: the lists that it knows are gone. */
static void others_make_it_anew_meanwhile(void **state)
{
	struct given *g = *state;
	struct memory_search q = {.query = {.text = STR("baking loaves"), .limit = 100}};
	struct memory_filter filter = memory_filter_all();
	struct memory_answer got;

	filter.user = STR("ann");
	add(g, g->s, LEAST);
	assert_int_equal(keep(g), KEPT_MADE);
	for (int i = 0; i < 3; i++) {
		OK(memory_find_answers(g->f, &filter, &q, &g->arena, &got, &g->cx));
		assert_int_equal(got.n, (g->n + 4) / 6); /* by meaning, or the stem */
		assert_int_equal(
			g->f->head.generation, query(g, "SELECT generation FROM headroom_index"));
		memory_set_free(&got.set);
		if (i == 1) {
			run_sql(g, "DELETE FROM headroom_part");
			run_sql(g, "UPDATE headroom_index SET generation = 0");
		} else {
			add(g, g->other, 20);
		}
		assert_int_equal(keep(g), KEPT_MADE);
	}
}

/* Whoever died in the middle is waited for for some minutes, and what it has left goes. */
static void one_builds_and_may_die(void **state)
{
	struct given *g = *state;
	struct memory_head seen = {.generation = 0};
	struct memory_part_put put = {MEMORY_PART_LIST, 3, STR("left behind")};
	int64_t claim, second;
	enum kept kept;

	add(g, g->s, LEAST);
	assert_int_equal(memory_keep(g->s, LEAST, at_once, NULL, &kept, &g->cx), E_BUSY);
	assert_int_equal(kept, KEPT_AS_IT_WAS);
	assert_int_equal(query(g, "SELECT claim FROM headroom_index"), 0);
	OK(memory_parts_claim(g->s, &seen, &claim, &g->cx));
	assert_true(claim != 0);
	OK(memory_parts_put(g->s, claim, 1, &put, 1, &g->cx));
	assert_int_equal(keep(g), KEPT_AS_IT_WAS);
	OK(memory_parts_claim(g->other, &seen, &second, &g->cx));
	assert_int_equal(second, 0);
	now_ms += MEMORY_CLAIM_MS + 1;
	assert_int_equal(keep(g), KEPT_MADE);
	assert_int_equal(
		query(g, "SELECT count(*) FROM headroom_part WHERE data = 'left behind'"), 0);
	/* The one that was thought dead wakes up. */
	assert_int_equal(memory_parts_put(g->s, claim, 1, &put, 1, &g->cx), E_BUSY);
	assert_int_equal(
		memory_head_write(g->s, claim, INDEX_VERSION, STR(EMBED_NAME), &seen, &g->cx),
		E_BUSY);
	assert_int_equal(
		query(g, "SELECT count(*) FROM headroom_part WHERE data = 'left behind'"), 0);
	/* Who knows an older edition may not write either. */
	OK(memory_parts_claim(g->s, &seen, &claim, &g->cx));
	assert_int_equal(claim, 0);
	assert_int_equal(ask(g, "deploy", NULL), 7);
}

/* An older headroom cuts the log, another one has other vectors, a file is damaged: all is read, and the index made anew. */
static void what_cannot_be_used_is_made_anew(void **state)
{
	const char *const harm[] = {
		"DELETE FROM headroom_log",
		"UPDATE headroom_index SET version = version + 1",
		"UPDATE headroom_index SET embedder = 'another'",
		"UPDATE headroom_index SET covered = 1 << 40",
		"UPDATE headroom_part SET data = x'00' WHERE key & 0xffffff = 0",
		"UPDATE headroom_part SET data = zeroblob(length(data)) WHERE key & 0xf000000 = 0",
		"UPDATE headroom_part SET data = substr(data, 1, 40) WHERE key & 0xf000000 = 0",
		/* a sheet, of several where they are small (HR_DEBUG) */
		(int)SHEET_DOCS < (int)LEAST
			? "DELETE FROM headroom_part WHERE key & 0xfffffff = 1"
			: "DELETE FROM headroom_part WHERE key & 0xfffffff = 0",
		("UPDATE headroom_part SET data = data || x'00000000' "
		 "WHERE key & 0xf000000 = 2 << 24"),
		"DELETE FROM headroom_part WHERE key & 0xf000000 = 2 << 24",
	};
	struct given *g = *state;
	size_t lists;

	add(g, g->s, LEAST);
	for (size_t i = 0; i < ARRAY_N(harm); i++) {
		assert_int_equal(keep(g), KEPT_MADE);
		add(g, g->s, 3);
		run_sql(g, harm[i]);
		if (ask(g, "deploy", &lists) != (size_t)(g->n + 5) / 6 || lists)
			fail_msg("after %s: %zu lists", harm[i], lists);
	}
}

/* Lists are looked at one by one: one that is damaged, or of another place, offers nothing that is not there. */
static void a_damaged_list_offers_nothing(void **state)
{
	struct given *g = *state;
	size_t lists;

	add(g, g->s, LEAST);
	assert_int_equal(keep(g), KEPT_MADE);
	run_sql(g, "UPDATE headroom_part SET data = replace(hex(zeroblob(400)), '0', 'f') "
		   "WHERE key & 0xf000000 = 3 << 24");
	assert_int_equal(ask(g, "deploy", &lists), 7);
	assert_int_equal(lists, 6);
	run_sql(g, "DELETE FROM headroom_part WHERE key & 0xf000000 = 3 << 24");
	assert_int_equal(ask(g, "deploy", &lists), 7); /* all was read */
	assert_int_equal(lists, 0);
}

/* Any bytes: answers may be wrong then, as those of a damaged table are, but they are memories that are there. */
static void any_damage_is_survived(void **state)
{
	struct given *g = *state;
	uint64_t seeds = seeds_or(60);
	struct rng r = rng_new(3);

	add(g, g->s, LEAST);
	assert_int_equal(keep(g), KEPT_MADE);
	add(g, g->s, 4);
	assert_int_equal(keep(g), KEPT_RENEWED);
	for (uint64_t seed = 0; seed < seeds; seed++) {
		char sql[256];

		run_sql(g,
			"CREATE TABLE IF NOT EXISTS whole AS SELECT * FROM headroom_part;"
			"DELETE FROM headroom_part; INSERT INTO headroom_part SELECT * FROM whole");
		for (int i = 0; i < 3; i++) {
			unsigned at = rng_below(&r, rng_once_in(&r, 2) ? 80 : 1200);

			(void)snprintf(sql, sizeof sql,
				"UPDATE headroom_part SET data = CAST(substr(data, 1, %u) || "
				"x'%02x' || "
				"substr(data, %u) AS BLOB) WHERE key IN (SELECT key FROM "
				"headroom_part "
				"LIMIT 1 OFFSET %u) AND length(data) > %u",
				at, rng_below(&r, 256), at + (rng_once_in(&r, 4) ? 1 : 2),
				rng_below(&r, 12), at + 2);
			run_sql(g, sql);
		}
		assert_true(ask(g, "deploy the piano", NULL) <= (size_t)g->n);
	}
}

/* What is taken away for good leaves no vector in the index. */
static void nothing_stays_of_what_is_gone(void **state)
{
	struct given *g = *state;
	struct memory_filter all = memory_filter_all();
	struct memory_set set = {0};
	int64_t n;

	add(g, g->s, LEAST);
	assert_int_equal(keep(g), KEPT_MADE);
	OK(memory_list(g->s, &all, &set, &g->cx));
	OK(memory_erase(g->s, set.v[0].text[MEMORY_ID], &g->cx));
	memory_set_free(&set);
	OK(memory_docs_tidy(g->s, &g->cx));
	assert_int_equal(query(g, "SELECT count(*) FROM headroom_part"), 0);
	add(g, g->s, 1);
	assert_int_equal(keep(g), KEPT_MADE);
	OK(memory_erase_all(g->s, &n, &g->cx));
	assert_int_equal(n, LEAST);
	assert_int_equal(query(g, "SELECT count(*) FROM headroom_part"), 0);
	assert_int_equal(ask(g, "deploy", NULL), 0);
}

/* A file that may only be read is searched by its index, too. */
static void readers_use_it(void **state)
{
	struct given *g = *state;
	struct memory_store *reader;
	size_t lists;

	add(g, g->s, LEAST);
	assert_int_equal(keep(g), KEPT_MADE);
	OK(memory_store_open(g->temp.path, MEMORY_READ, &test_clock, &reader, &g->cx));
	memory_store_close(g->s);
	g->s = reader;
	memory_finder_free(g->f);
	g->f = NULL;
	assert_int_equal(ask(g, "deploy", &lists), 7);
	assert_int_equal(lists, 6);
	assert_int_equal(memory_keep(reader, LEAST, NULL, NULL, &(enum kept){0}, &g->cx), E_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_of_what_is_near),
		cmocka_unit_test_setup_teardown(made_renewed_and_made_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(others_make_it_anew_meanwhile, setup, teardown),
		cmocka_unit_test_setup_teardown(one_builds_and_may_die, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_used_is_made_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_list_offers_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(any_damage_is_survived, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_stays_of_what_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(readers_use_it, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
