/* Memories with an agent's files: nothing the second time, whatever a memory says; what is refused stays where it is. */
#include <sys/stat.h>

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

/* Says something to a file while the memories are written: whoever asks for the time does that. */
static struct {
	const char *file, *text;
} meanwhile;

static int64_t wall_meanwhile(void *self)
{
	if (meanwhile.file)
		assert_int_equal(
			file_write_atomic(meanwhile.file, str_from(meanwhile.text), 0600, NULL),
			E_OK);
	meanwhile.file = NULL;
	return wall(self);
}

static const struct clock slow_clock = {wall_meanwhile, monotonic, count, NULL};

static int setup(void **state)
{
	struct given *g = calloc(1, sizeof *g);

	temp_make(&g->temp, "memory.db");
	(void)snprintf(g->file, sizeof g->file, "%s/notes/MEMORY.md", g->temp.dir);
	assert_int_equal(
		memory_store_open(g->temp.path, MEMORY_WRITE, &slow_clock, &g->s, &g->cx), E_OK);
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
	/* The second time no file holds the memory any more. */
	static const char *const expected[] = {"0 0 0 0 1", "0 0 1 0 1"};
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
		assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), expected[i]));
		assert_int_equal(access(note, F_OK), 0);
	}
	memory_set_free(&set);
	assert_int_equal(memory_list(g->s, &f, &set, &g->cx), E_OK);
	assert_int_equal(set.n, 1);
	assert_true(str_eq_c(set.v[0].text[MEMORY_CONTENT], "Deploys go through make release."));
	memory_set_free(&set);
}

static void put(struct given *g, const char *name, const char *text)
{
	const char *path = arena_printf(&g->arena, "%s/notes/%s%c", g->temp.dir, name, 0).p;

	assert_int_equal(
		file_mkdirs(arena_printf(&g->arena, "%s/notes%c", g->temp.dir, 0).p, 0700, NULL),
		E_OK);
	assert_int_equal(file_write_atomic(path, str_from(text), 0600, NULL), E_OK);
}

static str get(struct given *g, const char *path)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_int_equal(file_read(path, &b, NULL), E_OK);
	str text = arena_str(&g->arena, buf_str(&b));
	buf_release(&b);
	return text;
}

static size_t current(struct given *g)
{
	struct memory_filter f = memory_filter_all();
	struct memory_set set = {0};
	size_t n;

	assert_int_equal(memory_list(g->s, &f, &set, &g->cx), E_OK);
	n = set.n;
	memory_set_free(&set);
	return n;
}

/* Ids of what was learned begin alike: each has a file all the same, and keeps it. */
static void ids_that_begin_alike_have_a_file_each(void **state)
{
	struct given *g = *state;
	struct memory m = memory_blank();
	bool is_new;

	m.text[MEMORY_USER] = STR("ann");
	m.at[MEMORY_CREATED] = m.at[MEMORY_VALID_FROM] = now_ms;
	for (int i = 0; i < 3; i++) {
		m.text[MEMORY_ID] = arena_printf(&g->arena, "learned-%d", i);
		m.text[MEMORY_CONTENT] =
			arena_printf(&g->arena, "Run the tests with make check.\n%d", i);
		assert_int_equal(memory_put(g->s, &m, &is_new, &g->cx), E_OK);
	}
	assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "0 0 3 0 0"));
	assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "0 0 0 0 0"));
	for (int i = 0; i < 3; i++) {
		str id = arena_printf(&g->arena, "learned-%d", i);

		assert_int_equal(memory_delete(g->s, id, STR_NULL, STR_NULL, &g->cx), E_OK);
		assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "0 0 0 1 0"));
	}
}

/* What an agent writes while a sync runs is neither overwritten nor taken away, and comes in with the next one. */
static void what_is_written_meanwhile_stays(void **state)
{
	static const char LATER[] = "# Mine, later\n";
	struct given *g = *state;
	const char *note;

	add(g, STR("Deploys go through make release."));
	put(g, "db.md", "The database is Postgres 16.\n");
	put(g, "MEMORY.md", "# Mine\n");
	meanwhile.file = g->file;
	meanwhile.text = LATER;
	assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "1 0 1 0 0"));
	assert_int_equal(g->n.busy, 1);
	assert_true(str_eq_c(get(g, g->file), LATER));
	assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "0 0 0 0 0"));
	assert_int_equal(g->n.busy, 0);
	assert_true(str_starts(get(g, g->file), str_from(LATER)));
	assert_true(str_find(get(g, g->file), STR("Deploys go through")) != STR_NONE);
	/* A file of ours that was changed goes, for there is a new one; not when it was changed once more. */
	note = only_note(g);
	assert_int_equal(
		file_write_atomic(note, arena_printf(&g->arena, STR_FMT "2", STR_ARG(get(g, note))),
			0600, NULL),
		E_OK);
	meanwhile.file = note;
	meanwhile.text = "Written in the last moment.";
	assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "0 1 1 0 0"));
	assert_int_equal(g->n.busy, 1);
	assert_true(str_eq_c(get(g, note), "Written in the last moment."));
	assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "1 0 0 0 0"));
	assert_int_equal(current(g), 3);
}

/* What stands around a block may be the beginning of another, or become one when the block goes: nobody is asked to put that right, and
 * nothing of it is taken for ours later. */
static void no_other_beginning_comes_to_light(void **state)
{
	static const char *const around[][2] = {
		{"# Mine\n\n", "\n\nAbout " SYNC_START " in a sentence.\n"},
		{"", "\n" SYNC_START "\n- a copy\n" SYNC_END "\n"},
		{"<!-- headroom:mem", "ory:start -->\n"},
	};
	struct given *g = *state;

	for (size_t i = 0; i < ARRAY_N(around); i++) {
		str whole = arena_printf(&g->arena, "%s" SYNC_START "\n- gone\n" SYNC_END "%s%c",
			around[i][0], around[i][1], 0);
		str first;

		put(g, "MEMORY.md", whole.p);
		assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "0 0 0 0 0"));
		first = get(g, g->file);
		assert_true(str_find(first, STR("- gone")) == STR_NONE);
		assert_true(str_starts(first, str_from(around[i][0])));
		assert_true(str_ends(first, str_from(around[i][1])));
		for (enum sync_agent agent = SYNC_CLAUDE; agent <= SYNC_CODEX; agent++) {
			assert_true(str_eq_c(sync_with(g, agent), "0 0 0 0 0"));
			assert_true(str_eq(get(g, g->file), first));
		}
	}
	/* By itself, once more without anything of ours. */
	put(g, "MEMORY.md", "# Mine\n\n" SYNC_START "\n- gone\n" SYNC_END "\n");
	assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "0 0 0 0 0"));
	assert_true(str_eq_c(get(g, g->file), "# Mine\n"));
}

/* One that is too large with our block is so before it is written, and not the next time. */
static void what_could_not_be_read_again_is_not_written(void **state)
{
	struct given *g = *state;
	const struct sync_conf conf = {.agent = SYNC_CODEX, .path = g->file, .user = STR("ann")};
	struct buf b;

	buf_init(&b, SYNC_FILE_MAX + 1);
	while (b.n < SYNC_FILE_MAX - 20)
		buf_add_byte(&b, 'x');
	buf_add_byte(&b, 0);
	put(g, "MEMORY.md", b.p);
	assert_true(str_eq_c(sync_with(g, SYNC_CODEX), "0 0 0 0 0"));
	add(g, STR("Deploys go through make release."));
	assert_int_equal(memory_sync(g->s, &conf, &g->n, &g->cx), E_TOO_BIG);
	assert_non_null(strstr(g->cx.text, "larger than 256 KB"));
	assert_int_equal(get(g, g->file).n, SYNC_FILE_MAX - 20);
	buf_release(&b);
}

/* A repository may hold links to whatever it likes, and a pipe would wait for ever. */
static void links_out_of_the_directory_are_not_followed(void **state)
{
	struct given *g = *state;
	char outside[128], link[160];

	(void)snprintf(outside, sizeof outside, "%s/profile", g->temp.dir);
	assert_int_equal(file_write_atomic(outside, STR("mine\n"), 0600, NULL), E_OK);
	put(g, "inside.md", "A note of the agent's.\n");
	(void)snprintf(link, sizeof link, "%s/notes/out.md", g->temp.dir);
	assert_int_equal(symlink(outside, link), 0);
	(void)snprintf(link, sizeof link, "%s/notes/in.md", g->temp.dir);
	assert_int_equal(symlink("inside.md", link), 0);
	(void)snprintf(link, sizeof link, "%s/notes/pipe.md", g->temp.dir);
	assert_int_equal(mkfifo(link, 0600), 0);
	assert_true(str_eq_c(sync_with(g, SYNC_CLAUDE), "1 0 0 0 2"));
	assert_int_equal(current(g), 1);
	add(g, STR("Deploys go through make release."));
	assert_int_equal(symlink(outside, g->file), 0);
	for (int i = 0; i < 2; i++) {
		const struct sync_conf conf = {
			.agent = i ? SYNC_CODEX : SYNC_CLAUDE, .path = g->file, .user = STR("ann")};

		assert_int_equal(memory_sync(g->s, &conf, &g->n, &g->cx), E_CONFIG);
		assert_true(str_eq_c(get(g, outside), "mine\n"));
	}
	assert_int_equal(unlink(g->file), 0);
	assert_int_equal(symlink("inside.md", g->file), 0);
	assert_true(str_eq_c(sync_with(g, SYNC_CODEX), "0 0 2 0 0"));
	assert_true(str_find(get(g, g->file), STR("make release")) != STR_NONE);
}

/* Another program has put a key into the store: it goes to no agent. */
static void secrets_of_the_store_go_nowhere(void **state)
{
	static const enum sync_agent agents[] = {SYNC_CLAUDE, SYNC_CODEX};
	struct given *g = *state;

	add(g, STR("Deploys go through make release."));
	add(g, STR("The key is sk-ant-api03-AAAAAAAAAAAAAAAAAAAAAAAA"));
	for (size_t i = 0; i < 2; i++) {
		if (i)
			(void)snprintf(g->file, sizeof g->file, "%s/AGENTS.md", g->temp.dir);
		assert_true(str_eq_c(sync_with(g, agents[i]), "0 0 1 0 1"));
		assert_true(str_find(get(g, g->file), STR("sk-ant")) == STR_NONE);
	}
	(void)only_note(g);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(whatever_it_says_it_comes_back_as_itself),
		T(secrets_stay_where_they_are),
		T(ids_that_begin_alike_have_a_file_each),
		T(what_is_written_meanwhile_stays),
		T(no_other_beginning_comes_to_light),
		T(what_could_not_be_read_again_is_not_written),
		T(links_out_of_the_directory_are_not_followed),
		T(secrets_of_the_store_go_nowhere),
	};

	return cmocka_run_group_tests_name("memory: sync", tests, NULL, NULL);
}
