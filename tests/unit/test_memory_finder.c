/* The search over a store finds what a search over all of its rows finds, whatever was changed in between and by whom. */
#include <sqlite3.h>

#include "core/memory/finder.h"
#include "core/memory/keep.h"
#include "core/store/memory_doc.h"
#include "tests/unit/memory_help.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

struct given {
	struct temp temp;
	struct memory_store *s, *other; /* two connections, as of two processes */
	struct memory_finder *f, *f_other;
	struct arena arena;
	struct rng rng;
	struct errctx cx;
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
	tick_ms = 1000; /* no two at once: ties are another matter */
	OK(memory_store_open(g->temp.path, MEMORY_WRITE, &test_clock, &g->s, &g->cx));
	OK(memory_store_open(g->temp.path, MEMORY_WRITE, &test_clock, &g->other, &g->cx));
	OK(memory_finder_new(g->s, &g->f, &g->cx));
	OK(memory_finder_new(g->other, &g->f_other, &g->cx));
	*state = g;
	return 0;
}

static int teardown(void **state)
{
	struct given *g = *state;

	memory_finder_free(g->f);
	memory_finder_free(g->f_other);
	memory_store_close(g->s);
	memory_store_close(g->other);
	arena_release(&g->arena);
	temp_remove(&g->temp);
	free(g);
	return 0;
}

static const char *const WORDS[] = {"deploy", "deploys", "port", "staging", "Ann", "Bob", "tests",
	"run", "make", "release", "8443", "caf\xc3\xa9", "cache", "the", "database", "migrates",
	"memoryStore"};

static str random_text(struct given *g, uint32_t words)
{
	struct buf b;

	buf_init_arena(&b, &g->arena, 4096);
	for (uint32_t i = 0; i < words; i++)
		buf_printf(&b, "%s%s", i ? " " : "", WORDS[rng_below(&g->rng, ARRAY_N(WORDS))]);
	return buf_str(&b);
}

static struct memory random_memory(struct given *g)
{
	static const char *const users[] = {"ann", "bob"};
	static const char *const sessions[] = {"", "", "s1", "s2"};
	struct memory m = memory_blank();

	m.text[MEMORY_USER] = str_from(users[rng_below(&g->rng, 2)]);
	m.text[MEMORY_CONTENT] = random_text(g, 1 + rng_below(&g->rng, 30));
	m.text[MEMORY_SESSION] = str_from(sessions[rng_below(&g->rng, 4)]);
	m.text[MEMORY_SPEAKER] = str_from(rng_once_in(&g->rng, 3) ? "Ann" : "");
	m.text[MEMORY_ENTITIES] =
		rng_once_in(&g->rng, 3) ? STR("[\"staging\",\"Bob Smith\"]") : STR_NULL;
	m.importance = rng_below(&g->rng, 11) / 10.0;
	return m;
}

/* The id of any memory that is valid; empty when there is none. */
static str random_id(struct given *g)
{
	struct memory_filter all = memory_filter_all();
	struct memory_set set = {0};
	str id = STR_NULL;

	OK(memory_list(g->s, &all, &set, &g->cx));
	if (set.n)
		id = arena_str(
			&g->arena, set.v[rng_below(&g->rng, (uint32_t)set.n)].text[MEMORY_ID]);
	memory_set_free(&set);
	return id;
}

/* As another program changes the file, which knows nothing of ours. */
static void run_sql(struct given *g, const char *sql)
{
	sqlite3 *db;
	char *text = NULL;

	assert_int_equal(sqlite3_open(g->temp.path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK)
		fail_msg("%s: %s", sql, text);
	sqlite3_close(db);
}

static void change_from_outside(struct given *g, str id)
{
	const char *word = WORDS[rng_below(&g->rng, ARRAY_N(WORDS))];
	struct buf b;

	buf_init_arena(&b, &g->arena, 4096);
	switch (rng_below(&g->rng, 4)) {
	case 0:
		buf_printf(&b, "UPDATE memories SET content = '%s' WHERE id = '" STR_FMT "'", word,
			STR_ARG(id));
		break;
	case 1:
		buf_printf(&b,
			"UPDATE memories SET content = content || ' %s' WHERE id > '" STR_FMT "'",
			word, STR_ARG(id));
		break;
	case 2:
		buf_printf(&b,
			"UPDATE memories SET valid_until = '2026-03-01T00:00:00' WHERE id = "
			"'" STR_FMT "'",
			STR_ARG(id));
		break;
	default:
		buf_printf(&b,
			"INSERT OR REPLACE INTO memories (id, content, user_id, created_at, "
			"valid_from, category) VALUES ('python', '%s', 'ann', "
			"'2026-01-01T00:00:00', '2026-01-01T00:00:00', '')",
			word);
	}
	buf_add_byte(&b, '\0');
	run_sql(g, b.p);
}

static void change(struct given *g)
{
	struct memory_store *s = rng_once_in(&g->rng, 2) ? g->s : g->other;
	struct memory m = random_memory(g);
	struct memory_added added;
	str id = random_id(g);
	struct memory_change c = {.content = m.text[MEMORY_CONTENT],
		.importance = rng_once_in(&g->rng, 2) ? 0.9 : -1,
		.is_in_place = rng_once_in(&g->rng, 2)};

	switch (id.n ? rng_below(&g->rng, 9) : 0) {
	case 5:
		OK(memory_edit(s, id, &c, &added, &g->cx));
		return;
	case 6:
		OK(memory_delete(s, id, STR("test"), STR_NULL, &g->cx));
		return;
	case 7:
		OK(memory_erase(s, id, &g->cx));
		return;
	case 8:
		change_from_outside(g, id);
		return;
	default:
		OK(memory_add(s, &m, &added, &g->cx));
	}
}

static void check_search(struct given *g, struct memory_finder *f)
{
	struct memory_search q = {.query = {.text = random_text(g, 1 + rng_below(&g->rng, 6)),
					  .limit = 1 + rng_below(&g->rng, 8),
					  .now_ms = rng_once_in(&g->rng, 2) ? now_ms : 0}};
	struct memory_filter filter = memory_filter_all();
	struct memory_set set = {0};
	struct memory_answer got;
	struct memory_found *found;
	size_t n;

	filter.user = rng_once_in(&g->rng, 4) ? STR_NULL : STR("ann");
	filter.with_superseded = rng_once_in(&g->rng, 4);
	filter.session = rng_once_in(&g->rng, 6) ? STR("s1") : STR_NULL;
	filter.importance_max = rng_once_in(&g->rng, 6) ? 0.5 : 1;
	if (rng_once_in(&g->rng, 6))
		filter.at_ms = now_ms - 5000;
	OK(memory_find_answers(f, &filter, &q, &g->arena, &got, &g->cx));
	OK(memory_list(g->s, &filter, &set, &g->cx));
	n = memory_search(&set, &q, &g->arena, &found);
	assert_int_equal(got.n, n);
	for (size_t i = 0; i < n; i++) {
		const struct memory *a = got.v[i].memory, *b = found[i].memory;

		if (!str_eq(a->text[MEMORY_ID], b->text[MEMORY_ID]))
			fail_msg("hit %zu of '" STR_FMT "' is '" STR_FMT "', not '" STR_FMT "'", i,
				STR_ARG(q.query.text), STR_ARG(a->text[MEMORY_CONTENT]),
				STR_ARG(b->text[MEMORY_CONTENT]));
		if (got.v[i].score < found[i].score || got.v[i].score > found[i].score)
			fail_msg("hit %zu of '" STR_FMT "', '" STR_FMT "', has %.9f, not %.9f", i,
				STR_ARG(q.query.text), STR_ARG(a->text[MEMORY_CONTENT]),
				got.v[i].score, found[i].score);
		assert_int_equal(got.v[i].tokens, found[i].tokens);
	}
	memory_set_free(&set);
	memory_set_free(&got.set);
}

/* A memory is a doc and a doc a memory; FTS5 finds its index whole. */
static void check_whole(struct given *g)
{
	run_sql(g, "INSERT INTO headroom_fts (headroom_fts) VALUES ('integrity-check')");
	run_sql(g, "CREATE TEMP TABLE t (x CHECK (x = 0));"
		   "INSERT INTO t SELECT count(*) FROM memories WHERE doc IS NULL OR doc NOT IN "
		   "(SELECT doc FROM headroom_doc);"
		   "INSERT INTO t SELECT (SELECT count(*) FROM headroom_doc) - (SELECT count(*) "
		   "FROM memories)");
}

/* An index from very few memories on: it has as many lists as are looked into, so that answers are those of all vectors. */
enum { LEAST = 8 };

static enum kept keep(struct given *g, struct memory_store *s)
{
	enum kept kept;

	OK(memory_index_store(s, &g->cx));
	OK(memory_keep(s, LEAST, NULL, NULL, &kept, &g->cx));
	return kept;
}

static void test_same_as_reading_all(void **state)
{
	uint64_t seeds = seeds_or(10);

	for (uint64_t seed = 0; seed < seeds; seed++) {
		struct given *g;

		assert_int_equal(setup(state), 0);
		g = *state;
		g->rng = rng_new(seed);
		for (int i = 0; i < 12; i++) {
			for (uint32_t k = rng_below(&g->rng, 6); k > 0; k--)
				change(g);
			if (rng_once_in(&g->rng, 3))
				(void)keep(g, rng_once_in(&g->rng, 2) ? g->s : g->other);
			check_search(g, rng_once_in(&g->rng, 2) ? g->f : g->f_other);
			arena_reset(&g->arena);
		}
		OK(memory_index_store(g->s, &g->cx));
		check_whole(g);
		assert_int_equal(teardown(state), 0);
	}
}

static size_t find(
	struct given *g, const char *user, const char *question, char *first, size_t size)
{
	struct memory_search q = {.query = {.text = str_from(question), .limit = 10}};
	struct memory_filter filter = memory_filter_all();
	struct memory_answer got;
	size_t n;

	filter.user = str_from(user);
	OK(memory_find_answers(g->f, &filter, &q, &g->arena, &got, &g->cx));
	n = got.n;
	if (n && first)
		(void)snprintf(
			first, size, STR_FMT, STR_ARG(got.v[0].memory->text[MEMORY_CONTENT]));
	memory_set_free(&got.set);
	return n;
}

/* Memories of ann with their words, as they stand in a file that was indexed: to save them takes a hundred times as long. */
static const char many[] =
	"BEGIN;"
	"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
	"INSERT INTO headroom_doc SELECT i, 'port x' || i, 2, i FROM n;"
	"INSERT INTO headroom_fts (rowid, words) SELECT doc, words FROM headroom_doc;"
	"INSERT INTO headroom_vec SELECT doc, 'headroom-minilm-1', x'' FROM headroom_doc;"
	"INSERT INTO memories (id, content, user_id, created_at, valid_from, doc) SELECT 'm' || "
	"doc, "
	"words, 'ann', '2026-01-01T00:00:00.000000', '2026-01-01T00:00:00.000000', doc FROM "
	"headroom_doc;"
	"COMMIT";

/* The one memory of a user among ten thousand of another; and who a user is, is no word of any memory. */
static void test_users_are_apart(void **state)
{
	struct given *g = *state;
	struct memory m = memory_blank();
	struct memory_added added;
	char text[64];

	run_sql(g, many);
	m.text[MEMORY_USER] = STR("bob");
	m.text[MEMORY_CONTENT] = STR("Bobs port");
	OK(memory_add(g->s, &m, &added, &g->cx));
	OK(memory_index_store(g->s, &g->cx));
	assert_int_equal(find(g, "bob", "port", text, sizeof text), 1);
	assert_string_equal(text, "Bobs port");
	assert_int_equal(find(g, "ann", "ann", NULL, 0), 0);
	assert_int_equal(find(g, "ann", "port", NULL, 0), 10);
	assert_int_equal(find(g, "ann", "x7077", text, sizeof text), 1);
	assert_string_equal(text, "port x7077");
}

/* More was changed than the log holds. */
static void test_far_behind(void **state)
{
	struct given *g = *state;
	struct memory m = memory_blank();
	struct memory_added added;
	char text[64];

	m.text[MEMORY_USER] = STR("ann");
	m.text[MEMORY_CONTENT] = STR("the first port");
	OK(memory_add(g->s, &m, &added, &g->cx));
	assert_int_equal(find(g, "ann", "port", NULL, 0), 1);
	OK(memory_begin(g->other, &g->cx));
	OK(memory_erase(g->other, str_from(added.id), &g->cx));
	for (int i = 0; i < 600; i++) {
		(void)snprintf(text, sizeof text, "fact %d", i);
		m.text[MEMORY_CONTENT] = str_from(text);
		OK(memory_add(g->other, &m, &added, &g->cx));
	}
	m.text[MEMORY_CONTENT] = STR("the last port");
	OK(memory_add(g->other, &m, &added, &g->cx));
	OK(memory_index_store(g->other, &g->cx));
	OK(memory_commit(g->other, &g->cx));
	run_sql(g, "DELETE FROM headroom_log WHERE n <= (SELECT max(n) FROM headroom_log) - 512");
	assert_int_equal(find(g, "ann", "port", text, sizeof text), 1);
	assert_string_equal(text, "the last port");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_reading_all),
		cmocka_unit_test_setup_teardown(test_users_are_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_far_behind, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
