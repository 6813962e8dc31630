/* Memories with an agent's files: nothing the second time, whatever a memory says; what is refused stays where it is. */
#include "core/base/file.h"
#include "core/memory/sync.h"
#include "tests/unit/memory_help.h"

struct given {
	struct temp temp;
	char file[160]; /* of the agent */
	struct memory_store *s;
	struct arena arena;
	struct sync_counts n;
	struct errctx cx;
};

static int setup(void **state)
{
	struct given *g = calloc(1, sizeof *g);

	temp_make(&g->temp, "memory.db");
	(void)snprintf(g->file, sizeof g->file, "%s/notes/MEMORY.md", g->temp.dir);
	assert_int_equal(
		memory_store_open(g->temp.path, MEMORY_WRITE, &test_clock, &g->s, &g->cx), E_OK);
	*state = g;
	return 0;
}

static int teardown(void **state)
{
	struct given *g = *state;

	memory_store_close(g->s);
	arena_release(&g->arena);
	temp_remove(&g->temp);
	free(g);
	return 0;
}

static void add(struct given *g, str content)
{
	struct memory m = memory_blank();
	struct memory_added added;

	m.text[MEMORY_CONTENT] = content;
	m.text[MEMORY_USER] = STR("ann");
	assert_int_equal(memory_add(g->s, &m, &added, &g->cx), E_OK);
}

/* "imported updated exported removed refused". */
static str sync_with(struct given *g, enum sync_agent agent)
{
	const struct sync_conf conf = {.agent = agent, .path = g->file, .user = STR("ann")};

	if (memory_sync(g->s, &conf, &g->n, &g->cx))
		fail_msg("%s", g->cx.text);
	return arena_printf(&g->arena, "%d %d %d %d %d", (int)g->n.imported, (int)g->n.updated,
		(int)g->n.exported, (int)g->n.removed, (int)g->n.refused);
}

/* What a long memory shows may end before a blank, and a memory may say anything. */
static void whatever_it_says_it_comes_back_as_itself(void **state)
{
	static const char *const texts[] = {
		"x <!-- headroom:memory:end --> y",
		"x <<!-- headroom:memory:end ---> y",
		"- a list\n- of two",
		"\ttabs\tand\x01",
	};
	struct given *g = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		add(g, str_from(texts[i]));
	for (int i = 290; i < 310; i++)
		add(g, arena_printf(&g->arena, "%0*d and more", i, 1));
	assert_true(str_eq_c(sync_with(g, SYNC_CODEX), "0 0 24 0 0"));
	assert_true(str_eq_c(sync_with(g, SYNC_CODEX), "0 0 0 0 0"));
}

static const char *only_note(struct given *g)
{
	char line[256], name[256] = "";
	FILE *f;

	(void)snprintf(line, sizeof line, "ls %s/notes/headroom_*.md", g->temp.dir);
	f = popen(line, "r");
	assert_non_null(f);
	assert_non_null(fgets(name, sizeof name, f));
	name[strcspn(name, "\n")] = '\0';
	assert_null(fgets(line, sizeof line, f));
	(void)pclose(f);
	return arena_printf(&g->arena, "%s%c", name, 0).p;
}

/* In a file of ours somebody has put a key: it is not remembered, and not thrown away either. */
static void secrets_stay_where_they_are(void **state)
{
	static const char CHANGED[] = "---\nheadroom_id: %s\n---\n\nThe key is "
				      "sk-ant-api03-AAAAAAAAAAAAAAAAAAAAAAAA\n";
	static const char *const ids[] = {NULL, "no-such-id"}; /* NULL: that of the memory */
	struct given *g = *state;
	struct memory_filter f = memory_filter_all();
	struct memory_set set = {0};
	const char *note;

	add(g, STR("Deploys go through make release."));
	assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "0 0 1 0 0"));
	note = only_note(g);
	assert_int_equal(memory_list(g->s, &f, &set, &g->cx), E_OK);
	for (size_t i = 0; i < ARRAY_N(ids); i++) {
		str id = ids[i] ? str_from(ids[i]) : set.v[0].text[MEMORY_ID];
		str text = arena_printf(&g->arena, CHANGED, arena_cstr(&g->arena, id));

		assert_int_equal(file_write_atomic(note, text, 0600, NULL), E_OK);
		assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "0 0 0 0 1"));
		assert_int_equal(access(note, F_OK), 0);
	}
	memory_set_free(&set);
	assert_int_equal(memory_list(g->s, &f, &set, &g->cx), E_OK);
	assert_int_equal(set.n, 1);
	assert_true(str_eq_c(set.v[0].text[MEMORY_CONTENT], "Deploys go through make release."));
	memory_set_free(&set);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(whatever_it_says_it_comes_back_as_itself),
		T(secrets_stay_where_they_are),
	};

	return cmocka_run_group_tests_name("memory: sync", tests, NULL, NULL);
}
